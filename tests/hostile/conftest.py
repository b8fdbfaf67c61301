"""A project that every test spoils in its own way, and the real command line in a process with limits."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import pytest

TOP = Path(__file__).parents[2]
EXAMPLE = TOP / "examples" / "project"
SECONDS = 60
"""Generous: what has no end takes longer on any machine, and what has one never does."""
MEMORY = 1 << 30
FOREIGN = ("PREFLIGHT_", "GITHUB_", "GITLAB_", "CI", "TF_BUILD", "NO_COLOR", "FORCE_COLOR", "CLICOLOR", "GIT_", "npm_")
START = "import sys; sys.path[0] = {top!r}; from preflight.cli.main import main; sys.exit(main())"
LIMITED = "import resource; resource.setrlimit(resource.RLIMIT_AS, ({memory}, {memory})); "


class Ended(NamedTuple):
    """How a run ended, and all that it said."""

    code: int
    out: str
    err: str

    @property
    def said(self):
        """Both streams, as a CI log holds them."""
        return f"{self.out}\n{self.err}"


def copied(folder):
    """Return the top of a project below a folder: a pipeline that publishes, in a plain git repository."""
    root = folder / "project"
    shutil.copytree(EXAMPLE, root)
    git = root / ".git"
    git.mkdir()
    (git / "HEAD").write_text("ref: refs/heads/main\n", encoding="utf-8")
    (git / "config").write_text('[remote "origin"]\n\turl = https://github.com/Acme/widgets.git\n', encoding="utf-8")
    return root


def written(root, files):
    """Write files into a project, from text or bytes."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))


def started(folder, *words, program=None, cwd=None, **environment):
    """Run a command line in a folder, with limits of time and memory."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    # The limit is set by the child itself: a function between fork and exec is not safe beside threads.
    limit = LIMITED.format(memory=MEMORY) if sys.platform == "linux" else ""
    command = program or [sys.executable, "-c", limit + START.format(top=str(TOP))]
    done = subprocess.run(
        [*command, *words],
        cwd=cwd or folder,
        env={**kept, "PYTHONIOENCODING": "utf-8:surrogateescape", **environment},
        capture_output=True,
        check=False,
        timeout=SECONDS,
    )
    streams = (stream.decode("utf-8", "surrogateescape") for stream in (done.stdout, done.stderr))
    return Ended(done.returncode, *streams)


@pytest.fixture(scope="session")
def bench():
    """Return the three functions above, for what is run once for many tests."""
    return SimpleNamespace(copied=copied, written=written, started=started)


@pytest.fixture
def project(tmp_path):
    """Return the top of a project of the test's own."""
    return copied(tmp_path)


@pytest.fixture
def put(project):
    """Return a function that writes files into the project."""
    return partial(written, project)


@pytest.fixture
def run(project):
    """Return a function that runs a command line in the project."""
    return partial(started, project)


@pytest.fixture
def check(run):
    """Return a function that runs `check`; a bug, a traceback or an end by a signal fails the test."""

    def start(*words, **options):
        ended = run("check", *words, **options)
        assert ended.code in {0, 1, 2, 3}, ended.err[-2000:]
        assert "Traceback" not in ended.said
        return ended

    return start
