"""The documents of `history`: JSON, version 1, and one version a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.report.chronicle import signature, why
from preflight.report.document import SCHEMA_VERSION, TOOL, compact
from preflight.report.proof_document import identity_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.versions import Published
    from preflight.report.chronicle import Chronicle
    from preflight.report.document import Value


def history_document(run: Chronicle) -> dict[str, Value]:
    """Return the document of `history`, the newest version first."""
    trusted = run.trusted
    return {
        "schemaVersion": SCHEMA_VERSION,
        "tool": {"name": TOOL, "version": run.version},
        "command": "history",
        "registry": run.registry,
        "package": run.versions.name,
        "latest": run.versions.latest,
        "verified": run.versions.verified,
        "since": run.since,
        "trust": {"root": trusted.root, "date": trusted.date, "npmKeys": trusted.npm_keys} if trusted else None,
        "versions": [_version(each, run.versions.name) for each in run.due],
        "summary": {
            "versions": len(run.due),
            "downgrades": len(run.downgrades),
            "drifts": len(run.drifts),
            "invalid": len(run.invalid),
            "unknown": len(run.unknown),
        },
    }


def history_lines(run: Chronicle) -> Iterator[str]:
    """Return one version a line, the newest first."""
    return (compact(_version(each, run.versions.name)) for each in run.due)


def _version(each: Published, name: str) -> dict[str, Value]:
    worth = signature(each)
    return {
        "package": name,
        "version": each.version,
        "published": each.time,
        "trustLevel": each.level.value,
        "publisher": each.user,
        "trustedPublisher": each.publisher,
        "deprecated": each.deprecated,
        "downgrade": {"from": each.lost.version, "trustLevel": each.lost.level.value} if each.lost else None,
        "drift": [{"trait": drift.trait.value, "before": drift.before, "now": drift.now} for drift in each.drift],
        "signature": worth.value if worth else None,
        "why": why(each),
        "identity": identity_of(each.identity) if each.identity else None,
    }
