"""Which program sends the package behind a release tool, and at which version."""

from __future__ import annotations

import json

import pytest

from preflight.facts.ci import Tool
from preflight.facts.fact import Known, Unknown


def manifest(**keys) -> dict[str, str]:
    """Return a package.json with these keys."""
    return {"package.json": json.dumps({"name": "@acme/widgets", **keys})}


def needs(**versions) -> dict[str, str]:
    """Return a package.json with these development dependencies; `__` stands for `@…/`."""
    names = {"changesets": "@changesets/cli", "lite": "@lerna-lite/cli", "release": "semantic-release"}
    return manifest(devDependencies={names.get(name, name): version for name, version in versions.items()})


def sender(project) -> str:
    """Return the program that sends."""
    (site,) = project.jobs[0].sites
    return site.sender.value.value


def npm(project) -> list[str]:
    """Return the versions of npm that run, or `unknown`."""
    (site,) = project.jobs[0].sites
    return [str(each.value.version) if isinstance(each, Known) else "unknown" for each in site.npm]


@pytest.mark.parametrize(
    ("command", "files", "tool"),
    [
        pytest.param("npm publish", {}, "npm", id="npm"),
        pytest.param("changeset publish", {}, "npm", id="changesets"),
        pytest.param("changeset publish", {"pnpm-lock.yaml": ""}, "pnpm", id="changesets in a pnpm repository"),
        pytest.param(
            "changeset publish", {"yarn.lock": "", **needs(changesets="^2.29.0")}, "npm", id="changesets 2 with yarn"
        ),
        pytest.param(
            "changeset publish", {".yarnrc.yml": "", **needs(changesets="^3.0.0")}, "yarn", id="changesets 3 with yarn"
        ),
        pytest.param("changeset publish", manifest(packageManager="pnpm@9.1.0"), "pnpm", id="by packageManager"),
        pytest.param(
            "changeset publish",
            manifest(devEngines={"packageManager": {"name": "pnpm", "version": "^10.0.0"}}),
            "pnpm",
            id="by devEngines",
        ),
        pytest.param("changeset publish", {"package-lock.json": "{}"}, "npm", id="by the lockfile of npm"),
        pytest.param("nx release publish", {"bun.lock": ""}, "bun", id="nx with bun"),
        pytest.param("nx release publish", {"pnpm-lock.yaml": ""}, "pnpm", id="nx with pnpm"),
        pytest.param("nx release publish", {"yarn.lock": ""}, "npm", id="nx with yarn"),
        pytest.param("changeset publish", {"bun.lockb": ""}, "npm", id="changesets with bun"),
        pytest.param("rush publish --publish", {"pnpm-lock.yaml": ""}, "pnpm", id="rush"),
        pytest.param("release-it", {"pnpm-lock.yaml": ""}, "npm", id="release-it"),
        pytest.param("np", {}, "npm", id="np"),
        pytest.param("beachball publish", {}, "npm", id="beachball"),
        pytest.param("auto shipit", {}, "npm", id="auto"),
        pytest.param("semantic-release", {}, "npm", id="semantic-release"),
        pytest.param("lerna publish", {}, "lerna", id="lerna"),
        pytest.param("lerna publish", needs(lite="^4.0.0"), "lerna-lite", id="lerna of Lerna-Lite"),
        pytest.param("npx @lerna-lite/cli publish", {}, "lerna-lite", id="Lerna-Lite"),
        pytest.param("bun publish", {}, "bun", id="bun"),
        pytest.param("yarn npm publish", {}, "yarn", id="yarn"),
        pytest.param("clean-publish", {}, "npm", id="another tool"),
    ],
)
def test_the_program_that_sends_is_the_one_whose_settings_count(project, command: str, files, tool: str) -> None:
    """A release tool hands the package to another program."""
    found = project.run(
        f"npx {command}" if command.partition(" ")[0] not in {"npm", "npx", "bun", "yarn"} else command, files
    )

    assert sender(found) == tool


