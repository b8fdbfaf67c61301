"""Published versions as facts, and the whole way from a registry to the verdict."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from fake_registry import FakeRegistry, Shown
from mint import MADE, Fault, github, gitlab, statement

from preflight import engine, rulebook
from preflight.engine import Verdict
from preflight.errors import UsageError
from preflight.facts.fact import Known, Unknown
from preflight.facts.online import Level
from preflight.facts.release import Expectation, Expected, Kind, Signed, State
from preflight.readers import release as reader
from preflight.readers.answers import Absent, Limits
from preflight.readers.expectations import OPTIONS, expected, said
from preflight.readers.planned import Plan
from preflight.readers.registry import Registry
from preflight.readers.release import Look
from preflight.readers.trust import Origin, Trust
from preflight.readers.trust import trust as real_trust
from preflight.readers.verifier import ISSUERS

BOOK = rulebook.read()
RECORDINGS = Path(__file__).parents[1] / "recordings"
TODAY = date(2026, 11, 21)
NAME = "@acme/widgets"
QUICK = Limits(total=2.0, contact=2.0, retries=0)
HOME = "https://github.com/acme/widgets"
TRUTH = {
    "repository": HOME,
    "commit": github().extensions[13],
    "ref": "refs/tags/v1.0.0",
    "workflow": ".github/workflows/release.yml",
}


@pytest.fixture(scope="module")
def trust(verifier, npm_keys):
    """Return whom the world trusts."""
    return Trust(verifier, npm_keys, issuers=ISSUERS, root=Origin.FILE, date=None, npm_keys="file")


@pytest.fixture
def shop(world):
    """Return a registry that runs."""
    with FakeRegistry(world) as running:
        yield running


@pytest.fixture
def read(shop, trust):
    """Return what reads a version from the registry."""

    def look(version="1.0.0", wanted=None, name=NAME, **asked):
        registry = Registry(shop.base, {}, limits=QUICK)
        return reader.read(name, version, registry, trust, wanted or Expectation(), Look(**asked))

    return look


def wanted(**values):
    """Return an expectation as options make it."""
    return expected(NAME, "1.0.0", said(OPTIONS, **values))


def objections(release):
    """Return the rules that object to a release, or cannot tell."""
    results = engine.judge_release(release, BOOK.rules, today=TODAY)
    return sorted(result.rule.name for result in results if result.verdict in {Verdict.FAILED, Verdict.UNSURE})


def codes(release):
    """Return the codes of all findings."""
    results = engine.judge_release(release, BOOK.rules, today=TODAY)
    return sorted(each.finding.code or "" for result in results for each in result.counted)


# -- what the registry shows ----------------------------------------------------------------------


def test_a_release_in_order_is_objected_to_by_nobody(shop, read, world):
    """The way to a green line, from the first byte to the last rule."""
    shop.publish(world.package())

    release = read(wanted=wanted(**TRUTH))

    assert (release.state, objections(release)) == (Known(State.COMPLETE), [])


@pytest.mark.parametrize(
    ("shown", "waited", "state", "rules"),
    [
        pytest.param(Shown.NOT_YET, True, State.UNPUBLISHED, ["unpublished-version"], id="not there"),
        pytest.param(Shown.NOT_ATTESTED_YET, True, State.ABSENT, ["missing-attestation"], id="without"),
        pytest.param(
            Shown.NOT_ATTESTED_YET, False, State.NO_ATTESTATION_YET, ["missing-attestation"], id="not attested yet"
        ),
        pytest.param(
            Shown.ADVERTISED_BUT_MISSING, True, State.ADVERTISED_BUT_MISSING, ["missing-attestation"], id="lost"
        ),
        pytest.param(Shown.SERVED_BUT_NOT_ADVERTISED, True, State.COMPLETE, [], id="served all the same"),
        pytest.param(
            Shown.PROVENANCE_ALONE, True, State.COMPLETE, ["missing-publish-attestation"], id="without npm's own"
        ),
        pytest.param(
            Shown.PROVENANCE_ALONE, False, State.NO_ATTESTATION_YET, ["missing-publish-attestation"], id="npm's later"
        ),
    ],
)
def test_a_state_is_told_from_every_other(shop, read, world, shown, waited, state, rules):
    """Each asks for something else of the maintainer."""
    shop.publish(world.package(), shown=shown)

    release = read(waited=waited)

    assert (release.state, objections(release)) == (Known(state), rules)


def test_a_version_that_is_staged_is_not_called_missing(shop, read):
    """It waits for a person with a second factor."""
    shop.stage(NAME, "1.0.0")

    release = read(staged=True)

    assert (release.state, objections(release)) == (Known(State.STAGED), ["unpublished-version"])


def test_a_version_among_others_may_be_missing(shop, read, world):
    """The packument is there, and the version is not."""
    shop.publish(world.package(version="0.9.0"))

    assert read().state == Known(State.UNPUBLISHED)


@pytest.mark.parametrize(
    ("kind", "rules"),
    [
        pytest.param("packument", ["unpublished-version"], id="the packument"),
        pytest.param("attestations", ["missing-attestation"], id="the attestations"),
        pytest.param("tarball", ["altered-tarball"], id="the tarball"),
    ],
)
def test_what_cannot_be_looked_at_is_unsure_and_nothing_else(shop, read, world, kind, rules):
    """A server that is down is no forgery, and no proof."""
    shop.publish(world.package())
    shop.script(kind, 500)

    results = engine.judge_release(read(), BOOK.rules, today=TODAY)

    unsure = [result.rule.name for result in results if result.verdict is Verdict.UNSURE]
    assert (unsure, [result for result in results if result.verdict is Verdict.FAILED]) == (rules, [])


def test_a_tarball_that_is_not_there_is_unknown(shop, read, world):
    """The packument names it."""
    shop.publish(world.package())
    shop.script("tarball", 404)

    assert isinstance(read().tarball, Unknown)


# -- trust levels and versions before -------------------------------------------------------------


def versions(shop, world, *said):
    """Publish versions one day after the other, each with or without provenance."""
    for number, (version, attested) in enumerate(said):
        package = world.package(version=version, provenance=attested, publish=attested, at=MADE + timedelta(number))
        shop.publish(package)


def test_versions_before_are_compared_and_later_ones_are_not(shop, read, world):
    """Pnpm looks back only; and at prereleases only from one."""
    versions(shop, world, ("0.8.0", True), ("0.9.0-rc.1", True), ("0.9.0", False), ("1.0.0", False), ("1.1.0", True))

    release = read(drift=False)

    levels = [(each.version, each.level) for each in release.earlier]
    assert levels == [("0.9.0", Level.NONE), ("0.8.0", Level.TRUSTED_PUBLISHER)]


def test_provenance_that_was_lost_is_found(shop, read, world):
    """From outside it looks like a theft."""
    versions(shop, world, ("0.9.0", True), ("1.0.0", False))

    assert objections(read()) == ["lost-provenance", "missing-attestation"]


def test_the_version_before_is_verified_to_be_compared(shop, read, world):
    """Who builds a package seldom changes without a reason."""
    shop.publish(world.package(version="0.9.0", claims=github("old/widgets", owner_id="1"), at=MADE - timedelta(1)))
    shop.publish(world.package())

    assert objections(read()) == ["identity-drift"]


def test_a_version_before_that_proves_nothing_is_no_measure(shop, read, world):
    """Anybody could have forged it."""
    bundle = {"fault": Fault.PAYLOAD_CHANGED, "claims": github("old/widgets")}
    shop.publish(world.package(version="0.9.0", at=MADE - timedelta(1), **bundle))
    shop.publish(world.package())

    assert objections(read()) == []


def test_attestations_of_the_version_before_may_be_lost(shop, read, world):
    """Then there is nothing to compare with."""
    shop.publish(world.package(version="0.9.0", at=MADE - timedelta(1)), shown=Shown.ADVERTISED_BUT_MISSING)
    shop.publish(world.package())

    assert objections(read()) == []


# -- signatures and tarballs ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "signed"),
    [
        pytest.param(None, Known(Signed.VALID), id="npm's keys"),
        pytest.param(Known(()), Known(Signed.NOT_SIGNING), id="no keys of its own"),
        pytest.param(Absent(), Known(Signed.NOT_SIGNING), id="a registry that signs nothing"),
        pytest.param(Unknown("it does not answer"), Unknown("it does not answer"), id="keys out of reach"),
    ],
)
def test_the_registry_signs_with_its_own_keys(shop, read, world, keys, signed):
    """A registry of a company has other keys than npm's, or none."""
    shop.publish(world.package())

    assert read(keys=keys).signed == signed


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(None, id="none"),
        pytest.param("x", id="a word"),
        pytest.param([7, {"keyid": 7, "sig": []}], id="of other types"),
    ],
)
def test_signatures_of_odd_shapes_do_not_count(shop, read, world, said):
    """What the registry says is input like any other."""
    package = world.package()
    shop.publish(package)
    shop.change(package, lambda manifest: manifest["dist"].update(signatures=said))

    assert read().signed in (Known(Signed.MISSING), Known(Signed.UNKNOWN_KEY))


