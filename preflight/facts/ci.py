"""One vocabulary for GitHub Actions, GitLab CI and CircleCI."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from preflight.records import KW_ONLY, dataclass

if TYPE_CHECKING:
    from preflight.facts.fact import Fact
    from preflight.facts.login import Block, Token, WrongToken
    from preflight.facts.project import Package
    from preflight.facts.starts import Interruption, Repeat, Start, Unheard
    from preflight.facts.toolchain import Floor, Npm, Publisher, Upgrade
    from preflight.facts.work import Work
    from preflight.source.edits import Fix
    from preflight.source.text import Location


class System(StrEnum):
    """The CI system that runs a job."""

    GITHUB = "github"
    GITLAB = "gitlab"
    CIRCLECI = "circleci"

    @property
    def called(self) -> str:
        """What it is called, as npm calls it too."""
        return {"github": "GitHub Actions", "gitlab": "GitLab CI", "circleci": "CircleCI"}[self.value]


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
    retired: str | None = None
    """What became of a label that its owner withdrew, as a part of a sentence; no machine answers to it."""


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
    publisher: Publisher | None = None
    """The release tool that is named, the version that will run, and the oldest that will do; None for npm itself."""
    through: tuple[Publisher, ...] = ()
    """What else has a part in it: the action that runs the tool, the plugin or the program that really sends."""
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
    elsewhere: str | None = None
    """What that other registry is called: `GitHub Packages`, `Verdaccio`, or its host."""
    refused: tuple[Package, ...] = ()
    """Private packages that the command names, which no tool sends."""
    token: Token | None = None
    """The token that the command is given, the one that counts."""
    trusted: Fact[bool]
    """Whether trusted publishing will be tried."""
    trustable: bool = False
    """Whether a version of the tool could publish to that registry from that job by trusted publishing."""
    wrong: tuple[WrongToken, ...] = ()
    blocks: tuple[Block, ...] = ()


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
    machines: tuple[tuple[str, Fact[Runner]], ...] = ()
    """The machines of the jobs that made it, each with the name of its job."""


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
    version: str | None = None
    """The version that a comment beside the pin names."""


@dataclass(frozen=True, slots=True)
class Image:
    """A container image that a publish job runs in or runs; `held` is whether a digest holds it."""

    at: Location
    name: str
    what: str
    """`container` or `step`."""
    held: Fact[bool]


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A publishing command in a pipeline of a CI system that is only recognised, not read."""

    at: Location
    system: str
    """What it is called, as npm calls it too: `Travis CI`."""
    command: str
    _: KW_ONLY
    asks: bool = False
    """Whether something there asks for provenance, which npm then refuses."""
    doubt: str | None = None
    """Why it cannot be told whether this place sends to npm's registry."""
    via: tuple[Via, ...] = ()


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
    starts: tuple[Start, ...] = ()
    unheard: tuple[Unheard, ...] = ()
    interruptions: tuple[Interruption, ...] = ()
    repeats: tuple[Repeat, ...] = ()
    work: Work
    images: tuple[Image, ...] = ()
    upgrades: tuple[Upgrade, ...] = ()
    """The replacements of npm before a publish."""

    @property
    def provable(self) -> bool:
        """Whether npm makes provenance in this CI system at all."""
        return self.system in {System.GITHUB, System.GITLAB}

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
