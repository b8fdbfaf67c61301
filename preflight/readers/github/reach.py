"""Whether some run lets a condition hold, where people decide part of what it looks at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.fact import Known, Unknown
from preflight.readers.github import expressions
from preflight.readers.github.syntax import And, Call, Comparison, Every, Index, Literal, Name, Not, Or

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from preflight.readers.github.expressions import Context
    from preflight.readers.github.syntax import Node

Answer = bool | Unknown
"""Whether there is such a run."""

CHOSEN = ("github.event.", "github.head_ref")
"""How names begin of what whoever opens, comments or pushes decides."""
PRIVILEGED = (
    "label",
    "merge",
    "assign",
    "milestone",
    "requested_",
    "installation",
    "inputs",
    "client_payload",
    "event.repository",
    "event.organization",
    "event.enterprise",
)
"""Parts of those names that only people with more rights decide."""
ACTORS = ("actor", "sender")
"""Parts of the names of whoever caused an event last; a bot can be made to do that by others."""


def reach(condition: str, context: Context, *, free: bool) -> Answer:
    """Tell whether some run makes an `if` true; `free` says that its event's text is up to whoever starts it.

    Two parts of a condition count as independent of each other, unless the context tells what both look at.
    """
    text = condition.strip()
    if not text:
        return True
    if "${{" in text:
        found = expressions.holes(text)
        if len(found) != 1 or (found[0][0], found[0][1]) != (0, len(text)):
            return _plain(text, context)
        text = found[0][2]
    node = expressions.tree(text)
    return Unknown(f"`{text.strip()[:60]}` is no valid expression") if node is None else _yes_no(node, context, free)[0]


def least(answers: Iterable[Answer]) -> Answer:
    """Return whether all of some answers are yes."""
    found: Answer = True
    for answer in answers:
        match answer:
            case False:
                return False
            case Unknown() if found is True:
                found = answer
            case _:
                pass
    return found


def most(answers: Iterable[Answer]) -> Answer:
    """Return whether one of some answers is yes."""
    found: Answer = False
    for answer in answers:
        match answer:
            case True:
                return True
            case Unknown() if found is False:
                found = answer
            case _:
                pass
    return found


def _plain(text: str, context: Context) -> Answer:
    match expressions.condition(text, context):
        case Known(value):
            return value
        case Unknown() as unknown:
            return unknown


def _yes_no(node: Node, context: Context, free: bool) -> tuple[Answer, Answer]:
    """Return whether some run makes a part true, and whether some run makes it false."""
    match node:
        case And(operands):
            pairs = [_yes_no(operand, context, free) for operand in operands]
            return least(yes for yes, _ in pairs), most(no for _, no in pairs)
        case Or(operands):
            pairs = [_yes_no(operand, context, free) for operand in operands]
            return most(yes for yes, _ in pairs), least(no for _, no in pairs)
        case Not(operand):
            yes, no = _yes_no(operand, context, free)
            return no, yes
        case Call("always"):
            return True, False
        case Call("success"):
            return True, True
        case Call("failure" | "cancelled"):
            return Unknown("whether something before fails is known only at run time"), True
        case _:
            return _leaf(node, context, free)


def _leaf(node: Node, context: Context, free: bool) -> tuple[Answer, Answer]:
    match expressions.truth_of(node, context):
        case Known(False) if _asks_for_a_bot(node):
            return Unknown("a bot can be made to act on what others wrote"), True
        case Known(value):
            return value, not value
        case Unknown() as unknown:
            fixed = (fact for name in _names(node) if (fact := _undecided(name, context)))
            return (first, first) if (first := next(fixed, None if free else unknown)) else (True, True)


def _undecided(name: Node, context: Context) -> Unknown | None:
    """Return why a name is unknown that those who start the run do not decide."""
    match name, expressions.truth_of(name, context):
        case Name(_, text) | Index(_, _, text) | Every(_, text), Unknown() as unknown if not _is_chosen(text.lower()):
            return unknown
        case _:
            return None


def _is_chosen(name: str) -> bool:
    return name.startswith(CHOSEN) and not any(part in name for part in PRIVILEGED)


def _asks_for_a_bot(node: Node) -> bool:
    names = [node.text for node in _names(node) if isinstance(node, Name | Index)]
    return any(part in name.lower() for name in names for part in ACTORS) and any(
        isinstance(each, Literal) and isinstance(each.value, str) and "[bot]" in each.value for each in _parts(node)
    )


def _names(node: Node) -> Iterator[Node]:
    """Return the names in a part of an expression, each with all that follows its dots."""
    return (each for each in _parts(node) if isinstance(each, Name | Index | Every))


def _parts(node: Node) -> Iterator[Node]:
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        match current:
            case Call(_, inner) | And(inner) | Or(inner):
                waiting += inner
            case Not(operand):
                waiting.append(operand)
            case Comparison(_, left, right):
                waiting += (left, right)
            case Index(_, key):
                waiting.append(key)
            case Literal() | Name() | Every():
                pass
