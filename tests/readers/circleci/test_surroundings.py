"""What a publish job of CircleCI gets from others, what cannot be looked into, and what cannot run."""

from __future__ import annotations

import pytest

BUILD = "build: {docker: [image: node], steps: [run: tsc, persist_to_workspace: {root: ., paths: [dist]}]}"
PUBLISH = "publish: {docker: [image: node], steps: [attach_workspace: {at: .}, run: npm publish]}"


def found(project) -> list[tuple[str, tuple[str, ...]]]:
    """Return origin and makers of all that the publish jobs get."""
    return [(each.origin.value, each.jobs) for job in project.jobs for each in job.artifacts]


@pytest.mark.parametrize(
    ("uses", "artifacts"),
    [
        pytest.param("build, publish: {requires: [build]}", [("job", ("build",))], id="straight"),
        pytest.param(
            "build, hold: {type: approval, requires: [build]}, publish: {requires: [hold]}",
            [("job", ("build",))],
            id="through another",
        ),
        pytest.param("build: {name: b}, publish: {requires: [b]}", [("job", ("build",))], id="by its name there"),
        pytest.param("build, publish: {requires: [{build: [success]}]}", [("job", ("build",))], id="with a status"),
        pytest.param("build, publish", [], id="not waited for"),
    ],
)
def test_a_workspace_comes_from_the_jobs_before(pipeline, uses, artifacts):
    """What one job builds and another publishes has two machines to trust."""
    text = f"jobs:\n  {BUILD}\n  {PUBLISH}\nworkflows: {{a: {{jobs: [{uses}]}}}}"

    assert found(pipeline(text)) == artifacts


@pytest.mark.parametrize(
    ("saved", "restored", "artifacts"),
    [
        pytest.param("{key: v1-build-x, paths: [dist]}", "{keys: [v1-build-]}", [("cache", ("build",))], id="a build"),
        pytest.param("{key: v1-x, paths: [dist]}", "{key: v1-x}", [("cache", ("build",))], id="one key"),
        pytest.param("{key: v1-x, paths: [node_modules]}", "{key: v1-x}", [], id="dependencies"),
        pytest.param("{key: v1-x, paths: [dist]}", "{key: v2}", [], id="another key"),
    ],
)
def test_a_cache_may_hold_a_build(pipeline, saved, restored, artifacts):
    """Any branch can write it."""
    text = (
        f"jobs:\n  build: {{docker: [image: node], steps: [save_cache: {saved}]}}\n"
        f"  publish: {{docker: [image: node], steps: [restore_cache: {restored}, run: npm publish]}}\n"
        "workflows: {a: {jobs: [build, publish]}}"
    )

    assert found(pipeline(text)) == artifacts


def test_a_download_is_an_artifact(pipeline):
    """What a release holds, somebody built."""
    text = "jobs: {build: {machine: true, steps: [run: gh release download v1 && npm publish, run: gh run download 1]}}"

    assert found(pipeline(text)) == [("release", ()), ("workflow", ())]


# -- what cannot be looked into -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "unread"),
    [
        pytest.param(
            "orbs: {auto: auto/release@1}\nworkflows: {a: {jobs: [auto/publish]}}", ["auto/release@1"], id="a job"
        ),
        pytest.param("orbs: {docker: circleci/docker@2}\nworkflows: {a: {jobs: [docker/publish]}}", [], id="images"),
        pytest.param("orbs: {x: a/b@2}\nworkflows: {a: {jobs: [x/test]}}", [], id="a job that sounds like a test"),
        pytest.param(
            "orbs: {x: a/npm@2}\njobs: {build: {machine: true, steps: [x/publish]}}", ["a/npm@2"], id="a command"
        ),
        pytest.param(
            "orbs: {c: circleci/continuation@1}\nsetup: true\nworkflows: {a: {jobs: [c/continue]}}",
            ["circleci/continuation@1"],
            id="what follows",
        ),
        pytest.param(
            "orbs: {c: circleci/continuation@1}\nsetup: true\n"
            "jobs: {build: {machine: true, steps: [run: x, c/continue: {configuration_path: a.yml}]}}",
            ["circleci/continuation@1"],
            id="what a step goes on with",
        ),
        pytest.param(
            "orbs: {c: circleci/path-filtering@1}\n"
            "workflows: {a: {jobs: [c/filter: {config-path: << pipeline.git.tag >>}]}}",
            ["circleci/path-filtering@1"],
            id="worked out",
        ),
    ],
)
def test_what_an_orb_may_publish_is_noted(pipeline, text, unread):
    """Its text is in the registry of orbs."""
    assert [each.uses for each in pipeline(text).unread] == unread


