"""A project, a rule book and a run that show every kind of line, and the golden files."""

from __future__ import annotations

import os
import sys
from datetime import date
from pathlib import Path, PurePosixPath
from types import SimpleNamespace

import pytest

from preflight.engine import judge
from preflight.facts.ci import Credential, Hosting, Job, PublishSite, Runner, System, Tool, Via
from preflight.facts.fact import Known, Unknown
from preflight.facts.project import (
    By,
    On,
    Origin,
    Package,
    Project,
    Repository,
    SameRepository,
    Shipment,
)
from preflight.facts.toolchain import USER_FLOOR, Npm, Reason, Version
from preflight.facts.work import Work
from preflight.finding import Finding, Related, Severity
from preflight.ignores import in_sources
from preflight.report.run import Run
from preflight.report.screen import Screen
from preflight.rulebook import Needs, Phase, Rule, Texts
from preflight.source.edits import Edit, Fix, Safety
from preflight.source.text import Source

GOLDEN = Path(__file__).parent / "golden"
REGISTRY = "https://registry.npmjs.org/"
RELEASE = PurePosixPath(".github/workflows/release.yml")
WORKFLOW = """\
name: release
on:
  push:
    tags: ["v*"]
permissions:
  contents: read
jobs:
  publish:
    runs-on: blacksmith-4vcpu-ubuntu-2404
    environment: npm
    steps:
      - uses: actions/checkout@v4
      # preflight: ignore[unpinned-action] held by the organisation's policy
      - uses: acme/setup@v1
      - run: npm publish --//registry.example/:_authToken=s3cr3t-value
      - run: |
          cd packages/core
          npm run release
"""
MANIFEST = """\
{
\t"name": "@acme/%s",
\t"version": "2.4.0",
\t"repository": "https://github.com/Acme/widget",
\t"scripts": {"release": "npm publish --provenance"}
}
"""


def _located(source, text, after=""):
    start = source.text.index(text, source.text.index(after) if after else 0)
    return source.at(start, start + len(text))


@pytest.fixture
def sources():
    """Return the files of the project."""
    names = ("core", "cli", "react", "vue", "svelte")
    manifests = {name: Source(PurePosixPath(f"packages/{name}/package.json"), MANIFEST % name) for name in names}
    return SimpleNamespace(
        release=Source(RELEASE, WORKFLOW), root=Source(PurePosixPath("package.json"), "{}"), **manifests, names=names
    )


@pytest.fixture
def project(sources):
    """Return five packages that one job publishes from a self-hosted runner."""
    release = sources.release
    packages = tuple(
        Package(
            f"@acme/{name}",
            PurePosixPath(f"packages/{name}/package.json"),
            _located(getattr(sources, name), '"name"'),
            version="2.4.0",
            private=False,
            access="public",
            registry=None,
        )
        for name in sources.names
    )
    step = _located(release, "npm run release")
    site = PublishSite(
        _located(sources.core, "npm publish --provenance"),
        Tool.NPM,
        command="npm publish --provenance",
        sender=Known(Tool.NPM),
        packages=Known(packages),
        registry=Known(REGISTRY),
        credential=Known(Credential.OIDC),
        npm=(
            Known(
                Npm(
                    Version(11, 19),
                    exact=False,
                    why=(Reason("node-version 24", _located(release, "acme/setup@v1")), Reason("bundles npm 11.19.0")),
                )
            ),
        ),
        floor=USER_FLOOR,
        trusted=Known(value=True),
        via=(Via(step, "runs script release"), Via(_located(sources.core, '"release"'), "script release")),
    )
    job = Job(
        "publish",
        _located(release, "publish"),
        system=System.GITHUB,
        id_token=Known(value=False),
        runners=(Known(Runner(Hosting.SELF_HOSTED, ("blacksmith-4vcpu-ubuntu-2404",), "Blacksmith")),),
        triggers=("push",),
        environment=Known("npm"),
        sites=(site,),
        artifacts=(),
        entry="release.yml",
        builds=True,
        work=Work(),
    )
    shipments = tuple(
        Shipment(site, package, job="publish", provenance=Known(On(By.FLAG)), repository=Known(SameRepository()))
        for package in packages
    )
    return Project(
        repository=Known(Repository("https://github.com/acme/widgets", Origin.REMOTE)),
        packages=packages,
        jobs=(job,),
        shipments=shipments,
        borrowed=(),
        unread=(),
        unreadable=(),
        broken=(),
        looked_at=("GitHub workflows", "scripts of package.json"),
        manifest=None,
    )


@pytest.fixture
def empty():
    """Return a project in which nothing publishes."""
    return Project(
        repository=Unknown("this folder is in no git repository"),
        packages=(),
        jobs=(),
        shipments=(),
        borrowed=(),
        unread=(),
        unreadable=(),
        broken=(),
        looked_at=("GitHub workflows",),
        manifest=None,
    )


