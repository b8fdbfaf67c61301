"""Publish sites and shipments: what a walk came upon, with every question about it answered."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from preflight.facts.ci import Credential, PathRead, PublishSite, Tool
from preflight.facts.fact import Fact, Known, Unknown
from preflight.facts.project import Off, SameRepository, Shipment
from preflight.facts.toolchain import STAGING, TRUSTED_PUBLISHING, USER_FLOOR, Floor, Version
from preflight.readers import provenance, repository
from preflight.readers.credential import credential as credential_of
from preflight.readers.destination import registry as registry_of
from preflight.readers.pipeline import Chosen, Everything, Filtered, Here, Path
from preflight.readers.registries import is_npm
from preflight.readers.scripts import join
from preflight.readers.sending import Sending
from preflight.records import KW_ONLY, dataclass, replace
from preflight.source.edits import Edit, Fix, Safety

if TYPE_CHECKING:
    from collections.abc import Iterable

    from preflight.facts.project import Package, Repository
    from preflight.readers.package import Manifest
    from preflight.readers.pipeline import Setting
    from preflight.readers.senders import Senders
    from preflight.readers.walk import Sent
    from preflight.readers.workspace import Workspace
    from preflight.source.files import Files

TRUSTED_SINCE = {
    Tool.NPM: TRUSTED_PUBLISHING,
    Tool.PNPM: Version(11),
    Tool.YARN: Version(4, 10),
    Tool.LERNA: Version(9),
    Tool.LERNA_LITE: Version(4, 9),
}
"""The first version of each program that exchanges an OIDC token for a publish token."""
BY_NPM_CLI = frozenset({Tool.NPM})
"""Tools whose argument the npm CLI itself parses."""
_UNAUTHORISED = "E404 '<pkg>@<v>' is not in this registry"
"""What the registry answers to an npm that brings no token."""
TARBALL = (".tgz", ".tar.gz", ".tar")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a job gives every site in it."""

    job: str
    id_token: Fact[bool]
    _: KW_ONLY
    asked: bool = False
    """Whether the job's own text grants the id token, so that only a caller keeps it away."""
    foreign_env: tuple[Setting, ...] = ()
    caller_env: tuple[Setting, ...] = ()
    automatic: bool = True


