"""The way of a run to a publish: all that has to hold on it."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from preflight.facts.fact import Known
from preflight.readers.github.events import Asked, kinds
from preflight.readers.github.reach import least, most, reach
from preflight.readers.github.scene import Scene
from preflight.records import replace
from preflight.source.nodes import Mapping, Scalar, find, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from preflight.readers.github.events import Kind, Run
    from preflight.readers.github.jobs import Gate
    from preflight.readers.github.reach import Answer
    from preflight.readers.github.repo import Chain, Repo
    from preflight.readers.github.workflow import JobNode
    from preflight.source.nodes import Node

_WORD = re.compile(r"'([^']{1,100})'")
_STATUS = re.compile(r"\b(?:always|failure|cancelled) ?\(")
MOST_WORDS = 12

Held = tuple["Node | None", "Node | None"]
"""A `concurrency`: its group, and its `cancel-in-progress`."""


class Way:
    """A publish job with the jobs that lead to it and the steps that publish."""

    def __init__(self, repo: Repo, job: JobNode, chain: Chain, gates: tuple[tuple[Gate, ...], ...]) -> None:
        """Take a job, its callers with the nearest first, and for each publish the `if` of the steps around it."""
        self.repo = repo
        self.job = job
        self.links = (job, *chain)
        self.gates = gates
        self._known: dict[tuple[int, bool], Answer] = {}

    @cached_property
    def jobs(self) -> tuple[tuple[JobNode, Chain], ...]:
        """All jobs that must run for a publish to run, each with its callers: links, and what those wait for.

        A job whose `if` asks for the state of the run does not care whether those before it ran.
        """
        found: dict[tuple[int, str], tuple[JobNode, Chain]] = {}
        waiting = [(link, self.links[at + 1 :]) for at, link in enumerate(self.links)]
        while waiting:
            job, chain = waiting.pop(0)
            if (key := (len(chain), job.name)) in found:
                continue
            found[key] = (job, chain)
            if job.condition is None or not _STATUS.search(job.condition.text):
                needed = (job.workflow.jobs.get(each.text) for each in job.needs)
                waiting += [(each, chain) for each in needed if each is not None]
        return tuple(found.values())

    @cached_property
    def held(self) -> tuple[tuple[Held, JobNode, Chain], ...]:
        """Every `concurrency` that holds a publish, with the job whose names it sees."""
        found: list[tuple[Held, JobNode, Chain]] = []
        for at, link in enumerate(self.links):
            for place in (link.node, link.workflow.node):
                match place.get("concurrency"):
                    case Mapping() as mapping:
                        held = (mapping.get("group"), mapping.get("cancel-in-progress"))
                        found.append((held, link, self.links[at + 1 :]))
                    case Scalar(value=str()) as group:
                        found.append(((group, None), link, self.links[at + 1 :]))
                    case _:
                        pass
        return tuple(found)

    @cached_property
    def conditions(self) -> tuple[str, ...]:
        """The texts of everything that is asked on the way."""
        jobs = (job.condition for job, _ in self.jobs)
        steps = (condition for gates in self.gates for condition, _, _ in gates)
        settings = (node for held, _, _ in self.held for node in held)
        given = (find(link.node, "with") for link in self.links)
        nodes = [*jobs, *steps, *settings, *given]
        return tuple(
            node.text if isinstance(node, Scalar) else node.source.text[node.start : node.end]
            for node in nodes
            if node is not None
        )

    @cached_property
    def kinds(self) -> tuple[Kind, ...]:
        """The ways in which events start the entry workflow."""
        words = dict.fromkeys(word for condition in self.conditions for word in _WORD.findall(condition))
        association = any("author_association" in condition for condition in self.conditions)
        return kinds(self.repo, self.links[-1].workflow, Asked(tuple(words)[:MOST_WORDS], association))

    def lets(self, run: Run, *, free: bool = False) -> Answer:
        """Tell whether a run may get as far as a publish; `free` as in `reach`."""
        # Runs are those of `kinds`, which live as long as this: their identity is theirs alone.
        key = (id(run), free)
        if key not in self._known:
            whole = least(self._jobs(run, free=free))
            steps = False if whole is False else most(least(self._steps(each, run, free=free)) for each in self.gates)
            self._known[key] = least((whole, steps))
        return self._known[key]

    def scene(self, job: JobNode, chain: Chain, run: Run) -> Scene:
        """Return what a job of the way sees in a run."""
        return Scene.of(self.repo.repository, job, chain, run)

    def _jobs(self, run: Run, *, free: bool) -> Iterator[Answer]:
        for job, chain in self.jobs:
            if (condition := text(job.condition)) is not None and self.repo.files.spend(job.workflow.path):
                yield reach(condition, self.scene(job, chain, run).context(), free=free)

    def _steps(self, gates: Iterable[Gate], run: Run, *, free: bool) -> Iterator[Answer]:
        for condition, _, seen in gates:
            if condition is None or not self.repo.files.spend(condition.source.path):
                continue
            inputs = seen.inputs if seen.action_path else self.scene(self.job, self.links[1:], run).inputs
            yield reach(condition.text, replace(seen, run=run, inputs=inputs).context(), free=free)

    def environments(self) -> Iterator[str]:
        """Return in words the environments of the jobs on the way; each may hold rules that no file tells."""
        for job, chain in self.jobs:
            node = job.node.get("environment")
            name = node.get("name") if isinstance(node, Mapping) else node
            if not isinstance(name, Scalar) or not name.text:
                continue
            match self.scene(job, chain, ()).fact(name):
                case Known(""):
                    pass
                case Known(known):
                    yield f"the environment `{known}`"
                case _:
                    yield "the job's environment"
