"""Scripts of cmd, idiom by idiom, each with the neighbours that run something else."""

from __future__ import annotations

import pytest

from preflight.readers.shell import Command, Shell, commands

SURROUNDINGS = {"GITHUB_WORKSPACE": "/w", "PWD": "/w/start", "TAG": "next"}


def read(text: str) -> tuple[Command, ...]:
    """Return the commands of a script in the usual surroundings."""
    return commands(text, Shell.CMD, SURROUNDINGS.get)


def spelt(command: Command) -> str:
    """Return the words of a command, separated by `·`, unknown ones behind a `?`."""
    return "·".join(word.text if word.known else f"?{word.text}" for word in command.words)


def ran(text: str, program: str) -> list[str]:
    """Return the commands of a script that begin with a program."""
    return [spelt(command) for command in read(text) if command.words[0].text == program]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("npm publish", id="alone"),
        pytest.param("@npm publish", id="silent"),
        pytest.param("a\r\nnpm publish\r\n", id="with the line ends of Windows"),
        pytest.param("a & npm publish", id="after another"),
        pytest.param("a && npm publish", id="after and"),
        pytest.param("a || npm publish", id="after or"),
        pytest.param("npm publish | more", id="into a pipe"),
        pytest.param("npm publish > log 2>&1", id="with redirects"),
        pytest.param("call npm publish", id="called"),
        pytest.param('start "" /b /wait npm publish', id="started"),
        pytest.param("npm ^\n  publish", id="continued"),
        pytest.param("npm ^\r\n  publish", id="continued with the line ends of Windows"),
        pytest.param("npm pub^lish", id="with an escape"),
        pytest.param('"npm" "publish"', id="in quotes"),
        pytest.param("(npm publish)", id="in parentheses"),
        pytest.param("if exist a npm publish", id="if a file exists"),
        pytest.param("if not defined a npm publish", id="if a variable is not set"),
        pytest.param("if errorlevel 1 npm publish", id="if the last one failed"),
        pytest.param('if /i "%a%"=="b" npm publish', id="if equal"),
        pytest.param("if a == b npm publish", id="if equal, with blanks"),
        pytest.param("if a== b npm publish", id="if equal, with one blank"),
        pytest.param("if %a% geq 1 npm publish", id="if greater"),
        pytest.param("if exist a (b) else npm publish", id="in else"),
        pytest.param("if exist a (\n  npm publish\n)", id="in a block"),
        pytest.param("if exist a (b) else (\n  npm publish\n)", id="in the block of else"),
        pytest.param("for %%p in (a b) do npm publish", id="in for"),
        pytest.param("for /f %%p in ('x') do (\n npm publish\n)", id="in the block of for"),
        pytest.param("cmd /c npm publish", id="by another cmd"),
        pytest.param('cmd /c "npm publish"', id="by another cmd, in quotes"),
        pytest.param("powershell -Command npm publish", id="by PowerShell"),
        pytest.param("echo npm publish| bash", id="echoed into bash"),
        pytest.param("if exist a exit /b 1\nnpm publish", id="after an exit that may not happen"),
        pytest.param("exit /b\n:next\nnpm publish", id="behind a label"),
        pytest.param("npm publish )", id="before a parenthesis too many"),
    ],
)
def test_a_command_is_found_wherever_it_stands(text: str):
    """A publish that is not seen is a release that is not judged."""
    assert ran(text, "npm") in (["npm·publish"], ["npm·publish·)"])


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("rem npm publish", id="a remark"),
        pytest.param("REM", id="an empty remark"),
        pytest.param(":: npm publish", id="a comment"),
        pytest.param(":npm publish", id="a label"),
        pytest.param("echo npm publish", id="echoed"),
        pytest.param("echo a^&npm publish", id="behind an escaped sign"),
        pytest.param('echo "a & npm publish"', id="in quotes"),
        pytest.param("exit /b 0\nnpm publish", id="after an exit"),
        pytest.param("goto :eof\nnpm publish", id="after a jump"),
        pytest.param("(exit)\nnpm publish", id="after an exit in parentheses"),
        pytest.param("for %%p in (npm publish) do a", id="the words of a loop"),
        pytest.param("if exist npm", id="a condition without a command"),
        pytest.param("else", id="a branch without a command"),
        pytest.param("start /b", id="nothing to start"),
    ],
)
def test_what_only_looks_like_a_command_is_none(text: str):
    """A finding about a comment would cost the tool its credit."""
    assert ran(text, "npm") == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("x %TAG%", "x·next", id="from the surroundings"),
        pytest.param("x %tag% !TAG!", "x·next·next", id="in any case"),
        pytest.param("set A=b\nx %A%", "x·b", id="set"),
        pytest.param('set "A=b c"\nx %A% "%A%"', "x·b·c·b c", id="split, and not in quotes"),
        pytest.param('set "A= b "\nx a%A%c', "x·a·b·c", id="split beside other text"),
        pytest.param("set A=\nx %A% c", "x·c", id="empty"),
        pytest.param("set A=%NO%\nx %A%", "x·?%A%", id="set to what is not known"),
        pytest.param("set /p A=?\nx %A%", "x·?%A%", id="asked for"),
        pytest.param("if exist a set A=b\nx %A%", "x·?%A%", id="perhaps"),
        pytest.param("x %NO% %1 %%p %~dp0", "x·?%NO%·?%1·?%%p·?%~dp0", id="unknown"),
        pytest.param("x 100% wow!", "x·100%·wow!", id="signs that mean nothing"),
        pytest.param("x %CD%", "x·/w/start", id="the folder"),
        pytest.param("x a)", "x·a)", id="a parenthesis"),
        pytest.param('x ""', "x·", id="empty quotes"),
        pytest.param("x a 2>b", "x·a", id="a redirect"),
    ],
)
def test_words_are_what_the_program_receives(text: str, words: str):
    """`--tag %TAG%` says something only once the tag is known."""
    assert ran(text, "x") == [words]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("cd a\nnpm b", ["a"], id="cd"),
        pytest.param("cd /d a\\b && npm b", ["a/b"], id="cd across drives"),
        pytest.param("cd\nnpm b", ["."], id="only asked"),
        pytest.param("pushd a\nnpm b\npopd\nnpm b", ["a", "."], id="there and back"),
        pytest.param("popd\nnpm b", [None], id="back to what is not known"),
        pytest.param("cd %NO%\nnpm b", [None], id="unknown"),
        pytest.param("cd D:\\a\nnpm b", [None], id="outside"),
        pytest.param("if exist a cd a\nnpm b", [None], id="perhaps"),
        pytest.param("if exist a (\ncd a\nnpm b\n)\nnpm b", ["a", None], id="perhaps, in a block"),
        pytest.param("(cd a)\nnpm b", ["a"], id="in parentheses"),
        pytest.param("cmd /c cd a\nnpm b", ["."], id="in another cmd"),
    ],
)
def test_a_command_runs_where_the_last_cd_led(text: str, found: list[str | None]):
    """The folder decides which package is published."""
    assert [command.cwd for command in read(text) if command.words[0].text == "npm"] == found


