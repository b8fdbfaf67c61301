"""Forms of a `repository` field, and the folder that it names."""

from __future__ import annotations

import json

import pytest

RUN = "npm publish ./packages/core"


def core(repository: object) -> dict[str, str]:
    """Return a monorepo with one package."""
    text = json.dumps({"name": "core", "version": "1.0.0", "repository": repository})
    return {"package.json": '{"name": "top", "private": true}', "packages/core/package.json": text}


@pytest.mark.parametrize(
    ("repository", "said"),
    [
        pytest.param("acme/widgets", None, id="a string"),
        pytest.param({"url": "acme/widgets"}, None, id="an object without one"),
        pytest.param({"url": "acme/widgets", "directory": "packages/cor"}, "packages/cor", id="another folder"),
        pytest.param({"url": "acme/widgets", "directory": ""}, "", id="an empty one"),
        pytest.param({"url": "acme/widgets", "directory": 7}, "", id="no string"),
        pytest.param({"url": "acme/widgets", "directory": "packages/Core"}, "packages/Core", id="another case"),
    ],
)
def test_a_folder_that_is_not_named_is_found(project, repository: object, said: str | None) -> None:
    """A reader who follows the provenance to the source looks for the package in vain."""
    found = project.run(RUN, core(repository)).shipments[0].misplaced

    assert (found.said, found.lies) == (said, "packages/core")


@pytest.mark.parametrize(
    "repository",
    [
        pytest.param({"url": "acme/widgets", "directory": "packages/core"}, id="as it is"),
        pytest.param({"url": "acme/widgets", "directory": "./packages/core/"}, id="with ./ and a slash"),
        pytest.param({"url": "acme/widgets", "directory": "packages\\core"}, id="as Windows writes it"),
        pytest.param({"url": "acme/others"}, id="of another repository"),
        pytest.param({"url": ""}, id="no address"),
    ],
)
def test_a_folder_that_is_named_is_right(project, repository: object) -> None:
    """What another rule speaks of, and what only looks different, is left alone."""
    found = project.run(RUN, core(repository)).shipments[0].misplaced

    assert found is None


def test_a_lone_package_below_the_top_needs_none(project) -> None:
    """A repository of one package leads nobody astray, wherever its package.json lies."""
    files = {"package.json": None, "js/package.json": '{"name": "x", "version": "1.0.0", "repository": "acme/widgets"}'}

    found = project.run("npm publish ./js", files).shipments[0].misplaced

    assert found is None


@pytest.mark.parametrize(
    "repository",
    [
        pytest.param("acme/widgets", id="a string"),
        pytest.param({"type": "git", "url": "acme/widgets"}, id="an object"),
        pytest.param({"url": "acme/widgets", "directory": 7}, id="a wrong one"),
    ],
)
def test_the_remedy_names_the_folder(project, repository: object) -> None:
    """The fix must settle what the rule objects to."""
    shipment = project.run(RUN, core(repository)).shipments[0]

    after = project.apply(shipment.misplaced.remedy).shipments[0]

    assert (after.misplaced, after.repository.value) == (None, shipment.repository.value)


@pytest.mark.parametrize(
    ("script", "manager", "fragile"),
    [
        pytest.param("npm publish", "npm@11.6.0", False, id="npm writes it out"),
        pytest.param("pnpm publish", "pnpm@10.34.9", False, id="pnpm 10 leaves it to npm"),
        pytest.param("pnpm publish", "pnpm@11.28.11", True, id="pnpm 11 sends it"),
        pytest.param("yarn npm publish", "yarn@4.10.0", True, id="yarn sends it"),
        pytest.param("pnpm publish", None, False, id="a pnpm of which nobody knows"),
        pytest.param("bun publish", None, False, id="bun makes no provenance anyway"),
    ],
)
def test_a_shorthand_is_fragile_where_it_is_sent_as_it_is(
    project, script: str, manager: str | None, fragile: bool
) -> None:
    """Nobody knows what the registry does with one, because npm has always written it out."""
    manifest = {"name": "x", "version": "1.0.0", "repository": "acme/widgets"}
    manifest |= {"packageManager": manager} if manager else {}

    found = project.run(script, {"package.json": json.dumps(manifest)}).shipments[0].fragile

    assert (found is not None) is fragile
