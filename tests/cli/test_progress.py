"""What is told while releases are waited for."""

from __future__ import annotations

import pytest

from preflight.cli import progress as module
from preflight.cli.progress import Progress
from preflight.facts.fact import Known, Unknown
from preflight.facts.release import State
from preflight.readers.waiting import Sight, View


def _sight(state, after=0.0, *, tries=1, pause=2.0):
    return Sight(View(Known(state), final=pause is None), after, tries=tries, pause=pause)


@pytest.fixture
def start(monkeypatch):
    """Return what makes a progress, on a terminal or not."""

    def make(total=1, span=600, *, terminal=False, **options):
        monkeypatch.setattr("sys.stderr.isatty", lambda: terminal, raising=False)
        return Progress(total, span, **{"shown": True, "signs": True, "runner": False, **options})

    return make


def test_a_line_for_each_change(start, capsys):
    """In the log of a CI run, forty equal lines are noise."""
    progress = start()

    for after, state in ((0, State.UNPUBLISHED), (2, State.UNPUBLISHED), (31, State.NO_ATTESTATION_YET)):
        progress.tell("@acme/core@2.4.0", _sight(state, after))
    progress.tell("@acme/core@2.4.0", _sight(State.COMPLETE, 84, pause=None))

    assert capsys.readouterr().err.splitlines() == [
        "   0:00  @acme/core@2.4.0: version not visible yet",
        "   0:31  @acme/core@2.4.0: version visible, attestations not yet",
        "   1:24  @acme/core@2.4.0: attestations visible",
    ]


@pytest.mark.parametrize("options", [{"shown": False}, {"span": 0}])
def test_nothing_is_told_where_nobody_waits_or_wants(start, capsys, options):
    """`--no-progress`, `--quiet`, and no `--wait`."""
    start(**options).tell("a@1.0.0", _sight(State.UNPUBLISHED))

    assert capsys.readouterr().err == ""


def test_why_nobody_answers_is_told(start, capsys):
    """A 403 ends the wait."""
    start().tell("a@1.0.0", Sight(View(Unknown("npm answers 403\x1b[31m"), final=True), 1.0, tries=1))

    assert capsys.readouterr().err == "   0:01  a@1.0.0: npm answers 403\\x1b[31m\n"


@pytest.mark.parametrize(
    ("total", "signs", "said"),
    [
        (1, True, "  ⠋ waiting for the registry  0:00 of 10:00 · try 3 · next in 2 s"),
        (20, True, "  ⠋ waiting for 20 of 20 packages  0:00 of 10:00 · try 3 · next in 2 s"),
        (1, False, "  | waiting for the registry  0:00 of 10:00 - try 3 - next in 2 s"),
    ],
)
def test_a_live_line_on_a_terminal(start, capsys, monkeypatch, total, signs, said):
    """Whoever waits wants to see that something happens, and for how long."""
    progress = start(total, terminal=True, signs=signs)
    progress.tell("a@1.0.0", _sight(State.UNPUBLISHED, tries=3))
    capsys.readouterr()
    monkeypatch.setattr(module, "TICK", 0.001)
    left = iter([True, True, False])

    progress.watch(lambda _: next(left))

    shown = capsys.readouterr().err
    assert (said in shown, shown.endswith("\r\x1b[2K")) == (True, True)


def test_no_live_line_in_a_pipe(start, capsys, monkeypatch):
    """A log keeps every picture of it."""
    monkeypatch.setattr(module, "TICK", 0.001)
    left = iter([True, False])

    start().watch(lambda _: next(left))

    assert capsys.readouterr().err == ""


def test_news_take_the_live_line_away(start, capsys):
    """Else both stand on one line."""
    progress = start(terminal=True)
    progress._paint(0)

    progress.tell("a@1.0.0", _sight(State.COMPLETE, pause=None))

    assert "\r\x1b[2K   0:00  a@1.0.0" in capsys.readouterr().err
