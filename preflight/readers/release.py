"""A published version as facts: what the registry shows of it, or what files hold in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.errors import UsageError
from preflight.facts.fact import Known, Unknown
from preflight.facts.online import Level
from preflight.facts.release import Attestation, Code, Earlier, Expectation, Kind, Release, Sound, State, Unsound
from preflight.readers.answers import Absent
from preflight.readers.documents import MalformedError
from preflight.readers.versions import versions
from preflight.records import KW_ONLY, dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from preflight.facts.fact import Fact
    from preflight.facts.release import Promise, Signed, Tarball
    from preflight.facts.versions import Published
    from preflight.readers.answers import Answer
    from preflight.readers.npm_keys import NpmKey
    from preflight.readers.planned import Plan
    from preflight.readers.registry import Registry
    from preflight.readers.trust import Trust

LARGEST = 16 * 1024 * 1024
"""Bytes of a file of attestations."""
OFFLINE = "no registry was asked (`--offline`)"
NOT_SERVED = "the registry does not show this version"


@dataclass(frozen=True, slots=True)
class Look:
    """How a release is looked at."""

    waited: bool = True
    """Whether the time within which something may still appear is over."""
    _: KW_ONLY
    staged: bool = False
    """Whether the version is published in two steps, so that one that is not there may wait for a maintainer."""
    drift: bool = True
    """Whether the version before is verified too, so that both can be compared."""
    keys: Answer[tuple[NpmKey, ...]] | None = None
    """The keys of the registry's signatures, where they are not npm's; Absent for a registry that signs nothing."""
    plan: Plan | None = None


LOOK = Look()


@dataclass(frozen=True, slots=True)
class _Page:
    """What the packument says of one version."""

    published: Published
    dist: Mapping[str, object]
    _: KW_ONLY
    time: str | None
    before: tuple[Published, ...]
    """The versions that trust is compared with, the newest first."""

    @property
    def advertised(self) -> bool:
        """Whether attestations are named."""
        return bool(_table(self.dist.get("attestations")))


def read(
    name: str, version: str, registry: Registry, trust: Trust, expectation: Expectation, look: Look = LOOK
) -> Release:
    """Ask a registry for a version and check what it serves; several may be read side by side."""
    match registry.packument(name):
        case Unknown() as unknown:
            return _unseen(name, version, unknown, expectation, look)
        case Absent():
            page = None
        case Known(document):
            page = _page(name, version, document)
    if page is None:
        state = State.STAGED if look.staged else State.UNPUBLISHED
        return _unseen(name, version, Known(state), expectation, look)
    return _seen(name, version, page, registry, trust, expectation, look)


def of_files(
    name: str,
    version: str,
    bundle: Path,
    tarball: Path | None,
    trust: Trust,
    expectation: Expectation,
    plan: Plan | None = None,
) -> Release:
    """Check attestations and a tarball in files, without asking anybody.

    `bundle` holds one attestation, or several as the registry serves them. Raises UsageError for files that cannot be
    read, or that are neither.
    """
    from preflight.readers import tarballs
    from preflight.source import named

    raw = named.read(bundle, LARGEST)
    match checked(raw, trust, str(bundle)):
        case Unknown(why):
            raise UsageError(why, "save what the registry serves under `/-/npm/v1/attestations/`")
        case Known() as attestations:
            pass
    nobody = Unknown(OFFLINE)
    bytes_: Fact[Tarball] = Unknown("no tarball is given (`--tarball`)")
    if tarball is not None:
        bytes_ = Known(tarballs.local(tarball))
    return Release(
        name=name,
        version=version,
        state=Known(State.COMPLETE),
        level=nobody,
        attestations=attestations,
        tarball=bytes_,
        signed=nobody,
        expectation=expectation,
        promises=_promises(plan, name, attestations),
        offline=True,
    )


def checked(raw: bytes, trust: Trust, whence: str) -> Fact[tuple[Attestation, ...]]:
    """Check a document of attestations; Unknown for what is none, such as a proxy's page of errors."""
    from preflight.readers import verifier
    from preflight.readers.answers import decoded

    try:
        return Known(verifier.attestations(raw, trust.verifier, trust.keys, trust.issuers))
    except MalformedError as error:
        why = str(error)
    match decoded(raw, whence):
        # What a lenient reader would accept, and a strict one does not, is made to be read in two ways.
        case Known({"attestations": list()} | {"mediaType": _}):
            return Known((Attestation(Kind.PROVENANCE, "", Unsound(Code.MALFORMED, why)),))
        case Known():
            return Unknown(f"{whence} holds no attestations")
        case Unknown() as unknown:
            return unknown
        case Absent():
            return Known(())


# -- what the registry shows ----------------------------------------------------------------------


def _unseen(name: str, version: str, state: Fact[State], expectation: Expectation, look: Look) -> Release:
    why = Unknown(state.why if isinstance(state, Unknown) else NOT_SERVED)
    return Release(
        name=name,
        version=version,
        state=state,
        waited=look.waited,
        level=why,
        attestations=why,
        tarball=why,
        signed=why,
        expectation=expectation,
        promises=_promises(look.plan, name, why),
    )


