"""`npm install -g npm@…`."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preflight.facts.fact import Known, Unknown
from preflight.facts.toolchain import Version
from preflight.readers.node_versions import node
from preflight.readers.npm_upgrades import Outcome, newest_npm, upgrade


def outcome(spec: str | None, on: str) -> tuple[str, bool] | str:
    """Return the npm after an upgrade on a Node.js and whether it is exact, or why it is not known."""
    match upgrade(spec, node(on, None), None).npm:
        case Known(found):
            return str(found.version), found.exact
        case Unknown(why):
            return why


@pytest.mark.parametrize(
    ("spec", "on", "expected"),
    [
        pytest.param("11", "20", ("11.21.2", False), id="a major version"),
        pytest.param("^11.5.1", "22", ("11.21.2", False), id="a caret"),
        pytest.param("~11.5", "22", ("11.5.2", False), id="a minor version"),
        pytest.param("11.6.2", "22", ("11.6.2", True), id="one version"),
        pytest.param("11.15.0", "22.16.0", ("11.15.0", True), id="one version on one Node.js"),
        pytest.param("latest", "24", ("12.2.0", False), id="latest on a new 24"),
        pytest.param("next", "26", ("12.2.0", False), id="next"),
        pytest.param("next-11", "22", ("11.21.2", False), id="the tag of a line"),
        pytest.param("latest-10", "22", ("10.9.9", False), id="the tag of an older line"),
        pytest.param(">=11.5.1", "20", ("11.21.2", False), id="a range takes what fits the Node.js"),
        pytest.param(">=11.5.1", "26", ("12.2.0", False), id="and the newest where that fits"),
        pytest.param(None, "20", ("11.21.2", False), id="the bare name takes what fits from npm 9 on"),
        pytest.param("", "26", ("12.2.0", False), id="an empty version is the bare name"),
        pytest.param("9", "24", ("9.9.4", False), id="a downgrade"),
        pytest.param("13.0.0", "26", ("13.0.0", True), id="a version that is not known yet"),
        pytest.param("13", "26", ("13.0.0", False), id="a line that is not known yet"),
        pytest.param("11", "oldest", ("11.21.2", False), id="on an unknown Node.js"),
        pytest.param(">=11", "oldest", ("12.2.0", False), id="a range on an unknown Node.js"),
    ],
)
def test_an_upgrade_leaves_an_npm(spec: str | None, on: str, expected: tuple[str, bool]) -> None:
    """Node.js 18, 20, 22 and 23 need an upgrade for trusted publishing."""
    found = outcome(spec, on)

    assert found == expected


@pytest.mark.parametrize(
    ("spec", "on"),
    [
        pytest.param("latest", "20", id="20"),
        pytest.param("latest", "22.22.1", id="22 before 22.22.2"),
        pytest.param("latest", "24.14.0", id="24 before 24.15"),
        pytest.param("latest", "25", id="all of 25"),
        pytest.param("next", "20", id="next"),
        pytest.param("12", "20", id="a range that nothing fits"),
        pytest.param("11", "18", id="npm 11 on Node.js 18"),
        pytest.param("11.6.2", "18", id="one version"),
        pytest.param(None, "16", id="the bare name is latest before npm 9"),
    ],
)
def test_an_upgrade_that_the_node_cannot_run_fails(spec: str | None, on: str) -> None:
    """`npm@latest` broke many release jobs on the day npm 12 came out."""
    found = upgrade(spec, node(on, None), None)

    assert isinstance(found.npm, Unknown)
    assert found.fails is not None
    assert "EBADENGINE" in found.fails


def test_one_node_cannot_upgrade_its_npm_at_all() -> None:
    """The npm of 22.22.2 lacks a module; pinning the major version does not help."""
    found = upgrade("11", node("22.22.2", None), None)

    assert found.fails == "the npm of Node.js 22.22.2 cannot replace itself (Cannot find module 'promise-retry')"


def test_a_failure_says_what_is_missing() -> None:
    """The message names both versions, as npm's own does."""
    found = outcome("latest", "20.20.2")

    assert found == (
        "`npm install -g npm@latest` fails: "
        "npm 12.2.0 needs Node.js ^22.22.2 || ^24.15.0 || >=26.0.0, and 20.20.2 runs here (EBADENGINE)"
    )


@pytest.mark.parametrize(
    ("spec", "on", "tag"),
    [
        pytest.param("latest", "24", "latest", id="latest that works today"),
        pytest.param("latest", "20", "latest", id="latest that fails"),
        pytest.param("next", "24", "next", id="next"),
        pytest.param(None, "16", "latest", id="the bare name with an old npm"),
        pytest.param(None, "20", None, id="the bare name with npm 9 or newer"),
        pytest.param("latest-11", "20", None, id="the tag of a line stays there"),
        pytest.param("11", "20", None, id="a major version"),
    ],
)
def test_a_tag_that_moves_is_told(spec: str | None, on: str, tag: str | None) -> None:
    """Such an upgrade fails on the day npm raises its floor."""
    found = upgrade(spec, node(on, None), None)

    assert found.tag == tag


