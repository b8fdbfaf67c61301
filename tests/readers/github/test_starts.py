"""What starts a publish job, and who can make it happen."""

from __future__ import annotations

from textwrap import dedent, indent

import pytest

from preflight.facts.fact import Known, Unknown
from preflight.facts.starts import Trust

RELEASE = ".github/workflows/release.yml"
CI = ".github/workflows/ci.yml"


def workflow(on: str, job: str = "", *, step: str = "", before: str = "", top: str = "") -> str:
    """Return a workflow that publishes; `job` and `step` are further keys, `before` are further jobs."""
    keys = indent(dedent(job).strip(), "    ")
    more = indent(dedent(step).strip(), "        ")
    others = indent(dedent(before).strip(), "  ")
    return (
        f"on: {on}\n{top}\njobs:\n{others}\n  publish:\n{keys}\n    runs-on: ubuntu-latest\n"
        f"    steps:\n      - run: npm publish\n{more}\n"
    )


def ci(on: str) -> str:
    """Return a workflow `CI` that tests."""
    return f"name: CI\non: {on}\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: npm test\n"


def starts(project):
    """Return what starts the jobs: event, trust, and whether a condition keeps such people out."""
    return [
        (start.event, start.trust, start.guarded.value if isinstance(start.guarded, Known) else None)
        for job in project.jobs
        for start in job.starts
    ]


@pytest.fixture
def read(project):
    """Return what starts the publish job of a workflow."""
    return lambda text, files=None: starts(project({RELEASE: text, **(files or {})}))


# -- who ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "found"),
    [
        pytest.param("push", [("push", Trust.WRITER), ("push", Trust.RELEASER)], id="branches and tags"),
        pytest.param("{push: {tags: [v*]}}", [("push", Trust.RELEASER)], id="tags"),
        pytest.param("{push: {branches: [main]}}", [("push", Trust.WRITER)], id="branches"),
        pytest.param("{push: {branches-ignore: [x]}}", [("push", Trust.WRITER)], id="all branches but one"),
        pytest.param("{push: {paths: [a]}}", [("push", Trust.WRITER), ("push", Trust.RELEASER)], id="paths"),
        pytest.param("release", [("release", Trust.RELEASER)], id="a release"),
        pytest.param("{schedule: [{cron: 0 0 * * *}]}", [("schedule", Trust.CLOCK)], id="a schedule"),
        pytest.param("workflow_dispatch", [("workflow_dispatch", Trust.WRITER)], id="by hand"),
        pytest.param("pull_request", [("pull_request", Trust.FORK)], id="a pull request"),
        pytest.param("[issues, fork]", [("issues", Trust.STRANGER), ("fork", Trust.STRANGER)], id="strangers"),
        pytest.param("discussion_comment", [("discussion_comment", Trust.STRANGER)], id="a discussion"),
        pytest.param("workflow_call", [], id="only called"),
        pytest.param("{push: 1, release: [x], pull_request: {types: {a: b}}, 7: 8}", None, id="nonsense"),
    ],
)
def test_an_event_tells_who_can_make_it_happen(read, on, found):
    """Who can start a publish is the whole question."""
    events = [(event, trust) for event, trust, _ in read(workflow(on))]

    assert found is None or events == found


