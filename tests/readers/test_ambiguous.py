"""Places that programs read differently."""

from __future__ import annotations

import pytest

TWICE = '{"name": "a", "name": "widgets", "version": "1.0.0", "repository": "acme/widgets"}'


def places(found):
    """Return where something is ambiguous."""
    return [f"{each.at.path}:{each.at.line}" for each in found.ambiguous]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param({"package.json": TWICE}, ["package.json:1"], id="the package that is sent"),
        pytest.param({"other/package.json": TWICE}, [], id="a package that is not sent"),
        pytest.param({".changeset/config.json": '{"a": 1, "a": 2}'}, [".changeset/config.json:1"], id="settings"),
        pytest.param(
            {".github/workflows/test.yml": "on: push\njobs:\n  a: {runs-on: x, runs-on: y}\n"},
            [],
            id="a workflow that only tests",
        ),
    ],
)
def test_only_files_that_bear_on_the_release_count(project, files: dict[str, str], expected: list[str]) -> None:
    """A fixture of a test suite may be as odd as it likes."""
    found = project.run("npm publish", files)

    assert places(found) == expected


def test_a_script_that_is_followed_counts(project) -> None:
    """The package.json whose script publishes decides what runs."""
    text = '{"name": "top", "private": true, "private": true, "scripts": {"release": "npm publish ./core"}}'
    core = '{"name": "core", "version": "1.0.0", "repository": "acme/widgets"}'

    found = project.run("npm run release", {"package.json": text, "core/package.json": core})

    assert places(found) == ["package.json:1"]


def test_a_merge_in_a_workflow_is_found(project) -> None:
    """GitHub Actions takes `<<` for a key of that name, and other readers merge it."""
    found = project.steps("- run: npm publish\n  env: {<<: *shared, A: b}", top="on: push\nenv: &shared\n  C: d")

    assert places(found) == [".github/workflows/release.yml:9"]
