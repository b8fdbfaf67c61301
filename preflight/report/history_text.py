"""The report of `history` for people: a line for each version, then what was lost."""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING

from preflight.errors import Exit
from preflight.facts.online import Level
from preflight.report.chronicle import Signature, signature, traits, why
from preflight.report.custody import LEVELS, slug
from preflight.report.screen import Ink

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.versions import Published
    from preflight.report.chronicle import Chronicle
    from preflight.report.screen import Screen

BARS = {
    Level.TRUSTED_PUBLISHER: ("■■■", "publisher", Ink.GREEN),
    Level.PROVENANCE: ("■■□", "provenance", Ink.CYAN),
    Level.NONE: ("□□□", "none", Ink.DIM),
}
PROVEN = {
    Signature.VALID: ("✔", Ink.GREEN),
    Signature.INVALID: ("✘", Ink.RED),
    Signature.UNKNOWN: ("–", Ink.YELLOW),  # noqa: RUF001
}
LONGEST = 18
"""Characters of a version in the table."""
ROOMY = 100
"""Columns from which on it is shown who made a version."""
NAMED = 5
"""Versions that are named in one sentence."""


def history_text(run: Chronicle, screen: Screen) -> Iterator[str]:
    """Return the lines of the report; what is wrong alone if the run is quiet."""
    if not run.quiet:
        yield from _head(run, screen)
        yield ""
        width = min(LONGEST, max(7, *(len(each.version) for each in run.due), 0))
        yield screen.ink(f"    {'version'.ljust(width)}  published   trust           change", Ink.DIM)
        for row in run.shown:
            match row:
                case int(left_out):
                    plural = "s" if left_out > 1 else ""
                    yield f"    {screen.sign('…')} {left_out} version{plural} without a change (--all)"
                case each:
                    yield from _row(each, width, screen)
        yield ""
    yield from _conclusion(run, screen)


def _head(run: Chronicle, screen: Screen) -> Iterator[str]:
    found = run.versions
    number = len(run.due)
    since = f" since {run.since}" if run.since else ""
    how = "every signature checked" if found.verified else "as the registry tells it; --verify checks the signatures"
    name = screen.clean(found.name)
    lines = screen.wrap(f"{name} {number} version{'' if number == 1 else 's'}{since}, {how}", "  ", "")
    yield screen.ink(name, Ink.BOLD) + lines[0].removeprefix(name)
    yield from lines[1:]


def _row(each: Published, width: int, screen: Screen) -> Iterator[str]:
    bar, word, ink = BARS[each.level]
    shown = "".join(map(screen.sign, bar))
    worth = signature(each)
    sign, colour = PROVEN[worth] if worth else (" ", Ink.DIM)
    mark = screen.ink(screen.sign(sign).ljust(2), colour) if worth else "  "
    version = screen.clean(each.version)
    version = version if len(version) <= LONGEST else version[: LONGEST - 3] + "..."
    day = screen.clean((each.time or "no date")[:10]).ljust(10)
    lead = f"{version.ljust(width)}  {day}  "
    trust = f"{shown} {word}".ljust(14)
    plain = 4 + len(lead) + len(trust) + 2
    told = [_change(each, screen)]
    if screen.width is None or screen.width >= ROOMY:
        told.append(_maker(each))
    said = screen.clean("  ".join(filter(None, told)))
    first, *rest = screen.wrap(said, " " * min(plain, 24), " " * plain) if said else ("",)
    line = f"  {mark}{lead}{screen.ink(shown, ink)}{trust[len(shown) :]}  {first[plain:]}"
    yield line.rstrip()
    yield from rest


def _change(each: Published, screen: Screen) -> str:
    parts = []
    if each.lost:
        parts.append(f"{screen.sign('▼')} lost")
    elif each.first:
        parts.append(f"{screen.sign('▲')} first")
    if each.drift:
        parts.append(f"{screen.sign('●')} {traits(drift.trait for drift in each.drift)}")
    return "  ".join(parts)


def _maker(each: Published) -> str:
    """Return who made a version: what is proven, else what the registry says."""
    identity = each.identity
    if identity:
        workflow = (identity.workflow or identity.signer or "").rpartition("/")[2]
        return f"{slug(identity.source_repository)}@{(identity.source_commit or '')[:7]} {workflow}"
    return f"by {each.user}" if each.user and each.level is Level.NONE else ""


def _conclusion(run: Chronicle, screen: Screen) -> Iterator[str]:
    for each in run.invalid:
        text = f"{each.version}: its provenance does not hold: {why(each)}"
        yield from screen.wrap(screen.clean(text), "    ", "  ")
    unknown = run.unknown
    for each in unknown[:NAMED]:
        text = f"{each.version}: its provenance cannot be checked: {why(each)}"
        yield from screen.wrap(screen.clean(text), "    ", "  ")
    if len(unknown) > NAMED:
        yield f"  and {len(unknown) - NAMED} more that cannot be checked"
    for each in run.drifts[:NAMED]:
        for drift in each.drift:
            text = f"{each.version}: {drift.trait.replace('-', ' ')} {drift.now}, before {drift.before}"
            yield from screen.wrap(screen.clean(text), "    ", "  ")
    if len(run.drifts) > NAMED:
        yield f"  and {len(run.drifts) - NAMED} more versions with a drift (--format json tells all)"
    yield from _downgrades(run, screen)
    yield from _verdict(run, screen)


def _downgrades(run: Chronicle, screen: Screen) -> Iterator[str]:
    found = run.downgrades
    if not found:
        return
    for each in found[:NAMED]:
        if each.lost:
            text = (
                f"{each.version}: {LEVELS[each.level]}, and {each.lost.version} before it had {LEVELS[each.lost.level]}"
            )
            yield from screen.wrap(screen.clean(text), "    ", "  ")
    if len(found) > NAMED:
        yield f"  and {len(found) - NAMED} more downgrades"
    yield from screen.wrap("pnpm refuses them with `trustPolicy: no-downgrade`, and trust cannot be added later:", "  ")
    newest, name = found[0], run.versions.name
    better = run.versions.latest
    hint = f", use {better}" if better and better != newest.version else ""
    words = (f"{name}@{newest.version}", f"less trust than before{hint}")
    yield screen.clean(f"  npm deprecate {' '.join(map(quote, words))}")


def _verdict(run: Chronicle, screen: Screen) -> Iterator[str]:
    number, drifts = len(run.downgrades), len(run.drifts)
    parts = [_count(number, "downgrade"), _count(drifts, "version", " with a drift")]
    parts += [f"{len(run.invalid)} with provenance that does not hold"] if run.invalid else []
    parts += [f"{len(run.unknown)} that could not be checked"] if run.unknown else []
    ink = {Exit.PASSED: Ink.GREEN, Exit.FINDINGS: Ink.RED}.get(run.code, Ink.YELLOW)
    text = ", ".join(parts)
    first, *rest = screen.wrap(f"{text[:1].upper()}{text[1:]}.", "  ", "")
    yield screen.ink(first, ink)
    yield from rest
    if trusted := run.trusted:
        dated = f", of {trusted.date}" if trusted.date else ""
        said = f"trusted: Sigstore root {trusted.root}{dated}; npm's keys {trusted.npm_keys}"
        yield from (screen.ink(line, Ink.DIM) for line in screen.wrap(screen.clean(said), "  "))


def _count(number: int, word: str, rest: str = "") -> str:
    return f"{number or 'no'} {word}{'' if number == 1 else 's'}{rest}"
