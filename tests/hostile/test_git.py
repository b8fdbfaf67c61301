"""Repositories made to mislead whoever asks git, or to run what they name."""

from __future__ import annotations

import json
import os
import shutil
import sys

import pytest

CANARY = "CANARY-from-elsewhere"
OURS = "https://github.com/Acme/widgets"
EVIL = '[remote "origin"]\n\turl = https://github.com/evil/canary.git\n'

POSIX = pytest.mark.skipif(os.name != "posix", reason="links of POSIX")


@pytest.fixture
def told(run):
    """Return a function that runs `plan` and returns the repository that it names."""

    def plan(*words, **options):
        ended = run("plan", *words, "--format", "json", **options)
        assert (ended.code, CANARY in ended.said) == (0, False), ended.err[-500:]
        return json.loads(ended.out)["repository"]["url"]

    return plan


@pytest.fixture
def other(tmp_path):
    """Return the git folder of somebody else's repository."""
    folder = tmp_path / "other" / ".git"
    for name in ("objects", "refs"):
        (folder / name).mkdir(parents=True)
    (folder / "HEAD").write_text("ref: refs/heads/main\n", encoding="utf-8")
    (folder / "config").write_text(EVIL, encoding="utf-8")
    return folder


def test_the_plain_repository_is_told(told):
    """The tests below show that something else is not; this one that anything is."""
    assert told() == OURS


def test_a_folder_below_the_top_belongs_to_the_repository(told, put, project):
    """Monorepos are checked package by package."""
    put({"packages/a/package.json": '{"name": "a"}'})

    assert told(cwd=project / "packages" / "a") == OURS


@pytest.mark.parametrize("name", ["GIT_DIR", "GIT_COMMON_DIR", "GIT_WORK_TREE", "GIT_CONFIG", "GIT_CONFIG_GLOBAL"])
def test_variables_of_git_lead_nowhere_else(name, told, other):
    """Hooks of git set them for every program that they start."""
    target = other / "config" if "CONFIG" in name else other

    assert told(**{name: str(target)}) == OURS


def test_settings_of_git_in_the_environment_do_not_count(told):
    """Neither do those that stand in for a file."""
    given = {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "remote.origin.url",
        "GIT_CONFIG_VALUE_0": "https://github.com/e/c",
    }

    assert told(**given) == OURS


@pytest.mark.parametrize("text", ["gitdir: {}\n", "gitdir: {}", "gitdir: ../other/.git\n", "gitdir:{}\r\n"])
def test_a_git_file_that_leads_elsewhere_is_not_followed(text, told, project, other):
    """Provenance would be compared with somebody else's repository."""
    shutil.rmtree(project / ".git")
    (project / ".git").write_text(text.replace("{}", str(other)), encoding="utf-8")

    assert told() is None


def test_a_git_file_of_a_worktree_must_be_known_there(told, project, other):
    """`commondir` may lead anywhere too."""
    shutil.rmtree(project / ".git")
    (project / ".git").write_text(f"gitdir: {other}\n", encoding="utf-8")
    (other / "commondir").write_text(f"{other}\n", encoding="utf-8")
    (other / "gitdir").write_text("/somewhere/else/.git\n", encoding="utf-8")

    assert told() is None


@POSIX
@pytest.mark.parametrize("name", [".git", ".git/config", ".git/HEAD"])
def test_a_linked_git_folder_is_not_followed(name, told, project, other):
    """A link may be tracked, and lead into another checkout on the same machine."""
    path = project / name
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    path.symlink_to(other if name == ".git" else other / path.name)

    assert told() in {None, OURS}


def test_a_bare_repository_in_a_folder_is_not_taken_for_one(told, project, other):
    """Its files are tracked as any others, and survive a clone."""
    package = project / "packages" / "a"
    shutil.copytree(other, package)
    (package / "package.json").write_text('{"name": "a"}', encoding="utf-8")

    assert told(cwd=package) == OURS


