"""Tests of taking repository addresses apart and of npm's rewriting."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preflight.readers import addresses

NPM_TABLE = [
    ("owner/Repo", "git+https://github.com/owner/Repo.git"),
    ("owner/Repo.git", "git+https://github.com/owner/Repo.git"),
    ("owner/Repo#main", "git+https://github.com/owner/Repo.git#main"),
    ("github:owner/Repo", "git+https://github.com/owner/Repo.git"),
    ("github:owner/Repo?x", "git+https://github.com/owner/Repo.git"),
    ("github:token@owner/Repo", "git+https://github.com/owner/Repo.git"),
    ("gitlab:grp/proj", "git+https://gitlab.com/grp/proj.git"),
    ("gitlab:grp/sub/proj", "git+https://gitlab.com/grp/sub/proj.git"),
    ("bitbucket:team/repo", "git+https://bitbucket.org/team/repo.git"),
    ("gist:11081aaa281", "git+https://gist.github.com/11081aaa281.git"),
    ("sourcehut:~me/repo#v1", "https://git.sr.ht/~me/repo#v1"),
    ("https://github.com/owner/Repo", "git+https://github.com/owner/Repo.git"),
    ("https://github.com/owner/Repo/", "git+https://github.com/owner/Repo.git"),
    ("https://github.com/owner/Repo.git", "git+https://github.com/owner/Repo.git"),
    ("git+https://github.com/owner/Repo.git", "git+https://github.com/owner/Repo.git"),
    (" https://github.com/owner/Repo ", "git+https://github.com/owner/Repo.git"),
    ("https:github.com/owner/Repo", "git+https://github.com/owner/Repo.git"),
    ("https://www.github.com/owner/Repo", "git+https://github.com/owner/Repo.git"),
    ("https://GitHub.com/owner/Repo", "git+https://github.com/owner/Repo.git"),
    ("git+https://GitHub.com/owner/Repo", "git+https://GitHub.com/owner/Repo"),
    ("git@github.com:owner/Repo.git", "git+ssh://git@github.com/owner/Repo.git"),
    ("git@github.com/owner/Repo.git", "git+ssh://git@github.com/owner/Repo.git"),
    ("git@github.com:owner/Repo.git#v1", "git+ssh://git@github.com/owner/Repo.git#v1"),
    ("user:pw@github.com:owner/Repo", "git+ssh://git@github.com/owner/Repo.git"),
    ("ssh://git@github.com/owner/Repo", "git+ssh://git@github.com/owner/Repo.git"),
    ("ssh://git@github.com:22/owner/Repo", "git+ssh://git@github.com/owner/Repo.git"),
    ("git+ssh://git@github.com:owner/Repo.git", "git+ssh://git@github.com/owner/Repo.git"),
    ("git+ssh://git@github.com/owner/Repo", "git+ssh://git@github.com/owner/Repo.git"),
    ("git://github.com/owner/Repo.git", "git://github.com/owner/Repo.git"),
    ("git://me@github.com/owner/Repo.git#v1", "git://me@github.com/owner/Repo.git#v1"),
    ("http://github.com/owner/Repo", "git+ssh://git@github.com/owner/Repo.git"),
    ("git+http://github.com/owner/Repo", "git+http://github.com/owner/Repo"),
    ("https://github.com/owner/Repo/tree/main/packages/x", "git+https://github.com/owner/Repo.git#main"),
    ("https://github.com/owner/Repo#main", "git+https://github.com/owner/Repo.git#main"),
    ("https://github.com/owner/Repo/blob/main/x", "https://github.com/owner/Repo/blob/main/x"),
    ("https://github.com/owner", "https://github.com/owner"),
    ("https://user@github.com/owner/Repo", "git+https://user@github.com/owner/Repo.git"),
    ("https://user:pw@github.com/owner/Repo", "git+https://user:pw@github.com/owner/Repo.git"),
    ("https://gitlab.com/grp/sub/proj", "git+https://gitlab.com/grp/sub/proj.git"),
    ("https://gitlab.com/grp/proj/-/tree/main", "https://gitlab.com/grp/proj/-/tree/main"),
    ("https://gitlab.com/proj", "https://gitlab.com/proj"),
    ("http://gitlab.com/grp/proj", "http://gitlab.com/grp/proj"),
    ("https://bitbucket.org/team/repo/src/main", "git+https://bitbucket.org/team/repo.git"),
    ("https://bitbucket.org/team/repo/get/x", "https://bitbucket.org/team/repo/get/x"),
    ("https://git.sr.ht/~me/repo", "https://git.sr.ht/~me/repo"),
    ("https://gist.github.com/me/11081aaa281", "git+https://gist.github.com/11081aaa281.git"),
    ("git://gist.github.com/11081aaa281", "git://gist.github.com/11081aaa281.git"),
    ("git@gist.github.com:11081aaa281.git", "git+ssh://git@gist.github.com/11081aaa281.git"),
    ("https://gist.github.com/me/11081aaa281/raw", "https://gist.github.com/me/11081aaa281/raw"),
    ("https://gitea.example/owner/Repo", "https://gitea.example/owner/Repo"),
    ("github.com/owner/Repo", "github.com/owner/Repo"),
    ("github.com:owner/Repo", "github.com:owner/Repo"),
    ("git:github.com/owner/Repo", "git:github.com/owner/Repo"),
    ("ssh://git@host:nope@:x/o", "ssh://git@host:nope@:x/o"),
    ("https://github.com/a/../owner/Repo", "https://github.com/a/../owner/Repo"),
    ("https://github.com/owner/Re%70o", "https://github.com/owner/Re%70o"),
    ("./packages/x", "./packages/x"),
    ("/packages/x", "/packages/x"),
    ("@scope/name", "@scope/name"),
    ("Repo", "Repo"),
    ("", ""),
]


@pytest.mark.parametrize(("written", "sent"), [pytest.param(*row, id=row[0] or "nothing") for row in NPM_TABLE])
def test_npm_rewrites_what_it_knows(written: str, sent: str) -> None:
    """The registry compares what npm sends, not what the file says; the table was made with npm 11 itself."""
    found = addresses.as_npm_sends(written)

    assert found == sent


def test_an_endless_value_is_left_alone() -> None:
    """A hostile manifest must not cost time."""
    written = "a/" + "b" * 5000

    found = addresses.as_npm_sends(written)

    assert found == written


@pytest.mark.parametrize(
    ("text", "url"),
    [
        pytest.param("https://github.com/o/R", "https://github.com/o/R", id="https"),
        pytest.param("git+https://github.com/o/R.git/", "https://github.com/o/R", id="git+https with .git and a slash"),
        pytest.param("https://GitHub.com/o/R", "https://GitHub.com/o/R", id="the host keeps its case"),
        pytest.param("git@github.com:o/R.git", "https://github.com/o/R", id="as scp"),
        pytest.param("git@github.com:/o/R.git", "https://github.com/o/R", id="as scp with a slash"),
        pytest.param("ssh://git@github.com:22/o/R", "https://github.com/o/R", id="ssh with its port"),
        pytest.param("ssh://git@github.com:o/R", "https://github.com/o/R", id="ssh with a colon for a slash"),
        pytest.param("https://host.example:8443/o/R", "https://host.example:8443/o/R", id="another port"),
        pytest.param("https://me:secret@github.com/o/R", "https://github.com/o/R", id="the user name is dropped"),
        pytest.param("o/R", "https://github.com/o/R", id="a shorthand"),
        pytest.param("gitlab:g/s/p", "https://gitlab.com/g/s/p", id="a shorthand of GitLab"),
        pytest.param("https://github.com/o/R.git/tree/main/x", "https://github.com/o/R", id="a folder on GitHub"),
        pytest.param("https://gitlab.com/g/p/-/tree/main", "https://gitlab.com/g/p", id="a folder on GitLab"),
        pytest.param("https://gitlab.com/g/tree/tree/x", "https://gitlab.com/g/tree/tree/x", id="a group called tree"),
    ],
)
def test_an_address_names_a_repository(text: str, url: str) -> None:
    """However people spell it, it is the same repository."""
    found = addresses.read(text)

    assert found is not None
    assert found.url == url


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("github.com/o/R", id="no scheme"),
        pytest.param("file:///srv/git/R.git", id="a file"),
        pytest.param("/srv/git/R.git", id="a path"),
        pytest.param("../R.git", id="a path upward"),
        pytest.param("https://github.com", id="no path"),
        pytest.param("https:///o/R", id="no host"),
        pytest.param("https://github.com/o/../R", id="a path with dots"),
        pytest.param("https://github.com/o/\x1b[31mR", id="an escape sequence"),
        pytest.param("https://github.com/o/R S", id="a space"),
        pytest.param("https://g\N{LATIN SMALL LETTER DOTLESS I}thub.com/o/R", id="a host that only looks right"),
        pytest.param("https://github.com:²/o/R", id="a port that is no number"),
        pytest.param("ext::sh -c evil", id="a command"),
        pytest.param("a/b/c", id="a path of three"),
        pytest.param("https://github.com/" + "x" * 3000, id="endless"),
    ],
)
def test_what_names_no_repository_is_refused(text: str) -> None:
    """An address that nobody can follow must not match by luck."""
    found = addresses.read(text)

    assert found is None


@pytest.mark.parametrize(
    ("text", "quirks"),
    [
        pytest.param("git+https://github.com/o/R.git", (), id="the usual form"),
        pytest.param("git@github.com:o/R", (), id="ssh"),
        pytest.param("o/R", ("is a shorthand",), id="shorthand"),
        pytest.param("https://me@github.com/o/R", ("carries a user name",), id="user"),
        pytest.param("me@github.com:o/R", ("carries a user name",), id="another user of ssh"),
        pytest.param("github.com:o/R", ("has no user name before the host",), id="scp without user"),
        pytest.param("https://github.com/o/R#v1", ("names the commit or branch `v1`",), id="committish"),
        pytest.param("https://github.com/o/R/tree/v1/x", ("leads to a folder",), id="folder"),
        pytest.param("ssh://git@github.com:o/R", ("has `:` where `/` belongs",), id="colon"),
        pytest.param(
            "git://github.com/o/R", ("uses the scheme `git:`, which GitHub no longer serves",), id="git protocol"
        ),
    ],
)
def test_an_unusual_form_is_remembered(text: str, quirks: tuple[str, ...]) -> None:
    """Nobody knows whether the registry accepts these, so a maintainer should hear of them."""
    found = addresses.read(text)

    assert found is not None
    assert found.quirks == quirks


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("https://me:s3cret@host/o/R", "https://[redacted]@host/o/R", id="user and password"),
        pytest.param("https://s3cret@host/o/R", "https://[redacted]@host/o/R", id="a token as user"),
        pytest.param("ssh://git@host/o/R", "ssh://git@host/o/R", id="git is no secret"),
        pytest.param("git@host:o/R", "git@host:o/R", id="nor as scp"),
        pytest.param("me:s3cret@host:o/R", "[redacted]@host:o/R", id="scp with a password"),
        pytest.param("https://host/o/R@1", "https://host/o/R@1", id="an at sign in the path"),
        pytest.param("o/R#a@b", "o/R#a@b", id="an at sign in the branch"),
    ],
)
def test_a_user_name_is_never_shown(text: str, shown: str) -> None:
    """People put tokens into addresses."""
    found = addresses.masked(text)

    assert found == shown


@given(st.text(alphabet="oR/:@#.-%+ \\?githubcomsel[]{}é\n\x00", max_size=60) | st.text())
def test_no_text_breaks_the_reading(text: str) -> None:
    """The value stands in a stranger's file."""
    found = addresses.read(text), addresses.read(addresses.as_npm_sends(text)), addresses.masked(text)

    assert len(found) == 3
