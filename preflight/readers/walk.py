"""What a job does, step by step: the commands of its scripts, followed through package.json and files."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from preflight.facts.ci import Tool, Via
from preflight.facts.fact import Fact, Known, Unknown
from preflight.readers import programs, publishers
from preflight.readers.chores import Chores
from preflight.readers.installs import Installs
from preflight.readers.node_versions import node
from preflight.readers.npm_upgrades import replacement
from preflight.readers.pipeline import (
    Build,
    Chosen,
    Configure,
    Everything,
    Fetch,
    Filtered,
    Here,
    InstallAll,
    InstallNpm,
    InstallTool,
    Path,
    Publish,
    RunFile,
    RunScript,
    Script,
    Setting,
    UseNode,
)
from preflight.readers.scripts import ROOT, WORKSPACE, environment, filled, folder, join, resolver, spellings, spelt
from preflight.readers.shell import Command, Shell, commands
from preflight.readers.silenced import silenced
from preflight.readers.workspace import script as package_script
from preflight.records import KW_ONLY, dataclass, field, replace
from preflight.source.nodes import Scalar, entries, find

if TYPE_CHECKING:
    from collections.abc import Iterable

    from preflight.facts.toolchain import Node, Upgrade
    from preflight.readers.package import Manifest
    from preflight.readers.pipeline import Carrier, Deed
    from preflight.readers.shell import Word
    from preflight.readers.toolchain import Toolchain
    from preflight.readers.workspace import Workspace
    from preflight.source.files import Files
    from preflight.source.text import Location

DEPTH = 12
"""How many scripts and files are followed into each other; more is a loop or a maze."""
PUBLISHING = 10
"""What a publishing command takes to look into, in steps; the same one in another folder takes one."""
MOST_GUESSES = 8
"""How many scripts of one name are followed where the folder is not known."""
SELECTING = ("npm", "pnpm", "yarn")
"""Programs that read the names of packages each in its own way."""
SHORTHAND = ("yarn", "pnpm", "bun")
"""Programs whose first word is a script of package.json or a program, whichever there is."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A publishing command as the walk came upon it, with all that was in force there."""

    deed: Publish
    at: Location
    """Where the job says it: its own command, or the `uses` through which it gets there."""
    _: KW_ONLY
    command: str
    cwd: Fact[PurePosixPath]
    env: tuple[Setting, ...]
    configured: tuple[Setting, ...]
    toolchain: Toolchain
    tools: tuple[tuple[str, Setting], ...]
    via: tuple[Via, ...]
    argument: Location | None = None
    """The path or package that the command names."""
    carrier: Carrier | None = None
    spellings: tuple[tuple[str, str], ...] = ()
    """The variables that stand for the CI system's own expressions, each with the expression."""

    def said(self, text: str) -> str:
        """Return a text with the CI system's own expressions as the user wrote them."""
        for variable, expression in self.spellings:
            text = text.replace(variable, expression)
        return text


