"""What a publish job fetches instead of building it, and which jobs made it."""

from __future__ import annotations

from fnmatch import fnmatchcase
from itertools import pairwise
from typing import TYPE_CHECKING

from preflight.facts.ci import Artifact, ArtifactOrigin, Via
from preflight.facts.fact import Fact, Known, Unknown
from preflight.records import KW_ONLY, dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable

    from preflight.readers.github.scene import Scene
    from preflight.readers.github.workflow import JobNode, Step, Uses
    from preflight.readers.pipeline import Fetch
    from preflight.source.text import Location

FROM_RELEASES = frozenset(
    {"robinraju/release-downloader", "dsaltares/fetch-gh-release-asset", "i3h/download-release-asset"}
)
FROM_RUNS = frozenset({"dawidd6/action-download-artifact", "aochmann/actions-download-artifact"})
RESTORING = frozenset({"actions/cache", "actions/cache/restore"})
SAVING = frozenset({"actions/cache", "actions/cache/save"})
BUCKETS = ("s3://", "gs://")
OUTPUTS = ("node_modules", ".npm", ".pnpm-store", ".yarn", ".turbo", ".nx", ".cache", ".bun", ".cargo", ".eslintcache")
"""Paths whose cache holds dependencies or speeds up a build, and is not the build."""


@dataclass(frozen=True, slots=True)
class Download:
    """A step that fetches an artifact."""

    at: Location
    origin: ArtifactOrigin
    _: KW_ONLY
    name: Fact[str] | None
    """None where it takes all."""
    pattern: Fact[str] | None = None
    what: str = "an artifact"
    maker: str | None = None
    """The job whose output names the artifact."""
    sure: bool = True
    """False where it may be a tool of the build instead."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A step that stores an artifact, with the job that does."""

    at: Location
    job: str
    name: Fact[str]
    workflow: str
    node: JobNode
    chain: tuple[JobNode, ...] = ()
    """The callers of the job, the nearest first."""


def download(uses: Uses, step: Step, scene: Scene, at: Location) -> Download | None:
    """Return what a step fetches, or None where it is no download."""
    if uses.key in ("actions/download-artifact", "actions/download-artifact/merge"):
        name, pattern = step.given("name"), step.given("pattern")
        elsewhere = step.given("run-id") or step.given("repository")
        return Download(
            at,
            ArtifactOrigin.WORKFLOW if elsewhere and not _this_run(elsewhere.text) else ArtifactOrigin.JOB,
            name=scene.fact(name) if name else None,
            pattern=scene.fact(pattern) if pattern else None,
            what="an artifact of another run" if elsewhere and not _this_run(elsewhere.text) else "an artifact",
        )
    if uses.key in FROM_RUNS:
        return Download(at, ArtifactOrigin.WORKFLOW, name=None, what="an artifact of another run")
    if uses.key in FROM_RELEASES:
        return Download(at, ArtifactOrigin.RELEASE, name=None, what="a file of a release")
    if uses.key in RESTORING and (path := step.given("path")) and not _dependencies(path.text):
        return Download(at, ArtifactOrigin.CACHE, name=_key(step, scene), what="a cached build")
    return None


def upload(uses: Uses, step: Step, scene: Scene, job: JobNode) -> Upload | None:
    """Return what a step stores, or None where it stores nothing."""
    if uses.key == "actions/upload-artifact":
        name = step.given("name")
        stored = scene.fact(name) if name else Known("artifact")
        return Upload(step.at, job.name, stored, str(job.workflow.path), job)
    if uses.key in SAVING and (path := step.given("path")) and not _dependencies(path.text):
        return Upload(step.at, job.name, _key(step, scene), str(job.workflow.path), job)
    return None


