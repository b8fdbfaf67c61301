"""Ranges of versions, as npm and setup-node read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.toolchain import Version
from preflight.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST = 256
"""Characters of a range that are read; npm's own `semver` stops at as many for a version."""
_OPERATORS = (">=", "<=", "~>", ">", "<", "=", "~", "^")
_WILD = frozenset("xX*")

_Triple = tuple[int, int, int]
_Interval = tuple[_Triple, _Triple | None]
"""Versions from the first up to, not including, the second; None leaves the range open."""

_EVERYTHING: _Interval = ((0, 0, 0), None)
_NOTHING: _Interval = ((0, 0, 0), (0, 0, 0))


@dataclass(frozen=True, slots=True)
class Range:
    """A set of versions; pre-releases count as the release that they lead to, because `Version` drops them."""

    intervals: tuple[_Interval, ...]
    """Each with something in it, in the order in which they were written."""

    @classmethod
    def parse(cls, text: str) -> Range | None:
        """Read a range of npm's grammar: `20`, `24.x`, `^20.17.0 || >=22.9.0`, `1.2 - 2`, `*`, nothing at all.

        Return None for anything else, such as a dist-tag, and for more than `LONGEST` characters.
        Written by hand instead of taken from `node-semver`, which needs seconds for a run of spaces.
        Source: the README of npm's `semver` package, "Ranges".
        """
        if len(text) > LONGEST:
            return None
        intervals = [_alternative(part) for part in text.split("||")]
        found = tuple(interval for interval in intervals if interval is not None)
        return cls(tuple(filter(_has_something, found))) if len(found) == len(intervals) else None

    def __contains__(self, version: Version) -> bool:
        triple = (version.major, version.minor, version.patch)
        return any(low <= triple and (high is None or triple < high) for low, high in self.intervals)

    @property
    def lowest(self) -> Version | None:
        """The oldest version of the range; None where it holds nothing."""
        return Version(*min(low for low, _ in self.intervals)) if self.intervals else None

    @property
    def only(self) -> Version | None:
        """The version, where the range holds exactly one."""
        match self.intervals:
            case (((major, minor, patch), high),) if high == (major, minor, patch + 1):
                return Version(major, minor, patch)
            case _:
                return None

    def newest(self, known: Iterable[Version]) -> Version | None:
        """Return the newest of the known versions that the range holds."""
        return max((version for version in known if version in self), default=None)

    def below(self, floor: Version) -> bool:
        """Tell whether all of its versions are older than that one; False where it holds nothing."""
        limit = (floor.major, floor.minor, floor.patch)
        return bool(self.intervals) and all(high is not None and high <= limit for _, high in self.intervals)

    def majors(self, newest: int) -> tuple[int, ...]:
        """Return the major versions that the range touches, none above `newest`."""
        touched: set[int] = set()
        for low, high in self.intervals:
            end = newest if high is None else min(newest, high[0] if high[1:] > (0, 0) else high[0] - 1)
            touched.update(range(low[0], end + 1))
        return tuple(sorted(touched))


def _has_something(interval: _Interval) -> bool:
    low, high = interval
    return high is None or low < high


def _alternative(text: str) -> _Interval | None:
    """Return what all comparators of one side of a `||` have in common; None if one is not a comparator."""
    words = text.split()
    bounds: tuple[_Interval | None, ...]
    match words:
        case [first, "-", last]:
            bounds = (_comparator(f">={first}"), _comparator(f"<={last}"))
        case _:
            bounds = tuple(_comparator(word) for word in _glued(words))
    common = _EVERYTHING
    for interval in bounds:
        if interval is None:
            return None
        common = _intersection(common, interval)
    return common


def _intersection(one: _Interval, other: _Interval) -> _Interval:
    highs = [high for high in (one[1], other[1]) if high is not None]
    return max(one[0], other[0]), min(highs, default=None)


def _glued(words: list[str]) -> list[str]:
    """Join an operator that stands alone with the version behind it: `>= 20` is `>=20`."""
    glued: list[str] = []
    pending = ""
    for word in words:
        if word in _OPERATORS and not pending:
            pending = word
        else:
            glued.append(pending + word)
            pending = ""
    return [*glued, pending] if pending else glued


def _comparator(word: str) -> _Interval | None:
    operator = next((sign for sign in _OPERATORS if word.startswith(sign)), "")
    version = word[len(operator) :].lstrip("=v") if len(word) - len(operator) > 1 else word[len(operator) :]
    version, _, _ = version.partition("+")
    core, dash, _ = version.partition("-")
    given = _given(core)
    if given is None or (dash and len(given) < 3):
        return None
    return _interval(operator, given, before_release=bool(dash))


def _given(core: str) -> tuple[int, ...] | None:
    """Return the numbers before the first wildcard; None where the text is no version."""
    parts = core.split(".")
    if len(parts) > 3:
        return None
    numbers: list[int] = []
    wild = False
    for part in parts:
        if part in _WILD:
            wild = True
        elif not (part.isascii() and part.isdigit() and len(part) < 10) or (part[0] == "0" and part != "0"):
            return None
        elif not wild:
            numbers.append(int(part))
    return tuple(numbers)


def _interval(operator: str, given: tuple[int, ...], *, before_release: bool) -> _Interval:
    match given:
        case (major, minor, patch):
            low, after = (major, minor, patch), (major, minor, patch + 1)
            tilde: _Triple = (major, minor + 1, 0)
        case (major, minor):
            low, after = (major, minor, 0), (major, minor + 1, 0)
            tilde = after
        case (major,):
            low, after = (major, 0, 0), (major + 1, 0, 0)
            tilde = after
        case _:
            return _NOTHING if operator in {"<", ">"} else _EVERYTHING
    bounds: dict[str, _Interval] = {
        ">=": (low, None),
        ">": (low if before_release else after, None),
        "<": ((0, 0, 0), low),
        "<=": ((0, 0, 0), low if before_release else after),
        "~": (low, tilde),
        "~>": (low, tilde),
        "^": (low, _caret(given, after)),
    }
    return bounds.get(operator, (low, after))


def _caret(given: tuple[int, ...], after: _Triple) -> _Triple:
    """Return where `^` ends: the first number that is not 0, of those that are given, may not change."""
    match given:
        case (0, 0, *_) | (0,):
            return after
        case (0, minor, *_):
            return 0, minor + 1, 0
        case _:
            return given[0] + 1, 0, 0
