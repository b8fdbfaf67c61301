"""Settings: what the command line, the environment and the configuration say together."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from preflight.config import Config, FailOn
from preflight.errors import UsageError, suggestion
from preflight.records import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

E = TypeVar("E", bound=StrEnum)

TRUE = frozenset({"1", "true", "yes", "on"})
FALSE = frozenset({"", "0", "false", "no", "off"})
FLAG_ORIGIN = "command line"
DEFAULT_ORIGIN = "default"


DEFAULTS = {"fail-on": "error", "format": "full", "color": "auto"}


class Kind(StrEnum):
    """How an option is given."""

    FLAG = "flag"
    COUNT = "count"
    VALUE = "value"
    LIST = "list"
    """Repeatable, and comma-separated too."""
    MANY = "many"
    """Repeatable, and commas stay."""

    @property
    def bare(self) -> bool:
        """Whether the option takes no value."""
        return self in {Kind.FLAG, Kind.COUNT}


class Option(NamedTuple):
    """One option: its key, its kind, and its names on the command line."""

    key: str
    kind: Kind
    names: tuple[str, ...]

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return "PREFLIGHT_" + self.key.upper().replace("-", "_")


class Format(StrEnum):
    """The shape of a report."""

    FULL = "full"
    CONCISE = "concise"
    JSON = "json"
    GITHUB = "github"
    MARKDOWN = "markdown"
    JSONL = "jsonl"
    """One version a line, for `history`."""


class Color(StrEnum):
    """When to use colour."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


def _option(key: str, kind: Kind, *short: str) -> Option:
    return Option(key, kind, (*short, f"--{key}"))


GLOBAL = (
    _option("format", Kind.VALUE),
    _option("output", Kind.MANY, "-o"),
    _option("color", Kind.VALUE),
    _option("ascii", Kind.FLAG),
    _option("no-progress", Kind.FLAG),
    _option("quiet", Kind.COUNT, "-q"),
    _option("verbose", Kind.COUNT, "-v"),
    _option("config", Kind.VALUE),
    _option("no-config", Kind.FLAG),
    _option("exit-zero", Kind.FLAG),
)
"""Options that every command takes, before or after its name."""
PROJECT = (
    _option("repository", Kind.VALUE),
    _option("package", Kind.LIST),
    _option("online", Kind.FLAG),
    _option("registry", Kind.VALUE),
)
CHECK = (
    *PROJECT,
    _option("select", Kind.LIST),
    _option("extend-select", Kind.LIST),
    _option("ignore", Kind.LIST),
    _option("fail-on", Kind.VALUE),
    _option("strict", Kind.FLAG),
    _option("trust-list", Kind.VALUE),
    _option("show-ignored", Kind.FLAG),
    _option("no-ignores", Kind.FLAG),
    _option("no-annotations", Kind.FLAG),
)
TAG = (
    _option("sign", Kind.FLAG, "-s"),
    _option("message", Kind.VALUE, "-m"),
    _option("push", Kind.FLAG),
    _option("remote", Kind.VALUE),
    _option("dry-run", Kind.FLAG, "-n"),
)
TRUST = (
    _option("registry", Kind.VALUE),
    _option("trusted-root", Kind.VALUE),
    _option("npm-keys", Kind.VALUE),
    _option("token-variable", Kind.VALUE),
)
VERIFY = (
    _option("root", Kind.VALUE),
    _option("wait", Kind.VALUE),
    _option("plan", Kind.VALUE),
    Option("repository", Kind.VALUE, ("--repo", "--repository")),
    _option("commit", Kind.VALUE),
    _option("ref", Kind.VALUE),
    _option("workflow", Kind.VALUE),
    _option("signer", Kind.VALUE),
    *TRUST,
    _option("offline", Kind.FLAG),
    _option("bundle", Kind.VALUE),
    _option("tarball", Kind.VALUE),
    _option("ignore", Kind.LIST),
    _option("fail-on", Kind.VALUE),
    _option("show-ignored", Kind.FLAG),
    _option("no-ignores", Kind.FLAG),
    _option("no-annotations", Kind.FLAG),
)
HISTORY = (
    *TRUST,
    _option("verify", Kind.FLAG),
    _option("all", Kind.FLAG),
    _option("since", Kind.VALUE),
    # `PREFLIGHT_FAIL_ON` holds a severity, which means nothing here.
    Option("history-fail-on", Kind.VALUE, ("--fail-on",)),
)
COMMANDS: Mapping[str, tuple[Option, ...]] = {
    "check": (*GLOBAL, *CHECK, _option("tag", Kind.VALUE)),
    "plan": (*GLOBAL, *PROJECT),
    "tag": (*GLOBAL, *CHECK, *TAG),
    "verify": (*GLOBAL, *VERIFY),
    "history": (*GLOBAL, *HISTORY),
    "explain": GLOBAL,
    "rules": GLOBAL,
    "config": (*GLOBAL, *CHECK),
}
"""The options of each command."""


