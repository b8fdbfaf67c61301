"""Reasons why CircleCI refuses to start a pipeline at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.project import Broken

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from preflight.readers.circleci.config import Library
    from preflight.readers.circleci.workflows import Use


def broken(uses: Iterable[Use], library: Library, holding: frozenset[str]) -> Iterator[Broken]:
    """Yield what keeps the workflows that publish from starting: jobs that are unknown, or that wait for such."""
    workflows: dict[str, list[Use]] = {}
    for use in uses:
        if use.workflow in holding:
            workflows.setdefault(use.workflow, []).append(use)
    for name, found in workflows.items():
        # A matrix makes names that are put together when the pipeline starts.
        fixed = all(use.node is None or use.node.get("matrix") is None for use in found)
        known = {each for use in found for each in use.names}
        for use in found:
            if _unknown(use, library) and use.key is not None:
                yield Broken(use.key.at, f"workflow `{name}` runs `{use.job}`, and there is no such job", use.job)
            for wanted in use.requires:
                if fixed and wanted.text not in known and "<<" not in wanted.text:
                    what = f"job `{use.job}` requires `{wanted.text}`, which the workflow does not run"
                    yield Broken(wanted.at, what, use.job)


def _unknown(use: Use, library: Library) -> bool:
    if use.approval or "<<" in use.job or library.find("jobs", use.job) is not None:
        return False
    return library.orb(use.job) is None and (library.root.get("jobs") is None or not _grouped(library, use.job))


def _grouped(library: Library, name: str) -> bool:
    return library.find("job-groups", name) is not None
