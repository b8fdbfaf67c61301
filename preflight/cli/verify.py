"""The command `verify`."""

from __future__ import annotations

import os
from time import perf_counter
from typing import TYPE_CHECKING

from preflight.cli.outputs import save
from preflight.cli.proving import proving, trusted, value
from preflight.cli.releases import Asking, offline, online
from preflight.cli.session import above, begin
from preflight.cli.settings import COMMANDS, GLOBAL, Format, raw
from preflight.cli.streams import complain, joined, screen, write
from preflight.cli.targets import targets
from preflight.config import FailOn
from preflight.errors import Exit, UnknownRuleError, UsageError
from preflight.records import KW_ONLY, dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from preflight.cli.proving import Proving
    from preflight.cli.session import Session
    from preflight.cli.settings import Given, Settings
    from preflight.facts.release import Release
    from preflight.ignores import Ignore
    from preflight.readers.project import Reading
    from preflight.readers.trust import Trust
    from preflight.report.proof import Proof, Verification
    from preflight.report.screen import Screen
    from preflight.rulebook import Rule, Rulebook

READABLE = frozenset({Format.FULL, Format.CONCISE})
WAIT = "--wait"


@dataclass(frozen=True, slots=True)
class Bench:
    """What every release is held against."""

    rules: tuple[Rule, ...]
    ignores: tuple[Ignore, ...]
    _: KW_ONLY
    known: tuple[str, ...]
    alone: bool
    settings: Settings


def verify(given: Given) -> int:
    """Prove where and how releases were built; return the exit code."""
    from preflight import rulebook

    environment = os.environ
    start = perf_counter()
    book = rulebook.read()
    root = raw(given, environment, "root") or "."
    session = begin(given, environment, lambda: book.names, root)
    settings = session.settings
    asked = proving(settings)
    for warning in (*session.warnings, *above(session.root, root)):
        complain(warning)
    reading = _read(session, environment)
    bench = Bench(
        _rules(book, settings),
        (*settings.config.ignores, *_ignores(reading)) if settings.ignores else (),
        known=book.names,
        alone=len(reading.project.packages) == 1,
        settings=settings,
    )
    again = _again(given, settings)
    asking = Asking(asked, session, reading=reading, environment=environment)
    try:
        seen, whom = (
            offline(given.arguments, asking)
            if asked.offline
            else online(targets(given.arguments, reading.project), asking)
        )
    except KeyboardInterrupt:
        complain("interrupted: nothing was found wrong so far", f"go on with: {again}")
        raise
    proofs = tuple(_proof(each.release, bench, each.ended) for each in seen)
    run = _verification(proofs, whom, session, root, asked, again, perf_counter() - start)
    _report(run, settings, environment)
    return Exit.PASSED if settings.exit_zero and run.code is not Exit.BUG else run.code


def _read(session: Session, environment: Mapping[str, str]) -> Reading:
    from preflight.readers import project

    settings = session.settings
    return project.read(
        session.root,
        configured=settings.config.repository or settings.config.expect.repository,
        environment=environment,
    )


def _ignores(reading: Reading) -> Iterable[Ignore]:
    from preflight.ignores import in_sources

    return in_sources(reading.sources)


def _rules(book: Rulebook, settings: Settings) -> tuple[Rule, ...]:
    """Return the rules to ask: all of the phase, whatever the configuration selects for `check`.

    Raises UnknownRuleError.
    """
    from preflight.rulebook import Phase

    try:
        return book.select((Phase.VERIFY,), ignore=settings.ignore)
    except UnknownRuleError as error:
        raise UnknownRuleError(f"{error} (`ignore`, {settings.shown['ignore'].origin})", error.hint) from None


def _proof(release: Release, bench: Bench, ended: str | None = None) -> Proof:
    from datetime import UTC, datetime

    from preflight.engine import judge_release
    from preflight.finding import Severity
    from preflight.report.proof import Proof

    fail_on = bench.settings.fail_on
    results = judge_release(
        release,
        bench.rules,
        bench.ignores,
        today=datetime.now(UTC).date(),
        known=bench.known,
        ignoring=bench.settings.ignores,
        alone=bench.alone,
    )
    threshold = Severity.ERROR if fail_on is FailOn.NEVER else Severity(fail_on.value)
    return Proof(release=release, results=results, threshold=threshold, ended=ended)


def _verification(
    proofs: tuple[Proof, ...], whom: Trust, session: Session, root: str, asked: Proving, again: str, seconds: float
) -> Verification:
    from preflight import __version__
    from preflight.report.proof import Verification

    settings = session.settings
    return Verification(
        proofs=proofs,
        trusted=trusted(whom),
        version=__version__,
        root=root,
        lenient=settings.fail_on is FailOn.NEVER,
        show_ignored=settings.show_ignored,
        quiet=settings.quiet,
        verbose=settings.verbose,
        seconds=seconds,
        offline=asked.offline,
        again=again,
    )


def _again(given: Given, settings: Settings) -> str:
    """Return the command line to come back with: as it was given, and with `--wait`."""
    from shlex import quote

    words = ["preflight", "verify", *(quote(word) for word in given.arguments)]
    usual = {option.key for option in GLOBAL} - {"config", "no-config"}
    for option in COMMANDS["verify"]:
        name = next(name for name in option.names if name.startswith("--"))
        if option.key in given.options and option.key not in usual | {"wait"}:
            values = given.options[option.key]
            words += [name] if option.kind.bare else [f"{name} {quote(each)}" for each in values]
    span = value(settings, "wait")
    return " ".join([*words, f"{WAIT} {span}" if span and span != "10m" else WAIT])


def _report(run: Verification, settings: Settings, environment: Mapping[str, str]) -> None:
    from preflight.cli.check import is_actions
    from preflight.report.screen import Screen

    for format_, path in settings.outputs:
        save(path, _rendered(format_, run, Screen()))
    write(_rendered(settings.format, run, screen(settings, environment)))
    if settings.format in READABLE and settings.annotations and is_actions(environment):
        write(_rendered(Format.GITHUB, run, Screen()))
        if summary := environment.get("GITHUB_STEP_SUMMARY"):
            # As for `check`: a summary out of reach must not fail the job.
            try:
                save(summary, _rendered(Format.MARKDOWN, run, Screen()), append=True)
            except UsageError as error:
                complain(f"warning: no step summary: {error}")
    if settings.verbose:
        import traceback

        for result in run.results:
            if result.crashed:
                complain("".join(traceback.format_exception(result.crashed)), lines=True)


def _rendered(format_: Format, run: Verification, paper: Screen) -> str:
    match format_:
        case Format.FULL:
            from preflight.report.proof_text import proof_text

            return joined(proof_text(run, paper))
        case Format.CONCISE:
            from preflight.report.proof_text import proof_concise

            return joined(proof_concise(run, paper))
        # No other command than `history` is given the latter.
        case Format.JSON | Format.JSONL:
            from preflight.report.document import dump
            from preflight.report.proof_document import verify_document

            return dump(verify_document(run)) + "\n"
        case Format.GITHUB:
            from preflight.report.proof_markdown import proof_annotations

            return joined(proof_annotations(run))
        case Format.MARKDOWN:
            from preflight.report.proof_markdown import proof_markdown

            return proof_markdown(run)
