"""Whether npm's attestations hold, down to the transparency log; the algorithm is sigstore's client specification.

What sigstore-python can do it does. It refuses what npm up to 10.9 makes (log entries of kind `intoto`) and whatever
npm's own key signs; for those the same steps are taken one by one, with its own parts.
"""

from __future__ import annotations

import logging
from base64 import b64decode
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, TypeVar

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key
from cryptography.x509 import (
    DuplicateExtension,
    ExtendedKeyUsage,
    ExtensionNotFound,
    InvalidVersion,
    KeyUsage,
    UnsupportedGeneralNameType,
    load_pem_x509_certificate,
)
from cryptography.x509.oid import ExtendedKeyUsageOID
from sigstore._internal.merkle import verify_merkle_inclusion
from sigstore._internal.rekor.checkpoint import verify_checkpoint
from sigstore._internal.sct import verify_sct
from sigstore._internal.timestamp import TimestampSource, TimestampVerificationResult
from sigstore._internal.trust import KeyringPurpose
from sigstore.dsse import _pae
from sigstore.errors import Error, VerificationError
from sigstore.models import TrustedRoot
from sigstore.verify import Verifier
from sigstore_models.trustroot.v1 import TrustedRoot as RootMessage

from preflight.facts.release import Attestation, Code, Kind, Sound, Unchecked, Unsound
from preflight.readers.bundles import KEYED_KINDS, KINDS, MEDIA_TYPES, NpmBundle, UnfitCertificateError
from preflight.readers.certificates import identity
from preflight.readers.documents import MalformedError, at, items, load, mapping, text
from preflight.readers.npm_keys import Usage
from preflight.readers.statements import kind, statement

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from cryptography.x509 import Certificate
    from sigstore.models import Bundle

    from preflight.facts.release import Identity, Outcome, Statement
    from preflight.readers.documents import Json
    from preflight.readers.npm_keys import NpmKey

T = TypeVar("T")

SIGSTORE = "https://tuf-repo-cdn.sigstore.dev"
"""Where Sigstore's public instance hands out whom to trust, through TUF."""
HOMES = {
    "https://token.actions.githubusercontent.com": "https://github.com",
    "https://gitlab.com": "https://gitlab.com",
}
"""Where the repositories lie that an issuer speaks of."""
ISSUERS = frozenset(HOMES)
"""Whose id tokens npm's registry takes for provenance."""
PAYLOAD = "application/vnd.in-toto+json"
MOST = 64
"""Attestations of one version; npm's have two."""
_ODD = (
    MalformedError,
    ValueError,
    OverflowError,
    OSError,
    DuplicateExtension,
    ExtensionNotFound,
    InvalidVersion,
    UnsupportedAlgorithm,
    UnsupportedGeneralNameType,
)
"""What the parsers of certificates, bundles and JSON raise for hostile input, besides sigstore's own errors."""

# Its warnings about bundles would end up on the user's screen.
logging.getLogger("sigstore").addHandler(logging.NullHandler())


class RefusedError(Exception):
    """An attestation does not hold; `code` says which step found it."""

    def __init__(self, code: Code, why: str) -> None:
        super().__init__(why)
        self.code = code


class Anyone:
    """A policy that accepts every certificate: who signed is a fact that rules judge."""

    def verify(self, cert: Certificate) -> None:
        """Accept."""


