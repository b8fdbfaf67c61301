"""Publishing commands in pipelines that are only recognised."""

from __future__ import annotations

import pytest


def found(project) -> list[tuple[str, str, int]]:
    """Return system, command and line of all that was recognised."""
    return [(each.system, each.command, each.at.line) for each in project.elsewhere]


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        pytest.param(
            ".travis.yml", "script: npm test\nafter_success: npm publish", ("Travis CI", "npm publish", 2), id="Travis"
        ),
        pytest.param(
            ".travis.yml", "deploy: {provider: npm}", ("Travis CI", "deploy: npm", 1), id="Travis, a provider"
        ),
        pytest.param(
            ".travis.yml",
            "deploy:\n- provider: pages\n- provider: script\n  script: npx semantic-release",
            ("Travis CI", "npx semantic-release", 4),
            id="Travis, a script",
        ),
        pytest.param(
            ".travis.yml",
            "jobs: {include: [{stage: x,\n deploy: {provider: npm}}]}",
            ("Travis CI", "deploy: npm", 2),
            id="Travis, a job",
        ),
        pytest.param(
            "azure-pipelines.yml",
            "steps:\n- script: |\n    npm ci\n    npm publish",
            ("Azure Pipelines", "npm publish", 4),
            id="Azure",
        ),
        pytest.param(
            "azure-pipelines.yml",
            "jobs: [{job: a, steps: [{task: Npm@1, inputs: {command: custom, customCommand: publish --tag a}}]}]",
            ("Azure Pipelines", "npm publish --tag a", 1),
            id="Azure, a command of one's own",
        ),
        pytest.param(
            "azure-pipelines.yml",
            "steps: [{task: Npm@1, inputs: {command: publish}}]",
            ("Azure Pipelines", "Npm@1 publish", 1),
            id="Azure, a task",
        ),
        pytest.param(
            ".azure-pipelines/release.yml",
            "steps: [{pwsh: npm publish}]",
            ("Azure Pipelines", "npm publish", 1),
            id="Azure, a folder",
        ),
        pytest.param(
            "bitbucket-pipelines.yml",
            "pipelines: {tags: {'v*': [step: {script: [npm ci, npm publish]}]}}",
            ("Bitbucket Pipelines", "npm publish", 1),
            id="Bitbucket",
        ),
        pytest.param(
            "bitbucket-pipelines.yml",
            "pipelines: {default: [step: {script: [pipe: 'atlassian/npm-publish:1.0.0']}]}",
            ("Bitbucket Pipelines", "atlassian/npm-publish:1.0.0", 1),
            id="Bitbucket, a pipe",
        ),
        pytest.param(
            ".drone.yml",
            "steps:\n- name: a\n---\nsteps:\n- image: plugins/npm:1\n  settings: {token: x}",
            ("Drone", "plugins/npm:1", 5),
            id="Drone",
        ),
        pytest.param(
            ".woodpecker.yml",
            "steps: {a: {image: node, commands: [npm publish]}}",
            ("Woodpecker", "npm publish", 1),
            id="Woodpecker",
        ),
        pytest.param(
            ".woodpecker/release.yaml",
            "steps: [{image: woodpeckerci/plugin-npm}]",
            ("Woodpecker", "woodpeckerci/plugin-npm", 1),
            id="Woodpecker, a plugin",
        ),
        pytest.param(
            ".buildkite/pipeline.yml",
            "steps: [{command: npm publish}]",
            ("Buildkite", "npm publish", 1),
            id="Buildkite",
        ),
        pytest.param(
            ".buildkite/pipeline.yml",
            "steps: [{commands: [npm run ship]}]",
            ("Buildkite", "npm publish", 1),
            id="a script of package.json",
        ),
        pytest.param(
            "appveyor.yml", "deploy_script:\n- cmd: npm publish", ("AppVeyor", "npm publish", 2), id="AppVeyor"
        ),
        pytest.param(
            "appveyor.yml",
            "deploy_script:\n- ps: npm publish",
            ("AppVeyor", "npm publish", 2),
            id="AppVeyor, PowerShell",
        ),
        pytest.param("Jenkinsfile", "node {\n  sh 'npm publish'\n}", ("Jenkins", "npm publish", 2), id="Jenkins"),
        pytest.param(
            "Jenkinsfile",
            'sh """\nnpm ci\nnpm publish\n"""',
            ("Jenkins", "npm publish", 3),
            id="Jenkins, several lines",
        ),
        pytest.param(
            "Jenkinsfile",
            "sh(script: 'npm publish', returnStatus: true)",
            ("Jenkins", "npm publish", 1),
            id="Jenkins, a call",
        ),
        pytest.param("Jenkinsfile", 'bat "npm publish"', ("Jenkins", "npm publish", 1), id="Jenkins on Windows"),
        pytest.param(
            "Jenkinsfile", "sh 'echo \\'a\\' && npm publish'", ("Jenkins", "npm publish", 1), id="Jenkins, quotes"
        ),
    ],
)
def test_a_publish_is_recognised(project, path, text, expected):
    """Whoever moves to GitHub Actions forgets the old pipeline."""
    manifest = '{"name": "a", "version": "1.0.0", "scripts": {"ship": "npm publish"}}'

    assert found(project({path: text, "package.json": manifest})) == [expected]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        pytest.param(".travis.yml", "script: npm test\ndeploy: {provider: releases}", id="tests"),
        pytest.param(
            ".travis.yml", "deploy: {provider: npm, registry: 'https://npm.acme.example'}", id="another registry"
        ),
        pytest.param(".travis.yml", "deploy: {provider: script}", id="a script that is missing"),
        pytest.param(".travis.yml", "script: [", id="no YAML"),
        pytest.param(
            "azure-pipelines.yml",
            "steps: [{task: Npm@1, inputs: {command: publish, publishRegistry: useFeed}}]",
            id="a feed",
        ),
        pytest.param(
            "azure-pipelines.yml",
            "steps: [{task: Npm@1, inputs: {command: custom}}, {task: Npm@1}, {task: []}]",
            id="incomplete tasks",
        ),
        pytest.param(
            "azure-pipelines.yml",
            "steps: [{script: npm publish --registry https://pkgs.dev.azure.com/x/}]",
            id="a feed by its address",
        ),
        pytest.param(
            ".drone.yml",
            "steps: [{image: plugins/npm, settings: {registry: 'https://npm.acme.example'}}]",
            id="a plugin for another registry",
        ),
        pytest.param(".drone.yml", "steps: [{image: [], commands: {a: b}}]", id="wrong shapes"),
        pytest.param("Jenkinsfile", "// sh 'npm publish'\n/*\n * sh 'npm publish'\n */", id="comments"),
        pytest.param("Jenkinsfile", "echo 'push npm publish'\nsh 'npm publish", id="a string, and one without end"),
        pytest.param("Jenkinsfile", "sh npm\nshell 'npm publish'\nsh", id="no string"),
        pytest.param(".buildkite/readme.md", "npm publish", id="no pipeline"),
    ],
)
def test_what_does_not_publish_to_npm_is_passed_over(project, path, text):
    """A pipeline that tests is none of our business."""
    project = project({path: text})

    assert (found(project), project.unreadable) == ([], ())


def test_it_is_told_whether_provenance_is_asked_for(project):
    """The CLI refuses it then."""
    (one,) = project({"Jenkinsfile": "sh 'npm publish --provenance'"}).elsewhere

    assert one.asks


def test_a_registry_that_cannot_be_told_makes_it_doubtful(project):
    """It may be a feed of the company's."""
    (one,) = project({"Jenkinsfile": "sh 'npm publish --registry $REGISTRY'"}).elsewhere

    assert one.doubt
