"""Tests of finding out which repository a project is, without running git."""

from __future__ import annotations

import os
import subprocess
from shutil import which
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preflight.errors import ConfigError, UsageError
from preflight.facts.fact import Fact, Known, Unknown
from preflight.facts.project import Origin, Repository
from preflight.readers import git
from preflight.readers.git import Head

if TYPE_CHECKING:
    from pathlib import Path

URL = "https://github.com/acme/Widgets"
ORIGIN = '[remote "origin"]\n\turl = https://github.com/acme/Widgets.git\n'
needs_git = pytest.mark.skipif(which("git") is None, reason="needs git")


def clone(folder: Path, config: str = ORIGIN, head: str = "ref: refs/heads/main\n") -> Path:
    """Write what of a clone is read."""
    (folder / ".git").mkdir(parents=True)
    (folder / ".git" / "config").write_text(config, encoding="utf-8")
    (folder / ".git" / "HEAD").write_text(head, encoding="utf-8")
    return folder


def remote(url: str, name: str = "origin") -> str:
    """Return the section of a remote."""
    return f'[remote "{name}"]\n\turl = {url}\n'


def why(fact: Fact[object]) -> str | None:
    """Return why a fact is unknown."""
    return fact.why if isinstance(fact, Unknown) else None


def run(folder: Path, *words: str) -> None:
    """Run git itself."""
    names = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b"}
    env = {**os.environ, **names, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    command = ["git", "-c", "protocol.file.allow=always", *words]
    subprocess.run(command, cwd=folder, env=env, check=True, capture_output=True)


# -- remotes --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        pytest.param("https://github.com/acme/Widgets.git", URL, id="https"),
        pytest.param("https://GitHub.com/acme/Widgets/", URL, id="the host has no case"),
        pytest.param("http://www.github.com/acme/Widgets", URL, id="http and www"),
        pytest.param("https://me:s3cret@github.com/acme/Widgets", URL, id="a token"),
        pytest.param("git@github.com:acme/Widgets.git", URL, id="as scp"),
        pytest.param("github.com:acme/Widgets.git", URL, id="as scp without a user"),
        pytest.param("ssh://git@github.com:22/acme/Widgets", URL, id="ssh"),
        pytest.param("ssh://git@ssh.github.com:443/acme/Widgets.git", URL, id="ssh on the port of https"),
        pytest.param("git://github.com/acme/Widgets.git", URL, id="the git protocol"),
        pytest.param("git@gitlab.com:grp/sub/proj.git", "https://gitlab.com/grp/sub/proj", id="GitLab"),
        pytest.param("ssh://git@git.example.com:2222/g/p", "https://git.example.com:2222/g/p", id="another port"),
    ],
)
def test_a_remote_names_a_repository(tmp_path: Path, url: str, expected: str) -> None:
    """Every spelling that git takes leads to the same repository."""
    clone(tmp_path, remote(url))

    found = git.identify(tmp_path, {})

    assert found == Known(Repository(expected, Origin.REMOTE))


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        pytest.param("file:///srv/git/w.git", "not the address", id="a file"),
        pytest.param("/srv/git/w.git", "not the address", id="a path"),
        pytest.param("acme/Widgets", "not the address", id="a relative path"),
        pytest.param("ext::sh -c evil", "not the address", id="a command"),
        pytest.param("https://github.com/acme", "not the address of a repository on github.com", id="only an owner"),
        pytest.param("https://github.com/a/b/c", "not the address of a repository on github.com", id="one too many"),
        pytest.param("git@github-work:acme/Widgets", "host `github-work`", id="a name of ssh's configuration"),
        pytest.param("git@github.com-work:acme/Widgets", "host `github.com-work`", id="another such name"),
        pytest.param(
            "https://g\u0131thub.com/acme/Widgets",
            "not the address",
            id="a host that only looks right",
        ),
    ],
)
def test_a_remote_that_names_none_is_unknown(tmp_path: Path, url: str, reason: str) -> None:
    """A guess would accuse the right field, or clear the wrong one."""
    clone(tmp_path, remote(url))

    found = git.identify(tmp_path, {})

    assert reason in (why(found) or "")


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        pytest.param(
            remote("https://github.com/me/Widgets") + remote(URL, "upstream"),
            Known(Repository("https://github.com/me/Widgets", Origin.REMOTE, (URL,))),
            id="origin, and the other is kept",
        ),
        pytest.param(remote(URL, "github"), Known(Repository(URL, Origin.REMOTE)), id="the only one"),
        pytest.param(
            remote(URL, "a") + remote("git@github.com:acme/Widgets", "b"),
            Known(Repository(URL, Origin.REMOTE)),
            id="two that agree",
        ),
        pytest.param(
            remote(URL, "a") + remote("https://github.com/me/Widgets", "b"),
            Unknown("there are several remotes (`a`, `b`) and none is called `origin`"),
            id="two that do not",
        ),
        pytest.param(
            remote(URL) + remote("/srv/mirror", "backup"), Known(Repository(URL, Origin.REMOTE)), id="a local mirror"
        ),
        pytest.param(
            remote("https://github.com/a/first") + remote("https://github.com/a/second"),
            Known(Repository("https://github.com/a/first", Origin.REMOTE)),
            id="of two addresses the first",
        ),
        pytest.param("", Unknown("the git repository has no remote"), id="none"),
        pytest.param('[remote "origin"]\nfetch = x', Unknown("the git repository has no remote"), id="no address"),
        pytest.param("[include]\npath = x", Unknown("`.git/config` includes another file, which may name the remote")),
        pytest.param('[includeIf "x"]\npath = y\n' + ORIGIN, Known(Repository(URL, Origin.REMOTE)), id="include"),
        pytest.param("[broken", Unknown("git would not read `.git/config` either"), id="broken"),
        pytest.param(
            '[url "https://github.com/"]\ninsteadOf = gh:\n' + remote("gh:acme/Widgets"),
            Known(Repository(URL, Origin.REMOTE)),
            id="an abbreviation",
        ),
        pytest.param(
            '[url "ssh://git@github.com/"]\ninsteadOf = https://github.com/\n' + ORIGIN,
            Known(Repository(URL, Origin.REMOTE)),
            id="the same by ssh",
        ),
        pytest.param(
            '[url "git@work:acme/"]\ninsteadOf = https://github.com/acme/\n' + ORIGIN,
            Known(Repository(URL, Origin.REMOTE)),
            id="a host of ssh's own configuration",
        ),
        pytest.param(
            '[url "https://github.com/evil/"]\ninsteadOf = https://github.com/acme/\n'
            '[url "x"]\ninsteadOf = https://\n' + ORIGIN,
            Unknown(f"`insteadOf` turns the remote `origin` from {URL} into https://github.com/evil/Widgets"),
            id="another repository",
        ),
    ],
)
def test_a_remote_is_chosen(tmp_path: Path, config: str, expected: Fact[Repository]) -> None:
    """`origin`, else the only one."""
    clone(tmp_path, config)

    found = git.identify(tmp_path, {})

    assert found == expected