@pytest.mark.parametrize("odd", [None, 7, "x", [], [[]], {"x": []}], ids=repr)
@pytest.mark.parametrize("key", ["dist", "_npmUser", "repository", "integrity", "tarball", "attestations"])
def test_a_manifest_of_odd_shapes_proves_nothing_and_breaks_nothing(shop, read, world, key, odd):
    """What a registry says is input, and must end in a verdict."""
    package = world.package()
    shop.publish(package)
    inside = key in {"integrity", "tarball", "attestations"}
    shop.change(package, lambda manifest: (manifest["dist"] if inside else manifest).update({key: odd}))

    results = engine.judge_release(read(), BOOK.rules, today=TODAY)

    assert not [result for result in results if result.crashed]


def changed(**dist):
    """Return what changes the `dist` of a manifest."""
    return lambda manifest: manifest["dist"].update(dist)


def test_a_tarball_that_was_exchanged_is_found(shop, read, world):
    """Name, version and integrity are as ever, and the bytes are others."""
    package = world.package()
    package.tarball = world.package(files={"evil.js": b"1"}).tarball
    shop.publish(package)

    assert objections(read()) == ["altered-tarball"]


def test_an_integrity_that_was_exchanged_is_found(shop, read, world):
    """The registry's own signature does not fit it either."""
    package = world.package()
    shop.publish(package)
    shop.change(package, changed(integrity=world.package(files={"evil.js": b"1"}).dist["integrity"]))

    assert objections(read()) == ["altered-tarball", "invalid-registry-signature"]


