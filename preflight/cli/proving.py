"""What `verify` and `history` are asked beyond what every command is, and what both need."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from preflight.cli.durations import seconds
from preflight.errors import UsageError
from preflight.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from preflight.cli.settings import Settings
    from preflight.readers.registry import Registry
    from preflight.readers.trust import Trust
    from preflight.report.proof import Trusted

EMPTY = "is a variable unset?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proving:
    """The options of `verify`; what is None was not given."""

    wait: int
    """Seconds; 0 for one look."""
    plan: Path | None
    commit: str | None
    ref: str | None
    workflow: str | None
    signer: str | None
    offline: bool
    bundle: Path | None
    tarball: Path | None


def value(settings: Settings, key: str) -> str | None:
    """Return the value of an option; None where it is not given.

    Raises UsageError for an empty one, which would otherwise expect nothing.
    """
    shown = settings.shown.get(key)
    if shown is None or not shown.values:
        return None
    found = shown.values[-1].strip()
    if not found:
        raise UsageError(f"`--{key}` is empty", EMPTY)
    return found


def switch(settings: Settings, key: str) -> bool:
    """Return whether a flag is set."""
    from preflight.cli.settings import true

    found = value(settings, key)
    return found is not None and true(key, found)


def proving(settings: Settings) -> Proving:
    """Return the options of `verify`. Raises UsageError for those that cannot be followed."""
    found = Proving(
        wait=seconds(value(settings, "wait") or "0"),
        plan=_path(settings, "plan"),
        commit=value(settings, "commit"),
        ref=value(settings, "ref"),
        workflow=value(settings, "workflow"),
        signer=value(settings, "signer"),
        offline=switch(settings, "offline"),
        bundle=_path(settings, "bundle"),
        tarball=_path(settings, "tarball"),
    )
    value(settings, "repository")
    if found.offline and found.bundle is None:
        raise UsageError("`--offline` needs the attestations in a file", "say --bundle FILE, and --tarball FILE")
    if not found.offline and (found.bundle or found.tarball):
        raise UsageError("`--bundle` and `--tarball` are for `--offline`", "say --offline too")
    if found.offline and found.wait:
        raise UsageError("`--offline` asks nobody, so there is nothing to wait for")
    return found


def registry(settings: Settings, environment: Mapping[str, str], *, hasty: bool = False) -> Registry:
    """Return the registry to ask: npm's, or the one that the user names, with a login from the variable that they name.

    `hasty` is for somebody who would not wait for one that never answers. Raises UsageError for a registry that may
    not be asked.
    """
    from preflight.readers import registry as reader
    from preflight.readers.answers import HASTY, LIMITS
    from preflight.readers.registries import NPM

    address, variable = value(settings, "registry"), value(settings, "token-variable")
    if variable and address is None:
        raise UsageError("`--token-variable` is for a registry of your own", "say --registry URL too")
    login = reader.token(environment, variable) if variable else None
    return reader.Registry(address or NPM, environment, token=login, limits=HASTY if hasty else LIMITS)


def trust(settings: Settings, environment: Mapping[str, str], *, online: bool) -> Trust:
    """Return whom to trust, after a test that what checks it can be relied upon. Raises UsageError."""
    from preflight.readers import self_test
    from preflight.readers.trust import trust as found

    self_test.run()
    root, keys = _path(settings, "trusted-root"), _path(settings, "npm-keys")
    # What a file holds is asked of nobody; the other half is, because an old one refuses what is sound.
    return found(root, keys, online=online, environment=environment)


def trusted(found: Trust) -> Trusted:
    """Return whom was trusted, as reports show it."""
    from preflight.report.proof import Trusted

    return Trusted(found.root.value, found.date, found.npm_keys)


def _path(settings: Settings, key: str) -> Path | None:
    found = value(settings, key)
    if found is None:
        return None
    path = Path(found)
    try:
        there = path.exists()
    except OSError:
        there = False
    if not there:
        raise UsageError(f"`--{key} {found[:200]}` does not exist")
    return path
