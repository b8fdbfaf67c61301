"""CircleCI pipelines turned into facts."""
