"""The rule token-beside-oidc."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.fact import Known
from preflight.facts.login import Token
from preflight.facts.project import By, On
from preflight.finding import Finding, Related, Severity, along

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.ci import Job, PublishSite
    from preflight.facts.project import Project


def check(project: Project) -> Iterator[Finding]:
    """Object to a token where OIDC would be tried."""
    implicit = {
        shipment.site.at
        for shipment in project.provable_shipments
        if isinstance(shipment.provenance, Known) and shipment.provenance.value == On(By.TRUSTED_PUBLISHING)
    }
    committed = {(found.at.path, found.at.line) for found in project.committed}
    for job in project.npm_jobs:
        for site in job.npm_sites:
            match site.token, site.trusted:
                case Token(at) as token, Known(True) if (at.path, at.line) not in committed:
                    yield _finding(job, site, token, implicit=site.at in implicit)
                case _:
                    pass


def _finding(job: Job, site: PublishSite, token: Token, *, implicit: bool) -> Finding:
    if token.wins:
        message = f"the token in `{token.name}` beats OIDC: `{site.command}` does not try trusted publishing"
        label = "wins over OIDC"
    elif implicit:
        message = (
            f"the token in `{token.name}` lies beside OIDC: where the exchange fails it publishes, without provenance"
        )
        label = "publishes without provenance when the exchange fails"
    else:
        message = f"the token in `{token.name}` lies beside OIDC, and hides a failed exchange"
        label = "publishes when the exchange fails"
    return Finding(
        token.at,
        message,
        related=(Related(site.at, "publishes here"), *along(site.via), *along(job.chain)),
        remedy=token.remedy,
        severity=Severity.ERROR if token.wins else Severity.WARNING,
        sure=site.doubt is None,
        doubt=site.doubt,
        job=job.name,
        label=label,
    )