@pytest.mark.parametrize(
    "spec",
    [
        pytest.param("nope", id="a word"),
        pytest.param("$VERSION", id="a variable"),
        pytest.param("latest-x-y", id="a tag that does not exist"),
        pytest.param(">2 <1", id="a contradiction"),
        pytest.param("9" * 300, id="too long"),
    ],
)
def test_what_is_no_version_is_unknown_and_no_failure(spec: str) -> None:
    """A failure is only claimed where it is known."""
    found = upgrade(spec, node("24", None), None)

    assert isinstance(found.npm, Unknown)
    assert found.fails is None


def test_the_steps_are_told_in_words() -> None:
    """The message says how the npm was found."""
    found = upgrade("11", node("22", None), None)

    assert isinstance(found.npm, Known)
    assert [reason.what for reason in found.npm.value.why] == [
        "`npm install -g npm@11`",
        "newest npm that it can get is 11.21.2",
    ]


@pytest.mark.parametrize(
    ("major", "newest"),
    [
        pytest.param(6, "6.14.18", id="6"),
        pytest.param(7, "7.24.2", id="7"),
        pytest.param(8, "8.19.4", id="8"),
        pytest.param(9, "9.9.4", id="9"),
        pytest.param(10, "10.9.9", id="10"),
        pytest.param(11, "11.21.2", id="11"),
        pytest.param(12, "12.2.0", id="12"),
        pytest.param(13, "13.0.0", id="not known yet"),
        pytest.param(None, "12.2.0", id="of all"),
    ],
)
def test_the_newest_npm_of_each_line(major: int | None, newest: str) -> None:
    """These are dated; a refresh changes this test."""
    found = newest_npm(major)

    assert found == Version.parse(newest)


@given(st.none() | st.text(), st.sampled_from(("16", "20", "24", "?")))
def test_no_version_makes_the_reader_raise(spec: str | None, on: str) -> None:
    """Versions come out of other people's scripts."""
    found = upgrade(spec, node(on, None), None)

    assert isinstance(found, Outcome)


def upgrades(found) -> list[tuple[str, bool, bool, bool]]:
    """Return every replacement of npm: what it asks for, whether it floats, fails, and can be remedied."""
    return [
        (each.spec, each.floats, each.fails is not None, each.remedy is not None) for each in found.jobs[0].upgrades
    ]


@pytest.mark.parametrize(
    ("script", "found"),
    [
        pytest.param("npm i -g npm@latest\nnpm publish", [("npm@latest", True, False, True)], id="a tag"),
        pytest.param("npm i -g 'npm@next'; npm publish", [("npm@next", True, False, True)], id="in quotes"),
        pytest.param("sudo npm i -g npm@latest\nnpm publish", [("npm@latest", True, False, True)], id="sudo"),
        pytest.param("npm i -g npm@11\nnpm publish", [], id="a major version"),
        pytest.param("npm i -g npm\nnpm publish", [], id="the name alone"),
        pytest.param("npm publish\nnpm i -g npm@latest", [], id="too late to matter"),
        pytest.param("nvm use 20\nnpm i -g npm@latest || true\nnpm publish", [], id="a failure that ends nothing"),
        pytest.param(
            "nvm use 20\nnpm i -g npm@12\nnpm publish", [("npm@12", False, True, True)], id="a major that needs more"
        ),
        pytest.param(
            "nvm use 22.22.2\nnpm i -g npm@11\nnpm publish", [("npm@11", False, True, False)], id="no remedy there"
        ),
        pytest.param(
            "nvm use 20\npnpm add -g npm@latest\nnpm publish", [("npm@latest", True, False, True)], id="pnpm only warns"
        ),
    ],
)
def test_a_replacement_before_a_publish_is_noted(project, script: str, found) -> None:
    """One that follows the newest npm, or fails, stops the release."""
    assert upgrades(project.run(script)) == found


def test_after_a_failed_upgrade_no_npm_is_in_question(project) -> None:
    """The job has ended: one rule says so, and the rule about old npm has nothing to add."""
    found = project.run("nvm use 20\nnpm i -g npm@latest\nnpm publish")

    assert found.jobs[0].sites[0].npm == ()


def test_of_a_matrix_the_value_that_fails_counts(project) -> None:
    """One of its jobs ends there."""
    steps = (
        "- uses: actions/setup-node@v6\n  with: {node-version: '${{ matrix.node }}'}\n"
        "- run: npm i -g npm@latest\n- run: npm publish"
    )

    found = project.steps(steps, job="runs-on: ubuntu-latest\nstrategy: {matrix: {node: [24, 20, 26]}}")

    assert upgrades(found) == [("npm@latest", True, True, True)]
