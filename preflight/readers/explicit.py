"""The remedy that says provenance explicitly, where the publishing tool reads it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from preflight.facts.ci import Tool
from preflight.facts.fact import Known
from preflight.source.edits import Edit, Fix, Safety
from preflight.source.nodes import Mapping

if TYPE_CHECKING:
    from preflight.readers.sending import Sending
    from preflight.source.files import Files


def explicit(sending: Sending, files: Files) -> Fix | None:
    """Return the fix that turns provenance on in a file that every version in question reads; None where none is."""
    match sending.sender, sending.version:
        case Tool.PNPM, Known(version) if version.major >= 11:
            return in_pnpm_workspace(sending, files)
        case Tool.PNPM | Tool.OTHER, version if not isinstance(version, Known):
            return None
        case _:
            return in_manifest(sending.manifest, "provenance", "true", Safety.SAFE)


def in_pnpm_workspace(sending: Sending, files: Files) -> Fix | None:
    """Return the fix that adds `provenance: true` to pnpm-workspace.yaml, where there is one in block style."""
    for folder in (sending.folder, *(sending.folder.parents if sending.folder is not None else ())):
        tree = files.tree(folder / "pnpm-workspace.yaml") if folder is not None else None
        if isinstance(tree, Mapping):
            text = tree.source.text
            if tree.get("provenance") is not None or text[tree.start : tree.start + 1] == "{" or "\n..." in text:
                return None
            line = ("" if text.endswith("\n") else "\n") + "provenance: true\n"
            edit = Edit(tree.source.at(len(text), len(text)), line)
            return Fix("add `provenance: true` to `pnpm-workspace.yaml`", Safety.SAFE, (edit,))
    return None


# Every publish site asks the same of a package again.
@lru_cache(maxsize=1024)
def in_manifest(manifest: Mapping | None, key: str, value: str, safety: Safety) -> Fix | None:
    """Return the fix that adds a key to `publishConfig`; None where there is one, or no object to add it to."""
    if manifest is None or not manifest.entries:
        return None
    title = f"add `publishConfig.{key}: {value}`"
    setting = f'"{key}": {value}'
    gap = _gap(manifest)
    match manifest.get("publishConfig"):
        case None:
            last = manifest.entries[-1].value
            indent = gap.rpartition("\n")[2] if "\n" in gap else ""
            closing = gap if "\n" in gap else ""
            text = f',{gap}"publishConfig": {{{gap if closing else ""}{indent}{setting}{closing}}}'
            return Fix(title, safety, (Edit(manifest.source.at(last.end, last.end), text),))
        case Mapping(entries=()) as empty:
            return Fix(title, safety, (Edit(empty.at, f"{{{setting}}}"),))
        case Mapping() as config if config.get(key) is None:
            start = config.entries[0].key.start
            separator = _gap(config) or " "
            return Fix(title, safety, (Edit(config.source.at(start, start), f"{setting},{separator}"),))
        case _:
            return None


def _gap(mapping: Mapping) -> str:
    """Return what stands between the brace and the first key: the indentation of the file."""
    gap = mapping.source.text[mapping.start + 1 : mapping.entries[0].key.start]
    return gap if not gap.strip() else " "
