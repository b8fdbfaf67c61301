"""A job of a GitLab pipeline, with all that it extends and inherits."""

from __future__ import annotations

from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING

from preflight.facts.fact import Fact, Known, Unknown
from preflight.readers.gitlab.extends import lookup
from preflight.readers.gitlab.inputs import holes
from preflight.readers.lines import Lines
from preflight.readers.pipeline import Script, Setting
from preflight.readers.scripts import ROOT
from preflight.source.nodes import Entry, Mapping, Scalar, Sequence, entries

if TYPE_CHECKING:
    from preflight.readers.gitlab.extends import Config
    from preflight.readers.gitlab.values import Values
    from preflight.readers.shell import Shell
    from preflight.source.nodes import Node
    from preflight.source.text import Location

DEFAULTS = frozenset(
    {"after_script", "artifacts", "before_script", "cache", "hooks", "id_tokens", "identity", "image", "interruptible",
     "retry", "services", "tags", "timeout"}
)  # fmt: skip
"""Keys that `default` gives to a job which does not have them (docs.gitlab.com, "CI/CD YAML syntax reference")."""
OLD_DEFAULTS = frozenset({"after_script", "before_script", "cache", "image", "services"})
"""Those that may also stand at the top of the file."""
STAGES = ("build", "test", "deploy")
COMBINATIONS = 200
"""How many jobs a matrix makes at most; GitLab's own limit."""


class JobNode:
    """A job by its name; keys are looked up in what it writes, what it extends and what it inherits."""

    def __init__(self, name: str, config: Config) -> None:
        """Take a job of a pipeline."""
        self.name = name
        self.config = config
        self.layers = config.layers(name)

    def __repr__(self) -> str:
        return f"JobNode({self.name!r})"

    @property
    def key(self) -> Scalar:
        """Its key."""
        return self.config.key(self.name)

    @property
    def at(self) -> Location:
        """The place of its key."""
        return self.key.at

    @property
    def missing(self) -> tuple[Scalar, ...]:
        """The templates that it extends and that no file here holds."""
        return self.config.missing(self.name)

    @property
    def runs(self) -> bool:
        """Whether it has a script of its own; a job that triggers another pipeline has none."""
        return self.own("script") is not None or self.own("run") is not None

    def own(self, key: str) -> Entry | None:
        """Return what the job says under a key, itself or through `extends`; null is nothing."""
        return self._real(lookup(self.layers, key))

    def entry(self, key: str) -> Entry | None:
        """Return what the job says under a key or inherits from `default`."""
        found = self.own(key)
        if found is None and key in DEFAULTS and self._inherits("default", key):
            defaults = self.config.own("default")
            found = self._real(lookup(defaults, key))
            if found is None and key in OLD_DEFAULTS and (top := self.config.top(key)) is not None:
                found = self._real(Entry(self.config.key(key), top))
        return found

    def get(self, key: str) -> Node | None:
        """Return the value of a key."""
        found = self.entry(key)
        return found.value if found else None

    @cached_property
    def stage(self) -> str:
        """The stage that it runs in."""
        found = self.config.scalar(self.get("stage"))
        return found.text if found else "test"

    @cached_property
    def lines(self) -> tuple[Scalar, ...]:
        """The lines of `before_script` and `script`, which one shell runs after each other."""
        steps = (self.config.find(step, "script") for step in self.config.items(self.get("run")))
        return (
            *self.config.flat(self.get("before_script")),
            *self.config.flat(self.get("script")),
            *(line for step in steps for line in self.config.flat(step)),
        )

    @cached_property
    def afterwards(self) -> tuple[Scalar, ...]:
        """The lines of `after_script`, which a shell of their own runs."""
        return self.config.flat(self.get("after_script"))

    def variables(self, start: Values, *, ruled: bool = True) -> Values:
        """Return the variables of the job on top of some others: the pipeline's, its own, then those of its rules."""
        values = start
        match self._inherited("variables"):
            case False:
                pass
            case True:
                values = values.within(self.config.top("variables"))
            case names:
                top = values.within(self.config.top("variables"))
                kept = tuple(each for each in top.env[len(values.env) :] if each.name in names)
                values = values.given(kept)
        own = self.own("variables")
        inner = values.within(own.value if own else None)
        inner = inner.given(self._ruled(values)) if ruled else inner
        return inner.given(start.passed)

    def _ruled(self, values: Values) -> tuple[Setting, ...]:
        """Return the variables that `rules` set; where a rule sets another value than the next, it cannot be told."""
        found: dict[str, list[Setting]] = {}
        rules = [rule for rule in self.config.items(self.get("rules"), nested=True) if isinstance(rule, Mapping)]
        alive = [rule for rule in rules if (when := self.config.scalar(rule, "when")) is None or when.text != "never"]
        for rule in alive:
            for setting in values.within(rule.get("variables")).env[len(values.env) :]:
                found.setdefault(setting.name, []).append(setting)
        return tuple(
            each[0]
            if len(each) == len(alive)
            and len({setting.value.value for setting in each if isinstance(setting.value, Known)}) == 1
            else Setting(name, Unknown(f"a rule of the job sets `{name}`", each[0].at), each[0].at)
            for name, each in found.items()
        )

    def combinations(self, values: Values) -> tuple[tuple[Setting, ...], ...]:
        """Return the variables of each job that `parallel:matrix` makes; one without any where there is no matrix."""
        found: list[tuple[Setting, ...]] = []
        for row in self.config.items(self.config.find(self.get("parallel"), "matrix")):
            columns = [
                [Setting(entry.key.text, values.filled(value), value.at) for value in self.config.flat(entry.value)]
                for entry in entries(row)
            ]
            if columns and all(columns):
                for chosen in product(*columns):
                    if len(found) >= COMBINATIONS:
                        return tuple(found)
                    found.append(chosen)
        return tuple(found) or ((),)

    # -- what it inherits ---------------------------------------------------------------------

    def _inherits(self, what: str, key: str) -> bool:
        match self._inherited(what):
            case bool(all_or_none):
                return all_or_none
            case names:
                return key in names

    def _inherited(self, what: str) -> bool | frozenset[str]:
        """Return whether the job inherits `default` or `variables`: all, none, or some."""
        inherit = self.own("inherit")
        match self.config.find(inherit.value if inherit else None, what):
            case Scalar(value=False):
                return False
            case Sequence() as names:
                return frozenset(name.text for name in self.config.flat(names))
            case _:
                return True

    def _real(self, found: Entry | None) -> Entry | None:
        value = self.config.resolve(found.value) if found else None
        if found is None or value is None or (isinstance(value, Scalar) and value.value is None):
            return None
        return Entry(found.key, value)


def script(lines: tuple[Scalar, ...], shell: Shell, values: Values, env: tuple[Setting, ...]) -> Script:
    """Return some lines, one at least, as the script that one shell runs in the project's folder."""
    whole = Lines(lines)
    parts: list[str] = []
    found: list[tuple[str, Fact[str]]] = []
    for line in lines:
        last, body = 0, line.text
        for start, end, name in holes(body):
            # A variable of the same length, so that every command keeps its place.
            variable = f"H{len(found):x}".ljust(end - start - 3, "_")
            found.append((variable, values.input(line, name)))
            parts += [body[last:start], "${" + variable + "}"]
            last = end
        parts += [body[last:], "\n"]
    return Script(whole, "".join(parts)[:-1], shell, cwd=Known(ROOT), env=env, holes=tuple(found))