@pytest.mark.parametrize(
    ("command", "files", "versions"),
    [
        pytest.param("npm publish", {}, ["10.9.8"], id="npm of the machine"),
        pytest.param("npx changeset publish", {}, ["10.9.8"], id="changesets"),
        pytest.param("npx npm@11.6.0 publish", {}, ["11.6.0"], id="npx npm"),
        pytest.param("pnpm publish", manifest(packageManager="pnpm@10.1.0"), ["10.9.8"], id="pnpm 10 runs npm"),
        pytest.param("pnpm publish", manifest(packageManager="pnpm@11.1.0"), [], id="pnpm 11 does not"),
        pytest.param("pnpm publish", {}, [], id="a pnpm of unknown version"),
        pytest.param("lerna publish", {}, [], id="lerna"),
        pytest.param("yarn npm publish", {}, [], id="yarn"),
        pytest.param("npx semantic-release", needs(release="^25.0.0"), ["11.6.2"], id="semantic-release 25"),
        pytest.param("npx semantic-release", needs(release="^24.2.0"), ["10.9.3"], id="semantic-release 24"),
        pytest.param("npx semantic-release@23", needs(release="^25.0.0"), ["10.5.0"], id="semantic-release by npx"),
        pytest.param("npx semantic-release", needs(release="^30.0.0"), ["11.6.2"], id="a newer one has at least that"),
        pytest.param("npx semantic-release", needs(release="^19.0.0"), ["unknown"], id="an old one"),
        pytest.param("npx semantic-release", needs(release="latest"), ["unknown"], id="by a tag"),
        pytest.param("npx semantic-release", {}, ["unknown"], id="not declared"),
    ],
)
def test_the_npm_that_runs_is_told_where_one_runs(project, command: str, files, versions: list[str]) -> None:
    """`old-npm` has nothing to say about the others."""
    found = project.run(command, files)

    assert npm(found) == versions


@pytest.mark.parametrize(
    ("steps", "files", "on"),
    [
        pytest.param("- run: pnpm publish", manifest(packageManager="pnpm@10.1.0"), True, id="packageManager, old"),
        pytest.param("- run: pnpm publish", manifest(packageManager="pnpm@11.1.0"), False, id="packageManager, new"),
        pytest.param(
            "- uses: pnpm/action-setup@v4\n  with: {version: 10}\n- run: pnpm publish", {}, True, id="action, old"
        ),
        pytest.param(
            "- uses: pnpm/action-setup@v4\n  with: {version: 11}\n- run: pnpm publish", {}, False, id="action, new"
        ),
        pytest.param("- run: npx pnpm@10 publish", manifest(packageManager="pnpm@11.1.0"), True, id="asked for"),
        pytest.param("- run: corepack pnpm@11.2.0 publish", {}, False, id="asked of corepack"),
        pytest.param(
            "- uses: pnpm/action-setup@v4\n  with: {version: '${{ inputs.v }}'}\n- run: pnpm publish",
            {},
            None,
            id="run time",
        ),
        pytest.param(
            "- uses: pnpm/action-setup@v4\n  with: {version: latest}\n- run: pnpm publish", {}, None, id="tag"
        ),
        pytest.param("- run: pnpm publish", {}, None, id="nothing says"),
        pytest.param("- run: pnpm publish", manifest(packageManager="yarn@4.9.0"), None, id="another manager"),
    ],
)
def test_the_version_of_pnpm_decides_what_is_read(project, steps: str, files, on: bool | None) -> None:
    """Up to 10 it hands the variable on to npm, from 11 on it ignores it."""
    found = project.steps(steps, files, top="on: workflow_dispatch\nenv: {NPM_CONFIG_PROVENANCE: 'true'}")

    (shipment,) = found.shipments
    assert (None if isinstance(shipment.provenance, Unknown) else not shipment.off) is on


