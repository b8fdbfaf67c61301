"""Everything about how one publish command gets into the registry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.ci import System, Tool
from preflight.facts.fact import Known, Unknown
from preflight.facts.toolchain import TRUSTED_PUBLISHING
from preflight.readers.blocks import blocks
from preflight.readers.credential import may_be_trusted, token
from preflight.readers.floors import TRUSTED_ON_CIRCLECI, TRUSTED_SINCE
from preflight.readers.wrong_tokens import wrong
from preflight.records import dataclass

if TYPE_CHECKING:
    from preflight.facts.fact import Fact
    from preflight.facts.login import Block, Token, WrongToken
    from preflight.facts.toolchain import Npm, Version
    from preflight.readers.sending import Sending
    from preflight.readers.sites import Surroundings
    from preflight.source.files import Files


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """What a publish site says about tokens; the fields are those of the site."""

    token: Token | None
    trustable: bool
    wrong: tuple[WrongToken, ...]
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """The programs behind a publish command, other than the one that sends."""

    npm: Fact[Npm] | None
    """The npm CLI that will run; None where none does."""
    changesets: Fact[Version]
    """The version of @changesets/cli."""
    runner: str | None
    """What runs the tool, such as the `uses` of an action."""


def exchanges(sending: Sending, npm: Fact[Npm] | None, system: System) -> Fact[bool]:
    """Return whether the program that logs in is new enough for OIDC; pnpm up to 10 leaves that to the npm CLI."""
    since = TRUSTED_SINCE.get(sending.sender)
    if sending.sender is Tool.NPM and system is System.CIRCLECI:
        since = TRUSTED_ON_CIRCLECI
    match sending.version, npm:
        case _ if since is None:
            return Known(value=False)
        case Known(version), Known(cli) if sending.sender is Tool.PNPM and version < since:
            return Known(cli.version >= TRUSTED_PUBLISHING)
        case Known(version), Unknown() as unknown if sending.sender is Tool.PNPM and version < since:
            return unknown
        case Known(version), _:
            return Known(version >= since)
        case Unknown() as unknown, _:
            return unknown


def login(sending: Sending, files: Files, client: Client, around: Surroundings) -> Login:
    """Return how a command of a job with these surroundings gets in."""
    granted = isinstance(around.id_token, Known) and around.id_token.value
    new_enough = exchanges(sending, client.npm, around.system)
    first = granted and isinstance(new_enough, Known) and new_enough.value
    found = token(sending, files)
    return Login(
        token=found,
        trustable=_known_to(around, sending) and may_be_trusted(sending, client.runner),
        wrong=wrong(sending, files, idle=first and sending.sender is not Tool.YARN),
        blocks=blocks(sending, files, npm=client.npm, changesets=client.changesets, runner=client.runner),
    )


def _known_to(around: Surroundings, sending: Sending) -> bool:
    """Tell whether npm has trusted publishers for where a job runs, and the sender a version that makes use of them.

    For CircleCI npm itself does; of the others nothing says so.
    """
    if around.system is System.CIRCLECI:
        return sending.sender is Tool.NPM and sending.tool is not Tool.SEMANTIC_RELEASE
    return around.trusting and sending.sender in TRUSTED_SINCE
