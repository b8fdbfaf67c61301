"""Id tokens that jobs of a publish workflow may mint without a use for one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.fact import Fact, Known, Unknown
from preflight.facts.work import Grant
from preflight.readers.github.permissions import granted, granting
from preflight.readers.github.workflow import Uses

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from preflight.readers.github.repo import Repo
    from preflight.readers.github.workflow import JobNode, Step, Workflow

MINTING = (
    "attest",
    "aws-",
    "azure/",
    "google-github-actions/",
    "gcp",
    "sigstore/",
    "cosign",
    "slsa",
    "pypi",
    "rubygems",
    "crates-io-auth",
    "vault",
    "jsr",
    "oidc",
    "deploy-pages",
    "workload-identity",
    "codecov",
    "goreleaser",
    "octo-sts",
    "aliyun",
    "tailscale",
    "jfrog",
    "artifactory",
    "trusted-publish",
)
"""Parts of names of actions that log in with an id token, sign with one, or can."""
PLAIN = (
    "actions/checkout",
    "actions/setup-",
    "actions/cache",
    "actions/upload-artifact",
    "actions/download-artifact",
    "actions/labeler",
    "actions/stale",
    "pnpm/action-setup",
    "oven-sh/setup-bun",
    "denoland/setup-deno",
    "dtolnay/rust-toolchain",
    "softprops/action-gh-release",
    "ncipollo/release-action",
    "googleapis/release-please-action",
    "google-github-actions/release-please-action",
    "release-drafter/release-drafter",
    "step-security/harden-runner",
    "dorny/paths-filter",
    "peter-evans/create-pull-request",
    "8398a7/action-slack",
    "slackapi/slack-github-action",
)
"""Beginnings of names of actions that do nothing with an id token."""
_DEEPEST = 3
COMMANDS = (
    "id_token",
    "id-token",
    "oidc",
    "sigstore",
    "cosign",
    "jsr ",
    "deno publish",
    "provenance",
    "attest",
    "aws ",
)
"""Texts that say that a script may do something with an id token."""


def grants(repo: Repo, holding: Iterable[Workflow], publishing: Collection[tuple[object, str]]) -> Iterator[Grant]:
    """Yield every id token that is granted to a job besides the publish jobs, of the workflows that hold one.

    `publishing` are the publish jobs and those that lead to one, by path of the workflow and name.
    """
    for workflow in holding:
        whole = workflow.permissions
        for job in workflow.jobs.values():
            key = job.permissions
            if key is None and (workflow.path, job.name) not in publishing and _inherits(repo, job, publishing):
                yield Grant(job.at, job.name, _needed(repo, job, publishing))
            if key is None or granted(key.value, "id-token") != "write" or (workflow.path, job.name) in publishing:
                continue
            needed = _needed(repo, job, publishing)
            yield Grant(granting(key), job.name, needed, whole=whole is not None and key.key is whole.key)


def _inherits(repo: Repo, job: JobNode, publishing: Collection[tuple[object, str]]) -> bool:
    """Tell whether a job without a key has the id token that a caller grants for the sake of a publish job."""
    for chain in repo.chains(job.workflow):
        keys = [key for link in chain if (key := link.permissions)]
        led = bool(chain) and (chain[0].workflow.path, chain[0].name) in publishing
        if led and chain[-1].permissions and all(granted(key.value, "id-token") == "write" for key in keys):
            return True
    return False


def _needed(repo: Repo, job: JobNode, publishing: Collection[tuple[object, str]], depth: int = 0) -> Fact[bool]:
    if job.uses is None:
        return _used(repo, job.steps, 0)
    called = repo.called(Uses.parse(job.uses.text))
    if called is None or depth > _DEEPEST:
        return Unknown("what the called workflow does with it is not looked into", job.uses.at)
    answers = [
        Known(value=True) if (called.path, each.name) in publishing else _needed(repo, each, publishing, depth + 1)
        for each in called.jobs.values()
        if each.permissions is None or granted(each.permissions.value, "id-token") == "write"
    ]
    if any(isinstance(answer, Known) and answer.value for answer in answers):
        return Known(value=True)
    return next((answer for answer in answers if isinstance(answer, Unknown)), Known(value=False))


def _used(repo: Repo, steps: Iterable[Step], depth: int) -> Fact[bool]:
    doubt: Unknown | None = None
    for step in steps:
        if step.run is not None:
            if any(mark in step.run.text.lower() for mark in COMMANDS):
                return Known(value=True)
            if repo.notable(step.run.text) and "publish" in step.run.text:
                doubt = Unknown("a script of the job may publish", step.run.at)
        elif step.uses is not None:
            match _of_action(repo, Uses.parse(step.uses.text), step, depth):
                case Known(True) as used:
                    return used
                case Unknown() as unknown:
                    doubt = unknown
                case Known():
                    pass
    return doubt or Known(value=False)


def _of_action(repo: Repo, uses: Uses, step: Step, depth: int) -> Fact[bool]:
    if (path := repo.inside(uses)) is not None:
        action = repo.action(path)
        if action is None or not action.steps or depth > _DEEPEST:
            return Unknown(f"what `{uses.text}` does is not looked into", step.at)
        return _used(repo, action.steps, depth + 1)
    if any(part in uses.key for part in MINTING) or uses.key == "actions/github-script":
        return Known(value=True)
    if uses.key.startswith(PLAIN) or uses.key.partition("/")[2].startswith("setup-"):
        return Known(value=False)
    return Unknown(f"what `{uses.name}` does with it is not known", step.at)