class NpmVerifier(Verifier):
    """sigstore-python's verifier, which also takes the time of log entries of kind `intoto`."""

    def __init__(self, root: TrustedRoot) -> None:
        """Take the keys of a trusted root once."""
        super().__init__(trusted_root=root)
        self._rekor_keys = root.rekor_keyring(KeyringPurpose.VERIFY)
        self._ct_keys = root.ct_keyring(KeyringPurpose.VERIFY)
        self._logs = {log.log_id.key_id: log.public_key.valid_for for log in root._inner.tlogs}  # noqa: SLF001

    def _establish_time(self, bundle: Bundle) -> list[TimestampVerificationResult]:
        entry = bundle.log_entry._inner  # noqa: SLF001
        times: list[TimestampVerificationResult] = []
        if bundle.verification_material.timestamp_verification_data:
            times += self._verify_timestamp_authority(bundle)
            if not times:
                raise VerificationError("a signed timestamp does not hold")
        if entry.inclusion_promise is not None and entry.integrated_time:
            moment = datetime.fromtimestamp(entry.integrated_time, tz=UTC)
            times.append(TimestampVerificationResult(source=TimestampSource.TRANSPARENCY_SERVICE, time=moment))
        return times

    def keyless(self, bundle: NpmBundle) -> None:
        """Check a bundle that a certificate signs. Raises RefusedError."""
        if bundle.envelope.signatures[0].keyid:
            raise RefusedError(Code.MALFORMED, "it names a key and a certificate")
        self._logged(bundle)
        # sigstore-python takes every key for one of these, and stumbles over any other.
        key = _asked(Code.BAD_CERTIFICATE, bundle.signing_certificate.public_key)
        if not isinstance(key, EllipticCurvePublicKey):
            raise RefusedError(Code.BAD_CERTIFICATE, "its key is no ECDSA key")
        if bundle.modern:
            try:
                self.verify_dsse(bundle, Anyone())
            except (Error, *_ODD) as error:
                # Which step it was, its words do not tell reliably.
                self._step_by_step(bundle, key)
                raise RefusedError(Code.BODY_DIFFERS, f"sigstore says: {_words(error)}") from error
            # It takes any version of a known kind, and a key that stands in the body twice.
            _asked(Code.BODY_DIFFERS, partial(_body, bundle))
        else:
            self._step_by_step(bundle, key)
            _asked(Code.BODY_DIFFERS, partial(_same_body, bundle, _certificate_is(bundle.signing_certificate)))

    def keyed(self, bundle: NpmBundle, keys: Iterable[NpmKey]) -> None:
        """Check a bundle that a key of npm's signs. Raises RefusedError."""
        hint, envelope, entry = bundle.hint, bundle.envelope, bundle.entry.message
        if not hint or envelope.signatures[0].keyid != hint:
            raise RefusedError(Code.MALFORMED, "it does not name one key")
        mine = [key for key in keys if key.id == hint and key.usage is Usage.ATTESTATIONS]
        if not mine:
            raise RefusedError(Code.UNKNOWN_KEY, f"npm's keys hold no `{hint[:60]}`; perhaps they are outdated")
        self._logged(bundle)
        if entry.inclusion_promise is None or not entry.integrated_time:
            raise RefusedError(Code.NO_TIME, "nothing signed says when it was made")
        moment = datetime.fromtimestamp(entry.integrated_time, tz=UTC)
        valid = [key for key in mine if (not key.start or key.start <= moment) and (not key.end or moment < key.end)]
        if not valid:
            raise RefusedError(Code.EXPIRED_KEY, f"`{hint}` was not in use when it was signed")
        key = valid[0].key
        self._prove(bundle)
        _signed(key, bundle)
        _asked(Code.BODY_DIFFERS, partial(_same_body, bundle, _key_is(key)))

    def entered(self, bundle: NpmBundle) -> tuple[int, int | None]:
        """Return when and where a bundle that holds was logged, as far as somebody signed that.

        Without a promise the entry's own time and index are anybody's, and a timestamp tells the time.
        """
        entry = bundle.entry.message
        if entry.inclusion_promise is not None and entry.integrated_time:
            return entry.integrated_time, entry.log_index
        return min(int(each.time.timestamp()) for each in self._establish_time(bundle)), None

    # -- the steps ------------------------------------------------------------------------------

    def _logged(self, bundle: NpmBundle) -> None:
        entry = bundle.entry.message
        if entry.log_id.key_id not in self._logs:
            raise RefusedError(Code.UNKNOWN_LOG, "the trust data knows no such log; perhaps they are outdated")
        span = self._logs[entry.log_id.key_id]
        if not entry.integrated_time or span is None:
            return
        moment = datetime.fromtimestamp(entry.integrated_time, tz=UTC)
        if moment < span.start or (span.end and moment > span.end):
            raise RefusedError(Code.UNKNOWN_LOG, "its log was not in use when it was made")

    def _step_by_step(self, bundle: NpmBundle, key: EllipticCurvePublicKey) -> None:
        certificate = bundle.signing_certificate
        _asked(Code.MALFORMED, lambda: certificate.extensions)
        times = _asked(Code.BAD_TIMESTAMP, partial(self._establish_time, bundle))
        if not times:
            raise RefusedError(Code.NO_TIME, "nothing signed says when it was made")
        for each in times:
            if not certificate.not_valid_before_utc <= each.time <= certificate.not_valid_after_utc:
                raise RefusedError(Code.OUTSIDE_VALIDITY, "the certificate was not valid when it was signed")
        chain: list[Certificate] = []
        for each in times:
            chain = _asked(Code.UNTRUSTED_CHAIN, partial(self._verify_chain_at_time, certificate, each))
        _asked(Code.BAD_SCT, partial(verify_sct, certificate, chain, self._ct_keys))
        _asked(Code.BAD_CERTIFICATE, partial(_usable, certificate))
        self._prove(bundle)
        _signed(key, bundle)

    def _prove(self, bundle: NpmBundle) -> None:
        entry = bundle.entry
        if entry.proven:
            _asked(Code.BAD_INCLUSION, partial(verify_merkle_inclusion, entry))
            _asked(Code.BAD_CHECKPOINT, partial(verify_checkpoint, self._rekor_keys, entry))
        if entry.message.inclusion_promise is not None and entry.message.integrated_time:
            _asked(Code.BAD_PROMISE, partial(entry.promise, self._rekor_keys))


