"""YAML with places, read by two parsers that must agree."""

from __future__ import annotations

import random
import time
from contextlib import suppress
from functools import cache
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from preflight.source.document import Document, Doubt
from preflight.source.nodes import Mapping, Node, Number, Scalar, Sequence, find
from preflight.source.problems import SyntaxProblem
from preflight.source.text import Source, Span
from preflight.source.yaml import Reference, read, read_one

PARSERS = [pytest.param(False, id="compiled"), pytest.param(True, id="pure")]

SAMPLES = {
    "a workflow": "name: Release\non:\n  push:\n    tags: ['v*']\n  workflow_dispatch:\n\npermissions: {}\n",
    "null values": "a:\nb:   # why\n\nc: ~\nd: {e: , f, g: null}\n",
    "sequences": "a:\n- b\n-\n- - c\n  - # nothing\nd:\n  - e: f\n    g: [h, i: j, k : l , {m: n}]\n",
    "block scalars": "a: |\n  one\n\n   two  \n\n"
    "b: >-  # folded\n  three\n  four\n\n\n  five\n# end\nc: |+\n\n\nd: |2\n    six\n",
    "quotes": "a: 'it''s'\n'b': \"x\\ty\\\n  z\"\n? c\n: 'd\n\n  e'\n",
    "several lines": "a: one\n  two\n\n  three   # four\nb: five\n",
    "anchors": "a: &x\n  b: &y 1\n  c: [&z {d: e}, *z]\nf: *x\ng: *y\n",
    "several documents": "---\na: 1\n...\n---\n- b\n---\n",
    "CRLF": "a:\r\n  - b\r\n  - |\r\n    c\r\n    d\r\ne:\r\n",
    "astral characters": '😀: ["é", 😀😀] # 😀\na: |\n  😀\n',
    "references": "a: !reference [b, c]\nd:\n  - !reference\n    - e\n",
    "nothing": "",
    "a comment": "# nothing\n",
    "a scalar": "x\n",
}


def source(text: str) -> Source:
    """Return a text as a file."""
    return Source(PurePosixPath("ci.yml"), text)


def parse(text: str, *, pure: bool = False) -> Node:
    """Return the tree of a text."""
    root = read_one(source(text), pure=pure).root
    assert root is not None
    return root


def plain(node: Node | None) -> object:
    """Return a tree without places."""
    match node:
        case Scalar(value):
            return value
        case Sequence(items):
            return [plain(item) for item in items]
        case Mapping(entries):
            return {key.text: plain(value) for key, value in entries}
        case _:
            return None


def shape(node: Node | None) -> object:
    """Return all that is known of a tree."""
    match node:
        case Scalar(value):
            return (node.start, node.end, type(value), value, node.text)
        case Sequence(items):
            return (node.start, node.end, type(node), [shape(item) for item in items])
        case Mapping(entries):
            return (node.start, node.end, [(shape(key), shape(value)) for key, value in entries])
        case _:
            return None


def whole(documents: tuple[Document, ...]) -> list[object]:
    """Return all that is known of documents."""
    return [
        (shape(document.root), document.anchored, [(doubt.at.span, doubt.doubt) for doubt in document.ambiguities])
        for document in documents
    ]


def scalars(node: Node | None) -> list[Scalar]:
    """Return all scalars of a tree, keys too."""
    found, pending = [], [node]
    while pending:
        match pending.pop():
            case Scalar() as scalar:
                found.append(scalar)
            case Sequence(items):
                pending += items
            case Mapping(entries):
                pending += [part for entry in entries for part in entry]
            case _:
                continue
    return found


# -- values -----------------------------------------------------------------------------------


