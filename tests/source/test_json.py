"""JSON with places."""

from __future__ import annotations

import json as standard
import time
from base64 import b64decode
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preflight.source.document import Doubt
from preflight.source.files import decode
from preflight.source.json import read
from preflight.source.nodes import Mapping, Node, Number, Scalar, Sequence
from preflight.source.problems import SyntaxProblem
from preflight.source.text import Source

GENERATED = {
    "n_structure_100000_opening_arrays": b"[" * 100_000,
    "n_structure_open_array_object": b'[{"":' * 50_000 + b"\n",
    "i_structure_500_nested_arrays": b"[" * 500 + b"]" * 500,
}
REFUSED = {
    "i_structure_500_nested_arrays",  # deeper than the limit of 200
    # Not UTF-8, and npm reads nothing else.
    "i_string_UTF-16LE_with_BOM",
    "i_string_UTF-8_invalid_sequence",
    "i_string_UTF8_surrogate_U+D800",
    "i_string_invalid_utf-8",
    "i_string_iso_latin_1",
    "i_string_lone_utf8_continuation_byte",
    "i_string_not_in_unicode_range",
    "i_string_overlong_sequence_2_bytes",
    "i_string_overlong_sequence_6_bytes",
    "i_string_overlong_sequence_6_bytes_null",
    "i_string_truncated-utf-8",
    "i_string_utf16BE_no_BOM",
    "i_string_utf16LE_no_BOM",
}
"""What the standard leaves open, and is not read here; the rest of it is, as by npm."""


def suite() -> dict[str, bytes]:
    """Return the names and bytes of all cases."""
    lines = (Path(__file__).parent / "json_suite.tsv").read_text(encoding="utf-8").splitlines()
    pairs = (line.partition("\t") for line in lines if not line.startswith("#"))
    return {name: b64decode(data) for name, _, data in pairs} | GENERATED


SUITE = suite()


def parse(text: str, *, comments: bool = False) -> Node:
    """Return the tree of a text."""
    root = read(Source(PurePosixPath("package.json"), text), comments=comments).root
    assert root is not None
    return root


def plain(node: Node) -> object:
    """Return a tree as the standard library has it."""
    match node:
        case Scalar(Number() as number):
            return float(number)
        case Scalar(value):
            return value
        case Sequence(items):
            return [plain(item) for item in items]
        case Mapping(entries):
            return {key.text: plain(value) for key, value in entries}


@pytest.mark.parametrize("name", [pytest.param(name, id=name) for name in sorted(SUITE)])
def test_every_case_of_the_suite_is_read_or_refused_as_it_should(name: str) -> None:
    """A file that npm refuses but preflight reads, or the other way round, gives a verdict about another package."""
    expected = name.startswith("y_") or (name.startswith("i_") and name not in REFUSED)

    try:
        parse(decode(SUITE[name]))
    except (SyntaxProblem, UnicodeDecodeError):
        accepted = False
    else:
        accepted = True

    assert accepted == expected


def test_the_suite_is_whole() -> None:
    """A lost line would be a lost case."""
    kinds = [name[0] for name in SUITE]

    counts = {kind: kinds.count(kind) for kind in "yni"}

    assert counts == {"y": 95, "n": 188, "i": 35}


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(st.characters(exclude_categories=["Cs"])),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
    ),
    st.sampled_from([None, 1, "\t"]),
    st.booleans(),
)
def test_reads_what_the_standard_library_reads(value: object, indent: int | str | None, ascii_only: bool) -> None:
    """Both must see the same package."""
    text = standard.dumps(value, indent=indent, ensure_ascii=ascii_only)

    node = parse(text)

    assert plain(node) == value


@given(st.text(alphabet='{}[]",:\\/*0123456789-+.eE \n\t\rtruefalsn\ud7ff\x00u'), st.booleans())
def test_no_text_raises_anything_else(text: str, comments: bool) -> None:
    """A crash on a hostile file would hide every other finding."""
    try:
        parse(text, comments=comments)
    except SyntaxProblem as problem:
        inside = 0 <= problem.at.span.start <= problem.at.span.end <= len(text)
    else:
        inside = True

    assert inside


@given(st.text(alphabet='{}[]",:0123456789-. \ntrue'))
def test_accepts_exactly_what_the_standard_library_accepts(text: str) -> None:
    """The library's only liberties are NaN and Infinity, which cannot be spelt with these letters."""
    try:
        standard.loads(text)
    except ValueError:
        expected = False
    else:
        expected = True

    try:
        parse(text)
    except SyntaxProblem:
        accepted = False
    else:
        accepted = True

    assert accepted == expected


@pytest.mark.parametrize(
    ("text", "places"),
    [
        pytest.param(' {"a" : [1, true]}', {"": '{"a" : [1, true]}', "a": "[1, true]"}, id="collections"),
        pytest.param('{"a": "x\\ny"}', {"a": '"x\\ny"'}, id="a string with its quotes"),
        pytest.param('{"a": -1.50e+3 }', {"a": "-1.50e+3"}, id="a number"),
        pytest.param('{"a": {} , "b": []}', {"a": "{}", "b": "[]"}, id="empty collections"),
    ],
)
def test_places_are_exact(text: str, places: dict[str, str]) -> None:
    """Findings and fixes point there."""
    root = parse(text)
    assert isinstance(root, Mapping)

    found = {key: (value.at.text if (value := root.get(key)) else root.at.text) for key in places}

    assert found == places


def test_a_number_keeps_its_spelling() -> None:
    """`20.10` is not `20.1`."""
    node = parse("20.10")

    assert isinstance(node, Scalar)
    assert (node.value, type(node.value), node.text) == ("20.10", Number, "20.10")


