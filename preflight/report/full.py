"""The report for people: every finding with its lines, what npm would say, and the fix."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.engine import Verdict
from preflight.errors import Exit
from preflight.facts.fact import Unknown
from preflight.finding import Severity
from preflight.report.asking import inquiries
from preflight.report.excerpt import Mark, excerpt
from preflight.report.identity import identities, proof_command, tag_command
from preflight.report.run import job_of, moment
from preflight.report.screen import Ink

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from preflight.engine import Judged, Result
    from preflight.facts.project import Project
    from preflight.report.run import Group, Run
    from preflight.report.screen import Screen
    from preflight.source.text import Location

INKS = {"error": Ink.RED, "warning": Ink.YELLOW, "note": Ink.CYAN, "unsure": Ink.MAGENTA}
NAMED = 3
"""Packages that are named where a finding stands for many."""
ISSUES = "https://pypi.org/project/provenance-preflight/"
"""Where a bug is reported from: the page that links to the tracker."""
INDENT = " " * 5
BARE = frozenset({"", "{", "{}"})
"""Texts of which an excerpt would say nothing."""
SHOWN = 3
"""Findings of one rule that are shown with their lines; more are listed, so that the verdict stays in sight."""


def full(run: Run, screen: Screen) -> Iterator[str]:
    """Return the lines of the report; findings alone if the run is quiet."""
    blocks: list[Iterator[str]] = []
    advised: set[str] = set()
    for alike in _by_rule(run.groups()):
        shown = len(alike) if run.verbose or len(alike) <= SHOWN + 1 else SHOWN
        for group in alike[:shown]:
            blocks.append(_block(group, run, screen, advice=group.rule.name not in advised))
            advised.add(group.rule.name)
        if shown < len(alike):
            blocks.append(_list(alike[shown:], screen))
    blocks += [_bug(result, screen) for result in run.crashed]
    if not run.quiet:
        blocks.append(_footer(run, screen))
    for number, block in enumerate(blocks):
        if number:
            yield ""
        yield from block


def _by_rule(groups: Iterable[Group]) -> Iterator[list[Group]]:
    """Return the findings of one rule and kind together, in the order in which they come."""
    together: dict[tuple[str, str, bool], list[Group]] = {}
    for group in groups:
        together.setdefault((group.rule.name, group.kind, group.first.ignored is None), []).append(group)
    yield from together.values()


def _list(groups: Sequence[Group], screen: Screen) -> Iterator[str]:
    title = f"{groups[0].kind}[{groups[0].rule.name}]:"
    more = f"{len(groups)} more{' ignored' if groups[0].first.ignored else ''} (-v shows their lines)"
    yield screen.ink(title, INKS[groups[0].kind]) + screen.ink(f" {more}", Ink.BOLD)
    arrow = screen.ink("-->", Ink.BLUE)
    places: dict[str, list[Location]] = {}
    for group in groups:
        said = screen.clean(group.first.finding.message) + (f", {group.also}" if group.others else "")
        places.setdefault(said, []).extend(filter(None, [group.first.finding.at]))
    for said, found in places.items():
        yield from screen.wrap(said, "    ", "  ")
        yield from (f"    {arrow} {screen.clean(str(at))}" for at in found)


def _block(group: Group, run: Run, screen: Screen, *, advice: bool) -> Iterator[str]:
    finding = group.first.finding
    ink = INKS[group.kind]
    title = f"{group.kind}[{group.rule.name}]:"
    headline = screen.wrap(f"{title} {screen.clean(finding.message)}", "  ", "")
    yield screen.ink(title, ink) + screen.ink(headline[0].removeprefix(title), Ink.BOLD)
    yield from (screen.ink(line, Ink.BOLD) for line in headline[1:])
    if finding.at:
        yield from _places(finding.at, group.first, run.project, screen)
    yield from _notes(group, run, screen, advice=advice)


def _places(at: Location, judged: Judged, project: Project, screen: Screen) -> Iterator[str]:
    finding = judged.finding
    here = [place.message for place in finding.related if _same(place.at, at)]
    label = ", ".join(dict.fromkeys(filter(None, (finding.label, *here))))
    by_path: dict[str, list[Mark]] = {str(at.path): [Mark(at, label, primary=True)]}
    job = job_of(judged, project)
    if job and job.at.path == at.path and job.at.line < at.line:
        by_path[str(at.path)].append(Mark(job.at, "", shown=False))
    for place in finding.related:
        if _same(place.at, at):
            continue
        by_path.setdefault(str(place.at.path), []).append(Mark(place.at, place.message))
    for marks in by_path.values():
        yield f"  {screen.ink('-->', Ink.BLUE)} {screen.clean(str(marks[0].at))}"
        if not _says_nothing(marks):
            yield from excerpt(marks, screen)


def _same(one: Location, other: Location) -> bool:
    return one.path == other.path and one.span == other.span


def _says_nothing(marks: Sequence[Mark]) -> bool:
    """Return whether the lines would show no more than the opening brace of a file."""
    return len(marks) == 1 and not marks[0].label and marks[0].at.text.strip() in BARE


def _notes(group: Group, run: Run, screen: Screen, *, advice: bool) -> Iterator[str]:
    judged = group.first
    if judged.finding.packages:
        yield from _note("packages", _names(judged.finding.packages, run, screen), screen)
    if group.others:
        yield from _note("also", _elsewhere(group, run, screen), screen)
    if group.prevents and judged.finding.sure:
        yield from _note(moment(group.prevents), screen.clean(group.prevents), screen)
    match judged.finding.remedy:
        case None:
            said = _advice(group, run.project) if advice and judged.finding.sure else None
            if said:
                yield from _note("fix", " ".join(said.split()), screen)
        case remedy:
            yield from _note(f"fix ({remedy.safety})", screen.clean(remedy.title), screen)
    if judged.ignored:
        yield from _note("ignored", screen.clean(judged.ignored.reason), screen)


def _note(name: str, text: str, screen: Screen) -> Iterator[str]:
    first, *rest = screen.wrap(f"{name}: {text}", INDENT, "   = ")
    yield f"   {screen.ink('=', Ink.BLUE)} {screen.ink(name, Ink.BOLD)}{first[5 + len(name) :]}"
    yield from rest


def _elsewhere(group: Group, run: Run, screen: Screen) -> str:
    return f"{group.also}: {_names([other.finding.package or '' for other in group.others], run, screen)}"


def _names(packages: Sequence[str], run: Run, screen: Screen) -> str:
    """Return the names of packages; no more than a few unless the run is verbose."""
    shown = [screen.clean(name) for name in (packages if run.verbose else packages[:NAMED])]
    left_out = f", {screen.sign('…')} (-v names all)" if len(shown) < len(packages) else ""
    return ", ".join(shown) + left_out


def _advice(group: Group, project: Project) -> str | None:
    """Return the rule's own advice for the CI system at hand."""
    fix = dict(group.rule.fix)
    job = job_of(group.first, project)
    systems = [job.system] if job else list(dict.fromkeys(job.system for job in project.jobs))
    found = [fix[system] for system in systems if system in fix] if len(systems) == 1 else []
    return found[0] if found else fix.get("any")


