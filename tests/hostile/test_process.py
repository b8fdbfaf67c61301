"""What the process does beside its work: nothing is imported from the project, run, written or connected to."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
COMMANDS = [
    ["check", "-v"],
    ["check", "--format", "json"],
    ["check", "--format", "github"],
    ["check", "--format", "markdown"],
    ["plan", "-v"],
    ["plan", "--format", "json"],
    ["config", "show"],
    ["explain", "missing-id-token"],
    ["rules"],
    ["--help"],
    ["check", "--no-such-option"],
]
SHADOWS = (
    *("git", "yaml", "rich", "typer", "click", "tomli", "sigstore", "tree_sitter", "tree_sitter_bash", "nodesemver"),
    *("sitecustomize", "usercustomize", "json", "re", "enum", "datetime", "_ruamel_yaml", "traceback", "hashlib"),
)
"""Modules of ours, of the library and of Python's start that a project may have of its own."""
PACKAGES = ("preflight", "ruamel", "rules", "encodings", "_distutils_hack")


def ids(words):
    """Return a command line as the name of a test."""
    return " ".join(words)


@pytest.fixture
def program(tmp_path):
    """Return the command as it is installed: a script of its own in another folder than the project."""
    script = tmp_path / "bin" / "preflight"
    script.parent.mkdir()
    script.write_text(
        f"import sys\nsys.path.append({str(TOP)!r})\nfrom preflight.cli.main import main\nsys.exit(main())\n",
        encoding="utf-8",
    )
    return [sys.executable, str(script)]


@pytest.mark.parametrize("words", COMMANDS, ids=ids)
def test_nothing_is_imported_from_the_project(words, program, run, put, tmp_path):
    """A pull request that brings a `rich.py` along must not run it."""
    mark = tmp_path / "mark"
    evil = f"open({str(mark)!r}, 'a').write(__name__ + '\\n')\n"
    put({f"{name}.py": evil for name in SHADOWS})
    put({f"{name}/__init__.py": evil for name in PACKAGES})
    put({"preflight/cli/main.py": evil, "preflight/rules/old_npm.py": evil, "ruamel/yaml/__init__.py": evil})
    put({"evil.pth": f"import os; {evil}", "pyvenv.cfg": "home = .\n", "setup.cfg": "[x]\n", "conftest.py": evil})

    ended = run(*words, program=program)

    assert (ended.code in {0, 1, 2}, mark.exists()) == (True, False), ended.err[-500:]


def test_an_own_rule_book_of_the_project_is_not_read(run, put):
    """Rules may lie beside the code, and a project may have a folder of that name."""
    put({"rules/old_npm.toml": "[", "rules/evil.toml": 'title = "pwned"\n', "preflight/rules/evil.toml": "["})

    ended = run("rules")

    assert (ended.code, "evil" in ended.out) == (0, False)


# -- the configuration ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        'output = ["json=pwned"]',
        'output = "json=pwned"',
        'o = "json=pwned"',
        'format = "json"',
        'registry = "https://evil.example/"',
        "online = true",
        "network = true",
        'proxy = "http://evil.example/"',
        'token = "x"',
        'config = "../other.toml"',
        'extends = "../other.toml"',
        'plugins = ["./evil.py"]',
        'rules = "./rules"',
        "exit-zero = true",
        "no-ignores = false",
        "show-ignored = false",
        "no-annotations = true",
        'package = ["a"]',
        "quiet = 2",
        "verbose = 2",
        'color = "always"',
        "[output]\njson = 'pwned'",
        "[network]\nregistry = 'https://evil.example/'",
        "[expect]\nregistry = 'https://evil.example/'",
        "[[ignore]]\nrule = '*'\nreason = 'x'",
        "[[ignore]]\nrule = 'old-npm'",
        "[[ignore]]\nrule = 'old-npm'\nreason = ''",
    ],
)
def test_a_configuration_in_the_repository_cannot_set_this(line, put, check, project):
    """It comes with the pull request that is checked."""
    put({"preflight.toml": f"{line}\n", "../other.toml": 'fail-on = "never"\n'})
    before = sorted(project.rglob("*"))

    ended = check()

    assert (ended.code, sorted(project.rglob("*"))) == (2, before)


