"""What a publish job fetches instead of building it."""

from __future__ import annotations

import pytest

RELEASE = ".github/workflows/release.yml"
SAVE = "uses: actions/upload-artifact@v4\n        with: {name: dist, path: dist}"


def jobs(publish: str, build: str = SAVE, top: str = "on: push") -> str:
    """Return a workflow whose job `build` has one step, and whose job `publish` has one before it publishes."""
    return (
        f"{top}\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n      - {build}\n"
        f"  publish:\n    runs-on: ubuntu-latest\n    needs: build\n    steps:\n      - {publish}\n"
        "      - run: npm publish\n"
    )


def fetched(project) -> list[tuple[str, tuple[str, ...]]]:
    """Return the origin and the makers of all that the publish jobs fetch."""
    return [(each.origin.value, each.jobs) for job in project.jobs for each in job.artifacts]


@pytest.mark.parametrize(
    ("publish", "build", "found"),
    [
        pytest.param(
            "uses: actions/download-artifact@v5\n        with: {name: dist}", SAVE, [("job", ("build",))], id="by name"
        ),
        pytest.param("uses: actions/download-artifact@v5", SAVE, [("job", ("build",))], id="all"),
        pytest.param(
            "uses: actions/download-artifact@v5\n        with: {pattern: 'd*'}",
            SAVE,
            [("job", ("build",))],
            id="by pattern",
        ),
        pytest.param(
            "uses: actions/download-artifact@v5\n        with: {pattern: 'x*'}",
            SAVE,
            [("job", ())],
            id="another pattern",
        ),
        pytest.param(
            "uses: actions/download-artifact@v5\n        with: {name: gone}", SAVE, [("job", ())], id="nobody stored it"
        ),
        pytest.param(
            "uses: actions/download-artifact@v5\n        with: {name: artifact}",
            "uses: actions/upload-artifact@v4",
            [("job", ("build",))],
            id="default name",
        ),
        pytest.param(
            "uses: actions/download-artifact@v5\n        with: {name: dist-1}",
            "uses: actions/upload-artifact@v4\n        with: {name: 'dist-${{ matrix.x }}'}",
            [("job", ("build",))],
            id="name told at run time",
        ),
        pytest.param(
            "uses: actions/download-artifact@v5\n        with: {run-id: '${{ github.event.workflow_run.id }}'}",
            SAVE,
            [("workflow", ())],
            id="another run",
        ),
        pytest.param(
            "uses: actions/download-artifact@v5\n        with: {run-id: '${{ github.run_id }}'}",
            SAVE,
            [("job", ("build",))],
            id="this run by its number",
        ),
        pytest.param(
            "uses: actions/download-artifact@v5\n        with: {repository: acme/other}",
            SAVE,
            [("workflow", ())],
            id="another repository",
        ),
        pytest.param("uses: dawidd6/action-download-artifact@v6", SAVE, [("workflow", ())], id="another action"),
        pytest.param("uses: robinraju/release-downloader@v1", SAVE, [("release", ())], id="release"),
        pytest.param("run: gh release download v1", SAVE, [("release", ())], id="gh release"),
        pytest.param("run: gh run download 1", SAVE, [("workflow", ())], id="gh run"),
        pytest.param(
            "uses: actions/cache/restore@v4\n        with: {path: dist, key: k}",
            "uses: actions/cache/save@v4\n        with: {path: dist, key: k}",
            [("cache", ("build",))],
            id="cache",
        ),
        pytest.param(
            "uses: actions/cache@v4\n        with: {path: dist, key: '${{ github.sha }}'}",
            "uses: actions/cache@v4\n        with: {path: dist, key: '${{ github.sha }}'}",
            [("cache", ("build",))],
            id="cache in one step",
        ),
        pytest.param(
            "uses: actions/cache@v4\n        with: {path: dist, key: a}",
            "uses: actions/cache@v4\n        with: {path: dist, key: b}",
            [],
            id="another key",
        ),
        pytest.param(
            "uses: actions/cache@v4\n        with: {path: dist}",
            "uses: actions/cache@v4\n        with: {path: dist}",
            [("cache", ("build",))],
            id="no key",
        ),
        pytest.param(
            "uses: actions/cache@v4\n        with: {path: '**/node_modules', key: k}",
            "uses: actions/cache@v4\n        with: {path: '**/node_modules', key: k}",
            [],
            id="dependencies",
        ),
        pytest.param(
            "uses: actions/cache@v4\n        with: {path: ~/.npm, key: k}",
            "uses: actions/cache@v4\n        with: {path: ~/.npm, key: k}",
            [],
            id="dependencies at home",
        ),
        pytest.param("run: npm run build", SAVE, [], id="nothing"),
    ],
)
def test_what_another_job_made_is_noted(project, publish: str, build: str, found) -> None:
    """Provenance then names a job that did not build what it signs."""
    seen = project({RELEASE: jobs(publish, build)})

    assert fetched(seen) == found


