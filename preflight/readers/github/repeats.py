"""Packages that several jobs of one matrix send."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.readers.github.matrix import combinations
from preflight.readers.repeated import repeated
from preflight.source.nodes import find

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from preflight.facts.project import Shipment
    from preflight.facts.starts import Repeat
    from preflight.readers.github.matrix import Combination
    from preflight.readers.github.workflow import JobNode
    from preflight.readers.walk import Sent


def repeats(
    job: JobNode, walked: Iterable[tuple[Combination, Iterable[Sent]]], shipped: Iterable[Shipment]
) -> Iterator[Repeat]:
    """Yield the commands that send the same package in several jobs of a matrix.

    `walked` holds what is sent in each distinct combination of the keys that the job's text uses; a key that it does
    not use doubles every job. Where the folder, the command or its environment differ from one job to the next, each
    may send a package of its own.
    """
    matrix = find(job.node, "strategy", "matrix")
    every = combinations(job)
    if matrix is None or every is None or len(every) < 2:
        return
    jobs = (
        (sum(all(row.get(key) == value for key, value in combination.items()) for row in every), sent)
        for combination, sent in walked
    )
    yield from repeated(matrix.at, jobs, shipped, doubt=lambda each: _doubt(job, each))


def _doubt(job: JobNode, sent: Sent) -> str | None:
    """Return why the jobs may send different packages although their commands are alike."""
    for step in job.steps:
        if step.at.start >= sent.at.start and step.at.path == sent.at.path:
            break
        if step.run is not None and "matrix." in step.run.text:
            return "an earlier step does something else in each job of the matrix"
    return None
