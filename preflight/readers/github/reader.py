"""The publish jobs of a repository's GitHub workflows."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from preflight.facts.ci import ArtifactOrigin, Caller, Job, System
from preflight.facts.fact import Fact, Known, Unknown
from preflight.facts.project import Unread
from preflight.facts.work import Work
from preflight.readers.chores import leaks
from preflight.readers.github import artifacts, permissions
from preflight.readers.github.borrowed import borrowed
from preflight.readers.github.broken import broken
from preflight.readers.github.caches import Writers
from preflight.readers.github.feeders import Feeders
from preflight.readers.github.grants import grants
from preflight.readers.github.handed_over import may_publish
from preflight.readers.github.images import images
from preflight.readers.github.interruptions import interruptions
from preflight.readers.github.jobs import Steps, is_windows
from preflight.readers.github.matrix import combinations, projected
from preflight.readers.github.pastes import pastes
from preflight.readers.github.repeats import repeats
from preflight.readers.github.runners import runners
from preflight.readers.github.scene import Scene
from preflight.readers.github.starts import starts
from preflight.readers.github.unheard import makers, unheard
from preflight.readers.github.ways import Way
from preflight.readers.github.workflow import Uses
from preflight.readers.npm_upgrades import distinct
from preflight.readers.pipeline import Pipelines
from preflight.readers.sites import Surroundings
from preflight.readers.toolchain import Toolchain
from preflight.readers.walk import Walk
from preflight.records import replace
from preflight.source.nodes import Mapping, Scalar, entries, find, strings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import PurePosixPath

    from preflight.facts.ci import Artifact, PublishSite, Runner
    from preflight.facts.project import Shipment
    from preflight.facts.work import Feeder, Grant
    from preflight.readers.github.artifacts import Upload
    from preflight.readers.github.jobs import Gate
    from preflight.readers.github.matrix import Combination
    from preflight.readers.github.repo import Chain, Repo
    from preflight.readers.github.unheard import Maker
    from preflight.readers.github.workflow import JobNode, Step, Workflow
    from preflight.readers.pipeline import Setting
    from preflight.readers.sites import Sites
    from preflight.source.nodes import Node


def read(repo: Repo, sites: Sites) -> Pipelines:
    """Read all workflows; only jobs that could publish are looked into."""
    reader = _Reader(repo, sites)
    for workflow in repo.workflows.values():
        reader.workflow(workflow)
    holding = reader.holding()
    count = len(repo.workflows)
    return Pipelines(
        tuple(reader.jobs),
        tuple(reader.shipments),
        borrowed(repo, (*holding, *reader.feeding())),
        tuple(dict.fromkeys(reader.unread)),
        broken(repo, holding),
        (f"{count} GitHub workflow{'s' if count > 1 else ''}",) if count else (),
        feeders=reader.feeders,
        grants=reader.grants(),
    )


class _Reader:
    def __init__(self, repo: Repo, sites: Sites) -> None:
        self._repo = repo
        self._sites = sites
        self.jobs: list[Job] = []
        self.shipments: list[Shipment] = []
        self.unread: list[Unread] = []
        self._holding: dict[object, Workflow] = {}
        self._publishing: set[tuple[object, str]] = set()
        self._fed: list[Workflow] = []
        """Entry workflows of publish jobs that fetch what another run made."""
        self._asked: dict[PurePosixPath, tuple[tuple[str, Node, bool], ...]] = {}
        self._uploaded: dict[PurePosixPath, tuple[Upload, ...]] = {}
        self._feeders = Feeders(self._feeding)
        self._writers = Writers(repo)

    def holding(self) -> tuple[Workflow, ...]:
        """Return the workflows that hold a publish job or call one that does, in the order of their names."""
        return tuple(each for each in self._repo.workflows.values() if each.path in self._holding)

    def feeding(self) -> tuple[Workflow, ...]:
        """Return the workflows that made what a publish job fetches: by their jobs, or as the run that it waits for."""
        paths = {feeder.at.path for feeder in self.feeders}
        names = {
            word.text for each in self._fed for word in strings(find(each.events.get("workflow_run"), "workflows"))
        }
        return tuple(
            each for each in self._repo.workflows.values() if each.path in paths or names & {each.title, str(each.path)}
        )

    @property
    def feeders(self) -> tuple[Feeder, ...]:
        """The jobs that made what the publish jobs fetch."""
        return self._feeders.all

    def grants(self) -> tuple[Grant, ...]:
        """Return the id tokens of those workflows that go to jobs which do not publish."""
        return tuple(grants(self._repo, self.holding(), self._publishing))

    @cached_property
    def _makers(self) -> tuple[Maker, ...]:
        return makers(self._repo)

    def workflow(self, workflow: Workflow) -> None:
        for job in workflow.jobs.values():
            if job.uses is not None:
                self._call(job)
            elif self._repo.suspect(job):
                for chain in self._repo.chains(workflow):
                    self._job(job, chain)

    def _call(self, job: JobNode) -> None:
        """Note a reusable workflow of another repository that is given what a publish needs."""
        if job.uses is None:
            return
        uses = Uses.parse(job.uses.text)
        if self._repo.inside(uses) is not None or not may_publish(job, uses):
            return
        chains = self._repo.chains(job.workflow)
        if any(self._runs(job, chain) for chain in chains):
            self.unread.append(Unread(job.uses.at, job.name, uses.text, "it is a workflow of another repository"))

    def _runs(self, job: JobNode, chain: Chain) -> bool:
        """Tell whether no `if` of a job or of one that leads to it is surely false."""
        return all(self._scene(link, chain[at:]).holds(link.condition) for at, link in enumerate((job, *chain)))

    def _job(self, job: JobNode, chain: Chain) -> None:
        if not self._runs(job, chain):
            return
        scene = self._scene(job, chain)
        token = permissions.id_token(job, chain, called_from_elsewhere=not _entry(job, chain).triggers)
        walked = list(self._walks(job, scene))
        sent = [each for _, _, steps in walked for each in steps.walk.sent]
        if not sent:
            for _, _, steps in walked:
                self.unread += [Unread(at, job.name, uses, why) for at, uses, why in steps.unknown]
            return
        for link in (job, *chain):
            self._holding[link.workflow.path] = link.workflow
        around = Surroundings(
            job.name,
            token,
            asked=bool(job.permissions and permissions.granted(job.permissions.value, "id-token") == "write"),
            foreign_env=self._foreign(job, scene),
            caller_env=self._callers_env(chain),
        )
        found, shipped = self._sites.read(sent, around)
        self.shipments += shipped
        sending = [(machines, steps) for _, machines, steps in walked if steps.walk.sent]
        machines = [machine for machines, _ in sending for machine in machines]
        chores = sending[0][1].chores()
        fetched = self._artifacts(job, chain, [steps for _, steps in sending])
        if any(artifact.origin is ArtifactOrigin.WORKFLOW for artifact in fetched):
            self._fed.append(_entry(job, chain))
        # What another job built and cached is an artifact.
        builds = {artifact.at for artifact in fetched if artifact.origin is ArtifactOrigin.CACHE}
        caches = [cache for _, steps in sending for cache in steps.caches if cache.at not in builds]
        way = Way(self._repo, job, chain, _gates(found, [steps for _, steps in sending]))
        self.jobs.append(
            Job(
                job.name,
                job.at,
                system=System.GITHUB,
                id_token=token,
                runners=tuple(dict.fromkeys(machines)),
                triggers=_entry(job, chain).triggers,
                environment=_environment(job, scene),
                sites=found,
                artifacts=fetched,
                callers=tuple(Caller(link.at, link.name) for link in chain),
                entry=_entry(job, chain).path.name,
                builds=any(steps.walk.built for _, steps in sending),
                upgrades=distinct(each for _, steps in sending for each in steps.walk.upgrades),
                starts=starts(way, found),
                interruptions=interruptions(way),
                unheard=tuple(unheard(job, _entry(job, chain), self._makers)),
                repeats=tuple(repeats(job, ((each, steps.walk.sent) for each, _, steps in walked), shipped)),
                work=Work(
                    installs=chores.told,
                    piped=tuple(chores.piped),
                    pastes=tuple(pastes(self._repo, job, chain, scene)),
                    caches=self._writers.shared(job, caches),
                    leaks=tuple(leaks(chores.exposed, found)),
                ),
                images=tuple(images(job, scene)),
            )
        )
        self._publishing |= {(link.workflow.path, link.name) for link in (job, *chain)}

    # -- the job's surroundings ---------------------------------------------------------------

    def _scene(self, job: JobNode, chain: Chain) -> Scene:
        """Return what a job's expressions can see, worked out from the entry workflow down."""
        return Scene.of(self._repo.repository, job, chain)

    def _walks(self, job: JobNode, scene: Scene) -> Iterator[tuple[Combination, tuple[Fact[Runner], ...], Steps]]:
        every = combinations(job)
        chosen: tuple[Combination | None, ...] = (None,) if every is None else projected(every, job.text)
        for combination in chosen:
            inner = Scene(scene.repository, scene.entry, matrix=combination, inputs=scene.inputs, env=scene.env).within(
                job.node.get("env")
            )
            machines = runners(job.node.get("runs-on"), inner)
            # Each machine brings its own Node.js and its own shell.
            one_by_one: list[tuple[Fact[Runner], ...]] = [(machine,) for machine in machines] or [()]
            for alone in one_by_one:
                walk = Walk(self._repo.files, self._repo.workspace, _toolchain(job, inner, alone))
                steps = Steps(self._repo, job, walk, is_windows(alone))
                steps.read(job.steps, inner)
                yield combination or {}, alone, steps

    def _foreign(self, job: JobNode, scene: Scene) -> tuple[Setting, ...]:
        """Return variables of other steps and of other jobs, which do not reach a command of this one."""
        nodes = [node for name, node, of_step in self._asking(job.workflow) if of_step or name != job.name]
        if not self._repo.files.spend(job.workflow.path, len(nodes)):
            return ()
        return tuple(setting for node in nodes for setting in scene.settings(node))

    def _asking(self, workflow: Workflow) -> tuple[tuple[str, Node, bool], ...]:
        """Return every `env` of a job or a step that asks for provenance, with the job's name."""
        if workflow.path not in self._asked:
            found = [
                (job.name, node, place is not job.node)
                for job in workflow.jobs.values()
                for place in (job.node, *(step.node for step in job.steps))
                if (node := place.get("env")) is not None
            ]
            self._asked[workflow.path] = tuple(
                each for each in found if any("provenance" in entry.key.text.lower() for entry in entries(each[1]))
            )
        return self._asked[workflow.path]

    def _callers_env(self, chain: Chain) -> tuple[Setting, ...]:
        return tuple(
            setting for link in chain for setting in self._scene(link, ()).settings(link.workflow.node.get("env"))
        )

    # -- artifacts ----------------------------------------------------------------------------

    def _artifacts(self, job: JobNode, chain: Chain, walked: list[Steps]) -> tuple[Artifact, ...]:
        truth = self._repo.repository
        own = truth.value.slug if isinstance(truth, Known) else None
        downloads = [
            found for steps in walked for found in (*steps.downloads, *artifacts.commands(steps.walk.fetched, own))
        ]
        if not downloads:
            return ()
        uploads = [
            replace(found, chain=(*found.chain, *chain[at:])) if chain[at:] else found
            for at, link in enumerate((job, *chain))
            for found in self._all_uploads(link.workflow)
        ]
        found = artifacts.fetched(job.name, str(job.workflow.path), downloads, uploads)
        return tuple(self._feeders.made(artifact, makers, job.name) for artifact, makers in found)

    def _feeding(self, job: JobNode, chain: Chain) -> Iterator[tuple[tuple[Fact[Runner], ...], Steps]]:
        return ((machines, steps) for _, machines, steps in self._walks(job, self._scene(job, chain)))

    def _all_uploads(self, workflow: Workflow) -> tuple[Upload, ...]:
        if workflow.path not in self._uploaded:
            self._uploaded[workflow.path] = tuple(self._uploads(workflow))
        return self._uploaded[workflow.path]

    def _uploads(self, workflow: Workflow, chain: Chain = ()) -> Iterator[Upload]:
        scene = Scene(self._repo.repository, workflow)
        for job in workflow.jobs.values():
            if not self._repo.files.spend(workflow.path):
                return
            if job.uses is not None and len(chain) < 3 and (called := self._repo.called(Uses.parse(job.uses.text))):
                yield from self._uploads(called, (job, *chain))
            yield from (replace(found, chain=chain) for found in self._stored(job.steps, scene, job))

    def _stored(self, steps: tuple[Step, ...], scene: Scene, job: JobNode, depth: int = 0) -> Iterator[Upload]:
        for step in steps:
            if step.uses is None or not self._repo.files.spend(step.node.source.path):
                continue
            uses = Uses.parse(step.uses.text)
            if (path := self._repo.inside(uses)) and depth < 3 and (action := self._repo.action(path)):
                yield from self._stored(action.steps, scene, job, depth + 1)
            elif found := artifacts.upload(uses, step, scene, job):
                yield found


