"""A project's files turned into the facts that rules judge."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from preflight.errors import UsageError, suggestion
from preflight.facts.project import Project
from preflight.readers import git, workspace
from preflight.readers.pipeline import Pipelines
from preflight.readers.senders import Senders
from preflight.readers.sites import Sites
from preflight.readers.suspects import Suspects
from preflight.records import dataclass
from preflight.source.files import Files

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from preflight.facts.fact import Fact
    from preflight.facts.project import Repository, Shipment
    from preflight.readers.workspace import Workspace
    from preflight.source.text import Location, Source

MANIFEST = PurePosixPath("package.json")
GITHUB = PurePosixPath(".github/workflows")
GITLAB = PurePosixPath(".gitlab-ci.yml")


@dataclass(frozen=True, slots=True)
class Reading:
    """The facts of a project, and the sources that they were read from."""

    project: Project
    sources: tuple[Source, ...]


def read(
    root: Path,
    *,
    repository: str | None = None,
    configured: str | None = None,
    environment: Mapping[str, str],
    packages: tuple[str, ...] = (),
) -> Reading:
    """Read a project below its root.

    `repository` and `configured` are what the user says the repository is; `environment` is that of the process, for
    the variables in which a CI system says so. `packages` narrows the shipments to packages of these names; a name
    that no package has is a UsageError.
    """
    files = Files(root)
    bound = workspace.read(files)
    known = {package.name for package in bound.packages}
    for name in packages:
        if name not in known:
            raise UsageError(f"no package here is called `{name}`", suggestion(name, known))
    truth = git.identify(root, environment, repository, configured)
    suspects = Suspects(files, bound)
    sites = Sites(files, bound, Senders(files, bound), truth, git.below(root))
    found = joined(*_pipelines(files, bound, truth, suspects, sites))
    project = Project(
        repository=truth,
        packages=bound.packages,
        jobs=found.jobs,
        shipments=_narrowed(found.shipments, packages),
        borrowed=found.borrowed,
        unread=found.unread,
        unreadable=tuple(files.unreadable),
        broken=found.broken,
        looked_at=found.looked_at,
        manifest=_first_line(files),
    )
    return Reading(project, files.sources)


def _pipelines(
    files: Files, bound: Workspace, truth: Fact[Repository], suspects: Suspects, sites: Sites
) -> Iterator[Pipelines]:
    """Yield what each CI system tells; the reader of one that is not used is not even imported."""
    if files.is_dir(GITHUB):
        from preflight.readers.github import reader as github
        from preflight.readers.github.repo import Repo

        yield github.read(Repo(files, bound, truth, suspects), sites)
    if files.exists(GITLAB):
        from preflight.readers.gitlab import reader as gitlab

        yield gitlab.read(files, bound, truth, suspects, sites)


def joined(*found: Pipelines) -> Pipelines:
    """Return what the pipelines of several CI systems tell, one after the other."""
    return Pipelines(
        tuple(item for each in found for item in each.jobs),
        tuple(item for each in found for item in each.shipments),
        tuple(item for each in found for item in each.borrowed),
        tuple(item for each in found for item in each.unread),
        tuple(item for each in found for item in each.broken),
        tuple(item for each in found for item in each.looked_at),
    )


def _narrowed(shipments: tuple[Shipment, ...], names: tuple[str, ...]) -> tuple[Shipment, ...]:
    if not names:
        return shipments
    return tuple(each for each in shipments if each.package is None or each.package.name in names)


def _first_line(files: Files) -> Location | None:
    node = files.tree(MANIFEST) if files.exists(MANIFEST) else None
    return node.source.at(node.start, min(node.start + 1, node.end)) if node else None
