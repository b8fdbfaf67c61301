"""The command `history`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from preflight.cli.outputs import save
from preflight.cli.proving import registry, switch, trust, trusted, value
from preflight.cli.session import begin
from preflight.cli.settings import Format, chosen
from preflight.cli.streams import complain, joined, screen, write
from preflight.errors import Exit, UnansweredError, UsageError
from preflight.facts.fact import Known, Unknown

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from preflight.cli.settings import Given, Settings
    from preflight.readers.registry import Registry
    from preflight.report.chronicle import Chronicle
    from preflight.report.screen import Screen

HERE = "."


def history(given: Given) -> int:
    """Show how much trust each version of a package has; return the exit code."""
    from preflight import __version__
    from preflight.readers.versions import versions
    from preflight.report.chronicle import Change, Chronicle

    environment = os.environ
    session = begin(given, environment, _names, HERE)
    settings = session.settings
    for warning in session.warnings:
        complain(warning)
    name = _name(given.arguments[0])
    wanted = chosen("--fail-on", value(settings, "history-fail-on") or Change.DOWNGRADE, Change)
    since, verifies = _day(settings), switch(settings, "verify")
    shop = registry(settings, environment)
    found = versions(name, _packument(shop, name))
    run = Chronicle(
        versions=found,
        registry=shop.host,
        fail_on=wanted,
        since=since,
        every=switch(settings, "all"),
        version=__version__,
        quiet=settings.quiet,
    )
    if verifies:
        run = _verified(run, shop, settings, environment)
    for format_, path in settings.outputs:
        from preflight.report.screen import Screen

        save(path, _rendered(format_, run, Screen()))
    write(_rendered(settings.format, run, screen(settings, environment)))
    return Exit.PASSED if settings.exit_zero else run.code


def _verified(run: Chronicle, shop: Registry, settings: Settings, environment: Mapping[str, str]) -> Chronicle:
    from preflight.readers.attested import Attested
    from preflight.readers.versions import verified
    from preflight.records import replace

    found = trust(settings, environment, online=True)
    if found.note:
        complain(f"warning: {found.note}")
    attested = Attested(run.versions.name, shop, found, environment)
    return replace(run, versions=verified(run.versions, attested), trusted=trusted(found))


def _packument(shop: Registry, name: str) -> Mapping[str, object]:
    match shop.packument(name):
        case Known(document):
            return document
        case Unknown(why):
            raise UnansweredError(
                f"the versions of `{name}` cannot be told: {why}", "nothing was found wrong; try again"
            )
        case _:
            raise UsageError(f"{shop.host} has no package `{name}`, or does not show it")


def _name(said: str) -> str:
    name = said.strip()
    if not name:
        raise UsageError("the name of the package is empty", "is a variable unset?")
    if "@" in name[1:]:
        raise UsageError(
            f"`{name}` names a version, and `history` shows them all", f"say {name[:1]}{name[1:].partition('@')[0]}"
        )
    return name


def _day(settings: Settings) -> str | None:
    from datetime import date

    said = value(settings, "since")
    if said is None:
        return None
    try:
        return date.fromisoformat(said).isoformat()
    except ValueError:
        raise UsageError(f"`--since {said[:40]}` is no day", "write it as 2026-01-01") from None


def _rendered(format_: Format, run: Chronicle, paper: Screen) -> str:
    match format_:
        case Format.JSON:
            from preflight.report.document import dump
            from preflight.report.history_document import history_document

            return dump(history_document(run)) + "\n"
        case Format.JSONL:
            from preflight.report.history_document import history_lines

            return joined(history_lines(run))
        case _:
            from preflight.report.history_text import history_text

            return joined(history_text(run, paper))


def _names() -> Collection[str]:
    from preflight import rulebook

    return rulebook.read().names
