"""Standard output and standard error."""

from __future__ import annotations

import io
import sys

import pytest

from preflight.cli.settings import Given, resolve
from preflight.cli.streams import complain, joined, screen, write
from preflight.config import Config


class Terminal(io.TextIOWrapper):
    """A stream that says that it is a terminal."""

    def isatty(self):
        """Claim to be one."""
        return True

    def fileno(self):
        """Have no size to ask for."""
        raise OSError


def _settings(**options):
    return resolve(Given("check", (), {key: (value,) for key, value in options.items()}), {}, Config())


@pytest.fixture
def terminal(monkeypatch):
    """Put a terminal in the place of standard output."""

    def make(encoding="utf-8"):
        stream = Terminal(io.BytesIO(), encoding)
        monkeypatch.setattr(sys, "stdout", stream)
        return stream

    return make


@pytest.mark.parametrize(
    ("color", "environment", "colour"),
    [
        ("auto", {"TERM": "xterm"}, True),
        ("auto", {"TERM": "dumb"}, False),
        ("auto", {"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        ("auto", {"FORCE_COLOR": "0", "TERM": "dumb"}, False),
        ("auto", {"CLICOLOR_FORCE": "1", "TERM": "dumb"}, True),
        ("never", {"FORCE_COLOR": "1"}, False),
        ("always", {"NO_COLOR": "1"}, True),
    ],
)
def test_colour_follows_the_flag_then_the_variables(terminal, color, environment, colour):
    """no-color.org, force-color.org, and the flag above both."""
    terminal()

    assert screen(_settings(color=color), environment).colour is colour


@pytest.mark.parametrize(("columns", "width"), [("100", 100), ("0", 80), ("x", 80), ("99999", 80), ("", 80)])
def test_a_terminal_has_a_width(terminal, columns, width):
    """Of the variable, else of the terminal, else 80."""
    terminal()

    assert screen(_settings(), {"COLUMNS": columns}).width == width


@pytest.mark.usefixtures("capsys")
def test_a_pipe_has_no_width():
    """A path that is broken in two leads nowhere."""
    assert screen(_settings(), {"COLUMNS": "60"}).width is None


@pytest.mark.parametrize(
    ("encoding", "options", "signs"),
    [("utf-8", {}, True), ("ascii", {}, False), ("cp1252", {}, False), ("utf-8", {"ascii": "true"}, False)],
)
def test_signs_are_used_where_they_can_be(terminal, encoding, options, signs):
    """A tick on an ASCII stream is a traceback."""
    terminal(encoding)

    assert screen(_settings(**options), {}).signs is signs


@pytest.mark.parametrize(
    ("environment", "runner"), [({}, False), ({"GITHUB_ACTIONS": "true"}, True), ({"TF_BUILD": "True"}, True)]
)
def test_a_runner_is_recognised(terminal, environment, runner):
    """It obeys what is printed."""
    terminal()

    assert screen(_settings(), environment).runner is runner


def test_what_an_encoding_cannot_carry_is_escaped(terminal):
    """A file's text may hold anything, lone surrogates too."""
    stream = terminal("ascii")

    write("a✔\udc80")
    stream.flush()

    assert stream.buffer.getvalue() == b"a\\u2714\\udc80"


def test_a_complaint_is_harmless(capsys):
    """The path in it comes from outside."""
    complain("no \x1b[31mfile", "try \x1b")

    assert capsys.readouterr().err == "no \\x1b[31mfile\n  hint: try \\x1b\n"


def test_no_lines_are_no_text():
    """Not even a line feed."""
    assert joined([]) == ""
