"""A release about to be tagged: which tags, what they say of which packages, and what git and the files say of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from preflight.errors import UsageError
from preflight.facts.ci import Tool
from preflight.facts.fact import Known, Unknown
from preflight.facts.tagging import Named, Tagging
from preflight.readers import changelogs, history, locked_versions, tags
from preflight.readers.tags import Names
from preflight.records import dataclass
from preflight.source.nodes import find, text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from preflight.facts.ci import Job, PublishSite
    from preflight.facts.fact import Fact
    from preflight.facts.project import Package, Shipment
    from preflight.facts.tagging import Existing
    from preflight.readers.history import History
    from preflight.readers.tags import Meaning
    from preflight.readers.workspace import Workspace
    from preflight.source.files import Files
    from preflight.source.text import Location

REF = "refs/tags/"
DECIDING = frozenset(
    {
        Tool.AUTO,
        Tool.BEACHBALL,
        Tool.LERNA,
        Tool.LERNA_LITE,
        Tool.NP,
        Tool.RELEASE_IT,
        Tool.RUSH,
        Tool.SEMANTIC_RELEASE,
    }
)
"""Tools that give the package its version when they publish it."""
GIVEN = ("from-package", "from-git")
"""Words with which lerna publishes the versions that are there."""
STAND_IN = "0.0.0"
"""The version that stands in package.json where a tool or a job replaces it: `0.0.0`, `0.0.0-development`."""
UNFINISHED = frozenset({"automated", "dev", "development", "placeholder", "pre", "snapshot", "wip"})
"""Words behind a version, without a number, that say the same: `3.10.0-dev`."""
REWRITES = (
    "npm version ",
    "yarn version ",
    "bun pm version ",
    "npm pkg set version",
    "lerna version ",
    ".version =",
    ".version=",
)
"""What a pipeline writes that puts the version into package.json itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """What is known of a release before its tag is looked at."""

    workspace: Workspace
    jobs: tuple[Job, ...]
    shipments: tuple[Shipment, ...]
    asked: str | None
    """The tag; None where it is to be found out."""
    creating: bool
    pattern: str | None
    """How the configuration says that tags are formed."""

    @property
    def sites(self) -> tuple[PublishSite, ...]:
        """The places that send to npm's registry, or to one that cannot be told."""
        return tuple(site for job in self.jobs for site in job.npm_sites)

    @property
    def packages(self) -> tuple[Package, ...]:
        """The packages that will be sent; where the pipelines do not tell, the public ones of the workspace."""
        sent = {one.package.path: one.package for one in self.shipments if one.site.for_npm and one.package}
        if found := tuple(package for package in sent.values() if not package.private):
            return found
        root = self.workspace.root
        if root and root.package and not root.package.private:
            return (root.package,)
        return self.workspace.public

    @property
    def decided(self) -> str | None:
        """The tool that decides the version when it publishes; None where package.json does."""
        for site in self.sites:
            if site.tool in DECIDING and not any(word in site.command for word in GIVEN):
                return site.tool.value
        return None

    @property
    def rewritten(self) -> bool:
        """Whether a file that leads to a publish command puts the version into package.json itself."""
        places = {id(at.source): at.source.text for job in self.jobs for at in _places(job)}
        return any(word in text for text in places.values() for word in REWRITES)


class _State(NamedTuple):
    head: Fact[str]
    existing: Fact[tuple[Existing, ...]]
    dirty: Fact[tuple[str, ...]]
    unpushed: Fact[str | None]


def read(root: Path, files: Files, release: Release) -> Tagging:
    """Read what the rules at the tag may know."""
    repository = history.find(root)
    if release.asked is not None and not _bare(release).strip():
        raise UsageError("the tag is an empty word", "a variable may not be set; write it as v1.2.3")
    if release.asked is not None and isinstance(repository, Known) and not repository.value.is_name(_bare(release)):
        raise UsageError(f"`{_bare(release)}` is no name that git allows for a tag", "write it as v1.2.3")
    newest = repository.value.newest() if isinstance(repository, Known) else ()
    names = Names(release.workspace.packages)
    asked, misnamed = _tags(release, repository, names, newest)
    named: tuple[Named, ...] = ()
    if release.asked is None:
        named = tuple(_named(release, package, tag, package.version or "") for package, tag in asked)
    else:
        match names.read(_bare(release), release.pattern):
            case None:
                misnamed = _formless(release)
            case meaning:
                named, misnamed = _meant(release, meaning)
    wanted = tuple(dict.fromkeys(tag for _, tag in asked)) or _plain(release)
    published = tuple(one.package for one in named)
    settled = tuple(one.package for one in named if one.agrees)
    state = _state(repository, wanted)
    return Tagging(
        wanted,
        creating=release.creating,
        head=state.head,
        named=named,
        misnamed=misnamed,
        existing=state.existing,
        dirty=state.dirty,
        unpushed=state.unpushed,
        stale=() if release.decided else tuple(locked_versions.stale(files, published)),
        unfiled=tuple(
            changelogs.unfiled(files, settled, release.sites, tags.versions(newest), whole=_is_whole(release, settled))
        ),
        at=named[0].at if named else None,
    )


# -- which tags -----------------------------------------------------------------------------------

Pair = tuple["Package", str]


def _bare(release: Release) -> str:
    return (release.asked or "").removeprefix(REF)


def _plain(release: Release) -> tuple[str, ...]:
    return (_bare(release),) if release.asked else ()


