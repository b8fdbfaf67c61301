"""The registry's own signature over the name, the version and the integrity of a package."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.release import Signed
from preflight.readers.documents import MalformedError, items, text
from preflight.readers.npm_keys import Usage, moment

if TYPE_CHECKING:
    from collections.abc import Iterable

    from preflight.readers.documents import Json
    from preflight.readers.npm_keys import NpmKey

UNDATED = "2015-01-01T00:00:00.000Z"
"""When a version counts as published whose time the registry does not tell; npm counts so too."""


def signed(
    name: str, version: str, integrity: str | None, dist: Json, published: str | None, keys: Iterable[NpmKey]
) -> Signed:
    """Return what the signatures of a version's `dist` are worth; the worst of them counts, as with npm.

    `published` is the packument's time of the version; a key counts if it was in use then.
    """
    mine = {key.id: key for key in keys if key.usage is Usage.SIGNATURES}
    if not mine:
        return Signed.NOT_SIGNING
    listed = items(dist, "signatures")
    if not listed or integrity is None:
        return Signed.MISSING
    verdicts = {_one(each, f"{name}@{version}:{integrity}", published, mine) for each in listed}
    order = (Signed.INVALID, Signed.UNKNOWN_KEY, Signed.EXPIRED_KEY, Signed.VALID)
    return next(verdict for verdict in order if verdict in verdicts)


def _one(node: Json, message: str, published: str | None, keys: dict[str, NpmKey]) -> Signed:
    from base64 import b64decode

    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
    from cryptography.hazmat.primitives.hashes import SHA256

    key = keys.get(text(node, "keyid") or "")
    if key is None:
        return Signed.UNKNOWN_KEY
    try:
        when = moment(published) or moment(UNDATED)
        key.key.verify(b64decode(text(node, "sig") or "", validate=True), message.encode(), ECDSA(SHA256()))
    except (InvalidSignature, MalformedError, ValueError):
        return Signed.INVALID
    # npm compares with the end only: its first key was in use before there were dates.
    return Signed.EXPIRED_KEY if key.end and when and when >= key.end else Signed.VALID
