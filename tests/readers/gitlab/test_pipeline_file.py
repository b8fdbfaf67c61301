"""One file of a pipeline: headers, merge keys, and what is no pipeline."""

from __future__ import annotations

import pytest


def test_a_header_is_not_the_pipeline(job):
    """A file with inputs holds two documents, and the jobs stand in the second."""
    found = job("spec:\n  inputs:\n    a:\n---\npublish:\n  script: npm publish\n")

    assert str(found.at) == ".gitlab-ci.yml:5:1"


def test_a_second_document_without_a_header_is_not_read(pipeline):
    """GitLab takes the first document; a job behind `---` never runs."""
    found = pipeline("build:\n  script: tsc\n---\npublish:\n  script: npm publish\n")

    assert not found.jobs


def test_a_merge_key_brings_the_keys_of_its_anchor(job):
    """Anchors are how older pipelines share an image."""
    found = job("""
        .node: &node
          image: node:20
        publish:
          <<: *node
          script: npm publish
        """)

    assert [str(npm.value.version) for npm in found.sites[0].npm] == ["10.8.2"]


@pytest.mark.parametrize(
    ("keys", "version"),
    [
        pytest.param("<<: [*twenty, *eighteen]", "10.8.2", id="the first of several wins"),
        pytest.param("<<: *eighteen\n          image: node:20", "10.8.2", id="an own key wins"),
        pytest.param("image: node:20\n          <<: *eighteen", "10.8.2", id="wherever it stands"),
        pytest.param("<<: [*twenty, nonsense]", "10.8.2", id="what is no mapping brings nothing"),
    ],
)
def test_what_wins_over_a_merged_key(job, keys, version):
    """The order of keys in a mapping must not change what runs."""
    found = job(f"""
        .eighteen: &eighteen
          image: node:16
        .twenty: &twenty
          image: node:20
        publish:
          {keys}
          script: [npm publish]
        """)

    assert [str(npm.value.version) for npm in found.sites[0].npm] == [version]


def test_merges_lie_in_each_other(job):
    """A template may be made of another one."""
    found = job("""
        .a: &a
          image: node:20
        .b: &b
          <<: *a
          stage: deploy
        publish:
          <<: *b
          script: [!reference [.a, nothing], npm publish]
        """)

    assert [str(npm.value.version) for npm in found.sites[0].npm] == ["10.8.2"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("- npm publish", id="a list"),
        pytest.param("npm publish", id="a string"),
        pytest.param("spec: {}\n---\n", id="a header alone"),
        pytest.param("publish: npm publish", id="a job that is a string"),
        pytest.param("publish: {script: {npm: publish}}", id="a script that is a mapping"),
        pytest.param("publish: {script: [~, [], {}]}", id="a script of nothing"),
        pytest.param("script: npm publish", id="a key that is no job"),
        pytest.param(".publish: {script: npm publish}", id="a template"),
    ],
)
def test_what_is_no_job_publishes_nothing(pipeline, text):
    """Wrong shapes are GitLab's to refuse; here they must not raise."""
    assert not pipeline(text).jobs


def test_a_file_that_cannot_be_read_is_told(pipeline):
    """A pipeline with a fault in its YAML must not look like one that publishes nothing."""
    found = pipeline("publish: [")

    assert [str(each.path) for each in found.unreadable] == [".gitlab-ci.yml"]


def test_the_places_looked_at_name_the_pipeline(pipeline):
    """`nothing-publishes` says where it looked."""
    assert pipeline("build: {script: tsc}").looked_at == ("`.gitlab-ci.yml`",)


def test_a_project_without_a_pipeline_names_none(project):
    """Most projects here are on one system only."""
    assert not project({}).looked_at
