"""The events that start a pipeline, and what GitLab's own variables hold in each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.readers.gitlab.conditions import Held
from preflight.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from preflight.readers.gitlab.conditions import Value

USUAL = ("push", "tag")
"""What starts a pipeline wherever a project has said nothing."""
SOURCES = {
    "merge_request_event": "merge_request", "external_pull_request_event": "external_pull_request",
    "schedule": "schedule", "web": "web", "api": "api", "trigger": "trigger", "pipeline": "pipeline", "chat": "chat",
    "external": "external", "parent_pipeline": "parent_pipeline",
}  # fmt: skip
"""What CI_PIPELINE_SOURCE holds, and the event that it means (docs.gitlab.com, "Job rules")."""
ONLY = {
    "branches": "push", "pushes": "push", "tags": "tag", "merge_requests": "merge_request", "schedules": "schedule",
    "web": "web", "api": "api", "triggers": "trigger", "pipelines": "pipeline", "chat": "chat",
    "external_pull_requests": "external_pull_request", "external": "external",
}  # fmt: skip
"""What `only` and `except` call an event."""
REQUESTS = {"merge_request": "CI_MERGE_REQUEST_", "external_pull_request": "CI_EXTERNAL_PULL_REQUEST_"}


@dataclass(frozen=True, slots=True)
class Event:
    """Something that starts a pipeline; `source` is what CI_PIPELINE_SOURCE holds then."""

    name: str
    source: str

    @classmethod
    def named(cls, name: str) -> Event:
        """Return an event by its name."""
        source = next((source for source, event in SOURCES.items() if event == name), "push")
        return cls(name, source)

    def value(self, variable: str) -> Value:
        """Return what one of GitLab's own variables holds."""
        if variable == "CI_PIPELINE_SOURCE":
            return self.source
        for event, beginning in REQUESTS.items():
            if variable.startswith(beginning):
                return Held.SOMETHING if self.name == event else Held.NOTHING
        match variable, self.name:
            case (("CI_COMMIT_TAG" | "CI_COMMIT_TAG_MESSAGE"), ("push" | "merge_request" | "external_pull_request")):
                return Held.NOTHING
            case "CI_COMMIT_BRANCH", ("tag" | "merge_request"):
                return Held.NOTHING
            case ("CI_COMMIT_TAG", "tag") | (("CI_COMMIT_REF_NAME" | "CI_COMMIT_REF_SLUG"), "tag"):
                return Held.TAG
            case (("CI_COMMIT_BRANCH" | "CI_COMMIT_REF_NAME" | "CI_COMMIT_REF_SLUG"), "push"):
                return Held.BRANCH
            case "CI_DEFAULT_BRANCH", _:
                return Held.BRANCH
            case (("CI" | "GITLAB_CI"), _):
                return "true"
            case (("CI_COMMIT_SHA" | "CI_PROJECT_PATH" | "CI_COMMIT_MESSAGE" | "CI_COMMIT_TITLE"), _):
                return Held.SOMETHING
            case _:
                return Held.ANY


def named(conditions: Iterable[str]) -> Iterator[Event]:
    """Yield the events that conditions could be about: a push and a tag always, others where they are named."""
    text = "\n".join(conditions)
    yield from map(Event.named, USUAL)
    for source, event in SOURCES.items():
        spelt = (f'"{source}"', f"'{source}'") if "=~" not in text else (source,)
        compared = "CI_PIPELINE_SOURCE" in text and any(each in text for each in spelt)
        if compared or (event in REQUESTS and REQUESTS[event] in text):
            yield Event(event, source)


def ref(name: str) -> tuple[str, ...]:
    """Return the events that an item of `only` or `except` may mean."""
    name = name.partition("@")[0] if not name.startswith("/") else name
    if name in ONLY:
        return (ONLY[name],)
    # A pattern may mean tags as well as branches; a plain name is mostly a branch.
    return ("tag", "push") if name.startswith("/") else ("push",)
