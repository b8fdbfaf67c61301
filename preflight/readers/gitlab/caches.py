"""The caches that a job restores, and the other jobs that can fill them."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from preflight.facts.ci import Via
from preflight.facts.fact import Fact, Known, Unknown
from preflight.facts.work import Cache
from preflight.records import dataclass
from preflight.source.edits import Fix, Safety
from preflight.source.nodes import Mapping, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from preflight.readers.gitlab.artifacts import Stores
    from preflight.readers.gitlab.jobs import JobNode
    from preflight.source.nodes import Node
    from preflight.source.text import Location

OWN = ("$CI_JOB_NAME", "${CI_JOB_NAME", "$CI_JOB_ID", "${CI_JOB_ID")
"""Parts of a key that no other job asks for."""
REF = "CI_COMMIT_"
"""What a key holds that is another one for each branch or commit."""
SHOWN = 3
APART = "GitLab keeps the caches of protected branches and tags apart, unless the project's settings say otherwise"


@dataclass(frozen=True, slots=True)
class _Kept:
    """One cache of a job: its key as written, and what the job does with it."""

    key: str
    restores: bool
    stores: bool
    bare: bool
    """Whether it is kept from branches that are not protected (`cache:unprotect`)."""


class Caches:
    """The caches of all jobs of a pipeline."""

    def __init__(self, jobs: Iterable[JobNode], stores: Stores) -> None:
        """Take all jobs, and what tells which of them run together."""
        self._jobs = tuple(jobs)
        self._stores = stores

    def restored(self, job: JobNode) -> tuple[Cache, ...]:
        """Return the caches that a job restores, each with the other jobs that can fill it."""
        entry = job.entry("cache")
        if entry is None:
            return ()
        own = job.own("cache")
        at = own.key.at if own else job.at
        return tuple(self._cache(job, kept, at) for kept in _kept(job) if kept.restores)

    def _cache(self, job: JobNode, kept: _Kept, at: Location) -> Cache:
        others = [other for other in self._filled.get(kept.key, ()) if other.name != job.name]
        near = [other for other in others if kept.bare or self._stores.together(job, other)]
        shared: Fact[bool] = Known(bool(near), at)
        if others and not near and REF not in kept.key:
            shared = Unknown(APART, at)
        found = sorted(near or others, key=lambda other: other.name)
        writers = tuple(Via(_place(other), f"job `{other.name}`") for other in found[:SHOWN])
        title = "give the job `cache: []`"
        return Cache(at, f"key `{kept.key}`", shared, writers, Fix(title, Safety.SAFE))

    @cached_property
    def _filled(self) -> dict[str, list[JobNode]]:
        found: dict[str, list[JobNode]] = {}
        for job in self._jobs:
            for kept in _kept(job):
                if kept.stores:
                    found.setdefault(kept.key, []).append(job)
        return found


def _place(job: JobNode) -> Location:
    own = job.own("cache")
    return own.key.at if own else job.at


def _kept(job: JobNode) -> Iterator[_Kept]:
    config = job.config
    node = job.get("cache")
    for item in config.items(node) if isinstance(node, Sequence) else (node,):
        resolved = config.resolve(item) if item is not None else None
        if not isinstance(resolved, Mapping) or not config.flat(config.find(resolved, "paths")):
            continue
        key = _key(job, config.find(resolved, "key"))
        policy, bare = config.scalar(resolved, "policy"), config.scalar(resolved, "unprotect")
        said = policy.text if policy else "pull-push"
        if not any(part in key for part in OWN):
            yield _Kept(key, said != "push", said != "pull", bare is not None and bare.value is True)


def _key(job: JobNode, node: Node | None) -> str:
    """Return a key as it is written, or the files whose digest it is."""
    match node:
        case Scalar() if node.text:
            return node.text
        case Mapping():
            files = " ".join(file.text for file in job.config.flat(job.config.find(node, "files")))
            prefix = job.config.scalar(node, "prefix")
            return f"{prefix.text} {files}" if prefix else files
        case _:
            return "default"
