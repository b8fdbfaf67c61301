"""Publish tokens in the environment of commands that run the dependencies' code."""

from __future__ import annotations

import json

import pytest

SECRET = "${{ secrets.NPM_TOKEN }}"


def leaks(project, steps: str, files: dict[str, str] | None = None, **keys) -> list[tuple[int, list[str]]]:
    """Return the lines that hand a token to commands which run the dependencies' code, with these commands."""
    scripts = {"build": "tsc", "release": "tsc && npm publish"}
    manifest = json.dumps({"name": "@acme/widgets", "scripts": scripts, "dependencies": {"semver": "7"}})
    facts = project.steps(steps, {"package.json": manifest, **(files or {})}, **keys)
    return [(leak.at.line, [each.what for each in leak.commands]) for job in facts.jobs for leak in job.work.leaks]


JOB = f"runs-on: ubuntu-latest\nenv:\n  NODE_AUTH_TOKEN: {SECRET}"


@pytest.mark.parametrize(
    ("steps", "commands"),
    [
        pytest.param("- run: npm ci\n- run: npm publish", ["npm ci"], id="an installation"),
        pytest.param("- run: npm run build\n- run: npm publish", ["npm run build"], id="a build"),
        pytest.param("- run: npx tsc\n- run: npm publish", ["npx tsc"], id="a builder"),
        pytest.param("- run: npm ci && npm run build && npm publish", ["npm ci"], id="one script: only the install"),
        pytest.param("- run: yarn\n- run: npm publish", ["yarn"], id="yarn"),
    ],
)
def test_a_token_on_the_job_reaches_every_step(steps, commands, project):
    """One variable set too high is enough."""
    assert leaks(project, steps, job=JOB) == [(6, commands)]


@pytest.mark.parametrize(
    "steps",
    [
        pytest.param("- run: npm publish", id="nothing but the publish"),
        pytest.param("- run: npm ci --ignore-scripts\n- run: npm publish", id="no scripts"),
        pytest.param("- run: npm run release", id="a script that publishes"),
        pytest.param("- run: npm run missing\n- run: npm publish", id="a script that is not there"),
        pytest.param("- run: bun ci\n- run: npm publish", id="bun runs no scripts unasked"),
        pytest.param("- run: pnpm install --frozen-lockfile\n- run: npm publish", id="nor does pnpm 10"),
        pytest.param("- run: npm install -g npm@11\n- run: npm publish", id="npm itself"),
        pytest.param("- run: echo $NODE_AUTH_TOKEN\n- run: npm publish", id="no code of the dependencies"),
    ],
)
def test_a_token_on_the_job_reaches_no_code_of_the_dependencies(steps, project):
    """A finding there would ask for a change that changes nothing."""
    assert leaks(project, steps, job=JOB) == []


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param({".npmrc": "ignore-scripts=true\n"}, [], id=".npmrc"),
        pytest.param({".npmrc": "ignore-scripts=false\n"}, [(6, ["npm ci"])], id=".npmrc lets them run"),
    ],
)
def test_settings_decide_whether_scripts_run(files, expected, project):
    """The command itself need not say it."""
    assert leaks(project, "- run: npm ci\n- run: npm publish", files, job=JOB) == expected


def test_an_old_pnpm_runs_the_scripts_of_the_dependencies(project):
    """Since pnpm 10 they wait for an approval."""
    manifest = '{"name": "x", "packageManager": "pnpm@9.15.0", "dependencies": {"semver": "7"}}'

    found = leaks(project, "- run: pnpm i\n- run: npm publish", {"package.json": manifest}, job=JOB)

    assert found == [(6, ["pnpm i"])]


@pytest.mark.parametrize(
    ("secret", "lines"),
    [pytest.param("NPM_TOKEN", [7], id="the same secret"), pytest.param("READ_TOKEN", [], id="another one")],
)
def test_what_the_variable_is_filled_with_decides(secret, lines, project):
    """Private dependencies need a token too, and one that only reads is none to publish with."""
    steps = (
        f"- run: npm ci\n  env: {{NODE_AUTH_TOKEN: '${{{{ secrets.{secret} }}}}'}}\n"
        f"- run: npm publish\n  env: {{NODE_AUTH_TOKEN: '{SECRET}'}}"
    )

    assert [line for line, _ in leaks(project, steps)] == lines
