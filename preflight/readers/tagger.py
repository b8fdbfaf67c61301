"""Tags made and pushed by git as its user set it up: with hooks, with keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.errors import GitError, UsageError, suggestion
from preflight.facts.fact import Known, Unknown
from preflight.readers import git
from preflight.records import KW_ONLY, dataclass

if TYPE_CHECKING:
    from pathlib import Path

    from preflight.readers.git import Answer, Checkout

AT_ONCE = 3
"""Tags in one push: GitHub starts no workflow where more arrive together (docs.github.com, "push" event)."""
NO_GIT = "git cannot be run"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Tags to make: their names and the commit that they name."""

    tags: tuple[str, ...]
    commit: str
    _: KW_ONLY
    sign: bool = False
    message: str | None = None
    """None for the name of the tag."""


def create(root: Path, wanted: Wanted) -> None:
    """Make annotated tags, all or none.

    Raises GitError with git's reason; tags that were made before the one that failed are gone then.
    """
    checkout = _checkout(root)
    made: list[str] = []
    for tag in wanted.tags:
        words = ("tag", "--sign" if wanted.sign else "--annotate", f"--message={wanted.message or tag}")
        try:
            answer = git.tell(checkout, *words, "--", tag, wanted.commit)
        except KeyboardInterrupt:
            _remove(checkout, (*made, tag), wanted.commit)
            raise
        good = answer is not None and answer.good
        if good and wanted.sign and not _is_signed(checkout, tag):
            # Git 2.39 leaves a tag unsigned, and calls it a success, where the ssh key is missing.
            _remove(checkout, (tag,), wanted.commit)
            good = False
        if not good:
            _remove(checkout, made, wanted.commit)
            others = f", and the {len(made)} before it are removed again" if made else ""
            raise GitError(f"the tag `{tag}` was not made{others}: {_reason(answer)}", _hint(answer, sign=wanted.sign))
        made.append(tag)


def remote(root: Path, named: str | None) -> str:
    """Return the remote to push to: the one that is named, that the branch is pushed to, or the only one.

    Raises UsageError where there is none of that name, or none that can be chosen.
    """
    checkout = _checkout(root)
    known = _lines(git.ask(checkout, "remote"))
    if named is not None:
        if named in known and not named.startswith("-"):
            return named
        raise UsageError(f"no remote is called `{named}`", suggestion(named, known))
    tracked = _tracked(checkout)
    if tracked in known:
        return tracked
    if len(known) == 1:
        return known[0]
    why = "there are several remotes" if known else "the repository has no remote"
    raise UsageError(f"{why} to push to", "name one with --remote" if known else "add one with `git remote add`")


def push(root: Path, to: str, tags: tuple[str, ...]) -> None:
    """Push these tags and nothing else, at most three at a time.

    Raises GitError that says what was pushed and what was not.
    """
    checkout = _checkout(root)
    for start in range(0, len(tags), AT_ONCE):
        batch = tags[start : start + AT_ONCE]
        refs = [f"refs/tags/{tag}:refs/tags/{tag}" for tag in batch]
        atomic = ("--atomic",) if len(batch) > 1 else ()
        answer = git.tell(checkout, "push", "--no-follow-tags", "--recurse-submodules=no", *atomic, "--", to, *refs)
        if answer is None or not answer.good:
            left = ", ".join(f"`{tag}`" for tag in tags[start:])
            raise GitError(
                f"{left} could not be pushed to `{to}`: {_reason(answer)}",
                "the tags are here; push them with git, or take them away with `git tag -d`",
            )


def _checkout(root: Path) -> Checkout:
    match git.find(root):
        case Known(checkout):
            return checkout
        case Unknown(why):
            raise UsageError(f"no tag can be made: {why}")


def _is_signed(checkout: Checkout, tag: str) -> bool:
    answer = git.ask(checkout, "for-each-ref", "--format=%(contents:signature)", f"refs/tags/{tag}")
    return answer is not None and bool(answer.text.strip())


def _remove(checkout: Checkout, tags: list[str] | tuple[str, ...], commit: str) -> None:
    """Take back tags that were just made; one that names another commit is somebody else's."""
    for tag in tags:
        found = git.ask(checkout, "rev-parse", "--verify", "--quiet", f"refs/tags/{tag}^{{commit}}")
        if found and found.text.strip() == commit:
            git.tell(checkout, "tag", "--delete", "--", tag)


def _tracked(checkout: Checkout) -> str:
    match git.head(checkout.top):
        case Known(head) if head.branch:
            ref = f"refs/heads/{head.branch}"
        case _:
            return ""
    form = "%(refname)%00%(push:remotename)%00%(upstream:remotename)"
    for line in _lines(git.ask(checkout, "for-each-ref", f"--format={form}", ref)):
        name, pushed, pulled = line.split("\0")
        if name == ref:
            return pushed or pulled
    return ""


def _lines(answer: Answer | None) -> list[str]:
    if answer is None:
        raise UsageError(NO_GIT, "install git")
    return answer.text.splitlines()


def _reason(answer: Answer | None) -> str:
    return (answer.fault if answer else NO_GIT) or "git gave no reason"


def _hint(answer: Answer | None, *, sign: bool) -> str | None:
    """Return what to do where signing failed, which git reports at length."""
    fault = answer.fault.lower() if answer else ""
    if sign or "sign" in fault or "gpg" in fault:
        return "look at `git config user.signingKey` and `gpg.format`"
    return None
