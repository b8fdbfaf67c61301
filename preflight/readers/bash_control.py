"""Branches and loops of bash."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.readers.bash_simple import Flow
from preflight.readers.bash_words import WORDS
from preflight.readers.shell import Word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

    from preflight.readers.bash import Run
    from preflight.readers.scope import Scope

_MOST_TURNS = 64


def merged(ways: Sequence[Scope]) -> Scope:
    """Return what is known where several ways meet."""
    first, *others = ways
    first.merge(others)
    return first


def branch(run: Run, node: Node) -> Flow:
    """Go through every branch of an `if` that may run, and keep what they agree on."""
    sections: list[tuple[list[Node] | None, list[Node]]] = []
    for clause in (node, *(child for child in node.children if child.type in {"elif_clause", "else_clause"})):
        tested: list[Node] = []
        body: list[Node] = []
        into = body if clause.type == "else_clause" else tested
        for child in clause.children:
            if child.type == "then":
                into = body
            elif child.is_named and child.type not in {"elif_clause", "else_clause"}:
                into.append(child)
        sections.append((None if clause.type == "else_clause" else tested, body))
    ways: list[Scope] = []
    flows: list[Flow] = []
    for tested_nodes, body in sections:
        verdict: bool | None = True
        if tested_nodes is not None:
            run.block(tested_nodes)
            verdict = run.constant(tested_nodes[0]) if len(tested_nodes) == 1 else None
        if verdict is False:
            continue
        before, run.words.scope = run.words.scope, run.words.scope.fork()
        flows.append(run.block(body))
        if flows[-1] is Flow.ON:
            ways.append(run.words.scope)
        run.words.scope = before
        if verdict is True:
            break
    else:
        ways.append(run.words.scope)
    if not ways:
        return min(flows)
    run.words.scope = merged(ways)
    return Flow.ON


def choice(run: Run, node: Node) -> Flow:
    """Go through every branch of a `case`, and keep what they agree on."""
    ways = [run.words.scope]
    before = run.words.scope
    for child in node.children:
        if child.type in WORDS:
            run.words.fields(child)
        elif child.type == "case_item":
            run.words.scope = before.fork()
            at = next((at for at, part in enumerate(child.children) if part.type == ")"), -1)
            if run.block(child.children[at + 1 :]) is Flow.ON:
                ways.append(run.words.scope)
    run.words.scope = merged(ways)
    return Flow.ON


def repetition(run: Run, node: Node) -> Flow:
    """Go through a `while`, an `until` or a counting `for`."""
    named = [child for child in node.children if child.is_named]
    body = named[-1:] if node.type == "c_style_for_statement" else named
    if body and run.constant(body[0]) is (node.children[0].type == "until"):
        return Flow.ON
    _loop(run, node, body)
    return Flow.ON


def iteration(run: Run, node: Node) -> Flow:
    """Go through a `for` once for each of its words where they are known, else once."""
    name, given = "", False
    values: list[Word] = []
    body: list[Node] = []
    for child in node.children:
        match child.type:
            case "variable_name" if not name:
                name = run.words.tree.spelling(child)
            case "in":
                given = True
            case "do_group" | "compound_statement":
                body = [part for part in child.children if part.is_named]
            case "brace_expression":
                # `{1..30}` counts tries, and names no packages.
                values.append(Word(run.words.tree.spelling(child), child.start_byte, child.end_byte, known=False))
            case kind if kind in WORDS:
                values += run.words.fields(child)
            case _:
                pass
    if not given:
        match run.words.scope.variables.get("@"):
            case tuple() as positional:
                values = list(positional)
            case _:
                values = [Word("$@", node.start_byte, node.start_byte, known=False)]
    turns = len(values)
    unrolled = turns <= min(_MOST_TURNS, run.allowance.rounds) and any(word.known for word in values)
    if node.children[0].type == "select" or (values and not unrolled):
        run.words.scope.assign(name, None)
        _loop(run, node, body)
        return Flow.ON
    run.allowance.rounds -= turns
    run.repeats = run.repeats or turns > 1
    jumps = any(jump in run.words.tree.spelling(node) for jump in ("break", "continue"))
    ways: list[Scope] = []
    for word in values:
        if jumps:
            ways.append(run.words.scope.fork())
        run.words.scope.assign(name, word.text if word.known else None)
        flow = run.block(body)
        if flow is Flow.ENDS:
            return flow
        if flow is Flow.LEAVES:
            break
    run.words.scope.merge(ways)
    return Flow.ON


def _loop(run: Run, node: Node, body: Sequence[Node]) -> None:
    """Go once through a body that runs any number of times.

    Whatever it assigns is unknown from the start; a folder that it changes makes a further turn start elsewhere.
    """
    names = run.assigned.get(node.id)
    if names is None:
        names = run.assigned[node.id] = _names(run, node)
    for name in names:
        run.words.scope.assign(name, None)
    before = run.words.scope.fork()
    mark = len(run.found)
    run.block(body)
    if run.words.scope.cwd != before.cwd:
        del run.found[mark:]
        before.enter(None)
        run.words.scope = before.fork()
        run.block(body)
    run.words.scope.merge((before,))


def _names(run: Run, node: Node) -> frozenset[str]:
    """Return the variables that a loop may set."""
    names: set[str] = set()
    waiting = [node]
    while waiting:
        inner = waiting.pop()
        if inner.type in {"variable_assignment", "for_statement"}:
            names.update(run.words.tree.spelling(child) for child in inner.children if child.type == "variable_name")
        elif inner.type == "command" and run.words.tree.text.startswith(("read", "mapfile", "shift"), inner.start_byte):
            names.update(run.words.tree.spelling(inner).split()[1:] or ("@",))
        waiting += inner.children
    return frozenset(names)