def _bug(result: Result, screen: Screen) -> Iterator[str]:
    title = f"bug[{result.rule.name}]:"
    yield f"{screen.ink(title, Ink.RED)} {screen.clean(result.reason or '')}"
    yield from _note("report it", f"{ISSUES} (preflight check -v shows the details)", screen)


def _footer(run: Run, screen: Screen) -> Iterator[str]:
    lines = identities(run.project)
    for line in lines:
        shown = screen.clean(line).replace("→", screen.sign("→"))
        fits = screen.width is None or len(shown) + 2 <= screen.width
        yield from [f"  {shown}"] if fits else screen.wrap(shown, "    ", "  ")
    asked = list(inquiries(run.project))
    for line in asked:
        yield from screen.wrap(screen.clean(line), "    ", "  ")
    if lines or asked:
        yield ""
    if run.verbose:
        yield from _listing(run.results, screen)
        yield ""
    cells = list(_cells(run, screen))
    yield from _rows(cells, screen)
    if cells:
        yield ""
    yield from _verdict(run, screen)


def _listing(results: Iterable[Result], screen: Screen) -> Iterator[str]:
    width = max((len(result.rule.name) for result in results), default=0)
    for result in results:
        reason = f"  {screen.clean(result.reason)}" if result.reason else ""
        yield f"  {_sign(result, screen)} {result.rule.name.ljust(width)}  {result.verdict}{reason}"


