"""The laws of the house, as `CONTRIBUTING.md` tells them."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).parents[1]
PACKAGE = TOP / "preflight"

MAY_IMPORT = {
    # room: the rooms that it may import; every room may import itself
    "records": set(),  # the one room that every other may enter
    "errors": set(),
    "source": {"errors", "facts"},  # an unreadable file is a fact
    "facts": {"source", "errors"},
    "finding": {"facts", "source"},
    "data": set(),
    "readers": {"source", "facts", "errors", "data"},
    "rules": {"facts", "finding"},
    "rulebook": {"finding", "errors", "facts"},
    "ignores": {"finding", "source", "rulebook", "errors"},
    "engine": {"rulebook", "ignores", "finding", "facts", "source", "errors"},
    "config": {"errors", "finding", "ignores", "rulebook", "source", "data"},
    "report": {"engine", "rulebook", "ignores", "finding", "facts", "source", "data", "errors"},
    "cli": {
        "report",
        "config",
        "engine",
        "rulebook",
        "ignores",
        "readers",
        "finding",
        "facts",
        "source",
        "data",
        "errors",
    },
}
HEAVY = ("git", "sigstore", "tuf", "cryptography", "pydantic", "requests", "urllib3", "httpx", "jinja2")
HEAVY_ON_A_SCREEN = ("rich", "typer")


def modules():
    """Return the package's files."""
    return sorted(PACKAGE.rglob("*.py"))


def room(path: Path) -> str:
    """Return the room that a module belongs to."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path: Path, *, annotations: bool = True):
    """Yield the dotted names that a module imports; those for annotations only may be left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skipped = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test) and not annotations:
            skipped.update(ast.walk(node))
    for node in ast.walk(tree):
        if node in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names if node.module == "preflight")


def plain_check(project: Path, *words: str):
    """Run a whole check in a fresh process and return the modules that it loaded, and its exit code."""
    code = (
        "import sys, json, io, contextlib\n"
        "from preflight.cli.main import main\n"
        "out = io.StringIO()\n"
        "try:\n"
        "    with contextlib.redirect_stdout(out):\n"
        "        code = main(sys.argv[1:])\n"
        "except SystemExit as stop:\n"
        "    code = stop.code\n"
        "sys.__stdout__.write(json.dumps([sorted(sys.modules), code]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *words, str(project)], capture_output=True, text=True, check=False, cwd=TOP
    )
    loaded, ended = json.loads(done.stdout)
    return set(loaded), ended


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_down(path):
    """The table above is the architecture: who reads it knows where a line belongs."""
    if path == PACKAGE / "__init__.py":
        return
    rooms = {name.split(".")[1] for name in imported(path) if name.startswith("preflight.")}

    strangers = rooms - MAY_IMPORT[room(path)] - {room(path), "records", "__version__"}

    assert not strangers, f"{path.relative_to(TOP)} may not import {sorted(strangers)}"


@pytest.mark.parametrize("path", sorted((PACKAGE / "rules").glob("*.py")), ids=lambda path: path.stem)
def test_a_rule_names_no_ci_system(path):
    """A rule judges facts; which system they come from is the reader's business."""
    text = path.read_text(encoding="utf-8").lower()

    named = [system for system in ("github", "gitlab", "circleci") if system in text]

    assert not named


def test_a_plain_check_loads_nothing_heavy():
    """Half a second of imports before every commit is what makes people remove a hook."""
    loaded, _ = plain_check(TOP / "examples" / "project", "check", "--color=never")

    assert not {name.split(".")[0] for name in loaded} & {*HEAVY, *HEAVY_ON_A_SCREEN}


def test_the_command_line_loads_lazily():
    """`import preflight.cli` is what every start pays."""
    code = "import sys, preflight.cli, preflight.cli.main; print(*sys.modules)"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=TOP)

    assert not {name.split(".")[0] for name in done.stdout.split()} & {*HEAVY, *HEAVY_ON_A_SCREEN}


@pytest.mark.parametrize(
    ("names", "door"),
    [
        pytest.param(("git", "gitdb"), {"readers/git.py"}, id="git"),
        pytest.param(("urllib3", "requests", "http", "socket"), {"readers/web.py"}, id="network"),
        pytest.param(("sigstore", "sigstore_models"), {"readers/bundles.py", "readers/verifier.py"}, id="sigstore"),
        pytest.param(("tuf", "securesystemslib"), {"readers/trust.py"}, id="tuf"),
        pytest.param(
            ("cryptography",),
            {
                f"readers/{name}.py"
                for name in ("bundles", "certificates", "npm_keys", "registry_signature", "verifier")
            },
            id="cryptography",
        ),
        pytest.param(("ruamel", "_ruamel_yaml"), {"source/events.py"}, id="yaml"),
    ],
)
def test_one_door_for_each_danger(names, door):
    """What may go wrong in one way is let in at one place."""
    users = {
        str(path.relative_to(PACKAGE).as_posix())
        for path in modules()
        if any(name.split(".")[0] in names for name in imported(path))
    }

    assert users <= door


def test_every_text_has_code_and_every_code_has_a_text():
    """A rule is two files of one name."""
    texts = {path.stem for path in (TOP / "rules").glob("*.toml")}

    code = {path.stem for path in (PACKAGE / "rules").glob("*.py")} - {"__init__"}

    assert texts == code


def test_no_function_opens_files_but_the_doors():
    """Files of the repository under test are opened by `source/files.py` alone; the package's own data are not."""
    openers = {
        str(path.relative_to(PACKAGE).as_posix())
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("open", "os.open", "io.open")
    }

    assert openers <= {"source/files.py", "source/named.py", "cli/outputs.py"}


def test_dataclasses_are_the_light_ones():
    """The library's cost a millisecond each at every start; see `preflight/records.py`."""
    users = {str(path.relative_to(PACKAGE)) for path in modules() if "dataclasses" in set(imported(path))}

    assert users <= {"records.py"}


@pytest.mark.parametrize("word", ["# TODO", "FIXME", "# XXX", "NotImplementedError"])
def test_nothing_is_left_over(word):
    """An open matter is an issue, and a stub is a defect."""
    places = [str(path.relative_to(TOP)) for path in modules() if word in path.read_text(encoding="utf-8")]

    assert not places
