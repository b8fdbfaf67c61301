"""What can go wrong, and the exit code that says so."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Exit(IntEnum):
    """How a run ended; the same for every format."""

    PASSED = 0
    FINDINGS = 1
    USAGE = 2
    INCONCLUSIVE = 3
    BUG = 70
    INTERRUPTED = 130
    CLOSED_PIPE = 141


class PreflightError(Exception):
    """Something that the user can put right; the text is a sentence, lower case, without a full stop."""

    code = Exit.USAGE

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


class UsageError(PreflightError):
    """A command line that cannot be followed."""


class ConfigError(PreflightError):
    """A configuration that cannot be followed; the text names the file and the key."""


class UnreadableError(PreflightError):
    """A file that cannot be read; readers turn it into a fact, so that everything else is still checked."""

    code = Exit.FINDINGS


class GitError(PreflightError):
    """Something that git refused to do; the text has git's own reason."""

    code = Exit.FINDINGS


class UnansweredError(PreflightError):
    """A question that nobody answers; the text says who was asked and why."""

    code = Exit.INCONCLUSIVE


class UnknownRuleError(UsageError):
    """A rule's name that no rule has."""


def suggestion(word: str, words: Iterable[str]) -> str | None:
    """Return "did you mean `…`?" for the nearest of some words, or None where nothing is near."""
    from difflib import get_close_matches

    # What is longer is no slip of the fingers, and comparing it takes its time.
    wanted = word[:60].lower().replace("_", "-")
    found = get_close_matches(wanted, sorted(words), n=1, cutoff=0.6)
    return f"did you mean `{found[0]}`?" if found else None
