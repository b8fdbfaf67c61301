"""Credentials in files of the repository."""

from __future__ import annotations

import pytest

from preflight.readers.placeholders import is_placeholder

REAL = "0b1946ac-92a5-4d8f-a2b1-5c7d1d5c4a87"
NPM = "npm_" + "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bD1fG3hJ5"


def places(found) -> list[tuple[str, int, str]]:
    """Return what was found as path, line and key."""
    return [(str(each.at.path), each.at.line, each.key) for each in found.committed]


@pytest.mark.parametrize(
    ("path", "text", "key"),
    [
        pytest.param(".npmrc", f"//npm.acme.test/:_authToken={REAL}", "_authToken", id="a token"),
        pytest.param(".npmrc", "_auth=d2lkZ2V0czpoZWxsbzEyMzQ=", "_auth", id="a login"),
        pytest.param(".npmrc", "//npm.acme.test/:_password=aGVsbG8=", "_password", id="a password"),
        pytest.param(".yarnrc.yml", f"npmAuthToken: {REAL}", "npmAuthToken", id="yarn's"),
        pytest.param(".yarnrc.yml", f"npmScopes: {{a: {{npmAuthIdent: 'me:{REAL}'}}}}", "npmAuthIdent", id="a scope's"),
        pytest.param(
            ".yarnrc.yml",
            f"npmRegistries: {{'https://npm.acme.test': {{npmAuthToken: {REAL}}}}}",
            "npmAuthToken",
            id="a registry's",
        ),
        pytest.param(".npmrc", f"# {NPM}", "a token of npm", id="in a comment"),
    ],
)
def test_a_credential_is_found(project, path: str, text: str, key: str) -> None:
    """Who can read the file can publish."""
    found = project({path: text + "\n"})

    assert places(found) == [(path, 1, key)]


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(f"npm config set //registry.npmjs.org/:_authToken {REAL}", id="a setting"),
        pytest.param(f'echo "//registry.npmjs.org/:_authToken={REAL}" > .npmrc', id="a line of an .npmrc"),
        pytest.param(f"NODE_AUTH_TOKEN={NPM} npm publish", id="a variable"),
    ],
)
def test_a_credential_in_a_script_is_found(project, line: str) -> None:
    """A log hides it, the repository does not."""
    found = project.run(line)

    assert len(found.committed) == 1


@pytest.mark.parametrize(
    "line",
    [
        pytest.param('echo "//registry.npmjs.org/:_authToken=${NPM_TOKEN}" > .npmrc', id="a variable"),
        pytest.param("npm config set //registry.npmjs.org/:_authToken $NPM_TOKEN", id="a variable as a word"),
        pytest.param('echo "//localhost:4873/:_authToken=0b1946ac92a54d8fa2b1" > .npmrc', id="on the same machine"),
        pytest.param("npm config set //registry.npmjs.org/:_authToken fake-token-for-tests-1", id="a word for none"),
        pytest.param("npm config get //registry.npmjs.org/:_authToken", id="no value"),
        pytest.param("echo npm_config_cache npm_package_version_is_not_a_token_at_all_0000", id="names of variables"),
    ],
)
def test_a_script_without_one_is_left_alone(project, line: str) -> None:
    """A false alarm of this kind costs a rotation of all tokens."""
    found = project.run(line)

    assert found.committed == ()


def test_a_package_s_own_settings_are_read(project) -> None:
    """They are read where the package is a project of its own, and git publishes them anyway."""
    files = {"packages/a/package.json": '{"name": "a"}', "packages/a/.npmrc": f"_authToken={REAL}\n"}

    assert places(project(files)) == [("packages/a/.npmrc", 1, "_authToken")]


def test_publish_config_is_read(project) -> None:
    """It is sent to the registry with the package, so that the whole world has it."""
    found = project({"package.json": f'{{"name": "a",\n"publishConfig": {{"_authToken": "{REAL}"}}}}'})

    assert places(found) == [("package.json", 2, "_authToken")]


@pytest.mark.parametrize(
    ("value", "placeholder"),
    [
        pytest.param("", True, id="nothing"),
        pytest.param("${NPM_TOKEN}", True, id="a variable"),
        pytest.param("<token>", True, id="angle brackets"),
        pytest.param("YOUR_TOKEN", True, id="a word"),
        pytest.param("npm_xxxxxxxxxxxxxxxx", True, id="filled up"),
        pytest.param("00000000-0000-0000-0000-000000000000", True, id="zeros"),
        pytest.param(REAL, False, id="an old token"),
        pytest.param(NPM, False, id="a new token"),
        pytest.param("hunter2", False, id="a short password"),
    ],
)
def test_a_placeholder_is_told_from_a_credential(value: str, *, placeholder: bool) -> None:
    """Templates are full of the one and must not hold the other."""
    assert is_placeholder(value) is placeholder
