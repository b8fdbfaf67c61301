"""The workflows and local actions of a repository, and who calls whom."""

from __future__ import annotations

import re
from functools import cached_property
from itertools import islice
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from preflight.facts.fact import Known
from preflight.readers.github.caches import REMOTE
from preflight.readers.github.hollows import hollow
from preflight.readers.github.known import doubtful, known
from preflight.readers.github.workflow import Action, Uses, Workflow
from preflight.readers.scripts import join
from preflight.source.nodes import Mapping, text
from preflight.source.problems import FileError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from preflight.facts.fact import Fact
    from preflight.facts.project import Repository
    from preflight.readers.github.workflow import JobNode, Step
    from preflight.readers.suspects import Suspects
    from preflight.readers.workspace import Workspace
    from preflight.source.files import Files

FOLDER = PurePosixPath(".github/workflows")
DEPTH = 10
"""How many reusable workflows may call each other in a row; GitHub's own limit."""
MOST_CHAINS = 200
"""How many ways to one reusable workflow are told apart."""
STATE = (
    "GITHUB_ENV",
    "GITHUB_PATH",
    "npm@",
    "npmrc",
    "config set",
    "nvm ",
    "fnm ",
    "volta ",
    "corepack",
    "mise ",
    "asdf ",
    "proto ",
    "nodenv ",
    "env use",
    "env add",
    "runtime ",
    "-g npm",
    "global npm",
    "npm -g",
    "npm --global",
    "npm --location",
    "=global npm",
    "npm set ",
    "npm c ",
    "download",
    "s3://",
    "gs://",
    "build",
    "tsc",
    "tsup",
    "tsdown",
    "rollup",
    "webpack",
    "vite ",
    " n ",
)
"""What a script holds that changes what later steps run with, or that says whether the job builds."""

Chain = tuple["JobNode", ...]
"""The jobs that lead to a reusable workflow, the nearest caller first."""


