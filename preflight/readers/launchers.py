"""Programs that run other programs: what a package runner fetches, and the scripts of a workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.readers.flags import Grammar, head, parse, tail
from preflight.readers.pipeline import Everything, Filtered, Here, RunScript
from preflight.records import replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from preflight.readers.calls import Call
    from preflight.readers.flags import Parsed
    from preflight.readers.pipeline import Deed, Selection
    from preflight.readers.shell import Word

PROGRAM_OF = {
    "@changesets/cli": "changeset",
    "@jsdevtools/npm-publish": "npm-publish",
    "@lerna-lite/cli": "lerna",
    "@microsoft/rush": "rush",
    "@napi-rs/cli": "napi",
    "@qiwi/multi-semantic-release": "multi-semantic-release",
    "npm-run-all2": "npm-run-all",
    "retry-cli": "retry",
    "ship.js": "shipjs",
    "typescript": "tsc",
}
"""Programs that are not named as the package that holds them."""


def options(text: str) -> frozenset[str]:
    """Return the long options of these names."""
    return frozenset(f"--{name}" for name in text.split())


# -- programs fetched from the registry -------------------------------------------------------


def split_spec(word: Word) -> tuple[Word, Word | None]:
    """Split `name@version`, minding the `@` of a scope."""
    at = word.text.find("@", 1)
    return (word, None) if at < 0 else (head(word, at), tail(word, at + 1))


def fetched(
    call: Call,
    words: tuple[Word, ...],
    runner: str,
    *,
    packages: tuple[Word, ...] = (),
    whole: Word | None = None,
    selection: Selection | None = None,
    cwd: str | None = None,
) -> tuple[Deed, ...]:
    """Tell what `npx`, `pnpm dlx` and the like do: the first word is a package, or a program of one of `packages`.

    `whole` is a command line in one word that runs instead.
    """
    if whole is not None:
        return line(call, whole, runner, selection=selection)
    if not words:
        return ()
    first = words[0]
    name, version = (first, None) if first.text.startswith((".", "/")) else split_spec(first)
    package = name.text
    program = PROGRAM_OF.get(package, package)
    for spec in packages:
        held, wanted = split_spec(spec)
        if PROGRAM_OF.get(held.text, held.text) == program:
            package, version = held.text, wanted
    if program.startswith("@"):
        return ()
    inner = (replace(name, text=program), *words[1:])
    return call.run(inner, runner, version=version, package=package, selection=selection, cwd=cwd)


def line(call: Call, word: Word, runner: str | None, *, selection: Selection | None = None) -> tuple[Deed, ...]:
    """Tell what a whole command line in one word does, as `npx -c "…"` takes it; all its places are the word's."""
    from preflight.readers.shell import Shell, commands

    found: list[Deed] = []
    for command in commands(word.text, Shell.BASH, lambda _: None):
        words = tuple(replace(part, start=word.start, end=word.end) for part in command.words)
        found.extend(call.run(words, runner, selection=selection, cwd=call.beneath(command.cwd)))
    return tuple(found)


_NPX = Grammar(
    options("package cache userconfig call script-shell shell registry workspace prefix loglevel node-arg npm"),
    {"p": ("--package",), "c": ("--call",), "y": ("--yes",), "w": ("--workspace",), "C": ("--prefix",)},
)


def npx(call: Call) -> tuple[Deed, ...]:
    """Tell what a call of npx does: npx's own options end at the first argument."""
    parsed = parse(call.arguments, _NPX, call.place, stop=True)
    names = parsed.values("--workspace")
    selection: Selection | None = Filtered(names) if names else Everything() if parsed.state("--workspaces") else None
    packages, whole = parsed.values("--package"), parsed.value("--call")
    return fetched(call, _words(parsed), "npx", packages=packages, whole=whole, selection=selection)


def bunx(call: Call) -> tuple[Deed, ...]:
    """Tell what a call of bunx does."""
    grammar = Grammar(options("package"), {"p": ("--package",)})
    parsed = parse(call.arguments, grammar, call.place, stop=True)
    return fetched(call, _words(parsed), "bunx", packages=parsed.values("--package"))


def corepack(call: Call) -> tuple[Deed, ...]:
    """Tell what a call of corepack does: it puts a package manager on the PATH, or runs one."""
    from preflight.readers.npm_cli import installs

    words = parse(call.arguments, Grammar(), call.place, stop=True).arguments
    match words[0].text if words else "":
        case "install" | "prepare" | "use" | "up":
            return installs(words[1:], "corepack")
        case "enable":
            # Only where it is named: corepack leaves npm alone otherwise.
            return installs((word for word in words[1:] if word.text == "npm"), "corepack")
        case "" | "disable" | "cache" | "pack" | "hydrate":
            return ()
        case _:
            name, version = split_spec(words[0])
            return call.run((name, *words[1:]), "corepack", version=version)


def _words(parsed: Parsed) -> tuple[Word, ...]:
    return parsed.arguments or parsed.rest


# -- scripts of a workspace -------------------------------------------------------------------

_TURBO = Grammar(
    options(
        "filter cwd concurrency cache-dir output-logs log-order log-prefix env-mode api token team ui scope since "
        "profile remote-cache-timeout cache-workers global-deps cache"
    ),
    {"F": ("--filter",)},
)
_TURBO_OWN = frozenset(
    [
        "bin",
        "boundaries",
        "completion",
        "config",
        "daemon",
        "devtools",
        "docs",
        "gen",
        "generate",
        "help",
        "info",
        "link",
        "login",
        "logout",
        "ls",
        "prune",
        "query",
        "scan",
        "telemetry",
        "unlink",
        "watch",
    ]
)


