"""Text, and trees whose every node knows its place."""
