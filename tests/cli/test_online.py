"""`--online` on the command line, from the option to the report."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
START = f"import sys; sys.path[0] = {str(TOP)!r}; from preflight.cli.main import main; sys.exit(main())"


@pytest.fixture
def run(tmp_path):
    """Return a function that runs a command line over a project that publishes, on a machine without a network."""
    shutil.copytree(TOP / "examples" / "project", tmp_path / "project")
    (tmp_path / "project" / ".git").mkdir()
    (tmp_path / "project" / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    (tmp_path / "project" / ".git" / "config").write_text(
        '[remote "origin"]\n\turl = https://github.com/Acme/widgets\n'
    )
    tools = tmp_path / "tools"
    tools.mkdir()
    git = tools / "git"
    git.write_text("#!/bin/sh\necho 'fatal: Could not resolve host: github.com' >&2\nexit 128\n")
    git.chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GIT", "CI", "PREFLIGHT"))}

    def start(*words):
        return subprocess.run(
            [sys.executable, "-c", START, *words, "--color=never"],
            cwd=tmp_path / "project",
            env={**kept, "PATH": f"{tools}{os.pathsep}{kept['PATH']}"},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    return start


@pytest.fixture
def nobody():
    """Return the address of a registry that is not there."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return f"http://127.0.0.1:{taken.getsockname()[1]}/"


def test_without_a_network_a_check_still_ends_in_time(run, nobody):
    """On a train, `--online` in a hook must not stop the work."""
    start = time.monotonic()

    done = run("check", "--online", "--registry", nobody)

    assert (done.returncode in {0, 1}, time.monotonic() - start < 15) == (True, True), done.stderr


def test_the_report_says_who_was_asked(run, nobody):
    """A tool that talks to servers says so."""
    host = nobody.removeprefix("http://").rstrip("/")

    done = run("check", "--online", "--registry", nobody)

    said = " ".join(done.stdout.split())
    assert f"asked {host} about 1 package, without an answer: {host} cannot be reached" in said


@pytest.mark.parametrize("words", [("--format=concise",), ("--format=markdown",)])
def test_every_format_for_people_says_it(run, nobody, words):
    """Whichever of them is read."""
    assert "asked" in run("check", "--online", "--registry", nobody, *words).stdout


def test_the_plan_says_it_too(run, nobody):
    """It shows what the registry knows."""
    assert "asked" in run("plan", "--online", "--registry", nobody).stdout


@pytest.mark.parametrize("command", ["check", "plan"])
def test_the_document_says_who_was_asked(run, nobody, command):
    """A program must know whether an answer rests on files alone."""
    document = json.loads(run(command, "--online", "--registry", nobody, "--format=json").stdout)

    assert (document["online"], {each["about"] for each in document["asked"]} >= {"1 package", "Acme/widgets"}) == (
        True,
        True,
    )


def test_offline_nobody_is_asked(run):
    """That is the promise of a plain check."""
    document = json.loads(run("check", "--format=json").stdout)

    assert (document["online"], document["asked"]) == (False, [])


def test_what_nobody_answers_is_unsure(run, nobody):
    """A gate that must know ends with 3, not with 0."""
    done = run("check", "--online", "--registry", nobody, "--strict", "--select=trust-downgrade")

    assert (done.returncode, "cannot tell" in done.stdout) == (3, True), done.stdout


def test_a_registry_in_the_clear_is_refused(run):
    """Nobody must be able to answer in its place."""
    done = run("check", "--online", "--registry", "http://npm.example.com/")

    assert (done.returncode, "https" in done.stderr) == (2, True)
