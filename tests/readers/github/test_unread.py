"""Reusable workflows of other repositories that might publish, and those that give no sign of it."""

from __future__ import annotations

import pytest

CALL = """
on: push
{top}
jobs:
  call:
    uses: acme/workflows/.github/workflows/{name}@v1
    {job}
"""


@pytest.mark.parametrize(
    ("top", "name", "job"),
    [
        pytest.param("permissions: {id-token: write}", "node.yml", "", id="the workflow grants an id token"),
        pytest.param("", "node.yml", "permissions: {id-token: write}", id="the job grants an id token"),
        pytest.param("", "node.yml", "secrets: {NPM_TOKEN: '${{ secrets.NPM_TOKEN }}'}", id="a token of npm"),
        pytest.param("", "node.yml", "secrets: {token: '${{ secrets.NODE_AUTH_TOKEN }}'}", id="a token's own name"),
        pytest.param("", "npm-publish.yml", "", id="its name says so"),
        pytest.param("", "release.yml", "secrets: inherit", id="a release with all secrets"),
    ],
)
def test_a_call_that_hands_over_what_a_publish_needs_is_listed(project, top: str, name: str, job: str) -> None:
    """The workflow cannot be looked into, but what it is given says what it is for."""
    found = project({".github/workflows/ci.yml": CALL.format(top=top, name=name, job=job)})

    assert [each.job for each in found.unread] == ["call"]


@pytest.mark.parametrize(
    ("top", "name", "job"),
    [
        pytest.param("", "lint.yml", "", id="nothing says so"),
        pytest.param("", "lint.yml", "secrets: inherit", id="all secrets"),
        pytest.param("permissions: {contents: write}", "release-drafter.yml", "", id="drafts a release"),
        pytest.param("", "deploy-pages.yml", "permissions: {id-token: write, pages: write}", id="deploys pages"),
        pytest.param("", "docker-publish.yml", "permissions: {packages: write}", id="pushes an image"),
        pytest.param("", "npm-publish.yml", "if: false", id="never runs"),
        pytest.param("", "npm-publish.yml", "if: github.repository == 'someone/else'", id="runs elsewhere"),
    ],
)
def test_a_call_without_a_sign_is_not_listed(project, top: str, name: str, job: str) -> None:
    """A list of everything that is called helps nobody."""
    found = project({".github/workflows/ci.yml": CALL.format(top=top, name=name, job=job)})

    assert found.unread == ()