def test_another_package_inside_the_tarball_is_found(shop, read, world):
    """Some tools believe the manifest, and some the tarball."""
    shop.publish(world.package(manifest={"name": "gadgets"}))
    package = shop.packages[NAME]["1.0.0"]

    shop.change(package, lambda manifest: manifest.update(name=NAME))

    assert objections(read()) == ["altered-tarball"]


# -- attestations that do not hold ----------------------------------------------------------------


@pytest.mark.parametrize("fault", [Fault.SIGNED_WITH_OTHER_KEY, Fault.NO_SCT, Fault.OTHER_AUTHORITY, Fault.UNKNOWN_LOG])
def test_of_an_attestation_that_does_not_hold_one_rule_speaks(shop, read, world, fault):
    """What it says of repository and commit is worth nothing, so nobody compares it."""
    shop.publish(world.package(claims=github("mallory/widgets"), fault=fault))

    assert objections(read(wanted=wanted(**TRUTH))) == ["invalid-attestation"]


def test_a_form_that_nobody_knows_is_unsure(shop, read, world):
    """Npm's format changed more than once without notice."""
    shop.publish(world.package(fault=Fault.UNKNOWN_FORM))

    results = engine.judge_release(read(wanted=wanted(**TRUTH)), BOOK.rules, today=TODAY)

    assert {each.rule.name for each in results if each.verdict is Verdict.UNSURE} == {"invalid-attestation"}


