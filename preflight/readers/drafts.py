"""Words in the making, for shells that are read character by character."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.readers.shell import Command, Redirect, Word

if TYPE_CHECKING:
    from preflight.readers.scope import Scope


class Draft:
    """The words of one command while its characters are read."""

    __slots__ = ("_known", "_present", "_start", "_text", "redirects", "words")

    def __init__(self) -> None:
        self.words: list[Word] = []
        self.redirects: list[tuple[str, int]] = []
        self._text: list[str] = []
        self._start = -1
        self._known = True
        self._present = False

    def literal(self, text: str, at: int) -> None:
        """Add characters that stand for themselves; also empty ones, which make a word of empty quotes."""
        self._begin(at)
        self._text.append(text)
        self._present = True

    def unknown(self, text: str, at: int) -> None:
        """Add a part whose value is not known, in its spelling."""
        self.literal(text, at)
        self._known = False

    def spread(self, text: str, at: int) -> None:
        """Add a known value that is split into words at its blanks."""
        self._begin(at)
        pieces = text.split()
        if not pieces:
            return
        if text[0].isspace():
            self.finish(at)
        for piece in pieces[:-1]:
            self.literal(piece, at)
            self.finish(at)
        self.literal(pieces[-1], at)
        if text[-1].isspace():
            self.finish(at)

    def finish(self, end: int) -> None:
        """End the word, if one was begun."""
        if self._present:
            self.words.append(Word("".join(self._text), self._start, end, self._known))
        self._text, self._start, self._known, self._present = [], -1, True, False

    def redirect(self, operator: str, at: int) -> None:
        """Begin a redirect, whose target is the next word."""
        digits = "".join(self._text)
        if self._present and digits.isdigit() and len(digits) == 1:
            operator = digits + operator
            self._text, self._present = [], False
        self.finish(at)
        self.redirects.append((operator, len(self.words)))

    def drop(self, count: int) -> None:
        """Take off the first words."""
        self.words = self.words[count:]
        self.redirects = [(operator, place - count) for operator, place in self.redirects if place >= count]

    def precede(self, text: str) -> None:
        """Put a word that is not in the script before the others."""
        at = self.words[0].start
        self.words.insert(0, Word(text, at, at))
        self.redirects = [(operator, place + 1) for operator, place in self.redirects]

    @property
    def begun(self) -> bool:
        """Whether a word has begun and not ended."""
        return self._present

    def command(self, scope: Scope, stdin: str | None = None) -> Command | None:
        """Return the finished command, or None where there are no words."""
        redirects, targets = [], set()
        for operator, place in self.redirects:
            if place < len(self.words):
                redirects.append(Redirect(operator, self.words[place]))
                targets.add(place)
        words = tuple(word for at, word in enumerate(self.words) if at not in targets)
        if not words:
            return None
        return Command(
            words,
            words[0].start,
            self.words[-1].end,
            cwd=scope.cwd,
            env=tuple(scope.env.items()),
            redirects=tuple(redirects),
            stdin=stdin,
        )

    def _begin(self, at: int) -> None:
        if self._start < 0:
            self._start = at
