"""The `repository` field of a package.json, held against the repository that runs the pipeline."""

from __future__ import annotations

import json
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from preflight.facts.ci import Tool
from preflight.facts.fact import Known, Unknown
from preflight.facts.project import NoRepository, OtherRepository, RepositoryFault, SameRepository
from preflight.facts.toolchain import Version
from preflight.readers import addresses
from preflight.readers.package import string
from preflight.source.edits import Edit, Fix, Safety
from preflight.source.nodes import Mapping

if TYPE_CHECKING:
    from preflight.facts.fact import Fact
    from preflight.facts.project import Repository, RepositoryMatch
    from preflight.readers.package import Manifest
    from preflight.source.nodes import Entry, Scalar
    from preflight.source.text import Location

_KEY = "repository"
_TOP = PurePosixPath()
_PNPM_SENDS_ITSELF = Version(11)
"""From this version on pnpm no longer leaves the publish to npm, and sends the field as it is written."""
_RAW = frozenset({Tool.YARN, Tool.YARN_CLASSIC, Tool.BUN})
_PLAIN_HTTP = frozenset({"http", "git+http"})
_ANCHORS = ("description", "version", "name")
_CANNOT_SHOW = "set `repository` to the repository that runs the pipeline"


def as_sent(value: str, sender: Tool, version: Version | None) -> str:
    """Return what the registry receives as `repository.url` from the program that sends the package.

    npm rewrites the value, and so does every tool that leaves the publish to npm or to its libraries; pnpm from 11 on
    and yarn send it as it is written. A pnpm of unknown version is taken for a new one.
    """
    if sender in _RAW or (sender is Tool.PNPM and (version is None or version >= _PNPM_SENDS_ITSELF)):
        return value
    return addresses.as_npm_sends(value)


def compare(sent: str, truth: Repository) -> RepositoryMatch:
    """Hold an address, as the registry receives it, against the repository and the other remotes of the clone.

    Byte by byte but for `git+`, one final slash and `.git`; ssh reads as https. A shorthand, a branch, a user name and
    `git:` do not make another repository: `quirks` speaks of them. The address in the answer shows no user name.
    """
    faults = [(_fault(sent, url), url) for url in (truth.url, *truth.others)]
    if any(fault is None for fault, _ in faults):
        return SameRepository()
    near = [(fault, url) for fault, url in faults if fault and fault is not RepositoryFault.OTHER_REPOSITORY]
    fault, expected = near[0] if near else (RepositoryFault.OTHER_REPOSITORY, truth.url)
    return OtherRepository(addresses.masked(sent), expected, fault)


def quirks(value: str, sender: Tool, version: Version | None) -> tuple[str, ...]:
    """Say what makes it uncertain that the registry accepts an address; each part completes "the address …"."""
    return _quirks(value, as_sent(value, sender, version))


def possible_quirks(value: str, sender: Fact[Tool], version: Version | None) -> tuple[tuple[str, ...], ...]:
    """Say what `quirks` says for each program that may send the address; the likeliest first."""
    return tuple(_quirks(value, sent) for sent in _possible(value, sender, version))


def address(manifest: Manifest) -> Scalar | None:
    """Return the address of a package's repository as it is written; None where there is none."""
    return _url(manifest.node.entry(_KEY))


def _quirks(value: str, as_it_arrives: str) -> tuple[str, ...]:
    sent = addresses.read(as_it_arrives)
    if sent is None:
        return ()
    written = addresses.read(value)
    rewritten = written is not None and written.scheme == "http" and sent.over_ssh
    return (*sent.quirks, "starts with `http:`, which npm turns into ssh") if rewritten else sent.quirks


