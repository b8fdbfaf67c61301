"""The caches that a publish job of GitLab restores, and who else can fill them."""

from __future__ import annotations

import pytest

from preflight.facts.fact import Known

CACHE = "{key: npm, paths: [.npm/]}"


def shared(pipeline, cache: str, other: str, rules: str = "", top: str = "") -> list[bool | str]:
    """Return for each cache that a publish job restores whether another job can fill it, or why that is not known."""
    ruled = f"  rules:\n    - if: {rules}\n" if rules else ""
    facts = pipeline(
        f"{top}test:\n  script: npm test\n  cache: {other}\n{ruled}"
        f"publish:\n  script: npm publish\n  cache: {cache}\n  rules:\n    - if: $CI_COMMIT_TAG\n"
    )
    return [
        cache.shared.value if isinstance(cache.shared, Known) else cache.shared.why
        for job in facts.jobs
        for cache in job.work.caches
    ]


@pytest.mark.parametrize(
    ("cache", "other"),
    [
        pytest.param(CACHE, CACHE, id="the same key"),
        pytest.param("{paths: [a]}", "{paths: [b]}", id="no key is one key"),
        pytest.param("{key: {files: [a.json]}, paths: [a]}", "{key: {files: [a.json]}, paths: [a]}", id="files"),
        pytest.param(
            "{key: {files: [a.json], prefix: x}, paths: [a]}",
            "[{key: y, paths: [a]}, {key: {files: [a.json], prefix: x}, paths: [a]}]",
            id="one of several",
        ),
        pytest.param("{key: npm, paths: [a], policy: pull}", CACHE, id="only restored"),
    ],
)
def test_a_cache_is_shared(cache, other, pipeline):
    """Whatever runs in the other job can put something into it."""
    assert shared(pipeline, cache, other) == [True]


@pytest.mark.parametrize(
    ("cache", "other"),
    [
        pytest.param(CACHE, "{key: yarn, paths: [.npm/]}", id="another key"),
        pytest.param(CACHE, "{key: npm, paths: [.npm/], policy: pull}", id="the other job only restores"),
        pytest.param(CACHE, "[]", id="no other cache"),
    ],
)
def test_a_cache_of_its_own_is_not_shared(cache, other, pipeline):
    """A cache that only releases fill is as trusted as the releases."""
    assert shared(pipeline, cache, other) == [False]


@pytest.mark.parametrize(
    "cache",
    [
        pytest.param("{key: npm, paths: [a], policy: push}", id="only stored"),
        pytest.param("{key: $CI_JOB_NAME, paths: [a]}", id="a key of the job"),
        pytest.param("{key: npm}", id="no paths"),
        pytest.param("[]", id="none"),
        pytest.param("nonsense", id="no mapping"),
    ],
)
def test_nothing_is_restored(cache, pipeline):
    """Where no cache comes in, none can be bad."""
    assert shared(pipeline, cache, CACHE) == []


def test_caches_of_merge_requests_depend_on_the_projects_settings(pipeline):
    """GitLab separates the caches of protected refs, unless somebody turned that off."""
    (why,) = shared(pipeline, CACHE, CACHE, '$CI_PIPELINE_SOURCE == "merge_request_event"')

    assert "protected" in why


def test_a_cache_that_is_not_protected_is_shared_with_merge_requests(pipeline):
    """`unprotect` says so in the file."""
    cache = "{key: npm, paths: [.npm/], unprotect: true}"

    assert shared(pipeline, cache, CACHE, '$CI_PIPELINE_SOURCE == "merge_request_event"') == [True]


def test_a_key_of_the_ref_is_not_shared_with_other_refs(pipeline):
    """A merge request has another name than a tag."""
    cache = "{key: $CI_COMMIT_REF_SLUG, paths: [a]}"

    assert shared(pipeline, cache, cache, '$CI_PIPELINE_SOURCE == "merge_request_event"') == [False]


def test_an_inherited_cache_is_shown_at_the_job(pipeline):
    """The job is where `cache: []` goes."""
    facts = pipeline("default: {cache: {paths: [a]}}\ntest:\n  script: npm test\npublish:\n  script: npm publish\n")

    assert [cache.at.line for job in facts.jobs for cache in job.work.caches] == [4]
