"""The report for programs: the JSON document of `check`, version 1."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from preflight.report.clean import conceal
from preflight.report.run import prevents

if TYPE_CHECKING:
    from collections.abc import Mapping

    from preflight.engine import Judged, Result, Summary
    from preflight.facts.project import Project
    from preflight.finding import Finding, Related
    from preflight.ignores import Ignore
    from preflight.report.run import Run
    from preflight.rulebook import Rule
    from preflight.source.edits import Edit, Fix
    from preflight.source.text import Location

    Value = None | bool | int | str | list["Value"] | dict[str, "Value"]

SCHEMA_VERSION = 1
TOOL = "provenance-preflight"


def check_document(run: Run) -> dict[str, Value]:
    """Return the document of `check`; ignored findings are in it, with the reason."""
    return {
        **head("check", run.version, run.root),
        **asked(run.project),
        "results": [result_of(result, run.project) for result in run.results],
        "summary": tally(run.summary),
    }


def head(command: str, version: str, root: str) -> dict[str, Value]:
    """Return what every document begins with."""
    return {
        "schemaVersion": SCHEMA_VERSION,
        "tool": {"name": TOOL, "version": version},
        "command": command,
        "root": root,
    }


def asked(project: Project) -> dict[str, Value]:
    """Return whether anybody was asked beside the files, who, and why some of it stays unknown."""
    return {
        "online": project.online is not None,
        "asked": [
            {"host": each.host, "about": each.about, "unanswered": list(each.unanswered)}
            for each in (project.online.asked if project.online else ())
        ],
    }


def dump(document: Mapping[str, Value]) -> str:
    """Return a document as text: ASCII only, without secrets, and without what a CI runner would take for a command."""
    return json.dumps(_concealed(dict(document)), indent=2).replace("##[", "#\\u0023[")


def compact(document: Mapping[str, Value]) -> str:
    """Return a document as one line, made harmless as in `dump`."""
    return json.dumps(_concealed(dict(document)), separators=(",", ":")).replace("##[", "#\\u0023[")


def _concealed(value: Value) -> Value:
    match value:
        case str():
            return conceal(value)
        case list():
            return [_concealed(item) for item in value]
        case dict():
            return {key: _concealed(item) for key, item in value.items()}
        case _:
            return value


def place(at: Location | None) -> dict[str, Value]:
    """Return path and line of a place, both null where there is none."""
    return {"path": str(at.path) if at else None, "line": at.line if at else None}


def tally(summary: Summary) -> dict[str, Value]:
    """Return how many findings there are of each kind."""
    return {
        "error": summary.error,
        "warning": summary.warning,
        "note": summary.note,
        "unsure": summary.unsure,
        "ignored": summary.ignored,
        "rules": summary.rules,
    }


def result_of(result: Result, project: Project | None) -> Value:
    """Return what came of a rule; `project` is None where it judges a release."""
    return {
        "rule": result.rule.name,
        "group": result.rule.group,
        "severity": result.rule.severity.value,
        "phase": result.rule.phase.value,
        "verdict": result.verdict.value,
        "reason": result.reason,
        "findings": [_finding(result.rule, judged, project) for judged in result.findings],
    }


def _finding(rule: Rule, judged: Judged, project: Project | None) -> Value:
    finding = judged.finding
    return {
        "message": finding.message,
        "severity": judged.severity.value,
        "sure": finding.sure,
        "job": finding.job,
        "package": finding.package,
        "packages": _packages(finding),
        **_span(finding.at),
        "related": [_related(related) for related in finding.related],
        "attestation": finding.attestation,
        "code": finding.code,
        "prevents": prevents(rule, judged, project),
        "fix": _fix(finding.remedy) if finding.remedy else None,
        "ignored": _ignored(judged.ignored) if judged.ignored else None,
        "fingerprint": judged.fingerprint,
    }


def _packages(finding: Finding) -> Value:
    """Return the names of all packages that a finding is about; null where it is about none."""
    names: list[Value] = [*(finding.packages or filter(None, [finding.package]))]
    return names or None


def _span(at: Location | None) -> dict[str, Value]:
    if at is None:
        return {"path": None, "line": None, "column": None, "endLine": None, "endColumn": None}
    (line, column), (end_line, end_column) = at.start, at.end
    return {"path": str(at.path), "line": line, "column": column, "endLine": end_line, "endColumn": end_column}


def _related(related: Related) -> Value:
    line, column = related.at.start
    return {
        "path": str(related.at.path),
        "line": line,
        "column": column,
        "message": related.message,
    }


def _fix(fix: Fix) -> Value:
    return {
        "safety": fix.safety.value,
        "title": fix.title,
        "edits": [_edit(edit) for edit in fix.edits],
    }


def _edit(edit: Edit) -> Value:
    (line, column), (end_line, end_column) = edit.at.start, edit.at.end
    return {
        "path": str(edit.at.path),
        "start": {"line": line, "column": column},
        "end": {"line": end_line, "column": end_column},
        "text": edit.text,
    }


def _ignored(ignore: Ignore) -> Value:
    return {"by": ignore.by.value, "reason": ignore.reason, **place(ignore.at)}
