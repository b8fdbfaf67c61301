"""The jobs that made what a publish job sends: their machines, and what they do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.ci import System
from preflight.facts.work import Feeder, Work
from preflight.records import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from preflight.facts.ci import Artifact, Runner
    from preflight.facts.fact import Fact
    from preflight.readers.github.artifacts import Upload
    from preflight.readers.github.jobs import Steps
    from preflight.readers.github.workflow import JobNode

Walked = tuple[tuple["Fact[Runner]", ...], "Steps"]
"""A job in one combination of its matrix: its machines, and its steps."""


class Feeders:
    """All of them, each walked once although several publish jobs may fetch from it."""

    def __init__(self, walks: Callable[[JobNode, tuple[JobNode, ...]], Iterable[Walked]]) -> None:
        """Take what walks a job that is reached through a chain of callers."""
        self._walks = walks
        self._found: dict[tuple[object, str], Feeder] = {}

    @property
    def all(self) -> tuple[Feeder, ...]:
        """The feeders met so far."""
        return tuple(self._found.values())

    def made(self, artifact: Artifact, makers: Iterable[Upload], fed: str) -> Artifact:
        """Return an artifact with the machines of the jobs that made it, and note these jobs as feeders of one."""
        feeders = {feeder.at: feeder for maker in makers for feeder in (self._feeder(maker, fed),)}
        machines = tuple((feeder.name, runner) for feeder in feeders.values() for runner in feeder.runners)
        return replace(artifact, machines=machines) if machines else artifact

    def _feeder(self, maker: Upload, fed: str) -> Feeder:
        key = (maker.node.workflow.path, maker.job)
        found = self._found.get(key)
        if found is None:
            walked = list(self._walks(maker.node, maker.chain))
            chores = walked[0][1].chores() if walked else None
            found = Feeder(
                maker.job,
                maker.node.at,
                system=System.GITHUB,
                runners=tuple(dict.fromkeys(runner for machines, _ in walked for runner in machines)),
                work=Work(installs=chores.told, piped=tuple(chores.piped)) if chores else Work(),
                feeds=(),
            )
        if fed not in found.feeds:
            found = replace(found, feeds=(*found.feeds, fed))
        self._found[key] = found
        return found