def judge(
    manifest: Manifest,
    truth: Fact[Repository],
    *,
    sender: Fact[Tool],
    version: Version | None,
    below: PurePosixPath = _TOP,
) -> Fact[RepositoryMatch]:
    """Judge the field of one package for the program that sends it, with the remedy for what is wrong.

    `below` is the project's root as seen from the top of the repository; `directory` counts from there. Where the
    program or its version is unknown, the answer is known only if every possible one gives it.
    """
    entry = manifest.node.entry(_KEY)
    value = _url(entry)
    if value is None or entry is None:
        at = entry.key.at if entry else manifest.first_line
        return Known(NoRepository(), at, _missing(manifest, entry, truth, below))
    at = _place(entry)
    match truth:
        case Unknown(why):
            return Unknown(why, at)
        case Known(repository):
            found = [compare(sent, repository) for sent in _possible(value.text, sender, version)]
    first, *rest = found
    if any(_kind(other) != _kind(first) for other in rest):
        return Unknown(f"npm rewrites `{addresses.masked(value.text)}`, other programs send it as it is written", at)
    match first:
        case OtherRepository(fault=fault, expected=expected):
            safety = Safety.UNSAFE if fault is RepositoryFault.OTHER_REPOSITORY else Safety.SAFE
            url = _preferred(expected)
            fix = Fix(f"set `repository` to `{url}`", safety, (Edit(value.at, json.dumps(url)),))
            return Known(first, at, fix)
        case _:
            return Known(first, at)


def _fault(sent: str, url: str) -> RepositoryFault | None:
    address = addresses.read(sent)
    if address is None or not address.url.isascii() or address.url.lower() != url.lower():
        return RepositoryFault.OTHER_REPOSITORY
    if address.url != url:
        return RepositoryFault.OTHER_CASE
    return RepositoryFault.SCHEME if address.scheme in _PLAIN_HTTP else None


def _kind(found: RepositoryMatch) -> RepositoryFault | None:
    match found:
        case OtherRepository(fault=fault):
            return fault
        case SameRepository() | NoRepository():
            return None


def _possible(value: str, sender: Fact[Tool], version: Version | None) -> tuple[str, ...]:
    """Return the address as each program that may send it would; the likeliest first."""
    match sender:
        case Known(tool) if tool is not Tool.PNPM or version is not None:
            return (as_sent(value, tool, version),)
        case Known():
            return value, addresses.as_npm_sends(value)
        case Unknown():
            return addresses.as_npm_sends(value), value


def _url(entry: Entry | None) -> Scalar | None:
    """Return the field's address, from the string or from the `url` of the object; None where it is empty."""
    match entry:
        case None:
            return None
        case (_, Mapping() as field):
            value = string(field.get("url"))
        case (_, field):
            value = string(field)
    return value if value and value.text.strip() else None


def _place(entry: Entry) -> Location:
    value = string(entry.value)
    return value.at if value and value.at.line == entry.key.at.line else entry.key.at


def _preferred(url: str) -> str:
    return f"git+{url}.git"


def _missing(manifest: Manifest, entry: Entry | None, truth: Fact[Repository], below: PurePosixPath) -> Fix:
    match truth:
        case Unknown():
            return Fix(_CANNOT_SHOW, Safety.UNSAFE)
        case Known(repository):
            url = _preferred(repository.url)
    fields = {"type": "git", "url": url}
    folder = below / manifest.folder
    if folder.parts:
        fields["directory"] = str(folder)
    edit = _replacement(entry, fields) if entry else _insertion(manifest.node, fields)
    return Fix(f"set `repository` to `{url}`", Safety.SAFE, (edit,) if edit else ())


def _replacement(entry: Entry, fields: dict[str, str]) -> Edit:
    return Edit(entry.value.at, _object(fields, _indent(entry)))


def _insertion(node: Mapping, fields: dict[str, str]) -> Edit | None:
    """Return the edit that puts the field after the ones that people expect before it; None for an empty object."""
    found = [entry for key in _ANCHORS if (entry := node.entry(key))] or list(node.entries[-1:])
    if not found:
        return None
    anchor = found[0]
    indent = _indent(anchor)
    end = anchor.value.end
    text = f'{"," if indent else ", "}{indent or ""}"{_KEY}": {_object(fields, indent)}'
    return Edit(node.source.at(end, end), text)


def _indent(entry: Entry) -> str | None:
    """Return the line break and the indentation before a key; None where the key does not start its line."""
    text = entry.key.source.text
    start = text.rfind("\n", 0, entry.key.start)
    before = text[start + 1 : entry.key.start]
    if start < 0 or before.strip(" \t"):
        return None
    return ("\r\n" if text[start - 1 : start] == "\r" else "\n") + before


def _object(fields: dict[str, str], indent: str | None) -> str:
    entries = [f'"{key}": {json.dumps(value)}' for key, value in fields.items()]
    if indent is None:
        return "{" + ", ".join(entries) + "}"
    step = indent.lstrip("\r\n")
    return "{" + ",".join(f"{indent}{step}{entry}" for entry in entries) + f"{indent}}}"
