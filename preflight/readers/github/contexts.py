"""What the contexts of GitHub's expressions are known to hold."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

from preflight.facts.fact import Known, Unknown
from preflight.readers.github import values
from preflight.records import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Mapping

    from preflight.facts.fact import Fact
    from preflight.readers.github.values import Value

RUN_TIME = "is known only at run time"

OTHERWISE: Mapping[str, str] = MappingProxyType(
    {
        "env": RUN_TIME,
        "github": RUN_TIME,
        "inputs": "is set by the caller",
        "job": RUN_TIME,
        "jobs": "is decided by a job",
        "matrix": "depends on the matrix",
        "needs": "is decided by an earlier job",
        "runner": "is decided by the runner",
        "secrets": "is a secret",
        "steps": "is decided by an earlier step",
        "strategy": RUN_TIME,
        "vars": "is a variable of the repository or organisation",
    }
)
"""What is said of a name in each context that nothing more is known of.

Source of the names: https://docs.github.com/en/actions/reference/workflows-and-actions/contexts.
"""


@dataclass(frozen=True, slots=True)
class Names:
    """What is known of a context or of a part of it, by name; a name is found whatever its case.

    `otherwise` says of any other name why it is unknown: with "is set by the caller", `inputs.tag` gives the reason
    "`inputs.tag` is set by the caller". Where it is None, any other name is null, as GitHub has it.
    """

    facts: Mapping[str, Entry]
    otherwise: str | None = None


Entry: TypeAlias = "Fact[Value] | Names"


@dataclass(frozen=True, slots=True)
class Context:
    """What an expression may refer to: `github`, `matrix`, `env`, …, in lower case.

    A context that is left out is unknown for the reason in OTHERWISE.
    A combination of the matrix may be given at once: `Known({"os": "ubuntu-latest"})`.
    """

    names: Mapping[str, Entry] = field(default_factory=dict)

    def entry(self, name: str) -> Entry:
        """Return what is known of one of GitHub's contexts, named in lower case."""
        return self.names.get(name, Names({}, OTHERWISE[name]))


def fact(entry: Entry, text: str) -> Fact[Value]:
    """Return what an entry is as a value; `text` is how the expression spells it."""
    match entry:
        case Names(facts, None):
            parts: dict[str, Value] = {}
            for name, inner in facts.items():
                match fact(inner, f"{text}.{name}"):
                    case Known(value):
                        parts[name] = value
                    case Unknown() as unknown:
                        return unknown
            return Known(values.Table(parts))
        case Names(_, otherwise):
            return Unknown(f"`{quoted(text)}` {otherwise}")
        case _:
            return entry


def parts(entry: Entry, key: Fact[Value]) -> tuple[Entry, ...]:
    """Return where a key may lead: to one place where the key is known, to any part of a known value otherwise."""
    match entry, key:
        case Unknown(), _:
            return (entry,)
        case Names(), Known(name):
            return (_named(entry, values.text(name)),)
        case Known(value), Known(name):
            return (Known(values.item(value, name)),)
        case Known(value), _:
            return (*map(Known, values.items(value)), Known(None))
        case _:
            return (key,)


def all_parts(entry: Entry, text: str) -> Entry:
    """Return what `*` chooses; `text` is how the expression spells it, with the star."""
    match entry:
        case Known(value):
            return Known(values.items(value))
        case Names(_, None):
            whole = fact(entry, text[: text.rindex("*")].rstrip(" .["))
            return Known(values.items(whole.value)) if isinstance(whole, Known) else whole
        case Names(_, otherwise):
            return Names({}, otherwise)
        case Unknown():
            return entry


def _named(entry: Names, name: str) -> Entry:
    found = entry.facts.get(name)
    if found is not None:
        return found
    folded = values.fold(name)
    for other, inner in entry.facts.items():
        if values.fold(other) == folded:
            return inner
    return Known(None) if entry.otherwise is None else Names({}, entry.otherwise)


def quoted(text: str) -> str:
    """Return a text as a message shows it: on one line, and not too long for it."""
    line = " ".join(text[:200].split())
    return line if len(line) <= 60 else f"{line[:59]}…"
