"""The release tools that have a part in a publish: their versions, and the oldest that do what the job relies on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.ci import System, Tool
from preflight.facts.fact import Known, Unknown
from preflight.facts.project import By, On
from preflight.facts.toolchain import Floor, Publisher
from preflight.readers import floors, provenance
from preflight.readers.declared import Told, told
from preflight.records import KW_ONLY, dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import PurePosixPath

    from preflight.facts.project import Package
    from preflight.facts.toolchain import Version
    from preflight.readers.pipeline import Carrier
    from preflight.readers.senders import Senders
    from preflight.readers.sending import Sending
    from preflight.readers.walk import Sent
    from preflight.source.files import Files


@dataclass(frozen=True, slots=True)
class Reliance:
    """What a publish relies on: whether an id token alone lets it in, the CI system, what is sent."""

    sending: Sending
    _: KW_ONLY
    sender: Tool
    trusted: bool
    system: System
    packages: tuple[Package, ...]


def release_tools(
    senders: Senders, sent: Sent, folder: PurePosixPath, reliance: Reliance, files: Files
) -> tuple[Publisher | None, ...]:
    """Return the tool that is named, None where it is npm, and after it what else has a part in the publish."""
    return (_named(senders, sent, folder, reliance, files), *_others(senders, sent, folder, reliance, files))


def _named(senders: Senders, sent: Sent, folder: PurePosixPath, reliance: Reliance, files: Files) -> Publisher | None:
    tool = reliance.sender if sent.deed.tool in {Tool.LERNA, Tool.LERNA_LITE} else sent.deed.tool
    name = floors.PACKAGES.get(tool)
    if name is None:
        return None
    if tool is Tool.NPM_PUBLISH_ACTION and sent.carrier is not None:
        return _publisher(sent.carrier.name, _carried(sent.carrier), reliance, files)
    found = senders.told(name, sent, folder, asked=True)
    if tool is Tool.SEMANTIC_RELEASE and sent.deed.version is None:
        plugin = senders.locked("@semantic-release/npm", folder)
        if plugin.range is not None and plugin.exact:
            # The plugin is what publishes, and its exact version says more than that of the whole.
            return _publisher(name, found, reliance, files, judged=False)
    return _publisher(name, found, reliance, files)


def _others(
    senders: Senders, sent: Sent, folder: PurePosixPath, reliance: Reliance, files: Files
) -> Iterator[Publisher]:
    carrier = sent.carrier
    if carrier is not None and carrier.name == "changesets/action" and _undefined_token(sent):
        yield _publisher(carrier.name, _carried(carrier), reliance, files)
    if sent.deed.tool is Tool.SEMANTIC_RELEASE and sent.deed.version is None:
        plugin = senders.locked("@semantic-release/npm", folder)
        if plugin.range is not None and plugin.exact:
            yield _publisher("@semantic-release/npm", plugin, reliance, files)
    if reliance.sender is not sent.deed.tool and reliance.sender in {Tool.PNPM, Tool.YARN}:
        name = floors.PACKAGES[reliance.sender]
        yield _publisher(name, senders.told(name, sent, folder, asked=False), reliance, files)


def _undefined_token(sent: Sent) -> bool:
    """Tell whether the action finds no `NPM_TOKEN`, not even an empty one, and writes `undefined` in its place."""
    return not any(setting.name == "NPM_TOKEN" for setting in sent.env)


def _carried(carrier: Carrier) -> Told:
    if carrier.version is None:
        return Told(Unknown(f"nothing says which version of {carrier.name} runs", carrier.at))
    version = carrier.version.removeprefix("v")
    return told(version, f"`{carrier.name}` is at {carrier.version}", carrier.name, carrier.at)


def _publisher(name: str, found: Told, reliance: Reliance, files: Files, *, judged: bool = True) -> Publisher:
    floor = next(_floors(name, found, reliance, files), None) if judged else None
    return Publisher(name, found.version, floor, found.why, found.exact)


def _floors(name: str, found: Told, reliance: Reliance, files: Files) -> Iterator[Floor]:
    """Yield what the version is too old for, the most important first."""
    if reliance.trusted and (since := floors.TRUSTED.get(name)) and not _runs_npm(name, found, since):
        if found.below(since):
            yield Floor(since, "trusted publishing", floors.REFUSES_WITHOUT_TOKEN.get(name, ""))
        elif (
            name == "pnpm" and found.within(floors.NATIVE_PNPM, floors.PNPM_BESIDE_REGISTRY_URL) and _written(reliance)
        ):
            says = floors.REFUSES_WITHOUT_TOKEN[name]
            yield Floor(floors.PNPM_BESIDE_REGISTRY_URL, "trusted publishing beside setup-node's `registry-url`", says)
    since = floors.PROVENANCE.get(name)
    if since is not None and found.below(since) and _asked(reliance, files):
        yield Floor(since, "provenance")
    if name == "pnpm":
        yield from _pnpm(found, reliance, files)


def _runs_npm(name: str, found: Told, since: Version) -> bool:
    """Tell whether it is a pnpm up to 10, which runs the npm on the PATH: that one is judged."""
    return name == "pnpm" and found.below(since)


def _pnpm(found: Told, reliance: Reliance, files: Files) -> Iterator[Floor]:
    first = floors.NATIVE_PNPM
    if found.within(first, floors.PNPM_ON_GITLAB) and reliance.system is System.GITLAB and _on(reliance, files):
        yield Floor(floors.PNPM_ON_GITLAB, "provenance from GitLab")
    elif found.within(first, floors.PNPM_BUILD_METADATA) and _on(reliance, files):
        for package in reliance.packages:
            if "+" in (package.version or ""):
                yield Floor(floors.PNPM_BUILD_METADATA, f"provenance of a version such as {package.version}")
                return


def _written(reliance: Reliance) -> bool:
    """Tell whether setup-node wrote an .npmrc."""
    return any(each.name == "registry" or each.name.endswith(":registry") for each in reliance.sending.configured)


def _asked(reliance: Reliance, files: Files) -> bool:
    """Tell whether a setting asks for provenance."""
    match provenance.resolve(reliance.sending, files):
        case Known(On(by)), _:
            return by is not By.TRUSTED_PUBLISHING
        case _:
            return False


def _on(reliance: Reliance, files: Files) -> bool:
    """Tell whether provenance is on, by a setting or by trusted publishing."""
    match provenance.resolve(reliance.sending, files):
        case Known(On()), _:
            return True
        case _:
            return False
