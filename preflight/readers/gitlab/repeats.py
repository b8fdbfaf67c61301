"""Packages that several jobs of one `parallel` send."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.readers.repeated import repeated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.project import Shipment
    from preflight.facts.starts import Repeat
    from preflight.readers.gitlab.jobs import JobNode
    from preflight.readers.walk import Walk

NUMBERED = ("CI_NODE_INDEX", "CI_NODE_TOTAL")
"""What tells the jobs of `parallel: 5` apart."""
KEYS: tuple[tuple[str, tuple[str, ...]], ...] = (("image", ()), ("image", ("name",)), ("tags", ()))
"""Keys of a job that change where a package is made, and not which."""
UNTOLD = "a variable of the matrix may make each package another"


def repeats(job: JobNode, walks: list[Walk], names: frozenset[str], shipped: tuple[Shipment, ...]) -> Iterator[Repeat]:
    """Yield the packages that several of the jobs send.

    `walks` has one walk for each combination of a matrix, whose variables are `names`.
    """
    config = job.config
    parallel = job.get("parallel")
    said = "\n".join(line.text for line in (*job.lines, *job.afterwards))
    if parallel is None or any(name in said for name in NUMBERED):
        return
    count = config.scalar(parallel)
    if count is not None:
        times = int(count.text) if count.text.isdecimal() and len(count.text) < 4 else 1
        yield from repeated(parallel.at, ((times, walk.sent) for walk in walks), shipped)
        return
    nodes = (config.find(job.get(key), *inner) for key, inner in KEYS)
    elsewhere = "\n".join(each.text for node in nodes for each in config.flat(node))
    doubt = None if all(name in elsewhere for name in names) else UNTOLD
    ignored = frozenset(name for name in names if name not in said)
    jobs = ((1, walk.sent) for walk in walks)
    yield from repeated(parallel.at, jobs, shipped, ignored=ignored, doubt=lambda _: doubt)
