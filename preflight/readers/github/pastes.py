"""Expressions of a publish job's scripts that paste in what a stranger wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.work import Paste
from preflight.readers.github.syntax import And, Call, Every, Index, InvalidExpression, Literal, Name, Or, holes, parse
from preflight.readers.github.workflow import Uses
from preflight.source.nodes import Scalar, entries

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from preflight.readers.github.repo import Repo
    from preflight.readers.github.scene import Scene
    from preflight.readers.github.syntax import Node
    from preflight.readers.github.workflow import JobNode, Step
    from preflight.source.nodes import Node as Tree

OPENER = "anyone who opens a pull request"
COMMENTER = "anyone who comments"
REPORTER = "anyone who opens an issue"
AUTHOR = "anyone whose commit is merged"
_PULL = ("pull_request.title", "pull_request.body", "pull_request.head.ref", "pull_request.head.label")
_PULL_HEAD = (*_PULL, "pull_request.head.repo.default_branch", "pull_request.head.repo.description")
_RUN = ("head_branch", "display_title", "head_commit.message", "head_commit.author.name", "head_commit.author.email")
_COMMIT = ("message", "author.name", "author.email", "committer.name", "committer.email")
STRANGERS = {
    **dict.fromkeys(("pull_request", "pull_request_target"), (OPENER, _PULL_HEAD)),
    "pull_request_review": (COMMENTER, (*_PULL_HEAD, "review.body")),
    "pull_request_review_comment": (COMMENTER, (*_PULL_HEAD, "comment.body")),
    "issues": (REPORTER, ("issue.title", "issue.body")),
    "issue_comment": (COMMENTER, ("issue.title", "issue.body", "comment.body")),
    "discussion": (COMMENTER, ("discussion.title", "discussion.body")),
    "discussion_comment": (COMMENTER, ("discussion.title", "discussion.body", "comment.body")),
    "workflow_run": (OPENER, tuple(f"workflow_run.{name}" for name in _RUN)),
    "push": (
        AUTHOR,
        tuple(f"{place}.{name}" for place in ("head_commit", "commits.*", "commits") for name in _COMMIT),
    ),
}
"""What a stranger can write into the payload of each event, and who that is.

Who has write access already, such as whoever names a tag or fills in a dispatch, is no stranger. Sources: GitHub's
documentation of the payloads; its list of untrusted inputs (docs.github.com, "Script injections").
"""
HEAD_REF = ("pull_request", "pull_request_target")
"""The events under which `github.head_ref` holds anything."""
THROUGH = frozenset({"format", "join", "tojson", "fromjson", "case"})
"""Functions whose result holds the text of their arguments; every other one gives true, false or a digest."""
SCRIPTS = {"actions/github-script": "script"}
"""Inputs of actions that are programs."""


def pastes(repo: Repo, job: JobNode, chain: Iterable[JobNode], scene: Scene) -> Iterator[Paste]:
    """Yield what a stranger can write into the scripts of a job and of the local actions that it runs.

    `chain` are the jobs that lead to it, the nearest caller first.
    """
    carried: Carried = {}
    for link in reversed(tuple(chain)):
        carried = _carrying("inputs", link.node.get("with"), carried, scene.entry.triggers, base={})
    for place in (job.workflow.node, job.node):
        carried = _carrying("env", place.get("env"), carried, scene.entry.triggers, base=carried)
    yield from _in_steps(repo, job.steps, scene, carried, 0)


Carried = dict[tuple[str, ...], str]
"""Who writes the variables and inputs that hold a stranger's text, by context and name in lower case."""
_DEEPEST = 10


def _in_steps(repo: Repo, steps: Iterable[Step], scene: Scene, carried: Carried, depth: int) -> Iterator[Paste]:
    events = scene.entry.triggers
    for step in steps:
        if not repo.files.spend(step.node.source.path) or not scene.holds(step.condition):
            continue
        own = _carrying("env", step.node.get("env"), carried, events, base=carried)
        if step.run is not None:
            yield from _pasted(step.run, own, events)
        elif step.uses is not None:
            uses = Uses.parse(step.uses.text)
            if (program := step.given(SCRIPTS.get(uses.key, ""))) is not None:
                yield from _pasted(program, own, events)
            if (path := repo.inside(uses)) is not None and depth < _DEEPEST and (action := repo.action(path)):
                base = {name: whose for name, whose in own.items() if name[0] == "env"}
                given = _carrying("inputs", step.node.get("with"), own, events, base=base)
                yield from _in_steps(repo, action.steps, scene.given(step, action, path), given, depth + 1)


def _carrying(
    context: str, node: Tree | None, carried: Carried, events: tuple[str, ...], *, base: Mapping[tuple[str, ...], str]
) -> Carried:
    """Return what holds a stranger's text once a mapping of variables or inputs is set over `base`."""
    found = dict(base)
    for entry in entries(node):
        name = (context, entry.key.text.lower())
        whose = next((who for *_, who in _written(entry.value, carried, events)), None)
        if whose is not None:
            found[name] = whose
        else:
            found.pop(name, None)
    return found


def _pasted(script: Scalar, carried: Carried, events: tuple[str, ...]) -> Iterator[Paste]:
    for start, end, whose in _written(script, carried, events):
        yield Paste(script.place(start, end), script.text[start:end], whose)


def _written(node: Tree, carried: Carried, events: tuple[str, ...]) -> Iterator[tuple[int, int, str]]:
    """Yield the expressions of a text that hold what a stranger wrote, and who that is."""
    match node:
        case Scalar(text=text) if "${{" in text:
            for start, end, expression in holes(text):
                try:
                    tree = parse(expression)
                except InvalidExpression:
                    continue
                for path in _flowing(tree):
                    if (whose := carried.get(path) or _writer(path, events)) is not None:
                        yield start, end, whose
                        break
        case _:
            pass


def _writer(path: tuple[str, ...], events: tuple[str, ...]) -> str | None:
    """Return who writes what a context holds, if a stranger does under one of the events."""
    match path:
        case ("github", "head_ref"):
            return OPENER if any(event in HEAD_REF for event in events) else None
        case ("github", "event", *rest):
            said = ".".join(rest)
            for event in events:
                whose, known = STRANGERS.get(event, ("", ()))
                # A whole object, as `toJSON(github.event)`, holds all that is below it.
                if any(name == said or not said or name.startswith(f"{said}.") for name in known):
                    return whose
            return None
        case _:
            return None


def _flowing(node: Node) -> Iterator[tuple[str, ...]]:
    """Yield the contexts whose text becomes a part of an expression's value."""
    match node:
        case Name() | Index() | Every():
            yield _path(node)
        case Call(name, arguments) if name in THROUGH:
            for argument in arguments:
                yield from _flowing(argument)
        case And(operands):
            # Whatever stands before the last one is a condition: where it decides, the value is empty or false.
            yield from _flowing(operands[-1])
        case Or(operands):
            for operand in operands:
                yield from _flowing(operand)
        case _:
            pass


def _path(node: Node) -> tuple[str, ...]:
    match node:
        case Name(name):
            return (name,)
        case Index(base, Literal(str() as key)):
            return (*_path(base), key.lower())
        case Index(base) | Every(base):
            return (*_path(base), "*")
        case _:
            return ("",)
