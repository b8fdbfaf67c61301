"""The engine: asks rules about facts and says what came of it. Knows no file, no network, no screen."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING

from preflight.errors import Exit
from preflight.finding import Severity, UnusedIgnore
from preflight.ignores import By, Ignore
from preflight.records import KW_ONLY, dataclass, replace
from preflight.rulebook import Judges, Needs, Phase
from preflight.source.edits import alone

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator
    from datetime import date

    from preflight.facts.project import Project
    from preflight.facts.release import Release
    from preflight.finding import Finding
    from preflight.rulebook import Rule
    from preflight.source.text import Location

    Route = Callable[[Location], str]
    Ask = Callable[[], Iterator[Finding]]

NO_SITE = "nothing in this repository publishes to npm"
NO_IGNORES = "ignores are switched off"
OFFLINE = "no registry was asked (`--offline`)"


class Verdict(StrEnum):
    """What became of a rule."""

    PASSED = "passed"
    FAILED = "failed"
    UNSURE = "unsure"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Judged:
    """A finding, with what the engine knows about it."""

    rule: str
    finding: Finding
    _: KW_ONLY
    severity: Severity
    ignored: Ignore | None = None
    route: str = ""
    """The way to the place in its document, such as `jobs.publish.permissions`; empty where it is not known."""
    ordinal: int = 0
    """Counts findings that are otherwise alike."""

    @property
    def fingerprint(self) -> str:
        """32 hexadecimal digits that stay the same when lines move."""
        from hashlib import sha256

        parts = ("preflight/v1", *_likeness(self.rule, self.finding, self.route), str(self.ordinal))
        return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Result:
    """What came of asking one rule; `reason` says why it was skipped or could not tell."""

    rule: Rule
    verdict: Verdict
    findings: tuple[Judged, ...] = ()
    _: KW_ONLY
    reason: str | None = None
    crashed: Exception | None = None
    """A bug in the rule; what it found before is kept."""

    @property
    def counted(self) -> tuple[Judged, ...]:
        """The findings that are not ignored."""
        return tuple(judged for judged in self.findings if not judged.ignored)


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """How many findings there are: sure ones by severity, then unsure ones, ignored ones, and the rules."""

    error: int
    warning: int
    note: int
    unsure: int
    ignored: int
    rules: int


def judge(
    project: Project,
    rules: Iterable[Rule],
    ignores: Iterable[Ignore] = (),
    *,
    today: date,
    known: Iterable[str] = (),
    ignoring: bool = True,
    phases: Collection[Phase] = (Phase.CHECK,),
    route: Route | None = None,
) -> tuple[Result, ...]:
    """Ask every rule about a project and return the results in the order of the rules.

    `known` are the names of all rules there are, asked or not; an ignore of any other name is a mistake. Without
    `ignoring`, ignores neither count nor are judged.
    """
    chosen = tuple(rules)
    shelf = _Shelf(
        ignores if ignoring else (),
        today,
        frozenset((*known, *(rule.name for rule in chosen))),
        alone=len(project.packages) == 1,
    )
    results = {rule.name: _judge(rule, project, shelf, phases, route) for rule in chosen if not _last(rule)}
    ran = {name for name, result in results.items() if result.verdict is not Verdict.SKIPPED and not result.crashed}
    for rule in filter(_last, chosen):
        if ignoring:
            results[rule.name] = _ask(rule, partial(rule.check_ignores, shelf.unused(ran)), shelf, route)
        else:
            results[rule.name] = Result(rule, Verdict.SKIPPED, reason=NO_IGNORES)
    return tuple(results[rule.name] for rule in chosen)


def judge_release(
    release: Release,
    rules: Iterable[Rule],
    ignores: Iterable[Ignore] = (),
    *,
    today: date,
    known: Iterable[str] = (),
    ignoring: bool = True,
    alone: bool = False,
) -> tuple[Result, ...]:
    """Ask every rule that judges a published version and return the results in the order of the rules.

    Parameters as in `judge`; `alone` says that the project has no package but this one. Rules about anything else are
    left out, and whether an ignore is of use is not judged: it may be for another package.
    """
    chosen = tuple(rule for rule in rules if rule.judges is Judges.RELEASE)
    names = frozenset((*known, *(rule.name for rule in chosen)))
    shelf = _Shelf(ignores if ignoring else (), today, names, alone=alone)
    return tuple(_judge_release(rule, release, shelf) for rule in chosen)


def count(results: Iterable[Result]) -> Summary:
    """Return how many findings there are of each kind; ignored and unsure ones are counted there only."""
    found = tuple(results)
    kinds = Counter(_kind(judged) for result in found for judged in result.findings)
    return Summary(
        error=kinds[Severity.ERROR],
        warning=kinds[Severity.WARNING],
        note=kinds[Severity.NOTE],
        unsure=kinds["unsure"],
        ignored=kinds["ignored"],
        rules=len(found),
    )


def exit_code(results: Iterable[Result], *, fail_on: Severity | None, strict: bool) -> Exit:
    """Return how a run ended: a bug first, then findings at or above `fail_on`, then what `strict` does not accept."""
    found = tuple(results)
    counted = [judged for result in found for judged in result.counted]
    if any(result.crashed for result in found):
        return Exit.BUG
    if fail_on and any(judged.finding.sure and judged.severity.rank <= fail_on.rank for judged in counted):
        return Exit.FINDINGS
    if strict and any(not judged.finding.sure for judged in counted):
        return Exit.INCONCLUSIVE
    return Exit.PASSED


def _kind(judged: Judged) -> str:
    if judged.ignored:
        return "ignored"
    return judged.severity if judged.finding.sure else "unsure"


def _last(rule: Rule) -> bool:
    return rule.judges is Judges.IGNORES


def _judge(rule: Rule, project: Project, shelf: _Shelf, phases: Collection[Phase], route: Route | None) -> Result:
    if rule.phase not in phases:
        return Result(rule, Verdict.SKIPPED, reason=f"belongs to the phase `{rule.phase}`")
    if missing := _missing(rule.needs, project):
        return Result(rule, Verdict.SKIPPED, reason=missing)
    return _ask(rule, partial(rule.check, project), shelf, route)


def _missing(needs: Needs, project: Project) -> str | None:
    """Return why there is nothing for a rule to judge; None where there is."""
    match needs:
        case Needs.PUBLISH_SITE:
            return None if project.jobs else NO_SITE
        case Needs.ANY_PUBLISH_SITE:
            return None if project.jobs or project.elsewhere else NO_SITE
        case Needs.TAG:
            return None if project.tagging else "no tag is about to be made (`--tag`)"
        case Needs.ONLINE:
            return None if project.online else "nobody was asked (`--online`)"
        case Needs.VISIBILITY:
            return None if project.visibility else "only the CI environment and `--online` tell who sees the source"
        case Needs.DECLARATION:
            return None if project.declared else "no trusted publisher is declared (`[expect]`, `--trust-list`)"
        case _:
            return None


def _judge_release(rule: Rule, release: Release, shelf: _Shelf) -> Result:
    if lacking := _lacking(rule.needs, release):
        return Result(rule, Verdict.SKIPPED, reason=lacking)
    return _ask(rule, partial(rule.check_release, release), shelf, None)


def _lacking(needs: Needs, release: Release) -> str | None:
    """Return why a rule has nothing to judge of a release; None where it has."""
    match needs:
        case Needs.REGISTRY:
            return OFFLINE if release.offline else None
        case Needs.SERVED:
            return OFFLINE if release.offline else release.unseen
        case Needs.COUNTERSIGNED:
            return OFFLINE if release.offline else release.unproven
        case Needs.PUBLISHED:
            return release.unseen
        case Needs.ATTESTATIONS:
            return release.unlisted
        case Needs.EARLIER:
            return release.unseen or release.incomparable
        case Needs.PLAN if not release.promises:
            return "no plan foretells it (`--plan`)"
        case Needs.PREDECESSOR if release.predecessor is None:
            return release.unproven or "no earlier version was verified"
        case Needs.REPOSITORY | Needs.COMMIT | Needs.WORKFLOW | Needs.REF:
            expected = release.expectation
            wanted = {
                Needs.REPOSITORY: expected.repository or expected.repository_id,
                Needs.COMMIT: expected.commit,
                Needs.WORKFLOW: expected.workflow or expected.signer or expected.run,
                Needs.REF: expected.ref,
            }
            return release.unproven or (None if wanted[needs] else f"nobody says which {needs} is expected")
        case Needs.PROOF | Needs.PLAN | Needs.PREDECESSOR:
            return release.unproven
        case _:
            return None


def _ask(rule: Rule, ask: Ask, shelf: _Shelf, route: Route | None) -> Result:
    found: list[Finding] = []
    crashed = None
    try:
        found.extend(ask())
    # A bug in one rule must not hide what the others found; the report names it.
    except Exception as error:  # noqa: BLE001
        crashed = error
    findings = tuple(_judged(rule, found, shelf, route))
    counted = [judged for judged in findings if not judged.ignored]
    unsure = [judged for judged in counted if not judged.finding.sure]
    if crashed:
        reason = f"a bug in preflight: {type(crashed).__name__}: {crashed}"
        return Result(rule, Verdict.UNSURE, findings, reason=reason, crashed=crashed)
    if len(counted) > len(unsure):
        return Result(rule, Verdict.FAILED, findings)
    if unsure:
        return Result(rule, Verdict.UNSURE, findings, reason=unsure[0].finding.doubt or unsure[0].finding.message)
    return Result(rule, Verdict.PASSED, findings)


def _judged(rule: Rule, found: Iterable[Finding], shelf: _Shelf, route: Route | None) -> Iterator[Judged]:
    seen: Counter[tuple[str, ...]] = Counter()
    asked = [
        (finding, shelf.ignore(rule.name, finding)) for finding in _distinct(map(_with_doubt, map(_unshared, found)))
    ]
    for finding, ignored in sorted(_joined(asked), key=lambda pair: _order(pair[0])):
        way = route(finding.at) if route and finding.at else ""
        likeness = _likeness(rule.name, finding, way)
        yield Judged(
            rule.name,
            finding,
            severity=finding.severity or rule.severity,
            ignored=ignored,
            route=way,
            ordinal=seen[likeness],
        )
        seen[likeness] += 1


def _joined(asked: Iterable[tuple[Finding, Ignore | None]]) -> Iterator[tuple[Finding, Ignore | None]]:
    """Make one finding of those that say the same of the same line for several packages: it is one line to change.

    What is ignored is left as it is, because an ignore may name a package.
    """
    alike: dict[object, list[Finding]] = {}
    for finding, ignored in asked:
        if ignored or finding.at is None or finding.package is None:
            yield finding, ignored
        else:
            place = (str(finding.at.path), finding.at.span)
            alike.setdefault((place, finding.message, finding.sure, finding.severity), []).append(finding)
    for first, *others in alike.values():
        yield (_for_all((first, *others)) if others else first), None


def _for_all(findings: tuple[Finding, ...]) -> Finding:
    first = findings[0]
    edits = tuple(dict.fromkeys(edit for each in findings if each.remedy for edit in each.remedy.edits))
    remedy = replace(first.remedy, edits=edits) if first.remedy else None
    names = tuple(dict.fromkeys(each.package for each in findings if each.package))
    message = f"{first.message}, for {len(names)} packages"
    return replace(first, message=message, package=None, packages=names, remedy=remedy)


def _unshared(finding: Finding) -> Finding:
    """Return a finding whose fix changes nothing but what the finding is about."""
    if finding.remedy is None or (remedy := alone(finding.remedy)) is finding.remedy:
        return finding
    return replace(finding, remedy=remedy)


def _with_doubt(finding: Finding) -> Finding:
    if finding.sure or not finding.doubt:
        return finding
    return replace(finding, message=f"{finding.message} (not sure: {finding.doubt})")


def _distinct(found: Iterable[Finding]) -> Iterator[Finding]:
    seen = set()
    for finding in found:
        place = (str(finding.at.path), finding.at.span) if finding.at else None
        if (key := (place, finding.message, finding.package)) not in seen:
            seen.add(key)
            yield finding


def _order(finding: Finding) -> tuple[str, tuple[int, int], str, str]:
    if finding.at is None:
        return "", (0, 0), finding.package or "", finding.message
    return str(finding.at.path), finding.at.start, finding.package or "", finding.message


def _likeness(rule: str, finding: Finding, route: str) -> tuple[str, ...]:
    if finding.at is None:
        return rule, "", route, finding.package or ""
    return rule, str(finding.at.path), route, " ".join(finding.at.source.line(finding.at.line).split())


class _Shelf:
    """The ignores of one run, and which of them were of use."""

    def __init__(self, ignores: Iterable[Ignore], today: date, rules: frozenset[str], *, alone: bool) -> None:
        self._faults: list[UnusedIgnore] = []
        self._sound: list[Ignore] = []
        self._used: set[int] = set()
        self._alone = alone
        self._by_line: dict[tuple[str, str | None, int | None], list[Ignore]] = {}
        self._by_rule: dict[str, list[Ignore]] = {}
        for ignore in ignores:
            fault = ignore.fault(today, rules)
            if fault:
                self._faults.append(UnusedIgnore(ignore.at, fault))
                continue
            self._sound.append(ignore)
            if ignore.by is By.COMMENT:
                self._by_line.setdefault((ignore.rule, ignore.path, ignore.line), []).append(ignore)
            else:
                self._by_rule.setdefault(ignore.rule, []).append(ignore)

    def ignore(self, rule: str, finding: Finding) -> Ignore | None:
        """Return the ignore that silences a finding; every other one that would is of use too."""
        here = self._by_line.get((rule, str(finding.at.path), finding.at.line), []) if finding.at else []
        candidates = (*here, *self._by_rule.get(rule, []))
        meant = [ignore for ignore in candidates if ignore.covers(finding, alone=self._alone)]
        self._used.update(id(ignore) for ignore in meant)
        return meant[0] if meant else None

    def unused(self, ran: Iterable[str]) -> tuple[UnusedIgnore, ...]:
        """Return the ignores that are mistaken, and those of rules that ran which silenced nothing."""
        asked = frozenset(ran)
        idle = (
            UnusedIgnore(ignore.at, f"the ignore of `{ignore.rule}` silences nothing")
            for ignore in self._sound
            if id(ignore) not in self._used and ignore.rule in asked
        )
        return (*self._faults, *idle)
