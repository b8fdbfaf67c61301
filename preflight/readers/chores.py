"""What the commands of a job do besides publishing: install, run what they download, run the dependencies' code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.ci import Credential, Via
from preflight.facts.fact import Fact, Known
from preflight.facts.work import Install, Leak, Piped
from preflight.readers.installs import remedy
from preflight.readers.piped import MARKS, piped
from preflight.records import KW_ONLY, dataclass, field

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import PurePosixPath

    from preflight.facts.ci import PublishSite
    from preflight.readers.installs import Installs
    from preflight.readers.pipeline import InstallAll, Script, Setting
    from preflight.readers.shell import Command
    from preflight.source.nodes import Scalar
    from preflight.source.text import Location

WORDS = (
    "install",
    "yarn",
    "pnpm i",
    "npm i",
    "npm ci",
    "npm t",
    "bun i",
    "bun ci",
    "clean-",
    " run ",
    "pnpm ",
    "npx ",
    ".sh",
    "make",
)
"""Texts: a script that holds none of them, nor a mark of a download, does no chore that anybody asks about."""
SECRETIVE = ("TOKEN", "AUTH", "NPM", "SECRET", "KEY")
"""What the name of a variable holds that may be a publish token, in capitals."""
LONGEST = 80
_SHOWN = frozenset({Credential.TOKEN, Credential.BOTH})


@dataclass(frozen=True, slots=True)
class Exposed:
    """A command of the job that runs the dependencies' code, with the variables that may hold a token."""

    at: Location
    what: str
    script: Scalar
    _: KW_ONLY
    env: tuple[Setting, ...]
    installs: bool


@dataclass(slots=True)
class Chores:
    """What a walk came upon, in the order of the commands."""

    installed: list[tuple[Install, bool]] = field(default_factory=list)
    """Each installation, and whether versions had been set before."""
    piped: list[Piped] = field(default_factory=list)
    exposed: list[Exposed] = field(default_factory=list)
    runs_scripts: bool = False
    """Whether the last installation ran scripts of the dependencies."""
    _bumped: bool = False

    @property
    def told(self) -> tuple[Install, ...]:
        """The installations, each place once.

        One after versions were set only brings the lockfile up to date where another came before.
        """
        first = any(not bumped for _, bumped in self.installed)
        kept = (install for install, bumped in self.installed if not (bumped and first))
        return tuple({install.at: install for install in kept}.values())

    def download(self, script: Script, commands: Iterable[Command], at: Location | None) -> None:
        """Note the commands of a script that run what they download."""
        if not downloads(script.text):
            return
        for found in piped(script.text, commands):
            place = script.scalar.place(found.start, found.end)
            said = " ".join(place.text.split())
            command = said if len(said) <= LONGEST else f"{said[: LONGEST - 1]}…"
            via = (*((Via(at, "the job runs it from here"),) if at else ()), *script.via)
            self.piped.append(Piped(place, command, found.source, via))

    def bump(self, command: Command) -> None:
        """Note that a command sets versions, after which an installation only brings the lockfile up to date."""
        self._bumped = self._bumped or any(word.text == "version" for word in command.words[1:4])

    def install(
        self,
        deed: InstallAll,
        script: Script,
        here: Location,
        at: Location | None,
        *,
        folder: Fact[PurePosixPath],
        env: tuple[Setting, ...],
        reader: Installs,
    ) -> None:
        """Note an installation, and whether it runs scripts of the dependencies."""
        found = reader.locked(deed, folder, env)
        self.runs_scripts = found is not None and reader.runs_scripts(deed, folder)
        if found is None:
            return
        word = script.scalar.place(deed.word.start, deed.word.end)
        fix = None if found.locked else remedy(found, word, deed.word.text, here=at is None)
        via = (*((Via(at, "the job runs it from here"),) if at else ()), *script.via)
        install = Install(here, deed.what, Known(found.locked, here, fix), why=found.why, via=via)
        self.installed.append((install, self._bumped))

    def expose(self, what: str, script: Script, here: Location, env: tuple[Setting, ...], *, installs: bool) -> None:
        """Note a command that runs the dependencies' code with what may be a token in its environment."""
        kept = tuple(each for each in env if any(mark in each.name.upper() for mark in SECRETIVE))
        if kept:
            self.exposed.append(Exposed(here, what, script.scalar, env=kept, installs=installs))

    def join(self, other: Chores) -> None:
        """Add what another walk of the same job came upon."""
        self.installed += other.installed
        self.piped += other.piped
        self.exposed += other.exposed


def downloads(text: str) -> bool:
    """Tell whether a script may download something."""
    lowered = text.lower()
    return any(mark in lowered for mark in MARKS)


def matters(text: str) -> bool:
    """Tell whether a script may do a chore that anybody asks about."""
    return any(word in text for word in WORDS) or downloads(text)


def leaks(exposed: Iterable[Exposed], sites: Iterable[PublishSite]) -> Iterator[Leak]:
    """Yield the publish tokens that lie in the environment of commands which run the dependencies' code.

    A publish token is what a site is given, or anything that is filled with the same. A build or a test that shares
    its script with the publish does not count: npm would run the project's own scripts there anyway.
    """
    shown = (site.credential for site in sites if isinstance(site.credential, Known))
    tokens = {fact.at for fact in shown if fact.value in _SHOWN}
    places = {at for at in tokens if at}
    values = {at.text.strip("\"' ") for at in places if "$" in at.text}
    found: dict[Location, tuple[str, dict[Location, Via]]] = {}
    for each in exposed:
        if not each.installs and any(_within(site.at, each.script) for site in sites):
            continue
        last = {setting.name: setting for setting in each.env}
        for setting in last.values():
            if setting.at in places or setting.at.text.strip("\"' ") in values:
                found.setdefault(setting.at, (setting.name, {}))[1].setdefault(each.at, Via(each.at, each.what))
    for at, (name, commands) in found.items():
        yield Leak(at, name, tuple(commands.values()))


def _within(at: Location, script: Scalar) -> bool:
    whole = script.at
    return at.source is whole.source and whole.span.start <= at.span.start <= whole.span.end
