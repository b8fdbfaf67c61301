"""The values of GitHub's expressions, as far as they follow from the file."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from preflight.facts.fact import Known, Unknown
from preflight.readers.github import values
from preflight.readers.github.contexts import OTHERWISE, RUN_TIME, Context, Entry, Names, all_parts, parts, quoted
from preflight.readers.github.contexts import fact as fact_of
from preflight.readers.github.outcomes import (
    MOST_POSSIBILITIES,
    YES_OR_NO,
    Case,
    Outcome,
    applied,
    one,
    settled,
    several,
    truth,
)
from preflight.readers.github.syntax import (
    LONGEST_EXPRESSION,
    And,
    Call,
    Comparison,
    Every,
    Index,
    InvalidExpression,
    Literal,
    Name,
    Not,
    Or,
    holes,
    parse,
)
from preflight.readers.github.values import Table, Value
from preflight.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from preflight.facts.fact import Fact
    from preflight.readers.github.syntax import Node

# Named because mypy takes an imported name for private otherwise; readers need no other module of the language.
__all__ = [
    "MOST_POSSIBILITIES",
    "NOTHING",
    "OTHERWISE",
    "Context",
    "Entry",
    "Names",
    "Table",
    "Value",
    "condition",
    "evaluate",
    "evaluate_whole",
    "holes",
    "interpolate",
    "possibilities",
    "possibilities_whole",
    "problem",
    "tree",
    "truth_of",
]

NOTHING = Context()
"""A context that tells nothing: what is left is what an expression says by itself."""


def evaluate(text: str, context: Context) -> Fact[Value]:
    """Return the value of one expression without its `${{ }}`; the reason names what it hangs on."""
    return settled(_expression(text, _Scope(context, _UNTOLD)))


def evaluate_whole(text: str, context: Context) -> Fact[Value]:
    """Return the value of a text with any number of `${{ }}`.

    A text that is one `${{ }}` and nothing else keeps the type of its value; any other is a string.
    """
    return Known(text) if "${{" not in text else settled(_whole(text, _Scope(context, _UNTOLD)))


def interpolate(text: str, context: Context) -> Fact[str]:
    """Return a text with the value of every `${{ }}` in its place."""
    match evaluate_whole(text, context):
        case Known(str() as value, at):
            return Known(value, at)
        case Known(value, at):
            return Known(values.text(value), at)
        case Unknown() as unknown:
            return unknown


def condition(text: str, context: Context) -> Fact[bool]:
    """Tell whether an `if:` holds, with or without `${{ }}`, in a run in which nothing failed before.

    True means that it holds in such a run, False that it holds in none: `failure()` is unknown, because the job does
    run after a failure. An expression without a status function has an implicit `success() &&` in front.
    Text outside the `${{ }}`, be it a line break, makes a string that is not empty, and thus true:
    https://docs.zizmor.sh/audits/#unsound-condition.
    """
    if not text.strip():
        return Known(value=True)
    read = _whole if "${{" in text else _expression
    hopeful = read(text, _Scope(context, _GOING_WELL))
    if truth(hopeful) is True:
        return Known(value=True)
    whatever = read(text, _Scope(context, _UNTOLD))
    if truth(whatever) is False:
        return Known(value=False)
    return hopeful.doubt or whatever.doubt or Unknown("the condition may go either way")


def possibilities(text: str, context: Context) -> tuple[Fact[Value], ...]:
    """Return every value that one expression without its `${{ }}` may take, where only conditions in it are unknown.

    `inputs.arm && 'ubuntu-24.04-arm' || 'ubuntu-latest'` gives both strings; a value that may come from outside is
    among them as Unknown. More than MOST_POSSIBILITIES become one Unknown.
    """
    return tuple(case.fact for case in _expression(text, _Scope(context, _UNTOLD)).cases)


def possibilities_whole(text: str, context: Context) -> tuple[Fact[Value], ...]:
    """Return every value that a text with any number of `${{ }}` may take; the type is that of `evaluate_whole`."""
    if "${{" not in text:
        return (Known(text),)
    return tuple(case.fact for case in _whole(text, _Scope(context, _UNTOLD)).cases)


def tree(text: str) -> Node | None:
    """Return the tree of one expression without its `${{ }}`, or None where it is no valid one."""
    match _parsed(text):
        case str():
            return None
        case node:
            return node


def truth_of(node: Node, context: Context) -> Fact[bool]:
    """Tell whether a part of an expression counts as true."""
    outcome = _outcome(node, _Scope(context, _UNTOLD))
    known = truth(outcome)
    return Known(known) if known is not None else outcome.doubt or Unknown("it may go either way")


def problem(text: str) -> str | None:
    """Return what makes a text no expression, or None; the sentence fragment stands after "…: "."""
    match _parsed(text):
        case str() as refusal:
            return refusal
        case _:
            return None


def _is_whole(text: str, found: tuple[tuple[int, int, str], ...]) -> bool:
    return len(found) == 1 and found[0][0] == 0 and found[0][1] == len(text)


# -- what an expression may come to -----------------------------------------------------------


_UNTOLD: Mapping[str, Fact[bool]] = {
    "always": Known(value=True),
    "success": Unknown("whether everything before succeeds is known only at run time"),
    "failure": Unknown("whether something before fails is known only at run time"),
    "cancelled": Unknown("whether the run is cancelled is known only at run time"),
}
_GOING_WELL: Mapping[str, Fact[bool]] = {
    "always": Known(value=True),
    "success": Known(value=True),
    "failure": Known(value=False),
    "cancelled": Known(value=False),
}
_ANSWERS_YES_OR_NO = frozenset({"contains", "startswith", "endswith"})


@dataclass(frozen=True, slots=True)
class _Scope:
    """What the names and the status functions of an expression stand for."""

    context: Context
    statuses: Mapping[str, Fact[bool]]


def _parsed(text: str) -> Node | str:
    # Cut, a text that is too long is still too long, and the cache stays small.
    return _parsed_anew(text[: LONGEST_EXPRESSION + 1])


@lru_cache(maxsize=256)
def _parsed_anew(text: str) -> Node | str:
    try:
        return parse(text)
    except InvalidExpression as error:
        return str(error)


def _expression(text: str, scope: _Scope) -> Outcome:
    match _parsed(text):
        case str() as refusal:
            return one(_invalid(text, refusal))
        case node:
            return _outcome(node, scope)


def _invalid(text: str, refusal: str) -> Unknown:
    return Unknown(f"`{quoted(text) or '${{ }}'}` is no valid expression: {refusal}")


def _whole(text: str, scope: _Scope) -> Outcome:
    found = holes(text)
    return _expression(found[0][2], scope) if _is_whole(text, found) else _filled(text, scope)


def _filled(text: str, scope: _Scope) -> Outcome:
    """Return what a text comes to that is a string with holes."""
    pieces: list[Outcome] = []
    at = 0
    for start, end, inner in holes(text):
        match _parsed(inner):
            case str() as refusal:
                return one(_invalid(inner, refusal))
            case node:
                pieces += [one(Known(text[at:start])), _outcome(node, scope)]
        at = end
    rest = text[at:]
    if "${{" in rest:
        return one(Unknown(f"`{quoted(rest[rest.index('${{') :])}` is not closed"))
    pieces.append(one(Known(rest)))
    longest = len(text) + values.LONGEST_TEXT

    def join(parts: tuple[Value, ...]) -> Fact[Value]:
        strings = [values.text(part) for part in parts]
        # A thousand holes with a long value each must not be put together before they are found too long.
        return Known("".join(strings)) if sum(map(len, strings)) <= longest else values.TOO_LONG

    outcome = applied(pieces, join)
    if any(truth(piece) for piece in pieces[::2]):
        return Outcome(tuple(Case(case.fact, truth=True) for case in outcome.cases), outcome.doubt)
    return outcome


# -- the tree ---------------------------------------------------------------------------------


def _outcome(node: Node, scope: _Scope) -> Outcome:
    match node:
        case Literal(value):
            return one(Known(value))
        case Name(_, text) | Index(_, _, text) | Every(_, text):
            entries, doubt = _reached(node, scope)
            facts = [fact_of(entry, text) for entry in entries]
            first = next((fact for fact in facts if isinstance(fact, Unknown)), None)
            return several(map(Case.of, facts), doubt or first)
        case Not(operand):
            outcome = _outcome(operand, scope)
            negated = (YES_OR_NO if case.truth is None else (Case.of(Known(not case.truth)),) for case in outcome.cases)
            return several((case for cases in negated for case in cases), outcome.doubt)
        case Comparison(operator, left, right):
            return applied(
                (_outcome(left, scope), _outcome(right, scope)),
                lambda pair: Known(values.compare(operator, *pair)),
                unknown=YES_OR_NO,
            )
        case And(operands):
            return _chain(operands, scope, stop=False)
        case Or(operands):
            return _chain(operands, scope, stop=True)
        case Call():
            return _call(node, scope)


def _chain(operands: Sequence[Node], scope: _Scope, *, stop: bool) -> Outcome:
    """Return what `&&` (which stops at the first falsy operand) or `||` (at the first truthy) comes to."""
    cases: list[Case] = []
    doubt: Unknown | None = None
    last = len(operands) - 1
    for position, operand in enumerate(operands):
        outcome = _outcome(operand, scope)
        doubt = doubt or outcome.doubt
        if position == last:
            cases += outcome.cases
            break
        # What is handed on from here is as true as what stops the chain, even where its value is unknown.
        cases += [Case(case.fact, stop) for case in outcome.cases if case.truth is not (not stop)]
        if all(case.truth is stop for case in outcome.cases):
            break
    return several(cases, doubt)


def _call(node: Call, scope: _Scope) -> Outcome:
    if node.name in scope.statuses:
        fact = scope.statuses[node.name]
        return several(YES_OR_NO, fact) if isinstance(fact, Unknown) else one(fact)
    if node.name == "case":
        return _choice(node.arguments, scope)
    if node.name == "hashfiles":
        return one(Unknown(f"`{quoted(node.text)}` {RUN_TIME}"))
    return applied(
        [_outcome(argument, scope) for argument in node.arguments],
        lambda arguments: values.call(node.name, arguments),
        unknown=YES_OR_NO if node.name in _ANSWERS_YES_OR_NO else None,
    )


def _choice(arguments: Sequence[Node], scope: _Scope) -> Outcome:
    """Return what `case(condition, value, …, default)` comes to; a condition that is no boolean is GitHub's error."""
    cases: list[Case] = []
    doubt: Unknown | None = None
    for position in range(0, len(arguments) - 1, 2):
        asked = _outcome(arguments[position], scope)
        doubt = doubt or asked.doubt
        chosen = _outcome(arguments[position + 1], scope)
        answers = [case.fact for case in asked.cases]
        if any(isinstance(answer, Unknown) or answer.value is True for answer in answers):
            cases += chosen.cases
            doubt = doubt or chosen.doubt
        if any(isinstance(answer, Known) and not isinstance(answer.value, bool) for answer in answers):
            doubt = doubt or _NO_BOOLEAN
            cases.append(Case(_NO_BOOLEAN, None))
        if not any(isinstance(answer, Unknown) or answer.value is False for answer in answers):
            return several(cases, doubt)
    default = _outcome(arguments[-1], scope)
    return several((*cases, *default.cases), doubt or default.doubt)


_NO_BOOLEAN = Unknown("`case` is given a condition that is neither true nor false")


def _reached(node: Node, scope: _Scope) -> tuple[list[Entry], Unknown | None]:
    """Return where a chain such as `github.event['ref']` may lead."""
    match node:
        case Name(name):
            return [scope.context.entry(name)], None
        case Every(base, text):
            bases, doubt = _reached(base, scope)
            return [all_parts(entry, text) for entry in bases], doubt
        case Index(base, Literal(value)):
            bases, doubt = _reached(base, scope)
            return [part for entry in bases for part in parts(entry, Known(value))], doubt
        case Index(base, key):
            bases, doubt = _reached(base, scope)
            keys = _outcome(key, scope)
            doubt = doubt or keys.doubt
            places = [part for entry in bases for case in keys.cases for part in parts(entry, case.fact)]
            return ([doubt] if doubt and len(places) > MOST_POSSIBILITIES else places), doubt
        case _:
            outcome = _outcome(node, scope)
            return [case.fact for case in outcome.cases], outcome.doubt
