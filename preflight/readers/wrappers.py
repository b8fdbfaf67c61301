"""Programs that only start another command, and the command that they start."""

from __future__ import annotations

import re

from preflight.readers.shell import Shell, Word
from preflight.records import KW_ONLY, dataclass

_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")


@dataclass(frozen=True, slots=True)
class Inner:
    """What a command runs once its wrappers are taken off: `words`, or a script given as one word."""

    words: tuple[Word, ...]
    _: KW_ONLY
    script: Word | None = None
    shell: Shell = Shell.BASH
    arguments: tuple[Word, ...] = ()
    """What follows the script: `$0`, `$1`, …"""
    env: tuple[tuple[str, Word], ...] = ()
    folder: Word | None = None
    """The folder that a wrapper changes to."""
    somewhere: bool = False
    """Whether a wrapper changes to a folder that its words do not tell (`find -execdir`)."""
    mark: str = ""
    """What stands in the script for arguments from elsewhere (`{}`)."""
    reads_stdin: bool = False
    """Whether the command is a shell that takes its script from the standard input."""


@dataclass(frozen=True, slots=True)
class _Wrapper:
    """How a wrapper's own words end.

    `values` are its options that take the next word, `skipped` the number of its own arguments, `after` the words that
    must follow its name, `dashes` whether the command stands after `--` and not before, `assigns` whether it takes
    `NAME=value`. What follows an option is a folder after one of `folder`, a command line in one word after one of
    `script`, and the command itself after one of `rest`.
    """

    values: frozenset[str] = frozenset()
    skipped: int = 0
    _: KW_ONLY
    after: tuple[str, ...] = ()
    dashes: bool = False
    assigns: bool = False
    folder: frozenset[str] = frozenset()
    script: frozenset[str] = frozenset()
    rest: frozenset[str] = frozenset()


def _options(text: str) -> frozenset[str]:
    return frozenset(text.split())


_WRAPPERS: dict[str, tuple[_Wrapper, ...]] = {
    "sudo": (
        _Wrapper(
            _options("-u -g -h -p -C -r -t -T -U -R --user --group --host --prompt --chroot --role --type"),
            assigns=True,
            folder=_options("-D --chdir"),
        ),
    ),
    "doas": (_Wrapper(_options("-u -C")),),
    "env": (
        _Wrapper(
            _options("-u --unset"),
            assigns=True,
            folder=_options("-C --chdir"),
            script=_options("-S --split-string"),
        ),
    ),
    "cross-env": (_Wrapper(assigns=True),),
    "cross-env-shell": (_Wrapper(assigns=True),),
    "timeout": (_Wrapper(_options("-k -s --kill-after --signal"), 1),),
    "gtimeout": (_Wrapper(_options("-k -s --kill-after --signal"), 1),),
    "time": (_Wrapper(_options("-f -o --format --output")),),
    "nice": (_Wrapper(_options("-n --adjustment")),),
    "ionice": (_Wrapper(_options("-c -n --class --classdata")),),
    "taskset": (_Wrapper(skipped=1),),
    "stdbuf": (_Wrapper(_options("-i -o -e --input --output --error")),),
    "exec": (_Wrapper(_options("-a")),),
    "flock": (_Wrapper(_options("-w -E --timeout --conflict-exit-code"), 1, script=_options("-c --command")),),
    "xvfb-run": (_Wrapper(_options("-n -s -f -e -w -p --server-num --server-args --auth-file --error-file")),),
    "retry": (_Wrapper(_options("-t -d -s -m -x -b --times --tries --retries --delay --sleep --min --max")),),
    "dotenv": (_Wrapper(_options("-e -c -v -p -f --env --file")),),
    "dotenvx": (_Wrapper(_options("-f -fk --env-file -e --env --env-vault-file"), after=("run",)),),
    "env-cmd": (_Wrapper(_options("-f --file -r --rc-file -e --environments")),),
    "doppler": (_Wrapper(dashes=True, after=("run",), script=_options("--command")),),
    "op": (_Wrapper(dashes=True, after=("run",)),),
    "infisical": (_Wrapper(dashes=True, after=("run",), script=_options("--command")),),
    "teller": (_Wrapper(dashes=True, after=("run",)),),
    "devbox": (_Wrapper(_options("-c --config"), after=("run",)),),
    "aws-vault": (_Wrapper(dashes=True, after=("exec",)),),
    "chamber": (_Wrapper(dashes=True, after=("exec",)),),
    "mise": (_Wrapper(dashes=True, after=("exec",)), _Wrapper(dashes=True, after=("x",))),
    "rtx": (_Wrapper(dashes=True, after=("exec",)),),
    "asdf": (_Wrapper(after=("exec",)),),
    "fnm": (_Wrapper(_options("--using"), after=("exec",)),),
    "volta": (_Wrapper(_options("--node --npm --yarn --pnpm --env"), after=("run",)),),
    "nvm": (_Wrapper(after=("exec",), skipped=1),),
    "direnv": (_Wrapper(after=("exec",), skipped=1),),
    "bundle": (_Wrapper(after=("exec",)),),
    "poetry": (_Wrapper(after=("run",)),),
    "uv": (_Wrapper(_options("--with --python -p --extra --group --project"), after=("run",)),),
    "nix": (
        _Wrapper(dashes=True, after=("develop",), rest=_options("-c --command")),
        _Wrapper(dashes=True, after=("shell",), rest=_options("-c --command")),
    ),
    "nix-shell": (_Wrapper(dashes=True, script=_options("--run --command")),),
    "su": (_Wrapper(dashes=True, script=_options("-c --command")),),
} | dict.fromkeys(
    _options(
        "nohup setsid command builtin coproc unbuffer caffeinate chronic winpty with-env dbus-run-session ssh-agent"
    ),
    (_Wrapper(),),
)

