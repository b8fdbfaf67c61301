"""The trusted publisher that the settings declare."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from preflight.cli.main import main

TOP = Path(__file__).parents[2]
RULE = "--select=trusted-publisher-mismatch"
LISTED = '{"type": "github", "file": "publish.yml", "repository": "acme/widgets", "permissions": ["createPackage"]}'


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Return a project that publishes from `release.yml`, with a clean environment."""
    for name in ("GITHUB_REPOSITORY", "CI_PROJECT_PATH", "PREFLIGHT_TRUST_LIST"):
        monkeypatch.delenv(name, raising=False)
    shutil.copytree(TOP / "tests" / "rules" / "base" / "github", tmp_path / "project")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def verdict(capsys, *words):
    """Run a check of the rule and return its exit code and its verdict."""
    code = main(["check", "project", RULE, "--repository=acme/widgets", "--format=json", *words])
    document = json.loads(capsys.readouterr().out)
    return code, next(rule["verdict"] for rule in document["results"] if rule["rule"] == "trusted-publisher-mismatch")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param('[expect]\nworkflow = "publish.yml"\n', (1, "failed"), id="another file"),
        pytest.param('[expect]\nworkflow = "release.yml"\n', (0, "passed"), id="the file"),
        pytest.param('[expect]\nmode = "stage"\n', (1, "failed"), id="staging"),
        pytest.param('[expect]\nmode = "publish"\n', (0, "passed"), id="publishing"),
        pytest.param('[expect]\nworkflow = "publish.yml"\npublisher = "provenance"\n', (0, "skipped"), id="a token"),
        pytest.param('[expect]\npublisher = "trusted"\n', (0, "skipped"), id="nothing to compare"),
        pytest.param("", (0, "skipped"), id="nothing"),
    ],
)
def test_a_configuration_declares_it(folder, capsys, text, expected) -> None:
    """What a release must be is said once, and held against every job."""
    (folder / "project" / "preflight.toml").write_text(text)

    found = verdict(capsys)

    assert found == expected


def test_a_list_of_the_configuration_lies_in_the_project(folder, capsys) -> None:
    """The configuration belongs to the repository, wherever preflight is started."""
    (folder / "project" / "preflight.toml").write_text('[expect]\ntrust-list = "trust.json"\n')
    (folder / "project" / "trust.json").write_text(LISTED)

    found = verdict(capsys)

    assert found == (1, "failed")


def test_a_list_of_the_command_line_lies_here(folder, capsys) -> None:
    """What a user types is seen from where the user is."""
    (folder / "trust.json").write_text(LISTED.replace("publish.yml", "release.yml"))

    found = verdict(capsys, "--trust-list=trust.json")

    assert found == (0, "passed")


@pytest.mark.usefixtures("folder")
def test_a_list_that_is_not_there_is_a_mistake_of_the_user(capsys) -> None:
    """A check without the list would look as if the list were in order."""
    code = main(["check", "project", "--trust-list", "trust.json"])

    assert (code, "trust.json cannot be read" in capsys.readouterr().err) == (2, True)