def _sign(result: Result, screen: Screen) -> str:
    match result.verdict:
        case Verdict.PASSED:
            return screen.ink(screen.sign("✔"), Ink.GREEN)
        case Verdict.FAILED:
            return screen.ink(screen.sign("✘"), Ink.RED)
        case Verdict.UNSURE:
            return screen.ink(screen.sign("●"), Ink.MAGENTA)
        case Verdict.SKIPPED:
            return screen.sign("–")  # noqa: RUF001


def _cells(run: Run, screen: Screen) -> Iterator[tuple[str, Ink | None]]:
    """Return one cell for each group: its sign, its name, and how many of its rules have nothing to object to."""
    if run.idle:
        return
    groups: dict[str, list[Result]] = {}
    skipped = 0
    for result in run.results:
        if result.verdict is Verdict.SKIPPED:
            skipped += 1
        else:
            groups.setdefault(result.rule.group, []).append(result)
    for name, results in sorted(groups.items()):
        passed = sum(result.verdict is Verdict.PASSED for result in results)
        number = f"{passed} of {len(results)}" if passed < len(results) else str(passed)
        sign, ink = _group_sign(results)
        yield f"{screen.sign(sign)} {name} {number}", ink
    if skipped:
        yield f"{screen.sign('–')} skipped {skipped}", None  # noqa: RUF001


def _group_sign(results: Iterable[Result]) -> tuple[str, Ink]:
    counted = [judged for result in results for judged in result.counted]
    worst = min((judged.severity.rank for judged in counted if judged.finding.sure), default=None)
    if worst == Severity.ERROR.rank:
        return "✘", Ink.RED
    if worst is not None:
        return "●", Ink.YELLOW
    return ("●", Ink.MAGENTA) if counted else ("✔", Ink.GREEN)


def _rows(cells: Iterable[tuple[str, Ink | None]], screen: Screen) -> Iterator[str]:
    shown = list(cells)
    widest = max((len(text) for text, _ in shown), default=0)
    each = max(1, ((screen.width or 100) - 2) // (widest + 3))
    for start in range(0, len(shown), each):
        row = [_inked(text, widest, ink, screen) for text, ink in shown[start : start + each]]
        yield "  " + "   ".join(row).rstrip()


def _inked(text: str, width: int, ink: Ink | None, screen: Screen) -> str:
    sign, _, rest = text.partition(" ")
    return f"{screen.ink(sign, ink) if ink else sign} {rest.ljust(width - len(sign) - 1)}"


def _verdict(run: Run, screen: Screen) -> Iterator[str]:
    ink = Ink.GREEN if run.code is Exit.PASSED and not run.summary.error else Ink.RED
    verdict = run.verdict.removesuffix(".")
    parts = [run.conclusion]
    if run.ready:
        taken = f" in {run.seconds:.1f} s" if run.seconds is not None else ""
        number = f"{run.passed} of {run.asked}" if run.passed < run.asked else str(run.passed)
        parts.append(f"{number} checks passed{taken}")
    first, *rest = screen.wrap(" ".join(parts), "  ", "")
    yield screen.ink(verdict, ink) + first.removeprefix(verdict) if first.startswith(verdict) else first
    yield from rest
    groups = [group for group in run.groups() if not group.first.ignored]
    if run.project.jobs and isinstance(run.project.repository, Unknown) and run.summary.unsure:
        yield from screen.wrap("Name the repository that runs the pipeline with --repository Owner/Repo", "  ", "")
    if groups and run.project.jobs:
        yield from screen.wrap(f"Explain one with preflight explain {groups[0].rule.name}", "  ", "")
    if run.ready and (command := tag_command(run.project, run.tag_pattern)):
        yield f"  next  {screen.clean(command)}"
    if run.ready and (command := proof_command(run.project)) and run.verifies:
        yield f"  then  {screen.clean(command)}"
