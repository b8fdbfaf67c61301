"""How a publish command proves to npm's registry that it may publish."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.ci import Credential, Tool
from preflight.facts.fact import Known, Unknown
from preflight.facts.toolchain import Version
from preflight.readers.tokens import USABLE, tokens
from preflight.records import replace

if TYPE_CHECKING:
    from preflight.facts.fact import Fact
    from preflight.facts.login import Token
    from preflight.readers.sending import Sending
    from preflight.source.files import Files

_NATIVE_PNPM, _OIDC_FIRST = Version(11), Version(11, 0, 7)
"""pnpm from 11 on exchanges tokens by itself, and from 11.0.7 on before it looks for one that is configured."""
_WITH_A_TOKEN_ONLY = frozenset({Tool.AUTO, Tool.OTHER})
"""Release tools that want a token whatever npm could do without."""


def credential(sending: Sending, files: Files) -> Fact[Credential]:
    """Return what the command can show: an OIDC token, a token at its place, both or nothing.

    A secret counts by its presence; what npm's registry does not know is no token. Unknown where it cannot be told
    whether an OIDC token is granted.
    """
    found = token(sending, files)
    match sending.oidc:
        case Known(True, at):
            return Known(Credential.BOTH, found.at) if found else Known(Credential.OIDC, at)
        case Known():
            return Known(Credential.TOKEN, found.at) if found else Known(Credential.NONE, sending.at)
        case Unknown() as unknown:
            return unknown


def token(sending: Sending, files: Files) -> Token | None:
    """Return the token that the command shows if it shows one, the most deliberate of several."""
    found = next((each for each in tokens(sending, files) if each.filling in USABLE), None)
    return replace(found, wins=True) if found is not None and _wins(sending) else found


def may_be_trusted(sending: Sending, runner: str | None) -> bool:
    """Tell whether a newer version of the tools could do without a token; `runner` is what runs them, as an action.

    An action that runs npm in its own way may want its token, as far as anybody knows.
    """
    if sending.tool in _WITH_A_TOKEN_ONLY:
        return False
    by_action = runner is not None and "@" in runner
    return not by_action or sending.tool in {Tool.NPM_PUBLISH_ACTION, Tool.SEMANTIC_RELEASE}


def _wins(sending: Sending) -> bool:
    """Tell whether the tool takes a token before it tries OIDC: yarn, and the first versions of pnpm 11."""
    match sending.sender, sending.version:
        case Tool.YARN, _:
            return True
        case Tool.PNPM, Known(version):
            return _NATIVE_PNPM <= version < _OIDC_FIRST
        case _:
            return False
