"""The code of other repositories that a publish workflow runs."""

from __future__ import annotations

import pytest

SHA = "0123456789abcdef0123456789abcdef01234567"
RELEASE = ".github/workflows/release.yml"


def names(project) -> list[str]:
    """Return the names of all that is borrowed."""
    return [each.name for each in project.borrowed]


@pytest.mark.parametrize(
    ("uses", "ref", "full"),
    [
        pytest.param("actions/checkout@v5", "v5", False, id="tag"),
        pytest.param("actions/checkout@main", "main", False, id="branch"),
        pytest.param(f"actions/checkout@{SHA}", SHA, True, id="commit"),
        pytest.param(f"actions/checkout@{SHA.upper()}", SHA.upper(), True, id="commit in capitals"),
        pytest.param(f"actions/checkout@{SHA[:7]}", SHA[:7], False, id="short commit"),
        pytest.param("actions/checkout", "", False, id="nothing"),
        pytest.param(f"acme/tools/deep/path@{SHA}", SHA, True, id="path"),
    ],
)
def test_only_a_full_commit_holds_code(project, uses: str, ref: str, full: bool) -> None:
    """Whoever owns a tag can move it."""
    found = project.steps(f"- uses: {uses}\n- run: npm publish")

    (each,) = found.borrowed
    assert (each.pin.ref, each.pin.full, each.what, each.job) == (ref, full, "action", "publish")


@pytest.mark.parametrize("uses", ["./ci", "$/ci", "docker://alpine:3", "${{ inputs.action }}"])
def test_what_is_local_or_an_image_is_not_borrowed(project, uses: str) -> None:
    """It comes with the commit, or is judged elsewhere."""
    found = project.steps(f"- uses: '{uses}'\n- run: npm publish")

    assert found.borrowed == ()


def test_every_job_of_a_workflow_that_publishes_counts(project) -> None:
    """A job that feeds the publish can change what is sent."""
    text = (
        "on: push\njobs:\n  lint:\n    steps:\n      - uses: acme/lint@v1\n"
        "  publish:\n    steps:\n      - run: npm publish\n  shared:\n    uses: acme/flows/.github/workflows/x.yml@v1\n"
    )

    found = project({RELEASE: text})

    assert [(each.name, each.what, each.job) for each in found.borrowed] == [
        ("acme/lint", "action", "lint"),
        ("acme/flows/.github/workflows/x.yml", "reusable workflow", "shared"),
    ]


def test_other_workflows_are_none_of_its_business(project) -> None:
    """A lint workflow cannot change a release."""
    text = "on: push\njobs:\n  lint:\n    steps:\n      - uses: acme/lint@v1\n"

    found = project.run("npm publish", {".github/workflows/lint.yml": text})

    assert found.borrowed == ()


def test_called_workflows_and_local_actions_are_looked_into(project) -> None:
    """Each once, however often it is used."""
    files = {
        ".github/workflows/a.yml": (
            "on: push\njobs:\n  x: {uses: ./.github/workflows/b.yml}\n  y: {uses: ./.github/workflows/b.yml}\n"
        ),
        ".github/workflows/b.yml": (
            "on: workflow_call\njobs:\n  z:\n    steps:\n      - uses: ./ci\n"
            "      - uses: ./ci\n      - run: npm publish\n"
        ),
        "ci/action.yml": "runs:\n  steps:\n    - uses: acme/one@v1\n    - uses: ./ci/more\n    - run: echo\n",
        "ci/more/action.yml": "runs:\n  steps:\n    - uses: acme/two@v1\n",
    }

    found = project(files)

    assert names(found) == ["acme/one", "acme/two"]


def test_a_caller_of_a_publishing_workflow_holds_a_publish_job(project) -> None:
    """Its other jobs run beside it with what they borrow."""
    files = {
        ".github/workflows/a.yml": (
            "on: push\njobs:\n  lint:\n    steps:\n      - uses: acme/lint@v1\n  x: {uses: ./.github/workflows/b.yml}\n"
        ),
        ".github/workflows/b.yml": "on: workflow_call\njobs:\n  z:\n    steps:\n      - run: npm publish\n",
    }

    found = project(files)

    assert names(found) == ["acme/lint"]


def test_a_workflow_of_this_repository_at_a_branch_is_borrowed(project) -> None:
    """What runs is what stands at that ref, which whoever may push there decides."""
    called = "on: workflow_call\njobs:\n  publish:\n    runs-on: ubuntu-latest\n    steps:\n      - run: npm publish\n"
    caller = "on: push\njobs:\n  call:\n    uses: acme/widgets/.github/workflows/publish.yml@main\n"
    found = project({".github/workflows/publish.yml": called, ".github/workflows/ci.yml": caller})

    assert [(each.name, each.pin.ref) for each in found.borrowed] == [
        ("acme/widgets/.github/workflows/publish.yml", "main")
    ]
