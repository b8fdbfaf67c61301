"""Ignores: what silences a finding, where it may stand, and what it covers."""

from __future__ import annotations

from enum import StrEnum
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from preflight.records import KW_ONLY, dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from preflight.finding import Finding
    from preflight.source.text import Location, Source

NOT_IN_PLACE = frozenset({"unreadable-file", "committed-token"})
"""Rules whose findings a file must not silence itself."""
MARK = "preflight:"
WORD = "ignore"
COMMENT_SIGNS = "#;"
LONGEST_BLOCK = 20
"""Lines of comments that may stand between an ignore and the line that it covers."""
MANIFEST = "package.json"
UNCOMMENTED = (".json", ".lock")
"""Ends of the names of files that have no comments."""


class By(StrEnum):
    """Who says that a finding does not count."""

    COMMENT = "comment"
    CONFIGURATION = "configuration"
    PACKAGE = "package"


@dataclass(frozen=True, slots=True)
class Ignore:
    """A rule that is not to speak about something, and the reason.

    `path` and `package` may hold `*`; without both, the rule is silenced everywhere.
    """

    rule: str
    reason: str
    _: KW_ONLY
    by: By
    at: Location | None = None
    path: str | None = None
    package: str | None = None
    line: int | None = None
    """The line that a comment covers, counted from 1."""
    expires: date | None = None

    def covers(self, finding: Finding, *, alone: bool = False) -> bool:
        """Return whether a finding of its rule is meant.

        `alone` says that the project has one package only, which then answers for the workflows too.
        """
        path = str(finding.at.path) if finding.at else None
        match self.by:
            case By.COMMENT:
                return finding.at is not None and (path, finding.at.line) == (self.path, self.line)
            case By.PACKAGE:
                return finding.package == self.package or path == self.path or (alone and finding.package is None)
            case By.CONFIGURATION:
                return _fits(self.path, path, folder=True) and _fits(self.package, finding.package, folder=False)

    def fault(self, today: date, rules: Iterable[str]) -> str | None:
        """Return why this ignore cannot work, as a sentence; None if it can."""
        if not self.rule:
            return "this ignore names no rule: write `preflight: ignore[rule] reason`"
        if self.rule not in rules:
            from preflight.errors import suggestion

            hint = suggestion(self.rule, rules)
            return f"the ignore of `{self.rule}` names no rule" + (f", {hint}" if hint else "")
        if self.by is not By.CONFIGURATION and self.rule in NOT_IN_PLACE:
            return f"`{self.rule}` cannot be ignored in place, only in preflight.toml"
        if not self.reason:
            return f"the ignore of `{self.rule}` has no reason, so it does not count"
        if self.expires and self.expires < today:
            return f"the ignore of `{self.rule}` expired on {self.expires.isoformat()}"
        return None


def in_sources(sources: Iterable[Source]) -> tuple[Ignore, ...]:
    """Return the ignores that stand in the files themselves: comments, and `preflight.ignore` of a package.json."""
    return tuple(ignore for source in sources for ignore in _in_source(source))


def _in_source(source: Source) -> Iterator[Ignore]:
    if source.path.name == MANIFEST:
        yield from _in_manifest(source)
    elif not source.path.name.endswith(UNCOMMENTED):
        yield from _in_comments(source)


def _in_comments(source: Source) -> Iterator[Ignore]:
    mark = source.text.find(MARK)
    while mark >= 0:
        yield from _comment(source, mark)
        mark = source.text.find(MARK, mark + len(MARK))


def _comment(source: Source, mark: int) -> Iterator[Ignore]:
    number, column = source.position(mark)
    line = source.line(number)
    before, said = line[: column - 1].rstrip(), line[column - 1 + len(MARK) :].lstrip()
    code = before.rstrip(COMMENT_SIGNS)
    if code == before or (code and not code[-1].isspace()) or not said.startswith(WORD):
        return
    rules, bracket, reason = said[len(WORD) :].lstrip().removeprefix("[").partition("]")
    start = mark - (column - 1)
    at = source.at(start + len(code), start + len(line))
    covered = number if code.strip() else _covered(source, number)
    for name in rules.split(",") if bracket else ("",):
        yield Ignore(name.strip(), reason.strip(" \t:-"), by=By.COMMENT, at=at, path=str(source.path), line=covered)


def _covered(source: Source, number: int) -> int:
    """Return the first line below a comment that is no comment itself; a long block of comments covers nothing."""
    for line in range(number + 1, number + 1 + LONGEST_BLOCK):
        if source.line(line).lstrip()[:1] not in ("#", ";"):
            return line
    return number


def _in_manifest(source: Source) -> Iterator[Ignore]:
    if '"preflight"' not in source.text:
        return
    from preflight.errors import UnreadableError
    from preflight.source.json import read
    from preflight.source.nodes import entries, find, text

    try:
        root = read(source).root
    except UnreadableError:
        return
    package = text(find(root, "name"))
    for key, value in entries(find(root, "preflight", "ignore")):
        reason = (text(value) or "").strip()
        yield Ignore(key.text, reason, by=By.PACKAGE, at=key.at, path=str(source.path), package=package)


def _fits(pattern: str | None, value: str | None, *, folder: bool) -> bool:
    if pattern is None:
        return True
    if value is None:
        return False
    return value == pattern or (folder and value.startswith(pattern.rstrip("/") + "/")) or fnmatchcase(value, pattern)
