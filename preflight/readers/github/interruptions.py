"""What several runs of one workflow do to a publish, and the `concurrency` that holds them apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.fact import Known, Unknown
from preflight.facts.starts import Danger, Interruption, Trust
from preflight.readers.github.events import THE_COMMIT, THE_RUN
from preflight.readers.github.reach import most, reach
from preflight.source.nodes import Scalar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.readers.github.events import Kind, Run
    from preflight.readers.github.reach import Answer
    from preflight.readers.github.repo import Chain
    from preflight.readers.github.ways import Way
    from preflight.readers.github.workflow import JobNode
    from preflight.source.nodes import Node

BY_HAND = ("workflow_dispatch", "repository_dispatch")
SAID = {
    "push": "two pushes to a branch",
    "schedule": "the schedule and another run",
    "workflow_dispatch": "two runs started by hand",
    "repository_dispatch": "two dispatches",
    "workflow_run": "two runs of the workflow that starts it",
    "merge_group": "two merges",
    "pull_request": "two merges",
}


def interruptions(way: Way) -> tuple[Interruption, ...]:
    """Return what can end a publish half-way, or make two of it."""
    kinds = [(kind, runs) for kind in way.kinds if (runs := tuple(_publishing(way, kind)))]
    cut = next(_cuts(way, kinds), None)
    return (cut,) if cut else tuple(_races(way, kinds))


def _publishing(way: Way, kind: Kind) -> Iterator[tuple[Run, Answer]]:
    """Return the runs that may publish; of pull requests only those that were merged."""
    if kind.trust is Trust.FORK and most(way.lets(run, free=True) for run in kind.runs) is not False:
        return
    for run in kind.others:
        if (let := way.lets(run)) is not False:
            yield run, let


Reaching = list[tuple["Kind", tuple[tuple["Run", "Answer"], ...]]]


def _cuts(way: Way, kinds: Reaching) -> Iterator[Interruption]:
    for (group, cancel), job, chain in way.held:
        if not isinstance(cancel, Scalar):
            continue
        answer = most(
            reach(cancel.text, way.scene(job, chain, run).context(), free=False)
            for kind, runs in kinds
            for run, _ in runs
            if not _alone(way, group, job, chain, kind, run)
        )
        why = "a newer run cancels one that is publishing"
        match answer:
            case True:
                yield Interruption(cancel.at, Danger.CUT, why)
            case Unknown(doubt):
                yield Interruption(cancel.at, Danger.CUT, why, doubt)
            case False:
                pass


def _races(way: Way, kinds: Reaching) -> Iterator[Interruption]:
    """Return that two runs publish at once; a group that each run has to itself is taken as somebody's choice."""
    events = {kind.event for kind, _ in kinds if kind.trust not in (Trust.RELEASER, Trust.STRANGER)}
    if events and not way.held:
        event = next((name for name in SAID if name in events), min(events))
        said = SAID.get(event, f"two runs by `{event}`")
        yield Interruption(way.job.at, Danger.RACE, f"{said} can publish at the same time")


def _alone(way: Way, group: Node | None, job: JobNode, chain: Chain, kind: Kind, run: Run) -> bool:
    """Tell whether a run has its concurrency group to itself."""
    if not isinstance(group, Scalar):
        return False
    match way.scene(job, chain, run).fact(group):
        case Known(name):
            pass
        case Unknown():
            name = group.text.replace("github.run_id", THE_RUN)
    if THE_RUN in name or (THE_COMMIT in name and kind.event not in (*BY_HAND, "schedule")):
        return True
    tag = dict(run).get("ref_name")
    return kind.tag and isinstance(tag, Known) and str(tag.value) in name
