"""Whether a job may mint an OIDC token, through every caller, and how to let it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.fact import Fact, Known, Unknown
from preflight.source.edits import Edit, Fix, Safety
from preflight.source.nodes import Mapping, Scalar, entries, text

if TYPE_CHECKING:
    from preflight.readers.github.workflow import JobNode
    from preflight.source.nodes import Entry, Node
    from preflight.source.text import Location

RANK = {"none": 0, "read": 1, "write": 2}
"""What a scope grants; `id-token` knows `write` and `none` only, so that `read` is none there."""


SCOPES = (
    "actions",
    "attestations",
    "checks",
    "contents",
    "deployments",
    "discussions",
    "issues",
    "packages",
    "pages",
    "pull-requests",
    "security-events",
    "statuses",
)
"""What `read-all` and `write-all` stand for, as far as it matters here."""


def granted(node: Node, scope: str) -> str:
    """Return what a `permissions` value grants for a scope: `none`, `read` or `write`.

    A mapping grants nothing that it does not name (docs.github.com, "Setting the permissions").
    """
    match node:
        case Scalar(value="write-all"):
            return "write"
        case Scalar(value="read-all"):
            return "none" if scope == "id-token" else "read"
        case Mapping():
            value = text(node.get(scope)) or "none"
            value = value if value in RANK else "none"
            return "none" if scope == "id-token" and value == "read" else value
        case _:
            return "none"


def id_token(job: JobNode, callers: tuple[JobNode, ...], *, called_from_elsewhere: bool) -> Fact[bool]:
    """Return whether a job may mint an OIDC token, at the line that a maintainer would change.

    `callers` are the jobs that lead to it, the nearest first; each caps what it calls. A job without a key of its own
    or of its workflow has what its caller has; the job of an entry workflow has none then, because no default of
    GitHub's grants `id-token`. `called_from_elsewhere` says that the last of the chain is in a workflow that nobody in
    the repository calls and no event starts, so that a caller decides which cannot be seen.
    """
    for link in (job, *callers):
        if (key := link.permissions) and granted(key.value, "id-token") != "write":
            return Known(False, key.key.at, _grant(link))
    last = callers[-1] if callers else job
    if last.permissions:
        # Every key of the chain grants it; the innermost is the grant that counts.
        nearest = next(key for link in (job, *callers) if (key := link.permissions))
        return Known(True, granting(nearest))
    if called_from_elsewhere:
        return Unknown("the workflow that calls this one decides, and it is not in this repository", last.at)
    # What the chain asks for below, an entry job without a key cannot give.
    return Known(False, last.at, _grant(last))


def exceeding(caller: JobNode, called: JobNode) -> tuple[str, Location] | None:
    """Return the first scope but `id-token` that a called job asks for and its caller does not grant.

    GitHub refuses to start such a workflow: "The nested job is requesting '…', but is only allowed '…'".
    A caller without a key of its own or of its workflow has the default of the repository, which no file tells.
    """
    key, asked = caller.permissions, called.permissions
    if not key or not asked:
        return None
    scopes = SCOPES if isinstance(asked.value, Scalar) else tuple(entry.key.text for entry in entries(asked.value))
    for scope in scopes:
        if scope != "id-token" and RANK[granted(asked.value, scope)] > RANK[granted(key.value, scope)]:
            return scope, key.key.at
    return None


def granting(key: Entry) -> Location:
    """Return the place of `id-token: write` itself, else of the whole key."""
    if isinstance(key.value, Mapping) and (entry := key.value.entry("id-token")):
        return entry.key.at
    return key.key.at


def _grant(job: JobNode) -> Fix | None:
    """Return the edit that gives the job `id-token: write` and keeps what it has."""
    own = job.node.entry("permissions")
    title = f"grant job `{job.name}` `id-token: write`"
    match own.value if own else None:
        case Mapping(entries=found) as mapping if found and not _flow(mapping):
            if (entry := mapping.entry("id-token")) and isinstance(entry.value, Scalar):
                return Fix(title, Safety.SAFE, (Edit(entry.value.at, "write"),))
            _, column = found[0].key.at.start
            end = _line_end(found[-1].value)
            return Fix(
                title, Safety.SAFE, (Edit(mapping.source.at(end, end), f"\n{' ' * (column - 1)}id-token: write"),)
            )
        case None:
            return Fix(title, Safety.SAFE, (_insertion(job),))
        case node if _flow(job.node) or (isinstance(node, Mapping) and _flow(node)):
            return Fix(title, Safety.SAFE, (Edit(node.at, f"{{{', '.join(_lines(node))}}}"),))
        case node:
            _, column = own.key.at.start if own else (1, 1)
            lines = "".join(f"\n{' ' * (column + 1)}{line}" for line in _lines(node))
            # The space behind the colon would be left at the end of the line.
            gap = node.source.text[: node.start]
            start = len(gap.rstrip(" ")) if gap.rstrip(" ").endswith(":") else node.start
            return Fix(title, Safety.SAFE, (Edit(node.source.at(start, node.end), lines),))


def _insertion(job: JobNode) -> Edit:
    """Return the edit that writes a `permissions` key above the job's first key, with what its workflow grants."""
    first = job.node.entries[0].key if job.node.entries else job.key
    _, column = first.at.start
    margin = " " * (column - 1)
    top = job.workflow.permissions
    lines = _lines(top.value) if top else ["contents: read", "id-token: write"]
    if _flow(job.node):
        return Edit(first.source.at(first.start, first.start), f"permissions: {{{', '.join(lines)}}}, ")
    block = "".join(f"\n{margin}  {line}" for line in lines)
    return Edit(first.source.at(first.start, first.start), f"permissions:{block}\n{margin}")


def _lines(node: Node | None) -> list[str]:
    kept = [f"{entry.key.text}: {text(entry.value)}" for entry in entries(node) if entry.key.text != "id-token"]
    return [*(kept or ["contents: read"]), "id-token: write"]


def _line_end(node: Node) -> int:
    """Return where the line of a node's end ends, behind a comment."""
    end = node.source.text.find("\n", node.end)
    return len(node.source.text) if end < 0 else end


def _flow(mapping: Mapping) -> bool:
    return mapping.source.text.startswith("{", mapping.start)
