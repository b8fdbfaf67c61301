"""The rule risky-trigger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.release import RISKY, Kind
from preflight.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.release import Release


def check(release: Release) -> Iterator[Finding]:
    """Object to a build that an event started which strangers can cause."""
    identity = release.identity
    if identity and identity.trigger in RISKY:
        message = f"built on `{identity.trigger}`, which people without write access can cause"
        yield Finding(None, message, package=release.name, attestation=Kind.PROVENANCE.value)
