"""The rule foreign-ref."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.release import Kind
from preflight.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.release import Release


def check(release: Release) -> Iterator[Finding]:
    """Object to a build of another ref than the expected one."""
    identity, wanted = release.identity, release.expectation.ref
    if identity is None or wanted is None or identity.source_ref in {None, wanted.value}:
        return
    message = f"built from the ref `{identity.source_ref}`, not from `{wanted.value}` ({wanted.by})"
    yield Finding(None, message, package=release.name, attestation=Kind.PROVENANCE.value)
