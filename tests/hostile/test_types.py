"""Files of the right syntax and of any shape: wrong types everywhere must raise nothing."""

from __future__ import annotations

import json
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from preflight import rulebook
from preflight.engine import judge
from preflight.errors import Exit, PreflightError
from preflight.readers import project
from preflight.report.document import check_document, dump
from preflight.report.full import full
from preflight.report.github import github
from preflight.report.markdown import markdown
from preflight.report.plan import Expected, plan_document
from preflight.report.plan_text import plan_text
from preflight.report.run import Run
from preflight.report.screen import Screen
from preflight.rulebook import Phase

BOOK = rulebook.read()
RULES = BOOK.select((Phase.CHECK,))
ODD = (
    *(
        "",
        " ",
        "\n",
        "\0",
        "x",
        "0",
        "-1",
        "1e999",
        "NaN",
        "true",
        "null",
        "~",
        "<<",
        "*",
        "&a",
        "!x",
        "|",
        "${{",
        "}}",
    ),
    *(
        "${{ x }}",
        "${{ github.ref }}",
        "${{ fromJSON('[') }}",
        "${{ format('{9}') }}",
        "$",
        "${",
        "$(",
        "`",
        "'",
        '"',
        "\\",
    ),
    *(
        "..",
        "/",
        "./",
        "../..",
        "a/b",
        "@",
        "@a/b",
        "a@b",
        "git@github.com:a/b",
        "https://",
        "://",
        "npm publish",
        "npm",
    ),
    *(
        "npm run release",
        "npm publish --provenance ../x",
        "npx",
        "self-hosted",
        "ubuntu-latest",
        "18",
        "20.10",
        ">=",
        "*.*",
    ),
    *(
        "actions/setup-node@v4",
        "actions/checkout",
        "./.github/workflows/release.yml",
        "docker://a",
        "\U0001f4a9",
        "\ud800",
    ),
)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**20), 10**20), st.floats(), st.sampled_from(ODD), st.text(max_size=20)
)


def trees(keys):
    """Return trees whose keys are those of a format, in any place and with anything below."""
    names = st.one_of(st.sampled_from(keys), st.sampled_from(ODD), st.text(max_size=8))
    return st.recursive(
        SCALARS,
        lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(names, inner, max_size=6)),
        max_leaves=25,
    )


