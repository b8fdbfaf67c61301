"""The two doors: the fast one and Typer's."""

from __future__ import annotations

import pytest

from preflight.cli.app import slow
from preflight.cli.door import fast, forward
from preflight.cli.settings import COMMANDS, Given

PLAIN = [
    "check",
    "check .",
    "check packages/a",
    "plan",
    "plan --format json .",
    "check --format json",
    "check --format=json",
    "--format json check",
    "--format=json -q check sub",
    "check -q -q -v",
    "check --strict --fail-on warning",
    "check --select a,b --select c",
    "check --extend-select a --ignore b,c",
    "check --package @acme/core --package=x --repository acme/widgets",
    "check -o json=a.json -o markdown=b.md --output github=c",
    "check --show-ignored --no-ignores --no-annotations --ascii --no-progress --exit-zero",
    "check --config a.toml --color never",
    "check --no-config --color=always .",
    "-v check --quiet",
]
SLOW = [
    "",
    "--help",
    "--version",
    "check --help",
    "check --unknown",
    "check a b",
    "check --format",
    "check --format -q",
    "check -qv",
    "check -ojson=a",
    "check --strict=true",
    "check --",
    "chekc",
    "explain E422",
    "rules",
    "config show",
    "--unknown check",
    "--format json",
    "--format",
]


@pytest.mark.parametrize("line", PLAIN)
def test_both_doors_understand_the_same(line):
    """A plain command line must mean the same, however it is read."""
    words = line.split()

    assert fast(words) == slow(forward(words))[0]


@pytest.mark.parametrize("line", PLAIN)
def test_a_plain_line_goes_through_the_fast_door(line):
    """Typer costs 40 ms."""
    assert fast(line.split()) is not None


@pytest.mark.parametrize("line", SLOW)
def test_everything_else_is_left_to_typer(line):
    """It has the help and the complaints."""
    assert fast(line.split()) is None


def test_an_empty_root_is_left_to_typer():
    """It is no folder."""
    assert fast(["check", ""]) is None


@pytest.mark.parametrize(
    ("line", "given"),
    [
        ("explain E422 Failed", Given("explain", ("E422", "Failed"))),
        ("-q rules --format json", Given("rules", (), {"quiet": ("true",), "format": ("json",)})),
        ("config show", Given("config", ("show",))),
        (
            "--color never config show sub --strict",
            Given("config", ("show", "sub"), {"color": ("never",), "strict": ("true",)}),
        ),
        ("config schema --output plan", Given("config", ("schema", "plan"))),
        ("config schema", Given("config", ("schema", "config"))),
    ],
)
def test_the_other_commands(line, given):
    """Options may stand before or after the command."""
    assert slow(forward(line.split())) == (given, 0)


@pytest.mark.parametrize(
    ("line", "code", "shown"),
    [
        ("--version", 0, "preflight "),
        ("check --help", 0, "Examples:"),
        ("-h", 0, "Exit codes:"),
        ("chekc", 2, "Did you mean 'check'?"),
        ("-q chekc", 2, "Did you mean 'check'?"),
        ("--format json", 2, "Commands:"),
        ("--frmat json check", 2, "--frmat"),
        ("plan -h", 0, "full, json."),
        ("rules -h", 0, "full, concise, json."),
        ("check --strct", 2, "--strict"),
        ("check a b", 2, "b"),
        ("check --format", 2, "--format"),
    ],
)
def test_help_and_complaints(capsys, line, code, shown):
    """Usage is 2, help is 0, and neither runs anything."""
    given, ended = slow(forward(line.split()))

    said = capsys.readouterr()

    assert (given, ended, shown in said.out + said.err) == (None, code, True)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_is_in_the_help(capsys, command):
    """What cannot be found is not there."""
    slow([command, *(["show"] if command == "config" else []), "--help"])

    text = capsys.readouterr().out

    assert [name for option in COMMANDS[command] for name in option.names if name not in text] == []