def test_remotes_keep_their_names(tmp_path: Path) -> None:
    """The plan shows them, without secrets."""
    clone(tmp_path, remote("https://s3cret@github.com/acme/Widgets", "up") + remote("/srv/s3cret", "local"))

    found = git.remotes(tmp_path)

    assert isinstance(found, Known)
    assert [one.name for one in found.value] == ["up", "local"]
    assert "s3cret" not in repr(found)


# -- finding the repository -----------------------------------------------------------------------


def test_the_repository_may_lie_above(tmp_path: Path) -> None:
    """The project may be one folder of many."""
    clone(tmp_path)
    project = tmp_path / "a" / "b"
    project.mkdir(parents=True)
    (tmp_path / "a" / ".git").mkdir()

    found = git.find(project)

    assert isinstance(found, Known)
    assert found.value.top == tmp_path.resolve()


@pytest.mark.parametrize(("folder", "expected"), [("a/b", "a/b"), (".", ".")])
def test_a_folder_is_seen_from_the_top(tmp_path: Path, folder: str, expected: str) -> None:
    """`repository.directory` counts from there."""
    clone(tmp_path)
    (tmp_path / folder).mkdir(parents=True, exist_ok=True)

    found = git.below(tmp_path / folder)

    assert str(found) == expected


def test_a_folder_in_no_repository_is_the_top(tmp_path: Path) -> None:
    """There is nothing to count from."""
    found = git.below(tmp_path)

    assert str(found) == "."


