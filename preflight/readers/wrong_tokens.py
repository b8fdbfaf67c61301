"""Tokens that npm's registry will refuse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.login import Filling, WrongToken
from preflight.readers.tokens import USABLE, tokens

if TYPE_CHECKING:
    from preflight.facts.login import Token
    from preflight.readers.sending import Sending
    from preflight.source.files import Files


def wrong(sending: Sending, files: Files, *, idle: bool) -> tuple[WrongToken, ...]:
    """Return the token that the command shows, where the registry does not know it.

    Beside one that it may know none is wrong: the command shows that. `idle` says that the command gets in by OIDC
    first.
    """
    found = tuple(tokens(sending, files))
    if not found or any(token.filling in USABLE for token in found):
        return ()
    return (_wrong(found[0], idle=idle),)


def _wrong(token: Token, *, idle: bool) -> WrongToken:
    match token.filling:
        case Filling.ID_TOKEN:
            what = f"`{token.name}` is a raw OIDC token"
            why = "npm's registry exchanges such a token for one of its own, and takes it for nothing else"
        case _:
            what = f"`{token.name}` is the CI system's own token"
            why = "npm's registry does not know it"
    return WrongToken(token.at, what, why, idle=idle)
