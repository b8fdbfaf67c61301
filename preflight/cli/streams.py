"""Standard output and standard error: colour, width and encoding."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, TextIO

from preflight.cli.settings import Color
from preflight.report.clean import clean
from preflight.report.screen import Screen

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from preflight.cli.settings import Settings

PROBE = "✔✘●–·→…■□▼▲"  # noqa: RUF001
"""Signs that an encoding must carry before they are used."""
ON = frozenset({"1", "true", "yes", "on", "2", "3"})


def write(text: str) -> None:
    """Write to standard output; what its encoding cannot carry is written as an escape."""
    _write(sys.stdout, text)


def complain(text: str, hint: str | None = None, *, lines: bool = False) -> None:
    """Write a message and a hint to standard error, harmless for terminals; `lines` keeps line breaks."""
    runner = is_runner(os.environ)
    shown = "\n".join(clean(line, runner=runner) for line in text.splitlines()) if lines else clean(text, runner=runner)
    _write(sys.stderr, shown + (f"\n  hint: {clean(hint, runner=runner)}" if hint else "") + "\n")


def screen(settings: Settings, environment: Mapping[str, str]) -> Screen:
    """Return standard output as a screen."""
    terminal = sys.stdout.isatty()
    return Screen(
        _width(environment) if terminal else None,
        colour=_colour(settings.color, environment, terminal=terminal),
        signs=not settings.ascii and _carries(sys.stdout.encoding),
        runner=is_runner(environment),
    )


def is_runner(environment: Mapping[str, str]) -> bool:
    """Return whether a CI runner reads the output and obeys commands in it."""
    return environment.get("GITHUB_ACTIONS", "").lower() == "true" or bool(environment.get("TF_BUILD"))


def joined(lines: Iterable[str]) -> str:
    """Return lines as one text with a final line feed."""
    text = "\n".join(lines)
    return f"{text}\n" if text else ""


def _write(stream: TextIO, text: str) -> None:
    encoding = stream.encoding or "utf-8"
    stream.write(text.encode(encoding, "backslashreplace").decode(encoding))


def _width(environment: Mapping[str, str]) -> int:
    said = environment.get("COLUMNS", "")
    if said.isascii() and said.isdigit() and 0 < len(said) < 5 and int(said):
        return int(said)
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or 80
    except OSError:
        return 80


def _colour(color: Color, environment: Mapping[str, str], *, terminal: bool) -> bool:
    match color:
        case Color.ALWAYS:
            return True
        case Color.NEVER:
            return False
        case Color.AUTO:
            if environment.get("NO_COLOR"):
                return False
            if any(environment.get(name, "").lower() in ON for name in ("FORCE_COLOR", "CLICOLOR_FORCE")):
                return True
            return terminal and environment.get("TERM") != "dumb"


def _carries(encoding: str | None) -> bool:
    try:
        PROBE.encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
