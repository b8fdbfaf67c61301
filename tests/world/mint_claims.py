"""Who signs in the fake world, and what they say: claims of a certificate, predicates, statements."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

GITHUB_ISSUER, GITLAB_ISSUER = "https://token.actions.githubusercontent.com", "https://gitlab.com"
COMMIT = "d1c6d1113932ddcee243e8b111b6d4aea553df20"
SLSA_V1, SLSA_V02 = "https://slsa.dev/provenance/v1", "https://slsa.dev/provenance/v0.2"
PUBLISH = "https://github.com/npm/attestation/tree/main/specs/publish/v0.1"
STATEMENT_V1, STATEMENT_V01 = "https://in-toto.io/Statement/v1", "https://in-toto.io/Statement/v0.1"


@dataclass(frozen=True)
class Claims:
    """Who signs, as Fulcio writes it into a certificate: the name, and the extensions by number."""

    signer: str
    extensions: dict[int, str]
    predicate: dict[str, Any] = field(compare=False)
    """What npm's CLI says about the same build."""
    predicate_type: str = SLSA_V1
    others: tuple[str, ...] = ()
    """More names in the certificate; Fulcio never writes any."""

    def but(self, changes: dict[int, str | None] | None = None, *, signer: str | None = None) -> Claims:
        """Return other claims with the same predicate; an extension that is None is left out."""
        values = {**self.extensions, **(changes or {})}
        kept = {number: value for number, value in values.items() if value is not None}
        return replace(self, signer=signer or self.signer, extensions=kept)


def github(
    repository: str = "acme/widgets",
    *,
    commit: str = COMMIT,
    ref: str = "refs/tags/v1.0.0",
    workflow: str = ".github/workflows/release.yml",
    signer: str | None = None,
    runner: str = "github-hosted",
    trigger: str = "push",
    run: str = "22026075834/attempts/1",
    repository_id: str = "273562379",
    owner_id: str = "6154722",
    visibility: str = "public",
    predicate_type: str = SLSA_V1,
) -> Claims:
    """Return who signs in a job of GitHub Actions; `signer` is `owner/repo/path@ref` of a reusable workflow."""
    home = f"https://github.com/{repository}"
    top = f"{home}/{workflow}@{ref}"
    called = f"https://github.com/{signer}" if signer else top
    invocation = f"{home}/actions/runs/{run}"
    old = {1: GITHUB_ISSUER, 2: trigger, 3: commit, 4: "Release", 5: repository, 6: ref}
    new = {8: GITHUB_ISSUER, 9: called, 10: commit, 11: runner, 12: home, 13: commit, 14: ref, 15: repository_id}
    new |= {16: f"https://github.com/{repository.partition('/')[0]}", 17: owner_id, 18: top, 19: commit, 20: trigger}
    new |= {21: invocation, 22: visibility}
    source = {"uri": f"git+{home}@{ref}", "digest": {"gitCommit": commit}}
    predicate: dict[str, Any] = {
        "buildDefinition": {
            "buildType": "https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1",
            "externalParameters": {"workflow": {"ref": ref, "repository": home, "path": workflow}},
            "internalParameters": {
                "github": {"event_name": trigger, "repository_id": repository_id, "repository_owner_id": owner_id}
            },
            "resolvedDependencies": [source],
        },
        "runDetails": {
            "builder": {"id": f"https://github.com/actions/runner/{runner}"},
            "metadata": {"invocationId": invocation},
        },
    }
    if predicate_type == SLSA_V02:
        entry = {"uri": source["uri"], "digest": {"sha1": commit}}
        predicate = {
            "buildType": "https://github.com/npm/cli/gha/v2",
            "builder": {"id": "https://github.com/actions/runner"},
            "invocation": {"configSource": {**entry, "entryPoint": f"{repository}/{workflow}@{ref}"}},
            "metadata": {"buildInvocationId": run.replace("/attempts/", "-")},
            "materials": [entry],
        }
    return Claims(called, old | new, predicate, predicate_type)


def gitlab(
    project: str = "acme/widgets",
    *,
    commit: str = COMMIT,
    ref: str = "refs/tags/v1.0.0",
    config: str = ".gitlab-ci.yml",
    runner: str = "gitlab-hosted",
    trigger: str = "push",
    job: str = "4242",
    project_id: str = "278964",
    namespace_id: str = "9970",
    visibility: str = "public",
) -> Claims:
    """Return who signs in a job of GitLab CI."""
    home = f"https://gitlab.com/{project}"
    top = f"{home}//{config}@{ref}"
    said = {8: GITLAB_ISSUER, 9: top, 10: commit, 11: runner, 12: home, 13: commit, 14: ref, 15: project_id}
    said |= {16: f"https://gitlab.com/{project.partition('/')[0]}", 17: namespace_id, 18: top, 19: commit, 20: trigger}
    said |= {21: f"{home}/-/jobs/{job}", 22: visibility}
    entry = {"uri": f"git+{home}", "digest": {"sha1": commit}}
    predicate = {
        "buildType": "https://github.com/npm/cli/gitlab/v0alpha1",
        "builder": {"id": f"{home}/-/runners/12270837"},
        "invocation": {"configSource": {**entry, "entryPoint": "publish"}},
        "metadata": {"buildInvocationId": f"{home}/-/jobs/{job}"},
        "materials": [entry],
    }
    return Claims(top, {1: GITLAB_ISSUER, **said}, predicate, SLSA_V02)


def purl(package: str, version: str) -> str:
    """Return the name of a statement's subject."""
    return f"pkg:npm/{package.replace('@', '%40', 1)}@{version}"


def statement(subject: str, digest: str, predicate_type: str, predicate: object, /, **changes: object) -> dict:
    """Return a statement as npm writes it; `changes` replace whole members."""
    kind = STATEMENT_V1 if predicate_type == SLSA_V1 else STATEMENT_V01
    said = {"_type": kind, "subject": [{"name": subject, "digest": {"sha512": digest}}]}
    return {**said, "predicateType": predicate_type, "predicate": predicate, **changes}
