"""Actions that put Node.js, npm or another package manager on the PATH."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from preflight.errors import PreflightError
from preflight.facts.fact import Fact, Known, Unknown
from preflight.readers.node_files import node_from_file
from preflight.readers.node_versions import node
from preflight.readers.pipeline import Setting
from preflight.readers.scripts import ROOT, WORKSPACE, join
from preflight.source.nodes import Scalar, find

if TYPE_CHECKING:
    from preflight.facts.toolchain import Node
    from preflight.readers.github.repo import Repo
    from preflight.readers.github.scene import Scene
    from preflight.readers.github.workflow import Step, Uses
    from preflight.readers.walk import Walk
    from preflight.source.text import Location

VERSION_INPUTS = {
    "actions/setup-node": ("node-version", "node-version-file"),
    "wyvox/action-setup-pnpm": ("node-version", "node-version-file"),
    "wyvox/action": ("node-version", "node-version-file"),
    "bahmutov/npm-install": ("", ""),
    "volta-cli/action": ("node-version", ""),
    "guibranco/github-setup-node": ("node-version", ""),
}
"""Actions that install the Node.js that an input names, with that input and the one that names a file."""
FILES = {
    "jdx/mise-action": ("mise.toml", ".mise.toml", ".tool-versions"),
    "asdf-vm/actions/install": (".tool-versions",),
    "jdx/rtx-action": (".rtx.toml", ".mise.toml", "mise.toml", ".tool-versions"),
    "volta-cli/action": ("package.json",),
}
"""Actions that install what a file of the project names."""
HARMLESS = (
    "actions/",
    "github/",
    "docker/",
    "pnpm/action-setup",
    "oven-sh/",
    "denoland/",
    "step-security/harden-runner",
)
INSTALLERS = (
    "setup",
    "prepare",
    "install",
    "init",
    "toolchain",
    "node",
    "bootstrap",
    "environment",
    "mise",
    "asdf",
    "volta",
    "nix",
    "devbox",
)
"""Parts of names of actions that may bring a Node.js of their own."""
OTHER_LANGUAGES = (
    "rust",
    "python",
    "java",
    "go",
    "ruby",
    "php",
    "dotnet",
    "deno",
    "buildx",
    "qemu",
    "uv",
    "zig",
    "gcloud",
    "wasm",
    "protoc",
    "emsdk",
    "chrome",
    "cosign",
    "turbo",
    "cache",
    "kubectl",
    "helm",
    "terraform",
    "xcode",
    "android",
    "gradle",
    "protobuf",
    "buf-",
    "swift",
    "aws",
    "git-",
    "git_",
    "gpg",
    "bot",
    "user",
)
"""Parts of names of actions that install something else."""


def set_up(walk: Walk, repo: Repo, uses: Uses, step: Step, scene: Scene, at: Location) -> bool:
    """Let an action change the toolchain; False where it does not."""
    key = uses.key
    if key == "pnpm/action-setup" and (given := step.given("version")):
        walk.tools["pnpm"] = Setting("pnpm", scene.fact(given), given.at)
        return True
    if key in VERSION_INPUTS:
        version, file = VERSION_INPUTS[key]
        found = _asked(repo, step, scene, version, file) or _from_files(repo, FILES.get(key, ()), at)
        if found is not None:
            walk.toolchain = walk.toolchain.with_node(found)
        if key == "actions/setup-node":
            _registry(walk, step, scene)
        if key == "volta-cli/action":
            _volta(walk, repo, step, scene)
        return True
    if key in FILES:
        if (found := _from_files(repo, FILES[key], at)) is not None:
            walk.toolchain = walk.toolchain.with_node(found)
        return True
    if not uses.docker and _may_install(key):
        walk.toolchain = walk.toolchain.with_node(Unknown(f"`{uses.text}` may install another Node.js", at))
    return False


def _asked(repo: Repo, step: Step, scene: Scene, version: str, file: str) -> Fact[Node] | None:
    given = step.given(version) if version else None
    if given is not None and given.text.strip():
        match scene.fact(given):
            case Known(""):
                pass
            case Known(spec):
                return node(spec, given.at, f"setup-node `{version}: {spec}`")
            case Unknown(why):
                return Unknown(why, given.at)
    named = step.given(file) if file else None
    if named is None:
        return None
    match scene.fact(named):
        case Known(path):
            return _file(repo, join(ROOT, path.removeprefix(WORKSPACE)), named)
        case Unknown(why):
            return Unknown(why, named.at)


def _file(repo: Repo, path: PurePosixPath, named: Scalar) -> Fact[Node]:
    text = _text(repo, path)
    if text is None:
        return Unknown(f"`{path}` is not in the repository", named.at)
    return node_from_file(str(path), text, named.at, lambda other: _text(repo, join(ROOT, other)))


def _from_files(repo: Repo, names: tuple[str, ...], at: Location) -> Fact[Node] | None:
    for name in names:
        if (text := _text(repo, PurePosixPath(name))) is not None:
            return node_from_file(name, text, at, lambda other: _text(repo, PurePosixPath(other)))
    return None


def _text(repo: Repo, path: PurePosixPath) -> str | None:
    if not repo.files.exists(path):
        return None
    try:
        return repo.files.source(path).text
    except PreflightError:
        return None


def _volta(walk: Walk, repo: Repo, step: Step, scene: Scene) -> None:
    """Put the npm that the action's input or `volta.npm` of package.json asks for in the place of the bundled one."""
    given = step.given("npm-version")
    manifest = repo.workspace.root
    pinned = given if given is not None else find(manifest.node, "volta", "npm") if manifest else None
    if not isinstance(pinned, Scalar) or not pinned.text:
        return
    match scene.fact(pinned):
        case Known(spec):
            walk.toolchain, _ = walk.toolchain.upgrade(spec, pinned.at)
        case Unknown() as unknown:
            walk.toolchain = walk.toolchain.with_npm(unknown)


def _registry(walk: Walk, step: Step, scene: Scene) -> None:
    """Note the registry that setup-node writes to the user's .npmrc."""
    address, scope = step.given("registry-url"), step.given("scope")
    if address is None:
        return
    name = "registry"
    if scope is not None:
        match scene.fact(scope):
            case Known(text) if text:
                name = f"{text if text.startswith('@') else '@' + text}:registry".lower()
            case _:
                pass
    walk.configured.append(Setting(name, scene.fact(address), address.at))


def _may_install(key: str) -> bool:
    if key.startswith(HARMLESS):
        return False
    name = key.split("/", 1)[-1]
    return any(part in name for part in INSTALLERS) and not any(part in name for part in OTHER_LANGUAGES)
