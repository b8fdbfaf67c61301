"""Container images and hosted machines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preflight.facts.fact import Known, Unknown
from preflight.readers.images import hosted, image, machines
from preflight.readers.node_versions import npm_of


@pytest.mark.parametrize(
    ("reference", "npm", "exact"),
    [
        pytest.param("node:20", "10.8.2", False, id="a major version"),
        pytest.param("node:22", "10.9.9", False, id="22 cannot do trusted publishing"),
        pytest.param("node:24", "11.19.0", False, id="24 can"),
        pytest.param("node:20.10.0-alpine", "10.2.3", True, id="an exact version with a variant"),
        pytest.param("node:20-bookworm-slim", "10.8.2", False, id="a Debian variant"),
        pytest.param("docker.io/library/node:24@sha256:abc", "11.19.0", False, id="the full name with a digest"),
        pytest.param("node:24.5.0@sha256:abc", "11.5.1", True, id="a full version with a digest"),
        pytest.param("docker://node:24", "11.19.0", False, id="the spelling of a step"),
        pytest.param("public.ecr.aws/docker/library/node:20", "10.8.2", False, id="a copy"),
        pytest.param("${CI_DEPENDENCY_PROXY_GROUP_IMAGE_PREFIX}/node:22", "10.9.9", False, id="GitLab's proxy"),
        pytest.param("$CI_DEPENDENCY_PROXY_GROUP_IMAGE_PREFIX/node:22", "10.9.9", False, id="the proxy without braces"),
        pytest.param("node:lts", "11.19.1", False, id="lts"),
        pytest.param("node:lts-slim", "11.19.1", False, id="lts with a variant"),
        pytest.param("node:latest", "11.19.1", False, id="latest"),
        pytest.param("node", "11.19.1", False, id="no tag"),
        pytest.param("node:alpine3.20", "11.19.1", False, id="a variant alone"),
        pytest.param("node:current-alpine", "11.19.1", False, id="current"),
        pytest.param("node:iron", "10.8.2", False, id="a code name"),
        pytest.param("cimg/node:20.10", "10.2.3", False, id="CircleCI's image"),
        pytest.param("cimg/node:22.14.0-browsers", "10.9.2", True, id="CircleCI's image with browsers"),
        pytest.param("cimg/node:current", "11.19.1", False, id="CircleCI's newest"),
        pytest.param("circleci/node:14-browsers", "6.14.", False, id="CircleCI's old image"),
    ],
)
def test_the_tag_of_an_image_tells_its_npm(reference: str, npm: str, exact: bool) -> None:
    """In a container the machine's own Node.js does not count."""
    match npm_of(image(reference, None)):
        case Known(found):
            told = (str(found.version).startswith(npm), found.exact)
        case Unknown(why):
            told = (False, why)

    assert told == (True, exact)


@pytest.mark.parametrize(
    ("reference", "why"),
    [
        pytest.param("mcr.microsoft.com/playwright:v1.50.0", "the Node.js inside the image", id="another image"),
        pytest.param("ghcr.io/acme/node:24", "the Node.js inside the image", id="a namesake on another registry"),
        pytest.param("acme/node:24", "the Node.js inside the image", id="a namesake of another owner"),
        pytest.param("localhost:5000/node:24", "the Node.js inside the image", id="a registry with a port"),
        pytest.param("$REGISTRY/node:24", "the Node.js inside the image", id="a registry in a variable"),
        pytest.param("rockylinux/rockylinux:8-ubi-init", "the Node.js inside the image", id="no Node.js image"),
        pytest.param("node@sha256:abc", "by its digest only", id="a digest without a tag"),
        pytest.param("node:${VERSION}", "names no version", id="a variable"),
        pytest.param("node:v24", "names no version", id="a tag that does not exist"),
        pytest.param("", "no name that can be read", id="empty"),
        pytest.param("node:" + "9" * 600, "no name that can be read", id="too long"),
    ],
)
def test_an_image_that_tells_nothing_is_unknown(reference: str, why: str) -> None:
    """Many images are named node and hold anything."""
    found = image(reference, None)

    assert isinstance(found, Unknown)
    assert why in found.why


def test_a_digest_is_said_to_weaken_the_answer() -> None:
    """A digest pins a release that the tag no longer means."""
    found = image("node:24@sha256:abc", None)

    assert isinstance(found, Known)
    assert found.value.why[-1].what == "its digest may pin an older one"


@pytest.mark.parametrize(
    ("label", "node", "npm"),
    [
        pytest.param("ubuntu-latest", "22.23.2", "10.9.8", id="ubuntu-latest"),
        pytest.param("ubuntu-24.04-arm", "22.23.2", "10.9.8", id="arm"),
        pytest.param("Ubuntu-22.04", "22.23.2", "10.9.8", id="capitals"),
        pytest.param("ubuntu-26.04", "24.19.0", "11.17.0", id="ubuntu-26.04"),
        pytest.param("ubuntu-slim", "24.18.0", "11.16.0", id="ubuntu-slim"),
        pytest.param("windows-latest", "22.23.2", "10.9.8", id="windows-latest"),
        pytest.param("windows-11-arm", "24.19.0", "11.17.0", id="windows-11-arm"),
        pytest.param("macos-latest", "24.18.0", "11.16.0", id="macos-latest"),
        pytest.param("macos-26-intel", "24.18.0", "11.16.0", id="macos-26-intel"),
        pytest.param("macos-15", "22.23.1", "10.9.8", id="macos-15"),
        pytest.param("macos-14", "22.23.1", "10.9.8", id="macos-14"),
    ],
)
def test_a_hosted_machine_has_a_node_of_its_own(label: str, node: str, npm: str) -> None:
    """Without setup-node, ubuntu-latest cannot do trusted publishing and ubuntu-26.04 can."""
    found = hosted(label, None)
    beside = npm_of(found)

    assert isinstance(found, Known)
    assert isinstance(beside, Known)
    assert (str(found.value.version), str(beside.value.version), beside.value.exact) == (node, npm, False)


@pytest.mark.parametrize(
    "label",
    [
        pytest.param("self-hosted", id="your own machine"),
        pytest.param("big-runner", id="a name of the organisation's"),
        pytest.param("xcode-27", id="an image that is not recorded"),
    ],
)
def test_the_node_of_another_machine_is_unknown(label: str) -> None:
    """Nothing is preinstalled by assumption."""
    found = hosted(label, None)

    assert isinstance(found, Unknown)


def test_the_two_tables_agree() -> None:
    """The npm that GitHub lists beside a Node.js is the one that its archive bundles."""
    import tomli

    from preflight.readers.images import _DATA

    entries = tomli.loads(_DATA.read_text(encoding="utf-8"))["hosted"]
    given_npm = {label: entry["npm"] for entry in entries for label in entry["labels"] if "node" in entry}

    bundled = {
        label: str(npm.value.version) for label in given_npm if isinstance(npm := npm_of(hosted(label, None)), Known)
    }

    assert bundled == given_npm


def test_no_label_is_both_hosted_and_withdrawn() -> None:
    """A refresh of the data must move a label, not copy it."""
    found = machines()

    assert not found.hosted.keys() & found.retired.keys()


@given(st.text(alphabet="node:/@.$-{}124lts", max_size=40) | st.text())
def test_no_reference_makes_the_reader_raise(reference: str) -> None:
    """Image names come out of other people's files."""
    found = npm_of(image(reference, None))

    assert isinstance(found, Known | Unknown)
