"""Trees of bash scripts, in a bounded time."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

# The parser goes back and reads the same text again where a script is ambiguous or broken: 64 KiB of `a=(` take it 9 s.
# Real scripts make it read each piece once or twice.
_PIECE = 4096
_MOST_READS = 512

# With these, time grows with the square of their number although nothing is read twice.
_MOST = {"|": 1024, "`": 512, "(": 2048, ")": 2048}

_FOREIGN = re.compile(r"[^\t\n -~]")


class Tree:
    """The text that nodes stand in; their offsets count its characters."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def spelling(self, node: Node) -> str:
        """Return the characters of a node."""
        return self.text[node.start_byte : node.end_byte]


def parse(text: str) -> Node | None:
    """Parse a script; None where it would take the parser too long."""
    if any(text.count(mark) > most for mark, most in _MOST.items()):
        return None
    # One byte for each character keeps the parser's offsets equal to ours; what it is does not matter to the grammar.
    shape = _FOREIGN.sub(_stand_in, text).encode("ascii")
    reads = 0

    def read(offset: int, _: object) -> bytes:
        nonlocal reads
        reads += 1
        return shape[offset : offset + _PIECE] if reads <= _MOST_READS else b""

    tree = _parser().parse(read)
    return tree.root_node if reads <= _MOST_READS else None


def _stand_in(found: re.Match[str]) -> str:
    return " " if found[0] < " " or found[0] == "\x7f" else "."


@cache
def _parser() -> Parser:
    from tree_sitter import Language, Parser

    return Parser(Language(_grammar()))


def _grammar() -> object:
    """Return the grammar from the extension module of tree-sitter-bash.

    The package around it imports `importlib.resources` for query files that nobody here reads, and with it a third of
    the time that the parser takes to load.
    """
    from importlib.machinery import PathFinder
    from importlib.util import find_spec, module_from_spec

    package = find_spec("tree_sitter_bash")
    folders = package.submodule_search_locations if package else None
    spec = PathFinder.find_spec("tree_sitter_bash._binding", folders)
    if spec is None or spec.loader is None:
        import tree_sitter_bash

        return tree_sitter_bash.language()
    binding = module_from_spec(spec)
    spec.loader.exec_module(binding)
    return binding.language()
