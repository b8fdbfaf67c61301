"""Durations as they are typed, and as they are shown."""

from __future__ import annotations

import pytest

from preflight.cli.durations import clock, seconds, spelled_out, words
from preflight.errors import UsageError


@pytest.mark.parametrize(("text", "found"), [("30s", 30), ("10m", 600), ("1h", 3600), ("45", 45), ("24h", 86400)])
def test_a_duration(text, found):
    """As in most tools."""
    assert seconds(text) == found


@pytest.mark.parametrize("text", ["", "m", "10x", "-5m", "1.5h", "25h", "٣m", "1000000s", "10 m", "1m30s"])
def test_what_is_no_duration_is_refused(text):
    """A wait that ends at once would look like a failed release."""
    with pytest.raises(UsageError):
        seconds(text)


@pytest.mark.parametrize(
    ("line", "spelled"),
    [
        ("verify --wait", "verify --wait=10m"),
        ("verify --wait 30m a", "verify --wait 30m a"),
        ("verify --wait @acme/core@2.4.0", "verify --wait=10m @acme/core@2.4.0"),
        ("verify --wait 7zip@1.0.0", "verify --wait=10m 7zip@1.0.0"),
        ("verify --wait --offline", "verify --wait=10m --offline"),
        ("verify --wait=30s", "verify --wait=30s"),
        ("verify --wait 10x", "verify --wait 10x"),
        ("verify -- --wait", "verify -- --wait"),
    ],
)
def test_a_bare_wait_has_its_usual_value(line, spelled):
    """Whoever is in a hurry types no number."""
    assert " ".join(spelled_out(line.split())) == spelled


@pytest.mark.parametrize(
    ("span", "hand", "said"),
    [(0, "0:00", "0 s"), (72.9, "1:12", "1 min 12 s"), (600, "10:00", "10 min"), (3661, "1:01:01", "61 min 1 s")],
)
def test_a_span_is_shown(span, hand, said):
    """On the live line, and in a sentence."""
    assert (clock(span), words(span)) == (hand, said)
