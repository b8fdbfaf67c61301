"""In-toto statements about npm packages, and what their predicates tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.release import Build, Kind, Statement, Subject
from preflight.readers.documents import MalformedError, items, load, mapping, text

if TYPE_CHECKING:
    from preflight.readers.documents import Json

STATEMENTS = frozenset({"https://in-toto.io/Statement/v1", "https://in-toto.io/Statement/v0.1"})
PUBLISH = "https://github.com/npm/attestation/tree/main/specs/publish/v0.1"
SLSA_V1 = "https://slsa.dev/provenance/v1"
SLSA_V02 = "https://slsa.dev/provenance/v0.2"
_MOST = 1_000
"""Subjects of one statement; npm's have one."""


def kind(predicate_type: str) -> Kind | None:
    """Return whose attestation a predicate type names."""
    return {PUBLISH: Kind.PUBLISH, SLSA_V1: Kind.PROVENANCE, SLSA_V02: Kind.PROVENANCE}.get(predicate_type)


def statement(payload: bytes) -> Statement:
    """Read the payload of an envelope whose signature holds. Raises MalformedError."""
    document = load(payload)
    if text(document, "_type") not in STATEMENTS:
        raise MalformedError("it is no in-toto statement")
    predicate_type = text(document, "predicateType")
    if predicate_type is None:
        raise MalformedError("it names no predicate type")
    subjects = items(document, "subject")
    if len(subjects) > _MOST:
        raise MalformedError(f"it has more than {_MOST} subjects")
    predicate = mapping(document, "predicate")
    match kind(predicate_type):
        case Kind.PUBLISH:
            said = tuple(text(predicate, key) for key in ("name", "version", "registry"))
            package = (said[0] or "", said[1] or "", said[2] or "")
            return Statement(predicate_type, tuple(map(_subject, subjects)), package=package)
        case Kind.PROVENANCE:
            return Statement(predicate_type, tuple(map(_subject, subjects)), build=_build(predicate_type, predicate))
        case None:
            return Statement(predicate_type, tuple(map(_subject, subjects)))


def _subject(node: Json) -> Subject:
    name = text(node, "name")
    digests = mapping(node, "digest")
    if name is None or not digests or not all(isinstance(value, str) for value in digests.values()):
        raise MalformedError("a subject has no name or no digest")
    return Subject(name, tuple((key, value) for key, value in digests.items() if isinstance(value, str)))


def _build(predicate_type: str, predicate: Json) -> Build:
    return _v1(predicate) if predicate_type == SLSA_V1 else _v02(predicate)


def _v1(predicate: Json) -> Build:
    """Read SLSA v1 as npm writes it in GitHub Actions (npm 9.8 and newer)."""
    workflow = mapping(predicate, "buildDefinition", "externalParameters", "workflow")
    github = mapping(predicate, "buildDefinition", "internalParameters", "github")
    source = next(iter(items(predicate, "buildDefinition", "resolvedDependencies")), None)
    path, ref = text(workflow, "path"), text(workflow, "ref")
    return Build(
        text(predicate, "buildDefinition", "buildType"),
        text(workflow, "repository"),
        workflow=f"{path}@{ref}" if path and ref else None,
        ref=ref,
        commit=text(source, "digest", "gitCommit"),
        uri=text(source, "uri"),
        builder=text(predicate, "runDetails", "builder", "id"),
        run=text(predicate, "runDetails", "metadata", "invocationId"),
        repository_id=text(github, "repository_id"),
        owner_id=text(github, "repository_owner_id"),
    )


def _v02(predicate: Json) -> Build:
    """Read SLSA v0.2: npm 9.5 to 9.7, and GitLab with every npm. Only the commit is told alike by all of them."""
    source = mapping(predicate, "invocation", "configSource")
    return Build(
        text(predicate, "buildType"),
        None,
        commit=text(source, "digest", "sha1"),
        builder=text(predicate, "builder", "id"),
    )
