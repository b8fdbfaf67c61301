"""A published version: what the registry shows, what the attestations prove, and what was expected."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from preflight.facts.fact import Known, Unknown
from preflight.records import KW_ONLY, dataclass

if TYPE_CHECKING:
    from preflight.facts.fact import Fact
    from preflight.facts.online import Level


RISKY = frozenset({"pull_request_target", "workflow_run", "issue_comment"})
"""Events, as a certificate names them, that a stranger can cause and that run with the repository's own rights."""
COMMIT = frozenset({40, 64})
"""How many hexadecimal digits a commit has: SHA-1, or SHA-256."""
DIGITS = frozenset("0123456789abcdef")


class Kind(StrEnum):
    """Whose attestation it is: the publisher's, or npm's own about the publish."""

    PROVENANCE = "provenance"
    PUBLISH = "publish"


HOSTED = frozenset({"github-hosted", "gitlab-hosted"})
"""What a certificate calls a machine of the CI provider's own; npm's registry takes provenance from no other."""


class Code(StrEnum):
    """Why an attestation does not hold, or could not be checked; the words that scripts may rely on."""

    MALFORMED = "malformed"
    UNKNOWN_FORMAT = "unknown-format"
    SEVERAL = "several"
    UNKNOWN_LOG = "unknown-log"
    UNKNOWN_KEY = "unknown-key"
    EXPIRED_KEY = "expired-key"
    OUTSIDE_VALIDITY = "outside-validity"
    NO_TIME = "no-time"
    UNTRUSTED_CHAIN = "untrusted-chain"
    BAD_SCT = "bad-sct"
    BAD_CERTIFICATE = "bad-certificate"
    BAD_ISSUER = "bad-issuer"
    WRONG_SIGNER = "wrong-signer"
    BAD_INCLUSION = "bad-inclusion"
    BAD_CHECKPOINT = "bad-checkpoint"
    BAD_PROMISE = "bad-promise"
    BAD_SIGNATURE = "bad-signature"
    BODY_DIFFERS = "body-differs"
    BAD_PAYLOAD_TYPE = "bad-payload-type"
    BAD_TIMESTAMP = "bad-timestamp"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who signed, as Fulcio wrote it into the certificate; what an old certificate lacks is None.

    Extensions 1.3.6.1.4.1.57264.1.N of github.com/sigstore/fulcio/blob/main/docs/oid-info.md.
    """

    issuer: str | None = None
    signer: str | None = None
    """The workflow that signs, with its ref: the reusable one where there is one (the SAN, and N = 9)."""
    runner_environment: str | None = None
    source_repository: str | None = None
    source_commit: str | None = None
    source_ref: str | None = None
    repository_id: str | None = None
    owner_id: str | None = None
    workflow: str | None = None
    """The top-level workflow with its ref (N = 18)."""
    workflow_commit: str | None = None
    trigger: str | None = None
    run: str | None = None
    visibility: str | None = None

    @property
    def hosted(self) -> bool | None:
        """Whether the build ran on a machine of the CI provider's own; None where the certificate does not say."""
        return None if self.runner_environment is None else self.runner_environment in HOSTED

    @property
    def entry(self) -> str | None:
        """The path of the top-level workflow within the source repository, without its ref.

        Old certificates name only the workflow that signs. None where nothing is named, or another repository's.
        """
        named = self.workflow or self.signer
        if named is None or self.source_repository is None:
            return None
        home, path = f"{self.source_repository}/", without_ref(named, self.source_ref)
        # GitLab puts two slashes between the project and the file.
        return path.removeprefix(home).removeprefix("/") if path.startswith(home) else None


@dataclass(frozen=True, slots=True)
class Subject:
    """What a statement is about: a package URL and the digests, by algorithm, in lower-case hexadecimal."""

    name: str
    digests: tuple[tuple[str, str], ...]

    @property
    def sha512(self) -> str | None:
        """The digest that npm uses."""
        return dict(self.digests).get("sha512")


