"""What `<< parameters.x >>` stands for, as far as the files tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.fact import Fact, Known, Unknown
from preflight.records import dataclass
from preflight.source.nodes import Mapping, Scalar, Sequence, entries, find

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.readers.circleci.config import Definition
    from preflight.source.nodes import Node

LONGEST = 16 * 1024
CHAIN = 20
"""How many parameters may lead to each other; more is a maze."""
STARTS = ("parameters.", "pipeline.", "matrix.")
"""How the names of values begin; anything else between `<<` and `>>` is the shell's."""
NAME = 200
"""The characters of the longest expression."""
FALSE = ("", "0", "false")


@dataclass(frozen=True, slots=True)
class Bound:
    """A node that was given for a parameter, and the scope that the expressions in it belong to."""

    node: Node
    scope: Scope


class Scope:
    """The parameters that a job, a command or an executor has in one use of it."""

    def __init__(
        self, pipeline: Mapping | None, given: dict[str, Bound] | None = None, *, defaults: bool = False
    ) -> None:
        """Take the parameters of the whole pipeline as they are declared, and those that are given by name.

        With `defaults` nobody chose other parameters for the pipeline, as after a push.
        """
        self.pipeline = pipeline
        self.given = given or {}
        self.defaults = defaults
        self._known: dict[tuple[str, bool], Fact[str]] = {}

    def of(self, definition: Definition, given: Node | None, caller: Scope) -> Scope:
        """Return the scope of what is used with some parameters, which the caller's own may stand in."""
        top = Scope(self.pipeline)
        found: dict[str, Bound] = {}
        for key, declared in entries(definition.node.get("parameters")):
            value = find(given, key.text)
            if value is not None:
                found[f"parameters.{key.text}"] = Bound(value, caller)
            elif (default := find(declared, "default")) is not None:
                found[f"parameters.{key.text}"] = Bound(default, top)
        return Scope(self.pipeline, found)

    def resolve(self, node: Node | None, *, strict: bool = False) -> Bound | None:
        """Return what a node is once it is nothing but a parameter no more; None where that cannot be told.

        With `strict`, what somebody may choose when a pipeline is started by hand is not known.
        """
        scope = self
        for _ in range(CHAIN):
            if node is None:
                return None
            name = _only(node)
            if name is None:
                return Bound(node, scope)
            found = scope.bound(name, strict=strict)
            if found is None:
                return None
            node, scope = found.node, found.scope
        return None

    def bound(self, name: str, *, strict: bool) -> Bound | None:
        """Return what was given for a name such as `parameters.tag`."""
        if name.startswith("pipeline.parameters."):
            default = find(self.pipeline, name.removeprefix("pipeline.parameters."), "default")
            # A default that holds an expression is text like any other.
            return (
                None
                if (strict and not self.defaults) or default is None or _only(default)
                else Bound(default, Scope(None))
            )
        return self.given.get(name)

    def fact(self, node: Node | None, *, strict: bool = False) -> Fact[str]:
        """Return the text that a scalar becomes."""
        match self.resolve(node, strict=strict):
            case Bound(Scalar() as scalar, scope):
                return scope.text(scalar, strict=strict)
            case Bound():
                return Unknown("it is no text", node.at if node else None)
            case None:
                return Unknown(_why(_only(node) if node else None), node.at if node else None)

    def text(self, scalar: Scalar, *, strict: bool = False) -> Fact[str]:
        """Return the text of a scalar with its expressions put in."""
        body = scalar.text
        if "<<" not in body:
            return Known(body, scalar.at)
        parts: list[str] = []
        last = size = 0
        for start, end, name in holes(body):
            match self.value(name, strict=strict):
                case Known(value):
                    parts += [body[last:start], value]
                    size += len(value)
                case Unknown(why):
                    return Unknown(why, scalar.at)
            if size > LONGEST:
                return Unknown("it is too long", scalar.at)
            last = end
        return Known("".join([*parts, body[last:]]), scalar.at)

    def value(self, name: str, *, strict: bool = False) -> Fact[str]:
        """Return what an expression stands for."""
        key = (name, strict)
        if key not in self._known:
            self._known[key] = Unknown(f"`{name}` leads to itself")
            found = self.bound(name, strict=strict)
            self._known[key] = found.scope.fact(found.node, strict=strict) if found else Unknown(_why(name))
        return self._known[key]

    def holds(self, condition: Node | None) -> bool | None:
        """Tell whether a condition of `when` is met, None where that cannot be told (docs: "Logic statements")."""
        match condition:
            case None:
                return None
            case Scalar():
                return self._truth(condition)
            case Mapping():
                found = entries(condition)
                return self._logic(found[0].key.text, found[0].value) if len(found) == 1 else None
            case Sequence():
                return None

    def _truth(self, condition: Scalar) -> bool | None:
        match self.resolve(condition, strict=True):
            case Bound(Scalar(value=None)):
                return False
            case Bound(Scalar() as scalar, scope):
                match scope.text(scalar, strict=True):
                    case Known(body):
                        return body not in FALSE
                    case Unknown():
                        return None
            case _:
                return None

    def _logic(self, operator: str, operand: Node) -> bool | None:
        match operator, operand:
            case "not", _:
                inner = self.holds(operand)
                return None if inner is None else not inner
            case (("and" | "or"), Sequence(items)):
                decides = operator == "or"
                answers = [self.holds(item) for item in items]
                if decides in answers:
                    return decides
                return None if None in answers else not decides
            case "matches", Mapping():
                return self._matches(operand)
            case "equal", Sequence(items):
                facts = [self.fact(item, strict=True) for item in items]
                known = {fact.value for fact in facts if isinstance(fact, Known)}
                if len(known) > 1:
                    return False
                return True if all(isinstance(fact, Known) for fact in facts) else None
            case _:
                return None

    def _matches(self, operand: Mapping) -> bool | None:
        """Compare a value with a pattern of plain letters; others are a stranger's, and not run."""
        match self.fact(operand.get("pattern"), strict=True), self.fact(operand.get("value"), strict=True):
            case Known(pattern), Known(value) if pattern.startswith("^"):
                plain = pattern[1:].removesuffix("$")
                if plain.replace("-", "").replace("_", "").isalnum():
                    return value == plain if pattern.endswith("$") else value.startswith(plain)
                return False if not value and plain[:1].isalnum() and "|" not in plain else None
            case _:
                return None


