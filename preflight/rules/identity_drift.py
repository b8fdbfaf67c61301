"""The rule identity-drift."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.release import RISKY, Kind
from preflight.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.release import Expectation, Expected, Identity, Release


def check(release: Release) -> Iterator[Finding]:
    """Object to whatever differs from who built the version before."""
    before, now = release.predecessor, release.identity
    if before is None or before.identity is None or now is None:
        return
    for what, was, shown in _traits(before.identity, now, release.expectation):
        if was is not None and shown is not None and was != shown:
            message = f"the {what} is `{shown}`, and was `{was}` for {before.version}"
            yield Finding(None, message, package=release.name, attestation=Kind.PROVENANCE.value)


def _traits(before: Identity, now: Identity, expected: Expectation) -> Iterator[tuple[str, str | None, str | None]]:
    """Yield what is compared, without what another rule objects to already."""
    if not _foreign(now.source_repository, expected.repository):
        yield "repository", before.source_repository, now.source_repository
        yield "id of the repository's owner", before.owner_id, now.owner_id
    if not _foreign(now.entry, expected.workflow):
        yield "workflow", before.entry, now.entry
    if now.hosted or not expected.hosted:
        yield "machine", before.runner_environment, now.runner_environment
    if now.trigger not in RISKY:
        yield "trigger", before.trigger, now.trigger


def _foreign(built: str | None, expected: Expected | None) -> bool:
    return expected is not None and built != expected.value
