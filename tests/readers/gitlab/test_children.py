"""Child pipelines."""

from __future__ import annotations

import pytest

from preflight.facts.fact import Known, Unknown

CHILD = "publish:\n  id_tokens: {SIGSTORE_ID_TOKEN: {aud: sigstore}}\n  script: [npm publish]\n"
START = "start:\n  trigger: {include: child.yml}\n"


@pytest.mark.parametrize(
    "trigger",
    [
        pytest.param("include: child.yml", id="a string"),
        pytest.param("include: [child.yml]", id="a list"),
        pytest.param("include: {local: /child.yml}", id="a mapping"),
        pytest.param("include: [{local: child.yml}], strategy: depend", id="a list of mappings"),
        pytest.param("include: !reference [.files, trigger, include]", id="a reference"),
    ],
)
def test_a_child_pipeline_is_read(job, trigger):
    """It publishes like any other, and no provenance can come of it."""
    found = job(
        f".files: {{trigger: {{include: child.yml}}}}\nstart:\n  trigger: {{{trigger}}}\n", {"child.yml": CHILD}
    )

    assert (str(found.at), found.callers[0].job) == ("child.yml:1:1", "start")


def test_no_token_of_a_child_pipeline_counts(job):
    """Its claims name no file of the project, and Sigstore refuses it."""
    found = job(START, {"child.yml": CHILD})

    assert found.id_token.value is False


def test_a_child_pipeline_says_what_to_do(job):
    """To declare a token would not help."""
    found = job(START, {"child.yml": CHILD})

    assert found.id_token.remedy.title.startswith("move the job to the pipeline of `.gitlab-ci.yml`")


def test_a_child_pipeline_has_no_trusted_publisher(job):
    """A token is all that it can publish with, so nobody is told to do without."""
    found = job(START, {"child.yml": CHILD.replace("SIGSTORE", "NPM")})

    assert not found.sites[0].trustable


def test_a_grandchild_is_read(job):
    """Children may start children of their own."""
    found = job(START, {"child.yml": "more:\n  trigger: {include: deep.yml}\n", "deep.yml": CHILD})

    assert [caller.job for caller in found.callers] == ["more", "start"]


def test_children_that_start_each_other_end(pipeline):
    """A circle is a mistake that must not hang the check."""
    found = pipeline(START, {"child.yml": f"{START}{CHILD}"})

    assert len(found.jobs) == 2


def test_a_child_that_never_starts_publishes_nothing(pipeline):
    """The job that starts it is switched off."""
    assert not pipeline(f"{START}  rules: [{{when: never}}]\n", {"child.yml": CHILD}).jobs


def test_a_child_gets_the_variables_of_the_job_that_starts_it(job):
    """They win over what its own file says."""
    child = "variables: {NODE: '16'}\npublish:\n  image: node:$NODE\n  script: [npm publish]\n"

    found = job(f"{START}  variables: {{NODE: '20'}}\n", {"child.yml": child})

    assert str(found.sites[0].npm[0].value.version) == "10.8.2"


def test_a_child_may_be_given_nothing(job):
    """`forward` keeps the variables back."""
    child = "variables: {NODE: '20'}\npublish:\n  image: node:$NODE\n  script: [npm publish]\n"
    start = "start:\n  variables: {NODE: '16'}\n  trigger: {include: child.yml, forward: {yaml_variables: false}}\n"

    found = job(start, {"child.yml": child})

    assert str(found.sites[0].npm[0].value.version) == "10.8.2"


def test_inputs_reach_a_child(job):
    """The job that starts it gives them."""
    spec = "spec: {inputs: {node: {default: '16'}}}\n---\n"
    child = f"{spec}publish: {{image: 'node:$[[ inputs.node ]]', script: [npm publish]}}\n"
    start = "start:\n  trigger: {include: [{local: child.yml, inputs: {node: '20'}}]}\n"

    found = job(start, {"child.yml": child})

    assert str(found.sites[0].npm[0].value.version) == "10.8.2"


@pytest.mark.parametrize(
    ("start", "child", "triggers", "guarded"),
    [
        pytest.param("rules: [{if: $CI_COMMIT_TAG}]", "", ("tag",), Known(value=False), id="as the job that starts it"),
        pytest.param("", "rules: [{if: $CI_COMMIT_TAG}]", ("tag",), Known(value=False), id="by its own rules"),
        pytest.param("", "only: [tags]", ("tag",), Known(value=False), id="by only"),
        pytest.param("rules: [{if: $CI_COMMIT_TAG}]", "rules: [{if: '$CI_PIPELINE_SOURCE == \"parent_pipeline\"'}]",
                     ("tag",), Known(value=False), id="by its source"),
        pytest.param("when: manual\n  rules: [{if: $CI_COMMIT_TAG}]", "", ("tag",),
                     Unknown("it waits until somebody starts it by hand"), id="by hand"),
        pytest.param("rules: [{if: $CI_COMMIT_TAG}]", "rules: [{if: $CI_COMMIT_BRANCH}]", ("tag",),
                     Unknown("the files do not tell what its conditions come to"), id="never, it seems"),
    ],
)  # fmt: skip
def test_a_child_starts_when_its_parent_does(job, start, child, triggers, guarded):
    """The event is that of the whole pipeline."""
    found = job(f"{START}  {start}\n", {"child.yml": f"{CHILD}  {child}\n"})

    assert (found.triggers, found.starts[0].guarded) == (triggers, guarded)


def test_a_child_fetches_what_its_parent_built(job):
    """The job that made it belongs to the pipeline above."""
    found = job(START, {"child.yml": f"{CHILD}  needs: [{{pipeline: $PARENT_PIPELINE_ID, job: build}}]\n"})

    assert [(artifact.origin.value, artifact.jobs) for artifact in found.artifacts] == [("job", ("build",))]


def test_what_a_child_borrows_counts_where_it_publishes(pipeline):
    """Both pipelines run the code of others."""
    child = f"include: [{{project: a/child, file: x.yml}}]\n{CHILD}"

    found = pipeline(f"include: [{{project: a/top, file: x.yml}}]\n{START}", {"child.yml": child})

    assert [each.name for each in found.borrowed] == ["a/top/x.yml", "a/child/x.yml"]


def test_children_without_end_are_told(pipeline):
    """What is not looked at is said."""
    many = "".join(f"s{number}:\n  trigger: {{include: child.yml}}\n" for number in range(300))

    found = pipeline(many, {"child.yml": "test: {script: [tsc]}"})

    assert [each.why for each in found.unread] == ["there are too many child pipelines"]