@pytest.mark.parametrize(
    ("on", "condition", "found"),
    [
        pytest.param("[push]", "github.ref_type == 'tag'", [("push", Trust.RELEASER)], id="not for branches"),
        pytest.param("[push]", "startsWith(github.ref, 'refs/tags/')", [("push", Trust.RELEASER)], id="refs of tags"),
        pytest.param("[push]", "github.ref == 'refs/heads/main'", [("push", Trust.WRITER)], id="not for tags"),
        pytest.param("[push]", "github.ref_name == 'main' && github.ref_type == 'branch'", [("push", Trust.WRITER)],
                     id="by its name"),
        pytest.param("{push: {branches: [dev]}}", "github.ref == 'refs/heads/main'", [], id="another branch"),
        pytest.param("{push: {branches: ['release/*']}}", "github.ref == 'refs/heads/main'", [], id="no such branch"),
        pytest.param("{push: {branches: ['**', '!main']}}", "github.ref == 'refs/heads/main'", [], id="left out"),
        pytest.param("{push: {branches-ignore: [main]}}", "github.ref_name == 'main'", [], id="ignored"),
        pytest.param("{push: {branches: ['release/*']}}", "startsWith(github.ref_name, 'release/')",
                     [("push", Trust.WRITER)], id="a pattern"),
        pytest.param("[push, pull_request]", "github.event_name == 'pull_request'", [("pull_request", Trust.FORK)],
                     id="another event"),
        pytest.param("[pull_request]", "github.ref == 'refs/heads/main'", [], id="a pull request is on no branch"),
        pytest.param("[workflow_dispatch, schedule]", "github.event.inputs.go == 'yes'",
                     [("workflow_dispatch", Trust.WRITER)], id="a schedule has no inputs"),
        pytest.param("{workflow_dispatch: {inputs: {go: {type: string}}}, schedule: [{cron: 0 0 * * *}]}",
                     "inputs.go == 'yes'", [("workflow_dispatch", Trust.WRITER)], id="nor inputs by name"),
        pytest.param("{pull_request: {types: [opened, closed]}}", "github.event.action == 'reopened'", [],
                     id="an activity that does not start it"),
        pytest.param("[push]", "false", [], id="never"),
    ],
)  # fmt: skip
def test_an_event_that_the_condition_excludes_does_not_count(project, on, condition, found):
    """One workflow often serves several events; only those that reach the publish matter."""
    jobs = project({RELEASE: workflow(on, f"if: {condition}")}).jobs

    assert [(start.event, start.trust) for job in jobs for start in job.starts] == found


# -- guards -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("event", "condition", "guarded"),
    [
        pytest.param("pull_request_target", "github.event.pull_request.head.repo.fork == false", True, id="no fork"),
        pytest.param("pull_request_target", "${{ !github.event.pull_request.head.repo.fork }}", True, id="not a fork"),
        pytest.param("pull_request_target", "github.event.pull_request.head.repo.full_name == github.repository", True,
                     id="this repository"),
        pytest.param("pull_request_target", "github.event.pull_request.head.repo.full_name != github.repository", False,
                     id="only forks"),
        pytest.param("pull_request_target", "github.event.pull_request.head.repo.owner.login == 'acme'", True,
                     id="an owner"),
        pytest.param("pull_request_target", "github.event.pull_request.base.repo.full_name == github.repository", False,
                     id="the base is always this repository"),
        pytest.param("pull_request_target", "github.event.repository.fork == false", False, id="this is no fork"),
        pytest.param("pull_request_target", "github.event.pull_request.merged_at != null", True, id="merged at"),
        pytest.param("pull_request_target", "github.actor == 'boss'", True, id="an actor"),
        pytest.param("pull_request_target", "github.actor != 'dependabot[bot]'", False, id="not a bot"),
        pytest.param("pull_request_target", "contains(fromJSON('[\"a\", \"b\"]'), github.actor)", True, id="a list"),
        pytest.param("pull_request_target", "github.base_ref == 'main'", False, id="the author chooses the base"),
        pytest.param("pull_request_target", "contains(github.event.pull_request.labels.*.name, 'go')", None,
                     id="labels"),
        pytest.param("issue_comment", "github.event.comment.author_association == 'OWNER'", True, id="the owner"),
        pytest.param("issue_comment", "github.event.comment.author_association != 'NONE'", False, id="not nobody"),
        pytest.param("issue_comment", "github.event.comment.author_association == 'CONTRIBUTOR'", False,
                     id="a contributor has no rights"),
        pytest.param("issue_comment", "github.event.comment.user.login == 'boss'", True, id="the commenter"),
        pytest.param("issue_comment", "github.event.issue.user.login == 'boss'", False, id="on somebody's issue"),
        pytest.param("issue_comment", "github.event.sender.login == 'boss'", True, id="the sender"),
        pytest.param("issues", "github.event.issue.author_association == 'MEMBER'", True, id="an issue of a member"),
        pytest.param("discussion", "github.event.discussion.user.login == 'boss'", True, id="a discussion"),
        pytest.param("pull_request_review", "github.event.review.author_association == 'OWNER'", True, id="a review"),
        pytest.param("workflow_dispatch", "github.actor == 'boss'", True, id="one of many who may"),
        pytest.param("workflow_dispatch", "contains(vars.BOSSES, github.actor)", None, id="a list that is not here"),
        pytest.param("workflow_dispatch", "vars.GO == 'yes'", False, id="whether, not who"),
    ],
)  # fmt: skip
def test_a_condition_that_says_who_is_a_guard(read, event, condition, guarded):
    """A publish that only its owner can start must not be called open to all."""
    ((_, _, found),) = read(workflow(event, f"if: {condition}"))

    assert found is guarded


