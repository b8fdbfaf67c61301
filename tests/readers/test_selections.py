"""Which packages a command sends where its words alone do not tell, and what is said of one that nobody can name."""

from __future__ import annotations

import pytest

from preflight.facts.fact import Known, Unknown
from preflight.facts.project import By, Off, On

TOKEN = "env: {NODE_AUTH_TOKEN: '${{ secrets.NPM_TOKEN }}'}"
ON = '"publishConfig": {"provenance": true}'
ROOT = '{"name": "root", "private": true, "workspaces": ["packages/*"]}'
MUTE = {"packages/a/package.json": "{}", "packages/b/package.json": "{}"}
LOUD = {
    "package.json": ROOT,
    "packages/a/package.json": '{"name": "@acme/a", ' + ON + "}",
    "packages/b/package.json": '{"name": "@acme/b", ' + ON + "}",
    "packages/c/package.json": '{"name": "@acme/c", "private": true}',
}


def shipped(project) -> list[str | None]:
    """Return the names of all packages on their way."""
    return sorted(shipment.name or "?" for shipment in project.shipments)


@pytest.mark.parametrize(
    "script",
    [
        pytest.param('for p in packages/*; do (cd "$p" && npm publish); done', id="enters each"),
        pytest.param('for p in packages/*; do npm publish "./$p"; done', id="names each"),
        pytest.param('for p in packages/*/; do npm publish "$p"; done', id="names each with a slash"),
        pytest.param('for p in packages/*; do pushd "$p"; npm publish; popd; done', id="pushd"),
        pytest.param('for p in packages/*; do (cd "$p" && npm run ship); done', id="a script of each"),
    ],
)
def test_a_loop_over_folders_sends_the_public_packages_in_them(project, script: str) -> None:
    """The private manifest above them is not what is sent, and their `publishConfig` counts."""
    ship = '{"name": "@acme/%s", "scripts": {"ship": "npm publish"}, ' + ON + "}"
    found = project.run(
        script,
        {**LOUD, "packages/a/package.json": ship % "a", "packages/b/package.json": ship % "b"},
        step=TOKEN,
    )

    assert (shipped(found), {each.provenance.value for each in found.shipments}) == (
        ["@acme/a", "@acme/b"],
        {On(By.PUBLISH_CONFIG)},
    )


@pytest.mark.parametrize(
    ("script", "files"),
    [
        pytest.param("npm publish", {"package.json": '{"name": "x", "private": true}'}, id="the package itself"),
        pytest.param("npm publish -w packages/c", LOUD, id="a member"),
        pytest.param("npm publish --workspaces", {**LOUD, **MUTE}, id="every member"),
    ],
)
def test_private_packages_alone_ship_nothing(project, script: str, files: dict[str, str]) -> None:
    """The npm CLI refuses them, so that nothing about provenance is worth saying; the site stays."""
    found = project.run(script, files)

    assert (shipped(found), [site.packages for job in found.jobs for site in job.sites]) == ([], [Known(())])


def test_a_package_that_the_job_writes_may_say_anything(project) -> None:
    """Below a private manifest, a folder without one of its own can only be published once a build has written it."""
    found = project.run("cd dist && npm publish", {"package.json": '{"name": "x", "private": true}'}, step=TOKEN)
    (only,) = found.shipments

    assert (only.package, isinstance(only.provenance, Unknown)) == (None, True)


def test_an_action_that_finds_its_package_by_itself_reads_a_path_as_one(project) -> None:
    """JS-DevTools/npm-publish makes the path absolute before it calls npm."""
    found = project.steps("- uses: JS-DevTools/npm-publish@v4\n  with: {package: packages/a}", LOUD)

    assert [site.argument for job in found.jobs for site in job.sites] == [None]


def test_a_filter_of_pnpm_reaches_across_a_scope(project) -> None:
    """`pnpm --filter a run ship` runs the script of `@acme/a`, where npm would look for a folder."""
    files = {
        "package.json": '{"name": "root", "private": true, "packageManager": "pnpm@10.1.0"}',
        "pnpm-workspace.yaml": "packages: ['packages/*']",
        "packages/a/package.json": '{"name": "@acme/a", "scripts": {"ship": "pnpm publish"}}',
        "packages/b/package.json": '{"name": "@acme/b", "scripts": {"ship": "pnpm publish"}}',
    }

    found = project.run("pnpm --filter a run ship", files)

    assert shipped(found) == ["@acme/a"]


@pytest.mark.parametrize(
    "script",
    [
        pytest.param('cd "$X" && npm run ship', id="a script"),
        pytest.param('cd "$X" && ./go.sh', id="a file"),
        pytest.param('cd "$X" && pnpm ship', id="a script by its bare name"),
    ],
)
def test_a_publish_from_an_unknown_folder_is_a_site_in_doubt(project, script: str) -> None:
    """Which package it sends cannot be told; that it publishes must not be lost."""
    ship = '{"name": "@acme/%s", "scripts": {"ship": "npm publish"}}'
    files = {
        "package.json": ROOT,
        "packages/a/package.json": ship % "a",
        "packages/b/package.json": '{"name": "@acme/b"}',
        "packages/a/go.sh": "npm publish\n",
    }

    found = project.run(script, files)

    assert [isinstance(site.packages, Unknown) for job in found.jobs for site in job.sites] == [True]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        pytest.param(".changeset/config.json", '{\n// theirs\n"ignore": ["@acme/b"]}', id="line comment"),
        pytest.param(".changeset/config.json", '{"ignore": ["@acme/b"] /* not yet */}', id="block comment"),
    ],
)
def test_the_configuration_of_changesets_may_have_comments(project, path: str, text: str) -> None:
    """Changesets reads it with a parser that takes them."""
    found = project.run("npx changeset publish", {**LOUD, path: text})

    assert (shipped(found), found.unreadable) == (["@acme/a"], ())


def test_nothing_is_off_for_a_package_that_nobody_can_name(project) -> None:
    """Several packages may be meant, and each says for itself what it wants."""
    files = {**LOUD, "packages/b/package.json": '{"name": "@acme/b"}'}
    found = project.run('cd "$X" && npm publish', files, step=TOKEN)

    assert {each.name: (each.provenance.value, bool(each.doubt)) for each in found.shipments} == {
        "@acme/a": (On(By.PUBLISH_CONFIG), True),
        "@acme/b": (Off(), True),
    }
