"""The inputs of a file, put in where it says `$[[ inputs.x ]]` (docs.gitlab.com, "CI/CD inputs")."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from preflight.facts.fact import Unknown
from preflight.source.nodes import Entry, Mapping, Scalar, Sequence, entries, find
from preflight.source.yaml import Reference

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.readers.gitlab.pipeline_file import PipelineFile
    from preflight.source.nodes import Node
    from preflight.source.text import Location

OPENS = "$[["
INPUTS = "inputs."
LONGEST = 16 * 1024
MOST = 1_000_000
"""How many characters of inputs are put into one file."""

Inputs = dict[str, "Node | Unknown"]
"""What each input of a file is, by its name."""


class Filled(Scalar):
    """A scalar with inputs put in; what is found in it stands where the file has the text, or the hole for it."""

    __slots__ = ("_parts", "_raw")

    def __init__(self, raw: Scalar, body: str, parts: tuple[tuple[int, int, int, int], ...]) -> None:
        """Take the scalar as written, the new text, and where each piece of it comes from: new, and as written."""
        super().__init__(raw.source, raw.start, raw.end, body, body)
        self._raw = raw
        self._parts = parts

    def place(self, start: int, end: int) -> Location:
        """Return the place of characters of the text."""
        return self._raw.place(self._written(start, last=False), self._written(end, last=True))

    def _written(self, offset: int, *, last: bool) -> int:
        for new, new_end, old, old_end in self._parts:
            if offset < new_end or (last and offset == new_end):
                same = new_end - new == old_end - old
                return old + offset - new if same else old_end if last else old
        return len(self._raw.text)


def given(file: PipelineFile, chosen: Node | None) -> Inputs:
    """Return what the inputs of a file are: what the include chooses, else their defaults.

    The inputs of `.gitlab-ci.yml` have their defaults unless someone starts the pipeline by hand.
    """
    found: Inputs = {}
    for key, value in entries(find(file.spec, "inputs")):
        node = find(chosen, key.text) or find(value, "default")
        match node:
            case None:
                found[key.text] = Unknown(f"`inputs.{key.text}` is set by whoever starts the pipeline", key.at)
            case Scalar() if OPENS in node.text:
                found[key.text] = Unknown(f"`{node.text}` is an input of the file that includes this one", node.at)
            case _:
                found[key.text] = node
    return found


def put_in(root: Mapping, inputs: Inputs) -> Mapping:
    """Return the tree of a file with its inputs put in; what is not known stays as written."""
    if not inputs or OPENS not in root.source.text:
        return root
    filling = _Filling(inputs)
    match filling.node(root):
        case Mapping() as found:
            return found
        case _:
            return root


class _Filling:
    """The filling of one file; a node that aliases share is filled once."""

    def __init__(self, inputs: Inputs) -> None:
        self._inputs = inputs
        self._done: dict[int, Node] = {}
        self._left = MOST

    def node(self, node: Node) -> Node:
        known = self._done.get(id(node))
        if known is None:
            known = self._done[id(node)] = self._filled(node)
        return known

    def _filled(self, node: Node) -> Node:
        match node:
            case Reference():
                return node
            case Mapping(pairs):
                found = tuple(Entry(self._key(key), self.node(value)) for key, value in pairs)
                return Mapping(node.source, node.start, node.end, found)
            case Sequence(items):
                return Sequence(node.source, node.start, node.end, tuple(self.node(item) for item in items))
            case Scalar():
                return self._scalar(node)

    def _key(self, key: Scalar) -> Scalar:
        match self._scalar(key):
            case Scalar() as found:
                return found
            case _:
                return key

    def _scalar(self, scalar: Scalar) -> Node:
        body = scalar.text
        if OPENS not in body:
            return scalar
        found = tuple(holes(body))
        if len(found) == 1 and found[0][:2] == (0, len(body)):
            return self._whole(scalar, found[0][2])
        pieces: list[str] = []
        parts: list[tuple[int, int, int, int]] = []
        last = size = 0

        def add(piece: str, start: int, end: int) -> None:
            nonlocal size
            pieces.append(piece)
            parts.append((size, size + len(piece), start, end))
            size += len(piece)

        for start, end, name in found:
            add(body[last:start], last, start)
            value = self._text(name)
            add(body[start:end] if value is None else value, start, end)
            last = end
            self._left -= len(pieces[-1])
            if size > LONGEST or self._left < 0:
                return scalar
        add(body[last:], last, len(body))
        return Filled(scalar, "".join(pieces), tuple(parts))

    def _whole(self, scalar: Scalar, name: str) -> Node:
        """Return what a scalar becomes that is one input and nothing else: a list stays a list, a number a number."""
        chosen = self._inputs.get(name.removeprefix(INPUTS)) if name.startswith(INPUTS) else None
        match chosen:
            case Mapping() | Sequence():
                return chosen
            case Scalar(value=bool() | None as value):
                return Scalar(scalar.source, scalar.start, scalar.end, value, chosen.text)
            case _:
                text = self._text(name)
                self._left -= len(text or "")
                if text is None or self._left < 0:
                    return scalar
                return Filled(scalar, text, ((0, len(text), 0, len(scalar.text)),))

    def _text(self, expression: str) -> str | None:
        """Return what an expression between `$[[` and `]]` becomes, None where the files do not tell."""
        name, *functions = (part.strip() for part in expression.split("|"))
        match self._inputs.get(name.removeprefix(INPUTS)) if name.startswith(INPUTS) else None:
            case Scalar() as scalar:
                text = scalar.text
            case _:
                return None
        for function in functions:
            cut = _truncate().fullmatch(function)
            if cut is not None:
                text = text[int(cut[1]) : int(cut[1]) + int(cut[2])]
            elif function != "expand_vars":
                return None
        return text


def holes(body: str) -> Iterator[tuple[int, int, str]]:
    """Yield the places of `$[[ … ]]` in a text, with what stands in each."""
    start = body.find(OPENS)
    while start >= 0:
        end = body.find("]]", start)
        if end < 0:
            return
        yield start, end + 2, body[start + 3 : end].strip()
        start = body.find(OPENS, end)


@cache
def _truncate() -> re.Pattern[str]:
    return re.compile(r"truncate\( ?([0-9]{1,4}) ?, ?([0-9]{1,4}) ?\)")
