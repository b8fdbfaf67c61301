"""Actions of which it is known, or doubtful, that they publish."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.readers.publishing_actions import actions

if TYPE_CHECKING:
    from preflight.readers.github.workflow import Uses
    from preflight.readers.publishing_actions import PublishingAction

NOT_TO_NPM = (
    "pkg-pr-new",
    "gh-pages",
    "github-pages",
    "docker",
    "pypi",
    "crates",
    "vsce",
    "vscode",
    "jsr",
    "pages",
    "nuget",
    "rubygems",
    "maven",
    "chrome",
    "firefox",
    "draft",
    "please",
    "notes",
    "gh-release",
    "create-release",
    "release-action",
    "test-results",
    "unit-test",
    "junit",
    "report",
    "wrangler",
    "surge",
    "netlify",
    "cloudflare",
)
"""Parts of names of actions that publish something else."""


def known(uses: Uses) -> PublishingAction | None:
    """Return what is known of an action that publishes or runs a command line, or None."""
    return actions().get(uses.key)


def doubtful(uses: Uses) -> str | None:
    """Return why an action that is not in the table might publish to npm, or None where its name does not say so."""
    if uses.local or uses.docker or known(uses) or uses.key.startswith(("actions/", "github/", "docker/")):
        return None
    name = uses.key.split("/", 1)[-1]
    if "publish" in name and ("npm" in name or "package" in name) and not any(part in name for part in NOT_TO_NPM):
        return "its name says that it publishes, and what it does is not known"
    return None
