"""Simple commands of bash: their words, what they stand for, and the scripts that they run in turn."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from preflight.readers.bash_assignments import assign, value
from preflight.readers.bash_builtins import apply
from preflight.readers.bash_redirects import REDIRECTS, Plumbing, redirect
from preflight.readers.bash_words import WORDS
from preflight.readers.nested import carried
from preflight.readers.scope import Scope, joined
from preflight.readers.shell import DEEPEST, LONGEST, Command, Redirect, Shell, Word, unread
from preflight.readers.wrappers import program, unwrap

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Node

    from preflight.readers.bash import Run
    from preflight.readers.wrappers import Inner

Settings = tuple[tuple[str, Word], ...]
"""Names of variables with their values."""


class Flow(IntEnum):
    """How a statement leaves its surroundings; the higher, the farther."""

    ON = 0
    NEXT = 1
    """On with the next turn of the loop."""
    LEAVES = 2
    """Out of the loop or function."""
    ENDS = 3
    """Out of the script."""


def simple(run: Run, node: Node, plumbing: Plumbing) -> Flow:
    """Run a node of the kind `command`."""
    words, start = run.words, node.start_byte
    prefix: list[Node] = []
    found: list[Word] = []
    given = Plumbing(plumbing.redirects, plumbing.stdin)
    given.place = plumbing.place
    for child in node.children:
        kind = child.type
        if prefix and not found and kind != "comment":
            between = words.tree.text[prefix[-1].end_byte : child.start_byte]
            if "\n" in between.replace("\\\n", ""):
                # The grammar joins lines of assignments with the command that follows them.
                for assignment in prefix:
                    assign(words, assignment)
                prefix, start = [], child.start_byte
        if kind == "variable_assignment":
            prefix.append(child)
        elif kind == "command_name" or kind in WORDS:
            found += words.fields(child)
        elif kind in REDIRECTS:
            redirect(words, child, given)
        elif kind == "ERROR":
            found += [word for part in child.children if part.type in WORDS for word in words.fields(part)]
        elif kind == "subshell":
            run.substitute(child)
        elif not child.is_named and kind != "$":
            found.append(Word(words.tree.spelling(child), child.start_byte, child.end_byte))
    env = tuple(value(words, assignment) for assignment in prefix)
    return emit(run, (*found, *given.arguments, *plumbing.arguments), (start, node.end_byte), given, env)


def emit(
    run: Run,
    words: tuple[Word, ...],
    place: tuple[int, int],
    plumbing: Plumbing,
    env: Settings = (),
) -> Flow:
    """Record the command that words make, or go through what it stands for: a function, a wrapper, a script."""
    if not words:
        return Flow.ON
    inner, scope = unwrap(words), run.words.scope
    exported: Settings = (*scope.env.items(), *env, *inner.env) if scope.env or env or inner.env else ()
    called = inner.words[0].text if inner.words and inner.words[0].known else ""
    if called in run.functions and called not in run.active:
        _call(run, inner.words, (*env, *inner.env))
        return run.left
    cwd = scope.cwd
    if inner.folder is not None:
        cwd = joined(cwd, inner.folder.text if inner.folder.known else None, run.surroundings)
    command = Command(
        inner.words,
        *place,
        cwd=None if inner.somewhere else cwd,
        env=exported,
        redirects=plumbing.redirects + run.redirects,
        stdin=plumbing.stdin,
    )
    replaced = words[0].text == "exec" and len(words) > 1
    if inner.script is not None:
        _nested(run, inner.script, command, inner)
        return Flow.ENDS if replaced else Flow.ON
    if inner.reads_stdin and plumbing.stdin is not None:
        _nested(run, Word(plumbing.stdin, *(plumbing.place or place)), command, inner)
        return Flow.ON
    name = program(inner.words[0])
    match name:
        case "eval" if len(inner.words) > 1:
            known = all(word.known for word in inner.words)
            line = " ".join(word.text for word in inner.words[1:])
            return _nested(run, Word(line, inner.words[1].start, inner.words[-1].end, known), command, inner, here=True)
        case "trap" if len(inner.words) > 1 and inner.words[1].text not in {"", "-"}:
            _nested(run, inner.words[1], command, inner)
            return Flow.ON
        case _:
            run.record(command)
            apply(name, inner.words, scope, run.surroundings)
    match name:
        case "exit":
            return Flow.ENDS
        case "return" | "break":
            return Flow.LEAVES
        case "continue":
            return Flow.NEXT
        case _:
            return Flow.ENDS if replaced else Flow.ON


def test(run: Run, node: Node) -> None:
    """Record `[ … ]` and `[[ … ]]` as commands of their words."""
    words: list[Word] = []
    waiting = [node]
    while waiting:
        inner = waiting.pop()
        if inner.type in WORDS:
            words += run.words.fields(inner)
        elif inner.children:
            waiting += reversed(inner.children)
        else:
            words.append(Word(run.words.tree.spelling(inner).strip(), inner.start_byte, inner.end_byte))
    scope = run.words.scope
    if not words:
        return
    run.record(
        Command(tuple(words), node.start_byte, node.end_byte, cwd=scope.cwd, env=tuple(scope.env.items())),
    )


def _call(run: Run, words: tuple[Word, ...], env: Settings) -> None:
    name, scope = words[0].text, run.words.scope
    run.called.add(name)
    run.active.add(name)
    run.repeats = True
    known, given = "@" in scope.variables, scope.variables.get("@")
    exported = scope.env.copy()
    for variable, word in env:
        scope.export(variable, word)
    scope.assign("@", words[1:])
    flow = run.statement(run.functions[name][0])
    scope = run.words.scope
    scope.variables["@"] = given
    if not known:
        del scope.variables["@"]
    if env:
        scope.env = exported
    run.active.discard(name)
    run.left = flow if flow is Flow.ENDS else Flow.ON


def _nested(run: Run, script: Word, outer: Command, inner: Inner, *, here: bool = False) -> Flow:
    """Go through a script that a command runs: in a shell of its own, or `here`."""
    if run.depth >= DEEPEST or run.allowance.steps <= 0 or len(script.text) > LONGEST:
        run.found.append(unread(script.start, script.end))
        return Flow.ON
    run.allowance.steps -= 16 + len(script.text) // 16
    text = script.text.replace(inner.mark, "$_" if len(inner.mark) == 2 else "${_}") if inner.mark else script.text
    if inner.shell is not Shell.BASH:
        for command in carried(Word(text, script.start, script.end), inner.shell, outer, run.surroundings, run.depth):
            run.record(command)
        return Flow.ON
    scope = run.words.scope
    kept = {id(word) for _, word in outer.env} | {id(word) for word in scope.env.values()}
    within = run.nested(scope if here else _child(outer, inner))
    flow = within.script(text)
    run.repeats = run.repeats or within.repeats or not script.known
    move = _mover(run.words.tree.text, script, text)

    def place(word: Word) -> Word:
        return word if id(word) in kept else Word(word.text, *move(word.start, word.end), word.known)

    for command in within.found:
        run.record(
            Command(
                tuple(place(word) for word in command.words),
                *move(command.start, command.end),
                cwd=command.cwd,
                env=tuple((name, place(word)) for name, word in command.env),
                redirects=(
                    *(Redirect(each.operator, place(each.target)) for each in command.redirects),
                    *outer.redirects,
                ),
                stdin=command.stdin,
            ),
        )
    if here:
        scope.env = {name: place(word) for name, word in scope.env.items()}
    return flow


def _mover(text: str, script: Word, ran: str) -> Callable[[int, int], tuple[int, int]]:
    """Return what turns places in a script that was run into places in the text that holds it.

    Where they are spelt alike, they are exact; where values were put in, they are those of the line.
    """
    at = text.find(script.text.rstrip("\n"), script.start, script.end)
    lines = text[script.start : script.end].split("\n")
    alike = len(lines) - 1 == script.text.count("\n") > 0

    def move(start: int, end: int) -> tuple[int, int]:
        if at >= 0:
            return start + at, end + at
        if not alike:
            return script.start, script.end
        row = ran.count("\n", 0, start)
        begins = script.start + sum(map(len, lines[:row])) + row
        return begins + len(lines[row]) - len(lines[row].lstrip()), begins + len(lines[row].rstrip())

    return move


def _child(outer: Command, inner: Inner) -> Scope:
    """Return what a shell of its own starts with: the environment, and its arguments."""
    scope = Scope()
    scope.cwd = outer.cwd
    for name, word in outer.env:
        scope.assign(name, word.text if word.known else None)
        scope.export(name, word)
    if inner.arguments:
        scope.assign("@", inner.arguments[1:])
    return scope