def _entry(job: JobNode, chain: Chain) -> Workflow:
    return (chain[-1] if chain else job).workflow


def _gates(found: tuple[PublishSite, ...], walked: list[Steps]) -> tuple[tuple[Gate, ...], ...]:
    """Return the `if` of the steps around each place that sends to npm, else around each that sends anywhere."""
    places = {site.at for site in found if site.for_npm} or {site.at for site in found}
    return tuple(
        tuple(steps.gates.get(number, ()))
        for steps in walked
        for number, sent in enumerate(steps.walk.sent)
        if sent.at in places
    )


def _toolchain(job: JobNode, scene: Scene, machines: tuple[Fact[Runner], ...]) -> Toolchain:
    container = job.node.get("container")
    image = container.get("image") if isinstance(container, Mapping) else container
    if isinstance(image, Scalar) and image.text:
        match scene.fact(image):
            case Known(reference):
                return Toolchain.of_image(reference, image.at)
            case Unknown(why):
                return Toolchain.unknown(why, image.at)
    match machines:
        case (Known(machine, at), *_):
            return Toolchain.of_machine(machine.labels, at)
        case (Unknown(_, at), *_):
            return Toolchain.unknown("the Node.js on the runner is not known", at)
        case _:
            return Toolchain.unknown("the job says no runner", job.at)


def _environment(job: JobNode, scene: Scene) -> Fact[str | None]:
    node = job.node.get("environment")
    name = node.get("name") if isinstance(node, Mapping) else node
    return scene.fact(name) if isinstance(name, Scalar) else Known(None)
