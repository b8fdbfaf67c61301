"""The dated tables of `preflight/data`, brought up to date: `python tests/refresh.py [TABLE…]`.

A tool for those who work on preflight: it writes into the checkout, so it is no part of the wheel, and it stands here
because its parsing is tested with the rest. Each function takes the text of a table and what a server said, and returns
the new text; whatever it cannot find it leaves as it is and says so. What a person has to judge is printed.
"""

from __future__ import annotations

import os
import re
import sys
from datetime import UTC, datetime
from pathlib import Path

import tomli

from preflight import data
from preflight.facts.fact import Known, Unknown
from preflight.readers import git, pins
from preflight.readers.answers import decoded
from preflight.readers.registries import NPM
from preflight.readers.registry import Registry
from preflight.readers.web import MEBI, Web

FOLDER = Path(data.__file__).parent
NODE = "https://nodejs.org/"
RAW = "https://raw.githubusercontent.com/"
OLDEST_NODE, OLDEST_NPM = (14, 0, 0), (6, 0, 0)
READMES = {
    "ubuntu-latest": "images/ubuntu/Ubuntu2404-Readme.md",
    "ubuntu-26.04": "images/ubuntu/Ubuntu2604-Readme.md",
    "ubuntu-slim": "images/ubuntu-slim/ubuntu-slim-Readme.md",
    "windows-latest": "images/windows/Windows2025-Readme.md",
    "windows-11-arm": "images/windows/Windows11-Arm64-Readme.md",
    "macos-latest": "images/macos/macos-26-arm64-Readme.md",
    "macos-15": "images/macos/macos-15-Readme.md",
}
"""The list of software of each image, by the first label of its block in the table."""
DAY = re.compile(r"((?:As of |as_of = |date = ))[0-9]{4}-[0-9]{2}-[0-9]{2}")
PLAIN = re.compile(r"v?([0-9]+)\.([0-9]+)\.([0-9]+)")


# -- what a table becomes -------------------------------------------------------------------------


def dated(text, today):
    """Return a table with today in its first lines."""
    return DAY.sub(lambda found: f"{found[1]}{today}", text, count=1)


def node_npm(text, index, today):
    """Return Node.js and its npm, from the index of nodejs.org; a release that the index lacks stays."""
    known = {number(node): npm for node, npm in rows(text)}
    for entry in index:
        version = number(entry.get("version", ""))
        if version and version >= OLDEST_NODE and number(entry.get("npm", "")):
            known[version] = entry["npm"]
    span = f"{spelt(min(known))} to {spelt(max(known))}"
    head = re.sub(r"[0-9.]+ to [0-9.]+[0-9]", span, heading(text), count=1)
    return dated(head, today) + "".join(f"{spelt(version)},{npm}\n" for version, npm in sorted(known.items()))


def node_lts(text, index, today):
    """Return the code names of lines with long-term support, from the index of nodejs.org."""
    known = {int(major): name for major, name in rows(text)}
    for entry in index:
        version, name = number(entry.get("version", "")), entry.get("lts")
        if version and isinstance(name, str):
            known[version[0]] = name.lower()
    return dated(heading(text), today) + "".join(f"{major},{name}\n" for major, name in sorted(known.items()))


def npm_releases(text, packument, today):
    """Return the newest npm of each minor line and the Node.js that it asks for, from npm's packument."""
    newest = {}
    for spelling, manifest in packument["versions"].items():
        version = number(spelling)
        engine = (manifest.get("engines") or {}).get("node")
        if version and version >= OLDEST_NPM and engine and version > newest.get(version[:2], ((0,), ""))[0]:
            newest[version[:2]] = version, engine
    return dated(heading(text), today) + "".join(
        f"{spelt(version)},{engine}\n" for version, engine in sorted(newest.values())
    )


def hosted_images(text, readmes, today):
    """Return the machines with the Node.js and npm that the lists of software name, by the first label of a block."""
    for label, readme in readmes.items():
        for key, words in (("node", r"Node(?:\.js)?"), ("npm", r"(?i:npm)")):
            said = re.search(rf"^[-*] {words} ([0-9]+\.[0-9]+\.[0-9]+)\s*$", readme, re.MULTILINE)
            block = re.search(
                rf'^labels = \["{re.escape(label)}".*\n(?:(?!\[).*\n)*?{key} = "([^"]*)"', text, re.MULTILINE
            )
            if said and block:
                text = text[: block.start(1)] + said[1] + text[block.end(1) :]
    return dated(text, today)