def test_what_a_configuration_silences_is_counted(put, check):
    """A bypass must be seen by whoever reads the report."""
    everything = "".join(f'[[ignore]]\nrule = "{name}"\nreason = "pwned"\n' for name in ("old-npm", "missing-id-token"))
    put({"preflight.toml": everything})

    shown = json.loads(check("--format", "json").out)
    trusted = json.loads(check("--format", "json", "--no-config").out)
    forced = json.loads(check("--format", "json", "--no-ignores").out)

    counts = [document["summary"]["ignored"] for document in (shown, trusted, forced)]
    assert counts == [2, 0, 0]


@pytest.mark.parametrize("text", ['fail-on = "never"\n', 'select = ["unused-ignore"]\n'])
def test_a_configuration_can_be_left_out(text, put, check):
    """CI checks a pull request with `--no-config`, or with a file of its own."""
    put({"preflight.toml": text, "../trusted.toml": 'fail-on = "error"\n'})

    codes = [check(*words).code for words in ([], ["--no-config"], ["--config", "../trusted.toml"])]

    assert codes == [0, 1, 1]


def test_settings_of_npm_choose_no_target_of_ours(run, put):
    """The project's `.npmrc` is somebody else's; the plan names npm's registry."""
    put(
        {
            ".npmrc": "proxy=http://127.0.0.1:9/\ncafile=/etc/passwd\n"
            "script-shell=/bin/false\nnode-options=--require ./x.js\n"
        }
    )

    assert run("plan", "--format", "json").code == 0


# -- system calls ---------------------------------------------------------------------------------

STRACE = shutil.which("strace")
WATCHED = "trace=%file,%network,process,ftruncate,fchmod,fchown"
WRITES = ("O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC", "O_APPEND", "O_TMPFILE")
CHANGES = (
    *(
        "unlink",
        "unlinkat",
        "rename",
        "renameat",
        "renameat2",
        "mkdir",
        "mkdirat",
        "rmdir",
        "link",
        "linkat",
        "symlink",
    ),
    *("symlinkat", "mknod", "mknodat", "chmod", "fchmod", "fchmodat", "chown", "fchown", "lchown", "fchownat", "creat"),
    *("truncate", "ftruncate", "utime", "utimes", "utimensat", "setxattr", "mount", "chroot"),
)
NETWORK = ("socket", "connect", "bind", "listen", "accept", "accept4", "sendto", "sendmsg", "socketpair")
PROCESSES = ("execve", "execveat", "fork", "vfork", "clone", "clone3", "kill", "ptrace")
SYSTEM = (
    "/usr/",
    "/lib",
    "/etc/ld.so",
    "/etc/localtime",
    "/proc/self/",
    "/proc/meminfo",
    "/proc/cpuinfo",
    "/dev/null",
    "/sys/",
)
"""Where the interpreter itself looks."""


def calls(trace):
    """Return the calls of a trace that succeeded, with their arguments."""
    found = []
    for line in trace.splitlines():
        match = re.match(r"(?:\d+\s+)?(\w+)\((.*)\)\s+= (-?\d+|\?)", line)
        if match and not match[3].startswith("-"):
            found.append((match[1], match[2]))
    return found


@pytest.fixture
def traced(project, tmp_path):
    """Return a function that runs a command line under strace and returns its calls."""
    if STRACE is None:
        pytest.skip("strace is not installed")

    def start(*words, program):
        log = tmp_path / "trace"
        command = [STRACE, "-f", "-qq", "-s", "4096", "-y", "-e", WATCHED, "-o", str(log), *program, *words]
        environment = {
            "PATH": "/usr/bin:/bin",
            "PYTHONDONTWRITEBYTECODE": "1",
            "HOME": str(tmp_path),
            "LANG": "C.UTF-8",
        }
        done = subprocess.run(command, cwd=project, env=environment, capture_output=True, check=False, timeout=120)
        if not log.exists() or b"PTRACE" in done.stderr:
            pytest.skip("this system lets nobody trace")
        return calls(log.read_text("utf-8", "replace"))

    return start


