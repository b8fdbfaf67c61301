"""The JSON document of `verify`, version 1."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.fact import Known, Unknown
from preflight.report.document import head, result_of, tally

if TYPE_CHECKING:
    from preflight.facts.fact import Fact
    from preflight.facts.release import Identity, State
    from preflight.report.document import Value
    from preflight.report.proof import Proof, Verification


def verify_document(run: Verification) -> dict[str, Value]:
    """Return the document of `verify`; ignored findings are in it, with the reason."""
    trusted = run.trusted
    return {
        **head("verify", run.version, run.root),
        "offline": run.offline,
        "trust": {"root": trusted.root, "date": trusted.date, "npmKeys": trusted.npm_keys} if trusted else None,
        "packages": [_package(proof) for proof in run.proofs],
        "results": [result_of(result, None) for result in run.results],
        "summary": tally(run.summary),
    }


def identity_of(identity: Identity) -> dict[str, Value]:
    """Return who signed; what the certificate does not say is null."""
    return {
        "issuer": identity.issuer,
        "sourceRepository": identity.source_repository,
        "sourceCommit": identity.source_commit,
        "sourceRef": identity.source_ref,
        "workflow": identity.workflow,
        "signer": identity.signer,
        "runnerEnvironment": identity.runner_environment,
        "trigger": identity.trigger,
        "run": identity.run,
        "visibility": identity.visibility,
        "repositoryId": identity.repository_id,
        "ownerId": identity.owner_id,
    }


def _state(fact: Fact[State]) -> tuple[str | None, str | None]:
    match fact:
        case Known(found):
            return found.value, None
        case Unknown(why):
            return None, why


def _package(proof: Proof) -> Value:
    release = proof.release
    state, why = _state(release.state)
    return {
        "name": release.name,
        "version": release.version,
        "verdict": proof.verdict.value,
        "why": proof.why,
        "state": state,
        "stateUnknown": why,
        "waitEnded": proof.ended,
        "trustLevel": release.level.value.value if isinstance(release.level, Known) else None,
        "identity": identity_of(identity) if (identity := release.identity) else None,
        "chain": [
            {"link": link.key, "holds": link.holds, "value": link.value or None, "what": link.what}
            for link in proof.chain
        ],
        "promises": [
            {"field": each.field, "predicted": each.predicted, "attested": each.attested} for each in release.promises
        ],
    }
