"""Reasons why GitHub refuses to start a publish workflow."""

from __future__ import annotations

import pytest

RELEASE = ".github/workflows/release.yml"


def reasons(project) -> list[str]:
    """Return what is wrong, in words."""
    return [each.what for each in project.broken]


def test_a_sound_workflow_is_not_broken(project) -> None:
    """The plain case."""
    text = (
        "on: push\njobs:\n  build:\n    steps: []\n  publish:\n    needs: [build]\n    steps:\n"
        "      - run: npm publish\n"
    )

    found = project({RELEASE: text})

    assert reasons(found) == []


def test_a_job_may_need_no_unknown_job(project) -> None:
    """GitHub shows the workflow as invalid, after the tag is out."""
    found = project.run("npm publish", job="runs-on: ubuntu-latest\nneeds: [biuld]")

    assert reasons(found) == ["job `publish` needs `biuld`, and there is no such job"]


@pytest.mark.parametrize(
    ("called", "expected"),
    [
        pytest.param({}, "job `x` calls `./.github/workflows/b.yml`, and there is no such workflow", id="missing"),
        pytest.param(
            {".github/workflows/b.yml": "on: push\njobs: {}"},
            "`./.github/workflows/b.yml` cannot be called: it is not on `workflow_call`",
            id="not callable",
        ),
    ],
)
def test_a_called_workflow_must_be_there_to_be_called(project, called, expected: str) -> None:
    """The same."""
    text = "on: push\njobs:\n  x: {uses: ./.github/workflows/b.yml}\n  publish:\n    steps:\n      - run: npm publish\n"

    found = project({RELEASE: text, **called})

    assert reasons(found) == [expected]


def test_a_called_workflow_that_cannot_be_read_is_not_missing(project) -> None:
    """The rule about unreadable files speaks."""
    text = "on: push\njobs:\n  x: {uses: ./.github/workflows/b.yml}\n  publish:\n    steps:\n      - run: npm publish\n"

    found = project({RELEASE: text, ".github/workflows/b.yml": "on: ["})

    assert reasons(found) == []


@pytest.mark.parametrize(
    ("granted", "asked", "scope"),
    [
        pytest.param("{contents: read}", "{contents: write}", "contents", id="write for read"),
        pytest.param("{id-token: write}", "{packages: read}", "packages", id="read for none"),
        pytest.param("read-all", "{packages: write}", "packages", id="write for read-all"),
        pytest.param("{contents: write, id-token: write}", "write-all", "actions", id="everything"),
        pytest.param(
            "{contents: read}", "{contents: read, id-token: write}", None, id="the id token is another rule's"
        ),
        pytest.param("write-all", "{contents: write}", None, id="enough"),
        pytest.param("", "{contents: write}", None, id="the repository's default decides"),
        pytest.param("{contents: read}", "", None, id="nothing asked"),
        pytest.param("{contents: read}", "[]", None, id="nonsense"),
    ],
)
def test_a_called_job_may_not_ask_for_more_than_its_caller_has(project, granted, asked, scope) -> None:
    """GitHub refuses the whole run."""
    given = f", permissions: {granted}" if granted else ""
    key = f"    permissions: {asked}\n" if asked else ""
    caller = f"on: push\njobs:\n  x: {{uses: ./.github/workflows/b.yml{given}}}\n"
    called = f"on: workflow_call\njobs:\n  y:\n{key}    steps:\n      - run: npm publish\n"

    found = project({".github/workflows/a.yml": caller, ".github/workflows/b.yml": called})

    expected = [f"job `x` grants less `{scope}` than `y`, which it calls, asks for"] if scope else []
    assert reasons(found) == expected


@pytest.mark.parametrize(
    ("before", "files", "broken"),
    [
        pytest.param("", {}, True, id="missing"),
        pytest.param("", {".github/actions/x/action.yaml": "runs: {steps: []}"}, False, id="there"),
        pytest.param("", {".github/actions/x/action.yml": "runs: ["}, False, id="unreadable"),
        pytest.param(
            "- uses: actions/checkout@v5\n  with: {repository: acme/other}\n", {}, False, id="another checkout"
        ),
        pytest.param("- uses: actions/checkout@v5\n", {}, True, id="this checkout"),
    ],
)
def test_a_local_action_must_be_there(project, before: str, files, broken: bool) -> None:
    """The step fails, in the middle of a release."""
    found = project.steps(f"{before}- uses: ./.github/actions/x\n- run: npm publish", files)

    expected = ["job `publish` uses `./.github/actions/x`, and there is no such action"] if broken else []
    assert reasons(found) == expected


def test_an_action_elsewhere_may_come_from_the_build(project) -> None:
    """Only `.github` is surely in the repository or not at all."""
    found = project.steps("- uses: ./dist/action\n- run: npm publish")

    assert reasons(found) == []
