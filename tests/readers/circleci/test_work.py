"""What jobs of a workflow restore, and what those do that feed a publish."""

from __future__ import annotations

import pytest

IMAGE = "docker: [{image: 'cimg/node:24.15'}]"


def config(restore: str, save: str, use: str = "", top: str = "") -> str:
    """Return a configuration with a publish job and another one."""
    return (
        f"{top}\njobs:\n  publish:\n    {IMAGE}\n    steps: [{restore}, {{run: npm publish}}]\n"
        f"  test:\n    {IMAGE}\n    steps: [{save}]\n"
        f"workflows: {{release: {{jobs: [publish, test: {{{use}}}]}}}}\n"
    )


KEY = 'deps-{{ checksum "package-lock.json" }}'
RESTORE = f"{{restore_cache: {{keys: ['{KEY}', deps-]}}}}"
SAVE = f"{{save_cache: {{key: '{KEY}', paths: [node_modules]}}}}"
ORB = "orbs: {node: circleci/node@7.1.0}"
TAGS = "filters: {tags: {only: /^v.*/}, branches: {ignore: /.*/}}"


@pytest.mark.parametrize(
    ("text", "caches"),
    [
        pytest.param(config(RESTORE, SAVE), [(f"key `{KEY}`", True)], id="another job saves it"),
        pytest.param(config(RESTORE, "{run: npm test}"), [(f"key `{KEY}`", False)], id="no other job saves it"),
        pytest.param(config(RESTORE, SAVE.replace("deps", "other")), [(f"key `{KEY}`", False)], id="another key"),
        pytest.param(config(RESTORE, SAVE, TAGS), [(f"key `{KEY}`", False)], id="a job for tags saves it"),
        pytest.param(config(RESTORE, SAVE.replace("node_modules", "dist")), [(f"key `{KEY}`", False)],
                     id="no dependencies"),
        pytest.param(config("{restore_cache: {key: 'a-{{ .Revision }}'}}", SAVE), [], id="a key of the run"),
        pytest.param(config("node/install-packages", "node/install-packages", top=ORB),
                     [("`node/install-packages`", True)], id="an orb"),
        pytest.param(config("{node/install-packages: {with-cache: false}}", "node/install-packages", top=ORB), [],
                     id="an orb without its cache"),
        pytest.param(config("checkout", SAVE), [], id="none"),
    ],
)  # fmt: skip
def test_the_caches_of_a_publish(job, text, caches):
    """What a test of any branch saved is code that the publish runs."""
    assert [(cache.what, cache.shared.value) for cache in job(text).work.caches] == caches


FEEDER = f"""
jobs:
  build:
    {IMAGE}
    steps: [{{run: npm install}}, {{run: 'curl -sL https://acme.test/x.sh | sh'}}, {{run: tsc}},
            {{persist_to_workspace: {{root: ., paths: [dist]}}}}]
  publish:
    {IMAGE}
    steps: [{{attach_workspace: {{at: .}}}}, {{run: npm publish}}]
workflows: {{release: {{jobs: [build, {{publish: {{requires: [build]}}}}]}}}}
"""


def test_the_job_that_builds_is_a_feeder(pipeline):
    """What it installs and pipes is in the package."""
    (feeder,) = pipeline(FEEDER, {"package.json": '{"name": "a", "dependencies": {"b": "1"}}'}).feeders

    assert (feeder.name, feeder.feeds, len(feeder.work.installs), len(feeder.work.piped)) == (
        "build",
        ("publish",),
        1,
        1,
    )


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("echo 'export NPM_CONFIG_PROVENANCE=true' >> $BASH_ENV", id="a script"),
        pytest.param('echo "export NPM_CONFIG_PROVENANCE=true" >> "$BASH_ENV"', id="quoted"),
        pytest.param("printf 'export NPM_CONFIG_PROVENANCE=%s\\n' true | tee -a $BASH_ENV >/dev/null", id="a pipe"),
    ],
)
def test_a_step_writes_variables_for_the_next(pipeline, line):
    """`$BASH_ENV` is read by every later shell."""
    found = pipeline(
        f"jobs:\n  publish:\n    {IMAGE}\n    steps:\n      - run: |\n          {line}\n      - run: npm publish\n"
        "workflows: {release: {jobs: [publish]}}\n"
    )

    assert found.shipments[0].provenance.value.by.value == "env"


@pytest.mark.parametrize(
    ("node", "oidc"), [pytest.param("24.15", True, id="new enough"), pytest.param("24.5", False, id="too old")]
)
def test_npm_knows_the_tokens_of_circleci_since_11_11(job, node, oidc):
    """Older ones look for those of other systems only."""
    found = job(
        f"jobs:\n  publish:\n    docker: [{{image: 'cimg/node:{node}'}}]\n    steps:\n"
        "      - run: |\n          export NPM_ID_TOKEN=$(circleci run oidc get --claims '{}')\n          npm publish\n"
        "workflows: {release: {jobs: [{publish: {context: npm}}]}}\n",
        {".npmrc": "//registry.npmjs.org/:_authToken=${NPM_TOKEN}\n"},
    )

    assert found.sites[0].trusted.value is oidc