MANIFEST = (
    *(
        "name",
        "version",
        "private",
        "repository",
        "url",
        "type",
        "directory",
        "publishConfig",
        "provenance",
        "registry",
    ),
    *(
        "access",
        "tag",
        "scripts",
        "release",
        "prepublishOnly",
        "workspaces",
        "packages",
        "nohoist",
        "engines",
        "node",
        "npm",
    ),
    *(
        "packageManager",
        "devEngines",
        "onFail",
        "volta",
        "dependencies",
        "devDependencies",
        "files",
        "bin",
        "preflight",
    ),
    *("ignore", "semantic-release", "release-it", "plugins", "publishArgs", "bugs", "homepage", "lerna", "changesets"),
)
WORKFLOW = (
    *(
        "name",
        "on",
        "push",
        "workflow_call",
        "workflow_dispatch",
        "inputs",
        "secrets",
        "outputs",
        "default",
        "type",
        "permissions",
    ),
    *(
        "id-token",
        "contents",
        "env",
        "NODE_AUTH_TOKEN",
        "NPM_CONFIG_PROVENANCE",
        "defaults",
        "run",
        "shell",
        "jobs",
        "publish",
    ),
    *(
        "working-directory",
        "needs",
        "if",
        "runs-on",
        "group",
        "labels",
        "strategy",
        "matrix",
        "include",
        "exclude",
        "environment",
    ),
    *(
        "steps",
        "uses",
        "with",
        "node-version",
        "node-version-file",
        "registry-url",
        "token",
        "path",
        "artifact",
        "container",
    ),
    *(
        "image",
        "services",
        "id",
        "continue-on-error",
        "concurrency",
        "timeout-minutes",
        "tags",
        "branches",
        "description",
    ),
)
GITLAB = (
    *(
        "stages",
        "include",
        "local",
        "remote",
        "project",
        "ref",
        "file",
        "component",
        "template",
        "spec",
        "inputs",
        "default",
    ),
    *(
        "workflow",
        "rules",
        "if",
        "when",
        "variables",
        "value",
        "image",
        "name",
        "entrypoint",
        "before_script",
        "script",
    ),
    *(
        "after_script",
        "extends",
        "id_tokens",
        "SIGSTORE_ID_TOKEN",
        "NPM_ID_TOKEN",
        "aud",
        "tags",
        "stage",
        "needs",
        "job",
    ),
    *("artifacts", "paths", "reports", "dotenv", "environment", "trigger", "strategy", "parallel", "matrix", "secrets"),
    *("only", "except", "publish", ".base", "pages", "dependencies", "cache", "services", "release"),
)
CIRCLECI = (
    "version", "setup", "orbs", "commands", "parameters", "executors", "jobs", "workflows", "default", "type",
    "steps", "run", "command", "environment", "shell", "working_directory", "docker", "image", "machine", "macos",
    "resource_class", "executor", "name", "requires", "context", "filters", "tags", "branches", "only", "ignore",
    "matrix", "alias", "when", "unless", "condition", "equal", "and", "or", "not", "pre-steps", "post-steps",
    "checkout", "path", "publish", "send", "restore_cache", "save_cache", "key", "keys", "paths",
    "attach_workspace", "persist_to_workspace", "triggers", "approval",
)  # fmt: skip
ELSEWHERE = (
    "script", "deploy", "provider", "jobs", "include", "steps", "task", "inputs", "command", "customCommand",
    "image", "commands", "settings", "registry", "pipe", "publishRegistry", "pipelines", "step", "after-script",
    "deploy_script", "ps", "cmd", "stages", "workingDirectory",
)  # fmt: skip
STEP = {"run": "npm publish"}
BARE = {"on": "push", "jobs": {"publish": {"runs-on": "ubuntu-latest", "steps": [STEP]}}}
RUNS = settings(
    max_examples=150, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)


@contextmanager
def top(**files):
    """Make a folder with files whose names are given with `__` for a slash."""
    with TemporaryDirectory() as name:
        root = Path(name)
        for path, text in files.items():
            place = root / path.replace("__", "/")
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(text.encode("utf-8", "surrogatepass"))
        yield root


def everything(root):
    """Do all that the commands do, in this process; return the names of rules with a bug."""
    try:
        facts = project.read(root, environment={}).project
    except PreflightError:
        return []
    from datetime import date

    results = judge(facts, RULES, today=date(2026, 1, 1), known=BOOK.names)
    run = Run(results=results, project=facts, version="0", root=".", fail_on=None, verbose=2, show_ignored=True)
    for screen in (Screen(), Screen(40, colour=True, runner=True)):
        list(full(run, screen))
        list(plan_text(facts, screen, every=True))
    list(github(run))
    markdown(run)
    dump(check_document(run))
    dump(plan_document(facts, Expected(registry="https://registry.npmjs.org/"), version="0", root="."))
    return [f"{result.rule.name}: {result.reason}" for result in run.crashed]


@RUNS
@given(trees(MANIFEST))
@example({"name": [], "publishConfig": [], "repository": 5, "workspaces": {"packages": 1}, "scripts": [1]})
@example({"publishConfig": {"provenance": {}}, "workspaces": "packages/*", "engines": "node", "files": {}})
def test_a_manifest_may_have_any_shape(tree):
    """Npm normalises what it can; nobody promises a type."""
    text = json.dumps(tree)
    with top(
        **{"package.json": text, "packages__a__package.json": text, ".github__workflows__a.yml": json.dumps(BARE)}
    ) as root:
        assert everything(root) == []


@RUNS
@given(st.dictionaries(st.sampled_from(MANIFEST), trees(MANIFEST), max_size=12))
def test_a_field_of_a_manifest_may_have_any_type(fields):
    """Every field at its place, and anything in it."""
    text = json.dumps({"name": "a", **fields})
    with top(
        **{"package.json": text, "packages__a__package.json": text, ".github__workflows__a.yml": json.dumps(BARE)}
    ) as root:
        assert everything(root) == []


