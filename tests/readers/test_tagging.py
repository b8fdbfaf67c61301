"""Tests of what is known of a release about to be tagged, with repositories that git itself made."""

from __future__ import annotations

import json
import os
import subprocess
from shutil import which
from textwrap import dedent

import pytest

from preflight.errors import GitError, UsageError
from preflight.facts.fact import Known, Unknown
from preflight.readers import git, history, project, tagger
from preflight.readers.project import Asked
from preflight.readers.tagger import Wanted

pytestmark = pytest.mark.skipif(which("git") is None, reason="needs git")

RELEASE = """\
on: push
jobs:
  publish:
    runs-on: ubuntu-latest
    steps:
      - run: COMMAND
"""


class Repo:
    """A repository with a bare remote, both made by git."""

    def __init__(self, root):
        self.root = root / "work"
        self.remote = root / "remote.git"
        self.root.mkdir()
        subprocess.run(["git", "init", "--quiet", "--bare", str(self.remote)], check=True)
        self("init", "--quiet", "--initial-branch=main")
        self("config", "user.name", "A")
        self("config", "user.email", "a@example.com")
        self("commit", "--quiet", "--allow-empty", "--message=Begin")
        self("remote", "add", "origin", str(self.remote))

    def __call__(self, *words, check=True):
        """Run git and return what it says."""
        done = subprocess.run(["git", *words], cwd=self.root, check=check, capture_output=True, text=True)
        return done.stdout.strip()

    def commit(self, files):
        """Write files, commit and push them."""
        for path, text in files.items():
            place = self.root / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(dedent(text), encoding="utf-8")
        self("add", "--all")
        self("commit", "--quiet", "--message=Release")
        self("push", "--quiet", "--set-upstream", "origin", "HEAD")
        return self

    def hook(self, name, script, place=None):
        """Write a hook that git runs."""
        path = (place or self.root / ".git") / "hooks" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def tagging(self, tag=None, **options):
        """Read what is known of a tag."""
        asked = Asked(tag=tag, creating=tag is None, **options)
        return project.read(self.root, environment={}, asked=asked).project.tagging

    @property
    def tags(self):
        """The tags that are there."""
        return self("tag").split()


