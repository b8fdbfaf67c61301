"""The npm that runs in a job, from the machine to the last upgrade before the publish."""

from __future__ import annotations

import pytest

from preflight.facts.fact import Known, Unknown

SETUP = "- uses: actions/setup-node@v5\n  with:\n    "


def npm(project) -> list[str]:
    """Return the npm of the only site: versions, or why they are not known."""
    (site,) = (site for job in project.jobs for site in job.sites)
    return [str(each.value.version) if isinstance(each, Known) else each.why for each in site.npm]


def bundled(major: str) -> str:
    """Return the beginning of the npm that the newest Node.js of a line bundles."""
    return {"18": "10.8", "20": "10.8", "22": "10.9", "24": "11.", "26": "11."}[major]


@pytest.mark.parametrize(
    ("given", "files", "major"),
    [
        pytest.param("node-version: 24", {}, "24", id="major"),
        pytest.param("node-version: '22.x'", {}, "22", id="range"),
        pytest.param("node-version: 20.10", {}, None, id="a number loses its zero: 20.1"),
        pytest.param("node-version: lts/iron", {}, "20", id="code name"),
        pytest.param("node-version: ${{ env.NODE }}", {}, "22", id="variable"),
        pytest.param("node-version-file: .nvmrc", {".nvmrc": "v20\n"}, "20", id="file"),
        pytest.param(
            "node-version-file: package.json",
            {"package.json": '{"name":"x","volta":{"node":"22.1.0"}}'},
            None,
            id="volta",
        ),
        pytest.param(
            "node-version-file: package.json",
            {"package.json": '{"name":"x","engines":{"node":"^20"}}'},
            "20",
            id="engines",
        ),
        pytest.param("node-version-file: sub/.node-version", {"sub/.node-version": "24"}, "24", id="file in a folder"),
        pytest.param(
            "{node-version: 24, node-version-file: .nvmrc}", {".nvmrc": "20"}, "24", id="the version beats the file"
        ),
        pytest.param("{node-version: '', node-version-file: .nvmrc}", {".nvmrc": "20"}, "20", id="unless it is empty"),
        pytest.param("{Node-Version: 24}", {}, "24", id="inputs know no case"),
    ],
)
def test_setup_node_installs_what_its_inputs_say(project, given: str, files, major: str | None) -> None:
    """The npm is the one that this Node.js bundles."""
    with_ = given if given.startswith("{") else f"\n    {given}"
    text = f"- uses: actions/setup-node@v5\n  with: {with_}\n- run: npm publish"

    found = project.steps(text, files, top="on: push\nenv: {NODE: 22}")

    expected = bundled(major) if major else {"node-version: 20.10": "9.6"}.get(given, "10.7")
    assert npm(found)[0].startswith(expected)


@pytest.mark.parametrize(
    "given",
    [
        pytest.param("node-version: ${{ inputs.node }}", id="version chosen at run time"),
        pytest.param("node-version-file: ${{ inputs.node }}", id="file chosen at run time"),
        pytest.param("node-version-file: gone", id="no such file"),
    ],
)
def test_a_version_that_is_not_known_makes_the_npm_unknown(project, given: str) -> None:
    """Nothing is guessed."""
    found = project.steps(f"{SETUP}{given}\n- run: npm publish", top="on: {workflow_dispatch: {inputs: {node: }}}")

    assert isinstance(found.jobs[0].sites[0].npm[0], Unknown)


@pytest.mark.parametrize(
    ("keys", "version"),
    [
        pytest.param("runs-on: ubuntu-latest", "10.9.8", id="hosted image"),
        pytest.param("runs-on: macos-latest", "11.16.0", id="newer hosted image"),
        pytest.param("runs-on: [self-hosted, linux]", "the Node.js on the runner is not known", id="own machine"),
        pytest.param("runs-on: ours", "the Node.js on the runner is not known", id="unknown machine"),
        pytest.param("timeout-minutes: 5", "the job says no runner", id="no machine"),
        pytest.param("runs-on: ubuntu-latest\ncontainer: node:20", "10.8.2", id="container"),
        pytest.param("runs-on: ubuntu-latest\ncontainer: {image: 'node:20-alpine'}", "10.8.2", id="container mapping"),
        pytest.param("runs-on: ubuntu-latest\ncontainer: ''", "10.9.8", id="empty container"),
        pytest.param("runs-on: ubuntu-latest\ncontainer: {options: x}", "10.9.8", id="container without image"),
    ],
)
def test_without_setup_node_the_machine_decides(project, keys: str, version: str) -> None:
    """A job often relies on what is there."""
    found = project.run("npm publish", job=keys)

    assert npm(found) == [version]


