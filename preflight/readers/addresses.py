"""Addresses of git repositories: as git reads them, and as npm rewrites them before it sends a package."""

from __future__ import annotations

from preflight.records import KW_ONLY, dataclass

_LONGEST = 2048
_PORTS = {"http": "80", "https": "443", "ssh": "22", "git": "9418"}
_PORTS |= {f"git+{scheme}": _PORTS[scheme] for scheme in ("http", "https", "ssh")}
_SSH = frozenset({"ssh", "git+ssh", "scp"})
_SCHEME_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789+-.")
_HOST_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._")


@dataclass(frozen=True, slots=True)
class Address:
    """A repository's address taken apart; user name and password are dropped.

    `host` keeps its case, and its port where that is not the scheme's own. `path` has no slash at its ends and no
    `.git`. `scheme` is in lower case; it is `scp` for `git@host:path`, and `shorthand` for `Owner/Repo` and
    `github:Owner/Repo`.
    """

    scheme: str
    host: str
    _: KW_ONLY
    path: str
    quirks: tuple[str, ...] = ()
    """What is unusual about the spelling, each completing "the address …"."""

    @property
    def url(self) -> str:
        """`https://host/Owner/Repo`."""
        return f"https://{self.host}/{self.path}"

    @property
    def over_ssh(self) -> bool:
        """Whether ssh resolves the host, which a user's own configuration may rename."""
        return self.scheme in _SSH


def read(text: str) -> Address | None:
    """Take an address apart; None for what names no repository on a host, such as a path, and for hosts beyond ASCII.

    Never raises. One final slash and one final `.git` do not count. Addresses over 2048 characters, with white space,
    control characters, `.` or `..` as a segment are refused.
    """
    text = text.strip()
    if not text or len(text) > _LONGEST or not text.isprintable() or " " in text:
        return None
    main, mark, committish = text.partition("#")
    quirks = [f"names the commit or branch `{committish}`"] if mark else []
    scheme, mark, rest = main.partition("://")
    if not mark:
        return _shorthand(main, quirks) or _scp(main, quirks)
    scheme = scheme.lower()
    if scheme not in _PORTS:
        return None
    authority, _, path = rest.partition("/")
    user, host = _userinfo(authority)
    host, _, port = host.partition(":")
    # `ssh://git@host:Owner/Repo` is a common slip that npm repairs.
    if port and not port.isdigit():
        path = f"{port}/{path}"
        quirks.append("has `:` where `/` belongs")
        port = ""
    if user and not (user == "git" and scheme in _SSH):
        quirks.append("carries a user name")
    if scheme == "git":
        quirks.append("uses the scheme `git:`, which GitHub no longer serves")
    return _address(scheme, host if port in {"", _PORTS[scheme]} else f"{host}:{port}", path, quirks)


def masked(text: str) -> str:
    """Return an address as it may be shown: with `[redacted]` in the place of a user name other than `git`."""
    start = text.find("://") + 3 if "://" in text else 0
    end = next((at for at in range(start, len(text)) if text[at] in "/#?"), len(text))
    user, mark, host = text[start:end].rpartition("@")
    return text if not mark or user == "git" else f"{text[:start]}[redacted]@{host}{text[end:]}"


def _userinfo(authority: str) -> tuple[str, str]:
    user, _, host = authority.rpartition("@")
    return user, host


def _shorthand(text: str, quirks: list[str]) -> Address | None:
    forge, mark, path = text.partition(":")
    if not mark:
        forge, path = "github", text
    fits = path.count("/") >= 1 if forge == "gitlab" else path.count("/") == 1
    if forge not in _FORGES or not fits or "@" in path or path.startswith(("/", ".")):
        return None
    return _address("shorthand", _FORGES[forge].domain, path, ["is a shorthand", *quirks])


def _scp(text: str, quirks: list[str]) -> Address | None:
    authority, mark, path = text.partition(":")
    if not mark or "/" in authority:
        return None
    user, host = _userinfo(authority)
    if user != "git":
        quirks = ["carries a user name" if user else "has no user name before the host", *quirks]
    return _address("scp", host, path.removeprefix("/"), quirks)


def _address(scheme: str, host: str, path: str, quirks: list[str]) -> Address | None:
    name, _, port = host.partition(":")
    segments = path.removesuffix("/").removesuffix(".git").split("/")
    # Only these two spell folders so: `/Owner/Repo/tree/main/…` and `/group/project/-/tree/main/…`.
    if "-" in segments[2:]:
        segments = segments[: segments.index("-", 2)]
        quirks = [*quirks, "leads to a folder"]
    elif name.lower() == "github.com" and segments[2:3] == ["tree"]:
        segments = [segments[0], segments[1].removesuffix(".git")]
        quirks = [*quirks, "leads to a folder"]
    path = "/".join(segments)
    if not name or not _HOST_CHARACTERS.issuperset(name) or (port and not port.isascii()):
        return None
    if not path or "." in segments or ".." in segments:
        return None
    return Address(scheme, host, path=path, quirks=tuple(quirks))


# -- npm ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Forge:
    """A host that npm knows: the schemes that it accepts there, and what it does with each."""

    domain: str
    schemes: frozenset[str]
    keeps_plus: bool = True


_COMMON = frozenset({"git+ssh", "git+https", "ssh", "https"})
_FORGES = {
    "github": _Forge("github.com", _COMMON | {"git", "http"}),
    "gitlab": _Forge("gitlab.com", _COMMON),
    "bitbucket": _Forge("bitbucket.org", _COMMON),
    "gist": _Forge("gist.github.com", _COMMON | {"git"}),
    "sourcehut": _Forge("git.sr.ht", frozenset({"git+ssh", "https"}), keeps_plus=False),
}
_BY_DOMAIN = {forge.domain: name for name, forge in _FORGES.items()}


