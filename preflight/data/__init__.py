"""Dated tables of facts that change."""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def text(name: str) -> str:
    """Return the text of a table."""
    return (Path(__file__).parent / name).read_text(encoding="utf-8")


def table(name: str) -> dict[str, object]:
    """Return a TOML table of this folder."""
    import tomli

    return tomli.loads(text(name))
