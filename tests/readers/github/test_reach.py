"""Whether a stranger can make a condition true."""

from __future__ import annotations

import pytest

from preflight.facts.fact import Known, Unknown
from preflight.readers.github.contexts import RUN_TIME, Context, Names
from preflight.readers.github.reach import least, most, reach

PULL = Names({"merged": Known(value=False), "user": Names({"login": Known("somebody")}, RUN_TIME)}, RUN_TIME)
GITHUB = Names(
    {
        "event_name": Known("pull_request_target"),
        "actor": Known("somebody"),
        "event": Names({"pull_request": PULL}, RUN_TIME),
    },
    RUN_TIME,
)
SCENE = Context({"github": GITHUB})
MAYBE = Unknown("nobody knows")


def told(answer):
    """Return an answer without its reason."""
    return None if isinstance(answer, Unknown) else answer


@pytest.mark.parametrize(
    ("condition", "answer"),
    [
        pytest.param("", True, id="nothing asked"),
        pytest.param("true", True, id="true"),
        pytest.param("${{ false }}", False, id="false in braces"),
        pytest.param("github.event_name == 'push'", False, id="another event"),
        pytest.param("github.event.pull_request.merged", False, id="only people with write access merge"),
        pytest.param("!github.event.pull_request.merged", True, id="not merged"),
        pytest.param("contains(github.event.pull_request.title, 'go')", True, id="the author writes the title"),
        pytest.param("github.head_ref != 'main'", True, id="the author names the branch"),
        pytest.param("contains(github.event.pull_request.labels.*.name, 'go')", None, id="a label"),
        pytest.param("github.event.label.name == 'go'", None, id="the label that was set"),
        pytest.param("vars.OPEN == 'yes'", None, id="a variable"),
        pytest.param("vars.OPEN == 'yes' && github.event_name == 'push'", False, id="a variable, of another event"),
        pytest.param("vars.OPEN == 'yes' || github.actor != 'x'", True, id="one side is enough"),
        pytest.param("!(vars.OPEN == 'yes')", None, id="not a variable"),
        pytest.param("always()", True, id="always"),
        pytest.param("!always()", False, id="never"),
        pytest.param("success() && github.actor == 'somebody'", True, id="success"),
        pytest.param("failure()", None, id="after a failure"),
        pytest.param("!cancelled()", True, id="unless cancelled"),
        pytest.param("github.actor == 'dependabot[bot]'", None, id="a bot that others can set to work"),
        pytest.param("github.actor != 'dependabot[bot]'", True, id="anyone but a bot"),
        pytest.param("github.event.pull_request.user.login == 'renovate[bot]'", False, id="an author is no actor"),
        pytest.param("github.event.pull_request[vars.KEY]", None, id="a part that a variable names"),
        pytest.param("${{ github.event_name }} == 'push'", True, id="a text around the braces"),
        pytest.param("${{ vars.A }}${{ vars.B }}", None, id="two expressions"),
        pytest.param("github.", None, id="no expression"),
    ],
)
def test_a_stranger_can_make_it_true_or_not(condition, answer):
    """A guard that lets strangers through is none; one that cannot be worked out must not be called one."""
    found = reach(condition, SCENE, free=True)

    assert told(found) is answer


def test_what_a_writer_writes_is_not_assumed():
    """What is free to a stranger in his own pull request says nothing of a push."""
    found = reach("contains(github.event.head_commit.message, 'go')", SCENE, free=False)

    assert told(found) is None


@pytest.mark.parametrize(
    ("answers", "all_of", "one_of"),
    [
        pytest.param((), True, False, id="none"),
        pytest.param((True, False), False, True, id="either"),
        pytest.param((MAYBE, True), MAYBE, True, id="maybe and yes"),
        pytest.param((MAYBE, False), False, MAYBE, id="maybe and no"),
        pytest.param((MAYBE, Unknown("other")), MAYBE, MAYBE, id="the first reason is told"),
    ],
)
def test_answers_are_put_together(answers, all_of, one_of):
    """One surely closed door is enough to keep people out, and one open one to let them in."""
    assert (least(answers), most(answers)) == (all_of, one_of)
