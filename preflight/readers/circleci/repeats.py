"""Packages that several jobs of one matrix, or several machines of one job, send."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.fact import Known
from preflight.readers.repeated import repeated
from preflight.source.nodes import find

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from preflight.facts.project import Shipment
    from preflight.facts.starts import Repeat
    from preflight.readers.circleci.machines import Machine
    from preflight.readers.circleci.steps import Step
    from preflight.readers.circleci.workflows import Use
    from preflight.readers.walk import Sent, Walk

SPLITS = ("CIRCLE_NODE_INDEX", "CIRCLE_NODE_TOTAL", "circleci tests", "circleci run")
"""What gives each machine of a job something else to do."""
UNTOLD = "an earlier step does something else in each job of the matrix"

Walked = tuple["Use", "Machine", tuple["Step", ...], "Walk"]
"""One job as a workflow runs it: its machine, its steps, and what they do."""


def repeats(walked: Iterable[Walked], shipped: Iterable[Shipment]) -> Iterator[Repeat]:
    """Yield the packages that are sent more than once by one use of a job."""
    sent = tuple(shipped)
    uses: dict[int, list[Walked]] = {}
    for each in walked:
        uses.setdefault(id(each[0]), []).append(each)
    for found in uses.values():
        use, machine, _, _ = found[0]
        texts = [command.scalar.text for _, _, steps, _ in found for step in steps if (command := step.command)]
        if any(mark in text for text in texts for mark in SPLITS):
            continue
        matrix = find(use.node, "matrix")
        many = machine.entry("parallelism")
        at = matrix.at if matrix is not None else many[0].value.at if many else None
        if at is not None:
            kinds = tuple((_machines(each[1]), each[3].sent) for each in found)
            yield from repeated(at, kinds, sent, doubt=_doubt(texts))


def _machines(machine: Machine) -> int:
    match machine.fact("parallelism"):
        case Known(said) if said.isdecimal() and len(said) < 4:
            return int(said)
        case _:
            return 1


def _doubt(texts: list[str]) -> Callable[[Sent], str | None]:
    why = UNTOLD if any("parameters." in text for text in texts) else None
    return lambda _: why