def turbo(call: Call) -> tuple[Deed, ...]:
    """Tell which scripts `turbo run a b` starts."""
    parsed = parse(call.arguments, _TURBO, call.place)
    tasks = _after_run(parsed)
    if not tasks or tasks[0].text in _TURBO_OWN or parsed.state("--dry-run", "--dry"):
        return ()
    patterns = parsed.values("--filter", "--scope")
    names = tuple(task.text.rpartition("#")[2] for task in tasks)
    return _scripts(call, names, patterns, "turbo", parsed.rest, call.where(parsed.value("--cwd")))


def lage(call: Call) -> tuple[Deed, ...]:
    """Tell which scripts `lage a b` starts."""
    parsed = parse(call.arguments, Grammar(options("to scope since concurrency log-level reporter")), call.place)
    names = tuple(task.text for task in _after_run(parsed))
    return _scripts(call, names, parsed.values("--to", "--scope"), "lage", parsed.rest)


def wsrun(call: Call) -> tuple[Deed, ...]:
    """Tell which script `wsrun` or `ultra` starts in the packages of a workspace."""
    grammar = Grammar(options("package concurrency filter"), {"p": ("--package",)}, clusters=False)
    parsed = parse(call.arguments, grammar, call.place)
    words = (*parsed.arguments, *parsed.rest)
    names = tuple(word.text for word in words[:1])
    return _scripts(call, names, parsed.values("--package", "--filter"), call.words[0].text, words[1:])


def vp(call: Call) -> tuple[Deed, ...]:
    """Tell which script `vp run` starts, and which program `vp exec` or `vp dlx`."""
    grammar = Grammar(options("filter"), {"F": ("--filter",), "r": ("--recursive",)})
    front = parse(call.arguments, grammar, call.place, stop=True)
    if not front.arguments:
        return ()
    later = parse(front.arguments[1:], grammar, call.place, stop=True)
    words = _words(later)
    patterns = (*front.values("--filter"), *later.values("--filter"))
    match front.arguments[0].text:
        case "run" if words and not patterns and not (front.state("--recursive") or later.state("--recursive")):
            return (RunScript(words[0].text, call.selection or Here(), runner="vp", arguments=words[1:], cwd=call.cwd),)
        case "run" if words:
            return _scripts(call, (words[0].text,), patterns, "vp", words[1:])
        case "exec":
            return call.run(words, "vp exec", selection=Filtered(patterns) if patterns else None)
        case "dlx":
            return fetched(call, words, "vp dlx")
        case _:
            return ()


def run_all(call: Call) -> tuple[Deed, ...]:
    """Tell which scripts `npm-run-all`, `run-s` and `run-p` start; a name may hold `*`."""
    parsed = parse(call.arguments, Grammar(options("max-parallel npm-path")), call.place)
    found: list[Deed] = []
    for word in parsed.arguments:
        name, _, passed = word.text.partition(" ")
        found.append(_script(call, name, "npm-run-all", _passed(word, passed)))
    return tuple(found)


_CONCURRENTLY = Grammar(
    options(
        "names prefix prefix-colors success max-processes restart-tries restart-after kill-signal timestamp-format "
        "name-separator prefix-length hide cwd"
    ),
    {"n": ("--names",), "c": ("--prefix-colors",), "p": ("--prefix",), "s": ("--success",), "m": ("--max-processes",)},
)


def concurrently(call: Call) -> tuple[Deed, ...]:
    """Tell what `concurrently "npm:a" "command b"` starts; a script's name may hold `*`."""
    found: list[Deed] = []
    for word in parse(call.arguments, _CONCURRENTLY, call.place).arguments:
        manager, colon, named = word.text.partition(":")
        if colon and manager in {"npm", "pnpm", "yarn", "bun", "node", "deno"}:
            name, _, passed = named.partition(" ")
            found.append(_script(call, name, manager, _passed(word, passed)))
        else:
            found.extend(line(call, word, call.runner))
    return tuple(found)


def _passed(word: Word, text: str) -> tuple[Word, ...]:
    return tuple(replace(word, text=part) for part in text.split() if part != "--")


def _after_run(parsed: Parsed) -> tuple[Word, ...]:
    tasks = parsed.arguments
    return tasks[1:] if tasks and tasks[0].text == "run" else tasks


def _script(call: Call, name: str, runner: str, arguments: tuple[Word, ...]) -> RunScript:
    return RunScript(name, call.selection or Here(), runner=runner, arguments=arguments, cwd=call.cwd)


def _scripts(
    call: Call,
    names: tuple[str, ...],
    patterns: tuple[Word, ...],
    runner: str,
    arguments: tuple[Word, ...],
    cwd: str | None = None,
) -> tuple[Deed, ...]:
    selection: Selection = Filtered(patterns) if patterns else Everything()
    folder = cwd if cwd is not None else call.cwd
    return tuple(RunScript(name, selection, runner=runner, arguments=arguments, cwd=folder) for name in names)


LAUNCHERS: dict[str, Callable[[Call], tuple[Deed, ...]]] = {
    "npx": npx,
    "bunx": bunx,
    "corepack": corepack,
    "turbo": turbo,
    "lage": lage,
    "wsrun": wsrun,
    "ultra": wsrun,
    "vp": vp,
    "npm-run-all": run_all,
    "run-s": run_all,
    "run-p": run_all,
    "concurrently": concurrently,
    "conc": concurrently,
}
