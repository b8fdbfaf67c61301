"""What starts a job, and whether it ever runs."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from preflight.source.nodes import Mapping

if TYPE_CHECKING:
    from preflight.readers.gitlab.extends import Config
    from preflight.readers.gitlab.jobs import JobNode
    from preflight.source.nodes import Node

DEFAULT = ("push", "tag")
"""What starts a job without `rules` and `only`: every pipeline of a branch or a tag."""
SOURCES = {"merge_request_event": "merge_request", "external_pull_request_event": "external_pull_request"}
ONLY = {
    "branches": "push", "pushes": "push", "tags": "tag", "merge_requests": "merge_request", "schedules": "schedule",
    "web": "web", "api": "api", "triggers": "trigger", "pipelines": "pipeline", "chat": "chat",
    "external_pull_requests": "external_pull_request", "external": "external",
}  # fmt: skip


def triggers(job: JobNode) -> tuple[str, ...]:
    """Return in words what starts a job: `push` (to a branch), `tag`, `merge_request`, `schedule` and so on.

    A condition that names no event leaves what starts the pipeline.
    """
    config = job.config
    if (rules := job.get("rules")) is not None:
        return _ruled(config, rules) or _pipeline(config)
    only = job.get("only")
    refs = config.flat(config.find(only, "refs") if isinstance(only, Mapping) else only)
    if refs:
        return tuple(dict.fromkeys(_ref(ref.text) for ref in refs))
    return _pipeline(config)


def never(job: JobNode) -> bool:
    """Tell whether a job surely never runs."""
    config = job.config
    when = config.scalar(job.get("when"))
    if job.get("rules") is None:
        return when is not None and when.text == "never"
    return not _alive(config, job.get("rules"))


def _pipeline(config: Config) -> tuple[str, ...]:
    return _ruled(config, config.find(config.top("workflow"), "rules")) or DEFAULT


def _ruled(config: Config, rules: Node | None) -> tuple[str, ...]:
    """Return the events that rules name; none where a rule lets everything through."""
    found: dict[str, None] = {}
    for rule in _alive(config, rules):
        condition = config.scalar(rule, "if")
        words = _words(condition.text) if condition else ()
        if not words:
            return ()
        found.update(dict.fromkeys(words))
    return tuple(found)


def _alive(config: Config, rules: Node | None) -> tuple[Mapping, ...]:
    """Return the rules that let a job run: those before the first that stops it without a condition."""
    found: list[Mapping] = []
    for rule in config.items(rules):
        if not isinstance(rule, Mapping):
            continue
        when = config.scalar(rule, "when")
        if when is None or when.text != "never":
            found.append(rule)
        elif not any(rule.get(key) for key in ("if", "changes", "exists")):
            break
    return tuple(found)


def _words(condition: str) -> tuple[str, ...]:
    """Return the events that a condition names."""
    found = {SOURCES.get(source, source): None for source in _source().findall(condition)}
    bare = _absent().sub("", condition)
    if "CI_COMMIT_TAG" in bare:
        # A tag is pushed too, and says more.
        found.pop("push", None)
        found["tag"] = None
    if "CI_MERGE_REQUEST_" in bare:
        found["merge_request"] = None
    if not found and ("CI_COMMIT_BRANCH" in bare or "CI_COMMIT_REF_NAME" in bare or "CI_DEFAULT_BRANCH" in bare):
        found["push"] = None
    return tuple(found)


def _ref(ref: str) -> str:
    if ref in ONLY:
        return ONLY[ref]
    # A pattern such as `/^v\d/` may mean tags as well as branches; a plain name is mostly a branch.
    return "tag" if ref.startswith(("/^v", "/^\\d", "/^[0-9]")) else "push"


@cache
def _source() -> re.Pattern[str]:
    return re.compile(r"CI_PIPELINE_SOURCE ?== ?[\"']([a-z_]{1,40})[\"']")


@cache
def _absent() -> re.Pattern[str]:
    return re.compile(r"\$CI_[A-Z_]{1,60} ?== ?(?:null|\"\"|'')")