FORMATS: Mapping[str, tuple[Format, ...]] = {
    "plan": (Format.FULL, Format.JSON),
    "explain": (Format.FULL, Format.JSON),
    "rules": (Format.FULL, Format.CONCISE, Format.JSON),
    "history": (Format.FULL, Format.JSON, Format.JSONL),
}
"""The formats of the commands that do not have the usual ones."""
USUAL = tuple(format_ for format_ in Format if format_ is not Format.JSONL)


@dataclass(frozen=True, slots=True)
class Given:
    """A command line as it was given: the command, its arguments, and the raw values of every option in order."""

    command: str
    arguments: tuple[str, ...] = ()
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def root(self) -> str:
        """The project's folder."""
        return self.arguments[0] if self.arguments else "."


@dataclass(frozen=True, slots=True)
class Setting:
    """The raw values of one option, and where they come from."""

    values: tuple[str, ...]
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What counts; `origins` says for each option where it comes from."""

    fail_on: FailOn
    strict: bool
    select: tuple[str, ...]
    extend_select: tuple[str, ...]
    ignore: tuple[str, ...]
    repository: str | None
    """As an option only; the configuration's is in `config`."""
    packages: tuple[str, ...]
    online: bool
    registry: str | None
    """The registry to ask instead of npm's."""
    trust_list: str | None
    """As an option only; the configuration's is in `config`."""
    tag: str | None
    """The tag that is checked; that which is made is no option."""
    sign: bool
    message: str | None
    push: bool
    remote: str | None
    dry_run: bool
    show_ignored: bool
    ignores: bool
    format: Format
    outputs: tuple[tuple[Format, str], ...]
    color: Color
    ascii: bool
    progress: bool
    annotations: bool
    quiet: int
    verbose: int
    exit_zero: bool
    config: Config
    shown: Mapping[str, Setting]
    """Every option with its raw values, for `config show`."""


def resolve(given: Given, environment: Mapping[str, str], config: Config) -> Settings:
    """Return the settings that count: command line before environment before configuration before default.

    Raises UsageError where a value is none of the words that an option takes.
    """
    shown = {option.key: _setting(option, given, environment, config) for option in COMMANDS[given.command]}
    return Settings(
        fail_on=_choice(shown, "fail-on", FailOn),
        strict=_flag(shown, "strict"),
        select=_values(shown, "select"),
        extend_select=_values(shown, "extend-select"),
        ignore=_values(shown, "ignore"),
        repository=_own(shown, "repository", config),
        packages=_values(shown, "package"),
        online=_flag(shown, "online"),
        registry=_own(shown, "registry", config),
        trust_list=_own(shown, "trust-list", config) if "trust-list" in shown else None,
        tag=_own(shown, "tag", config),
        sign=_flag(shown, "sign"),
        message=_own(shown, "message", config),
        push=_flag(shown, "push"),
        remote=_own(shown, "remote", config),
        dry_run=_flag(shown, "dry-run"),
        show_ignored=_flag(shown, "show-ignored"),
        ignores=not _flag(shown, "no-ignores"),
        format=_format(given.command, _name(shown, "format"), _last(shown, "format")),
        outputs=tuple(_output(given.command, value) for value in _values(shown, "output")),
        color=_choice(shown, "color", Color),
        ascii=_flag(shown, "ascii"),
        progress=not _flag(shown, "no-progress"),
        annotations=not _flag(shown, "no-annotations"),
        quiet=_count(shown, "quiet"),
        verbose=_count(shown, "verbose"),
        exit_zero=_flag(shown, "exit-zero"),
        config=config,
        shown=shown,
    )


def raw(given: Given, environment: Mapping[str, str], key: str) -> str | None:
    """Return the value of an option that is needed before the configuration is read; None where it is not given."""
    for option in COMMANDS[given.command]:
        if option.key == key:
            values = _setting(option, given, environment, Config()).values
            return values[-1] if values else None
    return None


