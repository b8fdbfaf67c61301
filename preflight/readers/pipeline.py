"""What the readers of every CI system share: settings, scripts, and the deeds that commands do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.records import KW_ONLY, dataclass

if TYPE_CHECKING:
    from pathlib import PurePosixPath

    from preflight.facts.ci import Borrowed, Elsewhere, Job, Tool, Via
    from preflight.facts.fact import Fact
    from preflight.facts.project import Broken, Shipment, Unread
    from preflight.facts.work import Feeder, Grant
    from preflight.readers.shell import Shell, Word
    from preflight.source.nodes import Scalar
    from preflight.source.text import Location


@dataclass(frozen=True, slots=True)
class Setting:
    """A variable, an option or a line of a configuration with its value and its place."""

    name: str
    value: Fact[str]
    at: Location


@dataclass(frozen=True, slots=True)
class Script:
    """A script that a job runs: its text as a node, the shell, where it starts and what it is given.

    `env` is what the pipeline sets for it, weakest first. `holes` maps the names that stand in the text for the CI
    system's own expressions to their values, for a text in which they were replaced.
    """

    scalar: Scalar
    text: str
    """The text to parse: the scalar's, with each `${{ }}` replaced by a variable of the same length."""
    shell: Shell
    _: KW_ONLY
    cwd: Fact[PurePosixPath]
    """Relative to the project's root."""
    env: tuple[Setting, ...] = ()
    holes: tuple[tuple[str, Fact[str]], ...] = ()
    via: tuple[Via, ...] = ()


@dataclass(frozen=True, slots=True)
class Carrier:
    """The action of another repository that runs a publishing command; `version` is what its pin or comment says."""

    name: str
    """`owner/repo` or `owner/repo/path` in lower case."""
    version: str | None
    at: Location


@dataclass(frozen=True, slots=True)
class Flag:
    """An option of a command: `--provenance`, `--tag next`, `--no-provenance`, `-w a`; the name keeps its dashes.

    `value` is None for an option without one. `at` is the place of the option.
    """

    name: str
    value: Word | None
    at: Location


# -- which packages a command means -----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Here:
    """The package of the folder that the command runs in."""


@dataclass(frozen=True, slots=True)
class Path:
    """The package, or the tarball, at a path relative to the folder that the command runs in."""

    word: Word


@dataclass(frozen=True, slots=True)
class Filtered:
    """The packages of the workspace that names, folders or patterns choose."""

    patterns: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Everything:
    """All packages of the workspace that are not private."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the release tool's own configuration chooses."""


Selection = Here | Path | Filtered | Everything | Chosen


# -- what a command does ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Publish:
    """Sends packages to a registry."""

    tool: Tool
    selection: Selection
    _: KW_ONLY
    flags: tuple[Flag, ...] = ()
    staged: bool = False
    version: Word | None = None
    """The version that `npx tool@version` asks for."""
    cwd: str | None = None
    """A folder that an option such as `--prefix`, `-C` or `--cwd` names, relative to the command's own."""
    runner: str | None = None
    """What runs the tool where it is not called by itself: `npx`, `pnpm exec`, `yarn`, …"""


@dataclass(frozen=True, slots=True)
class RunScript:
    """Runs a script of a package.json, which is followed: `npm run release`, `pnpm -r release`, `turbo run release`."""

    name: str
    selection: Selection
    _: KW_ONLY
    runner: str
    arguments: tuple[Word, ...] = ()
    """What is passed on to the script after `--`."""
    cwd: str | None = None


@dataclass(frozen=True, slots=True)
class RunFile:
    """Runs a file of the repository: `./scripts/release.sh`, `node scripts/publish.mjs`, `make publish`."""

    word: Word
    program: str | None
    """`node`, `bash`, `tsx`, `make`, …; None where the file itself is the command."""
    arguments: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class InstallNpm:
    """Puts another npm on the PATH: `npm install -g npm@11`; `spec` is what follows `@`."""

    spec: Word | None
    by: str


@dataclass(frozen=True, slots=True)
class InstallTool:
    """Puts a package manager or a release tool on the PATH: `npm install -g pnpm@10`."""

    name: str
    spec: Word | None


@dataclass(frozen=True, slots=True)
class UseNode:
    """Switches Node.js: `nvm use 24`, `fnm use`, `n 24`, `volta install node@24`; without `spec` a file decides."""

    spec: Word | None
    by: str


@dataclass(frozen=True, slots=True)
class Configure:
    """Writes a setting that later commands read: `npm config set provenance true`, a line appended to an .npmrc."""

    name: str
    value: Word | None
    where: str
    """`user` for the user's .npmrc, `project` for the one in the folder, `env` for `$GITHUB_ENV`, `yarn` for yarn's."""


@dataclass(frozen=True, slots=True)
class Fetch:
    """Downloads what another job, run or release holds: `gh run download`, `gh release download`."""

    what: str
    release: bool


@dataclass(frozen=True, slots=True)
class Build:
    """Builds something: `npm run build`, `tsc`, or `vite build`."""

    what: str


@dataclass(frozen=True, slots=True)
class InstallAll:
    """Installs the project's dependencies: `npm ci`, `pnpm install`, `yarn`; `word` is its last word before options.

    `frozen` is what the command says about the lockfile: None where it leaves that to the tool's own default.
    """

    manager: str
    what: str
    word: Word
    _: KW_ONLY
    frozen: bool | None = None
    lockless: bool = False
    """Whether the command tells the tool to do without a lockfile."""
    scripts: bool = True
    """Whether scripts of the dependencies may run, as far as the command says."""
    plain: bool = True
    """Whether its other options mean the same where the lockfile is kept to."""
    cwd: str | None = None


Deed = Publish | RunScript | RunFile | InstallNpm | InstallTool | InstallAll | UseNode | Configure | Fetch | Build


# -- what the pipelines of a CI system tell ---------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pipelines:
    """What the pipelines of one CI system tell."""

    jobs: tuple[Job, ...] = ()
    shipments: tuple[Shipment, ...] = ()
    borrowed: tuple[Borrowed, ...] = ()
    unread: tuple[Unread, ...] = ()
    broken: tuple[Broken, ...] = ()
    looked_at: tuple[str, ...] = ()
    feeders: tuple[Feeder, ...] = ()
    grants: tuple[Grant, ...] = ()
    elsewhere: tuple[Elsewhere, ...] = ()