def fetched(
    job: str, workflow: str, downloads: Iterable[Download], uploads: Iterable[Upload]
) -> tuple[tuple[Artifact, tuple[Upload, ...]], ...]:
    """Return what a job fetches that it did not make, with what made it, the first of each origin.

    Both sides of a run are compared.
    """
    found: dict[ArtifactOrigin, tuple[Artifact, tuple[Upload, ...]]] = {}
    stored = tuple(uploads)
    for each in downloads:
        if each.origin in found:
            continue
        # In the order of their names: that of the jobs in the file means nothing.
        makers = tuple(sorted((made for made in stored if _matches(each, made)), key=lambda made: made.job))
        if each.origin in (ArtifactOrigin.JOB, ArtifactOrigin.CACHE):
            foreign = tuple(made for made in makers if (made.job, made.workflow) != (job, workflow))
            if makers and not foreign:
                continue
            if not makers and each.origin is ArtifactOrigin.CACHE:
                continue
            makers = foreign
        else:
            makers = ()
        if each.maker is not None:
            makers = tuple(made for made in makers if made.job == each.maker)
        names = (each.maker,) if each.maker is not None else tuple(dict.fromkeys(made.job for made in makers))
        named = f" `{each.name.value}`" if isinstance(each.name, Known) and each.name.value else ""
        artifact = Artifact(
            each.at,
            each.origin,
            f"{each.what}{named}" if each.origin is ArtifactOrigin.JOB else each.what,
            names,
            tuple(Via(made.at, f"stored by job `{made.job}`") for made in makers[:3]),
            sure=each.sure,
        )
        found[each.origin] = (artifact, makers)
    return tuple(found.values())


def needed(text: str) -> str | None:
    """Return the job whose output an expression reads: `needs.pack.outputs.id` reads that of `pack`."""
    before, found, after = text.partition("needs.")
    name, _, rest = after.partition(".")
    return name if found and rest.startswith("outputs") and "${{" in before else None


def _matches(wanted: Download, made: Upload) -> bool:
    match wanted.name, wanted.pattern, made.name:
        case None, None, _:
            return True
        case Known(name), _, Known(stored):
            return name == stored
        case None, Known(pattern), Known(stored):
            return fnmatchcase(stored, pattern)
        case _:
            return True


def _key(step: Step, scene: Scene) -> Fact[str]:
    """Return the key of a cache; one that is worked out at run time is compared by its spelling."""
    key = step.given("key")
    if key is None:
        return Unknown("it has no key")
    found = scene.fact(key)
    return found if isinstance(found, Known) else Known(key.text)


def _this_run(text: str) -> bool:
    return text.replace(" ", "") in ("${{github.run_id}}", "${{github.repository}}")


def _dependencies(path: str) -> bool:
    lines = [line.strip().rstrip("/") for line in path.splitlines() if line.strip()]
    return all(line.startswith("~") or "${{" in line or any(name in line for name in OUTPUTS) for line in lines)


def commands(fetched: Iterable[tuple[Fetch, Location, tuple[Via, ...]]], own: str | None) -> tuple[Download, ...]:
    """Return what commands fetch: `gh run download`, `gh release download` and the like.

    `own` is `owner/repo` of this repository: a file of another one's release is a tool of the build, not the build.
    What comes out of a bucket may be either.
    """
    return tuple(_fetch(deed, at) for deed, at, _ in fetched if not _is_tool(deed, own))


def _fetch(deed: Fetch, at: Location) -> Download:
    if deed.release:
        return Download(at, ArtifactOrigin.RELEASE, name=None, what="a file of a release")
    if any(mark in deed.what for mark in BUCKETS):
        return Download(at, ArtifactOrigin.WORKFLOW, name=None, what="files of a bucket", sure=False)
    return Download(at, ArtifactOrigin.WORKFLOW, name=None, what="an artifact of another run")


def _is_tool(deed: Fetch, own: str | None) -> bool:
    words = deed.what.replace("=", " ").split()
    named = [after for word, after in pairwise(words) if word in ("-R", "--repo")]
    named += [word.split("github.com/", 1)[1] for word in words if "github.com/" in word]
    repositories = {"/".join(name.strip("\"'").split("/")[:2]).lower() for name in named if "$" not in name}
    return bool(repositories) and (own or "").lower() not in repositories
