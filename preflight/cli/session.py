"""What every command needs first: the root, the configuration and the settings."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from preflight import config as configuration
from preflight.cli.settings import raw, resolve, switched
from preflight.config import Config
from preflight.errors import UsageError
from preflight.records import dataclass
from preflight.source.files import Files

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from preflight.cli.settings import Given, Settings

PIPELINES = (".github/workflows", ".gitlab-ci.yml")


@dataclass(frozen=True, slots=True)
class Session:
    """A project's folder, the settings that count, and things to tell the user before anything else."""

    root: Path
    settings: Settings
    warnings: tuple[str, ...] = ()


def begin(given: Given, environment: Mapping[str, str], rules: Callable[[], Collection[str]], root: str) -> Session:
    """Find and read the configuration, and settle what counts.

    `rules` gives the names that the configuration may use; it is asked only if there is a configuration.
    Raises UsageError for a root that is no folder, ConfigError for a configuration that cannot be followed.
    """
    folder = Path(root)
    # Those of `Path` raise where a name is too long for the system, or a folder may not be searched.
    if not os.path.isdir(root):  # noqa: PTH112
        fault = "is no folder" if os.path.exists(root) else "does not exist"  # noqa: PTH110
        raise UsageError(f"`{root}` {fault}", "give the top folder of the repository")
    config, warnings = _config(given, environment, rules, folder)
    return Session(folder, resolve(given, environment, config), warnings)


def above(folder: Path, root: str) -> tuple[str, ...]:
    """Warn of a folder inside a git repository whose pipelines lie further up, where they are not read."""
    here = folder.resolve()
    if _any(here, ".git", *PIPELINES):
        return ()
    for parent in here.parents:
        if _any(parent, ".git"):
            if not _any(parent, *PIPELINES):
                return ()
            steps = [".."] * len(here.relative_to(parent).parts)
            way = os.path.normpath(os.path.join(root, *steps)).replace(os.sep, "/")  # noqa: PTH118
            return (f"warning: the pipelines of this repository lie in `{way}`, and are not read from here",)
    return ()


def _any(folder: Path, *names: str) -> bool:
    return any(os.path.exists(folder / name) for name in names)  # noqa: PTH110


def _config(
    given: Given, environment: Mapping[str, str], rules: Callable[[], Collection[str]], folder: Path
) -> tuple[Config, tuple[str, ...]]:
    if switched(given, environment, "no-config"):
        return Config(), ()
    if named := raw(given, environment, "config"):
        return configuration.load(Path(named), named, rules()), ()
    files = Files(folder)
    found = configuration.find(files)
    if not found:
        return Config(), ()
    warnings = (f"warning: {found[0]} counts, {found[1]} is not read",) if len(found) > 1 else ()
    return configuration.read(files, found[0], rules()), warnings
