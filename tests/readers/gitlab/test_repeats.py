"""Packages that several jobs of one `parallel` send."""

from __future__ import annotations

import pytest


def text(keys: str, line: str = "npm publish") -> str:
    """Return a pipeline whose job publishes."""
    return f"publish:\n  script: [{line}]\n  {keys}\n"


NODES = "parallel: {matrix: [{NODE: ['22', '24']}]}"
ALIKE = [(2, None)]


@pytest.mark.parametrize(
    ("keys", "line", "found"),
    [
        pytest.param(f"image: node:$NODE\n  {NODES}", "npm publish", ALIKE, id="one for each Node.js"),
        pytest.param(f"tags: [$NODE]\n  {NODES}", "npm publish", ALIKE, id="one for each machine"),
        pytest.param(NODES, "npm publish", [(2, "a variable of the matrix may make each package another")],
                     id="a variable that something unseen may read"),
        pytest.param(NODES, "cd $NODE && npm publish", [], id="another folder"),
        pytest.param(NODES, "NAME=$NODE npm publish", [], id="another environment"),
        pytest.param("parallel: {matrix: [{NODE: ['22']}]}", "npm publish", [], id="one alone"),
        pytest.param("parallel: 3", "npm publish", [(3, None)], id="alike"),
        pytest.param("parallel: 1", "npm publish", [], id="once"),
        pytest.param("parallel: many", "npm publish", [], id="nonsense"),
        pytest.param("parallel: 3", "test $CI_NODE_INDEX != 1 || npm publish", [], id="told apart by their numbers"),
        pytest.param("retry: 2", "npm publish", [], id="not at all"),
    ],
)  # fmt: skip
def test_jobs_that_send_the_same(job, keys, line, found):
    """One of them wins, the others fail."""
    assert [(each.count, each.doubt) for each in job(text(keys, line)).repeats] == found


def test_the_matrix_is_shown(job):
    """It is what multiplies the job."""
    assert str(job(text("parallel: 3")).repeats[0].at) == ".gitlab-ci.yml:3:13"
