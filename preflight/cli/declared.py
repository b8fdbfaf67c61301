"""The trusted publisher that the settings declare."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.config import Mode, Publisher

if TYPE_CHECKING:
    from preflight.cli.session import Session
    from preflight.facts.project import Declared


def declared(session: Session) -> Declared | None:
    """Return what `[expect]` says of the publisher; None where it says nothing, or that it is not a trusted one."""
    config = session.settings.config
    expect = config.expect
    if expect.publisher in {Publisher.PROVENANCE, Publisher.NONE}:
        return None
    if not (expect.repository or expect.workflow or expect.environment or expect.mode):
        return None
    from preflight.readers.declarations import expected

    return expected(
        config.source,
        repository=expect.repository,
        workflow=expect.workflow,
        environment=expect.environment,
        staged=None if expect.mode is None else expect.mode is Mode.STAGE,
    )


def trust_list(session: Session) -> str | None:
    """Return the file with npm's list: the option's, seen from here, else the configuration's, seen from the root."""
    settings = session.settings
    if settings.trust_list is not None:
        return settings.trust_list
    named = settings.config.expect.trust_list
    return str(session.root / named) if named else None