def test_two_attestations_of_one_kind_are_refused(shop, read, world):
    """Nobody can tell which of them counts."""
    package, other = world.package(), world.package(claims=github("mallory/widgets"))
    package.attestations.append(other.attestations[1])
    shop.publish(package)

    release = read(wanted=wanted(**TRUTH))

    assert (objections(release), set(codes(release))) == (["invalid-attestation"], {"several"})


def raw(checked):
    """Return what came of checking a document: its outcomes' codes, or why it is none."""
    match checked:
        case Known(found):
            return [each.outcome.code.value for each in found]
        case Unknown(why):
            return why


@pytest.mark.parametrize(
    ("document", "outcome"),
    [
        pytest.param(b'{"attestations": [], "attestations": []}', ["malformed"], id="a key twice"),
        pytest.param(b'{"mediaType": "x", "mediaType": "y"}', ["malformed"], id="a key twice in a bundle"),
        pytest.param(b'{"error": "busy"}', "the registry holds no attestations", id="another answer"),
        pytest.param(b"<html>", "the registry answers with what is not JSON", id="a page"),
        pytest.param(b'{"attestations": []}', [], id="an empty list"),
    ],
)
def test_a_document_is_refused_or_is_none(trust, document, outcome):
    """A trick is a failure; a proxy's page is not."""
    assert raw(reader.checked(document, trust, "the registry")) == outcome


# -- somebody else's proof ------------------------------------------------------------------------

OTHERS = {
    "package": {"name": "@acme/gadgets"},
    "scope": {"name": "@mallory/widgets"},
    "version": {"version": "1.0.1"},
    "repository": {"claims": github("mallory/widgets")},
    "commit": {"claims": github(commit="9f3c2ab000000000000000000000000000000000")},
    "bytes": {"files": {"evil.js": b"1"}},
}


@pytest.fixture(scope="module")
def minted(world):
    """Return the true package and those that differ from it in one respect."""
    return {"true": world.package(), **{name: world.package(**how) for name, how in OTHERS.items()}}


@pytest.mark.parametrize("kind", [Kind.PROVENANCE, Kind.PUBLISH])
@pytest.mark.parametrize("theirs", ["true", *OTHERS])
@pytest.mark.parametrize("mine", ["true", *OTHERS])
def test_every_attestation_in_the_place_of_another_is_refused(shop, trust, minted, mine, theirs, kind):
    """A sound bundle proves one thing about one package; anywhere else it is a lie."""
    victim, other = minted[mine], minted[theirs]
    number = {Kind.PUBLISH: 0, Kind.PROVENANCE: 1}[kind]
    listed = [*victim.attestations]
    listed[number] = other.attestations[number]
    shop.publish(type(victim)(**{**vars(victim), "attestations": listed}))
    claims = OTHERS.get(mine, {}).get("claims", github())
    hopes = wanted(repository=claims.extensions[12], commit=claims.extensions[13])
    registry = Registry(shop.base, {}, limits=QUICK)

    release = reader.read(victim.name, victim.version, registry, trust, hopes, Look(drift=False))

    # What npm attests does not depend on who built the package, so that it is the same for the same bytes.
    same = other.digest == victim.digest and other.name == victim.name and other.version == victim.version
    fits = same and (kind is Kind.PUBLISH or mine == theirs)
    assert (objections(release) == []) == fits


TRAPS = {
    "a longer name": github("acme/widgets-evil"),
    "a name with .git": github("acme/widgets.git"),
    "another case": github("Acme/widgets"),
    "a name in capitals": github("acme/WIDGETS"),
    "a cyrillic letter": github().but({12: "https://github.com/\u0430cme/widgets"}),
    "a letter of full width": github().but({12: "https://github.com/acme/\uff57idgets"}),
    "another owner": github("acme-evil/widgets"),
    "a name below": github("acme/widgets/evil"),
    "another forge": gitlab("acme/widgets"),
    "a reusable workflow of another": github(signer="mallory/widgets/.github/workflows/release.yml@refs/tags/v1.0.0"),
    "another workflow": github(workflow=".github/workflows/release.yml.yml"),
    "a workflow with an at": github(workflow=".github/workflows/release.yml@evil.yml"),
    "another branch": github(ref="refs/heads/v1.0.0"),
    "another tag": github(ref="refs/tags/v1.0.0-evil"),
    "another commit": github(commit="d1c6d1113932ddcee243e8b111b6d4aea553df21"),
    "its own machine": github(runner="self-hosted"),
}


