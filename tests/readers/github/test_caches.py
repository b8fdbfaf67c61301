"""The caches that a publish job restores, and who else can fill them."""

from __future__ import annotations

import pytest

from preflight.facts.fact import Known

CI = ".github/workflows/ci.yml"
NPM = {"package.json": '{"name": "@acme/widgets", "packageManager": "npm@11.6.0"}'}


def workflow(step: str, top: str = "on: push", job: str = "test", last: str = "npm test") -> str:
    """Return a workflow with one job of two steps."""
    return f"{top}\njobs:\n  {job}:\n    runs-on: ubuntu-latest\n    steps:\n      - {step}\n      - run: {last}\n"


def shared(project, step: str, other: str, top: str = "on: push", files: dict[str, str] | None = None) -> list[bool]:
    """Return whether each cache that a publish job restores can be filled by a job of another workflow."""
    release = workflow(step, job="publish", last="npm publish")
    facts = project({".github/workflows/release.yml": release, CI: workflow(other, top), **(files or {})})
    return [cache.shared.value for job in facts.jobs for cache in job.work.caches if isinstance(cache.shared, Known)]


def setup(inputs: str, ref: str = "v4") -> str:
    """Return a step that sets Node.js up."""
    return f"uses: actions/setup-node@{ref}\n        with: {{{inputs}}}"


def cache(path: str, key: str = "npm-1", action: str = "actions/cache", more: str = "") -> str:
    """Return a step that caches."""
    return f"uses: {action}@v4\n        with: {{path: {path}, key: '{key}'{more}}}"


@pytest.mark.parametrize(
    ("step", "other"),
    [
        pytest.param(setup("cache: npm"), setup("cache: npm"), id="setup-node"),
        pytest.param(cache("~/.npm"), cache("~/.npm"), id="actions/cache"),
        pytest.param(cache("~/.npm", action="actions/cache/restore"), cache("~/.npm"), id="restore"),
        pytest.param(cache("~/.npm"), cache("~/.npm", action="actions/cache/save"), id="save"),
        pytest.param(
            "uses: pnpm/action-setup@v4\n        with: {cache: true}",
            "uses: pnpm/action-setup@v4\n        with: {cache: true}",
            id="pnpm/action-setup",
        ),
        pytest.param("uses: Swatinem/rust-cache@v2", "uses: Swatinem/rust-cache@v2", id="rust-cache"),
        pytest.param(
            cache("~/.npm", key="x-${{ github.sha }}", more=", restore-keys: x-"), cache("~/.npm"), id="a fallback"
        ),
    ],
)
def test_a_cache_is_shared(step, other, project):
    """Whatever runs in the other job can put something into it."""
    assert shared(project, step, other) == [True]


@pytest.mark.parametrize(
    ("step", "other"),
    [
        pytest.param(setup("cache: npm"), setup("cache: yarn"), id="another package manager"),
        pytest.param(cache("~/.npm"), cache("dist"), id="another folder"),
        pytest.param(cache("~/.npm"), cache("~/.npm", action="actions/cache/restore"), id="a job that only restores"),
        pytest.param(setup("cache: npm"), "run: npm ci", id="no cache"),
    ],
)
def test_a_cache_of_its_own_is_not_shared(step, other, project):
    """A cache that only releases fill is as trusted as the releases."""
    assert shared(project, step, other) == [False]


@pytest.mark.parametrize(
    "step",
    [
        pytest.param(setup("cache: ''"), id="empty"),
        pytest.param(setup("node-version: 24"), id="none"),
        pytest.param(cache("~/.npm", action="actions/cache/save"), id="only stored"),
        pytest.param(cache("~/.npm", key="x-${{ github.run_id }}"), id="of one run"),
        pytest.param(cache("~/.npm", more=", lookup-only: true"), id="only looked up"),
        pytest.param("uses: actions/cache@v4", id="nothing said"),
        pytest.param(setup("cache: '${{ vars.CACHE }}'"), id="a variable"),
    ],
)
def test_nothing_is_restored(step, project):
    """Where no cache comes in, none can be bad."""
    assert shared(project, step, setup("cache: npm")) == []


@pytest.mark.parametrize(
    ("top", "expected"),
    [
        pytest.param("on: pull_request", False, id="pull requests have caches of their own"),
        pytest.param("on: merge_group", False, id="so has a merge queue"),
        pytest.param("on: pull_request_target", True, id="runs on the default branch"),
        pytest.param("on: schedule", True, id="a schedule"),
        pytest.param("on: [pull_request, push]", True, id="a push too"),
    ],
)
def test_the_event_decides_whose_cache_it_is(top, expected, project):
    """GitHub keeps the caches of pull requests apart, and of little else."""
    assert shared(project, setup("cache: npm"), setup("cache: npm"), top) == [expected]


@pytest.mark.parametrize(
    ("ref", "expected"),
    [
        pytest.param("v5", [True], id="v5"),
        pytest.param(f"{'a' * 40} # v6.1.0", [True], id="the comment beside a commit"),
        pytest.param("v4", [], id="v4"),
        pytest.param(f"{'a' * 40}", [], id="a commit that nothing explains"),
        pytest.param("main", [], id="a branch"),
    ],
)
def test_setup_node_caches_by_itself_since_v5(ref, expected, project):
    """Nothing in the workflow says so, only the version."""
    step = f"uses: actions/setup-node@{ref}"

    assert shared(project, step, setup("cache: npm"), files=NPM) == expected


@pytest.mark.parametrize(
    ("step", "files"),
    [
        pytest.param(setup("package-manager-cache: false", "v6"), NPM, id="turned off"),
        pytest.param(setup("package-manager-cache: '${{ vars.X }}'", "v6"), NPM, id="a variable"),
        pytest.param(setup("node-version: 24", "v6"), {"package.json": '{"name": "x"}'}, id="no packageManager"),
        pytest.param(
            setup("node-version: 24", "v6"),
            {"package.json": '{"name": "x", "packageManager": "pnpm@10.0.0"}'},
            id="another package manager",
        ),
    ],
)
def test_setup_node_does_not_always_cache_by_itself(step, files, project):
    """A finding there would be about something that never happens."""
    assert shared(project, step, setup("cache: npm"), files=files) == []


def test_dev_engines_name_npm_as_well(project):
    """setup-node reads both."""
    files = {"package.json": '{"name": "x", "devEngines": {"packageManager": {"name": "npm"}}}'}

    assert shared(project, setup("node-version: 24", "v6"), setup("cache: npm"), files=files) == [True]


def test_a_local_action_restores_for_the_job_that_runs_it(project):
    """Jobs that share their setup share its cache."""
    action = "runs:\n  using: composite\n  steps:\n    - " + setup("cache: npm").replace("        ", "      ")
    files = {".github/actions/setup/action.yml": action + "\n"}

    assert shared(project, "uses: ./.github/actions/setup", "uses: ./.github/actions/setup", files=files) == [True]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("${{ secrets.TURBO_TOKEN }}", [True], id="a secret"),
        pytest.param("", [], id="emptied"),
    ],
)
def test_a_remote_cache_knows_no_branches(text, expected, project):
    """A token for it is all that a run needs."""
    env = f"on: pull_request\nenv: {{TURBO_TOKEN: '{text}'}}"

    found = shared(project, f"run: npx turbo build\n        env: {{TURBO_TOKEN: '{text}'}}", "run: npm ci", env)

    assert found == expected
