"""Dated tables of facts that change."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

TABLES = (
    "action-pins.toml",
    "hosted-images.toml",
    "node-lts.csv",
    "node-npm.csv",
    "npm-releases.csv",
    "publishing-actions.toml",
)
"""The tables that grow old; each says in its first lines when it was last refreshed."""
_DAY = r"(?:As of |as_of = |date = )([0-9]{4}-[0-9]{2}-[0-9]{2})"
_HEAD = 4096


@cache
def text(name: str) -> str:
    """Return the text of a table."""
    return (Path(__file__).parent / name).read_text(encoding="utf-8")


def table(name: str) -> dict[str, object]:
    """Return a TOML table of this folder."""
    import tomli

    return tomli.loads(text(name))


def day(name: str) -> str:
    """Return the day on which a table was last refreshed, as YYYY-MM-DD; the year 0 where it does not say."""
    found = re.search(_DAY, text(name)[:_HEAD])
    return found[1] if found else "0000-00-00"
