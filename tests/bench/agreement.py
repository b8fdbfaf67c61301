"""Every disagreement with zizmor about pins, id tokens and runners, over workflows that hold a publish job.

    python tests/bench/agreement.py FOLDER…

Each FOLDER is a repository. Lines are `repository path:line rule who`, where `who` is the one that objects. Both look
at the workflows with a publish job, those that lead there, and the local actions that they run.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

PAIRS = {
    "unpinned-uses": "unpinned-action",
    "self-hosted-runner": "self-hosted-runner",
    "excessive-permissions": "broad-id-token",
    "unpinned-images": "unpinned-image",
    "template-injection": "script-injection",
    "dangerous-triggers": "untrusted-trigger",
}
HELD_BY = frozenset({"High", "Medium"})


def main() -> int:
    """Print the disagreements and how often both agree."""
    counts: Counter[str] = Counter()
    for name in sys.argv[1:]:
        folder = Path(name)
        ours, held = asked(folder)
        theirs = {each for each in peer(folder) if each[0] in held}
        for path, line, rule in sorted(ours ^ theirs):
            who = "preflight" if (path, line, rule) in ours else "zizmor"
            counts[f"{rule}: {who} alone"] += 1
            print(f"{folder.name} {path}:{line} {rule} {who}")
        for _, _, rule in ours & theirs:
            counts[f"{rule}: both"] += 1
    for what, count in sorted(counts.items()):
        print(f"{count:>5} {what}")
    return 0


def asked(folder: Path) -> tuple[set[tuple[str, int, str]], set[str]]:
    """Return what preflight objects to, sure or not, and the files that hold a publish job or feed one."""
    words = [
        "check",
        "--format",
        "json",
        "--no-config",
        "--no-ignores",
        "--exit-zero",
        "--select",
        ",".join(PAIRS.values()),
    ]
    document = run("preflight", [*words, "."], folder)
    found = {
        (each["path"], each["line"], result["rule"])
        for result in document["results"]
        for each in result["findings"]
        if each["path"] and each["path"].startswith(".github/")
    }
    plan = run("preflight", ["plan", "--format", "json", "."], folder)
    held = {path for path, _, _ in found}
    for site in plan["publishSites"]:
        held |= {site["path"], *(each["path"] for each in (*site["callers"], *site["via"]))}
    return found, held


def peer(folder: Path) -> set[tuple[str, int, str]]:
    """Return what zizmor objects to, of the matters that both judge."""
    found = run("zizmor", ["--offline", "--no-progress", "--persona", "auditor", "--format", "json", "."], folder)
    return {
        (place["symbolic"]["key"]["Local"]["verbatim_path"].removeprefix("./"),
         place["concrete"]["location"]["start_point"]["row"] + 1, PAIRS[each["ident"]])
        for each in found
        if each["ident"] in PAIRS and wanted(each)
        for place in each["locations"]
        if place["symbolic"]["kind"] == "Primary"
    }  # fmt: skip


def wanted(found: dict[str, object]) -> bool:
    """Tell whether a finding of zizmor's is about a matter that preflight judges too."""
    if found["ident"] != "excessive-permissions":
        return True
    return any("id-token" in place["symbolic"]["annotation"] for place in found["locations"])


def run(program: str, words: list[str], folder: Path) -> dict:
    """Run a program beside this Python and return the JSON that it prints."""
    path = shutil.which(program, path=str(Path(sys.executable).parent))
    if path is None:
        sys.exit(f"agreement: {program} is not installed beside {sys.executable}")
    done = subprocess.run([path, *words], cwd=folder, capture_output=True, text=True, check=False)
    return json.loads(done.stdout or "[]")


if __name__ == "__main__":
    sys.exit(main())
