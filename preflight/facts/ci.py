"""One vocabulary for GitHub Actions, GitLab CI and CircleCI."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from preflight.records import KW_ONLY, dataclass

if TYPE_CHECKING:
    from preflight.facts.fact import Fact
    from preflight.facts.project import Package
    from preflight.facts.toolchain import Floor, Npm, Version
    from preflight.source.edits import Fix
    from preflight.source.text import Location


class System(StrEnum):
    """The CI system that runs a job."""

    GITHUB = "github"
    GITLAB = "gitlab"
    CIRCLECI = "circleci"


class Hosting(StrEnum):
    """Whose machine a job runs on."""

    HOSTED = "hosted"
    SELF_HOSTED = "self-hosted"


@dataclass(frozen=True, slots=True)
class Runner:
    """The machine of a job: who hosts it and the labels that say so; `whose` names a third party."""

    hosting: Hosting
    labels: tuple[str, ...]
    whose: str | None = None


class Credential(StrEnum):
    """How a job proves to the registry that it may publish."""

    OIDC = "oidc"
    TOKEN = "token"  # noqa: S105 -- the name of a way in, not a secret
    BOTH = "both"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Via:
    """One link of the chain from a job to the command that publishes, such as `script release`."""

    at: Location
    what: str


@dataclass(frozen=True, slots=True)
class Caller:
    """A job that calls the reusable workflow a publish job stands in."""

    at: Location
    job: str


@dataclass(frozen=True, slots=True)
class PathRead:
    """A path that the npm CLI reads as something else (npm-package-arg): a registry package or a GitHub repository."""

    argument: str
    read_as: str
    at: Location
    remedy: Fix | None = None


class Tool(StrEnum):
    """The program that a publish site names."""

    NPM = "npm"
    PNPM = "pnpm"
    YARN = "yarn"
    YARN_CLASSIC = "yarn-classic"
    BUN = "bun"
    LERNA = "lerna"
    LERNA_LITE = "lerna-lite"
    CHANGESETS = "changesets"
    SEMANTIC_RELEASE = "semantic-release"
    RELEASE_IT = "release-it"
    NP = "np"
    NX = "nx"
    RUSH = "rush"
    BEACHBALL = "beachball"
    AUTO = "auto"
    NPM_PUBLISH_ACTION = "npm-publish-action"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class PublishSite:
    """A place where a job sends packages to a registry.

    `at` is the publishing command, or the `uses` of the action that publishes. Where the command stands in another
    file than the job, `via` leads there: the job's step first, the command last.
    """

    at: Location
    tool: Tool
    _: KW_ONLY
    command: str
    """The command's words as they will run, or the action's `uses`."""
    sender: Fact[Tool]
    """The program that really sends the package and whose settings count: changesets may use npm, pnpm or yarn."""
    tool_version: Version | None = None
    packages: Fact[tuple[Package, ...]]
    registry: Fact[str]
    """The address that the package is sent to, with a final slash."""
    staged: bool = False
    credential: Fact[Credential]
    npm: tuple[Fact[Npm], ...] = ()
    """The npm that will run, one for each distinct answer of the job's matrix; empty where no npm CLI sends."""
    floor: Floor
    argument: PathRead | None = None
    access: str | None = None
    """The `--access` of the command or the tool's configuration."""
    tag: str | None = None
    builds: bool | None = None
    doubt: str | None = None
    """Why it cannot be told whether this place sends to npm's registry; findings about it are unsure."""
    via: tuple[Via, ...] = ()
    for_npm: bool = True
    """False where the package is known to go to another registry, where no provenance of npm can exist."""


class ArtifactOrigin(StrEnum):
    """Where a publish job gets what it did not build."""

    JOB = "job"
    WORKFLOW = "workflow"
    CACHE = "cache"
    RELEASE = "release"
    REPOSITORY = "repository"


@dataclass(frozen=True, slots=True)
class Artifact:
    """Something that a publish job fetches and another job, run or repository made; `jobs` made it."""

    at: Location
    origin: ArtifactOrigin
    what: str
    jobs: tuple[str, ...] = ()
    related: tuple[Via, ...] = ()
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Pin:
    """What holds borrowed code: a full commit, or a ref that its owner can move."""

    ref: str
    full: bool


@dataclass(frozen=True, slots=True)
class Borrowed:
    """Code of another repository that a pipeline runs: an action, a reusable workflow, an include."""

    at: Location
    name: str
    """`owner/repo` or `owner/repo/path`, without the ref."""
    what: str
    """`action`, `reusable workflow`, `component`, …"""
    pin: Pin
    job: str | None = None
    remedy: Fix | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """A job that publishes, seen through one chain of callers."""

    name: str
    at: Location
    """The job's key."""
    _: KW_ONLY
    system: System
    id_token: Fact[bool]
    """Whether the job may mint an OIDC token that Sigstore accepts; at the line to change."""
    runners: tuple[Fact[Runner], ...]
    """One for each distinct answer of the job's matrix."""
    triggers: tuple[str, ...]
    """Names of the events that start the entry workflow."""
    environment: Fact[str | None]
    sites: tuple[PublishSite, ...]
    artifacts: tuple[Artifact, ...]
    callers: tuple[Caller, ...] = ()
    """The nearest caller first; the last is a job of the entry workflow."""
    entry: str
    """The file name of the workflow that an event starts."""
    builds: bool = False
    """Whether the job itself builds what it publishes, as far as its commands tell."""

    @property
    def chain(self) -> tuple[Via, ...]:
        """The callers of the job as links, the nearest first."""
        return tuple(Via(caller.at, f"called by job `{caller.job}`") for caller in self.callers)

    @property
    def for_npm(self) -> bool:
        """Whether a site sends, or may send, to npm's registry."""
        return any(site.for_npm for site in self.sites)

    @property
    def doubt(self) -> str | None:
        """Why it cannot be told whether this job sends anything to npm's registry; None where it surely does."""
        doubts = [site.doubt for site in self.npm_sites]
        return None if None in doubts else next(iter(doubts), None)

    @property
    def npm_sites(self) -> tuple[PublishSite, ...]:
        """The sites that send, or may send, to npm's registry."""
        return tuple(site for site in self.sites if site.for_npm)
