"""What starts a job of a pipeline, and what other pipelines do to it."""

from __future__ import annotations

from textwrap import indent

import pytest

from preflight.facts.fact import Known
from preflight.facts.starts import Danger, Trust


def pipeline_of(keys: str, top: str = "", other: str = "") -> str:
    """Return a pipeline whose job publishes."""
    return f"{top}\npublish:\n  script: [npm publish]\n{indent(keys, '  ')}\n{other}\n"


def found(job):
    """Return what starts a job: event, trust, and whether a condition keeps such people out."""
    return [
        (start.event, start.trust, start.guarded.value if isinstance(start.guarded, Known) else None)
        for start in job.starts
    ]


PUSH = "rules: [{if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH}]"
MERGE_REQUEST = "{if: '$CI_PIPELINE_SOURCE == \"merge_request_event\"'}"
OPEN = ("push", Trust.WRITER, False)
TAG = ("tag", Trust.RELEASER, False)
MAYBE = [("push", Trust.WRITER, None), ("tag", Trust.RELEASER, None)]


@pytest.mark.parametrize(
    ("keys", "top", "events"),
    [
        pytest.param("", "", [OPEN, TAG], id="nothing said"),
        pytest.param(PUSH, "", [OPEN], id="the default branch"),
        pytest.param("rules: [{if: $CI_COMMIT_TAG}]", "", [TAG], id="tags"),
        pytest.param("rules: [{if: $CI_COMMIT_TAG}, {if: $CI_COMMIT_BRANCH}]", "", [TAG, OPEN], id="two rules"),
        pytest.param("rules: [{when: on_success}]", "", [OPEN, TAG], id="a rule without a condition"),
        pytest.param("rules: [{if: $RELEASE}]", "", MAYBE,
                     id="a variable of one's own"),
        pytest.param("rules: [{if: $CI_COMMIT_BRANCH && $RELEASE}]", "", [("push", Trust.WRITER, None)],
                     id="a variable besides"),
        pytest.param("rules: [{if: $CI_COMMIT_BRANCH, when: manual}]", "", [("push", Trust.WRITER, None)],
                     id="a rule by hand"),
        pytest.param("when: manual\n" + PUSH, "", [("push", Trust.WRITER, None)], id="a job by hand"),
        pytest.param("when: manual\nonly: [main]", "", [("push", Trust.WRITER, None)], id="only, by hand"),
        pytest.param("environment: npm\n" + PUSH, "", [("push", Trust.WRITER, None)], id="an environment"),
        pytest.param("rules: [{if: '$CI_COMMIT_BRANCH && $CI_COMMIT_REF_PROTECTED == \"true\"'}]", "",
                     [("push", Trust.WRITER, True)], id="protected branches"),
        pytest.param("rules: [{if: '$CI_PIPELINE_SOURCE == \"merge_request_event\"'}]", "",
                     [("merge_request", Trust.FORK, False)], id="merge requests"),
        pytest.param("rules: [{if: '$CI_PIPELINE_SOURCE == \"schedule\"'}]", "", [("schedule", Trust.CLOCK, False)],
                     id="a schedule"),
        pytest.param("rules: [{if: '$CI_PIPELINE_SOURCE == \"web\"'}]", "", [("web", Trust.WRITER, False)],
                     id="started on the page"),
        pytest.param("only: [tags, main]", "", [TAG, OPEN], id="only"),
        pytest.param("only: {refs: [schedules]}", "", [("schedule", Trust.CLOCK, False)], id="only with refs"),
        pytest.param("", "workflow: {rules: [{if: $CI_COMMIT_TAG}]}", [TAG], id="the workflow's rules"),
        pytest.param("only: {changes: [a]}", "workflow: {rules: [{if: $CI_COMMIT_TAG}]}", [TAG], id="only changes"),
        pytest.param("", "workflow: {rules: [{if: $RELEASE}]}", MAYBE, id="the workflow's own variable"),
        pytest.param("except: [tags]", "", [OPEN], id="no tags"),
        pytest.param("except: {refs: [branches]}", "", [TAG], id="no branches"),
        pytest.param("only: ['/^release-.*$/']\nexcept: [branches]", "", [TAG], id="a pattern, and no branches"),
        pytest.param("only: ['/^release-.*$/']", "", [OPEN], id="a pattern of branches"),
        pytest.param("only: ['main@acme/widgets']", "", [OPEN], id="a branch of the project"),
        pytest.param("only: {variables: [$CI_COMMIT_TAG]}", "", [TAG], id="only where a condition is met"),
        pytest.param("only: {refs: [main], variables: [$RELEASE]}", "", [("push", Trust.WRITER, None)],
                     id="only where a variable is set"),
        pytest.param("except: {variables: [$CI_COMMIT_TAG]}", "", [OPEN], id="not where a condition is met"),
        pytest.param("rules: [{if: '$CI_PIPELINE_SOURCE == \"push\"'}]", "", [OPEN, TAG], id="whatever is pushed"),
        pytest.param("rules: [{if: '$CI_PIPELINE_SOURCE != \"schedule\"'}]", "", [OPEN, TAG], id="not the schedule"),
        pytest.param("rules: [{if: '$CI_PIPELINE_SOURCE =~ /^(web|api)$/'}]", "",
                     [("web", Trust.WRITER, False), ("api", Trust.WRITER, False)], id="one of some sources"),
        pytest.param("rules: [{if: '$CI_PIPELINE_SOURCE == \"merge_request_event\"', when: never}, {when: on_success}]",
                     "", [OPEN, TAG], id="no merge requests"),
        pytest.param("rules: [{if: $CI_COMMIT_BRANCH, when: never}, {when: always}]", "", [TAG],
                     id="no branches, by a rule"),
        pytest.param("rules: [{if: $CI_COMMIT_TAG, changes: [a], when: never}, {if: $CI_COMMIT_TAG}]", "", [TAG],
                     id="a rule that stops some"),
        pytest.param("rules: [{if: '$CI_COMMIT_BRANCH == \"main\" && $CI_COMMIT_TAG'}]", "",
                     MAYBE, id="a rule that nothing meets"),
        pytest.param("variables: {GO: 'no'}\nrules: [{if: '$GO == \"yes\"'}]", "",
                     MAYBE, id="a variable to be set by hand"),
        pytest.param("variables: {GO: 'yes'}\nrules: [{if: '$GO == \"yes\" && $CI_COMMIT_TAG'}]", "", [TAG],
                     id="a variable that is set"),
        pytest.param("rules: [[{if: $CI_COMMIT_TAG}]]", "", [TAG], id="a list in a list"),
        pytest.param("rules: [{if: '($CI_COMMIT_REF_NAME == \"main\" || $CI_COMMIT_REF_NAME =~ /^v1/)'}]",
                     "", [OPEN, TAG],
                     id="a ref by its name"),
        pytest.param("rules: [{if: '$CI_COMMIT_REF_NAME == $CI_DEFAULT_BRANCH'}]", "", [OPEN],
                     id="the default branch's name"),
        pytest.param("rules: [{if: 'what is this'}]", "", MAYBE,
                     id="no condition that GitLab reads"),
        pytest.param("rules: [{when: on_success}]",
                     f"workflow: {{rules: [{MERGE_REQUEST}, {{if: $CI_COMMIT_TAG}}]}}",
                     [TAG, ("merge_request", Trust.FORK, False)], id="what the workflow lets through"),
        pytest.param("rules: [{if: '$CI_COMMIT_TAG || $CI_COMMIT_BRANCH'}]",
                     "workflow: {rules: [{if: $CI_COMMIT_BRANCH, when: never}, {when: always}]}", [TAG],
                     id="what the workflow keeps out"),
        pytest.param("rules: [{if: $CI_EXTERNAL_PULL_REQUEST_IID}]", "", [("external_pull_request", Trust.FORK, False)],
                     id="a pull request elsewhere"),
    ],
)  # fmt: skip
def test_a_rule_tells_who_starts_a_job(job, keys, top, events):
    """Who can start a publish is the whole question."""
    assert found(job(pipeline_of(keys, top))) == events


