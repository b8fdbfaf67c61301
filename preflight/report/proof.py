"""One run of `verify`, as every report shows it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from preflight.engine import Result, Verdict, count
from preflight.errors import Exit
from preflight.facts.fact import Known, Unknown
from preflight.facts.release import State
from preflight.finding import Severity
from preflight.records import dataclass
from preflight.report.custody import links, slug

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.engine import Judged, Summary
    from preflight.facts.release import Release
    from preflight.report.custody import Link
    from preflight.rulebook import Rule

STATES = {
    State.UNPUBLISHED: "the registry does not show it",
    State.STAGED: "it is not public: it may be staged, and waiting for a maintainer",
    State.NO_ATTESTATION_YET: "it is published, and its attestations are not visible yet",
    State.ADVERTISED_BUT_MISSING: "the registry names attestations for it, and serves none",
    State.ABSENT: "it is published without provenance",
    State.COMPLETE: "it is published with its attestations",
}
HOSTILE = frozenset(
    {
        "altered-tarball",
        "foreign-commit",
        "foreign-repository",
        "foreign-subject",
        "foreign-workflow",
        "invalid-attestation",
        "invalid-registry-signature",
    }
)
"""Rules that may object because somebody else published."""


class Proven(StrEnum):
    """What came of a release."""

    VERIFIED = "verified"
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True)
class Trusted:
    """What was trusted, in words: the Sigstore root with its date, and npm's keys with theirs."""

    root: str
    date: str | None
    npm_keys: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """One release with what the rules say of it; `ended` says why nobody waits any longer."""

    release: Release
    results: tuple[Result, ...]
    threshold: Severity = Severity.ERROR
    """The least severity of a finding that makes it fail."""
    ended: str | None = None

    @property
    def name(self) -> str:
        """The package with its version, as people write it."""
        return f"{self.release.name}@{self.release.version}"

    @property
    def verdict(self) -> Proven:
        """What came of it; only what a sound attestation proves is verified, whatever was ignored."""
        counted = [judged for result in self.results for judged in result.counted]
        if any(judged.finding.sure and judged.severity.rank <= self.threshold.rank for judged in counted):
            return Proven.FAILED
        if self.crashed or any(not judged.finding.sure for judged in counted):
            return Proven.INCONCLUSIVE
        match self.release.state:
            case Known(State.COMPLETE) if self.release.identity:
                return Proven.VERIFIED
            case _:
                return Proven.INCONCLUSIVE

    @property
    def crashed(self) -> tuple[Result, ...]:
        """The rules with a bug."""
        return tuple(result for result in self.results if result.crashed)

    @property
    def published(self) -> bool:
        """Whether there is a version whose links can be looked at."""
        match self.release.state:
            case Unknown() | Known(State.UNPUBLISHED | State.STAGED):
                return False
            case Known():
                return True

    @property
    def chain(self) -> tuple[Link, ...]:
        """The chain of custody; empty where nothing is published."""
        return links(self.release, self.results) if self.published else ()

    def findings(self, *, ignored: bool = False) -> tuple[tuple[Rule, Judged], ...]:
        """Return the findings to show: the worst first, unsure ones last."""
        found = [
            (result.rule, judged)
            for result in self.results
            for judged in (result.findings if ignored else result.counted)
        ]
        return tuple(
            sorted(found, key=lambda each: (not each[1].finding.sure, each[1].severity.rank, not each[0].core))
        )

    @property
    def why(self) -> str:
        """Why it is not verified, in a part of a sentence; for what is verified, what that says."""
        match self.verdict:
            case Proven.VERIFIED:
                return f"was built from {self.origin}"
            case Proven.FAILED:
                return next(iter(self.findings()))[1].finding.message
            case Proven.INCONCLUSIVE:
                return self._doubt()

    @property
    def origin(self) -> str:
        """Repository and commit, such as `acme/widgets@9f3c2ab`."""
        identity = self.release.identity
        if identity is None or identity.source_repository is None:
            return "a repository that its certificate does not name"
        return f"{slug(identity.source_repository)}@{(identity.source_commit or 'unknown')[:7]}"

    @property
    def hostile(self) -> bool:
        """Whether somebody else may have published it."""
        return self.verdict is Proven.FAILED and any(
            rule.name in HOSTILE and judged.finding.sure for rule, judged in self.findings()
        )

    @property
    def open(self) -> bool:
        """Whether nobody said which repository it must come from, so that anybody may have built it."""
        expectation = self.release.expectation
        return expectation.repository is None and expectation.repository_id is None

    def _doubt(self) -> str:
        match self.release.state:
            case Unknown(why):
                said = why
            case Known(State.COMPLETE):
                doubts = [judged.finding.doubt or judged.finding.message for _, judged in self.findings()]
                said = next(iter(doubts), self.release.unproven or "nothing proves where it was built")
                if self.crashed:
                    said = f"the rule `{self.crashed[0].rule.name}` has a bug"
            case Known(state):
                said = STATES[state]
        return f"{said} ({self.ended})" if self.ended else said


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """All releases of one run, and what decides how they are shown."""

    proofs: tuple[Proof, ...]
    trusted: Trusted | None
    """None where nothing was looked at."""
    version: str
    root: str = "."
    lenient: bool = False
    """Whether a failed verification does not fail the run (`--fail-on never`)."""
    show_ignored: bool = False
    quiet: int = 0
    verbose: int = 0
    seconds: float | None = None
    offline: bool = False
    again: str = "preflight verify"
    """The command to come back with."""

    @property
    def code(self) -> Exit:
        """How the run ends: a bug first, then a failure, then a doubt."""
        found = {proof.verdict for proof in self.proofs}
        if any(proof.crashed for proof in self.proofs):
            return Exit.BUG
        if Proven.FAILED in found and not self.lenient:
            return Exit.FINDINGS
        return Exit.INCONCLUSIVE if Proven.INCONCLUSIVE in found else Exit.PASSED

    @property
    def results(self) -> tuple[Result, ...]:
        """The result of each rule over all releases."""
        by_rule: dict[str, list[Result]] = {}
        for proof in self.proofs:
            for result in proof.results:
                by_rule.setdefault(result.rule.name, []).append(result)
        return tuple(_merged(results) for results in by_rule.values())

    @property
    def summary(self) -> Summary:
        """How many findings there are of each kind."""
        return count(self.results)

    def counted(self, verdict: Proven) -> int:
        """Return how many releases have a verdict."""
        return sum(proof.verdict is verdict for proof in self.proofs)

    @property
    def conclusion(self) -> str:
        """The result in one sentence."""
        if len(self.proofs) == 1:
            return next(self._sentences())
        verified, failed, open_ = (self.counted(verdict) for verdict in Proven)
        if verified == len(self.proofs):
            return f"Verified. All {verified} packages were built where they should be."
        parts = [f"{verified} verified"]
        parts += [f"{failed} not verified"] if failed else []
        parts += [f"{open_} inconclusive"] if open_ else []
        return f"{'Not verified' if failed else 'Inconclusive'}. Of {len(self.proofs)} packages {', '.join(parts)}."

    def _sentences(self) -> Iterator[str]:
        for proof in self.proofs:
            match proof.verdict:
                case Proven.VERIFIED:
                    yield f"Verified. {proof.name} {proof.why}"
                case Proven.FAILED:
                    named = proof.release.name in proof.why
                    why = f"{proof.why[:1].upper()}{proof.why[1:]}" if named else f"{proof.name}: {proof.why}"
                    yield f"Not verified. {why}"
                case Proven.INCONCLUSIVE:
                    yield f"Inconclusive. {proof.name}: {proof.why}"


_ORDER = (Verdict.FAILED, Verdict.UNSURE, Verdict.PASSED, Verdict.SKIPPED)


def _merged(results: list[Result]) -> Result:
    """Return what a rule says of all releases together; the worst verdict counts."""
    worst = min(results, key=lambda result: _ORDER.index(result.verdict))
    return Result(
        worst.rule,
        worst.verdict,
        tuple(judged for result in results for judged in result.findings),
        reason=worst.reason,
        crashed=next((result.crashed for result in results if result.crashed), None),
    )