@dataclass(slots=True)
class Walk:
    """The state of one job while its steps are read in order."""

    files: Files
    workspace: Workspace
    toolchain: Toolchain
    env: list[Setting] = field(default_factory=list)
    """What steps wrote for the later ones, as to `$GITHUB_ENV`."""
    configured: list[Setting] = field(default_factory=list)
    """What `npm config set`, a written .npmrc or setup-node set."""
    tools: dict[str, Setting] = field(default_factory=dict)
    """Versions of pnpm and others that a step installs."""
    sent: list[Sent] = field(default_factory=list)
    fetched: list[tuple[Fetch, Location, tuple[Via, ...]]] = field(default_factory=list)
    built: bool = False
    chores: Chores = field(default_factory=Chores)
    carrier: Carrier | None = None
    """The action that runs what is read now."""
    upgrades: tuple[Upgrade, ...] = ()
    """The replacements of npm before the last publish."""
    _replaced: list[Upgrade] = field(default_factory=list)
    _following: list[tuple[object, ...]] = field(default_factory=list)

    def script(self, script: Script, at: Location | None = None) -> None:
        """Read a script; `at` is the place in the job that led to it where the script stands elsewhere."""
        found = commands(script.text, script.shell, resolver(script))
        self.chores.download(script, found, at)
        for command in found:
            if not self.files.spend(script.scalar.source.path):
                return
            for single in self._in_each_folder(filled(command, script), script):
                self._command(single, script, at)

    def _in_each_folder(self, command: Command, script: Script) -> tuple[Command, ...]:
        """Return a command that runs in `packages/*` once for each package there; its folder is unknown without one."""
        if command.cwd is None or not any(mark in command.cwd for mark in "*?["):
            return (command,)
        match script.cwd:
            case Known(base):
                pattern = str(join(base, command.cwd))
            case Unknown():
                return (replace(command, cwd=None),)
        folders = [each.folder for each in self.workspace.manifests if each.folder.match(pattern)]
        depth = len(PurePosixPath(pattern).parts)
        found = tuple(replace(command, cwd=f"/{folder}") for folder in folders if len(folder.parts) == depth)
        return found or (replace(command, cwd=None),)

    def _command(self, command: Command, script: Script, at: Location | None) -> None:
        place = script.scalar.place
        here = place(command.start, command.end)
        deeds = publishers.deeds(command, place)
        match deeds:
            case (RunScript(runner=runner) as asked, *_) if runner in SHORTHAND and self._targets(
                asked, command, script
            ):
                # `yarn release` is the script where there is one, and the program of that name elsewhere.
                deeds = (asked,)
            case _:
                pass
        sent, runs = len(self.sent), False
        self.chores.bump(command)
        for deed in deeds:
            self._do(deed, command, script, here, at)
            runs = runs or self._runs_dependencies(deed, command, script)
        if runs and sent == len(self.sent) and not self._following:
            said = " ".join(spelt(word, script) for word in command.words)
            installs = any(isinstance(deed, InstallAll) for deed in deeds)
            self.chores.expose(said, script, here, environment(script, command), installs=installs)

    def _runs_dependencies(self, deed: Deed, command: Command, script: Script) -> bool:
        """Tell whether a deed runs code of the dependencies in the environment of the command."""
        match deed:
            case InstallAll():
                return self.chores.runs_scripts
            case RunScript():
                return not self._following and bool(self._targets(deed, command, script))
            case Build():
                return True
            case _:
                return False

    def _do(self, deed: Deed, command: Command, script: Script, here: Location, at: Location | None) -> None:
        match deed:
            case Publish():
                self.publish(
                    deed,
                    at or here,
                    command=" ".join(spelt(word, script) for word in command.words),
                    cwd=folder(script, command, deed.cwd),
                    env=environment(script, command),
                    via=(*script.via, Via(here, "publishes here")) if at else script.via,
                    argument=_argument(deed, script),
                    spellings=spellings(script),
                )
            case RunScript():
                for manifest, name in self._targets(deed, command, script):
                    self._follow_script(deed, manifest, name, command, script, at or here)
            case RunFile():
                self._follow_file(deed, command, script, at or here)
            case InstallNpm(spec) if spec is not None and not spec.known:
                self.toolchain = self.toolchain.with_npm(_hidden(spec, here))
            case InstallNpm(None, "corepack"):
                self._let_project_choose(command, script, here)
            case InstallNpm(spec, by):
                self._upgrade(_text(spec), by, command, script, here)
            case InstallTool(name, spec):
                wanted: Fact[str] = Known(spec.text if spec else "latest", here)
                self.tools[name] = Setting(name, wanted if spec is None or spec.known else _hidden(spec, here), here)
            case InstallAll():
                self.chores.install(
                    deed,
                    script,
                    here,
                    at,
                    folder=folder(script, command, deed.cwd),
                    env=environment(script, command),
                    reader=Installs(self.files, self.workspace),
                )
            case UseNode(spec, by):
                self.toolchain = self.toolchain.with_node(_switched(_text(spec), by, here))
            case Configure(name, value, where):
                known: Fact[str] = Known(value.text, here) if value and value.known else Unknown("a variable", here)
                (self.env if where == "env" else self.configured).append(Setting(name, known, here))
            case Fetch():
                self.fetched.append((deed, at or here, script.via))
            case Build():
                self.built = True

    def _let_project_choose(self, command: Command, script: Script, here: Location) -> None:
        """Put the npm of `packageManager` on the PATH, as corepack does; one that it does not name is not known."""
        cwd = folder(script, command, None)
        near = self.workspace.nearest(cwd.value) if isinstance(cwd, Known) else None
        asked = find(near.node, "packageManager") if near else None
        name, _, version = asked.text.partition("@") if isinstance(asked, Scalar) else ("", "", "")
        if name == "npm" and version:
            self._upgrade(version.partition("+")[0], "corepack", command, script, here)
        else:
            why = "corepack chooses the npm, and no `packageManager` names one"
            self.toolchain = self.toolchain.with_npm(Unknown(why, here))

    def _upgrade(self, spec: str | None, by: str, command: Command, script: Script, here: Location) -> None:
        before = self.toolchain
        after, outcome = before.upgrade(spec, here)
        if outcome.fails is not None and script.text[command.end :].lstrip(" \t").startswith("||"):
            # What follows runs all the same, with the npm before.
            return
        fails = outcome.fails if by == "npm" else None
        self.toolchain = replace(after, failed=outcome.fails is not None and bool(fails or outcome.tag))
        if fails or outcome.tag:
            said = f"npm@{spec}" if spec else "npm"
            word = next((word for word in reversed(command.words[1:]) if word.text == said), None)
            place = script.scalar.place(word.start, word.end) if word else None
            self._replaced.append(replacement(outcome, spec, before.node, here, place, fails=fails))

    def publish(
        self,
        deed: Publish,
        at: Location,
        *,
        command: str,
        cwd: Fact[PurePosixPath],
        env: Iterable[Setting],
        via: tuple[Via, ...] = (),
        argument: Location | None = None,
        spellings: tuple[tuple[str, str], ...] = (),
    ) -> None:
        """Note a publishing command with what is in force now, unless its own configuration leaves npm out."""
        if silenced(deed.tool, cwd, self.files):
            return
        # A loop goes through many folders with one command, and only the first of them is looked into.
        again = bool(self.sent) and self.sent[-1].at == at and self.sent[-1].command == command
        if not self.files.spend(at.path, 1 if again else PUBLISHING):
            return
        self.upgrades = tuple(self._replaced)
        self.sent.append(
            Sent(
                deed,
                at,
                command=command,
                cwd=cwd,
                env=tuple(env),
                configured=tuple(self.configured),
                toolchain=self.toolchain,
                tools=tuple(self.tools.items()),
                via=via,
                argument=argument,
                spellings=spellings,
                carrier=self.carrier,
            )
        )

    # -- scripts of package.json --------------------------------------------------------------

    def _targets(self, deed: RunScript, command: Command, script: Script) -> tuple[tuple[Manifest, str], ...]:
        """Return the scripts that a command runs: which manifests, and the full names there."""
        match folder(script, command, deed.cwd):
            case Known(base):
                found = self._manifests(deed, base)
            case Unknown():
                # Any folder may be meant: the script of each manifest that has one of its own text.
                found = self.workspace.manifests
                texts = {_text_of(each, deed.name): each for each in reversed(found)}
                found = tuple(texts.values())[:MOST_GUESSES]
        return tuple((manifest, name) for manifest in found for name in _matching(manifest, deed.name))

    def _manifests(self, deed: RunScript, base: PurePosixPath) -> tuple[Manifest, ...]:
        match deed.selection:
            case Here() | Chosen() if "*" in str(base):
                return self.workspace.within(base)
            case Here() | Chosen():
                nearest = self.workspace.nearest(base)
                return (nearest,) if nearest else ()
            case Path(word):
                found = self.workspace.at(join(base, word.text)) if word.known else None
                return (found,) if found else ()
            case Everything():
                return self.workspace.group(base).all
            case Filtered(patterns):
                tool = Tool(deed.runner) if deed.runner in SELECTING else None
                match self.workspace.select([word.text for word in patterns], base, tool):
                    case Known(packages):
                        return tuple(each for package in packages if (each := self.workspace.named(package.name)))
                    case Unknown():
                        return ()

    def _follow_script(
        self, deed: RunScript, manifest: Manifest, name: str, command: Command, script: Script, at: Location
    ) -> None:
        if _builds(name):
            self.built = True
        base = folder(script, command, deed.cwd)
        for part in (f"pre{name}", name, f"post{name}"):
            entry = package_script(manifest, part)
            if entry is None or not isinstance(entry.value, Scalar) or not self._enter(("script", manifest.path, part)):
                continue
            extra = " ".join(_quoted(word) for word in deed.arguments) if part == name else ""
            self.script(
                replace(
                    script,
                    scalar=entry.value,
                    text=f"{entry.value.text} {extra}".rstrip(),
                    shell=Shell.BASH,
                    cwd=Known(manifest.folder) if isinstance(base, Known) else base,
                    env=environment(script, command),
                    via=(*script.via, Via(entry.key.at, f"script `{part}`")),
                ),
                at,
            )
            self._following.pop()

    # -- files --------------------------------------------------------------------------------

    def _follow_file(self, deed: RunFile, command: Command, script: Script, at: Location) -> None:
        cwd = folder(script, command, None)
        if not deed.word.known:
            return
        named = deed.word.text.removeprefix(WORKSPACE) if deed.word.text.startswith(f"{WORKSPACE}/") else deed.word.text
        match cwd:
            case Known(base):
                pass
            case Unknown():
                # Any folder may be meant: the first that has such a file.
                folders = (ROOT, *(manifest.folder for manifest in self.workspace.manifests))
                base = next((each for each in folders if self.files.exists(join(each, named))), ROOT)
        path = join(base, named)
        if not self._enter(("file", path, tuple(word.text for word in deed.arguments))):
            return
        self._read_file(path, deed, replace(script, env=environment(script, command), cwd=cwd), base, at)
        self._following.pop()

    def _read_file(self, path: PurePosixPath, deed: RunFile, script: Script, base: PurePosixPath, at: Location) -> None:
        if deed.program == "make":
            folder = join(base, programs.make_folder(tuple(word.text for word in deed.arguments)))
            for target, found in programs.recipes(self.files, folder, deed.word.text):
                link = Via(found.place(0, 0), f"make target `{target}`")
                cwd: Fact[PurePosixPath] = Known(folder)
                self.script(replace(script, scalar=found, text=found.text, cwd=cwd, via=(*script.via, link)), at)
            return
        text = programs.read(self.files, path) or programs.module(self.files, path, deed.program)
        if text is None:
            return
        path = text.source.path
        link = Via(text.place(0, 0), f"file `{path}`")
        places = (("0", Known(f"{WORKSPACE}/{path}")), ("PWD", Known(str(PurePosixPath(WORKSPACE) / base))))
        inner = replace(script, scalar=text, text=text.text, shell=Shell.BASH, via=(*script.via, link), holes=places)
        if programs.is_javascript(path, deed.program):
            from preflight.readers.javascript import commands_in

            for command in commands_in(text.text):
                if not self.files.spend(path):
                    return
                self._command(command, inner, at)
        elif programs.is_shell(path, deed.program, text.source):
            self.script(inner, at)

    def _enter(self, key: tuple[object, ...]) -> bool:
        if key in self._following or len(self._following) >= DEPTH:
            return False
        self._following.append(key)
        return True