@pytest.mark.parametrize("pure", PARSERS)
@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("true", True, id="true"),
        pytest.param("FALSE", False, id="false"),
        pytest.param("~", None, id="a tilde"),
        pytest.param("Null", None, id="null"),
        pytest.param("20.10", Number("20.10"), id="a number keeps its digits"),
        pytest.param("-1_000", "-1_000", id="no number of 1.2"),
        pytest.param("0o17", Number("0o17"), id="octal"),
        pytest.param("0x1F", Number("0x1F"), id="hexadecimal"),
        pytest.param(".5e-3", Number(".5e-3"), id="an exponent"),
        pytest.param("-.inf", Number("-.inf"), id="infinity"),
        pytest.param("1.2.3", "1.2.3", id="a version is a string"),
        pytest.param("12:30:45", "12:30:45", id="a time is a string"),
        pytest.param("2001-01-01", "2001-01-01", id="a date is a string"),
        pytest.param("-", [None], id="a dash is a list"),
        pytest.param("on", "on", id="on is a string"),
        pytest.param("yes", "yes", id="yes is a string"),
        pytest.param("'true'", "true", id="in quotes all is a string"),
        pytest.param('"20"', "20", id="in quotes a number is a string"),
        pytest.param('""', "", id="in quotes nothing is a string"),
        pytest.param("|\n  1\n", "1\n", id="a block is a string"),
        pytest.param("!!str 1", "1", id="a tag makes a string"),
        pytest.param("! 1", "1", id="a bare tag makes a string"),
        pytest.param("[https://a.b/c?d=e]", ["https://a.b/c?d=e"], id="an address in brackets"),
        pytest.param("[node:24, ::b]", ["node:24", "::b"], id="colons in brackets"),
    ],
)
def test_scalars_follow_the_core_schema(text: str, value: object, pure: bool) -> None:
    """`node-version: 20.10` is not 20.1, and `on` is not true."""
    found = plain(find(parse(f"a:\n  {text}", pure=pure), "a"))

    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize("pure", PARSERS)
def test_a_reference_of_gitlab_can_be_told_from_a_list(pure: bool) -> None:
    """`!reference [job, script]` is not a script of two lines."""
    node = find(parse("a: !reference [b, c]\n", pure=pure), "a")

    assert isinstance(node, Reference)
    assert node.at.text == "[b, c]"


# -- places -----------------------------------------------------------------------------------


@pytest.mark.parametrize("pure", PARSERS)
@pytest.mark.parametrize(
    ("text", "keys", "place"),
    [
        pytest.param("a: b  # c\n", ["a"], "b", id="a plain scalar"),
        pytest.param("a: 'b' \n", ["a"], "'b'", id="quotes belong to it"),
        pytest.param(
            "a: |  # c\n  b\n  c  \n\n# d\ne: f\n", ["a"], "|  # c\n  b\n  c  ", id="a block ends where its text ends"
        ),
        pytest.param("a: |\r\n  b\r\n\r\ne: f\r\n", ["a"], "|\r\n  b", id="a block with CRLF"),
        pytest.param("a: >-  # c\n\n\ne: f\n", ["a"], ">-", id="an empty block is its header"),
        pytest.param("a: |-", ["a"], "|-", id="a header at the end"),
        pytest.param("a: |\n  b", ["a"], "|\n  b", id="a block at the end"),
        pytest.param("a:\n  b: c\n\n  # d\ne: f\n", ["a"], "b: c", id="a mapping ends with its last child"),
        pytest.param("a:\n  - b\n  - c:  # d\n\ne: f\n", ["a"], "- b\n  - c:", id="a list ends with its last child"),
        pytest.param("a:\n- b\n- c\nd: e\n", ["a"], "- b\n- c", id="a list without indentation"),
        pytest.param("a: { b: c , } # d\n", ["a"], "{ b: c , }", id="brackets belong to it"),
        pytest.param("a: &x  b\nc: *x\n", ["a"], "b", id="an anchor does not belong to it"),
        pytest.param("a: &x !!str\n  # why\n  b\n", ["a"], "b", id="nor does a tag"),
        pytest.param("a: &x\n  b: c\nd: *x\n", ["a"], "b: c", id="nor to a mapping"),
        pytest.param("a: &x [b]\nd: *x\n", ["a"], "[b]", id="nor to a flow list"),
        pytest.param("a: &x\nb: c\n", ["a"], "", id="an anchor of nothing"),
        pytest.param("d: &x b\na:\n  c: *x\ne: f\n", ["a"], "c: *x", id="an alias ends what holds it"),
        pytest.param("d: &x b\na: *x\n", ["a"], "b", id="an alias stands where its anchor stands"),
        pytest.param("a: [b: c , d]\n", ["a"], "[b: c , d]", id="a pair in a list"),
    ],
)
def test_places_are_exact(text: str, keys: list[str], place: str, pure: bool) -> None:
    """Fixes replace exactly these characters."""
    node = find(parse(text, pure=pure), *keys)

    assert node is not None
    assert node.at.text == place


