"""What the registry and the forge say; every answer may be missing."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from preflight.records import KW_ONLY, dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from preflight.facts.fact import Fact


class Level(StrEnum):
    """The trust level of a published version, as pnpm's `trustPolicy` compares it."""

    TRUSTED_PUBLISHER = "trusted-publisher"
    PROVENANCE = "provenance"
    NONE = "none"

    @property
    def rank(self) -> int:
        """2 for the most trust, 0 for none."""
        return (Level.NONE, Level.PROVENANCE, Level.TRUSTED_PUBLISHER).index(self)


@dataclass(frozen=True, slots=True)
class Registered:
    """A package as the registry has it."""

    versions: tuple[str, ...]
    _: KW_ONLY
    latest: str | None
    levels: tuple[tuple[str, Level], ...] = ()
    """The trust level of each version that counts, the newest first."""
    withdrawn: tuple[str, ...] = ()
    """Versions that were published once and taken back; the registry never takes one again."""

    @property
    def last(self) -> tuple[str, Level] | None:
        """The version that an install without a version gets, with its trust level; else the newest."""
        named = (each for each in self.levels if each[0] == self.latest)
        return next(named, None) or next(iter(self.levels), None)


@dataclass(frozen=True, slots=True)
class New:
    """The registry has no package of that name, or does not show it."""


@dataclass(frozen=True, slots=True)
class Inquiry:
    """Somebody who was asked, what about, and why some of it stays unknown, once for each reason."""

    host: str
    about: str
    unanswered: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Online:
    """What was asked, and what came back."""

    packages: Mapping[str, Fact[Registered | New]]
    """By the name of the package."""
    staged: Mapping[str, Fact[bool]]
    """Whether this version is staged, by the name of the package; what only its maintainers see is Unknown."""
    tags: Mapping[str, Fact[str | None]]
    """The commit that a tag of the repository names on its remote, None for a tag that is not there; by tag."""
    asked: tuple[Inquiry, ...] = ()


class Visibility(StrEnum):
    """Who may see the source repository."""

    PUBLIC = "public"
    INTERNAL = "internal"
    PRIVATE = "private"


@dataclass(frozen=True, slots=True)
class Table:
    """A dated table of preflight itself; `day` is when it was last refreshed, as YYYY-MM-DD."""

    name: str
    day: str
    old: bool = False
    """Whether that is more than a year ago."""
