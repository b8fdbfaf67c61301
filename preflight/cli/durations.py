"""Durations as they are typed: `30s`, `10m`, `1h`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

UNITS = {"s": 1, "m": 60, "h": 3600}
LONGEST = 24 * 3600
"""Seconds that anybody is made to wait."""
WAIT = "--wait"
USUAL = "10m"
"""What `--wait` alone means: npm shows a version and its attestations within minutes."""


def seconds(text: str) -> int:
    """Return a duration in seconds; a number without a unit is in seconds.

    Raises UsageError for what is no duration, and for more than a day.
    """
    number, unit = (text[:-1], text[-1:]) if text[-1:] in UNITS else (text, "s")
    if not number.isascii() or not number.isdigit() or len(number) > 6:
        raise UsageError(f"`{WAIT} {text[:40]}` is no duration", "write it as 30s, 10m or 1h")
    found = int(number) * UNITS[unit]
    if found > LONGEST:
        raise UsageError(f"`{WAIT} {text}` is longer than a day", "write it as 30s, 10m or 1h")
    return found


def spelled_out(words: Sequence[str]) -> tuple[str, ...]:
    """Return a command line in which a bare `--wait` has its usual value.

    What follows it is its value only where it begins with a digit and is no `name@version`.
    """
    found: list[str] = []
    for number, word in enumerate(words):
        found.append(word)
        following = words[number + 1] if number + 1 < len(words) else ""
        if word == WAIT and (not following[:1].isdigit() or "@" in following):
            found[-1] = f"{WAIT}={USUAL}"
        if word == "--":
            return (*found, *words[number + 1 :])
    return tuple(found)


def clock(span: float) -> str:
    """Return seconds as they stand on a clock: `1:12`, or `1:00:00` from an hour on."""
    minutes, rest = divmod(int(span), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def words(span: float) -> str:
    """Return seconds in words: `41 s`, `1 min 24 s`."""
    minutes, rest = divmod(int(span), 60)
    if not minutes:
        return f"{rest} s"
    return f"{minutes} min {rest} s" if rest else f"{minutes} min"
