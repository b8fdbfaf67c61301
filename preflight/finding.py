"""What a check found."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from preflight.records import KW_ONLY, dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable

    from preflight.facts.ci import Via
    from preflight.source.edits import Fix
    from preflight.source.text import Location


class Severity(StrEnum):
    """How bad it is; the order is from worst to least."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return list(Severity).index(self)


@dataclass(frozen=True, slots=True)
class Related:
    """A place that explains a finding, and what it has to do with it."""

    at: Location
    message: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a rule objects to, at the line that a maintainer would change."""

    at: Location | None
    message: str
    _: KW_ONLY
    related: tuple[Related, ...] = ()
    remedy: Fix | None = None
    sure: bool = True
    """False where the files do not tell; the message or the doubt then says why."""
    doubt: str | None = None
    """What the files do not tell, as a part of a sentence, where the message does not say it."""
    severity: Severity | None = None
    """Only where a rule has several; else the rule's own."""
    job: str | None = None
    package: str | None = None
    packages: tuple[str, ...] = ()
    """Those that one finding stands for, where several packages share the line to change; `package` is then None."""
    label: str | None = None
    """A few words beside the caret."""
    prevents: str | None = None
    """Only where a rule prevents several messages; else the rule's own. Empty where nothing would be said."""
    code: str | None = None
    attestation: str | None = None


@dataclass(frozen=True, slots=True)
class UnusedIgnore:
    """An ignore that silences nothing, and why: no such finding, expired, or without a reason."""

    at: Location | None
    why: str


def along(chain: Iterable[Via]) -> tuple[Related, ...]:
    """Return a chain of places as the related places of a finding."""
    return tuple(Related(link.at, link.what) for link in chain)
