"""What bash connects a command to: files, here-documents, and texts on its standard input."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.readers.bash_words import WORDS
from preflight.readers.shell import Redirect

if TYPE_CHECKING:
    from tree_sitter import Node

    from preflight.readers.bash_words import Words
    from preflight.readers.shell import Word

REDIRECTS = frozenset({"file_redirect", "heredoc_redirect", "herestring_redirect"})
"""The kinds of nodes that `redirect` reads."""

_MOST_REDIRECTS = 64


class Plumbing:
    """What a statement is connected to: redirects, and a text on its standard input.

    The grammar hangs on a redirect whatever follows it on the line: `arguments` of the command, statements that it is
    `piped` into, statements that come `after` it, and `commands` in pieces. `place` is where the text on the standard
    input stands.
    """

    __slots__ = ("after", "arguments", "commands", "piped", "place", "redirects", "stdin")

    def __init__(
        self,
        redirects: tuple[Redirect, ...] = (),
        stdin: str | None = None,
        arguments: tuple[Word, ...] = (),
    ) -> None:
        self.redirects = redirects
        self.stdin = stdin
        self.place: tuple[int, int] | None = None
        self.arguments = arguments
        self.piped: list[Node] = []
        self.after: list[Node] = []
        self.commands: list[list[Word]] = []


def redirect(words: Words, node: Node, into: Plumbing) -> None:
    """Add what a redirect says, and what hangs on it, to the plumbing."""
    match node.type:
        case "file_redirect":
            operator = ""
            targets: list[Word] = []
            command = targets
            for child in node.children:
                if child.type in WORDS:
                    command += words.fields(child)
                elif child.type == "ERROR" and targets:
                    command = []
                    into.commands.append(command)
                else:
                    operator += words.tree.spelling(child).strip()
            if targets and len(into.redirects) < _MOST_REDIRECTS:
                into.redirects += (Redirect(operator, targets[0]),)
                # The grammar gives a redirect all the words up to the next operator.
                into.arguments += tuple(targets[1:])
        case "herestring_redirect":
            texts = [words.joined(child) for child in node.children if child.type in WORDS]
            into.stdin = texts[-1].text + "\n" if texts else None
            into.place = (node.start_byte, node.end_byte)
        case _:
            _heredoc(words, node, into)


def _heredoc(words: Words, node: Node, into: Plumbing) -> None:
    quoted, indented, into.stdin = False, False, ""
    for child in node.children:
        match child.type:
            case "<<-":
                indented = True
            case "heredoc_start":
                quoted = any(mark in words.tree.spelling(child) for mark in "'\"\\")
            case "heredoc_body":
                into.place = (child.start_byte, child.end_byte)
                into.stdin = words.tree.spelling(child) if quoted else words.body(child)
            case "pipeline":
                into.piped += [part for part in child.children if part.is_named]
            case "ERROR":
                into.arguments += tuple(
                    word for part in child.children if part.type in WORDS for word in words.fields(part)
                )
            case kind if kind in REDIRECTS:
                redirect(words, child, into)
            case kind if kind in WORDS:
                into.arguments += tuple(words.fields(child))
            case "heredoc_end" | "file_descriptor":
                pass
            case _ if child.is_named:
                into.after.append(child)
            case _:
                pass
    if indented and into.stdin:
        into.stdin = "".join(line.lstrip("\t") for line in into.stdin.splitlines(keepends=True))
