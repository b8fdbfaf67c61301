"""The rule foreign-repository."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.release import Kind
from preflight.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.release import Expected, Release


def check(release: Release) -> Iterator[Finding]:
    """Object to a build from another repository than the expected one, to the letter."""
    identity, expected = release.identity, release.expectation
    if identity is None:
        return
    found = [*_differing(release, "", identity.source_repository, expected.repository)]
    # A repository of another name has another id too.
    yield from found or _differing(
        release, "the repository with the id ", identity.repository_id, expected.repository_id
    )


def _differing(release: Release, what: str, built: str | None, expected: Expected | None) -> Iterator[Finding]:
    if expected is None or built == expected.value:
        return
    kind = Kind.PROVENANCE.value
    if built is not None:
        message = f"built from {what}`{built}`, not from {what}`{expected.value}` ({expected.by})"
        yield Finding(None, message, package=release.name, attestation=kind)
    elif not what:
        message = (
            f"cannot tell whether it was built from `{expected.value}` ({expected.by}): the certificate names none"
        )
        yield Finding(None, message, package=release.name, attestation=kind, sure=False)
