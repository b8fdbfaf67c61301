"""What commands change around a publish: the Node.js in use, settings that later commands read, downloads, builds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.readers.flags import Grammar, parse, spelling, tail
from preflight.readers.npm_cli import hidden
from preflight.readers.pipeline import Build, Configure, Fetch, InstallNpm, UseNode
from preflight.readers.shell import Word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from preflight.readers.calls import Call
    from preflight.readers.pipeline import Deed
    from preflight.readers.shell import Command

# -- Node.js ----------------------------------------------------------------------------------

_NVM = Grammar(frozenset({"--reinstall-packages-from", "--default"}) - {"--default"}, {"s": ("-s",), "b": ("-b",)})


def nvm(call: Call) -> tuple[Deed, ...]:
    """Tell which Node.js nvm, fnm or nodenv puts in use; without a version a file decides."""
    parsed = parse(call.arguments, _NVM, call.place)
    name = call.words[0].text
    command = parsed.arguments[0].text if parsed.arguments else ""
    spec = parsed.arguments[1] if len(parsed.arguments) > 1 else None
    found: list[Deed] = []
    if name == "nvm" and command == "install-latest-npm":
        return (InstallNpm(None, "nvm"),)
    if command in {"use", "install"} or (name == "nodenv" and command in {"local", "global", "shell"}):
        if parsed.state("--lts") and spec is None:
            spec = Word("lts/*", call.words[0].start, call.words[-1].end)
        found.append(UseNode(spec, name))
        if parsed.state("--latest-npm"):
            found.append(InstallNpm(None, "nvm"))
    return tuple(found)


def n(call: Call) -> tuple[Deed, ...]:
    """Tell which Node.js `n` installs and puts in use."""
    words = parse(call.arguments, Grammar(), call.place).arguments
    if words and words[0].text in {"install", "i"}:
        words = words[1:]
    own = {"rm", "ls", "prune", "doctor", "which", "bin", "run", "exec", "uninstall", "ls-remote", "lsr"}
    return (UseNode(words[0], "n"),) if words and words[0].text not in own else ()


def tools(call: Call) -> tuple[Deed, ...]:
    """Tell which Node.js or npm a manager of tools puts in use: volta, mise, asdf, proto, vfox."""
    name = call.words[0].text
    parsed = parse(call.arguments, Grammar(frozenset({"--env", "--path"})), call.place)
    words = parsed.arguments
    if name == "proto" and words and words[0].text in {"run", "r"}:
        return call.run((*words[1:], *parsed.rest), call.runner)
    if not words or words[0].text not in {"install", "pin", "use", "global", "local", "set", "u", "i"}:
        return ()
    found: list[Deed] = []
    rest = words[1:]
    for index, word in enumerate(rest):
        tool, at, _ = word.text.partition("@")
        following = rest[index + 1] if index + 1 < len(rest) else None
        spec = tail(word, len(tool) + 1) if at else following
        if tool in {"node", "nodejs", "core:node"}:
            found.append(UseNode(spec, name))
        elif tool in {"npm", "npm:npm"}:
            found.append(InstallNpm(spec, name))
    if words[0].text in {"install", "i"} and not rest and name != "volta":
        found.append(UseNode(None, name))
    return tuple(found)


# -- settings ---------------------------------------------------------------------------------


def written(command: Command) -> tuple[Configure, ...]:
    """Return the settings that a command writes into an .npmrc, a .yarnrc.yml, `$GITHUB_ENV` or `$BASH_ENV`."""
    name = command.words[0].text.rpartition("/")[2] if command.words else ""
    if name not in {"echo", "printf", "cat", "tee", ""}:
        return ()
    targets = [item.target for item in command.redirects if ">" in item.operator]
    if name == "tee":
        targets += [word for word in command.words[1:] if not word.text.startswith("-")]
    found: list[Configure] = []
    for target in targets:
        where = _destination(target)
        if where is not None:
            found.extend(_settings(where, _lines(name, command)))
    return tuple(found)


def _destination(target: Word) -> str | None:
    """Return what a file means: `user`, `project`, `env`, `yarn`, the path of another .npmrc, or None."""
    text = target.text.replace("\\", "/")
    if "GITHUB_ENV" in text or "BASH_ENV" in text:
        return "env"
    if "NPM_CONFIG_USERCONFIG" in text.upper():
        return "user"
    folder, _, name = text.rpartition("/")
    match name:
        case ".npmrc" if folder in {"", "."}:
            return "project"
        case ".npmrc" if folder.startswith(("~", "$HOME", "${HOME}", "/root", "/home/")) and folder.count("/") <= 2:
            return "user"
        case ".npmrc":
            return text
        case ".yarnrc.yml":
            return "yarn"
        case _:
            return None


def _lines(name: str, command: Command) -> Iterator[Word]:
    """Yield the lines that a command prints, as words."""
    if name in {"cat", "tee"}:
        whole = Word(command.stdin or "", command.start, command.end, known=command.stdin is not None)
    else:
        words = list(command.words[1:])
        escapes = name == "printf"
        while name == "echo" and words and words[0].text in {"-e", "-n", "-E", "-ne", "-en"}:
            escapes = escapes or "e" in words.pop(0).text
        if not words:
            return
        text = _printed(words) if name == "printf" else spelling(words)
        if escapes:
            text = text.replace("\\n", "\n").replace("\\t", "\t")
        whole = Word(text, words[0].start, words[-1].end, known=all(word.known for word in words))
    lines = whole.text.splitlines()
    for line in lines:
        start, end = (whole.start, whole.end)
        yield Word(line.strip(), start, end, known=whole.known)


def _printed(words: list[Word]) -> str:
    """Return what `printf` prints: its format, again and again until all arguments are used."""
    form, values = words[0].text, [word.text for word in words[1:]]
    holes = form.replace("%%", "").count("%s")
    if not holes or not values:
        return form.replace("%s", "").replace("%%", "%")
    printed: list[str] = []
    for start in range(0, len(values), holes):
        left = values[start : start + holes]
        for index, part in enumerate(form.split("%s")):
            printed.append((left[index - 1] if index <= len(left) else "") + part if index else part)
    return "".join(printed).replace("%%", "%")


def _settings(where: str, lines: Iterator[Word]) -> Iterator[Configure]:
    sign = ":" if where == "yarn" else "="
    for line in lines:
        # `$BASH_ENV` names a script, which every later shell reads.
        text = line.text.removeprefix("export ") if where == "env" else line.text
        if text.startswith(("#", ";")):
            continue
        # The address in an .npmrc key (`//host/:_authToken=…`) holds colons, and one in a value may hold `=`.
        name, found, value = text.partition(sign)
        if not found or not name.strip():
            continue
        bare = value.strip().strip("\"'")
        known = line.known or not any(mark in bare for mark in "$`")
        word = Word(bare, line.start, line.end, known=known)
        yield Configure(name.strip().strip("\"'"), hidden(name, word), where)


# -- downloads --------------------------------------------------------------------------------


def gh(call: Call) -> tuple[Deed, ...]:
    """Tell what GitHub's program downloads."""
    words = [word.text for word in call.arguments]
    match words[:2]:
        case ["run", "download"]:
            return (Fetch(call.what, release=False),)
        case ["release", "download"]:
            return (Fetch(call.what, release=True),)
        case ["api", *_] if any("/artifacts/" in word and word.endswith("/zip") for word in words):
            return (Fetch(call.what, release=False),)
        case _:
            return ()


