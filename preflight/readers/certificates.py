"""Who a certificate of Fulcio says signed: its extensions as facts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.release import Identity
from preflight.readers.documents import MalformedError

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

ARC = "1.3.6.1.4.1.57264.1."
"""Fulcio's extensions: github.com/sigstore/fulcio/blob/main/docs/oid-info.md."""
_UTF8_STRING, _LONG = 0x0C, 0x80
_GITHUB = "https://github.com/"


def identity(certificate: Certificate) -> Identity:
    """Return what a certificate says; what an old one lacks is None. Raises MalformedError and ValueError.

    Certificates of early 2023 have the old extensions alone (1 to 6), which GitHub Actions filled.
    """
    from cryptography.x509 import ExtensionNotFound, SubjectAlternativeName, UniformResourceIdentifier

    found: dict[int, str] = {}
    for extension in certificate.extensions:
        name = extension.oid.dotted_string
        number = name.removeprefix(ARC)
        if name.startswith(ARC) and number.isdigit():
            value = extension.value.public_bytes()
            found[int(number)] = value.decode() if int(number) < 7 else _utf8_string(value)
    try:
        names = certificate.extensions.get_extension_for_class(SubjectAlternativeName).value
        signers = names.get_values_for_type(UniformResourceIdentifier)
    except ExtensionNotFound:
        signers = []
    old = found.get(5)
    return Identity(
        issuer=found.get(8, found.get(1)),
        signer=signers[0] if len(signers) == 1 else None,
        runner_environment=found.get(11),
        source_repository=found.get(12, f"{_GITHUB}{old}" if old else None),
        source_commit=found.get(13, found.get(3)),
        source_ref=found.get(14, found.get(6)),
        repository_id=found.get(15),
        owner_id=found.get(17),
        workflow=found.get(18),
        workflow_commit=found.get(19),
        trigger=found.get(20, found.get(2)),
        run=found.get(21),
        visibility=found.get(22),
    )


def _utf8_string(data: bytes) -> str:
    """Read a DER UTF8String (X.690, 8.23 and 10.1)."""
    if len(data) < 2 or data[0] != _UTF8_STRING:
        raise MalformedError("an extension of the certificate is no UTF8String")
    length, start = data[1], 2
    if length >= _LONG:
        size = length - _LONG
        length, start = int.from_bytes(data[2 : 2 + size], "big"), 2 + size
        if not 1 <= size <= 2 or length < _LONG:
            raise MalformedError("an extension of the certificate has an odd length")
    if len(data) != start + length:
        raise MalformedError("an extension of the certificate has another length than it says")
    return data[start:].decode()
