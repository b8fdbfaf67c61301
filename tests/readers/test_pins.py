"""The commits that hold borrowed code, and the edits that write them down."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from preflight.facts.ci import Borrowed, Pin
from preflight.facts.fact import Known, Unknown
from preflight.readers import pins
from preflight.source.edits import Safety, apply
from preflight.source.text import Source

ONE, TWO, OBJECT = "1" * 40, "2" * 40, "f" * 40
REFS = {
    "refs/heads/main": TWO,
    "refs/heads/v4": TWO,
    "refs/tags/v4": OBJECT,
    "refs/tags/v4^{}": ONE,
    "refs/tags/v4.2": ONE,
    "refs/tags/v4.2.2": ONE,
    "refs/tags/4.2.2": ONE,
    "refs/tags/v4.2.2-rc.1": ONE,
    "refs/tags/v3": TWO,
    "refs/tags/nightly": "3" * 40,
    "refs/tags/odd": "not a commit",
}


def borrow(line, name="actions/checkout", ref="v4", what="action", full=False):
    """Return borrowed code whose address stands in a line of a workflow."""
    source = Source(PurePosixPath(".github/workflows/a.yml"), f"steps:\n{line}\n")
    start = source.text.index(name)
    quoted = source.text[start - 1] in "\"'"
    end = start + len(f"{name}@{ref}")
    at = source.at(start - quoted, end + quoted)
    return Borrowed(at, name, what, Pin(ref, full))


@pytest.mark.parametrize(
    ("ref", "found"),
    [
        pytest.param("v4", (ONE, "v4.2.2"), id="an annotated tag, by its longest version"),
        pytest.param("v3", (TWO, "v3"), id="a plain tag"),
        pytest.param("main", (TWO, "v3"), id="a branch that is a version too"),
        pytest.param("nightly", ("3" * 40, "nightly"), id="a tag that is no version"),
        pytest.param("v9", (None, "v9"), id="nothing"),
        pytest.param("odd", (None, "odd"), id="what is no commit"),
    ],
)
def test_a_ref_names_a_commit(ref, found):
    """A pin that names the tag's own object would be refused by the runner."""
    assert pins.pin(ref, REFS) == found


@pytest.mark.parametrize(
    ("line", "after"),
    [
        pytest.param("- uses: actions/checkout@v4", f"- uses: actions/checkout@{ONE} # v4.2.2", id="plain"),
        pytest.param('- uses: "actions/checkout@v4"', f'- uses: "actions/checkout@{ONE}" # v4.2.2', id="in quotes"),
        pytest.param(
            "- uses: actions/checkout@v4 # v4", f"- uses: actions/checkout@{ONE} # v4.2.2", id="a version said"
        ),
        pytest.param(
            "- uses: actions/checkout@v4  # get it",
            f"- uses: actions/checkout@{ONE} # v4.2.2  # get it",
            id="another comment",
        ),
        pytest.param("- {uses: actions/checkout@v4}", f"- {{uses: actions/checkout@{ONE}}}", id="in braces"),
    ],
)
def test_a_fix_holds_the_action(line, after):
    """Update bots and people read the version in the comment."""
    found = pins.held(borrow(line), {f"{pins.FORGE}actions/checkout": Known(REFS)}.get)

    assert found.remedy
    text = found.at.source.text
    assert (apply(text, found.remedy.edits), found.remedy.safety) == (text.replace(line, after), Safety.UNSAFE)


@pytest.mark.parametrize(
    "refs",
    [
        pytest.param(Known(None), id="seen by nobody"),
        pytest.param(Unknown("github.com cannot be reached"), id="not reached"),
        pytest.param(Known({}), id="without the ref"),
        pytest.param(None, id="not asked"),
    ],
)
def test_without_a_commit_there_is_no_fix(refs):
    """A guess would run code that nobody chose."""
    assert pins.held(borrow("- uses: actions/checkout@v4"), lambda _: refs).remedy is None


@pytest.mark.parametrize(
    ("name", "ref", "what", "full", "home"),
    [
        pytest.param("a/b", "v1", "action", False, "https://github.com/a/b", id="an action"),
        pytest.param("a/b/c.yml", "v1", "reusable workflow", False, "https://github.com/a/b", id="a workflow"),
        pytest.param("a/b", "1" * 40, "action", True, None, id="held already"),
        pytest.param("a/b", "1", "component", False, None, id="of another system"),
        pytest.param("a/..", "v1", "action", False, None, id="a way up"),
        pytest.param("a", "v1", "action", False, None, id="no repository"),
        pytest.param("a/b?c=d", "v1", "action", False, None, id="an odd name"),
        pytest.param("a/b", "--upload-pack=x y", "action", False, None, id="an odd ref"),
        pytest.param("a/b", "", "action", False, None, id="no ref"),
    ],
)
def test_only_plain_names_lead_to_the_forge(name, ref, what, full, home):
    """The names come from files that anybody may have written."""
    found = pins.home(borrow(f"- uses: {name}@{ref}", name, ref, what, full))

    assert found == home


def test_a_repository_is_named_once():
    """A workflow uses the same action many times."""
    lines = [borrow("- uses: actions/checkout@v4"), borrow("- uses: actions/checkout@v4")]

    assert pins.repositories(lines) == ("https://github.com/actions/checkout",)
