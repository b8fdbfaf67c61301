"""Releases and tags that a workflow makes with its own token, which start no other workflow.

Events raised with `GITHUB_TOKEN` start nothing but `workflow_dispatch` and `repository_dispatch`
(docs.github.com, "Triggering a workflow from a workflow").
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from preflight.facts.starts import Unheard
from preflight.readers.github.workflow import Uses
from preflight.records import dataclass
from preflight.source.nodes import Mapping, Scalar, find, strings

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from preflight.readers.github.repo import Repo
    from preflight.readers.github.workflow import JobNode, Step, Workflow
    from preflight.source.nodes import Node
    from preflight.source.text import Location

OWN = ("secrets.github_token", "github.token")
"""How a workflow writes its own token, in lower case."""


class Kind(StrEnum):
    """What a workflow makes."""

    RELEASE = "release"
    TAG = "tag"


@dataclass(frozen=True, slots=True)
class _Action:
    """An action that makes releases or tags; `token` is its input, `env` whether it takes a variable instead."""

    kinds: tuple[Kind, ...]
    token: str | None
    env: bool = False
    when: tuple[str, str] | None = None
    """An input that must have a value for it to make anything."""


_BOTH = (Kind.RELEASE, Kind.TAG)
TAG = (Kind.TAG,)
_LONGEST = 300
"""Characters of a command that are looked at."""
ACTIONS = {
    "googleapis/release-please-action": _Action(_BOTH, "token"),
    "google-github-actions/release-please-action": _Action(_BOTH, "token"),
    "softprops/action-gh-release": _Action(_BOTH, "token", env=True),
    "ncipollo/release-action": _Action(_BOTH, "token"),
    "actions/create-release": _Action(_BOTH, None, env=True),
    "elgohr/github-release-action": _Action(_BOTH, None, env=True),
    "marvinpinto/action-automatic-releases": _Action(_BOTH, "repo_token"),
    "release-drafter/release-drafter": _Action(_BOTH, "token", env=True, when=("publish", "true")),
    "mathieudutour/github-tag-action": _Action((Kind.TAG,), "github_token"),
    "anothrnick/github-tag-action": _Action((Kind.TAG,), None, env=True),
    "cycjimmy/semantic-release-action": _Action(_BOTH, None, env=True),
    "codfish/semantic-release-action": _Action(_BOTH, None, env=True),
    "rickstaa/action-create-tag": _Action((Kind.TAG,), "github_token"),
}
"""Actions that make releases or tags, by name in lower case; each one's own documentation names its inputs."""
COMMANDS = (
    ("gh release create", _BOTH),
    ("semantic-release", _BOTH),
)
"""What a script holds that makes a release or a tag, in lower case."""
PUSH = "git push"
ALL_TAGS = ("--tags", "--follow-tags")
REF = "refs/tags/"
RAISED = ("created", "published", "released")
"""The activities of a release that whoever makes one causes."""


@dataclass(frozen=True, slots=True)
class Maker:
    """A step that makes a release or a tag with the workflow's own token."""

    workflows: tuple[Workflow, ...]
    """The workflow that the step stands in, and those that an event starts and that lead to it."""
    at: Location
    kinds: tuple[Kind, ...]
    what: str
    draft: bool
    tag: str = ""
    """What is known of the tag's name, from its beginning, in lower case."""


def makers(repo: Repo) -> tuple[Maker, ...]:
    """Return every step of the repository's workflows that makes releases or tags with the workflow's own token."""
    found: list[Maker] = []
    for workflow in repo.workflows.values():
        if not repo.files.spend(workflow.path):
            break
        text = workflow.node.source.text
        if "release" in text or "tag" in text:
            found += [maker for job in workflow.jobs.values() for maker in _makers(repo, job)]
    return tuple(found)


