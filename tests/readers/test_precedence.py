"""Which setting wins, from the files of a project to the fact that a rule reads."""

from __future__ import annotations

import json

import pytest

from preflight.facts.fact import Known, Unknown
from preflight.facts.project import Off, On

NODE = {"old": "20.10.0", "new": "24.5.0"}
"""Node.js whose npm is 10.2.3 and 11.5.1: on either side of 10.6."""


def manifest(provenance=None, **keys) -> str:
    """Return a package.json, with or without `publishConfig.provenance`."""
    config = {} if provenance is None else {"publishConfig": {"provenance": provenance}}
    return json.dumps({"name": "@acme/widgets", **config, **keys})


def workflow(
    command: str,
    *,
    top: str = "",
    job: str = "",
    step: str = "",
    npm: str = "new",
    before: str = "",
    oidc: bool = False,
) -> str:
    """Return a release workflow; `top`, `job` and `step` are the value of NPM_CONFIG_PROVENANCE there."""

    def env(value: str, margin: str) -> str:
        return f"{margin}env: {{NPM_CONFIG_PROVENANCE: '{value}'}}\n" if value else ""

    token = "    permissions: {id-token: write}\n" if oidc else ""
    first = f"      - run: {before}\n" if before else ""
    return (
        f"on: push\n{env(top, '')}jobs:\n  publish:\n{token}{env(job, '    ')}    runs-on: ubuntu-latest\n    steps:\n"
        f"      - uses: actions/setup-node@v5\n        with: {{node-version: {NODE[npm]}}}\n{first}"
        f"      - run: {command}\n{env(step, '        ')}"
    )


def outcome(project) -> str:
    """Return who turns provenance on, or `off: …`."""
    (shipment,) = project.shipments
    match shipment.provenance:
        case Known(On(by)):
            return by.value
        case Known(Off(by)):
            return f"off: {by.value}" if by else "off"
        case Unknown():
            return "unknown"
        case _:
            return "impossible"


def read(project, text: str, files: dict[str, str] | None = None) -> str:
    """Return the outcome of a workflow over some files."""
    return outcome(project({".github/workflows/release.yml": text, **(files or {})}))


# -- npm: the table -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("npm", "command", "env", "config", "npmrc", "expected"),
    [
        pytest.param("new", "npm publish", "", None, None, "off", id="nothing asks"),
        pytest.param(
            "new", "npm publish", "true", False, None, "off: publishConfig", id="publishConfig beats the variable"
        ),
        pytest.param("old", "npm publish", "true", False, None, "off: publishConfig", id="in old ones too"),
        pytest.param("new", "npm publish", "false", True, None, "publishConfig", id="both ways"),
        pytest.param(
            "old",
            "npm publish --provenance",
            "",
            False,
            None,
            "off: publishConfig",
            id="old: publishConfig beats the flag",
        ),
        pytest.param(
            "new", "npm publish --provenance", "", False, None, "flag", id="new: the flag beats publishConfig"
        ),
        pytest.param("old", "npm publish --no-provenance", "", True, None, "publishConfig", id="old: also off"),
        pytest.param("new", "npm publish --no-provenance", "", True, None, "off: flag", id="new: also off"),
        pytest.param(
            "new", "npm publish", "false", None, "provenance=true", "off: env", id="the variable beats .npmrc"
        ),
        pytest.param("new", "npm publish", "true", None, "provenance=false", "env", id="both ways, too"),
        pytest.param("new", "npm publish", "", None, "provenance=true", "npmrc", id=".npmrc"),
        pytest.param("new", "npm publish", "", "true", None, "off", id="a string is not true"),
        pytest.param(
            "new", "npm publish --provenance=false", "true", None, None, "off: flag", id="a flag with a value"
        ),
    ],
)
def test_npm_takes_the_strongest_setting(project, npm, command, env, config, npmrc, expected) -> None:
    """Each row was tried on the real program."""
    files = {"package.json": manifest(config)} | ({".npmrc": npmrc} if npmrc else {})

    assert read(project, workflow(command, step=env, npm=npm), files) == expected


@pytest.mark.parametrize(
    ("top", "job", "step", "command", "expected"),
    [
        pytest.param("true", "", "", "npm publish", "env", id="workflow"),
        pytest.param("", "true", "", "npm publish", "env", id="job"),
        pytest.param("", "", "true", "npm publish", "env", id="step"),
        pytest.param("true", "false", "", "npm publish", "off: env", id="job beats workflow"),
        pytest.param("true", "true", "false", "npm publish", "off: env", id="step beats job"),
        pytest.param("false", "false", "true", "npm publish", "env", id="also on"),
        pytest.param(
            "", "", "false", "NPM_CONFIG_PROVENANCE=true npm publish", "env", id="the command's own beats all"
        ),
        pytest.param("", "", "true", "unset NPM_CONFIG_PROVENANCE; npm publish", "off", id="unset"),
    ],
)
def test_the_nearest_variable_wins(project, top, job, step, command, expected) -> None:
    """Step, job, workflow, in this order."""
    assert read(project, workflow(command, top=top, job=job, step=step)) == expected


