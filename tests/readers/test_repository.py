"""Tests of holding the repository field against the repository."""

from __future__ import annotations

import json
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preflight.facts.ci import Tool
from preflight.facts.fact import Fact, Known, Unknown
from preflight.facts.project import (
    NoRepository,
    Origin,
    OtherRepository,
    Repository,
    RepositoryFault,
    RepositoryMatch,
    SameRepository,
)
from preflight.facts.toolchain import Version
from preflight.readers import repository
from preflight.readers.package import Manifest
from preflight.source import json as json_source
from preflight.source.edits import Fix, Safety, apply
from preflight.source.nodes import Mapping
from preflight.source.text import Source

if TYPE_CHECKING:
    from preflight.source.text import Location

URL = "https://github.com/acme/Widgets"
TRUTH = Repository(URL, Origin.REMOTE)
GOOD = "git+https://github.com/acme/Widgets.git"


def manifest(text: str, path: str = "package.json") -> Manifest:
    """Read a manifest; only its tree matters here."""
    root = json_source.read(Source(PurePosixPath(path), text)).root
    assert isinstance(root, Mapping)
    return Manifest(PurePosixPath(path), root, None)


def judge(
    text: str,
    truth: Fact[Repository] = Known(TRUTH),  # noqa: B008
    *,
    sender: Fact[Tool] = Known(Tool.NPM),  # noqa: B008
    version: Version | None = None,
    path: str = "package.json",
) -> Fact[RepositoryMatch]:
    """Judge the text of a manifest."""
    return repository.judge(manifest(text, path), truth, sender=sender, version=version)


def parts(fact: Fact[RepositoryMatch]) -> tuple[RepositoryMatch, Location, Fix]:
    """Return value, place and remedy of a fact that has all three."""
    assert isinstance(fact, Known)
    assert fact.at is not None
    assert fact.remedy is not None
    return fact.value, fact.at, fact.remedy


def mended(text: str, path: str = "package.json") -> str:
    """Return the manifest after its remedy."""
    _, _, remedy = parts(judge(text, path=path))
    return apply(text, remedy.edits)


# -- what the registry receives -------------------------------------------------------------------

SENDERS = [
    pytest.param(Tool.NPM, None, True, id="npm"),
    pytest.param(Tool.PNPM, Version(10, 20), True, id="pnpm 10"),
    pytest.param(Tool.PNPM, Version(11), False, id="pnpm 11"),
    pytest.param(Tool.PNPM, Version(12, 9), False, id="pnpm 12"),
    pytest.param(Tool.PNPM, None, False, id="a pnpm of unknown version"),
    pytest.param(Tool.YARN, Version(4, 18), False, id="yarn"),
    pytest.param(Tool.CHANGESETS, None, True, id="changesets"),
    pytest.param(Tool.LERNA, None, True, id="lerna"),
    pytest.param(Tool.SEMANTIC_RELEASE, None, True, id="semantic-release"),
]
TABLE = [
    ("owner/Repo", "git+https://github.com/owner/Repo.git"),
    ("github:owner/Repo", "git+https://github.com/owner/Repo.git"),
    ("gitlab:grp/proj", "git+https://gitlab.com/grp/proj.git"),
    ("https://github.com/owner/Repo", "git+https://github.com/owner/Repo.git"),
    ("https://github.com/owner/Repo/", "git+https://github.com/owner/Repo.git"),
    ("https://github.com/owner/Repo.git", "git+https://github.com/owner/Repo.git"),
    ("git+https://github.com/owner/Repo", "git+https://github.com/owner/Repo.git"),
    ("https://www.github.com/owner/Repo", "git+https://github.com/owner/Repo.git"),
    ("https://GitHub.com/owner/Repo", "git+https://github.com/owner/Repo.git"),
    ("git@github.com:owner/Repo.git", "git+ssh://git@github.com/owner/Repo.git"),
    ("ssh://git@github.com/owner/Repo", "git+ssh://git@github.com/owner/Repo.git"),
    ("git+ssh://git@github.com/owner/Repo", "git+ssh://git@github.com/owner/Repo.git"),
    ("git://github.com/owner/Repo.git", "git://github.com/owner/Repo.git"),
    ("http://github.com/owner/Repo", "git+ssh://git@github.com/owner/Repo.git"),
    ("https://github.com/owner/Repo/tree/main/packages/x", "git+https://github.com/owner/Repo.git#main"),
    ("https://github.com/owner/Repo#main", "git+https://github.com/owner/Repo.git#main"),
    ("https://user@github.com/owner/Repo", "git+https://user@github.com/owner/Repo.git"),
]


