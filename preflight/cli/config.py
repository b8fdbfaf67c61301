"""The commands `config show` and `config schema`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from preflight.cli.session import begin
from preflight.cli.settings import COMMANDS, default
from preflight.cli.streams import complain, joined, write
from preflight.errors import Exit, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.cli.session import Session
    from preflight.cli.settings import Given

SCHEMAS = Path(__file__).parents[1] / "data" / "schemas"


def config(given: Given) -> int:
    """Show the settings or a schema; return the exit code."""
    match given.arguments:
        case ("schema", document):
            write(schema(document))
        case (_, *root):
            from preflight import rulebook

            session = begin(given, os.environ, lambda: rulebook.read().names, root[0] if root else ".")
            for warning in session.warnings:
                complain(warning)
            write(joined(_lines(session)))
        case _:
            raise UsageError("say `config show` or `config schema`")
    return Exit.PASSED


def schema(document: str) -> str:
    """Return the JSON Schema of a document.

    Raises UsageError for a document that has none.
    """
    names = sorted(path.stem for path in SCHEMAS.glob("*.json"))
    if document not in names:
        from preflight.errors import suggestion

        raise UsageError(f"no schema is called `{document}`", suggestion(document, names) or f"say {', '.join(names)}")
    return (SCHEMAS / f"{document}.json").read_text("utf-8")


def _lines(session: Session) -> Iterator[str]:
    from preflight.report.clean import clean

    config_ = session.settings.config
    width = len("expect.tag-pattern")
    yield f"{'configuration'.ljust(width)}  {clean(config_.path) if config_.path else 'none'}"
    for option in COMMANDS["config"]:
        setting = session.settings.shown[option.key]
        value = ", ".join(setting.values) or default(option) or "-"
        yield f"{option.key.ljust(width)}  {clean(value)}  ({setting.origin})"
    for field in ("repository", "workflow", "environment", "publisher", "mode", "tag_pattern", "ref", "trust_list"):
        if value := getattr(config_.expect, field):
            yield f"expect.{field.replace('_', '-')}".ljust(width) + f"  {clean(str(value))}  ({config_.path})"
    for ignore in config_.ignores:
        scope = " ".join(filter(None, (ignore.path, ignore.package))) or "everywhere"
        until = f" until {ignore.expires.isoformat()}" if ignore.expires else ""
        yield f"ignore {ignore.rule}  {clean(scope)}{until}: {clean(ignore.reason)}"
