"""What starts a job of a workflow, who can make that happen, and what other pipelines do to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.fact import Fact, Known, Unknown
from preflight.facts.starts import Danger, Interruption, Start, Trust
from preflight.source.nodes import find, strings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from preflight.readers.circleci.config import Definition
    from preflight.readers.circleci.workflows import Use
    from preflight.source.text import Location

TRUST = {"tag": Trust.RELEASER, "schedule": Trust.CLOCK}
"""Who can make an event happen at the least; all others take a role that may push, or start a pipeline."""
DEEDS = {"push": "a push to a branch", "api": "a start by hand"}
APPROVED = "it waits until somebody approves it"
QUEUES = ("queue", "block")
"""What stands in the names of orbs' commands and jobs that let one pipeline wait for another."""


def starts(uses: Iterable[Use], approved: Callable[[Use], bool], at: Location) -> tuple[Start, ...]:
    """Return the events that start a job, each at the filter that lets it through, else where a workflow names the job.

    `approved` tells whether somebody has to approve a use before, `at` is the job.
    """
    found = (start for use in uses for start in _starts(use, _guarded(use, waits=approved(use)), at))
    return tuple({(start.at, start.event): start for start in found}.values())


def _starts(use: Use, guarded: Fact[bool], at: Location) -> Iterator[Start]:
    for way in use.ways:
        place = way.at or (use.key.at if use.key else at)
        trust = TRUST.get(way.event, Trust.WRITER)
        yield Start(place, way.event, trust, guarded=guarded, deed=DEEDS.get(way.event))


def _guarded(use: Use, *, waits: bool) -> Fact[bool]:
    if waits:
        return Unknown(APPROVED)
    context = next(iter(strings(find(use.node, "context"))), None)
    return Unknown(f"the context `{context.text}` may be restricted") if context else Known(value=False)


def interruptions(job: Definition, uses: Iterable[Use], found: tuple[Start, ...]) -> tuple[Interruption, ...]:
    """Return what other pipelines do to a publish: they run beside each other unless a `serial-group` holds the job.

    Source: circleci.com/docs, "Configuration reference". Whether a newer pipeline cancels an older one is a setting of
    the project, and holds for other branches than the default one.
    """
    racing = {start.event for start in found if start.event in {"push", "schedule"} and start.guarded != _WAITS}
    held = all(use.node is not None and use.node.get("serial-group") is not None for use in uses)
    if not racing or held or job.node.get("serial-group") is not None:
        return ()
    said = "two pushes" if "push" in racing else "the schedule and another pipeline"
    return (Interruption(job.at, Danger.RACE, f"{said} can publish at the same time"),)


_WAITS = Unknown(APPROVED)