@pytest.mark.parametrize("trap", TRAPS)
def test_what_looks_like_the_expected_identity_is_refused(shop, read, world, trap):
    """Fields are compared to the letter: no prefix, no pattern, no folding of case."""
    shop.publish(world.package(claims=TRAPS[trap]))

    release = read(wanted=wanted(**TRUTH))

    results = engine.judge_release(release, BOOK.rules, today=TODAY)
    assert [each.rule.name for each in results if each.verdict is Verdict.FAILED]


@pytest.mark.parametrize(
    "claims",
    [
        pytest.param(github().but({8: "https://token.actions.githubusercontent.com.evil.example"}), id="a longer host"),
        pytest.param(github().but({8: "https://agent.buildkite.com"}), id="another system"),
        pytest.param(github().but({8: None, 1: None}), id="none"),
    ],
)
def test_another_issuer_is_refused(shop, read, world, claims):
    """Whoever issues id tokens decides what the certificate says."""
    shop.publish(world.package(claims=claims))

    release = read(wanted=wanted(**TRUTH))

    assert (objections(release), codes(release)) == (["invalid-attestation"], ["bad-issuer"])


def test_a_predicate_that_lies_is_found(shop, read, world):
    """Npm writes it from variables that the job itself can change."""
    lies = github(commit="9f3c2ab000000000000000000000000000000000").predicate
    package = world.package()
    told = statement("pkg:npm/%40acme/widgets@1.0.0", package.digest, github().predicate_type, lies)
    package.attestations[1]["bundle"] = world.bundle(told, github())
    shop.publish(package)

    assert objections(read(wanted=wanted(**TRUTH))) == ["contradicting-predicate"]


@pytest.mark.parametrize(
    "claims",
    [
        pytest.param(github(ref="refs/tags/@acme/widgets@1.0.0"), id="a tag with at signs"),
        pytest.param(github(predicate_type="https://slsa.dev/provenance/v0.2"), id="an early predicate"),
        pytest.param(gitlab(), id="GitLab"),
        pytest.param(github().but(dict.fromkeys(range(8, 23))), id="a certificate of early 2023"),
    ],
)
def test_every_form_that_npm_makes_passes(shop, read, world, claims):
    """A false alarm is what makes people stop looking."""
    shop.publish(world.package(claims=claims))
    hopes = wanted(repository=claims.extensions.get(12, HOME), commit=claims.extensions.get(13, TRUTH["commit"]))

    assert objections(read(wanted=hopes)) == []


REAL = (
    ("gundam-visor-1.0.1-attestations.json", "gundam-visor", "1.0.1", []),
    ("gundam-visor-1.0.1-invalidsigprov-attestations.json", "gundam-visor", "1.0.1", ["invalid-attestation"]),
    ("gundam-visor-1.0.1-invalidsigpub-attestations.json", "gundam-visor", "1.0.1", ["invalid-attestation"]),
    ("playwright-cli-0.1.1-attestations.json", "@playwright/cli", "0.1.1", []),
    ("provenance-npm-test-ossf-attestations.json", "@laurentsimon/provenance-npm-test", "1.0.5", ["foreign-workflow"]),
    ("sigstore-1.0.0-attestations.json", "sigstore", "1.0.0", []),
    ("sigstore-2.0.0-provenance-bundle.json", "sigstore", "2.0.0", []),
)
"""What npm really served, and which rules object where its own identity is expected; one was signed elsewhere."""


