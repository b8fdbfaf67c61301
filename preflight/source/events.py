"""The parsers of ruamel.yaml, fenced in: text to events, and nothing else of it."""

from __future__ import annotations

import sys
from functools import cache, partial
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    Next = Callable[[], "Event | None"]


class Mark(Protocol):
    """A place in the text, in characters from 0."""

    @property
    def index(self) -> int:
        """The character."""


class Event(Protocol):
    """One step of a parser; which attributes there are depends on the class."""

    @property
    def start_mark(self) -> Mark:
        """Where it starts."""

    @property
    def end_mark(self) -> Mark:
        """Where it ends; for the end of a block the next token."""

    @property
    def anchor(self) -> str | None:
        """The name after `&` or `*`; of scalars, aliases and starts of collections."""

    @property
    def ctag(self) -> object | None:
        """Something whose `str()` is the tag; of scalars and starts of collections."""

    @property
    def value(self) -> str:
        """The text of a scalar."""

    @property
    def style(self) -> str | None:
        """Of a scalar: empty or None if plain, else its quote or block indicator."""

    @property
    def flow_style(self) -> bool:
        """Of the start of a collection: whether it stands in brackets."""


class Parser(NamedTuple):
    """A parser: `read` gives a function that returns one event after the other and None at the end.

    The other fields are the classes of the events that matter.
    """

    read: Callable[[str], Next]
    scalar: type[object]
    alias: type[object]
    sequence: type[object]
    sequence_end: type[object]
    mapping: type[object]
    mapping_end: type[object]
    document: type[object]
    document_end: type[object]


@cache
def parser(*, pure: bool) -> Parser:
    """Return the parser in C where ruamel.yaml.clib is installed, else, or if asked for, the one in Python."""
    compiled = None if pure else _compiled()
    read = _read_pure if compiled is None else partial(_read_compiled, compiled)
    # Not a second import of ruamel.yaml.events: these are the very classes that the parser makes.
    events = compiled or import_module("ruamel.yaml.events")
    return Parser(
        read,
        events.ScalarEvent,
        events.AliasEvent,
        events.SequenceStartEvent,
        events.SequenceEndEvent,
        events.MappingStartEvent,
        events.MappingEndEvent,
        events.DocumentStartEvent,
        events.DocumentEndEvent,
    )


def _read_compiled(module: ModuleType, text: str) -> Next:
    following: Next = module.CParser(text).get_event
    return following


def _read_pure(text: str) -> Next:
    from ruamel.yaml import YAML

    return partial(next, YAML(typ="safe", pure=True).parse(text), None)


def _compiled() -> ModuleType | None:
    """Import the C extension without the rest of ruamel.yaml.

    Its own import statements pull in constructors, representers and dumpers, 16 ms that are never called here; with
    modules in their place that hold no more than an exception class each it takes 3 ms. The modules that do count
    (error, events, nodes, tokens) are the real ones and stay, so that ruamel.yaml can still be imported as a whole.
    """
    loaded = sys.modules.get("_ruamel_yaml")
    if loaded is not None or "ruamel.yaml" in sys.modules:
        return loaded or _plainly("_ruamel_yaml")
    from importlib.util import find_spec, module_from_spec

    spec = find_spec("ruamel.yaml")
    if spec is None or find_spec("_ruamel_yaml") is None:
        return None
    standing_in = {"ruamel.yaml": module_from_spec(spec)}
    sys.modules.update(standing_in)
    try:
        marked: type[Exception] = import_module("ruamel.yaml.error").MarkedYAMLError
        for part in ("reader", "scanner", "parser", "composer", "constructor", "emitter", "serializer", "representer"):
            module = ModuleType(f"ruamel.yaml.{part}")
            name = f"{part.capitalize()}Error"
            setattr(module, name, type(name, (marked,), {}))
            standing_in[module.__name__] = module
        sys.modules.update(standing_in)
        return import_module("_ruamel_yaml")
    except (ImportError, AttributeError):
        return None
    finally:
        for name in standing_in:
            sys.modules.pop(name, None)


def _plainly(name: str) -> ModuleType | None:
    try:
        return import_module(name)
    except ImportError:
        return None
