"""Tests of what lockfiles hold of the project's own packages."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from preflight.facts.project import Package
from preflight.readers import locked_versions
from preflight.source.edits import apply
from preflight.source.files import Files
from preflight.source.text import Source

ROOT = '{"name": "a", "version": "1.0.0", "packages": {"": {"version": "1.0.0"}}}'


def package(folder: str = ".", version: str | None = "2.0.0") -> Package:
    """Return a package in a folder."""
    path = PurePosixPath(folder) / "package.json"
    at = Source(path, "{}").at(0, 1)
    return Package(f"p-{folder}", path, at, version=version, private=False, access=None, registry=None)


def stale(root, files, *packages):
    """Write lockfiles and return what is stale."""
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    return list(locked_versions.stale(Files(root), packages or (package(),)))


def test_both_places_of_a_package_lock_are_put_right(tmp_path):
    """The version stands there twice, and one alone would be stale again."""
    (found,) = stale(tmp_path, {"package-lock.json": ROOT})

    assert apply(ROOT, found.remedy.edits) == ROOT.replace("1.0.0", "2.0.0")


def test_one_stale_place_is_enough(tmp_path):
    """Old lockfiles have the top alone."""
    text = '{"version": "2.0.0", "packages": {"": {"version": "1.0.0"}}}'

    (found,) = stale(tmp_path, {"package-lock.json": text})

    assert (found.locked, found.at.start) == ("1.0.0", (1, 52))


@pytest.mark.parametrize(
    ("files", "folder"),
    [
        pytest.param({"npm-shrinkwrap.json": ROOT, "package-lock.json": "{}"}, ".", id="a shrinkwrap comes first"),
        pytest.param({"package-lock.json": '{"packages": {"w/a": {"version": "1.0.0"}}}'}, "w/a", id="a workspace"),
        pytest.param({"bun.lock": '{"workspaces": {"w/a": {"version": "1.0.0",},}}'}, "w/a", id="bun, with its commas"),
        pytest.param({"package-lock.json": "{}", "w/a/package-lock.json": ROOT}, "w/a", id="the nearest"),
    ],
)
def test_the_lockfile_that_counts_is_found(tmp_path, files, folder):
    """Each tool has its file and its form."""
    found = stale(tmp_path, files, package(folder))

    assert [one.locked for one in found] == ["1.0.0"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('{"version": "2.0.0", "packages": {"": {"version": "2.0.0"}}}', id="in order"),
        pytest.param('{"packages": {"node_modules/a": {"version": "1.0.0"}}}', id="a dependency"),
        pytest.param('{"dependencies": {"": {"version": "1.0.0"}}}', id="another place"),
        pytest.param('{"version": {"version": "1.0.0"}}', id="an object for a string"),
        pytest.param('{"version": 1}', id="a number for a string"),
        pytest.param('["version", "1.0.0"]', id="a list"),
        pytest.param('{"version": "1.0.0', id="cut off"),
        pytest.param('}{"version": "1.0.0"}', id="closed before it is open"),
        pytest.param("[" * 5000, id="deep"),
        pytest.param('"\\"' * 200_000, id="quotes without end"),
        pytest.param("", id="empty"),
    ],
)
def test_what_holds_no_other_version_is_left_alone(tmp_path, text):
    """A lockfile may be anything, and is only searched."""
    assert stale(tmp_path, {"package-lock.json": text}) == []


def test_a_lockfile_may_be_large(tmp_path):
    """Those of large projects have several megabytes."""
    text = ROOT[:-2] + "".join(f', "node_modules/{n}": {{"version": "3.0.0"}}' for n in range(60_000)) + "}}"

    assert len(stale(tmp_path, {"package-lock.json": text})) == 1


def test_a_lockfile_that_cannot_be_read_is_passed_over(tmp_path):
    """Another rule speaks of it."""
    (tmp_path / "package-lock.json").write_bytes(b'{"version": "\xff"}')

    assert stale(tmp_path, {}) == []


def test_a_package_without_a_version_has_none_to_compare(tmp_path):
    """There is no need of one in a package that is never published."""
    assert stale(tmp_path, {"package-lock.json": ROOT}, package(version=None)) == []