def root_of(document: bytes) -> NpmVerifier:
    """Return a verifier that trusts what a trusted root names. Raises MalformedError."""
    load(document)
    try:
        return NpmVerifier(TrustedRoot(RootMessage.from_json(document)))
    except MalformedError:
        raise
    # Its keys and certificates are read here, by parsers that raise whatever they like.
    except Exception as error:
        raise MalformedError("it is no trusted root of a Sigstore instance") from error


def embedded(name: str) -> bytes:
    """Return a file that sigstore-python brings along: `trusted_root.json`, or TUF's `root.json`."""
    from importlib.resources import files
    from urllib.parse import quote

    return files("sigstore._store").joinpath(quote(SIGSTORE, safe=""), name).read_bytes()


def attestations(
    raw: bytes, verifier: NpmVerifier, keys: tuple[NpmKey, ...], issuers: frozenset[str] = ISSUERS
) -> tuple[Attestation, ...]:
    """Check every attestation of a document, as the registry serves it, or one bundle that stands alone.

    Raises MalformedError for what is no such document; whatever is wrong with one attestation is its outcome.
    """
    document = load(raw)
    listed: list[tuple[str | None, Json]] = [(text(each, "predicateType"), at(each, "bundle"))
                                             for each in items(document, "attestations")]  # fmt: skip
    if not isinstance(at(document, "attestations"), list):
        if at(document, "mediaType") is None:
            raise MalformedError("it holds no attestations")
        listed = [(None, document)]
    if len(listed) > MOST:
        raise MalformedError(f"it holds more than {MOST} attestations")
    found = [_attestation(said, bundle, verifier, keys, issuers) for said, bundle in listed]
    return tuple(_alone(each, found) for each in found)


def _attestation(
    said: str | None, document: Json, verifier: NpmVerifier, keys: tuple[NpmKey, ...], issuers: frozenset[str]
) -> Attestation:
    outcome = _outcome(said, document, verifier, keys, issuers)
    name = said or (outcome.statement.predicate_type if isinstance(outcome, Sound) else "")
    return Attestation(kind(name), name, outcome)


