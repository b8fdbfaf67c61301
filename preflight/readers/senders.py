"""Which program really sends the package when a release tool publishes, and at which version.

What each tool calls is set down in its own documentation and code; `README.md` of the data folder names the sources.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from preflight.facts.ci import Tool
from preflight.facts.fact import Fact, Known, Unknown
from preflight.facts.toolchain import Npm, Reason, Version
from preflight.readers.declared import declared, package_manager
from preflight.readers.npm_upgrades import upgrade
from preflight.records import dataclass
from preflight.source.nodes import Scalar, find, text

if TYPE_CHECKING:
    from preflight.readers.package import Manifest
    from preflight.readers.walk import Sent
    from preflight.readers.workspace import Workspace
    from preflight.source.files import Files
    from preflight.source.nodes import Node

DEPENDENCIES = ("devDependencies", "dependencies", "optionalDependencies", "peerDependencies")
LOCAL_FIRST = ("npx", "node_modules/.bin", "npm exec", "pnpm exec", "yarn", "yarn exec", "yarn run", "bunx")
"""What runs a program of the project's own dependencies where there is one."""
SEMANTIC_RELEASE_NPM = {25: Version(11, 6, 2), 24: Version(10, 9, 3), 23: Version(10, 5, 0), 22: Version(10, 0, 0)}
"""The oldest npm that each semantic-release brings along, through @semantic-release/npm."""


@dataclass(frozen=True, slots=True)
class Sender:
    """The program that sends, its version, and the npm that will run; `npm` is None where no npm CLI sends."""

    tool: Fact[Tool]
    version: Fact[Version]
    npm: Fact[Npm] | None = None