def test_no_repository_is_unknown(tmp_path: Path) -> None:
    """An unpacked archive has none."""
    answers = [why(answer) for answer in (git.find(tmp_path), git.remotes(tmp_path), git.head(tmp_path))]

    assert answers == ["this folder is in no git repository"] * 3


def test_a_folder_that_is_not_there_is_in_no_repository(tmp_path: Path) -> None:
    """The command line has checked it, and it may vanish."""
    found = git.find(tmp_path / "gone" / "away")

    assert isinstance(found, Unknown)


def test_a_tracked_bare_repository_is_not_taken(tmp_path: Path) -> None:
    """A package's folder could bring its own remote and so pose as another repository."""
    clone(tmp_path)
    bare = tmp_path / "package"
    clone(bare, remote("https://github.com/evil/Widgets"))
    for item in (bare / ".git").iterdir():
        item.rename(bare / item.name)
    (bare / ".git").rmdir()

    found = git.identify(bare, {})

    assert found == Known(Repository(URL, Origin.REMOTE))


def test_a_linked_door_is_refused(tmp_path: Path) -> None:
    """A link may lead to any repository of the machine."""
    clone(tmp_path / "other")
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / ".git").symlink_to(tmp_path / "other" / ".git")

    found = git.find(tmp_path / "here")

    assert why(found) == "`.git` is a link or a special file"


def test_the_repository_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anyone may write `/tmp/.git`."""
    clone(tmp_path)
    project = tmp_path / "project"
    project.mkdir()
    monkeypatch.setattr(git, "_user", lambda: -7)
    monkeypatch.setattr(git, "_device_and_owner", lambda _: (1, -8))

    found = git.find(project)

    assert why(found) == "another user owns the git repository above this folder"


def test_the_search_stops_at_the_file_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As git's does: what is mounted is another world."""
    clone(tmp_path)
    project = tmp_path / "project"
    project.mkdir()
    monkeypatch.setattr(git, "_device_and_owner", lambda folder: (len(folder.parts), 0))

    found = git.find(project)

    assert why(found) == "this folder is in no git repository"


@needs_git
def test_a_worktree_is_followed(tmp_path: Path) -> None:
    """Many maintainers release from one."""
    main, tree = tmp_path / "main", tmp_path / "tree"
    main.mkdir()
    run(main, "init", "-q", "-b", "main")
    run(main, "commit", "-q", "--allow-empty", "-m", "x")
    run(main, "remote", "add", "origin", URL)
    run(main, "worktree", "add", "-q", "-b", "next", str(tree))

    found = git.identify(tree, {}), git.head(tree)

    assert found == (Known(Repository(URL, Origin.REMOTE)), Known(Head("next", None)))