_SHELLS = {
    "bash": Shell.BASH,
    "sh": Shell.BASH,
    "dash": Shell.BASH,
    "zsh": Shell.BASH,
    "ksh": Shell.BASH,
    "ash": Shell.BASH,
    "pwsh": Shell.POWERSHELL,
    "powershell": Shell.POWERSHELL,
    "cmd": Shell.CMD,
}
_MOST_WRAPPERS = 16


def program(word: Word) -> str:
    """Return the name of the program that a command's first word starts: `npm` for `/usr/bin/npm` and `npm.cmd`.

    Empty for a word that is not known.
    """
    if not word.known:
        return ""
    name = word.text
    if "/" in name or "\\" in name:
        name = name.replace("\\", "/").rpartition("/")[2]
    stem, dot, ending = name.rpartition(".")
    return stem if dot and ending.lower() in {"exe", "cmd", "bat", "ps1"} else name


def unwrap(words: tuple[Word, ...]) -> Inner:
    """Take off the wrappers of a command, however many; a command without any is returned as it is."""
    inner = Inner(words)
    for _ in range(_MOST_WRAPPERS):
        if not inner.words or inner.script is not None:
            break
        found = _once(inner.words)
        if found is None:
            break
        inner = Inner(
            found.words,
            script=found.script,
            shell=found.shell,
            arguments=found.arguments,
            env=inner.env + found.env,
            folder=found.folder or inner.folder,
            somewhere=inner.somewhere or found.somewhere or bool(found.folder and inner.folder),
            mark=found.mark or inner.mark,
            reads_stdin=found.reads_stdin,
        )
        if found.reads_stdin:
            break
    return inner


def _once(words: tuple[Word, ...]) -> Inner | None:
    name = program(words[0])
    if name in _SHELLS:
        return _shell(words, _SHELLS[name])
    match name:
        case "xargs":
            return _xargs(words)
        case "find" | "fd":
            return _find(words)
        case "parallel":
            return _parallel(words)
        case "command" if len(words) > 1 and words[1].text in {"-v", "-V"}:
            return None
    for wrapper in _WRAPPERS.get(name, ()):
        if tuple(word.text for word in words[1 : 1 + len(wrapper.after)]) == wrapper.after:
            return _peel(words, wrapper, name)
    return None


def _peel(words: tuple[Word, ...], wrapper: _Wrapper, name: str) -> Inner | None:
    env: list[tuple[str, Word]] = []
    at, skipped, folder = 1 + len(wrapper.after), wrapper.skipped, None
    while at < len(words):
        word = words[at]
        option, equals, _ = word.text.partition("=")
        if word.text == "--" or word.text in wrapper.rest:
            at += 1
            break
        if option in wrapper.script and (equals or at + 1 < len(words)):
            script = _rest(word, len(option) + 1) if equals else words[at + 1]
            return Inner((), script=script, env=tuple(env))
        if option in wrapper.folder and (equals or at + 1 < len(words)):
            folder = _rest(word, len(option) + 1) if equals else words[at + 1]
            at += 1 if equals else 2
        elif option in {"-u", "--unset"} and name == "env" and (equals or at + 1 < len(words)):
            variable = word.text[len(option) + 1 :] if equals else words[at + 1].text
            env.append((variable, Word("", word.start, word.end)))
            at += 1 if equals else 2
        elif word.text.startswith("-") and len(word.text) > 1:
            at += 2 if word.text in wrapper.values else 1
        elif wrapper.assigns and _ASSIGNMENT.match(word.text):
            env.append((option, _rest(word, len(option) + 1)))
            at += 1
        elif wrapper.dashes or (name == "retry" and word.text.isdigit()):
            at += 1
        elif skipped:
            skipped -= 1
            at += 1
        else:
            break
    if at >= len(words):
        return None
    if name == "cross-env-shell" and len(words) == at + 1:
        return Inner((), script=words[at], env=tuple(env))
    return Inner(words[at:], env=tuple(env), folder=folder)


