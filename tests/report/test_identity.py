"""The identity of the release in a line."""

from __future__ import annotations

import pytest

from preflight.facts.ci import Tool
from preflight.facts.fact import Known, Unknown
from preflight.records import replace
from preflight.report.identity import identities, tag_command


def _with_site(project, count=1, **changes):
    site = replace(project.jobs[0].sites[0], **changes)
    jobs = tuple(replace(project.jobs[0], entry=f"{number}.yml", sites=(site,)) for number in range(count))
    return replace(project, jobs=jobs)


@pytest.fixture
def single(project):
    """Return a project of one package at its root."""
    package = replace(project.packages[0], root=True)
    return _with_site(replace(project, packages=(package,)), packages=Known((package,)))


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        pytest.param({}, "@acme/core 2.4.0  built by 0.yml in acme/widgets → npm", id="one package"),
        pytest.param(
            {"packages": Unknown("x")},
            "packages that cannot be told  built by 0.yml in acme/widgets → npm",
            id="unknown",
        ),
        pytest.param(
            {"registry": Known("https://npm.acme.example/"), "for_npm": False},
            "@acme/core 2.4.0  built by 0.yml in acme/widgets → https://npm.acme.example/",
            id="another registry",
        ),
        pytest.param(
            {"registry": Unknown("x")},
            "@acme/core 2.4.0  built by 0.yml in acme/widgets → a registry that cannot be told",
            id="unknown registry",
        ),
    ],
)
def test_the_line_says_what_goes_where(single, changes, line):
    """Most failures of trusted publishing are visible there."""
    assert identities(_with_site(single, **changes)) == (line,)


def test_a_package_without_a_version_is_named(single):
    """The release tool will give it one."""
    package = replace(single.packages[0], version=None)

    found = identities(replace(_with_site(single, packages=Known((package,))), repository=Unknown("no git")))

    assert found == ("@acme/core  built by 0.yml → npm",)


def test_a_site_without_a_package_says_so(single):
    """`0 packages` reads like a mistake of preflight."""
    assert identities(_with_site(single, packages=Known(())))[0].startswith("no package  built by")


def test_one_more_site_is_singular(project):
    """A report that cannot count is not believed."""
    assert identities(_with_site(project, count=4))[3:] == ("and 1 more publish site",)


def test_many_sites_are_told_by_the_first(project):
    """Thirty lines would push the verdict off the screen."""
    assert identities(_with_site(project, count=5))[3:] == ("and 2 more publish sites",)


def test_the_next_step_can_be_copied(single):
    """The tag is what comes next."""
    assert tag_command(single, "v{version}") == "git tag -a v2.4.0 && git push origin v2.4.0"


def test_there_is_no_next_step_without_a_pattern(single):
    """The files do not tell which tags start the release."""
    assert tag_command(single, None) is None


@pytest.mark.parametrize(
    ("pattern", "command"),
    [
        ("{name}@{version}", "git tag -a @acme/core@2.4.0 && git push origin @acme/core@2.4.0"),
        ("v{version}; rm -rf ~", None),
        ("-d{version}", None),
    ],
)
def test_the_tag_follows_the_pattern(single, pattern, command):
    """And a pattern that is none is not put into a command."""
    assert tag_command(single, pattern) == command


@pytest.mark.parametrize(
    "version",
    ["2.4.0; rm -rf ~", "$(id)", "latest", None, "1.2.3\n", "1.2.3-$(id)"],
    ids=["semi", "sub", "tag", "none", "lf", "pre"],
)
def test_no_command_is_made_of_a_strange_version(single, version):
    """A line to copy must not run what the repository says."""
    package = replace(single.packages[0], version=version)

    assert tag_command(_with_site(single, packages=Known((package,))), "v{version}") is None


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"tool": Tool.SEMANTIC_RELEASE}, id="the tool decides the version"),
        pytest.param({"packages": Unknown("x")}, id="unknown packages"),
        pytest.param({"count": 2}, id="several sites"),
    ],
)
def test_there_is_no_next_step_where_it_is_not_plain(single, changes):
    """A wrong hint is worse than none."""
    assert tag_command(_with_site(single, **changes), "v{version}") is None
