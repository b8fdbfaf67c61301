"""JSON of which every word counts: signed statements, bundles, bodies of log entries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"

LARGEST = 16 * 1024 * 1024
"""Bytes of one document; npm's attestations have 20 KB."""


class MalformedError(ValueError):
    """A document is not what it must be; the message says how, as a part of a sentence."""


def load(data: bytes | str) -> Json:
    """Read a document: UTF-8, no repeated key, nothing that RFC 8259 does not know.

    Two readers of a repeated key may see two documents, of which only one was checked. Raises MalformedError.
    """
    import json

    if len(data) > LARGEST:
        raise MalformedError(f"it is larger than {LARGEST // 1024 // 1024} MiB")
    try:
        text = data.decode("utf-8") if isinstance(data, bytes) else data
        found: Json = json.loads(text, object_pairs_hook=_once, parse_constant=_refuse, parse_int=_whole)
    except MalformedError:
        raise
    except RecursionError:
        raise MalformedError("it nests too deep") from None
    except ValueError:
        raise MalformedError("it is no JSON") from None
    return found


def mapping(node: Json, *keys: str) -> Mapping[str, Json]:
    """Return the object at a path of keys; an empty one where there is none."""
    found = at(node, *keys)
    return found if isinstance(found, Mapping) else {}


def items(node: Json, *keys: str) -> Sequence[Json]:
    """Return the list at a path of keys; an empty one where there is none."""
    found = at(node, *keys)
    return found if isinstance(found, Sequence) and not isinstance(found, str) else ()


def text(node: Json, *keys: str) -> str | None:
    """Return the string at a path of keys."""
    found = at(node, *keys)
    return found if isinstance(found, str) else None


def at(node: Json, *keys: str) -> Json:
    """Return what stands at a path of keys, or None."""
    for key in keys:
        if not isinstance(node, Mapping):
            return None
        node = node.get(key)
    return node


def _once(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise MalformedError("it has a key twice")
    return found


def _refuse(word: str) -> Json:
    raise MalformedError(f"it holds {word}")


def _whole(digits: str) -> int:
    if len(digits) > 20:
        raise MalformedError("it holds a number of more than 20 digits")
    return int(digits)
