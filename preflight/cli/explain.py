"""The command `explain`."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from preflight.cli.outputs import save
from preflight.cli.session import begin
from preflight.cli.settings import Format
from preflight.cli.streams import joined, screen, write
from preflight.errors import Exit, UnknownRuleError

if TYPE_CHECKING:
    from preflight.cli.settings import Given
    from preflight.rulebook import Rule, Rulebook

LONGEST = 5000
"""Characters of a message that are searched for a code."""
_CODE = re.compile(r"\b(?:E[A-Z]{4,20}|E?[45][0-9]{2})\b")
"""The code in a message of npm, such as `ENEEDAUTH`, `E404`, or `404` alone."""


def explain(given: Given) -> int:
    """Explain a rule, or the rules behind a message of npm; return the exit code."""
    from preflight import rulebook
    from preflight.report.rules import explanation, rule_document
    from preflight.report.screen import Screen

    book = rulebook.read()
    settings = begin(given, os.environ, lambda: book.names, ".").settings
    found = _meant(book, " ".join(given.arguments))

    def rendered(format_: Format, paper: Screen) -> str:
        if format_ is Format.JSON:
            return rule_document(found) + "\n"
        return "\n".join(joined(explanation(rule, paper)) for rule in found)

    for format_, path in settings.outputs:
        save(path, rendered(format_, Screen()))
    write(rendered(settings.format, screen(settings, os.environ)))
    return Exit.PASSED


def _meant(book: Rulebook, words: str) -> tuple[Rule, ...]:
    """Return the rule of that name, else those that prevent the message, or a message with the same code."""
    if words in book.names:
        return (book.named(words),)
    if found := book.preventing(words):
        return found
    for code in _CODE.findall(words[:LONGEST]):
        if found := book.preventing(code):
            return found
    try:
        return (book.named(words.strip().lower().replace("_", "-")),)
    except UnknownRuleError as error:
        raise UnknownRuleError(f"no rule is called `{words}`, and none knows such a message", error.hint) from None
