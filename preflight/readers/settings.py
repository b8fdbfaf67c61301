"""Options of npm, pnpm, yarn and the release tools, each read from the places where that tool looks."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from preflight.errors import PreflightError
from preflight.facts.ci import Tool
from preflight.facts.fact import Known, Unknown
from preflight.facts.project import By
from preflight.records import dataclass
from preflight.source.nodes import Scalar, entries, find, strings
from preflight.source.problems import FileError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import PurePosixPath

    from preflight.facts.fact import Fact
    from preflight.readers.pipeline import Flag, Setting
    from preflight.readers.sending import Sending
    from preflight.source.files import Files
    from preflight.source.nodes import Mapping, Node
    from preflight.source.text import Location, Source

FALSE = frozenset({"false", "null", "undefined", "0"})
"""What npm takes for false in a variable, an option or an .npmrc; everything else is true (@npmcli/config, nopt)."""
RELEASE_IT_CODE = (".release-it.js", ".release-it.cjs", ".release-it.mjs", ".release-it.ts")
_PREFIX = "npm_config_"


@dataclass(frozen=True, slots=True)
class Option:
    """An option that a place sets: who sets it, how the user wrote it, the value, and where."""

    by: By
    what: str
    value: Fact[str]
    at: Location

    @property
    def on(self) -> Fact[bool]:
        """Whether npm takes the value for true."""
        match self.value:
            case Known(text):
                return Known(text.strip() not in FALSE, self.at)
            case Unknown(why, at):
                return Unknown(why, at or self.at)

    @property
    def wanted(self) -> bool:
        """Whether the value is true, or may be."""
        return not isinstance(self.on, Known) or self.on.value


def upward(folder: PurePosixPath) -> Iterator[PurePosixPath]:
    """Yield a folder and the folders above it, up to the project's root."""
    yield folder
    yield from folder.parents


# -- where a tool is at home --------------------------------------------------------------------


def npm_project(sending: Sending, files: Files) -> Fact[PurePosixPath]:
    """Return the folder whose .npmrc is the project's for the program that sends.

    npm climbs from where it runs to the first package.json, and on to the workspace root that holds that package:
    a folder given as argument does not count, nor an .npmrc of a workspace. pnpm up to 10 hands npm the package's
    own .npmrc, else that of its workspace root. Beachball and rush run npm in the package's folder.
    """
    if sending.sender is Tool.PNPM:
        return _pnpm_project(sending, files)
    match sending.cwd:
        case _ if sending.tool in {Tool.BEACHBALL, Tool.RUSH} and sending.folder is not None:
            start = sending.folder
        case Known(folder):
            start = folder
        case Unknown(why, at):
            return Unknown(why, at)
    home = files.above(start, "package.json") or start
    if sending.workspace is not None and home == sending.folder:
        return Known(sending.workspace)
    return Known(home)


def _pnpm_project(sending: Sending, files: Files) -> Fact[PurePosixPath]:
    start = sending.folder
    if start is None:
        match sending.cwd:
            case Known(folder):
                start = folder
            case Unknown(why, at):
                return Unknown(why, at)
    if files.exists(start / ".npmrc"):
        return Known(start)
    return Known(files.above(start, "pnpm-workspace.yaml") or start)


def folders(sending: Sending) -> tuple[PurePosixPath, ...]:
    """Return every folder whose configuration a user may expect to count, the nearest to the package first."""
    return _folders(sending.folder, sending.cwd.value if isinstance(sending.cwd, Known) else None)


@lru_cache(maxsize=4096)
def _folders(package: PurePosixPath | None, base: PurePosixPath | None) -> tuple[PurePosixPath, ...]:
    found = list(upward(package)) if package is not None else []
    if base is not None:
        found += upward(base)
    return tuple(_one(folder) for folder in dict.fromkeys(found))


@lru_cache(maxsize=8192)
def _one(folder: PurePosixPath) -> PurePosixPath:
    """Return the same object for the same path; to compare two of them letter by letter takes most of a look-up."""
    return folder


# -- command line, environment, package.json ----------------------------------------------------


def flag(flags: Iterable[Flag], *names: str) -> Option | None:
    """Return the last option of the command line with one of these names; one without a value is true."""
    last = next((item for item in reversed(tuple(flags)) if item.name in names), None)
    if last is None:
        return None
    spelt = f"`{last.name}`" if last.value is None else f"`{last.name}={last.value.text}`"
    return Option(By.FLAG, spelt, _value(last), last.at)


def _value(item: Flag) -> Fact[str]:
    if item.value is None:
        return Known("false" if item.name.startswith("--no-") else "true", item.at)
    if not item.value.known:
        return Unknown(f"what `{item.value.text}` stands for", item.at)
    return Known(item.value.text, item.at)