@dataclass(frozen=True, slots=True)
class Sites:
    """The reader of publish sites of one project."""

    files: Files
    workspace: Workspace
    senders: Senders
    repository: Fact[Repository]
    below: PurePosixPath = PurePosixPath()
    """The project's root as seen from the top of the repository."""

    def read(self, sent: Iterable[Sent], around: Surroundings) -> tuple[tuple[PublishSite, ...], tuple[Shipment, ...]]:
        """Return the sites of a job and what they ship; the same place seen in several combinations is one site."""
        sites: dict[object, PublishSite] = {}
        shipments: dict[object, Shipment] = {}
        for each in sent:
            site, shipped = self._site(each, around)
            key = _key(site)
            if (other := sites.get(key)) is not None:
                site = replace(
                    other,
                    npm=tuple(dict.fromkeys((*other.npm, *site.npm))),
                    packages=_united(other.packages, site.packages),
                )
            sites[key] = site
            for shipment in shipped:
                shipments.setdefault((key, shipment.name), shipment)
        return tuple(sites.values()), tuple(
            replace(shipment, site=sites[_key(shipment.site)]) for shipment in shipments.values()
        )

    def _site(self, sent: Sent, around: Surroundings) -> tuple[PublishSite, tuple[Shipment, ...]]:
        cwd = sent.cwd
        folder = cwd.value if isinstance(cwd, Known) else PurePosixPath()
        sender = self.senders.of(sent, folder)
        chosen = self._chosen(sent, cwd)
        tool = sender.tool.value if isinstance(sender.tool, Known) else Tool.OTHER
        frame = Sending(
            sender=tool,
            tool=sent.deed.tool,
            version=sender.version,
            at=sent.at,
            cwd=cwd,
            oidc=Known(value=False),
            automatic=around.automatic,
            flags=sent.deed.flags,
            env=sent.env,
            foreign_env=tuple(each for each in around.foreign_env if each not in sent.env),
            caller_env=around.caller_env,
            configured=sent.configured,
            tarball=isinstance(sent.deed.selection, Path) and sent.deed.selection.word.text.endswith(TARBALL),
            target_folder=isinstance(sent.deed.selection, Path),
        )
        first = chosen.packages[0] if chosen.packages else None
        there = self._for(frame, first)
        registry = self._registry(sent, there, frame)
        oidc = self._oidc(there, around, registry)
        credential = credential_of(replace(there, oidc=oidc), self.files)
        for_npm = not (isinstance(registry, Known) and not is_npm(registry.value))
        doubt = registry.why if isinstance(registry, Unknown) else None
        site = PublishSite(
            sent.at,
            sent.deed.tool,
            command=sent.command,
            sender=sender.tool,
            tool_version=None,
            packages=Known(chosen.packages) if chosen.why is None else Unknown(chosen.why, sent.at),
            registry=registry,
            staged=sent.deed.staged,
            credential=credential,
            npm=(sender.npm,) if sender.npm is not None else (),
            floor=_floor(sent, credential, around.id_token),
            argument=_argument(sent) if tool in BY_NPM_CLI and sent.deed.tool in BY_NPM_CLI else None,
            access=_flag(sent, "--access"),
            tag=_flag(sent, "--tag"),
            doubt=doubt,
            via=sent.via,
            for_npm=for_npm,
        )
        shipments = tuple(
            self._shipment(
                site, replace(self._for(frame, package), oidc=oidc), sent, around, doubt=doubt or chosen.doubt
            )
            for package in (chosen.packages or (() if chosen.refused else (None,)))
            if self.files.spend(sent.at.path)
        )
        return site, shipments

    def _registry(self, sent: Sent, sending: Sending, frame: Sending) -> Fact[str]:
        """Return where the package goes; what a tarball that is not known says of it cannot be told."""
        found = registry_of(sending, self.files)
        match sent.deed.selection:
            case Path(word) if not word.known and not _same(registry_of(frame, self.files), found):
                return Unknown(
                    f"`publishConfig` of the package in `{sent.said(word.text)}` decides the registry", sent.at
                )
            case _:
                return found

    def _for(self, frame: Sending, package: Package | None) -> Sending:
        if package is None:
            return frame
        manifest = self.workspace.at(package.folder)
        group = self.workspace.group(package.folder)
        bound = group.layout == "workspaces" and any(manifest is each for each in group.all)
        npm_workspace = group.folder if bound else None
        return replace(
            frame,
            package=package,
            manifest=manifest.node if manifest else None,
            folder=package.folder,
            workspace=npm_workspace,
        )

    def _oidc(self, sending: Sending, around: Surroundings, registry: Fact[str]) -> Fact[bool]:
        """Return whether trusted publishing will be tried.

        Where nothing but an id token could let the job in, it counts as tried even if the npm that will run is too old
        for it: that is the business of the rule about npm's version.
        """
        if isinstance(registry, Known) and not is_npm(registry.value):
            return Known(value=False)
        since = TRUSTED_SINCE.get(sending.sender)
        match around.id_token:
            case Known(False) if not around.asked:
                return around.id_token
            case Unknown() as unknown:
                return unknown
            case Known():
                pass
        if since is None:
            return Known(value=False)
        match credential_of(sending, self.files):
            case Known(Credential.NONE):
                return Known(value=True)
            case _:
                pass
        match sending.version:
            case Known(version):
                return Known(version >= since and around.id_token.value)
            case Unknown() as unknown:
                return unknown

    def _shipment(
        self, site: PublishSite, sending: Sending, sent: Sent, around: Surroundings, *, doubt: str | None
    ) -> Shipment:
        fact, ignored = provenance.resolve(sending, self.files)
        match fact:
            case Unknown(why, at):
                fact = Unknown(sent.said(why), at)
            case Known(Off(None)) if (word := _loose(sent)) is not None:
                fact = Unknown(f"`{word}` may hold `--provenance`", sent.at)
            case Known(Off(None)) if sending.package is None:
                fact = Unknown("no package.json of the repository is the one that is sent", sent.at)
            case Known():
                pass
        package = sending.package
        manifest = self.workspace.at(package.folder) if package else None
        version = sending.version.value if isinstance(sending.version, Known) else None
        return Shipment(
            site,
            package,
            job=around.job,
            provenance=fact,
            ignored=ignored,
            repository=(
                repository.judge(manifest, self.repository, sender=site.sender, version=version, below=self.below)
                if manifest
                else Known(SameRepository())
            ),
            doubt=doubt,
        )

    # -- which packages -----------------------------------------------------------------------

    def _chosen(self, sent: Sent, cwd: Fact[PurePosixPath]) -> _Choice:
        match cwd:
            case Unknown(why):
                return self._any(why)
            case Known(base):
                pass
        tool = sent.deed.tool
        match sent.deed.selection:
            case Here() if "*" in str(base):
                return self._matching(base)
            case Here():
                return self._here(base)
            case Path(word) if not word.known:
                return self._any(f"`{sent.said(word.text)}` is worked out when the command runs")
            case Path(word) if word.text.endswith(TARBALL):
                return self._any(f"`{sent.said(word.text)}` is a tarball that the job makes")
            case Path(word):
                target = join(base, word.text)
                if "*" in str(target):
                    return self._matching(target)
                exact = self.workspace.at(target)
                if exact is not None:
                    return self._one(exact)
                return self._here(target)
            case Filtered(patterns):
                if unknown := next((word for word in patterns if not word.known), None):
                    return self._any(f"`{sent.said(unknown.text)}` is worked out when the command runs")
                return self._several(self.workspace.select([word.text for word in patterns], base, tool))
            case Everything():
                return self._several(self.workspace.everything(tool, base))
            case Chosen():
                return self._by_tool(tool, base)

    def _by_tool(self, tool: Tool, base: PurePosixPath) -> _Choice:
        match tool:
            case Tool.CHANGESETS:
                return self._several(self.workspace.changed())
            case Tool.LERNA | Tool.LERNA_LITE | Tool.NX | Tool.BEACHBALL | Tool.RUSH | Tool.AUTO:
                everything = self._several(self.workspace.everything(tool, base))
                return everything if everything.packages else self._one(self.workspace.nearest(base))
            case _:
                return self._one(self.workspace.nearest(base))

    def _several(self, found: Fact[tuple[Package, ...]]) -> _Choice:
        match found:
            case Known(packages):
                public = tuple(package for package in packages if not package.private)
                return _Choice(public, refused=not public and any(each.private for each in self.workspace.packages))
            case Unknown(why):
                return self._any(why)

    def _matching(self, pattern: PurePosixPath) -> _Choice:
        """Return the packages in the folders that a loop goes through, as `for p in packages/*` does."""
        found = tuple(each.package for each in self.workspace.within(pattern) if each.package)
        public = tuple(package for package in found if not package.private)
        if found and not public:
            return _Choice((), refused=True)
        return _Choice(public) if public else self._any(f"nothing in the repository matches `{pattern}`")

    def _here(self, folder: PurePosixPath) -> _Choice:
        """Return the package of a folder; one without a manifest, which a build writes, holds a copy of that above."""
        exact = self.workspace.at(folder)
        if exact is not None:
            return self._one(exact)
        above = self._one(self.workspace.nearest(folder))
        return replace(above, refused=False)

    def _one(self, manifest: Manifest | None) -> _Choice:
        if manifest is None or manifest.package is None:
            return _Choice(())
        return _Choice((), refused=True) if manifest.package.private else _Choice((manifest.package,))

    def _any(self, why: str) -> _Choice:
        """Return all packages that may be meant; where there is only one, it is."""
        public = tuple(package for package in self.workspace.packages if not package.private)
        if len(public) == 1:
            return _Choice(public)
        return _Choice(public, doubt=f"it cannot be told whether this package is sent: {why}", why=why)


