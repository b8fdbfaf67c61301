"""The plan: what will be published, from which job, and what its provenance will say, as a JSON document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.ci import ArtifactOrigin, Hosting, System
from preflight.facts.fact import Known, Unknown
from preflight.facts.project import Impossible, Off, On, Origin
from preflight.facts.toolchain import Publisher
from preflight.records import dataclass
from preflight.report.document import asked, head, place

if TYPE_CHECKING:
    from collections.abc import Iterable

    from preflight.facts.ci import Artifact, Job, PublishSite, Runner
    from preflight.facts.fact import Fact
    from preflight.facts.project import Package, Project, Provenance, Shipment
    from preflight.facts.toolchain import Npm, Reason
    from preflight.report.document import Value
    from preflight.source.text import Location

GITHUB_BUILD = "https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1"
"""What npm's provenance says since npm 9.8 (libnpmpublish, `lib/provenance.js`)."""
GITLAB_BUILD = "https://github.com/npm/cli/gitlab/v0alpha1"
GITHUB_BUILDERS = {
    Hosting.HOSTED.value: "https://github.com/actions/runner/github-hosted",
    Hosting.SELF_HOSTED.value: "https://github.com/actions/runner/self-hosted",
}
GITHUB_FOLDER = ".github/workflows/"
PUBLIC = "public"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What the plan cannot read out of the project: npm's registry, and the ref or tag that the user expects."""

    registry: str
    ref: str | None = None
    tag_pattern: str | None = None


@dataclass(frozen=True, slots=True)
class Stop:
    """One publish site of one job, seen through every chain of callers that leads to it."""

    site: PublishSite
    jobs: tuple[Job, ...]
    shipments: tuple[Shipment, ...]

    @property
    def job(self) -> Job:
        """The job, with what its own text says."""
        return self.jobs[0]


def plan_document(project: Project, expected: Expected, *, version: str, root: str) -> dict[str, Value]:
    """Return the document of `plan`."""
    stops = stops_of(project)
    return {
        **head("plan", version, root),
        **asked(project),
        "repository": _repository(project),
        "packages": [_package(package, expected.registry) for package in project.packages],
        "publishSites": [_site(stop) for stop in stops],
        "predictedProvenance": _distinct(_predictions(project, stops, expected)),
        "trustedPublishers": _distinct(publishers(project, stops)),
        "unread": [
            {**place(unread.at), "job": unread.job, "uses": unread.uses, "why": unread.why} for unread in project.unread
        ],
    }


def stops_of(project: Project) -> tuple[Stop, ...]:
    """Return the publish sites of a project, each once however many callers lead to it."""
    found: dict[tuple[object, ...], tuple[PublishSite, list[Job]]] = {}
    for job in project.jobs:
        for site in job.sites:
            chain = tuple(_spot(link.at) for link in site.via)
            key = (_spot(job.at), _spot(site.at), site.command, chain, site.for_npm)
            found.setdefault(key, (site, []))[1].append(job)
    return tuple(
        Stop(site, tuple(jobs), tuple(each for each in project.shipments if _same(each.site, site, each.job, jobs)))
        for site, jobs in found.values()
    )


def oldest_npm(site: PublishSite) -> Npm | None:
    """Return the oldest npm that may run; None where there is none, or one that cannot be told."""
    found = [fact.value for fact in site.npm if isinstance(fact, Known)]
    return min(found, key=lambda npm: npm.version) if found and len(found) == len(site.npm) else None


def one(values: Iterable[Fact[str | None]]) -> str | None:
    """Return what all facts say; None where they differ or one is unknown."""
    distinct = {fact.value if isinstance(fact, Known) else None for fact in values}
    return distinct.pop() if len(distinct) == 1 else None


def names_of(site: PublishSite) -> list[str] | None:
    """Return the names of the packages that a site sends; None where they cannot be told."""
    match site.packages:
        case Known(packages):
            return [package.name for package in packages]
        case Unknown():
            return None


