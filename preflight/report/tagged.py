"""What became of a tag, and what comes next."""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING

from preflight.records import KW_ONLY, dataclass, replace
from preflight.report.screen import Ink

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.report.screen import Screen

AT_ONCE = 3
"""Tags in one push: GitHub starts no workflow where more arrive together (docs.github.com, "push" event)."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Tags on a commit: made, or only shown; `remote` is where they go."""

    tags: tuple[str, ...]
    commit: str
    _: KW_ONLY
    packages: tuple[str, ...]
    """What can be verified after the publish, as `name@version`; empty where preflight cannot."""
    signed: bool
    made: bool
    remote: str | None
    push: bool

    def unpushed(self) -> Outcome:
        """Return what became of it where the push failed."""
        return replace(self, push=False)


def closing(outcome: Outcome, screen: Screen) -> Iterator[str]:
    """Return the lines that say what was done and what to type next."""
    verb = "Tagged" if outcome.made else "Would tag"
    signed = " (signed)" if outcome.signed else ""
    ink = Ink.GREEN if outcome.made else Ink.CYAN
    if len(outcome.tags) == 1:
        yield f"{screen.ink(verb, ink)} {outcome.commit[:7]} as {screen.clean(outcome.tags[0])}{signed}"
    else:
        yield f"{screen.ink(verb, ink)} {outcome.commit[:7]} with {len(outcome.tags)} tags{signed}"
        yield from (f"  {screen.clean(tag)}" for tag in outcome.tags)
    if outcome.push and outcome.remote:
        pushed = "Pushed" if outcome.made else "Would push"
        yield f"{screen.ink(pushed, ink)} to {screen.clean(outcome.remote)}"
    yield from _next(outcome, screen)


def push_commands(remote: str, tags: tuple[str, ...]) -> Iterator[str]:
    """Return the commands that push tags, no more at once than GitHub starts workflows for."""
    for start in range(0, len(tags), AT_ONCE):
        yield f"git push {quote(remote)} {' '.join(quote(tag) for tag in tags[start : start + AT_ONCE])}"


def verify_command(packages: tuple[str, ...]) -> str:
    """Return the command that proves a publish."""
    return f"preflight verify {' '.join(quote(package) for package in packages)} --wait"


def _next(outcome: Outcome, screen: Screen) -> Iterator[str]:
    if outcome.remote and not outcome.push:
        yield from (f"  next  {screen.clean(line)}" for line in push_commands(outcome.remote, outcome.tags))
    if outcome.packages:
        yield f"  then  {screen.clean(verify_command(outcome.packages))}"
