"""Settings that look like provenance but that the program which sends the package does not read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.ci import Tool
from preflight.facts.fact import Known, Unknown
from preflight.facts.project import By, IgnoredSetting, On
from preflight.readers import settings
from preflight.readers.explicit import in_pnpm_workspace
from preflight.source.edits import Edit, Fix, Safety

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.fact import Fact
    from preflight.facts.project import Provenance
    from preflight.readers.sending import Sending
    from preflight.readers.settings import Option
    from preflight.source.files import Files

_MANIFEST, _NPM_ENV, _NPMRC = "manifest", "npm's variables", ".npmrc"
_PNPM_ENV, _PNPM_FILE = "pnpm's variables", "pnpm-workspace.yaml"
_YARN_ENV, _YARN_FILE = "yarn's variables", ".yarnrc.yml"
_LIKE_NPM = frozenset({_MANIFEST, _NPM_ENV, _NPMRC})
_NATIVE_PNPM = frozenset({_PNPM_ENV, _PNPM_FILE})
_YARN = frozenset({_MANIFEST, _YARN_ENV, _YARN_FILE})
_LERNA = frozenset({Tool.LERNA, Tool.LERNA_LITE})
_NAMES = {
    Tool.CHANGESETS: "changeset publish",
    Tool.LERNA: "lerna publish",
    Tool.LERNA_LITE: "lerna publish",
    Tool.SEMANTIC_RELEASE: "semantic-release",
    Tool.RELEASE_IT: "release-it",
    Tool.NX: "nx release",
    Tool.RUSH: "rush publish",
    Tool.BEACHBALL: "beachball publish",
    Tool.AUTO: "auto shipit",
}
"""The release tools that have no `--provenance`."""


def ignored(sending: Sending, files: Files, fact: Fact[Provenance]) -> tuple[IgnoredSetting, ...]:
    """Return every setting that asks for provenance and is not read, each place once.

    Where the version decides what is read and is not known, a setting counts as ignored if no version reads it.
    Variables of other steps, jobs and callers count only where no setting that is read turns provenance on: they
    may be meant for another command.
    """
    found = [*_unread(sending, files), *_misspelt(sending), *_flags(sending)]
    if not _on_by_setting(fact):
        found += _elsewhere(sending)
    found += _vain_refusals(sending, fact)
    return tuple({(item.at.path, item.at.span.start): item for item in reversed(found)}.values())[::-1]


def _on_by_setting(fact: Fact[Provenance]) -> bool:
    match fact:
        case Known(On(by)):
            return by is not By.TRUSTED_PUBLISHING
        case _:
            return False


def _reads(sending: Sending) -> frozenset[str]:
    match sending.sender, sending.version:
        case Tool.PNPM, Known(version):
            return _NATIVE_PNPM if version.major >= 11 else _LIKE_NPM
        case Tool.PNPM, Unknown():
            return _NATIVE_PNPM | _LIKE_NPM
        case Tool.YARN, _:
            return _YARN
        case Tool.OTHER, _:
            return _LIKE_NPM | _NATIVE_PNPM | _YARN
        case _:
            return _LIKE_NPM


def _who(sending: Sending) -> tuple[str, str]:
    """Return the reader's name and what would work there."""
    reads = _reads(sending)
    if reads == _NATIVE_PNPM:
        return "pnpm 11 and newer do", "`provenance: true` in `pnpm-workspace.yaml` works"
    if sending.sender is Tool.YARN:
        return "yarn does", "`npmPublishProvenance: true` in `.yarnrc.yml` works"
    name = "pnpm" if sending.sender is Tool.PNPM else "lerna" if sending.sender in _LERNA else "npm"
    return f"{name} does", "`publishConfig.provenance: true` works"


def _unread(sending: Sending, files: Files) -> Iterator[IgnoredSetting]:
    reads = _reads(sending)
    who, instead = _who(sending)
    why = f"{who} not read it; {instead}"
    remedy = in_pnpm_workspace(sending, files) if reads == _NATIVE_PNPM else None
    for source, option in _options(sending, files):
        if source not in reads and option.wanted:
            yield IgnoredSetting(option.at, option.what, why, remedy)
    text = settings.misquoted(sending.manifest)
    if text is not None and (_MANIFEST in reads or reads == _NATIVE_PNPM):
        if reads == _NATIVE_PNPM:
            yield IgnoredSetting(text.at, "`publishConfig.provenance`", why, remedy)
        else:
            fix = Fix("write `true` without quotes", Safety.SAFE, (Edit(text.at, "true"),))
            spelt = f"`publishConfig.provenance: {text.at.text}`"
            yield IgnoredSetting(text.at, spelt, "it must be the boolean `true`, without quotes", fix)
    if _NPMRC in reads:
        yield from _other_npmrc(sending, files)


