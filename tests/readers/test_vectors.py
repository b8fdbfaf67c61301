"""Real answers of the registry, right and wrong, and what becomes of them when anything in them is changed."""

from __future__ import annotations

import copy
import json
from base64 import b64decode, b64encode
from hashlib import sha512
from pathlib import Path

import pytest
from mint import purl

from preflight.facts.release import Code, Kind, Sound, Unsound

RECORDINGS = Path(__file__).parents[1] / "recordings"
GOOD, PROVENANCE, PUBLISH = "valid", Kind.PROVENANCE, Kind.PUBLISH
EXPECTED = {
    "gundam-visor-1.0.1-attestations": {PUBLISH: GOOD, PROVENANCE: GOOD},
    "gundam-visor-1.0.1-invalidsigprov-attestations": {PUBLISH: GOOD, PROVENANCE: Code.BAD_SIGNATURE},
    "gundam-visor-1.0.1-invalidsigpub-attestations": {PUBLISH: Code.BAD_SIGNATURE, PROVENANCE: GOOD},
    "playwright-cli-0.1.1-attestations": {PUBLISH: GOOD, PROVENANCE: GOOD},
    "provenance-npm-test-ossf-attestations": {PUBLISH: GOOD, PROVENANCE: GOOD},
    "sigstore-1.0.0-attestations": {PROVENANCE: GOOD, PUBLISH: GOOD},
    "sigstore-2.0.0-provenance-bundle": {None: GOOD},
}
PACKAGES = {
    "gundam-visor-1.0.1-attestations": ("gundam-visor", "1.0.1"),
    "playwright-cli-0.1.1-attestations": ("@playwright/cli", "0.1.1"),
    "provenance-npm-test-ossf-attestations": ("@laurentsimon/provenance-npm-test", "1.0.5"),
    "sigstore-1.0.0-attestations": ("sigstore", "1.0.0"),
    "sigstore-2.0.0-provenance-bundle": ("sigstore", "2.0.0"),
}


def recorded(stem):
    """Return a recorded document."""
    return json.loads((RECORDINGS / f"{stem}.json").read_text(encoding="utf-8"))


def bundles():
    """Return every bundle that holds, by a name."""
    found = {}
    for stem in PACKAGES:
        document = recorded(stem)
        for each in document.get("attestations", [{"bundle": document, "predicateType": "slsa"}]):
            kind = "provenance" if "slsa" in each["predicateType"] else "publish"
            found[f"{stem.removesuffix('-attestations')} {kind}"] = each["bundle"]
    return found


BUNDLES = bundles()


@pytest.fixture(scope="module")
def real():
    """Return the verifier that trusts what everybody trusts, offline."""
    from preflight.readers.verifier import embedded, root_of

    return root_of(embedded("trusted_root.json"))


@pytest.fixture(scope="module")
def verdict(real):
    """Return what checks a bundle alone."""
    from preflight.readers import npm_keys
    from preflight.readers.verifier import attestations

    keys = npm_keys.read((RECORDINGS / "npm-keys.json").read_bytes())

    def outcomes(document):
        raw = document if isinstance(document, bytes) else json.dumps(document).encode()
        return attestations(raw, real, keys)

    return outcomes


@pytest.mark.parametrize("stem", list(EXPECTED))
def test_real_answers_get_the_right_verdict(verdict, stem):
    """Two of these were broken on purpose by others, and the rest passed every other verifier."""
    found = verdict(recorded(stem))

    said = {each.kind if "bundle" not in stem else None: getattr(each.outcome, "code", GOOD) for each in found}
    assert said == EXPECTED[stem]


def test_every_recording_has_a_verdict():
    """A recording that no test reads proves nothing."""
    assert {path.stem for path in RECORDINGS.glob("*attestations.json")} <= set(EXPECTED)


