"""A world in which everybody who vouches for a package is ours: any identity, any time, and one fault at a time.

    world = World()
    package = world.package("@acme/widgets", "1.0.0")
    package.document                            # what the registry serves as attestations
    world.bundle(statement, claims, form="0.2", kind="intoto", fault=Fault.NO_SCT)

Nothing here is the project's own code or sigstore's: whoever reads both sides alike would hide a mistake of both.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from gzip import compress
from hashlib import sha1, sha256, sha512
from io import BytesIO
from tarfile import TarFile, TarInfo
from typing import Any

import rfc8785
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from mint_claims import COMMIT, PUBLISH, SLSA_V02, SLSA_V1, Claims, github, gitlab, purl, statement
from mint_der import BITS, SEQUENCE, der, extension, name, oid, serial, signed, standard, tbs, utf8
from mint_faults import Fault
from mint_logs import (
    LATER,
    Authority,
    CtLog,
    NpmSigner,
    Rekor,
    Tiles,
    Tree,
    b64,
    ca_usage,
    ct_described,
    key_usage,
    stamp,
)

MADE = datetime(2026, 6, 1, 12, 0, 0, tzinfo=UTC)
"""When something is signed, unless told otherwise."""
LIFE = timedelta(minutes=10)
ARC = "1.3.6.1.4.1.57264.1."
PAYLOAD_TYPE = "application/vnd.in-toto+json"
MEDIA_TYPES = {
    "0.1": "application/vnd.dev.sigstore.bundle+json;version=0.1",
    "0.2": "application/vnd.dev.sigstore.bundle+json;version=0.2",
    "0.3": "application/vnd.dev.sigstore.bundle.v0.3+json",
    "0.3-old": "application/vnd.dev.sigstore.bundle+json;version=0.3",
}
UNHEARD = der(SEQUENCE, der(SEQUENCE, oid("1.3.6.1.4.1.57264.9")), der(BITS, bytes(33)))
"""A public key of a kind that nobody knows."""
VERSIONS = {"dsse": "0.0.1", "intoto": "0.0.2", "hashedrekord": "0.0.2"}


def pae(payload_type: str, payload: bytes) -> bytes:
    """Return what the signature of an envelope covers (DSSE v1)."""
    return f"DSSEv1 {len(payload_type.encode())} {payload_type} {len(payload)} ".encode() + payload


@dataclass
class Package:
    """A version as the registry has it."""

    name: str
    version: str
    tarball: bytes
    time: datetime
    dist: dict[str, Any]
    manifest: dict[str, Any]
    attestations: list[dict]

    @property
    def digest(self) -> str:
        """The SHA-512 of the tarball, as a statement has it."""
        return sha512(self.tarball).hexdigest()

    @property
    def document(self) -> dict:
        """What the registry serves as attestations."""
        return {"attestations": self.attestations}

    @property
    def raw(self) -> bytes:
        """The same as bytes."""
        return json.dumps(self.document).encode()


def integrity(tarball: bytes) -> str:
    """Return `dist.integrity` of a tarball."""
    return f"sha512-{b64(sha512(tarball).digest())}"


def packed(files: dict[str, bytes], folder: str = "package") -> bytes:
    """Return a tarball as npm packs it: every file in one folder, all at the same time."""
    raw = BytesIO()
    with TarFile(fileobj=raw, mode="w") as tar:
        for path, data in files.items():
            info = TarInfo(f"{folder}/{path}")
            info.size, info.mtime, info.mode = len(data), 499162500, 0o644
            tar.addfile(info, BytesIO(data))
    return compress(raw.getvalue(), mtime=0)


class World:
    """Everybody who vouches: Fulcio, its log of certificates, two logs of signatures, a timestamp authority, npm."""

    def __init__(self):
        self.fulcio, self.tsa = Authority("fulcio"), None
        self.ct, self.rekor, self.tiles = CtLog(), Rekor(), Tiles()
        self.npm = NpmSigner(datetime(2025, 1, 13, tzinfo=UTC))
        self.old_npm = NpmSigner(datetime(2022, 12, 1, tzinfo=UTC), datetime(2025, 1, 29, tzinfo=UTC))

    # -- what everybody knows -------------------------------------------------------------------

    def trusted_root(self, *, rekor_start: datetime | None = None) -> dict:
        """Return the document with the authorities and the logs."""
        span = {"start": rekor_start} if rekor_start else {}
        return {
            "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
            "tlogs": [self.rekor.described(**span), self.tiles.described()],
            "certificateAuthorities": [self.fulcio.described("fulcio")],
            "ctlogs": [ct_described(self.ct)],
            "timestampAuthorities": [self._tsa().described("tsa")],
        }

    def npm_keys(self) -> dict:
        """Return npm's keys in the form of the TUF target."""
        return {"keys": [*self.old_npm.targets(), *self.npm.targets()]}

    def registry_keys(self) -> dict:
        """Return npm's keys in the form of the registry's own list."""
        return {"keys": [self.old_npm.listed(), self.npm.listed()]}

    def _tsa(self) -> Authority:
        # Most tests need no timestamps, and the three keys cost as much as the rest of the world.
        self.tsa = self.tsa or Authority("tsa", purpose=x509.ExtendedKeyUsageOID.TIME_STAMPING, curve=SECP256R1)
        return self.tsa

    # -- packages -----------------------------------------------------------------------------------

    def package(
        self,
        name: str = "@acme/widgets",
        version: str = "1.0.0",
        *,
        claims: Claims | None = None,
        at: datetime = MADE,
        manifest: dict[str, Any] | None = None,
        files: dict[str, bytes] | None = None,
        provenance: bool = True,
        publish: bool = True,
        npm: NpmSigner | None = None,
        **bundle: Any,
    ) -> Package:
        """Publish a version; what is not named goes to the bundle of the provenance."""
        claims, npm = claims or github(), npm or self.npm
        home = claims.extensions.get(12, "https://github.com/acme/widgets")
        repository = {"repository": {"type": "git", "url": f"git+{home}.git"}}
        said = {"name": name, "version": version, **repository, **(manifest or {})}
        tarball = packed({"package.json": json.dumps(said, indent=2).encode(), **(files or {})})
        listed = []
        digest, subject = sha512(tarball).hexdigest(), purl(name, version)
        if publish:
            predicate = {"name": name, "version": version, "registry": "https://registry.npmjs.org"}
            document = self.bundle(statement(subject, digest, PUBLISH, predicate), npm, at=at, form="0.2")
            listed.append({"predicateType": PUBLISH, "bundle": document})
        if provenance:
            told = statement(subject, digest, claims.predicate_type, claims.predicate)
            listed.append(
                {"predicateType": claims.predicate_type, "bundle": self.bundle(told, claims, at=at, **bundle)}
            )
        dist = {"integrity": integrity(tarball), "shasum": sha1(tarball).hexdigest(), "fileCount": 1 + len(files or {})}
        dist["unpackedSize"] = len(tarball)
        dist["signatures"] = [self.registry_signature(name, version, integrity(tarball), npm)]
        return Package(name, version, tarball, at, dist, said, listed)

    def registry_signature(self, name: str, version: str, integrity: str, npm: NpmSigner | None = None) -> dict:
        """Sign name, version and integrity as the registry does."""
        npm = npm or self.npm
        return {"keyid": npm.id, "sig": b64(npm.sign(f"{name}@{version}:{integrity}".encode()))}

    # -- bundles ------------------------------------------------------------------------------------

    def bundle(
        self,
        said: dict | bytes,
        signer: Claims | NpmSigner,
        *,
        at: datetime = MADE,
        form: str = "0.3",
        kind: str = "dsse",
        proof: bool = True,
        fault: Fault | None = None,
    ) -> dict:
        """Sign a statement, log it, and return the bundle.

        `form` is the bundle's version, `kind` that of the log entry; without `proof` the log's promise stands alone.
        """
        payload = said if isinstance(said, bytes) else json.dumps(said, separators=(",", ":")).encode()
        keyed = isinstance(signer, NpmSigner)
        if keyed:
            key, shown = signer.key, signer.key.public_key()
            verifier = shown.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
            material, raw = {"publicKey": _hint(signer, fault)}, b""
        else:
            odd = fault is Fault.OTHER_KIND_OF_KEY
            key = Ed25519PrivateKey.generate() if odd else generate_private_key(SECP256R1())
            raw = self.certificate(signer, key.public_key(), at, fault=fault)
            verifier = x509.load_der_x509_certificate(raw).public_bytes(Encoding.PEM)
            shown = {"rawBytes": b64(raw)}
            new = form.startswith("0.3")
            material = {"certificate": shown} if new else {"x509CertificateChain": {"certificates": self._chain(shown)}}
        envelope = _envelope(payload, key, signer.id if keyed else "", fault)
        body = self._body(kind, envelope, verifier, raw, fault)
        when = at + {Fault.SIGNED_TOO_EARLY: -2 * LIFE, Fault.SIGNED_TOO_LATE: 2 * LIFE}.get(fault, LATER)
        log = self.tiles if kind == "hashedrekord" else self.rekor
        entry = _entry(log, kind, body, int(when.timestamp()), fault, proof=proof)
        signature = envelope["signatures"][0]["sig"] if envelope["signatures"] else ""
        material["tlogEntries"] = {Fault.TWO_ENTRIES: [entry, entry], Fault.NO_ENTRY: []}.get(fault, [entry])
        material["timestampVerificationData"] = {"rfc3161Timestamps": self._timestamps(log, signature, when, fault)}
        if fault is Fault.PAYLOAD_CHANGED:
            envelope["payload"] = b64(payload + b" ")
        media = "application/vnd.dev.sigstore.bundle.v9+json" if fault is Fault.UNKNOWN_FORM else MEDIA_TYPES[form]
        return {"mediaType": media, "verificationMaterial": material, "dsseEnvelope": envelope}

    def _chain(self, leaf: dict) -> list[dict]:
        return [leaf, {"rawBytes": b64(self.fulcio.certificate)}, {"rawBytes": b64(self.fulcio.root)}]

    def certificate(self, claims: Claims, key, at: datetime = MADE, *, fault: Fault | None = None) -> bytes:
        """Issue a certificate as Fulcio does: ten minutes, no subject, who it is in the name and the extensions."""
        issuer = Authority("fulcio") if fault is Fault.OTHER_AUTHORITY else self.fulcio
        shown = UNHEARD if fault is Fault.UNHEARD_KIND_OF_KEY else key
        parts = (issuer.name, name(""), (at, at + LIFE), shown)
        number = serial()
        said = _extensions(claims, issuer, key, fault)
        precertificate = tbs(*parts, said, number=number)
        seen = tbs(*parts, said, number=number + 1) if fault is Fault.SCT_FOR_OTHER_CERTIFICATE else precertificate
        log = CtLog() if fault is Fault.SCT_OF_UNKNOWN_LOG else self.ct
        promise = log.promise(seen, issuer, at, by=CtLog() if fault is Fault.SCT_FORGED else None)
        promises = {Fault.NO_SCT: (), Fault.TWO_SCTS: (promise, promise)}.get(fault, (promise,))
        embedded = [log.embed(*promises)] if promises else []
        return signed(tbs(*parts, [*said, *embedded], number=number), issuer.key)

    def _body(self, kind: str, envelope: dict, verifier: bytes, raw: bytes, fault: Fault | None) -> bytes:
        """Return what is logged, in the form of the kind."""
        if fault is Fault.NO_JSON_LOGGED:
            return b"{]"
        if fault is Fault.OTHER_KIND_LOGGED:
            kind = {"dsse": "intoto", "intoto": "dsse", "hashedrekord": "dsse"}[kind]
        payload, payload_type = _bytes(envelope["payload"]), envelope["payloadType"]
        signatures = [_bytes(each["sig"]) for each in envelope["signatures"]] or [b""]
        if fault is Fault.OTHER_PAYLOAD_LOGGED:
            payload += b" "
        if fault is Fault.OTHER_PAYLOAD_TYPE_LOGGED:
            payload_type = "application/json"
        if fault is Fault.OTHER_SIGNATURE_LOGGED:
            signatures = [generate_private_key(SECP256R1()).sign(payload, ECDSA(SHA256()))]
        if fault is Fault.TWO_SIGNATURES_LOGGED:
            signatures = signatures * 2
        if fault is Fault.OTHER_SIGNER_LOGGED:
            other = generate_private_key(SECP256R1()).public_key()
            if raw:
                raw = self.certificate(github("mallory/widgets"), other)
                verifier = x509.load_der_x509_certificate(raw).public_bytes(Encoding.PEM)
            else:
                verifier = other.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        digest = {"algorithm": "sha256", "value": sha256(payload).hexdigest()}
        whole = {"algorithm": "sha256", "value": sha256(json.dumps(envelope).encode()).hexdigest()}
        match kind:
            case "dsse":
                listed = [{"signature": b64(each), "verifier": b64(verifier)} for each in signatures]
                spec = {"envelopeHash": whole, "payloadHash": digest, "signatures": listed}
            case "intoto":
                keyid = envelope["signatures"][0]["keyid"] if envelope["signatures"] else ""
                named = "SHA256:somebody" if fault is Fault.OTHER_KEYID_LOGGED else keyid
                # npm encodes the signature, and the log does so once more.
                each = [{"publicKey": b64(verifier), "sig": b64(b64(one).encode())} for one in signatures]
                listed = [{**one, "keyid": named} if named else one for one in each]
                inner = {"payloadType": payload_type, "signatures": listed}
                if fault is Fault.WHOLE_PAYLOAD_LOGGED:
                    inner["payload"] = b64(payload + b" ")
                spec = {"content": {"envelope": inner, "hash": whole, "payloadHash": digest}}
            case _:
                data = {"algorithm": "SHA2_256", "digest": b64(sha256(pae(payload_type, payload)).digest())}
                shown = {"keyDetails": "PKIX_ECDSA_P256_SHA_256", "x509Certificate": {"rawBytes": b64(raw)}}
                spec = {
                    "hashedRekordV002": {"data": data, "signature": {"content": b64(signatures[0]), "verifier": shown}}
                }
        version = "0.0.9" if fault is Fault.OTHER_VERSION_LOGGED else VERSIONS[kind]
        return rfc8785.dumps({"apiVersion": version, "kind": kind, "spec": spec})

    def _timestamps(self, log: Rekor, signature: str, when: datetime, fault: Fault | None) -> list[dict]:
        if log is self.rekor or fault is Fault.NO_TIMESTAMP:
            return []
        what = b"another" if fault is Fault.TIMESTAMP_OF_OTHER_SIGNATURE else _bytes(signature)
        who = self._tsa()
        if fault is Fault.TIMESTAMP_OF_UNKNOWN_AUTHORITY:
            who = Authority("tsa", purpose=x509.ExtendedKeyUsageOID.TIME_STAMPING, curve=SECP256R1)
        return [{"signedTimestamp": b64(who.timestamp(what, when))}]


