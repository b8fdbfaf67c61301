"""Every example of the rules that judge a published version: its table `release`, read as facts, and judged by all."""

from __future__ import annotations

from base64 import b64encode
from datetime import date

import pytest

from preflight import engine, rulebook
from preflight.engine import Verdict
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
from preflight.finding import Severity
from preflight.records import replace
from preflight.rulebook import Judges, Phase

BOOK = rulebook.read()
RULES = tuple(rule for rule in BOOK.rules if rule.phase is Phase.VERIFY)
TODAY = date(2026, 11, 21)
DIGEST = "ab" * 64
HOME = "https://github.com/acme/widgets"
ENTRY = ".github/workflows/release.yml"
SLSA = "https://slsa.dev/provenance/v1"
PUBLISH = "https://github.com/npm/attestation/tree/main/specs/publish/v0.1"
BASE = {
    "issuer": "https://token.actions.githubusercontent.com",
    "runner_environment": "github-hosted",
    "source_repository": HOME,
    "source_commit": "d1c6d1113932ddcee243e8b111b6d4aea553df20",
    "source_ref": "refs/tags/v1.0.0",
    "repository_id": "273562379",
    "owner_id": "6154722",
    "trigger": "push",
    "run": f"{HOME}/actions/runs/22026075834/attempts/1",
    "visibility": "public",
}
"""Who builds, where an example does not say otherwise; an empty word is what a certificate lacks."""
OPTIONS = {"also", "attestation", "code", "release", "severity", "skipped", "sure"}
"""What an example may say: the release, other rules that speak too, and what the findings are."""


def cases(kind):
    """Return every example of one kind, as `rule: title`."""
    return [
        pytest.param(rule, example, id=f"{rule.name}: {example.title}")
        for rule in RULES
        for example in rule.examples(kind)
    ]


# -- a table as facts -----------------------------------------------------------------------------


class Table:
    """A table that remembers what nobody read."""

    def __init__(self, said):
        """Take a copy."""
        self.left = {key: Table(value) if isinstance(value, dict) else value for key, value in said.items()}

    def take(self, key, default=None):
        """Return what the table says, and forget it."""
        return self.left.pop(key, default)

    def fact(self, key, make, default):
        """Return an answer as a fact; a table with `unknown` says why there is none."""
        match self.left.get(key):
            case None:
                return Known(make(default)) if default is not None else None
            case Table() as table if "unknown" in table.left:
                self.left.pop(key)
                return Unknown(table.take("unknown"))
            case _:
                return Known(make(self.take(key)))

    def check(self):
        """Raise for what nobody read."""
        if self.left:
            raise KeyError(f"nobody reads {sorted(self.left)}")


def release(said):
    """Return a release that is in order but for what a table says."""
    table = Table(said)
    name, version = table.take("name", "widgets"), "1.0.0"
    purl = f"pkg:npm/{name.replace('@', '%40', 1)}@{version}"
    digests = [f"sha512-{b64encode(bytes.fromhex(DIGEST)).decode()}"]
    integrity = table.take("integrity", " ".join([*filter(None, [table.take("integrity-too")]), *digests]))
    listed = [
        attestation(table, "provenance", purl, provenance),
        attestation(table, "publish", purl, lambda each, subjects: publish(each, subjects, (name, version))),
        attestation(table, "other", purl, provenance) if "other" in table.left else None,
    ]
    found = Release(
        name=name,
        version=version,
        state=table.fact("state", State, "complete"),
        waited=table.take("waited", True),
        level=table.fact("level", Level, "provenance"),
        attestations=table.fact("attestations", tuple, tuple(filter(None, listed))),
        integrity=integrity or None,
        tarball=table.fact("tarball", lambda each: tarball(each, name, version), Table({})),
        signed=table.fact("signed", Signed, "valid"),
        expectation=expectation(table.take("expect", Table({}))),
        promises=promises(table.take("promises", Table({}))),
        earlier=tuple(earlier(Table(each)) for each in table.take("earlier", ())),
        offline=table.take("offline", False),
    )
    table.check()
    return found


