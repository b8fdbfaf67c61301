"""The versions of a package, and what changed between them."""

from __future__ import annotations

import time

import pytest

from preflight.facts.fact import Known, Unknown
from preflight.facts.online import Level
from preflight.facts.release import Attestation, Code, Identity, Kind, Sound, Statement, Unsound
from preflight.facts.versions import Published, Trait
from preflight.readers.versions import compared, verified, versions, workflow

REPOSITORY = "https://github.com/acme/widgets"
LEVELS = {"n": Level.NONE, "p": Level.PROVENANCE, "t": Level.TRUSTED_PUBLISHER}


def _manifest(level="n", user="alice", repository=None, **fields):
    said = {"_npmUser": {"name": user}, "dist": {"integrity": f"sha512-{level}"}, **fields}
    if level == "t":
        said["_npmUser"] |= {"name": "GitHub Actions", "trustedPublisher": {"id": "github"}}
    if level in "pt":
        said["dist"]["attestations"] = {"provenance": {"predicateType": "x"}}
    return said | ({"repository": repository} if repository else {})


def _document(*rows):
    return {
        "dist-tags": {"latest": rows[-1][0]},
        "versions": {version: manifest for version, _, manifest in rows},
        "time": {version: day and f"{day}T00:00:00.000Z" for version, day, _ in rows},
    }


def _days(*levels):
    return [
        Published(version, f"2026-01-{day:02}", level=LEVELS[level])
        for day, (version, level) in enumerate(levels, start=1)
    ]


def _lost(found):
    return {each.version: each.lost.version for each in found if each.lost}


def _drifts(found):
    return {each.version: {drift.trait for drift in each.drift} for each in found if each.drift}


def test_versions_come_newest_first():
    """By the time of the publish: a backport is newer than what it fixes."""
    document = _document(
        ("1.0.0", "2026-01-01", _manifest()),
        ("2.0.0", "2026-01-03", _manifest("t")),
        ("1.0.1", "2026-01-02", _manifest("p")),
    )

    found = versions("@acme/core", document)

    assert [(each.version, each.level) for each in found.published] == [
        ("2.0.0", Level.TRUSTED_PUBLISHER),
        ("1.0.1", Level.PROVENANCE),
        ("1.0.0", Level.NONE),
    ]


@pytest.mark.parametrize(
    ("levels", "lost"),
    [
        pytest.param([("1.0.0", "n"), ("1.1.0", "p"), ("1.2.0", "t")], {}, id="more and more"),
        pytest.param([("1.0.0", "t"), ("1.1.0", "p")], {"1.1.0": "1.0.0"}, id="provenance without the publisher"),
        pytest.param(
            [("1.0.0", "p"), ("1.1.0", "n"), ("1.2.0", "n")],
            {"1.1.0": "1.0.0", "1.2.0": "1.0.0"},
            id="with every earlier one, not the last alone",
        ),
        pytest.param([("7.0.0", "t"), ("6.9.1", "n")], {"6.9.1": "7.0.0"}, id="a backport counts too"),
        pytest.param([("2.0.0-rc.1", "t"), ("1.1.0", "n")], {}, id="a prerelease does not count for a release"),
        pytest.param([("1.0.0", "t"), ("2.0.0-rc.1", "n")], {"2.0.0-rc.1": "1.0.0"}, id="but a release for it"),
        pytest.param([("1.0.0-a", "p"), ("1.0.0-b", "n")], {"1.0.0-b": "1.0.0-a"}, id="and one for another"),
        pytest.param([("1.0.0+p-1", "t"), ("1.1.0", "n")], {"1.1.0": "1.0.0+p-1"}, id="build data is no prerelease"),
    ],
)
def test_a_downgrade_is_what_pnpm_refuses(levels, lost):
    """Users whose install fails open the issue."""
    assert _lost(compared(_days(*levels))) == lost


def test_versions_of_one_moment_do_not_compare():
    """What counts for pnpm was published before, and not at the same time."""
    both = [
        Published(version, "2026-01-01", level=LEVELS[level]) for version, level in (("1.0.0", "t"), ("1.0.1", "n"))
    ]

    assert _lost(compared(both)) == {}


def test_a_version_without_a_time_is_compared_with_nothing():
    """Who does not know when does not know what came before."""
    found = [Published("1.0.0", None, level=Level.TRUSTED_PUBLISHER), *_days(("1.1.0", "n"))]

    assert _lost(compared(found)) == {}


def test_the_first_of_a_level_is_marked():
    """It is what the next ones are measured by."""
    found = compared(_days(("1.0.0", "n"), ("1.1.0", "p"), ("1.2.0", "p"), ("1.3.0", "t")))

    assert [each.version for each in found if each.first] == ["1.3.0", "1.1.0"]


# -- drift ----------------------------------------------------------------------------------------


def test_another_repository_is_a_drift():
    """Whoever takes a package over takes it home."""
    document = _document(
        (
            "1.0.0",
            "2026-01-01",
            _manifest(repository={"type": "git", "url": "git+https://github.com/acme/widgets.git"}),
        ),
        ("1.1.0", "2026-01-02", _manifest(repository="github:Acme/widgets")),
        ("1.2.0", "2026-01-03", _manifest(repository="https://github.com/mallory/widgets")),
        ("1.3.0", "2026-01-04", _manifest(repository="https://github.com/mallory/widgets")),
    )

    assert _drifts(versions("a", document).published) == {"1.2.0": {Trait.REPOSITORY}}