@pytest.mark.parametrize("pure", PARSERS)
@pytest.mark.parametrize(
    ("text", "place"),
    [
        pytest.param("a:   # c\nb: c\n", 2, id="after the colon"),
        pytest.param("a:\n\n\n", 2, id="not at the end of the file"),
        pytest.param("a:   # c", 2, id="before a comment without line break"),
        pytest.param("a:\n? b\n", 2, id="not at the next key"),
    ],
)
def test_a_missing_value_stands_behind_its_key(text: str, place: int, pure: bool) -> None:
    """A fix inserts it there."""
    node = find(parse(text, pure=pure), "a")

    assert node is not None
    assert (node.start, node.end) == (place, place)


@pytest.mark.parametrize("pure", PARSERS)
def test_a_pair_in_a_list_ends_with_its_value(pure: bool) -> None:
    """Its end has no bracket."""
    node = parse("[a: b , c]", pure=pure)

    assert isinstance(node, Sequence)
    assert [item.at.text for item in node.items] == ["a: b", "c"]


# -- documents --------------------------------------------------------------------------------


@pytest.mark.parametrize("pure", PARSERS)
def test_all_documents_of_a_file_are_read(pure: bool) -> None:
    """A GitLab file may start with one for `spec`."""
    documents = read(source("spec: a\n---\nb: c\n---\n"), pure=pure)

    assert [plain(document.root) for document in documents] == [{"spec": "a"}, {"b": "c"}, None]


@pytest.mark.parametrize(
    "text",
    [pytest.param("", id="nothing"), pytest.param("# a\n", id="a comment"), pytest.param("---\n", id="a marker")],
)
def test_a_file_without_content_has_no_root(text: str) -> None:
    """An empty workflow is no crash."""
    document = read_one(source(text))

    assert document.root is None


@pytest.mark.parametrize(
    ("text", "at"),
    [
        pytest.param("a: 1\n---\nb: 2\n", "ci.yml:3:1", id="with content"),
        pytest.param("a: 1\n---\n", "ci.yml:3:1", id="without content"),
    ],
)
def test_a_second_document_is_noted(text: str, at: str) -> None:
    """GitHub reads one document."""
    document = read_one(source(text))

    assert [(str(doubt.at), doubt.doubt) for doubt in document.ambiguities] == [(at, Doubt.SEVERAL_DOCUMENTS)]
    assert plain(document.root) == {"a": "1"}


@pytest.mark.parametrize("pure", PARSERS)
def test_nodes_that_an_alias_uses_again_are_known(pure: bool) -> None:
    """A fix there would change several places."""
    document = read_one(source("a: &x {b: c}\nd: &y e\nf: *x\ng: h\n"), pure=pure)

    assert document.anchored == (Span(6, 12),)
    assert [document.source.shares(span) for span in (Span(7, 8), Span(3, 12), Span(17, 18), Span(12, 12))] == [
        True,
        True,
        False,
        True,
    ]


def test_an_alias_shares_the_node_of_its_anchor() -> None:
    """An expanded copy would let nine lines fill the memory."""
    root = parse("a: &x {b: c}\nd: *x\n")

    assert find(root, "a") is find(root, "d")


# -- doubts -----------------------------------------------------------------------------------


