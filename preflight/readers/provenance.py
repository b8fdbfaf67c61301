"""Whether a publish command makes provenance, and who decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.ci import Tool
from preflight.facts.fact import Known, Unknown
from preflight.facts.project import By, Impossible, Off, On
from preflight.facts.toolchain import Version
from preflight.readers import settings
from preflight.readers.explicit import explicit
from preflight.readers.ignored import ignored
from preflight.records import dataclass, replace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from preflight.facts.fact import Fact
    from preflight.facts.project import IgnoredSetting, Provenance
    from preflight.readers.sending import Sending
    from preflight.readers.settings import Option
    from preflight.source.files import Files

FLAGS_WIN = Version(10, 6, 0)
"""The first npm whose command line beats publishConfig; before, publishConfig beats the command line."""
NATIVE_PNPM = Version(11, 0, 0)
"""The first pnpm that publishes by itself instead of running npm."""
FORWARDING = frozenset({Tool.NPM, Tool.PNPM, Tool.YARN, Tool.NP, Tool.NPM_PUBLISH_ACTION})
"""The programs whose own `--provenance` counts; the others do not have it or do not pass it on."""
IMPOSSIBLE = {
    Tool.YARN_CLASSIC: "no yarn 1 can; `npm publish` can",
    Tool.BUN: "no bun can; `npm publish` can",
}
_CANDIDATES = (Tool.NPM, Tool.PNPM, Tool.YARN)


@dataclass(frozen=True, slots=True)
class _Answer:
    """An answer, and the option that gave it."""

    fact: Fact[Provenance]
    option: Option | None = None


def resolve(sending: Sending, files: Files) -> tuple[Fact[Provenance], tuple[IgnoredSetting, ...]]:
    """Return whether provenance will be made, at the setting that decides, and the settings that are not read.

    The order of precedence is the tool's own: npm's as tried on 9.5 to 12.2, pnpm's on 10.34 to 12.21, yarn's as in
    its publish command since 4.9. A setting that is known to be read but whose version is too old for provenance
    counts as read: the version is another rule's business.
    """
    impossible = IMPOSSIBLE.get(sending.sender)
    if impossible is not None:
        return Known(Impossible(impossible), sending.at), ()
    fact = _provenance(sending, files)
    match fact:
        case Known(Off(None) | On(By.TRUSTED_PUBLISHING), at):
            fact = Known(fact.value, at, explicit(sending, files))
        case Known() | Unknown():
            pass
    return fact, ignored(sending, files, fact)


def _provenance(sending: Sending, files: Files) -> Fact[Provenance]:
    if sending.tool is Tool.OTHER and (flag := settings.flag(sending.flags, "--provenance", "--no-provenance")):
        hidden = Unknown(f"whether the command passes {flag.what} on", flag.at)
        heard, unheard = replace(sending, tool=Tool.NPM), replace(sending, flags=())
        return _agreed([_provenance(each, files) for each in (heard, unheard)], hidden)
    match sending.sender:
        case Tool.PNPM:
            return _pnpm(sending, files)
        case Tool.YARN:
            return _yarn(sending, files).fact
        case Tool.OTHER:
            hidden = Unknown("which program sends the package", sending.at)
            facts = [_provenance(replace(sending, sender=tool, version=hidden), files) for tool in _CANDIDATES]
            return _agreed(facts, hidden)
        case _:
            return _npm(sending, files).fact


# -- npm, and what behaves like it ----------------------------------------------------------------


def _npm(sending: Sending, files: Files) -> _Answer:
    flag = _flag(sending, "--provenance", "--no-provenance", "--provenance-file")
    published = settings.published(sending.manifest)
    asked = settings.tool_option(sending, files) or flag
    config = settings.npm_option("provenance", sending, files)
    answers = [_npm_answer(sending, asked, published, config, flags_win=wins) for wins in _orders(sending)]
    hidden = Unknown("whether npm is 10.6 or newer, where the command line beats `publishConfig`", sending.at)
    fact = _agreed([answer.fact for answer in answers], hidden)
    return _Answer(fact, next((answer.option for answer in answers if answer.fact == fact), None))


def _orders(sending: Sending) -> tuple[bool, ...]:
    match sending.version:
        case Known(version) if sending.sender is not Tool.PNPM:
            return (sending.sender in {Tool.LERNA, Tool.LERNA_LITE} or version >= FLAGS_WIN,)
        case _:
            return (True, False)


def _npm_answer(
    sending: Sending, flag: Option | None, published: Option | None, config: Option | None, *, flags_win: bool
) -> _Answer:
    order = (flag, published, config) if flags_win else (published, flag, config)
    said = tuple(option for option in order if option is not None)
    # Trusted publishing looks at npm's configuration alone, which publishConfig is no part of: it cannot opt out.
    silent = flag is None and config is None and not (published is not None and published.wanted)
    return _automatic(sending, said) if silent else _decided(sending, said)


def _automatic(sending: Sending, said: Sequence[Option]) -> _Answer:
    without = _decided(sending, said)
    match sending.oidc:
        case Known(True) if sending.automatic:
            return _Answer(Known(On(By.TRUSTED_PUBLISHING), sending.at))
        case Unknown(why, at) if sending.automatic:
            return _Answer(Unknown(why, at or sending.at))
        case _:
            return without


def _decided(sending: Sending, said: Sequence[Option]) -> _Answer:
    if not said:
        return _Answer(Known(Off(), sending.at))
    first, *rest = said
    by = By.TOOL if first.by is By.FLAG and sending.tool is Tool.NPM_PUBLISH_ACTION else first.by
    match first.on:
        case Known(True):
            return _Answer(Known(On(by), first.at), first)
        case Unknown(why):
            return _Answer(Unknown(why, first.at), first)
        case Known():
            if first.by is By.PUBLISH_CONFIG and settings.misquoted(sending.manifest) is not None:
                # The string is reported as a setting that is not read; that says it all.
                return _Answer(Known(Off(), sending.at), first)
            beaten = next((option.what for option in rest if option.wanted), None)
            return _Answer(Known(Off(by, _off(first) + (f" and beats {beaten}" if beaten else "")), first.at), first)


def _off(option: Option) -> str:
    if option.by is By.FLAG or ":" in option.what:
        return f"{option.what} says so"
    return f"{option.what} is false"


def _flag(sending: Sending, *names: str) -> Option | None:
    found = settings.flag(sending.flags, *names)
    return found if sending.tool in FORWARDING else None


# -- pnpm -----------------------------------------------------------------------------------------


def _pnpm(sending: Sending, files: Files) -> Fact[Provenance]:
    match sending.version:
        case Known(version) if version >= NATIVE_PNPM:
            return _native_pnpm(sending, files).fact
        case Known():
            return _npm(sending, files).fact
        case Unknown():
            return _either_pnpm(sending, _npm(sending, files), _native_pnpm(sending, files))


def _either_pnpm(sending: Sending, old: _Answer, new: _Answer) -> Fact[Provenance]:
    why = "whether pnpm is 11 or newer, which reads other settings for provenance"
    if isinstance(old.fact, Known) and isinstance(old.fact.value, On) and old.option is not None:
        why = f"whether pnpm is 11 or newer, which ignores {old.option.what}"
    elif new.option is not None:
        why = f"whether pnpm is 11 or newer, which alone reads {new.option.what}"
    return _agreed([old.fact, new.fact], Unknown(why, sending.at))


def _native_pnpm(sending: Sending, files: Files) -> _Answer:
    flag = _flag(sending, "--provenance", "--no-provenance", "--config.provenance")
    said = tuple(
        option
        for option in (
            flag,
            settings.variable(sending.env, settings.is_pnpm_provenance),
            settings.yaml_option(files, settings.folders(sending), "pnpm-workspace.yaml", "provenance"),
        )
        if option is not None
    )
    if not said or (said[0] is flag and not flag.wanted and not honours_no_provenance(sending.version)):
        return _automatic(sending, said)
    return _decided(sending, said)


def honours_no_provenance(version: Fact[Version]) -> bool:
    """Return whether a pnpm from 11 on obeys `--no-provenance` under trusted publishing: from 11.28 and 12.11 on."""
    match version:
        case Known(number):
            return number >= Version(12, 11) or (number.major == 11 and number >= Version(11, 28))
        case Unknown():
            return True


# -- yarn -----------------------------------------------------------------------------------------


def _yarn(sending: Sending, files: Files) -> _Answer:
    flag = _flag(sending, "--provenance")
    published = None if settings.misquoted(sending.manifest) is not None else settings.published(sending.manifest)
    said = (
        published,
        flag if flag is not None and flag.wanted else None,
        settings.variable(sending.env, settings.is_yarn_provenance),
        settings.yaml_option(files, settings.folders(sending), ".yarnrc.yml", "npmPublishProvenance"),
    )
    return _decided(sending, tuple(option for option in said if option is not None))


# -- agreement ------------------------------------------------------------------------------------


def _agreed(facts: Sequence[Fact[Provenance]], hidden: Unknown) -> Fact[Provenance]:
    """Return what all facts say; `hidden` where they differ.

    Of several that turn it on the one that rests on a setting speaks, because it may be the one that counts.
    """
    unknown = next((fact for fact in facts if isinstance(fact, Unknown)), None)
    if unknown is not None:
        return unknown
    known = [fact for fact in facts if isinstance(fact, Known)]
    if len({type(fact.value) for fact in known}) > 1:
        return hidden
    return next((fact for fact in known if fact.value != On(By.TRUSTED_PUBLISHING)), known[0])
