"""Tests of finding a version in a changelog."""

from __future__ import annotations

import pytest

from preflight.readers.changelogs import mentions


@pytest.mark.parametrize(
    "text",
    [
        "## 1.2.3",
        "## [1.2.3] - 2026-01-01",
        "# v1.2.3",
        "1.2.3.",
        "<a name=1.2.3>",
        "11.2.3 and then 1.2.3",
        "1.2.3-2026",
    ],
)
def test_a_version_is_found(text):
    """Headings have many forms."""
    assert mentions(text, "1.2.3")


@pytest.mark.parametrize("text", ["11.2.3", "1.2.30", "1.2.3.4", "0.1.2.3", "1.2.3-rc.1", "1.2", ""])
def test_a_longer_version_is_another(text):
    """11.2.3 says nothing about 1.2.3."""
    assert not mentions(text, "1.2.3")


def test_many_near_misses_take_no_time():
    """A changelog may be large, and hostile."""
    assert not mentions("11.2.3" * 100_000, "1.2.3")
