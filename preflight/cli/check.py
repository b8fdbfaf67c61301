"""The command `check`."""

from __future__ import annotations

import os
from time import perf_counter
from typing import TYPE_CHECKING

from preflight.cli.declared import declared, trust_list
from preflight.cli.outputs import save
from preflight.cli.session import above, begin
from preflight.cli.settings import COMMANDS, Format
from preflight.cli.streams import complain, is_runner, joined, screen, write
from preflight.config import FailOn
from preflight.errors import Exit, UnknownRuleError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from preflight.cli.session import Session
    from preflight.cli.settings import Given, Settings
    from preflight.report.run import Run
    from preflight.report.screen import Screen
    from preflight.rulebook import Phase, Rule, Rulebook

READABLE = frozenset({Format.FULL, Format.CONCISE})
"""Formats for people, beside which annotations may stand."""


def check(given: Given) -> int:
    """Check a project and report what was found; return the exit code."""
    from preflight import rulebook

    environment = os.environ
    start = perf_counter()
    book = rulebook.read()
    session = begin(given, environment, lambda: book.names, given.root)
    for warning in (*session.warnings, *above(session.root, given.root)):
        complain(warning)
    run = judged(session, book, environment, given.root, start, tag=session.settings.tag)
    report(run, session, environment)
    return Exit.PASSED if session.settings.exit_zero and run.code is not Exit.BUG else run.code


def report(run: Run, session: Session, environment: Mapping[str, str]) -> None:
    """Write every report that was asked for."""
    settings = session.settings
    for format_, path in settings.outputs:
        from preflight.report.screen import Screen

        save(path, rendered(format_, run, Screen()))
    write(rendered(settings.format, run, screen(settings, environment)))
    if settings.format in READABLE and settings.annotations and is_actions(environment):
        _annotate(run, environment)
    if settings.verbose:
        _explain_bugs(run)


def judged(
    session: Session,
    book: Rulebook,
    environment: Mapping[str, str],
    root: str,
    start: float,
    *,
    tag: str | None,
    creating: bool = False,
) -> Run:
    """Read the project and ask the rules; with a tag, or to make one, those at the tag too."""
    from datetime import UTC, datetime

    from preflight import __version__
    from preflight.engine import judge
    from preflight.finding import Severity
    from preflight.ignores import in_sources
    from preflight.readers import project
    from preflight.report.route import Routes
    from preflight.report.run import Run
    from preflight.rulebook import Phase

    settings = session.settings
    phases = (Phase.CHECK, Phase.TAG) if creating or tag is not None else (Phase.CHECK,)
    rules = selected(book, settings, phases)
    reading = project.read(
        session.root,
        repository=settings.repository,
        configured=settings.config.repository or settings.config.expect.repository,
        environment=environment,
        packages=settings.packages,
        asked=project.Asked(
            tag=tag,
            creating=creating,
            tag_pattern=settings.config.expect.tag_pattern,
            declared=declared(session),
            trust_list=trust_list(session),
            online=settings.online,
            registry=settings.registry,
        ),
    )
    ignores = (*settings.config.ignores, *in_sources(reading.sources)) if settings.ignores else ()
    results = judge(
        reading.project,
        rules,
        ignores,
        today=datetime.now(UTC).date(),
        known=book.names,
        ignoring=settings.ignores,
        phases=phases,
        route=Routes(),
    )
    return Run(
        results=results,
        project=reading.project,
        version=__version__,
        root=root,
        fail_on=None if settings.fail_on is FailOn.NEVER else Severity(settings.fail_on.value),
        strict=settings.strict,
        show_ignored=settings.show_ignored,
        quiet=settings.quiet,
        verbose=settings.verbose,
        seconds=perf_counter() - start,
        narrowed=any(rule.phase in phases and rule not in rules for rule in book.rules),
        tag_pattern=settings.config.expect.tag_pattern,
        verifies="verify" in COMMANDS,
        prefix=_prefix(session, environment),
    )


def selected(book: Rulebook, settings: Settings, phases: tuple[Phase, ...]) -> tuple[Rule, ...]:
    """Return the rules of some phases to ask.

    Raises UnknownRuleError that says where the unknown name stands.
    """
    for key in ("select", "extend-select", "ignore"):
        setting = settings.shown[key]
        try:
            book.among(setting.values)
        except UnknownRuleError as error:
            raise UnknownRuleError(f"{error} (`{key}`, {setting.origin})", error.hint) from None
    return book.select(phases, settings.select, settings.extend_select, settings.ignore)


def rendered(format_: Format, run: Run, paper: Screen) -> str:
    """Return a report as text."""
    match format_:
        case Format.FULL:
            from preflight.report.full import full

            return joined(full(run, paper))
        case Format.CONCISE:
            from preflight.report.concise import concise

            return joined(concise(run, paper))
        # No other command than `history` is given the latter.
        case Format.JSON | Format.JSONL:
            from preflight.report.document import check_document, dump

            return dump(check_document(run)) + "\n"
        case Format.GITHUB:
            from preflight.report.github import github

            return joined(github(run))
        case Format.MARKDOWN:
            from preflight.report.markdown import markdown

            return markdown(run)


def is_actions(environment: Mapping[str, str]) -> bool:
    """Return whether this runs in GitHub Actions."""
    return is_runner(environment) and not environment.get("TF_BUILD")


def _annotate(run: Run, environment: Mapping[str, str]) -> None:
    write(rendered(Format.GITHUB, run, _plain()))
    if path := environment.get("GITHUB_STEP_SUMMARY"):
        # In a container the file may be out of reach; a report that cannot be shown there must not fail the job.
        try:
            save(path, rendered(Format.MARKDOWN, run, _plain()), append=True)
        except UsageError as error:
            complain(f"warning: no step summary: {error}")


def _plain() -> Screen:
    from preflight.report.screen import Screen

    return Screen()


def _explain_bugs(run: Run) -> None:
    import traceback

    for result in run.crashed:
        if result.crashed:
            complain("".join(traceback.format_exception(result.crashed)), lines=True)


def _prefix(session: Session, environment: Mapping[str, str]) -> str:
    """Return the way from the CI workspace to the root, which annotations are relative to."""
    workspace = environment.get("GITHUB_WORKSPACE")
    if not workspace or not is_runner(environment):
        return ""
    way = os.path.relpath(session.root.resolve(), os.path.realpath(workspace)).replace(os.sep, "/")
    return "" if way == "." or way.startswith("..") else f"{way}/"
