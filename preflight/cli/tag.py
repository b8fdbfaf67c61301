"""The command `tag`."""

from __future__ import annotations

import os
from time import perf_counter
from typing import TYPE_CHECKING

from preflight.cli.check import READABLE, judged, report
from preflight.cli.session import above, begin
from preflight.cli.settings import COMMANDS
from preflight.cli.streams import complain, joined, screen, write
from preflight.errors import Exit, GitError, UsageError
from preflight.facts.fact import Known, Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from preflight.cli.session import Session
    from preflight.cli.settings import Given, Settings
    from preflight.facts.tagging import Tagging
    from preflight.report.run import Run
    from preflight.report.tagged import Outcome

HERE = "."


def tag(given: Given) -> int:
    """Check everything, and make the tag where nothing is wrong; return the exit code."""
    from preflight import rulebook

    environment = os.environ
    start = perf_counter()
    book = rulebook.read()
    session = begin(given, environment, lambda: book.names, HERE)
    for warning in (*session.warnings, *above(session.root, HERE)):
        complain(warning)
    wanted = given.arguments[0] if given.arguments else None
    run = judged(session, book, environment, HERE, start, tag=wanted, creating=True)
    tagging, commit = _ready(run)
    to = _remote(session.root, session.settings)
    report(run, session, environment)
    if run.code is not Exit.PASSED:
        _say("No tag was made.", session.settings)
        return Exit.PASSED if session.settings.exit_zero and run.code is not Exit.BUG else run.code
    return _make(tagging, commit, to, session, environment)


def _ready(run: Run) -> tuple[Tagging, str]:
    """Return what is to be tagged, and the commit.

    Raises UsageError where the tag cannot be found out, or where there is nothing to put it on.
    """
    tagging = run.project.tagging
    if tagging is None or not tagging.tags:
        why = tagging.misnamed.why if tagging and isinstance(tagging.misnamed, Unknown) else "nothing is to be tagged"
        raise UsageError(f"no tag can be made up: {why}", "name it: preflight tag v1.2.3")
    match tagging.head:
        case Known(commit):
            return tagging, commit
        case Unknown(why):
            raise UsageError(f"no tag can be made: {why}")


def _remote(root: Path, settings: Settings) -> str | None:
    """Return the remote to push to; None where nobody asks for a push and none can be chosen."""
    from preflight.readers import tagger

    try:
        return tagger.remote(root, settings.remote)
    except UsageError:
        if settings.push or settings.remote is not None:
            raise
        return None


def _make(tagging: Tagging, commit: str, to: str | None, session: Session, environment: Mapping[str, str]) -> int:
    from preflight.readers import tagger
    from preflight.report.tagged import Outcome

    settings = session.settings
    packages = tuple(f"{one.package.name}@{one.says}" for one in tagging.named if one.agrees)
    outcome = Outcome(
        tagging.tags,
        commit,
        packages=packages if "verify" in COMMANDS else (),
        signed=settings.sign,
        made=not settings.dry_run,
        remote=to,
        push=settings.push,
    )
    if settings.dry_run:
        return _close(outcome, settings, environment)
    wanted = tagger.Wanted(tagging.tags, commit, sign=settings.sign, message=settings.message)
    tagger.create(session.root, wanted)
    if settings.push and to is not None:
        try:
            tagger.push(session.root, to, tagging.tags)
        except GitError as error:
            complain(f"error: {error}", error.hint)
            _close(outcome.unpushed(), settings, environment)
            return error.code
    return _close(outcome, settings, environment)


def _close(outcome: Outcome, settings: Settings, environment: Mapping[str, str]) -> int:
    from preflight.report.tagged import closing

    _say(joined(closing(outcome, screen(settings, environment))).rstrip("\n"), settings)
    return Exit.PASSED


def _say(text: str, settings: Settings) -> None:
    """Write what was done; beside a report for programs it goes to standard error."""
    if settings.format in READABLE:
        write(text + "\n")
    else:
        complain(text, lines=True)