def _options(sending: Sending, files: Files) -> Iterator[tuple[str, Option]]:
    above = settings.folders(sending)
    found = [
        (_MANIFEST, settings.published(sending.manifest)),
        (_NPM_ENV, settings.variable(sending.env, settings.is_npm_provenance)),
        (_PNPM_ENV, settings.variable(sending.env, settings.is_pnpm_provenance)),
        (_YARN_ENV, settings.variable(sending.env, settings.is_yarn_provenance)),
        (_PNPM_FILE, settings.yaml_option(files, above, "pnpm-workspace.yaml", "provenance")),
        (_YARN_FILE, settings.yaml_option(files, above, ".yarnrc.yml", "npmPublishProvenance")),
        (_NPMRC, settings.configured(sending.configured, "provenance")),
    ]
    if _NPMRC not in _reads(sending):
        found += [(_NPMRC, settings.npmrc(files, folder, "provenance", sending.env)) for folder in above]
    yield from ((source, option) for source, option in found if option is not None)


def _other_npmrc(sending: Sending, files: Files) -> Iterator[IgnoredSetting]:
    match settings.npm_project(sending, files):
        case Known(home):
            for folder in settings.folders(sending):
                option = settings.npmrc(files, folder, "provenance", sending.env)
                if folder != home and option is not None and option.wanted:
                    why = f"only `{home / '.npmrc'}` is read here; `publishConfig.provenance: true` works anywhere"
                    yield IgnoredSetting(option.at, option.what, why)
        case Unknown():
            pass


def _misspelt(sending: Sending) -> Iterator[IgnoredSetting]:
    for key, right in settings.misspelt(sending.manifest):
        if right == "publishConfig.provenance":
            yield IgnoredSetting(key.at, "`provenance` at the top of package.json", f"it belongs into `{right}`")
            continue
        parent = sending.manifest.get("publishConfig") if sending.manifest is not None else None
        taken = parent is not None if right == "publishConfig" else settings.published(sending.manifest) is not None
        fix = Fix(f"write `{right}`", Safety.SAFE, (Edit(key.at, f'"{right}"'),))
        where = " in `publishConfig`" if right == "provenance" else ""
        yield IgnoredSetting(key.at, f"`{key.text}`{where}", f"it is spelt `{right}`", None if taken else fix)
    known = (settings.is_npm_provenance, settings.is_pnpm_provenance, settings.is_yarn_provenance)
    for variable in sending.env:
        if variable.value == Known("") or any(reads(variable.name) for reads in known):
            continue
        for right in ("NPM_CONFIG_PROVENANCE", "YARN_NPM_PUBLISH_PROVENANCE", "PNPM_CONFIG_PROVENANCE"):
            if settings.resembles(variable.name.lower(), right.lower()):
                yield IgnoredSetting(variable.at, f"`{variable.name}`", f"nothing reads it; it is spelt `{right}`")
                break


def _flags(sending: Sending) -> Iterator[IgnoredSetting]:
    name = _NAMES.get(sending.tool)
    option = settings.flag(sending.flags, "--provenance")
    if name is not None and option is not None and option.wanted:
        own = '`npm.publishArgs: ["--provenance"]` works'
        instead = own if sending.tool is Tool.RELEASE_IT else _who(sending)[1]
        yield IgnoredSetting(option.at, option.what, f"`{name}` has no such option; {instead}")


def _elsewhere(sending: Sending) -> Iterator[IgnoredSetting]:
    groups = (
        (sending.caller_env, "the environment of a caller does not reach a called workflow"),
        (sending.foreign_env, "it is set for another step or job, which this command does not see"),
    )
    reads = _reads(sending)
    readers = (
        (_NPM_ENV, settings.is_npm_provenance),
        (_PNPM_ENV, settings.is_pnpm_provenance),
        (_YARN_ENV, settings.is_yarn_provenance),
    )
    for env, why in groups:
        for source, reader in readers:
            option = settings.variable(env, reader)
            if option is not None and option.wanted:
                instead = "set it where the package is published" if source in reads else _who(sending)[1]
                yield IgnoredSetting(option.at, option.what, f"{why}; {instead}")


def _vain_refusals(sending: Sending, fact: Fact[Provenance]) -> Iterator[IgnoredSetting]:
    """Yield what is meant to turn provenance off and does not, because trusted publishing makes it anyway."""
    match fact:
        case Known(On(By.TRUSTED_PUBLISHING)):
            pass
        case Known() | Unknown():
            return
    native = _reads(sending) == _NATIVE_PNPM
    works = "`provenance: false` in `pnpm-workspace.yaml`" if native else "`NPM_CONFIG_PROVENANCE: false`"
    why = f"trusted publishing makes provenance all the same; {works} turns it off"
    refused = settings.published(sending.manifest)
    if refused is not None and not refused.wanted and settings.misquoted(sending.manifest) is None:
        yield IgnoredSetting(refused.at, "`publishConfig.provenance: false`", why)
    flag = settings.flag(sending.flags, "--no-provenance", "--provenance")
    if native and flag is not None and not flag.wanted:
        yield IgnoredSetting(flag.at, flag.what, why)
