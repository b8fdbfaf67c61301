"""The command lines of yarn (both families share the name) and of bun: what their commands do.

Sources: Yarn 1 `yarn help`, Yarn 4 `yarn --help`, Bun 1.4 `bun --help`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.ci import Tool
from preflight.readers.flags import Grammar, Parsed, parse
from preflight.readers.npm_cli import installs, settings
from preflight.readers.pipeline import Build, Everything, Filtered, Here, InstallAll, Path, RunFile, RunScript
from preflight.records import replace

if TYPE_CHECKING:
    from preflight.readers.calls import Call
    from preflight.readers.pipeline import Deed, Selection
    from preflight.readers.shell import Word

_GRAMMAR = Grammar(
    frozenset(
        f"--{name}"
        for name in [
            "access",
            "cwd",
            "exclude",
            "from",
            "include",
            "jobs",
            "mode",
            "mutex",
            "network-timeout",
            "new-version",
            "otp",
            "package",
            "registry",
            "tag",
            "use-yarnrc",
        ]
    ),
    {"t": ("--tag",), "n": ("--dry-run",), "j": ("--jobs",), "p": ("--package",), "h": ("--help",)},
)
_FOREACH = Grammar(
    frozenset({"--exclude", "--from", "--include", "--jobs"}),
    {"A": ("--all",), "R": ("--recursive",), "W": ("--worktree",), "p": ("--parallel",), "t": ("--topological",),
     "v": ("--verbose",), "i": ("--interlaced",), "j": ("--jobs",), "n": ("--dry-run",)},
)  # fmt: skip
_COMMANDS = frozenset(
    [
        "access",
        "add",
        "audit",
        "autoclean",
        "bin",
        "cache",
        "check",
        "config",
        "constraints",
        "create",
        "dedupe",
        "explain",
        "exec",
        "dlx",
        "generate-lock-entry",
        "global",
        "help",
        "import",
        "info",
        "init",
        "install",
        "install-stage",
        "licenses",
        "link",
        "list",
        "login",
        "logout",
        "node",
        "npm",
        "outdated",
        "owner",
        "pack",
        "patch",
        "patch-commit",
        "plugin",
        "policies",
        "publish",
        "rebuild",
        "remove",
        "run",
        "sbom",
        "search",
        "set",
        "stage",
        "tag",
        "team",
        "unlink",
        "unplug",
        "up",
        "upgrade",
        "upgrade-interactive",
        "version",
        "versions",
        "why",
        "workspace",
        "workspaces",
    ]
)


def yarn(call: Call) -> tuple[Deed, ...]:
    """Tell what a call of yarn does.

    `yarn x` is a script, or where there is none a program: both deeds are returned, the script first, and whoever
    knows the scripts chooses. `yarn publish` is Yarn 1's own command, and in later versions a script: both again.
    """
    front = parse(call.arguments, _GRAMMAR, call.place, stop=True)
    if front.state("--version") or front.state("--help"):
        return ()
    cwd = call.where(front.value("--cwd"))
    if not front.arguments:
        return _dependencies(call, call.words[0], front, cwd)
    command, *others = front.arguments
    words = tuple(others)
    match command.text:
        case "install":
            later = parse(words, _GRAMMAR, call.place)
            both = Parsed((*front.options, *later.options), later.arguments, later.rest)
            return _dependencies(call, command, both, cwd)
        case "npm":
            later = parse(words, _GRAMMAR, call.place)
            if later.arguments and later.arguments[0].text == "publish":
                return _publish(call, Tool.YARN, front, Parsed(later.options, later.arguments[1:], later.rest), cwd)
            return ()
        case "publish":
            script = RunScript("publish", call.selection or Here(), runner="yarn", arguments=words, cwd=cwd)
            classic = _publish(call, Tool.YARN_CLASSIC, front, parse(words, _GRAMMAR, call.place), cwd)
            return (script, *classic)
        case "workspace" if len(words) > 1:
            return call.run((call.words[0], *words[1:]), None, selection=Filtered(words[:1]), cwd=cwd)
        case "workspaces":
            return _workspaces(call, words, cwd)
        case "run" | "exec" | "dlx" | "node":
            return _runs(call, command.text, words, cwd)
        case "config" if words and words[0].text == "set":
            later = parse(words[1:], _GRAMMAR, call.place)
            return settings((*later.arguments, *later.rest), "yarn")
        case "global" if words and words[0].text == "add":
            return installs(words[1:], "yarn")
        case name if name in _COMMANDS or not command.known:
            return ()
        case _:
            return _script_or_program(call, front.arguments, cwd)


def _dependencies(call: Call, word: Word, parsed: Parsed, cwd: str | None) -> tuple[Deed, ...]:
    """Return the installation of what package.json asks for, in either family's words."""
    mode = parsed.value("--mode")
    if parsed.arguments or parsed.rest or (mode is not None and mode.text == "update-lockfile"):
        return ()
    frozen: bool | None = None
    if parsed.denied("--immutable"):
        frozen = False
    elif parsed.state("--frozen-lockfile", "--immutable"):
        frozen = True
    skipping = mode is not None and mode.text == "skip-build"
    found = InstallAll(
        "yarn",
        call.what,
        word,
        frozen=frozen,
        lockless=parsed.state("--no-lockfile") is True or parsed.denied("--lockfile"),
        scripts=parsed.state("--ignore-scripts") is not True and not skipping,
        cwd=cwd,
    )
    return (found,)