def _rest(word: Word, count: int) -> Word:
    """Return what follows the first characters of a word."""
    return Word(word.text[count:], word.start, word.end, word.known)


def _shell(words: tuple[Word, ...], shell: Shell) -> Inner | None:
    if shell is Shell.CMD:
        for at, word in enumerate(words[1:], 1):
            if word.text.lower() in {"/c", "/k"}:
                return _line(words[at + 1 :], shell)
        return None
    if shell is Shell.POWERSHELL:
        for at, word in enumerate(words[1:], 1):
            if word.text.lower() in {"-c", "-command"}:
                return _line(words[at + 1 :], shell)
        return None
    at = 1
    while at < len(words) and words[at].known and words[at].text[:1] in {"-", "+"}:
        text = words[at].text
        at += 1
        if text in {"-", "--", "-s"}:
            break
        if not text.startswith("--") and "c" in text:
            if at >= len(words):
                return None
            return Inner((), script=words[at], arguments=words[at + 1 :])
        if text in {"--rcfile", "--init-file"} or (text[-1] in "oO" and not text.startswith("--")):
            at += 1
    return Inner(words, reads_stdin=True) if at >= len(words) or words[at - 1].text == "-s" else None


def _line(words: tuple[Word, ...], shell: Shell) -> Inner | None:
    if not words:
        return None
    text = " ".join(word.text for word in words)
    known = all(word.known for word in words)
    return Inner((), script=Word(text, words[0].start, words[-1].end, known), shell=shell)


_XARGS_VALUES = _options("-n -P -L -d -s -a -E --max-args --max-procs --max-lines --delimiter --arg-file --max-chars")


def _xargs(words: tuple[Word, ...]) -> Inner | None:
    at, mark = 1, ""
    while at < len(words) and words[at].text.startswith("-"):
        text = words[at].text
        at += 1
        if text in {"-I", "-J", "--replace"} and at < len(words):
            mark = words[at].text
            at += 1
        elif text.startswith(("-I", "-J")):
            mark = text[2:]
        elif text.startswith("--replace=") or text == "-i":
            mark = text.removeprefix("--replace=") if "=" in text else "{}"
        elif text in _XARGS_VALUES:
            at += 1
    if at >= len(words):
        return None
    inner = words[at:]
    return _filled(inner, mark) if mark else Inner((*inner, _given(inner[-1])))


def _given(last: Word) -> Word:
    """Return the word that stands for arguments from elsewhere."""
    return Word("{}", last.end, last.end, known=False)


def _filled(words: tuple[Word, ...], mark: str) -> Inner:
    """Return a command in which every word with the mark is unknown."""
    return Inner(
        tuple(Word(word.text, word.start, word.end, word.known and mark not in word.text) for word in words),
        mark=mark,
    )


def _find(words: tuple[Word, ...]) -> Inner | None:
    for at, word in enumerate(words):
        if word.text in {"-exec", "-execdir", "-ok", "-okdir", "-x", "--exec", "-X", "--exec-batch"}:
            end = at + 1
            while end < len(words) and words[end].text not in {";", "+"}:
                end += 1
            if end == at + 1:
                return None
            inner = _filled(words[at + 1 : end], "{}")
            return Inner(inner.words, mark=inner.mark, somewhere=word.text.endswith("dir"))
    return None


def _parallel(words: tuple[Word, ...]) -> Inner | None:
    at = 1
    while at < len(words) and words[at].text.startswith("-"):
        at += 2 if words[at].text in {"-j", "--jobs", "-n", "--delay", "--retries", "--joblog", "-a"} else 1
    end = at
    while end < len(words) and not words[end].text.startswith(":::"):
        end += 1
    inner = words[at:end]
    if not inner:
        return None
    if len(inner) == 1:
        return Inner((), script=inner[0])
    filled = _filled(inner, "{}")
    return filled if any("{}" in word.text for word in inner) else Inner((*inner, _given(inner[-1])))