def _outcome(
    said: str | None, document: Json, verifier: NpmVerifier, keys: tuple[NpmKey, ...], issuers: frozenset[str]
) -> Outcome:
    media_type = text(document, "mediaType")
    if media_type not in MEDIA_TYPES:
        return Unchecked(Code.UNKNOWN_FORMAT, f"its form is `{(media_type or '')[:80]}`")
    try:
        bundle = NpmBundle(document)
        version = bundle.entry.message.kind_version
        if (version.kind, version.version) not in (KINDS if bundle.hint is None else KEYED_KINDS):
            return Unchecked(Code.UNKNOWN_FORMAT, f"its log entry is of the kind `{version.kind[:40]}`")
        return _checked(said, bundle, verifier, keys, issuers)
    except RefusedError as error:
        return Unsound(error.code, str(error))
    except UnfitCertificateError as error:
        return Unsound(Code.BAD_CERTIFICATE, _words(error))
    except (Error, *_ODD) as error:
        return Unsound(Code.MALFORMED, _words(error))
    # Whatever else comes out of a parser is a bug, and must pass for neither a proof nor a forgery.
    except Exception as error:  # noqa: BLE001
        return Unchecked(Code.INTERNAL, f"a bug in preflight: {type(error).__name__}")


def _checked(
    said: str | None, bundle: NpmBundle, verifier: NpmVerifier, keys: tuple[NpmKey, ...], issuers: frozenset[str]
) -> Outcome:
    keyed = bundle.hint is not None
    if keyed:
        verifier.keyed(bundle, keys)
    else:
        verifier.keyless(bundle)
    envelope = bundle.envelope
    if envelope.payload_type != PAYLOAD:
        raise RefusedError(Code.BAD_PAYLOAD_TYPE, f"what is signed is `{envelope.payload_type[:60]}`")
    told = statement(envelope.payload)
    if said is not None and said != told.predicate_type:
        raise RefusedError(Code.MALFORMED, "it is listed as another kind than what is signed")
    signer = None if keyed else _signer(bundle, told, issuers)
    if keyed and kind(told.predicate_type) is Kind.PROVENANCE:
        raise RefusedError(Code.WRONG_SIGNER, "npm's key signs no provenance")
    return Sound(told, signer, *verifier.entered(bundle))


def _signer(bundle: NpmBundle, told: Statement, issuers: frozenset[str]) -> Identity:
    if kind(told.predicate_type) is Kind.PUBLISH:
        raise RefusedError(Code.WRONG_SIGNER, "only npm's own key signs what npm says about a publish")
    found = identity(bundle.signing_certificate)
    if found.issuer not in issuers:
        raise RefusedError(Code.BAD_ISSUER, f"the certificate was issued for `{(found.issuer or '')[:80]}`")
    home, source = HOMES.get(found.issuer or ""), found.source_repository
    if home and source is not None and source.split("/")[:3] != home.split("/"):
        said = f"the certificate was issued for `{found.issuer}`, which knows nothing of `{source[:80]}`"
        raise RefusedError(Code.BAD_ISSUER, said)
    return found


def _alone(each: Attestation, found: list[Attestation]) -> Attestation:
    if each.kind is None or sum(other.kind is each.kind for other in found) == 1:
        return each
    return Attestation(each.kind, each.predicate_type, Unsound(Code.SEVERAL, "there are several of this kind"))


def _asked(code: Code, ask: Callable[[], T]) -> T:
    try:
        return ask()
    except (Error, *_ODD) as error:
        raise RefusedError(code, _words(error)) from error


def _words(error: Exception) -> str:
    return " ".join(str(error).split())[:200].rstrip() or type(error).__name__


