"""The publish jobs of a repository's GitHub workflows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.ci import Caller, Job, System
from preflight.facts.fact import Fact, Known, Unknown
from preflight.facts.project import Unread
from preflight.readers.github import artifacts, permissions
from preflight.readers.github.borrowed import borrowed
from preflight.readers.github.broken import broken
from preflight.readers.github.handed_over import may_publish
from preflight.readers.github.jobs import Steps, is_windows
from preflight.readers.github.matrix import combinations, projected
from preflight.readers.github.runners import runners
from preflight.readers.github.scene import Scene, called_inputs, entry_inputs
from preflight.readers.github.workflow import Uses
from preflight.readers.pipeline import Pipelines
from preflight.readers.sites import Surroundings
from preflight.readers.toolchain import Toolchain
from preflight.readers.walk import Walk
from preflight.source.nodes import Mapping, Scalar, entries

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import PurePosixPath

    from preflight.facts.ci import Artifact, Runner
    from preflight.facts.project import Shipment
    from preflight.readers.github.artifacts import Upload
    from preflight.readers.github.matrix import Combination
    from preflight.readers.github.repo import Chain, Repo
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
        borrowed(repo, holding),
        tuple(dict.fromkeys(reader.unread)),
        broken(repo, holding),
        (f"{count} GitHub workflow{'s' if count > 1 else ''}",) if count else (),
    )


class _Reader:
    def __init__(self, repo: Repo, sites: Sites) -> None:
        self._repo = repo
        self._sites = sites
        self.jobs: list[Job] = []
        self.shipments: list[Shipment] = []
        self.unread: list[Unread] = []
        self._holding: dict[object, Workflow] = {}
        self._asked: dict[PurePosixPath, tuple[tuple[str, Node, bool], ...]] = {}
        self._uploaded: dict[PurePosixPath, tuple[Upload, ...]] = {}

    def holding(self) -> tuple[Workflow, ...]:
        """Return the workflows that hold a publish job or call one that does, in the order of their names."""
        return tuple(each for each in self._repo.workflows.values() if each.path in self._holding)

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
        sent = [each for _, steps in walked for each in steps.walk.sent]
        if not sent:
            for _, steps in walked:
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
        sending = [(machines, steps) for machines, steps in walked if steps.walk.sent]
        machines = [machine for machines, _ in sending for machine in machines]
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
                artifacts=self._artifacts(job, chain, [steps for _, steps in sending]),
                callers=tuple(Caller(link.at, link.name) for link in chain),
                entry=_entry(job, chain).path.name,
                builds=any(steps.walk.built for _, steps in sending),
            )
        )

    # -- the job's surroundings ---------------------------------------------------------------

    def _scene(self, job: JobNode, chain: Chain) -> Scene:
        """Return what a job's expressions can see, worked out from the entry workflow down."""
        entry = _entry(job, chain)
        scene = Scene(self._repo.repository, entry, inputs=tuple(entry_inputs(entry).items()))
        for link, below in zip(reversed(chain), (*reversed(chain[:-1]), job) if chain else (), strict=True):
            caller = scene.within(link.workflow.node.get("env"))
            given = called_inputs(link, below.workflow, caller)
            scene = Scene(self._repo.repository, entry, inputs=tuple(given.items()))
        return scene.within(job.workflow.node.get("env"))

    def _walks(self, job: JobNode, scene: Scene) -> Iterator[tuple[tuple[Fact[Runner], ...], Steps]]:
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
                yield alone, steps

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
        uploads = [found for link in (job, *chain) for found in self._all_uploads(link.workflow)]
        return artifacts.fetched(job.name, str(job.workflow.path), downloads, uploads)

    def _all_uploads(self, workflow: Workflow) -> tuple[Upload, ...]:
        if workflow.path not in self._uploaded:
            self._uploaded[workflow.path] = tuple(self._uploads(workflow))
        return self._uploaded[workflow.path]

    def _uploads(self, workflow: Workflow, depth: int = 0) -> Iterator[Upload]:
        scene = Scene(self._repo.repository, workflow)
        for job in workflow.jobs.values():
            if not self._repo.files.spend(workflow.path):
                return
            if job.uses is not None and depth < 3 and (called := self._repo.called(Uses.parse(job.uses.text))):
                yield from self._uploads(called, depth + 1)
            yield from self._stored(job.steps, scene, job.name, str(workflow.path))

    def _stored(
        self, steps: tuple[Step, ...], scene: Scene, job: str, workflow: str, depth: int = 0
    ) -> Iterator[Upload]:
        for step in steps:
            if step.uses is None or not self._repo.files.spend(step.node.source.path):
                continue
            uses = Uses.parse(step.uses.text)
            if (path := self._repo.inside(uses)) and depth < 3 and (action := self._repo.action(path)):
                yield from self._stored(action.steps, scene, job, workflow, depth + 1)
            elif found := artifacts.upload(uses, step, scene, job, workflow):
                yield found


def _entry(job: JobNode, chain: Chain) -> Workflow:
    return (chain[-1] if chain else job).workflow


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
