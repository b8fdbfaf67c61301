"""The command `rules`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from preflight.cli.outputs import save
from preflight.cli.session import begin
from preflight.cli.settings import Format
from preflight.cli.streams import joined, screen, write
from preflight.errors import Exit

if TYPE_CHECKING:
    from preflight.cli.settings import Given


def rules(given: Given) -> int:
    """List all rules; return the exit code."""
    from preflight import rulebook
    from preflight.report.rules import rules_document, rules_table, rules_text
    from preflight.report.screen import Screen

    book = rulebook.read()
    settings = begin(given, os.environ, lambda: book.names, ".").settings

    def rendered(format_: Format, paper: Screen) -> str:
        if format_ is Format.JSON:
            return rules_document(book) + "\n"
        if format_ is Format.FULL and paper.width and paper.colour:
            return rules_table(book, paper)
        return joined(rules_text(book))

    for format_, path in settings.outputs:
        save(path, rendered(format_, Screen()))
    write(rendered(settings.format, screen(settings, os.environ)))
    return Exit.PASSED
