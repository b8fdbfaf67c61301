"""How tags are formed: `v1.2.3`, `1.2.3`, `name@1.2.3`, `name-v1.2.3`, `name/v1.2.3`, or as the configuration says."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from preflight.records import KW_ONLY, dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable

    from preflight.facts.project import Package

VERSION = "{version}"
NAME = "{name}"
SHORT = "{short}"
"""The name without its scope."""
FOLDER = "{folder}"
PLAIN = f"v{VERSION}"
CHANGESETS = f"{NAME}@{VERSION}"
"""What `changeset publish` and `changeset tag` make in a workspace."""
RECENT = 10
"""Tags that make a habit."""

_SEMVER = r"[0-9]{1,9}\.[0-9]{1,9}\.[0-9]{1,9}(?:-[0-9A-Za-z.-]{1,100})?(?:\+[0-9A-Za-z.-]{1,100})?"
_VERSIONED = re.compile(rf"(?<![0-9A-Za-z.])([vV]?)({_SEMVER})\Z")
_WHOLE = re.compile(_SEMVER)
_SEPARATORS = frozenset("@/-_#:.")
_GENERIC = frozenset({"release", "releases", "rel", "version", "ver", "npm"})
"""Words before a version that name no package."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a tag says: a version, the package that it names, and the form that other tags of its kind have."""

    version: str
    form: str
    _: KW_ONLY
    package: Package | None = None
    prefix: str | None = None
    """A word before the version that names no package here."""


class Names:
    """The packages of a project by what a tag may call them: name, name without scope, folder."""

    def __init__(self, packages: Iterable[Package]) -> None:
        self._packages = tuple(sorted(packages, key=lambda package: package.private))
        self._by: dict[str, tuple[Package, str]] = {}
        for one in self._packages:
            self._by.setdefault(one.name, (one, NAME))
        for form in (SHORT, FOLDER):
            called = Counter(_called(one, form) for one in self._packages if not one.private)
            for one in self._packages:
                if called[_called(one, form)] <= 1:
                    self._by.setdefault(_called(one, form), (one, form))

    def read(self, tag: str, pattern: str | None = None) -> Meaning | None:
        """Return what a tag says, by the form that the configuration gives or else by any that is known.

        None where it holds no whole version, or has another form than the configuration gives.
        """
        if pattern is not None and VERSION in pattern:
            return self._by_pattern(tag, pattern)
        found = _VERSIONED.search(tag[-260:])
        if found is None:
            return None
        mark, version = found.group(1), found.group(2)
        rest = tag[: len(tag) - len(mark) - len(version)]
        if not rest:
            return Meaning(version, f"{mark}{VERSION}")
        separator = rest[-1] if rest[-1] in _SEPARATORS else ""
        word = rest.removesuffix(separator)
        if word in self._by:
            package, kind = self._by[word]
            return Meaning(version, f"{kind}{separator}{mark}{VERSION}", package=package)
        form = f"{rest}{mark}{VERSION}"
        return Meaning(version, form, prefix=None if word.lower() in _GENERIC else word)

    def habit(self, tags: Iterable[str]) -> str | None:
        """Return the form that most of the newest tags have; None where there are none to learn from."""
        forms: list[str] = []
        for tag in tags:
            meaning = self.read(tag)
            if meaning and meaning.prefix is None:
                forms.append(meaning.form)
            if len(forms) == RECENT:
                break
        return Counter(forms).most_common(1)[0][0] if forms else None

    def _by_pattern(self, tag: str, pattern: str) -> Meaning | None:
        for package in self._packages if NAME in pattern else (None,):
            filled = pattern.replace(NAME, package.name) if package else pattern
            before, _, after = filled.partition(VERSION)
            inner = tag[len(before) : len(tag) - len(after)]
            if tag.startswith(before) and tag.endswith(after) and _WHOLE.fullmatch(inner):
                return Meaning(inner, pattern, package=package)
        return None


def names_package(form: str) -> bool:
    """Tell whether tags of a form name a package, so that each package has its own."""
    return any(part in form for part in (NAME, SHORT, FOLDER))


def fill(form: str, package: Package, version: str) -> str:
    """Return the tag of a package."""
    for part in (NAME, SHORT, FOLDER):
        form = form.replace(part, _called(package, part))
    return form.replace(VERSION, version)


def versions(tags: Iterable[str]) -> tuple[str, ...]:
    """Return the whole versions that tags end in."""
    return tuple(found.group(2) for tag in tags if (found := _VERSIONED.search(tag[-260:])))


def _called(package: Package, form: str) -> str:
    match form:
        case "{name}":
            return package.name
        case "{short}":
            return package.name.rpartition("/")[2]
        case _:
            return package.folder.name
