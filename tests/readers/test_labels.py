"""The dist-tag that a version gets."""

from __future__ import annotations

import pytest

from preflight.facts.fact import Known, Unknown
from preflight.readers.labels import prerelease

BETA = '{"name": "widgets", "version": "2.0.0-beta.1", "repository": "github:acme/widgets"%s}\n'


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        pytest.param("2.0.0-beta.1", "beta", id="a word and a number"),
        pytest.param("2.0.0-rc1", "rc", id="a word with a number"),
        pytest.param("2.0.0-0", "next", id="a number"),
        pytest.param("2.0.0-7f3a", "next", id="a hash"),
        pytest.param("2.0.0", None, id="a release"),
        pytest.param("2.0.0+a-b", None, id="build metadata"),
        pytest.param("beta", None, id="no version"),
        pytest.param("2.0-beta", None, id="too few numbers"),
    ],
)
def test_a_prerelease_names_the_tag_that_suits_it(version: str, expected: str | None) -> None:
    """The remedy proposes it, and everything else counts as a release."""
    found = prerelease(version)

    assert found == expected


@pytest.mark.parametrize(
    ("script", "files", "expected"),
    [
        pytest.param("npm publish --tag beta", {}, "beta", id="flag"),
        pytest.param("npm publish --tag $(./tag.sh)", {}, "`--tag=$(./tag.sh)`", id="worked out"),
        pytest.param(
            "npm publish",
            {"package.json": BETA % ', "publishConfig": {"tag": "next"}'},
            "next",
            id="publishConfig",
        ),
        pytest.param("npm publish", {".npmrc": "tag=next\n"}, "next", id=".npmrc"),
        pytest.param("npm publish", {}, None, id="nothing"),
    ],
)
def test_a_tag_is_read_from_where_npm_reads_it(
    project, script: str, files: dict[str, str], expected: str | None
) -> None:
    """Only where none of these says a tag does npm refuse a prerelease."""
    found = project.run(script, {"package.json": BETA % "", **files})

    assert found.shipments[0].label.name.value == expected


@pytest.mark.parametrize(
    "script",
    [
        pytest.param("npm publish --force", id="forced"),
        pytest.param("npm publish $ARGS", id="a word that may hold it"),
        pytest.param("npm version prerelease\nnpm publish", id="another version"),
    ],
)
def test_what_may_change_the_matter_is_not_known(project, script: str) -> None:
    """A job that sets the version itself is not to be refused for the one in the repository."""
    found = project.run(script, {"package.json": BETA % ""})

    assert isinstance(found.shipments[0].label.name, Unknown)


def test_a_tool_that_chooses_by_itself_is_left_alone(project) -> None:
    """semantic-release takes the channel of the branch."""
    found = project.run("npx semantic-release", {"package.json": BETA % ""})

    assert (found.shipments[0].label.automatic, found.shipments[0].label.name) == (
        True,
        Known(None, found.shipments[0].site.at),
    )


@pytest.mark.parametrize("version", ["0.0.0-development", "0.0.0-semantically-released", "0.0.0-PLACEHOLDER"])
def test_a_placeholder_is_no_version(project, version: str) -> None:
    """It never reaches the registry."""
    text = (BETA % "").replace("2.0.0-beta.1", version)
    found = project.run("npm publish", {"package.json": text})

    assert found.shipments[0].label is None or found.shipments[0].label.name.value is None


def test_a_version_bump_in_another_script_does_not_count(project) -> None:
    """Only the script that publishes is run."""
    scripts = ', "scripts": {\n"bump": "npm version minor",\n"release": "npm publish"}'
    found = project.run("npm run release", {"package.json": BETA % scripts})

    assert found.shipments[0].label.name == Known(None, found.shipments[0].site.at)