@dataclass(frozen=True, slots=True)
class Build:
    """What a provenance predicate tells; npm's CLI writes it from the job's environment.

    Field by field as in a certificate, so that both can be compared; None where the predicate does not say.
    """

    build_type: str | None
    repository: str | None
    _: KW_ONLY
    workflow: str | None = None
    """`path@ref` of the top-level workflow, as the predicate tells it."""
    ref: str | None = None
    commit: str | None = None
    uri: str | None = None
    """`resolvedDependencies[0].uri`."""
    builder: str | None = None
    run: str | None = None
    repository_id: str | None = None
    owner_id: str | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """An in-toto statement whose signature holds."""

    predicate_type: str
    subjects: tuple[Subject, ...]
    _: KW_ONLY
    build: Build | None = None
    """Of provenance."""
    package: tuple[str, str, str] | None = None
    """Of a publish attestation: name, version and registry as its predicate says them."""


@dataclass(frozen=True, slots=True)
class Sound:
    """An attestation that holds: signature, certificate or key, time and transparency log."""

    statement: Statement
    identity: Identity | None
    """None for an attestation that a key signs."""
    logged: int | None
    """When it entered the transparency log, in seconds since 1970."""
    log_index: int | None = None


@dataclass(frozen=True, slots=True)
class Unsound:
    """An attestation that does not hold."""

    code: Code
    why: str


@dataclass(frozen=True, slots=True)
class Unchecked:
    """An attestation in a form that preflight cannot check."""

    code: Code
    why: str


Outcome = Sound | Unsound | Unchecked


@dataclass(frozen=True, slots=True)
class Attestation:
    """One attestation as the registry lists it, and what came of checking it."""

    kind: Kind | None
    """None for a predicate that is neither."""
    predicate_type: str
    outcome: Outcome


class State(StrEnum):
    """How far a published version is, as the registry shows it."""

    UNPUBLISHED = "unpublished"
    STAGED = "staged"
    NO_ATTESTATION_YET = "no-attestation-yet"
    ADVERTISED_BUT_MISSING = "advertised-but-missing"
    ABSENT = "absent"
    COMPLETE = "complete"


class Signed(StrEnum):
    """What the registry's own signature over name, version and integrity is worth."""

    VALID = "valid"
    INVALID = "invalid"
    MISSING = "missing"
    UNKNOWN_KEY = "unknown-key"
    EXPIRED_KEY = "expired-key"
    NOT_SIGNING = "not-signing"
    """The registry has no keys, so that it signs nothing."""


@dataclass(frozen=True, slots=True)
class Tarball:
    """The bytes that the registry serves: their digest, and what the package.json inside says."""

    sha512: str
    """In lower-case hexadecimal."""
    name: str | None
    version: str | None
    why: str | None = None
    """What hinders to tell name and version: it completes "the tarball …"."""


@dataclass(frozen=True, slots=True)
class Expected:
    """A value that something must have, and who says so: `--repo`, `preflight.toml`, `git tag v1.2.3`."""

    value: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """The identity that a release must have; what is None is not compared."""

    repository: Expected | None = None
    """`https://host/Owner/Repo`, compared exactly."""
    repository_id: Expected | None = None
    commit: Expected | None = None
    ancestors: tuple[str, ...] | None = None
    """Commits that lead to the expected one, where the history is here; None where it is not."""
    commits_while_releasing: bool = False
    """Whether the publisher commits during the release, so that an ancestor of the tag's commit is attested."""
    ref: Expected | None = None
    workflow: Expected | None = None
    """The path of the top-level workflow, without a ref."""
    signer: Expected | None = None
    run: Expected | None = None
    hosted: bool = True
    level: Level | None = None
    """The trust level that `[expect] publisher` asks for."""


@dataclass(frozen=True, slots=True)
class Promise:
    """One field of a plan beside what the attestation says: None where the plan could not predict it."""

    field: str
    predicted: str | None
    attested: str | None

    @property
    def broken(self) -> bool:
        """Whether both are known and differ."""
        return None not in {self.predicted, self.attested} and self.predicted != self.attested


