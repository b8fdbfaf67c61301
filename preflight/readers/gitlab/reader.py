"""The publish jobs of a GitLab pipeline."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from preflight.facts.ci import Caller, Credential, Job, System
from preflight.facts.fact import Fact, Known, Unknown
from preflight.facts.project import Unread
from preflight.facts.work import Work
from preflight.readers.chores import leaks
from preflight.readers.gitlab.addresses import placed
from preflight.readers.gitlab.artifacts import Stores, fetched
from preflight.readers.gitlab.broken import broken
from preflight.readers.gitlab.caches import Caches
from preflight.readers.gitlab.extends import Config
from preflight.readers.gitlab.feeders import Feeders
from preflight.readers.gitlab.includes import ENTRY, Includes, Shelf
from preflight.readers.gitlab.jobs import JobNode, script
from preflight.readers.gitlab.repeats import repeats
from preflight.readers.gitlab.runners import runner
from preflight.readers.gitlab.starts import interruptions, starts
from preflight.readers.gitlab.tokens import Tokens
from preflight.readers.gitlab.values import GITLAB, Values, host
from preflight.readers.gitlab.ways import Ways, never
from preflight.readers.kept_secrets import hidden
from preflight.readers.npm_upgrades import distinct
from preflight.readers.pipeline import Pipelines
from preflight.readers.shell import Shell
from preflight.readers.sites import Surroundings
from preflight.readers.sounding import publishing_name
from preflight.readers.toolchain import Toolchain
from preflight.readers.walk import Walk
from preflight.records import dataclass

if TYPE_CHECKING:
    from preflight.facts.ci import PublishSite, Runner
    from preflight.facts.project import Broken, Repository, Shipment
    from preflight.facts.work import Feeder
    from preflight.readers.gitlab.ways import Way
    from preflight.readers.pipeline import Setting
    from preflight.readers.sites import Sites
    from preflight.readers.suspects import Suspects
    from preflight.readers.workspace import Workspace
    from preflight.source.files import Files
    from preflight.source.nodes import Scalar

CHILDREN = 200
"""How many child pipelines are looked into."""
JOBS = 5_000
"""How many jobs all pipelines together may have, beyond which no more children are looked into."""
DEPTH = 2
"""How deep child pipelines may start each other; GitLab's own limit (docs.gitlab.com, "Downstream pipelines")."""


