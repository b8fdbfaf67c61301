"""What an action of another repository does to the job: publishes, runs a command line, sets up Node.js."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.ci import ArtifactOrigin, Tool
from preflight.facts.fact import Fact, Known, Unknown
from preflight.readers.comments import version_behind
from preflight.readers.github.artifacts import Download, needed
from preflight.readers.github.known import known
from preflight.readers.github.setup import set_up
from preflight.readers.github.workflow import Uses
from preflight.readers.pipeline import Carrier, Chosen, Flag, Here, Path, Publish, Setting
from preflight.readers.scripts import ROOT, join
from preflight.readers.shell import Word
from preflight.source.nodes import Scalar

if TYPE_CHECKING:
    from pathlib import PurePosixPath

    from preflight.facts.ci import Via
    from preflight.readers.github.jobs import Steps
    from preflight.readers.github.scene import Scene
    from preflight.readers.github.workflow import Step
    from preflight.readers.publishing_actions import PublishingAction
    from preflight.source.text import Location


def apply(steps: Steps, uses: Uses, step: Step, scene: Scene, node: Scalar, via: tuple[Via, ...], at: Location) -> bool:
    """Let an action act on the walk; False where nothing is known of it."""
    action = known(uses)
    if action is None:
        return set_up(steps.walk, steps.repo, uses, step, scene, at)
    if not _sends(action, step, scene):
        return True
    if action.action is not None:
        # An action that runs another one: what it runs stands in its inputs, which only GitHub resolves.
        inner = step.given(action.action)
        if inner is not None and known(Uses.parse(inner.text)):
            steps.unknown.append((node.at, uses.text, "it runs another action whose inputs stand in a text"))
        return True
    if action.artifact and (fetched := step.given(action.artifact)):
        steps.downloads.append(Download(at, ArtifactOrigin.JOB, name=None, maker=needed(fetched.text)))
    version = uses.ref if uses.ref[:2].strip("v")[:1].isdigit() and not uses.pinned else version_behind(node.at)
    steps.walk.carrier = Carrier(uses.key, version, node.at)
    base = _folder(action, step, scene)
    commands = [given for name in action.commands if (given := step.given(name))]
    for given in commands[:1] if uses.key.startswith("changesets/") else commands:
        steps.command(given, base, scene, via, at)
    if not commands and action.default is not None:
        text = _Literal(node, action.default)
        steps.command(text, base, scene, via, at)
    if action.tool is not None:
        _publish(steps, action, step, scene, node, base, via, at)
    steps.walk.carrier = None
    return True


def _publish(
    steps: Steps,
    action: PublishingAction,
    step: Step,
    scene: Scene,
    node: Scalar,
    base: Fact[PurePosixPath],
    via: tuple[Via, ...],
    at: Location,
) -> None:
    tool = action.tool or Tool.OTHER
    flags: list[Flag] = []
    for option, name in {
        "--provenance": action.provenance,
        "--access": action.access,
        "--tag": action.tag,
        "--registry": action.registry,
    }.items():
        if name and (given := step.given(name)):
            flags.append(Flag(option, _word(scene.fact(given), given), given.at))
    if action.token and (given := step.given(action.token)):
        steps.walk.configured.append(Setting("token", scene.fact(given), given.at))
    package = step.given(action.package) if action.package else None
    version = step.given(action.version) if action.version else None
    selection = (
        Path(_word(scene.fact(package), package)) if package else Chosen() if tool is Tool.SEMANTIC_RELEASE else Here()
    )
    steps.walk.publish(
        Publish(
            tool,
            selection,
            flags=tuple(flags),
            version=_word(scene.fact(version), version) if version else None,
            runner=node.text,
        ),
        at,
        command=node.text,
        cwd=base,
        env=scene.env,
        via=via,
        argument=package.at if package else None,
    )


def _sends(action: PublishingAction, step: Step, scene: Scene) -> bool:
    """Tell whether an action may send something with the inputs that it is given."""
    if action.dry_run and (given := step.given(action.dry_run)) and scene.fact(given) == Known("true", given.at):
        return False
    if action.enabled and (given := step.given(action.enabled)) and scene.fact(given) == Known("false", given.at):
        return False
    if action.needs_token and action.token and step.given(action.token) is None:
        return False
    if action.when is not None:
        name, values = action.when
        given = step.given(name)
        match scene.fact(given) if given else Known(""):
            case Known(value):
                return value in values
            case Unknown():
                return True
    return True


def _folder(action: PublishingAction, step: Step, scene: Scene) -> Fact[PurePosixPath]:
    given = step.given(action.cwd) if action.cwd else None
    if given is None:
        return Known(ROOT)
    match scene.fact(given):
        case Known(text):
            return Known(join(ROOT, text))
        case Unknown() as unknown:
            return unknown


def _word(found: Fact[str], node: Scalar) -> Word:
    match found:
        case Known(text):
            return Word(text, 0, len(text))
        case Unknown():
            return Word(node.text, 0, len(node.text), known=False)


class _Literal(Scalar):
    """A command line that an action runs by itself; its place is the action's `uses`."""

    __slots__ = ()

    def __init__(self, node: Scalar, text: str) -> None:
        super().__init__(node.source, node.start, node.end, text, text)

    def place(self, start: int, end: int) -> Location:  # noqa: ARG002 -- every part stands in the same place
        return self.at