def test_a_step_is_guarded_too(read):
    """Many jobs test on every event and publish in one step."""
    found = read(workflow("[issue_comment]", step="if: github.event.comment.author_association == 'OWNER'"))

    assert found == [("issue_comment", Trust.STRANGER, True)]


def test_a_skipped_job_skips_those_that_need_it(read):
    """A guard at the first job of a chain holds for all of them."""
    first = "check:\n  if: github.actor == 'boss'\n  runs-on: ubuntu-latest\n  steps: [{run: npm test}]"

    found = read(workflow("[issue_comment]", "needs: check", before=first))

    assert found == [("issue_comment", Trust.STRANGER, True)]


def test_a_job_that_runs_whatever_happened_is_not_skipped(read):
    """`always()` takes the guard of the job before away."""
    first = "check:\n  if: github.actor == 'boss'\n  runs-on: ubuntu-latest\n  steps: [{run: npm test}]"

    found = read(workflow("[issue_comment]", "needs: check\nif: always()", before=first))

    assert found == [("issue_comment", Trust.STRANGER, False)]


def test_a_guard_of_the_caller_counts(read):
    """The condition often stands where the reusable workflow is called."""
    main = (
        "on: issue_comment\njobs:\n  go:\n    if: github.actor == 'boss'\n    uses: ./.github/workflows/release.yml\n"
    )

    found = read(workflow("workflow_call"), {".github/workflows/main.yml": main})

    assert found == [("issue_comment", Trust.STRANGER, True)]


def test_an_input_that_the_caller_works_out_counts(read):
    """A reusable workflow is told by its caller whether it is to publish."""
    main = (
        "on: [issue_comment, release]\njobs:\n  go:\n    uses: ./.github/workflows/release.yml\n"
        "    with: {go: \"${{ github.event_name == 'release' }}\"}\n"
    )
    called = workflow("{workflow_call: {inputs: {go: {type: boolean}}}}", "if: inputs.go")

    found = read(called, {".github/workflows/main.yml": main})

    assert found == [("release", Trust.RELEASER, False)]


@pytest.mark.parametrize(
    "keys",
    [
        pytest.param({"job": "environment: npm"}, id="an environment"),
        pytest.param({"job": "environment: {name: npm, url: 'https://x.example'}"}, id="with an address"),
        pytest.param({"job": "environment: ${{ vars.ENVIRONMENT }}"}, id="an environment that a variable names"),
        pytest.param(
            {"job": "needs: ask", "before": "ask:\n  environment: npm\n  runs-on: x\n  steps: [{run: npm test}]"},
            id="an environment of a job before",
        ),
        pytest.param(
            {
                "job": "needs: ask",
                "before": "ask:\n  runs-on: x\n  steps: [{run: gh api repos/a/b/collaborators/$WHO/permission}]",
            },
            id="a step that looks up who it is",
        ),
        pytest.param(
            {"job": "needs: ask", "before": 'ask:\n  runs-on: x\n  steps: [{run: test "$GITHUB_ACTOR" = boss}]'},
            id="a step that compares who it is",
        ),
    ],
)
def test_what_no_file_tells_makes_it_unsure(read, keys):
    """Reviewers of an environment are set on a page, and a script can refuse."""
    ((_, _, guarded),) = read(workflow("[issue_comment]", **keys))

    assert guarded is None


def test_a_script_that_looks_at_the_event_makes_it_unsure(project):
    """A shell's `if` is a guard as well, only not one that can be read here."""
    step = '      - run: |\n          if [ "$GITHUB_EVENT_NAME" = push ]; then npm publish; fi\n'
    text = f"on: issue_comment\njobs:\n  publish:\n    runs-on: ubuntu-latest\n    steps:\n{step}"

    ((_, _, guarded),) = starts(project({RELEASE: text}))

    assert guarded is None


