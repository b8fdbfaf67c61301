"""What starts a job, and which jobs never run."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("keys", "events"),
    [
        pytest.param("", ("push", "tag"), id="nothing said"),
        pytest.param("rules: [{if: $CI_COMMIT_TAG}]", ("tag",), id="a tag"),
        pytest.param("rules: [{if: '$CI_COMMIT_TAG =~ /^v/', when: manual}]", ("tag",), id="by hand"),
        pytest.param(
            "rules: [{if: '$CI_COMMIT_BRANCH == \"main\"'}, {if: $CI_COMMIT_TAG}]", ("push", "tag"), id="two rules"
        ),
        pytest.param("rules: [{if: '$CI_COMMIT_TAG == null && $CI_COMMIT_BRANCH'}]", ("push",), id="no tag"),
        pytest.param(
            "rules: [{if: '$CI_PIPELINE_SOURCE == \"merge_request_event\"'}]", ("merge_request",), id="a merge request"
        ),
        pytest.param("rules: [{if: $CI_MERGE_REQUEST_IID}]", ("merge_request",), id="a merge request by its number"),
        pytest.param("rules: [{if: '$CI_PIPELINE_SOURCE == \"schedule\"'}]", ("schedule",), id="a schedule"),
        pytest.param("rules: [{if: '$CI_PIPELINE_SOURCE == \"push\" && $CI_COMMIT_TAG'}]", ("tag",), id="a pushed tag"),
        pytest.param("rules: [{if: $RELEASE}]", ("push", "tag"), id="a variable"),
        pytest.param("rules: [{if: $CI_COMMIT_TAG, when: never}, {if: $CI_COMMIT_BRANCH}]", ("push",), id="not a tag"),
        pytest.param(
            "rules: [{if: $CI_COMMIT_TAG}, {when: never}, {if: $CI_COMMIT_BRANCH}]", ("tag",), id="nothing after never"
        ),
        pytest.param("rules: [!reference [.t, rules]]", ("tag",), id="a reference"),
        pytest.param("only: [tags]", ("tag",), id="only tags"),
        pytest.param("only: [main, schedules]", ("push", "schedule"), id="only a branch"),
        pytest.param("only: {refs: [merge_requests]}", ("merge_request",), id="only with refs"),
        pytest.param("only: ['/^v\\d/']", ("tag",), id="only a pattern of versions"),
        pytest.param("only: {changes: [a]}", ("push", "tag"), id="only with changes"),
        pytest.param("rules: nonsense", ("push", "tag"), id="a wrong shape"),
    ],
)
def test_what_starts_a_job(job, keys, events):
    """The plan tells which ref the provenance will name."""
    text = f".t:\n  rules: [{{if: $CI_COMMIT_TAG}}]\npublish:\n  script: npm publish\n  {keys}\n"
    if keys == "rules: nonsense":
        text = text.replace("nonsense", "[nonsense, {if: $X}]")

    assert job(text).triggers == events


def test_the_pipeline_says_what_starts_its_jobs(job):
    """`workflow` holds for a job that says nothing itself."""
    found = job("workflow: {rules: [{if: $CI_COMMIT_TAG}]}\npublish: {script: npm publish}")

    assert found.triggers == ("tag",)


@pytest.mark.parametrize(
    "keys",
    [
        pytest.param("rules: [{when: never}]", id="one rule"),
        pytest.param("rules: [{if: $A, when: never}, {when: never}]", id="every rule"),
        pytest.param("when: never", id="without rules"),
    ],
)
def test_a_job_that_never_runs_publishes_nothing(pipeline, keys):
    """A job that is switched off is no publish job."""
    assert not pipeline(f"publish:\n  script: npm publish\n  {keys}\n").jobs


@pytest.mark.parametrize(
    ("keys", "name"),
    [
        pytest.param("", None, id="none"),
        pytest.param("environment: npm", "npm", id="a string"),
        pytest.param("environment: {name: npm, url: x}", "npm", id="a mapping"),
        pytest.param("environment: $ENV\n  variables: {ENV: npm}", "npm", id="a variable"),
    ],
)
def test_the_environment_of_a_job(job, keys, name):
    """A trusted publisher may ask for one."""
    assert job(f"publish:\n  script: npm publish\n  {keys}\n").environment.value == name


@pytest.mark.parametrize(
    ("trigger", "uses"),
    [
        pytest.param("trigger: acme/publish", ["acme/publish"], id="a project"),
        pytest.param("trigger: {project: acme/release}", ["acme/release"], id="a project in a mapping"),
        pytest.param("trigger: acme/demo", [], id="a project that sounds like none"),
        pytest.param("trigger: {include: child.yml}", [], id="a child pipeline that is here"),
        pytest.param("trigger: {include: $FILE}", ["$FILE"], id="a child pipeline that a variable names"),
        pytest.param("trigger: {include: other.yml}", [], id="a child pipeline that does not"),
        pytest.param(
            "trigger: {include: [{artifact: made.yml, job: make}]}",
            ["made.yml"],
            id="a child pipeline that a job writes",
        ),
        pytest.param(
            "trigger: {include: [{project: acme/release, file: x.yml}]}",
            ["acme/release/x.yml"],
            id="a child pipeline of another project",
        ),
        pytest.param("trigger: {include: [{template: x}]}", [], id="a template"),
    ],
)
def test_pipelines_that_a_job_starts_are_told(pipeline, trigger, uses):
    """They are not looked into, and may be where the package is published."""
    found = pipeline(
        f"start:\n  {trigger}\n",
        {"child.yml": "publish: {script: npm publish}", "other.yml": "test: {script: tsc}"},
    )

    assert [each.uses for each in found.unread] == uses


def test_a_job_of_another_project_is_told(pipeline):
    """Its script stands in a template that is not here."""
    found = pipeline("include: {template: x}\npublish: {extends: .npm}\ntest: {extends: .test}")

    assert [(each.job, each.uses) for each in found.unread] == [("publish", ".npm")]