def test_the_keys_that_come_along_are_those_of_npm():
    """With another key, everything that npm signed would look forged."""
    from preflight.readers import npm_keys

    mine = {(key.id, key.usage, key.start, key.end) for key in npm_keys.embedded()}
    theirs = {
        (key.id, key.usage, key.start, key.end) for key in npm_keys.read((RECORDINGS / "npm-keys.json").read_bytes())
    }
    assert mine == theirs


# -- one change at a time ---------------------------------------------------------------------------

ENTRY = ("verificationMaterial", "tlogEntries", 0)
PROOF = (*ENTRY, "inclusionProof")
CERTIFICATES = (
    ("verificationMaterial", "certificate", "rawBytes"),
    ("verificationMaterial", "x509CertificateChain", "certificates", 0, "rawBytes"),
)
ENCODED = {
    "the payload": ("dsseEnvelope", "payload"),
    "the signature": ("dsseEnvelope", "signatures", 0, "sig"),
    "the certificate": CERTIFICATES[0],
    "the first of the chain": CERTIFICATES[1],
    "the log's id": (*ENTRY, "logId", "keyId"),
    "the logged body": (*ENTRY, "canonicalizedBody"),
    "the promise": (*ENTRY, "inclusionPromise", "signedEntryTimestamp"),
    "the root": (*PROOF, "rootHash"),
    "the first hash": (*PROOF, "hashes", 0),
    "the last hash": (*PROOF, "hashes", -1),
}
PLAIN = {
    "the form": ("mediaType",),
    "the type of the payload": ("dsseEnvelope", "payloadType"),
    "the hint": ("verificationMaterial", "publicKey", "hint"),
    "the kind of entry": (*ENTRY, "kindVersion", "kind"),
    "the version of the entry": (*ENTRY, "kindVersion", "version"),
    "the checkpoint": (*PROOF, "checkpoint", "envelope"),
}
NUMBERS = {
    "the index": (*ENTRY, "logIndex"),
    "the time": (*ENTRY, "integratedTime"),
    "the index in the tree": (*PROOF, "logIndex"),
}
WHOLE = {
    "the material": ("verificationMaterial",),
    "the entries": ("verificationMaterial", "tlogEntries"),
    "the entry": ENTRY,
    "the log": (*ENTRY, "logId"),
    "the kind": (*ENTRY, "kindVersion"),
    "the envelope": ("dsseEnvelope",),
    "the signatures": ("dsseEnvelope", "signatures"),
    "the hashes": (*PROOF, "hashes"),
}


def flipped(where):
    """Return an edit that turns one bit of what stands encoded, at a part of its length."""

    def edit(value):
        raw = bytearray(b64decode(value))
        raw[min(int(len(raw) * where), len(raw) - 1)] ^= 1
        return b64encode(bytes(raw)).decode()

    return edit


EDITS = {
    "bit at the start": (ENCODED, flipped(0)),
    "bit in the middle": (ENCODED, flipped(0.5)),
    "bit at the end": (ENCODED, flipped(1)),
    "byte less": (ENCODED, lambda value: b64encode(b64decode(value)[:-1]).decode()),
    "byte more": (ENCODED, lambda value: b64encode(b64decode(value) + b"\0").decode()),
    "empty": ({**ENCODED, **PLAIN, **NUMBERS}, lambda _: ""),
    "null": ({**ENCODED, **PLAIN, **NUMBERS, **WHOLE}, lambda _: None),
    "number": ({**ENCODED, **PLAIN, **WHOLE}, lambda _: 7),
    "list": ({**ENCODED, **PLAIN, **NUMBERS, **WHOLE}, lambda _: []),
    "object": ({**ENCODED, **PLAIN, **NUMBERS, **WHOLE}, lambda _: {}),
    "letter less": (PLAIN, lambda value: value[1:]),
    "letter more": (PLAIN, lambda value: f"x{value}"),
    "one more": (NUMBERS, lambda value: str(int(value) + 1)),
    "one less": (NUMBERS, lambda value: str(int(value) - 1)),
    "negative": (NUMBERS, lambda value: f"-{value}"),
    "huge": (NUMBERS, lambda value: f"{value}{value}"),
    "no digits": (NUMBERS, lambda value: f"{value}x"),
    "twice": (
        {name: WHOLE[name] for name in ("the entries", "the signatures", "the hashes")},
        lambda value: [*value, *value],
    ),
    "none left": ({name: WHOLE[name] for name in ("the hashes",)}, lambda value: value[:-1]),
    "the other way round": ({"the hashes": WHOLE["the hashes"]}, lambda value: value[::-1]),
}


