"""The pipelines in `examples/workflows`: whoever copies one must be able to tag."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from preflight.cli.main import main
from preflight.errors import Exit

WORKFLOWS = Path(__file__).parents[1] / "examples" / "workflows"
PIPELINES = sorted(WORKFLOWS.glob("*.yml"))
ZIZMOR = shutil.which("zizmor", path=os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", ""))))


def manifest(name, host="github.com", **more):
    """Return the package.json of a package that is to be published from acme/widgets."""
    said = {"name": name, "version": "1.0.0", "repository": f"git+https://{host}/acme/widgets.git"}
    return json.dumps({**said, **more}) + "\n"


def members(*names):
    """Return the package.json of each package of a workspace, by path."""
    return {
        f"packages/{name}/package.json": manifest(
            f"@acme/{name}",
            repository={
                "type": "git",
                "url": "git+https://github.com/acme/widgets.git",
                "directory": f"packages/{name}",
            },
        )
        for name in names
    }


LOCK = {"package-lock.json": '{"name": "widgets", "version": "1.0.0", "lockfileVersion": 3, "packages": {}}\n'}
PROJECTS = {
    "npm.yml": {"package.json": manifest("widgets"), **LOCK},
    "npm-stage.yml": {"package.json": manifest("@acme/widgets"), **LOCK},
    "npm-workspaces.yml": {
        "package.json": manifest("widgets", private=True, workspaces=["packages/*"]),
        **members("core", "cli"),
        **LOCK,
    },
    "pnpm-changesets.yml": {
        "package.json": manifest(
            "widgets",
            private=True,
            packageManager="pnpm@11.9.0",
            devDependencies={"@changesets/cli": "^2.31.0"},
        ),
        "pnpm-workspace.yaml": "packages:\n  - packages/*\n",
        "pnpm-lock.yaml": "lockfileVersion: '9.0'\n",
        ".changeset/config.json": '{"access": "public", "baseBranch": "main"}\n',
        **members("core", "cli"),
    },
    "gitlab-ci.yml": {"package.json": manifest("widgets", "gitlab.com"), **LOCK},
}
"""For each pipeline a project that it suits."""


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    """Keep the CI system out that the tests themselves run in."""
    for name in list(os.environ):
        if name.startswith(("PREFLIGHT_", "GITHUB_", "GITLAB_", "CI", "TF_BUILD")):
            monkeypatch.delenv(name)


def laid(folder, pipeline):
    """Write the project that suits a pipeline, and the pipeline where its CI system looks for it."""
    gitlab = pipeline.name == "gitlab-ci.yml"
    files = {
        ".git/HEAD": "ref: refs/heads/main\n",
        ".git/config": f'[remote "origin"]\n\turl = https://{"gitlab" if gitlab else "github"}.com/acme/widgets\n',
        ".gitlab-ci.yml" if gitlab else f".github/workflows/{pipeline.name}": pipeline.read_text("utf-8"),
        **PROJECTS[pipeline.name],
    }
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8", newline="")
    return folder


def asked(capsys, *words):
    """Run a command line and return its exit code and the JSON that it printed."""
    code = main([*words, "--format", "json", "--no-config"])
    return code, json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("pipeline", PIPELINES, ids=lambda path: path.stem)
def test_a_pipeline_to_copy_passes_every_rule(pipeline, tmp_path, capsys):
    """Advice that preflight itself objects to would be worth nothing, be it only a note or an open question."""
    folder = laid(tmp_path, pipeline)

    code, document = asked(capsys, "check", str(folder), "--strict", "--fail-on", "note")

    found = [finding["message"] for result in document["results"] for finding in result["findings"]]
    assert (code, found) == (Exit.PASSED, [])


@pytest.mark.parametrize("pipeline", PIPELINES, ids=lambda path: path.stem)
def test_a_pipeline_to_copy_publishes_with_provenance(pipeline, tmp_path, capsys):
    """A pipeline in which no publish site is seen would pass every rule as well."""
    folder = laid(tmp_path, pipeline)

    _, document = asked(capsys, "plan", str(folder))

    sites = document["publishSites"]
    assert [(site["provenance"]["on"], site["credential"], bool(site["packages"])) for site in sites] == [
        (True, "oidc", True)
    ]


@pytest.mark.parametrize("pipeline", PIPELINES, ids=lambda path: path.stem)
def test_a_pipeline_to_copy_passes_zizmor(pipeline, tmp_path):
    """A workflow that another linter refuses will not be copied."""
    if pipeline.name == "gitlab-ci.yml":
        pytest.skip("zizmor reads no GitLab pipelines")
    if ZIZMOR is None:
        pytest.skip("zizmor is not installed")
    folder = laid(tmp_path, pipeline)

    done = subprocess.run(
        [ZIZMOR, "--offline", "--no-progress", "--no-config", "--color=never", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout


def test_every_pipeline_has_a_project_that_suits_it():
    """A pipeline nobody tries is a guess."""
    assert {path.name for path in PIPELINES} == PROJECTS.keys()
