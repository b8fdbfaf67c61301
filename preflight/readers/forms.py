"""How a `repository` field is written: forms that may not be accepted, and the folder that it names."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from preflight.facts.fact import Known, Unknown
from preflight.facts.project import Fragile, Misplaced, SameRepository
from preflight.readers import addresses, repository
from preflight.readers.package import string
from preflight.readers.provenance import IMPOSSIBLE
from preflight.records import dataclass
from preflight.source.edits import Edit, Fix, Safety
from preflight.source.nodes import Mapping

if TYPE_CHECKING:
    from pathlib import PurePosixPath

    from preflight.facts.ci import Tool
    from preflight.facts.fact import Fact
    from preflight.facts.project import Repository, RepositoryMatch
    from preflight.facts.toolchain import Version
    from preflight.readers.package import Manifest
    from preflight.source.nodes import Entry, Scalar

_KEY = "directory"


@dataclass(frozen=True, slots=True)
class Address:
    """What the `repository` of a package is like."""

    match: Fact[RepositoryMatch]
    fragile: Fragile | None = None
    misplaced: Misplaced | None = None


class Addresses:
    """What was found out about the repositories of packages; many publish sites ask the same of one."""

    def __init__(self) -> None:
        self._known: dict[object, Address] = {}

    def of(
        self,
        manifest: Manifest | None,
        truth: Fact[Repository],
        sender: Fact[Tool],
        version: Version | None,
        *,
        below: PurePosixPath,
        several: bool,
    ) -> Address:
        """Return what the repository of a package is like; nothing is wrong with one that is not known."""
        if manifest is None:
            return Address(Known(SameRepository()))
        key = (manifest.path, sender.value if isinstance(sender, Known) else sender.why, version)
        known = self._known.get(key)
        if known is None:
            judged = repository.judge(manifest, truth, sender=sender, version=version, below=below)
            form = fragile(manifest, judged, sender=sender, version=version)
            known = Address(judged, form, misplaced(manifest, judged, below=below, several=several))
            self._known[key] = known
        return known


def fragile(
    manifest: Manifest, judged: Fact[RepositoryMatch], *, sender: Fact[Tool], version: Version | None
) -> Fragile | None:
    """Return what makes it uncertain that the registry accepts the address of a package, with the plain one as remedy.

    None where the address is plain, where it names another repository, which is worse, and where no provenance will ask
    for it. Where the program or its
    version is not known, an address is fragile only if every possible one leaves it so.
    """
    value = repository.address(manifest)
    if value is None or not _same(judged) or (isinstance(sender, Known) and sender.value in IMPOSSIBLE):
        return None
    found = repository.possible_quirks(value.text, sender, version)
    if not all(found):
        return None
    plain = addresses.read(value.text)
    if plain is None:
        return None
    url = f"git+{plain.url}.git"
    fix = Fix(f"write `{url}`", Safety.SAFE, (Edit(value.at, json.dumps(url)),))
    return Fragile(judged.at or value.at, addresses.masked(value.text), " and ".join(found[0]), fix)


def misplaced(
    manifest: Manifest, judged: Fact[RepositoryMatch], *, below: PurePosixPath, several: bool
) -> Misplaced | None:
    """Return the `repository.directory` of a package that is not where the package lies; None for a package at the top.

    `below` is the project's root as seen from the top of the repository, `several` whether it holds other packages.
    """
    folder = below / manifest.folder
    entry = manifest.node.entry("repository")
    value = repository.address(manifest)
    if not folder.parts or not several or entry is None or value is None or not _same(judged):
        return None
    lies = str(folder)
    match entry.value:
        case Mapping() as field:
            said = field.entry(_KEY)
        case _:
            return Misplaced(entry.key.at, None, lies, _as_object(value, lies))
    if said is None:
        return Misplaced(entry.key.at, None, lies, _inserted(field, lies))
    text = string(said.value)
    if text is not None and _plain(text.text) == lies:
        return None
    spelt = text.text if text is not None else ""
    fix = Fix(f"set `directory` to `{lies}`", Safety.SAFE, (Edit(said.value.at, json.dumps(lies)),))
    return Misplaced(entry.key.at, spelt, lies, fix)


def _same(judged: Fact[RepositoryMatch]) -> bool:
    match judged:
        case Known(SameRepository()):
            return True
        case Unknown() | Known():
            return False


def _plain(text: str) -> str:
    return text.strip().replace("\\", "/").removeprefix("./").strip("/")


def _as_object(value: Scalar, lies: str) -> Fix | None:
    plain = addresses.read(value.text)
    if plain is None:
        return None
    fields = {"type": "git", "url": f"git+{plain.url}.git", _KEY: lies}
    return Fix(f"set `directory` to `{lies}`", Safety.SAFE, (Edit(value.at, json.dumps(fields)),))


def _inserted(field: Mapping, lies: str) -> Fix | None:
    anchor: Entry = field.entries[-1]
    source = field.source
    before = source.text[field.start + 1 : field.entries[0].key.start]
    gap = before if before and not before.strip() else " "
    end = anchor.value.end
    text = f",{gap}{json.dumps(_KEY)}: {json.dumps(lies)}"
    return Fix(f"set `directory` to `{lies}`", Safety.SAFE, (Edit(source.at(end, end), text),))