def test_an_image_that_is_chosen_at_run_time_is_not_known(project) -> None:
    """So is its npm."""
    found = project.run(
        "npm publish", job="runs-on: ubuntu-latest\ncontainer: ${{ inputs.image }}", top="on: workflow_dispatch"
    )

    assert isinstance(found.jobs[0].sites[0].npm[0], Unknown)


@pytest.mark.parametrize(
    ("steps", "version"),
    [
        pytest.param("- run: npm i -g npm@11.5.1\n- run: npm publish", "11.5.1", id="before"),
        pytest.param("- run: npm i -g npm@11.5.1 && npm publish", "11.5.1", id="in the same line"),
        pytest.param("- run: sudo npm install --global npm@11.6.0\n- run: npm publish", "11.6.0", id="sudo"),
        pytest.param("- run: corepack install -g npm@11.6.0\n- run: npm publish", "11.6.0", id="corepack"),
        pytest.param("- run: npx npm@11.7.0 publish", "11.7.0", id="npx for one command"),
        pytest.param(
            f"- run: npm i -g npm@11.5.1\n{SETUP}node-version: 24.5.0\n- run: npm publish",
            "11.5.1",
            id="then the same npm",
        ),
        pytest.param(
            f"- run: npm i -g npm@11.6.0\n{SETUP}node-version: 20.10.0\n- run: npm publish",
            "10.2.3",
            id="lost with its Node.js",
        ),
        pytest.param(
            f"{SETUP}node-version: 22.20.0\n- run: npm i -g npm@11.6.0\n- run: npm publish",
            "11.6.0",
            id="in the right order",
        ),
        pytest.param("- run: npm i -g npm@11.6.0\n  if: false\n- run: npm publish", "10.9.8", id="never run"),
        pytest.param("- run: nvm install 24.5.0\n- run: npm publish", "11.5.1", id="nvm"),
    ],
)
def test_upgrades_count_in_the_order_of_the_steps(project, steps: str, version: str) -> None:
    """An upgrade after the publish, or before another Node.js, does nothing."""
    found = project.steps(steps)

    assert npm(found) == [version]


@pytest.mark.parametrize(
    "step",
    [
        pytest.param("run: npm i -g npm@$VERSION", id="upgrade to a variable"),
        pytest.param("run: nvm install", id="nvm reads a file"),
        pytest.param("run: corepack enable npm", id="corepack without a version"),
        pytest.param("run: nvm install $VERSION", id="nvm with a variable"),
        pytest.param("uses: acme/setup-toolchain@v1", id="unknown setup action"),
    ],
)
def test_what_cannot_be_followed_makes_the_npm_unknown(project, step: str) -> None:
    """A finding about the machine's npm would be a guess."""
    found = project.steps(f"- {step}\n- run: npm publish")

    assert isinstance(found.jobs[0].sites[0].npm[0], Unknown)


@pytest.mark.parametrize(
    "uses",
    [
        "actions/checkout@v5",
        "pnpm/action-setup@v4",
        "oven-sh/setup-bun@v2",
        "actions/setup-python@v5",
        "acme/setup-rust@v1",
        "acme/lint@v1",
    ],
)
def test_other_actions_leave_the_npm_alone(project, uses: str) -> None:
    """Most actions install no Node.js."""
    found = project.steps(f"- uses: {uses}\n- run: npm publish")

    assert npm(found) == ["10.9.8"]


@pytest.mark.parametrize(
    ("uses", "files", "version"),
    [
        pytest.param("jdx/mise-action@v3", {"mise.toml": '[tools]\nnode = "20.10.0"\n'}, "10.2.3", id="mise"),
        pytest.param("jdx/mise-action@v3", {".tool-versions": "nodejs 20.10.0\n"}, "10.2.3", id="tool versions"),
        pytest.param("jdx/mise-action@v3", {}, "10.9.8", id="no file"),
        pytest.param("asdf-vm/actions/install@v4", {".tool-versions": "nodejs 20.10.0\n"}, "10.2.3", id="asdf"),
        pytest.param(
            "volta-cli/action@v4", {"package.json": '{"name": "x", "volta": {"node": "20.10.0"}}'}, "10.2.3", id="volta"
        ),
        pytest.param(
            "volta-cli/action@v4",
            {
                "package.json": '{"name": "x", "volta": {"extends": "./base.json"}}',
                "base.json": '{"volta": {"node": "20.10.0"}}',
            },
            "10.2.3",
            id="volta extends",
        ),
    ],
)
def test_tool_managers_install_what_their_files_name(project, uses: str, files, version: str) -> None:
    """Each reads its own file."""
    found = project.steps(f"- uses: {uses}\n- run: npm publish", files)

    assert npm(found) == [version]


