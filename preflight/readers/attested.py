"""The attestations of many versions, fetched once and kept, because they never change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.fact import Known, Unknown
from preflight.readers.answers import Absent

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from preflight.facts.fact import Fact
    from preflight.facts.release import Attestation
    from preflight.facts.versions import Published
    from preflight.readers.registry import Registry
    from preflight.readers.trust import Trust

LARGEST = 8 * 1024 * 1024
BOTH = 2
"""Attestations of a version with all that npm makes: the publisher's, and npm's own, which comes later."""


class Attested:
    """The attestations of the versions of one package.

    What is kept is the document as the registry served it, under the name, the version and the integrity of the
    tarball, and it is checked anew each time: whoever can write into a cache must not be able to make a proof, and
    whom to trust may change. A check takes 2 ms, an answer of the registry fifty times that.
    """

    def __init__(self, name: str, registry: Registry, trust: Trust, environment: Mapping[str, str]) -> None:
        self._name = name
        self._registry = registry
        self._trust = trust
        self._folder = _folder(environment)

    def __call__(self, each: Published) -> Fact[tuple[Attestation, ...]]:
        """Return the attestations of a version, checked."""
        from preflight.readers.release import checked

        place = self._place(each)
        raw = _kept(place) if place else None
        fetched = raw is None
        if raw is None:
            match self._registry.attestations_raw(self._name, each.version):
                case Unknown() as unknown:
                    return unknown
                case Absent():
                    return Unknown("the registry names provenance for it, and serves none")
                case Known(found):
                    raw = found
        attestations = checked(raw, self._trust, self._registry.host)
        if place and fetched and isinstance(attestations, Known) and len(attestations.value) >= BOTH:
            _keep(place, raw)
        return attestations

    def _place(self, each: Published) -> Path | None:
        """Return where the document of a version is kept; None for one whose tarball nothing names for good."""
        from hashlib import sha256

        if self._folder is None or each.integrity is None:
            return None
        parts = (self._registry.host, self._name, each.version, each.integrity)
        name = sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
        return self._folder / f"{name}.json"


def _folder(environment: Mapping[str, str]) -> Path | None:
    from preflight.readers.trust import cache

    place = cache(environment)
    return place.parent / "attestations" if place else None


def _kept(place: Path) -> bytes | None:
    from preflight.errors import UsageError
    from preflight.source import named

    try:
        # Opening a pipe would wait for somebody to write.
        return named.read(place, LARGEST) if place.is_file() else None
    except (OSError, UsageError):
        return None


def _keep(place: Path, raw: bytes) -> None:
    from contextlib import suppress

    from preflight.source import edits

    # Without a place to keep it, it is fetched again.
    with suppress(OSError):
        edits.save(place, raw)
