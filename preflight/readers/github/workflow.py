"""Workflows and actions as GitHub writes them: nodes with names, nothing resolved yet."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from preflight.records import KW_ONLY, dataclass
from preflight.source.nodes import Entry, Mapping, Scalar, Sequence, entries, find, strings, text

if TYPE_CHECKING:
    from pathlib import PurePosixPath

    from preflight.source.nodes import Node
    from preflight.source.text import Location


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a job or of a composite action."""

    node: Mapping
    at: Location
    """Its first key."""

    @property
    def uses(self) -> Scalar | None:
        """The action that it runs."""
        return _scalar(self.node.get("uses"))

    @property
    def run(self) -> Scalar | None:
        """The script that it runs."""
        return _scalar(self.node.get("run"))

    @property
    def id(self) -> str | None:
        """The name under which later steps find its outputs."""
        return text(self.node.get("id"))

    @property
    def condition(self) -> Scalar | None:
        """Its `if`."""
        return _scalar(self.node.get("if"))

    def given(self, name: str) -> Scalar | None:
        """Return an input of `with`; names of inputs know no case."""
        for entry in entries(self.node.get("with")):
            if entry.key.text.lower() == name.lower():
                return _scalar(entry.value)
        return None


@dataclass(frozen=True, slots=True)
class JobNode:
    """A job as written."""

    name: str
    key: Scalar
    node: Mapping
    _: KW_ONLY
    workflow: Workflow

    @property
    def at(self) -> Location:
        """Its key."""
        return self.key.at

    @property
    def steps(self) -> tuple[Step, ...]:
        """Its steps, without what is no mapping."""
        return steps(self.node.get("steps"))

    @property
    def uses(self) -> Scalar | None:
        """The reusable workflow that it calls."""
        return _scalar(self.node.get("uses"))

    @property
    def text(self) -> str:
        """Its text in the file."""
        return self.node.source.text[self.node.start : self.node.end]

    @property
    def needs(self) -> tuple[Scalar, ...]:
        """The jobs that it waits for."""
        return strings(self.node.get("needs"))

    @property
    def condition(self) -> Scalar | None:
        """Its `if`."""
        return _scalar(self.node.get("if"))

    @property
    def permissions(self) -> Entry | None:
        """The key that governs its token: the job's own replaces the workflow's outright, even when it is empty."""
        return self.node.entry("permissions") or self.workflow.permissions


class Workflow:
    """A workflow file."""

    def __init__(self, path: PurePosixPath, node: Mapping) -> None:
        self.path = path
        self.node = node

    def __repr__(self) -> str:
        return f"Workflow({str(self.path)!r})"

    @cached_property
    def jobs(self) -> dict[str, JobNode]:
        """Its jobs by name, in the order of the file."""
        return {
            entry.key.text: JobNode(entry.key.text, entry.key, entry.value, workflow=self)
            for entry in entries(self.node.get("jobs"))
            if isinstance(entry.value, Mapping)
        }

    @property
    def permissions(self) -> Entry | None:
        """The top-level `permissions`."""
        return self.node.entry("permissions")

    @property
    def title(self) -> str:
        """Its `name`, else its path, as `workflow_run` names it."""
        return text(self.node.get("name")) or str(self.path)

    @cached_property
    def events(self) -> dict[str, Node | None]:
        """The events that start it, each with its settings."""
        match self.node.get("on"):
            case Scalar(value=str(name)):
                return {name: None}
            case Sequence(items):
                return {item.text: None for item in items if isinstance(item, Scalar)}
            case Mapping() as mapping:
                return {entry.key.text: entry.value for entry in entries(mapping)}
            case _:
                return {}

    def place(self, event: str) -> Location:
        """Return where an event is named, or the first line where it is not."""
        match self.node.get("on"):
            case Scalar(value=str()) as name:
                return name.at
            case Sequence(items):
                found = next((item for item in items if isinstance(item, Scalar) and item.text == event), None)
                return found.at if found else self.node.source.at(0, 0)
            case Mapping() as mapping if entry := mapping.entry(event):
                return entry.key.at
            case _:
                return self.node.source.at(0, 0)

    @property
    def triggers(self) -> tuple[str, ...]:
        """The names of the events that start it by themselves; being called is not one."""
        return tuple(name for name in self.events if name != "workflow_call")

    @property
    def callable(self) -> bool:
        """Whether other workflows may call it."""
        return "workflow_call" in self.events


class Action:
    """A local action: `action.yml` with its inputs and, where it is composite, its steps."""

    def __init__(self, path: PurePosixPath, node: Mapping) -> None:
        self.path = path
        self.node = node

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps of a composite action; empty for JavaScript and Docker actions."""
        return steps(find(self.node, "runs", "steps"))

    @property
    def main(self) -> Scalar | None:
        """The program of a JavaScript action."""
        return _scalar(find(self.node, "runs", "main"))

    @property
    def inputs(self) -> dict[str, Scalar | None]:
        """Its inputs in lower case, each with its default."""
        return {
            entry.key.text.lower(): _scalar(find(entry.value, "default")) for entry in entries(self.node.get("inputs"))
        }


@dataclass(frozen=True, slots=True)
class Uses:
    """The parts of `owner/repo/path@ref`; `owner` is empty for a local path, and both for a Docker image."""

    text: str
    name: str
    """`owner/repo` or `owner/repo/path`; for a local one its path without `./`."""
    ref: str
    local: bool = False
    docker: bool = False

    @classmethod
    def parse(cls, text: str) -> Uses:
        """Take `uses:` apart; `./` and `$/` are local, `docker://` is an image."""
        text = text.strip()
        for prefix in ("./", "$/"):
            if text.startswith(prefix):
                path = text[2:].split("@", 1)[0].strip("/")
                return cls(text, path or ".", "", local=True)
        if text in (".", "$"):
            return cls(text, ".", "", local=True)
        if text.startswith("docker://"):
            return cls(text, text.removeprefix("docker://"), "", docker=True)
        name, _, ref = text.partition("@")
        return cls(text, name.strip("/"), ref)

    @property
    def pinned(self) -> bool:
        """Whether the ref is a full commit: 40 hex digits."""
        return len(self.ref) == 40 and all(char in "0123456789abcdefABCDEF" for char in self.ref)

    @property
    def key(self) -> str:
        """The name in lower case, as GitHub compares it."""
        return self.name.lower()

    @property
    def major(self) -> int | None:
        """The major version that a tag such as `v4` or `v4.1.0` names."""
        digits = self.ref.removeprefix("v").split(".")[0]
        return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 6 else None


def steps(node: Node | None) -> tuple[Step, ...]:
    """Return the items of a `steps` list that are mappings."""
    if not isinstance(node, Sequence):
        return ()
    return tuple(
        Step(item, item.entries[0].key.at) for item in node.items if isinstance(item, Mapping) and item.entries
    )


def _scalar(node: Node | None) -> Scalar | None:
    return node if isinstance(node, Scalar) and node.value is not None else None
