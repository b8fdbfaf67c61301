"""Programs of Node.js, idiom by idiom, each with the neighbours that start something else."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from preflight.readers.javascript import LONGEST, commands_in
from preflight.readers.javascript_tokens import tokens

if TYPE_CHECKING:
    from preflight.readers.shell import Command


def spelt(command: Command) -> str:
    """Return the words of a command, separated by `·`, unknown ones behind a `?`."""
    return "·".join(word.text if word.known else f"?{word.text}" for word in command.words)


def ran(text: str) -> list[str]:
    """Return the commands that a program starts."""
    return [spelt(command) for command in commands_in(text)]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("execSync('npm publish')", id="execSync"),
        pytest.param('child_process.exec("npm publish", done)', id="exec"),
        pytest.param("await promisify(x); await execAsync('npm publish')", id="a promise"),
        pytest.param("cp.execSync(`npm publish`, { stdio: 'inherit' })", id="a template"),
        pytest.param("spawn('npm', ['publish'])", id="spawn"),
        pytest.param("spawnSync('npm', ['publish'], { shell: true })", id="spawnSync"),
        pytest.param("execFileSync('npm', ['publish',])", id="execFileSync"),
        pytest.param("await execa('npm', ['publish'])", id="execa"),
        pytest.param("await execa.sync('npm', ['publish'])", id="execa.sync"),
        pytest.param("await execaCommand('npm publish')", id="execaCommand"),
        pytest.param("await $`npm publish`", id="zx"),
        pytest.param("await Bun.$`npm publish`", id="Bun's shell"),
        pytest.param("$.sync`npm publish`", id="zx at once"),
        pytest.param("Bun.spawn(['npm', 'publish'])", id="Bun"),
        pytest.param("Bun.spawn({ cmd: ['npm', 'publish'] })", id="Bun with an object"),
        pytest.param("new Deno.Command('npm', { args: ['publish'] })", id="Deno"),
        pytest.param("await x('npm', ['publish'])", id="tinyexec"),
        pytest.param("shell.exec('npm publish')", id="shelljs"),
        pytest.param("await exec.exec('npm publish')", id="@actions/exec"),
        pytest.param("await exec.getExecOutput('npm', ['publish'])", id="@actions/exec with output"),
        pytest.param("run('npm publish')", id="a wrapper"),
        pytest.param("run('npm', 'publish')", id="a wrapper with strings"),
        pytest.param("this.run('npm publish')", id="a method"),
        pytest.param("await runCommand('npm', ['publish'])", id="a wrapper with arguments"),
        pytest.param("const c = 'npm publish'\nexecSync(c)", id="a constant"),
        pytest.param("const a = ['publish'];\nspawnSync('npm', a)", id="arguments in a constant"),
        pytest.param("const a = [];\na.push('publish');\nspawnSync('npm', a)", id="arguments pushed"),
        pytest.param("const p = 'npm', s = 'publish';\nexeca(p, [s])", id="words in constants"),
        pytest.param("const s = 'publish';\nexecSync(`npm ${s}`)", id="a hole with a constant"),
        pytest.param("if (/['\"]/.test(a)) execSync('npm publish')", id="after a regular expression"),
        pytest.param("const b = c / 2; execSync('npm publish') / 1", id="among divisions"),
        pytest.param("const t = `a ${f(`b ${'}'} `)} c`; execSync('npm publish')", id="after nested templates"),
        pytest.param("const b = 4 / 2 / '1' / 1; execSync('npm publish')", id="among divisions of numbers"),
        pytest.param("const s = 'it\\'s'; execSync('npm publish')", id="after an escaped quote"),
        pytest.param("execSync('npm \\x70\\u0075\\u{62}lish')", id="with escapes"),
        pytest.param("#!/usr/bin/env node\nexecSync('npm publish')", id="after a first line for the system"),
        pytest.param("function f(run) {}\nrun('npm publish')", id="beside a parameter of that name"),
        pytest.param("execSync('sudo npm publish')", id="in a wrapper"),
        pytest.param("execSync ('npm publish')", id="with a blank"),
    ],
)
def test_a_started_command_is_found(text: str):
    """A publish that a script starts is a publish."""
    assert ran(text) == ["npm·publish"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("// execSync('npm publish')", id="a comment"),
        pytest.param("/* execSync('npm publish') */", id="a long comment"),
        pytest.param("/* execSync('npm publish')", id="a comment without an end"),
        pytest.param("console.log('npm publish')", id="a message"),
        pytest.param("const help = \"execSync('npm publish')\"", id="a string"),
        pytest.param("const help = `execSync('npm publish')`", id="a template"),
        pytest.param("const r = /execSync('npm publish')/", id="a regular expression"),
        pytest.param("/npm/.exec('npm publish')", id="a search"),
        pytest.param("pattern.exec('npm publish')", id="a search by name"),
        pytest.param("describe('npm publish', () => {})", id="a test"),
        pytest.param("function run(command = 'npm publish') {}", id="a function's definition"),
        pytest.param("class A { async exec ([a]) { } }", id="a method's definition"),
        pytest.param("execSync(command)", id="an unknown command"),
        pytest.param("const c = 'npm publish';\nfunction f(c) { execSync(c) }", id="a parameter"),
        pytest.param("const c = 'npm publish';\nconst f = c => execSync(c)", id="a parameter of an arrow"),
        pytest.param("let c = 'npm publish'; c = 'a'; execSync(c)", id="a variable with two values"),
        pytest.param("let c = 'npm'; c += ' publish'; execSync(c)", id="a variable that grows"),
        pytest.param("a.c = 'npm publish'; execSync(c)", id="a property"),
        pytest.param("const c = 'npm publish' + d; execSync(c)", id="a sum"),
        pytest.param("execSync('a' + b)", id="a sum as an argument"),
        pytest.param("execSync()", id="nothing"),
        pytest.param("execSync('')", id="an empty command"),
        pytest.param("execSync(", id="an end that is missing"),
        pytest.param("execSync", id="a name alone"),
        pytest.param("a['run']('npm publish')", id="a name in brackets"),
        pytest.param("''.run('npm publish')", id="a method of a string"),
        pytest.param("prun('npm publish'); running('npm publish')", id="names that only look alike"),
        pytest.param("", id="an empty program"),
    ],
)
def test_what_only_looks_like_a_start_is_none(text: str):
    """A finding about a message would cost the tool its credit."""
    assert ran(text) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("run(`x ${a}`)", "x·?${a}", id="a hole"),
        pytest.param("run(`x --a=${a.b('c')}-d`)", "x·?--a=${a.b('c')}-d", id="a hole in a word"),
        pytest.param("run(`x ${f(`a`)} ${{a: '}'}} ${\"}\"}`)", "x·?${f(`a`)}·?${{a: '}'}}·?${\"}\"}", id="deep holes"),
        pytest.param("run(`x \\${a} b\\t${c.d}`)", "x·?${a}·b·?${___}", id="escapes"),
        pytest.param("const a = 'b'; run(`x ${a} ${c}`)", "x·b·?${c}", id="a hole that is known and one that is not"),
        pytest.param("run('x', ['a', b, 1, `c`, `d${e}`])", "x·a·?b·1·c·?`d${e}`", id="elements"),
        pytest.param("const b = 'c'; run('x', [`a${b}`])", "x·ac", id="an element with a hole"),
        pytest.param("run('x', ['a', ...(b ? ['--c'] : ['--d'])])", "x·a·?--c·?--d", id="one of two"),
        pytest.param("run('x', [b ? '--c' : '--d', e && '--f'])", "x·?--c·?--d·?--f", id="perhaps"),
        pytest.param("run('x', [b === 'e' ? '--c' : ''])", "x·?--c·?", id="what is compared is no word"),
        pytest.param("run('x', [...a, a + 'b'])", "x·?...a·?a + 'b'", id="what is not known"),
        pytest.param("run('x', args)", "x·?args", id="unknown arguments"),
        pytest.param("run('x', options)", "x", id="options"),
        pytest.param("let args = ['a']; args = f(); run('x', args)", "x·?args", id="arguments with two values"),
        pytest.param("const a = ['b'];\na.push('c', 'd')\nrun('x', a)", "x·b·c·d", id="pushed"),
        pytest.param("const a = ['b'];\nif (c) a.push('d')\nrun('x', a)", "x·b·?d", id="perhaps pushed"),
        pytest.param("const a = ['b'];\nif (c) { a.push('d') }\nrun('x', a)", "x·b·?d", id="perhaps pushed in a block"),
        pytest.param("const a = ['b'];\nc && a.push('d')\nrun('x', a)", "x·b·?d", id="perhaps pushed in a line"),
        pytest.param("const a = ['b'];\nrun('x', a)\na.push('c')", "x·b", id="pushed too late"),
        pytest.param("run('x a', ['b'])", "x·a·b", id="a line with arguments"),
        pytest.param("run('x \"a b\"', ['c'])", "x·a b·c", id="a line with quotes and arguments"),
        pytest.param("run('A=b x')", "x", id="a line with a variable"),
        pytest.param('run(`x "${a} b"`)', "x·?${a} b", id="a hole in quotes"),
        pytest.param("run('x', 'a', {}, 'b')", "x·a", id="strings as far as they go"),
    ],
)
def test_words_are_known_or_not(text: str, words: str):
    """`--provenance` pushed under a condition is not certain to be there."""
    assert ran(text) == [words]


def test_a_line_may_hold_several_commands():
    """`cd x && npm publish` runs in `x`."""
    found = commands_in("execSync('cd a && npm publish > b', { cwd: 'c' })")

    assert [(spelt(each), each.cwd, len(each.redirects)) for each in found] == [
        ("cd·a", "c", 0),
        ("npm·publish", "c/a", 1),
    ]


@pytest.mark.parametrize(
    ("text", "cwd"),
    [
        pytest.param("run('x')", ".", id="nothing"),
        pytest.param("run('x', { cwd: 'a/b' })", "a/b", id="an option"),
        pytest.param("run('x', ['y'], { cwd: '../a' })", "../a", id="an option behind arguments"),
        pytest.param("const cwd = 'a'; run('x', { stdio, cwd })", "a", id="a constant of the same name"),
        pytest.param("run('x', { cwd })", None, id="a variable of the same name"),
        pytest.param("run('x', { cwd: dir })", None, id="a variable"),
        pytest.param("run('x', { cwd: join(a, 'b') })", None, id="a joined path"),
        pytest.param("run('x', { cwd: process.cwd() })", ".", id="where it is"),
        pytest.param("process.chdir('a'); run('x')", "a", id="changed before"),
        pytest.param("cd('a'); run('x', { cwd: 'b' })", "a/b", id="changed before, and an option"),
        pytest.param("if (a) { process.chdir('a') }\nrun('x')", None, id="perhaps changed"),
        pytest.param("process.chdir(a); run('x')", None, id="changed to what is not known"),
        pytest.param("run('cd \"a\" && y'); run('x')", ".", id="changed by another shell"),
        pytest.param("cd('a'); run('sudo -D b x \"\"')", "a/b", id="changed by a wrapper"),
    ],
)
def test_a_command_runs_where_the_options_say(text: str, cwd: str | None):
    """The folder decides which package is published."""
    assert [command.cwd for command in commands_in(text) if command.words[0].text == "x"] == [cwd]


@pytest.mark.parametrize(
    ("text", "env"),
    [
        pytest.param("run('x', { env: { ...process.env, A: 'b' } })", "A=b", id="an option"),
        pytest.param("run('x', { env: { A: b, C: d() } })", "A=?b C=?d()", id="unknown values"),
        pytest.param("run('x', { env: process.env })", "", id="the same environment"),
        pytest.param("process.env.A = 'b'; run('x')", "A=b", id="set before"),
        pytest.param("process.env['A'] = 'b'; run('x')", "A=b", id="set before in brackets"),
        pytest.param("if (c) { process.env.A = 'b' }\nrun('x')", "A=?b", id="perhaps set"),
        pytest.param("process.env.A = c; run('x')", "A=?c", id="set to what is not known"),
        pytest.param("if (process.env.A === 'b') run('x')", "", id="compared"),
        pytest.param("other.env.A = 'b'; run('x')", "", id="of something else"),
        pytest.param("run('A=b x', { env: { C: 'd' } })", "C=d A=b", id="in the line"),
        pytest.param("run('cross-env A=b x')", "A=b", id="by a wrapper"),
        pytest.param("process.env.A", "", id="read"),
    ],
)
def test_a_command_has_the_environment_that_was_set(text: str, env: str):
    """`env: { NPM_CONFIG_PROVENANCE: 'true' }` turns provenance on."""
    found = [
        " ".join(f"{name}={'' if word.known else '?'}{word.text}" for name, word in command.env)
        for command in commands_in(text)
    ]

    assert "".join(found) == env


@pytest.mark.parametrize(
    ("text", "spelling"),
    [
        pytest.param("a(); run('npm publish')", "npm publish", id="a line"),
        pytest.param("run(`npm ${a}`)", "npm ${a}", id="a template"),
        pytest.param("run('npm \"a\"')", 'npm "a"', id="a line with quotes"),
        pytest.param("run('npm \\'a\\'')", "npm \\'a\\'", id="a line with escapes"),
        pytest.param("run('npm', ['a'])", "'npm', ['a'", id="arguments"),
        pytest.param("const a = ['b'];\nrun('npm', a)", "'npm'", id="arguments from elsewhere"),
        pytest.param("const c = 'npm a'; run(c)", "c", id="a constant"),
    ],
)
def test_a_command_knows_its_place(text: str, spelling: str):
    """A finding points at the call."""
    (command,) = commands_in(text)

    assert text[command.start : command.end] in {spelling, spelling.strip("'"), spelling.removeprefix("'")}


@given(
    st.lists(
        st.sampled_from(
            [
                *"a(){}[]'\"`/\\*=.,;:?<>&|!\n 0é\ud800",
                *(
                    "run(",
                    "${",
                    "const a = ",
                    "a.push(",
                    "...",
                    "=>",
                    "cwd:",
                    "env:{",
                    "process.env.A=",
                    "//",
                    "/*",
                    "*/",
                ),
                *("npm publish", "function f(", "return ", "cd(", "$`", "x = [", "\\u{110000}", "\\x4"),
            ],
        ),
        max_size=40,
    ),
)
@settings(max_examples=300, deadline=None)
def test_no_text_raises(pieces: list[str]):
    """A program is written by whoever wrote the repository."""
    text = "".join(pieces)

    found = commands_in(text)

    assert all(0 <= word.start <= word.end <= len(text) for command in found for word in command.words)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("=/[" * 40000, id="regular expressions without an end"),
        pytest.param("`${" * 40000, id="templates without an end"),
        pytest.param("run(" * 30000, id="calls without an end"),
        pytest.param("run([" * 10000 + "])" * 10000, id="calls in calls"),
        pytest.param("const a = [];" + "a.push('b');" * 5000 + "run('x', a);" * 3000, id="many pushes"),
        pytest.param("'" * 100000, id="quotes"),
        pytest.param("/* " * 40000, id="comments"),
        pytest.param("const a=`" + "${a}" * 20000 + "`; run(a)", id="many holes"),
    ],
)
def test_hostile_programs_end_soon(text: str):
    """A pull request may bring any program, and a check must end."""
    start = time.process_time()

    commands_in(text)

    assert time.process_time() - start < 5


def test_a_program_beyond_the_limit_is_not_read():
    """Bundles of a megabyte start no release."""
    assert ran("run('npm publish');" + " " * LONGEST) == []


def test_tokens_know_their_depth():
    """What stands in a block may not run."""
    found = tokens("a { b } c")

    assert [(token.text, token.depth) for token in found if token.kind == "name"] == [("a", 0), ("b", 1), ("c", 0)]


def test_a_hole_at_the_end_of_a_file_keeps_its_length():
    """Every command keeps its place, or the finding points beyond the file."""
    (command,) = [each for each in commands_in("run(`npm publish ${") if each.words] or [None]

    assert command is None or command.words[-1].end <= len("run(`npm publish ${")
