"""What starts a job of a workflow, what other pipelines do to it, and what multiplies it."""

from __future__ import annotations

import pytest

from preflight.facts.fact import Known, Unknown
from preflight.facts.starts import Trust

IMAGE = "docker: [{image: 'cimg/node:24.15'}]"
JOB = f"jobs:\n  publish:\n    {IMAGE}\n    steps: [{{run: npm publish}}]\n"
OPEN = ("push", Trust.WRITER, Known(value=False))
TAG = ("tag", Trust.RELEASER, Known(value=False))
TAGS = "filters: {tags: {only: /^v.*/}, branches: {ignore: /.*/}}"


def workflow(use: str, keys: str = "", top: str = "") -> str:
    """Return a configuration whose job publishes."""
    return f"{top}\n{JOB}\nworkflows:\n  release:\n    {keys}\n    jobs:\n      - publish: {{{use}}}\n"


def found(job):
    """Return what starts a job."""
    return [(start.event, start.trust, start.guarded) for start in job.starts]


PARAMETER = "parameters: {publish: {type: boolean, default: false}}"
RESTRICTED = Unknown("the context `npm` may be restricted")


@pytest.mark.parametrize(
    ("use", "keys", "top", "events"),
    [
        pytest.param("", "", "", [OPEN], id="nothing said"),
        pytest.param("filters: {branches: {only: main}}", "", "", [OPEN], id="one branch"),
        pytest.param(TAGS, "", "", [TAG], id="tags only"),
        pytest.param("filters: {tags: {only: /.*/}}", "", "", [OPEN, TAG], id="tags as well"),
        pytest.param("filters: {tags: {ignore: /^x/}}", "", "", [OPEN, TAG], id="all tags but some"),
        pytest.param("filters: {tags: {ignore: /.*/}}", "", "", [OPEN], id="no tags"),
        pytest.param("filters: 'pipeline.git.branch == \"main\"'", "", "", [OPEN], id="an expression"),
        pytest.param("context: npm", "", "", [("push", Trust.WRITER, RESTRICTED)], id="a context"),
        pytest.param("context: [npm, other]", "", "", [("push", Trust.WRITER, RESTRICTED)], id="contexts"),
        pytest.param("", "triggers: [{schedule: {cron: '0 0 * * *'}}]", "",
                     [("schedule", Trust.CLOCK, Known(value=False))], id="a schedule"),
        pytest.param("", "when: {equal: [scheduled_pipeline, << pipeline.trigger_source >>]}", "",
                     [("schedule", Trust.CLOCK, Known(value=False))], id="a pipeline of a schedule"),
        pytest.param("", "when: << pipeline.parameters.publish >>", PARAMETER,
                     [("api", Trust.WRITER, Known(value=False))], id="a parameter to be set by hand"),
        pytest.param("", "unless: << pipeline.parameters.publish >>", PARAMETER, [OPEN],
                     id="a parameter to hold it up"),
        pytest.param("filters: {tags: {only: /.*/}}", "when: {equal: ['', << pipeline.git.branch >>]}", "", [OPEN, TAG],
                     id="what may be"),
        pytest.param("filters: {tags: {only: /.*/}}", "when: << pipeline.git.tag >>", "", [TAG],
                     id="where there is a tag"),
        pytest.param("filters: {tags: {only: /.*/}}", "when: {matches: {pattern: '^v', value: << pipeline.git.tag >>}}",
                     "",
                     [TAG], id="where the tag is a version"),
        pytest.param("filters: {tags: {only: /.*/}}", "when: 'pipeline.git.branch == \"main\"'", "", [OPEN],
                     id="an expression of the workflow"),
        pytest.param(TAGS, "when: {equal: ['', << pipeline.git.tag >>]}", "", [TAG], id="what never meets"),
    ],
)  # fmt: skip
def test_who_starts_a_job(job, use, keys, top, events):
    """Who can start a publish is the whole question."""
    assert found(job(workflow(use, keys, top))) == events


def test_a_job_that_waits_for_a_person(job):
    """An approval anywhere before holds it up."""
    text = (
        f"{JOB}  build:\n    {IMAGE}\n    steps: [{{run: tsc}}]\n"
        "workflows:\n  release:\n    jobs:\n      - hold: {type: approval}\n"
        "      - build: {requires: [hold]}\n      - publish: {requires: [build]}\n"
    )

    assert found(job(text)) == [("push", Trust.WRITER, Unknown("it waits until somebody approves it"))]


def test_without_workflows_a_push_is_enough(job):
    """The job `build` runs then."""
    assert found(job(JOB.replace("publish:", "build:", 1))) == [OPEN]


@pytest.mark.parametrize(
    ("use", "place"),
    [
        pytest.param("", ".circleci/config.yml:12:9", id="the job in the workflow"),
        pytest.param(TAGS, ".circleci/config.yml:12:35", id="the filter"),
    ],
)
def test_the_place_is_the_filter(job, use, place):
    """That is the line to change."""
    assert str(job(workflow(use)).starts[0].at) == place


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param(workflow(""), ["two pushes can publish at the same time"], id="two pushes"),
        pytest.param(workflow("", "triggers: [{schedule: {cron: '0 0 * * *'}}]"),
                     ["the schedule and another pipeline can publish at the same time"], id="a schedule"),
        pytest.param(workflow(TAGS), [], id="a tag comes once"),
        pytest.param(workflow("serial-group: npm"), [], id="a group of the use"),
        pytest.param(workflow("").replace("steps:", "serial-group: npm\n    steps:"), [], id="a group of the job"),
        pytest.param("orbs: {queue: acme/queue@1}\n" + workflow("").replace("[{run:", "[queue/until_front, {run:"), [],
                     id="a queue"),
        pytest.param(workflow("requires: [hold]") + "      - hold: {type: approval}\n", [], id="by hand"),
    ],
)  # fmt: skip
def test_pipelines_meet_or_do_not(job, text, why):
    """Two publishes of one version leave one of them red."""
    assert [each.why for each in job(text).interruptions] == why


MATRIX = """
executors: {node: {parameters: {version: {type: string}}, docker: [{image: 'cimg/node:<< parameters.version >>'}]}}
jobs:
  publish:
    parameters: {version: {type: string}}
    executor: {name: node, version: << parameters.version >>}
    steps: [{run: LINE}]
workflows: {release: {jobs: [{publish: {matrix: {parameters: {version: ['22.1', '24.1']}}}}]}}
"""


@pytest.mark.parametrize(
    ("text", "repeats"),
    [
        pytest.param(MATRIX.replace("LINE", "npm publish"), [(2, None)], id="a matrix"),
        pytest.param(MATRIX.replace("LINE", "npm publish packages/<< parameters.version >>"), [],
                     id="packages of its own"),
        pytest.param(MATRIX.replace("{run: LINE}", "{run: make << parameters.version >>}, {run: npm publish}"),
                     [(2, "an earlier step does something else in each job of the matrix")], id="another build"),
        pytest.param(workflow("").replace("steps:", "parallelism: 3\n    steps:"), [(3, None)], id="several machines"),
        pytest.param(workflow("").replace("steps:", "parallelism: 3\n    steps:").replace(
            "{run: npm publish}", "{run: 'test $CIRCLE_NODE_INDEX != 0 || npm publish'}"), [],
                     id="one of the machines"),
        pytest.param(workflow(""), [], id="once"),
    ],
)  # fmt: skip
def test_what_is_sent_more_than_once(job, text, repeats):
    """One of them wins, the others fail."""
    assert [(each.count, each.doubt) for each in job(text).repeats] == repeats
