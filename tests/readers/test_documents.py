"""JSON of which every word counts."""

from __future__ import annotations

import pytest

from preflight.readers.documents import LARGEST, MalformedError, at, items, load, mapping, text

TREE = {"a": {"b": [1, {"c": "d"}]}, "e": None, "s": "text"}


@pytest.mark.parametrize(
    ("data", "found"),
    [
        pytest.param(b'{"a": [1, 2.5, true, null, "x"]}', {"a": [1, 2.5, True, None, "x"]}, id="everything"),
        pytest.param('{"a": "ä"}', {"a": "ä"}, id="text"),
        pytest.param('{"a": "ä"}'.encode(), {"a": "ä"}, id="UTF-8"),
        pytest.param(b'{"a": {"x": 1}, "b": {"x": 2}}', {"a": {"x": 1}, "b": {"x": 2}}, id="a key in two objects"),
        pytest.param(b"18446744073709551615", 2**64 - 1, id="the largest number of a log"),
    ],
)
def test_a_document_is_read(data, found):
    """What npm and the logs write is plain JSON."""
    assert load(data) == found


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b'{"a": 1, "a": 1}', id="a repeated key"),
        pytest.param(b'{"x": [{"a": 1, "\\u0061": 2}]}', id="a repeated key, written differently, deep inside"),
        pytest.param(b"NaN", id="NaN"),
        pytest.param(b'{"a": -Infinity}', id="infinity"),
        pytest.param(b"1" * 21, id="a number of too many digits"),
        pytest.param(b"", id="nothing"),
        pytest.param(b"{} {}", id="two documents"),
        pytest.param(b"{'a': 1}", id="another quote"),
        pytest.param(b'{"a": 1,}', id="a comma too many"),
        pytest.param(b"\xff", id="no UTF-8"),
        pytest.param('{"a": 1}'.encode("utf-16"), id="UTF-16"),
        pytest.param(b"\xef\xbb\xbf{}", id="a byte order mark"),
        pytest.param(b"[" * 200_000, id="too deep"),
        pytest.param(b'"' + b"x" * LARGEST + b'"', id="too large"),
    ],
)
def test_what_two_readers_could_read_differently_is_malformed(data):
    """A reader would show one thing, and we would check another."""
    with pytest.raises(MalformedError):
        load(data)


@pytest.mark.parametrize(
    ("reader", "path", "found"),
    [
        pytest.param(at, ("a", "b"), [1, {"c": "d"}], id="a list in place"),
        pytest.param(at, ("a", "x", "y"), None, id="nothing there"),
        pytest.param(at, ("s", "x"), None, id="inside a string"),
        pytest.param(mapping, ("a",), {"b": [1, {"c": "d"}]}, id="an object"),
        pytest.param(mapping, ("s",), {}, id="no object"),
        pytest.param(items, ("a", "b"), [1, {"c": "d"}], id="a list"),
        pytest.param(items, ("s",), (), id="a string is no list"),
        pytest.param(items, ("e",), (), id="null is no list"),
        pytest.param(text, ("s",), "text", id="a string"),
        pytest.param(text, ("a",), None, id="no string"),
    ],
)
def test_a_path_leads_to_what_has_the_right_type(reader, path, found):
    """A wrong type is the same as nothing: no reader of attestations has to ask twice."""
    assert reader(TREE, *path) == found
