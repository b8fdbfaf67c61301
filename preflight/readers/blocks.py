"""Settings of a project that stop its own publish."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.errors import PreflightError
from preflight.facts.ci import Tool
from preflight.facts.fact import Known, Unknown
from preflight.facts.login import Block
from preflight.facts.toolchain import Version
from preflight.readers import settings
from preflight.readers.raw_tokens import steps
from preflight.readers.tokens import USABLE, tokens
from preflight.source.edits import Edit, Fix, Safety
from preflight.source.nodes import Mapping, Scalar, Sequence, entries, entry, find, text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import PurePosixPath

    from preflight.facts.fact import Fact
    from preflight.facts.toolchain import Npm
    from preflight.readers.sending import Sending
    from preflight.source.files import Files
    from preflight.source.nodes import Node
    from preflight.source.text import Location

CHECKS_ENGINES = Version(10, 9)
"""The first npm that compares itself with `devEngines`, whatever it is told to do (its `lib/npm.js`)."""
BAD_ENGINES = "EBADDEVENGINES"
LOGGED_OUT = "ENEEDAUTH This command requires you to be logged in to <registry>"
_CALLS_NPM = frozenset({Tool.NPM, Tool.SEMANTIC_RELEASE, Tool.RELEASE_IT, Tool.BEACHBALL})
"""Tools that run the npm CLI in the folder that they are started in, or in that of the package."""
_ASKS_PROJECT = Version(3)
"""The first @changesets/cli that asks the registry with the project's own package manager, not with npm."""
_PASSING = frozenset({"ignore", "warn"})
_RELEASE_IT = (".release-it.json", ".release-it.yaml", ".release-it.yml")
_RELEASE_IT_TEXT = (*settings.RELEASE_IT_CODE, ".release-it.toml")
_WHOAMI = "npm whoami"


def blocks(
    sending: Sending, files: Files, *, npm: Fact[Npm] | None, changesets: Fact[Version], runner: str | None
) -> tuple[Block, ...]:
    """Return what stops a publish command before it sends anything, in the way in which it authenticates.

    `npm` is the npm that will run, `changesets` the version of @changesets/cli, `runner` what runs the tool, such as
    the `uses` of an action.
    """
    found: list[Block] = []
    match sending.oidc:
        case Known(True) if not any(each.filling in USABLE for each in tokens(sending, files)):
            found += _asked_who(sending, files)
            if sending.tool is Tool.RELEASE_IT:
                found += _release_it(sending, files)
        case _:
            pass
    if runner is None or "@" not in runner:
        found += _engines(sending, files, npm, changesets)
    return tuple(found)


# -- npm whoami -----------------------------------------------------------------------------------


def _asked_who(sending: Sending, files: Files) -> Iterator[Block]:
    """Yield the plain `npm whoami` in front of a publish: whoever has only an OIDC token is nobody yet."""
    if _WHOAMI not in sending.at.source.text:
        return
    around = steps(sending.at, files)
    if not around:
        for line in _lines(_job(sending.at, files)):
            yield from _whoami(line, sending.at, None)
        return
    for step in around:
        run = step.get("run")
        if step.start >= sending.at.span.end or not isinstance(run, Scalar) or _WHOAMI not in run.text:
            continue
        going_on = text(find(step, "continue-on-error")) or "false"
        if going_on == "true" or _has_token(step):
            continue
        may_pass = step.get("if") is not None or going_on != "false"
        yield from _whoami(run, sending.at, "whether that step runs, and ends the job" if may_pass else None)


def _whoami(script: Scalar, until: Location, doubt: str | None) -> Iterator[Block]:
    offset = 0
    for line in script.text.split("\n"):
        words = line.split()
        # Behind `||`, in an `if` or in `$( )` a refusal is expected.
        if words[:2] == ["npm", "whoami"] and not any(mark in line for mark in "|&;#>)"):
            at = script.place(offset + line.index("npm"), offset + len(line.rstrip()))
            if at.span.start < until.span.start:
                what = "`npm whoami` knows nobody under trusted publishing, and stops the job before the publish"
                yield Block(at, what, LOGGED_OUT, doubt=doubt)
        offset += len(line) + 1


def _has_token(step: Mapping) -> bool:
    return any("TOKEN" in each.key.text.upper() for each in entries(step.get("env")))


def _job(at: Location, files: Files) -> Node | None:
    """Return the job of a pipeline without steps that a place lies in."""
    if at.path.suffix not in {".yml", ".yaml"}:
        return None
    return next(
        (each.value for each in entries(files.tree(at.path)) if each.value.start <= at.span.start < each.value.end),
        None,
    )


def _lines(job: Node | None) -> Iterator[Scalar]:
    for key in ("before_script", "script"):
        match find(job, key):
            case Sequence(items):
                yield from (item for item in items if isinstance(item, Scalar))
            case Scalar() as line:
                yield line
            case _:
                pass


# -- release-it -----------------------------------------------------------------------------------


