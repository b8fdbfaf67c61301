"""Release tools: which of their commands send packages to a registry.

The facts about each tool are dated 2026-11-21 and come from its own `--help` and documentation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.ci import Tool
from preflight.readers.flags import Grammar, Parsed, head, parse
from preflight.readers.pipeline import Chosen, Everything, Filtered, Path, RunScript

if TYPE_CHECKING:
    from collections.abc import Callable

    from preflight.readers.calls import Call
    from preflight.readers.pipeline import Deed, Selection


def _grammar(valued: str, **short: str) -> Grammar:
    names = {letter: (f"--{name.replace('_', '-')}",) for letter, name in short.items()}
    return Grammar(frozenset(f"--{name}" for name in valued.split()), names)


_LERNA = _grammar(
    "concurrency contents cwd dist-tag exclude-dependents git-head graph-type ignore include-filtered-dependencies "
    "legacy-auth loglevel message otp preid pre-dist-tag registry scope since summary-file tag-version-prefix "
    "throttle-size",
    m="message",
)
_CHANGESET = _grammar("otp tag cwd from-pack-dir since")
_SEMANTIC_RELEASE = _grammar(
    "branches branch extends plugins repository-url tag-format", d="dry_run", b="branches", r="repository_url",
    t="tag_format", p="plugins", e="extends",
)  # fmt: skip
_RELEASE_IT = _grammar(
    "config increment preRelease npm.tag npm.publishPath npm.otp npm.access github.releaseName git.tagName",
    d="dry_run", c="config", i="increment", h="help", v="version",
)  # fmt: skip
_NP = _grammar("branch tag contents package-manager test-script message release-notes")
_NX = _grammar(
    "access base batch configuration exclude files firstRelease groups head otp parallel projects registry runner tag "
    "target targets specifier preid tuiAutoExit outputStyle",
    p="projects", g="groups", t="targets", c="configuration", d="dry_run",
)  # fmt: skip
_RUSH = _grammar(
    "npm-auth-token registry tag target-branch version-policy set-access-level prerelease-name suffix "
    "partial-prerelease release-folder commit",
    p="publish", n="npm-auth-token", r="registry", t="tag", b="target-branch", a="apply",
)  # fmt: skip
_BEACHBALL = _grammar(
    "access auth-type branch concurrency config-path depth git-tags-timeout message npm-read-concurrency package "
    "prerelease-prefix registry retries scope since tag timeout token type",
    b="branch", r="registry", t="tag", a="access", m="message", n="token", p="package", y="yes", c="config-path",
)  # fmt: skip
_AUTO = _grammar("repo owner github-api base-branch plugins pr build message", d="dry_run")
_PLAIN = _grammar("")


def lerna(call: Call) -> tuple[Deed, ...]:
    """Tell what a call of lerna does; Lerna-Lite has the same program name and is known by its package alone."""
    front = parse(call.arguments, _LERNA, call.place)
    command = front.arguments[0].text if front.arguments else ""
    match command:
        case "publish" if not front.state("--dry-run") and not front.state("--skip-npm"):
            tool = Tool.LERNA_LITE if (call.package or "").startswith("@lerna-lite/") else Tool.LERNA
            return call.publish(tool, front, Chosen())
        case "run" if len(front.arguments) > 1:
            name, *others = front.arguments[1:]
            return (
                RunScript(
                    name.text, _scope(front), runner="lerna", arguments=(*others, *front.rest), cwd=call.where(None)
                ),
            )
        case "exec":
            words = front.rest or front.arguments[1:]
            return call.run(words, "lerna exec", selection=_scope(front))
        case _:
            return ()


def _scope(parsed: Parsed) -> Selection:
    patterns = parsed.values("--scope")
    return Filtered(patterns) if patterns else Everything()


def changeset(call: Call) -> tuple[Deed, ...]:
    """Tell what a call of changesets does."""
    parsed = parse(call.arguments, _CHANGESET, call.place)
    if _first(parsed) != "publish" or parsed.state("--dry-run") or parsed.state("--help"):
        return ()
    return call.publish(Tool.CHANGESETS, parsed, Chosen(), cwd=call.where(parsed.value("--cwd")))


def semantic_release(call: Call) -> tuple[Deed, ...]:
    """Tell what a call of semantic-release does; its configuration says whether npm is among its plugins."""
    parsed = parse(call.arguments, _SEMANTIC_RELEASE, call.place)
    return _unless(call, Tool.SEMANTIC_RELEASE, parsed, "--dry-run", "--dryRun", "--help", "--version")


def release_it(call: Call) -> tuple[Deed, ...]:
    """Tell what a call of release-it does; its configuration may still turn npm off."""
    parsed = parse(call.arguments, _RELEASE_IT, call.place)
    if parsed.denied("--npm") or parsed.denied("--npm.publish"):
        return ()
    # `--only-version` leaves one question to a person and publishes all the same.
    return _unless(
        call, Tool.RELEASE_IT, parsed, "--dry-run", "--release-version", "--changelog", "--help", "--version"
    )


def np(call: Call) -> tuple[Deed, ...]:
    """Tell what a call of np does."""
    parsed = parse(call.arguments, _NP, call.place)
    if parsed.denied("--publish"):
        return ()
    contents = parsed.value("--contents")
    selection = Path(contents) if contents is not None else None
    off = ("--dry-run", "--preview", "--release-draft-only", "--help", "--version")
    return () if any(parsed.state(name) for name in off) else call.publish(Tool.NP, parsed, selection)


def nx(call: Call) -> tuple[Deed, ...]:
    """Tell what a call of Nx does: `nx release`, or the target of that name that it runs in projects."""
    parsed = parse(call.arguments, _NX, call.place)
    words = parsed.arguments
    if not words or parsed.state("--help") or parsed.state("--version"):
        return ()
    command = words[0].text
    if command == "release":
        step = words[1].text if len(words) > 1 else ""
        if step in {"version", "changelog", "plan", "plan:check"} or parsed.state("--dry-run"):
            return ()
        if step != "publish" and (parsed.state("--skip-publish") or parsed.denied("--publish")):
            return ()
        projects = parsed.values("--projects")
        return call.publish(Tool.NX, parsed, Filtered(projects) if projects else Chosen())
    if command in {"run-many", "affected"}:
        names = [word.text for word in parsed.values("--targets", "--target")]
        targets = [name for joined in names for name in joined.split(",")]
        targets += [word.text for word in words[1:] if names]
        return tuple(deed for name in targets for deed in _target(call, parsed, name, _projects(parsed)))
    if command == "run" and len(words) > 1:
        project, _, named = words[1].text.partition(":")
        chosen = Filtered((head(words[1], len(project)),))
        return _target(call, parsed, named.partition(":")[0] or project, chosen)
    if len(words) > 1 and words[0].known and not command.startswith((".", "/")) and command not in _NX_OWN:
        return _target(call, parsed, command.partition(":")[0], Filtered(words[1:2]))
    return ()


_NX_OWN = frozenset(
    [
        "add",
        "configure-ai-agents",
        "connect",
        "daemon",
        "dep-graph",
        "exec",
        "fix-ci",
        "format",
        "format:check",
        "format:write",
        "g",
        "generate",
        "graph",
        "import",
        "init",
        "list",
        "login",
        "mcp",
        "migrate",
        "repair",
        "report",
        "reset",
        "show",
        "start-ci-run",
        "stop-all-agents",
        "sync",
        "sync:check",
        "view-logs",
        "watch",
    ]
)


def _projects(parsed: Parsed) -> Selection:
    chosen = parsed.values("--projects")
    return Filtered(chosen) if chosen else Everything()


def _target(call: Call, parsed: Parsed, name: str, selection: Selection) -> tuple[Deed, ...]:
    if parsed.state("--dry-run"):
        return ()
    if name == "nx-release-publish":
        return call.publish(Tool.NX, parsed, selection)
    return (RunScript(name, selection, runner="nx", arguments=parsed.rest, cwd=call.cwd),)


def rush(call: Call) -> tuple[Deed, ...]:
    """Tell what a call of Rush does: only `--publish` sends, and `--pack` makes tarballs instead."""
    parsed = parse(call.arguments, _RUSH, call.place)
    words = [word.text for word in parsed.arguments if not word.text[:1].isdigit()]
    if words[:1] != ["publish"] or parsed.state("--publish") is False or parsed.state("--pack"):
        return ()
    return call.publish(Tool.RUSH, parsed, Chosen())


def beachball(call: Call) -> tuple[Deed, ...]:
    """Tell what a call of beachball does."""
    parsed = parse(call.arguments, _BEACHBALL, call.place)
    if _first(parsed) != "publish" or parsed.denied("--publish"):
        return ()
    packages = parsed.values("--package", "--scope")
    return call.publish(Tool.BEACHBALL, parsed, Filtered(packages) if packages else Chosen())


def auto(call: Call) -> tuple[Deed, ...]:
    """Tell what a call of auto does: `shipit` and what it chooses from."""
    parsed = parse(call.arguments, _AUTO, call.place)
    if _first(parsed) not in {"shipit", "latest", "next", "canary"}:
        return ()
    return _unless(call, Tool.AUTO, parsed, "--dry-run")


def napi(call: Call) -> tuple[Deed, ...]:
    """Tell what a call of napi-rs does: `pre-publish` sends the packages of the platforms."""
    parsed = parse(
        call.arguments,
        _grammar("npm-dir tag-style config-path cwd package-json-path prefix", t="tag_style"),
        call.place,
    )
    if _first(parsed) not in {"prepublish", "pre-publish"}:
        return ()
    return _unless(call, Tool.OTHER, parsed, "--skip-optional-publish", "--dry-run")


def clean_publish(call: Call) -> tuple[Deed, ...]:
    """Tell what a call of clean-publish does."""
    grammar = _grammar("access before-script fields files package-manager tag temp-dir test-script exports")
    parsed = parse(call.arguments, grammar, call.place)
    return () if parsed.state("--without-publish") or parsed.state("--dry-run") else call.publish(Tool.OTHER, parsed)


def npm_publish(call: Call) -> tuple[Deed, ...]:
    """Tell what the program of JS-DevTools' action does."""
    parsed = parse(call.arguments, _grammar("token registry tag access strategy"), call.place)
    if parsed.state("--dry-run") or parsed.state("--help") or parsed.state("--version"):
        return ()
    selection = Path(parsed.arguments[0]) if parsed.arguments else None
    return call.publish(Tool.NPM_PUBLISH_ACTION, parsed, selection)