@pytest.mark.parametrize("pure", PARSERS)
@pytest.mark.parametrize(
    ("text", "doubts"),
    [
        pytest.param("a: 1\nb: 2\na: 3\n", [("a", Doubt.DUPLICATE_KEY)], id="a key twice"),
        pytest.param("a: 1\n'a': 3\n", [("'a'", Doubt.DUPLICATE_KEY)], id="a key twice in other quotes"),
        pytest.param("a: &x {b: c}\nd:\n  <<: *x\n", [("<<", Doubt.MERGE_KEY)], id="a merge key"),
        pytest.param("d:\n  '<<': x\n", [], id="no merge key in quotes"),
        pytest.param("? [a, b]\n: c\n", [("[a, b]", Doubt.ODD_KEY)], id="a key that is a list"),
        pytest.param("|\n  a\n", [("|\n  a", Doubt.ODD_ROOT)], id="a file of one block"),
        pytest.param("a: !!int 1\n", [("!", Doubt.TAG)], id="a tag of a scalar"),
        pytest.param("a: !x {b: c}\n", [("!", Doubt.TAG)], id="a tag of a mapping"),
        pytest.param("a: !x [b]\n", [("!", Doubt.TAG)], id="a tag of a list"),
        pytest.param("a: !reference [b]\n", [], id="GitLab's tag"),
        pytest.param("a: !reference b\n", [], id="GitLab's tag of something else"),
        pytest.param("a: &x 1\nb: &x 2\nc: *x\n", [("&", Doubt.DUPLICATE_ANCHOR)], id="an anchor twice"),
        pytest.param("%YAML 1.2\n---\na: b\n", [("%", Doubt.DIRECTIVE)], id="a directive"),
        pytest.param("a: 100%\n", [], id="a percentage"),
        pytest.param("a: 'b\u2028c'\n", [("\u2028", Doubt.LINE_BREAK)], id="a line separator"),
        pytest.param("a: 'b\rc'\n", [("\r", Doubt.LINE_BREAK)], id="a lone carriage return"),
        pytest.param("a: 'b\ufeffc'\n", [("\ufeff", Doubt.BYTE_ORDER_MARK)], id="a byte order mark"),
    ],
)
def test_what_programs_read_differently_is_noted(text: str, doubts: list[tuple[str, Doubt]], pure: bool) -> None:
    """We would see a safe workflow, and GitHub run another."""
    document = read_one(source(text), pure=pure)

    assert [(doubt.at.text, doubt.doubt) for doubt in document.ambiguities] == doubts


def test_a_file_of_nothing_but_doubts_keeps_them() -> None:
    """One parser sees a document there, the other none."""
    document = read_one(source("# a\u2028# b"))

    assert [doubt.doubt for doubt in document.ambiguities] == [Doubt.LINE_BREAK]


def test_the_last_of_two_equal_anchors_counts() -> None:
    """As for most parsers."""
    root = parse("a: &x 1\nb: &x 2\nc: *x\n")

    assert plain(find(root, "c")) == "2"


def test_the_name_of_an_anchor_with_a_colon_is_noted() -> None:
    """One parser reads an anchor with a colon in its name, the other a key."""
    document = read_one(source("- &a: b\n"), pure=True)

    assert [doubt.doubt for doubt in document.ambiguities] == [Doubt.ODD_ANCHOR]


def test_a_key_that_is_a_list_is_known_by_its_text() -> None:
    """No shape of a key may crash a reader."""
    root = parse("{[a, b]: c, {d: e}: f}")

    assert plain(root) == {"[a, b]": "c", "{d: e}": "f"}


# -- problems ---------------------------------------------------------------------------------


@pytest.mark.parametrize("pure", PARSERS)
@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("a: \x07", "ci.yml:1:4: the character U+0007 is not allowed in YAML", id="a control character"),
        pytest.param(
            "a: \ud800", "ci.yml:1:4: the character U+D800 is not allowed in YAML", id="half a surrogate pair"
        ),
        pytest.param("a: *b", "ci.yml:1:4: the alias `*b` has no anchor above it", id="an alias of nothing"),
        pytest.param("a: &b [*b]", "ci.yml:1:8: the alias `*b` stands inside its own anchor", id="an alias of itself"),
        pytest.param("[" * 101, "ci.yml:1:101: it nests more than 100 levels deep", id="too deep"),
        pytest.param("a: b: c", "ci.yml:1:5: this is not YAML: mapping values are not allowed", id="no YAML"),
        pytest.param("[a, {b: c:d]", "ci.yml:1:", id="no YAML in brackets"),
    ],
)
def test_problems_say_what_and_where(text: str, message: str, pure: bool) -> None:
    """The maintainer has to find it."""
    with pytest.raises(SyntaxProblem) as raised:
        read(source(text), pure=pure)

    assert str(raised.value).startswith(message)


