"""The rule altered-tarball."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.fact import Known, Unknown
from preflight.facts.release import Kind
from preflight.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.fact import Fact
    from preflight.facts.release import Release, Tarball

WHO = {Kind.PROVENANCE: "the provenance", Kind.PUBLISH: "npm's own attestation"}


def check(release: Release) -> Iterator[Finding]:
    """Object where the bytes, the registry's integrity and the attested digests are not all the same."""
    found = [*_differing(release)]
    yield from found
    match release.tarball:
        case Unknown(why):
            said = f"cannot tell whether the tarball of `{release.name}@{release.version}` is what was attested: {why}"
            yield Finding(None, said, package=release.name, sure=False)
        case Known(tarball) if not found:
            yield from _inside(release, tarball)
        case Known():
            pass


def _differing(release: Release) -> Iterator[Finding]:
    digest, pinned = _digest(release.tarball), release.pinned
    if digest is not None and pinned is not None and digest != pinned:
        message = (
            f"the tarball has the SHA-512 {_short(digest)}, and the registry's `dist.integrity` is {_short(pinned)}"
        )
        yield Finding(None, message, package=release.name)
    known = [each for each in (digest, pinned) if each]
    for kind in Kind:
        sound = release.sound(kind)
        subject = release.subject(sound) if sound else None
        # What an attestation of another package says of its bytes is no second fault.
        if subject is None or not known or subject.sha512 in known:
            continue
        message = (
            f"{WHO[kind]} is about the SHA-512 {_short(subject.sha512)}, and what is served has {_short(known[0])}"
        )
        yield Finding(None, message, package=release.name, attestation=kind.value)


def _inside(release: Release, tarball: Tarball) -> Iterator[Finding]:
    if tarball.name is None or tarball.version is None:
        said = f"cannot tell which package the tarball holds: it {tarball.why or 'has no readable package.json'}"
        yield Finding(None, said, package=release.name, sure=False)
    elif (tarball.name, _plain(tarball.version)) != (release.name, _plain(release.version)):
        message = f"the tarball of `{release.name}@{release.version}` holds `{tarball.name}@{tarball.version}`"
        yield Finding(None, message, package=release.name)


def _digest(tarball: Fact[Tarball]) -> str | None:
    match tarball:
        case Known(known):
            return known.sha512
        case Unknown():
            return None


def _plain(version: str) -> str:
    """Return a version as the registry writes it (node-semver `clean`): npm leaves it in the tarball as it is."""
    return version.strip().lstrip("=v").strip().partition("+")[0]


def _short(digest: str | None) -> str:
    return f"`{digest[:8]}…{digest[-8:]}`" if digest else "none"