def _tags(
    release: Release, repository: Fact[History], names: Names, newest: tuple[str, ...]
) -> tuple[tuple[Pair, ...], Fact[str] | None]:
    """Find out the tags of a release that was not named, by the version and by the habit of the repository."""
    if release.asked is not None:
        return (), None
    packages = tuple(package for package in release.packages if package.version)
    if not packages:
        return (), Unknown("no public package here has a version")
    if tool := release.decided:
        return (), Unknown(f"`{tool}` decides the version when it publishes")
    if all(_is_stand_in(package.version or "") for package in packages):
        return (), Unknown(f"the version in `{packages[0].path}` is a stand-in, `{packages[0].version}`")
    form = release.pattern or names.habit(newest) or _default(release, packages)
    if not tags.names_package(form):
        version = _common(release, packages)
        if version is None:
            return (), Unknown("the packages have versions of their own, and the tags of this repository name none")
        alike = tuple(package for package in packages if package.version == version) or packages
        return tuple((package, form.replace(tags.VERSION, version)) for package in alike), None
    due = [package for package in packages if not _is_stand_in(package.version or "")]
    pairs = tuple((package, tags.fill(form, package, package.version or "")) for package in due)
    return _new(pairs, repository), None


def _new(pairs: tuple[Pair, ...], repository: Fact[History]) -> tuple[Pair, ...]:
    """Leave out packages whose version has its tag; where all have theirs, the rule about tags shall speak."""
    match repository:
        case Known(known):
            found = known.existing([tag for _, tag in pairs], "")
        case Unknown():
            return pairs
    there = {one.tag for one in found.value} if isinstance(found, Known) else set()
    return tuple(pair for pair in pairs if pair[1] not in there) or pairs


def _default(release: Release, packages: tuple[Package, ...]) -> str:
    """Return the form of the first tag of a repository."""
    many = len(packages) > 1 and release.workspace.changesets is not None
    return tags.CHANGESETS if many else tags.PLAIN


def _common(release: Release, packages: tuple[Package, ...]) -> str | None:
    """Return the one version of a release: that of all packages, or the newest where the root or lerna.json has it.

    Tools that raise all versions together leave those of unchanged packages behind.
    """
    versions = {package.version for package in packages if package.version}
    newest = max(versions, key=_rank)
    return newest if len(versions) == 1 or _is_over_all(release, newest) else None


def _rank(version: str) -> tuple[tuple[int, ...], bool]:
    """Return what versions are ordered by, which need not tell one prerelease from the next."""
    core, _, prerelease = version.partition("+")[0].partition("-")
    return tuple(int(part) for part in core.split(".") if part.isascii() and part.isdigit() and len(part) < 10), (
        not prerelease
    )


def _is_stand_in(version: str) -> bool:
    return version.startswith(STAND_IN) or "+" in version or version.partition("-")[2].lower() in UNFINISHED


# -- what a tag says ------------------------------------------------------------------------------


def _formless(release: Release) -> Fact[str]:
    tag = _bare(release)
    if release.pattern:
        return Known(f"the tag `{tag}` does not have the form `{release.pattern}`")
    return Known(f"the tag `{tag}` names no version")


def _meant(release: Release, meaning: Meaning) -> tuple[tuple[Named, ...], Fact[str] | None]:
    """Return the packages that a tag is about; or why none is."""
    tag = _bare(release)
    if meaning.package:
        return (_named(release, meaning.package, tag, meaning.version),), None
    found = tuple(_named(release, package, tag, meaning.version) for package in release.packages if package.version)
    agreeing = tuple(one for one in found if one.agrees)
    if agreeing or not found:
        return agreeing, None
    if meaning.prefix is not None:
        return (), Unknown(f"no package here is called `{meaning.prefix}`, as the tag `{tag}` says")
    if len({one.package.version for one in found}) == 1:
        return found, None
    if any(one.placeholder for one in found) or _is_over_all(release, meaning.version):
        return (), None
    return (), Known(f"none of the {len(found)} packages has the version {meaning.version} of the tag `{tag}`")


def _is_over_all(release: Release, version: str) -> bool:
    root = release.workspace.root
    over_all = root.package.version if root and root.package else None
    return version in {over_all, text(find(release.workspace.lerna, "version"))}


def _named(release: Release, package: Package, tag: str, says: str) -> Named:
    stand_in = _is_stand_in(package.version or "")
    replaced = release.decided is not None or release.rewritten
    return Named(
        package,
        says,
        tag=tag,
        at=_version_at(release, package),
        placeholder=replaced,
        doubt=f"`{package.version}` may be a stand-in" if stand_in and not replaced else None,
    )


def _is_whole(release: Release, packages: tuple[Package, ...]) -> bool:
    return len(packages) == len(release.packages)


def _version_at(release: Release, package: Package) -> Location:
    manifest = release.workspace.at(package.folder)
    version = find(manifest.node, "version") if manifest else None
    return version.at if version else package.at


# -- what git says --------------------------------------------------------------------------------


def _state(repository: Fact[History], wanted: tuple[str, ...]) -> _State:
    match repository:
        case Unknown() as unknown:
            return _State(unknown, unknown, unknown, unknown)
        case Known(known):
            head = known.head()
    match head:
        case Unknown() as unknown:
            return _State(unknown, unknown, unknown, unknown)
        case Known(commit):
            return _State(head, known.existing(wanted, commit), known.dirty(), known.unpushed())


def _places(job: Job) -> Iterator[Location]:
    yield job.at
    for site in job.npm_sites:
        yield site.at
        yield from (link.at for link in site.via)
