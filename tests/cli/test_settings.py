"""What the command line, the environment and the configuration say together."""

from __future__ import annotations

import pytest

from preflight.cli.settings import Color, Format, Given, raw, resolve, switched
from preflight.config import Config, FailOn, parse
from preflight.errors import UsageError

SAID = parse('fail-on = "note"\nstrict = true\nselect = ["core"]\nextend-select = ["a"]\nrepository = "acme/widgets"')


def _settled(options=None, environment=None, config=None):
    return resolve(Given("check", (), options or {}), environment or {}, config or Config())


@pytest.mark.parametrize(
    ("options", "environment", "config", "fail_on", "origin"),
    [
        ({}, {}, Config(), FailOn.ERROR, "default"),
        ({}, {}, SAID, FailOn.NOTE, "preflight.toml"),
        ({}, {"PREFLIGHT_FAIL_ON": "warning"}, SAID, FailOn.WARNING, "PREFLIGHT_FAIL_ON in the environment"),
        ({"fail-on": ("never",)}, {"PREFLIGHT_FAIL_ON": "warning"}, SAID, FailOn.NEVER, "command line"),
        ({"fail-on": ("note", "never")}, {}, SAID, FailOn.NEVER, "command line"),
    ],
    ids=["default", "file", "environment", "flag", "the last flag"],
)
def test_the_nearest_word_counts(options, environment, config, fail_on, origin):
    """Flag before environment before file before default."""
    found = _settled(options, environment, config)

    assert (found.fail_on, found.shown["fail-on"].origin) == (fail_on, origin)


def test_a_whole_configuration_counts():
    """Every key of the file has its setting."""
    found = _settled(config=SAID)

    assert (found.strict, found.select, found.extend_select, found.repository) == (True, ("core",), ("a",), None)


def test_every_option_has_a_variable():
    """CI systems set variables more easily than flags."""
    found = _settled(
        environment={
            "PREFLIGHT_SELECT": "a, b",
            "PREFLIGHT_FORMAT": "json",
            "PREFLIGHT_NO_IGNORES": "yes",
            "PREFLIGHT_VERBOSE": "2",
            "PREFLIGHT_QUIET": "true",
            "PREFLIGHT_OUTPUT": "json=a.json",
            "PREFLIGHT_REPOSITORY": "acme/widgets",
            "PREFLIGHT_COLOR": "",
        }
    )

    assert (found.select, found.format, found.ignores, found.verbose, found.quiet, found.outputs, found.color) == (
        ("a", "b"),
        Format.JSON,
        False,
        2,
        1,
        ((Format.JSON, "a.json"),),
        Color.AUTO,
    )
    assert found.repository == "acme/widgets"


def test_commas_are_split_in_lists_only():
    """A file's name may hold one."""
    found = _settled({"ignore": ("a,b", "c"), "output": ("json=a,b.json",)})

    assert (found.ignore, found.outputs) == (("a", "b", "c"), ((Format.JSON, "a,b.json"),))


@pytest.mark.parametrize(
    ("options", "environment", "message", "hint"),
    [
        (
            {"format": ("jsn",)},
            {},
            "--format must be one of full, concise, json, github, markdown, not `jsn`",
            "did you mean `json`?",
        ),
        ({"output": ("json",)}, {}, "`-o json` must have the form FORMAT=FILE", "for example `-o json=preflight.json`"),
        (
            {"output": ("jsn=a",)},
            {},
            "the format in `-o` must be one of full, concise, json, github, markdown, not `jsn`",
            "did you mean `json`?",
        ),
        ({}, {"PREFLIGHT_STRICT": "maybe"}, "`strict` must be true or false, not `maybe`", None),
    ],
    ids=["a word", "no file", "a format", "a flag"],
)
def test_a_wrong_word_is_refused(options, environment, message, hint):
    """With the words that there are."""
    with pytest.raises(UsageError) as caught:
        _settled(options, environment)

    assert (str(caught.value), caught.value.hint) == (message, hint)


def test_an_option_can_be_asked_before_the_configuration():
    """`--config` decides which configuration is read."""
    given = Given("check", (), {"config": ("a", "b")})

    assert (raw(given, {}, "config"), raw(given, {}, "color"), raw(given, {}, "no such")) == ("b", None, None)


def test_a_flag_can_be_asked_before_the_configuration():
    """As above."""
    assert switched(Given("check"), {"PREFLIGHT_NO_CONFIG": "1"}, "no-config")
