"""Ignores that stand in files."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from preflight.ignores import in_sources
from preflight.source.text import Source


def _found(text, path="a.yml"):
    return [(ignore.rule, ignore.reason, ignore.line) for ignore in in_sources([Source(PurePosixPath(path), text)])]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("a: b # preflight: ignore[x] why", [("x", "why", 1)], id="on the line"),
        pytest.param("# preflight: ignore[x] why\na: b", [("x", "why", 2)], id="on the line above"),
        pytest.param("  #preflight:ignore[x]why\n", [("x", "why", 2)], id="without blanks"),
        pytest.param("# preflight: ignore[x, y] why", [("x", "why", 2), ("y", "why", 2)], id="several rules"),
        pytest.param("# preflight: ignore[x]", [("x", "", 2)], id="no reason"),
        pytest.param("# preflight: ignore[x]: why", [("x", "why", 2)], id="a colon before the reason"),
        pytest.param("# preflight: ignore why", [("", "", 2)], id="no rule"),
        pytest.param("# preflight: ignore[x why", [("", "", 2)], id="no end"),
        pytest.param("# preflight: ignore[x] a\n# preflight: ignore[y] b\nc", [("x", "a", 3), ("y", "b", 3)], id="two"),
        pytest.param("a: b # preflight: ignore[x] why\r\nc", [("x", "why", 1)], id="CRLF"),
        pytest.param("a: preflight: ignore[x] why", [], id="no comment"),
        pytest.param("a: b#preflight: ignore[x] why", [], id="a hash inside a word"),
        pytest.param("# preflight: see the manual", [], id="another word"),
        pytest.param("# preflight: ignore[x] why\n" + "#\n" * 30, [("x", "why", 1)], id="a long block covers nothing"),
    ],
)
def test_a_comment_silences_its_line_or_the_next(text, expected):
    """Every linter's users know the two places."""
    assert _found(text) == expected


def test_an_npmrc_has_two_signs_for_comments():
    """Both are read by npm."""
    assert _found("; preflight: ignore[x] why\nregistry=y", ".npmrc") == [("x", "why", 2)]


def test_the_place_of_an_ignore_is_its_comment():
    """`unused-ignore` points there."""
    (ignore,) = in_sources([Source(PurePosixPath("a.yml"), "a: b  # preflight: ignore[x] why\nc")])

    assert ignore.at.text == "# preflight: ignore[x] why"


def test_json_has_no_comments():
    """A string in a package.json is no comment."""
    assert _found('{"a": "# preflight: ignore[x] why"}', "tsconfig.json") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param('{"name": "p", "preflight": {"ignore": {"x": "why"}}}', [("x", "why", None)], id="a reason"),
        pytest.param('{"preflight": {"ignore": {"x": null}}}', [("x", "", None)], id="none"),
        pytest.param('{"preflight": {"ignore": ["x"]}}', [], id="a list"),
        pytest.param('{"preflight": 5}', [], id="a number"),
        pytest.param('{"preflight": {', [], id="broken"),
        pytest.param('{"name": "p"}', [], id="nothing"),
    ],
)
def test_a_package_has_its_own_ignores(text, expected):
    """package.json has no comments, so it has a key."""
    assert _found(text, "packages/a/package.json") == expected


@pytest.mark.timeout(5)
def test_many_comments_are_read_in_no_time():
    """256 KiB of ignores is a legal workflow."""
    text = "# preflight: ignore[x] y\n" * 10_000

    assert len(_found(text)) == 10_000
