"""The command line."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from preflight.errors import Exit, PreflightError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from preflight.cli.settings import Given

ISSUES = "https://pypi.org/project/provenance-preflight/"


def main(words: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit code; every error becomes words here and nowhere else."""
    import gc

    # A run lives a fraction of a second; looking for cycles costs more than it frees.
    gc.disable()
    said = sys.argv[1:] if words is None else list(words)
    try:
        code = _run(said)
        sys.stdout.flush()
    except PreflightError as error:
        return _refused(error)
    except BrokenPipeError:
        # Python flushes standard output once more when it ends, and would complain.
        with suppress(OSError):
            sys.stdout.close()
        return Exit.CLOSED_PIPE
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    # Whatever else happens is a bug, and must not look like findings (1).
    except Exception as error:  # noqa: BLE001
        return _bug(error, verbose="-v" in said or "--verbose" in said)
    return code


def run(given: Given) -> int:
    """Run a command that was understood."""
    match given.command:
        case "check":
            from preflight.cli.check import check

            return check(given)
        case "plan":
            from preflight.cli.plan import plan

            return plan(given)
        case "tag":
            from preflight.cli.tag import tag

            return tag(given)
        case "verify":
            from preflight.cli.verify import verify

            return verify(given)
        case "history":
            from preflight.cli.history import history

            return history(given)
        case "explain":
            from preflight.cli.explain import explain

            return explain(given)
        case "rules":
            from preflight.cli.rules import rules

            return rules(given)
        case _:
            from preflight.cli.config import config

            return config(given)


def _run(words: Sequence[str]) -> int:
    from preflight.cli.door import fast, forward

    if given := fast(words):
        return run(given)
    from preflight.cli.app import start

    return start(forward(words))


def _refused(error: PreflightError) -> int:
    from preflight.cli.streams import complain

    complain(f"error: {error}", error.hint)
    return error.code


def _bug(error: Exception, *, verbose: bool) -> int:
    from preflight.cli.streams import complain

    if verbose:
        import traceback

        complain("".join(traceback.format_exception(error)), None, lines=True)
    complain(
        f"bug: {type(error).__name__}: {error}",
        f"this is a fault of preflight, please report it: {ISSUES}" + ("" if verbose else " (-v shows the details)"),
    )
    return Exit.BUG
