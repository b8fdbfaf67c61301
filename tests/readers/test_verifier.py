"""The verifier, in a world whose authorities, logs and keys are ours: one fault at a time."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from mint import (
    COMMIT,
    MADE,
    PUBLISH,
    SLSA_V02,
    SLSA_V1,
    Fault,
    NpmSigner,
    World,
    github,
    gitlab,
    purl,
    stamp,
    statement,
)

from preflight.facts.release import Code, Kind, Sound, Unchecked, Unsound
from preflight.readers import verifier as module
from preflight.readers.documents import MalformedError
from preflight.readers.npm_keys import Usage

DIGEST = "ab" * 64
SUBJECT = purl("@acme/widgets", "1.0.0")
PROVENANCE = statement(SUBJECT, DIGEST, SLSA_V1, github().predicate)
PUBLISHED = statement(
    SUBJECT, DIGEST, PUBLISH, {"name": "@acme/widgets", "version": "1.0.0", "registry": "https://registry.npmjs.org"}
)
KEYLESS = {
    "dsse": {"form": "0.3", "kind": "dsse"},
    "intoto": {"form": "0.2", "kind": "intoto"},
    "promise": {"form": "0.1", "kind": "intoto", "proof": False},
    "tiles": {"form": "0.3", "kind": "hashedrekord"},
}
"""Provenance as npm 11, npm 10 and npm 9 make it, and as it may come with the second generation of the log."""
KEYED = {"key-dsse": {"form": "0.2", "kind": "dsse"}, "key-intoto": {"form": "0.2", "kind": "intoto"}}
"""npm's own attestation of today, and that of 2023."""
CERTIFIED, PROVEN, PROMISED = tuple(KEYLESS), ("dsse", "intoto", "tiles"), ("dsse", "intoto", "promise")
KEYS, EVERY = tuple(KEYED), (*KEYLESS, *KEYED)
INTOTO = ("intoto", "promise", "key-intoto")

