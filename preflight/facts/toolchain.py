"""Versions, the npm that will run, and how that was worked out."""

from __future__ import annotations

from functools import total_ordering
from typing import TYPE_CHECKING

from preflight.records import KW_ONLY, dataclass

if TYPE_CHECKING:
    from preflight.facts.fact import Fact
    from preflight.source.edits import Fix
    from preflight.source.text import Location


@total_ordering
@dataclass(frozen=True, slots=True)
class Version:
    """A release number; what follows a `-` or `+` is dropped, because no floor here depends on it."""

    major: int
    minor: int = 0
    patch: int = 0

    @classmethod
    def parse(cls, text: str) -> Version | None:
        """Read `24`, `v24.5`, `11.5.1` or `11.5.1-rc.1`; None for anything else, ranges included."""
        head = text.strip().removeprefix("v").split("+")[0].split("-")[0]
        parts = head.split(".")
        if not 1 <= len(parts) <= 3 or not all(part.isascii() and part.isdigit() and len(part) < 10 for part in parts):
            return None
        return cls(*map(int, parts))

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"

    def __lt__(self, other: Version) -> bool:
        return (self.major, self.minor, self.patch) < (other.major, other.minor, other.patch)


@dataclass(frozen=True, slots=True)
class Reason:
    """One step of a resolution, in words, with the place that it was read from."""

    what: str
    at: Location | None = None


@dataclass(frozen=True, slots=True)
class Npm:
    """The npm that will run.

    `exact` is False where a range floats: the version is then the newest known one, which is what a fresh run gets.
    `why` lists the steps of the resolution, first to last; `at` is the line that decides the version.
    """

    version: Version
    _: KW_ONLY
    exact: bool
    why: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Node:
    """The Node.js that will run; fields as in `Npm`."""

    version: Version
    _: KW_ONLY
    exact: bool
    why: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Floor:
    """The oldest npm that will do, what for, and what npm says where it is older; nothing where it says nothing."""

    version: Version
    why: str
    says: str = ""


@dataclass(frozen=True, slots=True)
class Publisher:
    """A release tool: the version that will run, and the oldest that will do what the job relies on."""

    name: str
    """As its package is called: `@semantic-release/npm`, `changesets/action`."""
    version: Fact[Version]
    """At the line that decides it."""
    floor: Floor | None = None
    """None where every version will do, or where the newest of a range does, which is what gets installed."""
    why: tuple[Reason, ...] = ()
    exact: bool = False
    """False where `version` is the oldest of a range."""


@dataclass(frozen=True, slots=True)
class Upgrade:
    """A step that replaces npm before a publish; `spec` is what it asks for, as `npm@latest`.

    `floats` is whether the newest npm of any major counts, `fails` why it is known to fail on the Node.js there.
    """

    at: Location
    spec: str
    _: KW_ONLY
    floats: bool
    fails: str | None = None
    remedy: Fix | None = None


USER_FLOOR = Version(10, 2, 0)
"""Below 9.5 npm ignores provenance; 9.5 to 10.1 make it with known faults."""
TRUSTED_PUBLISHING = Version(11, 5, 1)
"""The first npm that exchanges an OIDC token for a publish token (docs.npmjs.com/trusted-publishers)."""
STAGING = Version(11, 15, 0)
"""The first npm with `npm stage`."""
