"""Tests of `tag` and of `check --tag` on the command line, with repositories that git itself made."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from shutil import which

import pytest

from preflight.cli import settings
from preflight.cli.main import main
from preflight.errors import Exit

pytestmark = pytest.mark.skipif(which("git") is None, reason="needs git")

TOP = Path(__file__).parents[2]
WORKFLOW = """\
on: {push: {tags: ["v*"]}}
jobs:
  publish:
    runs-on: ubuntu-26.04
    permissions: {contents: read, id-token: write}
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
      - run: npm publish --provenance
"""
REPOSITORY = ("--repository", "acme/widgets")


class Place:
    """A checkout of a project that is ready, with a bare remote."""

    def __init__(self, root):
        self.root, self.remote = root / "work", root / "remote.git"
        (self.root / ".github" / "workflows").mkdir(parents=True)
        (self.root / ".github" / "workflows" / "release.yml").write_text(WORKFLOW)
        self.write(version="1.2.3")
        subprocess.run(["git", "init", "--quiet", "--bare", str(self.remote)], check=True)
        self("init", "--quiet", "--initial-branch=main")
        self("config", "user.name", "A")
        self("config", "user.email", "a@example.com")
        self("remote", "add", "origin", str(self.remote))
        self.commit()

    def __call__(self, *words, place=None):
        """Run git and return what it says."""
        done = subprocess.run(["git", *words], cwd=place or self.root, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def write(self, **fields):
        """Write package.json."""
        text = json.dumps({"name": "widgets", "repository": "acme/widgets", **fields})
        (self.root / "package.json").write_text(text)

    def commit(self):
        """Commit everything and push it."""
        self("add", "--all")
        self("commit", "--quiet", "--message=Release")
        self("push", "--quiet", "--set-upstream", "origin", "main")

    @property
    def tags(self):
        """The tags here."""
        return self("tag").split()

    @property
    def pushed(self):
        """The tags of the remote."""
        return self("tag", place=self.remote).split()

    def refuse(self, words):
        """Let the remote refuse every push."""
        hook = self.remote / "hooks" / "pre-receive"
        hook.write_text(f"#!/bin/sh\necho '{words}' >&2\nexit 1\n")
        hook.chmod(0o755)


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Make a checkout and go there."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    made = Place(tmp_path)
    monkeypatch.chdir(made.root)
    return made


# -- check --tag ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tag", "code", "shown"),
    [
        pytest.param("v1.2.3", 0, "  next  git tag -a v1.2.3 && git push origin v1.2.3", id="good"),
        pytest.param("v1.3.0", 1, "the tag is `v1.3.0`, but `widgets` is at 1.2.3", id="another version"),
    ],
)
@pytest.mark.usefixtures("place")
def test_check_with_a_tag_asks_the_rules_at_the_tag(capsys, tag, code, shown):
    """The last look before the point of no return."""
    done = main(["check", "--tag", tag, *REPOSITORY])

    assert (done, shown in capsys.readouterr().out) == (code, True)


def test_check_without_a_tag_does_not(place):
    """A change in the editor is no reason to refuse a commit."""
    place.write(version="1.2.4")

    assert main(["check", *REPOSITORY]) == Exit.PASSED


def test_a_tag_that_is_at_head_has_nothing_next(place, capsys):
    """In the pipeline that the tag started there is nothing to tag."""
    place("tag", "v1.2.3")

    done = main(["check", "--tag", "refs/tags/v1.2.3", *REPOSITORY])

    assert (done, "next" in capsys.readouterr().out) == (0, False)


@pytest.mark.parametrize("words", [["check", "--tag", ""], ["check", "--tag=a b"], ["tag", ""], ["tag", "a..b"]])
def test_a_mistaken_tag_is_no_finding(place, words):
    """A variable that is not set must not let the check pass, or make up a tag."""
    assert (main(words), place.tags) == (Exit.USAGE, [])


@pytest.mark.usefixtures("place")
def test_git_is_not_loaded_without_a_tag():
    """GitPython takes a tenth of a second to import."""
    code = "import sys; from preflight.cli.main import main; main(['check', '-q']); print('git' in sys.modules)"

    environment = {**os.environ, "PYTHONPATH": str(TOP)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)

    assert done.stdout.endswith("False\n")


@pytest.mark.usefixtures("place")
def test_the_proof_is_proposed_where_there_is_one(capsys, monkeypatch):
    """The line that comes after the publish."""
    monkeypatch.setattr("preflight.cli.check.COMMANDS", {**settings.COMMANDS, "verify": ()})

    main(["check", "--tag", "v1.2.3", *REPOSITORY])

    assert "  then  preflight verify widgets@1.2.3 --wait\n" in capsys.readouterr().out


# -- tag ------------------------------------------------------------------------------------------


def test_the_tag_of_the_version_is_made(place, capsys):
    """Raise the version, commit, `preflight tag`."""
    done = main(["tag", *REPOSITORY])

    out = capsys.readouterr().out
    assert (done, place.tags, "  next  git push origin v1.2.3\n" in out) == (0, ["v1.2.3"], True)


def test_a_tag_that_is_named_is_made_and_pushed(place):
    """One command for the whole of it."""
    done = main(["tag", "1.2.3", "--push", "-m", "The third", *REPOSITORY])

    said = (place.tags, place.pushed, place("tag", "--list", "--format=%(contents)"))
    assert (done, *said) == (0, ["1.2.3"], ["1.2.3"], "The third")


def test_what_would_be_done_is_shown(place, capsys):
    """Nothing is made, here or there."""
    done = main(["tag", "--dry-run", "--push", *REPOSITORY])

    out = capsys.readouterr().out
    assert (done, place.tags, place.pushed) == (0, [], [])
    assert "Would tag " in out
    assert "Would push to origin" in out


@pytest.mark.parametrize(
    ("words", "code"),
    [
        pytest.param([], 1, id="findings"),
        pytest.param(["--exit-zero"], 0, id="an exit code for nothing"),
    ],
)
def test_nothing_is_made_where_something_is_wrong(place, capsys, words, code):
    """A tag starts a publish that cannot be taken back."""
    place.write(version="1.2.3", description="changed")

    done = main(["tag", "--push", *REPOSITORY, *words])

    assert (done, place.tags, "No tag was made." in capsys.readouterr().out) == (code, [], True)


def test_what_cannot_be_told_is_refused_where_that_is_asked_for(place):
    """With `--strict` an unsure rule is as good as a failed one."""
    place("remote", "remove", "origin")

    done = main(["tag", "--strict", *REPOSITORY])

    assert (done, place.tags) == (Exit.INCONCLUSIVE, [])


def test_a_tag_that_exists_is_in_the_way(place, capsys):
    """Even at HEAD: whoever made it may have pushed it."""
    place("tag", "v1.2.3")

    done = main(["tag", *REPOSITORY])

    assert (done, "the tag `v1.2.3` exists already" in capsys.readouterr().out) == (1, True)


def test_a_push_that_fails_leaves_the_tag_and_says_so(place, capsys):
    """The exit code must stop the script that waits for the release."""
    place.refuse("no releases on Friday")

    done = main(["tag", "--push", *REPOSITORY])

    out, err = capsys.readouterr()
    assert (done, place.tags, place.pushed) == (1, ["v1.2.3"], [])
    assert "no releases on Friday" in err
    assert "  next  git push origin v1.2.3\n" in out


def test_a_remote_that_is_not_there_is_told_before_the_tag_is_made(place):
    """The tag would be left behind for nothing."""
    done = main(["tag", "--push", "--remote", "upstram", *REPOSITORY])

    assert (done, place.tags) == (Exit.USAGE, [])


def test_without_a_remote_there_is_nothing_to_push_to(place, capsys):
    """The tag is made all the same."""
    place("remote", "remove", "origin")

    done = main(["tag", *REPOSITORY])

    assert (done, place.tags, "git push" in capsys.readouterr().out) == (0, ["v1.2.3"], False)


@pytest.mark.usefixtures("place")
def test_a_report_for_programs_stands_alone(capsys):
    """What was done goes to standard error then."""
    done = main(["tag", "--format", "json", *REPOSITORY])

    out, err = capsys.readouterr()
    assert (done, json.loads(out)["command"], "Tagged " in err) == (0, "check", True)


def test_each_package_has_its_tag(place, capsys, monkeypatch):
    """Changesets tags every package, and GitHub starts nothing where more than three arrive together."""
    (place.root / ".changeset").mkdir()
    (place.root / ".changeset" / "config.json").write_text("{}")
    (place.root / "package.json").write_text('{"private": true, "workspaces": ["packages/*"]}')
    for name, version in (("a", "1.0.0"), ("b", "2.0.0"), ("c", "3.0.0"), ("d", "4.0.0")):
        folder = place.root / "packages" / name
        folder.mkdir(parents=True)
        where = {"url": "git+https://github.com/acme/widgets.git", "directory": f"packages/{name}"}
        (folder / "package.json").write_text(
            json.dumps({"name": f"@acme/{name}", "version": version, "repository": where})
        )
    place.commit()
    place("tag", "@acme/a@1.0.0")
    place("tag", "@acme/a@0.9.0")
    monkeypatch.setattr("preflight.cli.tag.COMMANDS", {**settings.COMMANDS, "verify": ()})

    main(["tag", "--fail-on", "never", "-n", *REPOSITORY])

    lines = capsys.readouterr().out.splitlines()
    assert lines[-5:] == [
        "  @acme/b@2.0.0",
        "  @acme/c@3.0.0",
        "  @acme/d@4.0.0",
        "  next  git push origin @acme/b@2.0.0 @acme/c@3.0.0 @acme/d@4.0.0",
        "  then  preflight verify @acme/b@2.0.0 @acme/c@3.0.0 @acme/d@4.0.0 --wait",
    ]


@pytest.mark.parametrize(
    ("break_", "why"),
    [
        pytest.param(lambda place: place.write(version="0.0.0-dev"), "no tag can be made up", id="no version"),
        pytest.param(lambda place: place("update-ref", "-d", "HEAD"), "there is no commit yet", id="no commit"),
    ],
)
def test_what_cannot_be_tagged_is_told(place, capsys, break_, why):
    """The next thing to do is the maintainer's."""
    break_(place)

    done = main(["tag", *REPOSITORY])

    assert (done, why in capsys.readouterr().err) == (Exit.USAGE, True)
