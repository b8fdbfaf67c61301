"""Lines of a file with marks."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from preflight.report.excerpt import Mark, excerpt
from preflight.report.screen import Screen
from preflight.source.text import Source


def _marked(text, word, screen=None, label=""):
    source = Source(PurePosixPath("a.yml"), text)
    start = text.index(word)
    return excerpt([Mark(source.at(start, start + len(word)), label, primary=True)], screen or Screen())


@pytest.mark.parametrize(
    ("text", "word", "under"),
    [
        pytest.param("a: bcd", "bcd", "   ^^^", id="plain"),
        pytest.param("\ta: bcd", "bcd", "       ^^^", id="a tab is four columns"),
        pytest.param("漢: bcd", "bcd", "    ^^^", id="a wide character is two"),
        pytest.param("a\x1b: bcd", "bcd", "       ^^^", id="an escape is as wide as it is shown"),
        pytest.param("_auth=secret bcd", "bcd", "                 ^^^", id="a secret is as wide as its stand-in"),
    ],
)
def test_the_mark_stands_under_its_word(text, word, under):
    """Off by one is off by the whole point."""
    assert _marked(text, word)[-1].partition("| ")[2] == under


def test_a_secret_at_the_mark_is_hidden():
    """The finding may point at the very token."""
    assert _marked("token: npm_" + "a" * 36, "npm_" + "a" * 36)[1:] == [
        " 1 | token: [redacted]",
        "   |        ^^^^^^^^^^",
    ]


def test_a_long_line_is_cut_around_the_mark():
    """Minified JSON has one line."""
    lines = _marked("x" * 5000 + "word" + "y" * 5000, "word", Screen(60))

    assert max(map(len, lines)) <= 60
    assert "word" in lines[1]


def test_the_mark_of_a_cut_line_stands_under_its_word():
    """Cutting moves columns."""
    lines = _marked("x" * 5000 + "word" + "y" * 5000, "word", Screen(60))

    assert lines[2].index("^") == lines[1].index("word")


def test_a_place_of_several_lines_is_marked_in_its_first():
    """A block needs no underlining to its end."""
    assert _marked("a: b\nc: d\n", "a: b\nc")[-1] == "   | ^^^^"


def test_an_empty_place_has_a_mark():
    """The end of a file is a place too."""
    source = Source(PurePosixPath("a"), "")

    assert excerpt([Mark(source.at(0, 0), "here", primary=True)], Screen())[-1] == "   | ^ here"


def test_a_list_of_places_is_told_by_its_beginning():
    """A monorepo's script is called from 200 places."""
    text = "a\n" * 200
    source = Source(PurePosixPath("a"), text)
    marks = [Mark(source.at(2 * n, 2 * n + 1), "", primary=n == 150) for n in range(200)]

    lines = excerpt(marks, Screen())

    assert len([line for line in lines if "^" in line or "-" in line]) == 12
    assert [line for line in lines if line.startswith(" 151")]
