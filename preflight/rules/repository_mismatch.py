"""The rule repository-mismatch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.fact import Known, Unknown
from preflight.facts.project import OtherRepository, RepositoryFault
from preflight.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.project import Project

LABELS = {
    RepositoryFault.OTHER_REPOSITORY: "another repository",
    RepositoryFault.OTHER_CASE: "npm compares this letter for letter",
    RepositoryFault.SCHEME: "the registry accepts https only",
}


def check(project: Project) -> Iterator[Finding]:
    """Object to every package whose repository is not the one that its provenance will name."""
    for shipment in project.provable_shipments:
        match shipment.repository:
            case Known(OtherRepository(sent, expected, fault), at, remedy):
                yield Finding(
                    at,
                    f"package `{shipment.name}` names `{sent}`, the build runs in `{expected}`",
                    remedy=remedy,
                    sure=shipment.doubt is None,
                    doubt=shipment.doubt,
                    package=shipment.name,
                    label=LABELS[fault],
                )
            case Unknown(why, at):
                yield Finding(
                    at,
                    f"cannot tell whether package `{shipment.name}` names the repository that builds it: {why}",
                    sure=False,
                    package=shipment.name,
                )
            case Known():
                pass