def attestation(table, key, purl, sound):
    """Return an attestation as a table has it; None for a missing one."""
    said = table.take(key, Table({}))
    if said == "missing":
        return None
    kind = {"provenance": Kind.PROVENANCE, "publish": Kind.PUBLISH, "other": None}[key]
    if "code" in said.left:
        outcome = Unsound(Code(said.take("code")), said.take("why"))
    elif "unchecked" in said.left:
        outcome = Unchecked(Code(said.take("unchecked")), said.take("why"))
    else:
        digest = said.take("digest", DIGEST)
        digests = (("sha512", digest),) if digest else (("sha1", "00"),)
        outcome = sound(said, tuple(Subject(each, digests) for each in said.take("subjects", [purl])))
    said.check()
    return Attestation(kind, key, outcome)


def provenance(said, subjects):
    """Return sound provenance, of which the predicate tells what the certificate does unless it is said otherwise."""
    build, predicate = said.take("build", Table({})), said.take("predicate", SLSA)
    who = identity(said)
    home, ref = who.source_repository, who.source_ref
    told = Build(
        "",
        home,
        workflow=who.workflow.removeprefix(f"{home}/") if who.workflow else None,
        commit=who.source_commit,
        uri=f"git+{home}@{ref}",
        builder=f"https://github.com/actions/runner/{who.runner_environment}",
        run=who.run,
        repository_id=who.repository_id,
        owner_id=who.owner_id,
    )
    changes = {key.replace("-", "_"): build.take(key) or None for key in list(build.left)}
    return Sound(Statement(predicate, subjects, build=replace(told, **changes)), who, 0)


def publish(said, subjects, named):
    """Return a sound attestation of npm's."""
    package = (*said.take("package", named), "https://registry.npmjs.org")
    return Sound(Statement(PUBLISH, subjects, package=package), None, 0)


def identity(said):
    """Return who built, by the fields of a certificate; `entry` is the workflow in its repository."""
    fields = {key: said.take(key.replace("_", "-"), value) or None for key, value in BASE.items()}
    path = said.take("entry", ENTRY)
    workflow = said.take("workflow", f"{fields['source_repository']}/{path}@{fields['source_ref']}")
    signer = said.take("signer", workflow or f"{fields['source_repository']}/{path}@{fields['source_ref']}")
    return Identity(**fields, workflow=workflow or None, signer=signer or None)


def tarball(said, name, version):
    """Return what the registry serves."""
    found = [said.take("sha512", DIGEST), said.take("name", name) or None, said.take("version", version)]
    why = said.take("why")
    said.check()
    return Tarball(*found, why)


def expectation(said):
    """Return what is expected, as if an option said it."""
    level = said.take("level")
    ancestors = said.take("ancestors")
    committing = said.take("commits-while-releasing", False)
    values = {key.replace("-", "_"): Expected(said.take(key), f"--{key}") for key in list(said.left)}
    return Expectation(
        **values,
        level=Level(level) if level else None,
        ancestors=tuple(ancestors) if ancestors is not None else None,
        commits_while_releasing=committing,
    )


def promises(said):
    """Return what a plan foretold beside what is attested; an empty word is what nobody knows."""
    found = {field: [value or None for value in said.take(field)] for field in list(said.left)}
    return tuple(Promise(field, predicted, attested) for field, (predicted, attested) in found.items())


def earlier(said):
    """Return a version that was published before."""
    who = said.take("identity")
    found = Earlier(said.take("version"), Level(said.take("level")), identity(who) if who else None)
    for table in filter(None, [who, said]):
        table.check()
    return found


def judge(example):
    """Return the results of all rules by name."""
    results = engine.judge_release(release(example.other["release"]), BOOK.rules, today=TODAY)
    return {result.rule.name: result for result in results}


