"""What `git ls-remote` says of a repository on a forge."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from preflight.facts.fact import Known, Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from preflight.facts.fact import Fact

KEPT = frozenset(
    {
        "ALL_PROXY",
        "CURL_CA_BUNDLE",
        "GIT_SSL_CAINFO",
        "GIT_SSL_CAPATH",
        "HTTPS_PROXY",
        "NO_PROXY",
        "PATH",
        "PATHEXT",
        "SSL_CERT_DIR",
        "SSL_CERT_FILE",
        "SYSTEMDRIVE",
        "SYSTEMROOT",
        "TEMP",
        "TMP",
        "TMPDIR",
    }
)
"""What git needs to start, to find its proxy, and to know whom to trust; nothing that names a login or a program."""
LOGIN = (b"could not read username", b"terminal prompts disabled", b"authentication failed", b"not found")
"""How git says that the forge shows a repository to nobody without a login, or has none of that name."""
LARGEST = 16 * 1024 * 1024


def childs(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment in which git may ask a forge.

    Without a home there is no `.netrc`, which curl would read a login from, and no configuration of the user's.
    """
    return {
        **{name: value for name, value in environment.items() if name.upper() in KEPT},
        "GIT_ASKPASS": "",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "HOME": os.devnull,
        "LC_ALL": "C",
        "SSH_ASKPASS": "",
        "USERPROFILE": os.devnull,
    }


def answered(code: int, out: bytes, err: bytes, host: str) -> Fact[Mapping[str, str] | None]:
    """Read how `git ls-remote` ended: the refs by name, None where nobody sees them, else why they are not known."""
    if code == 0:
        if len(out) > LARGEST:
            return Unknown(f"{host} lists more refs than fit into {LARGEST // 1024 // 1024} MiB")
        return Known(dict(_refs(out)))
    said = err.lower()
    # The name of a host that does not exist is "not found" too.
    if b"could not resolve" not in said and any(words in said for words in LOGIN):
        return Known(None)
    return Unknown(f"{host} cannot be reached")


def _refs(out: bytes) -> list[tuple[str, str]]:
    """Return name and commit of each line that git printed."""
    found = []
    for line in out.decode("utf-8", "replace").split("\n"):
        commit, tab, name = line.partition("\t")
        if tab and len(commit) in {40, 64} and commit.isalnum():
            found.append((name.strip(), commit))
    return found
