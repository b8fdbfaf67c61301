"""The rule book for people and programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.ignores import NOT_IN_PLACE
from preflight.report.document import dump
from preflight.report.run import INSTALLING, moment
from preflight.report.screen import Ink

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from preflight.report.document import Value
    from preflight.report.screen import Screen
    from preflight.rulebook import Example, Rule, Rulebook

PACKAGE = "package"
"""The group of rules whose findings stand in a package.json."""
INKS = {"error": Ink.RED, "warning": Ink.YELLOW, "note": Ink.CYAN}


def rules_text(book: Rulebook) -> Iterator[str]:
    """Return one line for each rule."""
    width = max((len(rule.name) for rule in book.rules), default=0)
    for rule in book.rules:
        marks = f"{rule.severity}{', core' if rule.core else ''}"
        yield f"{rule.name.ljust(width)}  {marks.ljust(13)}  {rule.title}"


def rules_table(book: Rulebook, screen: Screen) -> str:
    """Return the rules as a table for a terminal."""
    from io import StringIO

    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("rule", no_wrap=True)
    table.add_column("severity", no_wrap=True)
    table.add_column("group", no_wrap=True)
    table.add_column("objects when")
    styles = {"error": "red", "warning": "yellow", "note": "cyan"}
    for rule in book.rules:
        name = Text(rule.name, style="bold" if rule.core else "")
        table.add_row(name, Text(rule.severity, style=styles[rule.severity]), Text(rule.group), Text(rule.title))
    paper = StringIO()
    console = Console(
        file=paper,
        force_terminal=True,
        color_system="standard",
        width=screen.width,
        markup=False,
        emoji=False,
        highlight=False,
        legacy_windows=False,
    )
    console.print(table)
    return paper.getvalue()


def explanation(rule: Rule, screen: Screen) -> Iterator[str]:
    """Return everything that the rule book says about a rule."""
    dot = f" {screen.sign('·')} "
    facts = [rule.group, rule.severity.value, *(["core"] if rule.core else []), f"since {rule.since}"]
    yield f"{screen.ink(rule.name, Ink.BOLD)}  {dot.join(facts)}"
    yield from screen.wrap(rule.title, "")
    if rule.prevents:
        users = all(moment(message) == INSTALLING for message in rule.prevents)
        yield from _part("What users of the package see without it" if users else "What npm says without it", screen)
        for message in rule.prevents:
            yield from screen.wrap(message, "    ", "  ")
    yield from _part("Why", screen)
    for line in rule.why.splitlines():
        yield from screen.wrap(line, "  ")
    if rule.fix:
        yield from _part("Fix", screen)
        yield from _fixes(rule, screen)
    for example in rule.examples("bad")[:1]:
        yield from _before_and_after(example, screen)
    yield from _ignoring(rule, screen)
    if rule.references:
        yield from _part("Read more", screen)
        yield from (f"  {reference}" for reference in rule.references)


def rule_document(rules: Iterable[Rule]) -> str:
    """Return rules as JSON."""
    return dump({"schemaVersion": 1, "rules": [_rule(rule) for rule in rules]})


def rules_document(book: Rulebook) -> str:
    """Return the whole rule book as JSON."""
    return rule_document(book.rules)


def _rule(rule: Rule) -> Value:
    return {
        "name": rule.name,
        "title": rule.title,
        "severity": rule.severity.value,
        "phase": rule.phase.value,
        "group": rule.group,
        "core": rule.core,
        "since": rule.since,
        "why": rule.why,
        "prevents": list(rule.prevents),
        "fix": dict(rule.fix),
        "references": list(rule.references),
    }


def _part(title: str, screen: Screen) -> Iterator[str]:
    yield ""
    yield screen.ink(title, Ink.BOLD)


def _ignoring(rule: Rule, screen: Screen) -> Iterator[str]:
    """Say how the rule is silenced; package.json has no comments, and some files must not silence themselves."""
    if rule.group == PACKAGE:
        yield from _part("Allow it in one package.json", screen)
        yield f'  "preflight": {{"ignore": {{"{rule.name}": "reason"}}}}'
    elif rule.name in NOT_IN_PLACE:
        yield from _part("Allow it in preflight.toml", screen)
        yield "  [[ignore]]"
        yield f'  rule = "{rule.name}"'
        yield '  path = "the file"'
        yield '  reason = "why"'
    else:
        yield from _part("Allow it in one place", screen)
        yield f"  # preflight: ignore[{rule.name}] reason"


def _fixes(rule: Rule, screen: Screen) -> Iterator[str]:
    width = max(len(system) for system, _ in rule.fix) + 2
    for system, text in rule.fix:
        lines = text.splitlines() or [""]
        name = "" if len(rule.fix) == 1 else system.ljust(width)
        for number, line in enumerate(lines):
            indent = " " * (2 + len(name))
            yield from screen.wrap(line, indent, f"  {name}" if number == 0 else indent)


def _before_and_after(example: Example, screen: Screen) -> Iterator[str]:
    from difflib import unified_diff

    for path, text in example.fixed.items():
        yield from _part(f"For example: {example.title}", screen)
        yield f"  {path}"
        before = example.files.get(path, "")
        for line in list(unified_diff(before.splitlines(), text.splitlines(), lineterm="", n=2))[2:]:
            ink = {"-": Ink.RED, "+": Ink.GREEN, "@": Ink.DIM}.get(line[:1])
            yield f"  {screen.ink(line, ink) if ink else line}".rstrip()
