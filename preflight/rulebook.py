"""The rule book: the texts in `rules/*.toml`, and the code of the same name."""

from __future__ import annotations

import os
import re
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from preflight.errors import ConfigError, UnknownRuleError, suggestion
from preflight.finding import Severity
from preflight.records import KW_ONLY, dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from preflight.facts.project import Project
    from preflight.facts.release import Release
    from preflight.finding import Finding, UnusedIgnore

CODE = "preflight.rules"
"""The package that holds the code of the rules."""
EXAMPLES = ("bad", "good")
"""The kinds of examples; they stand behind everything else in a text."""
_EXAMPLES = tuple(f"\n[[{kind}]]" for kind in EXAMPLES)
_AT_LENGTH = ("\nprevents = [\n", '\nwhy = """\n')
"""How what a rule says at length begins in a text; nothing short stands behind it."""
ALL = "all"
CORE = "core"


class Phase(StrEnum):
    """When a rule is asked."""

    CHECK = "check"
    TAG = "tag"
    RUNTIME = "runtime"
    VERIFY = "verify"


class Needs(StrEnum):
    """What must be there before a rule has anything to judge."""

    PUBLISH_SITE = "publish-site"
    ANY_PUBLISH_SITE = "any-publish-site"
    """One in a pipeline that is only recognised counts too."""
    NOTHING = "nothing"
    TAG = "tag"
    ONLINE = "online"
    VISIBILITY = "visibility"
    DECLARATION = "declaration"
    REGISTRY = "registry"
    """Of a release: that the registry was asked."""
    PUBLISHED = "published"
    SERVED = "served"
    """Of a release: that the registry was asked, and shows it."""
    COUNTERSIGNED = "countersigned"
    """Of a release: that the registry was asked, and proof."""
    ATTESTATIONS = "attestations"
    PROOF = "proof"
    """Of a release: provenance that holds and is about this package."""
    REPOSITORY = "repository"
    """Of a release: proof, and that its repository is expected; so with the others."""
    COMMIT = "commit"
    WORKFLOW = "workflow"
    REF = "ref"
    PLAN = "plan"
    EARLIER = "earlier"
    PREDECESSOR = "predecessor"
    """Of a release: proof, and an earlier version whose provenance was verified too."""


class Judges(StrEnum):
    """What the code of a rule is given."""

    PROJECT = "project"
    RELEASE = "release"
    IGNORES = "ignores"


@dataclass(frozen=True, slots=True)
class Example:
    """The smallest files that show a rule's point; `at` are the places that the rule must find in a bad one."""

    title: str
    at: tuple[str, ...]
    _: KW_ONLY
    files: Mapping[str, str]
    fixed: Mapping[str, str]
    """What the remedy writes."""
    other: Mapping[str, object]
    """The tables `git`, `env`, `online`, `release` and whatever else an example of another phase gives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """What a rule says at length."""

    why: str = ""
    prevents: tuple[str, ...] = ()
    """Messages of npm or the registry that nobody will see if the rule is heeded."""
    references: tuple[str, ...] = ()
    fix: tuple[tuple[str, str], ...] = ()
    """What to do, by CI system; `any` where the system does not matter."""


@dataclass(frozen=True, slots=True)
class Rule:
    """The text of a rule; `path` is the file it stands in, and its code is found when first asked for."""

    name: str
    path: Path
    _: KW_ONLY
    code: str
    """The module that holds the check."""
    title: str
    severity: Severity
    phase: Phase
    group: str
    since: str
    texts: Texts | None = None
    """None where they are still in the file; most runs need those of a few rules."""
    core: bool = False
    needs: Needs = Needs.PUBLISH_SITE
    judges: Judges = Judges.PROJECT
    confirms: str | None = None

    @property
    def why(self) -> str:
        """Why the rule exists."""
        return self._texts.why

    @property
    def prevents(self) -> tuple[str, ...]:
        """The messages that it prevents."""
        return self._texts.prevents

    @property
    def references(self) -> tuple[str, ...]:
        """The pages that say so."""
        return self._texts.references

    @property
    def fix(self) -> tuple[tuple[str, str], ...]:
        """What to do, by CI system."""
        return self._texts.fix

    @property
    def _texts(self) -> Texts:
        return self.texts or _texts_of(self.path)

    def check(self, project: Project) -> Iterator[Finding]:
        """Ask the rule's code about a project."""
        from importlib import import_module

        check: Callable[[Project], Iterator[Finding]] = import_module(self.code).check
        return check(project)

    def check_release(self, release: Release) -> Iterator[Finding]:
        """Ask the code of a rule that judges a published version."""
        from importlib import import_module

        check: Callable[[Release], Iterator[Finding]] = import_module(self.code).check
        return check(release)

    def check_ignores(self, unused: tuple[UnusedIgnore, ...]) -> Iterator[Finding]:
        """Ask the code of a rule that judges ignores."""
        from importlib import import_module

        check: Callable[[tuple[UnusedIgnore, ...]], Iterator[Finding]] = import_module(self.code).check
        return check(unused)

    def examples(self, kind: str) -> tuple[Example, ...]:
        """Return the examples of one kind, `bad` or `good`, read anew from the file."""
        match _load(self.path).get(kind):
            case list(tables):
                return tuple(_example(table) for table in tables if isinstance(table, dict))
            case _:
                return ()


