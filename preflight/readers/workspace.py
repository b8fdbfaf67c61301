"""Which package.json files belong together, and which of them a command means."""

from __future__ import annotations

from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from preflight.facts.ci import Tool
from preflight.facts.fact import Known, Unknown
from preflight.readers import package
from preflight.records import KW_ONLY, dataclass
from preflight.source.globs import Globs
from preflight.source.nodes import Entry, Mapping, Sequence, entries, entry, find, strings

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from collections.abc import Mapping as Mapping_

    from preflight.facts.fact import Fact
    from preflight.facts.project import Package
    from preflight.readers.package import Manifest
    from preflight.source.files import Files
    from preflight.source.nodes import Node

TOP = PurePosixPath()
_MANIFEST = "package.json"
_ASIDE = frozenset(
    {"fixture", "fixtures", "__fixtures__", "test-fixtures", "testdata", "test", "tests", "__tests__", "__mocks__"}
    | {"template", "templates", "example", "examples", "e2e", "playground", "benchmarks"}
)
"""Names of folders whose packages nobody releases, and whose package.json may be broken on purpose."""
_PNPM = "pnpm-workspace.yaml"
_LERNA = PurePosixPath("lerna.json")
_CHANGESETS = PurePosixPath(".changeset/config.json")
_BINDING = (PurePosixPath(_MANIFEST), PurePosixPath(_PNPM), _LERNA)
_LERNA_DEFAULT = ("packages/*",)
_MATCHES = 50
"""Folders held against patterns that take as long as to follow a command."""
_WILD = frozenset("*?[{")
_DEPENDENCIES = ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies")
_WHOLE_WITH_TOP = frozenset({Tool.PNPM, Tool.YARN})
"""Tools whose "all packages" include the package at the workspace's top."""


class Layout(StrEnum):
    """What binds packages together."""

    NPM = "workspaces"
    PNPM = "pnpm-workspace.yaml"
    LERNA = "lerna.json"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Group:
    """A workspace: the folder at its top and the packages that its patterns name, without the one at the top.

    Without a workspace (`Layout.NONE`) every package stands alone, and `members` are all but the one at the top.
    """

    folder: PurePosixPath
    layout: Layout
    _: KW_ONLY
    top: Manifest | None
    members: tuple[Manifest, ...]
    doubt: str | None = None
    """Why the members are not known, completing "cannot tell: …"."""

    @property
    def all(self) -> tuple[Manifest, ...]:
        """The manifest at the top, where there is one, and the members."""
        return (self.top, *self.members) if self.top else self.members


