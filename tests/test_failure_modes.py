"""The known ways to lose provenance, each with the rule that catches it."""

from __future__ import annotations

from pathlib import Path

import pytest
import tomli

from preflight import rulebook

BOOK = rulebook.read()
MODES = tomli.loads(Path(__file__).with_name("failure_modes.toml").read_text("utf-8"))["mode"]
STATIC = 54
"""How many of them files show, at the least."""


@pytest.mark.parametrize("mode", [mode for mode in MODES if "rule" in mode], ids=lambda mode: f"{mode['number']}")
def test_a_failure_mode_has_a_bad_example_and_a_good_twin(mode):
    """What maintainers ran into once is never missed again, and its cure is not objected to."""
    rule = BOOK.named(mode["rule"])

    shown = mode["example"] in {example.title for example in rule.examples("bad")}

    assert (shown, bool(rule.examples("good"))) == (True, True)


def test_every_failure_mode_is_accounted_for():
    """The list has 72; what no rule catches says why no file shows it."""
    numbers = [mode["number"] for mode in MODES]

    silent = [mode["number"] for mode in MODES if "rule" not in mode and not mode.get("why")]

    assert (numbers, silent) == (list(range(1, 73)), [])


def test_what_files_show_is_caught():
    """Fewer than these would mean that a rule was lost."""
    caught = [mode for mode in MODES if "rule" in mode]

    assert len(caught) >= STATIC
