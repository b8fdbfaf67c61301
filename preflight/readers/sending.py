"""What one publish command brings with it for one package: the settings that reach it, and those that do not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.records import dataclass

if TYPE_CHECKING:
    from pathlib import PurePosixPath

    from preflight.facts.ci import Tool
    from preflight.facts.fact import Fact
    from preflight.facts.project import Package
    from preflight.facts.toolchain import Version
    from preflight.readers.pipeline import Flag, Setting
    from preflight.source.nodes import Mapping
    from preflight.source.text import Location


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """One package on its way through one publish command, before it is known what its settings amount to."""

    sender: Tool
    """The program that really sends the package; OTHER where the files do not tell which."""
    tool: Tool
    """The program that the user named."""
    version: Fact[Version]
    """Of the sender: npm's version for npm, pnpm's for pnpm."""
    at: Location
    """The publishing command, or the `uses` of the action that publishes."""
    cwd: Fact[PurePosixPath]
    """Where the command runs, relative to the project's root; for a release tool where that tool runs."""
    oidc: Fact[bool]
    """Whether trusted publishing will be tried: token granted, tool new enough, npm's registry."""
    automatic: bool = True
    """Whether provenance follows from trusted publishing there: never on CircleCI, nor on GitLab without a token."""
    package: Package | None = None
    manifest: Mapping | None = None
    """The package.json of the package that is sent."""
    folder: PurePosixPath | None = None
    """The folder of that package."""
    workspace: PurePosixPath | None = None
    """The folder whose package.json has `workspaces` that hold `folder`; None where there is none."""
    flags: tuple[Flag, ...] = ()
    env: tuple[Setting, ...] = ()
    """Variables that the command sees, weakest first: workflow, job, step, exports, prefix."""
    foreign_env: tuple[Setting, ...] = ()
    """Variables of another step or job, which the command does not see."""
    caller_env: tuple[Setting, ...] = ()
    """Variables of a calling workflow, which the command does not see either."""
    configured: tuple[Setting, ...] = ()
    """Options that earlier commands or actions of the job wrote to an .npmrc, and the `token` input of an action."""
    tarball: bool = False
    target_folder: bool = False
    """True for `npm publish ./sub`."""