@pytest.mark.parametrize("pure", PARSERS)
@pytest.mark.parametrize(
    "text",
    [
        pytest.param('"\\U00110000"', id="no character"),
        pytest.param("%YAML 9.9\n---\na", id="a version"),
        pytest.param("%YAML " + "9" * 5000 + "\n---\na", id="a long version"),
        pytest.param("!<", id="an open tag"),
        pytest.param('"a', id="an open quote"),
        pytest.param("a:\n\t- b", id="a tab as indentation"),
        pytest.param("@", id="a reserved character"),
    ],
)
def test_every_error_of_a_parser_is_a_problem(text: str, pure: bool) -> None:
    """The parsers raise all kinds of exceptions, and a crash would hide every other finding."""
    with pytest.raises(SyntaxProblem):
        read(source(text), pure=pure)


def test_a_text_that_is_too_large_is_refused() -> None:
    """The parser in Python is slow."""
    with pytest.raises(SyntaxProblem, match="larger than 256 KiB"):
        read(source("a" * (256 * 1024 + 1)))


def test_a_text_of_too_many_pieces_is_refused() -> None:
    """Time and memory are bounded."""
    with pytest.raises(SyntaxProblem, match="more than 50,000 pieces"):
        read(source("[" + "a," * 60_000 + "]"))


# -- bombs ------------------------------------------------------------------------------------

LAUGHS = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]\n" for level in range(1, 10)
)
MERGES = "a0: &a0 {x: y}\n" + "".join(
    f"a{level}: &a{level} {{<<: [{', '.join([f'*a{level - 1}'] * 9)}]}}\n" for level in range(1, 10)
)
BOMBS = {
    "laughs": LAUGHS,
    "merges": MERGES,
    "brackets": "[" * 260_000,
    "closed brackets": "[" * 5_000 + "]" * 5_000,
    "braces": "{a: " * 60_000,
    "dashes": "- " * 130_000,
    "question marks": "? " * 130_000,
    "question marks in braces": "{? " * 80_000,
    "exclamation marks": "!" * 260_000,
    "ampersands": "&" * 260_000,
    "anchors": "".join(f"a{number}: &x\n" for number in range(20_000)),
    "comments": "#\n" * 130_000,
    "comments without end": "a: b #" + "#" * 250_000,
    "colons": "a: " + ":" * 250_000,
    "line breaks": "a:" + "\n" * 250_000,
    "null values": "a:\n" * 25_000,
    "null items": "-\n" * 40_000,
    "blanks": "a: |\n" + "  \n" * 80_000,
    "quotes": "'" * 260_000,
    "escapes": '"' + "\\x41" * 60_000 + '"',
    "directives": "%a b\n" * 50_000,
    "documents": "---\n" * 60_000,
    "merge keys": "<<: a\n" * 20_000,
    "deep blocks": "".join(" " * level + "a:\n" for level in range(500)),
    "aliases": "a: &a b\nc:\n" + "- *a\n" * 45_000,
}


@pytest.mark.parametrize("pure", PARSERS)
@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in BOMBS.items()])
def test_bombs_are_over_soon(text: str, pure: bool) -> None:
    """Nobody waits for a hostile file."""
    started = time.perf_counter()

    with suppress(SyntaxProblem):
        read(source(text), pure=pure)

    assert time.perf_counter() - started < (15 if pure else 3)


@pytest.mark.parametrize("text", [pytest.param(LAUGHS, id="laughs"), pytest.param(MERGES, id="merges")])
def test_aliases_may_not_multiply_without_end(text: str) -> None:
    """A reader that walks the tree would meet each node again and again."""
    with pytest.raises(SyntaxProblem, match="stand for more than 1,000,000 nodes"):
        read(source(text))


# -- both parsers -----------------------------------------------------------------------------


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in SAMPLES.items()])
def test_both_parsers_give_the_same_trees(text: str) -> None:
    """What preflight says may not depend on how it was installed."""
    compiled, pure = read(source(text)), read(source(text), pure=True)

    assert whole(compiled) == whole(pure)


