"""Known or known to be unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from preflight.records import dataclass

if TYPE_CHECKING:
    from preflight.source.edits import Fix
    from preflight.source.text import Location

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Known(Generic[T_co]):
    """A value, the place that says so, and the remedy if a rule objects to it."""

    value: T_co
    at: Location | None = None
    remedy: Fix | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """Something that the files do not tell; `why` completes "cannot tell: …"."""

    why: str
    at: Location | None = None


Fact = Known[T_co] | Unknown
