"""Runner labels of GitHub Actions, and whose machines they name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.ci import Hosting, Runner
from preflight.facts.fact import Known, Unknown
from preflight.readers.images import machines

if TYPE_CHECKING:
    from preflight.facts.fact import Fact
    from preflight.readers.images import Retired
    from preflight.source.text import Location

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def runner(labels: tuple[str, ...], group: str | None, at: Location | None) -> Fact[Runner]:
    """Return whose machine a job's `runs-on` asks for; `labels` must all be on one machine.

    Hosted are the standard labels that GitHub gives, withdrawn ones included: such a job never starts, which is
    another rule's matter (`retired`). Larger GitHub-hosted runners carry names and groups that the organisation
    chooses, so that no other name tells. Labels are compared without regard to case, as GitHub does.
    """
    found = machines()
    lower = tuple(label.strip().lower() for label in labels)
    owner = next((whose for label in lower if (whose := _owner(label)) is not None), None)
    if "self-hosted" in lower or owner is not None:
        return Known(Runner(Hosting.SELF_HOSTED, labels, owner), at)
    unresolved = next((label for label in labels if "${{" in label), None)
    if unresolved is not None:
        return Unknown(f"the files do not tell what `{unresolved}` is", at)
    if group is not None:
        return Unknown(f"the group `{group}` may hold larger GitHub-hosted runners or your own machines", at)
    if not any(lower):
        return Unknown("`runs-on` names no machine", at)
    strange = next(
        (label for label, name in zip(labels, lower, strict=True) if name not in found.hosted | found.retired), None
    )
    if strange is not None:
        return Unknown(f"`{strange}` may be a larger GitHub-hosted runner or your own machine", at)
    gone = next((each for label in labels if (each := retired(label)) is not None), None)
    return Known(Runner(Hosting.HOSTED, labels, retired=_fate(gone) if gone else None), at)


def _fate(gone: Retired) -> str:
    year, _, month = (gone.since or "").partition("-")
    when = f" in {MONTHS[int(month) - 1]} {year}" if month.isdigit() and 0 < int(month) <= len(MONTHS) else ""
    return f"GitHub withdrew it{when}; `{gone.instead}` takes its place"


def _owner(label: str) -> str | None:
    # RunsOn also takes its settings as a list of labels, of which the first is its bare name.
    return "RunsOn" if label == "runs-on" else machines().owner(label)


def retired(label: str) -> Retired | None:
    """Return what is known of a label that GitHub withdrew; None for every other label."""
    return machines().retired.get(label.strip().lower())
