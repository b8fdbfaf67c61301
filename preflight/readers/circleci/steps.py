"""The steps of a job, with commands and conditions put in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.ci import Via
from preflight.facts.fact import Known, Unknown
from preflight.readers.circleci.values import Bound
from preflight.records import KW_ONLY, dataclass
from preflight.source.nodes import Mapping, Scalar, Sequence, entries, find

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.readers.circleci.config import Library
    from preflight.readers.circleci.values import Scope
    from preflight.source.files import Files
    from preflight.source.nodes import Node
    from preflight.source.text import Location

DEPTH = 12
"""How deep commands may lead to each other."""
MOST = 2_000
"""How many steps one job is put together from; more is a maze."""
OWN = frozenset(
    {"run", "deploy", "checkout", "setup_remote_docker", "add_ssh_keys", "save_cache", "restore_cache",
     "store_artifacts", "store_test_results", "persist_to_workspace", "attach_workspace"}
)  # fmt: skip
"""Steps that are CircleCI's own and run nothing else (circleci.com/docs, "Configuration reference")."""


@dataclass(frozen=True, slots=True)
class Command:
    """The script of a `run`, with the scope of the parameters in it."""

    scalar: Scalar
    scope: Scope

    @property
    def text(self) -> str:
        """The script with its parameters put in; one that cannot be told may be the very command that publishes."""
        match self.scope.fact(self.scalar):
            case Known(text):
                return text
            case Unknown():
                return f"publish {self.scalar.text}"


@dataclass(frozen=True, slots=True)
class Step:
    """One step as it runs; `node` is what it is given."""

    name: str
    key: Scalar
    _: KW_ONLY
    node: Node | None
    scope: Scope
    orb: str | None = None
    """The orb of the registry that the step is a command of."""
    led: Location | None = None
    """The step of the job that led here through a command."""
    via: tuple[Via, ...] = ()

    @property
    def at(self) -> Location:
        """Where the job says it."""
        return self.led or self.key.at

    @property
    def command(self) -> Command | None:
        """The script of a `run`."""
        if self.name not in {"run", "deploy"}:
            return None
        match self.scope.resolve(self.node):
            case Bound(Scalar() as scalar, scope):
                return Command(scalar, scope)
            case Bound(Mapping() as node, scope):
                match scope.resolve(node.get("command")):
                    case Bound(Scalar() as scalar, inner):
                        return Command(scalar, inner)
                    case _:
                        return None
            case _:
                return None

    def option(self, key: str) -> Node | None:
        """Return what a step is given under a key."""
        return find(self.node, key)


class Flattening:
    """The putting together of one job's steps."""

    def __init__(self, files: Files) -> None:
        """Take the files, whose effort the steps are charged to."""
        self._files = files
        self._left = MOST

    def steps(
        self,
        node: Node | None,
        library: Library,
        scope: Scope,
        *,
        led: Location | None = None,
        via: tuple[Via, ...] = (),
        depth: int = 0,
    ) -> Iterator[Step]:
        """Yield the steps of a list in order; those of conditions that are surely not met are left out."""
        found = scope.resolve(node)
        if found is None or not isinstance(found.node, Sequence) or depth > DEPTH:
            return
        if found.scope is not scope:
            # Steps that were given as a parameter are the caller's, whose commands they name.
            led = led or (node.at if node else None)
        for item in found.node.items:
            for key, value in _named(item):
                if self._left <= 0 or not self._files.spend(key.source.path):
                    return
                self._left -= 1
                yield from self._step(key, value, library, found.scope, led, via, depth)

    def _step(
        self,
        key: Scalar,
        value: Node | None,
        library: Library,
        scope: Scope,
        led: Location | None,
        via: tuple[Via, ...],
        depth: int,
    ) -> Iterator[Step]:
        name = key.text
        if name in {"when", "unless"}:
            if scope.holds(find(value, "condition")) is not (name == "unless"):
                inner = find(value, "steps")
                yield from self.steps(inner, library, scope, led=led, via=via, depth=depth + 1)
        elif name == "steps":
            yield from self.steps(value, library, scope, led=led, via=via, depth=depth + 1)
        elif name in OWN:
            yield Step(name, key, node=value, scope=scope, led=led, via=via)
        elif (command := library.find("commands", name)) is not None:
            yield from self.steps(
                command.node.get("steps"),
                command.library,
                scope.of(command, value, scope),
                led=led or key.at,
                via=(*via, Via(command.at, f"command `{name}`")),
                depth=depth + 1,
            )
        else:
            yield Step(name, key, node=value, scope=scope, orb=library.orb(name), led=led, via=via)


def _named(item: Node) -> Iterator[tuple[Scalar, Node | None]]:
    match item:
        case Scalar(value=str()):
            yield item, None
        case Mapping():
            yield from ((entry.key, entry.value) for entry in entries(item))
        case _:
            pass