@pytest.fixture(autouse=True)
def own_settings(monkeypatch):
    """Keep the machine's own settings of git out, and a hook's that runs the tests."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)


@pytest.fixture
def repo(tmp_path):
    """Return a repository without files."""
    return Repo(tmp_path)


def manifest(name="widgets", version="1.2.3", **more):
    """Return a package.json."""
    return json.dumps({"name": name, "version": version, **more})


def single(command="npm publish", **more):
    """Return the files of a project with one package and a publish job."""
    return {"package.json": manifest(**more), ".github/workflows/release.yml": RELEASE.replace("COMMAND", command)}


def workspace(*versions, command="npm publish --workspaces", top=None):
    """Return the files of a workspace of packages a, b, … with versions."""
    folders = {
        f"packages/{name}/package.json": manifest(f"@acme/{name}", version)
        for name, version in zip("abcdefgh", versions, strict=False)
    }
    root = {"private": True, "workspaces": ["packages/*"], **({"name": "top", "version": top} if top else {})}
    return {**single(command), **folders, "package.json": json.dumps(root)}


# -- which tags -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("files", "before", "expected"),
    [
        pytest.param(single(), [], ("v1.2.3",), id="the first tag has a v"),
        pytest.param(single(), ["1.2.2"], ("1.2.3",), id="the habit has none"),
        pytest.param(single(), ["widgets-v1.2.2"], ("widgets-v1.2.3",), id="the habit names the package"),
        pytest.param(single(), ["v1.2.3"], ("v1.2.3",), id="a tag that exists is for the rule"),
        pytest.param(workspace("2.0.0", "2.0.0"), [], ("v2.0.0",), id="one version for all"),
        pytest.param(workspace("2.0.0", "1.9.0", top="2.0.0"), [], ("v2.0.0",), id="the root has the newest"),
        pytest.param(
            workspace("2.0.0", "1.0.0"), ["@acme/a@1.0.0"], ("@acme/a@2.0.0", "@acme/b@1.0.0"), id="a tag for each"
        ),
        pytest.param(
            workspace("2.0.0", "1.0.0"), ["@acme/b@1.0.0"], ("@acme/a@2.0.0",), id="those whose version has no tag"
        ),
        pytest.param(
            {**workspace("2.0.0", "1.0.0", command="npx changeset publish"), ".changeset/config.json": "{}"},
            [],
            ("@acme/a@2.0.0", "@acme/b@1.0.0"),
            id="changesets names packages",
        ),
    ],
)
def test_the_tags_of_a_release_are_found_out(repo, files, before, expected):
    """The maintainer raises the version, and the rest follows from what the repository always did."""
    for tag in before:
        repo("tag", "--annotate", "--message=x", tag)
    repo.commit(files)

    assert repo.tagging().tags == expected


@pytest.mark.parametrize(
    ("files", "why"),
    [
        pytest.param(single(version="0.0.0-development"), "the version in `package.json` is a stand-in", id="stand-in"),
        pytest.param(single("npx semantic-release"), "`semantic-release` decides the version", id="a tool decides"),
        pytest.param(single(private=True), "no public package here has a version", id="private"),
        pytest.param(workspace("1.0.0", "2.0.0"), "the packages have versions of their own", id="which one"),
    ],
)
def test_a_tag_that_cannot_be_found_out(repo, files, why):
    """A guess would start a release of something else."""
    found = repo.commit(files).tagging()

    assert (found.tags, found.misnamed.why[: len(why)]) == ((), why)


def test_the_configured_form_comes_first(repo):
    """Who writes `tag-pattern` means it, whatever was done before."""
    repo("tag", "1.2.2")

    found = repo.commit(single()).tagging(tag_pattern="release-{version}")

    assert found.tags == ("release-1.2.3",)


# -- what a tag says ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("files", "tag", "expected"),
    [
        pytest.param(workspace("1.0.0", "2.0.0"), "v2.0.0", ["@acme/b"], id="the one with the version"),
        pytest.param(workspace("1.0.0", "2.0.0"), "a-v9.0.0", ["@acme/a"], id="the one that is named"),
        pytest.param(workspace("1.0.0", "2.0.0", top="3.0.0"), "v3.0.0", [], id="the root's version means none"),
        pytest.param({**workspace("1.0.0", "2.0.0"), "lerna.json": '{"version": "3.0.0"}'}, "v3.0.0", [], id="lerna's"),
        pytest.param({"README.md": ""}, "v1.0.0", [], id="no package at all"),
    ],
)
def test_the_packages_that_a_tag_is_about(repo, files, tag, expected):
    """A finding names the package whose version is to be raised."""
    found = repo.commit(files).tagging(tag)

    assert ([one.package.name for one in found.named], found.misnamed) == (expected, None)


def test_a_version_that_no_package_has(repo):
    """A tag for nothing is a typing error."""
    found = repo.commit(workspace("1.0.0", "2.0.0")).tagging("v3.0.0")

    assert found.misnamed == Known("none of the 2 packages has the version 3.0.0 of the tag `v3.0.0`")


def test_another_form_than_the_configured_one(repo):
    """The workflow that waits for tags of that form would not start."""
    found = repo.commit(single()).tagging("1.2.3", tag_pattern="v{version}")

    assert found.misnamed == Known("the tag `1.2.3` does not have the form `v{version}`")


@pytest.mark.parametrize("tag", ["", " ", "a b", "-d", "HEAD", "v1..2", "x.lock"])
def test_what_git_does_not_allow_is_no_tag(repo, tag):
    """A mistake in a command line is told before anything is judged."""
    repo.commit(single())

    with pytest.raises(UsageError):
        repo.tagging(tag)


# -- what git says --------------------------------------------------------------------------------


def test_a_submodule_at_another_commit_is_a_change(repo, tmp_path):
    """The pipeline checks out what the commit says."""
    other = tmp_path / "other"
    subprocess.run(["git", "init", "--quiet", str(other)], check=True)
    who = ["-c", "user.name=A", "-c", "user.email=a@example.com"]
    for _ in range(2):
        subprocess.run(["git", *who, "commit", "-qm", "x", "--allow-empty"], cwd=other, check=True)
    repo("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other), "sub")
    repo.commit(single())
    subprocess.run(["git", "checkout", "--quiet", "HEAD~1"], cwd=repo.root / "sub", check=True)

    assert repo.tagging("v1.2.3").dirty == Known(("sub",))


def test_a_path_with_odd_characters_is_named_as_it_is(repo):
    """Git quotes such names where it is not asked not to."""
    repo.commit({**single(), "ä \n.txt": "x"})
    (repo.root / "ä \n.txt").write_text("y")

    assert repo.tagging("v1.2.3").dirty == Known(("ä \n.txt",))


def test_nothing_that_the_repository_configures_is_run(repo, tmp_path):
    """A check reads foreign repositories too."""
    mark = tmp_path / "ran"
    repo.commit({**single(), ".gitattributes": "*.txt filter=own\n", "a.txt": "x"})
    for name in ("post-index-change", "reference-transaction", "post-checkout"):
        repo.hook(name, f"touch {mark}")
    for key in ("core.fsmonitor", "core.pager", "core.sshCommand", "core.askPass", "gpg.program", "credential.helper"):
        repo("config", key, f"touch {mark}; true")
    repo("config", "filter.own.clean", f"touch {mark}; cat")
    repo("config", "filter.own.process", f"touch {mark}")
    mark.unlink(missing_ok=True)
    (repo.root / "a.txt").write_text("y")

    found = repo.tagging("v1.2.3")

    assert (mark.exists(), found.existing) == (False, Known(()))


def test_a_file_behind_a_filter_only_seems_changed(repo):
    """Without the program of the filter its content cannot be compared."""
    repo.commit({**single(), ".gitattributes": "*.txt filter=own\n", "a.txt": "x"})
    repo("config", "filter.own.clean", "tr x y")
    (repo.root / "a.txt").write_text("z")

    assert isinstance(repo.tagging("v1.2.3").dirty, Unknown)


def test_a_change_beside_a_filter_is_a_change(repo):
    """A filter for other files is no excuse."""
    repo.commit({**single(), ".gitattributes": "*.txt filter=own\n", "a.txt": "x"})
    repo("config", "filter.own.clean", "tr x y")
    (repo.root / "package.json").write_text(manifest() + "\n")

    assert repo.tagging("v1.2.3").dirty == Known(("package.json",))


@pytest.mark.parametrize("name", ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"])
def test_variables_of_a_hook_do_not_lead_elsewhere(repo, monkeypatch, tmp_path, name):
    """A guard that a hook runs inherits them from git."""
    repo.commit(single())
    monkeypatch.setenv(name, str(tmp_path / "nowhere"))

    found = repo.tagging("v1.2.3")

    assert (found.dirty, os.environ[name]) == (Known(()), str(tmp_path / "nowhere"))


def test_a_tag_on_no_commit_is_told(repo):
    """A tag may name a file, and is in the way all the same."""
    repo.commit(single())
    repo("tag", "v1.2.3", "HEAD:package.json")

    (found,) = repo.tagging("v1.2.3").existing.value

    assert (found.commit, found.same) == ("", False)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param([["branch", "--unset-upstream"]], Known(None), id="another branch of the remote has it"),
        pytest.param([["checkout", "--quiet", "--detach"]], Known(None), id="detached"),
        pytest.param(
            [["commit", "--quiet", "--allow-empty", "--message=x"]],
            Known("`main` is ahead of `origin/main`"),
            id="ahead",
        ),
        pytest.param(
            [["update-ref", "-d", "refs/remotes/origin/main"]],
            Known("`main` tracks `origin/main`, which is not on the remote"),
            id="the remote's branch is gone",
        ),
        pytest.param(
            [["checkout", "--quiet", "--detach"], ["commit", "--quiet", "--allow-empty", "--message=x"]],
            Known("HEAD is on no branch, and no branch of a remote holds the commit"),
            id="detached and new",
        ),
        pytest.param(
            [["remote", "remove", "origin"]],
            Unknown("`main` tracks no branch of a remote, and nothing is known of a remote's branches"),
            id="no remote",
        ),
    ],
)
def test_what_is_pushed(repo, words, expected):
    """Provenance that names a commit on no branch is hard to trust."""
    repo.commit(single())
    for each in words:
        repo(*each)

    assert repo.tagging("v1.2.3").unpushed == expected


def test_a_shallow_clone_tells_nothing_of_what_is_pushed(repo, tmp_path):
    """A pipeline fetches one commit, and its parents may be anywhere."""
    repo.commit(single())
    clone = tmp_path / "clone"
    subprocess.run(
        ["git", "clone", "--quiet", "--depth=1", f"file://{repo.remote}", "--branch=main", str(clone)], check=True
    )
    who = ["-c", "user.name=A", "-c", "user.email=a@example.com"]
    subprocess.run(["git", *who, "commit", "-qm", "x", "--allow-empty"], cwd=clone, check=True)

    found = project.read(clone, environment={}, asked=Asked(tag="v1.2.3")).project.tagging

    assert isinstance(found.unpushed, Unknown)


def test_outside_of_a_repository_nothing_is_known(tmp_path):
    """A folder without git is checked all the same."""
    (tmp_path / "package.json").write_text(manifest())

    found = project.read(tmp_path, environment={}, asked=Asked(tag="v1.2.3")).project.tagging

    assert {type(fact) for fact in (found.head, found.existing, found.dirty, found.unpushed)} == {Unknown}


def test_without_git_nothing_is_known(repo, monkeypatch, tmp_path):
    """A small image may have no git."""
    repo.commit(single())
    from git.cmd import Git

    monkeypatch.setattr(Git, "GIT_PYTHON_GIT_EXECUTABLE", str(tmp_path / "no-git"))

    assert repo.tagging("v1.2.3").head == Unknown("git cannot be run")


def test_a_repository_without_a_commit(tmp_path):
    """The very first check may come before the first commit."""
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    (tmp_path / "package.json").write_text(manifest())

    found = project.read(tmp_path, environment={}, asked=Asked(tag="v1.2.3")).project.tagging

    assert found.head == Unknown("there is no commit yet")


# -- making and pushing ---------------------------------------------------------------------------


def wanted(repo, *tags, **more):
    """Return tags to make at HEAD."""
    return Wanted(tags or ("v1.2.3",), repo("rev-parse", "HEAD"), **more)


def test_a_tag_is_annotated(repo):
    """Only an annotated tag says who made it and when."""
    repo.commit(single())

    tagger.create(repo.root, wanted(repo, message="The third"))

    assert (repo("cat-file", "-t", "v1.2.3"), repo("tag", "--list", "--format=%(contents)")) == ("tag", "The third")


@pytest.mark.parametrize("tags", [["a@1.0.0", "b@1.0.0"], ["a@1.0.0", "b@1.0.0", "bad name"]])
def test_several_tags_are_made_all_or_none(repo, tags):
    """Half a release is worse than none."""
    repo.commit(single())
    repo("tag", "b@1.0.0", "HEAD~1")

    with pytest.raises(GitError, match=r"the tag `b@1.0.0` was not made, and the 1 before it are removed again"):
        tagger.create(repo.root, wanted(repo, *tags))

    assert repo.tags == ["b@1.0.0"]


def test_a_hook_of_the_user_may_refuse_a_tag(repo):
    """A guard that the maintainer installed counts for preflight too."""
    repo.commit(single())
    repo.hook(
        "reference-transaction", 'grep -q refs/tags && [ "$1" = prepared ] && echo "not today" >&2 && exit 1; true'
    )

    with pytest.raises(GitError, match="not today"):
        tagger.create(repo.root, wanted(repo))

    assert repo.tags == []


@pytest.mark.skipif(which("ssh-keygen") is None, reason="needs ssh-keygen")
def test_a_tag_is_signed(repo, tmp_path):
    """The signature is git's own, made with the key that the user configured."""
    repo.commit(single())
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    repo("config", "gpg.format", "ssh")
    repo("config", "user.signingKey", str(key))

    tagger.create(repo.root, wanted(repo, sign=True))

    assert "-----BEGIN SSH SIGNATURE-----" in repo("cat-file", "-p", "v1.2.3")


