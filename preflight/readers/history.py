"""What git says of a checkout before a tag: its commit, its tags, uncommitted changes, and what was pushed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.fact import Known, Unknown
from preflight.facts.tagging import Existing
from preflight.readers import git
from preflight.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from preflight.facts.fact import Fact
    from preflight.readers.git import Answer, Checkout

NEWEST = 100
"""Tags that are looked at for how they are formed."""
NEAREST = 1_000
"""Commits that are looked at for whether one leads to another."""
NO_GIT = "git cannot be run"
_TAGS = "refs/tags/"
_AT_ONCE = 200
"""Names that are given to git in one command."""


@dataclass(frozen=True, slots=True)
class History:
    """A repository that git is asked about."""

    checkout: Checkout

    def head(self) -> Fact[str]:
        """Return the commit that is checked out."""
        answer = self._ask("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
        return _known(answer, "there is no commit yet")

    def newest(self) -> tuple[str, ...]:
        """Return the newest tags by their dates, the newest first; none where git cannot tell."""
        wanted = ("for-each-ref", "--sort=-creatordate", f"--count={NEWEST}", "--format=%(refname)", _TAGS)
        answer = self._ask(*wanted)
        return tuple(line.removeprefix(_TAGS) for line in answer.text.splitlines()) if answer else ()

    def tags(self) -> Fact[Mapping[str, str]]:
        """Return the commits of all tags, by tag; a tag of anything else is left out."""
        form = "%(refname)%00%(objecttype)%00%(objectname)%00%(*objecttype)%00%(*objectname)"
        answer = self._ask("for-each-ref", f"--format={form}", _TAGS)
        if answer is None:
            return Unknown(NO_GIT)
        if not answer.good:
            return Unknown(f"git cannot list the tags: {answer.fault}")
        found: dict[str, str] = {}
        for line in answer.text.splitlines():
            match line.split("\0"):
                case [name, "commit", commit, _, _] | [name, "tag", _, "commit", commit]:
                    found[name.removeprefix(_TAGS)] = commit
                case _:
                    pass
        return Known(found)

    def leading_to(self, commit: str, most: int = NEAREST) -> Fact[tuple[str, ...]]:
        """Return the nearest commits that lead to one, itself left out; unknown where the clone ends before them."""
        shallow = self._ask("rev-parse", "--is-shallow-repository")
        if shallow is None or shallow.text.strip() != "false":
            return Unknown("the clone is shallow, so the history is not here")
        answer = self._ask("rev-list", f"--max-count={most + 1}", "--end-of-options", commit)
        if answer is None or not answer.good:
            return Unknown("the history is not here")
        return Known(tuple(each for each in answer.text.split() if each != commit))

    def existing(self, tags: Iterable[str], head: str) -> Fact[tuple[Existing, ...]]:
        """Return those of some tags that are there, and the commits that they lead to."""
        wanted = {_TAGS + tag for tag in tags}
        there: set[str] = set()
        names = sorted(wanted)
        for start in range(0, len(names), _AT_ONCE):
            answer = self._ask("for-each-ref", "--format=%(refname)", *names[start : start + _AT_ONCE])
            if answer is None:
                return Unknown(NO_GIT)
            if not answer.good:
                return Unknown(f"git cannot list the tags: {answer.fault}")
            # A pattern names what lies below it too.
            there.update(wanted.intersection(answer.text.splitlines()))
        return Known(tuple(self._existing(name, head) for name in sorted(there)))

    def dirty(self) -> Fact[tuple[str, ...]]:
        """Return the tracked files with uncommitted changes; a submodule counts where it is at another commit."""
        drivers = self._drivers()
        if isinstance(drivers, Unknown):
            return drivers
        off = [word for name in drivers.value for word in _switched_off(name)]
        calm = ("--porcelain", "-z", "--untracked-files=no", "--ignore-submodules=dirty", "--no-renames")
        answer = self._ask(*off, "status", *calm)
        if answer is None:
            return Unknown(NO_GIT)
        if not answer.good:
            return Unknown(f"git cannot tell what has changed: {answer.fault}")
        paths = tuple(entry[3:] for entry in answer.text.split("\0") if len(entry) > 3)
        if paths and drivers.value and self._filtered(paths):
            return Unknown("the repository filters files with a program of its own, which is not run here")
        return Known(paths)

    def unpushed(self) -> Fact[str | None]:
        """Return why the commit is not on the branch of a remote that it tracks; None where it is."""
        match git.head(self.checkout.top):
            case Known(found) if found.branch:
                return self._tracked(found.branch)
            case _:
                return self._anywhere("HEAD is on no branch")

    def is_name(self, tag: str) -> bool:
        """Return whether git allows a tag of that name."""
        if tag.startswith("-") or tag == "HEAD":
            return False
        answer = self._ask("check-ref-format", _TAGS + tag)
        return answer is None or answer.good

    # -- details ----------------------------------------------------------------------------------

    def _ask(self, *words: str) -> Answer | None:
        return git.ask(self.checkout, *words)

    def _existing(self, name: str, head: str) -> Existing:
        answer = self._ask("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
        commit = answer.text.strip() if answer and answer.good else ""
        return Existing(name.removeprefix(_TAGS), commit, same=commit == head)

    def _drivers(self) -> Known[tuple[str, ...]] | Unknown:
        """Return the filters that the repository's own configuration sets; those of the user are the user's."""
        answer = self._ask("config", "--show-scope", "--name-only", "-z", "--get-regexp", r"^filter\.")
        if answer is None:
            return Unknown(NO_GIT)
        words = answer.text.split("\0")
        names = {
            key.partition(".")[2].rpartition(".")[0]
            for scope, key in zip(words[::2], words[1::2], strict=False)
            if scope not in {"system", "global"}
        }
        if any("=" in name or "\n" in name for name in names):
            return Unknown("a filter in `.git/config` has a name that no command can carry")
        return Known(tuple(sorted(names)))

    def _filtered(self, paths: tuple[str, ...]) -> bool:
        """Return whether one of some changed files goes through a filter, so that it may only seem changed."""
        answer = self._ask("check-attr", "-z", "filter", "--", *paths[:_AT_ONCE])
        values = answer.text.split("\0")[2::3] if answer else ["?"]
        return any(value not in {"unspecified", "unset"} for value in values)

    def _tracked(self, branch: str) -> Fact[str | None]:
        ref = f"refs/heads/{branch}"
        answer = self._ask("for-each-ref", "--format=%(refname)%00%(upstream)%00%(upstream:short)", ref)
        if answer is None:
            return Unknown(NO_GIT)
        found = [line.split("\0") for line in answer.text.splitlines()]
        upstream = next(((full, short) for name, full, short in found if name == ref and full), None)
        if upstream is None:
            return self._anywhere(f"`{branch}` tracks no branch of a remote")
        full, short = upstream
        if not self._is_there(full):
            return Known(f"`{branch}` tracks `{short}`, which is not on the remote")
        return Known(None) if self._reaches(full) else self._doubted(f"`{branch}` is ahead of `{short}`")

    def _anywhere(self, why: str) -> Fact[str | None]:
        """Return None where any branch of a remote holds the commit, as in a pipeline that checks out a tag."""
        answer = self._ask("for-each-ref", "--contains=HEAD", "--count=1", "--format=%(refname)", "refs/remotes/")
        if answer is None:
            return Unknown(NO_GIT)
        if not answer.good:
            return Unknown(f"git cannot tell what was pushed: {answer.fault}")
        if answer.text:
            return Known(None)
        known = self._ask("for-each-ref", "--count=1", "--format=%(refname)", "refs/remotes/")
        if known and known.text:
            return self._doubted(f"{why}, and no branch of a remote holds the commit")
        return Unknown(f"{why}, and nothing is known of a remote's branches")

    def _doubted(self, why: str) -> Fact[str | None]:
        answer = self._ask("rev-parse", "--is-shallow-repository")
        shallow = answer is not None and answer.text.strip() == "true"
        return Unknown("the clone is shallow, so the history that was pushed is not here") if shallow else Known(why)

    def _is_there(self, ref: str) -> bool:
        answer = self._ask("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")
        return answer is not None and answer.good

    def _reaches(self, ref: str) -> bool:
        answer = self._ask("merge-base", "--is-ancestor", "HEAD", ref)
        return answer is not None and answer.good


def find(root: Path) -> Fact[History]:
    """Find the repository that a folder lies in, where git can be run."""
    match git.find(root):
        case Unknown() as unknown:
            return unknown
        case Known(checkout):
            history = History(checkout)
    answer = git.ask(checkout, "--version")
    return Known(history) if answer and answer.good else Unknown(NO_GIT)


def _switched_off(name: str) -> tuple[str, ...]:
    settings = ("clean=", "smudge=", "process=", "required=false")
    return tuple(word for setting in settings for word in ("-c", f"filter.{name}.{setting}"))


def _known(answer: Answer | None, why: str) -> Fact[str]:
    if answer is None:
        return Unknown(NO_GIT)
    return Known(answer.text.strip()) if answer.good and answer.text.strip() else Unknown(why)
