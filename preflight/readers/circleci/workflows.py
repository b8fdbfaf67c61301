"""The workflows of a configuration: which job runs when, after which others, and with which parameters."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from preflight.readers.circleci.values import Bound, Scope
from preflight.records import KW_ONLY, dataclass
from preflight.source.nodes import Entry, Mapping, Scalar, Sequence, entries, find, strings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.readers.circleci.config import Config
    from preflight.source.nodes import Node
    from preflight.source.text import Location

PUSHED = {
    "push": {"git.tag": "", "trigger_source": "webhook", "event.name": "push"},
    "tag": {"git.branch": "", "trigger_source": "webhook", "event.name": "push"},
}
"""What a push to a branch or of a tag starts a pipeline with, as far as it is the same each time."""
COMBINATIONS = 128
"""How many jobs a matrix makes at most; CircleCI's own limit."""
ANYTHING = frozenset({"/.*/", "/.+/", "/^.*$/", "/^.*/", "/.*$/"})
DEFAULT = "build"
"""The job that runs where a configuration has no workflows."""


@dataclass(frozen=True, slots=True)
class Way:
    """An event that starts a job, `push` to a branch, `tag`, `schedule` or `api`, and what in the file says so."""

    event: str
    at: Location | None = None


@dataclass(frozen=True, slots=True)
class Use:
    """A job as a workflow runs it; `job` is its name there, or `orb/job`."""

    job: str
    workflow: str
    _: KW_ONLY
    key: Scalar | None
    """Where the workflow says it; None where there are no workflows."""
    node: Mapping | None
    ways: tuple[Way, ...]

    @property
    def triggers(self) -> tuple[str, ...]:
        """What starts it, in words."""
        return tuple(dict.fromkeys(way.event for way in self.ways))

    @property
    def names(self) -> frozenset[str]:
        """The names under which others of the workflow may wait for it."""
        said = (find(self.node, "name"), find(self.node, "matrix", "alias"))
        return frozenset((self.job, *(each.text for each in said if isinstance(each, Scalar))))

    @property
    def requires(self) -> tuple[Scalar, ...]:
        """The names that it waits for."""
        match find(self.node, "requires"):
            case Sequence(items):
                keys = (entry.key for item in items for entry in entries(item))
                return (*(item for item in items if isinstance(item, Scalar)), *keys)
            case other:
                return strings(other)

    @property
    def approval(self) -> bool:
        """Whether it only waits for a person."""
        kind = find(self.node, "type")
        return isinstance(kind, Scalar) and kind.text == "approval"

    def scopes(self, top: Scope) -> Iterator[tuple[Scope, Mapping | None]]:
        """Yield the scope of each job that a matrix makes, with its parameters; one alone where there is none."""
        columns = [
            [(entry.key, value) for value in _values(entry.value, top)]
            for entry in entries(find(self.node, "matrix", "parameters"))
        ]
        if self.node is None or not columns or not all(columns):
            yield top, self.node
            return
        for count, chosen in enumerate(product(*columns)):
            if count >= COMBINATIONS:
                return
            cells = tuple(Entry(key, value) for key, value in chosen)
            given = {f"matrix.{key.text}": Bound(value, top) for key, value in cells}
            node = Mapping(self.node.source, self.node.start, self.node.end, (*self.node.entries, *cells))
            yield Scope(top.pipeline, given), node


USUAL = (Way("push"), Way("tag"))


def uses(config: Config, top: Scope) -> tuple[Use, ...]:
    """Return every use of a job by a workflow that may run at all."""
    workflows = config.root.get("workflows")
    if not isinstance(workflows, Mapping):
        return (Use(DEFAULT, "", key=None, node=None, ways=(Way("push"),)),)
    return tuple(
        use
        for key, workflow in entries(workflows)
        if isinstance(workflow, Mapping) and _runs(workflow, top)
        for use in _uses(key.text, workflow, _events(workflow, top))
    )


def _runs(workflow: Mapping, top: Scope) -> bool:
    return top.holds(workflow.get("when")) is not False and top.holds(workflow.get("unless")) is not True


def _events(workflow: Mapping, top: Scope) -> tuple[Way, ...]:
    """Return the events that start a workflow; one whose parameters nobody's push sets is started by hand."""
    triggers = workflow.get("triggers")
    if isinstance(triggers, Sequence):
        return (Way("schedule", triggers.at),)
    conditions = tuple(entry for key in ("when", "unless") if (entry := workflow.entry(key)))
    if not conditions:
        return USUAL
    at = conditions[0].key.at
    text = "\n".join(entry.value.at.text for entry in conditions)
    if any(isinstance(entry.value, Scalar) and "<<" not in entry.value.text for entry in conditions):
        found = _spelt(text)
    else:
        found = tuple(event for event, known in PUSHED.items() if _runs(workflow, _scope(top, known, workflow)))
        if "scheduled_pipeline" in text or "schedule." in text:
            found = (*(found if top.holds(workflow.get("unless")) is None else ()), "schedule")
    return tuple(Way(event, at) for event in found or ("api",))


def _scope(top: Scope, known: dict[str, str], node: Mapping) -> Scope:
    given = {
        f"pipeline.{name}": Bound(Scalar(node.source, node.start, node.start, value, value), top)
        for name, value in known.items()
    }
    return Scope(top.pipeline, given, defaults=True)


def _spelt(text: str) -> tuple[str, ...]:
    """Return the events that an expression names."""
    named = {"push": "git.branch", "tag": "git.tag", "schedule": "schedule", "api": "pipeline.parameters."}
    found = tuple(event for event, name in named.items() if name in text)
    return found or ("push", "tag")


def _uses(name: str, workflow: Mapping, events: tuple[Way, ...]) -> Iterator[Use]:
    match workflow.get("jobs"):
        case Sequence(items):
            pass
        case _:
            return
    for item in items:
        match item:
            case Scalar(value=str()):
                yield Use(item.text, name, key=item, node=None, ways=_ways(None, events))
            case Mapping():
                for key, value in entries(item):
                    node = value if isinstance(value, Mapping) else None
                    yield Use(key.text, name, key=key, node=node, ways=_ways(node, events))
            case _:
                pass


def _ways(use: Mapping | None, events: tuple[Way, ...]) -> tuple[Way, ...]:
    """Return what starts a job: the events of its workflow that its filters let through.

    A job without a filter runs for every branch, and for no tag.
    """
    filters = find(use, "filters")
    allowed: dict[str, Location | None]
    if isinstance(filters, Scalar):
        allowed = dict.fromkeys(_spelt(filters.text), filters.at)
    else:
        branches, tags = find(filters, "branches"), find(filters, "tags")
        allowed = {} if _all(find(branches, "ignore")) else {"push": branches.at if branches else None}
        ignored = find(tags, "ignore")
        if strings(find(tags, "only")) or (ignored is not None and not _all(ignored)):
            allowed["tag"] = tags.at if tags else None
    kept = tuple(
        Way(each.event, allowed.get(each.event) or each.at)
        for each in events
        if each.event in allowed or each.event not in PUSHED
    )
    # Filters and conditions that nothing meets together are more likely misread than never met.
    return kept or tuple(Way(event, at) for event, at in allowed.items())


def _all(node: Node | None) -> bool:
    return any(each.text in ANYTHING for each in strings(node))


def _values(node: Node, top: Scope) -> tuple[Node, ...]:
    match top.resolve(node):
        case Bound(Sequence(items)):
            return items
        case _:
            return ()
