"""The registry that a publish command sends a package to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.ci import Tool
from preflight.facts.fact import Known, Unknown
from preflight.facts.project import By
from preflight.facts.toolchain import Version
from preflight.readers import settings
from preflight.readers.registries import NPM, normalise
from preflight.readers.settings import Option
from preflight.source.nodes import Scalar, find

if TYPE_CHECKING:
    from preflight.facts.fact import Fact
    from preflight.readers.sending import Sending
    from preflight.source.files import Files

_FLAGS_WIN = Version(10, 6, 0)


def registry(sending: Sending, files: Files) -> Fact[str]:
    """Return the address that the package is sent to, with a final slash.

    npm prefers the registry of the package's scope to any other, publishConfig to the configuration, and from 10.6 on
    the command line to publishConfig (npm-registry-fetch `pickRegistry`, libnpmpublish). pnpm and yarn put
    publishConfig first.
    """
    scope = _scope(sending)
    found = _yarn(sending, files, scope) if sending.sender is Tool.YARN else _npm(sending, files, scope)
    if found is None:
        return Known(NPM)
    match found.value:
        case Known(text) if "://" in text or text.startswith("//"):
            return Known(normalise(text), found.at)
        case Known(text):
            return Unknown(f"which registry `{text}` is", found.at)
        case Unknown(why, at):
            return Unknown(why, at or found.at)


def _scope(sending: Sending) -> str | None:
    name = sending.package.name if sending.package is not None else ""
    return name.partition("/")[0] if name.startswith("@") and "/" in name else None


def _npm(sending: Sending, files: Files, scope: str | None) -> Option | None:
    scoped = f"{scope.lower()}:registry" if scope else None
    if scoped:
        found = (
            _published(sending, scoped)
            or _published(sending, f"{scope}:registry")
            or settings.flag(sending.flags, f"--{scoped}", f"--{scope}:registry")
            or settings.npm_option(scoped, sending, files)
            or settings.npm_option(f"{scope}:registry", sending, files)
        )
        plain = _published(sending, "registry")
        if found is not None and not (plain is not None and sending.sender is Tool.PNPM):
            return found
    given = settings.flag(sending.flags, "--registry") or _lerna(sending, files)
    order = [given, _published(sending, "registry"), settings.npm_option("registry", sending, files)]
    match sending.version:
        case Known(version) if sending.sender is Tool.NPM and version < _FLAGS_WIN:
            order[:2] = reversed(order[:2])
        case _:
            pass
    return next((option for option in order if option is not None), None)


def _lerna(sending: Sending, files: Files) -> Option | None:
    match sending.cwd:
        case Known(folder) if sending.tool in {Tool.LERNA, Tool.LERNA_LITE}:
            node = find(files.tree(folder / "lerna.json"), "command", "publish", "registry")
        case _:
            return None
    if isinstance(node, Scalar) and node.value is not None:
        return Option(By.TOOL, "`command.publish.registry` in `lerna.json`", Known(node.text, node.at), node.at)
    return None


def _published(sending: Sending, key: str) -> Option | None:
    match find(sending.manifest, "publishConfig", key):
        case Scalar(value=str(text)) as node if text:
            return Option(By.PUBLISH_CONFIG, f"`publishConfig.{key}`", Known(text, node.at), node.at)
        case _:
            return None


def _yarn(sending: Sending, files: Files, scope: str | None) -> Option | None:
    above = settings.folders(sending)
    found = _published(sending, "registry")
    if scope:
        for key in ("npmPublishRegistry", "npmRegistryServer"):
            found = found or settings.yaml_option(
                files, above, ".yarnrc.yml", "npmScopes", scope.removeprefix("@"), key
            )
    for key, name in (
        ("npmPublishRegistry", "YARN_NPM_PUBLISH_REGISTRY"),
        ("npmRegistryServer", "YARN_NPM_REGISTRY_SERVER"),
    ):
        found = found or settings.variable(sending.env, name.__eq__)
        found = found or settings.yaml_option(files, above, ".yarnrc.yml", key)
    return found
