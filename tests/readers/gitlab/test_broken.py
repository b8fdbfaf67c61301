"""Why GitLab refuses a pipeline."""

from __future__ import annotations

import pytest

PUBLISH = "publish: {script: npm publish}\n"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        pytest.param(
            "a: {extends: .gone, script: x}", "job `a` extends `.gone`, and there is no such job", id="extends"
        ),
        pytest.param("a: {needs: [gone], script: x}", "job `a` needs `gone`, and there is no such job", id="needs"),
        pytest.param(
            "a: {needs: [{job: gone}], script: x}",
            "job `a` needs `gone`, and there is no such job",
            id="needs with keys",
        ),
        pytest.param(
            "a: {stage: gone, script: x}", "job `a` is in the stage `gone`, and there is no such stage", id="stage"
        ),
    ],
)
def test_a_pipeline_that_cannot_start(pipeline, text, what):
    """One wrong name in any job stops all of them."""
    assert [each.what for each in pipeline(f"{PUBLISH}{text}").broken] == [what]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a: {needs: [publish], script: x}", id="a job"),
        pytest.param("a: {needs: [{job: gone, optional: true}], script: x}", id="an optional job"),
        pytest.param("a: {needs: [{project: b, job: gone}], script: x}", id="a job of another project"),
        pytest.param("a: {needs: [[gone], {}], script: x}", id="a wrong shape"),
        pytest.param("a: {stage: .post, script: x}", id="a stage of GitLab's"),
        pytest.param("a: {stage: deploy, script: x}", id="a stage by default"),
        pytest.param(
            "include: {template: x}\na: {extends: .gone, needs: [gone], stage: gone, script: x}",
            id="a template may hold it",
        ),
    ],
)
def test_a_pipeline_that_starts(pipeline, text):
    """What cannot be seen is not called missing."""
    assert not pipeline(f"{PUBLISH}{text}").broken


def test_a_pipeline_that_publishes_nothing_is_not_judged(pipeline):
    """Other pipelines are none of this tool's business."""
    assert not pipeline("a: {needs: [gone], script: x}").broken