def test_a_publisher_whom_nobody_knows_is_a_drift():
    """Stolen tokens come with names of their own; known maintainers take turns."""
    days = ("alice", "bob", "alice", "mallory")
    document = _document(
        *((f"1.{number}.0", f"2026-01-0{number}", _manifest(user=user)) for number, user in enumerate(days, start=1))
    )

    assert _drifts(versions("a", document).published) == {"1.2.0": {Trait.PUBLISHER}, "1.4.0": {Trait.PUBLISHER}}


def test_another_trusted_publisher_is_a_drift():
    """A move to another CI system is rare enough to be told."""
    moved = _manifest("t")
    moved["_npmUser"]["trustedPublisher"] = {"id": "gitlab"}
    document = _document(("1.0.0", "2026-01-01", _manifest("t")), ("1.1.0", "2026-01-02", moved))

    assert _drifts(versions("a", document).published) == {"1.1.0": {Trait.PUBLISHER}}


@pytest.mark.parametrize(
    ("field", "now", "traits"),
    [
        ("source_repository", "https://github.com/mallory/widgets", {Trait.REPOSITORY}),
        ("repository_id", "2", {Trait.REPOSITORY_ID}),
        ("owner_id", "2", {Trait.OWNER}),
        ("workflow", f"{REPOSITORY}/.github/workflows/other.yml@refs/tags/v2", {Trait.WORKFLOW}),
        ("workflow", f"{REPOSITORY}/.github/workflows/release.yml@refs/tags/pkg@2", set()),
        ("runner_environment", "self-hosted", {Trait.RUNNER}),
        ("trigger", "workflow_dispatch", {Trait.TRIGGER}),
        ("trigger", None, set()),
        ("source_commit", "2" * 40, set()),
    ],
)
def test_the_drift_of_an_identity(field, now, traits):
    """What the certificate says is proven; what differs each time is no drift."""
    first = {
        "source_repository": REPOSITORY,
        "repository_id": "1",
        "owner_id": "1",
        "workflow": f"{REPOSITORY}/.github/workflows/release.yml@refs/tags/v1",
        "runner_environment": "github-hosted",
        "trigger": "push",
    }
    identities = (Identity(**first), Identity(**{**first, field: now}))
    found = [
        Published(f"1.{day}.0", f"2026-01-0{day}", level=Level.PROVENANCE, identity=identity)
        for day, identity in enumerate(identities, start=1)
    ]

    drifts = _drifts(compared(found)).get("1.2.0", set())

    assert drifts - ({Trait.WORKFLOW} if field == "source_repository" else set()) == traits


def test_a_workflow_without_a_name():
    """Old certificates do not tell."""
    assert workflow(Identity()) is None


# -- proofs ---------------------------------------------------------------------------------------


def _attested(outcome):
    return Known((Attestation(Kind.PROVENANCE, "x", outcome),))


def test_only_what_has_provenance_is_fetched():
    """A thousand versions without any are a thousand questions saved."""
    document = _document(("1.0.0", "2026-01-01", _manifest()), ("1.1.0", "2026-01-02", _manifest("p")))
    asked = []

    def attested(each):
        asked.append(each.version)
        return _attested(Unsound(Code.BAD_SIGNATURE, "it is bad"))

    found = verified(versions("a", document), attested)

    assert (asked, found.verified, [each.proof for each in found.published]) == (
        ["1.1.0"],
        True,
        [Known(Unsound(Code.BAD_SIGNATURE, "it is bad")), None],
    )


@pytest.mark.parametrize(
    ("answer", "proof", "identified"),
    [
        (Unknown("it is dark"), Unknown("it is dark"), False),
        (Known(()), Unknown("the registry serves no provenance for it"), False),
        (_attested(Sound(Statement("x", ()), Identity(trigger="push"), 1)), None, True),
    ],
)
def test_what_came_of_a_proof(answer, proof, identified):
    """Not knowing is an answer."""
    document = _document(("1.1.0", "2026-01-02", _manifest("p")))

    (found,) = verified(versions("a", document), lambda _: answer).published

    assert (proof in {None, found.proof}, found.identity is not None) == (True, identified)


# -- what is foreign ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"versions": [], "time": 3, "dist-tags": "x"},
        {"versions": {"1.0.0": None, "2.0.0": {"_npmUser": 3, "dist": [], "repository": 7}}, "time": {"1.0.0": 5}},
        {"versions": {"": {"dist": {"attestations": {"provenance": True}, "integrity": 4}}}},
        {"versions": {"x\n": {"_npmUser": {"trustedPublisher": "yes", "name": {}}, "repository": {"url": 1}}}},
    ],
)
def test_an_odd_packument_raises_nothing(document):
    """Whoever runs a registry writes what they like."""
    assert len(versions("a", document).published) <= 2


def test_ten_thousand_versions_are_quick():
    """Some packages release every night."""
    document = _document(
        *((f"1.0.{number}", f"20{number // 400 + 10}-01-01", _manifest("ptn"[number % 3])) for number in range(10_000))
    )
    start = time.perf_counter()

    found = versions("a", document)

    assert (len(found.published), time.perf_counter() - start < 2) == (10_000, True)
