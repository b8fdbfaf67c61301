"""What every shell has in common: the types, the limits, and which reader is asked."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from preflight.readers.shell import DEEPEST, LONGEST, Shell, commands, nested

PIECES = st.sampled_from(
    [
        *"'\"`(){}[]<>|&;\n #\\^\0é\ud800",
        *("npm publish", "$X", "${X:-", "%X%", "$env:X", "$x = ", "&&", "$(", "<<E\n", "E\n", "if x; then ", "fi\n"),
        *("for p in a b; do ", "done\n", "case a in ", "esac\n", "bash -c '", 'eval "', "xargs ", "sudo ", "cmd /c "),
        *("pwsh -c ", "iex ", "foreach ($p in 'a') {", "if exist x (", "else ", "for %%p in (a) do ", "cd a\n"),
        *("export X=", "f() {", "f\n", "@'\n", "'@\n", "<#", "#>", "rem ", "::", ":l\n", "exit\n"),
    ],
)
"""Pieces of three languages, and of none."""


@pytest.mark.parametrize("shell", Shell)
@given(pieces=st.lists(PIECES, max_size=30))
@settings(max_examples=100, deadline=None)
def test_no_text_raises(shell: Shell, pieces: list[str]):
    """A script is written by whoever wrote the repository."""
    text = "".join(pieces)

    found = commands(text, shell, lambda name: "a b" if name == "X" else None)

    assert all(0 <= word.start <= word.end <= len(text) for command in found for word in command.words)


@pytest.mark.parametrize("shell", [Shell.BASH, Shell.POWERSHELL, Shell.CMD])
def test_a_script_beyond_the_limit_is_one_unknown_command(shell: Shell):
    """Half a script would be read as if the other half did nothing."""
    text = "npm publish\n" * (LONGEST // 12 + 1)

    (command,) = commands(text, shell, lambda _: None)

    assert [(word.text, word.known) for word in command.words] == [("", False)]


@pytest.mark.parametrize("shell", [Shell.BASH, Shell.POWERSHELL, Shell.CMD])
def test_a_script_within_too_many_others_is_one_unknown_command(shell: Shell):
    """`cmd /c cmd /c cmd /c …` would end the interpreter's own stack."""
    found = nested("npm publish", shell, lambda _: None, DEEPEST)

    assert [(word.text, word.known) for command in found for word in command.words] == [("", False)]


@pytest.mark.parametrize("wrapper", ["cmd /c ", "pwsh -c ", "bash -c ", "sudo ", "eval "])
def test_nesting_without_end_is_survived(wrapper: str):
    """Each level costs stack, and a repository may ask for thousands."""
    found = commands(wrapper * (LONGEST // 16), Shell.BASH, lambda _: None)

    assert len(found) <= 1


def test_scripts_within_scripts_are_followed_to_a_depth():
    """What lies deeper is said to be unknown."""
    found = commands("eval " * 60 + "npm publish", Shell.BASH, lambda _: None)

    assert [(word.text, word.known) for command in found for word in command.words] == [("", False)]


def test_a_language_that_is_not_read_has_no_commands():
    """`shell: python` runs Python, in which `npm publish` is no statement."""
    assert commands("npm publish", Shell.OTHER, lambda _: None) == ()


def test_the_parser_is_not_loaded_before_a_script_is_read():
    """Its import takes 29 ms, and most checks never need it."""
    code = "import sys, preflight.readers.shell; print('tree_sitter' in sys.modules)"

    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert loaded.strip() == "False"
