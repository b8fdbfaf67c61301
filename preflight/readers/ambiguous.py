"""Places of the files that bear on a release which programs read differently."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.project import Ambiguous
from preflight.source.document import Doubt

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import PurePosixPath

    from preflight.facts.ci import Job
    from preflight.facts.project import Shipment
    from preflight.source.document import Ambiguity, Document
    from preflight.source.files import Files
    from preflight.source.text import Location

_COMMON = frozenset({Doubt.TAG, Doubt.MERGE_KEY, Doubt.SEVERAL_DOCUMENTS})
"""What other CI systems than GitHub's document, and so no doubt there: `!reference`, `<<` and the `spec:` header."""
_GITHUB = ".github"
_CONFIGURATION = frozenset({".npmrc", ".yarnrc.yml", "pnpm-workspace.yaml", "lerna.json", ".changeset/config.json"})


def ambiguous(files: Files, jobs: Iterable[Job], shipments: Iterable[Shipment]) -> tuple[Ambiguous, ...]:
    """Return what programs may read differently in the pipelines that publish, the packages and their settings.

    Files that are read only in search of a publish do not count.
    """
    doubtful = [document for document in files.read if document.ambiguities]
    if not doubtful:
        return ()
    bearing = _bearing(tuple(jobs), tuple(shipments))
    found: dict[tuple[str, int, int], Ambiguous] = {}
    for document in doubtful:
        if _bears(document, bearing):
            for each in _serious(document):
                key = (str(each.at.path), each.at.span.start, each.at.span.end)
                found.setdefault(key, Ambiguous(each.at, each.why))
    return tuple(found.values())


def _serious(document: Document) -> Iterator[Ambiguity]:
    common = frozenset[Doubt]() if _GITHUB in document.source.path.parts else _COMMON
    return (each for each in document.ambiguities if each.doubt not in common)


def _bears(document: Document, bearing: frozenset[PurePosixPath]) -> bool:
    path = document.source.path
    return path in bearing or str(path) in _CONFIGURATION or path.name == ".npmrc"


def _bearing(jobs: tuple[Job, ...], shipments: tuple[Shipment, ...]) -> frozenset[PurePosixPath]:
    """Return the files that a publish job or a package stands in."""
    places: list[Location] = []
    for job in jobs:
        places.append(job.at)
        places += [caller.at for caller in job.callers]
        for site in job.sites:
            places.append(site.at)
            places += [link.at for link in site.via]
    paths = {at.path for at in places}
    paths |= {shipment.package.path for shipment in shipments if shipment.package is not None}
    return frozenset(paths)
