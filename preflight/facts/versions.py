"""The published versions of a package: how much trust each has, and what changed between them."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from preflight.records import KW_ONLY, dataclass

if TYPE_CHECKING:
    from preflight.facts.fact import Fact
    from preflight.facts.online import Level
    from preflight.facts.release import Identity, Outcome


class Trait(StrEnum):
    """What may differ from one version to the next; the words that scripts may rely on."""

    REPOSITORY = "repository"
    REPOSITORY_ID = "repository-id"
    OWNER = "owner"
    WORKFLOW = "workflow"
    RUNNER = "runner"
    TRIGGER = "trigger"
    PUBLISHER = "publisher"


@dataclass(frozen=True, slots=True)
class Drift:
    """A trait that differs from the version before."""

    trait: Trait
    before: str
    now: str


@dataclass(frozen=True, slots=True)
class Lost:
    """An earlier version that had more trust, and how much."""

    version: str
    level: Level


@dataclass(frozen=True, slots=True)
class Published:
    """One version, as the packument tells of it; what that says is signed by nobody, unless it was verified."""

    version: str
    time: str | None
    """As the registry writes it: `2026-11-21T05:12:44.000Z`."""
    _: KW_ONLY
    level: Level
    user: str | None = None
    """Who published it, as the registry says."""
    publisher: str | None = None
    """The CI system of the trusted publisher, as the registry says."""
    repository: str | None = None
    """What its package.json says."""
    integrity: str | None = None
    deprecated: bool = False
    proof: Fact[Outcome] | None = None
    """What came of its provenance; None where it has none, or where nobody verified it."""
    identity: Identity | None = None
    """Who built it, as far as that was verified."""
    lost: Lost | None = None
    """For a downgrade: the earlier version that had the most trust."""
    drift: tuple[Drift, ...] = ()
    first: bool = False
    """Whether no earlier version has as much trust."""

    @property
    def changes(self) -> bool:
        """Whether it differs from what came before."""
        return self.lost is not None or bool(self.drift) or self.first


@dataclass(frozen=True, slots=True)
class Versions:
    """All versions of a package, the newest first."""

    name: str
    published: tuple[Published, ...]
    _: KW_ONLY
    latest: str | None
    verified: bool = False
    """Whether the provenance of each was verified, rather than read off the packument."""
