"""What a job gets from other jobs instead of building it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from preflight.facts.ci import Artifact, ArtifactOrigin, Via
from preflight.facts.fact import Known
from preflight.readers.gitlab.jobs import STAGES
from preflight.source.nodes import Mapping, Scalar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from preflight.readers.gitlab.extends import Config
    from preflight.readers.gitlab.jobs import JobNode
    from preflight.readers.gitlab.values import Values
    from preflight.readers.gitlab.ways import Ways
    from preflight.readers.pipeline import Fetch
    from preflight.source.nodes import Node
    from preflight.source.text import Location

ASIDE = ("node_modules", ".npm", ".pnpm-store", ".yarn", ".cache", ".turbo", ".nx", ".bun", "coverage", ".nyc_output")
"""Names of folders that hold dependencies, caches or reports, and nothing that is published."""
SHOWN = 3
PARENT = "PARENT_PIPELINE_ID"
"""The variable in which a child pipeline is given the number of the one that started it."""
"""How many of the jobs that made something are pointed at."""


class Stores:
    """What the jobs of a pipeline store, worked out when first asked for."""

    def __init__(self, jobs: Iterable[JobNode], values: Values, ways: Ways) -> None:
        """Take all jobs, the variables that the pipeline starts with, and what starts each job."""
        self._jobs = tuple(jobs)
        self._values = values
        self._ways = ways
        self._events: dict[str, frozenset[str]] = {}

    @cached_property
    def makers(self) -> dict[str, JobNode]:
        """The jobs that store something which could be published."""
        return {job.name: job for job in self._jobs if _makes(job, self._values)}

    @cached_property
    def order(self) -> dict[str, int]:
        """The stages in their order."""
        return stages(self._jobs[0].config) if self._jobs else {}

    def together(self, one: JobNode, other: JobNode) -> bool:
        """Tell whether an event starts both jobs, so that they are ever in one pipeline."""
        return bool(self._event(one) & self._event(other))

    def _event(self, job: JobNode) -> frozenset[str]:
        if job.name not in self._events:
            self._events[job.name] = frozenset(self._ways.triggers(job))
        return self._events[job.name]


def fetched(
    job: JobNode, stores: Stores, commands: Iterable[tuple[Fetch, Location, tuple[Via, ...]]]
) -> tuple[Artifact, ...]:
    """Return what a job gets that it did not make, the first of each origin."""
    found: dict[ArtifactOrigin, Artifact] = {}
    for each in (*_declared(job, stores), *_downloaded(commands)):
        found.setdefault(each.origin, each)
    return tuple(found.values())


def _declared(job: JobNode, stores: Stores) -> Iterator[Artifact]:
    makers = [
        (at, maker) for at, name in _sources(job, stores) if name != job.name and (maker := stores.makers.get(name))
    ]
    if makers:
        keys = ((maker, maker.entry("artifacts")) for _, maker in makers[:SHOWN])
        yield Artifact(
            makers[0][0],
            ArtifactOrigin.JOB,
            "artifacts of another job",
            tuple(dict.fromkeys(maker.name for _, maker in makers)),
            tuple(Via(entry.key.at, f"stored by job `{maker.name}`") for maker, entry in keys if entry),
        )
    for need in _needs(job):
        if isinstance(need, Mapping) and not _without_artifacts(job.config, need):
            config = job.config
            if (project := config.scalar(need, "project")) is not None:
                yield Artifact(project.at, ArtifactOrigin.REPOSITORY, f"artifacts of the project `{project.text}`")
            elif (pipeline := config.scalar(need, "pipeline")) is not None and (named := config.scalar(need, "job")):
                if PARENT in pipeline.text:
                    yield Artifact(named.at, ArtifactOrigin.JOB, "artifacts of another job", (named.text,))
                    continue
                yield Artifact(pipeline.at, ArtifactOrigin.WORKFLOW, "artifacts of another pipeline")


def _sources(job: JobNode, stores: Stores) -> Iterator[tuple[Location, str]]:
    """Yield the jobs whose artifacts a job downloads: `dependencies`, else `needs`, else those of all stages before."""
    config = job.config
    if (dependencies := job.get("dependencies")) is not None:
        yield from ((name.at, name.text) for name in config.flat(dependencies))
    elif job.get("needs") is not None:
        for need in _needs(job):
            match need:
                case Scalar(value=str(name)):
                    yield need.at, name
                case Mapping() if not _without_artifacts(config, need) and need.get("project") is None:
                    if (named := config.scalar(need, "job")) is not None and need.get("pipeline") is None:
                        yield named.at, named.text
                case _:
                    pass
    else:
        mine = stores.order.get(job.stage, 0)
        for other in stores.makers.values():
            if stores.order.get(other.stage, 0) < mine and stores.together(job, other):
                yield job.at, other.name


def _needs(job: JobNode) -> tuple[Node, ...]:
    return job.config.items(job.get("needs"))


def _without_artifacts(config: Config, need: Mapping) -> bool:
    wanted = config.scalar(need, "artifacts")
    return wanted is not None and wanted.value is False


def _makes(job: JobNode, values: Values) -> bool:
    """Tell whether a job stores something that could be published."""
    node = job.get("artifacts")
    when = job.config.scalar(node, "when")
    if when is not None and when.text == "on_failure":
        return False
    untracked = job.config.scalar(node, "untracked")
    if untracked is not None and untracked.value is True:
        return True
    inner = job.variables(values).settled()
    for path in job.config.flat(job.config.find(node, "paths")):
        match inner.fact(path):
            case Known(text) if _aside(text):
                pass
            case _:
                return True
    return False


def _aside(path: str) -> bool:
    return any(part in ASIDE for part in path.strip().split("/"))


def stages(config: Config) -> dict[str, int]:
    """Return the stages in their order."""
    named = [stage.text for stage in config.flat(config.top("stages"))] or list(STAGES)
    return {name: at for at, name in enumerate(dict.fromkeys((".pre", *named, ".post")))}


def _downloaded(commands: Iterable[tuple[Fetch, Location, tuple[Via, ...]]]) -> Iterator[Artifact]:
    """Yield what commands fetch: `gh release download` and the like."""
    for deed, at, _ in commands:
        if deed.release:
            yield Artifact(at, ArtifactOrigin.RELEASE, "a file of a release")
        else:
            yield Artifact(at, ArtifactOrigin.WORKFLOW, "an artifact of another run")
