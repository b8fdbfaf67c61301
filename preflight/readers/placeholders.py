"""What stands in the place of a credential where there is none."""

from __future__ import annotations

import re
from functools import cache

SHORTEST = 16
"""Characters of a value in a script that is taken for a credential; most are 36 and more."""
_PREFIXES = ("npm_", "ghp_", "gho_", "ghs_", "github_pat_", "glpat-")
_FILLERS = frozenset("xX*.-_0# ")
"""What a value consists of that only shows where the real one goes."""
_WORDS = frozenset(
    {
        "token", "your", "yours", "dummy", "fake", "placeholder", "example", "changeme", "secret", "todo", "redacted",
        "none", "undefined", "null", "test", "testing", "unused", "invalid", "local", "password", "foo", "bar", "npm",
        "auth", "here", "insert", "replace", "empty", "anonymous", "verdaccio", "mock", "sample", "some",
        "true", "false", "authtoken", "mytoken", "faketoken", "secretsecret", "nothing", "value",
    }
)  # fmt: skip
"""Words of which one in a value says that it is none."""


def is_placeholder(value: str) -> bool:
    """Tell whether a value only says where a credential goes: a variable, a blank to fill in, a word for one."""
    bare = value.strip()
    for prefix in _PREFIXES:
        bare = bare.removeprefix(prefix)
    if not bare or set(bare) <= _FILLERS or (len(set(bare)) == 1 and len(bare) < SHORTEST):
        return True
    if any(mark in bare for mark in "${}<>%[]`"):
        return True
    return any(word in _WORDS for word in _word().split(bare.lower()))


@cache
def _word() -> re.Pattern[str]:
    return re.compile(r"[^a-z]")
