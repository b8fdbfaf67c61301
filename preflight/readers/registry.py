"""Registries that speak npm's language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.errors import UsageError
from preflight.facts.fact import Known, Unknown
from preflight.readers import tarballs
from preflight.readers.answers import CLOCK, LIMITS, decoded
from preflight.readers.registries import NPM
from preflight.readers.web import JSON, MEBI, Web, address

if TYPE_CHECKING:
    from collections.abc import Mapping

    from preflight.facts.release import Tarball
    from preflight.readers.answers import Answer, Clock, Limits

ABBREVIATED = "application/vnd.npm.install-v1+json"
PACKUMENT = 64 * MEBI
ATTESTATIONS = 8 * MEBI
KEYS = MEBI
PATIENCE = 300.0
"""Seconds that a tarball may take."""
LONGEST_NAME = 214
"""Characters of a package's name (npm's validate-npm-package-name)."""
LONGEST_ADDRESS = 2048


class Registry:
    """A registry that speaks npm's language; what it says is checked no further than for its form."""

    def __init__(
        self,
        base: str,
        environment: Mapping[str, str],
        *,
        token: str | None = None,
        clock: Clock = CLOCK,
        limits: Limits = LIMITS,
    ) -> None:
        """Take npm's own address, or one that the user gave, and then a login for it. Raises UsageError."""
        base = address(base)
        if token is not None and base == NPM:
            raise UsageError("npm's own registry is asked without a login", "leave out the token's variable")
        self._web = Web(base, environment, token=token, clock=clock, limits=limits)
        self._path = base.removeprefix("https://").removeprefix("http://").partition("/")[2]

    @property
    def host(self) -> str:
        """The registry's name."""
        return self._web.host

    def packument(self, name: str, *, full: bool = True) -> Answer[Mapping[str, object]]:
        """Return what is known of a package; the abbreviated form lacks times and who published."""
        path = _escaped(name)
        if path is None:
            return Unknown(f"`{name[:80]}` is no name of a package")
        match self._web.json(path, most=PACKUMENT, accept=JSON if full else ABBREVIATED):
            case Known({"name": said}) if said != name:
                return Unknown(f"{self.host} answers about another package")
            case answer:
                return answer

    def attestations(self, name: str, version: str) -> Answer[Mapping[str, object]]:
        """Return the attestations of a version, as the registry lists them."""
        path = _listed(name, version)
        if path is None:
            return Unknown(f"`{name[:80]}` is no name of a package")
        return self._web.json(path, most=ATTESTATIONS)

    def attestations_raw(self, name: str, version: str) -> Answer[bytes]:
        """Return the same byte by byte: where they are checked every word counts, and no key may stand twice."""
        path = _listed(name, version)
        if path is None:
            return Unknown(f"`{name[:80]}` is no name of a package")
        return self._object(path, ATTESTATIONS)

    def keys_raw(self) -> Answer[bytes]:
        """Return the registry's public keys, as it serves them: a JSON object."""
        return self._object("-/npm/v1/keys", KEYS)

    def tarball(self, said: object) -> Answer[Tarball]:
        """Return what a tarball is made of; `said` is the packument's `dist.tarball`.

        Only its path counts: whatever server it names, this registry is asked. Takes at most 1 GiB and five minutes.
        """
        path = self._rooted(said)
        if path is None:
            return Unknown(f"{self.host} gives no address of the tarball that can be followed")
        # Some servers call every .tgz an encoding of a .tar, and the digest is that of the .tgz.
        return self._web.stream(
            path, tarballs.read, most=tarballs.LARGEST, accept="*/*", compressed=False, total=PATIENCE
        )

    def _object(self, path: str, most: int) -> Answer[bytes]:
        match self._web.get(path, most=most):
            case Known(data):
                found = decoded(data, self.host)
                return found if isinstance(found, Unknown) else Known(data)
            case other:
                return other

    def _rooted(self, said: object) -> str | None:
        """Return the path of an address that the registry gives, below its own; None for what is no such thing."""
        from urllib.parse import quote, unquote, urlsplit

        if not isinstance(said, str) or len(said) > LONGEST_ADDRESS:
            return None
        try:
            url = urlsplit(said)
        except ValueError:
            return None
        path = url.path.lstrip("/").removeprefix(self._path)
        parts = [unquote(part) for part in path.split("/")]
        if url.scheme not in {"https", "http"} or not all(part.strip(".") and part.isprintable() for part in parts):
            return None
        return quote(path, safe="/%@+~")


def token(environment: Mapping[str, str], name: str) -> str:
    """Return the login in a variable that the user named. Raises UsageError, which never shows it."""
    found = environment.get(name, "").strip()
    if not found:
        raise UsageError(f"the variable `{name}` holds no token")
    if not (found.isascii() and found.isprintable()) or " " in found:
        raise UsageError(f"the variable `{name}` holds what is no token")
    return found


def _escaped(name: str) -> str | None:
    """Return a package's name as it stands in a path; None for what would be another path."""
    from urllib.parse import quote

    parts = name.removeprefix("@").split("/")
    if len(name) > LONGEST_NAME or len(parts) != 1 + name.startswith("@"):
        return None
    if not all(part.strip(".") and part.isprintable() for part in parts):
        return None
    return quote(name, safe="@")


def _listed(name: str, version: str) -> str | None:
    """Return where the attestations of a version are; None for what is no name of a package."""
    from urllib.parse import quote

    path = _escaped(name)
    return None if path is None else f"-/npm/v1/attestations/{path}@{quote(version, safe='')}"
