"""Git's configuration format (git-config(1), "Syntax"), read without git."""

from __future__ import annotations

from preflight.records import dataclass

_ESCAPES = {"n": "\n", "t": "\t", "b": "\b", '"': '"', "\\": "\\"}
_KEY_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-")


@dataclass(frozen=True, slots=True)
class Setting:
    """One value; `section` and `key` are in lower case, `name` is the subsection as written.

    A key without `=` has the value `true`.
    """

    section: str
    name: str
    key: str
    value: str


def read(text: str) -> tuple[Setting, ...] | None:
    """Return all values in their order, or None where git would refuse the file.

    `include` is returned like any other section and not followed.
    """
    if "\0" in text:
        return None
    settings: list[Setting] = []
    section: tuple[str, str] | None = None
    lines = _logical_lines(text)
    for line in lines:
        rest = line.strip()
        if rest.startswith("["):
            header = _header(rest)
            if header is None:
                return None
            *names, rest = header
            section = (names[0], names[1])
        if not rest or rest[0] in "#;":
            continue
        pair = _pair(rest)
        if pair is None or section is None:
            return None
        settings.append(Setting(*section, *pair))
    return tuple(settings)


def _logical_lines(text: str) -> list[str]:
    """Join each line that ends in an odd number of backslashes, outside a comment, to the next."""
    joined: list[str] = []
    pending: list[str] = []
    quoted = False
    for raw in text.split("\n"):
        line = raw.removesuffix("\r")
        comment, still = _comment(line, quoted=quoted)
        if (len(line) - len(line.rstrip("\\"))) % 2 and not comment:
            pending.append(line[:-1])
            quoted = still
        else:
            joined.append("".join((*pending, line)))
            pending.clear()
            quoted = False
    return [*joined, "".join(pending)] if pending else joined


def _comment(line: str, *, quoted: bool) -> tuple[bool, bool]:
    """Return whether a line has a comment, and whether a quote is open at its end; `quoted` if one is at its start."""
    escaped = False
    for character in line:
        if escaped:
            escaped = False
        elif character == "\\":
            escaped = True
        elif character == '"':
            quoted = not quoted
        elif character in "#;" and not quoted:
            return True, False
    return False, quoted


def _header(line: str) -> tuple[str, str, str] | None:
    """Split `[section "name"] rest` or `[section.name] rest`."""
    at = 1
    while at < len(line) and (line[at] in _KEY_CHARACTERS or line[at] == "."):
        at += 1
    section, dot, name = line[1:at].partition(".")
    if line[at : at + 1] == "]":
        return section.lower(), name.lower(), line[at + 1 :].strip()
    start = line.find('"', at)
    if dot or start < 0 or not line[at:start].isspace():
        return None
    text: list[str] = []
    at = start + 1
    while at < len(line) and line[at] != '"':
        at += line[at] == "\\"
        text.append(line[at : at + 1])
        at += 1
    return (section.lower(), "".join(text), line[at + 2 :].strip()) if line[at : at + 2] == '"]' else None


def _pair(line: str) -> tuple[str, str] | None:
    key, mark, rest = line.partition("=")
    if not mark:
        key = key.partition("#")[0].partition(";")[0]
    key = key.strip()
    if not key or not _KEY_CHARACTERS.issuperset(key):
        return None
    value = _value(rest) if mark else "true"
    return (key.lower(), value) if value is not None else None


def _value(text: str) -> str | None:
    """Undo quotes and escapes and drop the comment; None where a quote does not end or an escape is unknown."""
    found: list[str] = []
    kept = 0
    quoted = False
    characters = iter(text.strip())
    for character in characters:
        if character == "\\":
            escape = _ESCAPES.get(next(characters, ""))
            if escape is None:
                return None
            found.append(escape)
        elif character == '"':
            quoted = not quoted
        elif character in "#;" and not quoted:
            break
        else:
            found.append(character)
            if character.isspace() and not quoted:
                continue
        kept = len(found)
    return None if quoted else "".join(found[:kept])
