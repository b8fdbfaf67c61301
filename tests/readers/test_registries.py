"""Tests of what counts as npm's registry."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preflight.readers.registries import NPM, called, is_npm, normalise


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


@pytest.mark.parametrize(
    ("address", "name"),
    [
        pytest.param("https://npm.pkg.github.com/", "GitHub Packages", id="GitHub Packages"),
        pytest.param("https://npm.pkg.github.com/acme", "GitHub Packages", id="with an owner"),
        pytest.param("https://gitlab.com/api/v4/projects/1/packages/npm/", "GitLab's registry", id="GitLab"),
        pytest.param("https://git.acme.example/api/v4/projects/1/packages/npm/", "GitLab's registry", id="one's own"),
        pytest.param("https://acme.jfrog.io/artifactory/api/npm/npm/", "Artifactory", id="Artifactory's cloud"),
        pytest.param("https://acme.example/artifactory/api/npm/npm/", "Artifactory", id="Artifactory"),
        pytest.param("https://nexus.acme.example/repository/npm/", "Nexus", id="Nexus"),
        pytest.param("http://verdaccio:4873/", "Verdaccio", id="Verdaccio"),
        pytest.param("https://a-1.d.codeartifact.eu-west-1.amazonaws.com/npm/x/", "CodeArtifact", id="CodeArtifact"),
        pytest.param("https://europe-npm.pkg.dev/a/b/", "Google's Artifact Registry", id="Google"),
        pytest.param("https://user:pw@npm.acme.example:8443/x/", "npm.acme.example", id="host alone, no password"),
        pytest.param("http://localhost:4873/", None, id="a test"),
        pytest.param("http://[::1]:4873/", None, id="a test, by number"),
        pytest.param("https://wombat-dressing-room.appspot.com/", None, id="a way to npm"),
        pytest.param("registry", None, id="no address"),
    ],
)
def test_another_registry_is_called_by_its_product(address: str, name: str | None) -> None:
    """The maintainer knows the product, and the host only where nothing else tells."""
    found = called(address)

    assert found == name
