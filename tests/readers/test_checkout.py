"""What a checkout, and the CI run that it is in, expect of a release; with repositories that git itself made."""

from __future__ import annotations

import json
import os
import subprocess
from shutil import which

import pytest

from preflight.facts.release import Expectation, Expected
from preflight.readers import project as reader
from preflight.readers.checkout import Checkout
from preflight.readers.expectations import OPTIONS, expected, said

pytestmark = pytest.mark.skipif(which("git") is None, reason="needs git")

HOME = "https://github.com/acme/widgets"
RELEASE = ".github/workflows/release.yml"
ON_TAGS = 'on: {push: {tags: ["v*"]}}'
JOB = """
jobs:
  publish:
    runs-on: ubuntu-latest
    permissions: {contents: write, id-token: write}
    steps:
      - run: COMMAND
"""


def workflow(command="npm publish --provenance", on=ON_TAGS):
    """Return a workflow that publishes."""
    return f"{on}\n{JOB.replace('COMMAND', command)}"


def manifest(name="widgets", version="1.0.0", **more):
    """Return a package.json."""
    said = {"name": name, "version": version, "repository": "github:acme/widgets", **more}
    return json.dumps(said)


class Repo:
    """A repository with a workflow, and what is expected of its releases."""

    def __init__(self, root):
        self.root = root
        self.environment = {}
        self.git("init", "--quiet", "--initial-branch=main")
        self.git("remote", "add", "origin", f"{HOME}.git")

    def git(self, *words):
        """Run git, whatever the machine's own settings are, and return what it says."""
        who = {f"GIT_{role}_{what}": "a@b" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        alone = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "PATH": os.environ["PATH"]}
        done = subprocess.run(["git", *words], cwd=self.root, env={**who, **alone}, check=True, capture_output=True)
        return done.stdout.decode().strip()

    def commit(self, files=None, tag=None):
        """Write files, commit them, and return the commit; `None` leaves a file of the base out."""
        for path, text in (files or {}).items():
            place = self.root / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message=x")
        if tag:
            self.git("tag", "--annotate", f"--message={tag}", tag)
        return self.git("rev-parse", "HEAD")

    def expected(self, name="widgets", version="1.0.0", *given, pattern=None, **environment):
        """Return what a release must be."""
        project = reader.read(self.root, environment=environment).project
        return expected(name, version, *given, checkout=Checkout(self.root, project, environment, pattern=pattern))


@pytest.fixture
def repo(tmp_path):
    """Return an empty repository."""
    return Repo(tmp_path)


def value(expectation):
    """Return what is expected, without who says so."""
    return expectation.value if expectation else None


# -- the tag ---------------------------------------------------------------------------------------


def test_the_tag_says_which_commit_was_released(repo):
    """It is peeled: an annotated tag has a hash of its own."""
    commit = repo.commit({"package.json": manifest(), RELEASE: workflow()}, tag="v1.0.0")

    assert repo.expected().commit == Expected(commit, "git tag v1.0.0")


def test_a_light_tag_does_as_well(repo):
    """Many tools make no other."""
    commit = repo.commit({"package.json": manifest()})
    repo.git("tag", "1.0.0")

    assert repo.expected().commit == Expected(commit, "git tag 1.0.0")


def test_a_tag_of_something_else_says_nothing(repo):
    """Git lets people tag a file."""
    repo.commit({"package.json": manifest()})
    repo.git("tag", "v1.0.0", "HEAD^{tree}")

    assert repo.expected().commit is None


