"""Scripts of PowerShell, idiom by idiom, each with the neighbours that run something else."""

from __future__ import annotations

import pytest

from preflight.readers.shell import Command, Shell, commands

SURROUNDINGS = {"GITHUB_WORKSPACE": "/w", "PWD": "/w/start", "0": "scripts/release.ps1", "TAG": "next", "____": "hole"}


def read(text: str) -> tuple[Command, ...]:
    """Return the commands of a script in the usual surroundings."""
    return commands(text, Shell.POWERSHELL, SURROUNDINGS.get)


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
        pytest.param("a; npm publish", id="after a semicolon"),
        pytest.param("a\r\nnpm publish\r\n", id="with the line ends of Windows"),
        pytest.param("a && npm publish", id="after and"),
        pytest.param("a || npm publish", id="after or"),
        pytest.param("npm publish | Out-Null", id="into a pipe"),
        pytest.param("a |\n npm publish", id="out of a pipe"),
        pytest.param("npm publish 2>&1", id="with its errors redirected"),
        pytest.param("& npm publish", id="called"),
        pytest.param("& 'npm' publish", id="called in quotes"),
        pytest.param(". npm publish", id="called in this scope"),
        pytest.param("$c = 'npm'; & $c publish", id="called by a variable"),
        pytest.param("npm `\n  publish", id="continued"),
        pytest.param("npm `\r\n  publish", id="continued with the line ends of Windows"),
        pytest.param("`\nnpm pub`lish", id="with an escape"),
        pytest.param("npm 'publish' # now", id="before a comment"),
        pytest.param("npm <# now #> publish", id="around a comment"),
        pytest.param('npm "publish"', id="in quotes"),
        pytest.param("if ($a) { npm publish }", id="in if"),
        pytest.param("if ($a)\n{\n npm publish\n}", id="in if, spread over lines"),
        pytest.param("if ($a) { b } elseif ($c) { npm publish }", id="in elseif"),
        pytest.param("if ($a) { b }\nelse { npm publish }", id="in else"),
        pytest.param("if (npm publish) { b }", id="in a condition"),
        pytest.param("foreach ($p in $list) { npm publish }", id="in foreach"),
        pytest.param("foreach ($p in (npm publish)) { a }", id="in the list of foreach"),
        pytest.param("foreach ($p in 'a', 'b') { npm publish }", id="in foreach over words"),
        pytest.param("for ($i = 0; $i -lt 3; $i++) { npm publish }", id="in for"),
        pytest.param("while ($true) { npm publish }", id="in while"),
        pytest.param("do { npm publish } until ($ok)", id="in do"),
        pytest.param("switch ($a) { 'x' { npm publish } }", id="in switch"),
        pytest.param("try { npm publish } catch { a } finally { b }", id="in try"),
        pytest.param("try { a } catch [IO.Error] { npm publish }", id="in catch"),
        pytest.param("function f { npm publish }", id="in a function"),
        pytest.param("param($a = (npm publish))", id="in a parameter"),
        pytest.param("dir | ForEach-Object { npm publish }", id="in a script block"),
        pytest.param("$v = npm publish", id="in an assignment"),
        pytest.param("$v = (npm publish).Trim()", id="in parentheses"),
        pytest.param("$v = @(npm publish)", id="in an array"),
        pytest.param('"v: $(npm publish)"', id="in a string"),
        pytest.param("a $(npm publish)", id="in a subexpression"),
        pytest.param('@"\n$(npm publish)\n"@ | a', id="in a here-string"),
        pytest.param("[void](npm publish)", id="behind a type"),
        pytest.param("iex 'npm publish'", id="evaluated"),
        pytest.param('Invoke-Expression -Command "npm publish"', id="evaluated by its long name"),
        pytest.param("Start-Process npm -ArgumentList 'publish' -Wait", id="as a process"),
        pytest.param("Start-Process -FilePath npm publish", id="as a process, by parameters"),
        pytest.param("cmd /c 'npm publish'", id="by cmd"),
        pytest.param("bash -c 'npm publish'", id="by bash"),
        pytest.param("'npm publish' | bash", id="written into bash"),
        pytest.param("x && exit 0; npm publish", id="after an exit"),
        pytest.param("if ($a) { exit 1 }\nnpm publish", id="after a branch that exits"),
        pytest.param("npm publish &", id="in the background"),
        pytest.param("npm publish }", id="before a bracket too many"),
        pytest.param("if ($a) { npm publish", id="before a bracket that is missing"),
    ],
)
def test_a_command_is_found_wherever_it_stands(text: str):
    """A publish that is not seen is a release that is not judged."""
    found = [words for words in ran(text, "npm") if "publish" in words]

    assert found == ["npm·publish"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("# npm publish", id="a comment"),
        pytest.param("<# npm publish\nnpm publish #>", id="a long comment"),
        pytest.param("<# npm publish", id="a comment without an end"),
        pytest.param('"npm publish"', id="a string"),
        pytest.param("'npm publish'", id="a raw string"),
        pytest.param("'npm publish", id="a string without an end"),
        pytest.param('Write-Host "npm publish"', id="written"),
        pytest.param("Write-Host npm publish", id="written without quotes"),
        pytest.param("$v = 'npm publish'", id="assigned"),
        pytest.param("@'\nnpm publish\n'@ | Out-File x.ps1", id="a here-string"),
        pytest.param('@"\nnpm publish\n"@', id="a here-string with values"),
        pytest.param("@'\nnpm publish", id="a here-string without an end"),
        pytest.param("@{ a = 'npm publish' }", id="a table"),
        pytest.param("1 + 2; [int]'3'", id="numbers and types"),
        pytest.param("exit 0\nnpm publish", id="after an exit"),
        pytest.param("throw 'a'\nnpm publish", id="after an error"),
        pytest.param("if ($a) { return; npm publish }", id="after a return"),
        pytest.param("foreach ($p in 'a", id="a loop that ends in a string"),
        pytest.param("> b", id="a redirect alone"),
        pytest.param("Start-Process; start -Wait", id="nothing to start"),
        pytest.param("foreach ($p in 'a') x", id="a loop without a body"),
    ],
)
def test_what_only_looks_like_a_command_is_none(text: str):
    """A finding about a string would cost the tool its credit."""
    assert ran(text, "npm") == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("$a = 'b c'; x $a", "x·b c", id="a variable is one word"),
        pytest.param('$a = "b"; x "$a-${a}"', "x·b-b", id="within quotes"),
        pytest.param('$a = "b`n`$c"; x $a', "x·b\n$c", id="with escapes"),
        pytest.param("$a = 'it''s'; x $a", "x·it's", id="a doubled quote"),
        pytest.param('x "say ""hi"""', 'x·say "hi"', id="doubled quotes"),
        pytest.param("$a = $b; x $a", "x·?$a", id="an unknown value"),
        pytest.param("$a = 'b' + 'c'; x $a", "x·?$a", id="a sum"),
        pytest.param("$a = 'b'; $a += 'c'; x $a", "x·?$a", id="appended"),
        pytest.param("${a b} = 'c'; x ${a b}", "x·c", id="a name in braces"),
        pytest.param("$a = @'\nb\n'@; x $a", "x·b", id="a here-string"),
        pytest.param('$b = 1; $a = @"\n$TAG\n"@; x $a', "x·next", id="a here-string with values"),
        pytest.param("if ($b) { $a = 'c' }; x $a", "x·?$a", id="perhaps"),
        pytest.param("$a = 'c'; if ($b) { $a = 'd' }; x $a", "x·?$a", id="perhaps another"),
        pytest.param("x $env:TAG", "x·next", id="from the environment"),
        pytest.param("x $Env:tag", "x·next", id="in any case"),
        pytest.param("$env:A = 'b'; x $env:a", "x·b", id="set in the environment"),
        pytest.param("x $____", "x·hole", id="a hole"),
        pytest.param("x $true $script:a", "x·True·?$script:a", id="constants and scopes"),
        pytest.param("x $a.b $a[0] $a", "x·?$a.b·?$a[0]·?$a", id="members"),
        pytest.param("x $pwd/a $PSScriptRoot", "x·/w/start/a·scripts", id="folders"),
        pytest.param("x --tag=$a --b", "x·?--tag=$a·--b", id="in part"),
        pytest.param("x $(y) @(z) {w}", "x·?$(…)·?@(…)·?{", id="subexpressions"),
        pytest.param("x $ a@b @c 5$", "x·$·a@b·@c·5$", id="signs that mean nothing"),
        pytest.param("x a>b", "x·a", id="a redirect"),
        pytest.param("x 'a", "x·a", id="a quote without an end"),
    ],
)
def test_words_are_what_the_program_receives(text: str, words: str):
    """`--tag $tag` says something only once the tag is known."""
    assert ran(text, "x") == [words]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("cd a; npm b", ["a"], id="cd"),
        pytest.param("Set-Location -Path a\\b; npm b", ["a/b"], id="Set-Location"),
        pytest.param("Push-Location a; npm b; Pop-Location; npm b", ["a", "."], id="there and back"),
        pytest.param("popd; npm b", [None], id="back to what is not known"),
        pytest.param("cd C:\\a; npm b", [None], id="outside"),
        pytest.param("cd; npm b", [None], id="nowhere"),
        pytest.param("cd $x; npm b", [None], id="unknown"),
        pytest.param("cd $env:GITHUB_WORKSPACE/a; npm b", ["/a"], id="from the root"),
        pytest.param("env -C a npm b", ["a"], id="by a wrapper"),
        pytest.param("if ($x) { cd a }; npm b", [None], id="perhaps"),
        pytest.param("foreach ($p in 'a', \"b\") { cd $p; npm b; cd .. }", ["a", "b"], id="each of a loop's words"),
        pytest.param("foreach ($p in @('a')) { cd $p; npm b }", ["a"], id="an array"),
        pytest.param("foreach ($p in dir) { cd $p; npm b }", [None], id="unknown words"),
        pytest.param("try { cd a } finally { npm b }", ["a"], id="what surely runs"),
        pytest.param("bash -c 'cd a; npm b'; npm b", ["a", "."], id="another shell"),
    ],
)
def test_a_command_runs_where_the_last_cd_led(text: str, found: list[str | None]):
    """The folder decides which package is published."""
    assert [command.cwd for command in read(text) if command.words[0].text == "npm"] == found


