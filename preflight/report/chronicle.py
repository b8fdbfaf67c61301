"""One run of `history`, as every report shows it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from preflight.errors import Exit
from preflight.facts.fact import Known, Unknown
from preflight.facts.release import Sound, Unchecked, Unsound
from preflight.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable

    from preflight.facts.release import Outcome
    from preflight.facts.versions import Published, Trait, Versions
    from preflight.report.proof import Trusted

USUALLY = 30
"""Versions that are shown; of older ones those with a change only."""


class Change(StrEnum):
    """The least change that makes a run fail."""

    DOWNGRADE = "downgrade"
    DRIFT = "drift"
    NONE = "none"


class Signature(StrEnum):
    """What the provenance of a version is worth."""

    VALID = "valid"
    INVALID = "invalid"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chronicle:
    """The versions of a package, and what decides how they are shown and judged."""

    versions: Versions
    registry: str
    fail_on: Change
    since: str | None = None
    """The first day that counts, as `2026-01-01`."""
    every: bool = False
    trusted: Trusted | None = None
    """None where no signature was looked at."""
    version: str
    quiet: int = 0

    @property
    def due(self) -> tuple[Published, ...]:
        """The versions that count, the newest first."""
        since = self.since
        if since is None:
            return self.versions.published
        return tuple(each for each in self.versions.published if (each.time or "") >= since)

    @property
    def downgrades(self) -> tuple[Published, ...]:
        """The versions with less trust than an earlier one."""
        return tuple(each for each in self.due if each.lost)

    @property
    def drifts(self) -> tuple[Published, ...]:
        """The versions that somebody else made, or made in another way."""
        return tuple(each for each in self.due if each.drift)

    @property
    def invalid(self) -> tuple[Published, ...]:
        """The versions whose provenance does not hold."""
        return tuple(each for each in self.due if signature(each) is Signature.INVALID)

    @property
    def unknown(self) -> tuple[Published, ...]:
        """The versions whose provenance could not be checked."""
        return tuple(each for each in self.due if signature(each) is Signature.UNKNOWN)

    @property
    def code(self) -> Exit:
        """How the run ends: provenance that does not hold weighs at least as much as none at all."""
        if self.fail_on is not Change.NONE:
            found = self.downgrades or self.invalid
            if found or (self.fail_on is Change.DRIFT and self.drifts):
                return Exit.FINDINGS
        return Exit.INCONCLUSIVE if self.unknown else Exit.PASSED

    @property
    def shown(self) -> tuple[Published | int, ...]:
        """The versions to show; a number stands for so many without a change that are left out."""
        rows: list[Published | int] = []
        for number, each in enumerate(self.due):
            if self.every or number < USUALLY or remarkable(each):
                rows.append(each)
            elif rows and isinstance(rows[-1], int):
                rows[-1] += 1
            else:
                rows.append(1)
        return tuple(rows)


def signature(each: Published) -> Signature | None:
    """Return what the provenance of a version is worth; None where nobody looked, or where it has none."""
    match each.proof:
        case None:
            return None
        case Unknown():
            return Signature.UNKNOWN
        case Known(outcome):
            return _worth(outcome)


def _worth(outcome: Outcome) -> Signature:
    match outcome:
        case Sound():
            return Signature.VALID
        case Unsound():
            return Signature.INVALID
        case Unchecked():
            return Signature.UNKNOWN


def why(each: Published) -> str | None:
    """Return why the provenance of a version does not hold, or could not be checked."""
    match each.proof:
        case Unknown(said) | Known(Unchecked(_, said)) | Known(Unsound(_, said)):
            return said
        case _:
            return None


def remarkable(each: Published) -> bool:
    """Return whether a version is shown however old it is."""
    return each.changes or signature(each) in {Signature.INVALID, Signature.UNKNOWN}


def traits(found: Iterable[Trait]) -> str:
    """Return the names of traits, each once."""
    return ", ".join(dict.fromkeys(each.value.replace("-", " ") for each in found))
