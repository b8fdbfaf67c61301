#!/bin/sh
# Builds the wheel from the source distribution, installs it into a fresh environment and tries it as a user would.
set -eu
PYTHON=${PYTHON:-python3}
top=$(cd "$(dirname "$0")/.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

"$PYTHON" -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir "$scratch/dist" "$top"
"$PYTHON" -m venv "$scratch/venv"
"$scratch/venv/bin/python" -m pip install --quiet --disable-pip-version-check "$scratch"/dist/*.whl

cp -R "$top/examples/project" "$scratch/project"
cd "$scratch"
"$scratch/venv/bin/preflight" --version
"$scratch/venv/bin/provenance-preflight" --version >"$scratch/version"
"$scratch/venv/bin/preflight" rules --format json >"$scratch/rules.json"
"$scratch/venv/bin/preflight" explain missing-id-token >"$scratch/explain.txt"
"$scratch/venv/bin/preflight" config schema --output check >"$scratch/schema.json"

# The example fails on purpose: 1 means findings, anything else means that the wheel is broken.
code=0
"$scratch/venv/bin/preflight" check project --repository acme/widgets --format json >"$scratch/check.json" || code=$?
[ "$code" -eq 1 ] || { echo "wheel: preflight check ended with $code, expected 1" >&2; exit 1; }

# Without a tarball the proof of a real release stays open: 3. Its data, the self-test's among them, come with the wheel.
code=0
"$scratch/venv/bin/preflight" verify @playwright/cli@0.1.1 --offline \
  --bundle "$top/tests/recordings/playwright-cli-0.1.1-attestations.json" >"$scratch/verify.txt" || code=$?
[ "$code" -eq 3 ] || { echo "wheel: preflight verify ended with $code, expected 3" >&2; exit 1; }
"$scratch/venv/bin/python" - "$scratch" "$top" <<'PYTHON'
import json, pathlib, sys

scratch, top = map(pathlib.Path, sys.argv[1:])
texts = {path.stem.replace("_", "-") for path in (top / "rules").glob("*.toml")}
rules = json.loads((scratch / "rules.json").read_text())["rules"]
listed = {rule["name"] for rule in rules}
due = {rule["name"] for rule in rules if rule["phase"] == "check"}
judged = {result["rule"] for result in json.loads((scratch / "check.json").read_text())["results"]}
if texts != listed or due != judged:
    sys.exit(f"wheel: rules differ: {texts ^ listed} {due ^ judged}")
print(f"wheel: {len(texts)} rules, installed and tried")
PYTHON
