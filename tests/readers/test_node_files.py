"""Version files."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preflight.facts.fact import Known, Unknown
from preflight.readers.node_files import line_spec, manifest_of, mise_spec, node_from_file


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        pytest.param("24\n", "24", id="a number"),
        pytest.param("v24.5.0", "24.5.0", id="a v"),
        pytest.param("lts/krypton", "lts/krypton", id="an alias"),
        pytest.param("24\r\n", "24", id="a Windows line ending"),
        pytest.param("pnpm 11.9.0\nnodejs 22.23.0\n", "22.23.0", id=".tool-versions"),
        pytest.param("bun 1.1.32\n# a note\ndeno 2.3.7\nnode 22.18.0\n", "22.18.0", id="node among other tools"),
        pytest.param("nodejs 22.23.1 system\n", "nodejs 22.23.1 system", id="two versions on a line do not fit"),
        pytest.param("npm 11.15.0\n", "npm 11.15.0", id="no node at all"),
        pytest.param("runs:\n  using: 'node24' # why\n", "24", id="an action's own runtime"),
        pytest.param("", None, id="an empty file"),
    ],
)
def test_a_plain_version_file_is_read_line_by_line(text: str, spec: str | None) -> None:
    """setup-node's rule differs from nvm's and asdf's, and it is setup-node that runs."""
    found = line_spec(text)

    assert found == spec


@pytest.mark.parametrize(
    ("manifest", "spec"),
    [
        pytest.param({"volta": {"node": "24.5.0"}, "engines": {"node": ">=18"}}, "24.5.0", id="volta comes first"),
        pytest.param(
            {"devEngines": {"runtime": {"name": "node", "version": "^22"}}, "engines": {"node": ">=18"}},
            "^22",
            id="then devEngines",
        ),
        pytest.param(
            {"devEngines": {"runtime": [{"name": "bun", "version": "1"}, {"name": "Node", "version": "22"}]}},
            "22",
            id="a list of runtimes",
        ),
        pytest.param(
            {"devEngines": {"runtime": [{"name": "bun", "version": "1"}]}, "engines": {"node": ">=18"}},
            ">=18",
            id="another runtime does not count",
        ),
        pytest.param({"engines": {"node": ">=18"}}, ">=18", id="then engines"),
        pytest.param({}, None, id="nothing"),
        pytest.param(
            {"volta": [], "devEngines": {"runtime": [[["x"]], 3]}, "engines": {"node": 3}}, None, id="nonsense"
        ),
    ],
)
def test_a_manifest_is_asked_in_the_order_of_setup_node(manifest: dict[str, object], spec: str | None) -> None:
    """The order decides between an exact version and an open range."""
    found = manifest_of(json.dumps(manifest))

    wish = found and found.wish()

    assert (wish and wish.spec) == spec


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("24", id="a number is JSON too, but no manifest"),
        pytest.param("{", id="broken"),
        pytest.param('{"a":' * 100_000, id="too deep"),
        pytest.param('{"a":' + "9" * 5000 + "}", id="a number too long for Python"),
    ],
)
def test_what_is_no_manifest_is_refused(text: str) -> None:
    """A file that cannot be read is no reason to stop."""
    found = manifest_of(text)

    assert found is None


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        pytest.param('[tools]\nnode = "24"\n', "24", id="a string"),
        pytest.param('[tools]\nnode = ["22", "24"]\n', "22", id="a list"),
        pytest.param('[tools]\nnode = {version = "24"}\n', "24", id="a table"),
        pytest.param('[[tools.node]]\nversion = "24"\n', "24", id="a list of tables"),
        pytest.param('[tools]\ndeno = "1"\n', None, id="another tool"),
        pytest.param("[tools]\nnode = 24\n", None, id="a number is no version"),
        pytest.param("tools = 3\n", None, id="nonsense"),
        pytest.param("[", None, id="broken"),
    ],
)
def test_mise_names_its_tools(text: str, spec: str | None) -> None:
    """mise.toml is a version file of setup-node since its main branch of July 2026."""
    found = mise_spec(text)

    assert found == spec


def said(name: str, text: str, files: dict[str, str] | None = None) -> str:
    """Return the first step of the resolution of a version file, or why there is none."""
    match node_from_file(name, text, None, (files or {}).get):
        case Known(found):
            return found.why[0].what
        case Unknown(why):
            return why


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        pytest.param(".nvmrc", "v24\n", "setup-node reads `.nvmrc`: `24`", id="plain"),
        pytest.param("mise.toml", '[tools]\nnode="24"\n', "setup-node reads `mise.toml`: `24`", id="TOML"),
        pytest.param(
            "package.json",
            '{"engines": {"node": ">=18"}}',
            "setup-node reads `engines.node` of `package.json`: `>=18`",
            id="JSON",
        ),
        pytest.param("package.json", "{}", "`package.json` names no version of Node.js", id="nothing said"),
        pytest.param(".tool-versions", "npm 11.15.0\n", "`npm 11.15.0` is not a version of Node.js", id="no node"),
    ],
)
def test_the_first_step_names_the_file_and_the_key(name: str, text: str, expected: str) -> None:
    """The reader of a message must find the line that decides."""
    found = said(name, text)

    assert found == expected


def test_volta_extends_is_followed() -> None:
    """Workspaces keep their pin in the root manifest."""
    files = {"package.json": '{"volta": {"node": "24.5.0"}}'}

    found = said("packages/a/package.json", '{"volta": {"extends": "../../package.json"}}', files)

    assert found == "setup-node reads `volta.node` of `package.json`: `24.5.0`"


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({}, id="a file that is not there"),
        pytest.param({"package.json": '{"volta": {"extends": "package.json"}}'}, id="a circle"),
    ],
)
def test_volta_extends_that_leads_nowhere_ends(files: dict[str, str]) -> None:
    """A hostile manifest must not hang the check."""
    found = said("package.json", '{"volta": {"extends": "package.json"}}', files)

    assert found == "`package.json` names no version of Node.js"


@given(st.sampled_from((".nvmrc", "package.json", "mise.toml")), st.text())
def test_no_file_makes_the_reader_raise(name: str, text: str) -> None:
    """Version files are other people's."""
    found = node_from_file(name, text, None)

    assert isinstance(found, Known | Unknown)
