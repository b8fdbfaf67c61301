"""Tests of reading git's configuration format."""

from __future__ import annotations

import subprocess
from shutil import which
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preflight.readers import gitconfig
from preflight.readers.gitconfig import Setting

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param('[remote "origin"]\n\turl = u\n', [("remote", "origin", "url", "u")], id="the usual form"),
        pytest.param('[Remote "Origin"]\nURL=u', [("remote", "Origin", "url", "u")], id="only the subsection has case"),
        pytest.param("[remote.Origin]\nurl=u", [("remote", "origin", "url", "u")], id="the old form has none"),
        pytest.param('[remote "o"] url = u', [("remote", "o", "url", "u")], id="on the header's line"),
        pytest.param('[remote "a\\"b\\\\"]\nurl=u', [("remote", 'a"b\\', "url", "u")], id="a name with escapes"),
        pytest.param('[a]\nb = "x # y" ; z', [("a", "", "b", "x # y")], id="quotes and a comment"),
        pytest.param("[a]\nb = x # y\n# c\n; d\n", [("a", "", "b", "x")], id="comments"),
        pytest.param("[a]\nb = x \\\n y\n", [("a", "", "b", "x  y")], id="a line that goes on"),
        pytest.param("[a]\nb = x # y \\\nc = z\n", [("a", "", "b", "x"), ("a", "", "c", "z")], id="a comment does not"),
        pytest.param('[a]\nb = "x;\\\ny"\n', [("a", "", "b", "x;y")], id="a quoted line that goes on"),
        pytest.param('[a]\nb = "x\\\\"\n', [("a", "", "b", "x\\")], id="an escaped backslash at the end"),
        pytest.param("[a]\nb = \\tx\\\\y\\n", [("a", "", "b", "\tx\\y\n")], id="escapes"),
        pytest.param("[a]\nb", [("a", "", "b", "true")], id="a key alone"),
        pytest.param("[a]\nb ; c", [("a", "", "b", "true")], id="a key alone with a comment"),
        pytest.param("[a]\r\nb = x\r\n", [("a", "", "b", "x")], id="lines of Windows"),
        pytest.param("[a]\nb = x  y  \n", [("a", "", "b", "x  y")], id="inner space stays"),
        pytest.param("[a]\nb = x\\", [("a", "", "b", "x")], id="a backslash at the end of the file"),
        pytest.param("", [], id="nothing"),
    ],
)
def test_values_are_read(text: str, expected: list[tuple[str, str, str, str]]) -> None:
    """The remote's address says which repository this is."""
    found = gitconfig.read(text)

    assert found == tuple(Setting(*one) for one in expected)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("url = u", id="no section"),
        pytest.param("[a\nb=c", id="a header that does not end"),
        pytest.param('[a "b]\nc=d', id="a name that does not end"),
        pytest.param('[a.b "c"]\nd=e', id="both forms at once"),
        pytest.param('[a]\nb = "c', id="a quote that does not end"),
        pytest.param("[a]\nb = \\q", id="an unknown escape"),
        pytest.param("[a]\nb_c = d", id="a key that git refuses"),
        pytest.param("[a]\n= d", id="no key"),
        pytest.param("[a]\nb = c\0d", id="a zero byte"),
    ],
)
def test_what_git_refuses_is_refused(text: str) -> None:
    """Guessing at a broken file could name a wrong repository."""
    found = gitconfig.read(text)

    assert found is None


@pytest.mark.skipif(which("git") is None, reason="needs git")
@pytest.mark.parametrize("name", ["plain", 'with "quotes"', "back\\slash", "Über"])
@pytest.mark.parametrize("value", ["https://h/o/r", ' "x" ;# \\ y ', "tab\there", "a\nb"])
def test_what_git_writes_is_read(tmp_path: Path, name: str, value: str) -> None:
    """Git's own writer is the best table of its quoting."""
    path = tmp_path / "config"
    subprocess.run(["git", "config", "-f", str(path), f"remote.{name}.url", value], check=True)

    found = gitconfig.read(path.read_text(encoding="utf-8"))

    assert found == (Setting("remote", name, "url", value),)


@given(st.text(alphabet='[]"\\=#;ab.\n\r \t\0', max_size=80))
def test_no_text_breaks_the_reading(text: str) -> None:
    """An archive may bring any `.git/config`."""
    found = gitconfig.read(text)

    assert found is None or isinstance(found, tuple)
