"""The scripts of a job, walked in order with all that surrounds them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.fact import Fact, Known, Unknown
from preflight.readers.circleci.folders import below, inside
from preflight.readers.circleci.machines import shell, variables
from preflight.readers.circleci.values import filled
from preflight.readers.kept_secrets import hidden
from preflight.readers.node_versions import node as node_of
from preflight.readers.pipeline import Script, Setting
from preflight.readers.scripts import WORKSPACE

if TYPE_CHECKING:
    from preflight.facts.project import Repository
    from preflight.readers.circleci.machines import Machine
    from preflight.readers.circleci.steps import Step
    from preflight.readers.shell import Shell
    from preflight.readers.toolchain import Toolchain
    from preflight.readers.walk import Walk
    from preflight.source.text import Location

ID_TOKEN = "NPM_ID_TOKEN"  # noqa: S105 -- the name of a variable, not a secret
"""The variable that npm takes the OIDC token from; CircleCI makes one for npm only where a job asks for it."""


def follow(
    walk: Walk, steps: tuple[Step, ...], machine: Machine, start: tuple[Setting, ...], at: Location
) -> frozenset[Location]:
    """Walk the steps of a job and return the places where it refers to secrets that no file sets.

    `start` are the variables that CircleCI itself sets, `at` is the job.
    """
    scripts = [command.scalar for step in steps if (command := step.command)]
    own = (*start, *machine.env())
    declared = {setting.name for setting in own}
    # Contexts and the project's settings give a job its secrets, which no file declares.
    kept = hidden(walk.files, scripts, at, trusted=any(ID_TOKEN in script.text for script in scripts))
    env = (*(setting for setting in kept if setting.name not in declared), *own)
    usual, folder = machine.shell(), machine.folder()
    root = folder
    for step in steps:
        if step.name == "checkout" and (path := step.option("path")) is not None:
            root = below(folder, step.scope.fact(path))
        elif step.orb is not None:
            walk.toolchain = _installed(step, walk.toolchain)
        elif (command := step.command) is not None:
            named = step.option("working_directory")
            here = below(folder, step.scope.fact(named)) if named is not None else folder
            text, holes = filled(command.scalar.text, command.scope)
            given = tuple(variables(step.option("environment"), step.scope))
            walk.script(
                Script(
                    command.scalar,
                    text,
                    _shell(step, usual),
                    cwd=inside(here, root),
                    env=(*env, *walk.env, *given),
                    holes=holes,
                    via=step.via,
                ),
                step.led,
            )
    return frozenset(setting.at for setting in kept)


def predefined(repository: Fact[Repository], at: Location) -> tuple[Setting, ...]:
    """Return the variables that CircleCI itself sets, as far as they are the same in every run."""
    known = {"CI": "true", "CIRCLECI": "true", "CIRCLE_WORKING_DIRECTORY": WORKSPACE}
    match repository:
        case Known(found) if "/" in found.slug:
            owner, _, name = found.slug.rpartition("/")
            known |= {"CIRCLE_PROJECT_USERNAME": owner, "CIRCLE_PROJECT_REPONAME": name}
        case _:
            pass
    return tuple(Setting(name, Known(value), at) for name, value in known.items())


def id_token(stepped: list[tuple[Step, ...]], walks: list[Walk], at: Location) -> Fact[bool]:
    """Return whether a job makes the OIDC token that npm takes; CircleCI's own has another audience."""
    commands = (command for steps in stepped for step in steps if (command := step.command))
    if (command := next((each for each in commands if ID_TOKEN in each.scalar.text), None)) is not None:
        return Known(value=True, at=command.scalar.at)
    settings = (setting for walk in walks for sent in walk.sent for setting in sent.env)
    setting = next((each for each in settings if each.name == ID_TOKEN), None)
    return Known(value=True, at=setting.at) if setting is not None else Known(value=False, at=at)


def _shell(step: Step, usual: Shell) -> Shell:
    named = step.option("shell")
    match step.scope.fact(named) if named is not None else None:
        case Known(said):
            return shell(said)
        case _:
            return usual


def _installed(step: Step, toolchain: Toolchain) -> Toolchain:
    """Return what the command `install` of CircleCI's orb for Node.js leaves."""
    if not (step.orb or "").startswith("circleci/node@") or not step.name.endswith("/install"):
        return toolchain
    named = step.option("node-version")
    if named is None:
        return toolchain.with_node(Unknown(f"`{step.name}` takes the newest Node.js, or the one of a file", step.at))
    match step.scope.fact(named):
        case Known(spec):
            return toolchain.with_node(node_of(spec, named.at, f"`{step.name}` takes Node.js {spec}"))
        case Unknown(why):
            return toolchain.with_node(Unknown(why, named.at))
