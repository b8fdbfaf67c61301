"""Node.js releases and the npm that they bundle."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preflight.facts.fact import Fact, Known, Unknown
from preflight.facts.toolchain import Node, Npm, Version
from preflight.readers.node_versions import node, npm_of, table


def npm(spec: str) -> tuple[str, bool] | str:
    """Return the npm of a version request and whether it is exact, or why it is not known."""
    match npm_of(node(spec, None)):
        case Known(Npm(version) as found):
            return str(version), found.exact
        case Unknown(why):
            return why


def steps(fact: Fact[Npm]) -> list[str]:
    """Return the steps of a resolution in words."""
    match fact:
        case Known(found):
            return [reason.what for reason in found.why]
        case Unknown(why):
            return [why]


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        pytest.param("14", "6.14", id="14"),
        pytest.param("16", "8.19.4", id="16"),
        pytest.param("17", "8.11.0", id="17"),
        pytest.param("18", "10.8.2", id="18"),
        pytest.param("19", "9.6.3", id="19"),
        pytest.param("20", "10.8.2", id="20"),
        pytest.param("21", "10.5.0", id="21"),
        pytest.param("22", "10.9.9", id="22"),
        pytest.param("23", "10.9.2", id="23"),
        pytest.param("24", "11.19.0", id="24"),
        pytest.param("25", "11.12.1", id="25"),
        pytest.param("26", "11.19.1", id="26"),
    ],
)
def test_a_major_version_gets_the_npm_of_its_newest_release(spec: str, expected: str) -> None:
    """Most workflows write only the major version."""
    found = npm(spec)

    assert found[0].startswith(expected)
    assert found[1] is False


@pytest.mark.parametrize(
    ("major", "firsts"),
    [
        pytest.param(14, (None, None, None, None), id="14 never"),
        pytest.param(16, (None, None, None, None), id="16 never"),
        pytest.param(17, (None, None, None, None), id="17 never"),
        pytest.param(18, ("18.14.2", "18.19.0", None, None), id="18 without trusted publishing"),
        pytest.param(19, ("19.7.0", None, None, None), id="19"),
        pytest.param(20, ("20.0.0", "20.10.0", None, None), id="20 without trusted publishing"),
        pytest.param(21, ("21.0.0", "21.0.0", None, None), id="21"),
        pytest.param(22, ("22.0.0", "22.0.0", None, None), id="22 without trusted publishing"),
        pytest.param(23, ("23.0.0", "23.0.0", None, None), id="23"),
        pytest.param(24, ("24.0.0", "24.0.0", "24.5.0", "24.18.0"), id="24 from 24.5"),
        pytest.param(25, ("25.0.0", "25.0.0", "25.0.0", None), id="25 without stage"),
        pytest.param(26, ("26.0.0", "26.0.0", "26.0.0", "26.3.0"), id="26"),
    ],
)
def test_the_first_release_that_reaches_each_floor(major: int, firsts: tuple[str | None, ...]) -> None:
    """These are the versions that the messages tell people to move to."""
    floors = (Version(9, 5), Version(10, 2), Version(11, 5, 1), Version(11, 15))
    line = [release for release in table().releases() if release.major == major]

    found = tuple(
        next((str(release) for release in line if (table().bundled(release) or Version(0)) >= floor), None)
        for floor in floors
    )

    assert found == firsts


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        pytest.param("24.5.0", ("11.5.1", True), id="an exact version"),
        pytest.param("v18.18.2", ("9.8.1", True), id="an exact version with a v"),
        pytest.param("24.4", ("11.4.2", False), id="a minor version"),
        pytest.param("24.x", ("11.19.0", False), id="an x"),
        pytest.param(">=18", ("11.19.1", False), id="an open range"),
        pytest.param("^20", ("10.8.2", False), id="a caret"),
        pytest.param("20 || 22", ("10.9.9", False), id="two lines"),
        pytest.param("*", ("11.19.1", False), id="a star"),
        pytest.param("latest", ("11.19.1", False), id="latest"),
        pytest.param("current", ("11.19.1", False), id="current"),
        pytest.param("node", ("11.19.1", False), id="node"),
        pytest.param("lts/*", ("11.19.1", False), id="the newest LTS line"),
        pytest.param("lts", ("11.19.1", False), id="lts, as volta and n say"),
        pytest.param("lts/-1", ("11.19.0", False), id="the LTS line before"),
        pytest.param("lts/iron", ("10.8.2", False), id="an LTS line by name"),
        pytest.param("LTS/Jod", ("10.9.9", False), id="a name in capitals"),
        pytest.param("24.22.0", ("11.19.0", False), id="newer than the table"),
        pytest.param("24.22", ("11.19.0", False), id="a range newer than the table"),
        pytest.param("26.13.0", ("11.19.1", False), id="a later month of 26"),
        pytest.param("27", ("11.19.1", False), id="a line newer than the table"),
        pytest.param("12", ("6.0.0", False), id="a line older than the table"),
        pytest.param("12.22.12", ("6.0.0", False), id="a release older than the table"),
        pytest.param("18.14.9", ("9.5.0", False), id="a release that never was"),
    ],
)
def test_a_version_request_is_resolved_as_setup_node_does(spec: str, expected: tuple[str, bool]) -> None:
    """The npm floor is judged by this answer."""
    found = npm(spec)

    assert found == expected


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        pytest.param(" ", "empty", id="empty"),
        pytest.param("9" * 300, "too long", id="too long"),
        pytest.param("${{ matrix.node }}", "the files do not tell what `${{ matrix.node }}` is", id="an expression"),
        pytest.param("25-nightly", "no release", id="a nightly build"),
        pytest.param("oldest", "`oldest` is not a version", id="a word"),
        pytest.param("lts/unobtainium", "names no known LTS line", id="an LTS line that does not exist"),
        pytest.param("lts/-99", "names no known LTS line", id="too far back"),
        pytest.param(">2 <1", "no version satisfies", id="a contradiction"),
    ],
)
def test_what_cannot_be_resolved_is_unknown(spec: str, why: str) -> None:
    """A guess here would accuse, or acquit, the wrong workflow."""
    found = npm(spec)

    assert why in found


def test_the_steps_are_told_in_words() -> None:
    """The message says how the npm was found, so that it can be believed or contradicted."""
    told = steps(npm_of(node("24", None)))

    assert told == [
        "setup-node `node-version: 24`",
        "newest Node.js 24 known is 24.21.0",
        "it bundles npm 11.19.0",
    ]


def test_the_caller_may_word_the_first_step() -> None:
    """Not every version comes from setup-node."""
    told = steps(npm_of(node("24.5.0", None, "`nvm use 24.5.0`")))

    assert told == ["`nvm use 24.5.0`", "it bundles npm 11.5.1"]


def test_a_release_newer_than_the_table_says_so() -> None:
    """The table is dated; the reader must see when it was outrun."""
    told = steps(npm_of(node("24.22.0", None)))

    assert told[-1] == "Node.js 24.22.0 is newer than the known releases: npm 11.19.0 or newer, as in 24.21.0"


def test_the_npm_of_an_unknown_node_is_unknown() -> None:
    """Not knowing is passed on with its reason."""
    unknown = Unknown("why", None)

    found = npm_of(unknown)

    assert found is unknown


def test_the_table_loads_fast() -> None:
    """A check that resolves nothing must not pay, and one that does must not notice; the limit leaves room for CI."""
    table.cache_clear()
    start = time.perf_counter()

    table()

    assert time.perf_counter() - start < 0.02


def test_the_table_is_whole() -> None:
    """A release lost on the way would turn into a guess."""
    releases = table().releases()

    assert (len(releases), str(releases[0]), str(table().newest)) == (316, "14.0.0", "26.10.0")


@given(st.text(alphabet="0129.xv*<>^~|- /lts", max_size=40) | st.text())
def test_no_request_makes_the_reader_raise(spec: str) -> None:
    """Version requests come out of other people's files."""
    found = npm_of(node(spec, None))

    assert isinstance(found, Known | Unknown)


def test_a_known_node_keeps_its_place() -> None:
    """`at` of the fact is the line to change."""
    found = node("24", None)

    assert isinstance(found, Known)
    assert isinstance(found.value, Node)
