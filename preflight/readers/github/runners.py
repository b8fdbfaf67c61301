"""The machine that `runs-on` asks for, one answer for each value that it may have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.ci import Hosting
from preflight.facts.fact import Fact, Known, Unknown
from preflight.readers.github import expressions
from preflight.readers.hosting import retired, runner
from preflight.source.edits import Edit, Fix, Safety
from preflight.source.nodes import Mapping, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterable

    from preflight.facts.ci import Runner
    from preflight.readers.github.expressions import Value
    from preflight.readers.github.scene import Scene
    from preflight.source.nodes import Node
    from preflight.source.text import Location

HOSTED = "ubuntu-latest"


def runners(node: Node | None, scene: Scene) -> tuple[Fact[Runner], ...]:
    """Return the runners that a `runs-on` may mean; each at its value, with a remedy where it is self-hosted."""
    match node:
        case Scalar():
            return tuple(_runner(found, node) for found in _values(node, scene))
        case Sequence(items):
            return (_labels(_facts(items, scene), None, node.at),)
        case Mapping():
            group = node.get("group")
            inner = node.get("labels")
            match inner:
                case Scalar():
                    names = _facts((inner,), scene)
                case Sequence(items):
                    names = _facts(items, scene)
                case _:
                    names = []
            return (_labels(names, group.text if isinstance(group, Scalar) else None, node.at),)
        case None:
            return ()


def _values(node: Scalar, scene: Scene) -> tuple[Fact[Value], ...]:
    text = node.text.strip()
    if "${{" not in text:
        return (Known(text),)
    return expressions.possibilities_whole(text, scene.context())


def _facts(items: Iterable[Node], scene: Scene) -> list[tuple[str, Fact[str]]]:
    """Return labels as written, each with what it becomes."""
    return [(item.text, scene.fact(item)) for item in items if isinstance(item, Scalar)]


def _runner(found: Fact[Value], node: Scalar) -> Fact[Runner]:
    match found:
        case Known(str(label)):
            return _labels([(label, Known(label))], None, node.at)
        case Known(tuple(items)):
            return _labels([(str(item), Known(str(item))) for item in items], None, node.at)
        case Known(value):
            return Unknown(f"`runs-on` is `{value}`, which is no label", node.at)
        case Unknown() as unknown:
            return _labels([(node.text, unknown)], None, node.at)


def _labels(labels: list[tuple[str, Fact[str]]], group: str | None, at: Location) -> Fact[Runner]:
    # A third party is known by how a label starts, even where the rest of it is known only at run time.
    names = tuple(fact.value if isinstance(fact, Known) else written for written, fact in labels)
    unknown = next((fact for _, fact in labels if isinstance(fact, Unknown)), None)
    found = runner(names, group, at)
    match found:
        case Known(machine) if machine.hosting is Hosting.SELF_HOSTED:
            fix = Fix(f"`runs-on: {HOSTED}`", Safety.UNSAFE, (Edit(at, HOSTED),))
            return Known(machine, at, fix)
        case Known(machine) if machine.retired and unknown is None and "${{" not in at.text:
            return Known(machine, at, _successor(labels, at))
        case _:
            return Unknown(unknown.why, at) if unknown is not None else found


def _successor(labels: list[tuple[str, Fact[str]]], at: Location) -> Fix | None:
    """Return the edit that writes what took the place of a label that GitHub withdrew."""
    instead = next((gone.instead for written, _ in labels if (gone := retired(written)) is not None), None)
    return Fix(f"`runs-on: {instead}`", Safety.UNSAFE, (Edit(at, instead),)) if instead else None
