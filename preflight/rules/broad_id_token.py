"""The rule broad-id-token."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.fact import Known
from preflight.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.project import Project
    from preflight.facts.work import Grant


def check(project: Project) -> Iterator[Finding]:
    """Object to an id token for a job that has no use for one."""
    idle: dict[object, list[Grant]] = {}
    for grant in project.grants:
        match grant.needed:
            case Known(False):
                idle.setdefault((str(grant.at), grant.whole), []).append(grant)
            case _:
                pass
    for first, *others in idle.values():
        names = sorted({grant.job for grant in (first, *others)})
        listed = " and ".join(f"`{name}`" for name in names)
        some = f"jobs {listed} do" if len(names) > 1 else f"job {listed} does"
        yield Finding(
            first.at,
            f"every job of the file may mint an id token, and {some} nothing that needs one"
            if first.whole
            else f"{some.removesuffix(' does')} may mint an id token and does nothing that needs one",
            remedy=first.remedy,
            job=None if first.whole else first.job,
        )