@pytest.mark.parametrize(
    ("tags", "name", "wanted"),
    [
        pytest.param(["@acme/b@1.0.0", "v1.0.0"], "@acme/b", "@acme/b@1.0.0", id="its own before the plain one"),
        pytest.param(["b-v1.0.0"], "@acme/b", "b-v1.0.0", id="without the scope"),
        pytest.param(["b/v1.0.0"], "@acme/b", "b/v1.0.0", id="as a path"),
        pytest.param(["v1.0.0"], "@acme/b", "v1.0.0", id="one tag for all"),
        pytest.param(["@acme/b@0.9.0", "v1.0.0"], "@acme/b", "v1.0.0", id="the newest form is the habit"),
        pytest.param(["v1.0.0", "@acme/a@1.0.0"], "@acme/b", None, id="a tag that may be another package's"),
    ],
)
def test_each_package_of_a_monorepo_has_its_tag(repo, tags, name, wanted):
    """A tag of another package would accuse the wrong commit."""
    files = {f"packages/{short}/package.json": manifest(f"@acme/{short}") for short in "ab"}
    files["package.json"] = json.dumps({"private": True, "workspaces": ["packages/*"]})
    repo.commit(files)
    for number, tag in enumerate(tags):
        repo.commit()
        day = f"2026-11-{10 + number:02}T00:00:00"
        subprocess.run(
            ["git", "-c", "user.name=a", "-c", "user.email=a@b", "tag", "--annotate", "--message=x", tag],
            cwd=repo.root,
            check=True,
            env={"PATH": os.environ["PATH"], "GIT_COMMITTER_DATE": day},
        )

    found = repo.expected(name).commit

    assert (found and found.by) == (wanted and f"git tag {wanted}")


def test_the_configuration_says_how_tags_are_formed(repo):
    """Then no other form counts."""
    repo.commit({"package.json": manifest()}, tag="v1.0.0")
    commit = repo.commit(tag="rel_1.0.0")

    assert repo.expected(pattern="rel_{version}").commit == Expected(commit, "git tag rel_1.0.0")


def test_without_a_tag_no_commit_is_expected(repo):
    """Better nothing than a guess."""
    repo.commit({"package.json": manifest()})

    assert repo.expected().commit is None


def test_without_a_repository_nothing_is_expected(tmp_path):
    """A tarball of the source has no history."""
    (tmp_path / "package.json").write_text(manifest())
    project = reader.read(tmp_path, environment={}).project

    found = expected("widgets", "1.0.0", checkout=Checkout(tmp_path, project, {}))

    assert found == Expectation()


def test_of_a_foreign_package_a_checkout_says_nothing(repo):
    """Whoever verifies a dependency here means the dependency."""
    repo.commit({"package.json": manifest(), RELEASE: workflow()}, tag="v1.0.0")

    assert repo.expected("left-pad") == Expectation()


# -- tools that commit ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "committing"),
    [
        pytest.param("npx semantic-release", True, id="semantic-release"),
        pytest.param("npx lerna publish --yes", True, id="lerna"),
        pytest.param("npx lerna publish from-package --yes", False, id="lerna with the versions that are there"),
        pytest.param("npx release-it --ci", True, id="release-it"),
        pytest.param("npm version patch && npm publish --provenance", True, id="a script of one's own"),
        pytest.param("npm publish --provenance", False, id="npm"),
    ],
)
def test_tools_that_commit_while_they_publish_are_known(repo, command, committing):
    """The commit that they build is not the one that they tag."""
    first = repo.commit({"package.json": manifest(), RELEASE: workflow(command)})
    repo.commit({"CHANGELOG.md": "x"}, tag="v1.0.0")

    found = repo.expected()

    assert (found.commits_while_releasing, found.ancestors) == (committing, (first,) if committing else None)


def test_a_shallow_clone_does_not_know_what_led_to_a_tag(repo, tmp_path_factory):
    """As a pipeline fetches it."""
    repo.commit({"package.json": manifest(), RELEASE: workflow("npx semantic-release")})
    repo.commit({"CHANGELOG.md": "x"}, tag="v1.0.0")
    there = tmp_path_factory.mktemp("shallow") / "clone"
    subprocess.run(
        ["git", "clone", "--quiet", "--depth=1", f"file://{repo.root}", str(there)],
        check=True,
        env={"PATH": os.environ["PATH"]},
    )
    project = reader.read(there, repository="acme/widgets", environment={}).project

    found = expected("widgets", "1.0.0", checkout=Checkout(there, project, {}))

    assert (found.commits_while_releasing, found.ancestors) == (True, None)


# -- workflows and refs -----------------------------------------------------------------------------


def test_the_pipelines_say_which_workflow_publishes(repo):
    """Whoever finds another one in the certificate wants to know."""
    repo.commit({"package.json": manifest(), RELEASE: workflow()}, tag="v1.0.0")

    found = repo.expected()

    assert (value(found.workflow), found.signer, value(found.ref)) == (RELEASE, None, "refs/tags/v1.0.0")