@pytest.fixture
def mean(project, put, tmp_path):
    """Spoil the project with what might make a reader write, run, connect or look elsewhere."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.yml").write_text("a: b\n", encoding="utf-8")
    config = project / ".git" / "config"
    config.write_text(
        config.read_text("utf-8") + "[core]\n\tfsmonitor = touch pwned\n[include]\n\tpath = ../../outside/secret.yml\n",
        encoding="utf-8",
    )
    put(
        {
            ".npmrc": "registry=https://evil.example/\ncafile=../outside/secret.yml\n",
            ".gitlab-ci.yml": "include: [{remote: 'https://evil.example/a.yml'}, ../outside/secret.yml]\n"
            "p: {script: npm publish}\n",
            "packages/a/package.json": '{"name": "a", "workspaces": ["../../../outside"]}',
            "preflight.toml": 'fail-on = "never"\n',
        }
    )
    (project / ".github" / "workflows" / "link.yml").symlink_to(outside / "secret.yml")
    (project / "packages" / "out").symlink_to(outside)
    return outside


@pytest.mark.skipif(sys.platform != "linux", reason="strace is of Linux")
@pytest.mark.parametrize("words", COMMANDS, ids=ids)
def test_a_run_asks_the_system_for_reading_only(words, program, traced, mean):
    """What Python's own hooks do not see, such as a library in C, the kernel does."""
    found = traced(*words, program=program)

    opened = [arguments for name, arguments in found if name in {"open", "openat", "openat2"}]
    assert len(opened) > 10
    assert [line for line in opened if any(flag in line for flag in WRITES) and "/dev/null" not in line] == []
    assert [call for call in found if call[0] in CHANGES] == []
    assert [call for call in found if call[0] in NETWORK] == []
    assert [name for name, _ in found if name in PROCESSES] == ["execve"]
    assert [line for line in opened if str(mean) in line] == []


@pytest.mark.skipif(sys.platform != "linux", reason="strace is of Linux")
def test_only_the_report_that_was_asked_for_is_written(program, traced, mean, project):
    """And the trace sees it, so that the test above is not blind."""
    found = traced("check", "-o", "json=report.json", program=program)

    written = [arguments for name, arguments in found if any(flag in arguments for flag in WRITES) and name == "openat"]
    assert ([line for line in written if "/dev/null" not in line and "report.json" not in line], mean.exists()) == (
        [],
        True,
    )
    assert (project / "report.json").exists()
    assert len(written) >= 1


@pytest.mark.skipif(sys.platform != "linux", reason="strace is of Linux")
@pytest.mark.usefixtures("mean")
@pytest.mark.parametrize("words", [["check", "-v"], ["plan"]], ids=ids)
def test_a_run_opens_files_of_the_project_and_its_own_only(words, program, traced, project):
    """Not even to look: the home folder has tokens in it."""
    found = traced(*words, program=program)

    own = (*map(str, (TOP, Path(sys.prefix), Path(sys.base_prefix), Path(program[1]).parent, project)), *SYSTEM)
    paths = [
        re.match(r'(?:AT_FDCWD(?:<[^>]*>)?|\d+<([^>]*)>), "([^"]*)"', arguments)
        for name, arguments in found
        if name in {"openat", "openat2"}
    ]
    absolute = [
        str(Path(match[1] or "/", match[2])) if match[1] or match[2].startswith("/") else str(project / match[2])
        for match in paths
        if match
    ]
    assert [path for path in absolute if not path.startswith(own)] == []
