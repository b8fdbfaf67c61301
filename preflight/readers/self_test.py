"""A test that every verification begins with: real attestations must hold, and must not once one letter differs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight import data
from preflight.facts.release import Sound, Unsound
from preflight.readers import npm_keys
from preflight.readers.verifier import attestations, embedded, root_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from preflight.facts.release import Outcome

SAMPLES = ("provenance-dsse", "provenance-intoto", "publish")
"""One of each form: of npm since 11, of npm up to 10.9, and npm's own, which a key signs."""


class SelfTestError(Exception):
    """The verification cannot be relied upon: a bug in preflight, or packages that do not fit together."""


def run(samples: Iterable[str] = SAMPLES) -> None:
    """Check the samples, which takes less than 10 ms, with the trust that came along. Raises SelfTestError."""
    verifier, keys = root_of(embedded("trusted_root.json")), npm_keys.embedded()

    def outcome(raw: str) -> Outcome:
        return attestations(raw.encode(), verifier, keys)[0].outcome

    for name in samples:
        real = data.text(f"self-test/{name}.json")
        match outcome(real), outcome(mutant(real)):
            case Sound(), Unsound():
                pass
            case Sound(), _:
                raise SelfTestError(f"the verification accepts a forged attestation: {name}")
            case refused, _:
                raise SelfTestError(f"the verification refuses a real attestation: {name}: {_why(refused)}")


def mutant(bundle: str) -> str:
    """Return a bundle whose payload is about another package: one letter of the subject's name differs."""
    import json
    from base64 import b64decode, b64encode

    document = json.loads(bundle)
    envelope = document["dsseEnvelope"]
    payload = b64decode(envelope["payload"]).replace(b"pkg:npm/", b"pkg:npn/", 1)
    return json.dumps({**document, "dsseEnvelope": {**envelope, "payload": b64encode(payload).decode()}})


def _why(outcome: Outcome) -> str:
    return "it holds" if isinstance(outcome, Sound) else f"{outcome.code}, {outcome.why}"
