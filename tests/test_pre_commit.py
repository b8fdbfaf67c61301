"""The pre-commit hook: when it runs, and that it really stops a commit."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from preflight.errors import Exit

TOP = Path(__file__).parents[1]
HOOKS = TOP / ".pre-commit-hooks.yaml"
FILES = (
    r"(^|/)(package\.json|\.npmrc|\.yarnrc\.yml|pnpm-workspace\.yaml|lerna\.json|preflight\.toml)$"
    r"|^\.github/workflows/[^/]+\.ya?ml$|^\.gitlab-ci\.yml$|^\.circleci/config\.yml$|^\.changeset/config\.json$"
)
"""What makes the hook run; users' configurations and outside tests rely on it."""
BAD, GOOD = "examples/project", "examples/workflows/npm.yml"
PACKAGE = '{"name": "widgets", "version": "1.0.0", "repository": "git+https://github.com/acme/widgets.git"}\n'

needs_pre_commit = pytest.mark.skipif(find_spec("pre_commit") is None, reason="pre-commit is not installed")
needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def shipped():
    """Return the hook that is shipped."""
    (hook,) = YAML(typ="safe", pure=True).load(HOOKS.read_text("utf-8"))
    return hook


@needs_pre_commit
def test_the_hooks_are_valid(tmp_path):
    """pre-commit refuses a repository whose list of hooks has a mistake."""
    done = run(tmp_path, sys.executable, "-m", "pre_commit", "validate-manifest", str(HOOKS))

    assert done.returncode == 0, done.stdout


def test_the_files_are_the_agreed_ones():
    """A hook that runs for too few files misses the change that breaks the release."""
    assert shipped()["files"] == FILES


def test_what_the_tool_decides_is_not_in_the_hook():
    """A user's `args` replace the hook's own, so that a default there would be lost."""
    hook = shipped()

    assert ("args" in hook, hook["entry"], hook["pass_filenames"]) == (False, "preflight check", False)


@pytest.mark.parametrize(
    "path",
    [
        "package.json",
        "packages/core/package.json",
        ".npmrc",
        "packages/core/.npmrc",
        ".yarnrc.yml",
        "pnpm-workspace.yaml",
        "lerna.json",
        "preflight.toml",
        ".github/preflight.toml",
        ".config/preflight.toml",
        ".github/workflows/release.yml",
        ".github/workflows/release.yaml",
        ".gitlab-ci.yml",
        ".circleci/config.yml",
        ".changeset/config.json",
    ],
)
def test_the_hook_runs_for_what_bears_on_a_release(path):
    """Each of these files can take provenance away."""
    assert re.search(FILES, path)


@pytest.mark.parametrize(
    "path",
    [
        "src/index.ts",
        "package.json.md",
        "my-package.json",
        "package-lock.json",
        "docs/npmrc",
        ".npmrc.example",
        "preflight.toml.bak",
        ".github/workflows/scripts/release.yml",
        ".github/workflows/release.yml.disabled",
        "docs/.github/workflows/release.yml",
        ".github/dependabot.yml",
        "sub/.gitlab-ci.yml",
        ".changeset/brave-cats-smile.md",
        "README.md",
    ],
)
def test_the_hook_does_not_run_for_the_rest(path):
    """A hook that runs on every commit gets removed."""
    assert not re.search(FILES, path)


# -- the hook at work -----------------------------------------------------------------------------


