"""The rule unpublished-version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.fact import Known, Unknown
from preflight.facts.release import State
from preflight.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.release import Release


def check(release: Release) -> Iterator[Finding]:
    """Object to a version that the registry does not show."""
    what = f"{release.name}@{release.version}"
    match release.state:
        case Known(State.UNPUBLISHED):
            yield Finding(
                None,
                f"the registry has no `{what}`",
                package=release.name,
                sure=release.waited,
                doubt=None if release.waited else "it may still appear",
            )
        case Known(State.STAGED):
            said = f"`{what}` is not public: it may be staged, and waits for a maintainer to approve it"
            yield Finding(None, said, package=release.name, sure=False)
        case Known():
            pass
        case Unknown(why):
            yield Finding(None, f"cannot tell whether `{what}` is published: {why}", package=release.name, sure=False)
