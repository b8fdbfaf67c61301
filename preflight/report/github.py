"""Annotations of GitHub Actions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.report.clean import clean
from preflight.report.run import moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from preflight.report.run import Group, Run
    from preflight.source.text import Location

MOST = 10
"""Annotations of one kind that GitHub shows for a step."""
COMMANDS = {"error": "error", "warning": "warning", "note": "notice", "unsure": "warning"}
_DATA = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY = {**_DATA, ":": "%3A", ",": "%2C"}


def github(run: Run) -> Iterator[str]:
    """Return workflow commands, the worst findings first; of each kind as many as GitHub shows."""
    kinds: dict[str, list[Group]] = {}
    for group in run.groups():
        if not group.first.ignored:
            kinds.setdefault(COMMANDS[group.kind], []).append(group)
    for kind, groups in kinds.items():
        shown = groups if len(groups) <= MOST else groups[: MOST - 1]
        for group in shown:
            yield _annotation(kind, group, run.prefix)
        if more := len(groups) - len(shown):
            yield command(kind, {"title": "preflight"}, f"and {more} more; the log of this step lists them all")
    for result in run.crashed:
        yield command("error", {"title": f"preflight: bug in {result.rule.name}"}, clean(result.reason or ""))


def _annotation(kind: str, group: Group, prefix: str) -> str:
    finding = group.first.finding
    unsure = "" if finding.sure else "unsure: "
    also = f" (and {group.also})" if group.others else ""
    lines = [clean(finding.message) + also]
    if group.prevents and finding.sure:
        lines.append(f"{moment(group.prevents).capitalize()}: {clean(group.prevents)}")
    if finding.remedy:
        lines.append(f"Fix: {clean(finding.remedy.title)}")
    where = _where(finding.at, prefix) if finding.at else {}
    return command(kind, {**where, "title": f"{unsure}{group.rule.name}"}, "\n".join(lines))


def _where(at: Location, prefix: str) -> dict[str, str]:
    (line, column), (end_line, end_column) = at.start, at.end
    where = {"file": clean(f"{prefix}{at.path}"), "line": str(line)}
    if line == end_line:
        # GitHub takes columns only where a finding does not leave its line.
        return {**where, "col": str(column), "endLine": str(line), "endColumn": str(max(end_column, column))}
    return {**where, "endLine": str(end_line)}


def command(name: str, properties: Mapping[str, str], message: str) -> str:
    """Return a workflow command in which nothing foreign is obeyed."""
    given = ",".join(f"{key}={_escape(value, _PROPERTY)}" for key, value in properties.items())
    return f"::{name} {given}::{_escape(message, _DATA)}".replace("##[", "# #[")


def _escape(text: str, table: Mapping[str, str]) -> str:
    return "".join(table.get(character, character) for character in text)