def holes(body: str) -> Iterator[tuple[int, int, str]]:
    """Yield the places of `<< … >>` in a text, with the name in each; what a shell writes like that is none."""
    start = body.find("<<")
    while start >= 0:
        end = body.find(">>", start, start + NAME)
        name = body[start + 2 : end].strip() if end >= 0 else ""
        if name.startswith(STARTS) and "<" not in name and not body.endswith("\\", 0, start):
            yield start, end + 2, name
            start = body.find("<<", end)
        else:
            start = body.find("<<", start + 2)


def filled(body: str, scope: Scope) -> tuple[str, tuple[tuple[str, Fact[str]], ...]]:
    """Return a script with each `<< … >>` replaced by a variable of the same length, and what the variables hold."""
    parts: list[str] = []
    found: list[tuple[str, Fact[str]]] = []
    last = 0
    for start, end, name in holes(body):
        variable = f"H{len(found):x}".ljust(end - start - 3, "_")
        found.append((variable, scope.value(name)))
        parts += [body[last:start], "${" + variable + "}"]
        last = end
    return "".join([*parts, body[last:]]), tuple(found)


def _only(node: Node) -> str | None:
    """Return the name of the parameter that a node is and nothing else."""
    match node:
        case Scalar(value=str()) if node.text.lstrip().startswith("<<"):
            body = node.text.strip()
            first = next(holes(body), None)
            return first[2] if first and first[:2] == (0, len(body)) else None
        case _:
            return None


def _why(name: str | None) -> str:
    if name is None:
        return "the files do not say it"
    if name.startswith("pipeline."):
        return f"`{name}` is worked out when the pipeline starts"
    return f"nothing in the files says what `{name}` is"
