"""The rule repository-missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.fact import Known, Unknown
from preflight.facts.project import NoRepository
from preflight.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.project import Project


def check(project: Project) -> Iterator[Finding]:
    """Object to every package that is sent without a repository."""
    for shipment in project.provable_shipments:
        match shipment.repository:
            case Known(NoRepository(), at, remedy):
                yield Finding(
                    at,
                    f"package `{shipment.name}` has no `repository`",
                    remedy=remedy,
                    sure=shipment.doubt is None,
                    doubt=shipment.doubt,
                    package=shipment.name,
                )
            case Known() | Unknown():
                pass
