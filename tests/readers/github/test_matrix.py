"""The combinations of a matrix, as GitHub's documentation has them."""

from __future__ import annotations

from pathlib import PurePosixPath
from textwrap import indent

import pytest

from preflight.readers.github.matrix import combinations, projected
from preflight.readers.github.workflow import Workflow
from preflight.source import yaml
from preflight.source.text import Source


def rows(strategy: str):
    """Return the combinations of a job with this `strategy`."""
    text = f"jobs:\n  x:\n    strategy:\n{indent(strategy, '      ')}\n"
    source = Source(PurePosixPath("w.yml"), text)
    return combinations(Workflow(source.path, yaml.read_one(source).root).jobs["x"])


def test_without_a_matrix_there_is_one_empty_combination() -> None:
    """A job runs once."""
    assert rows("fail-fast: true") == ({},)


def test_every_value_meets_every_other() -> None:
    """The plain case, in the order of the file."""
    found = rows("matrix: {os: [a, b], node: [1, 2]}")

    assert found == ({"os": "a", "node": 1}, {"os": "a", "node": 2}, {"os": "b", "node": 1}, {"os": "b", "node": 2})


def test_include_adds_to_what_it_does_not_contradict() -> None:
    """The example of the documentation: originals are never overwritten, added values are."""
    found = rows(
        "matrix:\n  fruit: [apple, pear]\n  animal: [cat, dog]\n  include:\n"
        "    - color: green\n    - {color: pink, animal: cat}\n    - {fruit: apple, shape: circle}\n"
        "    - fruit: banana\n    - {fruit: banana, animal: cat}"
    )

    assert found == (
        {"fruit": "apple", "animal": "cat", "color": "pink", "shape": "circle"},
        {"fruit": "apple", "animal": "dog", "color": "green", "shape": "circle"},
        {"fruit": "pear", "animal": "cat", "color": "pink"},
        {"fruit": "pear", "animal": "dog", "color": "green"},
        {"fruit": "banana"},
        {"fruit": "banana", "animal": "cat"},
    )


def test_exclude_takes_away_what_holds_all_its_values() -> None:
    """A partial match is enough."""
    found = rows(
        "matrix:\n  os: [macos, windows]\n  version: [12, 14]\n  env: [staging, production]\n  exclude:\n"
        "    - {os: macos, version: 12, env: production}\n    - {os: windows, version: 14}"
    )

    assert [(row["os"], row["version"], row["env"]) for row in found] == [
        ("macos", 12, "staging"),
        ("macos", 14, "staging"),
        ("macos", 14, "production"),
        ("windows", 12, "staging"),
        ("windows", 12, "production"),
    ]


def test_include_is_applied_after_exclude() -> None:
    """What was taken away can come back."""
    found = rows("matrix: {os: [a, b], exclude: [{os: a}], include: [{os: a, x: 1}]}")

    assert found == ({"os": "b"}, {"os": "a", "x": 1})


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [
        pytest.param("matrix: {include: [{os: a}, {os: b}]}", ({"os": "a"}, {"os": "b"}), id="include alone"),
        pytest.param("matrix: {exclude: [{}], os: [a]}", ({"os": "a"},), id="an empty exclude excludes nothing"),
        pytest.param("matrix: {exclude: [{cpu: x}], os: [a]}", ({"os": "a"},), id="an unknown key excludes nothing"),
        pytest.param("matrix: {include: 1, exclude: {}, os: [a]}", ({"os": "a"},), id="odd shapes"),
        pytest.param("matrix: {os: [a], exclude: [{os: a}]}", ({},), id="nothing is left"),
        pytest.param(
            "matrix: {v: [20.10, 1e999, true, null]}",
            ({"v": 20.1}, {"v": float("inf")}, {"v": True}, {"v": None}),
            id="values",
        ),
        pytest.param("matrix: {v: [[a, b], {c: d}]}", ({"v": ("a", "b")}, {"v": {"c": "d"}}), id="collections"),
        pytest.param("matrix: {v: [0x10]}", ({"v": "0x10"},), id="a number that is not decimal"),
    ],
)
def test_other_shapes(strategy: str, expected) -> None:
    """Each reads as GitHub reads it, or as nothing."""
    assert rows(strategy) == expected


@pytest.mark.parametrize(
    "strategy",
    [
        pytest.param("matrix: ${{ fromJSON(needs.x.outputs.y) }}", id="the whole"),
        pytest.param("matrix: {os: '${{ fromJSON(inputs.os) }}'}", id="one axis"),
        pytest.param("matrix: {include: '${{ fromJSON(inputs.os) }}'}", id="include"),
        pytest.param(f"matrix: {{a: {list(range(17))}, b: {list(range(16))}}}", id="more than GitHub runs"),
    ],
)
def test_a_matrix_that_is_worked_out_at_run_time_is_not_known(strategy: str) -> None:
    """Any value may come."""
    assert rows(strategy) is None


ROWS = ({"os": "a", "node": 1}, {"os": "a", "node": 2}, {"os": "b", "node": 1})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("npm publish", ({},), id="none"),
        pytest.param("${{ matrix.os }}", ({"os": "a"}, {"os": "b"}), id="one key"),
        pytest.param("${{ MATRIX.Os }}", ({"os": "a"}, {"os": "b"}), id="in another case"),
        pytest.param("${{ matrix.os }} ${{ matrix.node }}", ROWS, id="both keys"),
        pytest.param("matrix: x\n${{ matrix.os }}", ({"os": "a"}, {"os": "b"}), id="with the matrix itself"),
        pytest.param("${{ toJSON(matrix) }}", ROWS, id="the whole matrix"),
        pytest.param("${{ matrix['os'] }}", ROWS, id="another spelling"),
    ],
)
def test_only_the_keys_that_a_text_uses_make_a_difference(text: str, expected) -> None:
    """A job of a hundred combinations is mostly the same a hundred times."""
    assert projected(ROWS, text) == expected
