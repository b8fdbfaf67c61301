"""What the registry and the forge say of a project, asked side by side."""

from __future__ import annotations

from functools import partial
from threading import Lock, Thread
from typing import TYPE_CHECKING, TypeVar

from preflight.facts.fact import Known, Unknown
from preflight.facts.online import Inquiry, Level, New, Online, Registered, Visibility
from preflight.facts.project import Origin
from preflight.readers import git, pins
from preflight.readers.answers import Absent
from preflight.readers.registries import NPM
from preflight.readers.registry import Registry
from preflight.records import dataclass, replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from preflight.facts.ci import Borrowed
    from preflight.facts.fact import Fact
    from preflight.facts.project import Project, Repository

    Refs = Fact[Mapping[str, str] | None]
    List = Callable[..., Refs]

K = TypeVar("K")
V = TypeVar("V")

MOST = 500
"""Packages that are asked about in one run."""
SIDE_BY_SIDE = 8
FORGES = frozenset({"github.com", "gitlab.com"})
"""Forges that are asked on the word of the repository's own files; any other only on the user's, or on CI's."""
STAGED = "only its maintainers see what is staged (`npm stage list`)"
SEEN_BY_NOBODY = "shows it to nobody without a login: it is private, or not there"


@dataclass(frozen=True, slots=True)
class _Source:
    """What the forge says of the project's own repository."""

    visibility: Fact[Visibility] | None
    tag: Fact[str | None]
    asked: Inquiry | None = None


def ask(
    project: Project,
    environment: Mapping[str, str],
    *,
    registry: str | None = None,
    tag: str | None = None,
    listed: List = git.listed,
) -> Project:
    """Return a project with what the registry says of its packages and the forge of its repository and its actions.

    Asks about at most 500 packages and 100 actions, for about a minute at the longest; what gets no answer is Unknown.
    Raises UsageError for a registry, or a proxy of the environment, that may not be asked.
    """
    shop, forge = Registry(registry or NPM, environment), _Forge(listed)
    sent = (each.package for each in project.npm_shipments if each.package and not each.package.private)
    names = tuple(dict.fromkeys(package.name for package in sent))
    packages: dict[str, Fact[Registered | New]] = {
        name: Unknown(f"no more than {MOST} packages are asked about") for name in names
    }
    refs: dict[str, Refs] = {}
    sources: dict[None, _Source] = {}
    together(
        (
            partial(_put, sources, None, partial(_source, project, forge, tag)),
            *(partial(_put, packages, name, partial(_package, shop, name)) for name in names[:MOST]),
            *(
                partial(_put, refs, url, partial(forge.refs, url, "refs/tags/*", *heads))
                for url, heads in _heads(project.borrowed)
            ),
        )
    )
    source = sources[None]
    return replace(
        project,
        online=Online(
            packages=packages,
            staged=dict.fromkeys(names, Unknown(STAGED)),
            tags={} if tag is None else {tag: source.tag},
            asked=tuple(_inquiries(shop.host, packages, refs, source)),
        ),
        visibility=project.visibility or source.visibility,
        borrowed=tuple(pins.held(each, refs.get) for each in project.borrowed),
    )


def registered(document: Mapping[str, object]) -> Registered:
    """Return what a packument says of a package; a version that counts for trust is no prerelease, unless all are.

    How trust is read off a version follows pnpm's `trustPolicy`: `_npmUser.trustedPublisher`, then
    `dist.attestations.provenance`.
    """
    versions = _table(document.get("versions"))
    times = _table(document.get("time"))
    tags = _table(document.get("dist-tags"))
    latest = tags.get("latest")
    gone = (each for each in times if each not in versions and each[:1].isdigit())
    # Without times, as in the abbreviated form, the registry's own order is that of the publishes.
    dates = sorted(((str(times.get(each, "")), number, each) for number, each in enumerate(versions)), reverse=True)
    newest = tuple(each for _, _, each in dates)
    stable = tuple(each for each in newest if "-" not in each.partition("+")[0])
    return Registered(
        tuple(versions),
        latest=latest if isinstance(latest, str) else None,
        levels=tuple((each, _level(_table(versions[each]))) for each in stable or newest),
        withdrawn=tuple(gone),
    )


