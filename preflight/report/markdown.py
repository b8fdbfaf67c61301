"""The report in Markdown, for the step summary of a CI run and for comments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.report.asking import inquiries
from preflight.report.clean import clean
from preflight.report.identity import identities
from preflight.report.run import moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from preflight.report.run import Group, Run

LARGEST = 900 * 1024
"""Bytes; GitHub drops a summary of more than 1024 KiB whole."""
CUT = "\n_The rest was left out, because the summary would be too large._\n"
_SPECIAL = frozenset("\\`*_{}[]()#+-.!|<>@~&:$")


def markdown(run: Run) -> str:
    """Return the report as Markdown, the verdict first, details folded."""
    return within(_lines(run))


def within(lines: Iterable[str]) -> str:
    """Return lines as one text, never more than `LARGEST` bytes."""
    parts: list[str] = []
    room = LARGEST - len(CUT)
    for line in lines:
        room -= len(line.encode("utf-8", "replace")) + 1
        if room < 0:
            parts.append(CUT)
            break
        parts.append(line)
    return "\n".join(parts) + "\n"


def escape(text: str) -> str:
    """Return foreign text that Markdown shows as it is: no link, picture, mention or markup."""
    return "".join(f"\\{sign}" if sign in _SPECIAL else sign for sign in clean(text, runner=True))


def prose(text: str) -> str:
    """Return a message as Markdown: what stands in back-ticks as code, everything else as it is."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return escape(text)
    return "".join(code(part) if number % 2 and part else escape(part) for number, part in enumerate(parts))


def code(text: str) -> str:
    """Return foreign text as a code span; its fence is longer than any run of back-ticks in it."""
    shown = clean(text, runner=True).replace("|", "\\|")
    longest = 0
    while "`" * (longest + 1) in shown:
        longest += 1
    fence = "`" * (longest + 1)
    pad = " " if longest else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def _lines(run: Run) -> Iterator[str]:
    yield f"### preflight: {run.verdict.rstrip('.').lower()}"
    yield ""
    for line in identities(run.project):
        yield f"{escape(line)}  "
    for line in inquiries(run.project):
        yield f"{escape(line)}  "
    if run.tally:
        yield f"**{run.tally}**"
    groups = [group for group in run.groups() if not group.first.ignored]
    if groups:
        yield ""
        yield "| | rule | what | where |"
        yield "| --- | --- | --- | --- |"
        yield from (_row(group) for group in groups)
    for result in run.crashed:
        yield ""
        yield f"Bug in the rule `{result.rule.name}`: {escape(result.reason or '')}"
    yield from _details(groups)


def _row(group: Group) -> str:
    finding = group.first.finding
    where = code(str(finding.at)) if finding.at else ""
    also = f" and {group.also}" if group.others else ""
    return f"| {group.kind} | `{group.rule.name}` | {prose(finding.message)}{also} | {where} |"


def _details(groups: list[Group]) -> Iterator[str]:
    told = [group for group in groups if group.prevents or group.first.finding.remedy]
    if not told:
        return
    yield ""
    yield "<details><summary>What npm would say, and what to do</summary>"
    yield ""
    for group in told:
        yield f"* `{group.rule.name}`"
        if group.prevents:
            yield f"  * {moment(group.prevents)}: {prose(group.prevents)}"
        if remedy := group.first.finding.remedy:
            yield f"  * fix ({remedy.safety}): {prose(remedy.title)}"
    yield ""
    yield "</details>"