def _release_it(sending: Sending, files: Files) -> Iterator[Block]:
    """Yield the checks of release-it, which runs `npm whoami` unless `npm.skipChecks` is true (its `npm.js`)."""
    if any(flag.name in {"--npm.skipChecks", "--config", "-c"} for flag in sending.flags):
        return
    match sending.cwd:
        case Known(folder):
            pass
        case Unknown():
            return
    what = "release-it runs `npm whoami` first, which knows nobody under trusted publishing"
    root, at, name = _configuration(folder, files)
    if root is None:
        for name in _RELEASE_IT_TEXT:
            if (code := _text(files, folder / name)) is not None:
                if "skipChecks" not in code.source.text:
                    yield Block(code, what, LOGGED_OUT, doubt=f"what `{name}` comes to when it runs")
                return
        yield Block(sending.at, what, LOGGED_OUT)
        return
    skips = find(root, "npm", "skipChecks")
    if isinstance(skips, Scalar) and skips.value is True:
        return
    inherits = find(root, "extends") is not None
    doubt = f"what the configuration says that `{name}` extends" if inherits else None
    key = entry(root, "npm")
    yield Block(
        skips.at if skips is not None else key.key.at if key else at or sending.at,
        what,
        LOGGED_OUT,
        _skipping(root) if not inherits else None,
        doubt,
    )


def _configuration(folder: PurePosixPath, files: Files) -> tuple[Node | None, Location | None, str]:
    for name in _RELEASE_IT:
        if files.exists(folder / name) and (root := files.tree(folder / name)) is not None:
            return root, root.source.at(root.start, min(root.start + 1, root.end)), name
    found = entry(files.tree(folder / "package.json"), "release-it")
    return (found.value, found.key.at, "package.json") if found else (None, None, "")


def _text(files: Files, path: PurePosixPath) -> Location | None:
    if not files.exists(path):
        return None
    try:
        source = files.source(path)
    except PreflightError:
        return None
    return source.at(0, min(1, len(source.text)))


def _skipping(root: Node) -> Fix | None:
    """Return the fix that sets `npm.skipChecks` where the file is JSON and has an `npm` to put it into."""
    npm = find(root, "npm")
    if not isinstance(npm, Mapping) or npm.source.path.suffix != ".json":
        return None
    title = "set `npm.skipChecks: true`"
    match npm.get("skipChecks"):
        case Scalar() as wrong:
            return Fix(title, Safety.SAFE, (Edit(wrong.at, "true"),))
        case None if npm.entries:
            start = npm.entries[0].key.start
            gap = npm.source.text[npm.start + 1 : start]
            between = gap if not gap.strip() and gap else " "
            return Fix(title, Safety.SAFE, (Edit(npm.source.at(start, start), f'"skipChecks": true,{between}'),))
        case _:
            return None


# -- devEngines -----------------------------------------------------------------------------------


def _engines(sending: Sending, files: Files, npm: Fact[Npm] | None, changesets: Fact[Version]) -> Iterator[Block]:
    """Yield a `devEngines.packageManager` that names another program than the npm that publishes.

    npm reads it in the folder that is its own project (npm-install-checks, `dev-engines.js`): a list is refused where
    each entry is, and then the last one's `onFail` counts, `error` where there is none; `download` is the same to npm.
    pnpm up to 10 runs npm in a folder of its own, unless it is given a tarball.
    """
    doubt: str | None = None
    match sending.tool:
        case tool if tool in _CALLS_NPM:
            pass
        case Tool.CHANGESETS:
            match changesets:
                case Known(version) if version >= _ASKS_PROJECT:
                    return
                case Known():
                    pass
                case Unknown(why):
                    doubt = why
        case Tool.PNPM if npm is not None and sending.tarball:
            pass
        case _:
            return
    if any(flag.name == "--force" for flag in sending.flags) or "devEngines" in sending.at.source.text:
        return
    found = _refusing(sending, files)
    if found is None:
        return
    at, names, fix = found
    match npm:
        case Known(value) if value.version < CHECKS_ENGINES:
            return
        case Unknown(why):
            doubt = doubt or f"whether npm is {CHECKS_ENGINES.major}.{CHECKS_ENGINES.minor} or newer: {why}"
        case _:
            pass
    what = f"`devEngines.packageManager` asks for {names}, and {_who(sending.tool)} runs npm"
    yield Block(at, what, BAD_ENGINES, fix, doubt)


def _who(tool: Tool) -> str:
    return {Tool.NPM: "the publish", Tool.CHANGESETS: "`changeset publish`"}.get(tool, tool.value)


def _refusing(sending: Sending, files: Files) -> tuple[Location, str, Fix | None] | None:
    folder = _home(sending, files)
    key = entry(files.tree(folder / "package.json"), "devEngines", "packageManager") if folder is not None else None
    if key is None:
        return None
    wanted = key.value.items if isinstance(key.value, Sequence) else (key.value,)
    names = [name for each in wanted if (name := text(find(each, "name")))]
    if not wanted or len(names) < len(wanted) or "npm" in names:
        return None
    on_fail = find(wanted[-1], "onFail")
    if text(on_fail) in _PASSING:
        return None
    at = on_fail.at if on_fail is not None else key.key.at
    return at, " or ".join(f"`{name}`" for name in names), _warning(wanted[-1], on_fail)


def _home(sending: Sending, files: Files) -> PurePosixPath | None:
    """Return the folder that npm takes for its project."""
    match settings.npm_project(sending, files), sending.cwd:
        case Known(folder), _ if sending.sender is not Tool.PNPM:
            return folder
        case _, Known(start):
            return next((each for each in settings.upward(start) if files.exists(each / "package.json")), None)
        case _:
            return None


def _warning(wanted: Node, on_fail: Node | None) -> Fix | None:
    title = 'set `onFail` to `"warn"`'
    match on_fail, find(wanted, "name"):
        case Scalar() as value, _:
            return Fix(title, Safety.UNSAFE, (Edit(value.at, '"warn"'),))
        case None, Scalar() as name:
            return Fix(title, Safety.UNSAFE, (Edit(name.source.at(name.end, name.end), ', "onFail": "warn"'),))
        case _:
            return None