def test_a_key_that_is_missing_is_told(repo, tmp_path):
    """The reason is git's, and the hint says where to look."""
    repo.commit(single())
    repo("config", "gpg.format", "ssh")
    repo("config", "user.signingKey", str(tmp_path / "missing"))

    with pytest.raises(GitError, match="was not made") as error:
        tagger.create(repo.root, wanted(repo, sign=True))

    assert (repo.tags, error.value.hint) == ([], "look at `git config user.signingKey` and `gpg.format`")


def test_exactly_the_tags_are_pushed(repo):
    """Other tags may be drafts."""
    repo.commit(single())
    repo("tag", "-a", "-m", "x", "draft")
    repo("config", "push.followTags", "true")
    tagger.create(repo.root, wanted(repo, *(f"p{n}@1.0.0" for n in range(5))))

    tagger.push(repo.root, "origin", tuple(f"p{n}@1.0.0" for n in range(5)))

    there = subprocess.run(["git", "tag"], cwd=repo.remote, check=True, capture_output=True, text=True).stdout.split()
    assert there == [f"p{n}@1.0.0" for n in range(5)]


def test_no_more_than_three_tags_arrive_together(repo):
    """GitHub starts no workflow otherwise, and nothing would be published."""
    repo.commit(single())
    repo.hook("pre-receive", "wc -l >> pushes", repo.remote)
    tags = tuple(f"p{n}@1.0.0" for n in range(5))
    tagger.create(repo.root, wanted(repo, *tags))

    tagger.push(repo.root, "origin", tags)

    assert (repo.remote / "pushes").read_text().split() == ["3", "2"]


