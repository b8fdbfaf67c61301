"""The git repository that a project lies in: plain files only, no process."""

from __future__ import annotations

import os
import stat
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from preflight.errors import ConfigError, PreflightError, UnreadableError, UsageError
from preflight.facts.fact import Known, Unknown
from preflight.facts.project import Origin, Repository
from preflight.readers import addresses, gitconfig
from preflight.records import dataclass
from preflight.source.files import Files

if TYPE_CHECKING:
    from collections.abc import Mapping

    from preflight.facts.fact import Fact
    from preflight.readers.addresses import Address
    from preflight.readers.gitconfig import Setting

_GITHUB = "github.com"
_SSH_DOORS = {"ssh.github.com:443": _GITHUB, "altssh.gitlab.com:443": "gitlab.com"}
"""Hosts that answer ssh on the port of https (docs.github.com, "Using SSH over the HTTPS port")."""
_MOST = 500
"""Remotes, and rewrites of their addresses, beyond which a configuration is no person's."""
_HEX = frozenset("0123456789abcdef")
_EXPECTED = "write it as `Owner/Repo`, or with its host as `https://gitlab.com/group/project`"


@dataclass(frozen=True, slots=True)
class Checkout:
    """Where a repository lies: `top` is its working tree, `private` the folder with HEAD, `common` that with config."""

    top: Path
    private: Path
    common: Path


@dataclass(frozen=True, slots=True)
class Remote:
    """A remote by name, and the repository that it leads to as `https://host/Owner/Repo`; never with a user name."""

    name: str
    repository: Fact[str]


@dataclass(frozen=True, slots=True)
class Head:
    """What is checked out: a branch, or a commit by itself."""

    branch: str | None
    commit: str | None


def find(root: Path) -> Fact[Checkout]:
    """Find the repository that a folder lies in, by the nearest `.git` at or above it on the same file system.

    A folder that is itself a bare repository is not taken for one: it may be a tracked folder of another. A `.git`
    that is a link, that another user owns, or that leads to a repository which does not know this folder is unknown.
    """
    start = Path(os.path.realpath(root))
    device, owner = _device_and_owner(start)
    for top in (start, *start.parents):
        if _device_and_owner(top)[0] != device:
            break
        door = top / ".git"
        try:
            found = os.lstat(door)
        except OSError:
            continue
        if stat.S_ISDIR(found.st_mode) and not os.path.lexists(door / "HEAD"):
            continue
        if top != start and found.st_uid not in {owner, _user()}:
            return Unknown("another user owns the git repository above this folder")
        if stat.S_ISDIR(found.st_mode):
            return Known(Checkout(top, door, door))
        if stat.S_ISREG(found.st_mode):
            return _linked(top)
        return Unknown("`.git` is a link or a special file")
    return Unknown("this folder is in no git repository")


def below(root: Path) -> PurePosixPath:
    """Return a folder as seen from the top of its repository; `.` where it is the top, or in no repository."""
    match find(root):
        case Known(checkout):
            return PurePosixPath(Path(os.path.realpath(root)).relative_to(checkout.top).as_posix())
        case Unknown():
            return PurePosixPath()


def remotes(root: Path) -> Fact[tuple[Remote, ...]]:
    """Return the remotes of the repository that a folder lies in, in the order of its configuration."""
    match _settings(root):
        case Unknown() as unknown:
            return unknown
        case Known(settings):
            return _remotes(settings)


def head(root: Path) -> Fact[Head]:
    """Return what is checked out."""
    match find(root):
        case Unknown() as unknown:
            return unknown
        case Known(checkout):
            text = _text(checkout.private, "HEAD")
    ref = (text or "").strip()
    name = ref.removeprefix("ref:").strip()
    if ref.startswith("ref:") and name.startswith("refs/heads/"):
        return Known(Head(name.removeprefix("refs/heads/"), None))
    if len(ref) in {40, 64} and _HEX.issuperset(ref):
        return Known(Head(None, ref))
    return Unknown("`.git/HEAD` names neither a branch nor a commit")


def identify(
    root: Path, environment: Mapping[str, str], option: str | None = None, configured: str | None = None
) -> Fact[Repository]:
    """Return the repository that runs the pipeline: the best of CI's variables, option, configuration and remotes.

    Raises UsageError for an option, and ConfigError for a configured value, that names no repository.
    """
    asked = _asked(option, UsageError, "--repository")
    set_up = _asked(configured, ConfigError, "preflight.toml: `repository`")
    if running := _running(environment):
        return Known(Repository(running, Origin.ENVIRONMENT))
    if asked:
        return Known(Repository(asked, Origin.OPTION))
    if set_up:
        return Known(Repository(set_up, Origin.CONFIGURATION))
    match remotes(root):
        case Unknown() as unknown:
            return unknown
        case Known(found):
            return _chosen(found)


# -- files ----------------------------------------------------------------------------------------


def _device_and_owner(folder: Path) -> tuple[int, int]:
    try:
        found = os.lstat(folder)
    except OSError:
        return -1, -1
    return found.st_dev, found.st_uid


def _user() -> int:
    return os.geteuid() if hasattr(os, "geteuid") else 0


def _text(folder: Path, name: str) -> str | None:
    """Return the text of a file of git; None where it is missing, leads out, or is no text of at most 1 MiB."""
    try:
        text = Files(folder).source(PurePosixPath(name)).text
    except (UnreadableError, UsageError):
        return None
    return None if "\0" in text else text


