"""GitLab pipelines turned into facts."""
