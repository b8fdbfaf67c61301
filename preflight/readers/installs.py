"""Whether an installation of dependencies takes exactly what the lockfile says."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from preflight.errors import PreflightError
from preflight.facts.fact import Fact, Known, Unknown
from preflight.facts.toolchain import Version
from preflight.readers.senders import DEPENDENCIES, Senders
from preflight.readers.settings import FALSE, upward
from preflight.readers.workspace import Layout
from preflight.records import dataclass
from preflight.source.edits import Edit, Fix, Safety, alone
from preflight.source.nodes import entries, find, text

if TYPE_CHECKING:
    from preflight.facts.fact import Fact
    from preflight.readers.package import Manifest
    from preflight.readers.pipeline import InstallAll, Setting
    from preflight.readers.workspace import Workspace
    from preflight.source.files import Files
    from preflight.source.text import Location

LOCKFILES = {
    "npm": ("package-lock.json", "npm-shrinkwrap.json"),
    "pnpm": ("pnpm-lock.yaml",),
    "yarn": ("yarn.lock",),
    "bun": ("bun.lock", "bun.lockb"),
}
MODERN = Version(2)
"""The first yarn that refuses, in CI, to change its lockfile (`enableImmutableInstalls`, yarnpkg.com/configuration)."""
UNBUILT = Version(10)
"""The first pnpm that runs no scripts of dependencies unless it is told which (pnpm.io/settings)."""
CLASSIC_MARK = "# yarn lockfile v1"


@dataclass(frozen=True, slots=True)
class Locked:
    """Whether an installation is locked, and why not."""

    locked: bool
    why: str = ""
    title: str = ""
    """What would lock it."""
    word: str | None = None
    """What takes the place of the command's word; None where an edit would not be enough."""
    added: str = ""
    """An option that is put behind the command's word instead."""


KEPT = Locked(locked=True)


