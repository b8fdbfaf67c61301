"""Secrets from the project's settings, and registries on the GitLab server."""

from __future__ import annotations

import pytest

from preflight.facts.ci import Credential
from preflight.facts.fact import Unknown

SERVER = "https://gitlab.com/api/v4/projects/"


@pytest.mark.parametrize(
    ("lines", "npmrc"),
    [
        pytest.param(
            ["npm publish"], "//registry.npmjs.org/:_authToken=${NPM_TOKEN}", id="an .npmrc of the repository"
        ),
        pytest.param(
            ['echo "//registry.npmjs.org/:_authToken=${NPM_TOKEN}" > ~/.npmrc', "npm publish"],
            "",
            id="written by the job",
        ),
        pytest.param(
            ["echo '//registry.npmjs.org/:_authToken=${NPM_TOKEN}' > .npmrc", "npm publish"],
            "",
            id="written with the variable's name",
        ),
        pytest.param(
            ["npm config set //registry.npmjs.org/:_authToken $NPM_TOKEN", "npm publish"], "", id="set by a command"
        ),
        pytest.param(["npx semantic-release"], "", id="read by the tool itself"),
    ],
)
def test_a_secret_of_the_project_lets_the_job_in(job, lines, npmrc):
    """No file declares it, and every job has it."""
    script = "".join(f"    - {line}\n" for line in lines)

    found = job(f"publish:\n  script:\n{script}", {".npmrc": npmrc})

    assert found.sites[0].credential.value is Credential.TOKEN


@pytest.mark.parametrize(
    ("script", "npmrc"),
    [
        pytest.param("[npm publish]", "", id="nothing"),
        pytest.param("[npm publish]", "//acme.test/:_authToken=${NPM_TOKEN}", id="for another registry"),
        pytest.param(
            "[echo $CI_JOB_TOKEN, npm publish]",
            "//registry.npmjs.org/:_authToken=${CI_JOB_TOKEN}",
            id="GitLab's own token",
        ),
    ],
)
def test_a_job_without_a_secret(job, script, npmrc):
    """Npm reads no variable by itself but NODE_AUTH_TOKEN's place in an .npmrc."""
    assert job(f"publish: {{script: {script}}}", {".npmrc": npmrc}).sites[0].credential.value is Credential.NONE


def test_a_secret_beside_trusted_publishing_is_both(job):
    """A failed exchange falls back to it."""
    found = job(
        "publish: {image: 'node:24', script: [npm publish], "
        "id_tokens: {NPM_ID_TOKEN: {aud: 'npm:registry.npmjs.org'}}}",
        {".npmrc": "//registry.npmjs.org/:_authToken=${NPM_TOKEN}"},
    )

    assert found.sites[0].credential.value is Credential.BOTH


@pytest.mark.parametrize(
    ("line", "registry"),
    [
        pytest.param(
            'echo "@acme:registry=https://${CI_SERVER_HOST}/api/v4/projects/${CI_PROJECT_ID}/packages/npm/" > .npmrc',
            SERVER + "${CI_PROJECT_ID}/packages/npm/",
            id="the project itself",
        ),
        pytest.param(
            'echo "@acme:registry=${CI_API_V4_URL}/projects/42/packages/npm/" > .npmrc',
            SERVER + "42/packages/npm/",
            id="the address of the API",
        ),
        pytest.param(
            'echo "@acme:registry=${CI_API_V4_URL}/projects/${OTHER}/packages/npm/" > .npmrc',
            SERVER + "${OTHER}/packages/npm/",
            id="a project that a variable names",
        ),
        pytest.param(
            'echo "${SCOPE}:registry=https://${CI_SERVER_HOST}/api/v4/projects/${OTHER}/packages/npm/ \\n" >> .npmrc',
            SERVER + "${OTHER}/packages/npm/",
            id="a scope that a variable names",
        ),
        pytest.param(
            "npm config set @acme:registry ${CI_SERVER_URL}/api/v4/projects/${CI_PROJECT_ID}/packages/npm/",
            SERVER + "${CI_PROJECT_ID}/packages/npm/",
            id="a command",
        ),
    ],
)
def test_a_package_goes_to_the_gitlab_server(job, line, registry):
    """Where there is no provenance of npm there is nothing to judge."""
    (site,) = job(f"publish:\n  script:\n    - >-\n      {line}\n    - npm publish\n").sites

    assert (site.registry.value, site.for_npm) == (registry, False)


@pytest.mark.parametrize(
    "line",
    [
        pytest.param('echo "@acme:registry=$REGISTRY" > .npmrc', id="a variable"),
        pytest.param('echo "registry=$REGISTRY" > .npmrc', id="a variable for all"),
    ],
)
def test_a_registry_that_cannot_be_told_is_unsure(job, line):
    """It may be npm's."""
    (site,) = job(f"publish:\n  script:\n    - >-\n      {line}\n    - npm publish\n").sites

    assert (site.for_npm, isinstance(site.registry, Unknown)) == (True, True)


def test_the_address_names_the_server_that_runs_the_pipeline(job):
    """A company's GitLab is not gitlab.com."""
    (site,) = job(
        "publish:\n  script:\n    - npm publish --registry ${CI_API_V4_URL}/projects/1/packages/npm/\n",
        repository="https://git.acme.test/acme/widgets",
    ).sites

    assert site.registry.value == "https://git.acme.test/api/v4/projects/1/packages/npm/"


def test_a_variable_of_another_job_is_told_apart(pipeline):
    """It looks like provenance and never reaches the publish."""
    found = pipeline("""
        build: {script: tsc, variables: {NPM_CONFIG_PROVENANCE: 'true'}}
        publish: {image: 'node:24', script: npm publish}
        """)

    assert [each.what for shipment in found.shipments for each in shipment.ignored] == ["`NPM_CONFIG_PROVENANCE`"]


def test_a_variable_of_the_pipeline_turns_provenance_on(pipeline):
    """It reaches every job."""
    found = pipeline("variables: {NPM_CONFIG_PROVENANCE: 'true'}\npublish: {image: 'node:24', script: npm publish}")

    assert not found.shipments[0].off