def unheard(job: JobNode, entry: Workflow, found: Collection[Maker]) -> Iterator[Unheard]:
    """Yield the events that start a job's entry workflow and that only another workflow's own token causes."""
    waits = _waits(entry)
    # What this workflow makes itself, be it through one that it calls, it does not wait for.
    own = {maker.at for maker in found if entry in maker.workflows}
    others = [name for name in entry.triggers if name not in {event for event, _ in waits}]
    for event, kind in waits:
        for maker in found:
            if kind not in maker.kinds or maker.at in own or any(_reaches(each, entry) for each in maker.workflows):
                continue
            if kind is Kind.TAG and not _may_match(maker.tag, entry.events.get(event)):
                continue
            if kind is Kind.TAG and _only_tags(maker.workflows[-1]):
                # A workflow that a tag starts makes a release of that tag, and no tag.
                continue
            yield Unheard(
                entry.place(event),
                "a release" if kind is Kind.RELEASE else "a tag",
                maker.at,
                maker.what,
                doubt=_doubt(maker, others, job, event, entry),
            )
            break


def _doubt(maker: Maker, others: list[str], job: JobNode, event: str, entry: Workflow) -> str | None:
    if maker.draft:
        return "a person who publishes the draft starts it"
    types = [word.text for word in strings(find(entry.events.get("release"), "types"))]
    if event == "release" and types and not set(types) & set(RAISED):
        return f"it waits for `{types[0]}`, which a person can cause"
    if others:
        return f"`{others[0]}` can start it too"
    if job.workflow.callable:
        return "another workflow may call it"
    return None


def _waits(workflow: Workflow) -> tuple[tuple[str, Kind], ...]:
    """Return the events of a workflow that a release or a tag causes, and nothing else."""
    found: list[tuple[str, Kind]] = []
    for event, settings in workflow.events.items():
        if event == "release":
            found.append((event, Kind.RELEASE))
        elif (event == "push" and _tags_only(settings)) or (event == "create" and len(workflow.triggers) == 1):
            found.append((event, Kind.TAG))
    return tuple(found)


def _tags_only(settings: object) -> bool:
    return isinstance(settings, Mapping) and settings.entry("tags") is not None and settings.entry("branches") is None


def _may_match(tag: str, settings: Node | None) -> bool:
    """Tell whether a tag may be one that an event waits for, by the beginnings of its name and of the patterns."""
    patterns = [word.text.lower() for word in strings(find(settings, "tags"))]
    heads = [pattern[: _plain(pattern, "*?+[")] for pattern in patterns if not pattern.startswith("!")]
    return not heads or any(head.startswith(tag) or tag.startswith(head) for head in heads)


def _plain(text: str, marks: str) -> int:
    """Return where the first of some marks stands in a text, its end where there is none."""
    return min((at for mark in marks if (at := text.find(mark)) >= 0), default=len(text))


def _only_tags(workflow: Workflow) -> bool:
    """Tell whether only tags and releases start a workflow, which are there already."""
    return bool(workflow.triggers) and all(
        event == "release" or (event == "push" and _tags_only(settings))
        for event, settings in workflow.events.items()
        if event != "workflow_dispatch"
    )


def _reaches(workflow: Workflow, entry: Workflow) -> bool:
    """Tell whether a workflow names another one's file, to call it or to start it by a dispatch, which works."""
    text = workflow.node.source.text
    if workflow is entry:
        return True
    return entry.path.name in text or "workflow run" in text or "createWorkflowDispatch" in text or "dispatches" in text


def _makers(repo: Repo, job: JobNode) -> Iterator[Maker]:
    for at, kinds, what, draft, tag in _made(job):
        for chain in repo.chains(job.workflow):
            yield Maker((job.workflow, *(link.workflow for link in chain)), at, kinds, what, draft, tag)


