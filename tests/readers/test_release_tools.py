"""The release tools of a publish: their versions, where those come from, and what they are too old for."""

from __future__ import annotations

import json

import pytest

from preflight.facts.fact import Known, Unknown

TRUSTED = "runs-on: ubuntu-26.04\npermissions: {id-token: write}"
LOCK = '{"packages": {\n"node_modules/lerna": {\n"version": "8.1.2"\n}\n}\n}'


def manifest(**keys) -> dict[str, str]:
    """Return a package.json with these keys."""
    return {"package.json": json.dumps({"name": "@acme/widgets", "version": "1.0.0", **keys})}


def needs(**versions) -> dict[str, str]:
    """Return a package.json with these development dependencies."""
    return manifest(devDependencies=versions)


def tool(found) -> str:
    """Return the version of the named tool, as `=8.1.2` where it is exact, or why it is not known."""
    (site,) = found.jobs[0].sites
    match site.publisher.version:
        case Known(version):
            return f"={version}" if site.publisher.exact else str(version)
        case Unknown(why):
            return why


def too_old(found) -> list[str]:
    """Return the tools that are too old, each with what for."""
    return [
        f"{each.name}: {each.floor.why}"
        for site in found.jobs[0].sites
        for each in (site.publisher, *site.through)
        if each is not None and each.floor is not None
    ]


@pytest.mark.parametrize(
    ("script", "files", "version"),
    [
        pytest.param("npx lerna@8.2.0 publish", needs(lerna="^9.0.0"), "=8.2.0", id="the command"),
        pytest.param("npx lerna@8 publish", {}, "8.0.0", id="the command, a range"),
        pytest.param(
            'V=$(cat v)\nnpx "lerna@$V" publish', {}, "`$V` is worked out when the command runs", id="a variable"
        ),
        pytest.param("npx lerna publish", {**needs(lerna=">=8"), "package-lock.json": LOCK}, "=8.1.2", id="lockfile"),
        pytest.param(
            "npx lerna publish", {**needs(lerna="^9.0.0"), "package-lock.json": LOCK}, "9.0.0", id="a stale lockfile"
        ),
        pytest.param("npx lerna publish", needs(lerna="9.0.1"), "=9.0.1", id="package.json"),
        pytest.param("npm i -g lerna@8.0.1\nlerna publish", {}, "=8.0.1", id="a step before"),
        pytest.param(
            "npm i -g lerna@8.0.1\nnpx lerna publish", needs(lerna="9.0.1"), "=9.0.1", id="a runner finds its own first"
        ),
        pytest.param("npm i -g lerna\nlerna publish", needs(lerna="9.0.1"), "=9.0.1", id="a step without a version"),
        pytest.param(
            "npx lerna publish",
            {**needs(lerna="catalog:"), "pnpm-workspace.yaml": "catalog:\n  lerna: 8.1.0\n"},
            "=8.1.0",
            id="catalog",
        ),
        pytest.param(
            "npx lerna publish",
            {**needs(lerna="catalog:old"), "pnpm-workspace.yaml": "catalogs:\n  old:\n    lerna: 7.0.0\n"},
            "=7.0.0",
            id="a catalog of that name",
        ),
        pytest.param(
            "npx lerna publish", needs(lerna="catalog:"), "`lerna: catalog:` tells no version", id="no such catalog"
        ),
        pytest.param("npx lerna publish", {}, "no manifest says which version of lerna runs", id="nothing"),
        pytest.param("npm i -g pnpm@10.1.0\npnpm publish", {}, "=10.1.0", id="pnpm by a step"),
        pytest.param("pnpm publish", manifest(packageManager="pnpm@11.1.0+sha512.x"), "=11.1.0", id="packageManager"),
        pytest.param(
            "yarn npm publish",
            {**manifest(packageManager="yarn@4.9.0"), ".yarnrc.yml": "yarnPath: .yarn/releases/yarn-4.5.1.cjs\n"},
            "=4.5.1",
            id="yarnPath",
        ),
        pytest.param(
            "npm i -g yarn@1.22.22\nyarn npm publish",
            manifest(packageManager="yarn@4.9.0"),
            "=4.9.0",
            id="yarn hands over to the yarn of the project",
        ),
        pytest.param("npm i -g yarn@4.10.0\nyarn npm publish", {}, "=4.10.0", id="yarn by a step"),
        pytest.param(
            "yarn npm publish",
            {".yarnrc.yml": "yarnPath: .yarn/releases/yarn-berry.cjs\n"},
            "nothing says which version of yarn runs",
            id="a yarnPath without a version",
        ),
    ],
)
def test_the_version_comes_from_the_best_evidence(project, script: str, files, version: str) -> None:
    """The plan names it, and a range may allow versions that never run."""
    found = project.run(script, files)

    assert tool(found) == version


