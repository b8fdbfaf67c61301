"""The caches that a job restores, and the other jobs that can fill them."""

from __future__ import annotations

from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

from preflight.facts.ci import Via
from preflight.facts.fact import Known, Unknown
from preflight.facts.work import Cache
from preflight.readers.comments import version_behind
from preflight.readers.github.scene import Scene
from preflight.readers.github.workflow import Uses
from preflight.records import KW_ONLY, dataclass
from preflight.source.edits import Edit, Fix, Safety, alone
from preflight.source.nodes import entries, find, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from preflight.readers.github.repo import Repo
    from preflight.readers.github.workflow import JobNode, Step
    from preflight.readers.pipeline import Setting
    from preflight.source.nodes import Scalar
    from preflight.source.text import Location

CACHES = frozenset({"actions/cache", "buildjet/cache", "useblacksmith/cache", "runs-on/cache"})
"""Actions that restore what lies under a key, and store it when the job ends; with `/restore` or `/save` only one."""
SETUPS = {
    "actions/setup-node": "cache",
    "actions/setup-python": "cache",
    "actions/setup-java": "cache",
    "pnpm/action-setup": "cache",
}
"""Actions that cache what an input says; `true` and the name of a package manager are the answers."""
ALWAYS = frozenset({"swatinem/rust-cache", "bahmutov/npm-install"})
"""Actions that cache unless they are told otherwise."""
AUTOMATIC_SINCE = 5
"""The first setup-node that caches by itself where package.json names npm (its README, `package-manager-cache`)."""
REMOTE = {"TURBO_TOKEN": "turbo", "NX_CLOUD_ACCESS_TOKEN": "nx"}
"""Variables that open a cache outside GitHub, which knows no branches."""
APART = frozenset({"pull_request", "pull_request_review", "pull_request_review_comment", "merge_group"})
"""Events whose runs write only caches of their own, which no branch and no tag restores.

A run restores the caches of its own ref and of the default branch (docs.github.com, "Dependency caching reference",
"Restrictions for accessing a cache").
"""
OF_THE_RUN = ("github.sha", "github.run_id", "github.run_number", "github.run_attempt")
"""Parts of a key that no other run will ask for."""
DEEPEST = 3
SHOWN = 3


@dataclass(frozen=True, slots=True)
class Restored:
    """A cache that a step restores or stores; two with the same `kind` share what they store."""

    at: Location
    kind: str
    what: str
    _: KW_ONLY
    restores: bool = True
    stores: bool = True
    remedy: Fix | None = None


def cached(uses: Uses, step: Step, scene: Scene, repo: Repo, *, here: bool = True) -> Restored | None:
    """Return the cache that a step uses, or None; `here` tells whether the step stands in the job itself."""
    base, _, half = uses.key.partition("/cache/")
    key = f"{base}/cache" if half else uses.key
    if key in CACHES:
        return _stored(uses, step, half)
    if key in ALWAYS:
        asked = step.given("cache-targets") if key == "swatinem/rust-cache" else step.given("useRollingCache")
        return Restored(_place(step, asked), key, uses.name)
    if key not in SETUPS:
        return None
    given = step.given(SETUPS[key])
    match scene.fact(given):
        case Known(value) if given is not None and value.strip() not in {"", "false"}:
            what = f"{uses.name.rpartition('/')[2]} with `cache: {value.strip()}`"
            fix = _off(step, SETUPS[key], given) if here and key == "actions/setup-node" else None
            return Restored(given.at, f"{key} {value.strip()}", what, remedy=fix)
        case Known() if key == "actions/setup-node":
            return _automatic(uses, step, scene, repo, here=here)
        case _:
            return None


def _stored(uses: Uses, step: Step, half: str) -> Restored | None:
    path, key, fallback = step.given("path"), step.given("key"), step.given("restore-keys")
    looks = step.given("lookup-only")
    if path is None or key is None or (looks is not None and looks.value is True):
        return None
    if fallback is None and any(part in key.text for part in OF_THE_RUN):
        return None
    kind = f"{uses.key.partition('/cache')[0]} {' '.join(path.text.split())}"
    return Restored(_place(step, step.uses), kind, f"`{uses.name}`", restores=half != "save", stores=half != "restore")


def _automatic(uses: Uses, step: Step, scene: Scene, repo: Repo, *, here: bool) -> Restored | None:
    """Return the cache that setup-node keeps without being asked; the version that a commit stands for is a comment."""
    node = step.uses
    manifest = repo.workspace.root
    if node is None or manifest is None:
        return None
    version = uses.major
    if uses.pinned:
        said = (version_behind(node.at) or "").lstrip("v").split(".")[0]
        version = int(said) if said.isascii() and said.isdigit() and len(said) < 6 else None
    if version is None or version < AUTOMATIC_SINCE:
        return None
    if not (text(find(manifest.node, "packageManager")) or "").startswith("npm@") and (
        text(find(manifest.node, "devEngines", "packageManager", "name")) != "npm"
    ):
        return None
    switch = step.given("package-manager-cache")
    match scene.fact(switch):
        case Known("false"):
            return None
        case Unknown():
            return None
        case Known():
            pass
    what = f"setup-node {version} caches by itself where package.json names npm"
    fix = _added(step) if here and switch is None else None
    return Restored(_place(step, node), "actions/setup-node npm", what, remedy=fix)