class Senders:
    """What the project's manifests say about its release tools."""

    def __init__(self, files: Files, workspace: Workspace) -> None:
        self._files = files
        self._workspace = workspace

    def of(self, sent: Sent, folder: PurePosixPath) -> Sender:
        """Return the program that sends what a command publishes in a folder."""
        tool = sent.deed.tool
        match tool:
            case Tool.SEMANTIC_RELEASE:
                npm = self._semantic_release(sent, folder)
                return Sender(Known(Tool.NPM), _version(npm), npm)
            case Tool.CHANGESETS | Tool.NX | Tool.RUSH:
                return self._through(self._delegate(tool, folder), sent, folder)
            case Tool.RELEASE_IT | Tool.NP | Tool.BEACHBALL | Tool.AUTO | Tool.NPM_PUBLISH_ACTION:
                return self._through(Tool.NPM, sent, folder)
            case Tool.OTHER:
                npm = sent.toolchain.npm
                return Sender(Known(Tool.NPM), _version(npm), npm)
            case _:
                return self._through(tool, sent, folder)

    def declared(self, name: str, folder: PurePosixPath) -> Fact[Version]:
        """Return the version of a dependency as the manifests ask for it, the nearest first."""
        node = self._dependency(name, folder)
        if node is not None:
            return declared(node.text, name, node.at)
        return Unknown(f"no manifest says which version of {name} runs")

    def package_manager(self, folder: PurePosixPath) -> tuple[str, Fact[Version]] | None:
        """Return the package manager of the project with its version, as its manifests or its files say."""
        for manifest in self._manifests(folder):
            for node in (find(manifest.node, "packageManager"), find(manifest.node, "devEngines", "packageManager")):
                if found := _manager(node):
                    return found
        for name, markers in {
            "pnpm": ("pnpm-workspace.yaml", "pnpm-lock.yaml"),
            "yarn": (".yarnrc.yml", "yarn.lock"),
            "bun": ("bun.lock", "bun.lockb"),
            "npm": ("package-lock.json", "npm-shrinkwrap.json"),
        }.items():
            if any(self._files.exists(PurePosixPath(marker)) for marker in markers):
                return name, Unknown(f"nothing says which version of {name} runs")
        return None

    def _manifests(self, folder: PurePosixPath) -> tuple[Manifest, ...]:
        near = self._workspace.nearest(folder)
        top = self._workspace.root
        return tuple(dict.fromkeys(each for each in (near, top) if each))

    def _through(self, tool: Tool, sent: Sent, folder: PurePosixPath) -> Sender:
        asked = _asked(sent) if sent.deed.tool is tool else None
        match tool:
            case Tool.NPM:
                npm = upgrade(asked, sent.toolchain.node, sent.at).npm if asked else self._npm(sent, folder)
                return Sender(Known(Tool.NPM), _version(npm), npm)
            case Tool.PNPM | Tool.YARN:
                version = asked_version(asked) or self._manager_version(tool.value, sent, folder)
                old = tool is Tool.PNPM and not (isinstance(version, Known) and version.value >= Version(11))
                return Sender(Known(tool), version, sent.toolchain.npm if old and isinstance(version, Known) else None)
            case Tool.LERNA | Tool.LERNA_LITE:
                lite = tool is Tool.LERNA_LITE or isinstance(self.declared("@lerna-lite/cli", folder), Known)
                name = "@lerna-lite/cli" if lite else "lerna"
                real = Tool.LERNA if name == "lerna" else Tool.LERNA_LITE
                return Sender(Known(real), asked_version(asked) or self.declared(name, folder))
            case _:
                return Sender(Known(tool), Unknown(f"nothing says which version of {tool} runs"))

    def _npm(self, sent: Sent, folder: PurePosixPath) -> Fact[Npm]:
        """Return the npm that runs: where the project depends on one, scripts and package runners find that first."""
        local = sent.deed.runner in LOCAL_FIRST or any(link.what.startswith("script `") for link in sent.via)
        wanted = self._dependency("npm", folder) if local else None
        if wanted is None:
            return sent.toolchain.npm
        match upgrade(wanted.text, sent.toolchain.node, wanted.at).npm:
            case Known(npm, at):
                why = (Reason(f"`npm: {wanted.text}` in package.json", at), *npm.why[1:])
                return Known(Npm(npm.version, exact=npm.exact, why=why), at)
            case Unknown():
                return Unknown(f"the project brings its own npm, `{wanted.text}`", wanted.at)

    def _dependency(self, name: str, folder: PurePosixPath) -> Scalar | None:
        for manifest in self._manifests(folder):
            for group in DEPENDENCIES:
                node = find(manifest.node, group, name)
                if isinstance(node, Scalar):
                    return node
        return None

    def _manager_version(self, name: str, sent: Sent, folder: PurePosixPath) -> Fact[Version]:
        for tool, setting in sent.tools:
            if tool == name:
                match setting.value:
                    case Known(spec):
                        return declared(spec, name, setting.at)
                    case Unknown() as unknown:
                        return unknown
        manager = self.package_manager(folder)
        if manager and manager[0] == name:
            return manager[1]
        return Unknown(f"nothing says which version of {name} runs")

    def _delegate(self, tool: Tool, folder: PurePosixPath) -> Tool:
        manager = self.package_manager(folder)
        name = manager[0] if manager else "npm"
        if name == "pnpm":
            return Tool.PNPM
        if name == "bun" and tool is Tool.NX:
            return Tool.BUN
        if name == "yarn" and tool is Tool.CHANGESETS:
            match self.declared("@changesets/cli", folder):
                case Known(version) if version >= Version(3):
                    return Tool.YARN
                case _:
                    return Tool.NPM
        return Tool.NPM

    def _semantic_release(self, sent: Sent, folder: PurePosixPath) -> Fact[Npm]:
        found = asked_version(_asked(sent)) or self.declared("semantic-release", folder)
        match found:
            case Known(version, at):
                majors = sorted(major for major in SEMANTIC_RELEASE_NPM if major <= version.major)
                if not majors:
                    return Unknown(f"semantic-release {version.major} brings its own npm, and which is not known", at)
                npm = SEMANTIC_RELEASE_NPM[majors[-1]]
                why = (
                    Reason(f"semantic-release {version.major} publishes with its own npm", at),
                    Reason(f"that is npm {npm} or newer", None),
                )
                return Known(Npm(npm, exact=False, why=why), at)
            case Unknown():
                return Unknown(
                    "semantic-release publishes with its own npm, and nothing says which version runs", sent.at
                )


def asked_version(spec: str | None) -> Fact[Version] | None:
    """Return the version that `npx tool@version` asks for; None where it asks for none."""
    if not spec:
        return None
    version = Version.parse(spec)
    return Known(version) if version else None


def _asked(sent: Sent) -> str | None:
    return sent.deed.version.text if sent.deed.version and sent.deed.version.known else None


def _version(npm: Fact[Npm]) -> Fact[Version]:
    match npm:
        case Known(found, at):
            return Known(found.version, at)
        case Unknown() as unknown:
            return unknown


def _manager(node: Node | None) -> tuple[str, Fact[Version]] | None:
    if isinstance(node, Scalar):
        found = package_manager(node.text)
        return (found[0], Known(found[1], node.at)) if found else None
    name, spec = text(find(node, "name")), find(node, "version")
    if not name:
        return None
    return name, declared(spec.text, name, spec.at) if isinstance(spec, Scalar) else Unknown(
        f"nothing says which version of {name} runs"
    )
