"""The configuration file `preflight.toml`."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, TypeVar

from preflight.errors import ConfigError, UnreadableError
from preflight.ignores import By, Ignore
from preflight.records import dataclass, field
from preflight.source.text import Source

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from pathlib import Path

    from preflight.source.files import Files
    from preflight.source.text import Location

E = TypeVar("E", bound=StrEnum)

NAME = "preflight.toml"
PLACES = (PurePosixPath(NAME), PurePosixPath(".github", NAME), PurePosixPath(".config", NAME))
"""Where the file is looked for, relative to the project's root; the first one counts."""
SIZE = 256 * 1024
"""Bytes beyond which a file is no configuration."""


class FailOn(StrEnum):
    """The least severity that makes a run fail."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"
    NEVER = "never"


class Publisher(StrEnum):
    """The trust that a release must have."""

    TRUSTED = "trusted"
    PROVENANCE = "provenance"
    NONE = "none"


class Mode(StrEnum):
    """How a release becomes public: at once, or after a maintainer approves what was staged."""

    PUBLISH = "publish"
    STAGE = "stage"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expect:
    """The identity that a release must have; what is None is not expected."""

    repository: str | None = None
    workflow: str | None = None
    environment: str | None = None
    publisher: Publisher | None = None
    mode: Mode | None = None
    tag_pattern: str | None = None
    ref: str | None = None
    trust_list: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """What `preflight.toml` says; what is None or empty is not said."""

    path: str | None = None
    fail_on: FailOn | None = None
    strict: bool | None = None
    select: tuple[str, ...] | None = None
    extend_select: tuple[str, ...] | None = None
    repository: str | None = None
    expect: Expect = field(default_factory=Expect)
    ignores: tuple[Ignore, ...] = ()
    source: Source | None = None


def find(files: Files) -> tuple[PurePosixPath, ...]:
    """Return the configuration files of a project; the first one counts."""
    return tuple(place for place in PLACES if files.exists(place))


def read(files: Files, path: PurePosixPath, rules: Collection[str] = ()) -> Config:
    """Read a configuration file of a project; parameters and errors as in `load`."""
    try:
        return parse(files.source(path).text, str(path), rules)
    except UnreadableError as error:
        raise ConfigError(f"{path} cannot be read", str(error)) from error


def load(path: Path, shown: str, rules: Collection[str] = ()) -> Config:
    """Read a configuration file that the user named, wherever it lies.

    `shown` names it in messages, `rules` are the rules that an ignore may name.
    Raises ConfigError where it cannot be read or followed.
    """
    try:
        with path.open("rb") as file:
            data = file.read(SIZE + 1)
        if len(data) > SIZE:
            raise ConfigError(f"{shown} is larger than {SIZE // 1024} KiB")
        text = data.decode("utf-8-sig")
    except OSError as error:
        raise ConfigError(f"{shown} cannot be read: {(error.strerror or 'no access').lower()}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{shown} is not UTF-8") from error
    return parse(text, shown, rules)


def parse(text: str, shown: str = NAME, rules: Collection[str] = ()) -> Config:
    """Read the text of a configuration; parameters and errors as in `load`."""
    import tomli

    try:
        data: Mapping[str, object] = tomli.loads(text)
    # Besides its own errors the parser raises ValueError, as for a number of 5,000 digits.
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{shown} is no valid TOML: {str(error)[:200]}") from error
    source = Source(PurePosixPath(shown), text)
    table = _Table(data, shown, "")
    config = Config(
        path=shown,
        fail_on=table.choice("fail-on", FailOn),
        strict=table.flag("strict"),
        select=table.words("select"),
        extend_select=table.words("extend-select"),
        repository=table.text("repository"),
        expect=_expect(table.table("expect")),
        ignores=tuple(_ignores(table.tables("ignore"), source, rules)),
        source=source,
    )
    table.finish()
    return config


def _expect(table: _Table) -> Expect:
    expect = Expect(
        repository=table.text("repository"),
        workflow=table.text("workflow"),
        environment=table.text("environment"),
        publisher=table.choice("publisher", Publisher),
        mode=table.choice("mode", Mode),
        tag_pattern=table.text("tag-pattern"),
        ref=table.text("ref"),
        trust_list=table.text("trust-list"),
    )
    table.finish()
    return expect


def _ignores(tables: Iterable[_Table], source: Source, rules: Collection[str]) -> Iterable[Ignore]:
    headers = tuple(_headers(source))
    for number, table in enumerate(tables):
        rule = table.required("rule")
        if rules and rule not in rules:
            raise table.error("rule", f"names no rule: `{rule}`", rule, rules)
        ignore = Ignore(
            rule,
            table.required("reason"),
            by=By.CONFIGURATION,
            at=headers[number] if number < len(headers) else source.at(0, 0),
            path=table.text("path"),
            package=table.text("package"),
            expires=table.day("expires"),
        )
        table.finish()
        yield ignore


def _headers(source: Source) -> Iterable[Location]:
    """Yield the place of each `[[ignore]]`."""
    start = 0
    for line in source.text.split("\n"):
        stripped = line.strip()
        if stripped.startswith("[[") and stripped[2:].lstrip().startswith("ignore"):
            yield source.at(start, start + len(line.rstrip("\r")))
        start += len(line) + 1


class _Table:
    """A table of the file that remembers which keys were asked for."""

    def __init__(self, data: Mapping[str, object], shown: str, prefix: str) -> None:
        self._data = data
        self._shown = shown
        self._prefix = prefix
        self._known: list[str] = []

    def error(self, key: str, what: str, word: str = "", words: Iterable[str] = ()) -> ConfigError:
        """Return an error about a key, with the nearest of some words as the hint."""
        from preflight.errors import suggestion

        return ConfigError(f"{self._shown}: `{self._prefix}{key}` {what}", suggestion(word, words) if word else None)

    def finish(self) -> None:
        """Refuse the keys that nobody asked for."""
        for key in self._data:
            if key not in self._known:
                raise self.error(key, "is no key that preflight knows", key, self._known)

    def text(self, key: str) -> str | None:
        """Return a string."""
        match self._get(key):
            case None:
                return None
            case str(value) if value.strip():
                return value.strip()
            case _:
                raise self.error(key, "must be a string that is not empty")

    def required(self, key: str) -> str:
        """Return a string that must be there."""
        value = self.text(key)
        if value is None:
            raise self.error(key, "is missing")
        return value

    def flag(self, key: str) -> bool | None:
        """Return true or false."""
        match self._get(key):
            case None | bool() as value:
                return value
            case _:
                raise self.error(key, "must be true or false")

    def words(self, key: str) -> tuple[str, ...] | None:
        """Return a list of strings."""
        match self._get(key):
            case None:
                return None
            case list(values) if all(isinstance(value, str) for value in values):
                return tuple(str(value).strip() for value in values)
            case _:
                raise self.error(key, "must be a list of strings")

    def choice(self, key: str, kind: type[E]) -> E | None:
        """Return one of a few words."""
        value = self.text(key)
        if value is None:
            return None
        words = [member.value for member in kind]
        if value not in words:
            raise self.error(key, f"must be one of {', '.join(words)}, not `{value}`", value, words)
        return kind(value)

    def day(self, key: str) -> date | None:
        """Return a date, written as TOML writes dates or as a string."""
        match self._get(key):
            case None:
                return None
            case date() as value if not isinstance(value, datetime):
                return value
            case str(value):
                try:
                    return date.fromisoformat(value)
                except ValueError:
                    pass
            case _:
                pass
        raise self.error(key, "must be a date such as 2027-03-01")

    def table(self, key: str) -> _Table:
        """Return a table; an empty one where it is missing."""
        match self._get(key):
            case None:
                return _Table({}, self._shown, f"{key}.")
            case dict(data):
                return _Table(data, self._shown, f"{key}.")
            case _:
                raise self.error(key, f"must be a table: write `[{key}]`")

    def tables(self, key: str) -> tuple[_Table, ...]:
        """Return an array of tables."""
        match self._get(key):
            case None:
                return ()
            case list(items) if all(isinstance(item, dict) for item in items):
                return tuple(_Table(item, self._shown, f"{key}[{number}].") for number, item in enumerate(items))
            case _:
                raise self.error(key, f"must be an array of tables: write `[[{key}]]`")

    def _get(self, key: str) -> object:
        self._known.append(key)
        return self._data.get(key)
