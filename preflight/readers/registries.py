"""Addresses of npm's public registry and its aliases."""

from __future__ import annotations

NPM = "https://registry.npmjs.org/"
"""The registry that holds provenance; the one place where its address is written."""
ALIASES = (NPM, "https://registry.npmjs.com/", "https://registry.yarnpkg.com/")
"""Hosts that lead to the same registry; a publish to any of them is a publish to npm."""
_HTTPS_PORT = ":443"


def normalise(address: str) -> str:
    """Return an address of a registry as npm compares them: host in lower case, no default port, one final slash.

    Works on `//host/path` too, as the keys of an .npmrc are spelt, and never raises; query and fragment stay.
    """
    scheme, mark, rest = address.strip().partition("//")
    if not mark:
        return address.strip()
    host, slash, path = rest.partition("/")
    host = host.lower()
    if scheme.lower() == "https:":
        host = host.removesuffix(_HTTPS_PORT)
    return f"{scheme.lower()}//{host}{slash}{path.rstrip('/')}".rstrip("/") + "/"


def is_npm(address: str) -> bool:
    """Return whether an address leads to npm's public registry; http and https both count, userinfo does not."""
    scheme, _, place = normalise(address).partition("//")
    return scheme in {"", "http:", "https:"} and any(place == alias.partition("//")[2] for alias in ALIASES)