def id_token(jobs: Iterable[Job]) -> bool | None:
    """Return whether a job may mint a token through every caller; None where it cannot be told."""
    answers = [job.id_token.value if isinstance(job.id_token, Known) else None for job in jobs]
    if False in answers:
        return False
    return None if None in answers else True


def provenance(stop: Stop) -> tuple[bool | None, str | None]:
    """Return whether all packages of a site get provenance, and who turns it on or off."""
    answers = [_answer(shipment.provenance) for shipment in stop.shipments]
    for wanted in (False, None, True):
        for on, who in answers:
            if on is wanted:
                return on, who
    return None, None


def _answer(fact: Fact[Provenance]) -> tuple[bool | None, str | None]:
    match fact:
        case Unknown():
            return None, None
        case Known(value):
            match value:
                case On(by):
                    return True, by.value
                case Off(by):
                    return False, by.value if by else None
                case Impossible():
                    return False, None


def runner(jobs: Iterable[Job]) -> dict[str, Value]:
    """Return whose machine runs a job, and its labels; self-hosted if one of several may be."""
    facts = [fact for job in jobs for fact in job.runners]
    values: list[Runner] = [fact.value for fact in facts if isinstance(fact, Known)]
    labels: list[Value] = list(dict.fromkeys(label for value in values for label in value.labels))
    hosting: Value = None
    if any(value.hosting is Hosting.SELF_HOSTED for value in values):
        hosting = Hosting.SELF_HOSTED.value
    elif values and len(values) == len(facts):
        hosting = Hosting.HOSTED.value
    return {"hosting": hosting, "labels": labels}


def publishers(project: Project, stops: Iterable[Stop]) -> list[dict[str, Value]]:
    """Return what to type on npm, or on the command line, so that npm trusts the jobs that publish."""
    match project.repository:
        case Unknown():
            return []
        case Known(repository):
            return [
                _publisher(name, repository.slug, stop, job)
                for stop in stops
                if stop.site.for_npm
                for job in stop.jobs
                # `npm trust circleci` takes the ids of organisation and project, which no file tells.
                if job.system is not System.CIRCLECI
                for name in names_of(stop.site) or []
            ]


def _publisher(name: str, slug: str, stop: Stop, job: Job) -> dict[str, Value]:
    from shlex import quote

    environment = job.environment.value if isinstance(job.environment, Known) else None
    option = "--project" if job.system is System.GITLAB else "--repository"
    words = ["npm", "trust", job.system.value, name, option, slug, "--file", job.entry]
    words += ["--env", environment] if environment else []
    words.append("--allow-stage-publish" if stop.site.staged else "--allow-publish")
    return {
        "package": name,
        "provider": job.system.value,
        "repository": slug,
        "file": job.entry,
        "environment": environment,
        "command": " ".join(map(quote, words)),
    }


def _repository(project: Project) -> Value:
    match project.repository:
        case Known(repository, at):
            where = place(at) if at and repository.origin is not Origin.ENVIRONMENT else None
            return {"url": repository.url, "source": repository.origin.value, "at": where}
        case Unknown():
            return {"url": None, "source": None, "at": None}


def _package(package: Package, registry: str) -> Value:
    return {
        "name": package.name,
        "version": package.version,
        "path": str(package.path),
        "private": package.private,
        "access": package.access or (None if package.name.startswith("@") else PUBLIC),
        "registry": package.registry or registry,
    }


