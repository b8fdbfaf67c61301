"""What a call hands to a reusable workflow of another repository, as a sign of what that one does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.readers.github.known import NOT_TO_NPM
from preflight.readers.github.permissions import granted
from preflight.source.nodes import Scalar, entries, text

if TYPE_CHECKING:
    from preflight.readers.github.workflow import JobNode, Uses

TOKENS = ("npm", "node_auth")
"""Parts of names of secrets that hold a token of npm's registry."""
RELEASING = ("publish", "release")


def may_publish(job: JobNode, uses: Uses) -> bool:
    """Tell whether a call gives a workflow what a publish to npm needs, or its name says that it is one.

    Without an id token and without a token nothing can be published. All secrets at once are a sign only together
    with a name that says "publish" or "release", because many calls hand over all of them.
    """
    file = uses.name.rpartition("/")[2].lower()
    if any(part in file for part in NOT_TO_NPM):
        return _hands_token(job)
    minting = job.permissions is not None and granted(job.permissions.value, "id-token") == "write"
    everything = text(job.node.get("secrets")) == "inherit" and any(part in file for part in RELEASING)
    return minting or everything or _hands_token(job) or ("npm" in file and any(part in file for part in RELEASING))


def _hands_token(job: JobNode) -> bool:
    return any(
        mark in said.lower()
        for entry in entries(job.node.get("secrets"))
        for said in (entry.key.text, entry.value.text if isinstance(entry.value, Scalar) else "")
        for mark in TOKENS
    )
