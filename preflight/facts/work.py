"""What a job does besides publishing: what it installs, pastes, pipes and restores."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.records import KW_ONLY, dataclass

if TYPE_CHECKING:
    from preflight.facts.ci import Runner, System, Via
    from preflight.facts.fact import Fact
    from preflight.source.edits import Fix
    from preflight.source.text import Location


@dataclass(frozen=True, slots=True)
class Install:
    """A command that installs the project's dependencies.

    `locked` is whether it takes exactly what the lockfile says; the remedy of a Known(False) makes it so.
    """

    at: Location
    command: str
    locked: Fact[bool]
    _: KW_ONLY
    why: str = ""
    """Why it is not locked: `npm install` may change the lockfile, there is none, …"""
    via: tuple[Via, ...] = ()


@dataclass(frozen=True, slots=True)
class Piped:
    """A command that runs what it downloads, such as `curl … | sh`."""

    at: Location
    command: str
    source: str
    """Where it comes from, as far as the command says."""
    via: tuple[Via, ...] = ()


@dataclass(frozen=True, slots=True)
class Paste:
    """An expression that is pasted into the text of a script, where what it holds can become commands."""

    at: Location
    expression: str
    whose: str
    """Who decides what it holds: `anyone who opens a pull request`."""
    remedy: Fix | None = None
    doubt: str | None = None


@dataclass(frozen=True, slots=True)
class Cache:
    """A cache that a job restores; `shared` is whether less trusted runs can write it."""

    at: Location
    what: str
    """What restores it: `setup-node with cache: npm`, …"""
    shared: Fact[bool]
    writers: tuple[Via, ...] = ()
    """Other jobs of the repository that use a cache of that kind."""
    remedy: Fix | None = None


@dataclass(frozen=True, slots=True)
class Leak:
    """A publish token in the environment of commands that run the dependencies' code; `at` is where it is set."""

    at: Location
    name: str
    """The variable that holds it."""
    commands: tuple[Via, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What one job does besides publishing."""

    installs: tuple[Install, ...] = ()
    piped: tuple[Piped, ...] = ()
    pastes: tuple[Paste, ...] = ()
    caches: tuple[Cache, ...] = ()
    leaks: tuple[Leak, ...] = ()


@dataclass(frozen=True, slots=True)
class Feeder:
    """A job that made what a publish job sends; `feeds` are the names of the publish jobs."""

    name: str
    at: Location
    _: KW_ONLY
    system: System
    runners: tuple[Fact[Runner], ...]
    work: Work
    feeds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grant:
    """An id token that a job may mint, of a pipeline that holds a publish job; `needed` says what for, if anything."""

    at: Location
    """The line that grants it, or the key of a job that has it from its caller."""
    job: str
    needed: Fact[bool]
    _: KW_ONLY
    whole: bool = False
    """Whether the line grants it to all jobs of the pipeline."""
    remedy: Fix | None = None
