"""Whose machine a job runs on."""

from __future__ import annotations

import pytest

from preflight.facts.ci import Hosting
from preflight.facts.fact import Unknown


def keys(tags: str) -> str:
    """Return a publish job with some further keys."""
    return f"publish:\n  script: npm publish\n  {tags}\n"


@pytest.mark.parametrize(
    ("tags", "hosting"),
    [
        pytest.param("", Hosting.HOSTED, id="none"),
        pytest.param("tags: []", Hosting.HOSTED, id="an empty list"),
        pytest.param("tags: [saas-linux-medium-amd64]", Hosting.HOSTED, id="GitLab's"),
        pytest.param("tags: [docker]", Hosting.SELF_HOSTED, id="another"),
        pytest.param("tags: [saas-linux-small-amd64, docker]", Hosting.SELF_HOSTED, id="one of two"),
        pytest.param("tags: [$TAG]\n  variables: {TAG: docker}", Hosting.SELF_HOSTED, id="a variable"),
        pytest.param("tags: [$CI_COMMIT_REF_SLUG, docker]", Hosting.SELF_HOSTED, id="one beside a variable"),
    ],
)
def test_tags_tell_whose_machine_it_is(job, tags, hosting):
    """Npm accepts provenance from GitLab's own machines only."""
    (runner,) = job(keys(tags)).runners

    assert runner.value.hosting is hosting


def test_tags_may_be_inherited(job):
    """A company writes them once."""
    (runner,) = job("default: {tags: [docker]}\npublish: {script: npm publish}").runners

    assert (runner.value.labels, str(runner.at)) == (("docker",), ".gitlab-ci.yml:1:17")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(keys("tags: [$TAG]"), id="a variable of the project"),
        pytest.param(f"include: {{template: x}}\n{keys('extends: .far')}", id="a template of others"),
    ],
)
def test_a_machine_that_cannot_be_told_is_unknown(job, text):
    """The settings of the project decide."""
    (runner,) = job(text).runners

    assert isinstance(runner, Unknown)


@pytest.mark.parametrize(
    ("repository", "hosting", "whose"),
    [
        pytest.param("https://gitlab.com/acme/widgets", Hosting.HOSTED, None, id="gitlab.com"),
        pytest.param("https://github.com/acme/widgets", Hosting.HOSTED, None, id="a mirror"),
        pytest.param(
            "https://git.acme.test/acme/widgets",
            Hosting.SELF_HOSTED,
            "the GitLab server `git.acme.test`",
            id="a server of one's own",
        ),
    ],
)
def test_a_server_of_ones_own_has_no_hosted_machines(job, repository, hosting, whose):
    """Sigstore takes tokens of gitlab.com alone."""
    (runner,) = job(keys(""), repository=repository).runners

    assert (runner.value.hosting, runner.value.whose) == (hosting, whose)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(keys("tags: [docker, big]"), keys("tags: [saas-linux-small-amd64]"), id="in brackets"),
        pytest.param(
            keys("tags:\n    - docker\n    - big"), keys("tags:\n    - saas-linux-small-amd64"), id="with dashes"
        ),
    ],
)
def test_the_remedy_asks_for_a_hosted_machine(project, before, after):
    """It is not safe: the build may need what only that machine has."""
    (found,) = project({".gitlab-ci.yml": before}).jobs

    project.apply(found.runners[0].remedy)

    assert (project.root / ".gitlab-ci.yml").read_text("utf-8") == after


def test_shared_tags_are_not_edited(job):
    """Other jobs have them too."""
    found = job("build:\n  script: tsc\n  tags: &t [docker]\npublish:\n  script: npm publish\n  tags: *t\n")

    assert found.runners[0].remedy.edits == ()


def test_a_windows_machine_runs_powershell(job):
    """The shell decides how a script reads."""
    found = job(keys("tags: [saas-windows-medium-amd64]"))

    assert [site.command for site in found.sites] == ["npm publish"]