def test_a_git_folder_without_a_head_is_none(told, project):
    """Git looks further up then, and so must we."""
    folder = project / "packages" / "a"
    (folder / ".git").mkdir(parents=True)
    (folder / ".git" / "config").write_text(EVIL, encoding="utf-8")
    (folder / "package.json").write_text('{"name": "a"}', encoding="utf-8")

    assert told(cwd=folder) == OURS


@pytest.mark.parametrize(
    "line",
    [
        "[include]\n\tpath = {outside}\n",
        '[includeIf "gitdir:/"]\n\tpath = {outside}\n',
        "[core]\n\tworktree = /etc\n",
        "[core]\n\tattributesFile = {outside}\n",
    ],
)
def test_nothing_is_included(line, told, project, tmp_path):
    """The message of an error would show the first line of any file."""
    outside = tmp_path / "outside"
    outside.write_text(f"{CANARY}\n", encoding="utf-8")
    config = project / ".git" / "config"
    config.write_text(config.read_text("utf-8") + line.replace("{outside}", str(outside)), encoding="utf-8")

    assert told() == OURS


MARK = "touch {mark}"
PROGRAMS = f"""
[core]
	fsmonitor = {MARK}
	hooksPath = hooks
	sshCommand = {MARK}
	gitProxy = {MARK}
	pager = {MARK}
	editor = {MARK}
	askPass = {MARK}
	alternateRefsCommand = {MARK}
[filter "x"]
	clean = {MARK}
	smudge = {MARK}
	process = {MARK}
	required = true
[diff "x"]
	textconv = {MARK}
	command = {MARK}
[diff]
	external = {MARK}
[credential]
	helper = !{MARK}
[gpg]
	program = {MARK}
[alias]
	status = !{MARK}
	config = !{MARK}
[extensions]
	partialClone = origin
[remote "evil"]
	url = ext::sh -c {MARK}
	uploadpack = {MARK}
	promisor = true
"""


@pytest.mark.parametrize("words", [["check", "-v"], ["plan", "-v"], ["config", "show"]])
def test_no_program_that_a_repository_names_is_run(words, run, project, put, tmp_path):
    """An unpacked archive must be safe to look at."""
    mark = tmp_path / "mark"
    config = project / ".git" / "config"
    config.write_text(config.read_text("utf-8") + PROGRAMS.replace("{mark}", str(mark)), encoding="utf-8")
    put({".gitattributes": "* filter=x diff=x\n"})
    for name in ("post-index-change", "pre-commit", "post-checkout", "reference-transaction", "fsmonitor-watchman"):
        put({f"hooks/{name}": f"#!/bin/sh\ntouch {mark}\n", f".git/hooks/{name}": f"#!/bin/sh\ntouch {mark}\n"})
        (project / "hooks" / name).chmod(0o755)
        (project / ".git" / "hooks" / name).chmod(0o755)

    ended = run(*words)

    assert (ended.code in {0, 1}, mark.exists()) == (True, False)


