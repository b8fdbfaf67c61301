"""The publish jobs of a GitLab pipeline."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from preflight.facts.ci import Credential, Job, System
from preflight.facts.fact import Fact, Known, Unknown
from preflight.facts.project import Unread
from preflight.readers.gitlab import secrets
from preflight.readers.gitlab.artifacts import Stores, fetched
from preflight.readers.gitlab.broken import broken
from preflight.readers.gitlab.extends import Config
from preflight.readers.gitlab.includes import ENTRY, Includes, publishing_name
from preflight.readers.gitlab.jobs import JobNode, script
from preflight.readers.gitlab.runners import runner
from preflight.readers.gitlab.tokens import Tokens
from preflight.readers.gitlab.triggers import never, triggers
from preflight.readers.gitlab.values import Values, host
from preflight.readers.pipeline import Pipelines
from preflight.readers.programs import read as text_of
from preflight.readers.scripts import ROOT, join
from preflight.readers.shell import Shell
from preflight.readers.sites import Surroundings
from preflight.readers.toolchain import Toolchain
from preflight.readers.walk import Walk

if TYPE_CHECKING:
    from preflight.facts.ci import PublishSite, Runner
    from preflight.facts.project import Repository, Shipment
    from preflight.readers.pipeline import Setting
    from preflight.readers.sites import Sites
    from preflight.readers.suspects import Suspects
    from preflight.readers.workspace import Workspace
    from preflight.source.files import Files
    from preflight.source.nodes import Scalar


def read(
    files: Files, workspace: Workspace, repository: Fact[Repository], suspects: Suspects, sites: Sites
) -> Pipelines:
    """Read the pipeline of `.gitlab-ci.yml`; only jobs that could publish are looked into."""
    if not files.exists(ENTRY):
        return Pipelines()
    includes = Includes(files)
    includes.read()
    reader = _Reader(includes, workspace, repository, suspects, sites)
    reader.read()
    publishes = bool(reader.jobs)
    return Pipelines(
        tuple(reader.jobs),
        tuple(reader.shipments),
        tuple(includes.borrowed) if publishes else (),
        tuple(dict.fromkeys((*includes.unread, *reader.unread))),
        (*includes.broken, *(() if includes.foreign else broken(reader.all))) if publishes else (),
        (f"`{ENTRY}`",),
    )


class _Reader:
    def __init__(
        self,
        includes: Includes,
        workspace: Workspace,
        repository: Fact[Repository],
        suspects: Suspects,
        sites: Sites,
    ) -> None:
        self._files = includes.files
        self._inputs = includes.inputs
        self._foreign = includes.foreign
        self._config = Config(includes.found)
        self._workspace = workspace
        self._repository = repository
        self._server = host(repository)
        self._suspects = suspects
        self._suspected: dict[tuple[int, ...], bool] = {}
        self._sites = sites
        self._scopes = frozenset(
            package.name.partition("/")[0] for package in workspace.packages if package.name.startswith("@")
        )
        self.all = tuple(JobNode(name, self._config) for name in self._config.jobs)
        self._values = Values(self._config, self._inputs)
        self._stores = Stores(self.all, self._values)
        self.jobs: list[Job] = []
        self.shipments: list[Shipment] = []
        self.unread: list[Unread] = []

    def read(self) -> None:
        for job in self.all:
            if job.own("trigger") is not None:
                self._trigger(job)
            elif job.lines and self._suspect(job.lines) and not never(job):
                self._job(job)
            elif self._foreign and not job.runs and publishing_name(job.name):
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
        """Note a job that starts another pipeline which may publish."""
        config = job.config
        trigger = job.get("trigger")
        project = config.scalar(trigger) or config.scalar(trigger, "project")
        if project is not None:
            if publishing_name(f"{job.name} {project.text}"):
                self.unread.append(Unread(project.at, job.name, project.text, "it is a pipeline of another project"))
            return
        for item in config.items(config.find(trigger, "include")):
            named = config.scalar(item) or config.scalar(item, "local") or config.scalar(item, "artifact")
            if named is None:
                named = (
                    config.scalar(item, "project") or config.scalar(item, "component") or config.scalar(item, "remote")
                )
            if named is None:
                continue
            found = text_of(self._files, join(ROOT, named.text.lstrip("/")))
            if self._suspects.suspect(found.text) if found else publishing_name(f"{job.name} {named.text}"):
                why = "it is a child pipeline, in which provenance is not supported"
                self.unread.append(Unread(named.at, job.name, named.text, why))

    # -- a job --------------------------------------------------------------------------------

    def _job(self, job: JobNode) -> None:
        start = Values.predefined(self._config, self._inputs, self._repository, job.at)
        raw = job.variables(start)
        values = raw.settled()
        tokens = Tokens.of(job, values)
        trusted = not (isinstance(tokens.trusted, Known) and not tokens.trusted.value)
        kept = secrets.hidden(self._files, job.lines, job.at, trusted=trusted)
        machines: dict[Fact[Runner], None] = {}
        walks: list[Walk] = []
        for combination in job.combinations(raw):
            inner = raw.given(combination).settled()
            machine = runner(job, inner, self._server)
            machines[machine] = None
            walk = Walk(self._files, self._workspace, _toolchain(job, inner))
            declared = {setting.name for setting in inner.env}
            env = (*(setting for setting in kept if setting.name not in declared), *inner.env)
            walk.script(script(job.lines, _shell(machine), inner, env))
            walks.append(walk)
        sent = [secrets.placed(each, self._scopes, self._server) for walk in walks for each in walk.sent]
        if not sent:
            return
        found, shipped = self._sites.read(sent, self._around(job, tokens))
        self.shipments += shipped
        self.jobs.append(
            Job(
                job.name,
                job.at,
                system=System.GITLAB,
                id_token=tokens.needed(job, without_secret=_without_secret(found)),
                runners=tuple(machines),
                triggers=triggers(job),
                environment=_environment(job, values),
                sites=found,
                artifacts=fetched(job, self._stores, [each for walk in walks for each in walk.fetched]),
                entry=str(ENTRY),
                builds=any(walk.built for walk in walks),
            )
        )

    def _around(self, job: JobNode, tokens: Tokens) -> Surroundings:
        return Surroundings(
            job.name,
            tokens.trusted,
            # A variable of another job does not reach this one.
            foreign_env=tuple(setting for name, setting in self._asking if name != job.name),
            # Without this token npm publishes by trusted publishing all the same, and says nothing (npm/cli#8558).
            automatic=not (isinstance(tokens.sigstore, Known) and not tokens.sigstore.value),
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