def variable(env: Iterable[Setting], reads: Callable[[str], bool]) -> Option | None:
    """Return the strongest variable that a program reads; one that is set to nothing counts as not set."""
    last: dict[str, Setting] = {}
    for setting in env:
        if reads(setting.name):
            last.pop(setting.name, None)
            last[setting.name] = setting
    for setting in reversed(last.values()):
        if not (isinstance(setting.value, Known) and not setting.value.value):
            return Option(By.ENV, f"`{setting.name}`", setting.value, setting.at)
    return None


def npm_key(name: str) -> str | None:
    """Return the option of npm that a variable sets, or None: `NPM_CONFIG_DRY_RUN` sets `dry-run`."""
    if not name.lower().startswith(_PREFIX):
        return None
    key = name[len(_PREFIX) :]
    return key if key.startswith("//") else (key[:1] + key[1:].replace("_", "-")).lower()


def is_npm_provenance(name: str) -> bool:
    """Return whether npm reads `provenance` from a variable of this name; case does not matter."""
    return npm_key(name) == "provenance"


def is_pnpm_provenance(name: str) -> bool:
    """Return whether pnpm from 11 on reads `provenance` from a variable of this name, all in one case."""
    return name in {"pnpm_config_provenance", "PNPM_CONFIG_PROVENANCE"}


def is_yarn_provenance(name: str) -> bool:
    """Return whether yarn reads `npmPublishProvenance` from a variable of this name."""
    return name.upper() == "YARN_NPM_PUBLISH_PROVENANCE"


def published(manifest: Mapping | None) -> Option | None:
    """Return `publishConfig.provenance`; anything but the boolean `true` is false, as npm compares with `===`."""
    node = find(manifest, "publishConfig", "provenance")
    if node is None:
        return None
    on = isinstance(node, Scalar) and node.value is True
    return Option(By.PUBLISH_CONFIG, "`publishConfig.provenance`", Known("true" if on else "false", node.at), node.at)


def misquoted(manifest: Mapping | None) -> Scalar | None:
    """Return the value of `publishConfig.provenance` where it is meant to be true and is a string or a number."""
    match find(manifest, "publishConfig", "provenance"):
        case Scalar(value=str(text)) as node if text.strip().lower() in {"true", "1", "yes"}:
            return node
        case _:
            return None


# -- files --------------------------------------------------------------------------------------


def npmrc(files: Files, folder: PurePosixPath, key: str, env: Iterable[Setting] = ()) -> Option | None:
    """Return a line of the .npmrc of a folder, with `${VARIABLE}` replaced where the value is known."""
    match find(files.within(folder, ".npmrc"), key):
        case Scalar() as node:
            return Option(By.NPMRC, f"`{key}` in `{folder / '.npmrc'}`", expand(node, env), node.at)
        case _:
            return None


def user_npmrc(sending: Sending, files: Files) -> Mapping | None:
    """Return the user's .npmrc where the command or its environment names one of the repository (`--userconfig`)."""
    named = flag(sending.flags, "--userconfig") or variable(sending.env, lambda name: npm_key(name) == "userconfig")
    match named, sending.cwd:
        case Option(value=Known(text)), Known(folder) if not text.startswith(("/", "~")):
            return _ini(files, folder / text)
        case _:
            return None


def _ini(files: Files, path: PurePosixPath) -> Mapping | None:
    if not files.exists(path):
        return None
    from preflight.source import npmrc as dialect

    try:
        return dialect.read(files.source(path))
    except PreflightError:
        return None


def expand(node: Scalar, env: Iterable[Setting]) -> Fact[str]:
    """Return the text of a line with its `${VARIABLE}`s replaced; Unknown where one has no known value."""
    text = node.text
    if "${" not in text:
        return Known(text, node.at)
    known = {setting.name: setting.value for setting in env}
    for name in references(text):
        match known.get(name):
            case Known(value):
                text = text.replace(f"${{{name}}}", value).replace(f"${{{name}?}}", value)
            case _:
                return Unknown(f"what `{name}` is", node.at)
    return Known(text, node.at)


def references(text: str) -> tuple[str, ...]:
    """Return the names of the variables that a line of an .npmrc or .yarnrc.yml refers to as `${NAME}`."""
    return tuple(dict.fromkeys(re.findall(r"\$\{([A-Za-z0-9_]{1,200})[^{}]{0,200}\}", text)))


def configured(settings: Iterable[Setting], key: str) -> Option | None:
    """Return the last option of that name that the job itself wrote to an .npmrc."""
    last = next((item for item in reversed(tuple(settings)) if item.name == key), None)
    return Option(By.NPMRC, f"`{key}`, set by the job,", last.value, last.at) if last else None


