"""npm's settings with places."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preflight.source.nodes import Mapping, Node, Scalar, Sequence
from preflight.source.npmrc import read
from preflight.source.problems import SyntaxProblem
from preflight.source.text import Source


def parse(text: str) -> Mapping:
    """Return the settings of a text."""
    return read(Source(PurePosixPath(".npmrc"), text))


def plain(node: Node) -> object:
    """Return settings without places."""
    match node:
        case Scalar(value):
            return value
        case Sequence(items):
            return [plain(item) for item in items]
        case Mapping(entries):
            return {key.text: plain(value) for key, value in entries}


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        pytest.param("provenance=true", {"provenance": True}, id="true is a boolean"),
        pytest.param("provenance = false\r\n", {"provenance": False}, id="blanks and CRLF"),
        pytest.param("tag=null", {"tag": None}, id="null"),
        pytest.param('provenance="true"', {"provenance": True}, id="true in quotes is one too"),
        pytest.param("save-exact", {"save-exact": True}, id="a key alone is true"),
        pytest.param("tag=", {"tag": ""}, id="no value"),
        pytest.param("a==b", {"a": "=b"}, id="only the first = counts"),
        pytest.param("=b\n =c", {}, id="no key"),
        pytest.param("; a=1\n # b=2\n\n  \nc=3", {"c": "3"}, id="comments"),
        pytest.param("a=b ; why\nc=d#e", {"a": "b", "c": "d"}, id="comments behind values"),
        pytest.param(r"a=b\;c\#d\\e\f", {"a": r"b;c#d\e\f"}, id="escapes"),
        pytest.param('a="b ; c"', {"a": "b ; c"}, id="no comment in quotes"),
        pytest.param("a='b'", {"a": "b"}, id="single quotes"),
        pytest.param('a="b\\u0041\\n"', {"a": "bA\n"}, id="double quotes are JSON"),
        pytest.param('a="b\\x"', {"a": '"b\\x"'}, id="what is no JSON stays"),
        pytest.param("a='\"b\"'", {"a": "b"}, id="JSON in single quotes"),
        pytest.param('"a b"=c', {"a b": "c"}, id="a key in quotes"),
        pytest.param("//r/:_authToken=${T}", {"//r/:_authToken": "${T}"}, id="variables stay"),
        pytest.param("@me:registry=https://r/", {"@me:registry": "https://r/"}, id="a scope"),
        pytest.param("ca[]=x\nca[] = y", {"ca": ["x", "y"]}, id="a list"),
        pytest.param("ca=x\nca[]=y\nca=z", {"ca": ["x", "y", "z"]}, id="a list made late"),
        pytest.param("[]=x", {"[]": "x"}, id="only brackets"),
        pytest.param("a=1\na=2", {"a": "2"}, id="the last one counts"),
        pytest.param("__proto__=1", {}, id="no prototype"),
        pytest.param(
            "a=1\n[s]\nb=2\n[t]\nc=3\n[s]\nd=4", {"a": "1", "s": {"b": "2", "d": "4"}, "t": {"c": "3"}}, id="sections"
        ),
        pytest.param("[s] x\n=", {"[s] x": True}, id="no section"),
        pytest.param("a=1\rb=2", {"a": "1", "b": "2"}, id="a lone carriage return ends a line"),
        pytest.param("", {}, id="nothing"),
    ],
)
def test_reads_what_npm_reads(text: str, settings: dict[str, object]) -> None:
    """A setting that npm sees must be seen, and no other."""
    node = parse(text)

    assert plain(node) == settings


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        pytest.param("\n  a = b  ; c", "a", "b", id="blanks and a comment"),
        pytest.param('a="b c" ', "a", '"b c"', id="quotes belong to it"),
        pytest.param("ca[]=x", "ca[]", "x", id="brackets belong to the key"),
        pytest.param("a=x\\;y", "a", "x\\;y", id="as it is spelt"),
        pytest.param("save-exact", "save-exact", "", id="no value has no characters"),
    ],
)
def test_places_are_exact(text: str, key: str, value: str) -> None:
    """Findings and fixes point there."""
    entry = parse(text).entries[0]

    assert (entry.key.at.text, entry.value.at.text) == (key, value)


def test_a_file_that_is_too_large_is_refused() -> None:
    """Time and memory are bounded."""
    with pytest.raises(SyntaxProblem, match="larger than 256 KiB"):
        parse("a" * (256 * 1024 + 1))


@given(st.text(alphabet="ab=[]\"'\\;# \n\r\t\x00u0é"))
def test_every_text_is_read(text: str) -> None:
    """Even npm has no syntax errors."""
    node = parse(text)

    assert all(0 <= entry.key.start <= entry.key.end <= len(text) for entry in node)
