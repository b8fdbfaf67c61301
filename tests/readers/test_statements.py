"""In-toto statements of npm packages, and what their predicates tell."""

from __future__ import annotations

import json

import pytest
from mint import COMMIT, PUBLISH, SLSA_V02, SLSA_V1, github, gitlab, purl, statement

from preflight.facts.release import Build, Kind, Subject
from preflight.readers.documents import MalformedError
from preflight.readers.statements import kind
from preflight.readers.statements import statement as read

DIGEST = "ab" * 64
SUBJECT = purl("@acme/widgets", "1.0.0")


def told(predicate_type=SLSA_V1, predicate=None, **changes):
    """Return what is read of a statement."""
    predicate = github().predicate if predicate is None else predicate
    return read(json.dumps(statement(SUBJECT, DIGEST, predicate_type, predicate, **changes)).encode())


def test_a_statement_is_about_a_package_and_its_bytes():
    """Name and digest are what everything else hangs on."""
    assert told().subjects == (Subject("pkg:npm/%40acme/widgets@1.0.0", (("sha512", DIGEST),)),)


def test_provenance_of_today_tells_the_whole_build():
    """Each of these is compared with the certificate."""
    home = "https://github.com/acme/widgets"

    build = told().build

    assert build == Build(
        "https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1",
        home,
        workflow=".github/workflows/release.yml@refs/tags/v1.0.0",
        ref="refs/tags/v1.0.0",
        commit=COMMIT,
        uri=f"git+{home}@refs/tags/v1.0.0",
        builder="https://github.com/actions/runner/github-hosted",
        run=f"{home}/actions/runs/22026075834/attempts/1",
        repository_id="273562379",
        owner_id="6154722",
    )


@pytest.mark.parametrize(
    "claims",
    [pytest.param(github(predicate_type=SLSA_V02), id="npm 9"), pytest.param(gitlab(), id="GitLab")],
)
def test_older_provenance_tells_the_commit(claims):
    """It is all that every writer of SLSA v0.2 says alike."""
    build = told(SLSA_V02, claims.predicate).build

    assert (build.commit, build.repository) == (COMMIT, None)


def test_npm_says_which_package_it_took():
    """The registry's own words about the publish."""
    said = {"name": "@acme/widgets", "version": "1.0.0", "registry": "https://registry.npmjs.org"}

    assert told(PUBLISH, said).package == ("@acme/widgets", "1.0.0", "https://registry.npmjs.org")


@pytest.mark.parametrize("odd", [None, 5, "x", [], {}, {"name": 5, "version": []}])
def test_an_odd_publish_predicate_names_nothing(odd):
    """Then no package fits it, which is for the rule to say."""
    assert told(PUBLISH, odd if odd is not None else "").package == ("", "", "")


@pytest.mark.parametrize("predicate_type", [SLSA_V1, SLSA_V02])
@pytest.mark.parametrize(
    "odd",
    [
        pytest.param(5, id="a number"),
        pytest.param([], id="a list"),
        pytest.param({"buildDefinition": 5, "invocation": 5, "builder": 5, "runDetails": []}, id="numbers inside"),
        pytest.param({"buildDefinition": {"resolvedDependencies": [5]}}, id="a source that is none"),
        pytest.param({"buildDefinition": {"externalParameters": {"workflow": {"path": 1}}}}, id="a path that is none"),
    ],
)
def test_an_odd_predicate_tells_nothing(predicate_type, odd):
    """A publisher may sign whatever he likes; it must not stop the others from being judged."""
    build = told(predicate_type, odd).build

    assert (build.commit, build.workflow, build.repository) == (None, None, None)


def test_an_unknown_predicate_is_kept_by_its_name():
    """Somebody may attest a review."""
    found = told("https://example.com/review/v1", {})

    assert (found.predicate_type, found.build, found.package) == ("https://example.com/review/v1", None, None)


@pytest.mark.parametrize(
    ("subjects", "count"),
    [
        pytest.param([], 0, id="none"),
        pytest.param([{"name": "a", "digest": {"sha512": "00"}}] * 2, 2, id="two"),
    ],
)
def test_all_subjects_are_kept(subjects, count):
    """The check of npm looks at the first alone; a rule asks for exactly one."""
    assert len(told(subject=subjects).subjects) == count


def test_a_digest_of_another_kind_is_no_sha512():
    """A weaker one must not stand in for it."""
    assert told(subject=[{"name": SUBJECT, "digest": {"sha1": "00"}}]).subjects[0].sha512 is None


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"_type": "https://in-toto.io/Statement/v2"}, id="another version"),
        pytest.param({"_type": None}, id="no type"),
        pytest.param({"predicateType": None}, id="no predicate type"),
        pytest.param({"predicateType": ["x"]}, id="a list of them"),
        pytest.param({"subject": [{"digest": {"sha512": "00"}}]}, id="a subject without a name"),
        pytest.param({"subject": [{"name": "a"}]}, id="a subject without a digest"),
        pytest.param({"subject": [{"name": "a", "digest": {}}]}, id="a subject with no digest in it"),
        pytest.param({"subject": [{"name": "a", "digest": {"sha512": 5}}]}, id="a digest that is a number"),
        pytest.param({"subject": [{"name": "a", "digest": {"sha512": "0", "sha1": 5}}]}, id="one of two"),
        pytest.param({"subject": ["a"]}, id="a subject that is a name alone"),
        pytest.param({"subject": [{"name": "a", "digest": {"sha512": "00"}}] * 1001}, id="a thousand and one"),
    ],
)
def test_a_malformed_statement_is_none(changes):
    """Guessing what was meant is how forgeries pass."""
    with pytest.raises(MalformedError):
        told(**changes)


@pytest.mark.parametrize("subject", [None, 5, "x", {}])
def test_no_list_of_subjects_is_no_subject(subject):
    """A rule asks for exactly one, and finds none."""
    assert told(subject=subject).subjects == ()


@pytest.mark.parametrize(
    ("name", "found"),
    [
        (SLSA_V1, Kind.PROVENANCE),
        (SLSA_V02, Kind.PROVENANCE),
        (PUBLISH, Kind.PUBLISH),
        (f"{SLSA_V1}/", None),
        ("https://slsa.dev/provenance/v2", None),
        ("", None),
    ],
)
def test_a_kind_is_known_by_its_exact_name(name, found):
    """A version that nobody knows yet may mean something else."""
    assert kind(name) is found
