"""What starts a job of a pipeline, who can make that happen, and what other pipelines do to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.starts import Danger, Interruption, Start, Trust
from preflight.source.nodes import Scalar

if TYPE_CHECKING:
    from collections.abc import Iterable

    from preflight.readers.gitlab.jobs import JobNode
    from preflight.readers.gitlab.ways import Way
    from preflight.source.text import Location

TRUST = {
    # The pipeline of a fork's merge request runs in the fork, with the fork's own variables.
    "merge_request": Trust.FORK,
    "external_pull_request": Trust.FORK,
    "tag": Trust.RELEASER,
    "schedule": Trust.CLOCK,
}
"""Who can make an event happen at the least; all others take a role that may push."""
DEEDS = {"push": "a push to a branch", "web": "a start by hand"}
AUTO = "the project's setting `Auto-cancel redundant pipelines` decides"


def starts(ways: Iterable[Way]) -> tuple[Start, ...]:
    """Return the events that start a job, each at the condition that names it, else at the job's key."""
    return tuple(
        Start(
            way.at,
            way.event.name,
            TRUST.get(way.event.name, Trust.WRITER),
            guarded=way.guarded,
            deed=DEEDS.get(way.event.name),
        )
        for way in ways
    )


def interruptions(job: JobNode, others: tuple[JobNode, ...], found: tuple[Way, ...]) -> tuple[Interruption, ...]:
    """Return what other pipelines do to a publish; `others` are all jobs of the pipeline.

    Pipelines run beside each other unless a `resource_group` holds a job (docs.gitlab.com, "Resource group"). One of a
    branch cancels an older one of which every job that began is `interruptible` ("workflow:auto_cancel:on_new_commit").
    """
    pushed = [way for way in found if way.event.name == "push" and not way.waits]
    if pushed and (at := _interruptible(job, others)) is not None:
        return (Interruption(at, Danger.CUT, "a newer pipeline of the branch cancels it", AUTO),)
    racing = {way.event.name for way in found if way.event.name in {"push", "schedule"} and not way.waits}
    if not racing or job.get("resource_group") is not None:
        return ()
    said = "two pushes" if "push" in racing else "the schedule and another pipeline"
    return (Interruption(job.at, Danger.RACE, f"{said} can publish at the same time"),)


def _interruptible(job: JobNode, others: tuple[JobNode, ...]) -> Location | None:
    """Return where a job says that a newer pipeline may cancel it while it runs."""
    config = job.config
    entry = job.entry("interruptible")
    if entry is None or not _is_true(entry.value):
        return None
    mode = config.scalar(config.top("workflow"), "auto_cancel", "on_new_commit")
    match mode.text if mode else "conservative":
        case "interruptible":
            return entry.value.at
        case "conservative":
            each = all(_is_true(other.get("interruptible")) for other in others if other.runs)
            return entry.value.at if each else None
        case _:
            return None


def _is_true(node: object) -> bool:
    match node:
        case Scalar(value=True):
            return True
        case _:
            return False
