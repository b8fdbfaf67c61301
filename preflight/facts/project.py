"""The project as a whole: its repository, its packages, what will be sent, and what could not be read."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from preflight.facts.fact import Known
from preflight.records import KW_ONLY, dataclass

if TYPE_CHECKING:
    from pathlib import PurePosixPath

    from preflight.facts.ci import Borrowed, Elsewhere, Job, PublishSite, System
    from preflight.facts.fact import Fact
    from preflight.facts.login import Committed, Exposure, Label
    from preflight.facts.online import Online, Table, Visibility
    from preflight.facts.tagging import Tagging
    from preflight.facts.work import Feeder, Grant
    from preflight.source.edits import Fix
    from preflight.source.text import Location


class Origin(StrEnum):
    """Who says which repository this is; the best first."""

    ENVIRONMENT = "environment"
    OPTION = "option"
    CONFIGURATION = "configuration"
    REMOTE = "remote"


@dataclass(frozen=True, slots=True)
class Repository:
    """The repository that runs the pipeline: `https://host/Owner/Repo`, without `.git`."""

    url: str
    origin: Origin
    others: tuple[str, ...] = ()
    """Addresses of the git remotes that were not chosen; a contributor's clone may have both."""

    @property
    def slug(self) -> str:
        """`Owner/Repo`."""
        return self.url.split("/", 3)[3] if self.url.count("/") >= 3 else self.url

    @property
    def host(self) -> str:
        """`github.com`."""
        return self.url.split("/")[2]


@dataclass(frozen=True, slots=True)
class Package:
    """A package.json that has a name.

    `at` is its `name`. `private` and `version` are as written. `root` is True for the top-level manifest.
    """

    name: str
    path: PurePosixPath
    at: Location
    _: KW_ONLY
    version: str | None
    private: bool
    access: str | None
    """`publishConfig.access`."""
    registry: str | None
    """`publishConfig.registry`."""
    root: bool = False

    def __hash__(self) -> int:
        return hash(self.path)

    @property
    def folder(self) -> PurePosixPath:
        """The folder that holds the manifest."""
        return self.path.parent


class RepositoryFault(StrEnum):
    """How a repository field differs from the repository that runs the pipeline."""

    OTHER_REPOSITORY = "other-repository"
    OTHER_CASE = "other-case"
    SCHEME = "scheme"


@dataclass(frozen=True, slots=True)
class SameRepository:
    """The field, as the tool sends it, names the repository that runs the pipeline."""


@dataclass(frozen=True, slots=True)
class NoRepository:
    """The package has no repository, or an empty one."""


@dataclass(frozen=True, slots=True)
class OtherRepository:
    """The field names something else: `sent` is what the registry will receive, `expected` what provenance says."""

    sent: str
    expected: str
    fault: RepositoryFault


RepositoryMatch = SameRepository | NoRepository | OtherRepository


class By(StrEnum):
    """Who turns provenance on, or off."""

    FLAG = "flag"
    ENV = "env"
    NPMRC = "npmrc"
    PUBLISH_CONFIG = "publishConfig"
    TOOL = "tool"
    TRUSTED_PUBLISHING = "trusted-publishing"


@dataclass(frozen=True, slots=True)
class On:
    """Provenance will be made; `at` of the fact is the setting."""

    by: By


@dataclass(frozen=True, slots=True)
class Off:
    """No provenance: nothing asks for it (`by` is None), or a setting turns it off."""

    by: By | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Impossible:
    """No version of the tool can make provenance."""

    why: str


Provenance = On | Off | Impossible


@dataclass(frozen=True, slots=True)
class IgnoredSetting:
    """A setting that looks like provenance but that the publishing tool does not read.

    `what` names it as the user wrote it, `why` says who does not read it and what would work.
    """

    at: Location
    what: str
    why: str
    remedy: Fix | None = None


@dataclass(frozen=True, slots=True)
class Fragile:
    """A repository field whose acceptance is unknown or fragile for the tool that sends it; `at` is its address."""

    at: Location
    said: str
    why: str
    remedy: Fix | None = None


@dataclass(frozen=True, slots=True)
class Misplaced:
    """A `repository.directory` that is missing, or is not where the package lies; `lies` is where."""

    at: Location
    said: str | None
    lies: str
    remedy: Fix | None = None


