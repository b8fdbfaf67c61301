"""The rule foreign-subject."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.release import Kind
from preflight.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.release import Release, Sound

WHO = {Kind.PROVENANCE: "the provenance", Kind.PUBLISH: "npm's own attestation"}


def check(release: Release) -> Iterator[Finding]:
    """Object to attestations about another package or version, about none or about several."""
    for kind in Kind:
        if (sound := release.sound(kind)) and (message := _objection(release, sound, WHO[kind])):
            yield Finding(None, message, package=release.name, attestation=kind.value)


def _objection(release: Release, sound: Sound, who: str) -> str | None:
    subjects = sound.statement.subjects
    if len(subjects) != 1:
        return f"{who} is about {len(subjects) or 'no'} packages instead of one"
    if release.subject(sound) is None:
        return f"{who} is about `{subjects[0].name}`, not about `{release.purl}`"
    said = sound.statement.package
    if said is not None and said[:2] != (release.name, release.version):
        return f"{who} speaks of `{said[0]}@{said[1]}`, not of `{release.name}@{release.version}`"
    return None
