"""The report of `verify` for people: the chain of custody, what is wrong with it, and the verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.fact import Known
from preflight.facts.release import State
from preflight.report.custody import WIDEST
from preflight.report.full import INKS
from preflight.report.proof import Proven
from preflight.report.screen import Ink

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.engine import Judged
    from preflight.report.custody import Link
    from preflight.report.proof import Proof, Verification
    from preflight.report.screen import Screen
    from preflight.rulebook import Rule

SIGNS = {True: ("✔", Ink.GREEN), False: ("✘", Ink.RED), None: ("–", None)}  # noqa: RUF001
VERDICTS = {Proven.VERIFIED: Ink.GREEN, Proven.FAILED: Ink.RED, Proven.INCONCLUSIVE: Ink.YELLOW}
SIGNED = {Proven.VERIFIED: "✔", Proven.FAILED: "✘", Proven.INCONCLUSIVE: "–"}  # noqa: RUF001
ROOMY = 100
"""Columns from which on the values of links have a column of their own."""
VALUES = 28
"""Characters for that."""
MOST = 10
"""Verified packages that get a line each."""
SUPPORT = "https://www.npmjs.com/support"
STAGED = (
    "A maintainer sees it with `npm stage list` and publishes it with `npm stage approve <stage-id>`.",
    "Nothing is public until then.",
)
LIMITS = "proves where and how it was built, does not prove that its code is safe"


def proof_text(run: Verification, screen: Screen) -> Iterator[str]:
    """Return the lines of the report; findings alone if the run is quiet."""
    verified = [proof for proof in run.proofs if proof.verdict is Proven.VERIFIED]
    brief = len(run.proofs) > 1 and not run.verbose
    blocks: list[Iterator[str]] = []
    for proof in run.proofs:
        if brief and proof.verdict is Proven.VERIFIED and not proof.findings(ignored=run.show_ignored):
            continue
        blocks.append(_block(proof, run, screen))
    if brief and verified and not run.quiet:
        blocks.append(_listed(verified, screen))
    if not run.quiet:
        blocks.append(_footer(run, screen))
    first = True
    for block in blocks:
        lines = list(block)
        if lines and not first:
            yield ""
        first = first and not lines
        yield from lines


def proof_concise(run: Verification, screen: Screen) -> Iterator[str]:
    """Return a line for each finding, one for each package, and what it comes to."""
    for proof in run.proofs:
        name = screen.clean(proof.name)
        for rule, judged in proof.findings(ignored=run.show_ignored):
            ignored = " (ignored)" if judged.ignored else ""
            yield f"{name}: {_kind(judged)}[{rule.name}] {screen.clean(judged.finding.message)}{ignored}"
        for result in proof.crashed:
            yield f"{name}: bug[{result.rule.name}] {screen.clean(result.reason or '')}"
        if not run.quiet:
            yield f"{name}: {proof.verdict}: {screen.clean(proof.why)}"
    if not run.quiet and len(run.proofs) > 1:
        yield screen.clean(run.conclusion)


def _listed(proofs: list[Proof], screen: Screen) -> Iterator[str]:
    sign = screen.ink(screen.sign("✔"), Ink.GREEN)
    width = max(len(proof.name) for proof in proofs[:MOST])
    for proof in proofs[:MOST]:
        text = f"{screen.clean(proof.name).ljust(width)}  {screen.clean(proof.origin)}"
        yield f"  {sign} {text}" if _fits(f"    {text}", screen) else f"  {sign} {screen.clean(proof.name)}"
    if len(proofs) > MOST:
        yield f"    and {len(proofs) - MOST} more (-v shows each chain)"


def _block(proof: Proof, run: Verification, screen: Screen) -> Iterator[str]:
    """Return one package: its chain, then what is wrong with it."""
    chain = proof.chain
    if not run.quiet:
        yield from _title(proof, chain, screen)
        yield from (line for link in chain for line in _link(link, screen))
    found = proof.findings(ignored=run.show_ignored)
    for number, (rule, judged) in enumerate(found):
        if not run.quiet or number:
            yield ""
        yield from _finding(rule, judged, screen)
    for result in proof.crashed:
        yield f"{screen.ink(f'bug[{result.rule.name}]', Ink.RED)} {screen.clean(result.reason or '')}"


def _title(proof: Proof, chain: tuple[Link, ...], screen: Screen) -> Iterator[str]:
    name = screen.clean(proof.name)
    held, broken = (sum(link.holds is kind for link in chain) for kind in (True, False))
    parts = ["1 link holds" if held == 1 else f"{held} links hold"]
    parts += [f"{broken} broken"] if broken else []
    said = f"  chain of custody: {', '.join(parts)}" if chain else ""
    if _fits(name + said, screen):
        yield screen.ink(name, Ink.BOLD) + said
    else:
        yield screen.ink(name, Ink.BOLD)
        yield said


def _link(link: Link, screen: Screen) -> Iterator[str]:
    sign, ink = SIGNS[link.holds]
    mark = screen.sign(sign).ljust(2 if not screen.signs else 1)
    shown = screen.ink(mark, ink) if ink else mark
    value, what = (_plain(text, screen) for text in (link.value, link.what))
    start = f"{link.name.ljust(WIDEST)}  "
    lead = 4 + len(mark) - 1
    indent = " " * (lead + len(start))
    if screen.width is None or screen.width >= ROOMY:
        yield f"  {shown} {start}{f'{value.ljust(VALUES)}  {what}' if value and what else value or what}".rstrip()
        return
    between = " " if what.startswith("=") else ", "
    first, *rest = screen.wrap(between.join(filter(None, (value, what))), indent, f"{' ' * lead}{start}")
    yield f"  {shown} {first[lead:]}"
    yield from rest


def _plain(text: str, screen: Screen) -> str:
    return screen.clean(text).replace("…", screen.sign("…"))


def _finding(rule: Rule, judged: Judged, screen: Screen) -> Iterator[str]:
    kind = _kind(judged)
    title = f"{kind}[{rule.name}]:"
    first, *rest = screen.wrap(f"{title} {screen.clean(judged.finding.message)}", "  ", "")
    yield screen.ink(title, INKS[kind]) + screen.ink(first.removeprefix(title), Ink.BOLD)
    yield from (screen.ink(line, Ink.BOLD) for line in rest)
    if judged.finding.code:
        yield from _note("code", screen.clean(judged.finding.code), screen)
    if judged.ignored:
        yield from _note("ignored", screen.clean(judged.ignored.reason), screen)
    elif judged.finding.sure and (advice := dict(rule.fix).get("any")):
        yield from _note("fix", " ".join(advice.split()), screen)


def _note(name: str, text: str, screen: Screen) -> Iterator[str]:
    first, *rest = screen.wrap(f"{name}: {text}", "     ", "   = ")
    yield f"   {screen.ink('=', Ink.BLUE)} {screen.ink(name, Ink.BOLD)}{first[5 + len(name) :]}"
    yield from rest


def _kind(judged: Judged) -> str:
    return judged.severity if judged.finding.sure else "unsure"


# -- the verdict ----------------------------------------------------------------------------------


def _footer(run: Verification, screen: Screen) -> Iterator[str]:
    worst = min(run.proofs, key=lambda proof: _badness(proof.verdict))
    conclusion = _plain(run.conclusion, screen)
    word, _, rest = conclusion.partition(" ")
    if worst.verdict is Proven.FAILED:
        word, rest = "Not verified.", conclusion.removeprefix("Not verified. ")
    first, *more = screen.wrap(f"{word} {rest}{_taken(run)}", "  ", "")
    yield screen.ink(word, VERDICTS[worst.verdict]) + first.removeprefix(word)
    yield from more
    if worst.verdict is Proven.VERIFIED:
        yield from screen.wrap(LIMITS, "  ")
    yield from (line for text in _advice(run) for line in screen.wrap(_plain(text, screen), "  "))
    # Offline there is nothing to come back for; a command that is copied stands on one line.
    if run.counted(Proven.INCONCLUSIVE) and not run.offline:
        yield "  Come back with:"
        yield f"    {screen.clean(run.again)}"
    if trusted := run.trusted:
        dated = f", of {trusted.date}" if trusted.date else ""
        text = f"trusted: Sigstore root {trusted.root}{dated}; npm's keys {trusted.npm_keys}"
        yield from (screen.ink(line, Ink.DIM) for line in screen.wrap(_plain(text, screen), "  "))


def _advice(run: Verification) -> Iterator[str]:
    """Return what to do next."""
    hostile = [proof for proof in run.proofs if proof.hostile]
    if hostile:
        yield (
            f"If you did not do this, treat {', '.join(proof.name for proof in hostile[:MOST])} as hostile: "
            f"deprecate it with `npm deprecate`, and write to {SUPPORT}"
        )
    if any(
        isinstance(proof.release.state, Known) and proof.release.state.value is State.STAGED for proof in run.proofs
    ):
        yield from STAGED
    unnamed = [proof for proof in run.proofs if proof.verdict is Proven.VERIFIED and proof.open]
    if unnamed:
        yield "Nobody said which repository it must come from: name it with --repo Owner/Repo"


def _taken(run: Verification) -> str:
    if run.seconds is None or run.code != 0:
        return ""
    minutes, seconds = divmod(int(run.seconds), 60)
    return f" in {minutes} min {seconds} s" if minutes else f" in {run.seconds:.1f} s"


def _badness(verdict: Proven) -> int:
    return (Proven.FAILED, Proven.INCONCLUSIVE, Proven.VERIFIED).index(verdict)


def _fits(text: str, screen: Screen) -> bool:
    return screen.width is None or len(text) <= screen.width