REFUSED = (
    (Fault.NO_SCT, Code.BAD_SCT, CERTIFIED),
    (Fault.SCT_OF_UNKNOWN_LOG, Code.BAD_SCT, CERTIFIED),
    (Fault.SCT_FORGED, Code.BAD_SCT, CERTIFIED),
    (Fault.SCT_FOR_OTHER_CERTIFICATE, Code.BAD_SCT, CERTIFIED),
    (Fault.TWO_SCTS, Code.BAD_SCT, CERTIFIED),
    (Fault.NOT_FOR_SIGNING_CODE, Code.BAD_CERTIFICATE, CERTIFIED),
    (Fault.NO_PURPOSE, Code.BAD_CERTIFICATE, CERTIFIED),
    (Fault.NOT_FOR_SIGNATURES, Code.BAD_CERTIFICATE, CERTIFIED),
    (Fault.OTHER_AUTHORITY, Code.UNTRUSTED_CHAIN, CERTIFIED),
    (Fault.AUTHORITY_ITSELF, Code.BAD_CERTIFICATE, ("intoto", "promise")),
    (Fault.AUTHORITY_ITSELF, Code.UNTRUSTED_CHAIN, ("dsse", "tiles")),
    (Fault.SIGNED_TOO_EARLY, Code.OUTSIDE_VALIDITY, CERTIFIED),
    (Fault.SIGNED_TOO_LATE, Code.OUTSIDE_VALIDITY, CERTIFIED),
    (Fault.MALFORMED_EXTENSION, Code.MALFORMED, CERTIFIED),
    (Fault.LONG_EXTENSION, Code.MALFORMED, CERTIFIED),
    (Fault.REPEATED_EXTENSION, Code.MALFORMED, CERTIFIED),
    (Fault.OTHER_KIND_OF_KEY, Code.BAD_CERTIFICATE, CERTIFIED),
    (Fault.UNHEARD_KIND_OF_KEY, Code.BAD_CERTIFICATE, CERTIFIED),
    (Fault.UNKNOWN_LOG, Code.UNKNOWN_LOG, EVERY),
    (Fault.FORGED_PROMISE, Code.BAD_PROMISE, (*PROMISED, *KEYS)),
    (Fault.PROMISE_OF_OTHER_TIME, Code.BAD_PROMISE, (*PROMISED, *KEYS)),
    (Fault.PROMISE_OF_OTHER_INDEX, Code.BAD_PROMISE, (*PROMISED, *KEYS)),
    (Fault.NO_PROMISE, Code.NO_TIME, ("dsse", "intoto", *KEYS)),
    (Fault.NO_PROMISE, Code.MALFORMED, ("promise",)),
    (Fault.NO_PROOF, Code.MALFORMED, (*PROVEN, *KEYS)),
    (Fault.OTHER_HASH_IN_PROOF, Code.BAD_INCLUSION, (*PROVEN, *KEYS)),
    (Fault.SHORT_PROOF, Code.BAD_INCLUSION, (*PROVEN, *KEYS)),
    (Fault.LONG_PROOF, Code.BAD_INCLUSION, (*PROVEN, *KEYS)),
    (Fault.OTHER_SIZE_IN_PROOF, Code.BAD_INCLUSION, (*PROVEN, *KEYS)),
    (Fault.OTHER_INDEX_IN_PROOF, Code.BAD_INCLUSION, (*PROVEN, *KEYS)),
    (Fault.INDEX_BEYOND_TREE, Code.MALFORMED, (*PROVEN, *KEYS)),
    (Fault.OTHER_ROOT_IN_PROOF, Code.BAD_INCLUSION, (*PROVEN, *KEYS)),
    (Fault.FORGED_CHECKPOINT, Code.BAD_CHECKPOINT, (*PROVEN, *KEYS)),
    (Fault.CHECKPOINT_OF_OTHER_TREE, Code.BAD_CHECKPOINT, (*PROVEN, *KEYS)),
    (Fault.NO_CHECKPOINT, Code.MALFORMED, (*PROVEN, *KEYS)),
    (Fault.UNSIGNED_CHECKPOINT, Code.BAD_CHECKPOINT, (*PROVEN, *KEYS)),
    (Fault.TWO_ENTRIES, Code.MALFORMED, EVERY),
    (Fault.NO_ENTRY, Code.MALFORMED, EVERY),
    (Fault.OTHER_PAYLOAD_LOGGED, Code.BODY_DIFFERS, EVERY),
    (Fault.OTHER_SIGNATURE_LOGGED, Code.BODY_DIFFERS, EVERY),
    (Fault.OTHER_SIGNER_LOGGED, Code.BODY_DIFFERS, EVERY),
    (Fault.OTHER_KIND_LOGGED, Code.BODY_DIFFERS, EVERY),
    (Fault.OTHER_VERSION_LOGGED, Code.BODY_DIFFERS, EVERY),
    (Fault.WHOLE_PAYLOAD_LOGGED, Code.BODY_DIFFERS, INTOTO),
    (Fault.OTHER_PAYLOAD_TYPE_LOGGED, Code.BODY_DIFFERS, (*INTOTO, "tiles")),
    (Fault.OTHER_KEYID_LOGGED, Code.BODY_DIFFERS, INTOTO),
    (Fault.TWO_SIGNATURES_LOGGED, Code.BODY_DIFFERS, ("dsse", "key-dsse", *INTOTO)),
    (Fault.NO_JSON_LOGGED, Code.BODY_DIFFERS, EVERY),
    (Fault.TIMESTAMP_OF_OTHER_SIGNATURE, Code.BAD_TIMESTAMP, ("tiles",)),
    (Fault.TIMESTAMP_OF_UNKNOWN_AUTHORITY, Code.BAD_TIMESTAMP, ("tiles",)),
    (Fault.NO_TIMESTAMP, Code.NO_TIME, ("tiles",)),
    (Fault.PAYLOAD_CHANGED, Code.BAD_SIGNATURE, EVERY),
    (Fault.SIGNED_WITH_OTHER_KEY, Code.BAD_SIGNATURE, EVERY),
    (Fault.OTHER_PAYLOAD_TYPE, Code.BAD_PAYLOAD_TYPE, EVERY),
    (Fault.KEYID_BESIDE_CERTIFICATE, Code.MALFORMED, EVERY),
    (Fault.TWO_SIGNATURES, Code.MALFORMED, EVERY),
    (Fault.NO_SIGNATURE, Code.MALFORMED, EVERY),
    (Fault.EMPTY_SIGNATURE, Code.MALFORMED, EVERY),
    (Fault.HINT_DIFFERS, Code.MALFORMED, KEYS),
    (Fault.NO_HINT, Code.MALFORMED, KEYS),
)
UNCHECKED = ((Fault.UNKNOWN_KIND, EVERY), (Fault.UNKNOWN_FORM, EVERY))


