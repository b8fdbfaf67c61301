"""Which program really sends the package when a release tool publishes, and at which version.

What each tool calls is set down in its own documentation and code; `README.md` of the data folder names the sources.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from preflight.facts.ci import Tool
from preflight.facts.fact import Fact, Known, Unknown
from preflight.facts.toolchain import Npm, Reason, Version
from preflight.readers.declared import Told, admits, package_manager, pinned, told
from preflight.readers.floors import NATIVE_PNPM, SEMANTIC_RELEASE_NPM
from preflight.readers.lockfiles import Lockfiles
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
MANAGERS = ("pnpm", "yarn", "bun")


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
        self._lockfiles = Lockfiles(files)

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

    def told(self, name: str, sent: Sent, folder: PurePosixPath, *, asked: bool) -> Told:
        """Return what the files tell about the version of a tool.

        The best evidence comes first: what the command itself asks for, if it `asked` for this tool; an action or a
        step that installs it; for a package manager the settings of the project, for others its lockfile and its
        manifests. A package runner and a script find a dependency before what the machine has.
        """
        word = sent.deed.version
        if asked and word is not None:
            if not word.known:
                return Told(Unknown(f"`{sent.said(word.text)}` is worked out when the command runs", sent.at))
            return told(word.text, f"`{name}@{word.text}`", name, sent.at)
        own = self._manager(name, folder) if name in MANAGERS else self.locked(name, folder)
        # Yarn runs what the project names, whichever yarn is started; a runner and a script prefer a dependency.
        if name == "yarn" or (name not in MANAGERS and _local_first(sent)):
            return own if own.range is not None else self._installed(name, sent) or own
        return self._installed(name, sent) or own

    def _installed(self, name: str, sent: Sent) -> Told | None:
        """Return the version that an action or a step puts on the PATH; None where none does, or any version."""
        setting = next((setting for tool, setting in reversed(sent.tools) if tool == name), None)
        match setting.value if setting is not None else None:
            case Known("latest") | None:
                return None
            case Known(spec):
                return told(spec, f"a step installs {name} {spec}", name, setting.at if setting else None)
            case Unknown() as unknown:
                return Told(unknown)

    def locked(self, name: str, folder: PurePosixPath) -> Told:
        """Return what the lockfile tells about a dependency, else what the nearest manifest asks for."""
        node = self._dependency(name, folder)
        spec = self._catalogued(node, name) if node is not None else None
        found = self._lockfiles.locked(name, folder, node.text if node is not None else None)
        if found is not None and (spec is None or admits(spec.text, found.version)):
            why = (Reason(f"`{name}: {spec.text}` in {spec.source.path}", spec.at),) if spec is not None else ()
            return pinned(found, name, spec.at if spec is not None else None, why)
        if spec is not None:
            return told(spec.text, f"`{name}: {spec.text}` in {spec.source.path}", name, spec.at)
        return Told(Unknown(f"no manifest says which version of {name} runs"))

    def declared(self, name: str, folder: PurePosixPath) -> Fact[Version]:
        """Return the version of a dependency, the oldest that its range allows where no lockfile tells."""
        return self.locked(name, folder).version

    def depends(self, name: str, folder: PurePosixPath) -> bool:
        """Tell whether a manifest asks for a package."""
        return self._dependency(name, folder) is not None

    def package_manager(self, folder: PurePosixPath) -> tuple[str, Fact[Version]] | None:
        """Return the package manager of the project with its version, as its manifests or its files say."""
        found = self._package_manager(folder)
        return (found[0], found[1].version) if found else None

    def _package_manager(self, folder: PurePosixPath) -> tuple[str, Told] | None:
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
                return name, Told(Unknown(f"nothing says which version of {name} runs"))
        return None

    def _manager(self, name: str, folder: PurePosixPath) -> Told:
        if name == "yarn" and (found := self._yarn_path(folder)) is not None:
            return found
        manager = self._package_manager(folder)
        if manager and manager[0] == name:
            return manager[1]
        return Told(Unknown(f"nothing says which version of {name} runs"))

    def _yarn_path(self, folder: PurePosixPath) -> Told | None:
        """Return the yarn that `yarnPath` names, which runs whatever was started."""
        for above in (folder, *folder.parents):
            node = find(self._files.tree(above / ".yarnrc.yml"), "yarnPath")
            if isinstance(node, Scalar):
                version = PurePosixPath(node.text).stem.removeprefix("yarn-")
                return told(version, f"`yarnPath: {node.text}`", "yarn", node.at) if Version.parse(version) else None
        return None

    def _catalogued(self, node: Scalar, name: str) -> Scalar:
        """Return the range in the catalog of pnpm-workspace.yaml that `catalog:` means, else the node itself."""
        if not node.text.startswith("catalog:"):
            return node
        catalogs = self._files.tree(PurePosixPath("pnpm-workspace.yaml"))
        named = node.text.removeprefix("catalog:").strip() or "default"
        places = [("catalogs", named, name), *([("catalog", name)] if named == "default" else [])]
        found = (find(catalogs, *path) for path in places)
        return next((each for each in found if isinstance(each, Scalar)), node)

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
                version = self.told(tool.value, sent, folder, asked=asked is not None).version
                old = tool is Tool.PNPM and not (isinstance(version, Known) and version.value >= NATIVE_PNPM)
                return Sender(Known(tool), version, sent.toolchain.npm if old and isinstance(version, Known) else None)
            case Tool.LERNA | Tool.LERNA_LITE:
                lite = tool is Tool.LERNA_LITE or self.depends("@lerna-lite/cli", folder)
                name = "@lerna-lite/cli" if lite else "lerna"
                real = Tool.LERNA if name == "lerna" else Tool.LERNA_LITE
                return Sender(Known(real), self.told(name, sent, folder, asked=asked is not None or lite).version)
            case _:
                return Sender(Known(tool), Unknown(f"nothing says which version of {tool} runs"))

    def _npm(self, sent: Sent, folder: PurePosixPath) -> Fact[Npm]:
        """Return the npm that runs: where the project depends on one, scripts and package runners find that first."""
        wanted = self._dependency("npm", folder) if _local_first(sent) else None
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
                    return _yarn(manager)
                case _:
                    return Tool.NPM
        return Tool.NPM

    def _semantic_release(self, sent: Sent, folder: PurePosixPath) -> Fact[Npm]:
        own = self._lockfiles.locked("npm", folder) if sent.deed.version is None else None
        if own is not None:
            steps = (
                Reason("semantic-release publishes with its own npm", sent.at),
                Reason(f"`{own.at.path}` holds npm {own.version}", own.at),
            )
            return Known(Npm(own.version, exact=True, why=steps), sent.at)
        match self.told("semantic-release", sent, folder, asked=True).version:
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


def _local_first(sent: Sent) -> bool:
    return sent.deed.runner in LOCAL_FIRST or any(link.what.startswith("script `") for link in sent.via)


def _asked(sent: Sent) -> str | None:
    return sent.deed.version.text if sent.deed.version and sent.deed.version.known else None


def _yarn(manager: tuple[str, Fact[Version]] | None) -> Tool:
    """Return which yarn a project means; the first one had no `yarn npm publish`, nor provenance."""
    match manager:
        case (_, Known(version)) if version < Version(2):
            return Tool.YARN_CLASSIC
        case _:
            return Tool.YARN


def _version(npm: Fact[Npm]) -> Fact[Version]:
    match npm:
        case Known(found, at):
            return Known(found.version, at)
        case Unknown() as unknown:
            return unknown


def _manager(node: Node | None) -> tuple[str, Told] | None:
    if isinstance(node, Scalar):
        found = package_manager(node.text)
        if found is None:
            return None
        name, version = found
        return name, told(str(version), f"`packageManager: {node.text.partition('+')[0]}`", name, node.at)
    wanted, spec = text(find(node, "name")), find(node, "version")
    if not wanted:
        return None
    if not isinstance(spec, Scalar):
        return wanted, Told(Unknown(f"nothing says which version of {wanted} runs"))
    return wanted, told(spec.text, f"`devEngines.packageManager` asks for {wanted} {spec.text}", wanted, spec.at)
