"""Small configurations of CircleCI, written to a folder and read with the project around them."""

from __future__ import annotations

from textwrap import dedent, indent
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from preflight.facts.ci import Job
    from preflight.facts.project import Project

CONFIG = ".circleci/config.yml"
RELEASE = "workflows: {release: {jobs: [publish]}}"


@pytest.fixture
def pipeline(project) -> Callable[..., Project]:
    """Return the reader of a project from the text of its configuration and further files."""

    def read(text: str, files: dict[str, str] | None = None, **kw) -> Project:
        return project({CONFIG: f"version: 2.1\n{dedent(text)}", **(files or {})}, **kw)

    return read


@pytest.fixture
def job(pipeline) -> Callable[..., Job]:
    """Return the reader of a configuration with exactly one publish job."""

    def read(text: str, files: dict[str, str] | None = None, **kw) -> Job:
        (found,) = pipeline(text, files, **kw).jobs
        return found

    return read


@pytest.fixture
def steps(job) -> Callable[..., Job]:
    """Return the reader of the publish job from its steps, the keys beside them, and what stands at the top."""

    def read(text: str, keys: str = "docker: [{image: 'cimg/node:24.15'}]", top: str = RELEASE, **kw) -> Job:
        inner = f"{indent(dedent(keys).strip(), '    ')}\n    steps:\n{indent(dedent(text).strip(), '      ')}"
        return job(f"jobs:\n  publish:\n{inner}\n{dedent(top)}", **kw)

    return read