@dataclass(frozen=True, slots=True)
class Installs:
    """The lockfiles and the package managers' settings of a project."""

    files: Files
    workspace: Workspace

    def locked(self, deed: InstallAll, folder: Fact[PurePosixPath], env: tuple[Setting, ...]) -> Locked | None:
        """Return whether a command keeps to the lockfile; None where there is nothing to install.

        What a tool does in CI without being told: npm and bun may write the lockfile anew, as yarn 1 does; pnpm and
        later yarns refuse. pnpm resolves everything where there is no lockfile, which later yarns refuse too.
        """
        match folder:
            case Known(base):
                wanted = self._wants(base)
            case Unknown():
                base = PurePosixPath()
                wanted = any(map(_dependent, self.workspace.manifests))
        if not wanted and not self._lockfile(deed.manager, base):
            return None
        if deed.lockless:
            return Locked(False, "it is told to do without the lockfile", "install with the lockfile")
        if deed.frozen:
            return KEPT
        match deed.manager:
            case "npm":
                return self._npm(deed, base)
            case "pnpm":
                return self._pnpm(deed, base, env)
            case "yarn":
                return self._yarn(deed, base, env)
            case _:
                return self._bun(base)

    def runs_scripts(self, deed: InstallAll, folder: Fact[PurePosixPath]) -> bool:
        """Tell whether an installation runs scripts of the dependencies without being asked to."""
        if not deed.scripts or deed.manager == "bun":
            return False
        base = folder.value if isinstance(folder, Known) else PurePosixPath()
        if _is_false(self._npmrc(base, "ignore-scripts")) is False:
            return False
        if deed.manager == "yarn":
            return _is_false(self._yarnrc(base, "enableScripts")) is not True
        if deed.manager == "pnpm":
            match self._managed("pnpm", base):
                case Known(version):
                    return version < UNBUILT
                case _:
                    return False
        return True

    # -- one tool after the other -------------------------------------------------------------

    def _npm(self, deed: InstallAll, base: PurePosixPath) -> Locked:
        if _is_false(self._npmrc(base, "package-lock")):
            return Locked(False, "`.npmrc` turns the lockfile off", "keep a lockfile and install with `npm ci`")
        if not self._lockfile("npm", base):
            return _missing("npm", "npm ci")
        why = "it changes the lockfile wherever package.json asks for something else"
        return Locked(False, why, "install with `npm ci`", "ci" if deed.plain else None)

    def _pnpm(self, deed: InstallAll, base: PurePosixPath, env: tuple[Setting, ...]) -> Locked:
        if _is_false(self._npmrc(base, "lockfile")):
            return Locked(False, "`.npmrc` turns the lockfile off", "keep a lockfile")
        if not self._lockfile("pnpm", base):
            return _missing("pnpm", "pnpm install")
        if deed.frozen is False:
            return Locked(False, "it is told that it may change the lockfile", "leave the option out")
        said = (
            self._npmrc(base, "frozen-lockfile")
            or self._setting(base, "pnpm-workspace.yaml", "frozenLockfile")
            or _variable(env, "npm_config_frozen_lockfile", "pnpm_config_frozen_lockfile")
        )
        if _is_false(said):
            return Locked(False, "a setting lets it change the lockfile", "install with `--frozen-lockfile`")
        return KEPT

    def _yarn(self, deed: InstallAll, base: PurePosixPath, env: tuple[Setting, ...]) -> Locked:
        if self._is_modern(base):
            said = _variable(env, "yarn_enable_immutable_installs") or self._yarnrc(base, "enableImmutableInstalls")
            if deed.frozen is False:
                return Locked(False, "it is told that it may change the lockfile", "leave `--no-immutable` out")
            if _is_false(said):
                return Locked(False, "a setting lets it change the lockfile", "install with `--immutable`")
            return KEPT
        if not self._lockfile("yarn", base):
            return _missing("yarn", "yarn install --frozen-lockfile")
        if "frozen-lockfile true" in self._text(base, ".yarnrc"):
            return KEPT
        why = "yarn 1 changes the lockfile wherever package.json asks for something else"
        return Locked(False, why, "install with `--frozen-lockfile`", added=" --frozen-lockfile")

    def _bun(self, base: PurePosixPath) -> Locked:
        if not self._lockfile("bun", base):
            return _missing("bun", "bun ci")
        settings = self._text(base, "bunfig.toml").replace(" ", "")
        if "frozenLockfile=true" in settings:
            return KEPT
        why = "it changes the lockfile wherever package.json asks for something else"
        return Locked(False, why, "install with `--frozen-lockfile`", added=" --frozen-lockfile")

    # -- files --------------------------------------------------------------------------------

    def _wants(self, folder: PurePosixPath) -> bool:
        """Tell whether the project that a folder belongs to has dependencies."""
        near = self.workspace.nearest(folder)
        if near is None:
            return False
        group = self.workspace.group(near.folder)
        return _dependent(near) or (group.layout is not Layout.NONE and any(map(_dependent, group.all)))

    def _lockfile(self, manager: str, folder: PurePosixPath) -> bool:
        """Tell whether the repository holds a lockfile in a folder or above it; one that git ignores is not in it."""
        ignored = {line.strip().removeprefix("**").lstrip("/") for line in self._text(None, ".gitignore").splitlines()}
        return any(
            self.files.exists(above / name)
            for name in LOCKFILES[manager]
            if name not in ignored
            for above in upward(folder)
        )

    def _is_modern(self, folder: PurePosixPath) -> bool:
        match self._managed("yarn", folder):
            case Known(version):
                return version >= MODERN
            case _:
                pass
        if any(self.files.exists(above / ".yarnrc.yml") for above in upward(folder)):
            return True
        lockfile = self._text(folder, "yarn.lock")
        return bool(lockfile) and CLASSIC_MARK not in lockfile[:200]

    def _managed(self, name: str, folder: PurePosixPath) -> Fact[Version]:
        found = Senders(self.files, self.workspace).package_manager(folder)
        return found[1] if found and found[0] == name else Unknown(f"nothing says which version of {name} runs")

    def _npmrc(self, folder: PurePosixPath, key: str) -> str | None:
        return self._setting(folder, ".npmrc", key)

    def _yarnrc(self, folder: PurePosixPath, key: str) -> str | None:
        return self._setting(folder, ".yarnrc.yml", key)

    def _setting(self, folder: PurePosixPath, file: str, key: str) -> str | None:
        for above in upward(folder):
            if self.files.exists(above / file) and (said := text(find(self.files.tree(above / file), key))) is not None:
                return said
        return None

    def _text(self, folder: PurePosixPath | None, name: str) -> str:
        """Return the text of a file in a folder or above it, in the top one where none is given; empty without one."""
        for above in upward(folder or PurePosixPath()):
            if self.files.exists(above / name):
                try:
                    return self.files.source(above / name).text
                except PreflightError:
                    return ""
        return ""


def remedy(found: Locked, at: Location, said: str, *, here: bool) -> Fix | None:
    """Return what locks an installation; it edits only a command that stands in the job itself, at its exact place."""
    if not found.title:
        return None
    if not here or at.text != said or (found.word is None and not found.added):
        return Fix(found.title, Safety.UNSAFE)
    # The lockfile may be out of date, and then the locked installation fails.
    edit = Edit(at, said + found.added if found.word is None else found.word)
    return alone(Fix(found.title, Safety.UNSAFE, (edit,)))


def _missing(manager: str, command: str) -> Locked:
    name = LOCKFILES[manager][0]
    return Locked(False, f"the repository has no `{name}`", f"commit a `{name}` and install with `{command}`")


def _dependent(manifest: Manifest) -> bool:
    # Hundreds of packages are asked again for every installation.
    if "ependencies" not in manifest.node.source.text:
        return False
    return any(entries(manifest.node.get(group)) for group in DEPENDENCIES)


def _is_false(said: str | None) -> bool | None:
    """Return whether a setting is false; None where nothing sets it."""
    return None if said is None else said.strip().lower() in FALSE


def _variable(env: tuple[Setting, ...], *names: str) -> str | None:
    """Return the last value of a variable, whatever its case, as far as it is known."""
    for setting in reversed(env):
        if setting.name.lower() in names and isinstance(setting.value, Known):
            return setting.value.value
    return None
