"""YAML 1.2, read from a parser's events with every place kept."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from preflight.source.document import Ambiguity, Document, Doubt
from preflight.source.events import parser
from preflight.source.nodes import Entry, Mapping, Number, Scalar, Sequence
from preflight.source.problems import SyntaxProblem
from preflight.source.text import Span

if TYPE_CHECKING:
    from preflight.source.events import Event
    from preflight.source.nodes import Node, Value
    from preflight.source.text import Source

SIZE = 256 * 1024
DEPTH = 100
EVENTS = 50_000
WEIGHT = 1_000_000
LONGEST_KEY = 200

CONSTANTS: dict[str, bool | None] = {
    **dict.fromkeys(("~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
STARTS_NUMBER = "0123456789-+."
NUMBER = re.compile(
    r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?|0o[0-7]+|0x[0-9a-fA-F]+"
    r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)
FORBIDDEN = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff"
ODD = re.compile(f"[{FORBIDDEN}\x85\u2028\u2029\ufeff]")
"""Everything forbidden, and the characters that `DOUBTFUL` explains."""
LONE_RETURN = r"\r(?!\n)"
SIMPLE_NAME = re.compile(r"[A-Za-z0-9_-]+")
DIRECTIVE = r"(?m:^%)"
DOUBTFUL = (
    ("[\x85\u2028\u2029]", Doubt.LINE_BREAK, "not every parser ends a line at this character"),
    ("\ufeff", Doubt.BYTE_ORDER_MARK, "a byte order mark stands inside the text"),
)

FLOW_OF_YAML_1_1 = ("found unexpected ':'", "did not find expected ',' or", "did not find expected node content")
"""What the parser in C says of `{a: b:c}` and `[a?b]`, fine since YAML 1.2: the one in Python decides then."""


class Reference(Sequence):
    """GitLab's `!reference [job, key]`."""

    __slots__ = ()


def read(source: Source, *, pure: bool = False) -> tuple[Document, ...]:
    """Read all documents of a YAML file; a file without content has none.

    Plain scalars follow the core schema of YAML 1.2, numbers keep their spelling, and an alias shares the node of its
    anchor. `pure` asks for the parser in Python even where the one in C is installed; both give the same trees.

    Reads at most 256 Ki characters, 100 levels, 50,000 events, and 1,000,000 nodes once aliases are followed.
    Raises SyntaxProblem for anything beyond, for what is no YAML, and for aliases of nothing or of themselves.
    """
    composer = _Composer(source)
    try:
        documents = composer.documents(pure=pure)
    except SyntaxProblem as problem:
        if pure or not any(each in problem.why for each in FLOW_OF_YAML_1_1):
            raise
        composer = _Composer(source)
        try:
            documents = composer.documents(pure=True)
        except SyntaxProblem:
            raise problem from None
    if composer.ambiguities and not documents:
        documents.append(Document(None, source, ambiguities=tuple(composer.ambiguities)))
    source.shared = tuple(span for document in documents for span in document.anchored)
    return tuple(documents)


def read_one(source: Source, *, pure: bool = False) -> Document:
    """Read the first document of a YAML file; further ones are an ambiguity.

    Raises SyntaxProblem as `read` does.
    """
    documents = read(source, pure=pure)
    if not documents:
        return Document(None, source)
    first = documents[0]
    if len(documents) == 1:
        return first
    second = documents[1].root
    at = second.at if second else source.at(len(source.text), len(source.text))
    extra = Ambiguity(at, "a second document starts here", doubt=Doubt.SEVERAL_DOCUMENTS)
    return Document(first.root, source, anchored=first.anchored, ambiguities=(*first.ambiguities, extra))