TESTS = "test:\n  interruptible: {}\n  script: [npm test]"


@pytest.mark.parametrize(
    ("keys", "top", "other", "dangers"),
    [
        pytest.param(PUSH, "", "", [Danger.RACE], id="two pushes"),
        pytest.param(PUSH + "\nresource_group: npm", "", "", [], id="a resource group"),
        pytest.param("rules: [{if: $CI_COMMIT_TAG}]", "", "", [], id="a tag comes once"),
        pytest.param("rules: [{if: '$CI_PIPELINE_SOURCE == \"schedule\"'}]", "", "", [Danger.RACE], id="a schedule"),
        pytest.param("when: manual\n" + PUSH, "", "", [], id="by hand"),
        pytest.param(PUSH + "\ninterruptible: true", "", "", [Danger.CUT], id="a newer pipeline cancels it"),
        pytest.param(PUSH, "default: {interruptible: true}", "", [Danger.CUT], id="by default"),
        pytest.param(PUSH + "\ninterruptible: true", "", TESTS.format("true"), [Danger.CUT], id="all jobs may end"),
        pytest.param(PUSH + "\ninterruptible: true", "", TESTS.format("false"), [Danger.RACE],
                     id="a job that began keeps the pipeline"),
        pytest.param(PUSH + "\ninterruptible: true", "workflow: {auto_cancel: {on_new_commit: interruptible}}",
                     TESTS.format("false"), [Danger.CUT], id="only such jobs are cancelled"),
        pytest.param(PUSH + "\ninterruptible: true", "workflow: {auto_cancel: {on_new_commit: none}}", "",
                     [Danger.RACE], id="nothing is cancelled"),
        pytest.param(PUSH + "\ninterruptible: false", "", "", [Danger.RACE], id="said to run on"),
        pytest.param(PUSH + "\ninterruptible: [a]", "", "", [Danger.RACE], id="nonsense"),
    ],
)  # fmt: skip
def test_pipelines_of_one_branch_meet_or_do_not(job, keys, top, other, dangers):
    """A publish that is cut short leaves half a release behind."""
    assert [each.danger for each in job(pipeline_of(keys, top, other)).interruptions] == dangers


def test_the_place_is_the_condition(job):
    """That is the line to change; without one it is the job."""
    read = job(pipeline_of("rules: [{if: $CI_COMMIT_TAG}, {when: on_success}]"))

    assert [start.at.text for start in read.starts] == ["$CI_COMMIT_TAG", "publish"]
