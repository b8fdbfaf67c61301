"""Say before the tag what the npm registry will say; prove after the publish that it said it."""

__version__ = "0.1.0"
