"""Waiting until the registry shows a version and its attestations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.fact import Known, Unknown
from preflight.facts.release import State
from preflight.readers.answers import CLOCK, Absent
from preflight.records import KW_ONLY, dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from preflight.facts.fact import Fact
    from preflight.readers.answers import Clock
    from preflight.readers.registry import Registry

FIRST = (2.0, 4.0, 8.0)
"""Seconds before the first tries after the first look."""
THEN = 15.0
LATEST = 3600.0
"""Seconds after a publish within which an attestation may still appear; the longest that was seen are minutes."""


@dataclass(frozen=True, slots=True)
class View:
    """What the registry shows right now, and whether waiting longer changes nothing."""

    state: Fact[State]
    final: bool


@dataclass(frozen=True, slots=True)
class Sight:
    """What the registry shows after some seconds; `pause` is how long until the next look, None for the last one."""

    view: View
    after: float
    _: KW_ONLY
    tries: int
    pause: float | None = None

    @property
    def state(self) -> Fact[State]:
        """How far the version is."""
        return self.view.state


@dataclass(frozen=True, slots=True)
class Watch:
    """How long somebody waits, in seconds (0: one look), and whether the version may be staged."""

    span: float
    staged: bool = False


def wait(
    name: str, version: str, registry: Registry, watch: Watch, *, tell: Callable[[Sight], None], clock: Clock = CLOCK
) -> Sight:
    """Look until the version is there with its attestations, until that cannot be any more, or until time is up.

    Only what is not there yet is asked again: a registry that does not answer, or refuses to, ends the wait. `tell` is
    told of every look.
    """
    start = clock.monotonic()
    for tries, pause in enumerate(_pauses(), start=1):
        view = look(name, version, registry, clock, staged=watch.staged)
        after = clock.monotonic() - start
        left = watch.span - after
        if view.final or left <= 0:
            break
        # The last look is when time is up, and not before.
        span = min(pause, left)
        tell(Sight(view, after, tries=tries, pause=span))
        clock.sleep(span)
    sight = Sight(view, after, tries=tries)
    tell(sight)
    return sight


def look(name: str, version: str, registry: Registry, clock: Clock = CLOCK, *, staged: bool = False) -> View:
    """Return what the registry shows of a version right now.

    An hour after the publish, what is not there does not come any more.
    """
    unseen = View(Known(State.STAGED if staged else State.UNPUBLISHED), final=False)
    match registry.packument(name):
        case Unknown() as unknown:
            return View(unknown, final=True)
        case Absent():
            return unseen
        case Known(document):
            manifest = _table(_table(document.get("versions")).get(version))
    if not manifest:
        return unseen
    settled = _settled(_table(document.get("time")).get(version), clock)
    advertised = bool(_table(_table(manifest.get("dist")).get("attestations")))
    match registry.attestations(name, version):
        case Unknown() as unknown:
            return View(unknown, final=True)
        case Known(found) if _complete(found):
            return View(Known(State.COMPLETE), final=True)
        case Absent() if advertised:
            return View(Known(State.ADVERTISED_BUT_MISSING), settled)
        case _:
            return View(Known(State.ABSENT if settled else State.NO_ATTESTATION_YET), settled)


def _complete(document: Mapping[str, object]) -> bool:
    """Return whether provenance and npm's own attestation are listed."""
    match document.get("attestations"):
        case list(listed):
            kinds = {str(_table(each).get("predicateType", "")) for each in listed}
            return any("provenance" in kind for kind in kinds) and any("publish" in kind for kind in kinds)
        case _:
            return False


def _settled(published: object, clock: Clock) -> bool:
    """Return whether a version was published so long ago that no attestation is under way."""
    from datetime import UTC, datetime

    match published:
        case str(text):
            try:
                moment = datetime.fromisoformat(text)
            except ValueError:
                return False
            aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            return clock.now() - aware.timestamp() > LATEST
        case _:
            return False


def _pauses() -> Iterator[float]:
    yield from FIRST
    while True:
        yield THEN


def _table(value: object) -> Mapping[str, object]:
    match value:
        case dict(table):
            return table
        case _:
            return {}