def test_a_push_that_is_refused_leaves_the_tag_here(repo):
    """The tag is made, and the maintainer decides what becomes of it."""
    repo.commit(single())
    repo.hook("pre-receive", "echo 'no releases on Friday' >&2; exit 1", repo.remote)
    tagger.create(repo.root, wanted(repo))

    with pytest.raises(GitError, match="no releases on Friday"):
        tagger.push(repo.root, "origin", ("v1.2.3",))

    assert repo.tags == ["v1.2.3"]


def test_a_token_in_an_address_is_not_told(repo):
    """Git repeats the address that it could not reach."""
    repo.commit(single())
    repo("config", "remote.origin.pushurl", "https://me:ghp_secret@127.0.0.1:1/a/b.git")
    tagger.create(repo.root, wanted(repo))

    with pytest.raises(GitError) as error:
        tagger.push(repo.root, "origin", ("v1.2.3",))

    assert "secret" not in str(error.value)


@pytest.mark.parametrize(
    ("words", "named", "expected"),
    [
        pytest.param([], None, "origin", id="the tracked one"),
        pytest.param([["remote", "add", "fork", "x"]], "fork", "fork", id="the named one"),
        pytest.param([["remote", "add", "fork", "x"]], None, "origin", id="the tracked one of two"),
        pytest.param(
            [["remote", "add", "fork", "x"], ["config", "branch.main.pushRemote", "fork"]], None, "fork", id="pushed to"
        ),
        pytest.param([["checkout", "--quiet", "--detach"]], None, "origin", id="the only one"),
    ],
)
def test_the_remote_is_chosen(repo, words, named, expected):
    """A tag on the wrong remote releases a fork."""
    repo.commit(single())
    for each in words:
        repo(*each)

    assert tagger.remote(repo.root, named) == expected