@needs_git
def test_a_submodule_is_followed(tmp_path: Path) -> None:
    """It is a repository of its own, with its own remote."""
    inner, outer = tmp_path / "inner", tmp_path / "outer"
    for folder in (inner, outer):
        folder.mkdir()
        run(folder, "init", "-q")
        run(folder, "commit", "-q", "--allow-empty", "-m", "x")
    run(outer, "submodule", "add", "-q", str(inner), "sub")
    run(outer / "sub", "remote", "set-url", "origin", URL)

    found = git.identify(outer / "sub", {})

    assert found == Known(Repository(URL, Origin.REMOTE))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("gitdir: ../victim/.git\n", id="another repository"),
        pytest.param("gitdir: ../victim/.git/worktrees/theirs\n", id="another's worktree"),
        pytest.param("gitdir: /nowhere\n", id="nowhere"),
    ],
)
def test_a_file_may_not_lead_to_a_stranger(tmp_path: Path, text: str) -> None:
    """An unpacked archive could pose as any repository of the machine."""
    victim = clone(tmp_path / "victim")
    theirs = victim / ".git" / "worktrees" / "theirs"
    theirs.mkdir(parents=True)
    (theirs / "commondir").write_text("../..\n")
    (theirs / "gitdir").write_text(str(tmp_path / "theirs" / ".git"))
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / ".git").write_text(text)

    found = git.identify(tmp_path / "here", {})

    assert why(found) == "`.git` leads to a repository that does not know this folder"


@pytest.mark.parametrize("text", ["hello", "gitdir: a\0b\n", ""])
def test_a_file_that_leads_nowhere_is_unknown(tmp_path: Path, text: str) -> None:
    """It is not git's."""
    (tmp_path / ".git").write_text(text)

    found = git.find(tmp_path)

    assert why(found) == "`.git` is a file that names no folder"


# -- hostile files --------------------------------------------------------------------------------


def test_a_pipe_does_not_hang(tmp_path: Path) -> None:
    """Opening it plainly would wait for ever."""
    clone(tmp_path)
    (tmp_path / ".git" / "config").unlink()
    os.mkfifo(tmp_path / ".git" / "config")

    found = git.identify(tmp_path, {})

    assert why(found) == "`.git/config` cannot be read"


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    """Nobody has a megabyte of remotes."""
    clone(tmp_path, ORIGIN + "#" * 2_000_000)

    found = git.identify(tmp_path, {})

    assert why(found) == "`.git/config` cannot be read"


def test_a_link_out_is_not_followed(tmp_path: Path) -> None:
    """Its target could be any file of the machine."""
    clone(tmp_path / "here")
    (tmp_path / "secret").write_text(ORIGIN)
    (tmp_path / "here" / ".git" / "config").unlink()
    (tmp_path / "here" / ".git" / "config").symlink_to(tmp_path / "secret")

    found = git.identify(tmp_path / "here", {})

    assert why(found) == "`.git/config` cannot be read"


