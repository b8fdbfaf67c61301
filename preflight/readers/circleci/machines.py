"""The machine that a job runs on: its executor, its class, and what it brings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.ci import Hosting, Runner
from preflight.facts.fact import Fact, Known, Unknown
from preflight.readers.circleci.values import Bound
from preflight.readers.pipeline import Setting
from preflight.readers.shell import Shell
from preflight.readers.toolchain import Toolchain
from preflight.source.nodes import Entry, Mapping, Scalar, Sequence, entries, find

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.readers.circleci.config import Definition
    from preflight.readers.circleci.values import Scope
    from preflight.source.nodes import Node

KINDS = ("docker", "machine", "macos")
HOME = "~/project"
"""Where a job works unless it says otherwise."""


class Machine:
    """What the keys of a job and of its executor say; the job's own win."""

    def __init__(self, job: Definition, scope: Scope) -> None:
        """Take a job in one use of it."""
        self._job = job
        self.missing: Scalar | None = None
        """The name of an executor that nothing declares."""
        self._foreign: tuple[str, Scalar] | None = None
        self._layers: list[tuple[Mapping, Scope]] = [(job.node, scope)]
        self._executor(scope)

    def _executor(self, scope: Scope) -> None:
        match scope.resolve(self._job.node.get("executor")):
            case Bound(Scalar(value=str()) as name, inner):
                given: Node | None = None
            case Bound(Mapping() as given, inner):
                match inner.resolve(given.get("name")):
                    case Bound(Scalar(value=str()) as name, _):
                        pass
                    case _:
                        return
            case _:
                return
        found = self._job.library.find("executors", name.text)
        if found is not None:
            self._layers.append((found.node, inner.of(found, given, inner)))
        elif (orb := self._job.library.orb(name.text)) is not None:
            self._foreign = (orb, name)
        elif "<<" not in name.text:
            self.missing = name

    def entry(self, key: str) -> tuple[Entry, Scope] | None:
        """Return what the job says under a key, or its executor."""
        for node, scope in self._layers:
            found = node.entry(key)
            if found is not None and not (isinstance(found.value, Scalar) and found.value.value is None):
                return found, scope
        return None

    def fact(self, key: str) -> Fact[str] | None:
        """Return the text under a key; None where there is none."""
        found = self.entry(key)
        return found[1].fact(found[0].value) if found else None

    # -- whose it is --------------------------------------------------------------------------

    def runner(self, owner: str | None) -> Fact[Runner]:
        """Return whose machine it is: a class with a namespace is somebody's own.

        An orb's executor is one of CircleCI's, because a class of one's own belongs to a namespace that a stranger's
        orb cannot reach; that of an orb of the same `owner` cannot be told.
        """
        found = self.entry("resource_class")
        if found is None:
            return self._without_class(owner)
        match found[1].fact(found[0].value):
            case Known(name, at):
                hosting = Hosting.SELF_HOSTED if "/" in name else Hosting.HOSTED
                # Where a parameter decides, `at` is what was given for it.
                return Known(Runner(hosting, (name,)), at)
            case Unknown(why):
                return Unknown(why, found[0].value.at)

    def _without_class(self, owner: str | None) -> Fact[Runner]:
        match self._foreign:
            case (orb, name) if owner and orb.partition("/")[0].lower() == owner.lower():
                return Unknown(f"the executor `{name.text}` is one of the orb `{orb}`", name.at)
            case (_, name):
                return Known(Runner(Hosting.HOSTED, (name.text,)), name.at)
            case None:
                pass
        kind = next((found[0].key for key in KINDS if (found := self.entry(key))), None)
        if kind is not None:
            return Known(Runner(Hosting.HOSTED, (kind.text,)), kind.at)
        if (executor := self._job.node.entry("executor")) is not None:
            return Unknown("the executor is given when the job is used", executor.value.at)
        return Known(Runner(Hosting.HOSTED, ()), self._job.at)

    # -- what it brings -----------------------------------------------------------------------

    def toolchain(self) -> Toolchain:
        """Return the Node.js that is there before the first step."""
        match self._image():
            case Known(reference, place):
                return Toolchain.of_image(reference, place)
            case Unknown(why, place):
                return Toolchain.unknown(why, place)
            case None:
                at = self._foreign[1].at if self._foreign else self._job.at
                return Toolchain.unknown("the Node.js on the machine is not known", at)

    def _image(self) -> Fact[str] | None:
        match self.entry("docker"):
            case (Entry(value=Sequence(items=(Mapping() as first, *_))), scope):
                node = first.get("image")
                return scope.fact(node) if node is not None else None
            case _:
                return None

    def shell(self) -> Shell:
        """Return the shell of steps that name none."""
        match self.fact("shell"):
            case Known(said):
                return shell(said)
            case _:
                return Shell.POWERSHELL if self._windows() else Shell.BASH

    def _windows(self) -> bool:
        if self._foreign is not None:
            return self._foreign[0].startswith("circleci/windows")
        names = [self.fact("resource_class"), self._machine_image()]
        return any(isinstance(name, Known) and "windows" in name.value.lower() for name in names)

    def _machine_image(self) -> Fact[str] | None:
        found = self.entry("machine")
        image = find(found[0].value, "image") if found else None
        return found[1].fact(image) if found and image is not None else None

    def folder(self) -> Fact[str]:
        """Return the folder that a checkout goes to, and that steps run in."""
        return self.fact("working_directory") or Known(HOME)

    def env(self) -> Iterator[Setting]:
        """Yield the variables of the image, of the executor and of the job, weakest first."""
        match self.entry("docker"):
            case (Entry(value=Sequence(items=(Mapping() as first, *_))), scope):
                yield from variables(first.get("environment"), scope)
            case _:
                pass
        for node, scope in reversed(self._layers):
            yield from variables(node.get("environment"), scope)


def variables(node: Node | None, scope: Scope) -> Iterator[Setting]:
    """Yield the variables of an `environment`: a mapping, or a list of mappings or of `NAME=value`."""
    match node:
        case Mapping():
            for key, value in entries(node):
                yield Setting(key.text, scope.fact(value), value.at)
        case Sequence(items):
            for item in items:
                yield from _listed(item, scope)
        case _:
            pass


def _listed(item: Node, scope: Scope) -> Iterator[Setting]:
    match item:
        case Mapping():
            yield from variables(item, scope)
        case Scalar(value=str()):
            name, _, value = item.text.partition("=")
            yield Setting(name, Known(value) if "<<" not in value else Unknown("it holds a parameter"), item.at)
        case _:
            pass


def shell(said: str) -> Shell:
    """Return the language of a `shell`, such as `/bin/bash -eo pipefail` or `powershell.exe`."""
    first = next(iter(said.split(maxsplit=1)), "")
    match first.replace("\\", "/").rpartition("/")[2].lower().removesuffix(".exe"):
        case "powershell" | "pwsh":
            return Shell.POWERSHELL
        case "cmd":
            return Shell.CMD
        case "" | "bash" | "sh" | "zsh" | "dash" | "ash" | "ksh" | "busybox":
            return Shell.BASH
        case _:
            return Shell.OTHER