def test_a_job_that_fetches_what_it_stored_itself_is_fine(project) -> None:
    """Nothing came from elsewhere."""
    seen = project.steps(
        """
        - uses: actions/upload-artifact@v4
          with: {name: dist, path: dist}
        - uses: actions/download-artifact@v5
          with: {name: dist}
        - run: npm publish
        """
    )

    assert fetched(seen) == []


def test_the_first_step_that_fetches_is_the_place(project) -> None:
    """With the step that stored it beside it."""
    seen = project({RELEASE: jobs("uses: actions/download-artifact@v5\n      - uses: actions/download-artifact@v5")})

    (artifact,) = seen.jobs[0].artifacts
    assert (artifact.at.line, [str(link.at.line) + link.what for link in artifact.related]) == (
        12,
        ["6stored by job `build`"],
    )


def test_a_called_workflow_may_publish_what_its_caller_built(project) -> None:
    """A reusable workflow called with the artifact counts."""
    called = (
        "on: workflow_call\njobs:\n  send:\n    runs-on: ubuntu-latest\n    steps:\n"
        "      - uses: actions/download-artifact@v5\n      - run: npm publish\n"
    )
    caller = (
        f"on: push\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n      - {SAVE}\n"
        "  send:\n    needs: build\n    uses: ./.github/workflows/b.yml\n"
    )

    seen = project({".github/workflows/a.yml": caller, ".github/workflows/b.yml": called})

    assert fetched(seen) == [("job", ("build",))]


def test_a_called_workflow_may_have_built_it(project) -> None:
    """And a local action may have stored it."""
    called = (
        "on: workflow_call\njobs:\n  make:\n    runs-on: ubuntu-latest\n    steps:\n"
        "      - uses: ./ci\n      - run: true\n"
    )
    action = "runs:\n  using: composite\n  steps:\n    - uses: actions/upload-artifact@v4\n      with: {name: dist}\n"
    caller = (
        "on: push\njobs:\n  build:\n    uses: ./.github/workflows/b.yml\n  publish:\n"
        "    needs: build\n    runs-on: ubuntu-latest\n"
        "    steps:\n      - uses: actions/download-artifact@v5\n        with: {name: dist}\n      - run: npm publish\n"
    )

    seen = project({".github/workflows/a.yml": caller, ".github/workflows/b.yml": called, "ci/action.yml": action})

    assert fetched(seen) == [("job", ("make",))]


@pytest.mark.parametrize(
    ("command", "origins"),
    [
        pytest.param("gh release download v1 --pattern '*.tgz'", ["release"], id="a release of this repository"),
        pytest.param("gh release download v1 -R acme/widgets", ["release"], id="this repository by name"),
        pytest.param("gh release download v1 -R google/flatbuffers", [], id="a tool from another repository"),
        pytest.param(
            "curl -LO https://github.com/google/flatbuffers/releases/download/v1/x.zip", [], id="a tool by curl"
        ),
        pytest.param(
            "curl -LO https://github.com/acme/widgets/releases/download/v1/x.tgz",
            ["release"],
            id="our own file by curl",
        ),
    ],
)
def test_a_tool_of_the_build_is_no_artifact(project, command, origins):
    """A compiler that is downloaded is not what is published."""
    found = project.run(f"{command}\nnpm publish --provenance")

    assert [artifact.origin.value for artifact in found.jobs[0].artifacts] == origins
