"""Links, special files, and files that refuse or vanish: none leads out, none hangs, each is told."""

from __future__ import annotations

import os
import shutil
import socket
from pathlib import Path

import pytest

from preflight.readers import project as reader
from preflight.source import files as door

CANARY = "CANARY-outside-the-project"
WORKFLOW = ".github/workflows/link.yml"
JOB = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: npm publish\n"
POSIX = pytest.mark.skipif(os.name != "posix", reason="links and special files of POSIX")
PLACES = (
    "package.json",
    "preflight.toml",
    WORKFLOW,
    ".npmrc",
    ".nvmrc",
    "pnpm-workspace.yaml",
    ".yarnrc.yml",
    "lerna.json",
    ".gitlab-ci.yml",
    ".git/config",
    ".git/HEAD",
    "scripts/release.js",
)
FORMATS = ("full", "concise", "json", "github", "markdown")

pytestmark = POSIX


@pytest.fixture
def outside(tmp_path):
    """Return a file that no report may hold, and that would be read as any of ours."""
    path = tmp_path / "outside" / "secret.yml"
    path.parent.mkdir()
    path.write_text(f"{CANARY}: &{CANARY}\n  - [{CANARY}\n", encoding="utf-8")
    return path


def place(project, name):
    """Return a path whose folder is there and that is free."""
    path = project / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    return path


@pytest.mark.parametrize("name", PLACES)
def test_a_link_that_leads_out_is_not_followed(name, project, outside, check):
    """A report in a pull request would show whatever the link points at."""
    place(project, name).symlink_to(outside)

    said = [check("--format", name_of, "-v").said for name_of in FORMATS]

    assert [CANARY in each for each in said] == [False] * len(FORMATS)


@pytest.mark.parametrize(
    "target",
    [
        pytest.param("/etc/passwd", id="absolute"),
        pytest.param("../../../../../../../../../../../etc/passwd", id="climbing"),
        pytest.param("/proc/self/environ", id="the environment"),
        pytest.param("/proc/self/mem", id="memory"),
        pytest.param("/dev/zero", id="a device without end"),
        pytest.param("/dev/stdin", id="standard input"),
        pytest.param("/dev/tty", id="the terminal"),
        pytest.param("/nowhere/at/all", id="nothing"),
        pytest.param("link.yml", id="itself"),
        pytest.param(".", id="its folder"),
        pytest.param("/", id="everything"),
    ],
)
def test_a_linked_workflow_is_told_and_not_read(target, project, check):
    """`/dev/zero` fills the memory, and `/etc/passwd` the report."""
    place(project, WORKFLOW).symlink_to(target)

    ended = check("--format", "concise", "--select", "unreadable-file")

    assert (ended.code, f"{WORKFLOW}" in ended.out, "root:" in ended.said) == (1, True, False)


@pytest.mark.parametrize("name", [".github", ".github/workflows", "packages", "action", "scripts"])
def test_a_linked_folder_that_leads_out_is_not_searched(name, project, tmp_path, put, check):
    """A link to the home folder would turn every file there into ours."""
    away = tmp_path / "away"
    for inner in ("a.yml", "workflows/a.yml", "action.yml", "a/package.json", "release.js"):
        path = away / inner
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f'# {CANARY}\n"{CANARY}": [', encoding="utf-8")
    put(
        {
            "package.json": '{"name": "a", "workspaces": ["packages/*"],'
            ' "scripts": {"release": "node scripts/release.js"}}',
            ".github/workflows/a.yml": JOB + "      - uses: ./action\n      - run: npm run release\n",
        }
    )
    shutil.rmtree(project / name, ignore_errors=True)
    (project / name).symlink_to(away)

    said = [check("--format", name_of, "-v").said for name_of in FORMATS]

    assert [CANARY in each for each in said] == [False] * len(FORMATS)


@pytest.mark.parametrize("loop", [".", "..", "../..", "packages"])
def test_folders_that_hold_themselves_are_searched_once(loop, project, put, check):
    """A walk along links never ends."""
    put({"packages/a/package.json": '{"name": "a"}'})
    (project / "packages" / "loop").symlink_to(loop)

    assert check().code == 1


def test_a_link_that_stays_inside_is_read(project, put, check):
    """Projects share files among workflows in this way."""
    put({"shared/release.yml": JOB})
    place(project, WORKFLOW).symlink_to("../../shared/release.yml")

    ended = check("--format", "concise", "--select", "unreadable-file,missing-id-token")

    assert (ended.code, WORKFLOW in ended.out, "unreadable-file" in ended.out) == (1, True, False)