def run(folder, *words, **more):
    """Run a program without what the machine says, and return how it ended, with all that it printed."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PREFLIGHT_", "GITHUB_", "GITLAB_", "CI", "GIT_", "PRE_COMMIT", "TF_BUILD", "SKIP"))
    }
    identity = {
        f"GIT_{who}_{what}": "test@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
    }
    environment = {**kept, **identity, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, **more}
    return subprocess.run(
        words,
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )


def committed(folder, origin="https://github.com/acme/widgets"):
    """Make a git repository of a folder, with everything in it committed."""
    for words in (["init", "-q"], ["remote", "add", "origin", origin], ["add", "-A"], ["commit", "-qm", "first"]):
        done = run(folder, "git", *words)
        assert done.returncode == 0, done.stdout
    return folder


def bad(folder):
    """Lay out the example that is not ready."""
    shutil.copytree(TOP / BAD, folder)
    return folder


def good(folder):
    """Lay out a project that is ready."""
    workflow = folder / ".github" / "workflows" / "release.yml"
    workflow.parent.mkdir(parents=True)
    shutil.copy(TOP / GOOD, workflow)
    (folder / "package.json").write_text(PACKAGE, encoding="utf-8")
    return folder


def unrelated(folder):
    """Lay out a project in which nothing bears on a release."""
    folder.mkdir()
    (folder / "notes.md").write_text("# Notes\n", encoding="utf-8")
    return folder


@needs_git
@needs_pre_commit
@pytest.mark.parametrize(
    ("project", "code", "said"),
    [
        pytest.param(bad, Exit.FINDINGS, r"error\[missing-id-token\]", id="findings stop the commit"),
        pytest.param(good, Exit.PASSED, r"\.Passed\n", id="a project that is ready passes"),
        pytest.param(unrelated, Exit.PASSED, r"\(no files to check\)Skipped\n", id="other files do not start it"),
    ],
)
def test_the_hook_judges_a_commit(project, code, said, tmp_path):
    """All keys are the shipped ones, but the environment is this one, which needs no network."""
    program = f"'{Path(sys.executable).as_posix()}' '{launcher(tmp_path).as_posix()}'"
    entry = shipped()["entry"].replace("preflight", program, 1)
    hook = {**shipped(), "language": "system", "entry": entry}
    folder = project(tmp_path / "widgets")
    write_yaml(folder / ".pre-commit-config.yaml", {"repos": [{"repo": "local", "hooks": [hook]}]})
    committed(folder)

    done = run(
        folder,
        *(sys.executable, "-m", "pre_commit", "run", "--all-files", "--color=never"),
        PRE_COMMIT_HOME=str(tmp_path / "home"),
        PYTHONPATH=str(TOP),
    )

    assert (done.returncode, bool(re.search(said, done.stdout))) == (code, True), done.stdout


def launcher(folder):
    """Write a script that starts preflight as the installed command does."""
    script = folder / "launch.py"
    script.write_text("import sys\nfrom preflight.cli.main import main\nsys.exit(main())\n", encoding="utf-8")
    return script


def write_yaml(path, document):
    """Write a document as YAML."""
    with path.open("w", encoding="utf-8") as file:
        YAML(typ="safe", pure=True).dump(document, file)


@needs_git
@needs_pre_commit
@pytest.mark.timeout(600)
@pytest.mark.skipif(
    not os.environ.get("PREFLIGHT_NETWORK_TESTS"),
    reason="building the hook's environment downloads packages: set PREFLIGHT_NETWORK_TESTS=1",
)
def test_the_hook_installs_itself_from_a_clone(tmp_path):
    """What users do: pre-commit clones this repository and builds an environment for the hook."""
    clone = tmp_path / "clone"
    left_out = shutil.ignore_patterns(".git", ".venv", ".corpus", "dist", "__pycache__", ".*_cache", ".coverage*")
    shutil.copytree(TOP, clone, ignore=left_out)
    committed(clone)
    commit = run(clone, "git", "rev-parse", "HEAD").stdout.strip()
    folder = bad(tmp_path / "widgets")
    repo = {"repo": str(clone), "rev": commit, "hooks": [{"id": "preflight"}]}
    write_yaml(folder / ".pre-commit-config.yaml", {"repos": [repo]})
    committed(folder)

    done = run(
        folder,
        *(sys.executable, "-m", "pre_commit", "run", "--all-files", "--color=never"),
        PRE_COMMIT_HOME=str(tmp_path / "home"),
    )

    assert (done.returncode, "error[missing-id-token]" in done.stdout) == (Exit.FINDINGS, True), done.stdout
