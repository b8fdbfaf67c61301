"""The published versions of a package, read off one packument; and their provenance, verified on request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.fact import Known, Unknown
from preflight.facts.online import Level
from preflight.facts.release import Kind, Sound, without_ref
from preflight.facts.versions import Drift, Lost, Published, Trait, Versions
from preflight.readers import addresses
from preflight.records import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from preflight.facts.fact import Fact
    from preflight.facts.release import Attestation, Identity, Outcome

    Attested = Callable[[Published], Fact[tuple[Attestation, ...]]]

OLDEST = ""
"""The time of a version of which the registry tells none; it sorts before all others."""


def versions(name: str, document: Mapping[str, object]) -> Versions:
    """Return the versions of a full packument, the newest first, with what changed between them."""
    times = _table(document.get("time"))
    tags = _table(document.get("dist-tags"))
    found = [
        _published(version, _table(manifest), _text(times.get(version)))
        for version, manifest in _table(document.get("versions")).items()
    ]
    return Versions(name, compared(found), latest=_text(tags.get("latest")))


def verified(found: Versions, attested: Attested, workers: int = 8) -> Versions:
    """Return the versions with what came of their provenance, which `attested` fetches and checks, side by side."""
    from functools import partial

    from preflight.readers.online import together

    proofs: dict[str, Fact[tuple[Attestation, ...]]] = {}

    def prove(each: Published) -> None:
        proofs[each.version] = attested(each)

    # A version without provenance of which the packument says so has nothing to fetch.
    wanted = [each for each in found.published if each.level is not Level.NONE]
    together((partial(prove, each) for each in wanted), workers)
    proven = [_proven(each, proofs.get(each.version)) for each in found.published]
    return replace(found, published=compared(proven), verified=True)


def compared(found: Iterable[Published]) -> tuple[Published, ...]:
    """Return versions, the newest first, each compared with those that were published before it.

    A downgrade is what pnpm refuses with `trustPolicy: no-downgrade` (`failIfTrustDowngraded` of its npm resolver): any
    version published before, by the registry's time alone, had more trust; prereleases count for prereleases only.
    """
    ordered = sorted(found, key=lambda each: each.time or OLDEST)
    best: dict[bool, Published] = {}
    past = _Past()
    done: list[Published] = []
    for group in _at_once(ordered):
        done += [_judged(each, best.get(_prerelease(each)), past) for each in group]
        for each in group:
            # A version without a time is compared with nothing, neither by pnpm nor here.
            if each.time:
                for kind in (True, False) if not _prerelease(each) else (True,):
                    if kind not in best or each.level.rank > best[kind].level.rank:
                        best[kind] = each
            past.add(each)
    return tuple(reversed(done))


def _at_once(ordered: Iterable[Published]) -> Iterator[list[Published]]:
    """Yield versions of one moment together: none of them came before another."""
    group: list[Published] = []
    for each in ordered:
        if group and group[0].time != each.time:
            yield group
            group = []
        group.append(each)
    if group:
        yield group


class _Past:
    """What the versions before one have shown last."""

    def __init__(self) -> None:
        self.identity: Identity | None = None
        self.repository: str | None = None
        self.publisher: str | None = None
        self.user: str | None = None
        self.users: set[str] = set()

    def add(self, each: Published) -> None:
        """Take a version in."""
        self.identity = each.identity or self.identity
        self.repository = each.repository or self.repository
        self.publisher = each.publisher or self.publisher
        self.user = each.user or self.user
        self.users |= {each.user} if each.user else set()


def _judged(each: Published, best: Published | None, past: _Past) -> Published:
    lost = None
    if each.time and best and best.level.rank > each.level.rank:
        lost = Lost(best.version, best.level)
    first = each.level is not Level.NONE and (best is None or best.level.rank < each.level.rank)
    return replace(each, lost=lost, first=first, drift=tuple(_drift(each, past)))


def _drift(each: Published, past: _Past) -> Iterator[Drift]:
    """Yield what differs from before; somebody who publishes by hand only where nobody has seen them yet."""
    if each.identity and past.identity:
        for trait, before, now in _traits(past.identity, each.identity):
            if before and now and before != now:
                yield Drift(trait, before, now)
    elif each.repository and past.repository and _place(each.repository) != _place(past.repository):
        yield Drift(Trait.REPOSITORY, past.repository, each.repository)
    if each.publisher and past.publisher and each.publisher != past.publisher:
        yield Drift(Trait.PUBLISHER, past.publisher, each.publisher)
    elif each.user and past.user and not each.publisher and each.user not in past.users:
        yield Drift(Trait.PUBLISHER, past.user, each.user)


def _traits(before: Identity, now: Identity) -> Iterator[tuple[Trait, str | None, str | None]]:
    yield Trait.REPOSITORY, before.source_repository, now.source_repository
    yield Trait.REPOSITORY_ID, before.repository_id, now.repository_id
    yield Trait.OWNER, before.owner_id, now.owner_id
    yield Trait.WORKFLOW, workflow(before), workflow(now)
    yield Trait.RUNNER, before.runner_environment, now.runner_environment
    yield Trait.TRIGGER, before.trigger, now.trigger


def workflow(identity: Identity) -> str | None:
    """Return the path of the workflow in its repository, without the ref, which each release has its own of."""
    named = identity.workflow or identity.signer
    if named is None:
        return None
    path = without_ref(named, identity.source_ref)
    return path.removeprefix(f"{identity.source_repository}/") if identity.source_repository else path


def _published(version: str, manifest: Mapping[str, object], time: str | None) -> Published:
    user = _table(manifest.get("_npmUser"))
    dist = _table(manifest.get("dist"))
    trusted = user.get("trustedPublisher")
    attested = _table(dist.get("attestations")).get("provenance")
    level = Level.TRUSTED_PUBLISHER if trusted else Level.PROVENANCE if attested else Level.NONE
    repository = manifest.get("repository")
    return Published(
        version,
        time,
        level=level,
        user=_text(user.get("name")),
        publisher=_text(_table(trusted).get("id")) if trusted else None,
        repository=_text(repository) or _text(_table(repository).get("url")),
        integrity=_text(dist.get("integrity")),
        deprecated=bool(manifest.get("deprecated")),
    )


def _proven(each: Published, found: Fact[tuple[Attestation, ...]] | None) -> Published:
    match found:
        case None:
            return each
        case Unknown() as unknown:
            return replace(each, proof=unknown)
        case Known(attestations):
            mine = [one.outcome for one in attestations if one.kind is Kind.PROVENANCE]
            if not mine:
                return replace(each, proof=Unknown("the registry serves no provenance for it"))
            outcome: Outcome = mine[0]
            identity = outcome.identity if isinstance(outcome, Sound) else None
            return replace(each, proof=Known(outcome), identity=identity)


def _prerelease(each: Published) -> bool:
    return "-" in each.version.partition("+")[0]


def _place(repository: str) -> str:
    """Return the repository that an address names, however it is spelt; forges tell no case apart."""
    address = addresses.read(repository)
    return (address.url if address else repository).lower()


def _text(value: object) -> str | None:
    match value:
        case str(text) if text:
            return text
        case _:
            return None


def _table(value: object) -> Mapping[str, object]:
    match value:
        case dict(table):
            return table
        case _:
            return {}
