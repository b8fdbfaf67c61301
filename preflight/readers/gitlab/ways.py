"""The ways in which a job comes to run: which event, by which condition, and whether that keeps anybody out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.fact import Fact, Known, Unknown
from preflight.readers.gitlab.conditions import Held, holds, readable, variables
from preflight.readers.gitlab.events import ONLY, USUAL, Event, named, ref
from preflight.records import KW_ONLY, dataclass
from preflight.source.nodes import Mapping

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from preflight.readers.gitlab.conditions import Value
    from preflight.readers.gitlab.extends import Config
    from preflight.readers.gitlab.jobs import JobNode
    from preflight.readers.gitlab.values import Values
    from preflight.source.nodes import Node, Scalar
    from preflight.source.text import Location

PREDEFINED = ("CI_", "GITLAB_CI")
VERSIONS = ("/^v", "/^(v", "/v", "/^\\d", "/\\d", "/^[0-9]", "/^(\\d")
"""How a pattern begins that means versions: tags rather than branches."""
BY_HAND = "it waits until somebody starts it by hand"
UNTOLD = "the files do not tell what its conditions come to"
PROTECTED = "CI_COMMIT_REF_PROTECTED"
FILES = ("changes", "exists")


@dataclass(frozen=True, slots=True)
class Way:
    """One way: the event, and the place of the condition that lets it through, else of the job's key."""

    event: Event
    at: Location
    _: KW_ONLY
    guarded: Fact[bool]
    """Whether a condition keeps out an arbitrary one of the people who can cause the event."""

    @property
    def waits(self) -> bool:
        """Whether somebody has to start the job by hand."""
        match self.guarded:
            case Unknown(why):
                return why == BY_HAND
            case Known():
                return False


class Ways:
    """The ways of all jobs of a pipeline, each job's worked out once."""

    def __init__(self, config: Config, values: Values, above: tuple[Way, ...] | None = None) -> None:
        """Take a pipeline and its variables; for a child pipeline `above` are the ways of the job that starts it."""
        self._config = config
        self._values = values
        self._above = above
        self._known: dict[str, tuple[Way, ...]] = {}
        self._workflow = alive(config, config.find(config.top("workflow"), "rules"), all_of_them=True)

    def of(self, job: JobNode) -> tuple[Way, ...]:
        """Return the ways of a job, in the order of its rules; one at least."""
        if job.name not in self._known:
            judged = _Judged(job, self._values)
            found = tuple(self._ruled(job, judged) if job.get("rules") is not None else self._only(job, judged))
            unique = {(way.at, way.event): way for way in found}
            self._known[job.name] = tuple(unique.values()) or tuple(self._untold(job))
        return self._known[job.name]

    def triggers(self, job: JobNode) -> tuple[str, ...]:
        """Return in words what starts a job: `push` (to a branch), `tag`, `merge_request`, `schedule` and so on."""
        return tuple(dict.fromkeys(way.event.name for way in self.of(job)))

    # -- rules --------------------------------------------------------------------------------

    def _ruled(self, job: JobNode, judged: _Judged) -> Iterator[Way]:
        config = self._config
        rules = alive(config, job.get("rules"), all_of_them=True)
        found: list[tuple[int, Way]] = []
        for event, outer in self._events(_conditions(config, rules)):
            gate = self._gate(event, judged)
            if gate is None:
                continue
            for index, rule in enumerate(rules):
                condition = config.scalar(rule, "if")
                met = judged.met(rule, event)
                when = config.scalar(rule, "when") or config.scalar(job.get("when"))
                if met is not False and (when is None or when.text != "never"):
                    said = condition.text if condition else ""
                    guarded = judged.guarded(said, event, met, manual=_is_manual(when))
                    place = condition.at if condition else outer.at if outer else job.at
                    found.append((index, Way(event, place, guarded=_strictest(outer, gate, guarded))))
                if met:
                    break
        yield from (way for _, way in sorted(found, key=lambda each: each[0]))

    def _events(self, conditions: Iterable[str]) -> tuple[tuple[Event, Way | None], ...]:
        """Return the events that may start the pipeline, in a child each with the way that leads to it."""
        if self._above is not None:
            return tuple((Event(way.event.name, "parent_pipeline"), way) for way in self._above)
        outer = _conditions(self._config, self._workflow)
        return tuple((event, None) for event in dict.fromkeys(named((*conditions, *outer))))

    def _gate(self, event: Event, judged: _Judged) -> Fact[bool] | None:
        """Return what the rules of `workflow` ask of an event; None where they keep it out."""
        config = self._config
        if not self._workflow:
            return Known(value=False)
        found: Fact[bool] | None = None
        for rule in self._workflow:
            met = judged.met(rule, event)
            when = config.scalar(rule, "when")
            if met is not False and (when is None or when.text != "never"):
                condition = config.scalar(rule, "if")
                asked = judged.guarded(condition.text if condition else "", event, met, manual=False)
                found = asked if found is None or asked == Known(value=False) else found
            if met:
                break
        return found

    # -- only and except ----------------------------------------------------------------------

    def _only(self, job: JobNode, judged: _Judged) -> Iterator[Way]:
        config = self._config
        manual = _is_manual(config.scalar(job.get("when")))
        met = _Listed(config, job.get("only")), _Listed(config, job.get("except"))
        only, forbidden = met
        barred = {name for each in forbidden.refs if each.text in ONLY for name in ref(each.text)}
        for event, place, outer in self._listed(job, only, barred):
            gate = self._gate(event, judged)
            wanted = judged.any_of(only.variables, event)
            if gate is None or wanted is False or judged.any_of(forbidden.variables, event, empty=False):
                continue
            said = " || ".join(each.text for each in (*only.variables, *forbidden.variables))
            guarded = judged.guarded(said, event, None if said else True, manual=manual)
            yield Way(event, place, guarded=_strictest(outer, gate, guarded))

    def _listed(self, job: JobNode, only: _Listed, barred: set[str]) -> Iterator[tuple[Event, Location, Way | None]]:
        events = {event.name: (event, outer) for event, outer in self._events(())}
        if not only.refs:
            for event, outer in events.values():
                if event.name not in barred:
                    yield event, outer.at if outer else job.at, outer
            return
        for each in only.refs:
            names = [name for name in ref(each.text) if name not in barred]
            if len(names) > 1:
                names = names[:1] if each.text.startswith(VERSIONS) else names[1:]
            for name in names:
                if self._above is None:
                    yield Event.named(name), each.at, None
                elif name in events:
                    yield events[name][0], each.at, events[name][1]

    def _untold(self, job: JobNode) -> Iterator[Way]:
        """Yield what may start a job whose conditions no usual event meets: somebody who sets what they ask for."""
        names = USUAL if self._above is None else dict.fromkeys(way.event.name for way in self._above)
        yield from (Way(Event.named(name), job.at, guarded=Unknown(UNTOLD)) for name in names)