def download(call: Call) -> tuple[Deed, ...]:
    """Tell whether curl or wget fetches a file of a GitHub release."""
    found = any(
        "github.com/" in word.text and "/releases/" in word.text and "/download" in word.text for word in call.words
    )
    return (Fetch(call.what, release=True),) if found else ()


def bucket(call: Call) -> tuple[Deed, ...]:
    """Tell whether a cloud's program copies from a bucket."""
    words = [word.text for word in call.arguments if not word.text.startswith("-")]
    for index, word in enumerate(words):
        if word in {"cp", "sync", "mv", "rsync"} and index + 2 < len(words):
            source, goal = words[index + 1 : index + 3]
            remote = ("s3://", "gs://")
            return (Fetch(call.what, release=False),) if source.startswith(remote) > goal.startswith(remote) else ()
    return ()


# -- builds -----------------------------------------------------------------------------------

_ALWAYS = (
    "tsc tspc ttsc vue-tsc tsup tsdown unbuild rollup webpack esbuild microbundle zshy bunchee tshy pkgroll swc babel "
    "ncc ng-packagr prebuildify prebuild emcc father-build browserify svelte-package pkg"
)
_ON_DEMAND = "vite vp napi wasm-pack go neon ng parcel rslib father bob node-gyp stencil gulp grunt maturin cross"
_BUILDS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(_ALWAYS.split(), ()),
    **dict.fromkeys(_ON_DEMAND.split(), ("build", "rebuild", "pack")),
    "cargo": ("build", "zigbuild", "xwin"),
    "cmake": ("--build",),
    "deno": ("compile",),
    "expo-module": ("build", "prepare"),
}
_CHECKS = ("--noEmit", "--version", "--help", "-v", "-h", "--watch", "--init")


def build(call: Call) -> tuple[Deed, ...]:
    """Tell whether a known builder builds; `tsc --noEmit` only looks."""
    verbs = _BUILDS.get(call.words[0].text)
    if verbs is None:
        return ()
    words = [word.text for word in call.arguments]
    if any(word in _CHECKS for word in words):
        return ()
    if verbs and not any(word in verbs for word in words[:3]):
        return ()
    return (Build(call.what),)


SURROUNDINGS: dict[str, Callable[[Call], tuple[Deed, ...]]] = {
    "nvm": nvm, "fnm": nvm, "nodenv": nvm, "n": n, "volta": tools, "mise": tools, "rtx": tools, "asdf": tools,
    "proto": tools, "vfox": tools, "gh": gh, "curl": download, "wget": download, "aws": bucket, "gsutil": bucket,
    "gcloud": bucket,
}  # fmt: skip
