"""The command `plan`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from preflight.cli.outputs import save
from preflight.cli.session import above, begin
from preflight.cli.settings import Format
from preflight.cli.streams import complain, joined, screen, write
from preflight.errors import Exit

if TYPE_CHECKING:
    from collections.abc import Collection

    from preflight.cli.settings import Given
    from preflight.config import Config
    from preflight.facts.project import Project
    from preflight.report.screen import Screen


def plan(given: Given) -> int:
    """Show what will be published and what its provenance will say; return the exit code."""
    from preflight.readers import project

    session = begin(given, os.environ, _names, given.root)
    settings = session.settings
    for warning in (*session.warnings, *above(session.root, given.root)):
        complain(warning)
    facts = project.read(
        session.root,
        repository=settings.repository,
        configured=settings.config.repository or settings.config.expect.repository,
        environment=os.environ,
        packages=settings.packages,
        asked=project.Asked(online=settings.online, registry=settings.registry),
    ).project
    for lost in facts.unreadable:
        complain(f"warning: `{lost.path}` cannot be read, so the plan may lack something: {lost.why}")
    every = bool(settings.verbose)
    for format_, path in settings.outputs:
        from preflight.report.screen import Screen

        save(path, _rendered(format_, facts, settings.config, given.root, Screen(), every=every))
    paper = screen(settings, os.environ)
    write(_rendered(settings.format, facts, settings.config, given.root, paper, every=every))
    return Exit.PASSED


def _rendered(format_: Format, project: Project, config: Config, root: str, paper: Screen, *, every: bool) -> str:
    if format_ is Format.JSON:
        from preflight import __version__
        from preflight.readers.registries import NPM
        from preflight.report.document import dump
        from preflight.report.plan import Expected, plan_document

        expected = Expected(registry=NPM, ref=config.expect.ref, tag_pattern=config.expect.tag_pattern)
        return dump(plan_document(project, expected, version=__version__, root=root)) + "\n"
    from preflight.report.plan_text import plan_text

    return joined(plan_text(project, paper, every=every))


def _names() -> Collection[str]:
    from preflight import rulebook

    return rulebook.read().names