def _place(step: Step, node: Scalar | None) -> Location:
    return node.at if node else step.at


def _off(step: Step, name: str, given: Scalar) -> Fix | None:
    """Return what replaces an input by the one that turns all caching off."""
    inputs = entries(step.node.get("with"))
    key = next((entry.key for entry in inputs if entry.value is given and entry.key.text == name), None)
    title = "set `package-manager-cache: false`"
    if key is None or any(entry.key.text == "package-manager-cache" for entry in inputs):
        return Fix(title, Safety.SAFE)
    at = given.source.at(key.start, given.end)
    return alone(Fix(title, Safety.SAFE, (Edit(at, "package-manager-cache: false"),)))


def _added(step: Step) -> Fix:
    title = "set `package-manager-cache: false`"
    inputs = entries(step.node.get("with"))
    if not inputs:
        return Fix(title, Safety.SAFE)
    first = inputs[0].key
    source = first.source
    column = source.position(first.start)[1]
    alone_on_its_line = not source.text[first.start - column + 1 : first.start].strip()
    between = "\n" + " " * (column - 1) if alone_on_its_line else ", "
    edit = Edit(source.at(first.start, first.start), f"package-manager-cache: false{between}")
    return alone(Fix(title, Safety.SAFE, (edit,)))


def remote(env: Iterable[Setting]) -> tuple[Restored, ...]:
    """Return the caches outside GitHub that variables open."""
    last = {setting.name: setting for setting in env if setting.name in REMOTE}
    return tuple(
        Restored(setting.at, REMOTE[name], f"{REMOTE[name]} with `{name}`")
        for name, setting in last.items()
        if setting.value != Known("", setting.at)
    )


class Writers:
    """Which jobs of the repository use a cache of each kind, worked out when first asked for."""

    def __init__(self, repo: Repo) -> None:
        """Take all workflows."""
        self._repo = repo

    def shared(self, job: JobNode, restored: Iterable[Restored]) -> tuple[Cache, ...]:
        """Return the caches that a job restores, with the other jobs that can fill them."""
        found: dict[tuple[Location, str], Cache] = {}
        for each in restored:
            if not each.restores:
                continue
            everywhere = each.kind in REMOTE.values()
            others = (
                Via(at, f"job `{maker.name}` of `{maker.workflow.path.name}`")
                for maker, at in self._all.get(each.kind, ())
                if _other(maker, job) and (everywhere or self._reaches(maker))
            )
            writers = tuple(islice(others, SHOWN))
            found[each.at, each.kind] = Cache(
                each.at, each.what, Known(bool(writers)), tuple(dict.fromkeys(writers)), each.remedy
            )
        return tuple(found.values())

    @cached_property
    def _all(self) -> dict[str, list[tuple[JobNode, Location]]]:
        found: dict[str, list[tuple[JobNode, Location]]] = {}
        for workflow in self._repo.workflows.values():
            opens = self._repo.opens_remote_cache(workflow)
            # Which of them is named first must not hang on the order of the jobs in the file.
            for _, job in sorted(workflow.jobs.items()):
                if not self._repo.files.spend(workflow.path):
                    return found
                scene = Scene(self._repo.repository, workflow)
                for each in (*self._used(job.steps, scene), *(_opened(job, scene) if opens else ())):
                    if each.stores:
                        found.setdefault(each.kind, []).append((job, each.at))
        return found

    def _used(self, steps: Iterable[Step], scene: Scene, depth: int = 0) -> Iterator[Restored]:
        for step in steps:
            if (node := step.uses) is None:
                continue
            uses = Uses.parse(node.text)
            path = self._repo.inside(uses)
            if path is None:
                found = cached(uses, step, scene, self._repo, here=False)
                yield from (found,) if found else ()
            elif depth < DEEPEST and (action := self._repo.action(path)) and self._repo.files.spend(action.path):
                yield from self._used(action.steps, scene.given(step, action, path), depth + 1)

    def _reaches(self, maker: JobNode) -> bool:
        """Tell whether an event starts a job whose caches other refs may restore."""
        chains = self._repo.chains(maker.workflow)
        return any(
            event not in APART for chain in chains for event in (chain[-1] if chain else maker).workflow.triggers
        )


def _opened(job: JobNode, scene: Scene) -> tuple[Restored, ...]:
    inner = scene.within(job.workflow.node.get("env")).within(job.node.get("env"))
    return remote(setting for step in job.steps for setting in inner.within(step.node.get("env")).env)


def _other(maker: JobNode, job: JobNode) -> bool:
    return (maker.workflow.path, maker.name) != (job.workflow.path, job.name)
