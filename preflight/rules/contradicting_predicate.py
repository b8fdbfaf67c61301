"""The rule contradicting-predicate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.release import Kind
from preflight.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.release import Build, Identity, Release

WHOLE = "https://slsa.dev/provenance/v1"
"""The predicate of which every field is compared; those before it tell the commit alike, and little else."""


def check(release: Release) -> Iterator[Finding]:
    """Object where the provenance and its certificate tell of two builds."""
    sound, identity = release.sound(Kind.PROVENANCE), release.identity
    build = sound.statement.build if sound else None
    if sound is None or build is None or identity is None:
        return
    pairs = [("commit", build.commit, identity.source_commit)]
    if sound.statement.predicate_type == WHOLE:
        pairs += _whole(build, identity)
    for what, said, certified in pairs:
        if said is not None and certified is not None and said != certified:
            message = f"the provenance tells of the {what} `{said}`, and its certificate of `{certified}`"
            yield Finding(None, message, package=release.name, attestation=Kind.PROVENANCE.value)


def _whole(build: Build, identity: Identity) -> list[tuple[str, str | None, str | None]]:
    home, ref = identity.source_repository, identity.source_ref
    builder = build.builder.rpartition("/")[2] if build.builder else None
    return [
        ("repository", build.repository, home),
        ("workflow", _workflow(build), _cut(identity.workflow, _workflow(build))),
        ("source", build.uri, f"git+{home}@{ref}" if home and ref else None),
        ("machine", builder, identity.runner_environment),
        ("run", build.run, identity.run),
        ("repository's id", build.repository_id, identity.repository_id),
        ("owner's id", build.owner_id, identity.owner_id),
    ]


def _workflow(build: Build) -> str | None:
    return f"{build.repository}/{build.workflow}" if build.repository and build.workflow else None


def _cut(certified: str | None, said: str | None) -> str | None:
    """Return the workflow of the certificate as npm may tell it.

    Before 9.9.4 and 10.8.2 npm cut the ref at its first `@` (libnpmpublish, `lib/provenance.js`): of a tag such as
    `pkg@1.0.0` only `pkg` is told.
    """
    if certified is None or said is None:
        return certified
    cut = "@".join(certified.split("@")[:2])
    return cut if said == cut else certified
