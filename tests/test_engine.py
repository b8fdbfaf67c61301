"""The engine: verdicts, ignores, fingerprints."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path, PurePosixPath
from types import SimpleNamespace

import pytest

from preflight.engine import NO_IGNORES, NO_SITE, Verdict, count, exit_code, judge
from preflight.errors import Exit
from preflight.facts.fact import Unknown
from preflight.facts.project import Project
from preflight.finding import Finding, Severity
from preflight.ignores import By, Ignore
from preflight.rulebook import Judges, Needs, Phase, Rule, Texts
from preflight.source.text import Source

TODAY = date(2026, 11, 21)
SOURCE = Source(PurePosixPath(".github/workflows/release.yml"), "a: 1\nb: 2\nb: 2\n")
FIRST, SECOND, THIRD = SOURCE.at(0, 1), SOURCE.at(5, 6), SOURCE.at(10, 11)


def _make_project(**facts):
    names = ("packages", "jobs", "shipments", "borrowed", "unread", "unreadable", "broken", "looked_at")
    nothing = dict.fromkeys(names, ())
    return Project(**{**nothing, "repository": Unknown("no git"), "manifest": None, **facts})


@pytest.fixture
def project():
    """Return a project of one package; the rules of this file do not look at it."""
    return _make_project(packages=(SimpleNamespace(name="x"),), jobs=("a job",))


@pytest.fixture
def rule(monkeypatch):
    """Make a rule whose code yields given findings."""

    def make(name, *findings, crash=None, severity="error", **texts):
        def check(seen):
            yield from findings
            if texts.get("judges") is Judges.IGNORES:
                yield from (Finding(unused.at, unused.why) for unused in seen)
            if crash:
                raise crash

        monkeypatch.setitem(sys.modules, f"fake_rules.{name}", SimpleNamespace(check=check))
        given = {"group": "workflow", "phase": Phase.CHECK, "title": name, "since": "0.1.0", "texts": Texts(), **texts}
        return Rule(name, Path(name), code=f"fake_rules.{name}", severity=Severity(severity), **given)

    return make


@pytest.mark.parametrize(
    ("findings", "verdict"),
    [
        pytest.param((), Verdict.PASSED, id="nothing found"),
        pytest.param((Finding(FIRST, "x"),), Verdict.FAILED, id="a sure finding"),
        pytest.param((Finding(FIRST, "x", sure=False),), Verdict.UNSURE, id="an unsure finding"),
        pytest.param((Finding(FIRST, "x", sure=False), Finding(SECOND, "y")), Verdict.FAILED, id="one sure is enough"),
    ],
)
def test_the_verdict_follows_from_the_findings(project, rule, findings, verdict):
    """`rules.md` defines the words."""
    (result,) = judge(project, [rule("a", *findings)], today=TODAY)

    assert result.verdict is verdict


def test_an_unsure_verdict_has_a_reason(project, rule):
    """Who asks for `--strict` wants to know what could not be told."""
    (result,) = judge(project, [rule("a", Finding(None, "cannot tell: x", sure=False))], today=TODAY)

    assert result.reason == "cannot tell: x"


def test_without_a_publish_site_most_rules_are_skipped(rule):
    """A repository that publishes nothing gets one note, not fifty passes."""
    results = judge(_make_project(), [rule("a"), rule("b", needs=Needs.NOTHING)], today=TODAY)

    assert [(result.verdict, result.reason) for result in results] == [
        (Verdict.SKIPPED, NO_SITE),
        (Verdict.PASSED, None),
    ]


def test_a_rule_of_another_phase_is_skipped(project, rule):
    """`--select foreign-commit` before the tag has nothing to look at."""
    (result,) = judge(project, [rule("a", phase=Phase.VERIFY)], today=TODAY)

    assert (result.verdict, result.reason) == (Verdict.SKIPPED, "belongs to the phase `verify`")


def test_a_crash_is_kept_with_what_was_found_before(project, rule):
    """A bug in one rule hides nothing."""
    crash = KeyError("x")

    (result,) = judge(project, [rule("a", Finding(FIRST, "x"), crash=crash)], today=TODAY)

    assert (result.crashed, len(result.findings)) == (crash, 1)


def test_equal_findings_are_one(project, rule):
    """Two chains of callers lead to one line."""
    findings = (Finding(FIRST, "x", job="a"), Finding(FIRST, "x", job="b"), Finding(FIRST, "x", package="p"))

    (result,) = judge(project, [rule("a", *findings)], today=TODAY)

    assert [judged.finding.package for judged in result.findings] == [None, "p"]


def test_findings_are_sorted_by_place(project, rule):
    """The order of keys in a document must not show."""
    findings = (Finding(SECOND, "y"), Finding(FIRST, "z"), Finding(None, "x"), Finding(FIRST, "a"))

    (result,) = judge(project, [rule("a", *findings)], today=TODAY)

    assert [judged.finding.message for judged in result.findings] == ["x", "a", "z", "y"]


def test_a_finding_may_have_its_own_severity(project, rule):
    """Some rules have several."""
    (result,) = judge(project, [rule("a", Finding(None, "x", severity=Severity.NOTE))], today=TODAY)

    assert result.findings[0].severity is Severity.NOTE


def test_a_fingerprint_survives_inserted_lines(project, rule):
    """A code scanning alert must not be reopened by a comment above it."""
    moved = Source(SOURCE.path, "# new\n" + SOURCE.text)

    prints = [
        judge(project, [rule("a", Finding(at, "x"))], today=TODAY)[0].findings[0].fingerprint
        for at in (FIRST, moved.at(6, 7))
    ]

    assert prints[0] == prints[1]


def test_fingerprints_of_like_lines_differ(project, rule):
    """Equal fingerprints hide findings."""
    (result,) = judge(project, [rule("a", Finding(SECOND, "x"), Finding(THIRD, "x"))], today=TODAY)

    assert len({judged.fingerprint for judged in result.findings}) == 2


def test_a_route_is_part_of_the_fingerprint(project, rule):
    """The same line under another key is another thing."""
    made = rule("a", Finding(FIRST, "x"), Finding(None, "y"))

    prints = {
        judge(project, [made], today=TODAY, route=lambda _, way=way: way)[0].findings[1].fingerprint for way in "ab"
    }

    assert len(prints) == 2


def _comment(rule_name, line, reason="why"):
    return Ignore(rule_name, reason, by=By.COMMENT, at=FIRST, path=str(SOURCE.path), line=line)


@pytest.mark.parametrize(
    ("ignore", "silenced"),
    [
        pytest.param(_comment("a", 1), True, id="a comment for the line"),
        pytest.param(_comment("a", 2), False, id="a comment for another line"),
        pytest.param(_comment("b", 1), False, id="a comment for another rule"),
        pytest.param(_comment("a", 1, ""), False, id="a comment without a reason"),
        pytest.param(Ignore("a", "why", by=By.CONFIGURATION), True, id="everywhere"),
        pytest.param(Ignore("a", "why", by=By.CONFIGURATION, path=".github/workflows/release.yml"), True, id="a path"),
        pytest.param(Ignore("a", "why", by=By.CONFIGURATION, path=".github/"), True, id="a folder"),
        pytest.param(Ignore("a", "why", by=By.CONFIGURATION, path="*.yml"), True, id="a pattern"),
        pytest.param(Ignore("a", "why", by=By.CONFIGURATION, path="other.yml"), False, id="another path"),
        pytest.param(Ignore("a", "why", by=By.CONFIGURATION, package="@acme/*"), True, id="packages"),
        pytest.param(Ignore("a", "why", by=By.CONFIGURATION, package="b", path="*"), False, id="another package"),
        pytest.param(Ignore("a", "why", by=By.CONFIGURATION, expires=TODAY), True, id="on its last day"),
        pytest.param(Ignore("a", "why", by=By.CONFIGURATION, expires=date(2026, 11, 20)), False, id="expired"),
        pytest.param(Ignore("a", "why", by=By.PACKAGE, package="@acme/core", path="p"), True, id="the package itself"),
        pytest.param(Ignore("a", "why", by=By.PACKAGE, package="b", path="p"), False, id="another package's"),
    ],
)
def test_what_an_ignore_covers(project, rule, ignore, silenced):
    """An ignore that covers more than it says is a hole; one that covers less is a nuisance."""
    made = rule("a", Finding(FIRST, "x", package="@acme/core"))

    (result,) = judge(project, [made, rule("b")], [ignore], today=TODAY)[:1]

    assert (result.findings[0].ignored is not None) is silenced


def test_the_only_package_answers_for_the_workflows(project, rule):
    """Most repositories are one package, whose package.json is the place for everything."""
    made = rule("a", Finding(FIRST, "x"))

    (result,) = judge(project, [made], [Ignore("a", "why", by=By.PACKAGE, package="x", path="p")], today=TODAY)

    assert result.verdict is Verdict.PASSED


def test_a_finding_without_a_place_is_under_no_path(project, rule):
    """A path cannot cover what has none."""
    made = rule("a", Finding(None, "x"))

    (result,) = judge(project, [made], [Ignore("a", "why", by=By.CONFIGURATION, path="*")], today=TODAY)

    assert result.verdict is Verdict.FAILED


@pytest.mark.parametrize(
    ("ignore", "why"),
    [
        pytest.param(_comment("a", 2), "the ignore of `a` silences nothing", id="unused"),
        pytest.param(_comment("a", 1, ""), "the ignore of `a` has no reason, so it does not count", id="no reason"),
        pytest.param(
            _comment("", 1), "this ignore names no rule: write `preflight: ignore[rule] reason`", id="no rule"
        ),
        pytest.param(
            _comment("unreadable-files", 1),
            "the ignore of `unreadable-files` names no rule, did you mean `unreadable-file`?",
            id="a misspelt rule",
        ),
        pytest.param(_comment("zzz", 1), "the ignore of `zzz` names no rule", id="an unknown rule"),
        pytest.param(
            _comment("unreadable-file", 1),
            "`unreadable-file` cannot be ignored in place, only in preflight.toml",
            id="not in place",
        ),
        pytest.param(
            Ignore("a", "why", by=By.CONFIGURATION, expires=date(2026, 1, 2)),
            "the ignore of `a` expired on 2026-01-02",
            id="expired",
        ),
    ],
)
def test_an_ignore_without_effect_is_found(project, rule, ignore, why):
    """It would silence something else one day."""
    rules = [rule("unused-ignore", judges=Judges.IGNORES), rule("a", Finding(FIRST, "x"))]

    results = judge(project, rules, [ignore], today=TODAY, known=["unreadable-file"])

    assert [judged.finding.message for judged in results[0].findings] == [why]


@pytest.mark.parametrize(
    "texts",
    [pytest.param({"phase": Phase.TAG}, id="skipped"), pytest.param({"crash": KeyError()}, id="crashed")],
)
def test_an_ignore_of_a_rule_that_did_not_run_is_not_unused(project, rule, texts):
    """It may be needed at the tag."""
    rules = [rule("unused-ignore", judges=Judges.IGNORES), rule("a", **texts)]

    results = judge(project, rules, [_comment("a", 1)], today=TODAY)

    assert results[0].verdict is Verdict.PASSED


def test_without_ignores_none_counts_and_none_is_judged(project, rule):
    """`--no-ignores` shows what a reviewer wants to see."""
    rules = [rule("a", Finding(FIRST, "x")), rule("unused-ignore", judges=Judges.IGNORES)]

    results = judge(project, rules, [_comment("a", 1)], today=TODAY, ignoring=False)

    assert [(result.verdict, result.reason) for result in results] == [
        (Verdict.FAILED, None),
        (Verdict.SKIPPED, NO_IGNORES),
    ]


def test_the_summary_counts_each_finding_once(project, rule):
    """Unsure and ignored ones are counted there only."""
    rules = [
        rule("a", Finding(FIRST, "x"), Finding(SECOND, "y"), Finding(None, "z", sure=False)),
        rule("b", Finding(None, "x"), severity="warning"),
        rule("c", Finding(None, "x"), severity="note"),
    ]

    summary = count(judge(project, rules, [_comment("a", 1)], today=TODAY))

    assert (summary.error, summary.warning, summary.note, summary.unsure, summary.ignored, summary.rules) == (
        1,
        1,
        1,
        1,
        1,
        3,
    )


@pytest.mark.parametrize(
    ("findings", "crash", "fail_on", "strict", "code"),
    [
        pytest.param((), None, Severity.ERROR, True, Exit.PASSED, id="passed"),
        pytest.param((Finding(None, "x"),), None, Severity.ERROR, False, Exit.FINDINGS, id="an error"),
        pytest.param((Finding(None, "x"),), None, None, False, Exit.PASSED, id="never"),
        pytest.param(
            (Finding(None, "x", severity=Severity.WARNING),), None, Severity.ERROR, False, Exit.PASSED, id="below"
        ),
        pytest.param(
            (Finding(None, "x", severity=Severity.WARNING),), None, Severity.NOTE, False, Exit.FINDINGS, id="above"
        ),
        pytest.param((Finding(None, "x", sure=False),), None, Severity.ERROR, False, Exit.PASSED, id="unsure"),
        pytest.param((Finding(None, "x", sure=False),), None, Severity.ERROR, True, Exit.INCONCLUSIVE, id="strict"),
        pytest.param(
            (Finding(None, "x", sure=False), Finding(None, "y")), None, Severity.ERROR, True, Exit.FINDINGS, id="both"
        ),
        pytest.param((Finding(None, "x"),), KeyError(), Severity.ERROR, True, Exit.BUG, id="a bug before all"),
    ],
)
def test_the_exit_code_follows_from_the_results(project, rule, findings, crash, fail_on, strict, code):
    """70, then 1, then 3, then 0."""
    results = judge(project, [rule("a", *findings, crash=crash)], today=TODAY)

    assert exit_code(results, fail_on=fail_on, strict=strict) is code