def _linked(top: Path) -> Fact[Checkout]:
    """Follow the `.git` file of a worktree or a submodule, if the place that it leads to knows this folder."""
    text = _text(top, ".git") or ""
    if not text.startswith("gitdir:"):
        return Unknown("`.git` is a file that names no folder")
    private = Path(os.path.realpath(top / text.removeprefix("gitdir:").strip("\r\n ")))
    common = _text(private, "commondir")
    if common is not None:
        back = _text(private, "gitdir") or ""
        if os.path.realpath(back.strip()) == os.path.realpath(top / ".git"):
            return Known(Checkout(top, private, Path(os.path.realpath(private / common.strip()))))
    elif any(private.is_relative_to(above / ".git" / "modules") for above in top.parents):
        return Known(Checkout(top, private, private))
    return Unknown("`.git` leads to a repository that does not know this folder")


def _settings(root: Path) -> Fact[tuple[Setting, ...]]:
    match find(root):
        case Unknown() as unknown:
            return unknown
        case Known(checkout):
            text = _text(checkout.common, "config")
    if text is None:
        return Unknown("`.git/config` cannot be read")
    settings = gitconfig.read(text)
    return Unknown("git would not read `.git/config` either") if settings is None else Known(settings)


# -- remotes --------------------------------------------------------------------------------------


def _remotes(settings: tuple[Setting, ...]) -> Fact[tuple[Remote, ...]]:
    rewrites = [(one.value, one.name) for one in settings if one.section == "url" and one.key == "insteadof"]
    urls: dict[str, str] = {}
    for one in settings:
        if one.section == "remote" and one.key == "url" and one.name and one.value:
            urls.setdefault(one.name, one.value)
    if len(urls) > _MOST or len(rewrites) > _MOST:
        return Unknown(f"`.git/config` names more than {_MOST} remotes or rewrites")
    if not urls and any(one.section in {"include", "includeif"} for one in settings):
        return Unknown("`.git/config` includes another file, which may name the remote")
    return Known(tuple(Remote(name, _repository(name, url, rewrites)) for name, url in urls.items()))


def _repository(name: str, url: str, rewrites: list[tuple[str, str]]) -> Fact[str]:
    fitting = [(old, new) for old, new in rewrites if old and url.startswith(old)]
    if not fitting:
        return _located(name, url)
    old, new = max(fitting, key=lambda pair: len(pair[0]))
    plain, rewritten = _located(name, url), _located(name, new + url[len(old) :])
    match plain, rewritten:
        case Known(one), Known(other) if one != other:
            return Unknown(f"`insteadOf` turns the remote `{name}` from {one} into {other}")
        case _:
            return rewritten


def _located(name: str, url: str) -> Fact[str]:
    address = addresses.read(url)
    if address is None or address.scheme == "shorthand":
        return Unknown(f"the remote `{name}` is not the address of a repository on a host")
    host = _host(address)
    if address.over_ssh and not _is_public(host):
        return Unknown(f"the remote `{name}` has the host `{host}`, which only a configuration of ssh explains")
    found = _url(host, address.path)
    return Known(found) if found else Unknown(f"the remote `{name}` is not the address of a repository on {host}")


def _host(address: Address) -> str:
    host = address.host.lower()
    return _SSH_DOORS.get(host, host).removeprefix("www.")


def _is_public(host: str) -> bool:
    """Return whether a host can be a name of the public DNS; people call theirs `github-work` or `github.com-work`."""
    name, _, last = host.partition(":")[0].rpartition(".")
    return bool(name) and (last.isalpha() or last.startswith("xn--") or last.isdigit())


def _url(host: str, path: str) -> str | None:
    """Return the address as provenance spells it; None where the path cannot be a repository there."""
    segments = path.split("/")
    enough = len(segments) == 2 if host == _GITHUB else len(segments) >= 2
    return f"https://{host}/{path}" if enough and all(segments) else None


def _chosen(found: tuple[Remote, ...]) -> Fact[Repository]:
    if not found:
        return Unknown("the git repository has no remote")
    first = next((one for one in found if one.name == "origin"), None)
    if first is None and len({one.repository for one in found}) > 1:
        names = ", ".join(f"`{one.name}`" for one in found[:4])
        return Unknown(f"there are several remotes ({names}) and none is called `origin`")
    match (first or found[0]).repository:
        case Unknown() as unknown:
            return unknown
        case Known(url):
            others = tuple(dict.fromkeys(other for one in found for other in _known(one) if other != url))
            return Known(Repository(url, Origin.REMOTE, others))


def _known(remote: Remote) -> tuple[str, ...]:
    match remote.repository:
        case Known(url):
            return (url,)
        case Unknown():
            return ()


# -- what else names the repository ---------------------------------------------------------------


def _running(environment: Mapping[str, str]) -> str | None:
    """Return the repository that GitHub Actions or GitLab CI names in the variables of the job."""
    if environment.get("GITHUB_ACTIONS") == "true":
        server = environment.get("GITHUB_SERVER_URL") or f"https://{_GITHUB}"
        return _web(f"{server.rstrip('/')}/{environment.get('GITHUB_REPOSITORY', '')}")
    if environment.get("GITLAB_CI"):
        server, path = environment.get("CI_SERVER_URL", ""), environment.get("CI_PROJECT_PATH", "")
        return _web(environment.get("CI_PROJECT_URL") or f"{server.rstrip('/')}/{path}")
    return None


def _web(url: str) -> str | None:
    address = addresses.read(url)
    return _url(_host(address), address.path) if address and address.scheme in {"http", "https"} else None


def _asked(text: str | None, error: type[PreflightError], where: str) -> str | None:
    if text is None:
        return None
    address = addresses.read(text)
    url = _url(_host(address), address.path) if address else None
    if url is None:
        raise error(f"{where} does not name a repository: `{addresses.masked(text)}`", _EXPECTED)
    return url
