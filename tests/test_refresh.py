"""What the refresh of the dated tables makes of what servers say."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from preflight import data

SPEC = importlib.util.spec_from_file_location("refresh", Path(__file__).with_name("refresh.py"))
refresh = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(refresh)

TODAY = "2027-03-01"


def same(name):
    """Return the day of a table and its text, which a refresh that brings nothing new must write again."""
    return data.day(name), data.text(name)


def test_every_table_can_be_refreshed():
    """A table that nobody can refresh grows old for good."""
    assert set(refresh.TABLES) == set(data.TABLES)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        pytest.param("node-npm.csv", [], id="node and npm"),
        pytest.param("node-npm.csv", [{"version": "v26.10.0", "npm": "11.19.1"}], id="a release that is known"),
        pytest.param("node-npm.csv", [{"version": "v27.0.0-rc.1", "npm": "12.0.0"}, {}], id="what is no release"),
        pytest.param("node-npm.csv", [{"version": "v0.12.0", "npm": "2.5.1"}], id="what is too old"),
        pytest.param("node-lts.csv", [{"version": "v24.1.0", "lts": "Krypton"}], id="a line that is known"),
        pytest.param("node-lts.csv", [{"version": "v27.0.0", "lts": False}], id="a line without long support"),
        pytest.param("hosted-images.toml", {}, id="images"),
        pytest.param(
            "hosted-images.toml", {"ubuntu-latest": "- Node.js 22.23.2\n- Npm 10.9.8\n"}, id="an image that is the same"
        ),
        pytest.param("action-pins.toml", {}, id="pins"),
        pytest.param(
            "action-pins.toml", {"actions/checkout": {"refs/heads/main": "1" * 40}}, id="an action without a tag"
        ),
    ],
)
def test_what_brings_nothing_new_changes_nothing(name, said):
    """A refresh is read by a person, line by line."""
    day, text = same(name)

    assert refresh.TABLES[name][1](text, said, day) == text


def test_the_table_of_npms_is_written_from_its_packument_alone():
    """All that it holds comes from there."""
    day, text = same("npm-releases.csv")
    versions = {npm: {"engines": {"node": node}} for npm, node in refresh.rows(text)}
    older = {"10.9.0": {"engines": {"node": "*"}}, "5.0.0": {"engines": {"node": "*"}}, "12.0.0-pre.1": {}}

    assert refresh.npm_releases(text, {"versions": {**older, **versions}}, day) == text


def test_a_new_node_is_added_at_its_place():
    """Releases of old lines come after those of new ones."""
    text = refresh.node_npm(
        data.text("node-npm.csv"),
        [{"version": "v27.0.0", "npm": "12.1.0"}, {"version": "v24.22.0", "npm": "11.19.2"}],
        TODAY,
    )

    found = refresh.rows(text)
    after = found[found.index(("24.22.0", "11.19.2")) - 1][0]
    assert (found[-1], after, "14.0.0 to 27.0.0" in text, f"As of {TODAY}" in text) == (
        ("27.0.0", "12.1.0"),
        "24.21.0",
        True,
        True,
    )


def test_a_new_line_gets_its_name():
    """`lts/*` means it from that day on."""
    text = refresh.node_lts(data.text("node-lts.csv"), [{"version": "v28.1.0", "lts": "Neon"}], TODAY)

    assert refresh.rows(text)[-1] == ("28", "neon")


def test_an_image_gets_its_node_and_npm():
    """Images are renewed every week."""
    readme = "## Tools\n- Node.js 24.30.0\n- Npm 11.30.0\n- Node.js 20.0.0 (cached)\n"

    text = refresh.hosted_images(data.text("hosted-images.toml"), {"ubuntu-latest": readme}, TODAY)

    hosted = refresh.tomli.loads(text)["hosted"]
    assert [(each.get("node"), each.get("npm")) for each in hosted[:2]] == [
        ("24.30.0", "11.30.0"),
        ("24.19.0", "11.17.0"),
    ]


def test_an_image_without_node_stays_without():
    """The block that follows must not be taken for its own."""
    text = refresh.hosted_images(data.text("hosted-images.toml"), {"xcode-27": "- Node.js 1.2.3\n"}, TODAY)

    assert "1.2.3" not in text


def test_an_input_that_is_gone_is_told():
    """Only a person can say what took its place."""
    found = refresh.publishing_actions(
        data.text("publishing-actions.toml"), {"changesets/action": {"inputs": {}}}, TODAY
    )

    assert found[1] == ["changesets/action has no input `cwd`"]


def test_a_pin_moves_to_the_newest_version():
    """By number, not by letter; and by the commit, not by the object of an annotated tag."""
    listed = {
        "refs/tags/v9.0.0": "9" * 40,
        "refs/tags/v10.0.0": "f" * 40,
        "refs/tags/v10.0.0^{}": "a" * 40,
        "refs/tags/v11": "b" * 40,
        "refs/tags/v12.0.0-rc.1": "c" * 40,
    }

    text = refresh.action_pins(data.text("action-pins.toml"), {"actions/checkout": listed}, TODAY)

    assert refresh.tomli.loads(text)["actions/checkout"] == {"version": "v10.0.0", "commit": "a" * 40}


def test_what_cannot_be_asked_ends_the_run():
    """Half a table is worse than an old one."""
    with pytest.raises(SystemExit, match="cannot tell: nobody is there"):
        refresh.sure(refresh.Unknown("nobody is there"))