@pytest.mark.parametrize(("sender", "version", "rewrites"), SENDERS)
@pytest.mark.parametrize(("written", "by_npm"), [pytest.param(*row, id=row[0]) for row in TABLE])
def test_some_tools_rewrite_and_some_do_not(
    written: str,
    by_npm: str,
    sender: Tool,
    version: Version | None,
    rewrites: bool,
) -> None:
    """The registry compares what it receives."""
    found = repository.as_sent(written, sender, version)

    assert found == (by_npm if rewrites else written)


# -- the comparison -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(GOOD, id="npm's form"),
        pytest.param(URL, id="plain"),
        pytest.param(URL + "/", id="a final slash"),
        pytest.param(URL + ".git", id="the ending"),
        pytest.param("git+ssh://git@github.com/acme/Widgets.git", id="ssh"),
        pytest.param("git@github.com:acme/Widgets.git", id="as scp"),
        pytest.param("acme/Widgets", id="a shorthand, of which repository-form speaks"),
        pytest.param("github:acme/Widgets", id="a longer shorthand"),
        pytest.param("git://github.com/acme/Widgets", id="the git protocol"),
        pytest.param(URL + "#main", id="a branch"),
        pytest.param(URL + "/tree/main/packages/x", id="a folder"),
        pytest.param("https://me:pw@github.com/acme/Widgets", id="a user name"),
    ],
)
def test_the_same_repository_is_no_mismatch(sent: str) -> None:
    """A false alarm stops a release."""
    found = repository.compare(sent, TRUTH)

    assert found == SameRepository()


@pytest.mark.parametrize(
    ("sent", "fault"),
    [
        pytest.param("https://github.com/acme/widgets", RepositoryFault.OTHER_CASE, id="case of the name"),
        pytest.param("https://github.com/Acme/Widgets", RepositoryFault.OTHER_CASE, id="case of the owner"),
        pytest.param("https://GitHub.com/acme/Widgets", RepositoryFault.OTHER_CASE, id="case of the host"),
        pytest.param("acme/widgets", RepositoryFault.OTHER_CASE, id="case of a shorthand"),
        pytest.param("http://github.com/acme/Widgets", RepositoryFault.SCHEME, id="http"),
        pytest.param("git+http://github.com/acme/Widgets.git", RepositoryFault.SCHEME, id="git+http"),
        pytest.param("https://github.com/acme/Widget", RepositoryFault.OTHER_REPOSITORY, id="another name"),
        pytest.param("https://github.com/acme/Widgets//", RepositoryFault.OTHER_REPOSITORY, id="two final slashes"),
        pytest.param("https://github.com/acme/Widgets.git.git", RepositoryFault.OTHER_REPOSITORY, id="two endings"),
        pytest.param("https://gitlab.com/acme/Widgets", RepositoryFault.OTHER_REPOSITORY, id="another host"),
        pytest.param("https://github.com/acme/Widgets/issues", RepositoryFault.OTHER_REPOSITORY, id="a page"),
        pytest.param("https://github.com/acme/\N{KELVIN SIGN}", RepositoryFault.OTHER_REPOSITORY, id="a look-alike"),
        pytest.param("github.com/acme/Widgets", RepositoryFault.OTHER_REPOSITORY, id="no scheme"),
        pytest.param("file:///x", RepositoryFault.OTHER_REPOSITORY, id="a file"),
        pytest.param("", RepositoryFault.OTHER_REPOSITORY, id="nothing"),
    ],
)
def test_anything_else_is_a_mismatch(sent: str, fault: RepositoryFault) -> None:
    """The registry answers E422, after the tag."""
    found = repository.compare(sent, TRUTH)

    assert found == OtherRepository(sent, URL, fault)


def test_any_remote_may_match() -> None:
    """A contributor's clone has the fork as `origin`."""
    fork = Repository("https://github.com/me/Widgets", Origin.REMOTE, (URL,))

    found = repository.compare(GOOD, fork)

    assert found == SameRepository()