def at(node, path):
    """Return what stands at a path; None for nothing."""
    for step in path:
        match node, step:
            case dict(), str() if step in node:
                node = node[step]
            case list(), int() if -len(node) <= step < len(node):
                node = node[step]
            case _:
                return None
    return node


def noted(bundle):
    """Return the checkpoint of a bundle."""
    return at(bundle, (*PROOF, "checkpoint", "envelope"))


def authentic(bundle):
    """Return a bundle with everything in it that somebody vouches for.

    A proof without a checkpoint proves nothing, and no more than the first certificate of a chain counts.
    """
    proof, entry, envelope = at(bundle, PROOF), at(bundle, ENTRY), bundle["dsseEnvelope"]
    leaf = next((b64decode(found) for path in CERTIFICATES if (found := at(bundle, path))), None)
    proven = None
    if noted(bundle):
        note = noted(bundle).partition("\n\n")[0]
        proven = (int(proof["logIndex"]), b64decode(proof["rootHash"]), list(map(b64decode, proof["hashes"])), note)
    return (
        (b64decode(envelope["payload"]), envelope["payloadType"], b64decode(envelope["signatures"][0]["sig"])),
        (
            leaf,
            envelope["signatures"][0].get("keyid") or None,
            at(bundle, ("verificationMaterial", "publicKey", "hint")),
        ),
        (
            b64decode(entry["logId"]["keyId"]),
            int(entry["logIndex"]),
            int(entry["integratedTime"]),
            entry["kindVersion"],
        ),
        (b64decode(entry["canonicalizedBody"]), b64decode(entry["inclusionPromise"]["signedEntryTimestamp"])),
        proven,
    )


def mutants(bundle):
    """Yield every change that applies to a bundle and takes away something authentic, with its name."""
    proven = noted(bundle) is not None
    for edit, (places, change) in EDITS.items():
        for name, path in places.items():
            here = at(bundle, path)
            if here is None or (path[: len(PROOF)] == PROOF and not proven):
                continue
            if change(here) == here:
                continue
            mutant = copy.deepcopy(bundle)
            at(mutant, path[:-1])[path[-1]] = change(here)
            yield f"{name}: {edit}", mutant


@pytest.mark.parametrize("name", list(BUNDLES))
def test_no_mutant_of_a_real_bundle_is_accepted(verdict, name):
    """Whatever somebody vouches for cannot be changed without being noticed."""
    tried = dict(mutants(BUNDLES[name]))

    accepted = [
        each for each, mutant in tried.items() if any(isinstance(o.outcome, Sound) for o in safe(verdict, mutant))
    ]

    assert (accepted, len(tried) >= 60) == ([], True)


def safe(verdict, document):
    """Return the outcomes; none for what is no document at all."""
    from preflight.readers.documents import MalformedError

    try:
        return verdict(document)
    except MalformedError:
        return ()


@pytest.mark.parametrize("name", list(BUNDLES))
def test_no_mutant_is_called_a_bug(verdict, name):
    """Hostile input has a verdict; `internal` is for what is wrong with preflight itself."""
    found = {
        each
        for each, mutant in mutants(BUNDLES[name])
        for outcome in safe(verdict, mutant)
        if getattr(outcome.outcome, "code", None) is Code.INTERNAL
    }

    assert found == set()


