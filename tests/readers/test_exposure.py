"""Who will see a package, by the settings that each tool reads."""

from __future__ import annotations

import pytest

from preflight.facts.fact import Known, Unknown
from preflight.facts.login import Access

PLAIN = '{"name": "@acme/widgets", "version": "1.0.0", "repository": "github:acme/widgets"%s}\n'
YARN = PLAIN % ', "packageManager": "yarn@4.10.0"'
PNPM = PLAIN % ', "packageManager": "pnpm@11.28.11"'
OLD_PNPM = PLAIN % ', "packageManager": "pnpm@10.34.9"'
HIDDEN = PLAIN % ', "publishConfig": {"access": "restricted"}'


def said(found):
    """Return what the settings say of the only package."""
    match found.shipments[0].exposure.said:
        case Known(value):
            return value
        case Unknown():
            return "unknown"


@pytest.mark.parametrize(
    ("script", "files", "expected"),
    [
        pytest.param("npm publish", {"package.json": PLAIN % ""}, None, id="nothing"),
        pytest.param("npm publish --access=public", {"package.json": PLAIN % ""}, Access.PUBLIC, id="flag"),
        pytest.param("npm publish --access", {"package.json": PLAIN % ""}, None, id="a flag without a value"),
        pytest.param("npm publish --access private", {"package.json": PLAIN % ""}, None, id="no such access"),
        pytest.param("npm publish --access public", {"package.json": HIDDEN}, Access.PUBLIC, id="flag first"),
        pytest.param(
            "npx -y npm@10.5.0 publish --access public",
            {"package.json": HIDDEN},
            Access.RESTRICTED,
            id="publishConfig first, before npm 10.6",
        ),
        pytest.param(
            "npm publish", {"package.json": PLAIN % "", ".npmrc": "access=public\n"}, Access.PUBLIC, id=".npmrc"
        ),
        pytest.param(
            "npm publish",
            {"package.json": PLAIN % ', "publishConfig": {"access": 7}'},
            None,
            id="a number is no access",
        ),
        pytest.param(
            "pnpm publish",
            {"package.json": OLD_PNPM, ".npmrc": "access=public\n"},
            Access.PUBLIC,
            id="pnpm 10 leaves it to npm",
        ),
        pytest.param(
            "pnpm publish",
            {"package.json": PNPM, ".npmrc": "access=public\n"},
            "unknown",
            id="pnpm 11 may not read .npmrc",
        ),
        pytest.param(
            "pnpm publish",
            {"package.json": PNPM, "pnpm-workspace.yaml": "access: public\n"},
            Access.PUBLIC,
            id="pnpm 11's own file",
        ),
        pytest.param(
            "yarn npm publish", {"package.json": YARN, ".npmrc": "access=public\n"}, None, id="yarn reads no .npmrc"
        ),
        pytest.param(
            "yarn npm publish",
            {"package.json": YARN, ".yarnrc.yml": "npmPublishAccess: public\n"},
            Access.PUBLIC,
            id="yarn's own file",
        ),
        pytest.param(
            "npx changeset publish",
            {"package.json": PLAIN % "", ".changeset/config.json": '{"access": "public"}'},
            Access.PUBLIC,
            id="changesets",
        ),
        pytest.param(
            "npx lerna publish from-package",
            {
                "package.json": PLAIN % ', "devDependencies": {"lerna": "9.0.0"}',
                "lerna.json": '{"command": {"publish": {"access": "public"}}}',
            },
            Access.PUBLIC,
            id="lerna",
        ),
        pytest.param(
            "npx release-it --ci",
            {"package.json": PLAIN % "", ".release-it.json": '{"npm": {"publishArgs": ["--access public"]}}'},
            Access.PUBLIC,
            id="release-it, one argument",
        ),
        pytest.param(
            "npx release-it --ci",
            {"package.json": PLAIN % "", ".release-it.json": '{"npm": {"publishArgs": ["--access=public"]}}'},
            Access.PUBLIC,
            id="release-it, with an equals sign",
        ),
        pytest.param(
            "npx release-it --ci",
            {"package.json": PLAIN % "", ".release-it.js": "module.exports = {npm: {access: 'public'}}"},
            Access.PUBLIC,
            id="release-it, a program",
        ),
        pytest.param(
            "npx release-it --ci",
            {"package.json": PLAIN % "", ".release-it.js": "module.exports = {npm: {access: process.env.WHO}}"},
            "unknown",
            id="release-it, a program that works it out",
        ),
        pytest.param(
            "npx beachball publish",
            {"package.json": PLAIN % "", "beachball.config.js": 'module.exports = { access: "public" };'},
            Access.PUBLIC,
            id="beachball, a program",
        ),
        pytest.param(
            "npx beachball publish",
            {"package.json": PLAIN % ', "beachball": {"access": "restricted"}'},
            Access.RESTRICTED,
            id="beachball, in package.json",
        ),
    ],
)
def test_each_tool_reads_its_own_settings(project, script: str, files: dict[str, str], expected: object) -> None:
    """A setting that the tool does not read hides a package from everybody on its first publish."""
    found = project.run(script, files)

    assert said(found) == expected


@pytest.mark.parametrize("name", ["NPM_CONFIG_ACCESS", "npm_config_access"])
def test_a_variable_of_npm_counts(project, name: str) -> None:
    """In npm's variables case does not matter."""
    found = project.run("npm publish", {"package.json": PLAIN % ""}, step=f"env: {{{name}: public}}")

    assert said(found) is Access.PUBLIC


def test_the_remedy_leaves_a_line_of_another_format_alone(project) -> None:
    """Only JSON is edited here; what a command line says is for the maintainer to change."""
    found = project.run("npm publish --access restricted", {"package.json": PLAIN % ""})

    assert found.shipments[0].exposure.said.remedy.edits == ()


def test_a_package_that_is_not_known_has_none(project) -> None:
    """A folder that holds no package.json says nothing about who may see what is sent."""
    found = project.run("npm publish", {"package.json": None})

    assert [each.exposure for each in found.shipments] == [None]
