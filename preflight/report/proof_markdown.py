"""The report of `verify` in Markdown and as annotations, for CI runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.report.clean import clean
from preflight.report.github import COMMANDS, MOST, command
from preflight.report.markdown import code, escape, prose, within
from preflight.report.proof import Proven
from preflight.report.proof_text import LIMITS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.report.custody import Link
    from preflight.report.proof import Proof, Verification

WORDS = {True: "ok", False: "**broken**", None: "–"}  # noqa: RUF001


def proof_markdown(run: Verification) -> str:
    """Return the report as Markdown, the verdict first, the links of what is verified among several folded."""
    return within(_lines(run))


def proof_annotations(run: Verification) -> Iterator[str]:
    """Return a workflow command for each finding, and one for each package that is not verified without any."""
    kinds: dict[str, list[tuple[str, str]]] = {}
    for kind, title, message in _annotated(run):
        kinds.setdefault(kind, []).append((title, message))
    for kind, found in kinds.items():
        shown = found if len(found) <= MOST else found[: MOST - 1]
        yield from (command(kind, {"title": title}, message) for title, message in shown)
        if more := len(found) - len(shown):
            yield command(kind, {"title": "preflight"}, f"and {more} more; the log of this step lists them all")


def _annotated(run: Verification) -> Iterator[tuple[str, str, str]]:
    """Yield kind, title and text of each annotation."""
    for proof in run.proofs:
        found = proof.findings()
        for rule, judged in found:
            kind = judged.severity if judged.finding.sure else "unsure"
            unsure = "" if judged.finding.sure else "unsure: "
            yield COMMANDS[kind], f"{unsure}{rule.name}", f"{clean(proof.name)}: {clean(judged.finding.message)}"
        for result in proof.crashed:
            yield "error", f"preflight: bug in {result.rule.name}", clean(result.reason or "")
        if proof.verdict is not Proven.VERIFIED and not found:
            yield "warning", "not verified", f"{clean(proof.name)}: {clean(proof.why)}"


def _lines(run: Verification) -> Iterator[str]:
    yield f"### preflight: {_headline(run)}"
    for proof in run.proofs:
        yield ""
        yield from _package(proof, alone=len(run.proofs) == 1)
    yield ""
    trusted = run.trusted
    dated = f", of {trusted.date}" if trusted and trusted.date else ""
    said = f" Trusted: Sigstore root {trusted.root}{dated}, npm's keys {trusted.npm_keys}." if trusted else ""
    yield f"_{escape(f'It {LIMITS}.')}{escape(said)}_"


def _headline(run: Verification) -> str:
    if len(run.proofs) == 1:
        (proof,) = run.proofs
        words = {
            Proven.VERIFIED: "is verified",
            Proven.FAILED: "is not verified",
            Proven.INCONCLUSIVE: "cannot be told",
        }
        return f"{escape(proof.release.name)} {escape(proof.release.version)} {words[proof.verdict]}"
    return escape(run.conclusion)


def _package(proof: Proof, *, alone: bool) -> Iterator[str]:
    folded = not alone and proof.verdict is Proven.VERIFIED
    title = f"**{escape(proof.name)}** {escape(proof.why)}"
    yield f"<details><summary>{_summary(proof)}</summary>" if folded else title
    for rule, judged in proof.findings():
        kind = judged.severity if judged.finding.sure else "unsure"
        yield f"* {kind} `{rule.name}`: {prose(judged.finding.message)}"
    for result in proof.crashed:
        yield f"* bug in the rule `{result.rule.name}`: {escape(result.reason or '')}"
    if proof.chain:
        yield ""
        yield "| link | value | |"
        yield "| --- | --- | --- |"
        yield from (_row(link) for link in proof.chain)
    if folded:
        yield ""
        yield "</details>"


def _summary(proof: Proof) -> str:
    """Return a line of HTML, in which Markdown is not read."""
    from html import escape as html

    return f"{html(clean(proof.name, runner=True))} {html(clean(proof.why, runner=True))}"


def _row(link: Link) -> str:
    value = f"{code(link.value)} " if link.value else ""
    return f"| {link.name} | {value}{escape(link.what)} | {WORDS[link.holds]} |"
