"""The parsers of ruamel.yaml."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from preflight.source import events


def values(parser: events.Parser, text: str) -> list[str]:
    """Return the scalars of a text."""
    following, found = parser.read(text), []
    while event := following():
        if event.__class__ is parser.scalar:
            found.append(event.value)
    return found


def run(program: str) -> str:
    """Return what a program prints in a fresh process, since a compiled module is loaded but once."""
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=root)
    return done.stdout


@pytest.mark.parametrize("pure", [pytest.param(False, id="compiled"), pytest.param(True, id="pure")])
def test_events_come_one_by_one(pure: bool) -> None:
    """Both parsers look the same from outside."""
    parser = events.parser(pure=pure)

    assert values(parser, "a: [b, c]") == ["a", "b", "c"]


def test_the_compiled_parser_is_loaded_without_the_rest_of_ruamel() -> None:
    """A check starts in the blink of an eye."""
    printed = run(
        "import sys; from preflight.source.events import parser; parser(pure=False);"
        "print('_ruamel_yaml' in sys.modules, 'ruamel.yaml.constructor' in sys.modules, 'ruamel.yaml' in sys.modules)"
    )

    assert printed == "True False False\n"


def test_ruamel_still_works_as_a_whole_afterwards() -> None:
    """Another program may use both."""
    printed = run(
        "from preflight.source.events import parser; parser(pure=False); import ruamel.yaml;"
        "print([ruamel.yaml.YAML(typ=kind).load('a: [b]') for kind in ('safe', 'rt')])"
    )

    assert printed == "[{'a': ['b']}, {'a': ['b']}]\n"


def test_the_compiled_parser_of_a_loaded_ruamel_is_used() -> None:
    """There is nothing left to spare."""
    printed = run(
        "import ruamel.yaml; from preflight.source.events import parser; p = parser(pure=False); e = p.read('a: b');"
        "print([event.__class__.__name__ for event in iter(e, None)][2:6], ruamel.yaml.events.ScalarEvent is p.scalar)"
    )

    assert printed == "['MappingStartEvent', 'ScalarEvent', 'ScalarEvent', 'MappingEndEvent'] True\n"


def test_without_a_compiled_parser_the_other_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """ruamel.yaml does not bring its compiled parser along."""
    monkeypatch.setattr(events, "_compiled", lambda: None)

    parser = events.parser.__wrapped__(pure=False)

    assert values(parser, "a: b") == ["a", "b"]


@pytest.mark.parametrize(
    "missing", [pytest.param("ruamel.yaml", id="no ruamel.yaml"), pytest.param("_ruamel_yaml", id="no clib")]
)
def test_a_compiled_parser_that_is_not_installed_is_left_out(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is optional."""
    find_spec = importlib.util.find_spec
    monkeypatch.delitem(sys.modules, "_ruamel_yaml", raising=False)
    monkeypatch.delitem(sys.modules, "ruamel.yaml", raising=False)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == missing else find_spec(name))

    assert events._compiled() is None


@pytest.mark.parametrize("loaded", [pytest.param(False, id="alone"), pytest.param(True, id="with ruamel.yaml loaded")])
def test_a_compiled_parser_that_cannot_be_imported_is_left_out(loaded: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be built for another Python, or want more of ruamel.yaml one day."""

    def refuse(name: str) -> object:
        if name == "_ruamel_yaml":
            raise ImportError(name)
        return importlib.import_module(name)

    monkeypatch.setattr("preflight.source.events.import_module", refuse)
    monkeypatch.delitem(sys.modules, "_ruamel_yaml", raising=False)
    if loaded:
        monkeypatch.setitem(sys.modules, "ruamel.yaml", sys)
    else:
        monkeypatch.delitem(sys.modules, "ruamel.yaml", raising=False)
    before = set(sys.modules)

    assert events._compiled() is None
    assert not {name for name in set(sys.modules) - before if name.endswith(("parser", "scanner", "constructor"))}
