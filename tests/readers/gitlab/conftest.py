"""Small pipelines, written to a folder and read with the project around them."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from preflight.facts.ci import Job
    from preflight.facts.project import Project


@pytest.fixture
def pipeline(project) -> Callable[..., Project]:
    """Return the reader of a project from the text of its pipeline and further files."""

    def read(text: str, files: dict[str, str] | None = None, **kw) -> Project:
        return project({".gitlab-ci.yml": dedent(text), **(files or {})}, **kw)

    return read


@pytest.fixture
def job(pipeline) -> Callable[..., Job]:
    """Return the reader of a pipeline with exactly one publish job."""

    def read(text: str, files: dict[str, str] | None = None, **kw) -> Job:
        (found,) = pipeline(text, files, **kw).jobs
        return found

    return read
