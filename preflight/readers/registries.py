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


_HOSTS = {
    "npm.pkg.github.com": "GitHub Packages",
    "gitlab.com": "GitLab's registry",
    "pkgs.dev.azure.com": "Azure Artifacts",
    "npm.cloudsmith.io": "Cloudsmith",
    "npm.jsr.io": "JSR",
}
_HANDS_ON = frozenset({"wombat-dressing-room.appspot.com"})
"""Hosts that hand a publish on to npm's registry with a token of their own."""
_ENDINGS = {
    ".jfrog.io": "Artifactory",
    ".pkgs.visualstudio.com": "Azure Artifacts",
    "-npm.pkg.dev": "Google's Artifact Registry",
}
_PARTS = ("verdaccio", "nexus", "artifactory")
_OWN_MACHINE = frozenset({"localhost", "127.0.0.1", "[::1]", "0.0.0.0"})  # noqa: S104 -- read in a URL, not listened on


def called(address: str) -> str | None:
    """Return what a registry other than npm's is called: the product where the address tells, else its host.

    None for one on the job's own machine, which exists only for a test, and for one that hands on to npm's.
    """
    _, _, rest = normalise(address).partition("//")
    authority, _, path = rest.partition("/")
    authority = authority.rpartition("@")[2]
    host = authority if authority.startswith("[") else authority.partition(":")[0]
    host = host.partition("]")[0] + "]" if host.startswith("[") else host
    if not host or host in _OWN_MACHINE or host in _HANDS_ON:
        return None
    if (name := _HOSTS.get(host)) is not None:
        return name
    if ".codeartifact." in host and host.endswith(".amazonaws.com"):
        return "CodeArtifact"
    if "api/v4/" in path and "packages/npm" in path:
        return "GitLab's registry"
    named = next((name for ending, name in _ENDINGS.items() if host.endswith(ending)), None)
    product = next((part for part in _PARTS if part in host or f"/{part}/" in f"/{path}"), None)
    return named or (product.capitalize() if product else host)
