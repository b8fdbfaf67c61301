"""Programs that run a file of the repository: Node.js and its kin, shells, make and other runners of tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.readers.flags import Grammar, parse
from preflight.readers.launchers import PROGRAM_OF, options
from preflight.readers.pipeline import Here, RunFile, RunScript
from preflight.readers.shell import Word
from preflight.records import replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from preflight.readers.calls import Call
    from preflight.readers.pipeline import Deed

_NODE = Grammar(
    options(
        "require import loader experimental-loader conditions eval print run input-type title env-file "
        "env-file-if-exists max-old-space-size"
    ),
    {"r": ("--require",), "e": ("--eval",), "p": ("--print",), "C": ("--conditions",)},
    clusters=False,
)
_OTHERS = Grammar(
    options("project tsconfig shell prefix postfix cwd config import-map compiler-options eval print env"),
    {"P": ("--project",), "O": ("--compiler-options",), "e": ("--eval",), "p": ("--print",)},
    clusters=False,
)


def node(call: Call) -> tuple[Deed, ...]:
    """Tell which file Node.js runs; `node --run x` is a script, a file of a known package that package's program."""
    parsed = parse(call.arguments, _NODE, call.place, stop=True)
    words = parsed.arguments or parsed.rest
    script = parsed.value("--run")
    if script is not None:
        return (RunScript(script.text, call.selection or Here(), runner="node", arguments=words, cwd=call.cwd),)
    if not words or parsed.value("--eval", "--print") is not None or parsed.state("--version", "-v"):
        return ()
    known = _installed(words[0])
    if known is not None:
        return call.run((known, *words[1:]), call.runner or "node")
    return (RunFile(words[0], "node", words[1:]),)


def _installed(word: Word) -> Word | None:
    """Return the program that a file in `node_modules` belongs to, or None."""
    path = word.text.replace("\\", "/")
    if path.endswith("/install-run-rush.js"):
        return replace(word, text="rush", known=True)
    _, inside, rest = path.rpartition("node_modules/")
    if not inside:
        return None
    first, _, more = rest.partition("/")
    if first == ".bin":
        return replace(word, text=more, known=True)
    package = f"{first}/{more.partition('/')[0]}" if first.startswith("@") else first
    return replace(word, text=PROGRAM_OF.get(package, package), known=True)


def interpreter(call: Call) -> tuple[Deed, ...]:
    """Tell which file an interpreter such as `bash`, `tsx` or `python` runs."""
    program = call.words[0].text
    parsed = parse(call.arguments, _OTHERS, call.place, stop=True)
    words = parsed.arguments or parsed.rest
    if program == "deno":
        words = words[1:] if words and words[0].text == "run" else ()
        words = parse(words, _OTHERS, call.place, stop=True).arguments
    if not words or parsed.value("--eval", "--print") is not None or parsed.state("-m") or parsed.state("-c"):
        return ()
    return (RunFile(words[0], "bash" if program in {"source", "."} else program, words[1:]),)


def powershell(call: Call) -> tuple[Deed, ...]:
    """Tell which file PowerShell runs: the value of `-File`, or the first argument."""
    words = call.arguments
    lowered = [word.text.lower() for word in words]
    for name in ("-file", "-f"):
        if name in lowered:
            words = words[lowered.index(name) + 1 :]
            break
    if not words or words[0].text.startswith("-"):
        return ()
    return (RunFile(words[0], "pwsh", words[1:]),)


_TARGETS = {
    "make": Grammar(
        options("directory file makefile include-dir"),
        {"C": ("--directory",), "f": ("--file",), "I": ("--include-dir",), "n": ("--dry-run",)},
        clusters=False,
    ),
    "just": Grammar(
        options("justfile working-directory set"),
        {"f": ("--justfile",), "d": ("--working-directory",), "n": ("--dry-run",)},
    ),
    "task": Grammar(
        options("taskfile dir output"),
        {"t": ("--taskfile",), "d": ("--dir",), "o": ("--output",), "n": ("--dry",)},
    ),
}


def target(call: Call) -> tuple[Deed, ...]:
    """Tell which targets `make`, `just` or `task` build: one `RunFile` each, its word the target.

    The word is empty where no target is named. Options and variables are the arguments.
    """
    name = call.words[0].text
    program = "make" if name == "gmake" else name
    parsed = parse(call.arguments, _TARGETS[program], call.place)
    if parsed.state("--dry-run", "--dry", "--just-print", "--version"):
        return ()
    goals = [word for word in parsed.arguments if "=" not in word.text]
    others = tuple(word for word in call.arguments if word not in goals)
    if program == "just" and goals:
        return (RunFile(goals[0], program, (*goals[1:], *others)),)
    if not goals:
        first = call.words[0]
        goals = [Word("", first.end, first.end)]
    return tuple(RunFile(goal, program, others) for goal in goals)


INTERPRETERS: dict[str, Callable[[Call], tuple[Deed, ...]]] = {
    "node": node,
    "nodejs": node,
    "make": target,
    "gmake": target,
    "just": target,
    "task": target,
    "pwsh": powershell,
    "powershell": powershell,
    **dict.fromkeys(
        [
            "bash",
            "sh",
            "zsh",
            "dash",
            "ksh",
            "source",
            ".",
            "tsx",
            "ts-node",
            "ts-node-esm",
            "zx",
            "vite-node",
            "jiti",
            "esno",
            "esr",
            "sucrase-node",
            "babel-node",
            "swc-node",
            "deno",
            "python",
            "python3",
            "ruby",
            "perl",
            "php",
        ],
        interpreter,
    ),
}
