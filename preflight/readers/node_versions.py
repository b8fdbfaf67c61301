"""Node.js releases, the npm that each bundles, and which of them a version request gets."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from preflight.facts.fact import Known, Unknown
from preflight.facts.toolchain import Node, Npm, Reason, Version
from preflight.readers.ranges import LONGEST, Range

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.fact import Fact
    from preflight.source.text import Location

_DATA = Path(__file__).parents[1] / "data"
_NEWEST = frozenset({"node", "latest", "current"})
_UNRELEASED = ("nightly", "v8-canary", "rc")


def rows(name: str) -> Iterator[tuple[str, str]]:
    """Yield the two columns of a table in `preflight/data`, without its notes and its heading."""
    lines = (_DATA / name).read_text(encoding="utf-8").split("\n")
    entries = [line for line in lines if line and not line.startswith("#")]
    for entry in entries[1:]:
        first, _, second = entry.partition(",")
        yield first, second


class NodeTable:
    """Which npm each release of Node.js bundles, from 14.0.0 on (`data/node-npm.csv`)."""

    __slots__ = ("_npm", "newest")

    def __init__(self, entries: dict[tuple[int, ...], str]) -> None:
        self._npm = entries
        self.newest = Version(*max(entries))

    def releases(self) -> tuple[Version, ...]:
        """Return all releases, oldest first."""
        return tuple(Version(*key) for key in sorted(self._npm))

    def best(self, wanted: Range) -> Version | None:
        """Return the newest known release in a range; None where it holds none."""
        for key in sorted(self._npm, reverse=True):
            if (version := Version(*key)) in wanted:
                return version
        return None

    def before(self, version: Version) -> Version | None:
        """Return the last known release up to a version, of the same line if that is known."""
        limit = (version.major, version.minor, version.patch)
        key = max((key for key in self._npm if key <= limit), default=None)
        return None if key is None else Version(*key)

    def line(self, major: int) -> Version | None:
        """Return the newest known release of a major version."""
        key = max((key for key in self._npm if key[0] == major), default=None)
        return None if key is None else Version(*key)

    def bundled(self, version: Version) -> Version | None:
        """Return the npm in the archive of a release; None for one that is not in the table."""
        text = self._npm.get((version.major, version.minor, version.patch))
        return None if text is None else Version.parse(text)


@cache
def table() -> NodeTable:
    """Read the table when first asked for; it takes less than a millisecond."""
    return NodeTable({tuple(map(int, node.split("."))): npm for node, npm in rows("node-npm.csv")})


@cache
def long_term() -> dict[str, int]:
    """Return code name -> major version of the lines with long-term support, oldest first."""
    return {codename: int(major) for major, codename in rows("node-lts.csv")}


def node(spec: str, at: Location | None, said: str | None = None) -> Fact[Node]:
    """Resolve a version request as setup-node does: an exact version, a range, `lts/*`, `lts/-1`, `lts/iron`, `latest`.

    `said` is the first step of the resolution in words, by default setup-node's own `node-version`.
    A range gets its newest known release with `exact` False, although setup-node may take an older one that the
    machine already has. A release that is newer than the table is believed.
    Also understood, for other installers: `lts` and a code name alone.
    """
    wanted = spec.strip()
    if not wanted:
        return Unknown("the Node.js version is empty", at)
    if len(wanted) > LONGEST:
        return Unknown("the Node.js version is too long to be one", at)
    if "${{" in wanted:
        return Unknown(f"the files do not tell what `{wanted}` is", at)
    first = Reason(said if said is not None else f"setup-node `node-version: {wanted}`", at)
    return _resolved(wanted, (first,), at)


def _resolved(wanted: str, why: tuple[Reason, ...], at: Location | None) -> Fact[Node]:
    alias = wanted.lower()
    if alias in _NEWEST:
        newest = table().newest
        return Known(_floating(newest, why, Reason(f"newest Node.js known is {newest}")), at)
    if alias == "lts" or alias.startswith("lts/") or alias in long_term():
        return _long_term(wanted, alias.removeprefix("lts/"), why, at)
    return _ranged(wanted, why, at)


def _ranged(wanted: str, why: tuple[Reason, ...], at: Location | None) -> Fact[Node]:
    _, dash, stage = wanted.lower().partition("-")
    asked = Range.parse(wanted)
    if dash and stage.startswith(_UNRELEASED):
        return Unknown(f"the npm of `{wanted}`, which is no release of Node.js, is not known", at)
    if asked is None:
        return Unknown(f"`{wanted}` is not a version of Node.js", at)
    if asked.lowest is None:
        return Unknown(f"no version satisfies `{wanted}`", at)
    if asked.only is not None:
        return Known(Node(asked.only, exact=True, why=why), at)
    return Known(_newest(asked, asked.lowest, wanted, why), at)


def _floating(version: Version, why: tuple[Reason, ...], *steps: Reason) -> Node:
    return Node(version, exact=False, why=(*why, *steps))


def _long_term(wanted: str, name: str, why: tuple[Reason, ...], at: Location | None) -> Fact[Node]:
    lines = long_term()
    back = name[1:] if name.startswith("-") else ""
    if name in {"*", "lts"}:
        major = max(lines.values())
    elif name in lines:
        major = lines[name]
    elif back.isascii() and back.isdigit() and len(back) < 3 and int(back) < len(lines):
        major = sorted(lines.values())[-1 - int(back)]
    else:
        return Unknown(f"`{wanted}` names no known LTS line of Node.js", at)
    line = Range((((major, 0, 0), (major + 1, 0, 0)),))
    step = Reason(f"`{wanted}` is Node.js {major}")
    return Known(_newest(line, Version(major), str(major), (*why, step)), at)


def _newest(asked: Range, lowest: Version, wanted: str, why: tuple[Reason, ...]) -> Node:
    known = table()
    best = known.best(asked)
    single = asked.majors(lowest.major + 1) == (lowest.major,)
    if best is not None:
        named = f"Node.js {lowest.major}" if single and _says_only_major(wanted) else f"Node.js in `{wanted}`"
        return _floating(best, why, Reason(f"newest {named} known is {best}"))
    if known.before(lowest) is None:
        return _floating(lowest, why, Reason(f"Node.js {lowest} is older than the table, which starts at 14.0.0"))
    return _floating(lowest, why, Reason(f"no release of Node.js in `{wanted}` is known yet"))


def _says_only_major(wanted: str) -> bool:
    return wanted.removeprefix("v").removesuffix(".x").isdigit()


def npm_of(node: Fact[Node]) -> Fact[Npm]:
    """Return the npm that the archive of a Node.js release bundles.

    A release that is newer than the table has at least the npm of the last known release of its line, or of the last
    of all for a new line; one before 14.0.0 has npm 6 at best. Both give `exact` False.
    """
    match node:
        case Unknown():
            return node
        case Known(value, at):
            npm, sure, step = _bundled(value.version)
            return Known(Npm(npm, exact=value.exact and sure, why=(*value.why, Reason(step))), at)


def _bundled(version: Version) -> tuple[Version, bool, str]:
    known = table()
    npm = known.bundled(version)
    if npm is not None:
        return npm, True, f"it bundles npm {npm}"
    before = known.before(version)
    npm = None if before is None else known.bundled(before)
    if before is None or npm is None:
        return Version(6), False, f"Node.js {version.major} bundles npm 6 or older"
    if known.line(version.major) in {before, None}:
        return npm, False, f"Node.js {version} is newer than the known releases: npm {npm} or newer, as in {before}"
    return npm, False, f"Node.js {version} is not a known release; {before} before it bundles npm {npm}"