def test_a_command_has_the_environment_that_was_set():
    """`set` writes into the environment at once."""
    (command,) = (command for command in read("set A=b\nset C=%NO%\nnpm x") if command.words[0].text == "npm")

    assert [(name, word.text, word.known) for name, word in command.env] == [("A", "b", True), ("C", "%NO%", False)]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("echo A=b>> %GITHUB_ENV%", id="behind the command"),
        pytest.param(">> %GITHUB_ENV% echo A=b", id="before the command"),
    ],
)
def test_a_command_has_its_redirects(text: str):
    """A line written to `%GITHUB_ENV%` is a setting."""
    (command,) = read(text)

    assert (spelt(command), [(each.operator, each.target.text) for each in command.redirects]) == (
        "echo·A=b",
        [(">>", "%GITHUB_ENV%")],
    )


def test_a_command_knows_its_place():
    """A finding points at the command."""
    text = 'if exist a (npm publish "b")'

    (command,) = (command for command in read(text) if command.words[0].text == "npm")

    assert text[command.start : command.end] == 'npm publish "b"'


def test_what_costs_too_much_is_unknown():
    """A value may make every line as long as the longest value."""
    found = read(f"set X={'a' * 4000}\n" + "cmd /c echo %X%\n" * 2000)

    assert spelt(found[-1]) == "?"


def test_parentheses_without_end_are_survived():
    """A pull request may bring any script."""
    assert ran("if a==b (" * 5000 + "npm publish", "npm") == ["npm·publish"]
