"""The user's .npmrc where a command names one of the repository."""

from __future__ import annotations

import pytest

from preflight.facts.ci import Credential
from preflight.facts.fact import Known
from preflight.facts.project import By, On

TOKEN = "//registry.npmjs.org/:_authToken=${NPM_TOKEN}\n"
ENV = "env: {NPM_TOKEN: s3kr1t}"


@pytest.mark.parametrize(
    ("script", "step"),
    [
        pytest.param("npm publish --userconfig=ci.npmrc", ENV, id="flag"),
        pytest.param("npm publish --userconfig ./ci.npmrc", ENV, id="flag and a word"),
        pytest.param("npm publish", "env: {NPM_TOKEN: s3kr1t, NPM_CONFIG_USERCONFIG: ci.npmrc}", id="variable"),
    ],
)
def test_a_token_in_it_counts(project, script: str, step: str) -> None:
    """Otherwise the job seems to rely on an id token, for which its npm is too old."""
    found = project.run(script, {"ci.npmrc": TOKEN + "provenance=true\n"}, step=step)
    (site,), (shipment,) = found.jobs[0].sites, found.shipments

    assert (site.credential.value, shipment.provenance.value) == (Credential.TOKEN, On(By.NPMRC))


@pytest.mark.parametrize(
    "named",
    [
        pytest.param("gone.npmrc", id="none there"),
        pytest.param("/etc/npmrc", id="outside"),
        pytest.param("large.npmrc", id="too large"),
    ],
)
def test_one_that_cannot_be_read_says_nothing(project, named: str) -> None:
    """The rest of the command is judged all the same."""
    found = project.run(f"npm publish --userconfig={named}", {"large.npmrc": ";" * 300_000}, step=ENV)

    assert found.jobs[0].sites[0].credential == Known(Credential.NONE, found.jobs[0].sites[0].at)


def test_a_token_that_yarn_is_told_counts(project) -> None:
    """`yarn config set` writes it to .yarnrc.yml."""
    files = {"package.json": '{"name": "x", "packageManager": "yarn@4.10.0"}'}
    found = project.run("yarn config set npmAuthToken $NPM_TOKEN\nyarn npm publish", files, step=ENV)

    assert found.jobs[0].sites[0].credential.value is Credential.TOKEN