def test_a_workflow_that_calls_another_lets_that_one_sign(repo):
    """The certificate names both."""
    called = workflow(on="on: workflow_call")
    caller = f"{ON_TAGS}\npermissions: {{contents: read, id-token: write}}\n"
    caller += "jobs: {call: {uses: ./.github/workflows/publish.yml}}\n"
    repo.commit({"package.json": manifest(), RELEASE: caller, ".github/workflows/publish.yml": called}, tag="v1.0.0")

    found = repo.expected()

    assert (value(found.workflow), value(found.signer)) == (RELEASE, f"{HOME}/.github/workflows/publish.yml")


@pytest.mark.parametrize(
    "on",
    [
        pytest.param("on: {push: {branches: [main]}}", id="a branch"),
        pytest.param('on: {push: {tags: ["v*"]}, workflow_dispatch: }', id="a tag or a person"),
        pytest.param("on: {workflow_run: {workflows: [x], types: [completed]}}", id="another workflow"),
    ],
)
def test_where_a_branch_may_publish_no_tag_is_expected(repo, on):
    """Files do not tell which branch it was."""
    repo.commit({"package.json": manifest(), RELEASE: workflow(on=on)}, tag="v1.0.0")

    assert repo.expected().ref is None


def test_several_workflows_that_publish_leave_open_which_one_did(repo):
    """Either is fine."""
    other = ".github/workflows/other.yml"
    repo.commit({"package.json": manifest(), RELEASE: workflow(), other: workflow()}, tag="v1.0.0")

    assert repo.expected().workflow is None


def test_pipelines_of_another_commit_say_nothing(repo):
    """The workflow may have been renamed since."""
    repo.commit({"package.json": manifest(), RELEASE: workflow()}, tag="v1.0.0")
    repo.commit({"package.json": manifest(version="1.1.0")})

    found = repo.expected()

    assert (found.workflow, found.ref, value(found.commit)) == (None, None, repo.git("rev-parse", "v1.0.0^{commit}"))


def test_what_cannot_be_read_leaves_open_which_workflow_publishes(repo):
    """A reusable workflow of another repository may publish too."""
    remote = f"{ON_TAGS}\njobs: {{call: {{uses: acme/shared/.github/workflows/npm-publish.yml@v1}}}}\n"
    files = {"package.json": manifest(), RELEASE: workflow(), ".github/workflows/other.yml": remote}
    repo.commit(files, tag="v1.0.0")

    assert repo.expected().workflow is None


# -- the repository ---------------------------------------------------------------------------------


def test_the_remote_says_which_repository_it_is(repo):
    """Where nobody says it better."""
    repo.commit({"package.json": manifest()})

    assert repo.expected().repository == Expected(HOME, "the git remote")


def test_of_several_remotes_the_one_that_the_package_names_counts(repo):
    """In a contributor's clone `origin` is the fork."""
    repo.git("remote", "set-url", "origin", "https://github.com/me/widgets")
    repo.git("remote", "add", "upstream", HOME)
    repo.commit({"package.json": manifest()})

    assert value(repo.expected().repository) == HOME


def test_a_package_that_names_no_remote_does_not_decide(repo):
    """What package.json says is no remote of this clone."""
    repo.git("remote", "add", "fork", "https://github.com/me/widgets")
    repo.commit({"package.json": manifest(repository={"type": "git", "url": "https://github.com/x/y"})})

    assert value(repo.expected().repository) == HOME


def test_the_tag_counts_for_a_repository_that_an_option_names(repo):
    """A fork, or a repository that moved, has the same commits."""
    commit = repo.commit({"package.json": manifest()}, tag="v1.0.0")

    found = repo.expected("widgets", "1.0.0", said(OPTIONS, repository="acme/moved"))

    assert (value(found.repository), value(found.commit)) == ("https://github.com/acme/moved", commit)


# -- the CI run -------------------------------------------------------------------------------------