@dataclass(frozen=True, slots=True)
class Shipment:
    """One package on its way through one publish site; `package` is None where the files do not tell which.

    Settings are resolved for this pair, because `publishConfig` belongs to the package and the rest to the site.
    """

    site: PublishSite
    package: Package | None
    _: KW_ONLY
    job: str
    """The name of the job that the site stands in."""
    provenance: Fact[Provenance]
    ignored: tuple[IgnoredSetting, ...] = ()
    repository: Fact[RepositoryMatch]
    fragile: Fragile | None = None
    misplaced: Misplaced | None = None
    exposure: Exposure | None = None
    """None where no package is known."""
    label: Label | None = None
    doubt: str | None = None
    """Why it cannot be told whether this package is sent to npm's registry from there."""

    provable: bool = True
    """Whether npm makes provenance in the CI system that it starts from."""

    @property
    def name(self) -> str | None:
        """The package's name."""
        return self.package.name if self.package else None

    @property
    def off(self) -> bool:
        """Whether it is sure that no provenance will be made."""
        return isinstance(self.provenance, Known) and isinstance(self.provenance.value, Off | Impossible)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file that bears on the release and cannot be read."""

    path: PurePosixPath
    why: str
    at: Location | None = None


@dataclass(frozen=True, slots=True)
class Unread:
    """A place that could publish but that cannot be looked into, such as a reusable workflow of another repository."""

    at: Location
    job: str
    uses: str
    why: str


@dataclass(frozen=True, slots=True)
class Broken:
    """A reason why a publish workflow cannot run at all."""

    at: Location
    what: str
    job: str | None = None


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """A place of a file that its readers may read differently, and how."""

    at: Location
    what: str
    doubt: str | None = None


@dataclass(frozen=True, slots=True)
class Declared:
    """A trusted publisher as somebody declared it: in the configuration, or in npm's own list.

    What is None is not declared. `at` is the declaration.
    """

    at: Location | None
    _: KW_ONLY
    packages: tuple[str, ...] = ()
    """Those that it counts for; empty for all."""
    listed: bool = False
    """Whether npm's own list says so, which names every publisher that there is."""
    system: System | None = None
    repository: str | None = None
    file: str | None = None
    environment: str | None = None
    none: bool = False
    """Whether it surely names no environment."""
    publish: bool | None = None
    """Whether a direct publish is allowed."""
    stage: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """Everything that a rule of phase `check` may know."""

    repository: Fact[Repository]
    packages: tuple[Package, ...]
    """All named packages of the workspace, private ones too."""
    jobs: tuple[Job, ...]
    """The publish jobs; a job of a reusable workflow appears once for each chain of callers."""
    shipments: tuple[Shipment, ...]
    borrowed: tuple[Borrowed, ...]
    """Foreign code that the workflows with a publish job, and the local actions that they run, borrow."""
    unread: tuple[Unread, ...]
    unreadable: tuple[Unreadable, ...]
    broken: tuple[Broken, ...]
    looked_at: tuple[str, ...]
    """The kinds of places that were searched for publish sites, in words."""
    manifest: Location | None
    """The first line of the top-level package.json."""
    feeders: tuple[Feeder, ...] = ()
    grants: tuple[Grant, ...] = ()
    elsewhere: tuple[Elsewhere, ...] = ()
    committed: tuple[Committed, ...] = ()
    ambiguous: tuple[Ambiguous, ...] = ()
    declared: tuple[Declared, ...] = ()
    tables: tuple[Table, ...] = ()
    visibility: Fact[Visibility] | None = None
    """None where nobody was asked."""
    online: Online | None = None
    """None where nobody was asked."""
    tagging: Tagging | None = None
    """None where no tag is about to be made."""

    @property
    def npm_jobs(self) -> tuple[Job, ...]:
        """The jobs that send a package to npm's registry, or to one that cannot be told, in any CI system."""
        return tuple(job for job in self.jobs if job.for_npm)

    @property
    def publish_jobs(self) -> tuple[Job, ...]:
        """Those of them that run where npm makes provenance."""
        return tuple(job for job in self.npm_jobs if job.provable)

    @property
    def npm_shipments(self) -> tuple[Shipment, ...]:
        """The shipments that go to npm's registry, or to one that cannot be told, in any CI system."""
        return tuple(shipment for shipment in self.shipments if shipment.site.for_npm)

    @property
    def provable_shipments(self) -> tuple[Shipment, ...]:
        """Those of them that start where npm makes provenance."""
        return tuple(shipment for shipment in self.npm_shipments if shipment.provable)
