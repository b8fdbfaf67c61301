"""The chain of custody: what leads from the tarball to the commit, link by link, whole or broken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.fact import Known, Unknown
from preflight.facts.online import Level
from preflight.facts.release import Code, Kind, Signed, Sound, State, Unchecked, Unsound
from preflight.records import KW_ONLY, dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.engine import Result
    from preflight.facts.release import Attestation, Expected, Identity, Release

TARBALL = "tarball"
ATTESTATION = "attestation"
CERTIFICATE = "certificate"
LOG = "transparency log"
STATEMENT = "statement"
REPOSITORY = "repository"
COMMIT = "commit"
REF = "ref"
WORKFLOW = "workflow"
RUN = "workflow run"
RUNNER = "runner"
VISIBILITY = "visibility"
BUILD = (REPOSITORY, COMMIT, REF, WORKFLOW, RUN, RUNNER, VISIBILITY)
"""What only a certificate tells."""
REGISTRY = "registry signature"
PUBLISH = "publish attestation"
LEVEL = "trust level"
PLAN = "plan"
WIDEST = len(PUBLISH)

CERTIFICATES = frozenset(
    {Code.UNTRUSTED_CHAIN, Code.BAD_SCT, Code.BAD_CERTIFICATE, Code.BAD_ISSUER, Code.OUTSIDE_VALIDITY}
)
"""Reasons that lie in the certificate, or in who issued it."""
LOGS = frozenset(
    {
        Code.UNKNOWN_LOG,
        Code.BAD_INCLUSION,
        Code.BAD_CHECKPOINT,
        Code.BAD_PROMISE,
        Code.BODY_DIFFERS,
        Code.NO_TIME,
        Code.BAD_TIMESTAMP,
    }
)
"""Reasons that lie in the log, or in the time that it gives."""
PREDICATES = {
    "https://slsa.dev/provenance/v1": "SLSA provenance v1",
    "https://slsa.dev/provenance/v0.2": "SLSA provenance v0.2",
}
ISSUERS = {
    "https://token.actions.githubusercontent.com": "GitHub Actions",
    "https://gitlab.com": "GitLab CI",
    "https://circleci.com": "CircleCI",
}
LEVELS = {
    Level.TRUSTED_PUBLISHER: "trusted publisher",
    Level.PROVENANCE: "provenance",
    Level.NONE: "no provenance",
}
SIGNATURES = {
    Signed.VALID: "npm's key signed name, version and integrity",
    Signed.INVALID: "does not fit name, version and integrity",
    Signed.MISSING: "is not there, although the registry has keys",
    Signed.UNKNOWN_KEY: "made with a key that is not npm's",
    Signed.EXPIRED_KEY: "made with a key that was no longer in use",
    Signed.NOT_SIGNING: "the registry has no keys, so that it signs nothing",
}
FOLDER = "/.github/workflows/"
FINAL = frozenset({State.COMPLETE, State.ABSENT})
"""States after which nothing more is to come."""
UNPROVEN = "nothing proves it"
UNTOLD = "the certificate does not say"


@dataclass(frozen=True, slots=True)
class Link:
    """One link: what it is, and why it holds or does not; `holds` is None where it was not, or cannot be, compared."""

    name: str
    holds: bool | None
    _: KW_ONLY
    value: str = ""
    what: str = ""

    @property
    def key(self) -> str:
        """The name for programs."""
        return self.name.replace(" ", "-")


def links(release: Release, results: tuple[Result, ...]) -> tuple[Link, ...]:
    """Return every link of a release that is published, whichever of them are broken.

    `results` are what the rules of phase `verify` say of it; an ignored finding breaks its link all the same.
    """
    objections = _Objections(results)
    identity = release.identity
    return (
        _tarball(release, objections),
        *_signed(release),
        _statement(release, objections),
        *_built(release, identity, objections),
        _registry(release),
        _publish(release),
        _level(release, objections),
        *_plan(release),
    )


class _Objections:
    """Which rules object, and which cannot tell."""

    def __init__(self, results: tuple[Result, ...]) -> None:
        found = [(result.rule.name, judged.finding.sure) for result in results for judged in result.findings]
        self._sure = {name for name, sure in found if sure}
        self._unsure = {name for name, sure in found if not sure} | {each.rule.name for each in results if each.crashed}

    def to(self, *rules: str) -> bool | None:
        """Return True where a rule objects, None where one cannot tell, and False otherwise."""
        if self._sure & {*rules}:
            return True
        return None if self._unsure & {*rules} else False

    def holds(self, *rules: str, known: bool) -> bool | None:
        """Return whether a link holds that these rules judge; only what is known can."""
        against = self.to(*rules)
        if against:
            return False
        return True if known and against is False else None


# -- the tarball and what is signed ---------------------------------------------------------------


def _tarball(release: Release, objections: _Objections) -> Link:
    value = f"{release.name.rpartition('/')[2]}-{release.version}.tgz"
    match release.tarball:
        case Unknown(why):
            return Link(TARBALL, None, value=value, what=why)
        case Known(tarball):
            pass
    sound = release.sound(Kind.PROVENANCE)
    attested = sound.statement.subjects[0].sha512 if sound and len(sound.statement.subjects) == 1 else None
    same = attested == tarball.sha512
    holds = objections.holds("altered-tarball", "foreign-subject", known=same)
    digest = f"sha512 {_ends(tarball.sha512)}"
    if same:
        what = f"{digest} = attested subject" if holds else f"{digest}, but the attestation is about something else"
    else:
        what = f"{digest}, attested is {_ends(attested)}" if attested else f"{digest}, which nothing attests"
    return Link(TARBALL, holds, value=value, what=what)


def _signed(release: Release) -> Iterator[Link]:
    """Yield attestation, certificate and log, which one check covers: what it found first breaks its own link."""
    found = release.sole(Kind.PROVENANCE)
    match found.outcome if found else None:
        case None:
            yield from _unsigned(_missing(release))
        case Unsound(code, why):
            yield from _unsigned("not looked at: the check ended before", code, why)
        case Unchecked(_, why):
            yield from _unsigned(f"cannot be checked: {why}")
        case Sound() as sound:
            predicate = sound.statement.predicate_type
            signer = sound.identity
            issuer = signer.issuer if signer else None
            yield Link(
                ATTESTATION, True, value=PREDICATES.get(predicate, predicate), what="signed with the certificate below"
            )
            yield Link(
                CERTIFICATE, True, value=f"for {ISSUERS.get(issuer or '', issuer or 'nobody')}", what=_signer(signer)
            )
            entry = "" if sound.log_index is None else f"Rekor #{sound.log_index}"
            when = "" if sound.logged is None else f", {moment(sound.logged)}"
            yield Link(LOG, True, value=entry, what=f"included{when}")


def _unsigned(what: str, code: Code | None = None, why: str = "") -> Iterator[Link]:
    broken = None if code is None else CERTIFICATE if code in CERTIFICATES else LOG if code in LOGS else ATTESTATION
    for name in (ATTESTATION, CERTIFICATE, LOG):
        yield Link(name, False, value=str(code), what=why) if name == broken else Link(name, None, what=what)


def _missing(release: Release) -> str:
    match release.attestations:
        case Unknown(why):
            return why
        case Known(found):
            several = sum(each.kind is Kind.PROVENANCE for each in found) > 1
            return "there are several" if several else "there is none"


def _statement(release: Release, objections: _Objections) -> Link:
    sound = release.sound(Kind.PROVENANCE)
    build = sound.statement.build if sound else None
    holds = objections.holds("contradicting-predicate", known=build is not None)
    said = {True: "tells what the certificate tells", False: "tells another story than the certificate", None: UNPROVEN}
    return Link(STATEMENT, holds, what=said[holds])


# -- who built it ---------------------------------------------------------------------------------


def _built(release: Release, identity: Identity | None, objections: _Objections) -> Iterator[Link]:
    expectation = release.expectation
    if identity is None:
        yield from (Link(name, None, what=UNPROVEN) for name in BUILD)
        return
    repository = identity.source_repository
    yield _compared(
        REPOSITORY,
        _slug(repository),
        expectation.repository or expectation.repository_id,
        objections.to("foreign-repository"),
    )
    yield _compared(COMMIT, (identity.source_commit or "")[:12], expectation.commit, objections.to("foreign-commit"))
    yield _compared(REF, identity.source_ref or "", expectation.ref, objections.to("foreign-ref"))
    yield _compared(
        WORKFLOW,
        _inside(identity.workflow or identity.signer, repository),
        expectation.workflow or expectation.signer,
        objections.to("foreign-workflow"),
    )
    if identity.run:
        trigger = f"started by {identity.trigger}" if identity.trigger else ""
        known = identity.trigger is not None
        yield Link(RUN, objections.holds("risky-trigger", known=known), value=_run(identity.run), what=trigger)
    runner = identity.runner_environment
    yield Link(
        RUNNER, objections.holds("hosted-elsewhere", known=runner is not None), value=runner or "", what=_unsaid(runner)
    )
    seen = identity.visibility
    yield Link(
        VISIBILITY,
        objections.holds("private-build", known=seen is not None),
        value=f"{seen} source" if seen else "",
        what="when it was signed" if seen else UNTOLD,
    )


def _compared(name: str, value: str, expected: Expected | None, against: bool | None) -> Link:
    if not value:
        return Link(name, False if against else None, what=UNTOLD)
    if expected is None:
        # A rule may know better than this link what was expected.
        holds = False if against else None
        return Link(name, holds, value=value, what="not expected" if against else "compared with nothing")
    if against:
        return Link(name, False, value=value, what=f"expected {_slug(expected.value)} ({expected.by})")
    if against is None:
        return Link(name, None, value=value, what=f"cannot be compared with {expected.by}")
    return Link(name, True, value=value, what=f"= {expected.by}")


def _unsaid(value: str | None) -> str:
    return "" if value else UNTOLD


# -- what npm says --------------------------------------------------------------------------------


def _registry(release: Release) -> Link:
    match release.signed:
        case Unknown(why):
            return Link(REGISTRY, None, what=why)
        case Known(Signed.NOT_SIGNING):
            return Link(REGISTRY, None, what=SIGNATURES[Signed.NOT_SIGNING])
        case Known(signed):
            return Link(REGISTRY, signed is Signed.VALID, what=SIGNATURES[signed])


def _publish(release: Release) -> Link:
    found: Attestation | None = release.sole(Kind.PUBLISH)
    match found.outcome if found else None:
        case None:
            return Link(PUBLISH, None, what=_missing_publish(release))
        case Sound(logged=logged):
            when = "" if logged is None else f", {moment(logged)}"
            return Link(PUBLISH, True, what=f"signed by the registry{when}")
        case Unsound(code, why):
            return Link(PUBLISH, False, value=str(code), what=why)
        case Unchecked(_, why):
            return Link(PUBLISH, None, what=f"cannot be checked: {why}")


def _missing_publish(release: Release) -> str:
    match release.attestations:
        case Unknown(why):
            return why
        case Known(found):
            several = sum(each.kind is Kind.PUBLISH for each in found) > 1
            return "there are several" if several else "there is none"


def _level(release: Release, objections: _Objections) -> Link:
    match release.level:
        case Unknown(why):
            return Link(LEVEL, None, what=why)
        case Known(level):
            pass
    holds = objections.holds("lost-provenance", known=True)
    if not release.earlier:
        return Link(LEVEL, holds, value=LEVELS[level], what="no earlier version to compare with")
    best = max(release.earlier, key=lambda each: each.level.rank)
    if best.level.rank > level.rank:
        # Before the attestation is there, its level is not final.
        holds = False if isinstance(release.state, Known) and release.state.value in FINAL else None
        return Link(LEVEL, holds, value=LEVELS[level], what=f"{best.version} had {LEVELS[best.level]}: a downgrade")
    last = release.earlier[0]
    said = f"the same as {last.version}" if last.level is level else f"{last.version} had {LEVELS[last.level]}"
    return Link(LEVEL, holds, value=LEVELS[level], what=said)


def _plan(release: Release) -> Iterator[Link]:
    if not release.promises:
        return
    broken = [each.field for each in release.promises if each.broken]
    open_ = [each for each in release.promises if each.predicted is None or each.attested is None]
    kept = len(release.promises) - len(broken) - len(open_)
    parts = [f"{kept} as foretold"]
    parts += [f"{len(broken)} not: {', '.join(broken)}"] if broken else []
    parts += [f"{len(open_)} not to be foretold"] if open_ else []
    yield Link(PLAN, not broken, value=f"{len(release.promises)} fields", what=", ".join(parts))


# -- words ----------------------------------------------------------------------------------------


def moment(logged: int) -> str:
    """Return seconds since 1970 as a person reads them, in UTC."""
    from datetime import UTC, datetime

    try:
        return f"{datetime.fromtimestamp(logged, UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (ValueError, OverflowError, OSError):
        return "at no time that there is"


def slug(url: str | None) -> str:
    """Return a repository as people name it: `Owner/Repo`, and in full where it is not on github.com."""
    return _slug(url)


def _slug(url: str | None) -> str:
    return (url or "").removeprefix("https://github.com/")


def _inside(workflow: str | None, repository: str | None) -> str:
    """Return a workflow without the repository that it stands in, where that is the source's own: `ci.yml@v1.2.3`."""
    place, mark, file = (workflow or "").partition(FOLDER)
    short = file.replace("@refs/tags/", "@", 1).replace("@refs/heads/", "@", 1)
    if not mark:
        return place
    return short if place == repository else f"{_slug(place)} {short}"


def _signer(identity: Identity | None) -> str:
    if identity is None:
        return "signed by a key"
    return _inside(identity.signer or identity.workflow, None)


def _run(run: str) -> str:
    """Return the address of a run in short, as GitHub's are formed: `run 35081590186, attempt 1`."""
    _, mark, rest = run.partition("/actions/runs/")
    if not mark:
        return run
    number, _, attempt = rest.partition("/attempts/")
    return f"run {number}, attempt {attempt}" if attempt else f"run {number}"


def _ends(digest: str | None) -> str:
    return f"{(digest or '')[:4]}…{(digest or '')[-4:]}"