class _Composer:
    """Builds the trees of one file, without recursion."""

    __slots__ = ("ambiguities", "anchored", "anchors", "source", "text")

    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = source.text
        self.ambiguities: list[Ambiguity] = []
        self.anchors: dict[str, tuple[Node, int]] = {}
        self.anchored: dict[Span, None] = {}

    # One loop over all events is what makes it fast; everything rare is a method.
    def documents(self, *, pure: bool) -> list[Document]:  # noqa: PLR0915
        self.screen()
        read, scalar, alias, sequence, sequence_end, mapping, mapping_end, document, document_end = parser(pure=pure)
        source, text, plain = self.source, self.text, CONSTANTS.get
        found: list[Document] = []
        stack: list[tuple[list[Node], Event, int]] = []
        nodes: list[Node] = []
        node: Node
        end = last = expanded = 0
        following = None
        for count in range(EVENTS):
            try:
                if following is None:
                    following = read(text)
                event = following()
            except Exception as error:
                # Besides their own errors the parsers raise ValueError, AssertionError, UnicodeEncodeError and more.
                raise self.problem(error) from error
            kind = event.__class__
            if kind is scalar and event:
                start, end = event.start_mark.index, event.end_mark.index
                spelt = event.value
                style = event.style
                value: Value = spelt
                if not spelt and not style:
                    value = None
                    if start == end:
                        start = end = _after_indicator(text, last, start)
                elif not style:
                    value = plain(spelt, spelt)
                    if value and value is not True and spelt[0] in STARTS_NUMBER and NUMBER.fullmatch(spelt):
                        value = Number(spelt)
                elif style in "|>":
                    end = _block_end(text, start, end)
                last = end
                if event.ctag is None and event.anchor is None:
                    nodes.append(Scalar(source, start, end, value, spelt))
                    continue
                if event.ctag is not None and self.tag(event) in ("!", "tag:yaml.org,2002:str"):
                    value = spelt
                node = Scalar(source, end if start == end else _content(text, start, end), end, value, spelt)
                self.anchor(event, node, 1)
                nodes.append(node)
            elif (kind is mapping or kind is sequence) and event:
                stack.append((nodes, event, count + expanded))
                if len(stack) > DEPTH:
                    raise self.refusal(f"it nests more than {DEPTH} levels deep", event.start_mark.index)
                nodes = []
            elif (kind is mapping_end or kind is sequence_end) and event:
                children = nodes
                nodes, opened, before = stack.pop()
                start = opened.start_mark.index
                # A pair inside `[a: b]` is a flow mapping whose end has no bracket.
                if opened.flow_style and event.start_mark.index < event.end_mark.index:
                    last = event.end_mark.index
                end = last
                if opened.ctag is not None or opened.anchor is not None:
                    start = _content(text, start, end)
                if kind is mapping_end:
                    node = Mapping(source, start, end, self.entries(children))
                elif opened.ctag is not None and self.tag(opened) == "!reference":
                    node = Reference(source, start, end, tuple(children))
                else:
                    node = Sequence(source, start, end, tuple(children))
                if kind is mapping_end and opened.ctag is not None:
                    self.tag(opened)
                if opened.anchor is not None:
                    self.anchor(opened, node, count + expanded - before)
                nodes.append(node)
            elif kind is alias and event:
                last = event.end_mark.index
                node, weight = self.aliased(event, stack)
                expanded += weight
                if count + expanded > WEIGHT:
                    raise self.refusal(f"its aliases stand for more than {WEIGHT:,} nodes", event.start_mark.index)
                nodes.append(node)
            elif kind is document:
                nodes = []
                self.anchors = {}
            elif kind is document_end:
                found.append(self.document(nodes[0]))
            elif event is None:
                return found
        raise self.refusal(f"it holds more than {EVENTS:,} pieces", len(text))

    def document(self, root: Node) -> Document:
        if isinstance(root, Scalar) and self.text[root.start : root.start + 1] in ("|", ">"):
            self.doubt(Doubt.ODD_ROOT, "not every parser ends a file of one block at `---`", root.start, root.end)
        anchored, self.anchored = tuple(self.anchored), {}
        ambiguities, self.ambiguities = tuple(self.ambiguities), []
        empty = isinstance(root, Scalar) and root.start == root.end
        return Document(None if empty else root, self.source, anchored=anchored, ambiguities=ambiguities)

    def screen(self) -> None:
        """Refuse what no parser reads, and note what they read differently."""
        text = self.text
        if len(text) > SIZE:
            raise self.refusal(f"it is larger than {SIZE // 1024} KiB", 0)
        if ODD.search(text):
            if forbidden := re.search(f"[{FORBIDDEN}]", text):
                at = forbidden.start()
                raise self.refusal(f"the character U+{ord(text[at]):04X} is not allowed in YAML", at)
            for pattern, doubt, why in DOUBTFUL:
                self.note(pattern, doubt, why)
        if "\r" in text:
            self.note(LONE_RETURN, Doubt.LINE_BREAK, "not every parser ends a line at a lone carriage return")
        if "%" in text:
            self.note(DIRECTIVE, Doubt.DIRECTIVE, "a directive changes how the file is read")

    def note(self, pattern: str, doubt: Doubt, why: str) -> None:
        if match := re.search(pattern, self.text):
            self.doubt(doubt, why, match.start(), match.end())

    def doubt(self, doubt: Doubt, why: str, start: int, end: int) -> None:
        self.ambiguities.append(Ambiguity(self.source.at(start, end), why, doubt=doubt))

    def refusal(self, why: str, at: int) -> SyntaxProblem:
        at = max(0, min(at, len(self.text)))
        return SyntaxProblem(why, self.source.at(at, min(at + 1, len(self.text))))

    def problem(self, error: Exception) -> SyntaxProblem:
        """Return a parser's error in one line with its place."""
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        index: object = getattr(mark, "index", 0)
        at = max(0, min(index, len(self.text))) if isinstance(index, int) else 0
        said: object = getattr(error, "problem", None)
        why = said.strip().partition("\n")[0][:200] if isinstance(said, str) else ""
        sentence = f"this is not YAML: {why}" if why else "this is not YAML"
        return SyntaxProblem(sentence, self.source.at(at, min(at + 1, len(self.text))))

    def entries(self, children: list[Node]) -> tuple[Entry, ...]:
        """Pair keys with values, and note the keys that programs read differently."""
        seen = set()
        found = []
        pairs = iter(children)
        for key, value in zip(pairs, pairs, strict=True):
            if not isinstance(key, Scalar):
                key = self.stand_in(key)  # noqa: PLW2901
            name = key.text
            if name in seen:
                self.doubt(Doubt.DUPLICATE_KEY, f"the key `{name[:LONGEST_KEY]}` stands twice", key.start, key.end)
            seen.add(name)
            found.append(Entry(key, value))
        if "<<" in seen:
            for key, _ in found:
                if key.text == "<<" and self.text.startswith("<<", key.start):
                    self.doubt(Doubt.MERGE_KEY, "not every parser merges `<<`", key.start, key.end)
        return tuple(found)

    def stand_in(self, key: Node) -> Scalar:
        """Return a scalar for a key that is a list or a mapping: the start of its text."""
        # The pure parser ends the empty list of `: ? -` before it begins.
        end = max(key.start, key.end)
        self.doubt(Doubt.ODD_KEY, "a key is a list or a mapping", key.start, end)
        spelt = self.text[key.start : min(end, key.start + LONGEST_KEY)]
        return Scalar(self.source, key.start, end, spelt, spelt)

    def tag(self, event: Event) -> str:
        """Return a tag in full; any but GitLab's own is noted."""
        tag = str(event.ctag)
        if tag != "!reference":
            start = event.start_mark.index
            self.doubt(Doubt.TAG, f"the tag `{tag[:LONGEST_KEY]}` is not read by every parser", start, start + 1)
        return tag

    def anchor(self, event: Event, node: Node, weight: int) -> None:
        """Remember a node by its anchor, if it has one."""
        name = event.anchor
        if name is None:
            return
        start = event.start_mark.index
        self.name(name, max(start, self.text.find(f"&{name}", start)))
        if name in self.anchors:
            self.doubt(Doubt.DUPLICATE_ANCHOR, f"the anchor `&{name[:LONGEST_KEY]}` stands twice", start, start + 1)
        self.anchors[name] = (node, weight)

    def name(self, name: str, at: int) -> None:
        """Note the name of an anchor or alias that the parsers end at different characters."""
        end = at + 1 + len(name)
        if not SIMPLE_NAME.fullmatch(name) or self.text.startswith(":", end):
            self.doubt(Doubt.ODD_ANCHOR, "not every parser ends this name at the same character", at, end)

    def aliased(self, event: Event, stack: list[tuple[list[Node], Event, int]]) -> tuple[Node, int]:
        """Return the node and the weight of an alias."""
        name = event.anchor or ""
        at = event.start_mark.index
        self.name(name, at)
        if any(opened.anchor == name for _, opened, _ in stack):
            raise self.refusal(f"the alias `*{name[:LONGEST_KEY]}` stands inside its own anchor", at)
        if name not in self.anchors:
            raise self.refusal(f"the alias `*{name[:LONGEST_KEY]}` has no anchor above it", at)
        node, weight = self.anchors[name]
        self.anchored[Span(node.start, node.end)] = None
        return node, weight


