"""What `npm install -g npm@…` leaves on the PATH."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from preflight.facts.fact import Known, Unknown
from preflight.facts.toolchain import Npm, Reason, Upgrade, Version
from preflight.readers.node_versions import npm_of, rows
from preflight.readers.ranges import LONGEST, Range
from preflight.records import KW_ONLY, dataclass
from preflight.source.edits import Edit, Fix, Safety

if TYPE_CHECKING:
    from collections.abc import Iterable

    from preflight.facts.fact import Fact
    from preflight.facts.toolchain import Node
    from preflight.source.text import Location

_CANNOT_UPGRADE = Version(22, 22, 2)
"""Its npm 10.9.7 lacks a module that it needs to replace itself (nodejs/node#62425, npm/cli#9151)."""
PINNED = "11"
"""The line of npm that knows trusted publishing and runs on every Node.js that is still in use."""
_PREFERS_FITTING = 9
"""The npm from which on a bare name is the range `*` (npm-package-arg 10), and a range prefers a release that fits the
Node.js (npm-pick-manifest); a dist-tag never does."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of an upgrade of npm.

    `npm` is the npm afterwards, Unknown if the upgrade fails, because the step then ends the job.
    `fails` says why it is known to fail; None if it works or nothing is known.
    `tag` is the dist-tag that decides (`latest`, `next`), whose npm may ask for a newer Node.js any day.
    """

    npm: Fact[Npm]
    _: KW_ONLY
    fails: str | None = None
    tag: str | None = None


@cache
def releases() -> tuple[tuple[Version, str], ...]:
    """Return the newest npm of each minor line and the Node.js that it asks for, oldest first (`npm-releases.csv`)."""
    found = ((Version.parse(npm), engines) for npm, engines in rows("npm-releases.csv"))
    return tuple((npm, engines) for npm, engines in found if npm is not None)


def newest_npm(major: int | None = None) -> Version:
    """Return the newest npm known, or the newest of a major version; that version's first where none is known."""
    known = [npm for npm, _ in releases() if major in {None, npm.major}]
    return max(known, default=Version(major or 0))


def upgrade(spec: str | None, node: Fact[Node], at: Location | None) -> Outcome:
    """Tell what `npm install -g npm@SPEC` does on a Node.js; None or "" stands for no `@` at all.

    npm refuses to replace itself with a release whose `engines` exclude the Node.js (EBADENGINE), as `latest` does on
    most. A range takes the newest release that fits instead, and so does the bare name from npm 9 on (tried with
    npm 11.19.1 on Node.js 20.20.2: `npm` and `npm@>=11.5.1` give 11.21.2, `npm@latest` gives EBADENGINE).
    """
    wanted = (spec or "").strip()
    if len(wanted) > LONGEST:
        return Outcome(Unknown("the version of npm is too long to be one", at))
    tag = _tag(wanted, node)
    said = Reason(f"`npm install -g npm@{wanted}`" if wanted else "`npm install -g npm`", at)
    asked = _range(tag if tag is not None else wanted)
    if asked is None or asked.lowest is None:
        return Outcome(Unknown(f"`npm@{wanted}` is not a version of npm", at), tag=tag)
    fitting = asked if tag is None and asked.only is None else None
    version = asked.only or _best(asked, node if fitting is not None else None) or asked.lowest
    fails = _failure(version, node)
    if fails is not None:
        return Outcome(Unknown(f"{said.what} fails: {fails}", at), fails=fails, tag=_only_live(tag))
    steps = (said,) if asked.only is not None else (said, Reason(f"newest npm that it can get is {version}"))
    return Outcome(Known(Npm(version, exact=asked.only is not None, why=steps), at), tag=_only_live(tag))


def replacement(
    outcome: Outcome, spec: str | None, node: Fact[Node], at: Location, word: Location | None, *, fails: str | None
) -> Upgrade:
    """Return an upgrade as a fact; `word` is where the command says `npm@SPEC`, which the remedy pins to npm 11."""
    said = f"npm@{spec}" if spec else "npm"
    remedy = None
    if word is not None and word.text.strip("'\"") == said and upgrade(PINNED, node, at).fails is None:
        edit = Edit(word, word.text.replace(said, f"npm@{PINNED}"))
        remedy = Fix(f"write `npm@{PINNED}`", Safety.SAFE, (edit,))
    return Upgrade(at, said, floats=outcome.tag is not None, fails=fails, remedy=remedy)


def distinct(found: Iterable[Upgrade]) -> tuple[Upgrade, ...]:
    """Return the upgrades of all combinations of a matrix, one for each place: one that fails before one that works."""
    places: dict[Location, Upgrade] = {}
    for each in found:
        if each.at not in places or places[each.at].fails is None:
            places[each.at] = each
    return tuple(places.values())


def _tag(wanted: str, node: Fact[Node]) -> str | None:
    if wanted:
        name = wanted.lower()
        return name if name in {"latest", "next"} or name.startswith(("latest-", "next-")) else None
    match npm_of(node):
        case Known(Npm(version)) if version.major < _PREFERS_FITTING:
            return "latest"
        case _:
            return None


def _only_live(tag: str | None) -> str | None:
    """Return a tag that moves from one major version to the next; `latest-11` does not."""
    return tag if tag in {"latest", "next"} else None


def _range(wanted: str) -> Range | None:
    if wanted in {"latest", "next"}:
        newest = newest_npm()
        return Range((((newest.major, newest.minor, newest.patch), None),))
    return Range.parse(wanted.removeprefix("latest-").removeprefix("next-"))


def _best(asked: Range, node: Fact[Node] | None) -> Version | None:
    """Return the newest npm in a range, or if there is one, the newest that fits the Node.js."""
    known = [(npm, engines) for npm, engines in releases() if npm in asked]
    match node:
        case Known(value):
            fitting = [npm for npm, engines in known if _fits(value.version, engines)]
            return max(fitting or [npm for npm, _ in known], default=None)
        case _:
            return max((npm for npm, _ in known), default=None)


def _fits(node: Version, engines: str) -> bool:
    asked = Range.parse(engines)
    return asked is None or node in asked


def _failure(version: Version, node: Fact[Node]) -> str | None:
    match node:
        case Known(value):
            has = value.version
        case Unknown():
            return None
    if has == _CANNOT_UPGRADE:
        return f"the npm of Node.js {has} cannot replace itself (Cannot find module 'promise-retry')"
    engines = next((engines for npm, engines in releases() if npm.major == version.major), None)
    if engines is None or _fits(has, engines):
        return None
    return f"npm {version} needs Node.js {engines}, and {has} runs here (EBADENGINE)"
