"""The caches of dependencies that a job restores, and the other jobs that can fill them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.ci import Via
from preflight.facts.fact import Known
from preflight.facts.work import Cache
from preflight.readers.circleci.artifacts import SHOWN, keys, publishable
from preflight.source.edits import Fix, Safety
from preflight.source.nodes import Scalar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from preflight.readers.circleci.artifacts import Made
    from preflight.readers.circleci.steps import Step

OWN = (".Revision", ".BuildNum", ".Branch", "CIRCLE_WORKFLOW_ID", "CIRCLE_SHA1")
"""Parts of a key that no run of another branch asks for."""
NODE = "circleci/node@"
"""The orb whose command `install-packages` caches what it installs unless it is told otherwise."""


def restored(steps: Iterable[Step], others: Iterable[Made]) -> Iterator[Cache]:
    """Yield the caches that a job restores; `others` are the jobs that run for branches too.

    A cache belongs to the project: what a run of one branch saves, one of another restores (circleci.com/docs,
    "Caching dependencies").
    """
    makers = tuple(others)
    for step in steps:
        installs = _installs(step)
        wanted = (step.name,) if installs else keys(step) if step.name == "restore_cache" else ()
        wanted = tuple(key for key in wanted if not any(part in key for part in OWN))
        if not wanted:
            continue
        found = tuple(
            Via(saved.at, f"job `{made.name}`")
            for made in makers
            for saved in made.steps
            if (_installs(saved) if installs else _saves(saved, wanted))
        )
        what = f"`{step.name}`" if installs else f"key `{wanted[0]}`"
        title = "give it `with-cache: false`" if installs else "leave `restore_cache` out of the job that publishes"
        yield Cache(step.at, what, Known(bool(found), step.at), found[:SHOWN], Fix(title, Safety.UNSAFE))


def _saves(step: Step, wanted: tuple[str, ...]) -> bool:
    # What could be published is an artifact, of which another rule speaks.
    if step.name != "save_cache" or publishable(step):
        return False
    return any(key.startswith(wanted) for key in keys(step))


def _installs(step: Step) -> bool:
    if not (step.orb or "").startswith(NODE) or not step.name.endswith("/install-packages"):
        return False
    match step.option("with-cache"):
        case Scalar(value=False):
            return False
        case _:
            return True
