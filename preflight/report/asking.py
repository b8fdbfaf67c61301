"""Who was asked with `--online`, and what nobody answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.project import Project

MOST = 3
"""Reasons that are named for one server."""


def inquiries(project: Project) -> Iterator[str]:
    """Return a line for each server that was asked, with why some of it stays unknown; none for an offline check."""
    if project.online is None:
        return
    if not project.online.asked:
        yield "asked nobody: no package and no repository is known that could be asked about"
    for inquiry in project.online.asked:
        reasons = "; ".join(inquiry.unanswered[:MOST])
        yield f"asked {inquiry.host} about {inquiry.about}" + (f", without an answer: {reasons}" if reasons else "")
