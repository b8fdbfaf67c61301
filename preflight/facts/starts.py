"""What starts a publish job, who can make that happen, and what keeps the job from starting or from ending."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from preflight.records import KW_ONLY, dataclass

if TYPE_CHECKING:
    from preflight.facts.fact import Fact
    from preflight.source.text import Location


class Trust(StrEnum):
    """Who can make an event happen, at the least."""

    STRANGER = "stranger"
    """Anyone, with the repository's secrets and tokens in reach: `pull_request_target`, `issue_comment`."""
    FORK = "fork"
    """Anyone, but a run of a fork has neither secrets nor an id token: `pull_request`."""
    WRITER = "writer"
    """Whoever may push to a branch or start a pipeline by hand."""
    RELEASER = "releaser"
    """Whoever may push a tag or publish a release, which a repository can restrict."""
    CLOCK = "clock"
    """Nobody: a schedule."""


@dataclass(frozen=True, slots=True)
class Start:
    """One event that starts a job; `at` is where the pipeline names it."""

    at: Location
    event: str
    trust: Trust
    _: KW_ONLY
    guarded: Fact[bool]
    """Whether a condition keeps out an arbitrary one of those people, so that only more trusted ones get through."""
    deed: str | None = None
    """What they have to do, in words, where it takes nobody else: `a push to a branch`, `a start by hand`."""


@dataclass(frozen=True, slots=True)
class Unheard:
    """An event that a job waits for and that never comes, because a pipeline's own token causes it.

    `at` is where the job waits for it, `maker` where the other pipeline causes it.
    """

    at: Location
    event: str
    """In words: `a release`."""
    maker: Location
    what: str
    """What makes it, as `gh release create`."""
    _: KW_ONLY
    doubt: str | None = None


class Danger(StrEnum):
    """What several runs of one pipeline do to a publish."""

    CUT = "cut"
    """A newer run cancels one that is publishing."""
    RACE = "race"
    """Two runs publish at the same time."""


@dataclass(frozen=True, slots=True)
class Interruption:
    """What can end a publish half-way, or make two of it, and why."""

    at: Location
    danger: Danger
    why: str
    doubt: str | None = None


@dataclass(frozen=True, slots=True)
class Repeat:
    """A package that several jobs of one matrix send; `at` is the matrix, `site` the command."""

    at: Location
    site: Location
    packages: tuple[str, ...]
    _: KW_ONLY
    count: int
    """How many jobs of the matrix send them."""
    doubt: str | None = None