def test_setup_node_may_read_a_file_that_extends_another(project) -> None:
    """As volta does."""
    files = {"a/package.json": '{"volta": {"extends": "../base.json"}}', "base.json": '{"volta": {"node": "20.10.0"}}'}

    found = project.steps(f"{SETUP}node-version-file: a/package.json\n- run: npm publish", files)

    assert npm(found) == ["10.2.3"]


def test_a_composite_action_may_set_up_node(project) -> None:
    """With an input that the job gives."""
    action = (
        "inputs: {node: {default: '20.10.0'}}\nruns:\n  using: composite\n  steps:\n"
        "    - uses: actions/setup-node@v5\n      with: {node-version: '${{ inputs.node }}'}\n"
    )

    found = project.steps("- uses: ./ci\n  with: {node: 24.5.0}\n- run: npm publish", {"ci/action.yml": action})

    assert npm(found) == ["11.5.1"]


def test_the_npm_of_each_combination_is_told(project) -> None:
    """One of them may be too old."""
    job = "runs-on: ${{ matrix.os }}\nstrategy: {matrix: {os: [ubuntu-latest, macos-latest]}}"

    found = project.run("npm publish", job=job)

    assert npm(found) == ["10.9.8", "11.16.0"]


def test_the_registry_of_setup_node_is_where_npm_sends(project) -> None:
    """With a scope it counts for that scope alone."""
    steps = f"{SETUP}registry-url: https://npm.pkg.github.com\n- run: npm publish"

    found = project.steps(steps)

    assert found.jobs[0].sites[0].for_npm is False


@pytest.mark.parametrize(
    ("scope", "for_npm"),
    [
        pytest.param("'@acme'", False, id="its scope"),
        pytest.param("acme", False, id="without the sign"),
        pytest.param("'@other'", True, id="another scope"),
        pytest.param("''", False, id="empty"),
    ],
)
def test_the_registry_of_setup_node_may_be_that_of_a_scope(project, scope: str, for_npm: bool) -> None:
    """Other packages still go to npm."""
    steps = f"{SETUP}registry-url: https://npm.pkg.github.com\n    scope: {scope}\n- run: npm publish"

    found = project.steps(steps)

    assert found.jobs[0].sites[0].for_npm is for_npm


@pytest.mark.parametrize(
    "script",
    [
        pytest.param("pnpm env use --global 24", id="pnpm env"),
        pytest.param("npm install -g npm", id="npm without a version"),
        pytest.param("npm --location=global install npm", id="--location"),
        pytest.param("asdf install nodejs 24 && asdf global nodejs 24", id="asdf"),
    ],
)
def test_a_step_that_changes_npm_and_does_nothing_else_is_read(project, script: str) -> None:
    """A step is only parsed where its words say that it matters; a word that is missing there is a false alarm."""
    found = project.steps(f"- run: {script}\n- run: npm publish", job="runs-on: ubuntu-24.04")

    assert [npm.value.version.major for job in found.jobs for site in job.sites for npm in site.npm] >= [11]


def test_an_action_in_an_image_leaves_the_machine_alone(project) -> None:
    """Its Node.js goes with its container."""
    found = project.steps("- uses: docker://node:18\n- run: npm publish", job="runs-on: ubuntu-26.04")

    assert [npm.value.version.major for job in found.jobs for site in job.sites for npm in site.npm] == [11]


@pytest.mark.parametrize(
    ("given", "major"),
    [pytest.param("", 11, id="package.json"), pytest.param("\n  with: {npm-version: 10.9.0}", 10, id="input")],
)
def test_volta_brings_the_npm_that_is_pinned(project, given: str, major: int) -> None:
    """Volta, unlike setup-node, reads `volta.npm`."""
    files = {"package.json": '{"name": "x", "volta": {"node": "22.14.0", "npm": "11.6.0"}}'}
    found = project.steps(f"- uses: volta-cli/action@v4{given}\n- run: npm publish", files)

    assert [npm.value.version.major for job in found.jobs for site in job.sites for npm in site.npm] == [major]
