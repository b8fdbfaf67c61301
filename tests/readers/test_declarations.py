"""Trusted publishers as somebody declares them."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from preflight.errors import ConfigError
from preflight.facts.ci import System
from preflight.readers.declarations import expected, listed
from preflight.source.text import Source

PRINTED = """
{
  "id": "1",
  "type": "github",
  "file": "release.yml",
  "repository": "acme/widgets",
  "environment": "npm",
  "permissions": [
    "createPackage"
  ]
}

{
  "id": "2",
  "type": "gitlab",
  "file": ".gitlab-ci.yml",
  "project": "acme/sub/widgets",
  "permissions": [
    "createStagedPackage",
    "createPackage"
  ]
}

{
  "id": "3",
  "type": "circleci",
  "orgId": "2f"
}

"""
CLAIMS = (
    '[{"type": "github", "claims": {"repository": "a/b", "workflow_ref": {"file": "r.yml"}}, "permissions": ["new"]}]'
)


@pytest.fixture
def saved(tmp_path):
    """Return a function that saves a list and reads it."""

    def read(text: str):
        place = tmp_path / "trust.json"
        place.write_text(text, encoding="utf-8")
        return listed(str(place))

    return read


def test_what_npm_prints_is_read(saved) -> None:
    """One object after the other is no JSON as a whole."""
    found = saved(PRINTED)

    assert [(each.system, each.repository, each.file, each.environment, each.none, each.publish) for each in found] == [
        (System.GITHUB, "acme/widgets", "release.yml", "npm", False, True),
        (System.GITLAB, "acme/sub/widgets", ".gitlab-ci.yml", None, True, True),
        (System.CIRCLECI, None, None, None, False, None),
    ]


def test_each_publisher_has_its_line(saved) -> None:
    """Of ten, the one that is meant must be found again."""
    found = saved(PRINTED)

    assert [each.at.line for each in found] == [2, 13, 24]


def test_the_registrys_own_answer_is_read(saved) -> None:
    """Permissions of a later npm say nothing here, rather than no."""
    (found,) = saved(CLAIMS)

    assert (found.repository, found.file, found.publish, found.stage) == ("a/b", "r.yml", None, None)


def test_a_list_by_package_is_read(saved) -> None:
    """A monorepo has one list for each package."""
    found = saved('{"@acme/a": [{"type": "github", "file": "a.yml"}], "@acme/b": [], "@acme/c": {"file": "c.yml"}}')

    assert [(each.packages, each.file) for each in found] == [(("@acme/a",), "a.yml"), (("@acme/c",), "c.yml")]


@pytest.mark.parametrize("text", ["", "\n", "[]", "{}"])
def test_an_empty_list_holds_nothing(saved, text: str) -> None:
    """For a package without a trusted publisher, npm prints nothing."""
    found = saved(text)

    assert found == ()


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("[1]", id="numbers"),
        pytest.param("null", id="nothing of the kind"),
        pytest.param('{"a": {"b": {"c": 1}}}', id="something else"),
        pytest.param("npm error code E401", id="an error of npm"),
        pytest.param('{\n"type": "github"\n}\n{\n"type": \n}\n', id="broken in the middle"),
        pytest.param("[" * 300, id="too deep"),
        pytest.param("[" + '{"type": "github"},' * 1001 + '{"type": "github"}]', id="too many"),
    ],
)
def test_what_is_no_list_is_refused_with_words(saved, text: str) -> None:
    """A file that is misread would pass every job."""
    with pytest.raises(ConfigError, match=r"trust\.json") as caught:
        saved(text)

    assert "npm trust list" in caught.value.hint


@pytest.mark.parametrize("path", ["gone.json", "gone/trust.json", "."])
def test_a_file_that_cannot_be_read_is_refused(tmp_path, path: str) -> None:
    """The name on the command line was a mistake, which is no finding."""
    with pytest.raises(ConfigError, match="cannot be read"):
        listed(str(tmp_path / path))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('{"type": 7, "file": ["a"], "permissions": {"a": 1}}', id="types"),
        pytest.param('{"claims": [], "environment": {}}', id="claims"),
        pytest.param('{"type": "github", "claims": {"workflow_ref": 3}, "permissions": [null]}', id="deeper"),
    ],
)
def test_values_of_wrong_types_say_nothing(saved, text: str) -> None:
    """The file may come from anywhere."""
    (found,) = saved(text)

    assert (found.file, found.repository, found.environment, found.publish) == (None, None, None, None)


@pytest.mark.parametrize(
    ("repository", "expected_slug"),
    [
        pytest.param("acme/widgets", "acme/widgets", id="owner and name"),
        pytest.param("https://github.com/acme/widgets", "acme/widgets", id="an address"),
        pytest.param("git+https://gitlab.com/acme/sub/widgets.git", "acme/sub/widgets", id="as npm writes it"),
    ],
)
def test_an_expected_repository_may_be_an_address(repository: str, expected_slug: str) -> None:
    """The configuration takes both, and the trusted publisher is one of them."""
    found = expected(None, repository=repository)

    assert found.repository == expected_slug


def test_an_expectation_stands_where_its_section_begins() -> None:
    """The finding leads to the line that declares it."""
    source = Source(PurePosixPath("preflight.toml"), 'strict = true\n\n[expect]\nworkflow = "release.yml"\n')

    found = expected(source, workflow="release.yml", staged=True)

    assert (found.at.line, found.publish, found.stage) == (3, False, True)


def test_an_expectation_without_a_section_stands_at_the_top() -> None:
    """TOML has other ways to write a table."""
    source = Source(PurePosixPath("preflight.toml"), '"expect" = {workflow = "release.yml"}\n')

    found = expected(source, workflow="release.yml")

    assert found.at.line == 1


def test_nothing_expected_is_no_declaration() -> None:
    """Without a declaration the rule has nothing to say."""
    found = expected(Source(PurePosixPath("preflight.toml"), ""))

    assert found is None