def _bytes(text: str) -> bytes:
    from base64 import b64decode

    return b64decode(text)


def _hint(npm: NpmSigner, fault: Fault | None) -> dict:
    if fault is Fault.NO_HINT:
        return {}
    return {"hint": NpmSigner(MADE).id if fault is Fault.HINT_DIFFERS else npm.id}


def _extensions(claims: Claims, issuer: Authority, key, fault: Fault | None) -> list[bytes]:
    """Return the extensions of a certificate in Fulcio's order, without the log's promise."""
    usage = key_usage(digital_signature=fault is not Fault.NOT_FOR_SIGNATURES, content_commitment=True)
    purposes = x509.ExtendedKeyUsageOID
    names = [x509.UniformResourceIdentifier(each) for each in (claims.signer, *claims.others)]
    purpose = purposes.CLIENT_AUTH if fault is Fault.NOT_FOR_SIGNING_CODE else purposes.CODE_SIGNING
    found = [
        *(ca_usage(0) if fault is Fault.AUTHORITY_ITSELF else [standard(usage, critical=True)]),
        *([] if fault is Fault.NO_PURPOSE else [standard(x509.ExtendedKeyUsage([purpose]))]),
        standard(x509.SubjectKeyIdentifier.from_public_key(key)),
        standard(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key())),
        standard(x509.SubjectAlternativeName(names), critical=True),
    ]
    for number, value in sorted(claims.extensions.items()):
        raw = value.encode() if number < 8 else utf8(value)
        if number == 12 and fault is Fault.MALFORMED_EXTENSION:
            raw = der(4, value.encode())
        if number == 12 and fault is Fault.LONG_EXTENSION:
            raw += b"/mallory"
        found += [extension(f"{ARC}{number}", raw)] * (2 if number == 12 and fault is Fault.REPEATED_EXTENSION else 1)
    return found