@pytest.fixture
def rule(monkeypatch):
    """Make a rule whose code yields given findings."""

    def make(name, *findings, severity="error", group="workflow", crash=None, **given):
        def check(_):
            yield from findings
            if crash:
                raise crash

        monkeypatch.setitem(sys.modules, f"fake_rules.{name}", SimpleNamespace(check=check))
        texts = {"why": "Because.\nAnd because."}
        texts |= {key: given.pop(key) for key in ("why", "prevents", "references", "fix") if key in given}
        return Rule(
            name,
            Path(f"{name.replace('-', '_')}.toml"),
            **{
                "code": f"fake_rules.{name}",
                "title": f"The rule {name}",
                "severity": Severity(severity),
                "phase": Phase.CHECK,
                "group": group,
                "since": "0.1.0",
                "texts": Texts(**texts),
                "needs": Needs.NOTHING,
                **given,
            },
        )

    return make


@pytest.fixture
def rules(sources, rule):
    """Return rules that together make every kind of finding."""
    release = sources.release
    runner = _located(release, "blacksmith-4vcpu-ubuntu-2404")
    mismatches = [
        Finding(
            _located(getattr(sources, name), '"https://github.com/Acme/widget"'),
            f"package `@acme/{name}` names `https://github.com/Acme/widget`, the build runs in `acme/widgets`",
            package=f"@acme/{name}",
            label="npm compares this letter for letter",
            remedy=Fix(
                "set it to git+https://github.com/acme/widgets.git",
                Safety.SAFE,
                (
                    Edit(
                        _located(getattr(sources, name), '"https://github.com/Acme/widget"'),
                        '"git+https://github.com/acme/widgets.git"',
                    ),
                ),
            ),
        )
        for name in sources.names
    ]
    return (
        rule(
            "repository-mismatch",
            *mismatches,
            group="package",
            core=True,
            prevents=("E422 Failed to validate repository information",),
        ),
        rule(
            "self-hosted-runner",
            Finding(
                runner,
                "job `publish` publishes from a runner of Blacksmith",
                job="publish",
                label="reports itself as self-hosted",
                related=(
                    Related(_located(release, "npm run release"), "publishes here"),
                    Related(_located(sources.core, '"release"'), "script release"),
                ),
                remedy=Fix("runs-on: ubuntu-latest", Safety.UNSAFE),
            ),
            core=True,
            prevents=("E422 in GitLab CI only", 'E422 Unsupported GitHub Actions runner environment: "self-hosted"'),
            fix=(("github", "Use a hosted runner."),),
        ),
        rule(
            "unpinned-action",
            Finding(_located(release, "actions/checkout@v4"), "action `actions/checkout` is held by `v4` only"),
            Finding(_located(release, "acme/setup@v1"), "action `acme/setup` is held by `v1` only"),
            fix=(("github", "Write the full commit\nand the version."),),
        ),
        rule(
            "long-lived-token",
            Finding(
                _located(release, "npm publish --//registry.example/:_authToken=s3cr3t-value"),
                "the token `npm_abcdefghijklmnopqrstuvwxyz0123456789` stands in the file",
            ),
            severity="warning",
            group="credentials",
        ),
        rule(
            "old-npm",
            Finding(
                _located(release, "publish"),
                "cannot tell which npm runs `npm publish`: `node-version` is \x1b[31m${{ inputs.node }}\u202e",
                sure=False,
                job="publish",
            ),
            group="toolchain",
        ),
        rule("stale-data", Finding(None, "the table of runners is a year old ##[warning]"), severity="note"),
        rule("restricted-access", group="registry"),
        rule("foreign-registry", group="registry", needs=Needs.PUBLISH_SITE, phase=Phase.VERIFY),
    )


@pytest.fixture
def results(project, rules, sources):
    """Return what the engine makes of it; one finding is ignored in place."""
    return judge(project, rules, in_sources([sources.release]), today=date(2026, 11, 21))


@pytest.fixture
def run(results, project):
    """Return the run that the golden files show."""
    return Run(results=results, project=project, version="1.2.3", fail_on=Severity.ERROR)


@pytest.fixture
def piped():
    """Return a pipe."""
    return Screen()


@pytest.fixture
def golden():
    """Compare a text with a golden file; with PREFLIGHT_GOLDEN=write in the environment, write it instead."""

    def compare(name, text):
        path = GOLDEN / name
        if os.environ.get("PREFLIGHT_GOLDEN") == "write":
            path.write_text(text, encoding="utf-8")
        return path.read_text(encoding="utf-8") == text

    return compare
