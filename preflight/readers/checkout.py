"""What the checkout, and the CI run that it is in, expect of a release of one of its packages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.ci import System
from preflight.facts.fact import Known, Unknown
from preflight.facts.project import Origin
from preflight.facts.release import Expectation, Expected, without_ref
from preflight.facts.starts import Trust
from preflight.readers import addresses, history, tags
from preflight.readers.remotes import address_on, host_of
from preflight.readers.tagging import DECIDING, GIVEN, REWRITES
from preflight.source.files import Files
from preflight.source.nodes import find, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from preflight.facts.ci import Job, PublishSite
    from preflight.facts.project import Package, Project, Repository
    from preflight.readers.history import History

WORKFLOWS = ".github/workflows/"
PIPELINE = ".gitlab-ci.yml"
TAGS = "refs/tags/"
OWN_FORMS = (
    tags.CHANGESETS, f"{tags.SHORT}@{tags.VERSION}", f"{tags.NAME}-v{tags.VERSION}", f"{tags.SHORT}-v{tags.VERSION}",
    f"{tags.SHORT}/v{tags.VERSION}", f"{tags.NAME}/v{tags.VERSION}", f"{tags.FOLDER}/v{tags.VERSION}",
    f"{tags.FOLDER}@{tags.VERSION}", f"{tags.SHORT}-{tags.VERSION}",
)  # fmt: skip
"""How tags of one package among several are formed."""
OF_TAGS = frozenset({"push", "release", "tag"})
"""Events that run on the tag; others, such as the end of another workflow, run on a branch whoever causes them."""
PLAIN_FORMS = (tags.PLAIN, tags.VERSION)
WHO = {
    Origin.ENVIRONMENT: "the CI run",
    Origin.OPTION: "--repository",
    Origin.CONFIGURATION: "preflight.toml",
    Origin.REMOTE: "the git remote",
}


class Checkout:
    """A project at one commit, with the tags and the history that are here; not to be asked by several threads."""

    def __init__(
        self, root: Path, project: Project, environment: Mapping[str, str], *, pattern: str | None = None
    ) -> None:
        """Ask git once; `pattern` is how the configuration says that tags are formed."""
        self._project = project
        self._files = Files(root)
        self._environment = environment
        self._pattern = pattern
        self._packages = {package.name: package for package in project.packages}
        self._history: History | None = None
        self._tags: Mapping[str, str] = {}
        self._head: str | None = None
        self._habit: str | None = None
        self._leading: dict[str, tuple[str, ...] | None] = {}
        match history.find(root):
            case Known(found):
                self._history = found
            case Unknown():
                return
        match found.tags():
            case Known(listed):
                self._tags = listed
            case Unknown():
                pass
        match found.head():
            case Known(commit):
                self._head = commit
            case Unknown():
                pass
        self._habit = tags.Names(project.packages).habit(found.newest())

    def expectations(self, name: str, version: str) -> tuple[Expectation, ...]:
        """Return what the CI run expects of a release, then what the checkout does; nothing of a foreign package."""
        package = self._packages.get(name)
        if package is None:
            return ()
        jobs = tuple(job for job in self._project.publish_jobs if any(_sends(site, name) for site in job.npm_sites))
        tag = self._tag(package, version)
        return (*self._running(jobs, tag), *self._at_rest(package, version, jobs, tag))

    # -- the CI run -------------------------------------------------------------------------------

    def _running(self, jobs: tuple[Job, ...], tag: str | None) -> Iterator[Expectation]:
        """Yield what the variables of the job say, where it belongs to the run that publishes."""
        here = self._environment
        match self._project.repository:
            case Known(repository) if repository.origin is Origin.ENVIRONMENT:
                url = repository.url
            case _:
                return
        home = Expected(url, WHO[Origin.ENVIRONMENT])
        if here.get("GITHUB_ACTIONS") == "true":
            yield Expectation(repository=home, repository_id=_variable(here, "GITHUB_REPOSITORY_ID"))
            workflow = without_ref(here.get("GITHUB_WORKFLOW_REF", ""), here.get("GITHUB_REF"))
            path = workflow.removeprefix(f"{repository.slug}/")
            commit = _variable(here, "GITHUB_SHA")
            if path in _entries(jobs) and self._is_of_this_run(jobs, tag, commit):
                yield Expectation(
                    repository=home,
                    commit=commit,
                    ref=_variable(here, "GITHUB_REF"),
                    workflow=Expected(path, "GITHUB_WORKFLOW_REF"),
                    signer=_signer(jobs, path),
                    run=_run(here, url),
                )
        elif here.get("GITLAB_CI"):
            yield Expectation(repository=home, repository_id=_variable(here, "CI_PROJECT_ID"))
            path = here.get("CI_CONFIG_PATH") or PIPELINE
            commit = _variable(here, "CI_COMMIT_SHA")
            if any(job.system is System.GITLAB for job in jobs) and self._is_of_this_run(jobs, tag, commit):
                # A file of another project, or of another server, is named otherwise.
                own = None if "@" in path or "://" in path else Expected(path, "CI_CONFIG_PATH")
                yield Expectation(repository=home, commit=commit, ref=_pipeline_ref(here), workflow=own)

    def _is_of_this_run(self, jobs: tuple[Job, ...], tag: str | None, commit: Expected | None) -> bool:
        """Return whether a version may come from this run: its tag, if there is one, names the run's own commit."""
        return tag is None or _commits(jobs) or (commit is not None and self._tags[tag] == commit.value)

    # -- the checkout -----------------------------------------------------------------------------

    def _at_rest(self, package: Package, version: str, jobs: tuple[Job, ...], tag: str | None) -> Iterator[Expectation]:
        """Yield where the package comes from, and then what counts for a fork or a moved repository all the same."""
        yield Expectation(repository=self._repository(package))
        commit = self._tags.get(tag) if tag else None
        committing = _commits(jobs)
        # The pipelines of another commit say little of how this version was published.
        fresh = commit == self._head if commit else package.version == version
        entries = _entries(jobs) if fresh and not self._project.unread else ()
        workflow = signer = None
        if len(entries) == 1:
            workflow = Expected(entries[0], "the pipelines here")
            signer = _signer(jobs, entries[0]) if isinstance(self._project.repository, Known) else None
        yield Expectation(
            commit=Expected(commit, f"git tag {tag}") if commit else None,
            ancestors=self._ancestors(commit) if commit and committing else None,
            commits_while_releasing=committing,
            ref=Expected(f"{TAGS}{tag}", "the triggers here") if fresh and tag and _only_tags(jobs) else None,
            workflow=workflow,
            signer=signer,
        )

    def _tag(self, package: Package, version: str) -> str | None:
        """Return the tag of a version; None where there is none, or one that may be another package's."""
        if self._pattern:
            forms: tuple[str, ...] = (self._pattern,)
        else:
            public = [each for each in self._project.packages if not each.private]
            habit = (self._habit,) if self._habit else ()
            own = tuple(form for form in habit if tags.names_package(form))
            plain = PLAIN_FORMS if len(public) <= 1 or package.root or own != habit else ()
            # A tag that names the package is surely its own, whatever the habit is.
            forms = (*own, *OWN_FORMS, *(habit if not own else ()), *plain)
        filled = (tags.fill(form, package, version) for form in forms)
        return next((tag for tag in filled if tag in self._tags), None)

    def _ancestors(self, commit: str) -> tuple[str, ...] | None:
        if commit not in self._leading and self._history:
            match self._history.leading_to(commit):
                case Known(found):
                    self._leading[commit] = found
                case Unknown():
                    self._leading[commit] = None
        return self._leading.get(commit)

    def _repository(self, package: Package) -> Expected | None:
        match self._project.repository:
            case Known(repository):
                return self._declared(package, repository) or Expected(repository.url, WHO[repository.origin])
            case Unknown():
                return None

    def _declared(self, package: Package, repository: Repository) -> Expected | None:
        """Return the remote that package.json names, of several: the first one may be a contributor's fork."""
        if not repository.others:
            return None
        field = find(self._files.tree(package.path), "repository")
        written = text(field) or text(find(field, "url"))
        address = addresses.read(written) if written else None
        url = address_on(host_of(address), address.path) if address else None
        return Expected(url, f"the git remote that {package.path} names") if url in repository.others else None


