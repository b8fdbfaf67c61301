"""What the environment of a CI job says of the source repository."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from preflight.errors import UnreadableError, UsageError
from preflight.facts.fact import Known
from preflight.facts.online import Visibility
from preflight.source.files import Files
from preflight.source.nodes import Mapping as Table
from preflight.source.nodes import Scalar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from preflight.facts.fact import Fact
    from preflight.source.nodes import Node


def visibility(environment: Mapping[str, str]) -> Fact[Visibility] | None:
    """Return who may see the repository that the job runs for; None where the environment does not say.

    GitHub Actions says it in the payload of the event, GitLab CI in `CI_PROJECT_VISIBILITY`.
    """
    if environment.get("GITHUB_ACTIONS") == "true":
        return _of_event(environment.get("GITHUB_EVENT_PATH", ""), environment.get("GITHUB_REPOSITORY", ""))
    if environment.get("GITLAB_CI"):
        return _named(environment.get("CI_PROJECT_VISIBILITY", ""))
    return None


def _of_event(path: str, slug: str) -> Fact[Visibility] | None:
    """Return what the payload of an event says of the repository, if it is about the one that the job runs for."""
    event = Path(path)
    if not path or not event.is_absolute():
        return None
    try:
        payload = Files(event.parent).document(PurePosixPath(event.name)).root
    except (UnreadableError, UsageError, OSError, ValueError):
        return None
    repository = payload.get("repository") if isinstance(payload, Table) else None
    if not isinstance(repository, Table) or _text(repository.get("full_name")).lower() not in {"", slug.lower()}:
        return None
    if said := _named(_text(repository.get("visibility"))):
        return said
    match repository.get("private"):
        case Scalar(value=True):
            return Known(Visibility.PRIVATE)
        case Scalar(value=False):
            return Known(Visibility.PUBLIC)
        case _:
            return None


def _text(node: Node | None) -> str:
    match node:
        case Scalar(value=str(value)):
            return value
        case _:
            return ""


def _named(word: str) -> Fact[Visibility] | None:
    return next((Known(each) for each in Visibility if each.value == word), None)