def github(commit, **changes):
    """Return the variables of a job of GitHub Actions."""
    return {
        "GITHUB_ACTIONS": "true",
        "GITHUB_REPOSITORY": "acme/widgets",
        "GITHUB_REPOSITORY_ID": "273562379",
        "GITHUB_WORKFLOW_REF": f"acme/widgets/{RELEASE}@refs/tags/v1.0.0",
        "GITHUB_REF": "refs/tags/v1.0.0",
        "GITHUB_SHA": commit,
        "GITHUB_RUN_ID": "7",
        "GITHUB_RUN_ATTEMPT": "2",
        **changes,
    }


def test_inside_the_publishing_run_the_run_itself_is_expected(repo):
    """Nothing is as exact."""
    commit = repo.commit({"package.json": manifest(), RELEASE: workflow()})

    found = repo.expected(**github(commit))

    assert [*map(value, (found.repository, found.repository_id, found.commit, found.ref, found.workflow))] == [
        HOME,
        "273562379",
        commit,
        "refs/tags/v1.0.0",
        RELEASE,
    ]


def test_the_run_is_named_with_its_attempt(repo):
    """An earlier attempt of the same run may have published."""
    commit = repo.commit({"package.json": manifest(), RELEASE: workflow()})

    assert value(repo.expected(**github(commit)).run) == f"{HOME}/actions/runs/7/attempts/2"


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"GITHUB_WORKFLOW_REF": "acme/widgets/.github/workflows/nightly.yml@refs/heads/main"}, id="other"),
        pytest.param({"GITHUB_SHA": "9f3c2ab000000000000000000000000000000000"}, id="after the tag"),
        pytest.param({"GITHUB_WORKFLOW_REF": ""}, id="without a workflow"),
    ],
)
def test_in_another_run_only_the_repository_is_expected(repo, changes):
    """A nightly check of what was released last week has another commit."""
    commit = repo.commit({"package.json": manifest(), RELEASE: workflow()}, tag="v1.0.0")

    found = repo.expected(**github(commit, **changes))

    assert (found.run, value(found.commit), value(found.repository_id)) == (None, commit, "273562379")


def test_a_run_without_a_number_is_not_expected(repo):
    """A variable may be missing where somebody plays CI at home."""
    commit = repo.commit({"package.json": manifest(), RELEASE: workflow()})

    assert repo.expected(**github(commit, GITHUB_RUN_ID="")).run is None


def test_a_run_of_another_repository_than_an_option_says_is_not_heard(repo):
    """Whoever verifies another project in a job means that project."""
    commit = repo.commit({"package.json": manifest(), RELEASE: workflow()})

    found = repo.expected("widgets", "1.0.0", said(OPTIONS, repository="acme/other"), **github(commit))

    assert (value(found.repository), found.repository_id, found.run) == ("https://github.com/acme/other", None, None)


PIPELINE = """\
publish:
  image: node:24
  rules: [{if: $CI_COMMIT_TAG}]
  id_tokens: {SIGSTORE_ID_TOKEN: {aud: sigstore}}
  script: [npm publish --provenance]
"""


@pytest.mark.parametrize(
    ("changes", "ref", "path"),
    [
        pytest.param({"CI_COMMIT_TAG": "v1.0.0"}, "refs/tags/v1.0.0", ".gitlab-ci.yml", id="a tag"),
        pytest.param({"CI_COMMIT_BRANCH": "main"}, "refs/heads/main", ".gitlab-ci.yml", id="a branch"),
        pytest.param({"CI_CONFIG_PATH": "x.yml@acme/ci"}, None, ".gitlab-ci.yml", id="a pipeline from elsewhere"),
    ],
)
def test_a_pipeline_of_gitlab_says_the_same(repo, changes, ref, path):
    """The job that verifies is another one than the job that published, so no run is expected."""
    commit = repo.commit({"package.json": manifest(), ".gitlab-ci.yml": PIPELINE})
    variables = {"GITLAB_CI": "true", "CI_PROJECT_URL": "https://gitlab.com/acme/widgets", "CI_PROJECT_ID": "7"}

    found = repo.expected(**variables, CI_COMMIT_SHA=commit, **changes)

    assert [*map(value, (found.commit, found.ref, found.workflow, found.repository_id, found.run))] == [
        commit,
        ref,
        path,
        "7",
        None,
    ]
