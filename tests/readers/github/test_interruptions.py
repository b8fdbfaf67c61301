"""What other runs do to a publish."""

from __future__ import annotations

import pytest

from preflight.facts.starts import Danger

RELEASE = ".github/workflows/release.yml"


def workflow(on: str, concurrency: str = "", *, job: str = "", condition: str = "") -> str:
    """Return a workflow that publishes, with a `concurrency` of the workflow and one of the job."""
    top = f"concurrency: {concurrency}\n" if concurrency else ""
    keys = (f"    concurrency: {job}\n" if job else "") + (f"    if: {condition}\n" if condition else "")
    return f"on: {on}\n{top}jobs:\n  publish:\n{keys}    runs-on: ubuntu-latest\n    steps:\n      - run: npm publish\n"


def dangers(project):
    """Return the dangers of all jobs, and whether they are sure."""
    return [(each.danger, each.doubt is None) for job in project.jobs for each in job.interruptions]


CUT, MAYBE, RACE = (Danger.CUT, True), (Danger.CUT, False), (Danger.RACE, True)


@pytest.mark.parametrize(
    ("on", "concurrency", "found"),
    [
        pytest.param("push", "{group: a, cancel-in-progress: true}", [CUT], id="cancelled"),
        pytest.param("push", "{group: a, cancel-in-progress: 'true'}", [CUT], id="cancelled, in quotes"),
        pytest.param("push", "{group: a, cancel-in-progress: false}", [], id="waits"),
        pytest.param("push", "{group: a}", [], id="waits by default"),
        pytest.param("push", "a", [], id="a name alone"),
        pytest.param("push", "[a]", [RACE], id="nonsense"),
        pytest.param("push", "{group: a, cancel-in-progress: '${{ vars.X }}'}", [MAYBE], id="a variable decides"),
        pytest.param("push", "{group: a, cancel-in-progress: '${{ github.event_name == ''push'' }}'}", [CUT],
                     id="pushes"),
        pytest.param("push", "{group: a, cancel-in-progress: '${{ github.event_name != ''push'' }}'}", [],
                     id="all but pushes"),
        pytest.param("push", "{group: a, cancel-in-progress: '${{ !startsWith(github.ref, ''refs/heads/'') }}'}", [CUT],
                     id="tags of one group"),
        pytest.param("{push: {tags: [v*]}}", "{group: a, cancel-in-progress: true}", [CUT], id="all tags together"),
        pytest.param("{push: {tags: [v*]}}", "{group: 'a-${{ github.ref }}', cancel-in-progress: true}", [],
                     id="each tag alone"),
        pytest.param("release", "{group: 'a-${{ github.event.release.tag_name }}', cancel-in-progress: true}", [],
                     id="each release alone"),
        pytest.param("push", "{group: '${{ github.run_id }}', cancel-in-progress: true}", [], id="each run alone"),
        pytest.param("push", "{group: '${{ vars.X }}-${{ github.run_id }}', cancel-in-progress: true}", [],
                     id="each run alone, whatever else is in the name"),
        pytest.param("push", "{group: '${{ github.sha }}', cancel-in-progress: true}", [], id="each commit alone"),
        pytest.param("workflow_dispatch", "{group: '${{ github.sha }}', cancel-in-progress: true}", [CUT],
                     id="a commit twice by hand"),
        pytest.param("push", "{cancel-in-progress: true}", [CUT], id="no group"),
        pytest.param("push", "", [RACE], id="nothing at all"),
        pytest.param("{schedule: [{cron: 0 0 * * *}]}", "", [RACE], id="a schedule"),
        pytest.param("workflow_dispatch", "", [RACE], id="by hand"),
        pytest.param("repository_dispatch", "", [RACE], id="from elsewhere"),
        pytest.param("release", "", [], id="a release comes once"),
        pytest.param("{push: {tags: [v*]}}", "", [], id="a tag comes once"),
        pytest.param("pull_request", "", [], id="a pull request is another matter"),
        pytest.param("pull_request", "{group: a, cancel-in-progress: true}", [], id="so is cancelling one"),
        pytest.param("issue_comment", "", [], id="a stranger is another matter"),
    ],
)  # fmt: skip
def test_runs_of_one_workflow_meet_or_do_not(project, on, concurrency, found):
    """A publish that is cut short leaves half a release behind."""
    assert dangers(project({RELEASE: workflow(on, concurrency)})) == found


def test_the_jobs_own_group_counts(project):
    """Only the publish must wait; the tests may be cancelled."""
    found = project({RELEASE: workflow("push", job="{group: a, cancel-in-progress: true}")})

    assert dangers(found) == [CUT]


def test_merged_pull_requests_race(project):
    """Two merges in a row are as good as two pushes."""
    text = workflow("{pull_request: {types: [closed]}}", condition="github.event.pull_request.merged == true")

    assert dangers(project({RELEASE: text})) == [RACE]


def test_a_branch_that_does_not_publish_may_be_cancelled(project):
    """The condition and the setting look at the same branch."""
    cancel = "{group: a, cancel-in-progress: \"${{ github.ref != 'refs/heads/master' }}\"}"
    text = workflow("push", cancel, condition="github.ref == 'refs/heads/master'")

    assert dangers(project({RELEASE: text})) == []


def test_the_place_is_what_cancels(project):
    """That is the value to change."""
    (job,) = project({RELEASE: workflow("push", "{group: a, cancel-in-progress: true}")}).jobs

    assert [each.at.text for each in job.interruptions] == ["true"]
