"""Assignments of bash, and the commands that declare and unset variables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.readers.bash_words import WORDS
from preflight.readers.shell import Word

if TYPE_CHECKING:
    from tree_sitter import Node

    from preflight.readers.bash_words import Words


def value(words: Words, node: Node) -> tuple[str, Word]:
    """Return the name and the value of an assignment."""
    children = node.children
    name = words.tree.spelling(children[0]) if children else ""
    if len(children) > 2 and children[2].type != "array":
        return name, words.joined(children[2])
    return name, Word("", node.end_byte, node.end_byte)


def assign(words: Words, node: Node, *, exported: bool = False) -> None:
    """Carry out an assignment; one to a variable of the environment changes the environment too."""
    children = node.children
    if not children:
        return
    scope = words.scope
    name = words.tree.spelling(children[0])
    appends = len(children) > 1 and children[1].type == "+="
    if children[0].type != "variable_name":
        words.substitute(node)
        scope.assign(name.partition("[")[0], None)
        return
    old = words.variable(name) if appends else ""
    if len(children) > 2 and children[2].type == "array":
        array = words.array(children[2])
        if appends:
            scope.assign(name, (*old, *array) if isinstance(old, tuple) else None)
        else:
            scope.assign(name, array)
        return
    _, word = value(words, node)
    if appends:
        known = isinstance(old, str) and word.known
        word = Word(f"{old}{word.text}" if known else word.text, word.start, word.end, known)
    scope.assign(name, word.text if word.known else None)
    if exported or name in scope.env or words.surroundings.resolve(name) is not None:
        scope.export(name, word)


def declare(words: Words, node: Node) -> None:
    """Carry out `export`, `declare`, `local`, `readonly` or `typeset`."""
    options = "".join(words.tree.spelling(child) for child in node.children if child.type == "word")
    exported = (node.children[0].type == "export" or "x" in options) and "n" not in options
    for child in node.named_children:
        if child.type == "variable_assignment":
            assign(words, child, exported=exported)
        elif child.type == "variable_name" and exported:
            name = words.tree.spelling(child)
            match words.variable(name):
                case str(text):
                    word = Word(text, child.start_byte, child.end_byte)
                case _:
                    word = Word("$" + name, child.start_byte, child.end_byte, known=False)
            words.scope.export(name, word)
        elif child.type in WORDS:
            words.fields(child)


def unset(words: Words, node: Node) -> None:
    """Carry out `unset`."""
    for child in node.named_children:
        if child.type in {"variable_name", "word"} and not words.tree.spelling(child).startswith("-"):
            name = words.tree.spelling(child)
            words.scope.assign(name, "")
            words.scope.export(name, Word("", child.start_byte, child.end_byte))
