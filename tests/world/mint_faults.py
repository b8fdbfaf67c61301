"""What can be wrong with a bundle of the fake world."""

from __future__ import annotations

from enum import StrEnum, auto


class Fault(StrEnum):
    """What is wrong with a bundle, and with nothing else of it: it is signed, logged and proven as if it were right."""

    # the certificate
    NO_SCT = auto()
    SCT_OF_UNKNOWN_LOG = auto()
    SCT_FORGED = auto()
    SCT_FOR_OTHER_CERTIFICATE = auto()
    TWO_SCTS = auto()
    NOT_FOR_SIGNING_CODE = auto()
    NO_PURPOSE = auto()
    NOT_FOR_SIGNATURES = auto()
    OTHER_AUTHORITY = auto()
    AUTHORITY_ITSELF = auto()
    SIGNED_TOO_EARLY = auto()
    SIGNED_TOO_LATE = auto()
    MALFORMED_EXTENSION = auto()
    LONG_EXTENSION = auto()
    REPEATED_EXTENSION = auto()
    OTHER_KIND_OF_KEY = auto()
    UNHEARD_KIND_OF_KEY = auto()
    # the log
    UNKNOWN_LOG = auto()
    FORGED_PROMISE = auto()
    PROMISE_OF_OTHER_TIME = auto()
    PROMISE_OF_OTHER_INDEX = auto()
    NO_PROMISE = auto()
    NO_PROOF = auto()
    OTHER_HASH_IN_PROOF = auto()
    SHORT_PROOF = auto()
    LONG_PROOF = auto()
    OTHER_SIZE_IN_PROOF = auto()
    OTHER_INDEX_IN_PROOF = auto()
    INDEX_BEYOND_TREE = auto()
    OTHER_ROOT_IN_PROOF = auto()
    FORGED_CHECKPOINT = auto()
    CHECKPOINT_OF_OTHER_TREE = auto()
    NO_CHECKPOINT = auto()
    UNSIGNED_CHECKPOINT = auto()
    TWO_ENTRIES = auto()
    NO_ENTRY = auto()
    OTHER_PAYLOAD_LOGGED = auto()
    OTHER_SIGNATURE_LOGGED = auto()
    OTHER_SIGNER_LOGGED = auto()
    OTHER_KIND_LOGGED = auto()
    OTHER_VERSION_LOGGED = auto()
    WHOLE_PAYLOAD_LOGGED = auto()
    OTHER_PAYLOAD_TYPE_LOGGED = auto()
    OTHER_KEYID_LOGGED = auto()
    TWO_SIGNATURES_LOGGED = auto()
    NO_JSON_LOGGED = auto()
    UNKNOWN_KIND = auto()
    # the time
    TIMESTAMP_OF_OTHER_SIGNATURE = auto()
    TIMESTAMP_OF_UNKNOWN_AUTHORITY = auto()
    NO_TIMESTAMP = auto()
    # the envelope
    PAYLOAD_CHANGED = auto()
    SIGNED_WITH_OTHER_KEY = auto()
    OTHER_PAYLOAD_TYPE = auto()
    KEYID_BESIDE_CERTIFICATE = auto()
    TWO_SIGNATURES = auto()
    NO_SIGNATURE = auto()
    EMPTY_SIGNATURE = auto()
    # npm's key
    HINT_DIFFERS = auto()
    NO_HINT = auto()
    # the bundle
    UNKNOWN_FORM = auto()
