"""The publish jobs of a CircleCI pipeline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.ci import Job, System
from preflight.facts.fact import Fact, Known, Unknown
from preflight.facts.project import Broken, Unread
from preflight.facts.work import Work
from preflight.readers.chores import leaks
from preflight.readers.circleci.artifacts import Made, fetched
from preflight.readers.circleci.broken import broken
from preflight.readers.circleci.caches import restored
from preflight.readers.circleci.config import ENTRY, NEXT, Config
from preflight.readers.circleci.feeders import Feeders
from preflight.readers.circleci.machines import Machine
from preflight.readers.circleci.repeats import repeats
from preflight.readers.circleci.starts import QUEUES, interruptions, starts
from preflight.readers.circleci.steps import Flattening
from preflight.readers.circleci.values import Scope
from preflight.readers.circleci.walks import follow, id_token, predefined
from preflight.readers.circleci.workflows import uses
from preflight.readers.npm_upgrades import distinct
from preflight.readers.pipeline import Pipelines
from preflight.readers.scripts import ROOT, join
from preflight.readers.sites import Surroundings
from preflight.readers.sounding import publishing_name
from preflight.readers.walk import Walk
from preflight.source.nodes import Mapping, find

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import PurePosixPath

    from preflight.facts.ci import Runner
    from preflight.facts.project import Repository, Shipment
    from preflight.facts.work import Feeder
    from preflight.readers.chores import Chores
    from preflight.readers.circleci.config import Definition
    from preflight.readers.circleci.repeats import Walked
    from preflight.readers.circleci.steps import Step
    from preflight.readers.circleci.workflows import Use
    from preflight.readers.sites import Sites
    from preflight.readers.suspects import Suspects
    from preflight.readers.workspace import Workspace
    from preflight.source.files import Files
    from preflight.source.text import Location

OTHERS = (
    "docker", "ecr", "gcr", "acr", "orb-tools", "helm", "heroku", "s3", "pypi", "poetry", "maven", "gradle", "ruby",
    "github",
)  # fmt: skip
"""What stands in the names of orbs that publish, but not to npm."""
SETTERS = ("circleci/continuation", "circleci/path-filtering")
"""Orbs whose job starts the configuration that does the work, with the options that name its file."""
BRANCHES = frozenset({"push", "api", "schedule"})
"""Events of branches, which more people may push to than may make a tag."""
NAMING = ("config-path", "configuration_path")


def read(
    files: Files, workspace: Workspace, repository: Fact[Repository], suspects: Suspects, sites: Sites
) -> Pipelines:
    """Read `.circleci/config.yml` and what it goes on with; only jobs that could publish are looked into."""
    waiting, seen = [ENTRY], {ENTRY}
    readers: list[_Reader] = []
    while waiting:
        config = Config.read(files, waiting.pop(0))
        if config is None:
            continue
        reader = _Reader(files, workspace, repository, config, suspects, sites)
        reader.read()
        readers.append(reader)
        waiting += [path for path in reader.following if path not in seen]
        seen.update(reader.following)
    return Pipelines(
        tuple(job for each in readers for job in each.jobs),
        tuple(shipment for each in readers for shipment in each.shipments),
        (),
        tuple(dict.fromkeys(unread for each in readers for unread in each.unread)),
        tuple(found for each in readers for found in each.broken()),
        tuple(f"`{each.path}`" for each in readers),
        feeders=tuple(feeder for each in readers for feeder in each.feeders),
    )


class _Reader:
    def __init__(
        self,
        files: Files,
        workspace: Workspace,
        repository: Fact[Repository],
        config: Config,
        suspects: Suspects,
        sites: Sites,
    ) -> None:
        self._files = files
        self._workspace = workspace
        self._repository = repository
        self._config = config
        self._library = config.library
        self._suspects = suspects
        self._sites = sites
        pipeline = config.root.get("parameters")
        self._top = Scope(pipeline if isinstance(pipeline, Mapping) else None)
        self._uses = uses(config, self._top)
        self._made: dict[str, Made] = {}
        self._feeders = Feeders(self._chores)
        self.path = config.path
        self.following: list[PurePosixPath] = []
        self.jobs: list[Job] = []
        self.shipments: list[Shipment] = []
        self.unread: list[Unread] = []
        self._holding: set[str] = set()
        self._stuck: list[Broken] = []

    @property
    def feeders(self) -> tuple[Feeder, ...]:
        """The jobs that made what the publish jobs get."""
        return self._feeders.all

    @property
    def _owner(self) -> str | None:
        match self._repository:
            case Known(found):
                return found.slug.partition("/")[0]
            case Unknown():
                return None

    def broken(self) -> Iterator[Broken]:
        """Yield what keeps a workflow with a publish job from starting."""
        yield from dict.fromkeys(self._stuck)
        yield from broken(self._uses, self._library, frozenset(self._holding))

    def read(self) -> None:
        named: dict[str, list[Use]] = {}
        for use in self._uses:
            if not use.approval:
                named.setdefault(use.job, []).append(use)
        for name, found in named.items():
            definition = self._library.find("jobs", name)
            if definition is not None:
                self._job(definition, found)
            elif (orb := self._library.orb(name)) is not None:
                self._foreign(name, orb, found)

    # -- what cannot be looked into -----------------------------------------------------------

    def _foreign(self, name: str, orb: str, found: list[Use]) -> None:
        """Note a job of an orb that may publish, and go on to the configuration that one starts."""
        for use in found:
            at = use.key.at if use.key else None
            if at is None:
                continue
            if orb.startswith(SETTERS):
                self._goes_on(use.node, at, use.job, orb)
            elif _may_publish(name, orb):
                self.unread.append(Unread(at, name, orb, "it is a job of an orb"))

    def _goes_on(self, node: Mapping | None, at: Location, job: str, orb: str) -> None:
        named = next((found for key in NAMING if (found := find(node, key)) is not None), None)
        why = "it goes on with a configuration that is made when it runs"
        match self._top.fact(named) if named is not None else Known(str(NEXT)):
            case Known(text) if self._files.exists(path := join(ROOT, text)):
                self.following.append(path)
                return
            case Known(text) if named is not None:
                why = f"it goes on with `{text}`, which is not here"
            case _:
                pass
        self.unread.append(Unread(at, job, orb, why))

    # -- a job --------------------------------------------------------------------------------

    def _job(self, job: Definition, found: list[Use]) -> None:
        walked: list[Walked] = []
        machines: dict[Fact[Runner], None] = {}
        seen: set[object] = set()
        foreign: list[Unread] = []
        hidden: frozenset[Location] = frozenset()
        for use in found:
            for caller, given in use.scopes(self._top):
                scope = self._top.of(job, given, caller)
                steps = self._steps(job, scope, given, caller)
                key = _alike(steps, scope)
                if key in seen or not self._files.spend(self.path):
                    continue
                seen.add(key)
                foreign += _commands(steps, job.name)
                if not self._suspect(steps):
                    continue
                machine = Machine(job, scope)
                walk = Walk(self._files, self._workspace, machine.toolchain())
                hidden |= follow(walk, steps, machine, predefined(self._repository, job.at), job.at)
                if walk.sent:
                    if machine.missing is not None:
                        what = f"job `{job.name}` runs on the executor `{machine.missing.text}`, and there is none"
                        self._stuck.append(Broken(machine.missing.at, what, job.name))
                    machines[machine.runner(self._owner)] = None
                    walked.append((use, machine, steps, walk))
        if not walked:
            self._setup(job)
            self.unread += foreign
            return
        walks = [walk for _, _, _, walk in walked]
        stepped = [steps for _, _, steps, _ in walked]
        self._holding.update(use.workflow for use in found)
        token = id_token(stepped, walks, job.at)
        around = Surroundings(job.name, token, automatic=False, system=System.CIRCLECI)
        sites, shipped = self._sites.read([sent for walk in walks for sent in walk.sent], around)
        self.shipments += shipped
        before = {made.name: made for use, _, _, _ in walked for made in self._before(use)}
        others = self._others(job.name) if any(_restores(step) for step in stepped[0]) else ()
        artifacts = fetched(stepped[0], before.values(), others, [each for walk in walks for each in walk.fetched])
        self._feeders.note(artifacts, {made.name: made for made in (*others, *before.values())}, job.name)
        started = starts(found, self._approved, job.at)
        self.jobs.append(
            Job(
                job.name,
                job.at,
                system=System.CIRCLECI,
                id_token=token,
                runners=tuple(machines),
                triggers=tuple(dict.fromkeys(trigger for use in found for trigger in use.triggers)),
                environment=Known(None),
                sites=sites,
                artifacts=artifacts,
                entry=str(self.path),
                builds=any(walk.built for walk in walks),
                upgrades=distinct(each for walk in walks for each in walk.upgrades),
                starts=started,
                interruptions=() if _queues(stepped[0]) else interruptions(job, found, started),
                repeats=tuple(repeats(walked, shipped)),
                work=Work(
                    installs=walks[0].chores.told,
                    piped=tuple(walks[0].chores.piped),
                    caches=tuple(restored(stepped[0], (made for made in others if made.events & BRANCHES))),
                    # What a context holds reaches every command of the job.
                    leaks=tuple(each for each in leaks(walks[0].chores.exposed, sites) if each.at not in hidden),
                ),
            )
        )

    def _steps(self, job: Definition, scope: Scope, given: Mapping | None, caller: Scope) -> tuple[Step, ...]:
        flattening = Flattening(self._files)
        return (
            *flattening.steps(find(given, "pre-steps"), self._library, caller),
            *flattening.steps(job.node.get("steps"), job.library, scope),
            *flattening.steps(find(given, "post-steps"), self._library, caller),
        )

    def _suspect(self, steps: tuple[Step, ...]) -> bool:
        return self._suspects.suspect("\n".join(command.text for step in steps if (command := step.command)))

    # -- other jobs ---------------------------------------------------------------------------

    def _setup(self, job: Definition) -> None:
        """Go on to the configuration that a step of a setup workflow starts."""
        if self._config.setup:
            for step in self._steps(job, self._top.of(job, None, self._top), None, self._top):
                if step.orb is not None and step.orb.startswith(SETTERS):
                    self._goes_on(step.node if isinstance(step.node, Mapping) else None, step.at, job.name, step.orb)

    def _before(self, use: Use) -> Iterator[Made]:
        """Yield the jobs that a job of a workflow waits for, also through others."""
        for each in self._awaited(use):
            if (made := self._maker(each.job)) is not None:
                yield made

    def _approved(self, use: Use) -> bool:
        """Tell whether somebody has to approve a job before it runs."""
        return any(each.approval for each in self._awaited(use))

    def _awaited(self, use: Use) -> Iterator[Use]:
        named: dict[str, list[Use]] = {}
        for each in self._uses:
            if each.workflow == use.workflow:
                for name in each.names:
                    named.setdefault(name, []).append(each)
        waiting, seen = [use], {id(use)}
        while waiting:
            for wanted in waiting.pop().requires:
                # A name that a matrix puts together may be that of any job.
                for each in named.get(wanted.text, ()):
                    if id(each) not in seen:
                        seen.add(id(each))
                        waiting.append(each)
                        yield each

    def _others(self, name: str) -> tuple[Made, ...]:
        names = dict.fromkeys(use.job for use in self._uses if use.job != name)
        return tuple(made for each in names if (made := self._maker(each)) is not None)

    def _maker(self, name: str) -> Made | None:
        definition = self._library.find("jobs", name)
        if definition is None:
            return None
        if name not in self._made:
            scope = self._top.of(definition, None, self._top)
            machine = Machine(definition, scope).runner(self._owner)
            events = frozenset(event for use in self._uses if use.job == name for event in use.triggers)
            steps = self._steps(definition, scope, None, self._top)
            self._made[name] = Made(name, definition, steps, machine, events)
        return self._made[name]

    def _chores(self, made: Made) -> Chores:
        machine = Machine(made.definition, self._top.of(made.definition, None, self._top))
        walk = Walk(self._files, self._workspace, machine.toolchain())
        at = made.definition.at
        follow(walk, made.steps, machine, predefined(self._repository, at), at)
        return walk.chores


def _restores(step: Step) -> bool:
    return step.name == "restore_cache" or step.name.endswith("/install-packages")


def _queues(steps: tuple[Step, ...]) -> bool:
    """Tell whether a command of an orb lets the job wait for other pipelines."""
    return any(step.orb is not None and any(word in step.name for word in QUEUES) for step in steps)


def _alike(steps: tuple[Step, ...], scope: Scope) -> object:
    """Return what two uses of a job have in common that do the same."""
    return (
        tuple((id(step.key), command.text if (command := step.command) else None) for step in steps),
        tuple((name, fact.value if isinstance(fact := scope.value(name), Known) else None) for name in scope.given),
    )


def _commands(steps: tuple[Step, ...], job: str) -> Iterator[Unread]:
    for step in steps:
        if step.orb is not None and _may_publish(step.name, step.orb):
            yield Unread(step.at, job, step.orb, f"`{step.name}` is a command of an orb")


def _may_publish(name: str, orb: str) -> bool:
    return publishing_name(f"{name} {orb}") and not any(other in orb.lower() for other in OTHERS)