class Repo:
    """What a repository keeps under `.github`, parsed once."""

    def __init__(self, files: Files, workspace: Workspace, repository: Fact[Repository], suspects: Suspects) -> None:
        self.files = files
        self.workspace = workspace
        self.repository = repository
        self._suspects = suspects
        self._actions: dict[str, Action | None] = {}
        self._notable: dict[str, bool] = {}
        self._remote: dict[PurePosixPath, bool] = {}
        self._suspected: dict[tuple[PurePosixPath, PurePosixPath, str], bool] = {}

    @cached_property
    def workflows(self) -> dict[PurePosixPath, Workflow]:
        """All workflow files that can be read, by path."""
        found: dict[PurePosixPath, Workflow] = {}
        for name in sorted(self.files.folder(FOLDER)):
            if name.endswith((".yml", ".yaml")):
                path = FOLDER / name
                node = self.files.tree(path)
                if isinstance(node, Mapping):
                    found[path] = Workflow(path, node)
        return found

    def action(self, name: str) -> Action | None:
        """Return the local action of a folder, or None where there is none that can be read."""
        if name not in self._actions:
            folder = join(PurePosixPath(), name)
            self._actions[name] = next(
                (
                    Action(folder / file, node)
                    for file in ("action.yml", "action.yaml")
                    if self.files.exists(folder / file) and isinstance(node := self.files.tree(folder / file), Mapping)
                ),
                None,
            )
        return self._actions[name]

    def inside(self, uses: Uses) -> str | None:
        """Return the path in this repository that a `uses` names, or None where it names another repository's.

        `owner/repo/path@ref` of the repository itself is read as it stands here, although the ref may hold another
        state of it.
        """
        if uses.local:
            return uses.name
        match self.repository:
            case Known(own) if uses.key.startswith(f"{own.slug.lower()}/"):
                return uses.name[len(own.slug) + 1 :]
            case _:
                return None

    def called(self, uses: Uses) -> Workflow | None:
        """Return the reusable workflow of this repository that a job calls."""
        path = self.inside(uses)
        return self.workflows.get(PurePosixPath(path)) if path else None

    @cached_property
    def callers(self) -> dict[PurePosixPath, list[JobNode]]:
        """The jobs that call each workflow."""
        found: dict[PurePosixPath, list[JobNode]] = {}
        for workflow in self.workflows.values():
            for job in workflow.jobs.values():
                if job.uses and (called := self.called(Uses.parse(job.uses.text))):
                    found.setdefault(called.path, []).append(job)
        return found

    def chains(self, workflow: Workflow) -> tuple[Chain, ...]:
        """Return the ways in which a workflow is reached; the empty chain is an event of its own.

        A workflow that nothing reaches has the empty chain too: its own text is judged. More than 200 ways are
        recorded as unreadable.
        """
        found = tuple(islice(self._ways(workflow, ()), MOST_CHAINS + 1))
        if len(found) > MOST_CHAINS:
            self.files.record(FileError(workflow.path, f"more than {MOST_CHAINS} ways lead to it"))
        return found[:MOST_CHAINS] or ((),)

    def _ways(self, workflow: Workflow, below: Chain) -> Iterator[Chain]:
        callers = self.callers.get(workflow.path, ()) if workflow.callable else ()
        if workflow.triggers or (below and not callers):
            yield ()
        if len(below) < DEPTH:
            for caller in callers:
                if caller not in below and self.files.spend(workflow.path):
                    yield from ((caller, *above) for above in self._ways(caller.workflow, (*below, caller)))

    def notable(self, script: str) -> bool:
        """Tell whether a script is worth parsing: it could publish, or it changes what later steps run with."""
        if script not in self._notable:
            marked = any(mark in script for mark in STATE)
            self._notable[script] = marked or _is_handed_in(script) or self._suspects.suspect(script)
        return self._notable[script]

    def opens_remote_cache(self, workflow: Workflow) -> bool:
        """Tell whether a workflow names a variable that opens a cache outside GitHub."""
        if workflow.path not in self._remote:
            self._remote[workflow.path] = any(name in workflow.node.source.text for name in REMOTE)
        return self._remote[workflow.path]

    def suspect(self, job: JobNode) -> bool:
        """Tell whether a step of a job could publish."""
        return self._suspect(job.steps, job, 0)

    def _suspect(self, steps: Iterable[Step], job: JobNode, depth: int) -> bool:
        return any(self._suspect_step(step, job, depth) for step in steps)

    def _suspect_step(self, step: Step, job: JobNode, depth: int) -> bool:
        if step.run is not None:
            shell = text(step.node.get("shell"))
            bash = not _may_be_windows(job) and shell in (None, "bash", "sh")
            return self._suspect_line(step.run.text, job, bash=bash)
        if step.uses is None:
            return False
        uses = Uses.parse(step.uses.text)
        if (path := self.inside(uses)) is not None:
            local = self.action(path)
            return local is not None and depth < DEPTH and self._suspect_action(local, job, depth + 1)
        action = known(uses)
        if action is None:
            return doubtful(uses) is not None
        if action.tool is not None or action.default is not None or action.action is not None:
            return True
        lines = [given.text for name in action.commands if (given := step.given(name))]
        return any(self._suspect_line(line, job, bash=True) for line in lines)

    def _suspect_action(self, action: Action, job: JobNode, depth: int) -> bool:
        key = (action.path, job.workflow.path, job.name)
        if key not in self._suspected:
            self._suspected[key] = False  # an action that uses itself
            self._suspected[key] = self._suspect(action.steps, job, depth)
        return self._suspected[key]

    def _suspect_line(self, script: str, job: JobNode, *, bash: bool) -> bool:
        if _is_handed_in(script):
            # What the program is stands in the job that hands it in, or in a job that calls it.
            callers = self.callers.get(job.workflow.path, ())
            return any(self._suspects.suspect(each.text) for each in (job, *callers))
        return self._suspects.suspect(script, hollow(script) if bash else None)

    def unreadable(self, name: str) -> bool:
        """Tell whether a file at or below a path is there but could not be read."""
        path = join(PurePosixPath(), name)
        return any(path in (each.path, each.path.parent) for each in self.files.unreadable)


_HANDED_IN = r"(?m)^[ \t]*(?:(?:npm|pnpm|yarn|bun|npx|bunx) (?:run |exec )?)?\$\{\{ ?(?:inputs|matrix|env)\."
"""A line that begins with an expression, or has one where a package manager takes its command or its script."""


def _is_handed_in(script: str) -> bool:
    """Tell whether a script's program is what an input or the matrix says."""
    return "${{" in script and re.search(_HANDED_IN, script) is not None


def _may_be_windows(job: JobNode) -> bool:
    """Tell whether a job may run scripts of PowerShell without saying so at the step."""
    whole = job.text.lower()
    return "windows" in whole or "pwsh" in whole or "powershell" in whole
