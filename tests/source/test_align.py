"""Characters of scalars in the file."""

from __future__ import annotations

import json as standard
import re
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preflight.source import json, npmrc, yaml
from preflight.source.align import align
from preflight.source.nodes import Scalar, find
from preflight.source.problems import SyntaxProblem
from preflight.source.text import Source, Span


def scalar(text: str) -> Scalar:
    """Return the value of the key `a`."""
    node = find(yaml.read_one(Source(PurePosixPath("ci.yml"), text)).root, "a")
    assert isinstance(node, Scalar)
    return node


def place(node: Scalar, word: str) -> str:
    """Return how a word of a scalar is spelt in the file."""
    start = node.text.index(word)
    return node.place(start, start + len(word)).text


@pytest.mark.parametrize(
    ("text", "word", "spelt"),
    [
        pytest.param("a: npm publish", "publish", "publish", id="plain"),
        pytest.param("a: 'npm publish'", "publish", "publish", id="single quotes"),
        pytest.param('a: "npm publish"', "publish", "publish", id="double quotes"),
        pytest.param("a: 'it''s npm'", "npm", "npm", id="behind a quote in quotes"),
        pytest.param("a: 'it''s npm'", "t's", "t''s", id="over a quote in quotes"),
        pytest.param("a: 'it''s npm'", "'", "''", id="the quote itself"),
        pytest.param('a: "x\\ty\\u00e9 npm"', "npm", "npm", id="behind escapes"),
        pytest.param('a: "x\\ty\\u00e9 npm"', "é", "\\u00e9", id="an escape itself"),
        pytest.param('a: "x\\ty"', "x\ty", "x\\ty", id="over an escape"),
        pytest.param('a: "npm\n  publish\n\n  --tag"', "publish", "publish", id="folded double quotes"),
        pytest.param('a: "npm\n  publish\n\n  --tag"', "npm publish", "npm\n  publish", id="over a fold"),
        pytest.param('a: "npm\n  publish\n\n  --tag"', "--tag", "--tag", id="behind a blank line"),
        pytest.param('a: "npm pub\\\n   lish --tag"', "publish", "pub\\\n   lish", id="over an escaped line break"),
        pytest.param('a: "npm \\\n\n   lish --tag"', "--tag", "--tag", id="an escaped line break and a blank line"),
        pytest.param("a: 'npm  \n  publish'", "publish", "publish", id="folded single quotes"),
        pytest.param("a: npm\n  publish  # why", "publish", "publish", id="folded plain"),
        pytest.param("a: npm\r\n  publish\r\n", "publish", "publish", id="folded plain with CRLF"),
        pytest.param("a: |\n  npm ci\n  npm publish\n", "publish", "publish", id="a literal block"),
        pytest.param("a: |\n  npm ci\n  npm publish\n", "ci\nnpm", "ci\n  npm", id="over a line break"),
        pytest.param("a: |\r\n  npm ci\r\n\r\n  npm publish\r\n", "publish", "publish", id="a literal block with CRLF"),
        pytest.param("a: |2\n    npm ci\n  npm publish\n", "  npm ci", "  npm ci", id="an indented first line"),
        pytest.param(
            "a: |\n  npm ci\n    npm publish\n", "  npm publish", "  npm publish", id="an indented other line"
        ),
        pytest.param("a: |-\n\n  npm ci\n", "ci", "ci", id="a blank first line"),
        pytest.param("a: |+\n  npm ci\n\n\n", "ci", "ci", id="kept blank lines"),
        pytest.param("a: >\n  npm\n  publish\n\n  x\n    y\n  z\n", "publish", "publish", id="a folded block"),
        pytest.param(
            "a: >\n  npm\n  publish\n\n  x\n    y\n  z\n", "npm publish", "npm\n  publish", id="over a folded line"
        ),
        pytest.param(
            "a: >\n  npm\n  publish\n\n  x\n    y\n  z\n", "  y", "  y", id="an indented line in a folded block"
        ),
        pytest.param("a: >-\n  npm publish\n  npm publish --tag\n", "--tag", "--tag", id="words that stand twice"),
        pytest.param("a: &x |\n  npm\nb: *x\n", "npm", "npm", id="with an anchor"),
        pytest.param("a: |\n  😀 npm\n", "npm", "npm", id="behind an astral character"),
    ],
)
def test_words_of_yaml_are_found(text: str, word: str, spelt: str) -> None:
    """A finding underlines the command in the script, not the script."""
    node = scalar(text)

    found = place(node, word)

    assert found == spelt