@pytest.mark.parametrize("name", list(BUNDLES))
def test_a_changed_letter_is_noticed_or_changes_nothing(verdict, name):
    """Every letter that may change without notice must be one that says nothing."""
    bundle = BUNDLES[name]
    text = json.dumps(bundle)
    (whole,) = verdict(bundle)

    def lies(changed):
        return any(
            found.outcome != whole.outcome or authentic(json.loads(changed)) != authentic(bundle)
            for found in safe(verdict, changed.encode())
            if isinstance(found.outcome, Sound)
        )

    places = range(0, len(text), 61)
    changes = [text[:place] + ("B" if text[place] == "A" else "A") + text[place + 1 :] for place in places]
    noticed_by_nobody = [text[max(0, at - 40) : at + 1] for at, each in zip(places, changes, strict=True) if lies(each)]

    assert noticed_by_nobody == []


# -- parts of one bundle in another -----------------------------------------------------------------

PARTS = {
    "the envelope": ("dsseEnvelope",),
    "the payload": ("dsseEnvelope", "payload"),
    "the signatures": ("dsseEnvelope", "signatures"),
    "the entry": ENTRY,
    "the logged body": (*ENTRY, "canonicalizedBody"),
    "the promise": (*ENTRY, "inclusionPromise"),
    "the time": (*ENTRY, "integratedTime"),
    "the proof": PROOF,
    "the checkpoint": (*PROOF, "checkpoint"),
    "the certificate": CERTIFICATES[0],
    "the first of the chain": CERTIFICATES[1],
}


@pytest.mark.parametrize("name", list(BUNDLES))
def test_a_part_of_another_bundle_is_noticed(verdict, name):
    """All parts are genuine; only that they belong together is a lie."""
    mine, accepted = BUNDLES[name], []

    for other, bundle in BUNDLES.items():
        for part, path in PARTS.items():
            theirs, own = at(bundle, path), at(mine, path)
            # The oldest form needs no proof, so that one without a checkpoint is as good as none.
            idle = path[: len(PROOF)] == PROOF and None in {noted(bundle), noted(mine)}
            if None in (theirs, own) or theirs == own or idle:
                continue
            mixed = copy.deepcopy(mine)
            at(mixed, path[:-1])[path[-1]] = theirs
            if any(isinstance(found.outcome, Sound) for found in safe(verdict, mixed)):
                accepted.append(f"{part} of {other}")

    assert accepted == []


@pytest.mark.parametrize("stem", list(PACKAGES))
def test_a_statement_is_about_one_package_only(verdict, stem):
    """A sound attestation of another package is the plainest forgery of all."""
    subjects = {
        (subject.name, subject.sha512)
        for found in verdict(recorded(stem))
        if isinstance(found.outcome, Sound)
        for subject in found.outcome.statement.subjects
    }

    fits = [each for each, named in PACKAGES.items() if {name for name, _ in subjects} == {purl(*named)}]

    assert (fits, len(subjects)) == ([stem], 1)


def test_no_two_packages_share_a_digest(verdict):
    """The digest decides about the bytes; none here is that of nothing."""
    digests = [found.outcome.statement.subjects[0].sha512 for stem in PACKAGES for found in verdict(recorded(stem))[:1]]

    assert len({*digests, sha512(b"").hexdigest()}) == len(PACKAGES) + 1


def test_the_broken_recordings_differ_in_the_payload_alone():
    """They are the proof that the signature is looked at, and not only its company."""
    good, bad = recorded("gundam-visor-1.0.1-attestations"), recorded("gundam-visor-1.0.1-invalidsigprov-attestations")
    for document in (good, bad):
        document["attestations"][1]["bundle"]["dsseEnvelope"].pop("payload")

    assert good == bad


def test_a_refusal_says_why(verdict):
    """The registry's copy was changed: the person who reads it decides what to do."""
    found = verdict(recorded("gundam-visor-1.0.1-invalidsigprov-attestations"))

    assert found[1].outcome == Unsound(Code.BAD_SIGNATURE, "the signature does not fit the payload")