@pytest.mark.parametrize(
    ("command", "files", "oidc"),
    [
        pytest.param("lerna publish", needs(lerna="^9.0.0"), True, id="lerna 9"),
        pytest.param("lerna publish", needs(lerna="^8.2.0"), False, id="lerna 8"),
        pytest.param("lerna publish", needs(lite="^4.9.0"), True, id="Lerna-Lite 4.9"),
        pytest.param("npx @lerna-lite/cli@4.8.0 publish", {}, False, id="Lerna-Lite 4.8, asked for"),
        pytest.param("npx @lerna-lite/cli@4.9.0 publish", {}, True, id="Lerna-Lite 4.9, asked for"),
        pytest.param("yarn npm publish", manifest(packageManager="yarn@4.9.0"), False, id="yarn 4.9"),
        pytest.param("yarn npm publish", manifest(packageManager="yarn@4.10.0"), True, id="yarn 4.10"),
        pytest.param("pnpm publish", manifest(packageManager="pnpm@11.1.0"), True, id="pnpm 11"),
        pytest.param("bun publish", {}, False, id="bun never"),
        pytest.param("npm publish --registry https://npm.pkg.github.com", {}, False, id="another registry"),
        pytest.param("lerna publish", {}, None, id="nothing says"),
    ],
)
def test_trusted_publishing_is_tried_by_tools_that_know_it(project, command: str, files, oidc: bool | None) -> None:
    """Beside a token, the version decides whether OIDC is tried at all."""
    job = (
        "runs-on: ubuntu-latest\npermissions: {id-token: write}\n"
        "env: {NODE_AUTH_TOKEN: '${{ secrets.T }}', YARN_NPM_AUTH_TOKEN: '${{ secrets.T }}'}"
    )

    found = project.run(command, files, job=job)

    credential = found.jobs[0].sites[0].credential
    assert (None if isinstance(credential, Unknown) else credential.value in {"both", "oidc"}) is oidc


@pytest.mark.parametrize(
    ("permissions", "credential"),
    [
        pytest.param("permissions: {id-token: write}", "oidc", id="granted"),
        pytest.param("permissions: {}", "none", id="not granted"),
    ],
)
def test_without_a_token_oidc_is_all_there_is(project, permissions: str, credential: str) -> None:
    """An old npm does not change what the job relies on."""
    found = project.run("npm publish", job=f"runs-on: ubuntu-latest\n{permissions}")

    (site,) = found.jobs[0].sites
    assert (site.credential.value, site.floor.why) == (
        credential,
        "trusted publishing" if credential == "oidc" else "provenance",
    )


def test_whether_oidc_is_tried_may_depend_on_an_unseen_caller(project) -> None:
    """Who calls the workflow decides."""
    found = project.run("npm publish", top="on: workflow_call")

    assert isinstance(found.jobs[0].sites[0].credential, Unknown)


def test_the_nearest_manifest_declares_the_tool(project) -> None:
    """A package of a workspace may have a tool of its own."""
    files = {
        **needs(release="^25.0.0"),
        "packages/a/package.json": '{"name": "a", "dependencies": {"semantic-release": "^24.0.0"}}',
        "packages/b/package.json": '{"name": "b"}',
    }

    found = project.run("(cd packages/a; npx semantic-release)\n(cd packages/b; npx semantic-release)", files)

    assert [str(site.npm[0].value.version) for site in found.jobs[0].sites] == ["10.9.3", "11.6.2"]


def test_a_package_manager_without_a_name_is_none(project) -> None:
    """Nonsense decides nothing."""
    found = project.run(
        "npx changeset publish", manifest(packageManager="?", devEngines={"packageManager": {"name": ""}})
    )

    assert sender(found) == Tool.NPM


def test_a_package_manager_may_have_no_version(project) -> None:
    """Its name still tells who sends."""
    found = project.run("npx changeset publish", manifest(devEngines={"packageManager": {"name": "pnpm"}}))

    assert (sender(found), npm(found)) == (Tool.PNPM, [])


@pytest.mark.parametrize(
    ("command", "version"),
    [
        pytest.param("npx npm publish", "11.6.2", id="npx"),
        pytest.param("./node_modules/.bin/npm publish", "11.6.2", id="its own path"),
        pytest.param("npm run ship", "11.6.2", id="a script, which finds it first on its PATH"),
        pytest.param("npm publish", "10.9.8", id="the machine's own"),
    ],
)
def test_an_npm_among_the_dependencies_runs_where_they_come_first(project, command: str, version: str) -> None:
    """Depending on `npm` is how projects pin the one that publishes."""
    files = manifest(devDependencies={"npm": "11.6.2"}, scripts={"ship": "npm publish"})

    assert npm(project.run(command, files)) == [version]


def test_an_npm_among_the_dependencies_may_be_any(project) -> None:
    """`catalog:` says nothing here."""
    assert npm(project.run("npx npm publish", manifest(devDependencies={"npm": "catalog:"}))) == ["unknown"]
