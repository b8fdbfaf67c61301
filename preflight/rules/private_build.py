"""The rule private-build."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.release import Kind
from preflight.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.release import Release

PUBLIC = "public"


def check(release: Release) -> Iterator[Finding]:
    """Object to a build from a repository that not everybody could see."""
    identity = release.identity
    if identity and identity.visibility not in {None, PUBLIC}:
        message = f"the source repository was `{identity.visibility}` when it was signed"
        yield Finding(None, message, package=release.name, attestation=Kind.PROVENANCE.value)