def _envelope(payload: bytes, key, keyid: str, fault: Fault | None) -> dict:
    payload_type = "application/json" if fault is Fault.OTHER_PAYLOAD_TYPE else PAYLOAD_TYPE
    if fault is Fault.SIGNED_WITH_OTHER_KEY:
        key = generate_private_key(SECP256R1())
    signing = () if isinstance(key, Ed25519PrivateKey) else (ECDSA(SHA256()),)
    sig = "" if fault is Fault.EMPTY_SIGNATURE else b64(key.sign(pae(payload_type, payload), *signing))
    one = {"sig": sig, "keyid": "SHA256:somebody" if fault is Fault.KEYID_BESIDE_CERTIFICATE else keyid}
    signatures = {Fault.TWO_SIGNATURES: [one, one], Fault.NO_SIGNATURE: []}.get(fault, [one])
    return {"payload": b64(payload), "payloadType": payload_type, "signatures": signatures}


def _entry(log: Rekor, kind: str, body: bytes, seconds: int, fault: Fault | None, *, proof: bool) -> dict:
    """Log a body and return the entry."""
    local = log.tree.append(body)
    index = log.shard + local
    stranger = type(log)()
    known = stranger if fault is Fault.UNKNOWN_LOG else log
    version = "0.0.9" if fault is Fault.UNKNOWN_KIND else VERSIONS[kind]
    entry: dict[str, Any] = {
        "logIndex": str(index),
        "logId": {"keyId": b64(known.id)},
        "kindVersion": {"kind": kind, "version": version},
        "canonicalizedBody": b64(body),
    }
    if not isinstance(log, Tiles):
        entry["integratedTime"] = str(seconds)
        promised = seconds + 60 if fault is Fault.PROMISE_OF_OTHER_TIME else seconds
        place = index + 1 if fault is Fault.PROMISE_OF_OTHER_INDEX else index
        by = stranger if fault is Fault.FORGED_PROMISE else None
        if fault is not Fault.NO_PROMISE:
            entry["inclusionPromise"] = {"signedEntryTimestamp": b64(known.promise(body, promised, place, by=by))}
    if proof and fault is not Fault.NO_PROOF:
        entry["inclusionProof"] = _proof(known, log.tree, local, fault)
    return entry


