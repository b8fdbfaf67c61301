"""The code of other repositories that a publish workflow runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.ci import Borrowed, Pin
from preflight.readers.comments import version_behind
from preflight.readers.github.workflow import Uses

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from preflight.readers.github.repo import Repo
    from preflight.readers.github.workflow import Step, Workflow
    from preflight.source.nodes import Scalar


def borrowed(repo: Repo, workflows: Iterable[Workflow]) -> tuple[Borrowed, ...]:
    """Return every foreign `uses` of some workflows, of those that they call and of the local actions that they run."""
    reader = _Reader(repo)
    found = [each for workflow in workflows for each in reader.workflow(workflow)]
    return tuple(found)


class _Reader:
    def __init__(self, repo: Repo) -> None:
        self._repo = repo
        self._seen: set[object] = set()

    def workflow(self, workflow: Workflow) -> Iterator[Borrowed]:
        if workflow.path in self._seen:
            return
        self._seen.add(workflow.path)
        for job in workflow.jobs.values():
            if job.uses is not None:
                uses = Uses.parse(job.uses.text)
                # A workflow of this very repository at a ref may be another than the one that stands here.
                yield from _borrow(uses, job.uses, "reusable workflow", job.name)
                if called := self._repo.called(uses):
                    yield from self.workflow(called)
            yield from self._steps(job.steps, job.name)

    def _steps(self, steps: Iterable[Step], job: str | None) -> Iterator[Borrowed]:
        for step in steps:
            if step.uses is None:
                continue
            uses = Uses.parse(step.uses.text)
            if uses.local:
                action = self._repo.action(uses.name)
                if action is not None and action.path not in self._seen:
                    self._seen.add(action.path)
                    yield from self._steps(action.steps, None)
            else:
                yield from _borrow(uses, step.uses, "action", job)


def _borrow(uses: Uses, node: Scalar, what: str, job: str | None) -> Iterator[Borrowed]:
    if not uses.local and not uses.docker and "${{" not in uses.text:
        yield Borrowed(node.at, uses.name, what, Pin(uses.ref, uses.pinned), job, version=version_behind(node.at))
