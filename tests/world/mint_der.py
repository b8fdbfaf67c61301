"""DER as certificates and timestamps are made of it, including what no honest library would write."""

from __future__ import annotations

from itertools import count
from struct import pack
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.hashes import SHA256, SHA384
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

if TYPE_CHECKING:
    from datetime import datetime

BOOLEAN, INTEGER, BITS, OCTETS, OID, UTF8, SEQUENCE, SET = 1, 2, 3, 4, 6, 12, 0x30, 0x31
UTC_TIME, GENERALIZED_TIME = 0x17, 0x18
ECDSA_SHA256, ECDSA_SHA384 = "1.2.840.10045.4.3.2", "1.2.840.10045.4.3.3"
SHA256_OID = "2.16.840.1.101.3.4.2.1"
SCT_LIST = "1.3.6.1.4.1.11129.2.4.2"
_SERIALS = count(0x7BEE_0000_0000_0001)


def der(tag: int, *parts: bytes) -> bytes:
    """Encode a value: tag, length, and the parts one after the other."""
    body = b"".join(parts)
    size = len(body)
    if size < 0x80:
        return bytes((tag, size)) + body
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + body


def integer(number: int) -> bytes:
    """Encode a number that is not negative."""
    return der(INTEGER, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def oid(dotted: str) -> bytes:
    """Encode an object identifier."""
    first, second, *rest = map(int, dotted.split("."))
    body = bytearray()
    for number in (first * 40 + second, *rest):
        digits = [number & 0x7F]
        while number := number >> 7:
            digits.insert(0, 0x80 | (number & 0x7F))
        body += bytes(digits)
    return der(OID, bytes(body))


def utf8(text: str) -> bytes:
    """Encode a string as Fulcio's newer extensions hold it."""
    return der(UTF8, text.encode())


def extension(dotted: str, value: bytes, *, critical: bool = False) -> bytes:
    """Encode an extension of a certificate."""
    return der(SEQUENCE, oid(dotted), der(BOOLEAN, b"\xff") if critical else b"", der(OCTETS, value))


def standard(value: x509.ExtensionType, *, critical: bool = False) -> bytes:
    """Encode an extension that X.509 itself knows."""
    return extension(value.oid.dotted_string, value.public_bytes(), critical=critical)


def name(common: str) -> bytes:
    """Encode a distinguished name; none at all for an empty one."""
    if not common:
        return der(SEQUENCE)
    said = ((x509.NameOID.ORGANIZATION_NAME, "world.test"), (x509.NameOID.COMMON_NAME, common))
    return x509.Name([x509.NameAttribute(*each) for each in said]).public_bytes()


def spki(public_key) -> bytes:
    """Encode a public key; bytes are encoded already."""
    if isinstance(public_key, bytes):
        return public_key
    return public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def serial() -> int:
    """Return a number that no certificate of this process has."""
    return next(_SERIALS)


def tbs(issuer: bytes, subject: bytes, span: tuple[datetime, datetime], key, extensions, *, number: int) -> bytes:
    """Encode what a certificate is made of, without the signature."""
    times = (der(UTC_TIME, each.strftime("%y%m%d%H%M%SZ").encode()) for each in span)
    return der(
        SEQUENCE,
        der(0xA0, integer(2)),
        integer(number),
        der(SEQUENCE, oid(ECDSA_SHA384)),
        issuer,
        der(SEQUENCE, *times),
        subject,
        spki(key),
        der(0xA3, der(SEQUENCE, *extensions)),
    )


def signed(body: bytes, key: EllipticCurvePrivateKey) -> bytes:
    """Sign what a certificate is made of, as a key on P-384 does."""
    signature = key.sign(body, ECDSA(SHA384()))
    return der(SEQUENCE, body, der(SEQUENCE, oid(ECDSA_SHA384)), der(BITS, b"\0", signature))


def sct_list(*timestamps: bytes) -> bytes:
    """Encode the extension that embeds signed certificate timestamps (RFC 6962, 3.3)."""
    items = b"".join(pack("!H", len(each)) + each for each in timestamps)
    return extension(SCT_LIST, der(OCTETS, pack("!H", len(items)) + items))


def timestamp(imprint: bytes, when: datetime, certificate: bytes, key: EllipticCurvePrivateKey) -> bytes:
    """Encode a timestamp response (RFC 3161) over a SHA-256, signed with the certificate's key on P-256."""
    from hashlib import sha256

    data, tst_info = "1.2.840.113549.1.7.2", "1.2.840.113549.1.9.16.1.4"
    algorithm = der(SEQUENCE, oid(SHA256_OID), b"\x05\x00")
    info = der(
        SEQUENCE,
        integer(1),
        oid("1.3.6.1.4.1.57264.2"),
        der(SEQUENCE, algorithm, der(OCTETS, imprint)),
        integer(serial()),
        der(GENERALIZED_TIME, when.strftime("%Y%m%d%H%M%SZ").encode()),
    )
    loaded = x509.load_der_x509_certificate(certificate)
    attributes = sorted(
        (
            der(SEQUENCE, oid("1.2.840.113549.1.9.3"), der(SET, oid(tst_info))),
            der(SEQUENCE, oid("1.2.840.113549.1.9.4"), der(SET, der(OCTETS, sha256(info).digest()))),
        ),
    )
    signer = der(
        SEQUENCE,
        integer(1),
        der(SEQUENCE, loaded.issuer.public_bytes(), integer(loaded.serial_number)),
        algorithm,
        der(0xA0, *attributes),
        der(SEQUENCE, oid(ECDSA_SHA256)),
        der(OCTETS, key.sign(der(SET, *attributes), ECDSA(SHA256()))),
    )
    content = der(SEQUENCE, oid(tst_info), der(0xA0, der(OCTETS, info)))
    token = der(SEQUENCE, integer(3), der(SET, algorithm), content, der(0xA0, certificate), der(SET, signer))
    return der(SEQUENCE, der(SEQUENCE, integer(0)), der(SEQUENCE, oid(data), der(0xA0, token)))
