"""What the reader of a file found: a tree, and the doubts about it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from preflight.records import KW_ONLY, dataclass

if TYPE_CHECKING:
    from preflight.source.nodes import Node
    from preflight.source.text import Location, Source, Span


class Doubt(StrEnum):
    """Why programs may read a file differently."""

    DUPLICATE_KEY = "duplicate-key"
    MERGE_KEY = "merge-key"
    ODD_KEY = "odd-key"
    ODD_ROOT = "odd-root"
    TAG = "tag"
    DUPLICATE_ANCHOR = "duplicate-anchor"
    ODD_ANCHOR = "odd-anchor"
    DIRECTIVE = "directive"
    LINE_BREAK = "line-break"
    BYTE_ORDER_MARK = "byte-order-mark"
    SURROGATE = "surrogate"
    SEVERAL_DOCUMENTS = "several-documents"


@dataclass(frozen=True, slots=True)
class Ambiguity:
    """A place that programs read differently; `why` completes "this may be read differently: …"."""

    at: Location
    why: str
    _: KW_ONLY
    doubt: Doubt


@dataclass(frozen=True, slots=True)
class Document:
    """One tree of a file.

    `root` is None for a document without content. `anchored` are the places of the nodes that an alias uses again.
    """

    root: Node | None
    source: Source
    _: KW_ONLY
    anchored: tuple[Span, ...] = ()
    ambiguities: tuple[Ambiguity, ...] = ()
