"""The versions of tools that a package.json declares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.fact import Known, Unknown
from preflight.facts.toolchain import Reason, Version
from preflight.readers.ranges import LONGEST, Range
from preflight.records import dataclass

if TYPE_CHECKING:
    from preflight.facts.fact import Fact
    from preflight.readers.lockfiles import Locked
    from preflight.source.text import Location


@dataclass(frozen=True, slots=True)
class Told:
    """What the files tell about the version of a tool that will run.

    `version` is the oldest that may, `range` holds all of them; `why` are the steps, as in `Publisher`.
    """

    version: Fact[Version]
    range: Range | None = None
    why: tuple[Reason, ...] = ()

    @property
    def exact(self) -> bool:
        """Whether just one version may run."""
        return self.range is not None and self.range.only is not None

    def below(self, floor: Version) -> bool:
        """Tell whether every version that may run is older; of a range the newest is what gets installed."""
        return self.range is not None and self.range.below(floor)

    def within(self, first: Version, end: Version) -> bool:
        """Tell whether all versions that may run lie from the first up to, not including, the end."""
        return self.below(end) and isinstance(self.version, Known) and self.version.value >= first


def told(text: str, what: str, name: str, at: Location | None) -> Told:
    """Return what a version, a range or a dist-tag tells; `what` says in words where it stands."""
    asked = _range(text)
    if asked is None or asked.lowest is None:
        return Told(Unknown(f"`{name}: {text[:80]}` tells no version", at))
    return Told(declared(text, name, at), asked, (Reason(what, at),))


def pinned(found: Locked, name: str, at: Location | None, why: tuple[Reason, ...] = ()) -> Told:
    """Return what a lockfile tells; `at` is the line that a person changes to get another version."""
    version = found.version
    low = (version.major, version.minor, version.patch)
    said = Reason(f"`{found.at.path}` holds {name} {version}", found.at)
    return Told(Known(version, at or found.at), Range(((low, (*low[:2], low[2] + 1)),)), (*why, said))


def admits(text: str, version: Version) -> bool:
    """Tell whether a range allows a version; what is no range allows all."""
    asked = _range(text)
    return asked is None or version in asked


def package_manager(text: str) -> tuple[str, Version] | None:
    """Read `packageManager`, such as `pnpm@10.4.1+sha512.…`; None where it is not a name and a full version.

    Source: Corepack's README; a URL in place of the version is allowed there, and not read.
    """
    name, at, spec = text.strip()[: LONGEST * 2].partition("@")
    version = Version.parse(spec)
    if not name or not at or version is None or spec.count(".") < 2:
        return None
    return name.lower(), version


def declared(text: str, name: str, at: Location | None) -> Fact[Version]:
    """Return the oldest version of a tool that a range in package.json allows, which is a floor, not a pin.

    Serves `devDependencies`, `engines` and `devEngines.packageManager`. `exact` tells a pin from a floor.
    Unknown for a dist-tag, an address, `catalog:` and `workspace:*`, which say nothing here.
    """
    found = lowest(text)
    if found is None:
        return Unknown(f"`{name}: {text[:80]}` tells no version", at)
    return Known(found, at)


def lowest(text: str) -> Version | None:
    """Return the oldest version that a range allows; None for what is no range, or holds nothing, or everything."""
    asked = _range(text)
    return None if asked is None or asked.lowest == Version(0) else asked.lowest


def exact(text: str) -> bool:
    """Tell whether a range allows exactly one version."""
    asked = _range(text)
    return asked is not None and asked.only is not None


def majors(text: str, newest: int) -> tuple[int, ...]:
    """Return the major versions that a range allows, none above `newest`; empty for what is no range."""
    asked = _range(text)
    return () if asked is None else asked.majors(newest)


def _range(text: str) -> Range | None:
    """Read a range behind `workspace:` or an alias, `npm:other-name@^1.0.0`."""
    bare = text.strip().removeprefix("workspace:")
    if bare.startswith("npm:"):
        bare = bare.rpartition("@")[2]
    return Range.parse(bare)
