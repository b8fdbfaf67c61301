"""Publishing commands in the pipelines of CI systems that are only recognised by their files."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from preflight.errors import PreflightError
from preflight.facts.ci import Elsewhere, System, Tool
from preflight.facts.fact import Known
from preflight.facts.project import On
from preflight.readers.lines import Lines
from preflight.readers.merge_keys import merged
from preflight.readers.pipeline import Here, Pipelines, Publish, Script, Setting
from preflight.readers.programs import Text
from preflight.readers.programs import read as text_of
from preflight.readers.scripts import ROOT, join
from preflight.readers.shell import Shell
from preflight.readers.sites import Surroundings
from preflight.readers.toolchain import Toolchain
from preflight.readers.walk import Walk
from preflight.records import KW_ONLY, dataclass
from preflight.source.nodes import Mapping, Scalar, Sequence, entries, find, strings, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.readers.sites import Sites
    from preflight.readers.suspects import Suspects
    from preflight.readers.workspace import Workspace
    from preflight.source.files import Files
    from preflight.source.nodes import Node

MOST = 50
"""How many files of one folder are read."""
LINE = 200
"""How many characters around a call of a Jenkinsfile are looked at."""
BASH = Shell.BASH
TRAVIS = dict.fromkeys(
    ("before_install", "install", "before_script", "script", "after_success", "before_deploy", "after_deploy"), BASH
)
AZURE = {"script": BASH, "bash": BASH, "pwsh": Shell.POWERSHELL, "powershell": Shell.POWERSHELL}
APPVEYOR = {
    **dict.fromkeys(
        ("init", "install", "before_build", "build_script", "after_build", "before_test", "test_script", "after_test",
         "before_deploy", "deploy_script", "after_deploy", "on_success", "cmd"),
        Shell.CMD,
    ),
    "ps": Shell.POWERSHELL,
    "pwsh": Shell.POWERSHELL,
    "sh": BASH,
}  # fmt: skip
PLUGINS = ("plugins/npm", "woodpeckerci/plugin-npm", "atlassian/npm-publish")
"""Images and pipes that publish to npm."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """A CI system: where its pipelines stand, and under which keys they hold scripts."""

    title: str
    files: tuple[str, ...]
    _: KW_ONLY
    keys: dict[str, Shell]


KINDS = (
    _Kind("Travis CI", (".travis.yml",), keys=TRAVIS),
    _Kind("Azure Pipelines", ("azure-pipelines.yml", ".azure-pipelines/"), keys=AZURE),
    _Kind("Bitbucket Pipelines", ("bitbucket-pipelines.yml",), keys={"script": BASH, "after-script": BASH}),
    _Kind("Drone", (".drone.yml",), keys={"commands": BASH}),
    _Kind("Woodpecker", (".woodpecker.yml", ".woodpecker/"), keys={"commands": BASH}),
    _Kind("Buildkite", (".buildkite/",), keys={"command": BASH, "commands": BASH}),
    _Kind("AppVeyor", ("appveyor.yml", ".appveyor.yml"), keys=APPVEYOR),
)
JENKINS = PurePosixPath("Jenkinsfile")
CALLS = {"sh": BASH, "bat": Shell.CMD, "powershell": Shell.POWERSHELL, "pwsh": Shell.POWERSHELL}
"""Steps of a Jenkinsfile that run a script."""


def read(files: Files, workspace: Workspace, suspects: Suspects, sites: Sites) -> Pipelines:
    """Read the scripts of the pipelines that there are; what surrounds a script there is not read.

    A file that cannot be read bears on nothing that is judged further, and is passed over.
    """
    found: list[Elsewhere] = []
    looked: list[str] = []
    for kind in KINDS:
        for path in _paths(files, kind):
            walk = Walk(files, workspace, Toolchain.unknown("the pipeline is not read"))
            looked.append(f"`{path}`")
            reading = _Reading(walk, kind, suspects)
            for root in _roots(files, path):
                reading.node(root)
            found += _sent(walk, kind.title, sites)
    if (groovy := text_of(files, JENKINS)) is not None:
        walk = Walk(files, workspace, Toolchain.unknown("the pipeline is not read"))
        looked.append(f"`{JENKINS}`")
        for script in _groovy(groovy):
            if suspects.suspect(script.text):
                walk.script(script)
        found += _sent(walk, "Jenkins", sites)
    return Pipelines(looked_at=tuple(looked), elsewhere=tuple(found))


def _paths(files: Files, kind: _Kind) -> Iterator[PurePosixPath]:
    for name in kind.files:
        path = PurePosixPath(name)
        if name.endswith("/"):
            yield from (path / each for each in files.folder(path)[:MOST] if each.endswith((".yml", ".yaml")))
        elif files.exists(path):
            yield path


def _roots(files: Files, path: PurePosixPath) -> tuple[Node, ...]:
    try:
        documents = files.documents(path)
    except PreflightError:
        return ()
    return tuple(root for each in documents if (root := merged(each.root)) is not None)


def _sent(walk: Walk, title: str, sites: Sites) -> Iterator[Elsewhere]:
    """Yield what goes, or may go, to npm's registry of all that a pipeline sends."""
    if not walk.sent:
        return
    around = Surroundings(title, Known(value=False), automatic=False, system=System.CIRCLECI)
    found, shipped = sites.read(walk.sent, around)
    asking = {
        id(each.site)
        for each in shipped
        if isinstance(each.provenance, Known) and isinstance(each.provenance.value, On)
    }
    for site in found:
        if site.for_npm:
            yield Elsewhere(site.at, title, site.command, asks=id(site) in asking, doubt=site.doubt, via=site.via)


