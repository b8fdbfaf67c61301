"""The container images that a publish job runs in, and those that its steps run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.ci import Image
from preflight.facts.fact import Fact, Known, Unknown
from preflight.readers.github.workflow import Uses
from preflight.source.nodes import Mapping, Scalar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.readers.github.scene import Scene
    from preflight.readers.github.workflow import JobNode

DIGEST = "@sha256:"


def images(job: JobNode, scene: Scene) -> Iterator[Image]:
    """Yield the image of the job's container and those of its `docker://` steps."""
    container = job.node.get("container")
    node = container.get("image") if isinstance(container, Mapping) else container
    match node:
        case Scalar() if node.text:
            match scene.fact(node):
                case Known(""):
                    pass
                case Known(name):
                    yield Image(node.at, name, "container", _held(name))
                case Unknown() as unknown:
                    yield Image(node.at, node.text, "container", unknown)
        case _:
            pass
    for step in job.steps:
        if step.uses is not None and (uses := Uses.parse(step.uses.text)).docker:
            yield Image(step.uses.at, uses.name, "step", _held(uses.name))


def _held(name: str) -> Fact[bool]:
    return Known(DIGEST in name)