def make(world, way, **options):
    """Mint a bundle in one of the ways above."""
    keyed = way in KEYED
    said, signer = (PUBLISHED, world.npm) if keyed else (PROVENANCE, github())
    return world.bundle(said, signer, **{**KEYLESS, **KEYED}[way], **options)


def cases(table):
    """Return every row of a table once for each way."""
    return [
        pytest.param(way, fault, *code, id=f"{way}: {fault.replace('_', ' ')}")
        for fault, *code, ways in table
        for way in ways
    ]


@pytest.mark.parametrize(
    ("said", "options"),
    [
        pytest.param(github(), {"form": "0.1", "kind": "intoto", "proof": False}, id="npm 9: a promise alone"),
        pytest.param(github(predicate_type=SLSA_V02), {"form": "0.1", "kind": "intoto"}, id="npm 9 with a proof"),
        pytest.param(github(), {"form": "0.2", "kind": "intoto"}, id="npm 10"),
        pytest.param(gitlab(), {"form": "0.2", "kind": "intoto"}, id="npm 10 in GitLab"),
        pytest.param(github(), {"form": "0.3", "kind": "dsse"}, id="npm 11"),
        pytest.param(gitlab(), {"form": "0.3", "kind": "dsse"}, id="npm 11 in GitLab"),
        pytest.param(github(), {"form": "0.3-old", "kind": "dsse"}, id="the older name of 0.3"),
        pytest.param(github(), {"form": "0.2", "kind": "dsse"}, id="a chain with the newer kind of entry"),
        pytest.param(github(), {"form": "0.1", "kind": "dsse", "proof": False}, id="a promise for the newer kind"),
        pytest.param(github(), {"form": "0.3", "kind": "hashedrekord"}, id="Rekor v2 with a timestamp"),
    ],
)
def test_provenance_of_every_age_holds(world, check, said, options):
    """A package of 2023 is still installed, and one of next year should be."""
    package = world.package(claims=said, **options)

    found = check(package.document)

    assert [(each.kind, type(each.outcome)) for each in found] == [(Kind.PUBLISH, Sound), (Kind.PROVENANCE, Sound)]


@pytest.mark.parametrize("form", ["0.1", "0.2"])
@pytest.mark.parametrize("kind", ["intoto", "dsse"])
@pytest.mark.parametrize("proof", [True, False])
def test_what_npm_signs_holds_in_every_form(world, check, form, kind, proof):
    """The registry changed the form twice without notice; only the oldest may do without a proof."""
    bundle = world.bundle(PUBLISHED, world.npm, form=form, kind=kind, proof=proof)

    (found,) = check(bundle)

    assert isinstance(found.outcome, Sound) == (proof or form == "0.1")


def test_a_sound_attestation_says_who_signed_and_when(world, check):
    """These are the facts that the rules compare with what was expected."""
    (found,) = check(world.bundle(PROVENANCE, github(signer="acme/.github/.github/workflows/npm.yml@refs/heads/main")))

    outcome = found.outcome
    identity = outcome.identity
    assert (
        outcome.statement.subjects[0].name,
        outcome.statement.build.commit,
        identity.source_repository,
        identity.source_commit,
        identity.signer.rpartition("/")[2],
        identity.workflow.rpartition("/")[2],
        outcome.logged,
    ) == (
        SUBJECT,
        COMMIT,
        "https://github.com/acme/widgets",
        COMMIT,
        "main",
        "v1.0.0",
        int(MADE.timestamp()) + 2,
    )


