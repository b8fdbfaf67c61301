"""The identity that a release must have: what options, the configuration, the CI run and the checkout say of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.errors import ConfigError, UsageError
from preflight.facts.release import COMMIT, DIGITS, Expectation, Expected, without_ref
from preflight.readers import addresses
from preflight.readers.remotes import GITHUB, address_on, host_of
from preflight.records import dataclass, replace

if TYPE_CHECKING:
    from preflight.errors import PreflightError
    from preflight.facts.online import Level
    from preflight.readers.checkout import Checkout

WORKFLOWS = ".github/workflows/"
CONFIGURED = "preflight.toml"
_REPOSITORY_FORM = "write it as `Owner/Repo`, or with its host as `https://gitlab.com/group/project`"
_REF_FORM = "write it whole, as `refs/tags/v1.2.3` or `refs/heads/main`"
_SIGNER_FORM = "write it as `Owner/Repo/.github/workflows/publish.yml`"


@dataclass(frozen=True, slots=True)
class Source:
    """Somebody who says what is expected, and the words for them."""

    error: type[PreflightError]
    prefix: str
    """What stands before the name of a key: `--`, or the place in the configuration."""

    def key(self, name: str) -> str:
        """Return a key as the user writes it."""
        return f"{self.prefix}{name}"


OPTIONS = Source(UsageError, "--")
EXPECT = Source(ConfigError, f"{CONFIGURED} [expect] ")


def said(
    source: Source,
    *,
    repository: str | None = None,
    commit: str | None = None,
    ref: str | None = None,
    workflow: str | None = None,
    signer: str | None = None,
    level: Level | None = None,
) -> Expectation:
    """Return what options or the configuration ask for.

    Raises UsageError or ConfigError for what names no repository, no commit or no ref.
    """
    repo = "repo" if source is OPTIONS else "repository"
    return Expectation(
        repository=_expected(source, repo, _repository(source, repo, repository)),
        commit=_expected(source, "commit", _commit(source, commit)),
        ref=_expected(source, "ref", _ref(source, ref)),
        workflow=_expected(source, "workflow", workflow),
        signer=_expected(source, "signer", signer),
        level=level,
    )


def expected(name: str, version: str, *given: Expectation, checkout: Checkout | None = None) -> Expectation:
    """Return what a release must be: each value from the first who says it, the checkout last.

    A source that names another repository than one before is not heard at all. Raises UsageError for a signer that
    cannot be told without a repository.
    """
    sources = [*given, *(checkout.expectations(name, version) if checkout else ())]
    found = Expectation()
    for source in sources:
        if _same_repository(found, source):
            found = _filled(found, source)
    return _placed(found)


def _same_repository(found: Expectation, source: Expectation) -> bool:
    wanted, theirs = found.repository, source.repository
    return wanted is None or theirs is None or wanted.value == theirs.value


def _filled(found: Expectation, source: Expectation) -> Expectation:
    """Return an expectation with what it lacks from a weaker source."""
    if found.commit is None:
        found = replace(
            found,
            commit=source.commit,
            ancestors=source.ancestors,
            commits_while_releasing=source.commits_while_releasing,
        )
    # A workflow and the one that it calls belong together.
    if found.workflow is None and found.signer is None:
        found = replace(found, workflow=source.workflow, signer=source.signer)
    elif found.signer is None and found.workflow and source.workflow and _alike(found.workflow, source.workflow):
        found = replace(found, signer=source.signer)
    return replace(
        found,
        repository=found.repository or source.repository,
        repository_id=found.repository_id or source.repository_id,
        ref=found.ref or source.ref,
        run=found.run or source.run,
        level=found.level or source.level,
    )


def _alike(one: Expected, other: Expected) -> bool:
    """Return whether two ways to name a workflow, by file or by path, name the same."""
    names = {one.value, other.value}
    return len(names) == 1 or names == {one.value, f"{WORKFLOWS}{one.value}"}


# -- how it is written ----------------------------------------------------------------------------


def _expected(source: Source, name: str, value: str | None) -> Expected | None:
    return None if value is None else Expected(value, source.key(name))


def _repository(source: Source, name: str, value: str | None) -> str | None:
    if value is None:
        return None
    address = addresses.read(value)
    url = address_on(host_of(address), address.path) if address else None
    if url is None:
        raise source.error(f"`{source.key(name)}` names no repository: `{addresses.masked(value)}`", _REPOSITORY_FORM)
    return url


def _commit(source: Source, value: str | None) -> str | None:
    if value is None:
        return None
    commit = value.lower()
    if len(commit) not in COMMIT or not DIGITS.issuperset(commit):
        raise source.error(f"`{source.key('commit')}` is no whole commit: `{value[:80]}`", "`git rev-parse` tells it")
    return commit


def _ref(source: Source, value: str | None) -> str | None:
    if value is not None and not value.startswith("refs/"):
        raise source.error(f"`{source.key('ref')}` is no whole ref: `{value[:80]}`", _REF_FORM)
    return value


def _placed(found: Expectation) -> Expectation:
    """Return an expectation with whole paths, whichever way the user named the workflows."""
    url = found.repository.value if found.repository else None
    return replace(
        found,
        workflow=replace(found.workflow, value=_path(found.workflow.value, url)) if found.workflow else None,
        signer=replace(found.signer, value=_address(found.signer.value, url)) if found.signer else None,
    )


def _path(workflow: str, url: str | None) -> str:
    """Return the path of a workflow; a bare name lies where GitHub Actions looks for it, unless the host is another."""
    path = workflow.removeprefix("./")
    elsewhere = url is not None and not url.startswith(f"https://{GITHUB}/")
    return path if "/" in path or path.startswith(".") or elsewhere else f"{WORKFLOWS}{path}"


def _address(signer: str, url: str | None) -> str:
    """Return the address of a workflow that signs, with its ref where one is named."""
    if signer.startswith("https://"):
        return signer
    path = without_ref(signer)
    if "@" in path:
        raise UsageError(f"`{signer[:200]}` names no whole ref behind its `@`", _REF_FORM)
    if f"/{WORKFLOWS}" in path and not path.startswith("./"):
        return f"https://{GITHUB}/{signer}"
    if url is None:
        raise UsageError(f"`{signer[:200]}` does not say in which repository it lies", _SIGNER_FORM)
    return f"{url}/{_path(path, url)}{signer[len(path) :]}"