@pytest.mark.parametrize(
    "uses",
    ["./../outside", "././../../outside", "./a/../../outside", ".//etc", "./%2e%2e/outside", "/etc", "./\\..\\outside"],
)
def test_an_action_outside_is_not_read(uses, tmp_path, put, check):
    """`uses: ./../x` is a path that GitHub does not know either."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "action.yml").write_text(f"{CANARY}: [", encoding="utf-8")
    put({WORKFLOW: JOB + f"      - uses: {uses}\n"})

    assert CANARY not in check("-v").said


@pytest.mark.parametrize(
    "files",
    [
        pytest.param(
            {".gitlab-ci.yml": "include: {local: ../outside/a.yml}\np: {script: npm publish}\n"}, id="include"
        ),
        pytest.param(
            {".gitlab-ci.yml": "include: {local: /../outside/*.yml}\np: {script: npm publish}\n"}, id="a pattern"
        ),
        pytest.param({"package.json": '{"name": "a", "workspaces": ["../outside", "../*"]}'}, id="workspaces"),
        pytest.param({"pnpm-workspace.yaml": "packages: ['../outside', '../**']\n"}, id="pnpm"),
        pytest.param({"package.json": '{"name": "a", "scripts": {"release": "node ../outside/a.js"}}'}, id="a script"),
        pytest.param({WORKFLOW: JOB.replace("npm publish", "cd ../outside && npm publish ../outside")}, id="a folder"),
        pytest.param({WORKFLOW: JOB.replace("npm publish", "bash ../outside/a.sh; npm publish")}, id="a program"),
        pytest.param(
            {WORKFLOW: JOB.replace("npm publish", "npm publish --userconfig ../outside/.npmrc")}, id="settings"
        ),
        pytest.param(
            {
                WORKFLOW: JOB.replace(
                    "- run",
                    "- uses: actions/setup-node@v4\n        with: {node-version-file: ../outside/v}\n      - run",
                )
            },
            id="a version",
        ),
        pytest.param(
            {".npmrc": "registry=https://registry.npmjs.org/\ncafile=../outside/ca\nuserconfig=../outside/.npmrc\n"},
            id="npmrc",
        ),
    ],
)
def test_a_path_that_leads_out_is_not_read(files, tmp_path, put, check):
    """What lies beside the repository belongs to somebody else."""
    for name in ("a.yml", "a.js", "a.sh", ".npmrc", "package.json", "v", "ca"):
        path = tmp_path / "outside" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f'{CANARY}: [ npm publish {{"{CANARY}"', encoding="utf-8")
    put(files)

    assert [CANARY in check("--format", name, "-v").said for name in FORMATS] == [False] * len(FORMATS)


def fifo(path):
    """Make a pipe that nobody writes into."""
    os.mkfifo(path)


def listening(path):
    """Make a socket."""
    with socket.socket(socket.AF_UNIX) as server:
        here = Path.cwd()
        os.chdir(path.parent)  # a socket's path has 107 characters at most
        server.bind(path.name)
        os.chdir(here)


def folder(path):
    """Make a folder in the place of a file."""
    path.mkdir()


def device(path):
    """Make a device without end."""
    try:
        os.mknod(path, 0o600 | 0o020000, os.makedev(1, 5))
    except OSError:
        pytest.skip("only root may make devices")


@pytest.mark.parametrize("make", [fifo, listening, folder, device])
@pytest.mark.parametrize("name", PLACES)
def test_a_special_file_does_not_hang(name, make, project, check):
    """Opening a pipe waits for ever, and so does the CI job."""
    make(place(project, name))

    assert check("-v").code in {0, 1, 2}


@pytest.mark.parametrize("make", [fifo, listening, device])
@pytest.mark.parametrize("name", ["package.json", WORKFLOW, ".npmrc", "pnpm-workspace.yaml", ".gitlab-ci.yml"])
def test_a_special_file_is_told(name, make, project, check):
    """It stands where a file should, and nobody has looked at what it would say."""
    make(place(project, name))

    ended = check("--format", "concise", "--select", "unreadable-file")

    assert (ended.code, name in ended.out) == (1, True)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
@pytest.mark.parametrize("name", ["package.json", WORKFLOW, ".npmrc", ".github/workflows", "packages"])
def test_what_may_not_be_read_is_told(name, project, put, check):
    """A file without permission is no clean file."""
    put({WORKFLOW: JOB, ".npmrc": "a=b\n", "packages/a/package.json": "{}"})
    (project / name).chmod(0)

    ended = check("--format", "concise", "--select", "unreadable-file")
    (project / name).chmod(0o700)

    assert (ended.code, name in ended.out) == (1, True)


@pytest.mark.parametrize("gone", ["package.json", ".github/workflows/release.yml", ".github/workflows", ".github"])
@pytest.mark.parametrize("after", range(0, 40, 4))
def test_a_file_that_vanishes_is_no_bug(gone, after, project, put, monkeypatch):
    """Branches are switched while an editor checks."""
    put({".npmrc": "a=b\n", "packages/a/package.json": "{}"})
    looks = iter(range(10_000))
    real = os.lstat

    def lstat(path, **options):
        if next(looks) == after:
            shutil.rmtree(project / gone, ignore_errors=True)
            (project / gone).unlink(missing_ok=True)
        return real(path, **options)

    monkeypatch.setattr(door.os, "lstat", lstat)

    reading = reader.read(project, environment={})

    assert reading.project is not None


@pytest.mark.parametrize("root", ["nowhere", "package.json", "a" * 300, "a/" * 5_000, "-", "~", "$HOME"])
def test_a_root_that_is_none_is_a_mistake_of_the_user(root, check):
    """A typing error is no bug."""
    assert check("--", root).code == 2
