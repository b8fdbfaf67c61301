"""What a publish job gets from other jobs."""

from __future__ import annotations

import pytest

BUILD = "build: {stage: build, script: tsc, artifacts: {paths: [dist]}}"


def found(project) -> list[tuple[str, str, tuple[str, ...]]]:
    """Return line, origin and makers of all that the publish jobs get."""
    return [(str(each.at), each.origin.value, each.jobs) for job in project.jobs for each in job.artifacts]


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        pytest.param("needs: [build]", 4, id="needs"),
        pytest.param("needs: [{job: build}]", 4, id="needs with keys"),
        pytest.param("needs: [{job: build, artifacts: true}]", 4, id="needs with artifacts"),
        pytest.param("dependencies: [build]", 4, id="dependencies"),
        pytest.param("stage: deploy", 2, id="an earlier stage"),
        pytest.param("needs: [lint, build]", 4, id="the first that brings something"),
        pytest.param("needs: [!reference [.t, needs]]", 5, id="a reference"),
    ],
)
def test_a_job_gets_the_artifacts_of_another(pipeline, keys, line):
    """What one job builds and another publishes has a provenance that names the wrong job."""
    text = (
        f"{BUILD}\npublish:\n  script: npm publish\n  {keys}\n.t: {{needs: [build]}}\nlint: {{stage: build, script: x}}"
    )

    (each,) = found(pipeline(text))

    assert (int(each[0].split(":")[1]), *each[1:]) == (line, "job", ("build",))


@pytest.mark.parametrize(
    "keys",
    [
        pytest.param("needs: []", id="needs nothing"),
        pytest.param("needs: [{job: build, artifacts: false}]", id="without artifacts"),
        pytest.param("needs: [build]\n  dependencies: []", id="depends on nothing"),
        pytest.param("stage: build", id="the same stage"),
        pytest.param("stage: .pre", id="before the build"),
        pytest.param("needs: [lint]", id="another job"),
        pytest.param("needs: [publish]", id="itself"),
        pytest.param(
            "stage: deploy\n  rules: [{if: '$CI_PIPELINE_SOURCE == \"schedule\"'}]", id="never in one pipeline"
        ),
        pytest.param("needs: [{pipeline: $UPSTREAM}]", id="the state of a pipeline"),
        pytest.param("needs: [[build]]", id="a wrong shape"),
    ],
)
def test_a_job_that_gets_nothing(pipeline, keys):
    """GitLab passes on nothing here."""
    text = f"{BUILD}\npublish:\n  script: npm publish\n  {keys}\nlint: {{stage: build, script: x}}"

    assert not found(pipeline(text))


@pytest.mark.parametrize(
    "artifacts",
    [
        pytest.param("{paths: [node_modules]}", id="dependencies"),
        pytest.param("{paths: [$DIR/]}", id="dependencies by a variable"),
        pytest.param("{paths: [coverage/], reports: {junit: x.xml}}", id="a report"),
        pytest.param("{reports: {junit: x.xml}}", id="reports alone"),
        pytest.param("{untracked: false}", id="nothing"),
        pytest.param("[dist]", id="a wrong shape"),
    ],
)
def test_what_is_never_published_is_no_artifact(pipeline, artifacts):
    """An installed tree saves time and is not what is sent."""
    text = (
        f"variables: {{DIR: node_modules}}\ninstall: {{stage: build, script: x, artifacts: {artifacts}}}\n"
        f"publish: {{stage: deploy, script: npm publish}}"
    )

    assert not found(pipeline(text))


@pytest.mark.parametrize(
    "artifacts",
    [
        pytest.param("{untracked: true}", id="everything new"),
        pytest.param("{paths: [$DIR]}", id="a variable of the project"),
        pytest.param("{paths: [node_modules, dist]}", id="both"),
    ],
)
def test_what_may_be_published_is_an_artifact(pipeline, artifacts):
    """In doubt it is what the job publishes."""
    text = (
        f"install: {{stage: build, script: x, artifacts: {artifacts}}}\npublish: {{stage: deploy, script: npm publish}}"
    )

    assert found(pipeline(text)) == [(".gitlab-ci.yml:2:1", "job", ("install",))]


@pytest.mark.parametrize(
    ("keys", "origin"),
    [
        pytest.param("needs: [{project: acme/lib, job: build, ref: main}]", "repository", id="another project"),
        pytest.param("needs: [{pipeline: $UPSTREAM, job: build}]", "workflow", id="another pipeline"),
        pytest.param("before_script: gh release download v1", "release", id="a release"),
        pytest.param("before_script: gh run download 1", "workflow", id="a run"),
    ],
)
def test_artifacts_from_elsewhere(pipeline, keys, origin):
    """Nothing in this pipeline says how they were made."""
    text = f"publish:\n  script: npm publish\n  {keys}\n"

    assert [each[1:] for each in found(pipeline(text))] == [(origin, ())]


def test_the_order_of_stages_is_the_pipelines(pipeline):
    """Names say nothing about order."""
    text = (
        "stages: [z, a]\nbuild: {stage: z, script: x, artifacts: {paths: [dist]}}\n"
        "publish: {stage: a, script: npm publish}"
    )

    assert [each[2] for each in found(pipeline(text))] == [("build",)]


def test_the_key_of_the_maker_is_related(pipeline):
    """Both jobs are shown."""
    (job,) = pipeline(f"{BUILD}\npublish: {{script: npm publish, needs: [build]}}").jobs

    assert [(str(link.at), link.what) for link in job.artifacts[0].related] == [
        (".gitlab-ci.yml:1:36", "stored by job `build`")
    ]