def npm_option(key: str, sending: Sending, files: Files) -> Option | None:
    """Return what npm's configuration says about an option: variable, project's .npmrc, user's .npmrc; no flags.

    Unknown where the folder that the command runs in is not known and one of the .npmrc in question sets it.
    """
    found = variable(sending.env, lambda name: npm_key(name) == key)
    if found is not None:
        return found
    match npm_project(sending, files):
        case Known(folder):
            found = npmrc(files, folder, key, sending.env)
        case Unknown(why):
            found = next(filter(None, (npmrc(files, folder, key) for folder in folders(sending))), None)
            if found is not None:
                found = Option(found.by, found.what, Unknown(f"which .npmrc is read: {why}", found.at), found.at)
    found = found or configured(sending.configured, key)
    if found is None and isinstance(node := find(user_npmrc(sending, files), key), Scalar):
        return Option(By.NPMRC, f"`{key}` in the user's .npmrc", expand(node, sending.env), node.at)
    return found


def yaml_option(files: Files, above: Iterable[PurePosixPath], name: str, *keys: str) -> Option | None:
    """Return an option of the nearest file of that name, such as `.yarnrc.yml`, that sets it."""
    for folder in above:
        match find(files.within(folder, name), *keys):
            case Scalar(value=value) as node if value is not None:
                what = f"`{'.'.join(keys)}: {node.text}` in `{folder / name}`"
                return Option(By.TOOL, what, Known(node.text, node.at), node.at)
            case _:
                pass
    return None


# -- release tools ------------------------------------------------------------------------------


def tool_option(sending: Sending, files: Files) -> Option | None:
    """Return what the release tool's own configuration says about provenance: release-it's or np's."""
    match sending.cwd:
        case Known(folder) if sending.tool is Tool.RELEASE_IT:
            return _release_it(sending, files, folder)
        case Known(folder) if sending.tool is Tool.NP:
            return _np(files, folder)
        case _:
            return None


def _release_it(sending: Sending, files: Files, folder: PurePosixPath) -> Option | None:
    given = flag(sending.flags, "--npm.publishArgs")
    if given is not None:
        match given.value:
            case Known(text):
                return _argument(text.split(), given.what, given.at)
            case Unknown():
                return given
    names = (".release-it.json", ".release-it.yaml", ".release-it.yml")
    roots: list[Node | None] = [files.tree(folder / name) for name in names]
    roots.append(find(files.tree(folder / "package.json"), "release-it"))
    for root in roots:
        for word in strings(find(root, "npm", "publishArgs")):
            found = _argument(word.text.split(), "`npm.publishArgs`", word.at)
            if found is not None:
                return found
    for name in RELEASE_IT_CODE:
        if (source := _code(files, folder / name)) is not None and "provenance" in source.text:
            at = source.at(0, 0)
            return Option(By.TOOL, f"`{name}`", Unknown(f"what `{name}` passes to npm", at), at)
    return None


def _code(files: Files, path: PurePosixPath) -> Source | None:
    try:
        return files.source(path)
    except FileError:
        return None


def _argument(words: list[str], what: str, at: Location) -> Option | None:
    for word in reversed(words):
        name, _, value = word.partition("=")
        if name in {"--provenance", "--no-provenance"}:
            on = (value not in FALSE) is (name == "--provenance")
            return Option(By.TOOL, what, Known("true" if on else "false", at), at)
    return None


def _np(files: Files, folder: PurePosixPath) -> Option | None:
    for root in (files.tree(folder / ".np-config.json"), find(files.tree(folder / "package.json"), "np")):
        match find(root, "provenance"):
            case Scalar(value=bool()) as node:
                return Option(By.TOOL, "`provenance` of np's configuration", Known(node.text, node.at), node.at)
            case _:
                pass
    return None


# -- spelling -----------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def resembles(word: str, right: str) -> bool:
    """Return whether a word is another one misspelt: other case or dashes, or one or two letters away."""
    plain, goal = (re.sub("[^a-z]", "", item[:60].lower()) for item in (word, right))
    if word == right or abs(len(plain) - len(goal)) > 2:
        return False
    before = list(range(len(goal) + 1))
    for row, letter in enumerate(plain, 1):
        line = [row]
        for column, other in enumerate(goal, 1):
            line.append(min(before[column] + 1, line[-1] + 1, before[column - 1] + (letter != other)))
        before = line
    return before[-1] <= 2


def misspelt(manifest: Mapping | None) -> Iterator[tuple[Scalar, str]]:
    """Yield the keys of a package.json that mean `publishConfig.provenance` and are not it, with the right name."""
    for key, value in entries(manifest):
        if key.text == "publishConfig":
            for inner, wish in entries(value):
                if _means_true(wish) and resembles(inner.text, "provenance"):
                    yield inner, "provenance"
        elif key.text == "provenance" and _means_true(value):
            yield key, "publishConfig.provenance"
        elif _means_true(find(value, "provenance")) and resembles(key.text, "publishConfig"):
            yield key, "publishConfig"


def _means_true(node: Node | None) -> bool:
    return isinstance(node, Scalar) and node.text.lower() == "true"
