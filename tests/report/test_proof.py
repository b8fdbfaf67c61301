"""The reports of `verify`."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from preflight.engine import Judged, Result, Verdict
from preflight.errors import Exit
from preflight.facts.fact import Known, Unknown
from preflight.facts.online import Level
from preflight.facts.release import (
    Attestation,
    Build,
    Code,
    Earlier,
    Expectation,
    Expected,
    Identity,
    Kind,
    Promise,
    Release,
    Signed,
    Sound,
    State,
    Statement,
    Subject,
    Tarball,
    Unchecked,
    Unsound,
)
from preflight.finding import Finding, Severity
from preflight.ignores import By, Ignore
from preflight.records import replace
from preflight.report import document
from preflight.report.custody import links
from preflight.report.document import dump
from preflight.report.proof import Proof, Proven, Trusted, Verification
from preflight.report.proof_document import verify_document
from preflight.report.proof_markdown import proof_annotations, proof_markdown
from preflight.report.proof_text import proof_concise, proof_text
from preflight.report.screen import Screen
from preflight.rulebook import Phase

SCHEMA = Path(document.__file__).parents[1] / "data" / "schemas" / "verify.json"
DIGEST = "2f7c" + "0" * 120 + "9ae1"
COMMIT = "9f3c2ab0d1e2f3a4b5c6d7e8f90123456789abcd"
REPOSITORY = "https://github.com/acme/widgets"
SLSA = "https://slsa.dev/provenance/v1"
PUBLISH = "https://github.com/npm/attestation/tree/main/specs/publish/v0.1"
TRUSTED = Trusted("that came with preflight", "2026-08-01", "of 2026-08-01")


def _identity(**fields):
    return Identity(
        **{
            "issuer": "https://token.actions.githubusercontent.com",
            "signer": f"{REPOSITORY}/.github/workflows/release.yml@refs/tags/v2.4.0",
            "runner_environment": "github-hosted",
            "source_repository": REPOSITORY,
            "source_commit": COMMIT,
            "source_ref": "refs/tags/v2.4.0",
            "repository_id": "273562379",
            "owner_id": "6154722",
            "workflow": f"{REPOSITORY}/.github/workflows/release.yml@refs/tags/v2.4.0",
            "trigger": "push",
            "run": f"{REPOSITORY}/actions/runs/35081590186/attempts/1",
            "visibility": "public",
            **fields,
        }
    )


def _provenance(outcome=None, package="core", **fields):
    subject = Subject(f"pkg:npm/%40acme/{package}@2.4.0", (("sha512", DIGEST),))
    build = Build("https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1", REPOSITORY)
    sound = Sound(Statement(SLSA, (subject,), build=build), _identity(**fields), 1795237964, 2859199473)
    return Attestation(Kind.PROVENANCE, SLSA, outcome or sound)


def _published(outcome=None):
    sound = Sound(Statement(PUBLISH, ()), None, 1795237969)
    return Attestation(Kind.PUBLISH, PUBLISH, outcome or sound)


EXPECTATION = Expectation(
    repository=Expected(REPOSITORY, "package.json"),
    commit=Expected(COMMIT, "tag v2.4.0 of this clone"),
    workflow=Expected(".github/workflows/release.yml", "the plan"),
    ref=Expected("refs/tags/v2.4.0", "--ref"),
)


def _release(**fields):
    return Release(
        **{
            "name": "@acme/core",
            "version": "2.4.0",
            "state": Known(State.COMPLETE),
            "level": Known(Level.TRUSTED_PUBLISHER),
            "attestations": Known((_provenance(), _published())),
            "integrity": "sha512-x",
            "tarball": Known(Tarball(DIGEST, "@acme/core", "2.4.0")),
            "signed": Known(Signed.VALID),
            "expectation": EXPECTATION,
            "earlier": (Earlier("2.3.1", Level.TRUSTED_PUBLISHER),),
            **fields,
        }
    )


@pytest.fixture
def said(rule):
    """Return a function that makes the result of a rule from its findings."""

    def make(name, *findings, severity="error", ignored=None, crashed=None):
        one = rule(name, severity=severity, group="proof", phase=Phase.VERIFY, fix=(("any", "Find out who did it."),))
        judged = tuple(
            Judged(name, each, severity=each.severity or Severity(severity), ignored=ignored) for each in findings
        )
        counted = [] if ignored else judged
        verdict = Verdict.PASSED if not counted else Verdict.FAILED if counted[0].finding.sure else Verdict.UNSURE
        reason = f"a bug in preflight: {crashed}" if crashed else None
        return Result(one, Verdict.UNSURE if crashed else verdict, judged, reason=reason, crashed=crashed)

    return make


@pytest.fixture
def verified(said):
    """Return a release that holds."""
    return Proof(release=_release(), results=(said("foreign-repository"), said("altered-tarball")))


@pytest.fixture
def failed(said):
    """Return a release that somebody else built, with a second objection."""
    message = "`@acme/core@2.4.0` was built in `acme/widgets-fork`, not in `acme/widgets`"
    foreign = Finding(None, message, package="@acme/core", attestation="provenance")
    fork = _provenance(source_repository=f"{REPOSITORY}-fork")
    trigger = Finding(None, "it was started by `workflow_run`, which code of others can bring about")
    return Proof(
        release=_release(attestations=Known((fork, _published()))),
        results=(said("risky-trigger", trigger, severity="warning"), said("foreign-repository", foreign)),
    )


@pytest.fixture
def open_(said):
    """Return a release whose attestations are not there yet."""
    doubt = Finding(None, "there is no provenance yet", sure=False, package="@acme/core")
    return Proof(
        release=_release(
            state=Known(State.NO_ATTESTATION_YET), waited=False, attestations=Known(()), level=Known(Level.NONE)
        ),
        results=(said("missing-attestation", doubt),),
        ended="waited for 10 min",
    )


def _run(*proofs, **fields):
    return Verification(proofs=proofs, trusted=TRUSTED, version="1.2.3", **fields)


def _text(run, screen=None):
    return "".join(f"{line}\n" for line in proof_text(run, screen or Screen()))


def _chain(release, *results):
    return {link.name: link for link in links(release, results)}


@pytest.mark.parametrize(
    ("name", "screen"),
    [
        ("piped", Screen()),
        ("60", Screen(60)),
        ("100", Screen(100)),
        ("ascii", Screen(60, signs=False)),
        ("colour", Screen(80, colour=True)),
    ],
)
def test_a_release_that_holds(verified, golden, name, screen):
    """The chain of custody is what a maintainer came for."""
    assert golden(f"verify-{name}.txt", _text(_run(verified, seconds=84.2), screen))


@pytest.mark.parametrize("width", [None, 60])
def test_a_broken_link_leaves_the_others_in_sight(failed, golden, width):
    """Who looks for what happened needs all of it."""
    assert golden(f"verify-failed-{width or 'piped'}.txt", _text(_run(failed), Screen(width)))


def test_an_open_end_says_how_to_go_on(open_, golden):
    """After ten minutes nobody remembers the options."""
    run = _run(open_, again="preflight verify @acme/core@2.4.0 --wait")

    assert golden("verify-open.txt", _text(run, Screen(60)))


def test_several_releases_are_a_line_each(verified, failed, open_, golden):
    """A monorepo of twenty packages must fit on a screen."""
    other = _release(name="@acme/cli", attestations=Known((_provenance(package="cli"), _published())))

    assert golden(
        "verify-several.txt", _text(_run(verified, failed, open_, replace(verified, release=other)), Screen(80))
    )


def test_no_line_is_wider_than_the_terminal(verified, failed, open_):
    """A line that wraps by itself breaks every column."""
    lines = _text(_run(verified, failed, open_, verbose=1), Screen(60)).splitlines()

    assert [line for line in lines if len(line) > 60] == []


def test_ascii_is_ascii(verified, failed, open_):
    """`--ascii` is a promise."""
    assert _text(_run(verified, failed, open_, verbose=1), Screen(80, signs=False)).isascii()


def test_quiet_is_findings_alone(verified, failed):
    """A hook prints what is wrong, and nothing else."""
    assert (_text(_run(verified, quiet=1)), _text(_run(failed, quiet=1)).splitlines()[0][:25]) == (
        "",
        "error[foreign-repository]",
    )


def test_concise_is_a_line_for_each(verified, failed, open_, golden):
    """Grep reads it."""
    lines = proof_concise(_run(verified, failed, open_), Screen())

    assert golden("verify-concise.txt", "".join(f"{line}\n" for line in lines))


def test_the_document_is_as_it_was_agreed(verified, failed, open_, golden):
    """Programs depend on every name in it."""
    planned = replace(
        verified, release=_release(promises=(Promise("trigger", "push", "push"), Promise("commit", None, COMMIT)))
    )

    assert golden("verify.json", dump(verify_document(_run(planned, failed, open_))) + "\n")


def test_the_golden_document_follows_its_schema():
    """The schema is a promise; the golden file is what is really printed."""
    found = json.loads((Path(__file__).parent / "golden" / "verify.json").read_text("utf-8"))

    jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text("utf-8"))).validate(found)


def test_a_document_without_answers_follows_its_schema():
    """Without a network everything is null, and still in its place."""
    dark = Unknown("the registry cannot be reached")
    release = _release(state=dark, level=dark, attestations=dark, tarball=dark, signed=dark, earlier=())
    run = Verification(proofs=(Proof(release=release, results=()),), trusted=None, version="1.2.3")

    jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text("utf-8"))).validate(verify_document(run))


def test_the_step_summary_begins_with_the_verdict(verified, failed, golden):
    """It is read in passing."""
    assert golden("verify.md", proof_markdown(_run(verified, failed)))


def test_the_step_summary_of_one_package(verified):
    """The table is the chain."""
    lines = proof_markdown(_run(verified)).splitlines()

    assert (lines[0], sum(line.endswith("| ok |") for line in lines)) == (
        "### preflight: \\@acme/core 2\\.4\\.0 is verified",
        15,
    )


def test_an_annotation_for_each_finding(verified, failed, open_):
    """GitHub shows them above the log."""
    lines = list(proof_annotations(_run(verified, failed, open_)))

    assert [line.split("::")[1] for line in lines] == [
        "error title=foreign-repository",
        "warning title=risky-trigger",
        "warning title=unsure%3A missing-attestation",
    ]


def test_at_most_ten_annotations_of_a_kind(said):
    """GitHub drops the eleventh without a word."""
    findings = [Finding(None, f"finding {number}") for number in range(25)]
    run = _run(Proof(release=_release(), results=(said("broken-plan", *findings),)))

    lines = list(proof_annotations(run))

    assert (len(lines), "and 16 more" in lines[-1]) == (10, True)


# -- verdicts -------------------------------------------------------------------------------------


def test_the_verdicts(verified, failed, open_):
    """Verified, wrong and unknown never share a word, nor a code."""
    assert [(proof.verdict, _run(proof).code) for proof in (verified, failed, open_)] == [
        (Proven.VERIFIED, Exit.PASSED),
        (Proven.FAILED, Exit.FINDINGS),
        (Proven.INCONCLUSIVE, Exit.INCONCLUSIVE),
    ]


def test_a_failure_weighs_more_than_a_doubt(verified, failed, open_):
    """When several hold: 1 before 3 before 0."""
    assert (_run(verified, open_, failed).code, _run(verified, open_).code) == (Exit.FINDINGS, Exit.INCONCLUSIVE)


def test_a_bug_weighs_most(failed, said):
    """It is not known what else would have been found."""
    buggy = replace(failed, results=(*failed.results, said("foreign-ref", crashed=KeyError("x"))))

    assert (_run(buggy).code, "bug[foreign-ref]" in _text(_run(buggy))) == (Exit.BUG, True)


def test_a_rule_with_a_bug_verifies_nothing(verified, said):
    """What it would have said is not known."""
    buggy = replace(verified, results=(said("foreign-ref", crashed=KeyError("x")),))

    assert (buggy.verdict, buggy.why) == (Proven.INCONCLUSIVE, "the rule `foreign-ref` has a bug")


def test_fail_on_never_still_says_what_failed(failed):
    """The code is for the pipeline, the words are for people."""
    run = _run(failed, lenient=True)

    assert (run.code, run.conclusion.split(".")[0]) == (Exit.PASSED, "Not verified")


def test_a_lower_threshold_fails_on_warnings(verified, said):
    """`--fail-on warning`."""
    warned = replace(
        verified,
        results=(said("private-build", Finding(None, "it was private"), severity="warning"),),
        threshold=Severity.WARNING,
    )

    assert (warned.verdict, replace(warned, threshold=Severity.ERROR).verdict) == (Proven.FAILED, Proven.VERIFIED)


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"attestations": Known(())}, id="no attestation"),
        pytest.param({"attestations": Known((_provenance(Unchecked(Code.UNKNOWN_FORMAT, "new")),))}, id="unchecked"),
        pytest.param({"attestations": Known((_provenance(), _provenance()))}, id="two"),
        pytest.param({"state": Known(State.STAGED)}, id="staged"),
        pytest.param({"state": Unknown("nobody answers")}, id="dark"),
        pytest.param({"attestations": Unknown("nobody answers")}, id="attestations unknown"),
    ],
)
def test_without_a_sound_attestation_nothing_is_verified(fields):
    """Whatever the rules leave unsaid, or somebody ignores."""
    assert Proof(release=_release(**fields), results=()).verdict is Proven.INCONCLUSIVE


def test_an_ignored_finding_breaks_its_link_all_the_same(failed, said):
    """The chain shows what is; the ignore says that somebody knows."""
    ignore = Ignore("foreign-repository", "the old home", by=By.CONFIGURATION, at=None)
    result = said("foreign-repository", Finding(None, "elsewhere"), ignored=ignore)
    proof = replace(failed, results=(result,))

    text = _text(_run(proof, show_ignored=True))

    assert (proof.verdict, _chain(proof.release, result)["repository"].holds, "the old home" in text) == (
        Proven.VERIFIED,
        False,
        True,
    )


def test_nobody_said_whose_it_must_be(verified):
    """Anybody can build a package with provenance."""
    proof = replace(verified, release=_release(expectation=Expectation()))

    assert "--repo Owner/Repo" in _text(_run(proof))


def test_what_a_rule_doubts_is_in_the_verdict(verified, said):
    """Exit 3 without a reason is a riddle."""
    doubt = Finding(None, "cannot tell", sure=False, doubt="the history is not here")
    proof = replace(verified, results=(said("foreign-commit", doubt),))

    assert (proof.why, _chain(proof.release, *proof.results)["commit"].holds) == ("the history is not here", None)


# -- links ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (Code.UNTRUSTED_CHAIN, "certificate"),
        (Code.BAD_INCLUSION, "transparency log"),
        (Code.BAD_SIGNATURE, "attestation"),
    ],
)
def test_a_reason_breaks_its_own_link(code, name):
    """What the check found first is where to look."""
    chain = _chain(_release(attestations=Known((_provenance(Unsound(code, "it is bad")),))))

    assert {link.name for link in chain.values() if link.holds is False} == {name}


def test_an_unsound_attestation_proves_nothing_else():
    """Whoever forges one writes any repository into it."""
    chain = _chain(_release(attestations=Known((_provenance(Unsound(Code.BAD_SIGNATURE, "it is bad")),))))

    assert {chain[name].holds for name in ("tarball", "statement", "repository", "commit", "runner")} == {None}


@pytest.mark.parametrize(
    ("fields", "name", "holds", "words"),
    [
        ({"tarball": Unknown("it is too large")}, "tarball", None, "too large"),
        ({"tarball": Known(Tarball("ab" * 64, None, None))}, "tarball", None, "attested is 2f7c…9ae1"),
        ({"attestations": Known(())}, "tarball", None, "which nothing attests"),
        ({"attestations": Known(())}, "attestation", None, "there is none"),
        ({"attestations": Known((_provenance(), _provenance()))}, "attestation", None, "there are several"),
        ({"attestations": Known(())}, "publish attestation", None, "there is none"),
        ({"attestations": Known((_published(), _published()))}, "publish attestation", None, "there are several"),
        ({"attestations": Unknown("it is late")}, "publish attestation", None, "it is late"),
        ({"attestations": Unknown("it is late")}, "certificate", None, "it is late"),
        (
            {"attestations": Known((_published(Unsound(Code.EXPIRED_KEY, "too old")),))},
            "publish attestation",
            False,
            "too old",
        ),
        (
            {"attestations": Known((_published(Unchecked(Code.UNKNOWN_FORMAT, "too new")),))},
            "publish attestation",
            None,
            "too new",
        ),
        (
            {"attestations": Known((_provenance(Unchecked(Code.UNKNOWN_FORMAT, "too new")),))},
            "attestation",
            None,
            "too new",
        ),
        ({"signed": Known(Signed.NOT_SIGNING)}, "registry signature", None, "signs nothing"),
        ({"signed": Known(Signed.EXPIRED_KEY)}, "registry signature", False, "no longer in use"),
        ({"signed": Unknown("no keys")}, "registry signature", None, "no keys"),
        ({"level": Unknown("no packument")}, "trust level", None, "no packument"),
        ({"earlier": ()}, "trust level", True, "no earlier version"),
        ({"level": Known(Level.NONE)}, "trust level", False, "a downgrade"),
        ({"earlier": (Earlier("1.0.0", Level.NONE),)}, "trust level", True, "1.0.0 had no provenance"),
        ({"promises": (Promise("trigger", "push", "release"),)}, "plan", False, "1 not: trigger"),
        ({"expectation": Expectation()}, "commit", None, "compared with nothing"),
        ({"attestations": Known((_provenance(runner_environment=None),))}, "runner", None, "does not say"),
        ({"attestations": Known((_provenance(visibility=None),))}, "visibility", None, "does not say"),
        ({"attestations": Known((_provenance(source_ref=None),))}, "ref", None, "does not say"),
        ({"attestations": Known((_provenance(run=None),))}, "runner", True, ""),
        (
            {"attestations": Known((_provenance(run="https://gitlab.com/a/b/-/jobs/1", trigger=None),))},
            "workflow run",
            None,
            "",
        ),
    ],
)
def test_each_link_says_why(fields, name, holds, words):
    """Broken, whole and unknown look alike to nobody."""
    link = _chain(_release(**fields))[name]

    assert (link.holds, words in link.what) == (holds, True)


def test_an_unpublished_version_has_no_chain():
    """There is nothing to look at."""
    proof = Proof(release=_release(state=Known(State.UNPUBLISHED)), results=())

    assert (proof.chain, proof.why) == ((), "the registry does not show it")


def test_nothing_foreign_reaches_the_terminal(verified):
    """A certificate is text that a stranger wrote."""
    evil = _provenance(trigger="\x1b[31mpush\u202e", run="::set-output x=1")
    run = _run(replace(verified, release=_release(attestations=Known((evil, _published())))))

    shown = _text(run, Screen(runner=True)) + proof_markdown(run) + dump(verify_document(run))

    assert not {"\x1b", "\u202e"} & {*shown}


def test_a_moment_beyond_the_calendar_is_no_crash():
    """The log's time is a number of any size."""
    far = replace(_provenance().outcome, logged=10**18)

    assert (
        "at no time"
        in _chain(_release(attestations=Known((replace(_provenance(), outcome=far),))))["transparency log"].what
    )