def _argument(deed: Publish, script: Script) -> Location | None:
    match deed.selection:
        case Path(word):
            return script.scalar.place(word.start, word.end)
        case _:
            return None


def _text_of(manifest: Manifest, name: str) -> str | None:
    """Return the text of a script, or None where the manifest has none of that name."""
    found = package_script(manifest, name)
    return found.value.text if found and isinstance(found.value, Scalar) else None


def _matching(manifest: Manifest, name: str) -> tuple[str, ...]:
    """Return the scripts of a manifest that a name means; `release:*` means several to npm-run-all and others."""
    if "*" not in name:
        return (name,) if package_script(manifest, name) else ()
    pattern = name.replace("**", "*")
    return tuple(each.key.text for each in entries(manifest.node.get("scripts")) if fnmatchcase(each.key.text, pattern))


def _hidden(spec: Word, at: Location) -> Unknown:
    return Unknown(f"`{spec.text}` is worked out when the command runs", at)


def _switched(spec: str | None, by: str, at: Location) -> Fact[Node]:
    if spec is None:
        return Unknown(f"`{by}` takes the version of Node.js from a file or a variable", at)
    return node(spec, at, f"`{by}` takes Node.js {spec}")


def _text(word: Word | None) -> str | None:
    return word.text if word and word.known else None


def _quoted(word: Word) -> str:
    return "'" + word.text.replace("'", "'\\''") + "'" if word.known else word.text


def _builds(name: str) -> bool:
    return "build" in name or name in ("compile", "bundle", "prepare", "prepack", "prepublishOnly", "dist")