@RUNS
@given(trees(WORKFLOW))
def test_a_workflow_may_have_any_shape(tree):
    """A workflow that GitHub refuses is a file like any other."""
    text = json.dumps(tree)
    with top(
        **{"package.json": '{"name": "a"}', ".github__workflows__a.yml": text, "action__action.yml": text}
    ) as root:
        assert everything(root) == []


@RUNS
@given(
    st.dictionaries(st.sampled_from(WORKFLOW), trees(WORKFLOW), max_size=4),
    st.dictionaries(st.sampled_from(WORKFLOW), trees(WORKFLOW), max_size=6),
    st.dictionaries(st.sampled_from(WORKFLOW), trees(WORKFLOW), max_size=4),
)
@example({"permissions": []}, {"runs-on": {"group": [], "labels": {}}, "strategy": {"matrix": {"a": 1}}}, {"with": []})
@example({"env": [1]}, {"needs": {}, "environment": {"name": {}}, "container": {"image": []}}, {"uses": [], "env": ""})
def test_a_field_of_a_workflow_may_have_any_type(above, job, step):
    """Every field at its place, and anything in it."""
    steps = [{**STEP, **step}, {"uses": "actions/setup-node@v4", **step}, {"uses": "./action", **step}, STEP]
    tree = {**BARE, **above, "jobs": {"publish": {"runs-on": "x", "steps": steps, **job}, "other": job}}
    action = {"name": "a", "inputs": above, "runs": {"using": "composite", "steps": steps}}
    files = {".github__workflows__a.yml": json.dumps(tree), "action__action.yml": json.dumps(action)}
    with top(**files, **{"package.json": '{"name": "a"}'}) as root:
        assert everything(root) == []


@RUNS
@given(
    trees(GITLAB),
    st.dictionaries(st.sampled_from(GITLAB), trees(GITLAB), max_size=5),
    st.dictionaries(st.sampled_from(GITLAB), trees(GITLAB), max_size=6),
)
def test_a_pipeline_of_gitlab_may_have_any_shape(tree, above, job):
    """GitLab takes a string for a list almost anywhere, and we must take anything."""
    whole = {
        **above,
        "publish": {"script": "npm publish", **job},
        ".base": job,
        "child": {"extends": [".base", "publish"]},
    }
    for shape in (tree, whole):
        with top(**{".gitlab-ci.yml": json.dumps(shape), "package.json": '{"name": "a"}'}) as root:
            assert everything(root) == []


@RUNS
@given(
    trees(CIRCLECI),
    st.dictionaries(st.sampled_from(CIRCLECI), trees(CIRCLECI), max_size=5),
    st.dictionaries(st.sampled_from(CIRCLECI), trees(CIRCLECI), max_size=6),
    st.dictionaries(st.sampled_from(CIRCLECI), trees(CIRCLECI), max_size=4),
)
def test_a_configuration_of_circleci_may_have_any_shape(tree, above, job, use):
    """Whatever CircleCI refuses is a file like any other."""
    send = {"parameters": {"x": {"default": "<< parameters.x >>"}}, "steps": ["<< parameters.x >>", "send", STEP]}
    whole = {
        "orbs": {"inner": {"jobs": {"publish": job}, "orbs": {"outer": "a/b@1"}}, "npm": "a/npm@1"},
        "commands": {"send": {**send, **job}},
        "executors": {"name": job},
        "jobs": {"publish": {"steps": [STEP, "send", {"send": use}, "npm/publish"], **job}, "other": job},
        "workflows": {"a": {"jobs": ["publish", {"publish": use}, {"inner/publish": use}, {"npm/publish": use}]}},
        **above,
    }
    for shape in (tree, whole):
        with top(**{".circleci__config.yml": json.dumps(shape), "package.json": '{"name": "a"}'}) as root:
            assert everything(root) == []


