"""What expressions of a job can see: its matrix, its inputs through every caller, its environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.fact import Fact, Known, Unknown
from preflight.readers.github import expressions
from preflight.readers.github.matrix import value
from preflight.readers.pipeline import Setting
from preflight.readers.scripts import WORKSPACE
from preflight.records import KW_ONLY, dataclass, replace
from preflight.source.nodes import Number, Scalar, entries, find, text

if TYPE_CHECKING:
    from preflight.facts.project import Repository
    from preflight.readers.github.expressions import Context, Value
    from preflight.readers.github.matrix import Combination
    from preflight.readers.github.workflow import Action, JobNode, Step, Workflow
    from preflight.source.nodes import Node

Inputs = dict[str, "Fact[Value]"]


@dataclass(frozen=True, slots=True)
class Scene:
    """The surroundings of a job or of a composite action's steps."""

    repository: Fact[Repository]
    entry: Workflow
    _: KW_ONLY
    matrix: Combination | None = None
    """None where the combinations are worked out at run time."""
    inputs: tuple[tuple[str, Fact[Value]], ...] = ()
    env: tuple[Setting, ...] = ()
    """Weakest first."""
    action_path: str | None = None
    run: tuple[tuple[str, expressions.Entry], ...] = ()
    """What is known of the `github` context besides, in one kind of run."""

    @classmethod
    def of(
        cls,
        repository: Fact[Repository],
        job: JobNode,
        chain: tuple[JobNode, ...],
        run: tuple[tuple[str, expressions.Entry], ...] = (),
    ) -> Scene:
        """Return what a job's expressions can see, worked out from the entry workflow down.

        `chain` are the jobs that lead to it, the nearest caller first.
        """
        entry = (chain[-1] if chain else job).workflow
        inputs = entry_inputs(entry)
        match dict(run).get("event_name"):
            case Known(event) if event != "workflow_dispatch":
                # Nobody sets an input where nobody starts the workflow by hand.
                inputs = dict.fromkeys(inputs, Known(None))
            case _:
                pass
        scene = cls(repository, entry, inputs=tuple(inputs.items()), run=run)
        for link, below in zip(reversed(chain), (*reversed(chain[:-1]), job) if chain else (), strict=True):
            caller = scene.within(link.workflow.node.get("env"))
            given = called_inputs(link, below.workflow, caller)
            scene = cls(repository, entry, inputs=tuple(given.items()), run=run)
        return scene.within(job.workflow.node.get("env"))

    def fact(self, node: Scalar | None) -> Fact[str]:
        """Return the text that a scalar becomes once its expressions are worked out."""
        if node is None:
            return Known("")
        if "${{" not in node.text:
            return Known(spelling(node), node.at)
        match expressions.interpolate(node.text, self.context()):
            case Known(found):
                return Known(found, node.at)
            case Unknown(why):
                return Unknown(why, node.at)

    def holds(self, condition: Scalar | None) -> bool:
        """Tell whether an `if` may be true; only one that is surely false is not."""
        if condition is None:
            return True
        if condition.value is False:
            return False
        match expressions.condition(condition.text, self.context()):
            case Known(False):
                return False
            case _:
                return True

    def settings(self, node: Node | None) -> tuple[Setting, ...]:
        """Return the variables of an `env` mapping."""
        return tuple(
            Setting(
                entry.key.text,
                self.fact(entry.value) if isinstance(entry.value, Scalar) else Unknown("it is no text"),
                entry.value.at if isinstance(entry.value, Scalar) else entry.key.at,
            )
            for entry in entries(node)
        )

    def within(self, node: Node | None) -> Scene:
        """Return the scene with the variables of an `env` mapping added."""
        added = self.settings(node)
        return replace(self, env=(*self.env, *added)) if added else self

    def given(self, step: Step, action: Action, path: str) -> Scene:
        """Return the scene of a composite action's steps."""
        inputs: Inputs = {}
        for name, default in action.inputs.items():
            chosen = step.given(name)
            inputs[name] = self.fact(chosen if chosen is not None else default)
        folder = f"{WORKSPACE}/{path}"
        own = Setting("GITHUB_ACTION_PATH", Known(folder), step.at)
        return replace(self, inputs=tuple(inputs.items()), env=(*self.env, own), action_path=folder)

    def context(self) -> Context:
        """Return the names that an expression may use."""
        github: dict[str, expressions.Entry] = {
            "server_url": Known("https://github.com"),
            "workspace": Known(WORKSPACE),
        }
        if self.action_path is not None:
            github["action_path"] = Known(self.action_path)
        match self.repository:
            case Known(repository) if repository.host == "github.com":
                github["repository"] = Known(repository.slug)
                github["repository_owner"] = Known(repository.slug.split("/")[0])
            case _:
                pass
        if len(self.entry.triggers) == 1:
            github["event_name"] = Known(self.entry.triggers[0])
        github.update(self.run)
        names: dict[str, expressions.Entry] = {
            "github": expressions.Names(github, expressions.OTHERWISE["github"]),
            "env": expressions.Names(
                {setting.name: setting.value for setting in self.env}, expressions.OTHERWISE["env"]
            ),
            "inputs": expressions.Names(dict(self.inputs), expressions.OTHERWISE["inputs"]),
        }
        if self.matrix is not None:
            names["matrix"] = expressions.Names({name: Known(item) for name, item in self.matrix.items()})
        return expressions.Context(names)


def entry_inputs(workflow: Workflow) -> Inputs:
    """Return the inputs of a workflow that an event starts: whoever starts it by hand sets them."""
    return {
        entry.key.text: Unknown(f"`inputs.{entry.key.text}` is set by whoever starts the workflow", entry.key.at)
        for event in ("workflow_dispatch", "workflow_call")
        for entry in entries(find(workflow.events.get(event), "inputs"))
    }


def called_inputs(caller: JobNode, called: Workflow, scene: Scene) -> Inputs:
    """Return the inputs that a caller's `with` gives a reusable workflow, with the defaults of the others."""
    given = caller.node.get("with")
    inputs: Inputs = {}
    for entry in entries(find(called.events.get("workflow_call"), "inputs")):
        name = entry.key.text
        chosen = find(given, name)
        if isinstance(chosen, Scalar):
            inputs[name] = _typed(expressions.evaluate_whole(chosen.text, scene.context()), chosen)
        else:
            default = find(entry.value, "default")
            inputs[name] = Known(value(default) if default else _empty(text(find(entry.value, "type"))))
    return inputs


def spelling(node: Scalar) -> str:
    """Return a scalar as GitHub hands it on: a plain number is one, so that 20.10 arrives as 20.1."""
    if isinstance(node.value, Number) and "." in node.text:
        try:
            return f"{float(node.text):.15g}"
        except ValueError:
            return node.text
    return node.text


def _typed(found: Fact[Value], node: Scalar) -> Fact[Value]:
    if "${{" not in node.text:
        return Known(value(node), node.at)
    return found


def _empty(kind: str | None) -> Value:
    return {"boolean": False, "number": 0.0}.get(kind or "", "")
