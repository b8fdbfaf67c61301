"""Publish sites and shipments: what a walk came upon, with every question about it answered."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from preflight.facts.ci import Credential, PathRead, PublishSite, System, Tool
from preflight.facts.fact import Fact, Known, Unknown
from preflight.facts.project import Off, Shipment
from preflight.facts.toolchain import STAGING, TRUSTED_PUBLISHING, USER_FLOOR, Floor
from preflight.readers import provenance
from preflight.readers.credential import credential as credential_of
from preflight.readers.destination import registry as registry_of
from preflight.readers.exposure import exposure
from preflight.readers.floors import TRUSTED_ON_CIRCLECI, TRUSTED_SINCE
from preflight.readers.forms import Addresses
from preflight.readers.labels import label
from preflight.readers.logins import Client, exchanges, login
from preflight.readers.pipeline import Chosen, Everything, Filtered, Here, Path
from preflight.readers.registries import called, is_npm
from preflight.readers.release_tools import Reliance, release_tools
from preflight.readers.scripts import join
from preflight.readers.sending import Sending
from preflight.records import KW_ONLY, dataclass, field, replace
from preflight.source.edits import Edit, Fix, Safety

if TYPE_CHECKING:
    from collections.abc import Iterable

    from preflight.facts.login import WrongToken
    from preflight.facts.project import Package, Repository
    from preflight.facts.toolchain import Npm
    from preflight.readers.package import Manifest
    from preflight.readers.pipeline import Setting
    from preflight.readers.senders import Sender, Senders
    from preflight.readers.walk import Sent
    from preflight.readers.workspace import Workspace
    from preflight.source.files import Files

BY_NPM_CLI = frozenset({Tool.NPM})
"""Tools whose argument the npm CLI itself parses."""
_UNAUTHORISED = "E404 '<pkg>@<v>' is not in this registry"
"""What the registry answers to an npm that brings no token."""
BY_NAME = frozenset({Tool.NPM, Tool.PNPM, Tool.YARN, Tool.YARN_CLASSIC, Tool.BUN, Tool.NPM_PUBLISH_ACTION})
"""Tools that send the very package that they are called for; the others leave out what is private."""
SHIPMENTS = 3
"""How many packages on their way cost as much as one step."""
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
    system: System = System.GITHUB
    trusting: bool = True
    """Whether npm has trusted publishers for the CI system that the job runs in; none for one that hosts itself."""
    wrong: tuple[WrongToken, ...] = ()
    """Tokens for npm that the job declares wrongly."""


@dataclass(frozen=True, slots=True)
class Home:
    """The package.json of a package, and the folder of the npm workspace that binds it."""

    manifest: Manifest | None
    workspace: PurePosixPath | None


@dataclass(frozen=True, slots=True)
class Sites:
    """The reader of publish sites of one project."""

    files: Files
    workspace: Workspace
    senders: Senders
    repository: Fact[Repository]
    below: PurePosixPath = PurePosixPath()
    """The project's root as seen from the top of the repository."""
    addresses: Addresses = field(default_factory=Addresses)
    homes: dict[PurePosixPath, Home] = field(default_factory=dict)
    """Where the packages asked about so far are at home, by their folders."""
    members: dict[PurePosixPath, frozenset[PurePosixPath]] = field(default_factory=dict)
    """The folders that the workspaces asked about so far bind, by the folder of each."""

    def read(self, sent: Iterable[Sent], around: Surroundings) -> tuple[tuple[PublishSite, ...], tuple[Shipment, ...]]:
        """Return the sites of a job and what they ship; the same place seen in several combinations is one site."""
        found: dict[object, list[PublishSite]] = {}
        shipments: dict[tuple[int, str | None], Shipment] = {}
        numbers: dict[object, int] = {}
        for each in sent:
            act = self._act(each, around)
            key = (each.at, each.command, each.via, act.for_npm)
            number = numbers.setdefault(key, len(numbers))
            seen = found.setdefault(key, [])
            # All else of a place that was seen before stands.
            site = replace(seen[0], npm=act.npm, packages=act.packages) if seen else self._site(act)
            seen.append(site)
            for package in act.chosen.packages or (() if act.chosen.refused else (None,)):
                name = package.name if package else None
                if (number, name) not in shipments and self._affords(len(shipments), each):
                    shipments[number, name] = self._shipment(act, site, package)
        sites = {number: _merged(found[key]) for key, number in numbers.items()}
        return tuple(sites.values()), tuple(
            shipment if shipment.site is sites[number] else replace(shipment, site=sites[number])
            for (number, _), shipment in shipments.items()
        )

    def _affords(self, count: int, sent: Sent) -> bool:
        return count % SHIPMENTS != 0 or self.files.spend(sent.at.path)

    def _act(self, sent: Sent, around: Surroundings) -> _Act:
        cwd = sent.cwd
        folder = cwd.value if isinstance(cwd, Known) else PurePosixPath()
        sender = self.senders.of(sent, folder)
        chosen = self._chosen(sent, cwd)
        frame = Sending(
            sender=sender.tool.value if isinstance(sender.tool, Known) else Tool.OTHER,
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
        there = self._for(frame, chosen.packages[0] if chosen.packages else None)
        registry = self._registry(sent, there, frame)
        oidc = self._oidc(there, around, registry, sender.npm)
        return _Act(
            sent,
            around,
            folder=folder,
            sender=sender,
            chosen=chosen,
            frame=replace(frame, oidc=oidc),
            first=replace(there, oidc=oidc),
            registry=registry,
        )

    def _site(self, act: _Act) -> PublishSite:
        sent, around, sender, chosen, first = act.sent, act.around, act.sender, act.chosen, act.first
        credential = credential_of(first, self.files)
        client = Client(
            npm=sender.npm, changesets=self.senders.declared("@changesets/cli", act.folder), runner=sent.deed.runner
        )
        found = login(first, self.files, client, around)
        for_npm, registry = act.for_npm, act.registry
        publisher, *through = release_tools(
            self.senders,
            sent,
            act.folder,
            Reliance(
                first,
                sender=first.sender,
                trusted=isinstance(credential, Known) and credential.value is Credential.OIDC,
                system=around.system,
                packages=chosen.packages,
            ),
            self.files,
        )
        return PublishSite(
            sent.at,
            sent.deed.tool,
            command=sent.command,
            sender=sender.tool,
            publisher=publisher,
            through=tuple(each for each in through if each is not None),
            packages=act.packages,
            registry=registry,
            staged=sent.deed.staged,
            credential=credential,
            npm=act.npm,
            floor=_floor(sent, credential, around),
            argument=_argument(sent) if first.sender in BY_NPM_CLI and sent.deed.tool in BY_NPM_CLI else None,
            access=_flag(sent, "--access"),
            tag=_flag(sent, "--tag"),
            doubt=act.doubt,
            via=sent.via,
            for_npm=for_npm,
            elsewhere=called(registry.value) if isinstance(registry, Known) and not for_npm else None,
            refused=chosen.private if sent.deed.tool in BY_NAME and not mentions_private(sent) else (),
            trusted=first.oidc,
            token=found.token,
            trustable=for_npm and found.trustable,
            wrong=(*around.wrong, *found.wrong) if for_npm else (),
            blocks=found.blocks if for_npm else (),
        )

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
        home = self._home(package.folder)
        return replace(
            frame,
            package=package,
            manifest=home.manifest.node if home.manifest else None,
            folder=package.folder,
            workspace=home.workspace,
        )

    def _home(self, folder: PurePosixPath) -> Home:
        known = self.homes.get(folder)
        if known is None:
            group = self.workspace.group(folder)
            inside = self.members.get(group.folder)
            if inside is None:
                inside = self.members[group.folder] = frozenset(each.folder for each in group.all)
            bound = group.layout == "workspaces" and folder in inside
            known = self.homes[folder] = Home(self.workspace.at(folder), group.folder if bound else None)
        return known

    def _oidc(self, sending: Sending, around: Surroundings, registry: Fact[str], npm: Fact[Npm] | None) -> Fact[bool]:
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
        match exchanges(sending, npm, around.system):
            case Known(new_enough):
                return Known(new_enough and around.id_token.value)
            case Unknown() as unknown:
                return unknown

    def _shipment(self, act: _Act, site: PublishSite, package: Package | None) -> Shipment:
        sent, around = act.sent, act.around
        sending = self._for(act.frame, package)
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
        manifest = self._home(package.folder).manifest if package else None
        version = sending.version.value if isinstance(sending.version, Known) else None
        several = len(self.workspace.places) > 1
        address = self.addresses.of(
            manifest, self.repository, act.sender.tool, version, below=self.below, several=several
        )
        return Shipment(
            site,
            package,
            job=around.job,
            provenance=fact,
            ignored=ignored,
            repository=address.match,
            fragile=address.fragile,
            misplaced=address.misplaced,
            exposure=exposure(sending, self.files, self.workspace.changesets),
            label=label(sending, self.files, sent),
            doubt=act.doubt or act.chosen.doubt,
            provable=around.system is not System.CIRCLECI,
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
                private = tuple(package for package in packages if package.private)
                refused = not public and any(each.private for each in self.workspace.packages)
                return _Choice(public, refused=refused, private=private)
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
        return replace(above, refused=False, private=())

    def _one(self, manifest: Manifest | None) -> _Choice:
        if manifest is None or manifest.package is None:
            return _Choice(())
        found = (manifest.package,)
        return _Choice((), refused=True, private=found) if manifest.package.private else _Choice(found)

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
    private: tuple[Package, ...] = ()
    """Private packages that are chosen by name or by folder."""


@dataclass(frozen=True, slots=True)
class _Act:
    """A publishing command with what is the same for all packages that it sends."""

    sent: Sent
    around: Surroundings
    _: KW_ONLY
    folder: PurePosixPath
    """Where it runs; the top where that is not known."""
    sender: Sender
    chosen: _Choice
    frame: Sending
    """What it brings with it, without a package."""
    first: Sending
    """The same with the first package, where there is one."""
    registry: Fact[str]

    @property
    def for_npm(self) -> bool:
        """Whether it may send to npm; a matrix may send from one place to several registries."""
        return not (isinstance(self.registry, Known) and not is_npm(self.registry.value))

    @property
    def doubt(self) -> str | None:
        """Why it cannot be told whether it sends to npm."""
        return self.registry.why if isinstance(self.registry, Unknown) else None

    @property
    def npm(self) -> tuple[Fact[Npm], ...]:
        """The npm CLI that runs, where one does."""
        return (self.sender.npm,) if self.sender.npm is not None and not self.sent.toolchain.failed else ()

    @property
    def packages(self) -> Fact[tuple[Package, ...]]:
        """What it sends."""
        return Known(self.chosen.packages) if self.chosen.why is None else Unknown(self.chosen.why, self.sent.at)


def _merged(seen: list[PublishSite]) -> PublishSite:
    """Return one site for the same place in several combinations, or in several folders."""
    first = seen[0]
    if len(seen) == 1:
        return first
    # Many share the very same fact, which is quicker to see than to compare.
    found = {id(npm): npm for site in seen for npm in site.npm}
    sent = {id(site.packages): site.packages for site in seen}
    return replace(first, npm=tuple(dict.fromkeys(found.values())), packages=_united(tuple(sent.values())))


def mentions_private(sent: Sent) -> bool:
    """Return whether the pipeline speaks of `private`, as one does that takes it out of a package.json."""
    places = (sent.at, *(link.at for link in sent.via))
    return any("private" in at.source.text for at in places if at.path.name != "package.json")


def _loose(sent: Sent) -> str | None:
    """Return a word of the command that is filled in when it runs and may hold options, as the user wrote it."""
    words = (flag.name for flag in sent.deed.flags if flag.name.startswith("$"))
    return next((sent.said(word) for word in words), None)


def _same(one: Fact[str], other: Fact[str]) -> bool:
    return isinstance(one, Known) and isinstance(other, Known) and one.value == other.value


def _united(found: tuple[Fact[tuple[Package, ...]], ...]) -> Fact[tuple[Package, ...]]:
    unknown = next((each for each in found if isinstance(each, Unknown)), None)
    if unknown is not None:
        return unknown
    return Known(tuple(dict.fromkeys(package for each in found if isinstance(each, Known) for package in each.value)))


def _floor(sent: Sent, credential: Fact[Credential], around: Surroundings) -> Floor:
    if sent.deed.staged:
        return Floor(STAGING, "`npm stage`", 'Unknown command: "stage"')
    match credential:
        case Known(Credential.OIDC) if sent.deed.tool is not Tool.SEMANTIC_RELEASE:
            since = TRUSTED_ON_CIRCLECI if around.system is System.CIRCLECI else TRUSTED_PUBLISHING
            return Floor(since, "trusted publishing", _UNAUTHORISED)
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
