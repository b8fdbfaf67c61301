"""Tests of reading package.json files."""

from __future__ import annotations

import json
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preflight.readers import package
from preflight.source.files import Files

if TYPE_CHECKING:
    from preflight.facts.project import Package

PATH = PurePosixPath("package.json")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
KEYS = ("name", "version", "private", "repository", "publishConfig", "workspaces", "scripts", "dependencies")


def read(folder: Path, text: str, path: PurePosixPath = PATH) -> package.Manifest | None:
    """Write a manifest and read it."""
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_text(text, encoding="utf-8")
    return package.read(Files(folder), path)


def named(folder: Path, **fields: object) -> Package:
    """Read the package of a manifest with a name."""
    manifest = read(folder, json.dumps({"name": "@acme/core", **fields}))
    assert manifest is not None
    assert manifest.package is not None
    return manifest.package


def test_a_package_is_read(tmp_path: Path) -> None:
    """These fields decide what is sent where."""
    fields = {"version": "1.2.3", "publishConfig": {"access": "public", "registry": "https://r.example"}}

    found = named(tmp_path, **fields)

    assert (found.version, found.access, found.registry, found.private, found.root) == (
        "1.2.3",
        "public",
        "https://r.example",
        False,
        True,
    )


def test_a_package_points_at_its_name(tmp_path: Path) -> None:
    """Findings about a package as a whole point there."""
    found = read(tmp_path, '{\n  "name": "core"\n}', PurePosixPath("packages/core/package.json"))

    assert found is not None
    assert found.package is not None
    assert (str(found.package.at), found.package.root, str(found.folder)) == (
        "packages/core/package.json:2:11",
        False,
        "packages/core",
    )


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("{}", id="missing"),
        pytest.param('{"name": 5}', id="a number"),
        pytest.param('{"name": null}', id="null"),
        pytest.param('{"name": ["a"]}', id="a list"),
        pytest.param('{"name": " "}', id="blank"),
    ],
)
def test_a_manifest_without_a_name_is_no_package(tmp_path: Path, name: str) -> None:
    """The root of a monorepo often has none, but still its scripts count."""
    found = read(tmp_path, name)

    assert found is not None
    assert found.package is None


@pytest.mark.parametrize(
    "text",
    [pytest.param("[]", id="a list"), pytest.param("{", id="broken"), pytest.param("", id="empty")],
)
def test_what_is_no_object_is_no_manifest(tmp_path: Path, text: str) -> None:
    """The rest of the project is still checked."""
    found = read(tmp_path, text)

    assert found is None


@pytest.mark.parametrize(
    ("value", "private"),
    [
        pytest.param(True, True, id="true"),
        pytest.param(False, False, id="false"),
        pytest.param("false", True, id="a string, whatever it says"),
        pytest.param("", False, id="an empty string"),
        pytest.param(1, True, id="one"),
        pytest.param(0, False, id="zero"),
        pytest.param(-0.5, True, id="a fraction"),
        pytest.param(None, False, id="null"),
        pytest.param({}, True, id="an object"),
        pytest.param([], True, id="a list"),
    ],
)
def test_private_is_what_npm_takes_for_true(tmp_path: Path, value: object, private: bool) -> None:
    """It asks JavaScript, and JavaScript takes `"false"` for true."""
    found = named(tmp_path, private=value)

    assert found.private is private


def test_the_first_line_is_where_what_is_missing_is_reported(tmp_path: Path) -> None:
    """A finding needs a place even where there is no key to point at."""
    manifest = read(tmp_path, '\n\n{"name": "a"}')

    assert manifest is not None
    assert str(manifest.first_line) == "package.json:1:1"


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(KEYS, JSON)))
def test_no_wrong_type_breaks_the_reading(fields: dict[str, object]) -> None:
    """Anything may stand in a stranger's package.json."""
    with TemporaryDirectory() as folder:
        found = read(Path(folder), json.dumps(fields))

    assert found is not None
