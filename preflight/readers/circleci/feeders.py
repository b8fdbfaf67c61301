"""The jobs that made what a publish job gets: their machines, and what they do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.ci import System
from preflight.facts.work import Feeder, Work
from preflight.records import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from preflight.facts.ci import Artifact
    from preflight.readers.chores import Chores
    from preflight.readers.circleci.artifacts import Made


class Feeders:
    """All of them, each walked once although several publish jobs may get something from it."""

    def __init__(self, chores: Callable[[Made], Chores]) -> None:
        """Take what tells the chores of a job."""
        self._chores = chores
        self._found: dict[str, Feeder] = {}

    @property
    def all(self) -> tuple[Feeder, ...]:
        """The feeders met so far."""
        return tuple(self._found.values())

    def note(self, artifacts: Iterable[Artifact], makers: dict[str, Made], fed: str) -> None:
        """Note the jobs that made some artifacts as feeders of one."""
        for name in dict.fromkeys(name for artifact in artifacts for name in artifact.jobs):
            made = makers.get(name)
            if made is None:
                continue
            found = self._found.get(name) or self._feeder(made)
            if fed not in found.feeds:
                found = replace(found, feeds=(*found.feeds, fed))
            self._found[name] = found

    def _feeder(self, made: Made) -> Feeder:
        chores = self._chores(made)
        return Feeder(
            made.name,
            made.definition.at,
            system=System.CIRCLECI,
            runners=(made.machine,),
            work=Work(installs=chores.told, piped=tuple(chores.piped)),
            feeds=(),
        )
