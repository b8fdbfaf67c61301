"""The rule broken-plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.release import Kind
from preflight.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.release import Release


def check(release: Release) -> Iterator[Finding]:
    """Object to every field of the plan that came otherwise."""
    for each in release.promises:
        if each.broken:
            message = f"the plan says `{each.field}` is `{each.predicted}`, and the provenance says `{each.attested}`"
            yield Finding(None, message, package=release.name, attestation=Kind.PROVENANCE.value)
