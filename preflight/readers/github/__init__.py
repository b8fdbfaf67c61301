"""GitHub Actions workflows and actions turned into facts."""
