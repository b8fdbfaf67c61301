"""What the environment of a CI job says of the source repository."""

from __future__ import annotations

import json

import pytest

from preflight.facts.fact import Known
from preflight.facts.online import Visibility
from preflight.readers.environment import visibility


@pytest.fixture
def event(tmp_path):
    """Return a function that makes the environment of a job of GitHub Actions with an event."""

    def make(payload):
        path = tmp_path / "event.json"
        path.write_text(payload if isinstance(payload, str) else json.dumps(payload), encoding="utf-8")
        return {"GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "Acme/widgets", "GITHUB_EVENT_PATH": str(path)}

    return make


def about(**said):
    """Return the payload of an event of the repository."""
    return {"repository": {"full_name": "Acme/widgets", **said}}


@pytest.mark.parametrize(
    ("payload", "found"),
    [
        pytest.param(about(visibility="public", private=False), Visibility.PUBLIC, id="public"),
        pytest.param(about(visibility="internal", private=True), Visibility.INTERNAL, id="internal"),
        pytest.param(about(private=True), Visibility.PRIVATE, id="an old payload of a private one"),
        pytest.param(about(private=False), Visibility.PUBLIC, id="an old payload of a public one"),
        pytest.param({"repository": {"private": True}}, Visibility.PRIVATE, id="a payload that names none"),
    ],
)
def test_the_event_says_who_may_see_the_source(event, payload, found):
    """GitHub knows it best."""
    assert visibility(event(payload)) == Known(found)


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param({"repository": {"full_name": "other/fork", "private": True}}, id="of another repository"),
        pytest.param(about(), id="silent"),
        pytest.param(about(private="yes", visibility=["public"]), id="of another shape"),
        pytest.param({"repository": []}, id="a list"),
        pytest.param([], id="no object"),
        pytest.param("{", id="no JSON"),
        pytest.param("", id="empty"),
    ],
)
def test_an_event_that_does_not_say_is_no_answer(event, payload):
    """A guess here would refuse a good release."""
    assert visibility(event(payload)) is None


@pytest.mark.parametrize("path", ["", "event.json", "/nowhere/event.json", "/dev/zero", "/", "\0"])
def test_an_event_that_is_not_there_is_no_answer(path):
    """Outside of a runner the variable may name anything."""
    environment = {"GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "Acme/widgets", "GITHUB_EVENT_PATH": path}

    assert visibility(environment) is None


@pytest.mark.parametrize(
    ("environment", "found"),
    [
        pytest.param({"GITLAB_CI": "true", "CI_PROJECT_VISIBILITY": "private"}, Known(Visibility.PRIVATE), id="gitlab"),
        pytest.param({"GITLAB_CI": "true"}, None, id="gitlab without the variable"),
        pytest.param({"CI_PROJECT_VISIBILITY": "private"}, None, id="another system"),
        pytest.param({}, None, id="a laptop"),
    ],
)
def test_variables_say_who_may_see_the_source(environment, found):
    """GitLab says it in a variable of every job."""
    assert visibility(environment) == found
