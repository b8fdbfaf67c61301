"""The events that start a workflow: who can make each happen, and what its runs look like."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from preflight.facts.fact import Known
from preflight.facts.starts import Trust
from preflight.readers.github.contexts import RUN_TIME, Entry, Names
from preflight.records import KW_ONLY, dataclass
from preflight.source.nodes import find, strings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import PurePosixPath

    from preflight.readers.github.repo import Repo
    from preflight.readers.github.workflow import Workflow
    from preflight.source.nodes import Node
    from preflight.source.text import Location

Run = tuple[tuple[str, Entry], ...]
"""What the `github` context holds in one kind of run."""

TRUST = {
    "pull_request_target": Trust.STRANGER,
    "issue_comment": Trust.STRANGER,
    "issues": Trust.STRANGER,
    "discussion": Trust.STRANGER,
    "discussion_comment": Trust.STRANGER,
    "fork": Trust.STRANGER,
    "watch": Trust.STRANGER,
    "pull_request": Trust.FORK,
    "pull_request_review": Trust.FORK,
    "pull_request_review_comment": Trust.FORK,
    "release": Trust.RELEASER,
    "schedule": Trust.CLOCK,
}
"""Who can make an event happen at the least; all others need write access (docs.github.com, "Events that trigger
workflows"). GitHub gives secrets to the events of strangers, but to those of pull requests only in the repository's
own branches."""
PAYLOADS = {
    "pull_request_target": ("pull_request", "number", "action"),
    "pull_request": ("pull_request", "number", "action"),
    "pull_request_review": ("pull_request", "review", "action"),
    "pull_request_review_comment": ("pull_request", "comment", "action"),
    "issue_comment": ("issue", "comment", "action"),
    "issues": ("issue", "action"),
    "discussion": ("discussion", "action"),
    "discussion_comment": ("discussion", "comment", "action"),
    "release": ("release", "action"),
    "workflow_run": ("workflow_run", "workflow", "action"),
    "workflow_dispatch": ("inputs",),
    "repository_dispatch": ("client_payload", "action"),
    "push": ("head_commit", "commits"),
    "merge_group": ("merge_group", "action"),
    "schedule": ("schedule",),
}
"""What the payload of an event holds of the keys that are asked for most; in the others they are null."""
EVERY_KEY = frozenset(key for keys in PAYLOADS.values() for key in keys)
BY_TRIAGE = frozenset(
    {"labeled", "unlabeled", "assigned", "unassigned", "milestoned", "demilestoned", "pinned", "unpinned", "locked",
     "unlocked", "transferred", "review_requested", "review_request_removed", "converted", "category_changed"}
)  # fmt: skip
"""Kinds of activity for which somebody must have the role `triage`, or a bot does it."""
USUAL = {
    "pull_request_target": ("opened", "synchronize", "reopened"),
    "pull_request": ("opened", "synchronize", "reopened"),
}
SOMEBODY = "preflight-somebody"
"""A login that no condition names."""
ASSOCIATIONS = ("NONE", "CONTRIBUTOR")
"""What `author_association` says of people without write access; whoever had one commit merged contributes."""
BRANCHES = ("main", "master")
TAG = "v1.0.0"
THE_RUN, THE_COMMIT = "{run}", "{commit}"
"""What stands for the number of a run and for its commit."""
WILD = frozenset("*?+[!(")
_IN_PAYLOAD: tuple[str, ...] = ("action", "workflow_run")
MOST = 8
"""How many branches, tags and kinds of activity are tried out."""
DEPTH = 3
"""How many workflows may start each other in a row; GitHub's own limit."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One way in which an event starts a workflow, and who can make it happen at the least."""

    at: Location
    event: str
    trust: Trust
    _: KW_ONLY
    runs: tuple[Run, ...]
    """What it looks like when an arbitrary one of those people does it."""
    others: tuple[Run, ...]
    """What it looks like whoever does it."""
    tag: bool = False
    doubt: str | None = None
    """Why it cannot be told whether such people can do it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The strings that conditions compare with, so that their cases are tried out."""

    words: tuple[str, ...] = ()
    association: bool = False
    """Whether one looks at how somebody belongs to the repository."""

    def branches(self) -> tuple[str, ...]:
        """Return the branches that they may mean."""
        return tuple(dict.fromkeys(_stripped(self.words, "refs/heads/")))

    def tags(self) -> tuple[str, ...]:
        """Return the tags that they may mean."""
        return tuple(dict.fromkeys((TAG, *_stripped(self.words, "refs/tags/"))))[:MOST]


def kinds(repo: Repo, workflow: Workflow, asked: Asked) -> tuple[Kind, ...]:
    """Return the ways in which events start a workflow."""
    found: list[Kind] = []
    for event in workflow.triggers:
        maker = _Maker(repo, workflow, event, asked)
        match event:
            case "push":
                found += maker.push()
            case "workflow_run":
                found += maker.workflow_run()
            case _:
                found.append(maker.usual())
    return tuple(found)


class _Maker:
    """The maker of the kinds of one event."""

    def __init__(self, repo: Repo, workflow: Workflow, event: str, asked: Asked) -> None:
        self._repo = repo
        self._event = event
        self._asked = asked
        self._at = workflow.place(event)
        self._title = workflow.title
        self._settings = workflow.events.get(event)
        own = repo.repository
        self._slug = own.value.slug if isinstance(own, Known) else None

    def push(self) -> Iterator[Kind]:
        for trust in _pushers(self._settings):
            if trust is Trust.RELEASER:
                yield self._kind(trust, [_tag(name) for name in self._asked.tags()], tag=True)
            else:
                yield self._kind(trust, [self._heads(name) for name in self._branches()])

    def usual(self) -> Kind:
        trust = TRUST.get(self._event, Trust.WRITER)
        actions = self._actions(only_own=trust in (Trust.STRANGER, Trust.FORK))
        types = {item.text for item in strings(find(self._settings, "types"))}
        doubt = None
        if types and types <= BY_TRIAGE and trust in (Trust.STRANGER, Trust.FORK):
            doubt = f"who may make a pull request, an issue or a discussion {' or '.join(sorted(types))} is not known"
        match self._event:
            case "pull_request_target":
                refs = [self._heads(name) | {"base_ref": Known(name)} for name in self._branches()]
            case "pull_request" | "pull_request_review" | "pull_request_review_comment":
                refs = [_pull() | {"base_ref": Known(name)} for name in self._branches()]
            case "release":
                refs = [_tag(name) for name in self._asked.tags()]
            case "workflow_dispatch":
                refs = [*(self._heads(name) for name in self._branches()), _tag(TAG)]
            case _:
                refs = [self._heads(self._default())]
        places = [ref | action for ref in refs for action in actions]
        return self._kind(trust, places, tag=trust is Trust.RELEASER, doubt=doubt)

    def workflow_run(self) -> Iterator[Kind]:
        """Return one kind for each sort of people who can start one of the workflows that are waited for."""
        names = {item.text for item in strings(find(self._settings, "workflows"))}
        above = _named(self._repo, names)
        missing = names - {name for each in above for name in (each.title, str(each.path))}
        causes: dict[Trust, list[str]] = {}
        for event, trust in _causes(self._repo, above):
            # What follows a fork's run is no run of the fork: it has the secrets.
            causes.setdefault(Trust.STRANGER if trust is Trust.FORK else trust, []).append(event)
        here = self._heads(self._default())
        for trust, events in causes.items():
            places = [here | {"workflow_run": self._finished(event, trust)} for event in events]
            yield self._kind(trust, places, others=[here])
        if missing or not causes:
            what = f"no workflow `{min(missing)}` is in this repository" if missing else "what starts it is not known"
            yield self._kind(Trust.STRANGER, [here], doubt=what)

    # -- what a run looks like ----------------------------------------------------------------

    def _kind(
        self,
        trust: Trust,
        places: Iterable[dict[str, Entry]],
        *,
        others: Iterable[dict[str, Entry]] | None = None,
        tag: bool = False,
        doubt: str | None = None,
    ) -> Kind:
        places = tuple(places)
        stranger = trust in (Trust.STRANGER, Trust.FORK)
        said = ASSOCIATIONS if stranger and self._asked.association else ASSOCIATIONS[:1]
        whose: tuple[str | None, ...] = said if trust is not Trust.CLOCK else (None,)
        return Kind(
            self._at,
            self._event,
            trust,
            runs=tuple(self._run(place, trust, who) for place in places for who in whose),
            others=tuple(self._run(place, trust, None) for place in (places if others is None else tuple(others))),
            tag=tag,
            doubt=doubt,
        )

    def _run(self, place: dict[str, Entry], trust: Trust, who: str | None) -> Run:
        """Return a run at a place; `who` is the association of whoever starts it, None for anyone at all."""
        keys = PAYLOADS.get(self._event)
        payload: dict[str, Entry] = {}
        if keys is not None:
            payload = dict.fromkeys(sorted(EVERY_KEY - set(keys)), Known(None))
        payload["repository"] = self._repository()
        own: dict[str, Entry] = {key: place[key] for key in _IN_PAYLOAD if key in place}
        facts: dict[str, Entry] = {
            "event_name": Known(self._event),
            "workflow": Known(self._title),
            "run_id": Known(THE_RUN),
            "run_number": Known(THE_RUN),
            "sha": Known(THE_COMMIT),
            **{key: entry for key, entry in place.items() if key not in own},
        }
        if "pull_request" not in self._event:
            facts |= {"head_ref": Known(""), "base_ref": Known("")}
        if self._event == "release":
            payload["release"] = Names({"tag_name": place["ref_name"]}, RUN_TIME)
        if who is not None:
            facts |= {"actor": Known(SOMEBODY), "triggering_actor": Known(SOMEBODY)}
            payload["sender"] = _login()
        if who is not None and trust in (Trust.STRANGER, Trust.FORK):
            payload |= self._written(who)
        facts["event"] = Names({**payload, **own}, RUN_TIME)
        return tuple(facts.items())

    def _written(self, who: str) -> dict[str, Entry]:
        """Return what the payload says of what somebody without write access opened or wrote."""
        author: dict[str, Entry] = {"author_association": Known(who), "user": _login()}
        written = Names(author, RUN_TIME)
        match self._event:
            case "pull_request_target" | "pull_request":
                return {"pull_request": self._pull_request(author)}
            case "pull_request_review":
                return {"review": written}
            case "pull_request_review_comment" | "issue_comment" | "discussion_comment":
                return {"comment": written}
            case "issues":
                return {"issue": written}
            case "discussion":
                return {"discussion": written}
            case _:
                return {}

    def _pull_request(self, author: dict[str, Entry]) -> Entry:
        # Only people with write access merge.
        return Names(
            {
                **author,
                "merged": Known(value=False),
                "merged_at": Known(None),
                "merged_by": Known(None),
                "head": Names({"repo": _fork(), "user": _login()}, RUN_TIME),
                "base": Names({"repo": self._repository()}, RUN_TIME),
            },
            RUN_TIME,
        )

    def _finished(self, event: str, trust: Trust) -> Entry:
        """Return `github.event.workflow_run` after a run that such people started by an event."""
        facts: dict[str, Entry] = {"event": Known(event), "repository": self._repository()}
        # Only the runs of pull requests are those of a fork; all others belong to the repository itself.
        fork = TRUST.get(event) is Trust.FORK
        facts["head_repository"] = _fork() if fork else self._repository()
        if trust is not Trust.CLOCK:
            facts |= {"actor": _login(), "triggering_actor": _login()}
        return Names(facts, RUN_TIME)

    def _repository(self) -> Entry:
        facts: dict[str, Entry] = {"fork": Known(value=False)}
        if self._slug is not None:
            owner, _, name = self._slug.partition("/")
            facts |= {
                "full_name": Known(self._slug),
                "name": Known(name),
                "owner": Names({"login": Known(owner)}, RUN_TIME),
            }
        return Names(facts, RUN_TIME)

    def _actions(self, *, only_own: bool) -> list[dict[str, Entry]]:
        """Return the kinds of activity that the conditions tell apart."""
        types = [item.text for item in strings(find(self._settings, "types"))] or list(USUAL.get(self._event, ()))
        own = [name for name in types if not (only_own and name in BY_TRIAGE)] or types
        told = [name for name in own if name in self._asked.words]
        rest = [name for name in own if name not in told]
        return [{"action": Known(name)} for name in (*told[:MOST], *rest[:1])] or [{}]

    # -- where it runs ------------------------------------------------------------------------

    def _heads(self, name: str) -> dict[str, Entry]:
        return {"ref": Known(f"refs/heads/{name}"), "ref_name": Known(name), "ref_type": Known("branch")}

    def _default(self) -> str:
        words = self._asked.branches()
        return next((name for name in BRANCHES if name in words), BRANCHES[0])

    def _branches(self) -> tuple[str, ...]:
        """Return branches that start it: those that the filter names, else some that the conditions tell apart."""
        named = [item.text for item in strings(find(self._settings, "branches"))]
        exact = [name for name in named if not WILD & set(name)]
        if named and len(exact) == len(named):
            return tuple(exact[:MOST])
        words = self._asked.branches()
        guesses = dict.fromkeys((*exact, *words, self._default()))
        ignored = [item.text for item in strings(find(self._settings, "branches-ignore"))]
        kept = [
            name for name in guesses if (not named or _fits(name, named)) and not (ignored and _fits(name, ignored))
        ]
        pattern = next((name for name in named if not name.startswith("!")), "topic")
        return tuple(kept[:MOST]) or ("".join(char for char in pattern if char not in WILD) or "topic",)


def _pushers(settings: Node | None) -> tuple[Trust, ...]:
    """Return who starts a workflow by a push: of branches, of tags, or both where its filter names neither."""
    heads = _has(settings, "branches", "branches-ignore")
    tags = _has(settings, "tags", "tags-ignore")
    return (*((Trust.WRITER,) if heads or not tags else ()), *((Trust.RELEASER,) if tags or not heads else ()))


def _named(repo: Repo, names: set[str]) -> list[Workflow]:
    return [each for each in repo.workflows.values() if each.title in names or str(each.path) in names]


def _causes(repo: Repo, above: list[Workflow]) -> tuple[tuple[str, Trust], ...]:
    """Return the events that start some workflows or those that these wait for, and who can make each happen."""
    found: dict[tuple[str, Trust], None] = {}
    seen: set[PurePosixPath] = set()
    level = above
    for _ in range(DEPTH):
        waited: set[str] = set()
        for each in level:
            seen.add(each.path)
            for event in each.triggers:
                settings = each.events.get(event)
                if event == "workflow_run":
                    waited |= {item.text for item in strings(find(settings, "workflows"))}
                elif event == "push":
                    found.update(dict.fromkeys((event, trust) for trust in _pushers(settings)))
                else:
                    found[event, TRUST.get(event, Trust.WRITER)] = None
        level = [each for each in _named(repo, waited) if each.path not in seen] if waited else []
    return tuple(found)


def _fork() -> Entry:
    name = f"{SOMEBODY}/fork"
    return Names({"full_name": Known(name), "fork": Known(value=True), "owner": _login()}, RUN_TIME)


def _login() -> Entry:
    return Names({"login": Known(SOMEBODY)}, RUN_TIME)


def _tag(name: str) -> dict[str, Entry]:
    return {"ref": Known(f"refs/tags/{name}"), "ref_name": Known(name), "ref_type": Known("tag")}


def _pull() -> dict[str, Entry]:
    return {"ref": Known("refs/pull/1/merge"), "ref_name": Known("1/merge"), "ref_type": Known("branch")}


def _stripped(words: Iterable[str], prefix: str) -> Iterator[str]:
    """Return what some words say of a branch or a tag, whether they are whole refs or names."""
    for word in words:
        if word.startswith(prefix) or not word.startswith("refs/"):
            yield word.removeprefix(prefix)


def _has(settings: Node | None, *keys: str) -> bool:
    return any(find(settings, key) is not None for key in keys)


def _fits(name: str, patterns: Iterable[str]) -> bool:
    """Tell whether a filter lets a branch through; of those patterns that fit, the last one decides."""
    fits = False
    for pattern in patterns:
        bare = pattern.removeprefix("!").replace("**", "*")
        if len(bare) < 200 and bare.count("*") < 8 and fnmatchcase(name, bare):
            fits = not pattern.startswith("!")
    return fits