def publishing_actions(text, manifests, today):
    """Return the table with its new day, and what a person must look at: inputs that an action no longer has."""
    faults = []
    for name, entry in tomli.loads(text).items():
        inputs = (manifests.get(name) or {}).get("inputs")
        if isinstance(entry, dict) and inputs is not None:
            wanted = [entry.get(key) for key in ("cwd", "package", "token", "registry", "provenance", "dry-run")]
            faults += [
                f"{name} has no input `{each}`" for each in wanted if isinstance(each, str) and each not in inputs
            ]
    return dated(text, today), faults


def action_pins(text, refs, today):
    """Return the newest version of each action and its commit, from the refs of its repository."""
    for name, listed in refs.items():
        versions = [
            tag
            for ref in listed
            if ref.startswith("refs/tags/") and (tag := ref.removeprefix("refs/tags/")) and PLAIN.fullmatch(tag)
        ]
        newest = max(versions, key=number, default=None)
        commit = newest and pins.pin(newest, listed)[0]
        if commit:
            block = f'["{name}"]\nversion = "{newest}"\ncommit = "{commit}"\n'
            text = re.sub(rf'\["{re.escape(name)}"\]\nversion = ".*"\ncommit = ".*"\n', block, text)
    return dated(text, today)


def rows(text):
    """Return the two columns of a table, without its notes and its heading."""
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [tuple(line.split(",", 1)) for line in lines[1:]]


def heading(text):
    """Return the notes and the heading of a table."""
    notes = [line for line in text.splitlines() if line.startswith("#")]
    first = next(line for line in text.splitlines() if not line.startswith("#"))
    return "".join(f"{line}\n" for line in (*notes, first))


def number(spelling):
    """Return a plain version as numbers; None for anything else."""
    found = PLAIN.fullmatch(spelling)
    return tuple(map(int, found.groups())) if found else None


def spelt(version):
    """Return numbers as a version."""
    return ".".join(map(str, version))


# -- who is asked ---------------------------------------------------------------------------------


def sure(answer):
    """Return what is known; end the run where it is not."""
    match answer:
        case Known(value) if value is not None:
            return value
        case Unknown(why):
            sys.exit(f"cannot tell: {why}")
        case _:
            sys.exit("cannot tell: it is not there")


def index():
    """Return the releases of Node.js."""
    listed = sure(Web(NODE, os.environ).get("dist/index.json", most=8 * MEBI))
    # The index is a list, and only objects are decoded.
    return sure(decoded(b'{"all": ' + listed + b"}", NODE))["all"]


def readmes():
    """Return the lists of software of the hosted images, of those that are there."""
    web, found = Web(RAW, os.environ), {}
    for label, path in READMES.items():
        match web.get(f"actions/runner-images/main/{path}", most=MEBI, accept="text/plain"):
            case Known(text):
                found[label] = text.decode("utf-8", "replace")
            case _:
                print(f"hosted-images: no list of software for {label}")
    return found


def manifests():
    """Return the `action.yml` of each action of the table, of those that can be read."""
    from ruamel.yaml import YAML

    web, found = Web(RAW, os.environ), {}
    for name in data.table("publishing-actions.toml"):
        owner, _, rest = name.partition("/")
        repository, _, path = rest.partition("/")
        where = f"{owner}/{repository}/HEAD/{path + '/' if path else ''}action.yml"
        match web.get(where, most=MEBI, accept="text/plain") if repository else None:
            case Known(text):
                found[name] = YAML(typ="safe", pure=True).load(text.decode("utf-8", "replace"))
            case _:
                print(f"publishing-actions: cannot read {name}")
    return found


def refs():
    """Return the refs of each action that is pinned."""
    table = data.table("action-pins.toml")
    names = [name for name, entry in table.items() if isinstance(entry, dict)]
    return {name: sure(git.listed(f"{pins.FORGE}{name}", "refs/tags/*")) for name in names}


def judged(text, said, today):
    """Return the table of publishing actions, and print what a person must look at."""
    text, faults = publishing_actions(text, said, today)
    print(*faults, sep="\n")
    return text


TABLES = {
    "action-pins.toml": (refs, action_pins),
    "hosted-images.toml": (readmes, hosted_images),
    "node-lts.csv": (index, node_lts),
    "node-npm.csv": (index, node_npm),
    "npm-releases.csv": (lambda: sure(Registry(NPM, os.environ).packument("npm")), npm_releases),
    "publishing-actions.toml": (manifests, judged),
}


def main(words):
    """Bring the tables up to date that are named, or all of them."""
    today = datetime.now(UTC).date().isoformat()
    for name, (ask, write) in TABLES.items():
        if not words or name.partition(".")[0] in words or name in words:
            path = FOLDER / name
            path.write_text(write(path.read_text("utf-8"), ask(), today), encoding="utf-8", newline="\n")
            print(f"{name}: as of {today}")


if __name__ == "__main__":
    main(sys.argv[1:])