def _publish(call: Call, tool: Tool, front: Parsed, later: Parsed, cwd: str | None) -> tuple[Deed, ...]:
    both = Parsed((*front.options, *later.options), later.arguments, later.rest)
    if both.state("--dry-run"):
        return ()
    paths = [word for word in (*both.arguments, *both.rest) if word.text not in {".", "./", ""}]
    selection: Selection | None = Path(paths[0]) if paths and tool is Tool.YARN_CLASSIC else None
    return call.publish(tool, both, selection, cwd=cwd)


def _workspaces(call: Call, words: tuple[Word, ...], cwd: str | None) -> tuple[Deed, ...]:
    match words:
        case [first, name, *others] if first.text == "run":
            return (RunScript(name.text, Everything(), runner="yarn", arguments=tuple(others), cwd=cwd),)
        case [first, *others] if first.text == "foreach":
            parsed = parse(tuple(others), _FOREACH, call.place, stop=True)
            if parsed.state("--dry-run"):
                return ()
            included = parsed.values("--include")
            selection: Selection = Filtered(included) if included else Everything()
            inner = parsed.arguments or parsed.rest
            return call.run((call.words[0], *inner), None, selection=selection, cwd=cwd) if inner else ()
        case _:
            return ()


def _runs(call: Call, command: str, words: tuple[Word, ...], cwd: str | None) -> tuple[Deed, ...]:
    from preflight.readers.launchers import fetched, line

    later = parse(words, _GRAMMAR, call.place, stop=True)
    inner = later.arguments or later.rest
    if not inner:
        return ()
    match command:
        case "run":
            return _script_or_program(call, inner, cwd)
        case "exec" if len(inner) == 1 and " " in inner[0].text:
            return line(call, inner[0], "yarn exec")
        case "exec":
            return call.run(inner, "yarn exec", cwd=cwd)
        case "dlx":
            return fetched(call, inner, "yarn dlx", packages=later.values("--package"), cwd=cwd)
        case _:
            return call.run((replace(call.words[0], text="node"), *inner), call.runner, cwd=cwd)


def _script_or_program(call: Call, words: tuple[Word, ...], cwd: str | None) -> tuple[Deed, ...]:
    script = RunScript(words[0].text, call.selection or Here(), runner="yarn", arguments=words[1:], cwd=cwd)
    return (script, *call.run(words, "yarn", cwd=cwd))