@RUNS
@given(
    trees(ELSEWHERE), st.dictionaries(st.sampled_from(ELSEWHERE), trees(ELSEWHERE), max_size=5), st.text(max_size=30)
)
def test_pipelines_that_are_only_recognised_may_have_any_shape(tree, step, text):
    """Seven formats that nobody validates for us."""
    whole = json.dumps({"steps": [tree, {"task": "Npm@1", "script": "npm publish", **step}], "deploy": [step], **step})
    names = ("azure-pipelines.yml", ".travis.yml", ".drone.yml", "bitbucket-pipelines.yml", "appveyor.yml")
    groovy = f"sh 'npm publish' {text} sh(script: \"{text}"
    with top(**dict.fromkeys(names, whole), Jenkinsfile=groovy, **{"package.json": '{"name": "a"}'}) as root:
        assert everything(root) == []


@RUNS
@given(
    trees(
        (
            "packages",
            "catalog",
            "provenance",
            "npmPublishProvenance",
            "npmRegistryServer",
            "npmScopes",
            "version",
            "ignore",
        )
    )
)
def test_settings_of_workspaces_may_have_any_shape(tree):
    """Four tools, four files."""
    text = json.dumps(tree)
    names = (
        "pnpm-workspace.yaml",
        ".yarnrc.yml",
        "lerna.json",
        ".changeset__config.json",
        "nx.json",
        ".npmrc",
        ".nvmrc",
    )
    with top(
        **dict.fromkeys(names, text), **{"package.json": '{"name": "a"}', ".github__workflows__a.yml": json.dumps(BARE)}
    ) as root:
        assert everything(root) == []


LINES = (
    *(
        "on: push",
        "jobs:",
        "  publish:",
        "    runs-on: x",
        "    steps:",
        "      - run: npm publish",
        "      - uses: a/b@v1",
    ),
    *(
        "    permissions:",
        "      id-token: write",
        "  a: &a",
        "  b: *a",
        "  <<: *a",
        "- x",
        "? x",
        ": y",
        "---",
        "...",
        "%YAML 1.1",
    ),
    *(
        "k: |",
        "k: >-",
        "  text",
        "\ttab",
        "k: !!set x",
        "k: !reference [a, b]",
        "'",
        '"',
        "{",
        "}",
        "[",
        "]",
        "#",
        "# preflight: ignore[old-npm] x",
    ),
    *(
        "\u2028",
        "\x85",
        "\ufeff",
        "k: \u202e",
        "extends: .a",
        "script: [npm publish]",
        "",
        " ",
        "k: 2001-99-99",
        "k: 0o9",
    ),
)


@RUNS
@given(st.lists(st.one_of(st.sampled_from(LINES), st.text(max_size=12)), max_size=25))
def test_lines_in_any_order_raise_nothing(lines):
    """Most bad files are good files with a mistake in them."""
    text = "\n".join(lines)
    names = (
        *(".github__workflows__a.yml", ".gitlab-ci.yml", ".circleci__config.yml", ".travis.yml"),
        *("pnpm-workspace.yaml", ".npmrc", "action__action.yml"),
    )
    with top(**dict.fromkeys(names, text), **{"package.json": '{"name": "a"}'}) as root:
        assert everything(root) == []


@RUNS
@given(
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=10)),
        lambda inner: st.lists(inner, max_size=3),
        max_leaves=6,
    ),
    st.sampled_from(
        ["fail-on", "strict", "select", "repository", "ignore", "expect", "expect.ref", "ignore.rule", "x"]
    ),
)
def test_a_configuration_of_any_shape_is_refused_in_words(value, key):
    """Exit 2 and the name of the key, never a traceback."""
    from preflight import config

    with_value = f"{key} = {json.dumps(value)}".replace("null", '""')
    try:
        config.parse(with_value, "preflight.toml", BOOK.names)
        code = Exit.USAGE
    except PreflightError as error:
        code = error.code

    assert code is Exit.USAGE


@pytest.mark.parametrize("text", ["null", "[]", '""', "0", "true", "{}", "[[]]", '{"": {"": ""}}'])
def test_the_smallest_files_raise_nothing(text):
    """The first thing that anyone tries."""
    names = (
        "package.json",
        ".github__workflows__a.yml",
        ".gitlab-ci.yml",
        ".circleci__config.yml",
        "Jenkinsfile",
        "lerna.json",
        "pnpm-workspace.yaml",
        ".npmrc",
    )
    with top(**dict.fromkeys(names, text)) as root:
        assert everything(root) == []
