"""The rule foreign-commit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.release import Kind
from preflight.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.release import Release


def check(release: Release) -> Iterator[Finding]:
    """Object to a build of another commit than the expected one."""
    identity, expected = release.identity, release.expectation
    if identity is None or expected.commit is None or identity.source_commit == expected.commit.value:
        return
    built, wanted = identity.source_commit, f"`{expected.commit.value}` ({expected.commit.by})"
    kind = Kind.PROVENANCE.value
    if built is None:
        message = f"cannot tell whether it was built from {wanted}: the certificate names no commit"
        yield Finding(None, message, package=release.name, attestation=kind, sure=False)
        return
    message = f"built from the commit `{built}`, not from {wanted}"
    if not expected.commits_while_releasing:
        yield Finding(None, message, package=release.name, attestation=kind)
    elif expected.ancestors is None:
        doubt = "the release commits, and the history is not here"
        yield Finding(None, message, package=release.name, attestation=kind, sure=False, doubt=doubt)
    elif built in expected.ancestors:
        said = f"{message}, to which it leads: the release commits after it is built"
        yield Finding(None, said, package=release.name, attestation=kind, severity=Severity.WARNING)
    else:
        yield Finding(None, f"{message}, nor from one that leads to it", package=release.name, attestation=kind)