@pytest.mark.parametrize(
    ("file", "name", "version", "rules"), REAL, ids=[each[0].partition("-att")[0] for each in REAL]
)
def test_what_npm_really_served_is_judged_alike(file, name, version, rules):
    """Seven documents of four years of npm; of the bytes nothing is known here."""
    place = RECORDINGS / file
    whom = real_trust(None, None, online=False, environment={})
    found = reader.of_files(name, version, place, None, whom, Expectation()).identity
    hopes = Expectation()
    if found:
        told = {"repository": found.source_repository, "commit": found.source_commit, "ref": found.source_ref}
        hopes = expected(name, version, said(OPTIONS, workflow=found.entry, **told))

    release = reader.of_files(name, version, place, None, whom, hopes)

    assert objections(release) == sorted(["altered-tarball", *rules])


# -- plans ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "rules"),
    [
        pytest.param({"trigger": "push", "workflow": {"path": TRUTH["workflow"]}}, [], id="as foretold"),
        pytest.param({"trigger": "release"}, ["broken-plan"], id="otherwise"),
        pytest.param({"package": "gadgets", "trigger": "release"}, [], id="of another package"),
    ],
)
def test_a_plan_is_held_against_the_proof(shop, read, world, said, rules):
    """The plan was reviewed before the tag."""
    shop.publish(world.package())

    assert objections(read(plan=Plan(({"package": NAME, **said},)))) == rules


def test_a_plan_of_what_is_not_proven_is_not_broken(shop, read, world):
    """Another rule says what is missing."""
    shop.publish(world.package(), shown=Shown.NOT_YET)

    release = read(plan=Plan(({"package": NAME, "trigger": "push"},)))

    assert (objections(release), release.promises[-1].attested) == (["unpublished-version"], None)


# -- files instead of a registry ------------------------------------------------------------------


@pytest.fixture
def files(world, tmp_path):
    """Return the attestations and the tarball of a package as files."""
    package = world.package()
    (tmp_path / "bundle.json").write_bytes(package.raw)
    (tmp_path / "package.tgz").write_bytes(package.tarball)
    return tmp_path


def test_files_prove_as_much_as_a_registry(files, trust):
    """A machine without a network can verify what it was given."""
    hopes = wanted(**TRUTH)

    release = reader.of_files(NAME, "1.0.0", files / "bundle.json", files / "package.tgz", trust, hopes)

    assert (objections(release), release.offline) == ([], True)


def test_a_bundle_alone_is_enough_for_provenance(files, trust):
    """Build systems hand out the one that they made, not npm's own."""
    bundle = json.loads((files / "bundle.json").read_text())["attestations"][1]["bundle"]
    (files / "one.json").write_text(json.dumps(bundle))

    release = reader.of_files(NAME, "1.0.0", files / "one.json", files / "package.tgz", trust, wanted(**TRUTH))

    assert objections(release) == []


def test_without_a_tarball_nothing_ties_the_proof_to_bytes(files, trust):
    """The report must not say that the package is verified."""
    release = reader.of_files(NAME, "1.0.0", files / "bundle.json", None, trust, wanted(**TRUTH))

    assert objections(release) == ["altered-tarball"]


def test_a_file_of_something_else_is_refused(files, trust):
    """The wrong file is a slip of the fingers, not a forgery."""
    (files / "bundle.json").write_text("{}")

    with pytest.raises(UsageError, match="holds no attestations"):
        reader.of_files(NAME, "1.0.0", files / "bundle.json", None, trust, Expectation())


def test_several_releases_can_be_read_side_by_side(shop, trust, world):
    """A monorepo publishes a hundred packages at once."""
    from functools import partial

    from preflight.readers.online import together

    names = [f"@acme/p{number}" for number in range(12)]
    shop.publish(*(world.package(name) for name in names))
    registry = Registry(shop.base, {}, limits=QUICK)
    found = {}

    def one(name):
        hopes = Expectation(repository=Expected(HOME, "--repo"))
        found[name] = objections(reader.read(name, "1.0.0", registry, trust, hopes))

    together([partial(one, name) for name in names])

    assert found == {name: [] for name in names}
