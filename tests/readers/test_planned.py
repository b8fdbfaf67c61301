"""Plans, held against what came."""

from __future__ import annotations

import json

import pytest

from preflight.errors import UsageError
from preflight.facts.release import Build, Identity, Sound, Statement
from preflight.readers import planned
from preflight.readers.planned import Plan

HOME = "https://github.com/acme/widgets"
PREDICTION = {
    "package": "widgets",
    "buildType": "workflow/v1",
    "workflow": {"path": ".github/workflows/release.yml", "repository": HOME, "ref": None},
    "commit": None,
    "builder": "https://github.com/actions/runner/github-hosted",
    "trigger": "push",
}
SOUND = Sound(
    Statement("slsa", (), build=Build("workflow/v1", HOME, builder="https://github.com/actions/runner/github-hosted")),
    Identity(
        source_repository=HOME,
        source_commit="c",
        source_ref="refs/tags/v1",
        workflow=f"{HOME}/.github/workflows/release.yml@refs/tags/v1",
        trigger="push",
    ),
    0,
)


def test_every_field_is_confirmed_or_cannot_be_foretold():
    """What the plan leaves open is no promise."""
    found = Plan((PREDICTION,)).promises("widgets", SOUND)

    told = {each.field: (each.predicted == each.attested, each.broken) for each in found}
    open_, kept = (False, False), (True, False)
    fields = ["buildType", "workflow.repository", "workflow.path", "workflow.ref", "commit", "builder", "trigger"]
    assert told == dict(zip(fields, [kept, kept, kept, open_, open_, kept, kept], strict=True))


def test_of_several_predictions_the_one_that_fits_counts():
    """Two jobs may publish a package, and only one of them did."""
    other = {**PREDICTION, "trigger": "workflow_dispatch", "workflow": {"path": ".github/workflows/hand.yml"}}

    found = Plan((other, PREDICTION)).promises("widgets", SOUND)

    assert not [each.field for each in found if each.broken]


def test_a_field_that_came_otherwise_is_broken():
    """The plan was reviewed, and something else was published."""
    found = Plan(({**PREDICTION, "trigger": "release"},)).promises("widgets", SOUND)

    assert [each.field for each in found if each.broken] == ["trigger"]


@pytest.mark.parametrize(
    "prediction",
    [
        pytest.param(None, id="none"),
        pytest.param("x", id="a word"),
        pytest.param({"package": "widgets", "workflow": 7, "trigger": []}, id="of other types"),
    ],
)
def test_an_odd_prediction_breaks_nothing(prediction):
    """A plan is a file like any other."""
    found = Plan((prediction,)).promises("widgets", SOUND)

    assert not [each for each in found if each.broken]


def test_what_preflight_plan_writes_is_read(tmp_path):
    """Both ends are ours, and may be of different days."""
    path = tmp_path / "plan.json"
    path.write_text(json.dumps({"schemaVersion": 1, "command": "plan", "predictedProvenance": [PREDICTION]}))

    assert planned.read(path) == Plan((PREDICTION,))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param("{", "it is no JSON", id="no JSON"),
        pytest.param('{"command": "check"}', "is no plan", id="another document"),
        pytest.param("[]", "is no plan", id="a list"),
    ],
)
def test_what_is_no_plan_is_refused(tmp_path, text, why):
    """Without promises everything would be kept."""
    path = tmp_path / "plan.json"
    path.write_text(text)

    with pytest.raises(UsageError, match=why):
        planned.read(path)
