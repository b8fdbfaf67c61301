"""The rule foreign-workflow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.release import Kind, without_ref
from preflight.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.release import Expectation, Identity, Release

ATTEMPTS = "/attempts/"


def check(release: Release) -> Iterator[Finding]:
    """Object to a build by another workflow, to another one that signs, and to another run."""
    identity, expected = release.identity, release.expectation
    if identity is None:
        return
    told = _entry(identity, expected) or _signer(identity, expected) or _run(identity, expected)
    if told:
        message, sure = told
        yield Finding(None, message, package=release.name, attestation=Kind.PROVENANCE.value, sure=sure)


def _entry(identity: Identity, expected: Expectation) -> tuple[str, bool] | None:
    wanted = expected.workflow
    if wanted is None or identity.entry == wanted.value:
        return None
    if identity.workflow is None:
        said = f"cannot tell whether the workflow `{wanted.value}` ({wanted.by}) built it: the certificate names none"
        return said, False
    built = identity.entry or without_ref(identity.workflow, identity.source_ref)
    return f"built by the workflow `{built}`, not by `{wanted.value}` ({wanted.by})", True


def _signer(identity: Identity, expected: Expectation) -> tuple[str, bool] | None:
    """Hold the workflow that signs against the expected one; where none is named, the workflow itself must sign."""
    signer, wanted = identity.signer, expected.signer
    if wanted is None:
        if expected.workflow is None or signer is None or identity.workflow in {None, signer}:
            return None
        return f"signed by another workflow, which nobody expects: `{signer}` (`--signer` names it)", True
    if signer is None:
        return f"cannot tell whether `{wanted.value}` ({wanted.by}) signed it: the certificate names none", False
    whole = without_ref(wanted.value) != wanted.value
    if wanted.value == (signer if whole else without_ref(signer)):
        return None
    return f"signed by the workflow `{signer}`, not by `{wanted.value}` ({wanted.by})", True


def _run(identity: Identity, expected: Expectation) -> tuple[str, bool] | None:
    """Hold the run against the expected one, of which an earlier attempt does as well: jobs that passed are kept."""
    run, wanted = identity.run, expected.run
    if run is None or wanted is None or run == wanted.value:
        return None
    home, _, attempt = wanted.value.rpartition(ATTEMPTS)
    if run in {f"{home}{ATTEMPTS}{number}" for number in range(1, _count(attempt))}:
        return None
    return f"built in the run `{run}`, not in `{wanted.value}` ({wanted.by})", True


def _count(attempt: str) -> int:
    return int(attempt) if attempt.isascii() and attempt.isdigit() and len(attempt) < 4 else 0