def test_a_label_needs_a_role_that_no_file_tells(read):
    """Whoever triages sets labels, and so do bots."""
    ((_, _, guarded),) = read(workflow("{pull_request_target: {types: [labeled]}}"))

    assert guarded is None


def test_semantic_release_publishes_nothing_from_a_pull_request(project):
    """It runs there as a rehearsal, which is nothing to object to."""
    text = (
        "on: pull_request\njobs:\n  publish:\n    runs-on: ubuntu-latest\n"
        "    steps:\n      - run: npx semantic-release\n"
    )

    ((_, _, guarded),) = starts(project({RELEASE: text}))

    assert guarded is True


# -- workflow_run -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("above", "condition", "found"),
    [
        pytest.param("[push]", "", [(Trust.WRITER, False), (Trust.RELEASER, False)], id="pushes"),
        pytest.param("{push: {branches: [main]}}", "", [(Trust.WRITER, False)], id="pushes to a branch"),
        pytest.param("pull_request", "", [(Trust.STRANGER, False)], id="pull requests"),
        pytest.param("pull_request", "github.event.workflow_run.event == 'push'", [], id="pull requests left out"),
        pytest.param("pull_request", "github.event.workflow_run.conclusion == 'success'", [(Trust.STRANGER, False)],
                     id="success is no guard"),
        pytest.param("pull_request", "github.event.workflow_run.head_branch == 'main'", [(Trust.STRANGER, False)],
                     id="a fork's branch has the same name"),
        pytest.param("pull_request", "github.event.workflow_run.head_repository.full_name == github.repository",
                     [(Trust.STRANGER, True)], id="the repository of the head"),
        pytest.param("pull_request", "${{ !github.event.workflow_run.head_repository.fork }}", [(Trust.STRANGER, True)],
                     id="no fork"),
        pytest.param("issue_comment", "${{ !github.event.workflow_run.head_repository.fork }}",
                     [(Trust.STRANGER, False)], id="a comment is no fork's"),
        pytest.param("pull_request", "github.event.workflow_run.actor.login == 'boss'", [(Trust.STRANGER, True)],
                     id="an actor"),
        pytest.param("{schedule: [{cron: 0 0 * * *}]}", "", [(Trust.CLOCK, False)], id="a schedule"),
        pytest.param("workflow_call", "", [(Trust.STRANGER, None)], id="what starts it is not here"),
    ],
)  # fmt: skip
def test_a_workflow_that_follows_another_is_as_open_as_that(read, above, condition, found):
    """`workflow_run` hands secrets to whatever set off the first workflow."""
    on = "{workflow_run: {workflows: [CI], types: [completed]}}"
    text = workflow(on, f"if: {condition}" if condition else "")

    events = read(text, {CI: ci(above)})

    # Left out is what the condition excludes for everyone.
    expected = found or ([(Trust.STRANGER, True)] if "== 'push'" in condition else [])
    assert [(trust, guarded) for _, trust, guarded in events] == expected


def test_a_workflow_that_is_not_here_is_not_known(read):
    """Its name may be misspelt, or another branch may hold it."""
    found = read(workflow("{workflow_run: {workflows: [Other]}}"))

    assert found == [("workflow_run", Trust.STRANGER, None)]


def test_workflows_that_follow_each_other_come_to_an_end(read):
    """Two that wait for each other must not hang the check."""
    text = "name: A\n" + workflow("{workflow_run: {workflows: [A]}}")

    found = read(text)

    assert {trust for _, trust, _ in found} <= {Trust.STRANGER}


def test_the_place_is_the_event(project):
    """That is the line to take out."""
    (job,) = project({RELEASE: workflow("\n  push: {tags: [v*]}\n  issue_comment:")}).jobs

    assert [start.at.text for start in job.starts] == ["push", "issue_comment"]


def test_a_reason_is_told(project):
    """A maintainer has to see what the check could not."""
    (job,) = project({RELEASE: workflow("[issue_comment]", "environment: npm")}).jobs

    assert [start.guarded for start in job.starts] == [Unknown("the environment `npm` may ask for a review first")]
