"""The id tokens of a job, and how to let it have them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.fact import Fact, Known, Unknown
from preflight.facts.login import WrongToken
from preflight.readers.gitlab.extends import lookup
from preflight.readers.registries import NPM
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
MOVE = "move the job to the pipeline of `.gitlab-ci.yml`: no token of a child pipeline is accepted"
AUDIENCES = {SIGSTORE: "sigstore", TRUSTED: f"npm:{NPM.split('/')[2]}"}


@dataclass(frozen=True, slots=True)
class Tokens:
    """Whether a job gets a token that Sigstore accepts, and one that npm's registry does."""

    sigstore: Fact[bool]
    trusted: Fact[bool]
    wrong: WrongToken | None = None
    """The token for npm, where it is declared with an audience that npm's registry does not accept."""

    @classmethod
    def of(cls, job: JobNode, values: Values) -> Tokens:
        """Read the `id_tokens` of a job."""
        trusted = _token(job, values, TRUSTED)
        return cls(_token(job, values, SIGSTORE), trusted, _wrong(job, trusted))

    @classmethod
    def of_child(cls, job: JobNode) -> Tokens:
        """Return that a job of a child pipeline gets no token that counts: its claims name no file of the project.

        Source: docs.gitlab.com, "Use Sigstore for keyless signing".
        """
        none = Known(False, job.at, Fix(MOVE, Safety.UNSAFE))
        return cls(none, none)

    def needed(self, job: JobNode, *, without_secret: bool) -> Fact[bool]:
        """Return whether the job may mint all the tokens that it needs, at the line that a maintainer would change.

        Where no secret lets it publish it needs npm's token as well. One that has the wrong audience is another
        rule's business.
        """
        asked = {SIGSTORE: self.sigstore} | ({TRUSTED: self.trusted} if without_secret and self.wrong is None else {})
        if self.sigstore is self.trusted:
            return self.sigstore
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


def _wrong(job: JobNode, trusted: Fact[bool]) -> WrongToken | None:
    declared = job.entry("id_tokens")
    found = lookup((declared.value,), TRUSTED) if declared else None
    match trusted:
        case Known(False, at) if found is not None and at is not None:
            why = f"npm's registry accepts `{AUDIENCES[TRUSTED]}` alone"
            return WrongToken(at, f"`{TRUSTED}` has another audience", why, remedy=_grant(job, (TRUSTED,)))
        case _:
            return None


def _accepted(name: str, audience: str) -> bool:
    """Tell whether an audience is right to the letter: npm's registry compares, whatever names it has besides."""
    return audience == AUDIENCES[name]


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
