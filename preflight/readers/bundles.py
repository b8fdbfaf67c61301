"""Sigstore bundles as npm has made them since 2023, which sigstore-python reads in part only.

Private names of sigstore-python are used here and in `verifier`, and nowhere else: see `tests/readers/test_upstream.py`
for which, and for a notice when one is no longer needed.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from cryptography.x509 import load_der_x509_certificate
from sigstore._internal.merkle import verify_merkle_inclusion
from sigstore._internal.rekor.checkpoint import verify_checkpoint
from sigstore._utils import cert_is_leaf
from sigstore.errors import VerificationError
from sigstore.models import Bundle, InvalidBundle, TransparencyLogEntry
from sigstore_models.bundle.v1 import Bundle as Message

from preflight.readers.documents import items

if TYPE_CHECKING:
    from cryptography.x509 import Certificate
    from sigstore._internal.trust import RekorKeyring
    from sigstore_models.bundle.v1 import VerificationMaterial
    from sigstore_models.intoto import Envelope
    from sigstore_models.rekor.v1 import TransparencyLogEntry as LogEntry

    from preflight.readers.documents import Json

V0_1 = "application/vnd.dev.sigstore.bundle+json;version=0.1"
MEDIA_TYPES = frozenset(
    {
        V0_1,
        "application/vnd.dev.sigstore.bundle+json;version=0.2",
        "application/vnd.dev.sigstore.bundle+json;version=0.3",
        "application/vnd.dev.sigstore.bundle.v0.3+json",
    }
)
KINDS = frozenset({("intoto", "0.0.2"), ("dsse", "0.0.1"), ("hashedrekord", "0.0.2")})
"""The kinds of log entries that can be checked."""
KEYED_KINDS = KINDS - {("hashedrekord", "0.0.2")}
"""The same for what a key signs: an entry of that kind has no promise, hence no time that the key could be held to."""


class UnfitCertificateError(VerificationError):
    """A certificate is not one that signs."""


class NpmEntry(TransparencyLogEntry):
    """A log entry that is checked by its proof, by its promise, or by both, whichever it has."""

    def _validate(self) -> None:
        if self._inner.inclusion_promise is None and not self.proven:
            raise InvalidBundle("the log entry has neither a proof nor a promise of inclusion")

    @property
    def proven(self) -> bool:
        """Whether there is a proof of inclusion with the checkpoint that makes it worth something."""
        return self._inner.inclusion_proof.checkpoint is not None

    def _verify(self, keyring: RekorKeyring) -> None:
        if self.proven:
            verify_merkle_inclusion(self)
            verify_checkpoint(keyring, self)
        if self._inner.inclusion_promise is not None and self._inner.integrated_time:
            self._verify_set(keyring)

    def promise(self, keyring: RekorKeyring) -> None:
        """Check the promise of inclusion. Raises VerificationError."""
        self._verify_set(keyring)

    @property
    def message(self) -> LogEntry:
        """The entry as the bundle has it."""
        return self._inner


class NpmBundle(Bundle):
    """A bundle signed with a certificate, or with a key of npm's."""

    def __init__(self, document: Json) -> None:
        """Read a bundle. Raises InvalidBundle and ValueError."""
        super().__init__(Message.from_json(json.dumps(_with_proof(document))))

    def _verify(self) -> None:
        material = self._inner.verification_material
        if len(material.tlog_entries) != 1:
            raise InvalidBundle("it has not exactly one log entry")
        self._entry = entry = NpmEntry(material.tlog_entries[0])
        self._log_entry = entry
        if self._inner.media_type == V0_1:
            if entry.message.inclusion_promise is None or not entry.message.integrated_time:
                raise InvalidBundle("it has no promise of inclusion, which its form asks for")
        elif not entry.proven:
            raise InvalidBundle("it has no proof of inclusion, which its form asks for")
        if material.public_key is None:
            self._signing_certificate = _leaf(material)

    @property
    def entry(self) -> NpmEntry:
        """The one log entry."""
        return self._entry

    @property
    def hint(self) -> str | None:
        """The id of the key that signs, for a bundle without a certificate."""
        key = self._inner.verification_material.public_key
        return None if key is None else key.hint or ""

    @property
    def modern(self) -> bool:
        """Whether sigstore-python checks such a bundle by itself."""
        kind = self.entry.message.kind_version
        return (kind.kind, kind.version) in KINDS - {("intoto", "0.0.2")} and self.entry.proven

    @property
    def envelope(self) -> Envelope:
        """The signed envelope. Raises InvalidBundle where there is none, or not one signature."""
        found = self._inner.dsse_envelope
        if found is None:
            raise InvalidBundle("it has no envelope")
        if len(found.signatures) != 1 or not found.signatures[0].sig:
            raise InvalidBundle("it has not exactly one signature")
        return found


NO_PROOF: Json = {"logIndex": "0", "treeSize": "1", "rootHash": "", "hashes": []}
"""What stands for a proof of inclusion that is not there: without a checkpoint nobody asks what it proves."""


def _with_proof(document: Json) -> Json:
    """Return a bundle whose log entries all have a proof; those of 2023 may have a promise alone."""
    if not isinstance(document, dict) or not isinstance(material := document.get("verificationMaterial"), dict):
        return document
    entries = [
        {**each, "inclusionProof": NO_PROOF} if isinstance(each, dict) and each.get("inclusionProof") is None else each
        for each in items(material, "tlogEntries")
    ]
    return {**document, "verificationMaterial": {**material, "tlogEntries": entries}}


def _leaf(material: VerificationMaterial) -> Certificate:
    if material.certificate is not None:
        return load_der_x509_certificate(material.certificate.raw_bytes)
    chain = material.x509_certificate_chain
    if chain is None or not chain.certificates:
        raise InvalidBundle("it has no certificate")
    # The others of a chain say nothing: who issued the first is looked up in the trusted root.
    leaf = load_der_x509_certificate(chain.certificates[0].raw_bytes)
    try:
        fit = cert_is_leaf(leaf)
    except VerificationError as error:
        raise UnfitCertificateError(str(error)) from error
    if not fit:
        raise UnfitCertificateError("its first certificate is not one that signs")
    return leaf