@dataclass(frozen=True, slots=True)
class _Parts:
    """A URL as JavaScript's `URL` splits it, as far as it matters here; `host` is empty where it has none."""

    scheme: str
    user: str
    host: str
    path: str
    fragment: str


def as_npm_sends(text: str) -> str:
    """Return the `repository.url` that the npm CLI puts into what it sends, for the value in package.json.

    npm leaves what it does not know as it is. Follows hosted-git-info 9, but for values that name no repository in any
    reading (with `%`, with `.` or `..` as a segment, without an owner). Never raises.
    """
    if len(text) > _LONGEST or "%" in text:
        return text
    full = f"github:{text}" if _is_shorthand(text) else text
    forge, mark, rest = full.partition(":")
    if mark and forge in _FORGES and not rest.startswith("//"):
        return _from_shortcut(forge, rest)
    full = _with_slashes(full)
    parts = _parts(full) or _parts(_repaired(full))
    if parts is None or {".", ".."} & set(parts.path.split("/")):
        return text
    name = _BY_DOMAIN.get(parts.host.removeprefix("www."))
    if name is None or parts.scheme not in _FORGES[name].schemes:
        return text
    return _from_url(name, parts) or text


def _is_shorthand(text: str) -> bool:
    head, mark, _ = text.partition("#")
    return (
        head.count("/") == 1
        and not head.startswith(("/", "."))
        and not head.endswith("/")
        and not any(character in "@:" or character.isspace() for character in head)
        and bool(mark or head)
    )


def _from_shortcut(forge: str, rest: str) -> str:
    head, _, committish = rest.partition("#")
    path = head.partition("?")[0].removeprefix("/")
    path = path.partition("@")[2] if "@" in path else path
    owner, _, project = path.rpartition("/")
    return _https(forge, owner, project.removesuffix(".git"), "", f"#{committish}" if committish else "")


def _from_url(forge: str, parts: _Parts) -> str | None:
    found = _repository(forge, parts)
    if found is None:
        return None
    owner, project, committish = found
    tail = f"#{committish}" if committish else ""
    if parts.scheme in {"https", "git+https"}:
        return _https(forge, owner, project, parts.user, tail)
    place = f"{owner}/{project}" if owner and forge != "gist" else project
    domain = _FORGES[forge].domain
    if parts.scheme == "git":
        auth = f"{parts.user}@" if parts.user and forge == "github" else ""
        return f"git://{auth}{domain}/{place}.git{tail}"
    return f"git+ssh://git@{domain}/{place}.git{tail}"


def _https(forge: str, owner: str, project: str, user: str, tail: str) -> str:
    known = _FORGES[forge]
    if not known.keeps_plus:
        return f"https://{known.domain}/{owner}/{project}{tail}"
    if forge == "gist":
        return f"git+https://{known.domain}/{project}.git{tail}"
    auth = f"{user}@" if user else ""
    return f"git+https://{auth}{known.domain}/{owner}/{project}.git{tail}"


def _repository(forge: str, parts: _Parts) -> tuple[str, str, str] | None:
    """Return owner, project and committish of a URL's path, by the forge's own rules."""
    segments = parts.path.split("/")
    if forge == "gitlab":
        if "/-/" in parts.path or "/archive.tar.gz" in parts.path:
            return None
        owner, project = "/".join(segments[:-1]), segments[-1].removesuffix(".git")
        return (owner, project, parts.fragment) if owner and project else None
    owner, project, kind, committish, *_ = [*segments, "", "", "", ""]
    if forge == "gist":
        owner, project = ("", owner) if not project else (owner, project)
        return (owner, project.removesuffix(".git"), parts.fragment) if project and kind != "raw" else None
    project = project.removesuffix(".git")
    if not owner or not project:
        return None
    if forge == "github":
        return (owner, project, committish if kind else parts.fragment) if kind in {"", "tree"} else None
    refused = "get" if forge == "bitbucket" else "archive"
    return (owner, project, parts.fragment) if kind != refused else None


def _parts(url: str) -> _Parts | None:
    url = url.strip()
    scheme, mark, rest = url.partition(":")
    scheme = scheme.lower()
    if not mark or not scheme[:1].isalpha() or not _SCHEME_CHARACTERS.issuperset(scheme):
        return None
    special = scheme in {"http", "https"}
    rest, _, fragment = rest.partition("#")
    rest, _, _ = rest.partition("?")
    if special:
        rest = "//" + rest.replace("\\", "/").lstrip("/")
    if not rest.startswith("//"):
        return _Parts(scheme, "", "", "", "")
    authority, _, path = rest[2:].partition("/")
    user, host = _userinfo(authority)
    host, _, port = host.partition(":")
    if port and not (port.isascii() and port.isdigit() and int(port[:6]) < 65536):
        return None
    user = user.removesuffix(":")
    return _Parts(scheme, user, host.lower() if special else host, path, fragment)


def _with_slashes(text: str) -> str:
    scheme, mark, rest = text.partition(":")
    if (mark and scheme in _PORTS) or (mark and scheme in _FORGES) or rest.startswith("//"):
        return text
    at = text.find("@")
    if at < 0:
        return f"{scheme}://{rest}" if mark else f"//{text}"
    return f"git+ssh://{text}" if not mark or at > len(scheme) else text


def _repaired(text: str) -> str:
    head, mark, tail = text.partition("#")
    colon = head.rfind(":")
    if colon > head.rfind("@"):
        head = f"{head[:colon]}/{head[colon + 1 :]}"
    if ":" not in head and "//" not in head:
        head = f"git+ssh://{head}"
    return f"{head}{mark}{tail}"
