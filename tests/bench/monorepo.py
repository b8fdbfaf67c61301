"""A generated monorepo: 500 packages and 60 workflows, of which 15 publish in different ways.

python tests/bench/monorepo.py FOLDER [PACKAGES] [WORKFLOWS]
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

PACKAGES, WORKFLOWS = 500, 60
CHECKOUT = "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1"
NODE = "actions/setup-node@820762786026740c76f36085b0efc47a31fe5020 # v7.0.0"
STEPS = f"""\
    runs-on: ubuntu-26.04
    environment: npm
    permissions: {{contents: read, id-token: write}}
    steps:
      - uses: {CHECKOUT}
      - uses: {NODE}
        with: {{node-version: 24, package-manager-cache: false}}
      - run: npm ci
"""
WAYS = {
    "changesets": f"{STEPS}      - run: npx changeset publish\n",
    "every": f"{STEPS}      - run: npm publish --workspaces --access public --provenance\n",
    "loop": f"{STEPS}      - run: for p in packages/*; do (cd $p && npm publish --provenance); done\n",
    "script": f"{STEPS}      - run: npm run release\n",
}
"""Jobs that publish all packages, each in its own way."""
CALL = """\
on: {push: {tags: ["g@-v*"]}}
jobs:
  release:
    permissions: {contents: read, id-token: write}
    uses: ./.github/workflows/publish-one.yml
    with: {package: "@acme/package-@"}
"""
CALLED = f"""\
on:
  workflow_call:
    inputs:
      package: {{type: string, required: true}}
jobs:
  publish:
{STEPS}      - run: npm publish --provenance -w ${{{{ inputs.package }}}}
"""
CI = f"""\
name: CI @
on: [push, pull_request]
jobs:
  test:
    runs-on: ubuntu-26.04
    permissions: {{contents: read}}
    strategy:
      matrix: {{node: [22, 24, 26]}}
    steps:
      - uses: {CHECKOUT}
      - uses: {NODE}
        with: {{node-version: "${{{{ matrix.node }}}}"}}
      - run: npm ci
      - run: npm run build --workspaces --if-present
      - run: npm test --workspace package-@
"""


def write(folder: Path, packages: int = PACKAGES, workflows: int = WORKFLOWS) -> Path:
    """Write the repository and return its folder."""
    _write(folder / ".git" / "HEAD", "ref: refs/heads/main\n")
    _write(folder / ".git" / "config", '[remote "origin"]\n\turl = https://github.com/acme/widgets\n')
    scripts = {"release": "npm run build && npm publish --workspaces --provenance"}
    _manifest(folder, {"name": "widgets", "private": True, "workspaces": ["packages/*"], "scripts": scripts})
    _write(folder / "package-lock.json", '{"name": "widgets", "lockfileVersion": 3, "packages": {}}\n')
    for number in range(packages):
        place = f"packages/package-{number}"
        address = {"type": "git", "url": "git+https://github.com/acme/widgets.git", "directory": place}
        _manifest(
            folder / place,
            {
                "name": f"@acme/package-{number}",
                "version": "1.0.0",
                "repository": address,
                "publishConfig": {"access": "public", "provenance": True},
                "scripts": {"build": "tsc", "test": "node --test"},
                "dependencies": {f"@acme/package-{below}": "1.0.0" for below in range(max(0, number - 3), number)},
            },
        )
    for name, text in _workflows(workflows):
        _write(folder / ".github" / "workflows" / f"{name}.yml", text)
    return folder


def _workflows(count: int) -> list[tuple[str, str]]:
    ways = [(name, f'on: {{push: {{tags: ["v*"]}}}}\njobs:\n  {name}:\n{job}') for name, job in WAYS.items()]
    calls = [(f"group-{number}", CALL.replace("@acme", "#acme").replace("@", str(number)).replace("#", "@"))
             for number in range(10)]  # fmt: skip
    special = [*ways, *calls, ("publish-one", CALLED)][:count]
    return [*special, *((f"ci-{number}", CI.replace("CI @", f"CI {number}").replace("package-@", f"package-{number}"))
                        for number in range(count - len(special)))]  # fmt: skip


def _manifest(folder: Path, manifest: dict[str, object]) -> None:
    _write(folder / "package.json", json.dumps(manifest, indent=2) + "\n")


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]), *map(int, sys.argv[2:4]))