def read(
    files: Files, workspace: Workspace, repository: Fact[Repository], suspects: Suspects, sites: Sites
) -> Pipelines:
    """Read the pipeline of `.gitlab-ci.yml` and its children; only jobs that could publish are looked into."""
    if not files.exists(ENTRY):
        return Pipelines()
    includes = Includes(Shelf(files), _slug(repository))
    includes.read()
    project = _Project(files=files, workspace=workspace, repository=repository, suspects=suspects, sites=sites)
    top = _Reader(project, includes, None)
    top.read()
    readers, waiting, count = [top], list(top.children), len(top.all)
    while waiting:
        reader = _Reader(project, *(last := waiting.pop(0)))
        count += len(reader.all)
        if len(readers) > CHILDREN or count > JOBS:
            caller = last[1].callers[0]
            top.unread.append(Unread(caller.at, caller.job, caller.job, "there are too many child pipelines"))
            break
        reader.read()
        readers.append(reader)
        waiting += reader.children
    publishes = any(reader.jobs for reader in readers)
    holding = [reader for reader in readers if reader.jobs or (publishes and reader is top)]
    return Pipelines(
        tuple(job for reader in readers for job in reader.jobs),
        tuple(shipment for reader in readers for shipment in reader.shipments),
        tuple(dict.fromkeys(each for reader in holding for each in reader.includes.borrowed)),
        tuple(dict.fromkeys(each for reader in readers for each in (*reader.includes.unread, *reader.unread))),
        tuple(each for reader in holding for each in reader.broken),
        (f"`{ENTRY}`",),
        feeders=tuple(feeder for reader in readers for feeder in reader.feeders),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Project:
    """What all pipelines of a project share."""

    files: Files
    workspace: Workspace
    repository: Fact[Repository]
    suspects: Suspects
    sites: Sites


@dataclass(frozen=True, slots=True)
class _Started:
    """How a child pipeline comes to run: by which jobs, in which ways, with what."""

    callers: tuple[Caller, ...]
    ways: tuple[Way, ...]
    passed: tuple[Setting, ...]


class _Reader:
    def __init__(self, project: _Project, includes: Includes, started: _Started | None) -> None:
        self._files = project.files
        self._workspace = project.workspace
        self._repository = project.repository
        self._suspects = project.suspects
        self._sites = project.sites
        self._started = started
        self._passed = started.passed if started else ()
        self._inputs = includes.inputs
        self._config = Config(includes.found)
        self._server = host(project.repository)
        self._suspected: dict[tuple[int, ...], bool] = {}
        self._scopes = frozenset(
            package.name.partition("/")[0] for package in self._workspace.packages if package.name.startswith("@")
        )
        self.includes = includes
        self.all = tuple(JobNode(name, self._config) for name in self._config.jobs)
        self._values = Values(self._config, self._inputs, passed=self._passed)
        self._ways = Ways(self._config, self._values, started.ways if started else None)
        self._stores = Stores(self.all, self._values, self._ways)
        self._feeders = Feeders(self._stores, self._feeding)
        self._caches = Caches(self.all, self._stores)
        self.jobs: list[Job] = []
        self.shipments: list[Shipment] = []
        self.unread: list[Unread] = []
        self.children: list[tuple[Includes, _Started]] = []

    @property
    def broken(self) -> tuple[Broken, ...]:
        """What keeps the pipeline from starting, as far as all its files can be seen."""
        return (*self.includes.broken, *(() if self.includes.foreign else broken(self.all)))

    @property
    def feeders(self) -> tuple[Feeder, ...]:
        """The jobs that made what the publish jobs get."""
        return self._feeders.all

    def read(self) -> None:
        """Look into every job that could publish, and note the pipelines that others start."""
        for job in self.all:
            if job.own("trigger") is not None:
                if not never(job):
                    self._trigger(job)
            elif (lines := (*job.lines, *job.afterwards)) and self._suspect(lines) and not never(job):
                self._job(job)
            elif self.includes.foreign and not job.runs and publishing_name(job.name):
                self._unseen(job)

    def _suspect(self, lines: tuple[Scalar, ...]) -> bool:
        key = tuple(map(id, lines))
        if key not in self._suspected:
            # What is put in for an input may be the very command that publishes.
            filled = (self._values.filled(line) for line in lines)
            texts = (fact.value if isinstance(fact, Known) else "publish" for fact in filled)
            self._suspected[key] = self._suspects.suspect("\n".join(texts))
        return self._suspected[key]

    # -- what cannot be looked into -----------------------------------------------------------

    def _unseen(self, job: JobNode) -> None:
        """Note a job whose script stands in a template of another project."""
        for template in job.missing[:1]:
            self.unread.append(Unread(template.at, job.name, template.text, "it is a job of another project"))

    def _trigger(self, job: JobNode) -> None:
        """Note a pipeline that a job starts: a child of this one is read, one of another project cannot be."""
        config = job.config
        trigger = job.get("trigger")
        project = config.scalar(trigger) or config.scalar(trigger, "project")
        if project is not None:
            if publishing_name(f"{job.name} {project.text}"):
                self.unread.append(Unread(project.at, job.name, project.text, "it is a pipeline of another project"))
            return
        if self._started is not None and len(self._started.callers) >= DEPTH:
            return
        child = Includes(self.includes.shelf, self.includes.slug, job.name)
        child.child(config.items(config.find(trigger, "include")))
        above = self._started.callers if self._started else ()
        ways = self._ways.of(job)
        self.children.append((child, _Started((Caller(job.at, job.name), *above), ways, self._handed_on(job))))

    def _handed_on(self, job: JobNode) -> tuple[Setting, ...]:
        """Return the variables that a child pipeline gets from the job that starts it."""
        forwarded = self._config.scalar(job.get("trigger"), "forward", "yaml_variables")
        if forwarded is not None and forwarded.value is False:
            return ()
        return job.variables(self._values).settled().env

    # -- a job --------------------------------------------------------------------------------

    def _job(self, job: JobNode) -> None:
        raw = job.variables(self._start(job))
        values = raw.settled()
        tokens = Tokens.of(job, values) if self._started is None else Tokens.of_child(job)
        trusted = not (isinstance(tokens.trusted, Known) and not tokens.trusted.value)
        kept = hidden(self._files, (*job.lines, *job.afterwards), job.at, trusted=trusted)
        machines, walks = self._walked(job, raw, kept)
        sent = [placed(each, self._scopes, self._server) for walk in walks for each in walk.sent]
        if not sent:
            return
        found, shipped = self._sites.read(sent, self._around(job, tokens))
        self.shipments += shipped
        ways = self._ways.of(job)
        unseen = {setting.at for setting in kept}
        self.jobs.append(
            Job(
                job.name,
                job.at,
                system=System.GITLAB,
                id_token=tokens.needed(job, without_secret=_without_secret(found)),
                callers=self._started.callers if self._started else (),
                runners=tuple(machines),
                triggers=self._ways.triggers(job),
                environment=_environment(job, values),
                sites=found,
                artifacts=self._feeders.made(
                    fetched(job, self._stores, [each for walk in walks for each in walk.fetched]), job.name
                ),
                entry=str(ENTRY),
                builds=any(walk.built for walk in walks),
                upgrades=distinct(each for walk in walks for each in walk.upgrades),
                starts=starts(ways),
                repeats=tuple(repeats(job, walks, self._columns(job, raw), shipped)),
                interruptions=interruptions(job, self.all, ways),
                work=Work(
                    installs=walks[0].chores.told,
                    piped=tuple(walks[0].chores.piped),
                    caches=self._caches.restored(job),
                    # What the project's settings hold reaches every command of every job.
                    leaks=tuple(each for each in leaks(walks[0].chores.exposed, found) if each.at not in unseen),
                ),
            )
        )

    def _walked(
        self, job: JobNode, raw: Values, kept: tuple[Setting, ...] = ()
    ) -> tuple[dict[Fact[Runner], None], list[Walk]]:
        """Walk the script of a job in each combination of its matrix; `kept` are secrets that no file sets."""
        machines: dict[Fact[Runner], None] = {}
        walks: list[Walk] = []
        for combination in job.combinations(raw):
            inner = raw.given(combination).settled()
            machine = runner(job, inner, self._server)
            machines[machine] = None
            walk = Walk(self._files, self._workspace, _toolchain(job, inner))
            declared = {setting.name for setting in inner.env}
            env = (*(setting for setting in kept if setting.name not in declared), *inner.env)
            for lines in filter(None, (job.lines, job.afterwards)):
                walk.script(script(lines, _shell(machine), inner, env))
            walks.append(walk)
        return machines, walks

    def _feeding(self, job: JobNode) -> tuple[dict[Fact[Runner], None], list[Walk]]:
        return self._walked(job, job.variables(self._start(job))) if job.lines else ({}, [])

    def _start(self, job: JobNode) -> Values:
        return Values.predefined(self._config, self._inputs, self._repository, job.at, self._passed)

    def _columns(self, job: JobNode, raw: Values) -> frozenset[str]:
        return frozenset(setting.name for row in job.combinations(raw) for setting in row)

    def _around(self, job: JobNode, tokens: Tokens) -> Surroundings:
        return Surroundings(
            job.name,
            tokens.trusted,
            # A variable of another job does not reach this one.
            foreign_env=tuple(setting for name, setting in self._asking if name != job.name),
            # Without this token npm publishes by trusted publishing all the same, and says nothing (npm/cli#8558).
            system=System.GITLAB,
            automatic=not (isinstance(tokens.sigstore, Known) and not tokens.sigstore.value),
            trusting=self._server == GITLAB and self._started is None,
            wrong=() if tokens.wrong is None else (tokens.wrong,),
        )

    @cached_property
    def _asking(self) -> tuple[tuple[str, Setting], ...]:
        """The variables by which jobs ask for provenance, each with the name of the job."""
        return tuple(
            (job.name, setting)
            for job in self.all
            if (own := job.own("variables"))
            for setting in self._values.within(own.value).env
            if "provenance" in setting.name.lower()
        )


def _slug(repository: Fact[Repository]) -> str | None:
    match repository:
        case Known(found):
            return found.slug
        case Unknown():
            return None


def _without_secret(found: tuple[PublishSite, ...]) -> bool:
    """Tell whether a site publishes to npm with nothing but what a trusted publisher is given."""
    return any(
        site.for_npm
        and isinstance(site.credential, Known)
        and site.credential.value in (Credential.NONE, Credential.OIDC)
        for site in found
    )


def _toolchain(job: JobNode, values: Values) -> Toolchain:
    entry = job.entry("image")
    name = (job.config.scalar(entry.value) or job.config.scalar(entry.value, "name")) if entry else None
    if name is None:
        template = next(iter(job.missing), None)
        if template is not None:
            return Toolchain.unknown(
                f"`{template.text}`, which the job extends, is not in this repository", template.at
            )
        return Toolchain.unknown("the job names no image, and the runner's own is not known", job.at)
    match values.fact(name):
        case Known(reference):
            return Toolchain.of_image(reference, name.at)
        case Unknown(why):
            return Toolchain.unknown(why, name.at)


def _shell(machine: Fact[Runner]) -> Shell:
    match machine:
        case Known(found) if any("windows" in label.lower() for label in found.labels):
            return Shell.POWERSHELL
        case _:
            return Shell.BASH


def _environment(job: JobNode, values: Values) -> Fact[str | None]:
    node = job.get("environment")
    name = job.config.scalar(node) or job.config.scalar(node, "name")
    return values.fact(name) if name else Known(None)
