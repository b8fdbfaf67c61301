"""The rule unused-ignore."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from preflight.finding import UnusedIgnore


def check(unused: Iterable[UnusedIgnore]) -> Iterator[Finding]:
    """Object to every ignore that silences nothing."""
    for ignore in unused:
        yield Finding(ignore.at, ignore.why)