def test_the_version_that_a_step_installs_may_be_unknown(project) -> None:
    """It then says nothing, and neither does the manifest that is not asked."""
    found = project.run('V=$(cat v)\nnpm i -g "lerna@$V"\nlerna publish')

    assert tool(found) == "`$V` is worked out when the command runs"


@pytest.mark.parametrize(
    ("uses", "old"),
    [
        pytest.param("changesets/action@v1.6.0", ["changesets/action: trusted publishing"], id="a tag"),
        pytest.param("changesets/action@v1.7.0", [], id="a tag that will do"),
        pytest.param("changesets/action@v1", [], id="a tag that moves"),
        pytest.param("changesets/action@main", [], id="a branch"),
        pytest.param(f"changesets/action@{'a' * 40} # v1.5.3", ["changesets/action: trusted publishing"], id="a pin"),
        pytest.param(f"changesets/action@{'a' * 40}", [], id="a pin without a version"),
    ],
)
def test_the_version_of_an_action_is_its_tag_or_comment(project, uses: str, old: list[str]) -> None:
    """An older one writes a token that is undefined."""
    found = project.steps(f"- uses: {uses}\n  with:\n    publish: npx changeset publish", job=TRUSTED)

    assert too_old(found) == old


@pytest.mark.parametrize(
    ("lock", "old"),
    [
        pytest.param("12.0.2", ["@semantic-release/npm: trusted publishing"], id="too old"),
        pytest.param("13.1.3", [], id="new enough"),
        pytest.param(None, ["semantic-release: trusted publishing"], id="not locked"),
    ],
)
def test_the_plugin_of_semantic_release_is_what_counts(project, lock: str | None, old: list[str]) -> None:
    """It publishes, and a lockfile may hold it back or ahead."""
    text = f'{{"packages": {{\n"node_modules/@semantic-release/npm": {{\n"version": "{lock}"\n}}}}}}'
    files = {**needs(**{"semantic-release": "^24.0.0"}), **({"package-lock.json": text} if lock else {})}

    found = project.run("npx semantic-release", files, job=TRUSTED)

    assert too_old(found) == old


def test_the_npm_that_semantic_release_brings_is_in_the_lockfile(project) -> None:
    """`old-npm` judges that one, not the one on the PATH."""
    text = '{"packages": {\n"node_modules/npm": {\n"version": "11.6.4"\n}}}'

    found = project.run("npx semantic-release", {**needs(**{"semantic-release": "^25.0.0"}), "package-lock.json": text})

    (site,) = found.jobs[0].sites
    assert (str(site.npm[0].value.version), site.npm[0].value.exact) == ("11.6.4", True)


@pytest.mark.parametrize(
    ("script", "files", "old"),
    [
        pytest.param("npx changeset publish", manifest(packageManager="pnpm@11.0.8"), [], id="pnpm sends"),
        pytest.param(
            "npx changeset publish",
            manifest(packageManager="pnpm@11.0.8", version="1.0.0+1"),
            ["pnpm: provenance of a version such as 1.0.0+1"],
            id="pnpm behind changesets",
        ),
        pytest.param("npx @jsdevtools/npm-publish@3", {}, ["@jsdevtools/npm-publish: trusted publishing"], id="npx"),
        pytest.param(
            "yarn npm publish --provenance",
            manifest(packageManager="yarn@4.8.0"),
            ["yarn: trusted publishing"],
            id="the most important first",
        ),
        pytest.param("npm publish", {}, [], id="npm is judged elsewhere"),
    ],
)
def test_what_is_too_old_is_told_for_each_tool(project, script: str, files, old: list[str]) -> None:
    """The tool that is named and the program that sends may both be at fault."""
    found = project.run(script, files, job=TRUSTED)

    assert too_old(found) == old
