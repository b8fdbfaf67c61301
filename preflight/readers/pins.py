"""The commits that the refs of borrowed code name today, and the edits that hold it there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from preflight.facts.fact import Known
from preflight.records import replace
from preflight.source.edits import Edit, Fix, Safety

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from preflight.facts.ci import Borrowed
    from preflight.facts.fact import Fact

    Refs = Fact[Mapping[str, str] | None]

FORGE = "https://github.com/"
KINDS = frozenset({"action", "reusable workflow"})
"""What is borrowed from GitHub by `owner/repo@ref`."""
MOST = 100
"""Repositories that are asked in one run."""
_PART = re.compile(r"[A-Za-z0-9_.-]{1,100}")
_REF = re.compile(r"[A-Za-z0-9_.@/+-]{1,200}")
_VERSION = re.compile(r"v?[0-9]+(?:\.[0-9]+){0,3}")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_SAYS_VERSION = re.compile(r"[ \t]*#[ \t]*(?:tag=)?v?[0-9][0-9.]*[ \t]*$")


def repositories(borrowed: Iterable[Borrowed]) -> tuple[str, ...]:
    """Return the addresses of the repositories whose refs a remedy needs, each once."""
    return tuple(dict.fromkeys(url for each in borrowed if (url := home(each))))


def held(borrowed: Borrowed, refs: Callable[[str], Refs | None]) -> Borrowed:
    """Return borrowed code with the remedy that holds it by a commit, where the refs of its repository are known."""
    url = home(borrowed)
    match refs(url) if url else None:
        case Known(found) if found is not None:
            commit, version = pin(borrowed.pin.ref, found)
            fix = _fix(borrowed, commit, version) if commit else None
            return replace(borrowed, remedy=fix) if fix else borrowed
        case _:
            return borrowed


def pin(ref: str, refs: Mapping[str, str]) -> tuple[str | None, str]:
    """Return the commit that a tag or a branch names, and the most exact version that names it too, else the ref.

    Of a tag and a branch of one name the tag counts, as the runner takes it.
    """
    commit = tagged(ref, refs) or refs.get(f"refs/heads/{ref}")
    if commit is None or not _COMMIT.fullmatch(commit):
        return None, ref
    tags = {name.removeprefix("refs/tags/").removesuffix("^{}") for name in refs if name.startswith("refs/tags/")}
    same = [tag for tag in tags if _VERSION.fullmatch(tag) and tagged(tag, refs) == commit]
    return commit, max(same, key=_exactness, default=ref)


def tagged(tag: str, refs: Mapping[str, str]) -> str | None:
    """Return the commit of a tag; an annotated one has an object of its own, which is no commit."""
    return refs.get(f"refs/tags/{tag}^{{}}") or refs.get(f"refs/tags/{tag}")


def _exactness(version: str) -> tuple[int, tuple[int, ...], bool]:
    numbers = tuple(int(part[:9]) for part in version.removeprefix("v").split("."))
    return len(numbers), numbers, version.startswith("v")


def home(borrowed: Borrowed) -> str | None:
    """Return the address of the repository that unheld code comes from."""
    owner, _, rest = borrowed.name.partition("/")
    name = rest.split("/", 1)[0]
    if borrowed.pin.full or borrowed.what not in KINDS or not _REF.fullmatch(borrowed.pin.ref):
        return None
    if not all(_PART.fullmatch(part) and part.strip(".") for part in (owner, name)):
        return None
    return f"{FORGE}{owner}/{name}"


def _fix(borrowed: Borrowed, commit: str, version: str) -> Fix | None:
    """Return the edit of the ref, with the version in a comment behind it where one can stand there."""
    source, span, ref = borrowed.at.source, borrowed.at.span, borrowed.pin.ref
    start = source.text.rfind(f"@{ref}", span.start, span.end) + 1
    if not start or span.end - start - len(ref) > 1:
        return None
    title = f"hold it at {version}, {commit[:7]}"
    change = Edit(source.at(start, start + len(ref)), commit)
    stop = source.text.find("\n", span.end)
    rest = source.text[span.end : stop if stop >= 0 else len(source.text)].rstrip("\r")
    note = f" # {version}"
    if not rest.strip() or _SAYS_VERSION.fullmatch(rest):
        comment = Edit(source.at(span.end, span.end + len(rest)), note)
    elif rest.lstrip().startswith("#") and rest[0] in " \t":
        comment = Edit(source.at(span.end, span.end), note)
    else:
        return Fix(title, Safety.UNSAFE, (change,))
    return Fix(title, Safety.UNSAFE, (change, comment))
