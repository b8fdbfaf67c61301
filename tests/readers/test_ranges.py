"""Ranges of versions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preflight.facts.toolchain import Version
from preflight.readers.ranges import Range


def version(text: str) -> Version:
    """Read a version that is known to be one."""
    found = Version.parse(text)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        pytest.param("24", ["24.0.0", "24.99.9"], ["23.9.9", "25.0.0"], id="a major version"),
        pytest.param("v24", ["24.1.0"], ["25.0.0"], id="a v in front"),
        pytest.param("24.x", ["24.1.0"], ["25.0.0"], id="an x for the rest"),
        pytest.param("24.*.*", ["24.1.0"], ["25.0.0"], id="stars for the rest"),
        pytest.param("24.x.3", ["24.1.0"], ["25.0.0"], id="a number behind an x does not count"),
        pytest.param("20.10", ["20.10.0", "20.10.7"], ["20.1.0", "20.11.0"], id="a minor version keeps its zero"),
        pytest.param("24.5.0", ["24.5.0"], ["24.5.1", "24.4.9"], id="one version"),
        pytest.param("=24.5.0", ["24.5.0"], ["24.5.1"], id="an equals sign"),
        pytest.param("24.5.0+build.1", ["24.5.0"], ["24.5.1"], id="build metadata is dropped"),
        pytest.param(">=18", ["18.0.0", "99.0.0"], ["17.9.9"], id="at least a major"),
        pytest.param(">= 18", ["18.0.0"], ["17.9.9"], id="a space behind the operator"),
        pytest.param(">18", ["19.0.0"], ["18.9.9"], id="above a major is the next one"),
        pytest.param(">18.1", ["18.2.0"], ["18.1.9"], id="above a minor is the next one"),
        pytest.param(">1.2.3-rc.1", ["1.2.3"], ["1.2.2"], id="above a pre-release is its release"),
        pytest.param("<=18.1", ["18.1.9", "0.0.0"], ["18.2.0"], id="up to a minor includes its patches"),
        pytest.param("<=1.2.3-rc.1", ["1.2.2"], ["1.2.3"], id="up to a pre-release excludes its release"),
        pytest.param("<18", ["17.9.9"], ["18.0.0"], id="below a major"),
        pytest.param("^20", ["20.0.0", "20.9.9"], ["21.0.0"], id="caret of a major"),
        pytest.param("^11.5.1", ["11.5.1", "11.99.0"], ["11.5.0", "12.0.0"], id="caret"),
        pytest.param("^0.2.3", ["0.2.9"], ["0.3.0", "0.2.2"], id="caret below 1.0.0 keeps the minor"),
        pytest.param("^0.0.3", ["0.0.3"], ["0.0.4"], id="caret below 0.1.0 keeps the patch"),
        pytest.param("^0.0", ["0.0.9"], ["0.1.0"], id="caret of a partial zero"),
        pytest.param("^0", ["0.9.0"], ["1.0.0"], id="caret of zero"),
        pytest.param("~11.5", ["11.5.9"], ["11.6.0"], id="tilde of a minor"),
        pytest.param("~1.2.3", ["1.2.9"], ["1.2.2", "1.3.0"], id="tilde"),
        pytest.param("~>1", ["1.9.0"], ["2.0.0"], id="Ruby's spelling of tilde"),
        pytest.param("20 || 22", ["20.1.0", "22.1.0"], ["21.0.0"], id="either of two"),
        pytest.param(">=18 <20", ["19.9.9"], ["20.0.0"], id="both of two"),
        pytest.param("1.2 - 2", ["1.2.0", "2.9.9"], ["1.1.9", "3.0.0"], id="a hyphen"),
        pytest.param("*", ["0.0.0", "99.0.0"], [], id="a star"),
        pytest.param("", ["0.0.0", "99.0.0"], [], id="nothing"),
        pytest.param("^*", ["1.0.0"], [], id="caret of a star"),
        pytest.param("<*", [], ["0.0.0"], id="below everything is nothing"),
        pytest.param(">2 <1", [], ["1.5.0"], id="a contradiction is nothing"),
    ],
)
def test_a_range_holds_what_npm_says(text: str, inside: list[str], outside: list[str]) -> None:
    """A range read differently from npm gives the wrong Node.js, and with it the wrong npm."""
    asked = Range.parse(text)

    held = {each: asked is not None and version(each) in asked for each in (*inside, *outside)}

    assert held == dict.fromkeys(inside, True) | dict.fromkeys(outside, False)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("latest", id="a dist-tag"),
        pytest.param("lts/*", id="an alias"),
        pytest.param(">=18<25", id="two comparators without a space"),
        pytest.param(">=", id="an operator alone"),
        pytest.param("1.2-beta", id="a pre-release of a partial version"),
        pytest.param("25-nightly", id="a nightly build"),
        pytest.param("01.2.3", id="a leading zero"),
        pytest.param("1.2.3.4", id="four numbers"),
        pytest.param("1.²", id="a digit of another script"),
        pytest.param("9" * 30, id="a number beyond all versions"),
        pytest.param(" " * 300, id="longer than a range may be"),
        pytest.param("20 || nope", id="one side that is no range"),
    ],
)
def test_what_is_no_range_is_refused(text: str) -> None:
    """Half of a misread range would be a guess."""
    asked = Range.parse(text)

    assert asked is None


@pytest.mark.parametrize(
    ("text", "lowest", "only", "majors"),
    [
        pytest.param("^9.0.0", "9.0.0", None, (9,), id="one line"),
        pytest.param("8 || ^9.1", "8.0.0", None, (8, 9), id="two lines"),
        pytest.param("9 || 8", "8.0.0", None, (8, 9), id="in any order"),
        pytest.param(">=7", "7.0.0", None, (7, 8, 9, 10, 11, 12), id="an open range ends at the newest"),
        pytest.param(">=11.5 <12.1", "11.5.0", None, (11, 12), id="a range that ends inside a line"),
        pytest.param("9.0.1", "9.0.1", "9.0.1", (9,), id="one version"),
        pytest.param("1 - 999999999", "1.0.0", None, tuple(range(1, 13)), id="an absurd end costs nothing"),
        pytest.param("<0.0.0", None, None, (), id="nothing"),
    ],
)
def test_a_range_knows_its_ends(text: str, lowest: str | None, only: str | None, majors: tuple[int, ...]) -> None:
    """A declared range is only a floor; its lowest version and its lines decide what a rule may say."""
    asked = Range.parse(text)

    ends = asked and (asked.lowest and str(asked.lowest), asked.only and str(asked.only), asked.majors(12))

    assert ends == (lowest, only, majors)


def test_the_newest_known_version_of_a_range_is_taken() -> None:
    """A fresh run gets the newest release, compared as numbers."""
    asked = Range.parse("^1.2")

    newest = asked and asked.newest(map(version, ("1.2.0", "1.10.0", "1.9.0", "2.0.0")))

    assert newest == Version(1, 10, 0)


def test_no_known_version_in_a_range_is_none() -> None:
    """An unknown release is not replaced by a known one that does not fit."""
    asked = Range.parse("^3")

    newest = asked and asked.newest([Version(1), Version(2)])

    assert newest is None


@given(st.text(alphabet="0129.xX*v=<>^~|- +a\t", max_size=60) | st.text())
def test_no_text_makes_the_reader_raise(text: str) -> None:
    """Ranges come out of other people's files."""
    asked = Range.parse(text)

    assert asked is None or asked.lowest is None or asked.lowest in asked


@pytest.mark.parametrize(
    ("text", "below"),
    [
        pytest.param("^8.2.0", True, id="all of a major before"),
        pytest.param("8.9.9", True, id="one version before"),
        pytest.param("9.0.0", False, id="the version itself"),
        pytest.param("^7 || ^9", False, id="one of two"),
        pytest.param(">=8", False, id="open"),
        pytest.param("<0.0.0", False, id="nothing"),
    ],
)
def test_a_range_lies_below_a_version_if_all_of_it_does(text: str, below: bool) -> None:
    """The newest of a range is what gets installed."""
    assert Range.parse(text).below(Version(9)) is below
