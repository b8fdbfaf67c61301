"""What an expression may come to, where not all in it is known."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from preflight.facts.fact import Known, Unknown
from preflight.readers.github import values
from preflight.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from preflight.facts.fact import Fact
    from preflight.readers.github.values import Value

MOST_POSSIBILITIES = 16
"""An expression that may take more values than that is simply unknown."""


@dataclass(frozen=True, slots=True)
class Case:
    """One value that an expression may take; of an unknown one, `truth` may be known nevertheless."""

    fact: Fact[Value]
    truth: bool | None

    @classmethod
    def of(cls, fact: Fact[Value]) -> Case:
        """Return the case of a fact of which no more is known."""
        return cls(fact, values.truthy(fact.value) if isinstance(fact, Known) else None)


@dataclass(frozen=True, slots=True)
class Outcome:
    """All that an expression may come to; `doubt` is the first unknown thing in it, None for one known value."""

    cases: tuple[Case, ...]
    doubt: Unknown | None = None


def settled(outcome: Outcome) -> Fact[Value]:
    """Return the one known value, or the reason why there is none."""
    return outcome.doubt or outcome.cases[0].fact


def truth(outcome: Outcome) -> bool | None:
    """Tell whether every case counts as true or every case as false; None where they differ or nobody knows."""
    truths = {case.truth for case in outcome.cases}
    return truths.pop() if len(truths) == 1 else None


def one(fact: Fact[Value]) -> Outcome:
    """Return the outcome of what can be nothing else."""
    return Outcome((Case.of(fact),), fact if isinstance(fact, Unknown) else None)


def several(cases: Iterable[Case], doubt: Unknown | None) -> Outcome:
    """Return the outcome of some cases: each value once, and only one where they are too many."""
    distinct: dict[str, Case] = {}
    for case in cases:
        # 1, true and '1' are different values, which `==` of Python does not tell.
        key = repr(case.fact.value) if isinstance(case.fact, Known) else f"?{case.fact.why}"
        known = distinct.setdefault(key, case)
        if known.truth is not case.truth:
            distinct[key] = Case(known.fact, None)
    if doubt and len(distinct) > MOST_POSSIBILITIES:
        return one(doubt)
    result = tuple(distinct.values())
    return Outcome(result, None if len(result) == 1 and isinstance(result[0].fact, Known) else doubt)


YES_OR_NO = (Case.of(Known(value=True)), Case.of(Known(value=False)))


def applied(
    outcomes: Sequence[Outcome],
    apply: Callable[[tuple[Value, ...]], Fact[Value]],
    *,
    unknown: tuple[Case, ...] | None = None,
) -> Outcome:
    """Return what a function comes to over everything that its arguments may be.

    `unknown` is what it may answer when an argument is unknown; without it, the argument's own reason is the answer.
    """
    doubt = next((outcome.doubt for outcome in outcomes if outcome.doubt), None)
    count = 1
    for outcome in outcomes:
        count *= len(outcome.cases)
        if doubt and count > MOST_POSSIBILITIES:
            return several(unknown, doubt) if unknown else one(doubt)
    cases: list[Case] = []
    for chosen in product(*(outcome.cases for outcome in outcomes)):
        arguments: list[Value] = []
        missing: Unknown | None = None
        for case in chosen:
            match case.fact:
                case Known(value):
                    arguments.append(value)
                case Unknown() as fact:
                    missing = missing or fact
        if missing and unknown:
            cases += unknown
            continue
        result = missing or apply(tuple(arguments))
        doubt = doubt or (result if isinstance(result, Unknown) else None)
        cases.append(Case.of(result))
    return several(cases, doubt)