def objections(results, *excused):
    """Return what all rules but the excused ones object to."""
    return [
        f"{name}: {each.finding.message}"
        for name, result in results.items()
        if name not in excused
        for each in result.counted
    ]


# -- the examples ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("rule", "example"), cases("good"))
def test_a_good_example_passes_every_rule(rule, example):
    """What is in order must not be refused by the rule itself, nor by another one."""
    results = judge(example)
    also = example.other.get("also", [])
    wanted = Verdict.SKIPPED if example.other.get("skipped") else Verdict.PASSED

    silent = [name for name in also if not objections({name: results[name]})]

    assert (results[rule.name].verdict, objections(results, *also), silent) == (wanted, [], [])


@pytest.mark.parametrize(("rule", "example"), cases("good"))
def test_a_rule_that_is_skipped_says_why(rule, example):
    """Silence without a reason looks like consent."""
    result = judge(example)[rule.name]

    assert bool(result.reason) == example.other.get("skipped", False)


@pytest.mark.parametrize(("rule", "example"), cases("bad"))
def test_a_bad_example_is_found_as_it_says(rule, example):
    """Scripts rely on the code and the attestation; an unsure finding that poses as sure is a false alarm."""
    keys = ("attestation", "code")
    said = example.other
    wanted = (said.get("sure", True), Severity(said.get("severity", rule.severity)), *map(said.get, keys))

    found = judge(example)[rule.name].counted

    assert {(each.finding.sure, each.severity, each.finding.attestation, each.finding.code) for each in found} == {
        wanted
    }


@pytest.mark.parametrize(("rule", "example"), cases("bad"))
def test_a_finding_names_the_package(rule, example):
    """Of twenty packages of one release, one must be told from the others; and an ignore may name it."""
    wanted = example.other["release"].get("name", "widgets")

    found = judge(example)[rule.name].counted

    assert {each.finding.package for each in found} == {wanted}


@pytest.mark.parametrize(("rule", "example"), cases("bad"))
def test_no_other_rule_objects_to_a_bad_example(rule, example):
    """For one fact one rule speaks."""
    results = judge(example)
    also = example.other.get("also", [])

    silent = [name for name in also if not objections({name: results[name]})]

    assert (objections(results, rule.name, *also), silent) == ([], [])


@pytest.mark.parametrize(("rule", "example"), [*cases("good"), *cases("bad")])
def test_an_example_says_nothing_that_nobody_reads(rule, example):
    """A misspelt key would make an example prove less than it seems to; the table itself refuses its own."""
    unread = set(example.other) - OPTIONS

    assert (unread, bool(example.title)) == (set(), True), rule.name


def test_a_table_refuses_what_nobody_reads():
    """The check of the checks."""
    with pytest.raises(KeyError, match="nobody reads"):
        release({"provenance": {"reposiory": "x"}})


# -- the rules ------------------------------------------------------------------------------------

EACH = [pytest.param(rule, id=rule.name) for rule in RULES]


@pytest.mark.parametrize("rule", EACH)
def test_a_rule_confirms_a_promise_that_is_made_before_the_tag(rule):
    """Before and after belong together: what is checked is proven later."""
    promise = BOOK.named(rule.confirms)

    assert (rule.judges, promise.phase is Phase.VERIFY) == (Judges.RELEASE, False)


@pytest.mark.parametrize("rule", EACH)
def test_a_rule_shows_both_sides(rule):
    """A rule that was never seen to object, or to be content, is a guess."""
    assert [bool(rule.examples(kind)) for kind in ("bad", "good")] == [True, True]


def test_a_release_in_order_is_objected_to_by_nobody():
    """Whatever an example shows, it shows by what differs from here."""
    results = engine.judge_release(release({}), BOOK.rules, today=TODAY)

    assert not objections({result.rule.name: result for result in results})