@pytest.mark.parametrize(
    ("text", "word", "spelt"),
    [
        pytest.param(r'{"a": "\"npm\" publish"}', "publish", "publish", id="behind escapes"),
        pytest.param(r'{"a": "\ud83d\ude00 npm"}', "npm", "npm", id="behind a surrogate pair"),
        pytest.param(r'{"a": "\ud83d\ude00 npm"}', "😀", r"\ud83d\ude00", id="a surrogate pair"),
        pytest.param(r'{"a": "\ud83d npm"}', "npm", "npm", id="behind half a pair"),
        pytest.param('{"a": true}', "true", "true", id="a boolean"),
        pytest.param('{"a": 20.10}', "10", "10", id="a number"),
    ],
)
def test_words_of_json_are_found(text: str, word: str, spelt: str) -> None:
    """A script of a package.json is underlined at the command too."""
    node = find(json.read(Source(PurePosixPath("package.json"), text)).root, "a")
    assert isinstance(node, Scalar)

    found = place(node, word)

    assert found == spelt


@pytest.mark.parametrize(
    ("text", "word", "spelt"),
    [
        pytest.param("a=https://r/x", "r/x", "r/x", id="plain"),
        pytest.param('a="b c"', "c", "c", id="quotes"),
        pytest.param("a=b\\;c d", "d", "d", id="escapes"),
        pytest.param("a=|b\\;c", "c", "c", id="what looks like a block"),
    ],
)
def test_words_of_an_npmrc_are_found(text: str, word: str, spelt: str) -> None:
    """Its escapes are its own."""
    node = npmrc.read(Source(PurePosixPath(".npmrc"), text)).get("a")
    assert isinstance(node, Scalar)

    found = place(node, word)

    assert found == spelt


@pytest.mark.parametrize(
    ("start", "end", "span"),
    [
        pytest.param(0, 0, Span(4, 4), id="nothing at the start"),
        pytest.param(3, 3, Span(7, 7), id="nothing at the end"),
        pytest.param(-5, 99, Span(4, 7), id="more than there is"),
        pytest.param(2, 1, Span(6, 6), id="the wrong way round"),
    ],
)
def test_offsets_are_kept_inside(start: int, end: int, span: Span) -> None:
    """A wrong offset is no crash."""
    node = scalar("a: 'bcd'")

    assert align(node, start, end) == span


def test_an_empty_block_has_no_characters() -> None:
    """There is nothing to underline."""
    node = scalar("a: |\nb: c\n")

    assert align(node, 0, 5) == Span(3, 3)


def test_a_missing_value_has_no_characters() -> None:
    """There is nothing to underline."""
    node = scalar("a:\n")

    assert (align(node, 0, 0), align(node, 0, 5)) == (Span(2, 2), Span(2, 2))


def test_the_last_line_break_of_a_block_is_its_last_character() -> None:
    """The place of a block ends before it, and a span may not be empty."""
    node = scalar("a: |\n  npm\n")

    assert node.place(3, 4).text == "m"


def test_a_text_that_is_not_the_files_is_found_by_likeness() -> None:
    """A reader may hand on a scalar whose text it changed."""
    node = Scalar(Source(PurePosixPath("x"), "npm ${{ x }} publish"), 0, 20, "npm publish", "npm publish")

    assert (place(node, "publish"), align(node, 4, 11).end) == ("publish", 20)


def test_a_block_whose_text_is_not_the_files_is_found_by_likeness() -> None:
    """The same for blocks."""
    source = Source(PurePosixPath("x"), "|\n  npm x\n")
    node = Scalar(source, 0, 9, "npm y\n", "npm y\n")

    assert place(node, "npm") == "npm"


words = st.text(alphabet="ab'\"\\ \n\té😀", min_size=1, max_size=30)


@given(words, st.data())
def test_every_span_stays_inside_and_is_not_empty(text: str, data: st.DataObject) -> None:
    """An empty or foreign span would underline something else."""
    written = standard.dumps(text, ensure_ascii=data.draw(st.booleans()))
    node = json.read(Source(PurePosixPath("package.json"), written)).root
    assert isinstance(node, Scalar)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))

    span = align(node, start, end)

    assert node.start <= span.start <= span.end <= node.end
    assert (span.start == span.end) == (start == end)


@given(
    st.lists(st.text(alphabet="ab |>#'\"é", max_size=8), min_size=1, max_size=6),
    st.sampled_from("|>"),
    st.sampled_from(["", "-", "+", "2"]),
)
def test_every_word_of_a_block_is_found(lines: list[str], style: str, chomping: str) -> None:
    """Whatever is folded or cut off around it."""
    text = f"a: {style}{chomping}\n" + "".join(f"  {line}\n" for line in lines)
    try:
        node = scalar(text)
    except SyntaxProblem:
        return

    found = [(word[0], node.place(word.start(), word.end()).text) for word in re.finditer(r"\S+", node.text)]

    assert all(word == spelt for word, spelt in found)
