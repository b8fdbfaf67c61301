"""What a release must be, as options and the configuration say it, and who is heard first."""

from __future__ import annotations

import pytest

from preflight.errors import ConfigError, UsageError
from preflight.facts.online import Level
from preflight.facts.release import Expectation, Expected
from preflight.readers.expectations import EXPECT, OPTIONS, expected, said

HOME = "https://github.com/acme/widgets"
COMMIT = "d1c6d1113932ddcee243e8b111b6d4aea553df20"


def wanted(*sources):
    """Return what a release of some package must be."""
    return expected("@acme/widgets", "1.0.0", *sources)


@pytest.mark.parametrize(
    ("written", "url"),
    [
        pytest.param("acme/widgets", HOME, id="a slug"),
        pytest.param("https://github.com/acme/widgets", HOME, id="an address"),
        pytest.param("https://github.com/Acme/Widgets", "https://github.com/Acme/Widgets", id="its case is kept"),
        pytest.param("https://gitlab.com/a/b/c", "https://gitlab.com/a/b/c", id="a group of GitLab"),
    ],
)
def test_a_repository_is_written_as_people_write_it(written, url):
    """Compared is the whole address, to the letter."""
    assert said(OPTIONS, repository=written).repository == Expected(url, "--repo")


@pytest.mark.parametrize(
    ("source", "values", "error", "text"),
    [
        pytest.param(OPTIONS, {"repository": "widgets"}, UsageError, "`--repo` names no repository", id="repository"),
        pytest.param(OPTIONS, {"commit": "d1c6d11"}, UsageError, "`--commit` is no whole commit", id="short commit"),
        pytest.param(OPTIONS, {"commit": "g" * 40}, UsageError, "`--commit` is no whole commit", id="no hexadecimal"),
        pytest.param(OPTIONS, {"ref": "main"}, UsageError, "`--ref` is no whole ref", id="ref"),
        pytest.param(EXPECT, {"ref": "main"}, ConfigError, r"preflight.toml \[expect\] ref", id="configuration"),
    ],
)
def test_what_cannot_be_compared_to_the_letter_is_refused(source, values, error, text):
    """A beginning of a commit fits many."""
    with pytest.raises(error, match=text):
        said(source, **values)


def test_a_commit_may_be_written_in_capitals():
    """Its digits are a number."""
    assert said(OPTIONS, commit=COMMIT.upper()).commit == Expected(COMMIT, "--commit")


@pytest.mark.parametrize(
    ("workflow", "repository", "path"),
    [
        pytest.param("release.yml", None, ".github/workflows/release.yml", id="a file name"),
        pytest.param("release.yml", "acme/widgets", ".github/workflows/release.yml", id="on github.com"),
        pytest.param(".github/workflows/a.yml", "acme/widgets", ".github/workflows/a.yml", id="a path"),
        pytest.param("./.github/workflows/a.yml", None, ".github/workflows/a.yml", id="a path from here"),
        pytest.param(".gitlab-ci.yml", None, ".gitlab-ci.yml", id="the pipeline of GitLab"),
        pytest.param("ci.yml", "https://gitlab.com/acme/widgets", "ci.yml", id="a pipeline by another name"),
    ],
)
def test_a_workflow_is_named_by_its_file_or_its_path(workflow, repository, path):
    """The file name is what npm's trusted publishers ask for."""
    assert wanted(said(OPTIONS, workflow=workflow, repository=repository)).workflow == Expected(path, "--workflow")


SHARED = "https://github.com/acme/shared/.github/workflows/publish.yml"


@pytest.mark.parametrize(
    ("signer", "address"),
    [
        pytest.param("publish.yml", f"{HOME}/.github/workflows/publish.yml", id="a file name"),
        pytest.param("./.github/workflows/p.yml", f"{HOME}/.github/workflows/p.yml", id="a path from here"),
        pytest.param("acme/shared/.github/workflows/publish.yml", SHARED, id="of another repository"),
        pytest.param(
            "acme/shared/.github/workflows/publish.yml@refs/heads/main", f"{SHARED}@refs/heads/main", id="with a ref"
        ),
        pytest.param(f"{SHARED}@{COMMIT}", f"{SHARED}@{COMMIT}", id="an address with a commit"),
    ],
)
def test_a_signer_is_named_as_a_job_calls_it(signer, address):
    """A reusable workflow lies here or elsewhere."""
    assert wanted(said(OPTIONS, repository="acme/widgets", signer=signer)).signer == Expected(address, "--signer")


@pytest.mark.parametrize(
    ("signer", "text"),
    [
        pytest.param("publish.yml", "does not say in which repository", id="without a repository"),
        pytest.param("acme/shared/.github/workflows/publish.yml@v1", "names no whole ref", id="a ref in short"),
    ],
)
def test_a_signer_that_cannot_be_compared_is_refused(signer, text):
    """A short ref may be a tag or a branch."""
    with pytest.raises(UsageError, match=text):
        wanted(said(OPTIONS, signer=signer))


def test_the_first_who_says_a_value_is_heard():
    """An option is for once, the configuration for ever."""
    options = said(OPTIONS, ref="refs/heads/main")
    configured = said(EXPECT, ref="refs/tags/v1", repository="acme/widgets", level=Level.TRUSTED_PUBLISHER)

    found = wanted(options, configured)

    assert (found.ref, found.repository, found.level) == (
        Expected("refs/heads/main", "--ref"),
        Expected(HOME, "preflight.toml [expect] repository"),
        Level.TRUSTED_PUBLISHER,
    )


def test_a_source_of_another_repository_is_not_heard():
    """Its commit and its run belong to another project."""
    other = Expectation(repository=Expected("https://github.com/me/widgets", "the CI run"), run=Expected("x", "y"))

    found = wanted(said(OPTIONS, repository="acme/widgets"), other)

    assert (found.repository, found.run) == (Expected(HOME, "--repo"), None)


@pytest.mark.parametrize(
    ("option", "signer"),
    [
        pytest.param("release.yml", "publish.yml", id="of the same workflow"),
        pytest.param("other.yml", None, id="of another workflow"),
    ],
)
def test_a_signer_belongs_to_its_workflow(option, signer):
    """The checkout knows which reusable workflow it calls, and from where."""
    here = Expectation(
        workflow=Expected(".github/workflows/release.yml", "the pipelines here"),
        signer=Expected(".github/workflows/publish.yml", "the pipelines here"),
    )

    found = wanted(said(OPTIONS, repository="acme/widgets", workflow=option), here)

    assert (found.signer and found.signer.value) == (signer and f"{HOME}/.github/workflows/{signer}")


def test_what_belongs_to_a_commit_comes_with_it():
    """That the tool commits excuses no commit that an option names."""
    here = Expectation(commit=Expected("a" * 40, "git tag v1"), ancestors=("b" * 40,), commits_while_releasing=True)

    found = wanted(said(OPTIONS, commit=COMMIT), here)

    assert (found.ancestors, found.commits_while_releasing) == (None, False)