def _usable(certificate: Certificate) -> None:
    usage = certificate.extensions.get_extension_for_class(KeyUsage).value
    purposes = certificate.extensions.get_extension_for_class(ExtendedKeyUsage).value
    if not usage.digital_signature or ExtendedKeyUsageOID.CODE_SIGNING not in purposes:
        raise RefusedError(Code.BAD_CERTIFICATE, "the certificate is not for signing code")


def _signed(key: EllipticCurvePublicKey, bundle: NpmBundle) -> None:
    envelope = bundle.envelope
    try:
        key.verify(envelope.signatures[0].sig, _pae(envelope.payload_type, envelope.payload), ECDSA(SHA256()))
    except InvalidSignature:
        raise RefusedError(Code.BAD_SIGNATURE, "the signature does not fit the payload") from None


# -- what the log says ----------------------------------------------------------------------------


def _same_body(bundle: NpmBundle, is_signer: Callable[[bytes], bool]) -> None:
    """Compare the body of the log entry with the bundle, field by field (CVE-2022-36056). Raises RefusedError.

    The hashes of the whole envelope are not compared: its JSON has no canonical form, and they reproduce for none.
    """
    envelope, body = bundle.envelope, _body(bundle)
    version = (text(body, "kind"), text(body, "apiVersion"))
    spec = mapping(body, "spec")
    if version == ("intoto", "0.0.2"):
        content = mapping(spec, "content")
        logged = mapping(content, "envelope")
        signatures = items(logged, "signatures")
        payload_hash = mapping(content, "payloadHash")
        if text(logged, "payloadType") != envelope.payload_type or "payload" in logged:
            raise RefusedError(Code.BODY_DIFFERS, "the log has another type of payload")
        names = ("sig", "publicKey")
        twice = True
    elif version == ("dsse", "0.0.1"):
        signatures, payload_hash = items(spec, "signatures"), mapping(spec, "payloadHash")
        names, twice = ("signature", "verifier"), False
    else:
        raise RefusedError(Code.BODY_DIFFERS, "a log entry of this kind holds no such envelope")
    if len(signatures) != 1:
        raise RefusedError(Code.BODY_DIFFERS, "the log has not exactly one signature")
    signature = _bytes(text(signatures[0], names[0]))
    if (_bytes(signature.decode("ascii")) if twice else signature) != envelope.signatures[0].sig:
        raise RefusedError(Code.BODY_DIFFERS, "the log has another signature")
    if text(signatures[0], "keyid") not in {None, envelope.signatures[0].keyid or None}:
        raise RefusedError(Code.BODY_DIFFERS, "the log names another key")
    if not is_signer(_bytes(text(signatures[0], names[1]))):
        raise RefusedError(Code.BODY_DIFFERS, "the log has another signer")
    said = (text(payload_hash, "algorithm"), text(payload_hash, "value"))
    if said != ("sha256", sha256(envelope.payload).hexdigest()):
        raise RefusedError(Code.BODY_DIFFERS, "the log has another payload")


def _body(bundle: NpmBundle) -> Json:
    """Return the body of the log entry, which says of what kind it is. Raises RefusedError and MalformedError."""
    entry = bundle.entry.message
    body = load(entry.canonicalized_body)
    if (text(body, "kind"), text(body, "apiVersion")) != (entry.kind_version.kind, entry.kind_version.version):
        raise RefusedError(Code.BODY_DIFFERS, "the log says that the entry is of another kind")
    return body


def _bytes(said: str | None) -> bytes:
    return b64decode(said or "", validate=True)


def _certificate_is(certificate: Certificate) -> Callable[[bytes], bool]:
    der = certificate.public_bytes(Encoding.DER)
    return lambda pem: load_pem_x509_certificate(pem).public_bytes(Encoding.DER) == der


def _key_is(key: EllipticCurvePublicKey) -> Callable[[bytes], bool]:
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return lambda pem: load_pem_public_key(pem).public_bytes(*form) == key.public_bytes(*form)
