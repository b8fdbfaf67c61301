"""Order where order means nothing: keys of mappings, jobs, events, steps that do nothing."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from pathlib import Path, PurePosixPath
from random import Random

import pytest

from preflight import engine, rulebook
from preflight.readers import project
from preflight.rulebook import Phase
from preflight.source import json as json_source
from preflight.source import yaml as yaml_source
from preflight.source.nodes import Mapping, Scalar, Sequence
from preflight.source.text import Source

TOP = Path(__file__).parents[1]
BASE = TOP / "tests" / "rules" / "base"
CORPUS = TOP.parent / "shared" / "corpus.tar.xz"
BOOK = rulebook.read()
TODAY = date(2026, 11, 21)
UNORDERED = frozenset({"needs", "branches", "tags", "types", "paths", "on"})
"""Lists whose order means nothing."""
INERT = ("echo ready", "date", "uname -a")
SYSTEMS = ((".gitlab-ci.yml", "gitlab"), (".circleci/", "circleci"))
TEXTUAL = frozenset({"pin-without-version", "ambiguous-file", "unreadable-file", "unused-ignore"})
"""Rules about the text of a file and its comments, which are lost when it is written anew."""


def written(node, random, key=""):
    """Return a node as YAML in flow style, in an order that a random generator chooses; None keeps the order."""
    match node:
        case Mapping():
            entries = list({entry.key.text: entry for entry in node.entries}.values())
            if random:
                random.shuffle(entries)
            inner = ",\n".join(f"{json.dumps(e.key.text)}: {written(e.value, random, e.key.text)}" for e in entries)
            return f"{{\n{inner}\n}}"
        case Sequence(items):
            texts = [written(item, random) for item in items]
            if random and key in UNORDERED:
                random.shuffle(texts)
            if random and key == "steps":
                for line in INERT:
                    texts.insert(random.randint(0, len(texts)), f'{{"run": {json.dumps(line)}}}')
            return f"[{', '.join(texts)}]"
        case Scalar(value=str()):
            return json.dumps(node.text)
        case Scalar(value=None):
            return "null"
        case Scalar():
            return node.text
        case None:
            return "null"


def rewritten(files, random):
    """Return files with their YAML and JSON written anew."""
    found = {}
    for path, text in files.items():
        source = Source(PurePosixPath(path), text)
        if path.endswith((".yml", ".yaml")) and text.count("\n---") == 0:
            found[path] = written(yaml_source.read_one(source).root, random) + "\n"
        elif path.endswith("package.json"):
            found[path] = written(json_source.read(source).root, random) + "\n"
        else:
            found[path] = text
    return found


def objections(folder, files):
    """Return what every rule finds in some files, without the places."""
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    reading = project.read(folder, environment={})
    results = engine.judge(reading.project, BOOK.rules, today=TODAY)
    return Counter(
        (result.rule.name, each.finding.message, each.finding.sure, each.severity, each.finding.job)
        for result in results
        for each in result.findings
        if result.rule.name not in TEXTUAL
    )


def laid(example):
    """Return the files of an example over its base project."""
    system = next((name for mark, name in SYSTEMS if any(path.startswith(mark) for path in example.files)), "github")
    base = BASE / system
    files = {path.relative_to(base).as_posix(): path.read_text("utf-8") for path in base.rglob("*") if path.is_file()}
    files[".git/HEAD"] = "ref: refs/heads/main\n"
    remote = example.other.get("remote", f"https://{'gitlab' if system == 'gitlab' else 'github'}.com/acme/widgets")
    files[".git/config"] = f'[remote "origin"]\n\turl = {remote}\n'
    return {**files, **example.files}


EXAMPLES = [
    pytest.param(example, id=f"{rule.name}: {example.title}")
    for rule in BOOK.rules
    if rule.phase is Phase.CHECK and rule.name not in TEXTUAL
    for kind in ("bad", "good")
    for example in rule.examples(kind)
]


@pytest.mark.parametrize("example", EXAMPLES)
def test_no_finding_depends_on_an_order_that_means_nothing(example, tmp_path, request):
    """Two files that mean the same get the same answer, or one of the answers is wrong."""
    files = laid(example)
    random = Random(request.node.name)
    plain, shuffled = tmp_path / "plain", tmp_path / "shuffled"

    found = objections(shuffled, rewritten(files, random))

    assert found == objections(plain, rewritten(files, None))


@pytest.mark.parametrize("name", sorted(path.name for path in (TOP / "examples" / "workflows").glob("*.yml")))
def test_the_shipped_workflows_pass_in_any_order(name, tmp_path):
    """Whoever copies one sorts it to the habits of the house."""
    text = (TOP / "examples" / "workflows" / name).read_text("utf-8")
    place = ".gitlab-ci.yml" if "gitlab" in name else f".github/workflows/{name}"
    files = {place: text, "package.json": '{"name": "widgets", "version": "1.0.0", "repository": "acme/widgets"}'}

    found = objections(tmp_path / "shuffled", rewritten(files, Random(name)))

    assert found == objections(tmp_path / "plain", rewritten(files, None))