def _proof(log: Rekor, tree: Tree, index: int, fault: Fault | None) -> dict:
    size, root, hashes = len(tree.leaves), tree.root(), tree.proof(index)
    by = type(log)() if fault is Fault.FORGED_CHECKPOINT else None
    signed_root = Tree(7).root() if fault is Fault.CHECKPOINT_OF_OTHER_TREE else root
    note = log.checkpoint(size, signed_root, by=by)
    match fault:
        case Fault.OTHER_HASH_IN_PROOF:
            hashes = [bytes(32), *hashes[1:]]
        case Fault.SHORT_PROOF:
            hashes = hashes[:-1]
        case Fault.LONG_PROOF:
            hashes = [*hashes, bytes(32)]
        case Fault.OTHER_SIZE_IN_PROOF:
            size = 4 * size + 1
        case Fault.OTHER_INDEX_IN_PROOF:
            index ^= 1
        case Fault.INDEX_BEYOND_TREE:
            index += size
        case Fault.OTHER_ROOT_IN_PROOF:
            root = bytes(32)
        case Fault.UNSIGNED_CHECKPOINT:
            note = note.partition("\u2014")[0]
        case _:
            pass
    said = {
        "logIndex": str(index),
        "rootHash": b64(root),
        "treeSize": str(max(size, index + 1) if fault is not Fault.INDEX_BEYOND_TREE else size),
        "hashes": [b64(each) for each in hashes],
    }
    return said if fault is Fault.NO_CHECKPOINT else {**said, "checkpoint": {"envelope": note}}


__all__ = [
    "COMMIT",
    "MADE",
    "PUBLISH",
    "SLSA_V02",
    "SLSA_V1",
    "Claims",
    "Fault",
    "NpmSigner",
    "Package",
    "World",
    "github",
    "gitlab",
    "integrity",
    "packed",
    "purl",
    "stamp",
    "statement",
]
