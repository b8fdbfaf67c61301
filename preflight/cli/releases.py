"""Releases as `verify` looks at them: on the registry, once they are there, or in files."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, TypeVar

from preflight.cli.proving import registry, trust, value
from preflight.cli.streams import complain, is_runner, screen
from preflight.cli.targets import latest, single
from preflight.config import Publisher
from preflight.facts.fact import Known, Unknown
from preflight.facts.online import Level
from preflight.facts.release import Kind
from preflight.records import KW_ONLY, dataclass, replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from preflight.cli.proving import Proving
    from preflight.cli.session import Session
    from preflight.cli.settings import Settings
    from preflight.cli.targets import Target
    from preflight.facts.release import Expectation, Release
    from preflight.readers.answers import Answer
    from preflight.readers.npm_keys import NpmKey
    from preflight.readers.project import Reading
    from preflight.readers.registry import Registry
    from preflight.readers.release import Look
    from preflight.readers.trust import Trust
    from preflight.readers.waiting import Sight

T = TypeVar("T")

LEVELS = {
    Publisher.TRUSTED: Level.TRUSTED_PUBLISHER,
    Publisher.PROVENANCE: Level.PROVENANCE,
    Publisher.NONE: Level.NONE,
}


@dataclass(frozen=True, slots=True)
class Asking:
    """What everything is asked with."""

    asked: Proving
    session: Session
    _: KW_ONLY
    reading: Reading
    environment: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Seen:
    """A release, and why nobody waits for it any longer."""

    release: Release
    ended: str | None = None


def online(targets: tuple[Target, ...], asking: Asking) -> tuple[tuple[Seen, ...], Trust]:
    """Ask the registry for releases, after a wait where one is asked for; and say whom was trusted.

    Raises UsageError for what is not there to be asked, UnansweredError where not even a version can be told.
    """
    from preflight.cli.progress import Progress
    from preflight.readers import planned
    from preflight.readers.release import Look
    from preflight.readers.waiting import Watch, wait

    asked, settings, environment = asking.asked, asking.session.settings, asking.environment
    shop = registry(settings, environment, hasty=not asked.wait)
    # It takes as long as a registry takes to answer.
    Thread(target=_load).start()
    progress = Progress(
        len(targets),
        asked.wait,
        shown=settings.progress and not settings.quiet,
        signs=screen(settings, environment).signs,
        runner=is_runner(environment),
    )
    if not all(target.version for target in targets):
        targets = tuple(_gathered([partial(latest, target, shop) for target in targets], progress.watch))
    # Before anybody waits, because what is wrong with an option is wrong at once.
    expectations = _expectations(targets, asking)
    look = Look(plan=planned.read(asked.plan) if asked.plan else None)
    sights: list[Sight | None] = [None] * len(targets)
    if asked.wait:
        watches = [
            partial(
                wait,
                target.name,
                target.version or "",
                shop,
                Watch(asked.wait, staged=target.staged),
                tell=partial(progress.tell, str(target)),
            )
            for target in targets
        ]
        sights = [*_gathered(watches, progress.watch, workers=len(watches))]
    whom = trust(settings, environment, online=_answers(targets[0], shop, sights[0]))
    if whom.note:
        complain(f"warning: {whom.note}")
    look = replace(look, keys=_keys(shop, settings))
    releases = _gathered(
        [
            partial(_released, target, sight, shop, whom, look, expectation)
            for target, sight, expectation in zip(targets, sights, expectations, strict=True)
        ],
        progress.watch,
    )
    return tuple(Seen(*each) for each in zip(releases, (_ended(sight, asked) for sight in sights), strict=True)), whom


def offline(words: tuple[str, ...], asking: Asking) -> tuple[tuple[Seen, ...], Trust]:
    """Read one release from the files that the options name; and say whom was trusted. Raises UsageError."""
    from preflight.readers import planned, release

    asked = asking.asked
    whom = trust(asking.session.settings, asking.environment, online=False)
    target = single(words, asked, asking.reading.project)
    (expectation,) = _expectations([target], asking)
    plan = planned.read(asked.plan) if asked.plan else None
    # The options hold that there is one.
    bundle = asked.bundle or Path()
    found = release.of_files(target.name, target.version or "", bundle, asked.tarball, whom, expectation, plan)
    return (Seen(found),), whom


def _expectations(targets: Iterable[Target], asking: Asking) -> tuple[Expectation, ...]:
    """Return what each release is held against: options first, then the configuration, the CI run and the checkout.

    Raises UsageError and ConfigError.
    """
    from preflight.readers.checkout import Checkout
    from preflight.readers.expectations import EXPECT, OPTIONS, expected, said

    asked, session, project = asking.asked, asking.session, asking.reading.project
    options = said(
        OPTIONS,
        repository=value(session.settings, "repository"),
        commit=asked.commit,
        ref=asked.ref,
        workflow=asked.workflow,
        signer=asked.signer,
    )
    config = session.settings.config
    wanted = config.expect
    configured = said(
        EXPECT,
        repository=wanted.repository or config.repository,
        ref=wanted.ref,
        workflow=wanted.workflow,
        level=LEVELS.get(wanted.publisher) if wanted.publisher else None,
    )
    own = {package.name for package in project.packages}
    checkout: Checkout | None = None
    found = []
    for target in targets:
        version = target.version or ""
        if target.name in own:
            # Made for the first of them, because it asks git.
            checkout = checkout or Checkout(session.root, project, asking.environment, pattern=wanted.tag_pattern)
            found.append(expected(target.name, version, options, configured, checkout=checkout))
        else:
            # A checkout speaks of its own packages; of others only the options do.
            found.append(expected(target.name, version, options, *(() if own else (configured,))))
    return tuple(found)


def _released(
    target: Target,
    sight: Sight | None,
    shop: Registry,
    whom: Trust,
    look: Look,
    expectation: Expectation,
) -> Release:
    """Return a release as facts; what is not there, of a version that is not old, may still come."""
    from preflight.readers import release, waiting

    name, version = target.name, target.version or ""
    final = sight is None or sight.view.final
    found = release.read(name, version, shop, whom, expectation, replace(look, waited=final, staged=target.staged))
    if sight is not None or not _lacks(found) or waiting.look(name, version, shop).final:
        return found
    return release.read(name, version, shop, whom, expectation, replace(look, waited=False, staged=target.staged))


def _lacks(release: Release) -> bool:
    """Return whether a published version lacks an attestation."""
    match release.attestations:
        case Known(found) if release.unseen is None:
            return {Kind.PROVENANCE, Kind.PUBLISH} > {each.kind for each in found}
        case _:
            return False


def _load() -> None:
    """Load what verifies."""
    from contextlib import suppress

    # Whoever needs it says what is wrong with it.
    with suppress(ImportError):
        import preflight.readers.self_test
        import preflight.readers.trust  # noqa: F401


def _answers(target: Target, shop: Registry, sight: Sight | None) -> bool:
    """Return whether the registry answers at all; without a network nobody waits for Sigstore too."""
    if sight is not None:
        return isinstance(sight.state, Known)
    return not isinstance(shop.packument(target.name, full=False), Unknown)


def _keys(shop: Registry, settings: Settings) -> Answer[tuple[NpmKey, ...]] | None:
    """Return the keys of a registry of one's own, which signs with its own; None for npm's, and where a file counts."""
    from preflight.readers.registries import is_npm
    from preflight.readers.trust import own_keys

    address = value(settings, "registry")
    if address is None or is_npm(address) or value(settings, "npm-keys"):
        return None
    return own_keys(shop)


def _ended(sight: Sight | None, asked: Proving) -> str | None:
    """Return why a wait ended without what was waited for."""
    from preflight.cli.durations import words

    return None if sight is None or sight.view.final else f"waited for {words(asked.wait)}"


def _gathered(
    tasks: Sequence[Callable[[], T]], watch: Callable[[Callable[[float], bool]], None], *, workers: int = 8
) -> list[T]:
    """Run tasks side by side while somebody watches, and return what they return. Raises what one of them does."""
    from preflight.readers.online import together

    done: dict[int, T] = {}
    failed: list[Exception] = []

    def one(number: int, task: Callable[[], T]) -> None:
        try:
            done[number] = task()
        # In a thread of its own it would be lost.
        except Exception as error:  # noqa: BLE001
            failed.append(error)

    thread = Thread(target=together, args=([partial(one, *each) for each in enumerate(tasks)], workers), daemon=True)
    thread.start()

    def running(seconds: float) -> bool:
        thread.join(seconds)
        return thread.is_alive()

    watch(running)
    if failed:
        raise failed[0]
    return [done[number] for number in range(len(tasks))]
