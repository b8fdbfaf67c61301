"""Reasons why GitLab refuses to start a pipeline at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.project import Broken
from preflight.readers.gitlab.artifacts import stages
from preflight.source.nodes import Mapping, Scalar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from preflight.readers.gitlab.jobs import JobNode


def broken(jobs: Iterable[JobNode]) -> tuple[Broken, ...]:
    """Return what keeps a pipeline from starting of which all files can be seen: unknown templates, jobs and stages."""
    found = tuple(jobs)
    names = {job.name for job in found}
    return tuple(each for job in found for each in _job(job, names))


def _job(job: JobNode, names: set[str]) -> Iterator[Broken]:
    for template in job.missing:
        yield Broken(template.at, f"job `{job.name}` extends `{template.text}`, and there is no such job", job.name)
    config = job.config
    for need in config.items(job.get("needs")):
        match need:
            case Scalar(value=str()):
                named: Scalar | None = need
            case Mapping() if not any(need.get(key) for key in ("project", "pipeline", "optional")):
                named = config.scalar(need, "job")
            case _:
                named = None
        # One job of a matrix is named `build: [arm64, 24]`, one of several alike `build 1/3`.
        if named is not None and not {named.text, *_bare(named.text)} & names and "$" not in named.text:
            yield Broken(named.at, f"job `{job.name}` needs `{named.text}`, and there is no such job", job.name)
    stage = config.scalar(job.get("stage"))
    if stage is not None and stage.text not in stages(config) and "$" not in stage.text:
        yield Broken(stage.at, f"job `{job.name}` is in the stage `{stage.text}`, and there is no such stage", job.name)


def _bare(name: str) -> tuple[str, str]:
    return name.partition(": [")[0], name.rpartition(" ")[0]
