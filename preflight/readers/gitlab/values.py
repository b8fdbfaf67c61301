"""What variables and inputs stand for, as far as the files tell."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from preflight.facts.fact import Fact, Known, Unknown
from preflight.readers.gitlab.inputs import holes
from preflight.readers.pipeline import Setting
from preflight.readers.scripts import WORKSPACE
from preflight.records import KW_ONLY, dataclass, replace
from preflight.source.nodes import Mapping, Scalar, Sequence, entries, find

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import PurePosixPath

    from preflight.facts.project import Repository
    from preflight.readers.gitlab.extends import Config
    from preflight.readers.gitlab.inputs import Inputs
    from preflight.source.nodes import Node
    from preflight.source.text import Location

GITLAB = "gitlab.com"
ELSEWHERE = frozenset({"github.com", "bitbucket.org", "codeberg.org"})
"""Forges that are no GitLab: a pipeline for GitLab in a repository there runs on a mirror at gitlab.com."""
LONGEST = 16 * 1024
CHAIN = 20
"""How many variables may lead to each other; more is a maze."""
ITSELF = (
    "CI_PROJECT_ID", "CI_REGISTRY", "CI_REGISTRY_IMAGE", "CI_DEPENDENCY_PROXY_SERVER",
    "CI_DEPENDENCY_PROXY_GROUP_IMAGE_PREFIX", "CI_DEPENDENCY_PROXY_DIRECT_GROUP_IMAGE_PREFIX",
)  # fmt: skip
"""Predefined variables that are part of an address; they stand for themselves, so that its host can be told."""


def host(repository: Fact[Repository]) -> str:
    """Return the host of the GitLab that runs the pipeline."""
    match repository:
        case Known(found) if found.host not in ELSEWHERE:
            return found.host
        case _:
            return GITLAB


@dataclass(frozen=True, slots=True)
class Values:
    """The variables that a job has, weakest first, and the inputs of every file."""

    config: Config
    inputs: dict[PurePosixPath, Inputs]
    _: KW_ONLY
    env: tuple[Setting, ...] = ()
    passed: tuple[Setting, ...] = ()
    """What the pipeline that started this one passed on, which wins over what the files of this one say."""

    @classmethod
    def predefined(
        cls,
        config: Config,
        inputs: dict[PurePosixPath, Inputs],
        repository: Fact[Repository],
        at: Location,
        passed: tuple[Setting, ...] = (),
    ) -> Values:
        """Return the variables that GitLab itself sets, as far as they are the same in every run."""
        server = host(repository)
        known = {
            "CI": "true",
            "GITLAB_CI": "true",
            "CI_PROJECT_DIR": WORKSPACE,
            "CI_SERVER_PROTOCOL": "https",
            "CI_SERVER_HOST": server,
            "CI_SERVER_FQDN": server,
            "CI_SERVER_URL": f"https://{server}",
            "CI_API_V4_URL": f"https://{server}/api/v4",
            **{name: f"${{{name}}}" for name in ITSELF},
        }
        match repository:
            case Known(found) if found.host == server:
                known["CI_PROJECT_PATH"] = found.slug
                known["CI_PROJECT_URL"] = found.url
                known["CI_PROJECT_NAME"] = found.slug.rpartition("/")[2]
                known["CI_PROJECT_NAMESPACE"] = found.slug.rpartition("/")[0]
            case _:
                pass
        env = tuple(Setting(name, Known(value), at) for name, value in known.items())
        return cls(config, inputs, env=env, passed=passed)

    def within(self, node: Node | None) -> Values:
        """Return these values with those of a `variables` mapping added, as they are written."""
        added = tuple(
            Setting(entry.key.text, self._raw(entry.value), self._place(entry.value, entry.key))
            for entry in entries(self.config.resolve(node))
        )
        return replace(self, env=(*self.env, *added)) if added else self

    def given(self, settings: tuple[Setting, ...]) -> Values:
        """Return these values with some variables added."""
        return replace(self, env=(*self.env, *settings)) if settings else self

    def settled(self) -> Values:
        """Return these values with the variables in them put in; each may name every other, a later one too."""
        raw = {setting.name: setting.value for setting in self.env}
        known: dict[str, Fact[str]] = {}

        def expand(name: str, inside: tuple[str, ...]) -> Fact[str]:
            if name in inside or len(inside) > CHAIN:
                return Unknown(f"`${name}` leads to itself")
            if name not in known:
                match raw.get(name, _unset(name)):
                    case Known(value, at) if not _stands_for_itself(value):
                        known[name] = _replaced(value, at, lambda inner: expand(inner, (*inside, name)))
                    case other:
                        known[name] = other
            return known[name]

        return replace(self, env=tuple(replace(each, value=expand(each.name, ())) for each in self.env))

    def fact(self, node: Scalar) -> Fact[str]:
        """Return the text that a scalar becomes once its inputs and variables are put in."""
        match self.filled(node):
            case Known(value, at):
                return self.text(value, at)
            case Unknown() as unknown:
                return unknown

    def filled(self, node: Scalar) -> Fact[str]:
        """Return the text of a scalar, unknown where an input in it is."""
        hole = next(holes(node.text), None)
        return Known(node.text, node.at) if hole is None else self.input(node, hole[2])

    def input(self, node: Scalar, name: str) -> Unknown:
        """Return why nothing was put in for an expression between `$[[` and `]]`."""
        match self.inputs.get(node.source.path, {}).get(name.removeprefix("inputs.")):
            case Unknown() as unknown:
                return Unknown(unknown.why, node.at)
            case Mapping() | Sequence():
                return Unknown(f"`{name}` is no text", node.at)
            case None if name.startswith("inputs.") and "|" not in name:
                return Unknown(f"nothing here says what `{name}` is", node.at)
            case _:
                return Unknown(f"`{name}` is worked out when the pipeline starts", node.at)

    def text(self, body: str, at: Location | None) -> Fact[str]:
        """Return a text with its variables put in."""
        values = {setting.name: setting.value for setting in self.env}
        return _replaced(body, at, lambda name: values.get(name, _unset(name)))

    def _raw(self, node: Node) -> Fact[str]:
        match self.config.resolve(node):
            case Scalar(value=None):
                return Known("", node.at)
            case Scalar() as scalar:
                return self.filled(scalar)
            case Mapping() as mapping:
                inner = self.config.scalar(mapping, "value")
                found = self.filled(inner) if inner else Known("", mapping.at)
                expanded = self.config.scalar(mapping, "expand")
                if isinstance(found, Known) and expanded is not None and expanded.value is False:
                    return Known(found.value.replace("$", "$$"), found.at)
                return found
            case _:
                return Unknown("it is no text", node.at)

    def _place(self, node: Node, key: Scalar) -> Location:
        match self.config.resolve(node):
            case Scalar() as scalar:
                return scalar.at
            case Mapping() as mapping if (inner := find(mapping, "value")) is not None:
                return inner.at
            case _:
                return key.at


def _replaced(body: str, at: Location | None, value_of: Callable[[str], Fact[str]]) -> Fact[str]:
    if "$" not in body:
        return Known(body, at)
    parts: list[str] = []
    last = size = 0
    for hole in _variable().finditer(body):
        name = hole[1] or hole[2]
        found = value_of(name) if name else Known("$")
        match found:
            case Known(value):
                parts += [body[last : hole.start()], value]
                size += len(value)
            case Unknown(why):
                return Unknown(why, at)
        if size > LONGEST:
            return Unknown("it is too long", at)
        last = hole.end()
    return Known("".join([*parts, body[last:]]), at)


def _unset(name: str) -> Fact[str]:
    return Unknown(f"nothing in the files says what `${name}` is")


def _stands_for_itself(value: str) -> bool:
    return value.startswith("${") and value[2:-1] in ITSELF


@cache
def _variable() -> re.Pattern[str]:
    return re.compile(r"\$(?:\$|\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*))")
