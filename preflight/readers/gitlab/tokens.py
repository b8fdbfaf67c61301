"""The id tokens of a job, and how to let it have them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.fact import Fact, Known, Unknown
from preflight.readers.gitlab.extends import lookup
from preflight.readers.registries import NPM, is_npm
from preflight.records import dataclass
from preflight.source.edits import Edit, Fix, Safety, alone
from preflight.source.nodes import Mapping

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.readers.gitlab.jobs import JobNode
    from preflight.readers.gitlab.values import Values

Tree = str | dict[str, "Tree"]
"""Keys to be written."""

SIGSTORE = "SIGSTORE_ID_TOKEN"
"""What npm signs provenance with (docs.npmjs.com, "Generating provenance statements")."""
TRUSTED = "NPM_ID_TOKEN"
"""What npm exchanges for a publish token (docs.npmjs.com, "Trusted publishing")."""
AUDIENCES = {SIGSTORE: "sigstore", TRUSTED: f"npm:{NPM.split('/')[2]}"}


@dataclass(frozen=True, slots=True)
class Tokens:
    """Whether a job gets a token that Sigstore accepts, and one that npm's registry does."""

    sigstore: Fact[bool]
    trusted: Fact[bool]

    @classmethod
    def of(cls, job: JobNode, values: Values) -> Tokens:
        """Read the `id_tokens` of a job."""
        return cls(_token(job, values, SIGSTORE), _token(job, values, TRUSTED))

    def needed(self, job: JobNode, *, without_secret: bool) -> Fact[bool]:
        """Return whether the job may mint all the tokens that it needs, at the line that a maintainer would change.

        Where no secret lets it publish it needs npm's token as well.
        """
        asked = {SIGSTORE: self.sigstore} | ({TRUSTED: self.trusted} if without_secret else {})
        lacking = tuple(name for name, fact in asked.items() if isinstance(fact, Known) and not fact.value)
        if lacking:
            wrong = asked[lacking[0]]
            return Known(False, wrong.at, _grant(job, lacking))
        return next((fact for fact in asked.values() if isinstance(fact, Unknown)), self.sigstore)


def _token(job: JobNode, values: Values, name: str) -> Fact[bool]:
    declared = job.entry("id_tokens")
    found = lookup((declared.value,), name) if declared else None
    if found is None:
        return Known(False, job.at)
    audiences = job.config.flat(job.config.find(found.value, "aud"))
    facts = [(audience, values.fact(audience)) for audience in audiences]
    if any(isinstance(fact, Known) and _accepted(name, fact.value) for _, fact in facts):
        return Known(True, found.key.at)
    for audience, fact in facts:
        match fact:
            case Unknown(why):
                return Unknown(f"the audience of `{name}` is not known: {why}", audience.at)
            case Known():
                pass
    return Known(False, audiences[0].at if audiences else found.key.at)


def _accepted(name: str, audience: str) -> bool:
    if name == SIGSTORE:
        return audience == AUDIENCES[SIGSTORE]
    scheme, _, server = audience.partition(":")
    return scheme == "npm" and is_npm(f"//{server}")


def _grant(job: JobNode, names: tuple[str, ...]) -> Fix:
    """Return the edit that gives a job some tokens and keeps those that it has."""
    title = f"give job `{job.name}` " + " and ".join(f"`{name}`" for name in names)
    # A place that an alias uses again, or a job that an alias is, must be changed by hand.
    return alone(Fix(title, Safety.SAFE, tuple(_edits(job, names))))


def _edits(job: JobNode, names: tuple[str, ...]) -> Iterator[Edit]:
    declared = job.entry("id_tokens")
    fresh: dict[str, Tree] = {}
    for name in names:
        if declared is None or (token := lookup((declared.value,), name)) is None:
            fresh[name] = {"aud": AUDIENCES[name]}
        elif (audience := job.config.scalar(token.value, "aud")) is not None:
            yield Edit(audience.at, _quoted(AUDIENCES[name]))
    if not fresh:
        return
    job_itself = job.config.own(job.name)[0]
    if declared is not None and job.own("id_tokens") is None:
        # Tokens of its own would replace those of `default`.
        target, tree = declared.value, fresh
    elif (own := job_itself.get("id_tokens")) is not None:
        target, tree = own, fresh
    else:
        target, tree = job_itself, {"id_tokens": fresh}
    match target:
        case Mapping() as mapping:
            yield _insertion(mapping, tree)
        case _:
            pass


def _insertion(mapping: Mapping, tree: dict[str, Tree]) -> Edit:
    """Return the edit that writes keys in front of the first key of a mapping."""
    if mapping.source.text.startswith("{", mapping.start):
        inside = ", ".join(f"{key}: {_flow(value)}" for key, value in tree.items())
        return Edit(
            mapping.source.at(mapping.start + 1, mapping.start + 1), f"{inside}, " if mapping.entries else inside
        )
    _, column = mapping.at.start
    margin = "\n" + " " * (column - 1)
    return Edit(mapping.source.at(mapping.start, mapping.start), "".join(f"{line}{margin}" for line in _block(tree)))


def _block(tree: dict[str, Tree]) -> Iterator[str]:
    for key, value in tree.items():
        match value:
            case str():
                yield f"{key}: {_quoted(value)}"
            case inner:
                yield f"{key}:"
                yield from (f"  {line}" for line in _block(inner))


def _flow(tree: Tree) -> str:
    match tree:
        case str():
            return _quoted(tree)
        case inner:
            return "{" + ", ".join(f"{key}: {_flow(value)}" for key, value in inner.items()) + "}"


def _quoted(value: str) -> str:
    return f'"{value}"' if ":" in value else value