@cache
def corpus() -> tuple[tuple[str, str], ...]:
    """Return the names and texts of the YAML files of real repositories."""
    archive = Path(__file__).parents[2] / ".." / "shared" / "corpus.tar.xz"
    if not archive.is_file():
        return ()
    import tarfile

    with tarfile.open(archive) as opened:
        return tuple(
            (member.name, data.read().decode("utf-8").removeprefix("\ufeff"))
            for member in opened
            if member.isfile() and member.name.endswith((".yml", ".yaml")) and (data := opened.extractfile(member))
        )


def test_both_parsers_give_the_same_trees_for_the_corpus() -> None:
    """Real files are the ones that count."""
    files = corpus()
    if not files:
        pytest.skip("the corpus is not here")

    different = [name for name, text in files if whole(read(source(text))) != whole(read(source(text), pure=True))]

    assert not different


def test_the_corpus_is_read_without_a_doubt() -> None:
    """A doubt about a file that everybody reads alike would be a false alarm."""
    files = corpus()
    if not files:
        pytest.skip("the corpus is not here")

    doubts = {doubt.doubt for _, text in files for document in read(source(text)) for doubt in document.ambiguities}

    assert doubts <= {Doubt.MERGE_KEY}


PIECES = [
    "\t",
    ":",
    ": ",
    " ",
    "\n",
    "- ",
    "? ",
    "&a ",
    "*a",
    "!x ",
    "|",
    ">-\n",
    "'",
    '"',
    "#",
    "{",
    "}",
    "[",
    "]",
    ",",
    "%",
    "\r\n",
    "---\n",
    "<<: ",
    "é",
    "\x85",
    "\ufeff",
    "0",
]


def mutated(chance: random.Random) -> str:
    """Return a sample with some characters changed."""
    text = chance.choice(list(SAMPLES.values()))
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(text) + 1)
        text = text[:at] + chance.choice(PIECES) + text[at + chance.choice([0, 0, 0, 1, 5]) :]
    return text


def test_where_both_parsers_read_a_broken_file_they_read_the_same() -> None:
    """They differ in what they refuse, and in doubtful files, but never silently in what they see."""
    chance = random.Random(1)

    different = []
    for text in (mutated(chance) for _ in range(4_000)):
        try:
            compiled, pure = read(source(text)), read(source(text), pure=True)
        except SyntaxProblem:
            continue
        doubtful = all(any(document.ambiguities for document in documents) for documents in (compiled, pure))
        if whole(compiled) != whole(pure) and not doubtful:
            different.append(text)

    assert not different


# -- properties -------------------------------------------------------------------------------

texts = st.text(alphabet="ab10:-?[]{},&*!|>'\"#%@` \n\t\r\\~<é😀\x85\ufeff\x00") | st.lists(
    st.sampled_from([*PIECES, "a", "b: c", "\n  ", "\n    "]), max_size=30
).map("".join)


@pytest.mark.parametrize("pure", PARSERS)
@given(text=texts)
@example(text=": ? -")
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_no_text_raises_anything_else(text: str, pure: bool) -> None:
    """A crash on a hostile file would hide every other finding."""
    try:
        documents = read(source(text), pure=pure)
    except SyntaxProblem as problem:
        spans = [problem.at.span]
    else:
        spans = [Span(part.start, part.end) for document in documents for part in scalars(document.root)]

    assert all(0 <= span.start <= span.end <= len(text) for span in spans)


@pytest.mark.parametrize("pure", PARSERS)
@given(text=texts)
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_a_plain_scalar_of_one_line_is_the_text_at_its_place(text: str, pure: bool) -> None:
    """Otherwise a fix would replace something else."""
    try:
        documents = read(source(text), pure=pure)
    except SyntaxProblem:
        return

    found = [part for document in documents for part in scalars(document.root) if not document.ambiguities]

    assert all(
        part.at.text == part.text
        for part in found
        if part.at.text[:1] not in ("'", '"', "|", ">") and not {"\n", "\r"} & set(part.at.text)
    )
