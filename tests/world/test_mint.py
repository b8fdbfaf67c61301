"""The minting kit itself, checked against what others wrote."""

from __future__ import annotations

import json
from base64 import b64decode
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from mint import SLSA_V1, github, packed, purl, statement
from mint_der import der, integer, oid
from mint_logs import Tree

RECORDINGS = Path(__file__).parents[1] / "recordings"


def shape(node):
    """Return the keys of a JSON value, with the types of what stands there."""
    match node:
        case dict():
            return {key: shape(value) for key, value in node.items()}
        case list():
            return [shape(node[0])] if node else []
        case _:
            return type(node).__name__


@pytest.mark.parametrize(
    ("recording", "options"),
    [
        pytest.param("playwright-cli-0.1.1-attestations", {"form": "0.3", "kind": "dsse"}, id="npm 11"),
        pytest.param("gundam-visor-1.0.1-attestations", {"form": "0.2", "kind": "intoto"}, id="npm 10"),
    ],
)
def test_a_minted_bundle_has_the_shape_of_a_real_one(world, recording, options):
    """What is only true of our own bundles is not worth a test."""
    real = json.loads((RECORDINGS / f"{recording}.json").read_text())["attestations"][1]["bundle"]

    minted = world.bundle(statement(purl("acme", "1.0.0"), "ab" * 64, SLSA_V1, github().predicate), github(), **options)

    bodies = [
        shape(json.loads(b64decode(each["verificationMaterial"]["tlogEntries"][0]["canonicalizedBody"])))
        for each in (real, minted)
    ]
    payloads = [shape(json.loads(b64decode(each["dsseEnvelope"]["payload"]))) for each in (real, minted)]
    assert (shape(minted), bodies[1], payloads[1]) == (shape(real), bodies[0], payloads[0])


def test_a_minted_certificate_has_the_extensions_of_a_real_one(world):
    """In the same order, because the log's promise covers their bytes."""
    document = json.loads((RECORDINGS / "playwright-cli-0.1.1-attestations.json").read_text())
    raw = document["attestations"][1]["bundle"]["verificationMaterial"]["certificate"]["rawBytes"]
    key = generate_private_key(SECP256R1()).public_key()

    both = [x509.load_der_x509_certificate(each) for each in (b64decode(raw), world.certificate(github(), key))]

    names = [[(each.oid.dotted_string, each.critical) for each in one.extensions] for one in both]
    assert names[1] == names[0]


@pytest.mark.parametrize("size", range(1, 20))
def test_a_proof_leads_to_the_root(size):
    """RFC 9162, 2.1.3.2, which is another way to compute it than that of the tree."""
    tree = Tree(size)

    for index in range(size):
        place, last, seed = index, size - 1, tree.leaves[index]
        for each in tree.proof(index):
            if place & 1 or place == last:
                seed = sha256(b"\1" + each + seed).digest()
                while place and not place & 1:
                    place, last = place >> 1, last >> 1
            else:
                seed = sha256(b"\1" + seed + each).digest()
            place, last = place >> 1, last >> 1

        assert (seed, last) == (tree.root(), 0)


@pytest.mark.parametrize(
    ("encoded", "found"),
    [
        (integer(0), "020100"),
        (integer(127), "02017f"),
        (integer(128), "02020080"),
        (integer(256), "02020100"),
        (oid("1.2.840.113549"), "06062a864886f70d"),
        (oid("2.16.840.1.101.3.4.2.1"), "0609608648016503040201"),
        (der(4, bytes(200))[:3], "0481c8"),
        (der(4, bytes(300))[:4], "0482012c"),
    ],
)
def test_der_is_that_of_the_standard(encoded, found):
    """X.690 has these as examples."""
    assert encoded.hex() == found


def test_a_tarball_is_always_the_same():
    """Two packages that differ in nothing must not differ in the digest."""
    assert packed({"package.json": b"{}"}) == packed({"package.json": b"{}"})
