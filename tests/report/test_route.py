"""Routes: where a line stands, in words that stay when lines move."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from preflight.report.route import Routes
from preflight.source.text import Source

WORKFLOW = """\
jobs:
  build:
    steps:
      - uses: actions/setup-node@v4
        with:
          node-version: 22

  publish:
    # a comment
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v5
        with:
          node-version: 22
"""
MANIFEST = """\
{
  "repository": {
    "url": "https://github.com/acme/widgets"
  },
  "files": [
    "dist"
  ]
}
"""


def _route(text, word, after=""):
    source = Source(PurePosixPath("a"), text)
    start = text.index(word, text.index(after) if after else 0)
    return Routes()(source.at(start, start + len(word)))


@pytest.mark.parametrize(
    ("text", "word", "after", "route"),
    [
        pytest.param(WORKFLOW, "jobs", "", "", id="the top"),
        pytest.param(
            WORKFLOW, "node-version", "", "jobs.build.steps.[uses: actions/setup-node].with", id="below an item"
        ),
        pytest.param(
            WORKFLOW, "node-version", "publish", "jobs.publish.steps.[uses: actions/setup-node].with", id="another job"
        ),
        pytest.param(WORKFLOW, "actions/checkout", "", "jobs.publish.steps", id="an item itself"),
        pytest.param(WORKFLOW, "# a comment", "", "jobs.publish", id="a comment"),
        pytest.param(MANIFEST, '"url"', "", "repository", id="JSON"),
        pytest.param(MANIFEST, '"dist"', "", "files", id="a list in JSON"),
        pytest.param('{"repository": "x"}', '"x"', "", "", id="one line"),
        pytest.param("", "", "", "", id="nothing"),
    ],
)
def test_a_route_names_what_stands_above(text, word, after, route):
    """Two lines that read alike in two jobs are two alerts."""
    assert _route(text, word, after) == route


def test_lines_above_do_not_change_it():
    """That is what it is for."""
    moved = WORKFLOW.replace("jobs:", "# why\nname: release\n\njobs:").replace("  build:", "  lint: {}\n  build:")

    assert _route(moved, "node-version") == _route(WORKFLOW, "node-version")


def test_a_hostile_file_has_short_routes():
    """A thousand levels would make every fingerprint expensive."""
    text = "".join(f"{' ' * depth}{'k' * 500}:\n" for depth in range(500)) + " " * 500 + "x: 1\n"

    assert len(_route(text, "x: 1")) < 2000