def _variable(environment: Mapping[str, str], name: str) -> Expected | None:
    value = environment.get(name)
    return Expected(value, name) if value else None


def _run(environment: Mapping[str, str], url: str) -> Expected | None:
    number, attempt = environment.get("GITHUB_RUN_ID"), environment.get("GITHUB_RUN_ATTEMPT")
    if not number or not attempt:
        return None
    return Expected(f"{url}/actions/runs/{number}/attempts/{attempt}", "GITHUB_RUN_ID")


def _pipeline_ref(environment: Mapping[str, str]) -> Expected | None:
    for name, folder in (("CI_COMMIT_TAG", TAGS), ("CI_COMMIT_BRANCH", "refs/heads/")):
        if value := environment.get(name):
            return Expected(f"{folder}{value}", name)
    return None


# -- the publish jobs -----------------------------------------------------------------------------


def _sends(site: PublishSite, name: str) -> bool:
    """Return whether a site sends a package, or may."""
    match site.packages:
        case Known(packages):
            return any(package.name == name for package in packages)
        case Unknown():
            return True


def _entries(jobs: tuple[Job, ...]) -> tuple[str, ...]:
    """Return the paths of the workflows that an event starts."""
    return tuple(dict.fromkeys(f"{WORKFLOWS}{job.entry}" if job.system is System.GITHUB else job.entry for job in jobs))


def _signer(jobs: tuple[Job, ...], entry: str) -> Expected | None:
    """Return the reusable workflow of this repository in which all jobs of an entry publish; None for the entry."""
    mine = [job for job in jobs if job.system is System.GITHUB and f"{WORKFLOWS}{job.entry}" == entry]
    files = {str(job.at.path) for job in mine}
    if len(files) != 1 or not all(job.callers for job in mine):
        return None
    return Expected(files.pop(), "the pipelines here")


def _commits(jobs: tuple[Job, ...]) -> bool:
    """Return whether a release commits, so that the tag comes after the commit that is built."""
    sites = [site for job in jobs for site in job.npm_sites]
    deciding = any(site.tool in DECIDING and not any(word in site.command for word in GIVEN) for site in sites)
    places = [at for job in jobs for at in (job.at, *(site.at for site in job.npm_sites))]
    texts = {id(at.source): at.source.text for at in (*places, *(link.at for site in sites for link in site.via))}
    return deciding or any(word in each for each in texts.values() for word in REWRITES)


def _only_tags(jobs: tuple[Job, ...]) -> bool:
    """Return whether nothing but a tag, or a release of one, starts the publish."""
    starts = [start for job in jobs for start in job.starts]
    return bool(starts) and all(start.trust is Trust.RELEASER and start.event in OF_TAGS for start in starts)
