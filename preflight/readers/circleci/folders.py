"""The folders of a job: where the repository is checked out to, and where a step runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.fact import Fact, Known, Unknown
from preflight.readers.scripts import ROOT, join

if TYPE_CHECKING:
    from pathlib import PurePosixPath

HOMES = ("/home/circleci/", "/root/", "$HOME/", "${HOME}/")
"""What `~/` stands for on CircleCI's machines."""
UNTOLD = "the folder is worked out when the pipeline starts"


def below(base: Fact[str], named: Fact[str]) -> Fact[str]:
    """Return a folder that is named relative to another, or by itself."""
    match base, named:
        case Known(folder), Known(text):
            return Known(str(_absolute(text, _absolute(folder, ROOT))))
        case Unknown(), Known("." | "./"):
            return base
        case Unknown(_, at), Known(text):
            return Unknown(f"`{text}` lies in a folder that is worked out when the pipeline starts", at)
        case _, unknown:
            return unknown


def inside(folder: Fact[str], root: Fact[str]) -> Fact[PurePosixPath]:
    """Return a folder as seen from the one that the repository is checked out to."""
    match folder, root:
        case Known(where), Known(top):
            here, above = _absolute(where, ROOT), _absolute(top, ROOT)
            if here.is_relative_to(above):
                return Known(here.relative_to(above))
            return Unknown(f"`{where}` is outside the repository")
        case _:
            # A folder that is named alike is the same, wherever it is.
            return Known(ROOT) if folder == root else Unknown(UNTOLD)


def _absolute(text: str, base: PurePosixPath) -> PurePosixPath:
    for home in HOMES:
        if text.startswith(home):
            text = f"~/{text.removeprefix(home)}"
    return join(ROOT, text) if text.startswith("~") else join(base, text)