class _Reading:
    """One file on its way through the tree, from top to bottom."""

    def __init__(self, walk: Walk, kind: _Kind, suspects: Suspects) -> None:
        self._walk = walk
        self._kind = kind
        self._suspects = suspects

    def node(self, node: Node) -> None:
        match node:
            case Mapping():
                self._plugin(node)
                for key, value in entries(node):
                    if not self._walk.files.spend(key.source.path):
                        return
                    if key.text in self._kind.keys:
                        self._scripts(value, self._kind.keys[key.text], node)
                    self.node(value)
            case Sequence(items):
                for item in items:
                    self.node(item)
            case Scalar():
                pass

    def _scripts(self, value: Node, shell: Shell, around: Mapping) -> None:
        lines = strings(value)
        if not lines:
            return
        whole = Lines(lines)
        if self._suspects.suspect(whole.text, whole.text if shell is BASH else None):
            folder = find(around, "workingDirectory") or find(around, "directory")
            cwd = join(ROOT, text(folder) or ".")
            self._walk.script(Script(whole, whole.text, shell, cwd=Known(cwd)))

    def _plugin(self, node: Mapping) -> None:
        """Note a step that publishes by itself: a provider, a task, an image or a pipe."""
        match self._kind.title:
            case "Travis CI":
                self._provider(node.get("deploy"))
            case "Azure Pipelines":
                self._task(node)
            case _:
                named = find(node, "image") or find(node, "pipe")
                match named:
                    case Scalar(value=str(name)) if name.removeprefix("docker://").split(":")[0] in PLUGINS:
                        self._publish(named, f"{named.text}", find(node, "settings") or find(node, "variables"))
                    case _:
                        pass

    def _provider(self, deploy: Node | None) -> None:
        items = deploy.items if isinstance(deploy, Sequence) else (deploy,)
        for item in items:
            named = find(item, "provider")
            match named:
                case Scalar(value="npm"):
                    self._publish(named, "deploy: npm", item)
                case Scalar(value="script"):
                    self._scripts(find(item, "script") or named, BASH, Mapping(named.source, 0, 0, ()))
                case _:
                    pass

    def _task(self, node: Mapping) -> None:
        task, inputs = text(find(node, "task")) or "", find(node, "inputs")
        command = text(find(inputs, "command")) or ""
        match task.partition("@")[0]:
            case "Npm" if command == "publish" and text(find(inputs, "publishRegistry")) != "useFeed":
                self._publish(find(inputs, "command"), f"{task} publish", None)
            case "Npm" if command == "custom":
                match find(inputs, "customCommand"):
                    case Scalar() as own if self._suspects.suspect(f"npm {own.text}"):
                        self._walk.script(Script(own, f"npm {own.text}", BASH, cwd=Known(ROOT)))
                    case _:
                        pass
            case _:
                pass

    def _publish(self, at: Node | None, command: str, options: Node | None) -> None:
        match find(options, "registry"):
            case Scalar(value=str()) as named:
                env: tuple[Setting, ...] = (Setting("NPM_CONFIG_REGISTRY", Known(named.text), named.at),)
            case _:
                env = ()
        if at is not None:
            self._walk.publish(Publish(Tool.NPM, Here()), at.at, command=command, cwd=Known(ROOT), env=env)


# -- Jenkins --------------------------------------------------------------------------------------


def _groovy(whole: Text) -> Iterator[Script]:
    """Yield the scripts in a Jenkinsfile: the first string after `sh`, `bat` and the like, in order."""
    body = whole.text
    found: list[tuple[int, int, Shell]] = []
    for name, shell in CALLS.items():
        at = body.find(name)
        while at >= 0:
            after = at + len(name)
            if not _inside_a_word(body, at) and (place := _string(body, after)) is not None:
                found.append((*place, shell))
            at = body.find(name, after)
    for start, end, shell in sorted(found):
        part = Text(whole.source, start, end, body[start:end], body[start:end])
        yield Script(part, part.text, shell, cwd=Known(ROOT))


def _inside_a_word(body: str, at: int) -> bool:
    """Tell whether a place is within a name, a string or a comment of the line."""
    line = body[body.rfind("\n", max(0, at - LINE), at) + 1 : at]
    return bool(line) and (
        line[-1].isalnum() or line[-1] in "_.$-/'\"" or "//" in line or line.lstrip().startswith("*")
    )


def _string(body: str, at: int) -> tuple[int, int] | None:
    """Return the inside of the string that a call is given, directly or as `script:`."""
    head = body[at : at + LINE]
    bare = head.lstrip(" (\t\n")
    if bare.startswith("script"):
        bare = bare.removeprefix("script").lstrip(" :\t\n")
    elif bare == head:
        return None
    start = at + len(head) - len(bare)
    quote = next((mark for mark in ("'''", '"""', "'", '"') if bare.startswith(mark)), None)
    if quote is None:
        return None
    start += len(quote)
    end = body.find(quote, start)
    while end > 0 and body[end - 1] == "\\":
        end = body.find(quote, end + 1)
    return (start, end) if end >= 0 else None