@pytest.mark.parametrize(
    ("text", "env"),
    [
        pytest.param("$env:A = 'b'; npm x", [("A", "b", True)], id="set"),
        pytest.param("$env:A = $b; npm x", [("A", "$b", False)], id="set to what is not known"),
        pytest.param("$env:A = y; npm x", [("A", "y", False)], id="set to what a command prints"),
        pytest.param("${env:A} = 'b'; npm x", [("A", "b", True)], id="set in braces"),
        pytest.param("$env:A = 'b'; Remove-Item Env:\\A; npm x", [("A", "", True)], id="removed"),
        pytest.param("rm a; npm x", [], id="a file removed"),
    ],
)
def test_a_command_has_the_environment_that_was_set(text: str, env: list[tuple[str, str, bool]]):
    """`$env:NPM_CONFIG_PROVENANCE = 'true'` holds for what follows."""
    command = read(text)[-1]

    assert [(name, word.text, word.known) for name, word in command.env] == env


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('"A=b" >> $env:GITHUB_ENV', id="a string"),
        pytest.param("echo A=b >> $env:GITHUB_ENV", id="an echo"),
    ],
)
def test_a_string_sent_to_a_file_is_an_echo(text: str):
    """This is how a setting gets into `$GITHUB_ENV` in PowerShell."""
    (command,) = read(text)

    assert (spelt(command), [each.target.text for each in command.redirects]) == ("echo·A=b", ["$env:GITHUB_ENV"])


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("'a' | x", id="a string"),
        pytest.param("echo a | x", id="an echo"),
        pytest.param("Write-Output a | x", id="a written one"),
    ],
)
def test_a_command_has_the_text_that_is_piped_into_it(text: str):
    """`'…' | Out-File .npmrc` writes a setting."""
    (stdin,) = (command.stdin for command in read(text) if command.words[0].text == "x")

    assert (stdin or "").rstrip("\n") == "a"


def test_a_command_knows_its_place():
    """A finding points at the command."""
    text = "if ($a) { npm publish 'b' }"

    (command,) = (command for command in read(text) if command.words[0].text == "npm")

    assert text[command.start : command.end] == "npm publish 'b'"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("foreach ($a in 'b','c') {" * 40 + "x", id="loops in loops"),
        pytest.param("foreach ($a in " * 4000, id="loops without an end"),
        pytest.param("(" * 60000, id="parentheses"),
        pytest.param("@{" * 30000, id="tables"),
        pytest.param("foreach ($a in 'b','c') { " + "x; " * 20000 + "}", id="a long body"),
    ],
)
def test_hostile_scripts_end(text: str):
    """A pull request may bring any script; what is not read is said to be unknown."""
    assert all(isinstance(command, Command) for command in read(text))
