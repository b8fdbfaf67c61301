"""The rule invalid-registry-signature."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.fact import Known, Unknown
from preflight.facts.release import Signed
from preflight.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.release import Release

FAULTS = {
    Signed.INVALID: "the registry's signature of {} does not fit its name, version and integrity",
    Signed.MISSING: "the registry did not sign {}, although it has keys",
    Signed.UNKNOWN_KEY: "the registry's signature of {} is made with an unknown key; the keys here may be outdated",
    Signed.EXPIRED_KEY: "the registry's signature of {} is made with a key that was no longer in use",
}


def check(release: Release) -> Iterator[Finding]:
    """Object where the registry's signature over name, version and integrity does not hold."""
    what = f"`{release.name}@{release.version}`"
    match release.signed:
        case Known(signed) if signed in FAULTS:
            yield Finding(None, FAULTS[signed].format(what), package=release.name, code=signed.value)
        case Unknown(why):
            said = f"cannot tell whether the registry signed {what}: {why}"
            yield Finding(None, said, package=release.name, sure=False)
        case Known():
            pass
