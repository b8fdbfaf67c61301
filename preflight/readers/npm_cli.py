"""The npm command line: what its commands do, with the options, aliases and abbreviations that npm accepts.

Source: npm 12.2.0, `lib/utils/cmd-list.js`, `@npmcli/config/lib/definitions`, `nopt`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from preflight.facts.ci import Tool
from preflight.readers.flags import Grammar, Parsed, parse, tail
from preflight.readers.floors import INSTALLED
from preflight.readers.pipeline import (
    Configure,
    Everything,
    Fetch,
    Filtered,
    Here,
    InstallAll,
    InstallNpm,
    InstallTool,
    Path,
    RunScript,
)
from preflight.readers.shell import Word

if TYPE_CHECKING:
    from collections.abc import Iterable

    from preflight.readers.calls import Call
    from preflight.readers.pipeline import Deed, Selection

_SWITCHES = [
    "all",
    "allow-same-version",
    "allow-scripts-pending",
    "allow-scripts-pin",
    "allow-unused-patches",
    "audit",
    "bin-links",
    "browser",
    "bypass-2fa",
    "color",
    "commit-hooks",
    "dangerously-allow-all-scripts",
    "description",
    "dev",
    "diff-ignore-all-space",
    "diff-name-only",
    "diff-no-prefix",
    "diff-text",
    "dry-run",
    "engine-strict",
    "expect-results",
    "force",
    "foreground-scripts",
    "format-package-lock",
    "fund",
    "git-tag-version",
    "global",
    "global-style",
    "if-present",
    "ignore-existing",
    "ignore-extension",
    "ignore-patch-failures",
    "ignore-scripts",
    "include-attestations",
    "include-staged",
    "include-workspace-root",
    "init-private",
    "install-links",
    "json",
    "keep-edit-dir",
    "legacy-bundling",
    "legacy-peer-deps",
    "link",
    "long",
    "offline",
    "omit-lockfile-registry-resolved",
    "optional",
    "package-lock",
    "package-lock-only",
    "packages-all",
    "parseable",
    "prefer-dedupe",
    "prefer-offline",
    "prefer-online",
    "production",
    "progress",
    "provenance",
    "read-only",
    "rebuild-bundle",
    "save",
    "save-bundle",
    "save-dev",
    "save-exact",
    "save-optional",
    "save-peer",
    "save-prod",
    "sign-git-commit",
    "sign-git-tag",
    "strict-allow-scripts",
    "strict-npmrc",
    "strict-peer-deps",
    "strict-ssl",
    "timing",
    "unicode",
    "update-notifier",
    "usage",
    "version",
    "versions",
    "workspaces",
    "workspaces-update",
    "yes",
]
_VALUED = [
    "_auth",
    "access",
    "allow-directory",
    "allow-file",
    "allow-git",
    "allow-remote",
    "allow-scripts",
    "also",
    "audit-level",
    "auth-type",
    "before",
    "ca",
    "cache",
    "cache-max",
    "cache-min",
    "cafile",
    "call",
    "cert",
    "cidr",
    "cpu",
    "depth",
    "diff",
    "diff-dst-prefix",
    "diff-src-prefix",
    "diff-unified",
    "edit-dir",
    "editor",
    "expect-result-count",
    "expires",
    "extension-file",
    "fetch-retries",
    "fetch-retry-factor",
    "fetch-retry-maxtimeout",
    "fetch-retry-mintimeout",
    "fetch-timeout",
    "git",
    "global-ignore-file",
    "globalconfig",
    "heading",
    "https-proxy",
    "include",
    "init-author-email",
    "init-author-name",
    "init-author-url",
    "init-license",
    "init-module",
    "init-type",
    "init-version",
    "install-strategy",
    "key",
    "libc",
    "local-address",
    "location",
    "lockfile-version",
    "loglevel",
    "logs-dir",
    "logs-max",
    "maxsockets",
    "message",
    "min-release-age",
    "min-release-age-exclude",
    "name",
    "node-gyp",
    "node-options",
    "noproxy",
    "omit",
    "only",
    "orgs",
    "orgs-permission",
    "os",
    "otp",
    "pack-destination",
    "package",
    "packages",
    "packages-and-scopes-permission",
    "password",
    "patches-dir",
    "prefix",
    "preid",
    "provenance-file",
    "proxy",
    "registry",
    "replace-registry-host",
    "save-prefix",
    "sbom-format",
    "sbom-type",
    "scope",
    "scopes",
    "script-shell",
    "searchexclude",
    "searchlimit",
    "searchopts",
    "searchstaleness",
    "shell",
    "tag",
    "tag-version-prefix",
    "to",
    "token-description",
    "umask",
    "user-agent",
    "userconfig",
    "viewer",
    "which",
    "workspace",
]
_SHORT = {
    "a": "all", "c": "call", "C": "prefix", "D": "save-dev", "desc": "description", "E": "save-exact",
    "enjoy-by": "before", "f": "force", "g": "global", "h": "usage", "H": "usage", "help": "usage",
    "iwr": "include-workspace-root", "l": "long", "L": "location", "local": "no-global", "m": "message", "n": "no-yes",
    "O": "save-optional", "p": "parseable", "P": "save-prod", "porcelain": "parseable", "readonly": "read-only",
    "reg": "registry", "S": "save", "B": "save-bundle", "v": "version", "w": "workspace", "ws": "workspaces",
    "y": "yes", "d": "verbose", "dd": "verbose", "ddd": "verbose", "q": "quiet", "quiet": "quiet", "s": "silent",
    "silent": "silent", "verbose": "verbose",
}  # fmt: skip
GRAMMAR = Grammar(
    frozenset(f"--{name}" for name in _VALUED),
    {short: (f"--{full}",) for short, full in _SHORT.items()},
    names=tuple(sorted([*_SWITCHES, *_VALUED])),
)

_COMMANDS = [
    "access",
    "approve-scripts",
    "audit",
    "bugs",
    "cache",
    "ci",
    "completion",
    "config",
    "dedupe",
    "deny-scripts",
    "deprecate",
    "diff",
    "dist-tag",
    "docs",
    "doctor",
    "edit",
    "exec",
    "explain",
    "explore",
    "find-dupes",
    "fund",
    "get",
    "help",
    "help-search",
    "init",
    "install",
    "install-ci-test",
    "install-scripts",
    "install-test",
    "link",
    "ll",
    "login",
    "logout",
    "ls",
    "org",
    "outdated",
    "owner",
    "pack",
    "patch",
    "ping",
    "pkg",
    "prefix",
    "profile",
    "prune",
    "publish",
    "query",
    "rebuild",
    "repo",
    "restart",
    "root",
    "run",
    "sbom",
    "search",
    "set",
    "stage",
    "start",
    "stop",
    "team",
    "test",
    "token",
    "trust",
    "undeprecate",
    "uninstall",
    "unpublish",
    "update",
    "version",
    "view",
    "whoami",
]
_ALIASES = {
    "add": "install", "author": "owner", "c": "config", "cit": "install-ci-test", "clean-install": "ci",
    "clean-install-test": "install-ci-test", "create": "init", "ddp": "dedupe", "dist-tags": "dist-tag",
    "find": "search", "hlep": "help", "home": "docs", "i": "install", "ic": "ci", "in": "install", "info": "view",
    "innit": "init", "ins": "install", "inst": "install", "insta": "install", "instal": "install",
    "install-clean": "ci", "isnt": "install", "isnta": "install", "isntal": "install", "isntall": "install",
    "isntall-clean": "ci", "issues": "bugs", "it": "install-test", "la": "ll", "list": "ls", "ln": "link",
    "ogr": "org", "r": "uninstall", "rb": "rebuild", "remove": "uninstall", "rm": "uninstall", "rum": "run",
    "run-script": "run", "s": "search", "se": "search", "show": "view", "sit": "install-ci-test", "t": "test",
    "tst": "test", "u": "update", "udpate": "update", "un": "uninstall", "unlink": "uninstall", "up": "update",
    "upgrade": "update", "urn": "run", "v": "view", "verison": "version", "why": "explain", "x": "exec",
}  # fmt: skip
_SECRET = re.compile(r"_auth|token|password", re.IGNORECASE)


def command_name(spelt: str) -> str | None:
    """Return the command that npm understands under this spelling: an alias or any beginning that is not ambiguous."""
    name = re.sub("[A-Z]", lambda match: "-" + match.group().lower(), spelt)
    if name in _COMMANDS:
        return name
    if name in _ALIASES:
        return _ALIASES[name]
    longer = [full for full in (*_COMMANDS, *_ALIASES) if full.startswith(name)] if name else []
    return _ALIASES.get(longer[0], longer[0]) if len(longer) == 1 else None


def npm(call: Call) -> tuple[Deed, ...]:
    """Tell what a call of npm does."""
    parsed = parse(call.arguments, GRAMMAR, call.place)
    if not parsed.arguments or parsed.state("--version") or parsed.state("--usage"):
        return ()
    command, *others = parsed.arguments
    name = command_name(command.text) if command.known else None
    inner = Parsed(parsed.options, tuple(others), parsed.rest)
    match name:
        case "publish":
            return _publish(call, inner, staged=False)
        case "stage" if others and others[0].text == "publish":
            return _publish(call, Parsed(parsed.options, tuple(others[1:]), parsed.rest), staged=True)
        case "run" if others:
            return (_script(call, others[0].text, inner, (*others[1:], *parsed.rest)),)
        case "start" | "stop" | "restart" | "test":
            return (_script(call, name, inner, (*others, *parsed.rest)),)
        case "version" if others and not parsed.state("--ignore-scripts"):
            # Between them runs `version`: it is left out, because who follows it follows its `pre` and `post` too.
            return tuple(_script(call, step, inner, ()) for step in ("preversion", "postversion"))
        case "exec":
            return _exec(call, inner)
        case "install" | "update" if parsed.state("--global") or _location(parsed) == "global":
            return installs((*others, *parsed.rest), "npm")
        case "ci" | "install-ci-test" | "install" | "install-test":
            return _dependencies(call, command, name, inner)
        case "set":
            return settings((*others, *parsed.rest), _where(parsed))
        case "config" if others and others[0].text == "set":
            return settings((*others[1:], *parsed.rest), _where(parsed))
        case "pack":
            return tuple(Fetch(f"npm pack {word.text}", release=False) for word in others if _remote(word))
        case _:
            return ()


def chosen(parsed: Parsed) -> Selection | None:
    """Return the packages that `--workspace` and `--workspaces` choose, or None."""
    names = parsed.values("--workspace")
    if names:
        return Filtered(names)
    return Everything() if parsed.state("--workspaces") else None


def _publish(call: Call, parsed: Parsed, *, staged: bool) -> tuple[Deed, ...]:
    if parsed.state("--dry-run"):
        return ()
    words = (*parsed.arguments, *parsed.rest)
    paths = [word for word in words if word.text not in {".", "./", ""}]
    # A path makes npm ignore the workspaces that the options choose; `--prefix` moves only where npm reads its
    # configuration, while the package to send stays the one in the current folder.
    selection: Selection | None = Path(paths[0]) if paths else chosen(parsed) or (Here() if not words else None)
    return call.publish(Tool.NPM, parsed, selection, staged=staged)


def _script(call: Call, name: str, parsed: Parsed, arguments: Iterable[Word]) -> RunScript:
    return RunScript(
        name,
        chosen(parsed) or call.selection or Here(),
        runner="npm",
        arguments=tuple(arguments),
        cwd=call.where(parsed.value("--prefix")),
    )


def _exec(call: Call, parsed: Parsed) -> tuple[Deed, ...]:
    from preflight.readers.launchers import fetched

    words = (*parsed.arguments, *parsed.rest)
    return fetched(
        call,
        words,
        "npm exec",
        packages=parsed.values("--package"),
        whole=parsed.value("--call"),
        selection=chosen(parsed),
    )


_CALM = frozenset(
    f"--{name}"
    for name in [
        "audit",
        "color",
        "engine-strict",
        "force",
        "foreground-scripts",
        "fund",
        "ignore-scripts",
        "include",
        "legacy-peer-deps",
        "loglevel",
        "omit",
        "prefer-offline",
        "progress",
        "quiet",
        "silent",
        "strict-peer-deps",
        "update-notifier",
        "verbose",
        "workspaces",
    ]
)
"""Options that mean the same to `npm install` and `npm ci`."""


def _dependencies(call: Call, command: Word, name: str, parsed: Parsed) -> tuple[Deed, ...]:
    """Return the installation of what package.json asks for; one of packages that the command names is none."""
    words = (*parsed.arguments, *parsed.rest)
    if any(word.text not in {".", "./"} for word in words) or parsed.state("--package-lock-only", "--dry-run"):
        return ()
    bare = {"--" + item.name.removeprefix("--no-").removeprefix("--") for item in parsed.options}
    found = InstallAll(
        "npm",
        call.what,
        command,
        frozen=True if name in {"ci", "install-ci-test"} else None,
        lockless=parsed.denied("--package-lock"),
        scripts=parsed.state("--ignore-scripts") is not True,
        plain=name == "install" and not words and bare <= _CALM,
        cwd=call.where(parsed.value("--prefix")),
    )
    return (found,)


def installs(words: Iterable[Word], by: str) -> tuple[Deed, ...]:
    """Return the new npm, and the new release tools, among what a command installs for the whole machine."""
    found: list[Deed] = []
    for word in words:
        if word.text == "npm":
            found.append(InstallNpm(None, by))
        elif word.text.startswith("npm@"):
            spec = tail(word, len("npm@"))
            found.append(InstallNpm(tail(spec, len("npm:npm@")) if spec.text.startswith("npm:npm@") else spec, by))
        else:
            name, at, _ = word.text[1:].partition("@")
            if (name := word.text[:1] + name) in INSTALLED:
                found.append(InstallTool(name, tail(word, len(name) + 1) if at else None))
    return tuple(found)


def settings(words: tuple[Word, ...], where: str) -> tuple[Deed, ...]:
    """Return the settings of `config set`: `key=value …`, or one key with its value as the next word."""
    if len(words) > 1 and "=" not in words[0].text:
        return (Configure(words[0].text, hidden(words[0].text, words[1]), where),)
    found: list[Deed] = []
    for word in words:
        name, equals, _ = word.text.partition("=")
        value = hidden(name, tail(word, len(name) + 1)) if equals else None
        found.append(Configure(name, value, where))
    return tuple(found)


def hidden(name: str, value: Word) -> Word:
    """Return a setting's value, or in the place of a literal secret a word that only says that there is one."""
    if value.known and value.text and "${" not in value.text and _SECRET.search(name):
        return Word("***", value.start, value.end)
    return value


def _location(parsed: Parsed) -> str | None:
    word = parsed.value("--location")
    return word.text if word is not None else None


def _where(parsed: Parsed) -> str:
    return "project" if _location(parsed) == "project" else "user"


def _remote(word: Word) -> bool:
    text = word.text
    if not word.known or text.startswith((".", "/", "~", "file:")) or text.endswith((".tgz", "/")):
        return False
    return "@" in text[1:] or text.startswith("@")
