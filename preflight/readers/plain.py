"""Scripts of nothing but plain words, which no parser is needed for: `npm ci`, `npm publish --access public`."""

from __future__ import annotations

from preflight.readers.shell import Command, Word

PROGRAMS = frozenset(
    [
        *("npm", "npx", "pnpm", "pnpx", "yarn", "bun", "bunx", "corepack"),
        *("lerna", "changeset", "semantic-release", "np"),
        *("tsc", "tsup", "vite", "rollup", "webpack", "esbuild", "rimraf"),
        *("eslint", "prettier", "biome", "vitest", "jest", "mocha", "typedoc", "publint"),
    ]
)
"""Programs that no shell gives a meaning of its own, and that run no other command line."""
LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./@:,+=^ \n")
"""Characters that mean themselves to every shell of the family; a tab or a carriage return is left to the parser."""


def plain(text: str) -> tuple[Command, ...] | None:
    """Return the commands of a script in which every line is a known program with plain words; None for any other.

    The parser gives the same, and loading it costs more than all the rest of such a script.
    """
    if not LETTERS.issuperset(text):
        return None
    found: list[Command] = []
    offset = 0
    for line in text.split("\n"):
        words = _words(line, offset)
        if words:
            if words[0].text not in PROGRAMS:
                return None
            found.append(Command(words, words[0].start, words[-1].end))
        offset += len(line) + 1
    return tuple(found)


def _words(line: str, offset: int) -> tuple[Word, ...]:
    words: list[Word] = []
    at = 0
    for part in line.split(" "):
        if part:
            words.append(Word(part, offset + at, offset + at + len(part)))
        at += len(part) + 1
    return tuple(words)
