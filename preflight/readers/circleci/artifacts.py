"""What a job gets from other jobs: workspaces and caches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.ci import Artifact, ArtifactOrigin, Via
from preflight.facts.fact import Known
from preflight.records import dataclass
from preflight.source.nodes import find, strings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from preflight.facts.ci import Runner
    from preflight.facts.fact import Fact
    from preflight.readers.circleci.config import Definition
    from preflight.readers.circleci.steps import Step
    from preflight.readers.pipeline import Fetch
    from preflight.source.text import Location

ASIDE = ("node_modules", ".npm", ".pnpm-store", ".yarn", ".cache", "Cache", ".turbo", ".nx", ".bun", "coverage")
"""Names of folders that hold dependencies, caches or reports, and nothing that is published."""
SHOWN = 3
"""How many of the jobs that made something are pointed at."""


@dataclass(frozen=True, slots=True)
class Made:
    """A job that runs before, or may run in another pipeline, with its steps and its machine."""

    name: str
    definition: Definition
    steps: tuple[Step, ...]
    machine: Fact[Runner]
    events: frozenset[str] = frozenset()
    """What starts it in the workflows that run it."""


def fetched(
    steps: Iterable[Step],
    before: Iterable[Made],
    others: Iterable[Made],
    commands: Iterable[tuple[Fetch, Location, tuple[Via, ...]]],
) -> tuple[Artifact, ...]:
    """Return what a job gets that it did not make, the first of each origin.

    A workspace holds what the jobs `before` it in the workflow put in, a cache what any of the `others` saved.
    """
    found: dict[ArtifactOrigin, Artifact] = {}
    own = tuple(steps)
    for each in (*_workspace(own, before), *_caches(own, others), *_downloaded(commands)):
        found.setdefault(each.origin, each)
    return tuple(found.values())


def _workspace(steps: tuple[Step, ...], before: Iterable[Made]) -> Iterator[Artifact]:
    attached = next((step for step in steps if step.name == "attach_workspace"), None)
    if attached is None:
        return
    makers = {made.name: (made, step) for made in before for step in made.steps if _persists(step)}
    if makers:
        yield Artifact(
            attached.at,
            ArtifactOrigin.JOB,
            "the workspace of another job",
            tuple(makers),
            tuple(Via(step.at, f"stored by job `{name}`") for name, (_, step) in list(makers.items())[:SHOWN]),
            machines=tuple((name, made.machine) for name, (made, _) in makers.items()),
        )


def _caches(steps: tuple[Step, ...], others: Iterable[Made]) -> Iterator[Artifact]:
    restored = [(step, key) for step in steps if step.name == "restore_cache" for key in keys(step)]
    if not restored:
        return
    for made in others:
        for saved in made.steps:
            if saved.name != "save_cache" or not publishable(saved):
                continue
            name = next(iter(keys(saved)), "")
            step = next((step for step, key in restored if name.startswith(key)), None)
            if step is not None:
                yield Artifact(
                    step.at,
                    ArtifactOrigin.CACHE,
                    f"what the cache `{name}` holds",
                    (made.name,),
                    (Via(saved.at, f"stored by job `{made.name}`"),),
                    machines=((made.name, made.machine),),
                )


def _downloaded(commands: Iterable[tuple[Fetch, Location, tuple[Via, ...]]]) -> Iterator[Artifact]:
    for deed, at, _ in commands:
        if deed.release:
            yield Artifact(at, ArtifactOrigin.RELEASE, "a file of a release")
        else:
            yield Artifact(at, ArtifactOrigin.WORKFLOW, "an artifact of another run")


def _persists(step: Step) -> bool:
    return step.name == "persist_to_workspace" and publishable(step)


def publishable(step: Step) -> bool:
    """Tell whether something that is stored could be published."""
    paths = [step.scope.fact(path) for path in strings(step.option("paths"))]
    return any(not (isinstance(path, Known) and _aside(path.value)) for path in paths)


def _aside(path: str) -> bool:
    return any(part in ASIDE for part in path.strip().split("/"))


def keys(step: Step) -> tuple[str, ...]:
    """Return the keys of a cache, those of a `restore_cache` being the beginnings of keys."""
    named = (*strings(find(step.node, "key")), *strings(find(step.node, "keys")))
    facts = (step.scope.fact(key) for key in named)
    return tuple(fact.value.strip() for fact in facts if isinstance(fact, Known) and fact.value.strip())
