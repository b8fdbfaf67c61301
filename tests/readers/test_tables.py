"""The age of the dated tables."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from preflight import data
from preflight.readers import tables

FOLDER = Path(data.__file__).parent


def test_every_table_is_known():
    """A table that nobody lists grows old unseen."""
    there = {path.name for path in FOLDER.iterdir() if path.suffix in {".csv", ".toml"}}

    assert set(data.TABLES) == there


@pytest.mark.parametrize("name", data.TABLES)
def test_every_table_has_its_day(name):
    """Without one, nobody can say that it is old."""
    assert re.fullmatch(r"20[0-9]{2}-[0-1][0-9]-[0-3][0-9]", data.day(name))


@pytest.mark.parametrize(
    ("today", "old"),
    [
        pytest.param("2026-11-21", False, id="fresh"),
        pytest.param("2027-11-21", False, id="a year to the day"),
        pytest.param("2027-11-22", True, id="a day more"),
        pytest.param("2028-02-29", True, id="a day that the year before lacks"),
    ],
)
def test_a_table_is_old_after_a_year(today, old, monkeypatch):
    """Half of what it says of new releases is then missing."""
    monkeypatch.setattr(data, "day", lambda _: "2026-11-21")

    assert {table.old for table in tables.dated(today)} == {old}


def test_a_table_without_a_day_is_old(monkeypatch):
    """Not to know is not to be fresh."""
    monkeypatch.setattr(data, "text", lambda _: "nothing")

    assert all(table.old for table in tables.dated())


def test_pins_are_whole_commits():
    """`init` writes them into workflows that publish."""
    pins = [entry for entry in data.table("action-pins.toml").values() if isinstance(entry, dict)]

    odd = [each for each in pins if not re.fullmatch(r"[0-9a-f]{40}", each["commit"])]

    assert (bool(pins), odd) == (True, [])
