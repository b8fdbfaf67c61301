"""Who vouches in the fake world: a certificate authority, logs of both generations, a timestamp authority, npm."""

from __future__ import annotations

from base64 import b64decode, b64encode
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from struct import pack

import rfc8785
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, SECP384R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from mint_der import name, sct_list, serial, signed, spki, standard, tbs, timestamp

BEGIN, END = datetime(2021, 1, 1, tzinfo=UTC), datetime(2045, 1, 1, tzinfo=UTC)
"""How long the authorities are in use."""


def b64(data: bytes) -> str:
    """Return bytes as JSON holds them."""
    return b64encode(data).decode()


def stamp(when: datetime) -> str:
    """Return a time as JSON holds it."""
    return when.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def key_usage(**kinds: bool) -> x509.KeyUsage:
    """Return the extension that says what a key may do; whatever is not named it may not."""
    names = (
        *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
        *("key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
    )
    return x509.KeyUsage(**{each: kinds.get(each, False) for each in names})


class Authority:
    """A root and what it issued, all on P-384: Fulcio's intermediate, or the certificate of a timestamp authority."""

    def __init__(self, title: str, *, purpose=x509.ExtendedKeyUsageOID.CODE_SIGNING, curve=SECP384R1):
        root, self.key = generate_private_key(SECP384R1()), generate_private_key(curve())
        self.name = name(f"{title}-intermediate")
        ca = purpose == x509.ExtendedKeyUsageOID.CODE_SIGNING
        top = name(title)
        self.root = self._issue(top, root, top, root.public_key(), ca_usage(None))
        rights = ca_usage(0) if ca else (standard(key_usage(digital_signature=True), critical=True),)
        use = standard(x509.ExtendedKeyUsage([purpose]), critical=not ca)
        self.certificate = self._issue(top, root, self.name, self.key.public_key(), (*rights, use))

    @staticmethod
    def _issue(issuer, key, subject, public_key, extensions) -> bytes:
        ids = (
            standard(x509.SubjectKeyIdentifier.from_public_key(public_key)),
            standard(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())),
        )
        return signed(tbs(issuer, subject, (BEGIN, END), public_key, (*extensions, *ids), number=serial()), key)

    def described(self, title: str) -> dict:
        """Return the authority as a trusted root lists it."""
        chain = [{"rawBytes": b64(self.certificate)}, {"rawBytes": b64(self.root)}]
        return {
            "subject": {"organization": "world.test", "commonName": title},
            "uri": f"https://{title}.world.test",
            "certChain": {"certificates": chain},
            "validFor": {"start": stamp(BEGIN)},
        }

    def timestamp(self, signature: bytes, when: datetime) -> bytes:
        """Say that a signature was there at a time."""
        return timestamp(sha256(signature).digest(), when, self.certificate, self.key)


def ca_usage(length: int | None) -> tuple[bytes, ...]:
    """Return the extensions of a certificate that issues others."""
    return (
        standard(key_usage(key_cert_sign=True, crl_sign=True), critical=True),
        standard(x509.BasicConstraints(ca=True, path_length=length), critical=True),
    )


class CtLog:
    """A log of certificates, which promises to have seen a precertificate (RFC 6962, 3.2)."""

    def __init__(self):
        self.key = generate_private_key(SECP256R1())
        self.id = sha256(spki(self.key.public_key())).digest()

    def promise(self, precertificate: bytes, authority: Authority, when: datetime, *, by: CtLog | None = None) -> bytes:
        """Sign a precertificate; with another log's key, but in this one's name, where one is given."""
        issuer = sha256(spki(authority.key.public_key())).digest()
        moment = int(when.timestamp() * 1000)
        entry = pack("!BBQH32s", 0, 0, moment, 1, issuer) + len(precertificate).to_bytes(3, "big") + precertificate
        signature = (by or self).key.sign(entry + b"\0\0", ECDSA(SHA256()))
        return pack("!B32sQH", 0, self.id, moment, 0) + b"\x04\x03" + pack("!H", len(signature)) + signature

    def embed(self, *promises: bytes) -> bytes:
        """Return the extension with promises."""
        return sct_list(*promises)


class Tree:
    """A Merkle tree (RFC 6962, 2.1) that already has leaves of others."""

    def __init__(self, leaves: int = 5):
        self.leaves = [self.leaf(b"leaf of somebody else %d" % number) for number in range(leaves)]
        self._known: dict[tuple[int, int], bytes] = {}

    @staticmethod
    def leaf(body: bytes) -> bytes:
        """Return the hash of a leaf."""
        return sha256(b"\0" + body).digest()

    def append(self, body: bytes) -> int:
        """Take a leaf, and one of somebody else's after each second one; return its index."""
        index = len(self.leaves)
        self.leaves.append(self.leaf(body))
        if index % 2:
            self.leaves.append(self.leaf(b"leaf of a stranger %d" % index))
        return index

    def root(self, start: int = 0, end: int | None = None) -> bytes:
        """Return the hash over leaves."""
        end = len(self.leaves) if end is None else end
        if end - start == 1:
            return self.leaves[start]
        if (start, end) not in self._known:
            middle = start + self._split(end - start)
            pair = self.root(start, middle) + self.root(middle, end)
            self._known[start, end] = sha256(b"\1" + pair).digest()
        return self._known[start, end]

    def proof(self, index: int, start: int = 0, end: int | None = None) -> list[bytes]:
        """Return the hashes that lead from a leaf to the root, the lowest first."""
        end = len(self.leaves) if end is None else end
        if end - start == 1:
            return []
        middle = start + self._split(end - start)
        if index < middle:
            return [*self.proof(index, start, middle), self.root(middle, end)]
        return [*self.proof(index, middle, end), self.root(start, middle)]

    @staticmethod
    def _split(size: int) -> int:
        return 1 << (size - 1).bit_length() - 1


