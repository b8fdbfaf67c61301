"""A project's files turned into the facts that rules judge."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from preflight.errors import UsageError, suggestion
from preflight.facts.project import Project
from preflight.readers import environment as ci
from preflight.readers import git, tables, workspace
from preflight.readers.ambiguous import ambiguous
from preflight.readers.committed import committed
from preflight.readers.pipeline import Pipelines
from preflight.readers.senders import Senders
from preflight.readers.sites import Sites
from preflight.readers.suspects import Suspects
from preflight.records import dataclass, replace
from preflight.source.files import Files

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from preflight.facts.fact import Fact
    from preflight.facts.project import Declared, Repository, Shipment
    from preflight.readers.workspace import Workspace
    from preflight.source.text import Location, Source

MANIFEST = PurePosixPath("package.json")
GITHUB = PurePosixPath(".github/workflows")
GITLAB = PurePosixPath(".gitlab-ci.yml")
CIRCLECI = PurePosixPath(".circleci/config.yml")
RECOGNISED = (
    ".travis.yml", "azure-pipelines.yml", ".azure-pipelines", "Jenkinsfile", "bitbucket-pipelines.yml", ".drone.yml",
    ".woodpecker.yml", ".woodpecker", ".buildkite", "appveyor.yml", ".appveyor.yml",
)  # fmt: skip
"""What the pipelines of other CI systems are called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked besides reading the files."""

    tag: str | None = None
    """The tag that is about to be made, for the rules at the tag."""
    creating: bool = False
    """Whether preflight makes that tag itself."""
    tag_pattern: str | None = None
    """How the tags of this project are formed, where the configuration says it: `v{version}`."""
    declared: Declared | None = None
    """The trusted publisher that the configuration declares."""
    trust_list: str | None = None
    """A file with the answer of `npm trust list --json`; relative to where preflight was started."""
    online: bool = False
    registry: str | None = None
    """Another registry to ask than npm's own, as the user gave it."""
    today: str | None = None
    """YYYY-MM-DD, where it is not the clock's."""


OFFLINE = Asked()


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
    asked: Asked = OFFLINE,
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
        unreadable=tuple(each for each in files.unreadable if workspace.bears(files, bound, each.path)),
        broken=found.broken,
        looked_at=found.looked_at,
        manifest=_first_line(files),
        feeders=found.feeders,
        grants=found.grants,
        elsewhere=found.elsewhere,
        tables=tables.dated(asked.today),
        visibility=ci.visibility(environment),
        ambiguous=ambiguous(files, found.jobs, found.shipments),
        declared=_declared(asked),
        committed=committed(files, bound),
    )
    if asked.tag is not None or asked.creating:
        from preflight.readers import tagging

        release = tagging.Release(
            workspace=bound,
            jobs=project.npm_jobs,
            shipments=project.shipments,
            asked=asked.tag,
            creating=asked.creating,
            pattern=asked.tag_pattern,
        )
        project = replace(project, tagging=tagging.read(root, files, release))
    if asked.online:
        from preflight.readers import online

        project = online.ask(project, environment, registry=asked.registry, tag=_single(project))
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
    if files.exists(CIRCLECI):
        from preflight.readers.circleci import reader as circleci

        yield circleci.read(files, bound, truth, suspects, sites)
    if any(files.exists(PurePosixPath(name)) for name in RECOGNISED):
        from preflight.readers import elsewhere

        yield elsewhere.read(files, bound, suspects, sites)


def joined(*found: Pipelines) -> Pipelines:
    """Return what the pipelines of several CI systems tell, one after the other."""
    return Pipelines(
        tuple(item for each in found for item in each.jobs),
        tuple(item for each in found for item in each.shipments),
        tuple(item for each in found for item in each.borrowed),
        tuple(item for each in found for item in each.unread),
        tuple(item for each in found for item in each.broken),
        tuple(item for each in found for item in each.looked_at),
        tuple(item for each in found for item in each.feeders),
        tuple(item for each in found for item in each.grants),
        tuple(item for each in found for item in each.elsewhere),
    )


def _declared(asked: Asked) -> tuple[Declared, ...]:
    """Return the trusted publishers that somebody declares.

    Raises ConfigError for a list that is none.
    """
    own = (asked.declared,) if asked.declared is not None else ()
    if asked.trust_list is None:
        return own
    from preflight.readers import declarations

    return (*own, *declarations.listed(asked.trust_list))


def _single(project: Project) -> str | None:
    """Return the tag to ask the remote about; of many none, since their push tells."""
    tags = project.tagging.tags if project.tagging else ()
    return tags[0] if len(tags) == 1 else None


def _narrowed(shipments: tuple[Shipment, ...], names: tuple[str, ...]) -> tuple[Shipment, ...]:
    if not names:
        return shipments
    return tuple(each for each in shipments if each.package is None or each.package.name in names)


def _first_line(files: Files) -> Location | None:
    node = files.tree(MANIFEST) if files.exists(MANIFEST) else None
    return node.source.at(node.start, min(node.start + 1, node.end)) if node else None
