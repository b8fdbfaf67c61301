"""Reasons why GitHub refuses to start a publish workflow at all."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING

from preflight.facts.project import Broken
from preflight.readers.github.permissions import exceeding
from preflight.readers.github.workflow import Uses
from preflight.source.nodes import Mapping

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from preflight.readers.github.repo import Repo
    from preflight.readers.github.workflow import JobNode, Step, Workflow


def broken(repo: Repo, workflows: Iterable[Workflow]) -> tuple[Broken, ...]:
    """Return what keeps some workflows from starting: unknown jobs, workflows and actions, and refused permissions."""
    return tuple(found for workflow in workflows for job in workflow.jobs.values() for found in _job(repo, job))


def _job(repo: Repo, job: JobNode) -> Iterator[Broken]:
    known = {name.lower(): each for name, each in job.workflow.jobs.items()}
    for need in job.needs:
        # GitHub compares the ids of jobs without their case.
        other = known.get(need.text.lower())
        if other is None:
            yield Broken(need.at, f"job `{job.name}` needs `{need.text}`, and there is no such job", job.name)
        elif other is job:
            yield Broken(need.at, f"job `{job.name}` needs itself, and never starts", job.name)
        elif _leads(other, job, known) and not _is_told(job, known):
            yield Broken(need.at, f"jobs `{job.name}` and `{other.name}` wait for each other", job.name)
    if job.uses is not None and (uses := Uses.parse(job.uses.text)).local:
        called = repo.called(uses)
        if called is None:
            if not repo.unreadable(uses.name):
                yield Broken(
                    job.uses.at, f"job `{job.name}` calls `{uses.text}`, and there is no such workflow", job.name
                )
        else:
            if not called.callable:
                yield Broken(job.uses.at, f"`{uses.text}` cannot be called: it is not on `workflow_call`", job.name)
            yield from _refused(job, called)
    for step in job.steps:
        yield from _step(repo, job, step)


def _is_told(job: JobNode, known: dict[str, JobNode]) -> bool:
    """Tell whether a job above stands in the same circle."""
    above = takewhile(lambda each: each is not job, known.values())
    return any(_leads(job, each, known) and _leads(each, job, known) for each in above)


def _leads(start: JobNode, goal: JobNode, known: dict[str, JobNode]) -> bool:
    """Tell whether a job needs another one, be it through others."""
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        for need in waiting.pop().needs:
            name = need.text.lower()
            found = known.get(name)
            if found is goal:
                return True
            if found is not None and name not in seen:
                seen.add(name)
                waiting.append(found)
    return False


def _refused(job: JobNode, called: Workflow) -> Iterator[Broken]:
    for inner in called.jobs.values():
        if found := exceeding(job, inner):
            scope, at = found
            yield Broken(
                at, f"job `{job.name}` grants less `{scope}` than `{inner.name}`, which it calls, asks for", job.name
            )
            return


def _step(repo: Repo, job: JobNode, step: Step) -> Iterator[Broken]:
    if step.uses is None:
        return
    uses = Uses.parse(step.uses.text)
    # Another folder may come from a checkout of another repository or from a build; `.github` does not.
    if not uses.local or not uses.name.startswith(".github/") or repo.action(uses.name) or repo.unreadable(uses.name):
        return
    if not any(_checks_out_elsewhere(each) for each in job.steps):
        yield Broken(step.uses.at, f"job `{job.name}` uses `{uses.text}`, and there is no such action", job.name)


def _checks_out_elsewhere(step: Step) -> bool:
    """Tell whether a step fetches another repository or ref, whose files nobody here can see."""
    given = step.node.get("with")
    if step.uses is None or not isinstance(given, Mapping):
        return False
    return any(given.get(name) is not None for name in ("repository", "ref", "path"))
