"""Text that comes from outside, made harmless where it is printed."""

from __future__ import annotations

import re

LONGEST = 2000
"""Characters of one piece of foreign text that are printed."""
REACH = 8000
"""Characters beyond those in which a secret may end."""
REDACTED = "[redacted]"

_UNSEEN = frozenset(
    {
        *range(0x20),
        *range(0x7F, 0xA0),
        0xAD,
        0x61C,
        0x180E,
        *range(0x200B, 0x2010),
        *range(0x2028, 0x202F),
        *range(0x2060, 0x2070),
        *range(0xFFF9, 0xFFFC),
        0xFEFF,
        *range(0xE0000, 0xE0080),
    }
)
"""Control characters, line separators, and what reorders or hides text; lone surrogates are told by their range."""
_SURROGATES = range(0xD800, 0xE000)
_SIGNS = (
    *("npm_", "gho_", "ghp_", "ghu_", "ghs_", "ghr_", "github_pat_", "gl", "eyj", "pypi-", "xox", "akia", "_live_"),
    *("auth", "passw", "token", "secret", "otp", "://", "bearer", "basic", "private key"),
)
"""What every secret or its key holds, in lower case; most lines hold none of them."""
_QUOTES = ('"', "'")
_BYTE, _PLANE = 0x100, 0x10000
_NAMES = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}

# A look-behind at the start of each shape keeps a long run of its characters from being searched once per character.
# Patterns are left to the cache of `re`: most runs print nothing that has to be searched with them.
_SHAPES = (
    r"(?<![A-Za-z0-9])npm_[A-Za-z0-9]{20,}"
    r"|(?<![A-Za-z0-9])(?:gh[opusr]_|github_pat_|gl[a-z]{2,6}-|pypi-|xox[abeoprs]-|[rs]k_live_)[A-Za-z0-9_-]{10,}"
    r"|(?<![A-Za-z0-9])AKIA[A-Z0-9]{16}"
    r"|(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)?"
)
# An id token is a permission, and no secret: `id-token: write`, `SIGSTORE_ID_TOKEN: {aud: sigstore}`.
_KEY = (
    r"(?:(?i:(?:(?<!\w)_auth(?:Token)?|(?<!\w)_password|--otp)\s+(?![\s=:])|(?:bearer|basic)\s+(?=[A-Za-z0-9+/=._~-]{16}))"
    r"|(?:(?i:_(?:authToken|auth|password)|npmAuth(?:Token|Ident)|(?<![A-Za-z_])otp"
    r"|(?<![A-Za-z_-])(?:(?:npm|github|auth|access)[-_])?token)"
    r"|(?<!ID_)TOKEN|PASSWORD|PASSWD|SECRET)\\?[\"']?\s*[=:]\s*)\\?[\"']?"
)
_BARE = re.compile(r"[^\s\"'$%<{\[*&|>!`][^\s\"']*")
_QUOTED = re.compile(r"[^\"'$%<{\[`][^\"']*")
_USER = re.compile(r"://([^\s/?#@\"'`$<>]+)@")
_NO_SECRETS = frozenset({"git", "hg"})
"""Names of users in addresses that are everyone's."""
_PRIVATE = "PRIVATE KEY-----"


def clean(text: str, *, runner: bool = False) -> str:
    """Return one line without anything that a terminal or a CI runner would obey, and without secrets.

    Control characters, direction marks, invisible characters and lone surrogates become visible escapes. `runner` says
    that a CI runner reads along: then what it would take for a command is broken by a space.
    """
    text = conceal(text[: LONGEST + REACH])
    if len(text) > LONGEST:
        text = text[:LONGEST] + "..."
    if not text.isprintable():
        text = "".join(map(visible, text))
    return harmless(text) if runner else text


def harmless(text: str) -> str:
    """Return text in which a CI runner sees no command (`##[` anywhere, `::` at the start of a line)."""
    text = text.replace("##[", "# #[")
    return text.replace("::", ": :", 1) if text.lstrip().startswith("::") else text


def conceal(text: str) -> str:
    """Return text with every secret replaced."""
    spans = secrets(text)
    for start, end in reversed(spans):
        text = text[:start] + REDACTED + text[end:]
    return text


def secrets(text: str) -> tuple[tuple[int, int], ...]:
    """Return the places of what looks like a secret, in order, without overlaps; references (`$…`) are none."""
    if not _promising(text):
        return ()
    found = [match.span() for match in re.finditer(_SHAPES, text)]
    found += [match.span(1) for match in _USER.finditer(text) if match[1] not in _NO_SECRETS]
    if 0 <= (start := text.find(_PRIVATE)) < len(text) - len(_PRIVATE):
        found.append((start + len(_PRIVATE), len(text)))
    until = 0
    for key in re.finditer(_KEY, text):
        # A key inside the value before it is a part of that value; to match again from there would take quadratic time.
        if key.start() < until:
            continue
        if value := (_QUOTED if key.group().endswith(_QUOTES) else _BARE).match(text, key.end()):
            until = value.end()
            found.append(value.span())
    spans: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if spans and start < spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    return tuple(spans)


def visible(character: str) -> str:
    """Return a character, or the escape that shows it."""
    if character in _NAMES:
        return _NAMES[character]
    code = ord(character)
    if code in _SURROGATES or code in _UNSEEN:
        return f"\\x{code:02x}" if code < _BYTE else f"\\u{code:04x}" if code < _PLANE else f"\\U{code:08x}"
    return character


def _promising(text: str) -> bool:
    small = text.lower()
    return any(sign in small for sign in _SIGNS)
