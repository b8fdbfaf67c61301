"""The pnpm command line: what its commands do.

Source: `pnpm help -a` of 10.34.9 and 12.21.0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.ci import Tool
from preflight.readers.flags import Grammar, Parsed, parse
from preflight.readers.npm_cli import installs, settings
from preflight.readers.pipeline import Everything, Filtered, Here, InstallAll, Path, RunScript, UseNode
from preflight.records import replace

if TYPE_CHECKING:
    from preflight.readers.calls import Call
    from preflight.readers.pipeline import Deed, Selection
    from preflight.readers.shell import Word

_VALUED = [
    "access",
    "allow-build",
    "cache-dir",
    "changed-files-ignore-pattern",
    "cpu",
    "depth",
    "dir",
    "env-file",
    "filter",
    "filter-prod",
    "global-bin-dir",
    "global-dir",
    "https-proxy",
    "http-proxy",
    "libc",
    "lockfile-dir",
    "loglevel",
    "modules-dir",
    "network-concurrency",
    "node-linker",
    "npm-path",
    "npmrc-auth-file",
    "os",
    "otp",
    "package",
    "pack-destination",
    "publication-name",
    "publish-branch",
    "publish-wait-timeout",
    "registry",
    "release-notes",
    "reporter",
    "resume-from",
    "script-shell",
    "state-dir",
    "store-dir",
    "tag",
    "test-pattern",
    "userconfig",
    "virtual-store-dir",
    "workspace-concurrency",
    "workspace-packages",
    "location",
]
_SHORT = {
    "C": "dir", "F": "filter", "r": "recursive", "w": "workspace-root", "g": "global", "y": "yes", "s": "silent",
    "h": "help", "v": "version", "D": "save-dev", "P": "save-prod", "O": "save-optional", "E": "save-exact",
    "prefix": "dir",
}  # fmt: skip
_GRAMMAR = Grammar(
    frozenset(f"--{name}" for name in _VALUED), {short: (f"--{full}",) for short, full in _SHORT.items()}
)
_COMMANDS = frozenset(
    [
        "access",
        "add",
        "adduser",
        "approve",
        "approve-builds",
        "audit",
        "bin",
        "bugs",
        "c",
        "cache",
        "cat-file",
        "cat-index",
        "change",
        "ci",
        "clean-install",
        "completion",
        "config",
        "create",
        "dedupe",
        "deploy",
        "deprecate",
        "dislink",
        "dist-tag",
        "dist-tags",
        "dlx",
        "docs",
        "doctor",
        "edit",
        "env",
        "exec",
        "fetch",
        "find",
        "find-hash",
        "fund",
        "get",
        "help",
        "home",
        "i",
        "ic",
        "ignored-builds",
        "import",
        "info",
        "init",
        "install",
        "install-clean",
        "install-test",
        "issues",
        "it",
        "la",
        "lane",
        "licences",
        "licenses",
        "link",
        "list",
        "ll",
        "ln",
        "login",
        "logout",
        "ls",
        "m",
        "multi",
        "outdated",
        "owner",
        "owners",
        "pack",
        "pack-app",
        "patch",
        "patch-commit",
        "patch-remove",
        "peers",
        "permissions",
        "ping",
        "pipeline",
        "pkg",
        "prefix",
        "profile",
        "prune",
        "publish",
        "rb",
        "rebuild",
        "recursive",
        "remove",
        "repo",
        "restart",
        "rm",
        "root",
        "rt",
        "run",
        "run-script",
        "runtime",
        "s",
        "sbom",
        "se",
        "search",
        "self-update",
        "set",
        "set-script",
        "setup",
        "shim",
        "show",
        "ss",
        "stage",
        "star",
        "stars",
        "start",
        "stop",
        "store",
        "t",
        "tasks",
        "team",
        "test",
        "token",
        "tst",
        "un",
        "undeprecate",
        "uni",
        "uninstall",
        "unlink",
        "unpublish",
        "unstar",
        "up",
        "update",
        "upgrade",
        "v",
        "version",
        "view",
        "whoami",
        "why",
        "with",
        "xmas",
    ]
)


def pnpm(call: Call) -> tuple[Deed, ...]:
    """Tell what a call of pnpm does."""
    front = parse(call.arguments, _GRAMMAR, call.place, stop=True)
    if not front.arguments or front.state("--version") or front.state("--help"):
        return ()
    command, *others = front.arguments
    words = tuple(others)
    match command.text:
        case "recursive" | "multi" | "m" if words:
            return call.run((call.words[0], _flag(command), *_before(call, command), *words), None)
        case "with" if len(words) > 1:
            return call.run((call.words[0], *words[1:]), None, version=words[0])
        case "run" | "run-script" | "pipeline":
            later = parse(words, _GRAMMAR, call.place, stop=True)
            return _script(call, _joined(front, later), later.arguments)
        case "exec":
            later = parse(words, _GRAMMAR, call.place, stop=True)
            return _exec(call, _joined(front, later))
        case "dlx":
            return _dlx(call, front, words)
        case "start" | "stop" | "restart" | "test" | "t" | "tst":
            name = "test" if command.text in {"t", "tst"} else command.text
            return (_named(call, name, parse(words, _GRAMMAR, call.place), front, words),)
        case "ci" | "clean-install" | "ic" | "install-clean" | "install-test" | "it":
            return _built_in(call, command.text, front, parse(words, _GRAMMAR, call.place))
        case "publish" | "stage" | "add" | "install" | "i" | "config" | "c" | "set" | "env" | "runtime" | "rt":
            return _built_in(call, command.text, front, parse(words, _GRAMMAR, call.place))
        case name if name in _COMMANDS or not command.known:
            return ()
        case _:
            return _shorthand(call, front)


def pnpx(call: Call) -> tuple[Deed, ...]:
    """Tell what a call of pnpx does."""
    return _dlx(call, Parsed((), ()), call.arguments)


def _flag(command: Word) -> Word:
    """Return `--recursive` in the place of the command that means the same."""
    return replace(command, text="--recursive", known=True)


def _before(call: Call, command: Word) -> tuple[Word, ...]:
    return call.arguments[: call.arguments.index(command)]


def _built_in(call: Call, name: str, front: Parsed, later: Parsed) -> tuple[Deed, ...]:
    both = _joined(front, later)
    words = (*later.arguments, *later.rest)
    match name:
        case "publish":
            return _publish(call, both, words, staged=False)
        case "stage" if words and words[0].text == "publish":
            return _publish(call, both, words[1:], staged=True)
        case "add" | "install" | "i" if both.state("--global"):
            return installs(words, "pnpm")
        case "install" | "i" | "ci" | "clean-install" | "ic" | "install-clean" | "install-test" | "it" if not words:
            return _dependencies(call, name, both, front)
        case "config" | "c" if words and words[0].text == "set":
            return settings(words[1:], _where(both))
        case "set":
            return settings(words, _where(both))
        case "env" if len(words) > 1 and words[0].text in {"use", "add"}:
            return (UseNode(words[1], "pnpm env"),)
        case "runtime" | "rt" if len(words) > 1 and words[0].text in {"set", "use"} and words[1].text == "node":
            return (UseNode(words[2] if len(words) > 2 else None, "pnpm runtime"),)
        case _:
            return ()


def _dependencies(call: Call, name: str, parsed: Parsed, front: Parsed) -> tuple[Deed, ...]:
    """Return the installation of what the manifests ask for, unless only the lockfile is written."""
    if parsed.state("--lockfile-only", "--resolution-only", "--dry-run"):
        return ()
    frozen: bool | None = None
    if name in {"ci", "clean-install", "ic", "install-clean"} or parsed.state("--frozen-lockfile"):
        frozen = True
    elif parsed.denied("--frozen-lockfile", "--prefer-frozen-lockfile") or parsed.state("--fix-lockfile"):
        frozen = False
    found = InstallAll(
        "pnpm",
        call.what,
        front.arguments[0],
        frozen=frozen,
        lockless=parsed.denied("--lockfile"),
        scripts=parsed.state("--ignore-scripts") is not True,
        plain=False,
        cwd=call.where(parsed.value("--dir")),
    )
    return (found,)


def _publish(call: Call, parsed: Parsed, words: tuple[Word, ...], *, staged: bool) -> tuple[Deed, ...]:
    if parsed.state("--dry-run"):
        return ()
    paths = [word for word in words if word.text not in {".", "./", ""}]
    selection: Selection | None = _chosen(parsed) or (Path(paths[0]) if paths else None)
    return call.publish(Tool.PNPM, parsed, selection, staged=staged, cwd=call.where(parsed.value("--dir")))


def _chosen(parsed: Parsed) -> Selection | None:
    patterns = parsed.values("--filter", "--filter-prod")
    if patterns:
        return Filtered(patterns)
    return Everything() if parsed.state("--recursive") else None


def _joined(first: Parsed, second: Parsed) -> Parsed:
    return Parsed((*first.options, *second.options), second.arguments, second.rest)


def _where(parsed: Parsed) -> str:
    word = parsed.value("--location")
    return "project" if word is not None and word.text == "project" else "pnpm"


def _script(call: Call, parsed: Parsed, words: tuple[Word, ...]) -> tuple[Deed, ...]:
    words = words or parsed.rest
    if not words:
        return ()
    return (_named(call, words[0].text, parsed, Parsed((), ()), words[1:]),)


def _named(call: Call, name: str, parsed: Parsed, front: Parsed, words: tuple[Word, ...]) -> RunScript:
    both = _joined(front, parsed)
    return RunScript(
        name,
        _chosen(both) or call.selection or Here(),
        runner="pnpm",
        arguments=words[1:] if words and words[0].text == "--" else words,
        cwd=call.where(both.value("--dir")),
    )


def _shorthand(call: Call, front: Parsed) -> tuple[Deed, ...]:
    """Return the script of that name, and what the program of that name does, which pnpm runs where there is none."""
    name = front.arguments[0].text
    script = _named(call, name, front, Parsed((), ()), front.arguments[1:])
    program = call.run(front.arguments, "pnpm exec", selection=_chosen(front), cwd=call.where(front.value("--dir")))
    return (script, *program)


def _exec(call: Call, parsed: Parsed) -> tuple[Deed, ...]:
    from preflight.readers.launchers import line

    words = parsed.arguments or parsed.rest
    selection, cwd = _chosen(parsed), call.where(parsed.value("--dir"))
    if words and (parsed.state("--shell-mode") or parsed.state("-c")):
        return line(call, words[0], "pnpm exec", selection=selection)
    return call.run(words, "pnpm exec", selection=selection, cwd=cwd)


def _dlx(call: Call, front: Parsed, words: tuple[Word, ...]) -> tuple[Deed, ...]:
    from preflight.readers.launchers import fetched, line

    later = parse(words, _GRAMMAR, call.place, stop=True)
    both = _joined(front, later)
    command = later.arguments or later.rest
    if command and (both.state("--shell-mode") or both.state("-c")):
        return line(call, command[0], "pnpm dlx")
    return fetched(call, command, "pnpm dlx", packages=both.values("--package"), cwd=call.where(both.value("--dir")))