def _seen(
    name: str, version: str, page: _Page, registry: Registry, trust: Trust, expectation: Expectation, look: Look
) -> Release:
    from threading import Thread

    answers: list[Fact[tuple[Attestation, ...]] | None] = [None]
    bytes_: list[Fact[Tarball]] = []
    before: list[Earlier] = []

    def attest() -> None:
        answers[0] = _attested(name, version, registry, trust)

    def fetch() -> None:
        bytes_.append(_tarball(registry, page.dist.get("tarball")))

    def compare() -> None:
        before.extend(_earlier(name, page, registry, trust, look))

    # Of a thousand packages most have nothing to be compared with, and a thread costs as much as a signature.
    aside = [Thread(target=each, daemon=True) for each in ((fetch, compare) if page.before else (fetch,))]
    for each in aside:
        each.start()
    attest()
    for each in aside:
        each.join()
    listed = answers[0]
    integrity = page.published.integrity
    attestations = listed if listed is not None else Known(())
    return Release(
        name=name,
        version=version,
        state=Known(_state(page, listed, waited=look.waited)),
        waited=look.waited,
        level=Known(page.published.level),
        attestations=attestations,
        integrity=integrity,
        tarball=bytes_[0],
        signed=_signed(name, version, page, trust, look),
        expectation=expectation,
        promises=_promises(look.plan, name, attestations),
        earlier=tuple(before),
    )


def _page(name: str, version: str, document: Mapping[str, object]) -> _Page | None:
    """Return what a packument says of a version; None where it has none of that name."""
    manifest = _table(_table(document.get("versions")).get(version))
    if not manifest:
        return None
    found = versions(name, document).published
    mine = next(each for each in found if each.version == version)
    return _Page(mine, _table(manifest.get("dist")), time=mine.time, before=tuple(_before(mine, found)))


def _before(mine: Published, found: Iterable[Published]) -> Iterable[Published]:
    """Yield the versions that pnpm compares a version with: published before; prereleases for a prerelease only."""
    return (
        each
        for each in found
        if each.time and mine.time and each.time < mine.time and (_is_prerelease(mine) or not _is_prerelease(each))
    )


def _is_prerelease(each: Published) -> bool:
    return "-" in each.version.partition("+")[0]


def _attested(name: str, version: str, registry: Registry, trust: Trust) -> Fact[tuple[Attestation, ...]] | None:
    """Return the attestations of a version, checked; None where the registry has none."""
    match registry.attestations_raw(name, version):
        case Known(raw):
            return checked(raw, trust, registry.host)
        case Absent():
            return None
        case Unknown() as unknown:
            return unknown


def _state(page: _Page, listed: Fact[tuple[Attestation, ...]] | None, *, waited: bool) -> State:
    open_ = State.ABSENT if waited else State.NO_ATTESTATION_YET
    match listed:
        case None:
            return State.ADVERTISED_BUT_MISSING if page.advertised else open_
        case Unknown():
            return State.NO_ATTESTATION_YET
        case Known(found):
            kinds = {each.kind for each in found}
    if Kind.PROVENANCE not in kinds:
        return open_
    return State.COMPLETE if Kind.PUBLISH in kinds or waited else State.NO_ATTESTATION_YET


def _tarball(registry: Registry, said: object) -> Fact[Tarball]:
    match registry.tarball(said):
        case Absent():
            return Unknown(f"{registry.host} has no tarball where it says that there is one")
        case answer:
            return answer


def _signed(name: str, version: str, page: _Page, trust: Trust, look: Look) -> Fact[Signed]:
    from preflight.readers import registry_signature

    match look.keys:
        case None:
            keys = trust.keys
        case Known(theirs):
            keys = theirs
        case Absent():
            keys = ()
        case Unknown() as unknown:
            return unknown
    listed = page.dist.get("signatures")
    found = [_words(each) for each in listed] if isinstance(listed, list) else []
    published = page.published
    return Known(registry_signature.signed(name, version, published.integrity, {"signatures": found}, page.time, keys))


def _words(value: object) -> dict[str, str]:
    return {key: each for key, each in _table(value).items() if isinstance(each, str)}


# -- what came before -----------------------------------------------------------------------------


def _earlier(name: str, page: _Page, registry: Registry, trust: Trust, look: Look) -> Iterable[Earlier]:
    """Yield the versions before, the newest one with provenance verified where that is asked for."""
    wanted = next((each for each in page.before if each.level is not Level.NONE), None) if look.drift else None
    for each in page.before:
        identity = None
        if each is wanted:
            listed = _attested(name, each.version, registry, trust)
            stand_in = Unknown(OFFLINE)
            release = Release(
                name=name,
                version=each.version,
                state=Known(State.COMPLETE),
                level=stand_in,
                attestations=listed if listed is not None else Known(()),
                tarball=stand_in,
                signed=stand_in,
                expectation=Expectation(),
            )
            identity = release.identity
        yield Earlier(each.version, each.level, identity)


def _promises(plan: Plan | None, name: str, attestations: Fact[tuple[Attestation, ...]]) -> tuple[Promise, ...]:
    if plan is None:
        return ()
    match attestations:
        case Known(found):
            mine = [each.outcome for each in found if each.kind is Kind.PROVENANCE]
        case Unknown():
            mine = []
    match mine:
        case [Sound() as sound]:
            return plan.promises(name, sound)
        case _:
            return plan.promises(name, None)


def _table(value: object) -> Mapping[str, object]:
    match value:
        case dict(table):
            return table
        case _:
            return {}