@dataclass(frozen=True, slots=True)
class Workspace:
    """All package.json files of a project by folder; `groups` are its workspaces, the deepest first, its own last."""

    places: Mapping_[PurePosixPath, Manifest]
    groups: tuple[Group, ...]
    _: KW_ONLY
    changesets: Mapping | None = None
    """`.changeset/config.json`."""
    lerna: Mapping | None = None
    """`lerna.json`."""

    @property
    def manifests(self) -> tuple[Manifest, ...]:
        """All manifests, those without a name too."""
        return tuple(self.places.values())

    @property
    def root(self) -> Manifest | None:
        """The manifest at the project's root."""
        return self.places.get(TOP)

    @property
    def packages(self) -> tuple[Package, ...]:
        """All packages with a name, private ones too."""
        return tuple(_named(self.manifests))

    @property
    def members(self) -> tuple[Package, ...]:
        """The named packages of the project's own workspace, without the one at its top, private ones too."""
        return tuple(_named(self.groups[-1].members))

    @property
    def public(self) -> tuple[Package, ...]:
        """The members that are not private."""
        return tuple(found for found in self.members if not found.private)

    def at(self, folder: PurePosixPath) -> Manifest | None:
        """Return the manifest in exactly that folder."""
        if (exact := self.places.get(folder)) is not None:
            return exact
        wanted = resolve(TOP, str(folder))
        return self.places.get(wanted) if wanted is not None else None

    def nearest(self, folder: PurePosixPath) -> Manifest | None:
        """Return the manifest in a folder or in the nearest one above it, as npm finds the package to publish."""
        wanted = resolve(TOP, str(folder))
        if wanted is None:
            return None
        return next((found for above in (wanted, *wanted.parents) if (found := self.places.get(above))), None)

    def within(self, pattern: PurePosixPath) -> tuple[Manifest, ...]:
        """Return the manifests in the folders that a shell's pattern such as `packages/*` names."""
        globs = Globs((str(pattern),))
        return tuple(found for folder, found in self.places.items() if str(folder) in globs)

    def named(self, name: str) -> Manifest | None:
        """Return the manifest of that name; a workspace's member before a stray one."""
        bound = (one for group in reversed(self.groups) if group.layout is not Layout.NONE for one in group.all)
        candidates = (*bound, *self.manifests)
        return next((one for one in candidates if one.package and one.package.name == name), None)

    def group(self, base: PurePosixPath) -> Group:
        """Return the workspace that a folder lies in."""
        wanted = resolve(TOP, str(base)) or TOP
        above = {wanted, *wanted.parents}
        return next(group for group in self.groups if group.folder in above)

    def everything(self, tool: Tool, base: PurePosixPath = TOP) -> Fact[tuple[Package, ...]]:
        """Return what a tool sends when told to send all packages of the workspace; private ones are left out.

        Where no workspace binds them, these are all packages of the project.
        """
        group = self.group(base)
        if group.doubt:
            return Unknown(group.doubt)
        alone = group.layout is Layout.NONE or tool in _WHOLE_WITH_TOP
        return Known(_public(group.all if alone else group.members))

    def changed(self) -> Fact[tuple[Package, ...]]:
        """Return what `changeset publish` may send: the public packages that its configuration does not ignore.

        Without a workspace it looks at the package at the top alone.
        """
        group = self.groups[-1]
        if group.doubt:
            return Unknown(group.doubt)
        candidates = group.members
        if group.layout is Layout.NONE:
            candidates = (group.top,) if group.top else ()
        ignored = Globs(_texts(find(self.changesets, "ignore")))
        return Known(tuple(found for found in _public(candidates) if found.name not in ignored))

    def select(
        self, patterns: Iterable[str], base: PurePosixPath, tool: Tool | None = None
    ) -> Fact[tuple[Package, ...]]:
        """Return the packages that `npm -w`, `pnpm --filter`, `turbo --filter` or `lerna --scope` choose.

        A package that is named is chosen even where it is private; a pattern chooses no private ones, because tools
        skip them. Only pnpm does not take a bare `packages/a` for a folder. Sources: docs.npmjs.com/cli (config
        `workspace`), pnpm.io/filtering.
        """
        group = self.group(base)
        if group.doubt:
            return Unknown(group.doubt)
        chosen: set[PurePosixPath] = set()
        refused: set[PurePosixPath] = set()
        wanted = tuple(patterns)
        if all(pattern.startswith("!") for pattern in wanted):
            chosen.update(found.folder for found in _public(group.all))
        for pattern in wanted:
            match _select(group, pattern.removeprefix("!"), base, tool):
                case Unknown() as unknown:
                    return unknown
                case Known(found):
                    (refused if pattern.startswith("!") else chosen).update(one.folder for one in found)
        return Known(tuple(found for found in _named(group.all) if found.folder in chosen - refused))


def read(files: Files) -> Workspace:
    """Read all manifests and what binds them together; `files` remembers what cannot be read."""
    found = {one.folder: one for path in files.manifests() if (one := package.read(files, path))}
    below: dict[PurePosixPath, list[PurePosixPath]] = {}
    for folder in found:
        for above in folder.parents:
            below.setdefault(above, []).append(folder)
    groups = [group for folder in {TOP, *found} if (group := _group(files, folder, found, below.get(folder, ())))]
    groups.sort(key=lambda group: (-len(group.folder.parts), str(group.folder)))
    if not groups or groups[-1].folder != TOP:
        inside = {one.folder for group in groups for one in group.all}
        alone = tuple(one for folder, one in found.items() if folder != TOP and folder not in inside)
        groups.append(Group(TOP, Layout.NONE, top=found.get(TOP), members=alone, doubt=_doubt(files)))
    return Workspace(
        found,
        tuple(groups),
        changesets=_mapping(files, _CHANGESETS, comments=True),
        lerna=_mapping(files, _LERNA),
    )


