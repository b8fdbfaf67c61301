"""Changelogs, and whether they mention a version."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from preflight.errors import UnreadableError
from preflight.facts.ci import Tool
from preflight.facts.tagging import Unfiled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from preflight.facts.ci import PublishSite
    from preflight.facts.project import Package
    from preflight.source.files import Files
    from preflight.source.text import Location, Source

NAMES = frozenset(
    {"changelog", "changelog.md", "changelog.markdown", "changelog.mdx", "changelog.rst", "changelog.txt"}
)
DIRECT = frozenset({Tool.NPM, Tool.PNPM, Tool.YARN, Tool.YARN_CLASSIC, Tool.BUN, Tool.NPM_PUBLISH_ACTION, Tool.OTHER})
"""Tools that leave the changelog to its author."""
WRITERS = (".changeset/config.json", "release-please-config.json", ".release-please-manifest.json")
"""Files of tools that write the changelog."""
LAST = 5
"""Tagged versions of which a changelog that is kept mentions one."""
UNRELEASED = "unreleased"


def unfiled(
    files: Files, packages: Iterable[Package], sites: Iterable[PublishSite], tagged: tuple[str, ...], *, whole: bool
) -> Iterator[Unfiled]:
    """Yield the changelogs that do not mention the version of their package.

    A changelog that a tool writes, or that has not been kept for the last versions in `tagged`, the newest first, is
    left alone; so are prereleases. `whole` says that all packages are released, so that the changelog at the top
    speaks for those that have none of their own.
    """
    if any(site.tool not in DIRECT for site in sites) or any(files.exists(PurePosixPath(name)) for name in WRITERS):
        return
    seen: set[tuple[PurePosixPath, str]] = set()
    for package in packages:
        version = (package.version or "").partition("+")[0]
        path = _changelog(files, (package.folder, PurePosixPath()) if whole else (package.folder,))
        if not version or "-" in version or path is None or (path, version) in seen:
            continue
        seen.add((path, version))
        try:
            source = files.long(path)
        except UnreadableError:
            continue
        if not mentions(source.text, version) and _is_kept(source.text, version, tagged):
            yield Unfiled(_place(source), package.name, version)


def mentions(text: str, version: str) -> bool:
    """Return whether a text names a version, and not only a longer one such as 11.2.3, 1.2.30 or 1.2.3-rc.1."""
    at = text.find(version)
    while at >= 0:
        before, after = text[at - 1 : at], text[at + len(version) : at + len(version) + 2]
        longer = after[:1].isdigit() or (after[:1] == "." and after[1:].isdigit())
        longer = longer or (after[:1] == "-" and after[1:].isalpha())
        if not before.isdigit() and before != "." and not longer:
            return True
        at = text.find(version, at + 1)
    return False


def _is_kept(text: str, version: str, tagged: tuple[str, ...]) -> bool:
    others = [one for one in tagged if one != version and "-" not in one][:LAST]
    return any(mentions(text, one) for one in others) if others else any(sign.isdigit() for sign in text[:10_000])


def _changelog(files: Files, places: tuple[PurePosixPath, ...]) -> PurePosixPath | None:
    for place in dict.fromkeys(places):
        for name in files.folder(place):
            if name.lower() in NAMES:
                return place / name
    return None


def _place(source: Source) -> Location:
    """Return the heading of what is not released yet, else the first line."""
    at = source.text[:20_000].lower().find(UNRELEASED)
    start = source.text.rfind("\n", 0, at) + 1 if at >= 0 else 0
    end = source.text.find("\n", start)
    return source.at(start, end if end >= 0 else len(source.text))
