"""The options and arguments of a command, told apart as its program tells them apart."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from preflight.readers.pipeline import Flag
from preflight.readers.shell import Word
from preflight.records import KW_ONLY, dataclass, field

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from preflight.source.text import Location

    Place = Callable[[int, int], Location]

_UNKNOWN = "$`%"
_PARTS = r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+"
_LOOSE = frozenset(
    [
        "arg",
        "args",
        "dry",
        "extra",
        "flag",
        "flags",
        "opt",
        "option",
        "options",
        "opts",
        "param",
        "params",
        "provenance",
    ]
)


@dataclass(frozen=True, slots=True)
class Option:
    """An option under its full name with dashes, its value where it has one, and the word that it stands in."""

    name: str
    value: Word | None
    word: Word


@dataclass(frozen=True, slots=True)
class Grammar:
    """Which options of a program take a value, and the full names of the short ones."""

    valued: frozenset[str] = frozenset()
    short: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    _: KW_ONLY
    names: tuple[str, ...] = ()
    """All options of a program that accepts any unambiguous beginning of their names; without dashes."""
    clusters: bool = True
    """Whether `-ab` is `-a -b`."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """The options and the arguments of a command; `rest` is what follows `--`."""

    options: tuple[Option, ...]
    arguments: tuple[Word, ...]
    rest: tuple[Word, ...] = ()

    def value(self, *names: str) -> Word | None:
        """Return the value of the last of these options, or None."""
        return next((item.value for item in reversed(self.options) if item.name in names), None)

    def values(self, *names: str) -> tuple[Word, ...]:
        """Return the values of all of these options."""
        return tuple(item.value for item in self.options if item.name in names and item.value is not None)

    def state(self, *names: str) -> bool | None:
        """Return whether one of these options is on, which the last of them says; None where its value is not known."""
        found: bool | None = False
        for item in self.options:
            bare = "--" + item.name.removeprefix("--no-")
            if item.name in names:
                found = _truth(item.value)
            elif item.name.startswith("--no-") and bare in names:
                truth = _truth(item.value)
                found = None if truth is None else not truth
        return found

    def denied(self, *names: str) -> bool:
        """Tell whether one of these options is surely turned off: `--no-x` or `--x=false`."""
        last: bool = False
        for item in self.options:
            if item.name.startswith("--no-") and "--" + item.name.removeprefix("--no-") in names:
                last = _truth(item.value) is True
            elif item.name in names:
                last = _truth(item.value) is False
        return last

    def flags(self, place: Place) -> tuple[Flag, ...]:
        """Return the options as facts."""
        return tuple(Flag(item.name, item.value, place(item.word.start, item.word.end)) for item in self.options)


def _truth(value: Word | None) -> bool | None:
    if value is None:
        return True
    return value.text.lower() not in {"false", "0", "no"} if value.known else None


def tail(word: Word, size: int) -> Word:
    """Return a word without its first characters; its place is exact where nothing in it was quoted or replaced."""
    text = word.text[size:]
    start = word.start + size if word.end - word.start == len(word.text) else word.start
    return Word(text, start, word.end, known=word.known or not any(sign in text for sign in _UNKNOWN))


def head(word: Word, size: int) -> Word:
    """Return the first characters of a word as a word."""
    text = word.text[:size]
    end = word.start + size if word.end - word.start == len(word.text) else word.end
    return Word(text, word.start, end, known=word.known or not any(sign in text for sign in _UNKNOWN))


def opaque(word: Word) -> bool:
    """Tell whether not even the beginning of a word is known."""
    return not word.known and word.text[:1] in tuple(_UNKNOWN)


def loose(word: Word, place: Place) -> bool:
    """Tell whether a word that is not known seems to hold options rather than an argument.

    Only its name or the expression in the source can say so: `$PUBLISH_FLAGS`, `${{ inputs.dry && '--dry-run' }}`.
    """
    if not opaque(word):
        return False
    source = place(word.start, word.end).text
    if "--" in source:
        return True
    return any(part.lower() in _LOOSE for text in (word.text, source) for part in re.findall(_PARTS, text))


def spelling(words: Iterable[Word]) -> str:
    """Return words joined by spaces."""
    return " ".join(word.text for word in words)


def parse(words: tuple[Word, ...], grammar: Grammar, place: Place, *, stop: bool = False) -> Parsed:
    """Tell options from arguments.

    An option that the grammar does not know takes no value. With `stop` the options end at the first argument, which
    begins `arguments`. A word that seems to hold unknown options becomes an option of that name, and so does one that
    is not known and stands before what must be the command (`npm $X publish`).
    """
    options: list[Option] = []
    arguments: list[Word] = []
    index = 0
    while index < len(words):
        word = words[index]
        index += 1
        text = word.text
        if not text:
            continue
        if len(text) > 1 and not text.strip("-"):
            return Parsed(tuple(options), tuple(arguments), words[index:])
        if text[0] != "-" or text == "-":
            ahead = words[index].text if index < len(words) else "-"
            if loose(word, place) or (stop and opaque(word) and not ahead.startswith("-")):
                options.append(Option(text, word, word))
            elif stop:
                return Parsed(tuple(options), words[index - 1 :])
            else:
                arguments.append(word)
            continue
        name, equals, _ = text.partition("=")
        given = tail(word, len(name) + 1) if equals else None
        for part in _names(name, grammar):
            value = given
            following = words[index] if index < len(words) else None
            if value is None and following is not None and _takes(part, following, grammar):
                value = following
                index += 1
            options.append(Option(part, value, word))
    if len(arguments) > 1 and opaque(arguments[0]) and arguments[1].known:
        options.append(Option(arguments[0].text, arguments[0], arguments[0]))
        del arguments[0]
    return Parsed(tuple(options), tuple(arguments))


def _takes(name: str, following: Word, grammar: Grammar) -> bool:
    if name in grammar.valued:
        return not following.text.startswith("-") or following.text == "-"
    return name.startswith("--") and following.known and following.text in {"true", "false"}


def _names(name: str, grammar: Grammar) -> tuple[str, ...]:
    """Return the full names of what one word of options says."""
    bare = name.lstrip("-")
    if bare in grammar.short and (not name.startswith("--") or f"--{bare}" not in grammar.valued):
        return grammar.short[bare]
    if not name.startswith("--"):
        if grammar.clusters and len(bare) > 1 and all(letter in grammar.short for letter in bare):
            return tuple(full for letter in bare for full in grammar.short[letter])
        return (f"--{bare}",) if bare in grammar.names else (name,)
    denied = bare.lower().startswith("no-")
    stem = bare[3:] if denied else bare
    if grammar.names and stem not in grammar.names:
        longer = [full for full in grammar.names if full.startswith(stem)]
        if len(longer) == 1:
            stem = longer[0]
    return (f"--no-{stem}" if denied else f"--{stem}",)