def _made(job: JobNode) -> Iterator[tuple[Location, tuple[Kind, ...], str, bool, str]]:
    for step in job.steps:
        if step.uses is not None:
            uses = Uses.parse(step.uses.text)
            action = ACTIONS.get(uses.key)
            if action is not None and _makes(action, step, job):
                draft = (given := step.given("draft")) is not None and given.text == "true"
                yield step.uses.at, action.kinds, f"`{uses.name}`", draft, ""
            elif uses.key == "actions/github-script" and (program := step.given("script")) is not None:
                given = step.given("github-token")
                if (given is None or _own(given)) and (call := _called(program.text)):
                    at = program.text.find(call)
                    draft = "draft: true" in program.text
                    yield program.place(at, at + len(call)), _BOTH if "Release" in call else TAG, f"`{call}`", draft, ""
        elif step.run is not None:
            lowered = step.run.text.lower()
            for command, kinds in COMMANDS:
                at = lowered.find(command)
                if at >= 0 and _is_own(command, step, job) and "--dry-run" not in lowered:
                    place = step.run.place(at, at + len(command))
                    yield place, kinds, f"`{command}`", "--draft" in lowered, ""
                    break
            else:
                for at, end, tag in _pushed(lowered):
                    if "--dry-run" not in lowered[at:end] and _is_own(PUSH, step, job):
                        yield step.run.place(at, end), TAG, f"`{step.run.text[at:end]}`", False, tag
                        break


def _called(program: str) -> str | None:
    """Return the method of GitHub's client with which a program makes a release or a tag."""
    if "createRelease(" in program:
        return "createRelease"
    return "createRef" if "createRef(" in program and REF in program else None


def _pushed(script: str) -> Iterator[tuple[int, int, str]]:
    """Yield the pushes of tags in a script in lower case: start, end, and what is known of the tag's name."""
    made = {_bare(word) for line in _commands(script, "git tag") for word in script[slice(*line)].split()[2:]}
    for at, end in _commands(script, PUSH):
        words = script[at:end].split()[2:]
        if any(word in ALL_TAGS for word in words):
            yield at, end, ""
            continue
        named = [_bare(word) for word in words if not word.startswith("-")][1:]
        for number, name in enumerate(named):
            short = name.rpartition(":")[2].removeprefix(REF)
            if name == "tag" or REF in name or short.startswith(("v$", "$tag", "${tag")) or name in made - {""}:
                known = named[number + 1] if name == "tag" and number + 1 < len(named) else short
                yield at, end, known[: _plain(known, "$`")]
                break


def _commands(script: str, name: str) -> Iterator[tuple[int, int]]:
    """Yield where the commands that begin with a name stand, as far as lines and separators tell."""
    at = script.find(name)
    while at >= 0:
        end = at + _plain(script[at : at + _LONGEST], "\n;&|)")
        yield at, end
        at = script.find(name, end)


def _bare(word: str) -> str:
    return word.strip("\"'").removeprefix("+")


def _makes(action: _Action, step: Step, job: JobNode) -> bool:
    if step.given("repository") is not None or step.given("repo") is not None:
        return False
    if action.when is not None:
        given = step.given(action.when[0])
        if given is None or given.text != action.when[1]:
            return False
    given = step.given(action.token) if action.token else None
    if given is not None:
        return _own(given)
    if action.env and (found := _variables(step, job)):
        return all(_own(each) for each in found)
    return action.token is not None


def _is_own(command: str, step: Step, job: JobNode) -> bool:
    """Tell whether a command surely uses the workflow's own token."""
    found = _variables(step, job)
    if not command.startswith("git push"):
        return bool(found) and all(_own(each) for each in found)
    text = job.text.lower()
    if any(mark in text for mark in ("set-url", "x-access-token", "ssh-key", "ssh-agent", "app-token", "ghtoken@")):
        return False
    checkouts = [each for each in job.steps if each.uses and Uses.parse(each.uses.text).key == "actions/checkout"]
    return bool(checkouts) and all((given := each.given("token")) is None or _own(given) for each in checkouts)


def _variables(step: Step, job: JobNode) -> list[Scalar]:
    """Return the values of the variables that hold a token of GitHub for a step, of the nearest place that has any."""
    for place in (step.node, job.node, job.workflow.node):
        found = [node for name in ("GH_TOKEN", "GITHUB_TOKEN") if isinstance(node := find(place, "env", name), Scalar)]
        if found:
            return found
    return []


def _own(node: Scalar) -> bool:
    return any(name in node.text.lower() for name in OWN) and "||" not in node.text