def _block_end(text: str, start: int, end: int) -> int:
    """Return the end of a block scalar's last line that is not blank; of its header if all are."""
    header = text.find("\n", start, end)
    last = start + len(text[start:end].rstrip(" \t\r\n"))
    if header < 0 or last <= header:
        return start + 1 + len(text[start + 1 : end]) - len(text[start + 1 : end].lstrip("+-0123456789"))
    line = text.find("\n", last, end)
    return line - (text[line - 1] == "\r") if line >= 0 else end


def _after_indicator(text: str, start: int, end: int) -> int:
    """Return the place of a value that is not there: after the indicator, before any comment.

    The parsers give the next token or the end of the last one.
    """
    at = found = start
    while at < end:
        if text[at] == "#":
            at = text.find("\n", at, end)
            if at < 0:
                break
        elif text[at] == "?" and found > start:
            break
        elif text[at] not in " \t\r\n":
            found = at + 1
        at += 1
    return found


def _content(text: str, start: int, end: int) -> int:
    """Return where a node starts after its anchor and tag."""
    at = start
    while at < end:
        if text[at] in "&!":
            while at < end and text[at] not in " \t\r\n":
                at += 1
        elif text[at] == "#":
            at = max(text.find("\n", at, end), at + 1)
        elif text[at] in " \t\r\n":
            at += 1
        else:
            return at
    return end