def _site(stop: Stop) -> Value:
    site, job = stop.site, stop.job
    on, by = provenance(stop)
    own = [at for at in (site.at, *(link.at for link in site.via)) if at.path == job.at.path]
    names = names_of(site)
    return {
        **place(own[0] if own else job.at),
        "job": job.name,
        "jobLine": job.at.line,
        "ci": job.system.value,
        "tool": site.tool.value,
        "toolVersion": tool_version(site),
        "command": site.command,
        "packages": list(names) if names is not None else None,
        "registry": site.registry.value if isinstance(site.registry, Known) else None,
        "staged": site.staged,
        "credential": site.credential.value.value if isinstance(site.credential, Known) else None,
        "npm": _npm(site, job),
        "runner": runner(stop.jobs),
        "idToken": id_token(stop.jobs),
        "provenance": {"on": on, "by": by},
        "environment": one(each.environment for each in stop.jobs),
        "entryWorkflows": list(dict.fromkeys(each.entry for each in stop.jobs)),
        "triggers": list(dict.fromkeys(trigger for each in stop.jobs for trigger in each.triggers)),
        "buildsInJob": job.builds,
        "artifactsFrom": list(dict.fromkeys(_maker(artifact) for artifact in job.artifacts)),
        "via": _distinct(
            [
                {**place(link.at), "what": link.what}
                for link in (*(link for each in stop.jobs for link in reversed(each.chain)), *site.via)
            ]
        ),
        "callers": _distinct([{**place(call.at), "job": call.job} for each in stop.jobs for call in each.callers]),
    }


def tool_version(site: PublishSite) -> str | None:
    """Return the version of the release tool, as far as it is known."""
    match site.publisher:
        case Publisher(version=Known(version)):
            return str(version)
        case _:
            return None


def _maker(artifact: Artifact) -> str:
    return ", ".join(artifact.jobs) if artifact.origin is ArtifactOrigin.JOB and artifact.jobs else artifact.what


def _npm(site: PublishSite, job: Job) -> Value:
    npm = oldest_npm(site)
    if npm is None:
        return None
    return {"version": str(npm.version), "exact": npm.exact, "why": [_why(reason, job) for reason in npm.why]}


def _why(reason: Reason, job: Job) -> str:
    if reason.at is None:
        return reason.what
    where = f"line {reason.at.line}" if reason.at.path == job.at.path else f"{reason.at.path}:{reason.at.line}"
    return f"{reason.what} ({where})"


def _predictions(project: Project, stops: Iterable[Stop], expected: Expected) -> list[dict[str, Value]]:
    versions = {package.name: package.version for package in project.packages}
    url = project.repository.value.url if isinstance(project.repository, Known) else None
    return [
        _prediction(name, versions.get(name), url, job, expected)
        for stop in stops
        if stop.site.for_npm and provenance(stop)[0] is not False
        for job in stop.jobs
        if job.system is not System.CIRCLECI
        for name in names_of(stop.site) or []
    ]


def _prediction(name: str, version: str | None, url: str | None, job: Job, expected: Expected) -> dict[str, Value]:
    on_github = job.system is System.GITHUB
    hosting = runner([job])["hosting"]
    path = f"{GITHUB_FOLDER}{job.entry}" if on_github else job.entry
    return {
        "package": name,
        "buildType": GITHUB_BUILD if on_github else GITLAB_BUILD,
        "workflow": {"path": path, "repository": url, "ref": _ref(name, version, expected)},
        "commit": None,
        "builder": GITHUB_BUILDERS.get(hosting) if on_github and isinstance(hosting, str) else None,
        "trigger": job.triggers[0] if len(job.triggers) == 1 else None,
    }


def _ref(name: str, version: str | None, expected: Expected) -> str | None:
    """Return the ref that the user expects; which tag or branch starts the workflow, its files do not tell."""
    if expected.ref:
        return expected.ref
    if expected.tag_pattern and version:
        tag = expected.tag_pattern.replace("{version}", version).replace("{name}", name)
        return f"refs/tags/{tag}"
    return None


def _distinct(values: Iterable[dict[str, Value]]) -> list[Value]:
    found: list[Value] = []
    for value in values:
        if value not in found:
            found.append(value)
    return found


def _spot(at: Location) -> tuple[str, int]:
    return str(at.path), at.span.start


def _same(one: PublishSite, other: PublishSite, job: str, jobs: Iterable[Job]) -> bool:
    return (_spot(one.at), one.command) == (_spot(other.at), other.command) and job in {each.name for each in jobs}