def _other(command: str | None, *only: str) -> Callable[[Call], tuple[Deed, ...]]:
    """Return a reader of a tool that publishes with that command, or with one of these options, whatever its config."""

    def read(call: Call) -> tuple[Deed, ...]:
        parsed = parse(call.arguments, _PLAIN, call.place)
        if command is not None and _first(parsed) != command:
            return ()
        if only and all(parsed.state(name) is False for name in only):
            return ()
        return _unless(call, Tool.OTHER, parsed, "--dry-run", "--dryRun", "--help", "--version")

    return read


def _first(parsed: Parsed) -> str:
    return parsed.arguments[0].text if parsed.arguments else ""


def _unless(call: Call, tool: Tool, parsed: Parsed, *off: str) -> tuple[Deed, ...]:
    if any(parsed.state(name) for name in off):
        return ()
    return call.publish(tool, parsed, Chosen())


RELEASERS: dict[str, Callable[[Call], tuple[Deed, ...]]] = {
    "lerna": lerna,
    "changeset": changeset,
    "changesets": changeset,
    "semantic-release": semantic_release,
    "multi-semantic-release": semantic_release,
    "release-it": release_it,
    "np": np,
    "nx": nx,
    "rush": rush,
    "rushx": _other("\0"),
    "beachball": beachball,
    "auto": auto,
    "napi": napi,
    "clean-publish": clean_publish,
    "npm-publish": npm_publish,
    "shipjs": _other("trigger"),
    "changelogen": _other(None, "--publish"),
    "publib": _other(None),
    "publib-npm": _other(None),
    "jsii-release": _other(None),
    "jsii-release-npm": _other(None),
    "covector": _other("publish"),
    "cargo-npm": _other("publish"),
    "wasm-pack": _other("publish"),
}
