"""Actions that publish to npm by themselves, or that run a command line they are given."""

from __future__ import annotations

from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from preflight.data import table
from preflight.facts.ci import Tool
from preflight.records import KW_ONLY, dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

_FILE = "publishing-actions.toml"


@dataclass(frozen=True, slots=True)
class PublishingAction:
    """What an action does with its inputs; unless a field says otherwise it holds the name of an input, or None."""

    name: str
    """`owner/repo` or `owner/repo/path` in lower case."""
    tool: Tool | None
    """What it publishes with by itself; None where only its command lines can publish."""
    _: KW_ONLY
    commands: tuple[str, ...] = ()
    """Inputs that hold a command line, which runs in the job."""
    default: str | None = None
    """The command line, not an input, that runs where none of `commands` is given."""
    cwd: str | None = None
    package: str | None = None
    """The package.json, folder or tarball to send."""
    token: str | None = None
    needs_token: bool = False
    """Whether nothing is sent where the token is not given."""
    registry: str | None = None
    tag: str | None = None
    access: str | None = None
    provenance: str | None = None
    version: str | None = None
    """The version of the tool."""
    dry_run: str | None = None
    """Nothing is sent where this input is true."""
    enabled: str | None = None
    """Nothing is sent to npm where this input is false."""
    artifact: str | None = None
    """An artifact of the workflow that is sent."""
    action: str | None = None
    """Another action that is run; `options` holds its inputs as YAML."""
    options: str | None = None
    when: tuple[str, tuple[str, ...]] | None = None
    """An input and its values with which the action publishes; an empty one stands for an input that is not given."""


@cache
def actions() -> Mapping[str, PublishingAction]:
    """Return the known actions by their name in lower case."""
    return MappingProxyType(
        {name: _action(name, entry) for name, entry in table(_FILE).items() if isinstance(entry, dict)}
    )


def dated() -> date:
    """Return the day on which the table was last compared with the actions."""
    from datetime import date

    match table(_FILE).get("date"):
        case date() as day:
            return day
        case _:
            return date.min


def _action(name: str, entry: dict[str, object]) -> PublishingAction:
    tool = _text(entry, "tool")
    return PublishingAction(
        name,
        Tool(tool) if tool is not None else None,
        commands=_texts(entry.get("command")),
        default=_text(entry, "default"),
        cwd=_text(entry, "cwd"),
        package=_text(entry, "package"),
        token=_text(entry, "token"),
        needs_token=entry.get("needs-token") is True,
        registry=_text(entry, "registry"),
        tag=_text(entry, "tag"),
        access=_text(entry, "access"),
        provenance=_text(entry, "provenance"),
        version=_text(entry, "version"),
        dry_run=_text(entry, "dry-run"),
        enabled=_text(entry, "enabled"),
        artifact=_text(entry, "artifact"),
        action=_text(entry, "action"),
        options=_text(entry, "options"),
        when=_when(entry.get("when")),
    )


def _text(entry: dict[str, object], key: str) -> str | None:
    match entry.get(key):
        case str(value):
            return value
        case _:
            return None


def _texts(value: object) -> tuple[str, ...]:
    match value:
        case list(items):
            return tuple(item for item in items if isinstance(item, str))
        case _:
            return ()


def _when(value: object) -> tuple[str, tuple[str, ...]] | None:
    match value:
        case {"input": str(name), "is": values}:
            return name, _texts(values)
        case _:
            return None