def test_an_include_is_not_opened(tmp_path: Path) -> None:
    """GitPython shows the content of what it includes in its error."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    clone(tmp_path / "here", f"[include]\npath = {pipe}\n" + ORIGIN)

    found = git.identify(tmp_path / "here", {})

    assert found == Known(Repository(URL, Origin.REMOTE))


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reading(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    """An archive may bring any `.git`."""
    folder = clone(tmp_path_factory.mktemp("clone"))
    (folder / ".git" / "config").write_bytes(content)
    (folder / ".git" / "HEAD").write_bytes(content)

    found = git.identify(folder, {}), git.head(folder)

    assert len(found) == 2


# -- HEAD -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("ref: refs/heads/feature/x\n", Head("feature/x", None), id="a branch"),
        pytest.param("0123456789abcdef0123456789abcdef01234567\n", Head(None, "0123456789abcdef" * 2 + "01234567")),
        pytest.param("ab" * 32, Head(None, "ab" * 32), id="a longer digest"),
        pytest.param("ref: refs/remotes/x", None, id="no branch"),
        pytest.param("abc", None, id="no commit"),
        pytest.param("", None, id="nothing"),
    ],
)
def test_head_is_read(tmp_path: Path, text: str, expected: Head | None) -> None:
    """The tag rules start from it."""
    clone(tmp_path, head=text)

    found = git.head(tmp_path)

    assert (found.value if isinstance(found, Known) else None) == expected


# -- who says it ----------------------------------------------------------------------------------

GITHUB = {"GITHUB_ACTIONS": "true", "GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "env/Env"}


@pytest.mark.parametrize(
    ("environment", "option", "configured", "expected"),
    [
        pytest.param(
            GITHUB, "opt/Opt", "con/Con", ("https://github.com/env/Env", Origin.ENVIRONMENT), id="environment"
        ),
        pytest.param({}, "opt/Opt", "con/Con", ("https://github.com/opt/Opt", Origin.OPTION), id="option"),
        pytest.param({}, None, "con/Con", ("https://github.com/con/Con", Origin.CONFIGURATION), id="configuration"),
        pytest.param({}, None, None, (URL, Origin.REMOTE), id="remote"),
        pytest.param(
            {"GITHUB_REPOSITORY": "env/Env"}, None, None, (URL, Origin.REMOTE), id="variables outside GitHub Actions"
        ),
        pytest.param({**GITHUB, "GITHUB_REPOSITORY": "x"}, None, None, (URL, Origin.REMOTE), id="a broken variable"),
        pytest.param({"GITHUB_ACTIONS": "true"}, None, None, (URL, Origin.REMOTE), id="a missing variable"),
        pytest.param(
            {"GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "env/Env"},
            None,
            None,
            ("https://github.com/env/Env", Origin.ENVIRONMENT),
            id="no server",
        ),
        pytest.param(
            {"GITLAB_CI": "true", "CI_PROJECT_URL": "https://gitlab.com/g/s/P"},
            None,
            None,
            ("https://gitlab.com/g/s/P", Origin.ENVIRONMENT),
            id="GitLab's address",
        ),
        pytest.param(
            {"GITLAB_CI": "true", "CI_SERVER_URL": "https://gitlab.com", "CI_PROJECT_PATH": "g/P"},
            None,
            None,
            ("https://gitlab.com/g/P", Origin.ENVIRONMENT),
            id="GitLab's path",
        ),
    ],
)
def test_the_best_source_wins(
    tmp_path: Path,
    environment: dict[str, str],
    option: str | None,
    configured: str | None,
    expected: tuple[str, Origin],
) -> None:
    """The pipeline knows its own repository and its case; a remote is a hint."""
    clone(tmp_path)

    found = git.identify(tmp_path, environment, option, configured)

    assert isinstance(found, Known)
    assert (found.value.url, found.value.origin) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("acme/Widgets", URL, id="owner and name"),
        pytest.param("https://github.com/acme/Widgets.git", URL, id="an address"),
        pytest.param("git@github.com:acme/Widgets", URL, id="as scp"),
        pytest.param("gitlab:g/p", "https://gitlab.com/g/p", id="a shorthand"),
        pytest.param("https://gitlab.com/g/s/p", "https://gitlab.com/g/s/p", id="GitLab"),
    ],
)
def test_an_option_names_a_repository(tmp_path: Path, text: str, expected: str) -> None:
    """People copy it from anywhere."""
    found = git.identify(tmp_path, {}, text)

    assert found == Known(Repository(expected, Origin.OPTION))


@pytest.mark.parametrize("text", ["", "Widgets", "a/b/c", "https://github.com/acme", "a/../b", "https://s3cret@"])
def test_a_bad_option_is_refused(tmp_path: Path, text: str) -> None:
    """Even in CI, where the environment would win: a typo should not wait for its day."""
    with pytest.raises(UsageError, match="--repository does not name a repository") as caught:
        git.identify(tmp_path, GITHUB, text)

    assert "s3cret" not in str(caught.value)


def test_a_bad_configuration_is_refused(tmp_path: Path) -> None:
    """The text names the file and the key."""
    with pytest.raises(ConfigError, match=r"preflight\.toml: `repository` does not name a repository: `x`"):
        git.identify(tmp_path, {}, None, "x")