def test_the_nearest_remote_is_compared() -> None:
    """In a fork's clone, the wrong case is still what is wrong."""
    fork = Repository("https://github.com/me/Widgets", Origin.REMOTE, (URL,))

    found = repository.compare("Acme/Widgets", fork)

    assert found == OtherRepository("Acme/Widgets", URL, RepositoryFault.OTHER_CASE)


def test_a_secret_is_not_repeated() -> None:
    """The message is printed in public logs."""
    found = repository.compare("https://me:s3cret@github.com/acme/other", TRUTH)

    assert "s3cret" not in repr(found)


@pytest.mark.parametrize(
    ("written", "sender", "expected"),
    [
        pytest.param("acme/Widgets", Tool.NPM, (), id="npm spells a shorthand out"),
        pytest.param("acme/Widgets", Tool.YARN, ("is a shorthand",), id="yarn does not"),
        pytest.param(
            "http://github.com/acme/Widgets", Tool.NPM, ("starts with `http:`, which npm turns into ssh",), id="http"
        ),
        pytest.param(URL + "#v1", Tool.NPM, ("names the commit or branch `v1`",), id="a branch"),
        pytest.param("git@github.com:acme/Widgets", Tool.NPM, (), id="ssh is known to be accepted"),
        pytest.param("nonsense", Tool.NPM, (), id="what names nothing"),
    ],
)
def test_quirks_are_told_apart_from_mismatches(written: str, sender: Tool, expected: tuple[str, ...]) -> None:
    """`repository-form` warns of them."""
    found = repository.quirks(written, sender, None)

    assert found == expected


# -- the judgement --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "place"),
    [
        pytest.param('{\n"repository": "x/y"}', "package.json:2:15", id="a string, at the string"),
        pytest.param('{\n"repository":\n"x/y"}', "package.json:2:1", id="a string on the next line, at the key"),
        pytest.param('{\n"repository": {\n"url": "x/y"}}', "package.json:2:1", id="an object, at the key"),
        pytest.param('{\n"name": "a"}', "package.json:1:1", id="none, at the first line"),
        pytest.param('{\n"repository": {}}', "package.json:2:1", id="an empty one, at the key"),
        pytest.param('{"repository": "a/b",\n"repository": "x/y"}', "package.json:2:15", id="the last one counts"),
    ],
)
def test_a_judgement_points_at_the_line_to_change(text: str, place: str) -> None:
    """The maintainer goes there."""
    _, at, _ = parts(judge(text))

    assert str(at) == place


@pytest.mark.parametrize(
    "value",
    ["null", "5", "true", '""', '" "', "[]", '["a/b"]', "{}", '{"url": 5}', '{"url": ""}', '{"url": {}}'],
)
def test_what_is_no_address_is_no_repository(value: str) -> None:
    """The registry then says that `repository.url` is ""."""
    found, _, _ = parts(judge(f'{{"repository": {value}}}'))

    assert found == NoRepository()


def test_a_missing_field_is_known_even_where_the_repository_is_not() -> None:
    """Without the field every publish with provenance fails, wherever it runs."""
    found, _, remedy = parts(judge("{}", Unknown("there is no git")))

    assert (found, remedy.edits) == (NoRepository(), ())


def test_an_unknown_repository_makes_the_match_unknown() -> None:
    """Never guess."""
    found = judge('{"repository": "a/b"}', Unknown("there is no git"))

    assert isinstance(found, Unknown)
    assert (found.why, str(found.at)) == ("there is no git", "package.json:1:16")


def test_a_match_has_no_remedy() -> None:
    """Nothing is to be done."""
    found = judge(f'{{"repository": "{URL}"}}')

    assert isinstance(found, Known)
    assert (found.value, found.remedy) == (SameRepository(), None)


@pytest.mark.parametrize(
    ("value", "sender", "version", "known"),
    [
        pytest.param("http://github.com/acme/Widgets", Known(Tool.PNPM), None, False, id="pnpm 10 or 11 matters"),
        pytest.param("http://github.com/acme/Widgets", Known(Tool.PNPM), Version(11), True, id="the version is known"),
        pytest.param("acme/Widgets", Known(Tool.PNPM), None, True, id="every pnpm agrees"),
        pytest.param("acme/widget", Known(Tool.PNPM), None, True, id="every pnpm agrees that it is wrong"),
        pytest.param("http://github.com/acme/Widgets", Unknown("x"), None, False, id="the tool matters"),
        pytest.param(URL, Unknown("x"), None, True, id="every tool agrees"),
    ],
)
def test_an_unknown_sender_matters_only_where_tools_differ(
    value: str,
    sender: Fact[Tool],
    version: Version | None,
    known: bool,
) -> None:
    """An unsure finding where it makes no difference is noise."""
    found = judge(json.dumps({"repository": value}), sender=sender, version=version)

    assert isinstance(found, Known) is known


