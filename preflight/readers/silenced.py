"""Release tools whose own configuration keeps them from sending anything to npm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.ci import Tool
from preflight.facts.fact import Fact, Known
from preflight.readers.publishers import may_publish
from preflight.source.nodes import Mapping, Scalar, Sequence, entries, find

if TYPE_CHECKING:
    from pathlib import PurePosixPath

    from preflight.source.files import Files
    from preflight.source.nodes import Node

RELEASE_IT = (".release-it.json", ".release-it.yaml", ".release-it.yml")
SEMANTIC_RELEASE = (".releaserc", ".releaserc.json", ".releaserc.yaml", ".releaserc.yml")
CODE = tuple(f"{name}.{end}" for name in (".releaserc", "release.config") for end in ("js", "cjs", "mjs", "ts"))
SENDERS = ("npm", "yarn", "lerna", "nx", "monorepo", "multi")
"""Parts of names of semantic-release's plugins that may send packages."""


def silenced(tool: Tool, cwd: Fact[PurePosixPath], files: Files) -> bool:
    """Tell whether the configuration of a release tool surely leaves npm out.

    That is `npm: false` or `npm.publish: false` of release-it, and a list of semantic-release's `plugins` without one
    that sends, or with `npmPublish: false` for its own (github.com/release-it/release-it, docs/npm.md;
    semantic-release.gitbook.io, "Plugins list"). A shared configuration or one in code may say anything.
    """
    match cwd:
        case Known(folder) if tool is Tool.RELEASE_IT:
            return any(_without_npm(root) for root in _roots(files, folder, RELEASE_IT, "release-it"))
        case Known(folder) if tool is Tool.SEMANTIC_RELEASE:
            if any(files.exists(folder / name) for name in CODE):
                return False
            return any(_without_plugin(root) for root in _roots(files, folder, SEMANTIC_RELEASE, "release"))
        case _:
            return False


def _roots(files: Files, folder: PurePosixPath, names: tuple[str, ...], key: str) -> tuple[Node, ...]:
    found = [files.tree(folder / name) for name in names if files.exists(folder / name)]
    found.append(find(files.tree(folder / "package.json"), key))
    return tuple(node for node in found if node is not None)


def _without_npm(root: Node) -> bool:
    return any(
        isinstance(node, Scalar) and node.value is False for node in (find(root, "npm"), find(root, "npm", "publish"))
    )


def _without_plugin(root: Node) -> bool:
    plugins = find(root, "plugins")
    if not isinstance(plugins, Sequence) or find(root, "extends") is not None:
        return False
    return not any(_sends(plugin) for plugin in plugins.items)


def _sends(plugin: Node) -> bool:
    options: Mapping | None = None
    match plugin:
        case Sequence((Scalar(value=str(name)), Mapping() as given, *_)):
            options = given
        case Sequence((Scalar(value=str(name)), *_)) | Scalar(value=str(name)):
            pass
        case _:
            return True
    switch = find(options, "npmPublish")
    if name == "@semantic-release/npm":
        return not (isinstance(switch, Scalar) and switch.value is False)
    commands = (each.value.text for each in entries(options) if isinstance(each.value, Scalar))
    return name.startswith((".", "/")) or any(part in name for part in SENDERS) or any(map(may_publish, commands))