@pytest.mark.parametrize(
    ("words", "named", "why"),
    [
        pytest.param([], "upstream", "no remote is called `upstream`", id="unknown"),
        pytest.param([], "--exec=x", "no remote is called `--exec=x`", id="an option"),
        pytest.param(
            [["remote", "add", "fork", "x"], ["checkout", "--quiet", "--detach"]], None, "several remotes", id="several"
        ),
        pytest.param([["remote", "remove", "origin"]], None, "has no remote", id="none"),
    ],
)
def test_a_remote_that_cannot_be_chosen(repo, words, named, why):
    """The user names it then."""
    repo.commit(single())
    for each in words:
        repo(*each)

    with pytest.raises(UsageError, match=why):
        tagger.remote(repo.root, named)


def test_outside_of_a_repository_no_tag_is_made(tmp_path):
    """There is nothing to put it on."""
    with pytest.raises(UsageError, match="no tag can be made: this folder is in no git repository"):
        tagger.create(tmp_path, Wanted(("v1.2.3",), "0" * 40))


def test_a_worktree_is_a_checkout_too(repo, tmp_path):
    """Its `.git` is a file that leads elsewhere."""
    repo.commit(single())
    repo("worktree", "add", "--quiet", "-b", "topic", str(tmp_path / "tree"))

    found = history.find(tmp_path / "tree")

    assert found.value.head() == Known(repo("rev-parse", "HEAD"))


def test_many_names_are_asked_for_in_turns(repo):
    """A command line has an end, and a monorepo may have a thousand packages."""
    repo.commit(single())
    repo("tag", "p499@1.0.0")
    found = history.find(repo.root)

    existing = found.value.existing([f"p{n}@1.0.0" for n in range(500)], repo("rev-parse", "HEAD"))

    assert [one.tag for one in existing.value] == ["p499@1.0.0"]


def test_git_says_what_is_wrong_in_one_line(repo):
    """A hint of git's own is for those who typed the command."""
    repo.commit(single())

    answer = git.ask(git.find(repo.root).value, "rev-parse", "--verify", "nothing")

    assert (answer.good, answer.fault) == (False, "Needed a single revision")