@pytest.mark.parametrize(
    ("job", "path"),
    [
        pytest.param("c/continue", ".circleci/continue_config.yml", id="the default"),
        pytest.param("c/continue: {configuration_path: .circleci/next.yml}", ".circleci/next.yml", id="named"),
    ],
)
def test_the_configuration_that_follows_is_read(pipeline, job, path):
    """A setup workflow only chooses."""
    text = f"orbs: {{c: circleci/continuation@1}}\nsetup: true\nworkflows: {{a: {{jobs: [{job}]}}}}"
    after = "version: 2.1\njobs: {build: {machine: true, steps: [run: npm publish]}}"

    project = pipeline(text, {path: after})

    assert ([each.entry for each in project.jobs], project.looked_at) == (
        [path],
        ("`.circleci/config.yml`", f"`{path}`"),
    )


def test_an_inline_orb_is_read(pipeline):
    """It stands in the file like everything else."""
    text = (
        "orbs:\n  ship:\n    commands: {send: {steps: [run: npm publish]}}\n"
        "    jobs: {all: {machine: true, steps: [send]}}\nworkflows: {a: {jobs: [ship/all]}}"
    )

    assert [job.name for job in pipeline(text).jobs] == ["ship/all"]


# -- what cannot run ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("uses", "count"),
    [
        pytest.param("build, publish: {requires: [build]}", 0, id="in order"),
        pytest.param("publish: {requires: [nothing]}", 1, id="waits for nobody"),
        pytest.param("publish, other", 1, id="an unknown job"),
        pytest.param("publish, x/other", 1, id="a job of an unknown orb"),
        pytest.param("publish, known/other", 0, id="a job of an orb"),
        pytest.param("publish, hold: {type: approval}", 0, id="an approval"),
        pytest.param("build: {matrix: {parameters: {v: [1]}}}, publish: {requires: [build-1]}", 0, id="a matrix"),
    ],
)
def test_a_workflow_that_cannot_start_is_broken(pipeline, uses, count):
    """CircleCI refuses the whole configuration."""
    text = f"orbs: {{known: a/b@1}}\njobs:\n  {BUILD}\n  {PUBLISH}\nworkflows: {{a: {{jobs: [{uses}]}}}}"

    assert len(pipeline(text).broken) == count


def test_an_executor_that_is_nowhere_is_broken(pipeline):
    """CircleCI refuses that too."""
    text = "jobs: {build: {executor: gone, steps: [run: npm publish]}}"

    assert [each.at.line for each in pipeline(text).broken] == [2]


def test_a_workflow_that_does_not_publish_is_nobodys_business(pipeline):
    """Scope: publish jobs."""
    text = f"jobs:\n  {BUILD}\n  {PUBLISH}\nworkflows: {{a: {{jobs: [publish]}}, b: {{jobs: [gone]}}}}"

    assert pipeline(text).broken == ()


@pytest.mark.parametrize(
    "text", ["a: [", "- a", "", "jobs: 1", "workflows: {a: 1, b: {jobs: 1}, c: {jobs: [[], 1, {publish: 1}]}}"]
)
def test_a_configuration_of_another_shape_holds_nothing(project, text):
    """Nothing that a file holds may raise."""
    assert project({".circleci/config.yml": text}).jobs == ()
