"""How a wait goes on, on standard error: one live line on a terminal, a line for each change of state anywhere."""

from __future__ import annotations

import sys
import time
from threading import Lock
from typing import TYPE_CHECKING

from preflight.cli.durations import clock
from preflight.facts.fact import Known, Unknown
from preflight.facts.release import State
from preflight.report.clean import clean

if TYPE_CHECKING:
    from collections.abc import Callable

    from preflight.readers.waiting import Sight

SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
PLAIN = "|/-\\"
TICK = 0.25
"""Seconds between two pictures of the live line."""
TOLD = {
    State.UNPUBLISHED: "version not visible yet",
    State.STAGED: "not public: staged, waiting for a maintainer",
    State.NO_ATTESTATION_YET: "version visible, attestations not yet",
    State.ADVERTISED_BUT_MISSING: "attestations are named, and not served yet",
    State.ABSENT: "published without attestations",
    State.COMPLETE: "attestations visible",
}


class Progress:
    """What is told while several releases are waited for; `span` is how long, in seconds."""

    def __init__(self, total: int, span: float, *, shown: bool, signs: bool, runner: bool) -> None:
        self._total = total
        self._span = span
        self._shown = shown
        self._runner = runner
        self._live = shown and sys.stderr.isatty()
        self._signs = SPINNER if signs else PLAIN
        self._lock = Lock()
        self._start = time.monotonic()
        self._states: dict[str, str] = {}
        self._done: set[str] = set()
        self._tries = 0
        self._next = 0.0
        self._painted = False

    def tell(self, name: str, sight: Sight) -> None:
        """Take in what was seen of a release, and say so where it is news."""
        with self._lock:
            self._tries = max(self._tries, sight.tries)
            if sight.pause is None:
                self._done.add(name)
            else:
                self._next = time.monotonic() + sight.pause
            words = _words(sight)
            # Without a wait there is one look, of which the report tells.
            if not self._shown or not self._span or self._states.get(name) == words:
                return
            self._states[name] = words
            self._wipe()
            _write(clean(f"  {clock(sight.after):>5}  {name}: {words}", runner=self._runner) + "\n")

    def watch(self, running: Callable[[float], bool]) -> None:
        """Keep the live line going until nothing runs any more, which `running` tells after so many seconds or less."""
        number, pause = 0, 0.0
        while running(pause):
            if self._live and self._span and len(self._done) < self._total:
                self._paint(number)
            pause = TICK
            number += 1
        self.end()

    def end(self) -> None:
        """Take the live line away."""
        with self._lock:
            self._wipe()

    def _paint(self, number: int) -> None:
        with self._lock:
            now = time.monotonic()
            left = max(0, round(self._next - now))
            many = f"{self._total - len(self._done)} of {self._total} packages" if self._total > 1 else "the registry"
            dot = "·" if self._signs is SPINNER else "-"
            spent = f"{clock(now - self._start)} of {clock(self._span)}"
            text = f"waiting for {many}  {spent} {dot} try {self._tries} {dot} next in {left} s"
            # Two pictures in one line never mix, because the line is cleared first.
            _write(f"\r\x1b[2K  {self._signs[number % len(self._signs)]} {text[: _width() - 5]}")
            self._painted = True

    def _wipe(self) -> None:
        if self._painted:
            _write("\r\x1b[2K")
            self._painted = False


def _words(sight: Sight) -> str:
    match sight.state:
        case Known(state):
            return TOLD[state]
        case Unknown(why):
            return why


def _width() -> int:
    """Return the columns of the terminal; a longer line could not be taken away again."""
    import os

    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns or 80
    except (OSError, ValueError):
        return 80


def _write(text: str) -> None:
    encoding = sys.stderr.encoding or "utf-8"
    sys.stderr.write(text.encode(encoding, "backslashreplace").decode(encoding))
    sys.stderr.flush()
