"""Tests of what counts as npm's registry."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preflight.readers.registries import NPM, is_npm, normalise


@pytest.mark.parametrize(
    "address",
    [
        pytest.param(NPM, id="as it is written"),
        pytest.param(NPM.rstrip("/"), id="without the final slash"),
        pytest.param(NPM.upper(), id="in upper case"),
        pytest.param(NPM.replace("https", "http"), id="over plain http"),
        pytest.param(NPM.replace("npmjs.org", "npmjs.com"), id="the host in .com"),
        pytest.param("https://registry.yarnpkg.com", id="yarn's host"),
        pytest.param(NPM.removeprefix("https:"), id="as a key of an .npmrc"),
        pytest.param(NPM.rstrip("/") + ":443/", id="with the port of https"),
    ],
)
def test_an_alias_is_npm(address: str) -> None:
    """A publish through an alias gets provenance too, and must not be called foreign."""
    found = is_npm(address)

    assert found


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("https://npm.pkg.github.com/", id="GitHub Packages"),
        pytest.param(NPM + "mirror/", id="a path below"),
        pytest.param(NPM.rstrip("/") + ".evil.example/", id="a longer host"),
        pytest.param("https://evil.example/?" + NPM, id="in the query"),
        pytest.param("ftp:" + NPM.removeprefix("https:"), id="another scheme"),
        pytest.param("", id="nothing"),
        pytest.param("registry.npmjs.org", id="no scheme at all"),
    ],
)
def test_another_address_is_not_npm(address: str) -> None:
    """Provenance is lost at every other registry."""
    found = is_npm(address)

    assert not found


def test_normal_form_ends_in_one_slash() -> None:
    """The project's facts compare registries as text."""
    found = normalise(" HTTPS://Npm.Example.com:443/Team// ")

    assert found == "https://npm.example.com/Team/"


@given(st.text())
def test_any_text_has_a_normal_form(text: str) -> None:
    """The address comes out of a stranger's file, and normalising twice changes nothing."""
    once = normalise(text)

    assert normalise(once) == once