def bears(files: Files, workspace: Workspace, path: PurePosixPath) -> bool:
    """Tell whether a file that cannot be read bears on a release.

    A package.json among fixtures, templates or examples does not, unless a workspace counts it as a member.
    """
    if path.name != _MANIFEST or _ASIDE.isdisjoint(path.parts[:-1]):
        return True
    return any(
        str(path.parent.relative_to(group.folder)) in Globs(_patterns(files, group.folder, group.top)[1])
        for group in workspace.groups
        if group.layout is not Layout.NONE and group.folder in path.parents
    )


def script(manifest: Manifest, name: str) -> Entry | None:
    """Return a script of a package.json whose value is a string."""
    found = entry(manifest.node, "scripts", name)
    return found if found and package.string(found.value) else None


def resolve(base: PurePosixPath, path: str) -> PurePosixPath | None:
    """Return a path seen from a folder, with `.` and `..` worked out; None where it leaves the project."""
    parts: list[str] = []
    for part in (base / path).parts:
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part.startswith("/"):
            return None
        else:
            parts.append(part)
    return PurePosixPath(*parts)


def _named(manifests: Iterable[Manifest]) -> Iterator[Package]:
    return (one.package for one in manifests if one.package)


def _public(manifests: Iterable[Manifest]) -> tuple[Package, ...]:
    return tuple(found for found in _named(manifests) if not found.private)


# -- what belongs together ------------------------------------------------------------------------


def _doubt(files: Files) -> str | None:
    """Say which of the files that would bind the packages together cannot be read."""
    lost = {found.path for found in files.unreadable} & set(_BINDING)
    return f"`{min(lost)}` cannot be read" if lost else None


def _mapping(files: Files, path: PurePosixPath, *, comments: bool = False) -> Mapping | None:
    match files.tree(path, comments=comments) if files.exists(path) else None:
        case Mapping() as node:
            return node
        case _:
            return None


