"""Where a line stands in its document, in words that stay when lines move; fingerprints are made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.source.text import Location, Source

LONGEST_KEY = 60
DEEPEST = 20
"""Steps of a route; in hostile files a line may stand below thousands."""
QUOTES = ('"', "'")
DASH = "- "


class Routes:
    """The routes of the lines of files; every file is read once.

    A route is the keys above a line by their indentation, such as `jobs.publish.steps`, and for an item of a list its
    first entry without the version, such as `[uses: actions/setup-node]`. It is good enough to tell lines apart that
    read alike; a JSON file on a single line has none.
    """

    def __init__(self) -> None:
        self._of: dict[int, tuple[Source, tuple[str, ...]]] = {}

    def __call__(self, at: Location) -> str:
        """Return the route of the line that a place starts in."""
        known = self._of.get(id(at.source))
        if known is None:
            # The source is kept, so that its id stays its own.
            known = self._of[id(at.source)] = (at.source, tuple(_routes(at.source.text)))
        return known[1][at.line - 1]


def _routes(text: str) -> Iterator[str]:
    """Return the route of each line; lines end as in `Source`."""
    above: list[tuple[int, str]] = []
    for line in text.split("\n"):
        rest = line.lstrip()
        indent = len(line) - len(rest)
        if not rest or rest[0] in "#;":
            yield _joined(above, indent)
            continue
        while above and above[-1][0] >= indent:
            above.pop()
        yield _joined(above, indent)
        while rest.startswith(DASH) and len(above) < DEEPEST:
            above.append((indent, f"[{rest[len(DASH) :].partition('@')[0].strip()[:LONGEST_KEY]}]"))
            inner = rest[len(DASH) :].lstrip()
            indent += len(rest) - len(inner)
            rest = inner
        if key := _key(rest):
            above.append((indent, key))


def _joined(above: list[tuple[int, str]], indent: int) -> str:
    return ".".join(key for column, key in above[:DEEPEST] if column < indent)


def _key(rest: str) -> str:
    """Return the key that a line begins with; empty for none."""
    if rest[:1] in QUOTES:
        return rest[1:].partition(rest[0])[0][:LONGEST_KEY]
    key, colon, _ = rest.partition(":")
    return key.strip()[:LONGEST_KEY] if colon else ""
