"""The combinations that a job's matrix runs."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from preflight.source.nodes import Mapping, Number, Scalar, Sequence, entries, find

if TYPE_CHECKING:
    from preflight.readers.github.expressions import Value
    from preflight.readers.github.workflow import JobNode
    from preflight.source.nodes import Node

MOST = 256
"""How many jobs GitHub lets a matrix start."""

Combination = dict[str, "Value"]


def value(node: Node | None) -> Value:
    """Return what a node means to an expression; a YAML number becomes a number, so that 20.10 is 20.1."""
    match node:
        case Scalar(value=Number() as number):
            try:
                return float(number)
            except ValueError:
                return str(number)
        case Scalar():
            return node.value
        case Sequence(items):
            return tuple(value(item) for item in items)
        case Mapping():
            return {entry.key.text: value(entry.value) for entry in entries(node)}
        case None:
            return None


def combinations(job: JobNode) -> tuple[Combination, ...] | None:
    """Return the combinations of a job's matrix; one empty one without a matrix, None where only a run tells them.

    `include` adds to the combinations that it does not contradict and makes one of its own otherwise; `exclude` takes
    those away that hold all its values (docs.github.com, "Running variations of jobs in a workflow").
    """
    matrix = find(job.node, "strategy", "matrix")
    if matrix is None:
        return ({},)
    if not isinstance(matrix, Mapping) or _computed(matrix):
        return None
    axes = {
        entry.key.text: [value(item) for item in entry.value.items]
        for entry in entries(matrix)
        if entry.key.text not in ("include", "exclude") and isinstance(entry.value, Sequence)
    }
    size = 1
    for values in axes.values():
        size *= len(values)
    if size > MOST:
        return None
    base: list[Combination] = (
        [dict(zip(axes, chosen, strict=True)) for chosen in product(*axes.values())] if axes else []
    )
    excluded = [found for found in _rows(matrix.get("exclude")) if found]
    base = [row for row in base if not any(_fits(row, pattern) for pattern in excluded)]
    included = _included(base, _rows(matrix.get("include"))[: MOST + 1], frozenset(axes))
    return (tuple(included) or ({},)) if len(included) <= MOST else None


def projected(all_of_them: tuple[Combination, ...], text: str) -> tuple[Combination, ...]:
    """Return the distinct combinations of the keys that a text uses as `matrix.key`; all keys where it is not clear."""
    lower = text.lower()
    if "matrix" not in lower:
        return ({},)
    uses = lower.count("matrix")
    named = {key for row in all_of_them for key in row if f"matrix.{key.lower()}" in lower}
    if uses > sum(lower.count(f"matrix.{key.lower()}") for key in named) + lower.count("matrix:"):
        return all_of_them
    seen: list[Combination] = []
    for row in all_of_them:
        part = {key: row[key] for key in row if key in named}
        if part not in seen:
            seen.append(part)
    return tuple(seen)


def _computed(matrix: Mapping) -> bool:
    return any(isinstance(entry.value, Scalar) and "${{" in entry.value.text for entry in entries(matrix))


def _rows(node: Node | None) -> list[Combination]:
    if not isinstance(node, Sequence):
        return []
    return [
        {entry.key.text: value(entry.value) for entry in entries(item)}
        for item in node.items
        if isinstance(item, Mapping)
    ]


def _fits(row: Combination, pattern: Combination) -> bool:
    return all(key in row and row[key] == wanted for key, wanted in pattern.items())


def _included(base: list[Combination], rows: list[Combination], axes: frozenset[str]) -> list[Combination]:
    result = [dict(row) for row in base]
    alone: list[Combination] = []
    for extra in rows:
        fitting = [at for at, row in enumerate(base) if all(row[key] == extra[key] for key in axes & extra.keys())]
        for at in fitting:
            result[at].update(extra)
        if not fitting:
            alone.append(dict(extra))
    return result + alone