class Rekor:
    """A transparency log of the first generation: proofs, checkpoints and promises, with a key on P-256."""

    origin = "rekor.world.test"
    shard = 121_000_000
    """Entries of older trees of the log, which its own numbers count."""

    def __init__(self):
        self.key = generate_private_key(SECP256R1())
        self.id = sha256(spki(self.key.public_key())).digest()
        self.tree = Tree()

    def sign(self, data: bytes) -> bytes:
        """Sign with the log's key."""
        return self.key.sign(data, ECDSA(SHA256()))

    def described(self, start: datetime = BEGIN) -> dict:
        """Return the log as a trusted root lists it."""
        return _log(f"https://{self.origin}", self.key, self.id, "PKIX_ECDSA_P256_SHA_256", start)

    def checkpoint(self, size: int, root: bytes, *, by: Rekor | None = None) -> str:
        """Return a signed note over the tree; signed by another log in this one's name, where one is given."""
        note = f"{self._first_line()}\n{size}\n{b64(root)}\n"
        return f"{note}\n\u2014 {self.origin} {b64(self.id[:4] + (by or self).sign(note.encode()))}\n"

    def _first_line(self) -> str:
        return f"{self.origin} - 2605736670972794746"

    def promise(self, body: bytes, seconds: int, index: int, *, by: Rekor | None = None) -> bytes:
        """Return a promise of inclusion (SET)."""
        said = {"body": b64(body), "integratedTime": seconds, "logID": self.id.hex(), "logIndex": index}
        return (by or self).sign(rfc8785.dumps(said))


class Tiles(Rekor):
    """A transparency log of the second generation: an Ed25519 key, no promises, no times."""

    origin = "log2026-1.rekor.world.test"
    shard = 0

    def __init__(self):
        self.key = Ed25519PrivateKey.generate()
        public = self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.id = sha256(self.origin.encode() + b"\n\x01" + public).digest()
        self.tree = Tree()

    def sign(self, data: bytes) -> bytes:
        """Sign with the log's key."""
        return self.key.sign(data)

    def described(self, start: datetime = BEGIN) -> dict:
        """Return the log as a trusted root lists it."""
        return _log(f"https://{self.origin}", self.key, self.id, "PKIX_ED25519", start)

    def _first_line(self) -> str:
        return self.origin


def _log(url: str, key, identity: bytes, details: str, start: datetime) -> dict:
    return {
        "baseUrl": url,
        "hashAlgorithm": "SHA2_256",
        "publicKey": {
            "rawBytes": b64(spki(key.public_key())),
            "keyDetails": details,
            "validFor": {"start": stamp(start)},
        },
        "logId": {"keyId": b64(identity)},
    }


def ct_described(log: CtLog) -> dict:
    """Return a log of certificates as a trusted root lists it."""
    return _log("https://ct.world.test/2022", log.key, log.id, "PKIX_ECDSA_P256_SHA_256", BEGIN)


class NpmSigner:
    """A key of npm's, with the time within which it signs."""

    def __init__(self, start: datetime, end: datetime | None = None):
        self.key = generate_private_key(SECP256R1())
        self.start, self.end = start, end
        blob = self.key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).split(b" ")[1]
        self.id = f"SHA256:{b64(sha256(b64decode(blob)).digest()).rstrip('=')}"

    @property
    def raw(self) -> str:
        """The public key in base64."""
        return b64(spki(self.key.public_key()))

    def sign(self, data: bytes) -> bytes:
        """Sign with the key."""
        return self.key.sign(data, ECDSA(SHA256()))

    def targets(self) -> list[dict]:
        """Return the key as the TUF target lists it, once for each use."""
        span = {"start": stamp(self.start), **({"end": stamp(self.end)} if self.end else {})}
        key = {"rawBytes": self.raw, "keyDetails": "PKIX_ECDSA_P256_SHA_256", "validFor": span}
        return [
            {"keyId": self.id, "keyUsage": usage, "publicKey": key} for usage in ("npm:signatures", "npm:attestations")
        ]

    def listed(self) -> dict:
        """Return the key as the registry's `/-/npm/v1/keys` lists it."""
        kind = "ecdsa-sha2-nistp256"
        expires = stamp(self.end) if self.end else None
        return {"expires": expires, "keyid": self.id, "keytype": kind, "scheme": kind, "key": self.raw}


LATER = timedelta(seconds=2)
"""How much later than the certificate a signature is logged."""
