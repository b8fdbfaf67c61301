"""How old the dated tables of preflight itself are."""

from __future__ import annotations

import time

from preflight import data
from preflight.facts.online import Table


def dated(today: str | None = None) -> tuple[Table, ...]:
    """Return the tables with the day of their last refresh; one is old where that is over a year before `today`."""
    now = today or time.strftime("%Y-%m-%d", time.gmtime())
    # Days of this form compare as text; that the year before has no 29 February does not matter to the comparison.
    limit = f"{int(now[:4]) - 1:04}{now[4:]}"
    return tuple(Table(name, day, old=day < limit) for name, day in ((name, data.day(name)) for name in data.TABLES))