# -- the remedy -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "safety"),
    [
        pytest.param("acme/widgets", Safety.SAFE, id="case"),
        pytest.param("git+http://github.com/acme/Widgets", Safety.SAFE, id="scheme"),
        pytest.param("acme/other", Safety.UNSAFE, id="another repository, which may be meant"),
    ],
)
def test_a_remedy_says_whether_it_is_safe(value: str, safety: Safety) -> None:
    """A fork's clone must not rewrite the field by itself."""
    _, _, remedy = parts(judge(json.dumps({"repository": value})))

    assert remedy.safety is safety


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param('{"repository": "acme/other"}', f'{{"repository": "{GOOD}"}}', id="a string stays a string"),
        pytest.param(
            '{"repository": {"type": "git", "url": "acme/other", "directory": "x"}}',
            f'{{"repository": {{"type": "git", "url": "{GOOD}", "directory": "x"}}}}',
            id="of an object only the address",
        ),
        pytest.param(
            '{\n  "name": "a",\n  "version": "1.0.0",\n  "main": "x"\n}\n',
            '{\n  "name": "a",\n  "version": "1.0.0",\n  "repository": {\n    "type": "git",\n'
            f'    "url": "{GOOD}"\n  }},\n  "main": "x"\n}}\n',
            id="after the version",
        ),
        pytest.param(
            '{\n\t"name": "a"\n}',
            f'{{\n\t"name": "a",\n\t"repository": {{\n\t\t"type": "git",\n\t\t"url": "{GOOD}"\n\t}}\n}}',
            id="tabs, and as the last key",
        ),
        pytest.param(
            '{\r\n  "main": "a"\r\n}',
            f'{{\r\n  "main": "a",\r\n  "repository": {{\r\n    "type": "git",\r\n    "url": "{GOOD}"\r\n  }}\r\n}}',
            id="lines of Windows",
        ),
        pytest.param(
            '{"name": "a"}', f'{{"name": "a", "repository": {{"type": "git", "url": "{GOOD}"}}}}', id="one line"
        ),
        pytest.param(
            '{\n  "repository": null\n}',
            f'{{\n  "repository": {{\n    "type": "git",\n    "url": "{GOOD}"\n  }}\n}}',
            id="in the place of nothing",
        ),
        pytest.param("{}", "{}", id="nothing to hold on to"),
    ],
)
def test_a_remedy_edits_no_more_than_it_must(before: str, after: str) -> None:
    """A fix that reformats will be turned off."""
    found = mended(before)

    assert found == after


def test_a_workspace_package_is_told_its_directory() -> None:
    """The page of the package links to the folder."""
    found = mended('{"name": "a"}', "packages/a/package.json")

    assert json.loads(found)["repository"] == {"type": "git", "url": GOOD, "directory": "packages/a"}


def test_the_directory_counts_from_the_top_of_the_repository() -> None:
    """The project may lie in a folder of the repository."""
    one = manifest('{"name": "a"}')

    fact = repository.judge(one, Known(TRUTH), sender=Known(Tool.NPM), version=None, below=PurePosixPath("js"))

    _, _, remedy = parts(fact)
    assert '"directory": "js"' in remedy.edits[0].text


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["url", "type", "x"]), inner),
    max_leaves=6,
)


@given(JSON, st.sampled_from([2, None]), st.sampled_from(list(Tool)))
def test_no_field_breaks_the_judgement(value: object, indent: int | None, tool: Tool) -> None:
    """Whatever stands there, what the remedy writes is JSON that the judgement is content with."""
    text = json.dumps({"name": "a", "repository": value}, indent=indent)

    found = judge(text, sender=Known(tool))

    match found:
        case Known(SameRepository()) | Unknown():
            pass
        case Known(remedy=Fix(edits=edits)):
            again = judge(apply(text, edits), sender=Known(tool))
            assert isinstance(again, Known)
            assert again.value == SameRepository()