FOREIGN = [
    "https://evil.example/Acme/widgets",
    "https://github.com@evil.example/Acme/widgets",
    "https://github.com:443@evil.example/Acme/widgets",
    "https://github.com%2f@evil.example/Acme/widgets",
    "https://evil.example/github.com/Acme/widgets",
    "https://evil.example#github.com/Acme/widgets",
    "https://evil.example?github.com/Acme/widgets",
    "https://github.com.evil.example/Acme/widgets",
    "https://evilgithub.com/Acme/widgets",
    "https://github.community/Acme/widgets",
    "https://g\u0456thub.com/Acme/widgets",
    "https://github\u3002com/Acme/widgets",
    "https://\uff47\uff49\uff54\uff48\uff55\uff42.com/Acme/widgets",
    "https://github.com\u200b/Acme/widgets",
    "https://github.com\\@evil.example/Acme/widgets",
    "https://evil.example\\github.com/Acme/widgets",
    "https:///github.com/Acme/widgets",
    "https:/github.com/Acme/widgets",
    "https://github.com/Acme/widgets/../../evil/canary",
    "https://github.com/Acme/../evil",
    "https://github.com/Acme/widgets/extra",
    "https://github.com/Acme",
    "https://github.com//widgets",
    "https://github.com/",
    "https://github.com/Acme/widgets-evil",
    "https://github.com/Acme/widgets.git.evil",
    "https://github.com/acme-evil/widgets",
    "https://github.com/\u0410cme/widgets",
    "https://github.com/Acme%2fwidgets",
    "https://github.com/Acme/widgets%00",
    "git@evil.example:github.com/Acme/widgets",
    "git@github.com.evil.example:Acme/widgets.git",
    "git@github.com:Acme/widgets.git/../../evil/canary",
    "git@github-work:Acme/widgets",
    "evil@evil.example:Acme/widgets",
    "ssh://git@evil.example/github.com:Acme/widgets",
    "ssh://-oProxyCommand=touch/Acme/widgets",
    "-oProxyCommand=touch:Acme/widgets",
    "--upload-pack=touch",
    "ext::sh -c touch% /tmp/x",
    "ext::git@github.com:Acme/widgets",
    "fd::17/Acme/widgets",
    "file:///Acme/widgets",
    "/Acme/widgets",
    "../Acme/widgets",
    "C:\\Acme\\widgets",
    "https://[::1]/Acme/widgets",
    "https://140.82.121.4/Acme/widgets",
    "javascript:alert(1)//github.com/Acme/widgets",
    "",
    ":",
    "://",
    "@",
    "https://",
    "a" * 100_000,
    "https://github.com/" + "a/" * 50_000,
]
"""Addresses that are not those of `Acme/widgets` on github.com."""


def quoted(text):
    """Return a text as git's configuration spells it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


@pytest.mark.parametrize("url", FOREIGN, ids=lambda url: url[:50] or "nothing")
def test_an_address_of_others_is_not_ours(url, told, project):
    """Trusted publishing is set up for what is read here."""
    (project / ".git" / "config").write_text(f'[remote "origin"]\n\turl = {quoted(url)}\n', encoding="utf-8")

    assert told() != OURS


@pytest.mark.parametrize(
    "url",
    [
        OURS,
        f"{OURS}.git",
        f"{OURS}/",
        f"git+{OURS}.git",
        "git@github.com:Acme/widgets.git",
        "ssh://git@github.com/Acme/widgets.git",
        "ssh://git@ssh.github.com:443/Acme/widgets.git",
        "git://github.com/Acme/widgets.git",
        "https://canary:secret@github.com/Acme/widgets",
        "HTTPS://GitHub.COM/Acme/widgets",
        "https://www.github.com/Acme/widgets",
    ],
)
def test_every_spelling_of_ours_is_ours(url, told, project):
    """The table above refuses; it must not refuse all."""
    (project / ".git" / "config").write_text(f'[remote "origin"]\n\turl = {quoted(url)}\n', encoding="utf-8")

    assert told() == OURS


@pytest.mark.parametrize("old", ["https://github.com/", "https://", "https://github.com/Acme/widgets.git", "h"])
def test_a_rewrite_that_leads_elsewhere_is_no_answer(old, told, project):
    """`insteadOf` makes git talk to another host than the one that is written down."""
    config = project / ".git" / "config"
    text = f'{config.read_text("utf-8")}[url "https://evil.example/"]\n\tinsteadOf = {old}\n'
    config.write_text(text, encoding="utf-8")

    assert told() is None


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may give files away")
@pytest.mark.skipif(sys.platform == "win32", reason="owners of POSIX")
def test_a_repository_of_another_user_above_does_not_count(told, project):
    """Git refuses it too: anyone may make a `.git` in a folder that all may write to."""
    folder = project / "packages" / "a"
    folder.mkdir(parents=True)
    (folder / "package.json").write_text('{"name": "a"}', encoding="utf-8")
    os.chown(project / ".git", 65_534, 65_534)

    assert told(cwd=folder) is None
