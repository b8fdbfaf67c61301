"""OIDC tokens that a pipeline fetches by itself and hands on as they are."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from preflight.source.nodes import Mapping, Scalar, Sequence, entries, find, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.source.files import Files
    from preflight.source.nodes import Node
    from preflight.source.text import Location

VARIABLES = ("NPM_ID_TOKEN", "SIGSTORE_ID_TOKEN")
"""Variables that hold an id token, which npm itself exchanges or signs with."""
_FETCHING = ("ACTIONS_ID_TOKEN_REQUEST", "getIDToken", "oidc get", *VARIABLES)
"""What a script that gets an id token holds."""
_EXCHANGE = "oidc/token/exchange"
"""What a script that turns one into a token of the registry asks for (npm's `lib/utils/oidc.js`)."""
LONGEST = 200_000


def is_raw(said: str, at: Location, files: Files) -> bool:
    """Tell whether a token's place is filled with an id token as it was fetched.

    `said` is what stands there. It may fetch the token itself, name the output of a step that does, or a variable of
    a step that does. A script that asks the registry to exchange the token gets a right one.
    """
    whole = at.source.text
    if not any(mark in whole for mark in _FETCHING):
        return False
    if any(mark in said for mark in _FETCHING):
        return _EXCHANGE not in said
    around = steps(at, files)
    if (name := _output().search(said)) is not None:
        return any(text(find(step, "id")) == name[1] and _fetches(_script(step)) for step in around)
    here = next((step for step in around if step.start <= at.span.start < step.end), None)
    script = _script(here)
    variables = _variable().findall(said[:LONGEST])
    return _fetches(script) and any(f"{variable}=" in script for variable in variables)


def steps(at: Location, files: Files) -> tuple[Mapping, ...]:
    """Return the steps of the job or the action that a place lies in; none where there are no steps."""
    if at.path.suffix not in {".yml", ".yaml"}:
        return ()
    root = files.tree(at.path)
    jobs = (job.value for job in entries(find(root, "jobs")))
    for job in (*jobs, find(root, "runs")):
        found = find(job, "steps")
        if isinstance(found, Sequence) and found.start <= at.span.start < found.end:
            return tuple(step for step in found.items if isinstance(step, Mapping))
    return ()


def _fetches(script: str) -> bool:
    return any(mark in script for mark in _FETCHING) and _EXCHANGE not in script


def _script(step: Mapping | None) -> str:
    """Return what a step runs, as a shell's script or as one of actions/github-script."""
    return "\n".join(_texts(step)) if step is not None else ""


def _texts(step: Mapping) -> Iterator[str]:
    nodes: tuple[Node | None, ...] = (step.get("run"), find(step, "with", "script"))
    for node in nodes:
        if isinstance(node, Scalar):
            yield node.text


@cache
def _output() -> re.Pattern[str]:
    return re.compile(r"\bsteps\.([A-Za-z0-9_-]{1,100})\.outputs\b")


@cache
def _variable() -> re.Pattern[str]:
    return re.compile(r"\$\{?([A-Za-z_][A-Za-z0-9_]{0,100})")
