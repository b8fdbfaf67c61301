"""The engine on published versions: what is skipped, what is ignored, and by which package."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest

from preflight.engine import OFFLINE, Verdict, judge_release
from preflight.facts.fact import Known, Unknown
from preflight.facts.release import Attestation, Code, Expectation, Kind, Release, State, Unsound
from preflight.finding import Finding, Severity
from preflight.ignores import By, Ignore
from preflight.rulebook import Judges, Needs, Phase, Rule, Texts

TODAY = date(2026, 11, 21)
NOTHING = Unknown("the registry does not answer")


def released(**facts):
    """Return a version of which nothing is known but what is given."""
    unknown = dict.fromkeys(("state", "level", "attestations", "tarball", "signed"), NOTHING)
    return Release(**{**unknown, "name": "widgets", "version": "1.0.0", "expectation": Expectation(), **facts})


@pytest.fixture
def rule(monkeypatch):
    """Make a rule that finds one thing, or has a bug."""

    def make(name="foreign-thing", needs=Needs.NOTHING, judges=Judges.RELEASE, crash=None):
        def check(release):
            yield Finding(None, "it is foreign", package=release.name)
            if crash:
                raise crash

        monkeypatch.setitem(sys.modules, f"fake_rules.{name}", SimpleNamespace(check=check))
        texts = {"group": "proof", "phase": Phase.VERIFY, "title": name, "since": "0.1.0", "texts": Texts()}
        code = f"fake_rules.{name}"
        return Rule(name, Path(name), code=code, severity=Severity.ERROR, needs=needs, judges=judges, **texts)

    return make


def test_a_rule_about_a_release_is_asked_about_it(rule):
    """A rule like any other."""
    (result,) = judge_release(released(), [rule()], today=TODAY)

    assert (result.verdict, [each.finding.package for each in result.counted]) == (Verdict.FAILED, ["widgets"])


def test_rules_about_anything_else_are_left_out(rule):
    """They would be given facts of another kind."""
    assert not judge_release(released(), [rule(judges=Judges.PROJECT)], today=TODAY)


def test_a_bug_in_a_rule_is_no_verdict(rule):
    """What it found before is kept."""
    (result,) = judge_release(released(), [rule(crash=ValueError("x"))], today=TODAY)

    assert (result.verdict, len(result.counted), bool(result.crashed)) == (Verdict.UNSURE, 1, True)


@pytest.mark.parametrize(
    ("ignore", "options", "verdict"),
    [
        pytest.param({"package": "widgets"}, {}, Verdict.PASSED, id="this package"),
        pytest.param({"package": "gadgets"}, {}, Verdict.FAILED, id="another package"),
        pytest.param({}, {}, Verdict.PASSED, id="everywhere"),
        pytest.param({"by": By.PACKAGE, "package": "widgets"}, {}, Verdict.PASSED, id="in its package.json"),
        pytest.param({"package": "widgets"}, {"ignoring": False}, Verdict.FAILED, id="switched off"),
        pytest.param({"expires": date(2026, 11, 20)}, {}, Verdict.FAILED, id="expired"),
    ],
)
def test_a_finding_is_ignored_by_package(rule, ignore, options, verdict):
    """Twenty packages are released at once, and one of them is known to differ."""
    ignores = [Ignore("foreign-thing", "we moved", **{"by": By.CONFIGURATION, **ignore})]

    (result,) = judge_release(released(), [rule()], ignores, today=TODAY, **options)

    assert result.verdict is verdict


GONE = {"state": Known(State.UNPUBLISHED)}
BROKEN = {
    "state": Known(State.COMPLETE),
    "attestations": Known((Attestation(Kind.PROVENANCE, "x", Unsound(Code.NO_TIME, "x")),)),
}
NONE = {"state": Known(State.ABSENT), "attestations": Known(())}
UNSEEN = "the registry does not show this version"
UNSOUND = "the provenance does not hold"


@pytest.mark.parametrize(
    ("needs", "facts", "reason"),
    [
        pytest.param(Needs.REGISTRY, {"offline": True}, OFFLINE, id="offline"),
        pytest.param(Needs.SERVED, {"offline": True}, OFFLINE, id="offline, of the registry alone"),
        pytest.param(Needs.COUNTERSIGNED, {"offline": True}, OFFLINE, id="offline, npm's own"),
        pytest.param(Needs.SERVED, GONE, UNSEEN, id="not there"),
        pytest.param(Needs.PUBLISHED, {}, NOTHING.why, id="no answer"),
        pytest.param(Needs.ATTESTATIONS, {"state": Known(State.ABSENT)}, NOTHING.why, id="no attestations told"),
        pytest.param(Needs.ATTESTATIONS, NONE, "there are no attestations", id="no attestations"),
        pytest.param(Needs.PROOF, BROKEN, UNSOUND, id="no proof"),
        pytest.param(Needs.COUNTERSIGNED, BROKEN, UNSOUND, id="nothing to countersign"),
        pytest.param(Needs.REPOSITORY, BROKEN, UNSOUND, id="no proof of a repository"),
        pytest.param(Needs.PLAN, BROKEN, "no plan foretells it (`--plan`)", id="no plan"),
        pytest.param(Needs.PREDECESSOR, BROKEN, UNSOUND, id="nothing to compare"),
        pytest.param(Needs.EARLIER, {"state": Known(State.ABSENT)}, NOTHING.why, id="no level told"),
    ],
)
def test_a_rule_without_anything_to_judge_is_skipped_with_the_reason(rule, needs, facts, reason):
    """Silence must not pass for consent."""
    (result,) = judge_release(released(**facts), [rule(needs=needs)], today=TODAY)

    assert (result.verdict, result.reason) == (Verdict.SKIPPED, reason)