@dataclass(frozen=True, slots=True)
class Rulebook:
    """All rules: the core ones first, then by name."""

    rules: tuple[Rule, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all rules."""
        return tuple(rule.name for rule in self.rules)

    @property
    def groups(self) -> tuple[str, ...]:
        """The names of all groups, in alphabetical order."""
        return tuple(sorted({rule.group for rule in self.rules}))

    def named(self, name: str) -> Rule:
        """Return the rule of that name.

        Raises UnknownRuleError with the nearest name.
        """
        for rule in self.rules:
            if rule.name == name:
                return rule
        raise self._unknown(name, "no rule is called")

    def among(self, words: Iterable[str]) -> frozenset[str]:
        """Return the names that words stand for: names of rules, of groups, `core` or `all`.

        Raises UnknownRuleError with the nearest word.
        """
        found: set[str] = set()
        for word in words:
            names = {rule.name for rule in self.rules if word in {rule.name, rule.group, ALL}}
            names |= {rule.name for rule in self.rules if word == CORE and rule.core}
            if not names:
                raise self._unknown(word, "no rule or group is called")
            found |= names
        return frozenset(found)

    def select(
        self,
        phases: Iterable[Phase],
        select: Iterable[str] = (),
        extend: Iterable[str] = (),
        ignore: Iterable[str] = (),
    ) -> tuple[Rule, ...]:
        """Return the rules to ask: those selected, else all of the phases; then what extends them, less the ignored."""
        due = frozenset(phases)
        chosen = self.among(select) or {rule.name for rule in self.rules if rule.phase in due}
        chosen = (chosen | self.among(extend)) - self.among(ignore)
        return tuple(rule for rule in self.rules if rule.name in chosen)

    def preventing(self, message: str) -> tuple[Rule, ...]:
        """Return the rules that prevent a message of npm, given whole, in part, or by its code such as `E422`.

        What a message quotes, or leaves open as `<pkg>`, differs from one failure to the next and is not compared.
        """
        wanted = _plain(message)
        return tuple(
            rule for rule in self.rules if wanted and any(_meets(wanted, _plain(text)) for text in rule.prevents)
        )

    def _unknown(self, word: str, what: str) -> UnknownRuleError:
        words = (*self.names, *self.groups, CORE, ALL)
        return UnknownRuleError(f"{what} `{word}`", suggestion(word, words) or "`preflight rules` lists them")


def read(folder: Path | None = None, code: str = CODE) -> Rulebook:
    """Read the rule book from a folder of TOML files, by default the one that belongs to this code.

    The texts lie beside the code where preflight is installed, and at the top of the checkout where it is not. The
    code's folder is asked first: in `site-packages` a sibling folder `rules` may be somebody else's.
    """
    for place in (folder,) if folder else _places():
        with os.scandir(place) as entries:
            paths = sorted(entry.path for entry in entries if entry.name.endswith(".toml"))
        if paths:
            rules = [_rule(Path(path), code) for path in paths]
            return Rulebook(tuple(sorted(rules, key=lambda rule: (not rule.core, rule.name))))
    return Rulebook(())


def _places() -> tuple[Path, ...]:
    here = Path(__file__).parent
    return tuple(place for place in (here / "rules", here.parent / "rules") if place.is_dir())


def _load(path: Path) -> Mapping[str, object]:
    return _parse(path, path.read_text("utf-8"))


def _load_head(path: Path) -> Mapping[str, object]:
    """Read a text up to its first example; examples come last and are ten times the rest."""
    return _parse(path, _before(path.read_text("utf-8"), _EXAMPLES))


def _before(text: str, marks: tuple[str, ...]) -> str:
    cuts = [at for at in map(text.find, marks) if at >= 0]
    return text[: min(cuts) + 1] if cuts else text


@lru_cache(maxsize=256)
def _texts_of(path: Path) -> Texts:
    return _texts_in(_load_head(path), path)


def _texts_in(data: Mapping[str, object], path: Path) -> Texts:
    try:
        return Texts(
            why=_text(data, "why").strip(),
            prevents=_texts(data, "prevents"),
            references=_texts(data, "references"),
            fix=_fix(data),
        )
    except ValueError as error:
        raise ConfigError(f"{path.name}: {error}") from error


def _parse(path: Path, text: str) -> Mapping[str, object]:
    import tomli

    try:
        return tomli.loads(text)
    except ValueError as error:
        raise ConfigError(f"{path.name} is no valid TOML: {error}") from error


def _rule(path: Path, code: str) -> Rule:
    head = _before(path.read_text("utf-8"), _EXAMPLES)
    # What is said at length stands behind the rest, and takes most of the time.
    short = _before(head, _AT_LENGTH)
    data = _parse(path, short)
    try:
        return Rule(
            path.stem.replace("_", "-"),
            path,
            code=f"{code}.{path.stem}",
            title=_text(data, "title"),
            severity=Severity(_text(data, "severity")),
            phase=Phase(_text(data, "phase")),
            group=_text(data, "group"),
            since=_text(data, "since"),
            texts=_texts_in(data, path) if short is head else None,
            core=data.get("core") is True,
            needs=Needs(_text(data, "needs", Needs.PUBLISH_SITE)),
            judges=Judges(_text(data, "judges", Judges.PROJECT)),
            confirms=_text(data, "confirms", "") or None,
        )
    except ValueError as error:
        raise ConfigError(f"{path.name}: {error}") from error


def _text(data: Mapping[str, object], key: str, default: str | None = None) -> str:
    match data.get(key, default):
        case str(value):
            return value
        case _:
            raise ValueError(f"`{key}` must be a string")


def _texts(data: Mapping[str, object], key: str) -> tuple[str, ...]:
    match data.get(key, []):
        case str(value):
            return (value,)
        case list(values):
            return tuple(str(value) for value in values)
        case _:
            raise ValueError(f"`{key}` must be a string or a list of strings")


def _fix(data: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    match data.get("fix", {}):
        case str(value):
            return (("any", value.strip()),)
        case dict(table):
            return tuple((str(system), str(text).strip()) for system, text in table.items())
        case _:
            raise ValueError("`fix` must be a table")


def _example(table: Mapping[str, object]) -> Example:
    read_here = {"title", "at", "files", "fixed"}
    return Example(
        _text(table, "title", ""),
        _texts(table, "at"),
        files=_files(table, "files"),
        fixed=_files(table, "fixed"),
        other={key: value for key, value in table.items() if key not in read_here},
    )


def _files(table: Mapping[str, object], key: str) -> Mapping[str, str]:
    match table.get(key, {}):
        case dict(files):
            return {str(path): str(text) for path, text in files.items()}
        case _:
            raise ValueError(f"`{key}` must be a table of files")


_OPEN = r"<[^<>]*>|'[^']*'|\"[^\"]*\"|`[^`]*`"
"""What is filled in: `<pkg>` in the rule book, a name or an address in quotes in npm's own line."""
_SHORTEST = 12
"""A piece of a message with fewer letters may stand in any other."""


def _plain(message: str) -> str:
    """Return a message in lower case with single spaces; that nothing is quoted belongs to what it says."""
    return " ".join(message.lower().replace('""', "(nothing)").split())


def _meets(wanted: str, text: str) -> bool:
    """Tell whether two messages are one: either holds the other, or the given one holds what is fixed in the text."""
    return wanted in text or text in wanted or _holds(wanted, text)


def _holds(message: str, form: str) -> bool:
    """Tell whether a message holds the fixed parts of another, in their order.

    The code in front, such as `E404`, need not be there, because people paste the line without it.
    """
    code, _, rest = form.partition(" ")
    body = rest if re.fullmatch(r"e[a-z0-9_]+", code) else form
    parts = [part for each in re.split(_OPEN, body) if (part := each.strip(" .:,"))]
    if not any(len(part) >= _SHORTEST for part in parts):
        return False
    at = 0
    for part in parts:
        found = message.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return True