def test_the_index_is_that_of_the_whole_log(world, check):
    """The proof counts within one tree; a person looks the entry up by the number that the log itself uses."""
    (found,) = check(world.bundle(PROVENANCE, github()))

    assert found.outcome.log_index > world.rekor.shard


def test_a_time_that_nobody_signed_is_not_told(world, check):
    """The newer log has no promise, so that whoever hands the bundle on can write a time and an index into it."""
    bundle = make(world, "tiles")
    entry = bundle["verificationMaterial"]["tlogEntries"][0]
    entry |= {"integratedTime": str(int(MADE.timestamp()) - 86_400), "logIndex": "1"}

    (found,) = check(bundle)

    assert (found.outcome.logged, found.outcome.log_index) == (int(MADE.timestamp()) + 2, None)


@pytest.mark.parametrize(("way", "fault", "code"), cases(REFUSED))
def test_a_fault_is_found_out_by_its_own_code(world, check, way, fault, code):
    """Each of these was signed, logged and proven as if it were right; scripts and people need to know which it was."""
    (found,) = check(make(world, way, fault=fault))

    assert (type(found.outcome), found.outcome.code) == (Unsound, code), found.outcome.why


@pytest.mark.parametrize(("way", "fault"), cases(UNCHECKED))
def test_an_unknown_form_is_neither_right_nor_wrong(world, check, way, fault):
    """The formats changed four times in three years: a new one must not be called a forgery."""
    (found,) = check(make(world, way, fault=fault))

    assert (type(found.outcome), found.outcome.code) == (Unchecked, Code.UNKNOWN_FORMAT)


def test_every_fault_is_tried():
    """A fault that no table names would be minted for nobody."""
    assert {row[0] for row in (*REFUSED, *UNCHECKED)} == set(Fault)


@pytest.mark.parametrize(("way", "fault", "code"), cases(REFUSED))
def test_a_reason_is_one_short_line(world, check, way, fault, code):
    """It stands in a table of the report, and what it quotes was written by somebody else."""
    (found,) = check(make(world, way, fault=fault))

    why = found.outcome.why
    assert (why == " ".join(why.split()), 0 < len(why) < 220, code) == (True, True, found.outcome.code)


# -- whose key, and when ----------------------------------------------------------------------------


def test_a_key_that_npm_does_not_have_is_refused(world, check):
    """Anybody can make a key and name it in a bundle."""
    stranger = NpmSigner(MADE - timedelta(days=1))

    (found,) = check(world.bundle(PUBLISHED, stranger, form="0.2"))

    assert found.outcome.code is Code.UNKNOWN_KEY


@pytest.mark.parametrize(
    ("key", "at", "code"),
    [
        pytest.param("old_npm", datetime(2024, 6, 3, tzinfo=UTC), None, id="the old key in its time"),
        pytest.param("old_npm", datetime(2025, 1, 28, 23, 59, 57, tzinfo=UTC), None, id="its last second"),
        pytest.param("old_npm", datetime(2025, 1, 28, 23, 59, 58, tzinfo=UTC), Code.EXPIRED_KEY, id="its end"),
        pytest.param("old_npm", MADE, Code.EXPIRED_KEY, id="a year after its end"),
        pytest.param("old_npm", datetime(2022, 11, 30, tzinfo=UTC), Code.EXPIRED_KEY, id="before the old key"),
        pytest.param("npm", datetime(2025, 1, 12, tzinfo=UTC), Code.EXPIRED_KEY, id="before the new key"),
        pytest.param("npm", datetime(2025, 1, 13, tzinfo=UTC), None, id="its first second"),
    ],
)
def test_a_key_counts_within_its_time(world, check, key, at, code):
    """Who steals a key that is no longer used can sign nothing that looks like today's."""
    (found,) = check(world.bundle(PUBLISHED, getattr(world, key), at=at, form="0.2"))

    assert getattr(found.outcome, "code", None) is code