@pytest.mark.parametrize(
    ("before", "job", "step", "expected"),
    [
        pytest.param('echo "NPM_CONFIG_PROVENANCE=true" >> $GITHUB_ENV', "", "", "env", id="written by a step"),
        pytest.param('echo "NPM_CONFIG_PROVENANCE=true" >> $GITHUB_ENV', "false", "", "env", id="beats the job's"),
        pytest.param('echo "NPM_CONFIG_PROVENANCE=true" >> $GITHUB_ENV', "", "false", "off: env", id="not the step's"),
        pytest.param("export NPM_CONFIG_PROVENANCE=true", "", "", "off", id="an export ends with its step"),
        pytest.param("npm config set provenance true", "", "", "npmrc", id="npm config set"),
        pytest.param('echo "provenance=true" >> .npmrc', "", "", "npmrc", id="a line written to .npmrc"),
        pytest.param("npm config set provenance true", "false", "", "off: env", id="a variable beats it"),
    ],
)
def test_an_earlier_step_may_set_it(project, before, job, step, expected) -> None:
    """What a step leaves behind counts, what it keeps to itself does not."""
    assert read(project, workflow("npm publish", before=f"'{before}'", job=job, step=step)) == expected


def test_the_variable_of_another_step_does_not_count(project) -> None:
    """It is named as a setting that is not read."""
    text = (
        "on: push\njobs:\n  publish:\n    runs-on: ubuntu-latest\n    steps:\n"
        "      - run: npm pack\n        env: {NPM_CONFIG_PROVENANCE: 'true'}\n      - run: npm publish\n"
    )

    found = project({".github/workflows/release.yml": text})

    assert (outcome(found), [each.what for each in found.shipments[0].ignored]) == ("off", ["`NPM_CONFIG_PROVENANCE`"])


def test_the_variable_of_a_caller_does_not_count(project) -> None:
    """A called workflow does not see its caller's `env`."""
    caller = "on: push\nenv: {NPM_CONFIG_PROVENANCE: 'true'}\njobs:\n  x: {uses: ./.github/workflows/b.yml}\n"
    called = "on: workflow_call\njobs:\n  y:\n    runs-on: ubuntu-latest\n    steps:\n      - run: npm publish\n"

    found = project({".github/workflows/a.yml": caller, ".github/workflows/b.yml": called})

    assert (outcome(found), [each.at.path.name for each in found.shipments[0].ignored]) == ("off", ["a.yml"])


# -- npm: which .npmrc -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "files", "expected"),
    [
        pytest.param(
            "npm publish ./sub",
            {"sub/package.json": manifest(), "sub/.npmrc": "provenance=true"},
            "off",
            id="a folder as argument",
        ),
        pytest.param(
            "cd sub; npm publish",
            {"sub/package.json": manifest(), "sub/.npmrc": "provenance=true"},
            "npmrc",
            id="the folder itself",
        ),
        pytest.param(
            "cd sub; npm publish",
            {"sub/package.json": manifest(), ".npmrc": "provenance=true"},
            "off",
            id="no workspaces: not the root's",
        ),
        pytest.param(
            "cd sub; npm publish",
            {
                "package.json": '{"private": true, "name": "r", "workspaces": ["sub"]}',
                "sub/package.json": manifest(),
                ".npmrc": "provenance=true",
            },
            "npmrc",
            id="workspaces: the root's",
        ),
        pytest.param(
            "npm publish -w sub",
            {
                "package.json": '{"private": true, "name": "r", "workspaces": ["sub"]}',
                "sub/package.json": manifest(),
                "sub/.npmrc": "provenance=true",
            },
            "off",
            id="workspaces: not the member's",
        ),
        pytest.param("npm publish ./x.tgz", {".npmrc": "provenance=true"}, "npmrc", id="a tarball"),
    ],
)
def test_only_one_npmrc_is_the_projects(project, command, files, expected) -> None:
    """Where the command runs decides, not where the package lies."""
    assert read(project, workflow(f'"{command}"'), files) == expected


# -- trusted publishing ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "config", "env", "expected"),
    [
        pytest.param("npm publish", None, "", "trusted-publishing", id="by itself"),
        pytest.param("npm publish", False, "", "trusted-publishing", id="publishConfig cannot opt out"),
        pytest.param("npm publish", None, "false", "off: env", id="a variable can"),
        pytest.param("npm publish --no-provenance", None, "", "off: flag", id="a flag can"),
        pytest.param("npm publish", True, "", "publishConfig", id="said as well"),
        pytest.param("bun publish", None, "", "impossible", id="bun"),
        pytest.param("yarn npm publish", None, "", "off", id="yarn does not turn it on"),
    ],
)
def test_trusted_publishing_turns_it_on(project, command, config, env, expected) -> None:
    """Where nothing says otherwise, and the tool does so."""
    files = {"package.json": manifest(config, packageManager="yarn@4.10.0")}

    assert read(project, workflow(command, step=env, oidc=True), files) == expected


# -- an action's input --------------------------------------------------------------------------------------


def test_the_input_of_an_action_counts_as_the_tools_own(project) -> None:
    """`provenance: true` of JS-DevTools/npm-publish."""
    found = project.steps("- uses: JS-DevTools/npm-publish@v4\n  with: {provenance: true}")

    assert outcome(found) == "tool"


@pytest.mark.parametrize("place", ["env", "step"])
def test_a_variable_reaches_an_action(project, place: str) -> None:
    """Its program runs with the variables of the step and the job."""
    setting = "env: {NPM_CONFIG_PROVENANCE: 'true'}"
    found = project.steps(
        "- uses: JS-DevTools/npm-publish@v4" + (f"\n  {setting}" if place == "step" else ""),
        job="runs-on: ubuntu-latest\n" + (setting if place == "env" else ""),
    )

    assert outcome(found) == "env"


def test_a_variable_of_an_unknown_value_leaves_it_open(project) -> None:
    """A secret or a variable of the repository may be anything."""
    assert read(project, workflow("npm publish", step="${{ vars.PROVENANCE }}")) == "unknown"
