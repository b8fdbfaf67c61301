"""Versions that a package.json declares."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preflight.facts.fact import Known, Unknown
from preflight.facts.toolchain import Version
from preflight.readers.declared import declared, exact, lowest, majors, package_manager


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("pnpm@10.4.1", ("pnpm", Version(10, 4, 1)), id="a version"),
        pytest.param("pnpm@10.4.1+sha512.0ff", ("pnpm", Version(10, 4, 1)), id="a hash"),
        pytest.param("yarn@4.0.0-rc.22", ("yarn", Version(4)), id="a pre-release"),
        pytest.param("npm@11.6.2", ("npm", Version(11, 6, 2)), id="npm"),
        pytest.param("pnpm@10", None, id="a range is not allowed there"),
        pytest.param("yarn@https://example.org/yarn.js", None, id="an address"),
        pytest.param("pnpm", None, id="no version"),
        pytest.param("@10.4.1", None, id="no name"),
        pytest.param("", None, id="empty"),
    ],
)
def test_package_manager_is_a_name_and_a_version(text: str, expected: tuple[str, Version] | None) -> None:
    """Pnpm 10 and 11 read different settings."""
    found = package_manager(text)

    assert found == expected


@pytest.mark.parametrize(
    ("text", "floor", "pinned", "lines"),
    [
        pytest.param("^9.0.0", Version(9), False, (9,), id="a caret"),
        pytest.param("25.0.5", Version(25, 0, 5), True, (), id="a pin above the newest"),
        pytest.param("9.0.0", Version(9), True, (9,), id="a pin"),
        pytest.param(">=8", Version(8), False, (8, 9, 10), id="an open range"),
        pytest.param("workspace:^9.1.0", Version(9, 1), False, (9,), id="a workspace range"),
        pytest.param("npm:@acme/lerna@^9.0.0", Version(9), False, (9,), id="an alias"),
        pytest.param("workspace:*", None, False, tuple(range(11)), id="anything"),
        pytest.param("catalog:", None, False, (), id="a catalog"),
        pytest.param("latest", None, False, (), id="a dist-tag"),
        pytest.param("github:acme/lerna", None, False, (), id="an address"),
    ],
)
def test_a_range_is_a_floor(text: str, floor: Version | None, pinned: bool, lines: tuple[int, ...]) -> None:
    """A lockfile may hold a newer one; only the floor is certain."""
    found = (lowest(text), exact(text), majors(text, 10))

    assert found == (floor, pinned, lines)


def test_a_declared_version_is_a_fact() -> None:
    """Callers judge the floor."""
    found = declared("^9.0.0", "lerna", None)

    assert found == Known(Version(9), None)


def test_a_declaration_without_a_version_is_unknown() -> None:
    """`catalog:` is resolved elsewhere."""
    found = declared("catalog:", "lerna", None)

    assert found == Unknown("`lerna: catalog:` tells no version", None)


@given(st.text())
def test_no_declaration_makes_the_reader_raise(text: str) -> None:
    """Manifests are other people's."""
    found = (package_manager(text), declared(text, "x", None), majors(text, 12), exact(text))

    assert len(found) == 4