def switched(given: Given, environment: Mapping[str, str], key: str) -> bool:
    """Return whether a flag is set that is needed before the configuration is read."""
    return true(key, raw(given, environment, key) or "")


def _setting(option: Option, given: Given, environment: Mapping[str, str], config: Config) -> Setting:
    if option.key in given.options:
        return Setting(_split(option, given.options[option.key]), FLAG_ORIGIN)
    if environment.get(option.variable):
        return Setting(_split(option, (environment[option.variable],)), f"{option.variable} in the environment")
    if (said := _said(option.key, config)) is not None:
        return Setting(said, config.path or "configuration")
    return Setting((), DEFAULT_ORIGIN)


def default(option: Option) -> str:
    """Return what counts where an option is given nowhere, as the user would write it; empty for nothing."""
    match option.kind:
        case Kind.FLAG:
            return "false"
        case Kind.COUNT:
            return "0"
        case Kind.VALUE | Kind.LIST | Kind.MANY:
            return DEFAULTS.get(option.key, "")


def _split(option: Option, values: Iterable[str]) -> tuple[str, ...]:
    if option.kind is not Kind.LIST:
        return tuple(values)
    return tuple(word.strip() for value in values for word in value.split(",") if word.strip())


def _said(key: str, config: Config) -> tuple[str, ...] | None:
    match key:
        case "fail-on":
            return (config.fail_on.value,) if config.fail_on else None
        case "strict":
            return None if config.strict is None else (str(config.strict).lower(),)
        case "select":
            return config.select
        case "extend-select":
            return config.extend_select
        case "repository":
            return (config.repository,) if config.repository else None
        case _:
            return None


def _values(shown: Mapping[str, Setting], key: str) -> tuple[str, ...]:
    return shown[key].values if key in shown else ()


def _own(shown: Mapping[str, Setting], key: str, config: Config) -> str | None:
    values = _values(shown, key)
    return values[-1] if values and shown[key].origin != config.path else None


def _flag(shown: Mapping[str, Setting], key: str) -> bool:
    values = _values(shown, key)
    return bool(values) and true(key, values[-1])


def true(key: str, value: str) -> bool:
    """Return what a flag says. Raises UsageError where it is neither true nor false."""
    if value.lower() in TRUE:
        return True
    if value.lower() in FALSE:
        return False
    raise UsageError(f"`{key}` must be true or false, not `{value}`")


def _count(shown: Mapping[str, Setting], key: str) -> int:
    values = _values(shown, key)
    if len(values) == 1 and values[0].isascii() and values[0].isdigit():
        return min(int(values[0][:3]), 2)
    return sum(true(key, value) for value in values)


def _choice(shown: Mapping[str, Setting], key: str, kind: type[E]) -> E:
    return chosen(_name(shown, key), _last(shown, key), kind)


def _last(shown: Mapping[str, Setting], key: str) -> str:
    return (_values(shown, key) or (DEFAULTS[key],))[-1]


def _name(shown: Mapping[str, Setting], key: str) -> str:
    """Return what the user has to change: the option, or the variable in the environment."""
    origin = shown[key].origin if key in shown else ""
    return origin.partition(" ")[0] if origin.startswith("PREFLIGHT_") else f"--{key}"


def chosen(what: str, value: str, kind: type[E]) -> E:
    """Return the member that a word names.

    Raises UsageError with the words that there are and the nearest one.
    """
    words = [member.value for member in kind]
    if value in words:
        return kind(value)
    raise UsageError(f"{what} must be one of {', '.join(words)}, not `{value}`", suggestion(value, words))


def _format(command: str, what: str, value: str) -> Format:
    formats = FORMATS.get(command, USUAL)
    if value in formats:
        return Format(value)
    words = [format_.value for format_ in formats]
    if formats is USUAL:
        raise UsageError(f"{what} must be one of {', '.join(words)}, not `{value}`", suggestion(value, words))
    listed = f"{', '.join(words[:-1])} and {words[-1]}"
    raise UsageError(f"`{command}` has the formats {listed}, not `{value}`", suggestion(value, words))


def _output(command: str, value: str) -> tuple[Format, str]:
    name, mark, path = value.partition("=")
    if not mark or not path:
        raise UsageError(f"`-o {value}` must have the form FORMAT=FILE", "for example `-o json=preflight.json`")
    return _format(command, "the format in `-o`", name), path