def _level(manifest: Mapping[str, object]) -> Level:
    if _table(manifest.get("_npmUser")).get("trustedPublisher"):
        return Level.TRUSTED_PUBLISHER
    if _table(_table(manifest.get("dist")).get("attestations")).get("provenance"):
        return Level.PROVENANCE
    return Level.NONE


def _table(value: object) -> Mapping[str, object]:
    match value:
        case dict(table):
            return table
        case _:
            return {}


def _package(shop: Registry, name: str) -> Fact[Registered | New]:
    match shop.packument(name):
        case Known(document):
            return Known(registered(document))
        case Absent():
            return Known(New())
        case Unknown() as unknown:
            return unknown


# -- the forge ------------------------------------------------------------------------------------


class _Forge:
    """The refs of repositories; a host that did not answer once is asked no more."""

    def __init__(self, listed: List) -> None:
        self._listed = listed
        self._lost: dict[str, Unknown] = {}

    def refs(self, url: str, *patterns: str) -> Refs:
        """Return the refs of a repository that fit a pattern, as `git.listed` does."""
        host = url.split("/")[2]
        if host in self._lost:
            return self._lost[host]
        found = self._listed(url, *patterns)
        if isinstance(found, Unknown):
            self._lost[host] = found
        return found


def _source(project: Project, forge: _Forge, tag: str | None) -> _Source:
    match project.repository:
        case Unknown(why):
            return _Source(Unknown(why), Unknown(why))
        case Known(repository):
            pass
    if repository.host not in FORGES and repository.origin not in {Origin.ENVIRONMENT, Origin.OPTION}:
        unasked = Unknown(f"{repository.host} is asked only where `--repository` names it")
        return _Source(unasked, unasked)
    patterns = ("HEAD",) if tag is None else ("HEAD", f"refs/tags/{tag}", f"refs/tags/{tag}^{{}}")
    found = forge.refs(repository.url, *patterns)
    asked = Inquiry(repository.host, repository.slug, _reasons((found,)))
    match found:
        case Unknown() as unknown:
            return _Source(unknown, unknown, asked)
        case Known(None):
            unseen = Unknown(f"{repository.host} {SEEN_BY_NOBODY}")
            return _Source(_unseen(repository, unseen), unseen, asked)
        case Known(refs):
            commit = None if refs is None or tag is None else pins.tagged(tag, refs)
            return _Source(Known(Visibility.PUBLIC), Known(commit), asked)


def _unseen(repository: Repository, unseen: Unknown) -> Fact[Visibility]:
    """Return the visibility of a repository that only a login shows; the one whose pipeline runs surely exists."""
    return Known(Visibility.PRIVATE) if repository.origin is Origin.ENVIRONMENT else unseen


def _heads(borrowed: tuple[Borrowed, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the repositories of unheld actions, with the branches that their refs may be."""
    for url in pins.repositories(borrowed)[: pins.MOST]:
        refs = {each.pin.ref for each in borrowed if pins.home(each) == url}
        yield url, tuple(f"refs/heads/{ref}" for ref in sorted(refs))


# -- what was asked -------------------------------------------------------------------------------


def _inquiries(
    host: str, packages: Mapping[str, Fact[Registered | New]], refs: Mapping[str, Refs], source: _Source
) -> Iterator[Inquiry]:
    if packages:
        yield Inquiry(host, _counted(len(packages), "package"), _reasons(packages.values()))
    if source.asked:
        yield source.asked
    if refs:
        yield Inquiry(pins.FORGE.split("/")[2], _counted(len(refs), "action"), _reasons(refs.values()))


def _counted(number: int, word: str) -> str:
    return f"{number} {word}{'s' if number > 1 else ''}"


def _reasons(facts: Iterable[Fact[object]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(fact.why for fact in facts if isinstance(fact, Unknown)))


def _put(into: dict[K, V], key: K, question: Callable[[], V]) -> None:
    into[key] = question()


def together(questions: Iterable[Callable[[], None]], workers: int = SIDE_BY_SIDE) -> None:
    """Put questions side by side and wait for all of them; each has an end of its own."""
    left = iter(tuple(questions))
    lock = Lock()

    def work() -> None:
        while True:
            with lock:
                question = next(left, None)
            if question is None:
                return
            question()

    # Threads that do not keep the process alive: whoever interrupts a check is not made to wait for a server.
    threads = [Thread(target=work, daemon=True) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