_BUN = Grammar(
    frozenset(
        f"--{name}"
        for name in [
            "access",
            "auth-type",
            "config",
            "cwd",
            "define",
            "elide-lines",
            "env-file",
            "filter",
            "loader",
            "otp",
            "preload",
            "registry",
            "tag",
            "tsconfig-override",
        ]
    ),
    {"F": ("--filter",), "g": ("--global",), "r": ("--preload",), "e": ("-e",), "b": ("--bun",)},
    clusters=False,
)
_BUN_COMMANDS = frozenset(
    [
        "a",
        "add",
        "audit",
        "c",
        "ci",
        "completions",
        "create",
        "discord",
        "exec",
        "feedback",
        "getcompletes",
        "help",
        "i",
        "info",
        "init",
        "install",
        "link",
        "outdated",
        "patch",
        "patch-commit",
        "pm",
        "remove",
        "repl",
        "rm",
        "test",
        "unlink",
        "uninstall",
        "update",
        "upgrade",
        "why",
    ]
)
_MODULES = (".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".jsx", ".tsx", ".sh")


def bun(call: Call) -> tuple[Deed, ...]:
    """Tell what a call of bun does; `bun x` is a script, a program or a file."""
    from preflight.readers.launchers import bunx

    front = parse(call.arguments, _BUN, call.place, stop=True)
    if not front.arguments:
        return ()
    command, *others = front.arguments
    words = tuple(others)
    match command.text:
        case "publish":
            later = parse(words, _BUN, call.place)
            both = Parsed((*front.options, *later.options), later.arguments, later.rest)
            if both.state("--dry-run"):
                return ()
            selection = Path(both.arguments[0]) if both.arguments else None
            return call.publish(Tool.BUN, both, selection, cwd=call.where(both.value("--cwd")))
        case "x":
            return bunx(replace(call, words=front.arguments))
        case "add" | "install" | "i" | "a":
            later = parse(words, _BUN, call.place)
            everywhere = front.state("--global") or later.state("--global")
            if everywhere:
                return installs(later.arguments, "bun")
            return _bun_install(call, command, Parsed((*front.options, *later.options), later.arguments, later.rest))
        case "ci":
            later = parse(words, _BUN, call.place)
            return _bun_install(call, command, Parsed((*front.options, *later.options), later.arguments, later.rest))
        case "build":
            return (Build(call.what),)
        case "run":
            later = parse(words, _BUN, call.place, stop=True)
            both = Parsed((*front.options, *later.options), later.arguments or later.rest)
            return _bun_run(call, both) if both.arguments else ()
        case name if name in _BUN_COMMANDS or not command.known:
            return ()
        case _:
            return _bun_run(call, front)


def _bun_install(call: Call, command: Word, parsed: Parsed) -> tuple[Deed, ...]:
    if parsed.arguments or parsed.rest or command.text in {"add", "a"} or parsed.state("--dry-run", "--lockfile-only"):
        return ()
    frozen = command.text == "ci" or parsed.state("--frozen-lockfile", "--production", "-p")
    return (
        InstallAll(
            "bun",
            call.what,
            command,
            frozen=True if frozen else None,
            lockless=parsed.denied("--save"),
            scripts=parsed.state("--ignore-scripts") is not True,
            cwd=call.where(parsed.value("--cwd")),
        ),
    )


def _bun_run(call: Call, parsed: Parsed) -> tuple[Deed, ...]:
    first, *others = parsed.arguments
    cwd = call.where(parsed.value("--cwd"))
    if first.text.endswith(_MODULES) or first.text.startswith("."):
        return (RunFile(first, "bun", tuple(others)),)
    patterns = parsed.values("--filter")
    selection: Selection = Filtered(patterns) if patterns else call.selection or Here()
    if not patterns and parsed.state("--workspaces"):
        selection = Everything()
    script = RunScript(first.text, selection, runner="bun", arguments=tuple(others), cwd=cwd)
    return (script, *call.run(parsed.arguments, "bun", cwd=cwd))