class _Judged:
    """The conditions of one job, with the variables that it has."""

    def __init__(self, job: JobNode, values: Values) -> None:
        self._job = job
        self._values = values
        self._own: dict[str, Value] | None = None

    def met(self, rule: Mapping, event: Event) -> bool | None:
        """Tell whether an event meets a rule; None where that cannot be told."""
        condition = self._job.config.scalar(rule, "if")
        found = self._holds(condition.text, event) if condition else True
        return None if found and any(rule.get(key) for key in FILES) else found

    def any_of(self, conditions: tuple[Scalar, ...], event: Event, *, empty: bool = True) -> bool | None:
        """Tell whether an event meets one of some conditions."""
        answers = [self._holds(each.text, event) for each in conditions]
        if not answers:
            return empty
        return True if True in answers else None if None in answers else False

    def guarded(self, condition: str, event: Event, met: bool | None, *, manual: bool) -> Fact[bool]:
        """Return whether a condition that is met keeps an arbitrary one of those out who cause the event."""
        if PROTECTED in condition and self._holds(condition, event, unprotected=True) is False:
            return Known(value=True)
        if manual:
            return Unknown(BY_HAND)
        if self._job.get("environment") is not None:
            return Unknown("the job's environment may be protected")
        if met is None and condition:
            own = next((name for name in variables(condition) if not name.startswith(PREDEFINED)), None)
            if own is not None:
                return Unknown(f"`${own}` decides it")
            if not readable(condition):
                return Unknown(UNTOLD)
        return Known(value=False)

    def _holds(self, condition: str, event: Event, *, unprotected: bool = False) -> bool | None:
        return holds(condition, self._reader(event, unprotected=unprotected))

    def _reader(self, event: Event, *, unprotected: bool) -> Callable[[str], Value]:
        def value(name: str) -> Value:
            if unprotected and name == PROTECTED:
                return "false"
            return event.value(name) if name.startswith(PREDEFINED) else self._variables.get(name, Held.ANY)

        return value

    @property
    def _variables(self) -> dict[str, Value]:
        if self._own is None:
            env = self._job.variables(self._values, ruled=False).settled().env
            self._own = {each.name: each.value.value if isinstance(each.value, Known) else Held.ANY for each in env}
        return self._own


class _Listed:
    """What `only` or `except` lists."""

    def __init__(self, config: Config, node: Node | None) -> None:
        inner = isinstance(node, Mapping)
        self.refs = config.flat(config.find(node, "refs") if inner else node)
        self.variables = config.flat(config.find(node, "variables")) if inner else ()


def alive(config: Config, rules: Node | None, *, all_of_them: bool = False) -> tuple[Mapping, ...]:
    """Return the rules that let a job run, those before the first that stops it without a condition.

    With `all_of_them`, also the rules that stop it.
    """
    found: list[Mapping] = []
    for rule in config.items(rules, nested=True):
        if not isinstance(rule, Mapping):
            continue
        when = config.scalar(rule, "when")
        stops = when is not None and when.text == "never"
        if all_of_them or not stops:
            found.append(rule)
        if stops and not any(rule.get(key) for key in ("if", *FILES)):
            break
    return tuple(found)


def never(job: JobNode) -> bool:
    """Tell whether a job surely never runs."""
    when = job.config.scalar(job.get("when"))
    if job.get("rules") is None:
        return when is not None and when.text == "never"
    return not alive(job.config, job.get("rules"))


def _conditions(config: Config, rules: Iterable[Mapping]) -> tuple[str, ...]:
    return tuple(condition.text for rule in rules if (condition := config.scalar(rule, "if")))


def _strictest(outer: Way | None, *asked: Fact[bool]) -> Fact[bool]:
    """Return what keeps most people out: what leads to the pipeline, what lets it start, what lets the job start."""
    every = (*((outer.guarded,) if outer else ()), *asked)
    return next((each for each in every if each != Known(value=False)), Known(value=False))


def _is_manual(when: Scalar | None) -> bool:
    return when is not None and when.text == "manual"
