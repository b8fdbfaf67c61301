"""One job of a workflow, walked step by step in each combination of its matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.ci import Via
from preflight.facts.fact import Fact, Known, Unknown
from preflight.readers.chores import Chores, matters
from preflight.readers.github import actions, artifacts, expressions
from preflight.readers.github.caches import cached, remote
from preflight.readers.github.hollows import hollow, named_holes
from preflight.readers.github.known import doubtful
from preflight.readers.github.workflow import Uses
from preflight.readers.pipeline import Script
from preflight.readers.scripts import ROOT, WORKSPACE, join
from preflight.readers.shell import Shell
from preflight.readers.walk import Walk
from preflight.records import dataclass, field, replace
from preflight.source.nodes import Scalar, find

if TYPE_CHECKING:
    from pathlib import PurePosixPath

    from preflight.facts.ci import Runner
    from preflight.readers.github.artifacts import Download
    from preflight.readers.github.caches import Restored
    from preflight.readers.github.repo import Repo
    from preflight.readers.github.scene import Scene
    from preflight.readers.github.workflow import Action, JobNode, Step
    from preflight.source.nodes import Node
    from preflight.source.text import Location

DEPTH = 10
"""How deep composite actions may lie in each other; GitHub's own limit."""
Gate = tuple["Scalar | None", "Scalar | None", "Scene"]
"""The `if` of a step, its script, and what they can see."""
SHELLS = {
    "bash": Shell.BASH,
    "sh": Shell.BASH,
    "zsh": Shell.BASH,
    "pwsh": Shell.POWERSHELL,
    "powershell": Shell.POWERSHELL,
    "cmd": Shell.CMD,
}


