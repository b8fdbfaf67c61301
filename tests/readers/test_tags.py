"""Tests of reading and forming tags."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from preflight.facts.project import Package
from preflight.readers import tags
from preflight.readers.tags import Names
from preflight.source.text import Source


def package(name: str, folder: str = ".", *, private: bool = False) -> Package:
    """Return a package of a name."""
    path = PurePosixPath(folder) / "package.json"
    at = Source(path, "{}").at(0, 1)
    return Package(name, path, at, version="1.2.3", private=private, access=None, registry=None)


CORE, CLI = package("@acme/core", "packages/core"), package("acme-cli", "tools/cli")
NAMES = Names((CORE, CLI))


@pytest.mark.parametrize(
    ("tag", "version", "name", "form"),
    [
        pytest.param("v1.2.3", "1.2.3", None, "v{version}", id="a v"),
        pytest.param("1.2.3", "1.2.3", None, "{version}", id="the version alone"),
        pytest.param("v1.2.3-rc.1", "1.2.3-rc.1", None, "v{version}", id="a prerelease"),
        pytest.param("v1.2.3+5", "1.2.3+5", None, "v{version}", id="a build"),
        pytest.param("release/v1.2.3", "1.2.3", None, "release/v{version}", id="a word that names no package"),
        pytest.param("@acme/core@1.2.3", "1.2.3", "@acme/core", "{name}@{version}", id="changesets"),
        pytest.param("core-v1.2.3", "1.2.3", "@acme/core", "{short}-v{version}", id="release-please"),
        pytest.param("core/v1.2.3", "1.2.3", "@acme/core", "{short}/v{version}", id="a slash"),
        pytest.param("acme-cli-1.2.3", "1.2.3", "acme-cli", "{name}-{version}", id="a name with a hyphen"),
        pytest.param("cli@1.2.3", "1.2.3", "acme-cli", "{folder}@{version}", id="the folder"),
    ],
)
def test_a_tag_is_read(tag, version, name, form):
    """A tag in one of the usual forms needs no configuration."""
    meaning = NAMES.read(tag)

    found = (meaning.version, meaning.package.name if meaning.package else None, meaning.form)
    assert found == (version, name, form)


@pytest.mark.parametrize("tag", ["v1", "v1.2", "latest", "v1.2.3.4", "acme1.2.3", ""])
def test_what_holds_no_whole_version_is_not_read(tag):
    """Half a version fits several packages."""
    assert NAMES.read(tag) is None


def test_a_foreign_name_is_told():
    """In a repository of several languages a tag may be about something that npm never sees."""
    meaning = NAMES.read("python-v1.2.3")

    assert meaning.prefix == "python"


def test_a_short_name_that_two_packages_share_means_neither():
    """`@acme/core` and `@other/core` cannot both be `core`."""
    names = Names((package("@acme/core", "a"), package("@other/core", "b")))

    meaning = names.read("core@1.2.3")

    assert meaning.package is None


def test_a_private_package_does_not_take_the_name_of_a_public_one():
    """What is published is what a tag is about."""
    public = package("@acme/core", "packages/core")

    meaning = Names((package("core", "examples/one", private=True), public)).read("@acme/core@1.2.3")

    assert meaning.package is public


@pytest.mark.parametrize(
    ("tag", "pattern", "expected"),
    [
        pytest.param("npm-1.2.3-final", "npm-{version}-final", "1.2.3", id="words on both sides"),
        pytest.param("@acme/core:1.2.3", "{name}:{version}", "1.2.3", id="with the name"),
        pytest.param("v1.2.3", "release-{version}", None, id="another form"),
        pytest.param("other:1.2.3", "{name}:{version}", None, id="a name that is not here"),
        pytest.param("v1", "v{version}", None, id="no whole version"),
    ],
)
def test_the_configured_form_alone_counts(tag, pattern, expected):
    """Who says how tags are formed wants no other to pass."""
    meaning = NAMES.read(tag, pattern)

    assert (meaning.version if meaning else None) == expected


@pytest.mark.parametrize(
    ("newest", "expected"),
    [
        pytest.param(["v1.1.0", "1.0.0", "v0.9.0"], "v{version}", id="the most common"),
        pytest.param(["v1", "latest", "@acme/core@1.0.0"], "{name}@{version}", id="moving tags do not count"),
        pytest.param(["python-v1.0.0"], None, id="tags of something else do not count"),
        pytest.param([f"v1.{n}.0" for n in range(12)] + ["1.0.0"] * 90, "v{version}", id="a new habit counts"),
        pytest.param([], None, id="no tags"),
    ],
)
def test_a_habit_is_learned_from_the_newest_tags(newest, expected):
    """A workflow waits for tags of one form, and another would start nothing."""
    assert NAMES.habit(newest) == expected


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        pytest.param("{name}@{version}", "@acme/core@1.2.3", id="name"),
        pytest.param("{short}-v{version}", "core-v1.2.3", id="without the scope"),
        pytest.param("{folder}/{version}", "core/1.2.3", id="folder"),
    ],
)
def test_a_form_is_filled(form, expected):
    """The tag that is made must be one that is read again."""
    assert tags.fill(form, CORE, "1.2.3") == expected


def test_versions_of_tags():
    """A changelog is kept by versions and not by tags."""
    assert tags.versions(["v1.2.3", "latest", "@acme/core@2.0.0-rc.1"]) == ("1.2.3", "2.0.0-rc.1")


def test_a_hostile_tag_is_read_in_time():
    """A tag may be as long as a file name can be, and longer."""
    assert NAMES.read("v" + "1." * 100_000 + "-") is None
