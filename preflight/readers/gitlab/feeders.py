"""The jobs that made what a publish job gets: their machines, and what they do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.ci import System
from preflight.facts.work import Feeder, Work
from preflight.readers.chores import Chores
from preflight.records import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from preflight.facts.ci import Artifact, Runner
    from preflight.facts.fact import Fact
    from preflight.readers.gitlab.artifacts import Stores
    from preflight.readers.gitlab.jobs import JobNode
    from preflight.readers.walk import Walk

Walked = tuple[dict["Fact[Runner]", None], list["Walk"]]
"""The machines of a job, and its script walked in each combination of its matrix."""


class Feeders:
    """All of them, each walked once although several publish jobs may get something from it."""

    def __init__(self, stores: Stores, walked: Callable[[JobNode], Walked]) -> None:
        """Take what the jobs store, and what walks a job."""
        self._stores = stores
        self._walked = walked
        self._found: dict[str, Feeder] = {}

    @property
    def all(self) -> tuple[Feeder, ...]:
        """The feeders met so far."""
        return tuple(self._found.values())

    def made(self, artifacts: Iterable[Artifact], fed: str) -> tuple[Artifact, ...]:
        """Return artifacts with the machines of the jobs that made them, and note these jobs as feeders of one."""
        return tuple(self._made(artifact, fed) for artifact in artifacts)

    def _made(self, artifact: Artifact, fed: str) -> Artifact:
        makers = [maker for name in artifact.jobs if (maker := self._stores.makers.get(name))]
        feeders = [self._feeder(maker, fed) for maker in makers]
        machines = tuple((feeder.name, runner) for feeder in feeders for runner in feeder.runners)
        return replace(artifact, machines=machines)

    def _feeder(self, maker: JobNode, fed: str) -> Feeder:
        found = self._found.get(maker.name)
        if found is None:
            machines, walks = self._walked(maker)
            chores = walks[0].chores if walks else Chores()
            found = Feeder(
                maker.name,
                maker.at,
                system=System.GITLAB,
                runners=tuple(machines),
                work=Work(installs=chores.told, piped=tuple(chores.piped)),
                feeds=(),
            )
        if fed not in found.feeds:
            found = replace(found, feeds=(*found.feeds, fed))
        self._found[maker.name] = found
        return found
