"""What names of things that cannot be looked into sound like."""

from __future__ import annotations

PUBLISHING = ("publish", "release", "npm", "deploy")


def publishing_name(name: str) -> bool:
    """Tell whether a name sounds like something that publishes."""
    lower = name.lower()
    return any(word in lower for word in PUBLISHING)