def _group(
    files: Files, folder: PurePosixPath, found: dict[PurePosixPath, Manifest], below: Collection[PurePosixPath]
) -> Group | None:
    top = found.get(folder)
    layout, patterns = _patterns(files, folder, top)
    if layout is Layout.NONE:
        return None
    globs = Globs(patterns)
    if not files.spend(folder / _MANIFEST, len(below) * len(globs.patterns) // _MATCHES):
        return Group(folder, layout, top=top, members=(), doubt="its workspaces have too many patterns")
    members = tuple(found[place] for place in below if str(place.relative_to(folder)) in globs)
    return Group(folder, layout, top=top, members=members)


def _patterns(files: Files, folder: PurePosixPath, top: Manifest | None) -> tuple[Layout, list[str]]:
    pnpm = _mapping(files, folder / _PNPM)
    if pnpm is not None and pnpm.get("packages") is not None:
        listed = _texts(pnpm.get("packages"))
        return Layout.PNPM, sorted(listed, key=lambda pattern: pattern.startswith("!"))
    declared = top.node.get("workspaces") if top else None
    match declared:
        case Sequence():
            return Layout.NPM, _texts(declared)
        case Mapping():
            return Layout.NPM, _texts(declared.get("packages"))
        case _:
            pass
    lerna = _mapping(files, _LERNA) if folder == TOP else None
    if lerna is not None:
        return Layout.LERNA, _texts(lerna.get("packages")) or list(_LERNA_DEFAULT)
    return Layout.NONE, []


def _texts(node: Node | None) -> list[str]:
    return [scalar.text for scalar in strings(node)]


# -- what a pattern chooses -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Question:
    """Where a pattern is asked, and by which tool."""

    group: Group
    base: PurePosixPath
    tool: Tool | None

    @property
    def packages(self) -> tuple[Package, ...]:
        return tuple(_named(self.group.all))


def _select(group: Group, pattern: str, base: PurePosixPath, tool: Tool | None) -> Fact[tuple[Package, ...]]:
    if "$" in pattern:
        return Unknown(f"`{pattern}` is filled in when the command runs")
    if "[" in pattern:
        return Unknown(f"`{pattern}` chooses what has changed in git")
    core = pattern.removeprefix("...").removesuffix("...")
    upward, downward = pattern.startswith("..."), pattern.endswith("...")
    others_only = core.startswith("^") or core.endswith("^")
    question = _Question(group, base, tool)
    found = _core(question, core.strip("^"))
    if not found:
        return Unknown(f"no package of the workspace matches `{core}`")
    chosen = () if others_only else found
    needs = _needs(group) if upward or downward else {}
    if upward:
        chosen += _reached(question, found, _turned(needs))
    if downward:
        chosen += _reached(question, found, needs)
    return Known(chosen)


def _core(question: _Question, core: str) -> tuple[Package, ...]:
    name, mark, folder = core.partition("{")
    # Braces hold a folder in the filters of pnpm and turbo, and alternatives in a pattern.
    if mark and folder.endswith("}") and "," not in folder:
        inside = _by_folder(question, folder.removesuffix("}"))
        return tuple(one for one in inside if one in _by_name(question, name)) if name else inside
    if core.startswith((".", "/")):
        return _by_folder(question, core)
    found = _by_name(question, core)
    return found if found or question.tool is Tool.PNPM else _by_folder(question, core)


def _by_name(question: _Question, pattern: str) -> tuple[Package, ...]:
    if _is_wild(pattern):
        public = (one for one in question.packages if not one.private)
        if question.tool is Tool.PNPM:
            # Only in pnpm does `*` go on past the slash of a scope.
            return tuple(one for one in public if fnmatchcase(one.name, pattern))
        globs = Globs((pattern,))
        return tuple(one for one in public if one.name in globs)
    exact = tuple(one for one in question.packages if one.name == pattern)
    if exact or question.tool is not Tool.PNPM:
        return exact
    # pnpm takes `core` for `@acme/core` where no other scope has a `core`.
    scoped = tuple(one for one in question.packages if one.name.partition("/")[2] == pattern)
    return scoped if len(scoped) == 1 else ()


def _by_folder(question: _Question, pattern: str) -> tuple[Package, ...]:
    wanted = resolve(question.base, pattern)
    if wanted is None:
        return ()
    if _is_wild(pattern):
        globs = Globs((str(wanted),))
        return tuple(one for one in question.packages if not one.private and str(one.folder) in globs)
    exact = tuple(one for one in question.packages if one.folder == wanted)
    if exact or question.tool is Tool.PNPM:
        return exact
    return tuple(one for one in question.packages if not one.private and wanted in one.folder.parents)


def _is_wild(pattern: str) -> bool:
    return not _WILD.isdisjoint(pattern)


def _needs(group: Group) -> dict[str, set[str]]:
    """Return for each package the packages of the workspace that it depends on."""
    names = {found.name for found in _named(group.all)}
    needs: dict[str, set[str]] = {}
    for one in group.all:
        if one.package:
            listed = {item.key.text for field in _DEPENDENCIES for item in entries(one.node.get(field))}
            needs.setdefault(one.package.name, set()).update(listed & names)
    return needs


def _turned(links: dict[str, set[str]]) -> dict[str, set[str]]:
    turned: dict[str, set[str]] = {}
    for name, others in links.items():
        for other in others:
            turned.setdefault(other, set()).add(name)
    return turned


def _reached(question: _Question, start: tuple[Package, ...], links: dict[str, set[str]]) -> tuple[Package, ...]:
    """Return the public packages that lead on from the start; the start itself only where a circle leads back."""
    reached: set[str] = set()
    waiting = [one.name for one in start]
    while waiting:
        for name in links.get(waiting.pop(), set()) - reached:
            reached.add(name)
            waiting.append(name)
    return tuple(one for one in question.packages if one.name in reached and not one.private)
