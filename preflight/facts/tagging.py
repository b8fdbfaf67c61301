"""A release about to be tagged: the tags, what git says of the tree, and what the files say of the version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.fact import Known, Unknown
from preflight.records import KW_ONLY, dataclass

if TYPE_CHECKING:
    from preflight.facts.fact import Fact
    from preflight.facts.project import Package
    from preflight.source.edits import Fix
    from preflight.source.text import Location


@dataclass(frozen=True, slots=True)
class Named:
    """A package that a tag is about; `says` is the version in the tag, and `at` the one in package.json."""

    package: Package
    says: str
    _: KW_ONLY
    tag: str
    at: Location
    placeholder: bool = False
    """Whether package.json holds a stand-in that the release tool or the publish job replaces."""
    doubt: str | None = None
    """Why the version in package.json may be such a stand-in."""

    @property
    def agrees(self) -> bool:
        """Whether the tag has the version of package.json; npm leaves out what follows a `+`."""
        return self.says.partition("+")[0] == (self.package.version or "").partition("+")[0]


@dataclass(frozen=True, slots=True)
class Existing:
    """A tag that is there already, and the commit that it names; `same` where that is HEAD."""

    tag: str
    commit: str
    _: KW_ONLY
    same: bool


@dataclass(frozen=True, slots=True)
class Stale:
    """A lockfile that holds another version of the package than its package.json."""

    at: Location
    package: str
    _: KW_ONLY
    locked: str
    version: str
    remedy: Fix | None = None


@dataclass(frozen=True, slots=True)
class Unfiled:
    """A changelog that does not mention the version that is about to be tagged."""

    at: Location
    package: str
    version: str


@dataclass(frozen=True, slots=True)
class Tagging:
    """What the rules at the tag may know.

    `tags` are several where each package of a monorepo has its own, and none where they could not be found out.
    """

    tags: tuple[str, ...]
    _: KW_ONLY
    creating: bool
    """Whether preflight itself will create the tags, so that any tag of that name is in the way."""
    head: Fact[str]
    """The commit that HEAD names, as hexadecimal digits."""
    named: tuple[Named, ...] = ()
    """The packages that the tags are about."""
    misnamed: Fact[str] | None = None
    """Why a tag names no package or no version, where it does not; unknown where it may belong to something else."""
    existing: Fact[tuple[Existing, ...]]
    dirty: Fact[tuple[str, ...]]
    """Tracked files with uncommitted changes."""
    unpushed: Fact[str | None]
    """Why HEAD is not on the branch that it tracks; None where it is."""
    stale: tuple[Stale, ...] = ()
    unfiled: tuple[Unfiled, ...] = ()
    at: Location | None = None
    """The version in the manifest of the first package."""

    @property
    def missing(self) -> tuple[str, ...]:
        """The tags that are not here yet, as far as is known."""
        match self.existing:
            case Known(found):
                there = {one.tag for one in found}
                return tuple(tag for tag in self.tags if tag not in there)
            case Unknown():
                return self.tags
