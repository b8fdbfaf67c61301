"""The remotes of a git configuration, and the repositories that they lead to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.fact import Known, Unknown
from preflight.facts.project import Origin, Repository
from preflight.readers import addresses
from preflight.records import dataclass

if TYPE_CHECKING:
    from preflight.facts.fact import Fact
    from preflight.readers.addresses import Address
    from preflight.readers.gitconfig import Setting

GITHUB = "github.com"
_SSH_DOORS = {"ssh.github.com:443": GITHUB, "altssh.gitlab.com:443": "gitlab.com"}
"""Hosts that answer ssh on the port of https (docs.github.com, "Using SSH over the HTTPS port")."""
_MOST = 500
"""Remotes, and rewrites of their addresses, beyond which a configuration is no person's."""


@dataclass(frozen=True, slots=True)
class Remote:
    """A remote by name, and the repository that it leads to as `https://host/Owner/Repo`; never with a user name."""

    name: str
    repository: Fact[str]


def read(settings: tuple[Setting, ...]) -> Fact[tuple[Remote, ...]]:
    """Return the remotes in the order of the configuration."""
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
    there = new + url[len(old) :]
    plain, rewritten = _located(name, url), _located(name, there)
    match plain, rewritten:
        case Known(one), Known(other) if one != other:
            return Unknown(f"`insteadOf` turns the remote `{name}` from {one} into {other}")
        case Known(), Unknown() if not there.lower().startswith(("http:", "https:", "git:")):
            # A host that only a configuration of ssh explains, or a mirror on this machine: the name is still true.
            return plain
        case _:
            return rewritten


def _located(name: str, url: str) -> Fact[str]:
    address = addresses.read(url)
    if address is None or address.scheme == "shorthand":
        return Unknown(f"the remote `{name}` is not the address of a repository on a host")
    host = host_of(address)
    if address.over_ssh and not _is_public(host):
        return Unknown(f"the remote `{name}` has the host `{host}`, which only a configuration of ssh explains")
    found = address_on(host, address.path)
    return Known(found) if found else Unknown(f"the remote `{name}` is not the address of a repository on {host}")


def host_of(address: Address) -> str:
    """Return the host as provenance spells it."""
    host = address.host.lower()
    return _SSH_DOORS.get(host, host).removeprefix("www.")


def _is_public(host: str) -> bool:
    """Return whether a host can be a name of the public DNS; people call theirs `github-work` or `github.com-work`."""
    name, _, last = host.partition(":")[0].rpartition(".")
    return bool(name) and (last.isalpha() or last.startswith("xn--") or last.isdigit())


def address_on(host: str, path: str) -> str | None:
    """Return the address as provenance spells it; None where the path cannot be a repository there."""
    segments = path.split("/")
    enough = len(segments) == 2 if host == GITHUB else len(segments) >= 2
    return f"https://{host}/{path}" if enough and all(segments) else None


def chosen(found: tuple[Remote, ...]) -> Fact[Repository]:
    """Return the repository that is meant where nobody says: `origin`, or the only remote."""
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
