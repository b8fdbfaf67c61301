"""Small projects, written to a folder and read as the command line reads one."""

from __future__ import annotations

from textwrap import dedent, indent
from typing import TYPE_CHECKING

import pytest

from preflight.readers import project as reader

if TYPE_CHECKING:
    from pathlib import Path

    from preflight.facts.project import Project

MANIFEST = """\
{
  "name": "@acme/widgets",
  "version": "1.0.0",
  "repository": "github:acme/widgets",
  "publishConfig": {"access": "public"}
}
"""


RELEASE = ".github/workflows/release.yml"


def workflow(steps: str, *, top: str = "on: push", job: str = "runs-on: ubuntu-latest") -> str:
    """Return a workflow with one job, `publish`, from its steps and the keys above them."""
    keys = indent(dedent(job).strip(), "    ")
    return f"{dedent(top).strip()}\njobs:\n  publish:\n{keys}\n    steps:\n{indent(dedent(steps).strip(), '      ')}\n"


class Folder:
    """A project under a root: writes files and reads facts."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def __call__(self, files: dict[str, str], **kw) -> Project:
        """Write files over the base project, a lone public package, and read the whole; `None` leaves a file out."""
        for path, text in {"package.json": MANIFEST, **files}.items():
            place = self.root / path
            place.parent.mkdir(parents=True, exist_ok=True)
            if text is not None:
                place.write_text(dedent(text), encoding="utf-8")
        return self.again(**kw)

    def again(self, **kw) -> Project:
        """Read the project as its files are now."""
        return reader.read(self.root, environment={}, **{"repository": "acme/widgets", **kw}).project

    def run(self, script: str, files: dict[str, str] | None = None, *, step: str = "", **keys) -> Project:
        """Read a project whose release workflow runs one script; `step` is what stands beside `run`."""
        steps = f"- run: |\n{indent(dedent(script), '    ')}\n" + indent(dedent(step), "  ")
        return self({RELEASE: workflow(steps, **keys), **(files or {})})

    def steps(self, steps: str, files: dict[str, str] | None = None, **keys) -> Project:
        """Read a project whose release workflow has these steps."""
        return self({RELEASE: workflow(steps, **keys), **(files or {})})

    def apply(self, fix) -> Project:
        """Make the edits of a fix and read the project again."""
        from preflight.source.edits import apply

        for path in {edit.at.path for edit in fix.edits}:
            place = self.root / path
            mine = [edit for edit in fix.edits if edit.at.path == path]
            place.write_text(apply(place.read_text(encoding="utf-8"), mine), encoding="utf-8")
        return self.again()


@pytest.fixture
def project(tmp_path: Path) -> Folder:
    """Return the writer and reader of a project in an empty folder."""
    return Folder(tmp_path)