def test_a_key_for_packages_signs_no_attestation(world, check, npm_keys):
    """The uses are told apart, so that one of them can be withdrawn."""
    keys = tuple(key for key in npm_keys if key.usage is Usage.SIGNATURES)

    (found,) = check(make(world, "key-dsse"), keys=keys)

    assert found.outcome.code is Code.UNKNOWN_KEY


def test_the_oldest_form_needs_the_promise_even_beside_a_proof(world, check):
    """Its specification says so; other verifiers refuse it as well."""
    (found,) = check(world.bundle(PROVENANCE, github(), form="0.1", kind="intoto", fault=Fault.NO_PROMISE))

    assert found.outcome.code is Code.MALFORMED


def test_a_log_counts_until_its_last_day(world, check):
    """A log that was closed takes nothing any more."""
    document = world.trusted_root()
    document["tlogs"][0]["publicKey"]["validFor"]["end"] = stamp(MADE - timedelta(days=1))

    (found,) = check(make(world, "dsse"), verifier=module.root_of(json.dumps(document).encode()))

    assert found.outcome.code is Code.UNKNOWN_LOG


def test_a_log_counts_from_its_first_day_on(world, check):
    """A log's key that leaked later must not vouch for the past."""
    document = world.trusted_root(rekor_start=MADE + timedelta(days=1))

    (found,) = check(make(world, "dsse"), verifier=module.root_of(json.dumps(document).encode()))

    assert found.outcome.code is Code.UNKNOWN_LOG


def test_another_world_trusts_nothing_of_this_one(check):
    """The trusted root decides, and nothing that a bundle brings along."""
    found = check(World().package().document)

    assert [each.outcome.code for each in found] == [Code.UNKNOWN_KEY, Code.UNKNOWN_LOG]


def test_only_known_issuers_of_tokens_count(world, check):
    """Fulcio gives certificates to everybody who has an e-mail address."""
    claims = github().but({1: "https://accounts.google.com", 8: "https://accounts.google.com"})

    (found,) = check(world.bundle(PROVENANCE, claims))

    assert found.outcome.code is Code.BAD_ISSUER


def test_a_certificate_without_issuer_is_refused(world, check):
    """Nothing said is not the same as something known."""
    (found,) = check(world.bundle(PROVENANCE, github().but({1: None, 8: None})))

    assert found.outcome.code is Code.BAD_ISSUER


def test_the_issuers_can_be_named(world, check):
    """A self-hosted GitLab has its own."""
    claims = gitlab().but({1: "https://gitlab.acme.test", 8: "https://gitlab.acme.test"})

    (found,) = check(world.bundle(PROVENANCE, claims), issuers=frozenset({"https://gitlab.acme.test"}))

    assert isinstance(found.outcome, Sound)


def test_a_publisher_cannot_sign_for_npm(world, check):
    """Every workflow of the world can get a certificate, and say in npm's words that npm took the package."""
    (found,) = check(world.bundle(PUBLISHED, github()))

    assert found.outcome.code is Code.WRONG_SIGNER


def test_npm_cannot_sign_for_a_publisher(world, check):
    """A registry that says who built something has seen nothing of it."""
    (found,) = check(world.bundle(PROVENANCE, world.npm, form="0.2"))

    assert found.outcome.code is Code.WRONG_SIGNER


def test_a_key_without_a_time_that_a_log_promised_is_not_judged(world, check):
    """Entries of the newer log have no time: whether npm's key was in use then, nobody can say yet."""
    (found,) = check(world.bundle(PUBLISHED, world.npm, form="0.3", kind="hashedrekord"))

    assert (type(found.outcome), found.outcome.code) == (Unchecked, Code.UNKNOWN_FORMAT)