@dataclass(frozen=True, slots=True)
class _Choice:
    packages: tuple[Package, ...]
    _: KW_ONLY
    doubt: str | None = None
    why: str | None = None
    refused: bool = False
    """Whether all that is chosen is private, so that nothing is sent."""


def _key(site: PublishSite) -> object:
    # A matrix may send from one place to several registries, of which only npm's is judged.
    return (site.at, site.command, site.via, site.for_npm)


def _loose(sent: Sent) -> str | None:
    """Return a word of the command that is filled in when it runs and may hold options, as the user wrote it."""
    words = (flag.name for flag in sent.deed.flags if flag.name.startswith("$"))
    return next((sent.said(word) for word in words), None)


def _same(one: Fact[str], other: Fact[str]) -> bool:
    return isinstance(one, Known) and isinstance(other, Known) and one.value == other.value


def _united(one: Fact[tuple[Package, ...]], other: Fact[tuple[Package, ...]]) -> Fact[tuple[Package, ...]]:
    match one, other:
        case Known(first), Known(second):
            return Known(tuple(dict.fromkeys((*first, *second))))
        case Unknown(), _:
            return one
        case _:
            return other


def _floor(sent: Sent, credential: Fact[Credential], id_token: Fact[bool]) -> Floor:
    if sent.deed.staged:
        return Floor(STAGING, "`npm stage`", 'Unknown command: "stage"')
    match credential, id_token:
        case Known(Credential.OIDC), _:
            return Floor(TRUSTED_PUBLISHING, "trusted publishing", _UNAUTHORISED)
        case _:
            return Floor(USER_FLOOR, "provenance")


def _flag(sent: Sent, name: str) -> str | None:
    return next(
        (flag.value.text for flag in sent.deed.flags if flag.name == name and flag.value and flag.value.known), None
    )


def _argument(sent: Sent) -> PathRead | None:
    """Return the argument that npm-package-arg reads as something else than a path.

    A bare word is a package of the registry, one slash without a leading `.` a repository of GitHub; a path with a
    final slash, more slashes, or a bare name that ends in a tarball's suffix is local.
    """
    match sent.deed.selection:
        case Path(word) if word.known and word.text:
            text = word.text
        case _:
            return None
    if text.startswith((".", "/", "~", "file:", "@")) or text.endswith("/") or ":" in text or "$" in text:
        return None
    bare = text.split("#")[0]
    if bare.count("/") == 1 and all(bare.split("/")):
        read_as = f"the GitHub repository {bare}"
    elif "/" not in bare and not bare.endswith(TARBALL):
        read_as = f"the package {bare} of the registry"
    else:
        return None
    place = sent.argument or sent.at
    fix = Fix(f"write `./{text}`", Safety.SAFE, (Edit(place, f"./{text}"),))
    return PathRead(text, read_as, place, fix)
