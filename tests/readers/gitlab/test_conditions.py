"""What the `if` of a rule comes to."""

from __future__ import annotations

import pytest

from preflight.readers.gitlab.conditions import Held, holds, readable, variables

HELD = {
    "NONE": Held.NOTHING,
    "SOME": Held.SOMETHING,
    "ANY": Held.ANY,
    "TAG": Held.TAG,
    "BRANCH": Held.BRANCH,
    "SOURCE": "push",
    "EMPTY": "",
}


@pytest.mark.parametrize(
    ("condition", "met"),
    [
        pytest.param("$SOME", True, id="something"),
        pytest.param("$NONE", False, id="nothing"),
        pytest.param("$EMPTY", False, id="an empty text"),
        pytest.param("$ANY", None, id="nobody knows"),
        pytest.param("${SOME}", True, id="braces"),
        pytest.param("$SOURCE == 'push'", True, id="the same text"),
        pytest.param('"push" == $SOURCE', True, id="the other way round"),
        pytest.param('$SOURCE != "push"', False, id="not the same"),
        pytest.param("$SOURCE == 'web'", False, id="another text"),
        pytest.param("$SOME == 'x'", None, id="a text that may be the same"),
        pytest.param('$SOME == ""', False, id="something is not empty"),
        pytest.param("$SOME == null", False, id="something is not nothing"),
        pytest.param("$NONE == null", True, id="nothing is null"),
        pytest.param('$NONE == ""', False, id="nothing is no empty text"),
        pytest.param("$ANY == null", None, id="null or not"),
        pytest.param("$TAG == 'main'", False, id="a tag is not called main"),
        pytest.param("$TAG == 'v1.0'", None, id="a tag may be a version"),
        pytest.param("$TAG == $BRANCH", False, id="a tag is no branch"),
        pytest.param("$BRANCH == 'main'", None, id="a branch may be main"),
        pytest.param("$SOURCE =~ /^(push|web)$/", True, id="one of some words"),
        pytest.param("$SOURCE =~ /^(api|web)$/", False, id="none of some words"),
        pytest.param("$SOURCE =~ /^push$/", True, id="one word"),
        pytest.param("$SOURCE =~ /^push|web$/", None, id="an anchor that holds one alternative only"),
        pytest.param("$SOURCE =~ /pu/", None, id="a pattern is not run"),
        pytest.param("$TAG =~ /^v[0-9]+/", None, id="a pattern for a tag"),
        pytest.param("$TAG =~ /.*/", True, id="any tag"),
        pytest.param("$ANY =~ /.*/", None, id="anything or nothing"),
        pytest.param("$NONE =~ /.*/", False, id="nothing matches no pattern"),
        pytest.param("$NONE !~ /^v/", True, id="nothing does not match"),
        pytest.param("$SOME =~ $ANY", None, id="a pattern in a variable"),
        pytest.param("$SOME && $NONE", False, id="and"),
        pytest.param("$ANY && $NONE", False, id="and, decided by one"),
        pytest.param("$ANY && $SOME", None, id="and, undecided"),
        pytest.param("$ANY || $SOME", True, id="or, decided by one"),
        pytest.param("$NONE || $ANY", None, id="or, undecided"),
        pytest.param("$NONE || $EMPTY", False, id="or"),
        pytest.param("$SOME || $NONE && $NONE", True, id="and binds closer"),
        pytest.param("($SOME || $NONE) && $NONE", False, id="parentheses"),
        pytest.param("!$NONE", True, id="not"),
        pytest.param("!!$SOME", True, id="not not"),
        pytest.param("!($SOME && $SOME)", False, id="not of a group"),
        pytest.param("!$ANY", None, id="not of what nobody knows"),
        pytest.param("!$SOME == 'false'", None, id="a comparison with not is left alone"),
        pytest.param("$SOME ==", None, id="it breaks off"),
        pytest.param("($SOME", None, id="it is not closed"),
        pytest.param("$SOME $SOME", None, id="two in a row"),
        pytest.param("$SOME = 'x'", None, id="no operator of GitLab"),
        pytest.param("", None, id="nothing at all"),
        pytest.param("$SOME == bare", None, id="a bare word"),
        pytest.param("(" * 100 + "$SOME" + ")" * 100, None, id="too deep"),
        pytest.param("$SOME" + " && $SOME" * 2_000, None, id="too long"),
    ],
)
def test_a_condition_comes_to(condition, met):
    """Whether a job runs for an event is this and nothing else."""
    assert holds(condition, lambda name: HELD[name]) is met


def test_a_condition_names_its_variables():
    """A variable of one's own decides, and the finding names it."""
    assert variables("$A == ${B} && $A") == ("A", "B")


@pytest.mark.parametrize(
    ("condition", "can"),
    [pytest.param("$A == null", True, id="a condition"), pytest.param("$[[ inputs.x ]]", False, id="a hole")],
)
def test_what_is_no_condition_is_told_apart(condition, can):
    """It may come to anything."""
    assert readable(condition) is can
