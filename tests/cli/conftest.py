"""A project, a rule book and an environment that the tests of the command line decide on."""

from __future__ import annotations

import sys
from pathlib import Path, PurePosixPath
from types import SimpleNamespace

import pytest

from preflight import rulebook
from preflight.facts.fact import Unknown
from preflight.facts.project import Project
from preflight.finding import Finding, Severity
from preflight.readers import project as reader
from preflight.rulebook import Needs, Phase, Rule, Rulebook, Texts
from preflight.source.text import Source

SOURCE = Source(PurePosixPath("a.yml"), "runs-on: me  # ✔\n")


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    """Keep the machine's own settings out."""
    import os

    for name in list(os.environ):
        if name.startswith(
            ("PREFLIGHT_", "GITHUB_", "CI", "TF_BUILD", "NO_COLOR", "FORCE_COLOR", "CLICOLOR", "COLUMNS")
        ):
            monkeypatch.delenv(name)


@pytest.fixture
def asked():
    """Collect what the reader was asked for."""
    return {}


@pytest.fixture
def root(tmp_path, monkeypatch, asked):
    """Make a project's folder, whose reading is empty."""

    def read(root, **options):
        asked.update(options, root=root)
        nothing = ("packages", "jobs", "shipments", "borrowed", "unread", "unreadable", "broken", "looked_at")
        facts = Project(repository=Unknown("no git"), manifest=None, **dict.fromkeys(nothing, ()))
        return SimpleNamespace(project=facts, sources=(SOURCE,))

    monkeypatch.setattr(reader, "read", read)
    return tmp_path


@pytest.fixture
def book(monkeypatch):
    """Make the rule book that the commands find."""

    def make(*findings, crash=None):
        def check(_):
            yield from findings
            if crash:
                raise crash

        monkeypatch.setitem(sys.modules, "fake_rules.old_npm", SimpleNamespace(check=check))
        rule = Rule(
            "old-npm",
            Path(__file__),
            code="fake_rules.old_npm",
            title="The npm is old",
            severity=Severity.ERROR,
            phase=Phase.CHECK,
            group="toolchain",
            since="0.1.0",
            texts=Texts(why="W", prevents=("E404 Not Found",)),
            needs=Needs.NOTHING,
        )
        monkeypatch.setattr(rulebook, "read", lambda: Rulebook((rule,)))
        monkeypatch.setattr(Rule, "examples", lambda _self, _kind: ())

    make()
    return make


@pytest.fixture
def finding():
    """Return a sure finding with a place."""
    return Finding(SOURCE.at(9, 11), "the npm is `old`")