@dataclass(slots=True)
class Steps:
    """The steps of one job in one combination, as they are walked."""

    repo: Repo
    job: JobNode
    walk: Walk
    windows: bool
    downloads: list[Download] = field(default_factory=list)
    unknown: list[tuple[Location, str, str]] = field(default_factory=list)
    """Actions that might publish but cannot be looked into: place, `uses`, why."""
    caches: list[Restored] = field(default_factory=list)
    _later: list[tuple[Step, Scalar, Scene, tuple[Via, ...], Location | None]] = field(default_factory=list)
    """Scripts that neither publish nor change what later steps run with."""
    gates: dict[int, list[Gate]] = field(default_factory=dict)
    """The `if` of every step that leads to a publish, by the publish's number in `walk.sent`."""

    @property
    def _remote(self) -> bool:
        """Whether the workflow opens a cache outside GitHub anywhere."""
        return self.repo.opens_remote_cache(self.job.workflow)

    def read(
        self, steps: tuple[Step, ...], scene: Scene, via: tuple[Via, ...] = (), at: Location | None = None
    ) -> None:
        """Walk steps in order; `at` is the step of the job that led here through a composite action."""
        for step in steps:
            if not self.repo.files.spend(step.node.source.path):
                return
            # What an earlier step wrote beats the job's variables, and the step's own beat both.
            written = replace(scene, env=(*scene.env, *self.walk.env)) if self.walk.env else scene
            if written.holds(step.condition) or scene.holds(step.condition):
                before = len(self.walk.sent)
                self._step(step, written.within(step.node.get("env")), via, at)
                for number in range(before, len(self.walk.sent)):
                    self.gates.setdefault(number, []).append((step.condition, step.run, written))

    def _step(self, step: Step, scene: Scene, via: tuple[Via, ...], at: Location | None) -> None:
        if (uses := step.uses) is not None and step.run is None:
            self._uses(Uses.parse(uses.text), uses, step, scene, via, at)
        elif (run := step.run) is not None and self.repo.notable(run.text):
            self.walk.script(self._run(step, run, scene, via), at)
        elif run is not None and matters(run.text):
            self._later.append((step, run, scene, via, at))
        if self._remote:
            self.caches += remote(scene.env)

    def chores(self) -> Chores:
        """Return what the job does besides publishing; the scripts that bear on nothing else are read only now."""
        aside = Walk(self.repo.files, self.repo.workspace, self.walk.toolchain)
        for step, run, scene, via, at in self._later:
            aside.script(self._run(step, run, scene, via), at)
        found = Chores()
        found.join(self.walk.chores)
        found.join(aside.chores)
        return found

    def _run(self, step: Step, run: Scalar, scene: Scene, via: tuple[Via, ...]) -> Script:
        return self._script(run, self._shell(step, scene), self._folder(step, scene), scene, via)

    def command(self, line: Scalar, cwd: Fact[PurePosixPath], scene: Scene, via: tuple[Via, ...], at: Location) -> None:
        """Walk a command line that an action runs."""
        self.walk.script(self._script(line, Shell.BASH, cwd, scene, via), at)

    def _script(
        self, run: Scalar, shell: Shell, cwd: Fact[PurePosixPath], scene: Scene, via: tuple[Via, ...]
    ) -> Script:
        body, holes = filled(run.text, scene)
        return Script(run, body, shell, cwd=cwd, env=scene.env, holes=holes, via=via)

    def _shell(self, step: Step, scene: Scene) -> Shell:
        places = (step.node, find(self.job.node, "defaults", "run"), find(self.job.workflow.node, "defaults", "run"))
        named = next((node for place in places if isinstance(node := find(place, "shell"), Scalar) and node.text), None)
        match scene.fact(named):
            case Known(template) if template.strip():
                return SHELLS.get(template.split()[0].rsplit("/", 1)[-1].lower(), Shell.OTHER)
            case _:
                return Shell.POWERSHELL if self.windows else Shell.BASH

    def _folder(self, step: Step, scene: Scene) -> Fact[PurePosixPath]:
        node = step.node.get("working-directory")
        if node is None and scene.action_path is None:
            node = find(self.job.node, "defaults", "run", "working-directory")
            node = node or find(self.job.workflow.node, "defaults", "run", "working-directory")
        return folder(node, scene)

    def _uses(
        self, uses: Uses, node: Scalar, step: Step, scene: Scene, via: tuple[Via, ...], at: Location | None
    ) -> None:
        place = at or node.at
        if (path := self.repo.inside(uses)) is not None:
            action = self.repo.action(path)
            if action is not None and len(via) < DEPTH:
                self._composite(action, path, step, scene, via, place)
            return
        if (restored := cached(uses, step, scene, self.repo, here=at is None)) is not None:
            self.caches.append(restored)
        if fetched := artifacts.download(uses, step, scene, place):
            self.downloads.append(fetched)
            return
        inner = (*via, Via(node.at, f"action `{uses.name}`")) if at else via
        if actions.apply(self, uses, step, scene, node, inner, place):
            return
        if (why := doubtful(uses)) is not None:
            self.unknown.append((node.at, uses.text, why))

    def _composite(
        self, action: Action, path: str, step: Step, scene: Scene, via: tuple[Via, ...], place: Location
    ) -> None:
        inner = scene.given(step, action, path)
        self.read(action.steps, inner, (*via, Via(action.node.source.at(0, 0), f"action `./{path}`")), place)


def folder(node: Node | None, scene: Scene) -> Fact[PurePosixPath]:
    """Return the folder that a `working-directory` names, relative to the root."""
    match scene.fact(node) if isinstance(node, Scalar) else Known(""):
        case Known(found) if not found.startswith("/") or found.startswith(WORKSPACE):
            return Known(join(ROOT, found.removeprefix(WORKSPACE)))
        case Known(found):
            return Unknown(f"`{found}` is outside the repository")
        case Unknown() as unknown:
            return unknown


def filled(body: str, scene: Scene) -> tuple[str, tuple[tuple[str, Fact[str]], ...]]:
    """Return a script with each `${{ }}` replaced by a variable of the same length, and what the variables hold.

    The length is kept so that every command keeps its place.
    """
    if "${{" not in body:
        return body, ()
    context = scene.context()
    values = tuple((name, expressions.interpolate(body[start:end], context)) for name, start, end in named_holes(body))
    return hollow(body), values


def is_windows(runners: tuple[Fact[Runner], ...]) -> bool:
    """Tell whether a job surely runs on Windows, where PowerShell is the shell unless one is named."""
    return bool(runners) and all(
        isinstance(found, Known) and any("windows" in label.lower() for label in found.value.labels)
        for found in runners
    )
