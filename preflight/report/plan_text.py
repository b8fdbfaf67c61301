"""The plan for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.fact import Known, Unknown
from preflight.report.asking import inquiries
from preflight.report.plan import (
    id_token,
    names_of,
    oldest_npm,
    one,
    provenance,
    publishers,
    runner,
    stops_of,
    tool_version,
)
from preflight.report.screen import Ink

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.facts.project import Project
    from preflight.report.plan import Stop
    from preflight.report.screen import Screen

UNTOLD = "cannot be told"
NAMED = 5
"""Packages of one site that are named."""
COMMAND = "publishes here"
"""What the last link of a chain says, which is the place of the command itself."""
LABELS = 13
"""Characters for the name of a field."""


def plan_text(project: Project, screen: Screen, *, every: bool = False) -> Iterator[str]:
    """Return the lines of the plan; with `every`, no list is shortened."""
    match project.repository:
        case Known(repository):
            url = screen.clean(repository.url)
            yield f"{screen.ink('Repository', Ink.BOLD)} {url} (from the {repository.origin})"
        case Unknown(why):
            yield f"{screen.ink('Repository', Ink.BOLD)} {UNTOLD}: {screen.clean(why)}"
    for line in inquiries(project):
        yield from screen.wrap(screen.clean(line), "  ", "")
    yield ""
    stops = stops_of(project)
    if not stops:
        looked = ", ".join(project.looked_at) or "this folder"
        yield from screen.wrap(f"Nothing publishes: no publish site was found in {screen.clean(looked)}.", "")
    for stop in stops:
        yield from _stop(stop, project, screen, every=every)
        yield ""
    for unread in project.unread:
        text = f"{unread.at} {unread.uses} might publish: {unread.why}"
        yield from screen.wrap(screen.clean(text), "  ", "")
    commands = dict.fromkeys(str(publisher["command"]) for publisher in publishers(project, stops))
    if commands:
        yield screen.ink("So that npm trusts these jobs, once per package:", Ink.BOLD)
        yield from (f"  {screen.clean(command)}" for command in commands)


def _stop(stop: Stop, project: Project, screen: Screen, *, every: bool) -> Iterator[str]:
    site, job = stop.site, stop.job
    yield f"{screen.ink(screen.clean(site.command), Ink.BOLD)}"
    yield f"  {screen.ink('-->', Ink.BLUE)} {screen.clean(str(site.at))}"
    for name, value in _fields(stop, project, every=every):
        shown = screen.clean(value)
        yield from screen.wrap(shown, " " * (LABELS + 4), f"    {name.ljust(LABELS)}")
    for link in (*site.via, *job.chain):
        name, what = ("stands in", "") if link.what == COMMAND else ("through", f"{screen.clean(link.what)} ")
        where = screen.clean(str(link.at))
        yield f"    {name.ljust(LABELS)}{what}{f'({where})' if what else where}"


def _fields(stop: Stop, project: Project, *, every: bool) -> Iterator[tuple[str, str]]:
    site, job = stop.site, stop.job
    yield "packages", _packages(stop, project, every=every)
    yield "registry", site.registry.value if isinstance(site.registry, Known) else UNTOLD
    yield "job", f"{job.name} of {', '.join(dict.fromkeys(each.entry for each in stop.jobs))}"
    if triggers := dict.fromkeys(trigger for each in stop.jobs for trigger in each.triggers):
        yield "started by", ", ".join(triggers)
    yield "tool", f"{site.tool} {tool_version(site) or ''}".rstrip()
    if site.npm:
        npm = oldest_npm(site)
        why = f" ({', '.join(reason.what for reason in npm.why)})" if npm and npm.why else ""
        yield "npm", f"{npm.version}{'' if npm.exact else ' or newer'}{why}" if npm else UNTOLD
    machine = runner(stop.jobs)
    labels = machine["labels"]
    names = ", ".join(map(str, labels)) if isinstance(labels, list) else ""
    yield "runner", f"{machine['hosting'] or UNTOLD}" + (f" ({names})" if names else "")
    yield "id token", {True: "granted", False: "not granted", None: UNTOLD}[id_token(stop.jobs)]
    yield "credential", site.credential.value.value if isinstance(site.credential, Known) else UNTOLD
    on, by = provenance(stop)
    yield "provenance", {True: "on", False: "off", None: UNTOLD}[on] + (f", by {by}" if by else "")
    if environment := one(each.environment for each in stop.jobs):
        yield "environment", environment
    if site.staged:
        yield "staged", "yes: a maintainer approves it before it is public"


def _packages(stop: Stop, project: Project, *, every: bool) -> str:
    names = names_of(stop.site)
    if names is None:
        return UNTOLD
    versions = {package.name: package.version for package in project.packages}
    shown = [" ".join(filter(None, (name, versions.get(name)))) for name in names]
    if every or len(shown) <= NAMED:
        return ", ".join(shown) or "none"
    return f"{', '.join(shown[:NAMED])} and {len(shown) - NAMED} more"
