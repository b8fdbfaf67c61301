"""npm's public keys: which key signs what, and when."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from preflight import data
from preflight.readers.documents import MalformedError, items, load, text
from preflight.records import KW_ONLY, dataclass

if TYPE_CHECKING:
    from datetime import datetime

    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

    from preflight.readers.documents import Json

TABLE = "npm-keys.json"
DETAILS = "PKIX_ECDSA_P256_SHA_256"
SCHEME = "ecdsa-sha2-nistp256"


class Usage(StrEnum):
    """What a key signs."""

    SIGNATURES = "npm:signatures"
    ATTESTATIONS = "npm:attestations"


@dataclass(frozen=True, slots=True)
class NpmKey:
    """A key with the time within which it signs; `end` is None for one in use."""

    id: str
    """`SHA256:` and the OpenSSH fingerprint."""
    usage: Usage
    _: KW_ONLY
    key: EllipticCurvePublicKey
    start: datetime | None
    end: datetime | None


def embedded() -> tuple[NpmKey, ...]:
    """Return the keys that came with preflight."""
    return read(data.text(TABLE).encode())


def read(document: bytes) -> tuple[NpmKey, ...]:
    """Read a document of keys, in the form of the TUF target or in that of the registry's `/-/npm/v1/keys`.

    A key of another kind than ECDSA on P-256 is left out, because npm signs with no other. Raises MalformedError,
    also for a key that is not the one that its id names.
    """
    found = load(document)
    listed = items(found, "keys")
    if not listed:
        raise MalformedError("it holds no keys")
    return tuple(key for each in listed for key in _keys(each))


def _keys(node: Json) -> tuple[NpmKey, ...]:
    tuf = text(node, "keyId")
    if tuf is not None:
        usage, raw = text(node, "keyUsage"), text(node, "publicKey", "rawBytes")
        if text(node, "publicKey", "keyDetails") != DETAILS or usage not in set(Usage) or raw is None:
            return ()
        span = (text(node, "publicKey", "validFor", "start"), text(node, "publicKey", "validFor", "end"))
        return (_key(tuf, Usage(usage), raw, span),)
    listed, raw = text(node, "keyid"), text(node, "key")
    if listed is None or raw is None or text(node, "scheme") != SCHEME:
        return ()
    # The registry's own list does not say what a key is for, nor since when.
    span = (None, text(node, "expires"))
    return tuple(_key(listed, usage, raw, span) for usage in Usage)


def _key(name: str, usage: Usage, raw: str, span: tuple[str | None, str | None]) -> NpmKey:
    from base64 import b64decode

    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    try:
        key = load_der_public_key(b64decode(raw, validate=True))
    except (ValueError, UnsupportedAlgorithm):
        raise MalformedError(f"key `{name[:60]}` cannot be read") from None
    if not isinstance(key, EllipticCurvePublicKey) or not isinstance(key.curve, SECP256R1):
        raise MalformedError(f"key `{name[:60]}` is no ECDSA key on P-256")
    if name != fingerprint(key):
        raise MalformedError(f"key `{name[:60]}` is another one than its id says")
    return NpmKey(name, usage, key=key, start=moment(span[0]), end=moment(span[1]))


def fingerprint(key: EllipticCurvePublicKey) -> str:
    """Return the id of a key: the SHA-256 of its OpenSSH form, in base64 without padding."""
    from base64 import b64decode, b64encode
    from hashlib import sha256

    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    _, blob, *_ = key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).split(b" ")
    return f"SHA256:{b64encode(sha256(b64decode(blob)).digest()).decode().rstrip('=')}"


def moment(said: str | None) -> datetime | None:
    """Read a time as npm writes it, `2025-01-29T00:00:00.000Z`; None for none. Raises MalformedError."""
    from datetime import UTC, datetime

    if said is None:
        return None
    try:
        found = datetime.fromisoformat(said)
    except ValueError:
        raise MalformedError(f"`{said[:40]}` is no time") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