def test_a_key_that_stands_twice_is_kept_and_noted() -> None:
    """The last one counts for npm, but not for every reader."""
    document = read(Source(PurePosixPath("package.json"), '{"a": 1, "b": {}, "a": 2}'))

    assert [(str(doubt.at), doubt.doubt) for doubt in document.ambiguities] == [
        ("package.json:1:19", Doubt.DUPLICATE_KEY)
    ]
    assert isinstance(document.root, Mapping)
    assert plain(document.root) == {"a": 2.0, "b": {}}


@pytest.mark.parametrize(
    ("text", "value", "doubts"),
    [
        pytest.param(r'"\ud83d\ude00"', "😀", 0, id="a pair"),
        pytest.param(r'"a\ud83d"', "a\ufffd", 1, id="the first half"),
        pytest.param(r'"\ude00\ufffd"', "\ufffd\ufffd", 1, id="the second half"),
        pytest.param(r'"\"\\\/\b\f\n\r\t\u0041"', '"\\/\b\f\n\r\tA', 0, id="all escapes"),
    ],
)
def test_escapes_are_read(text: str, value: str, doubts: int) -> None:
    """Half a pair cannot be printed or sent."""
    document = read(Source(PurePosixPath("package.json"), text))

    assert isinstance(document.root, Scalar)
    assert (document.root.value, len(document.ambiguities)) == (value, doubts)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("", "x:1:1: this is not JSON: a value is missing here", id="nothing"),
        pytest.param('{"a" 1}', "x:1:6: this is not JSON: `:` is missing after a key", id="no colon"),
        pytest.param("{a: 1}", "x:1:2: this is not JSON: a key in double quotes is missing here", id="a bare key"),
        pytest.param('{"a: 1}', "x:1:2: this is not JSON: a string has no end", id="an open key"),
        pytest.param('["a]', "x:1:2: this is not JSON: a string has no end", id="an open string"),
        pytest.param('["\\x"]', "x:1:3: this is not JSON: an escape is unknown", id="a bad escape"),
        pytest.param('["\n"]', "x:1:3: this is not JSON: a control character stands in a string", id="a line break"),
        pytest.param("[1 2]", "x:1:4: this is not JSON: `,` or `]` is missing here", id="no comma"),
        pytest.param('{"a": 1]', "x:1:8: this is not JSON: `,` or `}` is missing here", id="the wrong bracket"),
        pytest.param("[-]", "x:1:2: this is not JSON: a digit is missing after `-`", id="a lone minus"),
        pytest.param("[] x", "x:1:4: this is not JSON: something follows the end", id="garbage behind"),
        pytest.param("[],", "x:1:3: this is not JSON: something follows the end", id="a comma behind"),
        pytest.param("[1,]", "x:1:4: this is not JSON: a value is missing here", id="a last comma"),
        pytest.param("[NaN]", "x:1:2: this is not JSON: a value is missing here", id="NaN"),
        pytest.param("[" * 201, "x:1:201: this is not JSON: it nests more than 200 levels deep", id="too deep"),
    ],
)
def test_problems_say_what_and_where(text: str, message: str) -> None:
    """The maintainer has to find it."""
    with pytest.raises(SyntaxProblem) as raised:
        read(Source(PurePosixPath("x"), text))

    assert str(raised.value) == message


def test_a_text_that_is_too_large_is_refused() -> None:
    """Time and memory are bounded."""
    text = '"' + "a" * (1024 * 1024) + '"'

    with pytest.raises(SyntaxProblem, match="larger than 1024 KiB"):
        parse(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param('// a "quote"\n{"a": 1} // end', {"a": 1.0}, id="line comments"),
        pytest.param(
            '/* { */ {"a" /* : */ : /**/ [1, /* , */ 2,],\n}', {"a": [1.0, 2.0]}, id="block comments and commas"
        ),
        pytest.param('{"a": "// no /* comment \\""}', {"a": '// no /* comment "'}, id="none in strings"),
        pytest.param("[\n  1, // one\n]", [1.0], id="a comment after the last comma"),
    ],
)
def test_comments_are_read_on_request(text: str, value: object) -> None:
    """The settings of changesets, nx and turbo have them."""
    node = parse(text, comments=True)

    assert plain(node) == value


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("[1,,]", id="two commas"),
        pytest.param("[,]", id="only a comma"),
        pytest.param('{"a": 1 /* open', id="an open comment"),
        pytest.param('["a // b', id="an open string"),
    ],
)
def test_comments_allow_nothing_else(text: str) -> None:
    """A relaxed reader is still a reader of JSON."""
    with pytest.raises(SyntaxProblem):
        parse(text, comments=True)


def test_places_hold_behind_comments() -> None:
    """Comments are blanked, not removed."""
    node = parse('/* é */ {"a": "b"} // c', comments=True)

    assert node.at.text == '{"a": "b"}'


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("[" * 500_000, id="open brackets"),
        pytest.param('"' + "\\n" * 500_000, id="an open string of escapes"),
        pytest.param(" " * 1_000_000, id="blanks"),
        pytest.param('{"a"' + " " * 1_000_000, id="blanks after a key"),
        pytest.param("[" + "1," * 60_000, id="a list without end"),
        pytest.param("9" * 1_000_000, id="a long number"),
        pytest.param("/*" * 500_000, id="comments in comments"),
        pytest.param('"//' * 300_000, id="strings and comments"),
    ],
)
def test_bombs_are_over_in_no_time(text: str) -> None:
    """Nobody waits for a hostile file."""
    started = time.perf_counter()

    for comments in (False, True):
        try:
            parse(text, comments=comments)
        except SyntaxProblem:
            continue

    assert time.perf_counter() - started < 5