@dataclass(frozen=True, slots=True)
class Earlier:
    """A version that was published before, its trust level and, where it was verified, its identity."""

    version: str
    level: Level
    identity: Identity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """Everything that a rule of phase `verify` may know about one version of one package."""

    name: str
    version: str
    state: Fact[State]
    """Unknown where the registry could not be asked."""
    waited: bool = True
    """Whether the time within which an attestation may still appear is over."""
    level: Fact[Level]
    attestations: Fact[tuple[Attestation, ...]]
    integrity: str | None = None
    """`dist.integrity` as the registry serves it."""
    tarball: Fact[Tarball]
    signed: Fact[Signed]
    expectation: Expectation
    promises: tuple[Promise, ...] = ()
    """Field by field, where a plan foretells this package."""
    offline: bool = False
    """Whether files stand for the registry's answers, so that nothing is known which it alone tells."""
    earlier: tuple[Earlier, ...] = ()
    """Those that count for a comparison, the newest first."""

    @property
    def purl(self) -> str:
        """The name that a statement's subject must have: `pkg:npm/%40scope/name@1.2.3`."""
        return f"pkg:npm/{self.name.replace('@', '%40', 1) if self.name.startswith('@') else self.name}@{self.version}"

    @property
    def unseen(self) -> str | None:
        """Why there is no published version to judge; None where there is."""
        match self.state:
            case Known(State.UNPUBLISHED | State.STAGED):
                return "the registry does not show this version"
            case Unknown(why):
                return why
            case Known():
                return None

    @property
    def unlisted(self) -> str | None:
        """Why there is no attestation to judge; None where there is one."""
        match self.attestations:
            case Unknown(why):
                return self.unseen or why
            case Known(()):
                return self.unseen or "there are no attestations"
            case Known():
                return self.unseen

    @property
    def unproven(self) -> str | None:
        """Why nothing is proven of who built this package; None where it is."""
        if why := self.unlisted:
            return why
        match self.sound(Kind.PROVENANCE):
            case Sound(identity=Identity()) as sound:
                return None if self.subject(sound) else "the provenance is about another package"
            case _:
                known = isinstance(self.attestations, Known) and self.attestations.value
                mine = known and any(each.kind is Kind.PROVENANCE for each in known)
                return "the provenance does not hold" if mine else "there is no provenance"

    @property
    def incomparable(self) -> str | None:
        """Why its trust level cannot be compared; None where it can."""
        match self.level:
            case Unknown(why):
                return why
            case Known():
                compared = self.earlier or self.expectation.level
                return None if compared else "no version before it counts, and no level is expected"

    @property
    def predecessor(self) -> Earlier | None:
        """The newest of the earlier versions whose provenance was verified."""
        return next((each for each in self.earlier if each.identity), None)

    @property
    def pinned(self) -> str | None:
        """The SHA-512 of `dist.integrity` in hexadecimal; empty where it names no single one, None without integrity.

        A word may have options behind a `?` (Subresource Integrity, 3.1 to 3.3).
        """
        if self.integrity is None:
            return None
        from base64 import b64decode

        found = [word.partition("?")[0] for word in self.integrity.split() if word.startswith("sha512-")]
        try:
            return b64decode(found[0].removeprefix("sha512-"), validate=True).hex() if len(found) == 1 else ""
        except ValueError:
            return ""

    @property
    def identity(self) -> Identity | None:
        """Who built this package, where that is proven."""
        sound = None if self.unproven else self.sound(Kind.PROVENANCE)
        return sound.identity if sound else None

    def subject(self, sound: Sound) -> Subject | None:
        """Return the subject of an attestation that is about this package, and about no other; None for any other."""
        subjects = sound.statement.subjects
        return subjects[0] if len(subjects) == 1 and subjects[0].name == self.purl else None

    def sole(self, kind: Kind) -> Attestation | None:
        """Return the one attestation of a kind; None where there is none, or more than one."""
        match self.attestations:
            case Known(found):
                mine = [each for each in found if each.kind is kind]
                return mine[0] if len(mine) == 1 else None
            case Unknown():
                return None

    def sound(self, kind: Kind) -> Sound | None:
        """Return what the one attestation of a kind proves; None where nothing is proven."""
        each = self.sole(kind)
        match each.outcome if each else None:
            case Sound() as sound:
                return sound
            case _:
                return None


def without_ref(uri: str, ref: str | None = None) -> str:
    """Return the address of a workflow without the ref behind it: a given one, one of git's, or a commit.

    Names of files may hold `@` too, so that the first one need not be where the ref begins.
    """
    if ref and uri.endswith(f"@{ref}"):
        return uri.removesuffix(f"@{ref}")
    path, mark, _ = uri.partition("@refs/")
    if mark:
        return path
    path, _, commit = uri.rpartition("@")
    return path if len(commit) in COMMIT and DIGITS.issuperset(commit) else uri
