"""Tests of which packages belong together and which a command means."""

from __future__ import annotations

import json
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preflight.facts.ci import Tool
from preflight.facts.fact import Known, Unknown
from preflight.readers import workspace
from preflight.readers.workspace import Layout, Workspace
from preflight.source.files import Files

TOP = PurePosixPath()
ACME = {
    "package.json": {"name": "acme", "private": True, "workspaces": ["packages/*", "apps/*"]},
    "packages/core/package.json": {"name": "@acme/core"},
    "packages/cli/package.json": {"name": "@acme/cli", "dependencies": {"@acme/core": "*", "left-pad": "1"}},
    "packages/ui/package.json": {"name": "@acme/ui", "peerDependencies": {"@acme/cli": "*"}},
    "apps/site/package.json": {"name": "site", "private": True, "devDependencies": {"@acme/ui": "*"}},
    "test/fixture/package.json": {"name": "fixture"},
}


def read(folder: Path, files: dict[str, object]) -> Workspace:
    """Write files, objects as JSON, and read the workspace."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return workspace.read(Files(folder))


def names(found: object) -> list[str] | None:
    """Return the names of known packages, None where they are unknown."""
    match found:
        case Known(tuple() as packages):
            return [package.name for package in packages]
        case _:
            return None


@pytest.fixture
def acme(tmp_path: Path) -> Workspace:
    """Return a workspace of npm."""
    return read(tmp_path, dict(ACME))


# -- what belongs together ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("files", "members"),
    [
        pytest.param({"package.json": {"workspaces": ["p/*"]}}, ["a", "b"], id="npm's list"),
        pytest.param({"package.json": {"workspaces": {"packages": ["p/*"]}}}, ["a", "b"], id="yarn's object"),
        pytest.param({"package.json": {"workspaces": ["p/*", "!p/b"]}}, ["a"], id="all but one"),
        pytest.param({"package.json": {}, "pnpm-workspace.yaml": "packages:\n  - p/**\n"}, ["a", "b", "c"], id="pnpm"),
        pytest.param(
            {"package.json": {}, "pnpm-workspace.yaml": 'packages:\n  - "!p/b"\n  - p/*\n'}, ["a"], id="pnpm's order"
        ),
        pytest.param(
            {"package.json": {"workspaces": ["p/a"]}, "pnpm-workspace.yaml": "provenance: true\n"},
            ["a"],
            id="pnpm's settings alone",
        ),
        pytest.param({"package.json": {}, "lerna.json": {"packages": ["p/a"]}}, ["a"], id="lerna"),
        pytest.param({"package.json": {}, "lerna.json": {}}, ["d"], id="lerna's default"),
        pytest.param({"package.json": {"workspaces": ["p/a"]}, "lerna.json": {"packages": ["p/b"]}}, ["a"], id="both"),
        pytest.param({"pnpm-workspace.yaml": "packages: [p/a]\n"}, ["a"], id="no manifest at the top"),
        pytest.param({"package.json": {"workspaces": "p/*"}}, ["a", "b", "d", "c"], id="a wrong type binds nothing"),
        pytest.param({"package.json": {"name": "top"}}, ["a", "b", "d", "c"], id="none"),
    ],
)
def test_a_workspace_has_members(tmp_path: Path, files: dict[str, object], members: list[str]) -> None:
    """What is published is what belongs to the workspace, not every fixture."""
    packages = {"p/a": "a", "p/b": "b", "p/x/c": "c", "packages/d": "d"}
    manifests = {f"{folder}/package.json": {"name": name} for folder, name in packages.items()}

    found = read(tmp_path, {**manifests, **files})

    assert [package.name for package in found.members] == members


def test_private_packages_are_members_but_not_public(acme: Workspace) -> None:
    """A note says so where a command names one."""
    found = {package.name for package in acme.members} - {package.name for package in acme.public}

    assert found == {"site"}


def test_all_packages_with_a_name_are_known(acme: Workspace) -> None:
    """The plan lists them."""
    assert len(acme.packages) == len(ACME)


def test_a_workspace_may_lie_deeper(tmp_path: Path) -> None:
    """Many repositories keep their JavaScript in a folder."""
    files = {
        "js/package.json": {"workspaces": ["*"]},
        "js/a/package.json": {"name": "a"},
        "other/package.json": {"name": "other"},
    }

    found = read(tmp_path, files)

    assert [
        (str(group.folder), group.layout, [one.path.parent.name for one in group.members]) for group in found.groups
    ] == [
        ("js", Layout.NPM, ["a"]),
        (".", Layout.NONE, ["other"]),
    ]


def test_no_manifest_is_an_empty_workspace(tmp_path: Path) -> None:
    """A repository without a package.json is checked too."""
    found = read(tmp_path, {})

    assert (found.root, found.packages, names(found.everything(Tool.NPM))) == (None, (), [])


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"package.json": "{"}, id="the manifest"),
        pytest.param({"package.json": {}, "pnpm-workspace.yaml": "packages: ["}, id="pnpm's file"),
        pytest.param({"package.json": {}, "lerna.json": "{,"}, id="lerna's file"),
    ],
)
def test_an_unreadable_file_makes_the_members_unknown(tmp_path: Path, files: dict[str, object]) -> None:
    """Without it, every fixture would be taken for a package to publish."""
    found = read(tmp_path, {**files, "a/package.json": {"name": "a"}})

    answers = [found.everything(Tool.NPM), found.changed(), found.select(["a"], TOP)]
    assert all(isinstance(answer, Unknown) and "cannot be read" in answer.why for answer in answers)


# -- finding one ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("folder", "path"),
    [
        pytest.param("packages/core", "packages/core/package.json", id="in the folder"),
        pytest.param("packages/core/src/deep", "packages/core/package.json", id="above it"),
        pytest.param("packages/core/../cli", "packages/cli/package.json", id="sideways"),
        pytest.param("scripts", "package.json", id="at the top"),
        pytest.param(".", "package.json", id="the top itself"),
        pytest.param("../elsewhere", None, id="outside"),
        pytest.param("/etc", None, id="absolute"),
    ],
)
def test_the_nearest_manifest_is_found(acme: Workspace, folder: str, path: str | None) -> None:
    """`npm publish` in a folder publishes the package around it."""
    found = acme.nearest(PurePosixPath(folder))

    assert (str(found.path) if found else None) == path


@pytest.mark.parametrize(
    ("folder", "there"),
    [("packages/core", True), ("packages/./core", True), ("packages", False), ("../x", False)],
)
def test_a_manifest_is_found_by_its_folder(acme: Workspace, folder: str, there: bool) -> None:
    """`npm publish ./dist` means exactly that folder."""
    found = acme.at(PurePosixPath(folder))

    assert (found is not None) is there


def test_a_member_is_found_before_a_fixture_of_the_same_name(tmp_path: Path) -> None:
    """Test data often carries the name of the real package."""
    files = {**ACME, "a/package.json": {"name": "@acme/core"}}

    found = read(tmp_path, files).named("@acme/core")

    assert found is not None
    assert str(found.path) == "packages/core/package.json"


@pytest.mark.parametrize(("name", "path"), [("fixture", "test/fixture/package.json"), ("nobody", None)])
def test_a_package_is_found_by_name(acme: Workspace, name: str, path: str | None) -> None:
    """Commands name packages."""
    found = acme.named(name)

    assert (str(found.path) if found else None) == path


@pytest.mark.parametrize(
    ("name", "there"),
    [("release", True), ("wrong", False), ("missing", False)],
)
def test_a_script_is_found(tmp_path: Path, name: str, there: bool) -> None:
    """`npm run release` may publish."""
    manifest = read(tmp_path, {"package.json": {"scripts": {"release": "npm publish", "wrong": 5}}}).root
    assert manifest is not None

    found = workspace.script(manifest, name)

    assert (found is not None) is there


# -- what a command means -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tool", "chosen"),
    [
        pytest.param(Tool.NPM, ["@acme/cli", "@acme/core", "@acme/ui"], id="npm leaves the top out"),
        pytest.param(Tool.PNPM, ["acme", "@acme/cli", "@acme/core", "@acme/ui"], id="pnpm does not"),
        pytest.param(Tool.YARN, ["acme", "@acme/cli", "@acme/core", "@acme/ui"], id="nor yarn"),
        pytest.param(Tool.LERNA, ["@acme/cli", "@acme/core", "@acme/ui"], id="lerna does"),
    ],
)
def test_everything_is_every_public_member(tmp_path: Path, tool: Tool, chosen: list[str]) -> None:
    """`pnpm -r publish` skips private packages."""
    top = {"name": "acme", "workspaces": ["packages/*", "apps/*"]}

    found = read(tmp_path, {**ACME, "package.json": top}).everything(tool)

    assert names(found) == chosen


def test_without_a_workspace_everything_is_every_package(tmp_path: Path) -> None:
    """Then pnpm looks into every folder."""
    files = {"package.json": {"name": "top"}, "a/package.json": {"name": "a"}}

    found = read(tmp_path, files).everything(Tool.PNPM)

    assert names(found) == ["top", "a"]


@pytest.mark.parametrize(
    ("config", "chosen"),
    [
        pytest.param({"ignore": ["@acme/c*"]}, ["@acme/ui"], id="patterns"),
        pytest.param({"ignore": "@acme/ui"}, ["@acme/cli", "@acme/core"], id="one string"),
        pytest.param({"ignore": 5}, ["@acme/cli", "@acme/core", "@acme/ui"], id="a wrong type"),
        pytest.param([], ["@acme/cli", "@acme/core", "@acme/ui"], id="no object"),
    ],
)
def test_changesets_leaves_out_what_it_ignores(tmp_path: Path, config: object, chosen: list[str]) -> None:
    """Its configuration lists the packages that it never publishes."""
    found = read(tmp_path, {**ACME, ".changeset/config.json": config}).changed()

    assert names(found) == chosen


@pytest.mark.parametrize(
    ("files", "chosen"),
    [
        pytest.param({"package.json": {"name": "top"}, "a/package.json": {"name": "a"}}, ["top"], id="only the top"),
        pytest.param({"a/package.json": {"name": "a"}}, [], id="no top"),
    ],
)
def test_changesets_without_a_workspace_publishes_the_top(
    tmp_path: Path, files: dict[str, object], chosen: list[str]
) -> None:
    """It does not look into folders then."""
    found = read(tmp_path, files).changed()

    assert names(found) == chosen


CLI, CORE, UI = "@acme/cli", "@acme/core", "@acme/ui"


@pytest.mark.parametrize(
    ("patterns", "base", "tool", "chosen"),
    [
        pytest.param(["@acme/core"], ".", None, [CORE], id="a name"),
        pytest.param(["site"], ".", None, ["site"], id="a name, even of a private one"),
        pytest.param(["acme"], ".", None, ["acme"], id="the top by name"),
        pytest.param(["@acme/core", "@acme/ui"], ".", None, [CORE, UI], id="two names"),
        pytest.param(["@acme/*"], ".", None, [CLI, CORE, UI], id="a scope"),
        pytest.param(["*"], ".", Tool.PNPM, [CLI, CORE, UI], id="in pnpm a star takes scopes in"),
        pytest.param(["*core"], ".", Tool.PNPM, [CORE], id="and the middle of names"),
        pytest.param(["core"], ".", Tool.PNPM, [CORE], id="pnpm finds the scope"),
        pytest.param(["core"], ".", Tool.NPM, None, id="npm does not"),
        pytest.param(["@acme/*", "!@acme/ui"], ".", None, [CLI, CORE], id="all but one"),
        pytest.param(["!@acme/ui"], ".", None, [CLI, CORE], id="only an exception"),
        pytest.param([], ".", None, [CLI, CORE, UI], id="nothing asked"),
        pytest.param(["packages/core"], ".", Tool.NPM, [CORE], id="a folder of npm's"),
        pytest.param(["packages"], ".", Tool.NPM, [CLI, CORE, UI], id="a folder of folders"),
        pytest.param(["packages/core"], ".", Tool.PNPM, None, id="pnpm wants a dot before it"),
        pytest.param(["./packages/core"], ".", Tool.PNPM, [CORE], id="with the dot"),
        pytest.param(["./packages"], ".", Tool.PNPM, None, id="pnpm does not look below"),
        pytest.param(["./packages/*"], ".", None, [CLI, CORE, UI], id="a pattern of folders"),
        pytest.param(["{packages/**}"], ".", None, [CLI, CORE, UI], id="in braces"),
        pytest.param(["@acme/c*{packages/**}"], ".", None, [CLI, CORE], id="name and folder"),
        pytest.param(["@acme/{cli,core}"], ".", None, [CLI, CORE], id="alternatives"),
        pytest.param(["."], "packages/core", None, [CORE], id="this folder"),
        pytest.param(["../cli"], "packages/core", None, [CLI], id="the folder beside"),
        pytest.param(["../../.."], "packages/core", None, None, id="outside"),
        pytest.param(["@acme/cli..."], ".", None, [CLI, CORE], id="and what it needs"),
        pytest.param(["@acme/cli^..."], ".", None, [CORE], id="only what it needs"),
        pytest.param(["...@acme/core"], ".", None, [CLI, CORE, UI], id="and what needs it, but nothing private"),
        pytest.param(["...^@acme/cli"], ".", None, [UI], id="only what needs it"),
        pytest.param(["...[origin/main]"], ".", None, None, id="what has changed"),
        pytest.param(["@acme/$NAME"], ".", None, None, id="a variable"),
        pytest.param(["nobody"], ".", None, None, id="nobody"),
        pytest.param(["fixture"], ".", None, None, id="no member"),
    ],
)
def test_a_filter_chooses(
    acme: Workspace, patterns: list[str], base: str, tool: Tool | None, chosen: list[str] | None
) -> None:
    """What a command sends is what its filters choose, and nothing is guessed."""
    found = acme.select(patterns, PurePosixPath(base), tool)

    assert names(found) == chosen


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["packages", "x"]), inner),
    max_leaves=6,
)


@given(
    JSON,
    JSON,
    st.lists(st.text(alphabet="ab/.*{},[]!^$@~", max_size=8), max_size=3),
    st.text(alphabet="./ab", max_size=5),
)
def test_no_input_breaks_the_choice(
    tmp_path_factory: pytest.TempPathFactory, workspaces: object, config: object, patterns: list[str], base: str
) -> None:
    """Anything may stand in a stranger's files and commands."""
    folder = tmp_path_factory.mktemp("workspace")
    files = {"package.json": {"name": "a", "workspaces": workspaces}, ".changeset/config.json": config}
    read_ = read(folder, {**files, "lerna.json": config, "a/package.json": {"name": "b", "dependencies": config}})

    found = read_.select(patterns, PurePosixPath(base)), read_.changed(), read_.nearest(PurePosixPath(base))

    assert len(found) == 3
