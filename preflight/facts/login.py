"""How a publish command gets into the registry: tokens, where they come from, and which way in wins."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from preflight.records import KW_ONLY, dataclass

if TYPE_CHECKING:
    from preflight.facts.fact import Fact
    from preflight.source.edits import Fix
    from preflight.source.text import Location


class Filling(StrEnum):
    """What a token's place is filled with."""

    SECRET = "secret"  # noqa: S105 -- what kind of thing it is, not a secret
    PLATFORM_TOKEN = "platform token"  # noqa: S105 -- likewise
    """The CI system's own token, which npm's registry does not know: `GITHUB_TOKEN`, `CI_JOB_TOKEN`."""
    ID_TOKEN = "id token"  # noqa: S105 -- likewise
    """A raw OIDC token, which is for exchange and is no token of npm."""
    LITERAL = "literal"
    """Text in the file."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Token:
    """A token that a publish command is given; `name` is the variable, the option or the input that holds it."""

    at: Location
    name: str
    filling: Filling
    _: KW_ONLY
    wins: bool = False
    """Whether the tool takes it before it tries OIDC: yarn always, pnpm before 11.0.7."""
    remedy: Fix | None = None


@dataclass(frozen=True, slots=True)
class WrongToken:
    """A token, or an audience of one, that the registry will refuse."""

    at: Location
    what: str
    """A clause: "`NODE_AUTH_TOKEN` is the CI system's own token"."""
    why: str
    _: KW_ONLY
    idle: bool = False
    """Whether the tool gets in by OIDC and does not show it."""
    remedy: Fix | None = None
    doubt: str | None = None


@dataclass(frozen=True, slots=True)
class Committed:
    """A credential in a file of the repository, by the name of its key; the value is nowhere kept."""

    at: Location
    key: str


@dataclass(frozen=True, slots=True)
class Block:
    """A setting of the project that stops its own publish, what it says then, and the way out."""

    at: Location
    what: str
    says: str = ""
    remedy: Fix | None = None
    doubt: str | None = None


class Access(StrEnum):
    """Who may see a package."""

    PUBLIC = "public"
    RESTRICTED = "restricted"


@dataclass(frozen=True, slots=True)
class Exposure:
    """Who will see a package: what the settings say, and what npm does where they say nothing."""

    said: Fact[Access | None]
    """What the strongest setting says, at its place; None where nothing does."""
    scoped: bool
    remedy: Fix | None = None


@dataclass(frozen=True, slots=True)
class Label:
    """The dist-tag that a version gets.

    `name` is None where nothing says one; `automatic` where the tool chooses the tag or the version by itself.
    """

    name: Fact[str | None]
    automatic: bool
    remedy: Fix | None = None