# -- documents ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [Kind.PROVENANCE, Kind.PUBLISH])
def test_two_of_a_kind_prove_nothing(world, check, kind):
    """A second, sound provenance of somebody else would hide behind the first one, or the first behind it."""
    attestations = world.package().attestations
    more = [attestations[kind is Kind.PROVENANCE], *attestations]

    found = check({"attestations": more})

    assert [each.outcome.code for each in found if each.kind is kind] == [Code.SEVERAL, Code.SEVERAL]


@pytest.mark.parametrize(
    "listed",
    [
        pytest.param(SLSA_V02, id="another version of provenance"),
        pytest.param(PUBLISH, id="npm's own"),
        pytest.param("https://example.com/v1", id="something unknown"),
    ],
)
def test_an_attestation_is_what_it_is_listed_as(world, check, listed):
    """What lists it is not signed."""
    found = check({"attestations": [{"predicateType": listed, "bundle": make(world, "dsse")}]})

    assert found[0].outcome.code is Code.MALFORMED


def test_an_attestation_of_another_kind_may_hold(world, check):
    """Others may attest other things; no rule asks for them."""
    said = statement(SUBJECT, DIGEST, "https://example.com/review/v1", {})

    (found,) = check(world.bundle(said, github()))

    assert (found.kind, found.predicate_type, type(found.outcome)) == (None, "https://example.com/review/v1", Sound)


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param(json.dumps(PROVENANCE).replace('{"name"', '{"name": "pkg:npm/x@1", "name"', 1), id="a key twice"),
        pytest.param(json.dumps({**PROVENANCE, "_type": "https://in-toto.io/Statement/v9"}), id="no known statement"),
        pytest.param("[]", id="no object"),
        pytest.param("{", id="no JSON"),
        pytest.param(json.dumps(PROVENANCE).replace('"subject"', '"subject": NaN, "x"'), id="no number"),
    ],
)
def test_a_payload_that_two_readers_could_read_differently_is_refused(world, check, payload):
    """It is signed all the same: a certificate costs nothing."""
    (found,) = check(world.bundle(payload.encode(), github()))

    assert found.outcome.code is Code.MALFORMED


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"null", id="null"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b"{}", id="an empty object"),
        pytest.param(b'{"attestations": {}}', id="no list"),
        pytest.param(b'{"attestations": [], "attestations": []}', id="a key twice"),
        pytest.param(b'{"error": "not found"}', id="an error"),
        pytest.param(json.dumps({"attestations": [{}] * 65}).encode(), id="more than anybody has"),
        pytest.param(b"\xff{}", id="not UTF-8"),
        pytest.param(b"[" * 100_000, id="very deep"),
    ],
)
def test_what_is_no_document_is_no_attestation(check, raw):
    """A proxy's page must not pass for an answer without attestations."""
    with pytest.raises(MalformedError):
        check(raw)


@pytest.mark.parametrize("odd", [None, 5, "x", [], {}, {"bundle": 5}, {"bundle": {"mediaType": []}}])
def test_an_odd_entry_is_judged_as_an_unknown_form(check, odd):
    """Whatever stands in the list, the others are still judged."""
    (found,) = check({"attestations": [odd]})

    assert (found.kind, found.outcome.code) == (None, Code.UNKNOWN_FORMAT)


def test_no_attestations_are_none(check):
    """The registry answers so for a version without any."""
    assert check({"attestations": []}) == ()


def test_what_nobody_foresaw_passes_for_neither(world, check, monkeypatch):
    """A bug must not become a proof, and must not call a maintainer a forger."""
    bundle = make(world, "dsse")
    monkeypatch.setattr(module.NpmVerifier, "keyless", lambda *_: {}["surprise"])

    (found,) = check(bundle)

    assert (type(found.outcome), found.outcome.code) == (Unchecked, Code.INTERNAL)


def test_the_warnings_of_the_library_stay_off_the_screen(world, check, capfd):
    """A chain with its root inside makes sigstore-python warn, and npm 9 and 10 always send it."""
    check(make(world, "intoto"))

    assert capfd.readouterr() == ("", "")
