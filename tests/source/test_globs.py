"""Patterns of workspaces."""

from __future__ import annotations

import time

import pytest

from preflight.source.globs import Globs


@pytest.mark.parametrize(
    ("patterns", "folder", "named"),
    [
        pytest.param(["packages/*"], "packages/a", True, id="a star is one name"),
        pytest.param(["packages/*"], "packages/a/b", False, id="a star is not two names"),
        pytest.param(["packages/*"], "packages", False, id="a star is not no name"),
        pytest.param(["packages/*/"], "packages/a", True, id="a slash at the end"),
        pytest.param(["./packages/a"], "packages/a", True, id="a dot at the start"),
        pytest.param(["/packages/a"], "packages/a", True, id="a slash at the start"),
        pytest.param(["."], ".", True, id="the root"),
        pytest.param(["*"], ".", False, id="a star is not the root"),
        pytest.param(["packages/**"], "packages/a/b", True, id="two stars are any folders"),
        pytest.param(["packages/**"], "packages", True, id="two stars are no folder too"),
        pytest.param(["**/x/*"], "a/x/x/b", True, id="two stars find the right place"),
        pytest.param(["**/x/*"], "a/y/b", False, id="two stars do not find everything"),
        pytest.param(["**"], "a/b/c", True, id="only stars"),
        pytest.param(["packages/*-ui"], "packages/hell-ui", True, id="a part of a name"),
        pytest.param(["packages/a?"], "packages/ab", True, id="one character"),
        pytest.param(["packages/[!a]*"], "packages/b", True, id="a class"),
        pytest.param(["{apps,packages/{a,b}}/*"], "packages/b/c", True, id="choices"),
        pytest.param(["{apps,packages}/*"], "libs/c", False, id="none of the choices"),
        pytest.param(["a}b", "a{b"], "a}b", True, id="half a choice"),
        pytest.param(["packages/*", "!packages/a"], "packages/a", False, id="taken away"),
        pytest.param(["packages/*", "!packages/a"], "packages/b", True, id="only what is named is taken away"),
        pytest.param(["!packages/a", "packages/*"], "packages/a", True, id="given back"),
        pytest.param(["*"], ".github", False, id="hidden folders are not meant"),
        pytest.param([".github/*"], ".github/actions", True, id="hidden folders by name"),
        pytest.param(["a" * 1025], "a" * 1025, False, id="too long"),
        pytest.param([], "a", False, id="no pattern"),
    ],
)
def test_names_folders_as_npm_and_pnpm_do(patterns: list[str], folder: str, named: bool) -> None:
    """A package that is missed is not checked."""
    globs = Globs(patterns)

    assert (folder in globs) == named


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param("**/" * 300 + "x", id="many double stars"),
        pytest.param("*a" * 500, id="many stars"),
        pytest.param("{a,b}" * 200, id="many choices"),
        pytest.param("{" * 1000, id="many braces"),
    ],
)
def test_no_pattern_takes_long(pattern: str) -> None:
    """Anyone may write a package.json."""
    started = time.perf_counter()

    named = "/".join(["a" * 100] * 100) in Globs([pattern])

    assert not named
    assert time.perf_counter() - started < 2
