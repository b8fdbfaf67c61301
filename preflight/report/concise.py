"""The report for grep and problem matchers: one line for each finding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.report.asking import inquiries

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.report.run import Group, Run
    from preflight.report.screen import Screen


def concise(run: Run, screen: Screen) -> Iterator[str]:
    """Return `path:line:column: severity[rule] message` for each finding, then what it comes to."""
    for group in run.groups():
        yield from _lines(group, screen)
    for result in run.crashed:
        yield f"bug[{result.rule.name}] {screen.clean(result.reason or '')}"
    if not run.quiet:
        yield from (screen.clean(line) for line in inquiries(run.project))
        yield run.conclusion


def _lines(group: Group, screen: Screen) -> Iterator[str]:
    for judged in (group.first, *group.others):
        finding = judged.finding
        place = f"{screen.clean(str(finding.at))}: " if finding.at else ""
        fix = f" (fix: {finding.remedy.safety})" if finding.remedy else ""
        ignored = " (ignored)" if judged.ignored else ""
        yield f"{place}{group.kind}[{group.rule.name}] {screen.clean(finding.message)}{fix}{ignored}"
