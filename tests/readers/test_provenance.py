"""Whether provenance is on: the tables of precedence as tried on the real programs, row by row."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from preflight.facts.ci import Credential, Tool
from preflight.facts.fact import Known, Unknown
from preflight.facts.project import By, Impossible, Off, On, Package
from preflight.facts.toolchain import Version
from preflight.readers.credential import credential
from preflight.readers.destination import registry
from preflight.readers.pipeline import Flag, Setting
from preflight.readers.provenance import resolve
from preflight.readers.sending import Sending
from preflight.readers.settings import expand, misquoted, npm_key, references, resembles
from preflight.readers.shell import Word
from preflight.source import json, npmrc, yaml
from preflight.source.edits import apply
from preflight.source.nodes import Mapping, Scalar
from preflight.source.problems import MissingError
from preflight.source.text import Source

NPM = "https://registry.npmjs.org/"
GITHUB = "https://npm.pkg.github.com/"
WORKFLOW = Source(PurePosixPath(".github/workflows/release.yml"), "run: npm publish --provenance\n")
AT = WORKFLOW.at(5, 16)
TOP = PurePosixPath()
A = PurePosixPath("packages/a")
NPM_VERSIONS = ["9.5.1", "9.9.4", "10.2.0", "10.5.0", "10.6.0", "10.8.2", "10.9.9", "11.21.2", "12.2.0"]
OLD_NPM = ["9.5.1", "9.9.4", "10.2.0", "10.5.0"]
NEW_NPM = ["10.6.0", "10.8.2", "10.9.9", "11.21.2", "12.2.0"]
OLD_PNPM = ["8.15.9", "9.15.9", "10.34.9"]
NEW_PNPM = ["11.0.7", "11.28.11", "12.21.0"]
TRUE = '{"name": "a", "publishConfig": {"provenance": true}}'
FALSE = '{"name": "a", "publishConfig": {"provenance": false}}'
STRING = '{"name": "a", "publishConfig": {"provenance": "true"}}'


class Shelf:
    """The files of a project, kept in memory; answers as the real door to the files does."""

    def __init__(self, files: dict[str, str]) -> None:
        self._sources = {PurePosixPath(path): Source(PurePosixPath(path), text) for path, text in files.items()}

    def exists(self, path: PurePosixPath) -> bool:
        """Tell whether there is such a file."""
        return path in self._sources

    def above(self, start: PurePosixPath, name: str) -> PurePosixPath | None:
        """Return the nearest folder that holds a file of that name."""
        return next((folder for folder in (start, *start.parents) if self.exists(folder / name)), None)

    def source(self, path: PurePosixPath) -> Source:
        """Return the text, or raise MissingError."""
        if path not in self._sources:
            raise MissingError(path)
        return self._sources[path]

    def within(self, folder: PurePosixPath, name: str):
        """Return the tree of a file in a folder."""
        return self.tree(folder / name)

    def tree(self, path: PurePosixPath):
        """Return the tree, or None where there is no such file."""
        if path not in self._sources:
            return None
        source = self._sources[path]
        if path.name == ".npmrc":
            return npmrc.read(source)
        return json.read(source).root if path.suffix == ".json" else yaml.read_one(source).root


def flags(*words: str) -> tuple[Flag, ...]:
    """Return options; a value that begins with `$` is not known."""
    found = []
    for word in words:
        name, mark, value = word.partition("=")
        found.append(Flag(name, Word(value, 0, 0, known=not value.startswith("$")) if mark else None, AT))
    return tuple(found)


def env(*pairs: str) -> tuple[Setting, ...]:
    """Return settings of `NAME=value`; a value of `?` is a secret."""
    found = []
    for pair in pairs:
        name, _, value = pair.partition("=")
        found.append(Setting(name, Unknown("a secret") if value == "?" else Known(value), AT))
    return tuple(found)


def case(
    sender: Tool = Tool.NPM,
    version: str | None = "12.2.0",
    *,
    files: dict[str, str] | None = None,
    folder: PurePosixPath = TOP,
    **more,
) -> tuple[Sending, Shelf]:
    """Return a publish command with its project: npm 12.2 at the top without any setting, unless said otherwise."""
    shelf = Shelf({"package.json": '{"name": "a"}', **(files or {})})
    tree = shelf.tree(folder / "package.json")
    manifest = tree if isinstance(tree, Mapping) else None
    name = manifest.get("name") if manifest else None
    package = None
    if isinstance(name, Scalar):
        package = Package(
            name.text, folder / "package.json", name.at, version=None, private=False, access=None, registry=None
        )
    known = Known(Version.parse(version)) if version else Unknown("nothing says")
    given = {"cwd": Known(TOP), "oidc": Known(False), "tool": sender, **more}
    return Sending(
        sender=sender, version=known, at=AT, folder=folder, package=package, manifest=manifest, **given
    ), shelf


def outcome(fact) -> str:
    """Return `env`, `off`, `off: flag`, `impossible`, or `unknown: why`."""
    match fact:
        case Known(On(by)):
            return by.value
        case Known(Off(None)):
            return "off"
        case Known(Off(by)):
            return f"off: {by.value}"
        case Known(Impossible()):
            return "impossible"
        case Unknown(why):
            return f"unknown: {why}"


def provenance(*args, **kwargs) -> str:
    """Return the outcome for a case."""
    return outcome(resolve(*case(*args, **kwargs))[0])


def unread(*args, **kwargs) -> list[str]:
    """Return the names of the settings that are not read in a case."""
    return [item.what for item in resolve(*case(*args, **kwargs))[1]]


# -- npm: which setting wins ----------------------------------------------------------------------


@pytest.mark.parametrize("version", NPM_VERSIONS)
@pytest.mark.parametrize(
    ("brought", "expected"),
    [
        pytest.param({}, "off", id="nothing"),
        pytest.param({"flags": flags("--provenance")}, "flag", id="flag"),
        pytest.param({"flags": flags("--provenance=true")}, "flag", id="flag with true"),
        pytest.param({"flags": flags("--provenance-file=x.json")}, "flag", id="provenance file"),
        pytest.param({"flags": flags("--provenance=false")}, "off: flag", id="flag with false"),
        pytest.param({"flags": flags("--no-provenance")}, "off: flag", id="no-flag"),
        pytest.param({"flags": flags("--provenance", "--no-provenance")}, "off: flag", id="the last flag counts"),
        pytest.param({"env": env("NPM_CONFIG_PROVENANCE=true")}, "env", id="env"),
        pytest.param({"env": env("npm_config_provenance=true")}, "env", id="env in lower case"),
        pytest.param({"env": env("Npm_Config_Provenance=1")}, "env", id="env in any case, 1"),
        pytest.param({"env": env("NPM_CONFIG_PROVENANCE=false")}, "off: env", id="env false"),
        pytest.param({"env": env("NPM_CONFIG_PROVENANCE=0")}, "off: env", id="env 0"),
        pytest.param({"env": env("NPM_CONFIG_PROVENANCE=")}, "off", id="an empty variable is not set"),
        pytest.param(
            {"env": env("NPM_CONFIG_PROVENANCE=true", "NPM_CONFIG_PROVENANCE=false")}, "off: env", id="nearer env wins"
        ),
        pytest.param(
            {"env": env("NPM_CONFIG_PROVENANCE=true", "NPM_CONFIG_PROVENANCE=")}, "off", id="emptied nearer by"
        ),
        pytest.param({"files": {".npmrc": "provenance=true\n"}}, "npmrc", id="project npmrc"),
        pytest.param({"files": {".npmrc": "provenance\n"}}, "npmrc", id="bare key in npmrc"),
        pytest.param({"files": {".npmrc": "provenance=false\n"}}, "off: npmrc", id="project npmrc false"),
        pytest.param({"configured": env("provenance=true")}, "npmrc", id="npm config set"),
        pytest.param(
            {"configured": env("provenance=true"), "files": {".npmrc": "provenance=false\n"}},
            "off: npmrc",
            id="project npmrc beats the user's",
        ),
        pytest.param({"files": {"package.json": TRUE}}, "publishConfig", id="publishConfig"),
        pytest.param({"files": {"package.json": FALSE}}, "off: publishConfig", id="publishConfig false"),
        pytest.param({"files": {"package.json": STRING}}, "off", id="publishConfig as a string"),
        pytest.param(
            {"env": env("NPM_CONFIG_PROVENANCE=true"), "files": {"package.json": FALSE}},
            "off: publishConfig",
            id="env true, publishConfig false",
        ),
        pytest.param(
            {"env": env("NPM_CONFIG_PROVENANCE=false"), "files": {"package.json": TRUE}},
            "publishConfig",
            id="env false, publishConfig true",
        ),
        pytest.param(
            {"env": env("NPM_CONFIG_PROVENANCE=false"), "files": {".npmrc": "provenance=true\n"}},
            "off: env",
            id="project npmrc true, env false",
        ),
        pytest.param(
            {"env": env("NPM_CONFIG_PROVENANCE=true"), "files": {"package.json": STRING}},
            "off",
            id="a string hides the environment",
        ),
    ],
)
def test_npm_obeys_its_settings_in_its_order(version: str, brought: dict, expected: str) -> None:
    """A setting that loses is a release without provenance, and npm says nothing."""
    assert provenance(Tool.NPM, version, **brought) == expected


@pytest.mark.parametrize(
    ("version", "flag", "manifest", "expected"),
    [
        *(pytest.param(v, "--provenance", FALSE, "off: publishConfig", id=f"flag, {v}") for v in OLD_NPM),
        *(pytest.param(v, "--provenance", FALSE, "flag", id=f"flag, {v}") for v in NEW_NPM),
        *(pytest.param(v, "--no-provenance", TRUE, "publishConfig", id=f"no-flag, {v}") for v in OLD_NPM),
        *(pytest.param(v, "--no-provenance", TRUE, "off: flag", id=f"no-flag, {v}") for v in NEW_NPM),
        *(pytest.param(v, "--provenance", STRING, "off", id=f"flag and string, {v}") for v in OLD_NPM),
        *(pytest.param(v, "--provenance", STRING, "flag", id=f"flag and string, {v}") for v in NEW_NPM),
    ],
)
def test_the_command_line_beats_publish_config_from_npm_10_6_on(
    version: str, flag: str, manifest: str, expected: str
) -> None:
    """The same command and package turn it on with one npm and off with another."""
    assert provenance(Tool.NPM, version, flags=flags(flag), files={"package.json": manifest}) == expected


@pytest.mark.parametrize(
    ("flag", "manifest", "expected"),
    [
        pytest.param("--provenance", TRUE, "flag", id="both say yes"),
        pytest.param("--no-provenance", FALSE, "off: flag", id="both say no"),
        pytest.param("--provenance", '{"name": "a"}', "flag", id="only one speaks"),
        pytest.param(
            "--provenance",
            FALSE,
            "unknown: whether npm is 10.6 or newer, where the command line beats `publishConfig`",
            id="they differ",
        ),
    ],
)
def test_an_unknown_npm_matters_only_where_versions_differ(flag: str, manifest: str, expected: str) -> None:
    """Not knowing the version is no excuse for not knowing what every version does."""
    assert provenance(Tool.NPM, None, flags=flags(flag), files={"package.json": manifest}) == expected


MEMBER = {"packages/a/package.json": '{"name": "a"}'}
WORKSPACES = {"package.json": '{"name": "root", "workspaces": ["packages/*"]}', **MEMBER}
ROOT_RC = {".npmrc": "provenance=true\n"}
NESTED_RC = {"packages/a/.npmrc": "provenance=true\n"}


@pytest.mark.parametrize(
    ("files", "cwd", "workspace", "expected"),
    [
        pytest.param({**WORKSPACES, **ROOT_RC}, TOP, TOP, "npmrc", id="npm publish -w a, at the root"),
        pytest.param({**WORKSPACES, **NESTED_RC}, TOP, TOP, "off", id="npm publish -w a, nested"),
        pytest.param({**WORKSPACES, **ROOT_RC}, A, TOP, "npmrc", id="cd packages/a in a workspace, at the root"),
        pytest.param({**WORKSPACES, **NESTED_RC}, A, TOP, "off", id="cd packages/a in a workspace, nested"),
        pytest.param({**MEMBER, **ROOT_RC}, A, None, "off", id="cd packages/a without workspaces, at the root"),
        pytest.param({**MEMBER, **NESTED_RC}, A, None, "npmrc", id="cd packages/a without workspaces, nested"),
        pytest.param({**MEMBER, **NESTED_RC}, TOP, None, "off", id="npm publish ./packages/a, nested"),
        pytest.param({**MEMBER, **ROOT_RC}, TOP, None, "npmrc", id="npm publish ./packages/a, at the root"),
        pytest.param({**MEMBER, **NESTED_RC}, A / "dist", None, "npmrc", id="below the package"),
    ],
)
def test_npm_reads_one_npmrc_only(
    files: dict, cwd: PurePosixPath, workspace: PurePosixPath | None, expected: str
) -> None:
    """The file next to the package is the obvious place, and often the wrong one."""
    assert provenance(files=files, folder=A, cwd=Known(cwd), workspace=workspace) == expected


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param(MEMBER, "off", id="no npmrc to wonder about"),
        pytest.param({**MEMBER, **ROOT_RC}, "unknown: which .npmrc is read: a variable", id="an npmrc that may count"),
    ],
)
def test_an_unknown_folder_matters_only_where_an_npmrc_may_count(files: dict, expected: str) -> None:
    """Most repositories set nothing in any .npmrc, and then the folder does not matter."""
    assert provenance(files=files, folder=A, cwd=Unknown("a variable")) == expected


@pytest.mark.parametrize(
    ("brought", "expected"),
    [
        pytest.param({}, "trusted-publishing", id="nothing is said"),
        pytest.param({"automatic": False}, "off", id="CircleCI"),
        pytest.param({"oidc": Known(False)}, "off", id="no token"),
        pytest.param({"oidc": Unknown("a caller decides")}, "unknown: a caller decides", id="token unknown"),
        pytest.param({"oidc": Unknown("a caller decides"), "flags": flags("--provenance")}, "flag", id="said anyway"),
        pytest.param({"oidc": Unknown("a caller decides"), "automatic": False}, "off", id="unknown on CircleCI"),
        pytest.param({"flags": flags("--provenance")}, "flag", id="explicit flag"),
        pytest.param({"files": {"package.json": TRUE}}, "publishConfig", id="explicit publishConfig"),
        pytest.param({"files": {"package.json": FALSE}}, "trusted-publishing", id="publishConfig cannot opt out"),
        pytest.param({"files": {"package.json": STRING}}, "trusted-publishing", id="a string does not matter"),
        pytest.param({"env": env("NPM_CONFIG_PROVENANCE=false")}, "off: env", id="env opts out"),
        pytest.param({"files": {".npmrc": "provenance=false\n"}}, "off: npmrc", id="npmrc opts out"),
        pytest.param({"flags": flags("--no-provenance")}, "off: flag", id="flag opts out"),
        pytest.param(
            {"env": env("NPM_CONFIG_PROVENANCE=true"), "files": {"package.json": FALSE}},
            "off: publishConfig",
            id="an explicit env lets publishConfig win",
        ),
    ],
)
@pytest.mark.parametrize("version", ["11.5.1", "11.21.2", "12.2.0"])
def test_trusted_publishing_turns_it_on_unless_the_configuration_speaks(
    version: str, brought: dict, expected: str
) -> None:
    """The opt-out that the documentation names, publishConfig, is the one that does not work."""
    assert provenance(Tool.NPM, version, **{"oidc": Known(True), **brought}) == expected


@pytest.mark.parametrize("manifest", [TRUE, '{"name": "a"}'], ids=["publishConfig", "flag"])
def test_a_tarball_keeps_its_provenance(manifest: str) -> None:
    """Tarballs are blamed for lost provenance, wrongly."""
    given = flags() if manifest == TRUE else flags("--provenance")

    found = provenance(tarball=True, flags=given, files={"package.json": manifest})

    assert found == ("publishConfig" if manifest == TRUE else "flag")


# -- pnpm -----------------------------------------------------------------------------------------

PNPM_YAML = {"pnpm-workspace.yaml": "packages:\n  - packages/*\nprovenance: true\n"}


@pytest.mark.parametrize(
    ("brought", "old", "new", "either"),
    [
        pytest.param({}, "off", "off", "off", id="nothing"),
        pytest.param({"flags": flags("--provenance")}, "flag", "flag", "flag", id="flag"),
        pytest.param({"flags": flags("--no-provenance")}, "off: flag", "off: flag", "off: flag", id="no-flag"),
        pytest.param(
            {"env": env("NPM_CONFIG_PROVENANCE=true")},
            "env",
            "off",
            "unknown: whether pnpm is 11 or newer, which ignores `NPM_CONFIG_PROVENANCE`",
            id="npm's variable",
        ),
        pytest.param(
            {"files": {"package.json": TRUE}},
            "publishConfig",
            "off",
            "unknown: whether pnpm is 11 or newer, which ignores `publishConfig.provenance`",
            id="publishConfig",
        ),
        pytest.param(
            {"files": ROOT_RC},
            "npmrc",
            "off",
            "unknown: whether pnpm is 11 or newer, which ignores `provenance` in `.npmrc`",
            id="npmrc",
        ),
        pytest.param(
            {"env": env("pnpm_config_provenance=true")},
            "off",
            "env",
            "unknown: whether pnpm is 11 or newer, which alone reads `pnpm_config_provenance`",
            id="pnpm's variable",
        ),
        pytest.param({"env": env("Pnpm_Config_Provenance=true")}, "off", "off", "off", id="mixed case"),
        pytest.param(
            {"files": PNPM_YAML},
            "off",
            "tool",
            "unknown: whether pnpm is 11 or newer, which alone reads `provenance: true` in `pnpm-workspace.yaml`",
            id="pnpm-workspace.yaml",
        ),
        pytest.param(
            {"env": env("NPM_CONFIG_PROVENANCE=true", "PNPM_CONFIG_PROVENANCE=true")}, "env", "env", "env", id="both"
        ),
        pytest.param(
            {"files": PNPM_YAML, "env": env("pnpm_config_provenance=false")},
            "off",
            "off: env",
            "off",
            id="a variable beats the file",
        ),
        pytest.param(
            {"files": {"package.json": FALSE}}, "off: publishConfig", "off", "off: publishConfig", id="refused"
        ),
    ],
)
def test_pnpm_reads_npms_settings_up_to_10_and_its_own_from_11(brought: dict, old: str, new: str, either: str) -> None:
    """The upgrade from 10 to 11 lost provenance for many, silently."""
    found = [provenance(Tool.PNPM, version, **brought) for version in (*OLD_PNPM, *NEW_PNPM, None)]

    assert found == [old] * len(OLD_PNPM) + [new] * len(NEW_PNPM) + [either]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param({**MEMBER, **ROOT_RC}, "off", id="no workspace, at the root"),
        pytest.param(
            {**MEMBER, **ROOT_RC, "pnpm-workspace.yaml": "packages: []"}, "npmrc", id="at the workspace's top"
        ),
        pytest.param({**MEMBER, **NESTED_RC}, "npmrc", id="the package's own"),
        pytest.param(
            {**MEMBER, **ROOT_RC, "packages/a/.npmrc": "access=public\n", "pnpm-workspace.yaml": "packages: []"},
            "off",
            id="the package's own hides the root's",
        ),
    ],
)
def test_old_pnpm_hands_npm_one_npmrc(files: dict, expected: str) -> None:
    """Up to 10, pnpm publishes from a temporary folder, with a copy of one .npmrc."""
    assert provenance(Tool.PNPM, "10.34.9", files=files, folder=A) == expected


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("11.0.7", "trusted-publishing"),
        ("11.27.0", "trusted-publishing"),
        ("11.28.0", "off: flag"),
        ("12.0.0", "trusted-publishing"),
        ("12.10.9", "trusted-publishing"),
        ("12.11.0", "off: flag"),
    ],
)
def test_pnpm_obeys_no_provenance_under_trusted_publishing_only_lately(version: str, expected: str) -> None:
    """An opt-out that does nothing makes provenance where the maintainer does not want it."""
    assert provenance(Tool.PNPM, version, oidc=Known(True), flags=flags("--no-provenance")) == expected


@pytest.mark.parametrize(
    ("version", "manifest", "expected"),
    [
        pytest.param("11.0.7", '{"name": "a"}', "trusted-publishing", id="automatic"),
        pytest.param("11.0.7", TRUE, "trusted-publishing", id="publishConfig is not read"),
        pytest.param("10.34.9", TRUE, "publishConfig", id="publishConfig is read"),
        pytest.param(None, TRUE, "publishConfig", id="on either way"),
    ],
)
def test_pnpm_makes_it_automatically_as_npm_does(version: str | None, manifest: str, expected: str) -> None:
    """Where both ways lead to provenance, the version need not be known."""
    assert provenance(Tool.PNPM, version, oidc=Known(True), files={"package.json": manifest}) == expected


# -- yarn, bun ------------------------------------------------------------------------------------

YARNRC = {".yarnrc.yml": "npmPublishProvenance: true\n"}


@pytest.mark.parametrize("version", ["4.9.0", "4.18.1"])
@pytest.mark.parametrize(
    ("brought", "expected"),
    [
        pytest.param({}, "off", id="nothing"),
        pytest.param({"oidc": Known(True)}, "off", id="trusted publishing is not enough"),
        pytest.param({"flags": flags("--provenance")}, "flag", id="flag"),
        pytest.param({"files": {"package.json": TRUE}}, "publishConfig", id="publishConfig"),
        pytest.param({"files": YARNRC}, "tool", id="yarnrc"),
        pytest.param({"env": env("YARN_NPM_PUBLISH_PROVENANCE=true")}, "env", id="variable"),
        pytest.param(
            {"env": env("YARN_NPM_PUBLISH_PROVENANCE=0"), "files": YARNRC}, "off: env", id="variable beats file"
        ),
        pytest.param({"env": env("NPM_CONFIG_PROVENANCE=true")}, "off", id="npm's variable"),
        pytest.param({"files": ROOT_RC}, "off", id="npmrc"),
        pytest.param(
            {"flags": flags("--provenance"), "files": {"package.json": FALSE}},
            "off: publishConfig",
            id="publishConfig beats the flag",
        ),
        pytest.param({"flags": flags("--no-provenance"), "files": YARNRC}, "tool", id="no flag to refuse"),
    ],
)
def test_yarn_obeys_its_own_settings(version: str, brought: dict, expected: str) -> None:
    """There is nothing that yarn reads of npm's files, and makes nothing by itself."""
    assert provenance(Tool.YARN, version, **brought) == expected


def test_yarn_takes_the_nearest_file() -> None:
    """A package's .yarnrc.yml counts before the one above."""
    files = {
        **MEMBER,
        ".yarnrc.yml": "npmPublishProvenance: true",
        "packages/a/.yarnrc.yml": "npmPublishProvenance: false",
    }

    assert provenance(Tool.YARN, "4.18.1", files=files, folder=A) == "off: tool"


@pytest.mark.parametrize("tool", [Tool.YARN_CLASSIC, Tool.BUN])
def test_some_programs_cannot_make_provenance(tool: Tool) -> None:
    """No setting helps, and none is worth a finding of its own."""
    fact, ignored = resolve(*case(tool, None, flags=flags("--provenance"), files={"package.json": TRUE}))

    assert (outcome(fact), ignored) == ("impossible", ())


# -- release tools --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sender", "tool", "brought", "expected"),
    [
        pytest.param(Tool.LERNA, Tool.LERNA, {"env": env("npm_config_provenance=true")}, "env", id="lerna, variable"),
        pytest.param(Tool.LERNA, Tool.LERNA, {"files": ROOT_RC}, "npmrc", id="lerna, npmrc"),
        pytest.param(
            Tool.LERNA_LITE, Tool.LERNA_LITE, {"files": {"package.json": TRUE}}, "publishConfig", id="lerna-lite"
        ),
        pytest.param(Tool.LERNA, Tool.LERNA, {"flags": flags("--provenance")}, "off", id="lerna, flag"),
        pytest.param(Tool.LERNA, Tool.LERNA, {"oidc": Known(True)}, "trusted-publishing", id="lerna, automatic"),
        pytest.param(Tool.NPM, Tool.CHANGESETS, {"flags": flags("--provenance")}, "off", id="changesets, flag"),
        pytest.param(
            Tool.NPM, Tool.CHANGESETS, {"env": env("NPM_CONFIG_PROVENANCE=true")}, "env", id="changesets, env"
        ),
        pytest.param(
            Tool.PNPM, Tool.CHANGESETS, {"env": env("NPM_CONFIG_PROVENANCE=true")}, "off", id="changesets, pnpm"
        ),
        pytest.param(Tool.YARN, Tool.CHANGESETS, {"files": YARNRC}, "tool", id="changesets, yarn"),
        pytest.param(Tool.NPM, Tool.SEMANTIC_RELEASE, {"files": ROOT_RC}, "npmrc", id="semantic-release, root npmrc"),
        pytest.param(
            Tool.NPM,
            Tool.SEMANTIC_RELEASE,
            {"files": {"dist/package.json": "{}", "dist/.npmrc": "provenance=true\n"}, "folder": PurePosixPath("dist")},
            "off",
            id="semantic-release, npmrc of pkgRoot",
        ),
        pytest.param(
            Tool.NPM, Tool.SEMANTIC_RELEASE, {"flags": flags("--provenance")}, "off", id="semantic-release, flag"
        ),
        pytest.param(Tool.NPM, Tool.NP, {"flags": flags("--provenance")}, "flag", id="np, flag"),
        pytest.param(
            Tool.NPM, Tool.NP, {"files": {"package.json": '{"name": "a", "np": {"provenance": true}}'}}, "tool", id="np"
        ),
        pytest.param(
            Tool.NPM, Tool.NP, {"files": {".np-config.json": '{"provenance": "x"}'}}, "off", id="np, nonsense"
        ),
        pytest.param(Tool.NPM, Tool.NX, {"flags": flags("--provenance")}, "off", id="nx, flag"),
        pytest.param(Tool.BUN, Tool.NX, {"env": env("NPM_CONFIG_PROVENANCE=true")}, "impossible", id="nx with bun"),
        pytest.param(
            Tool.NPM, Tool.NPM_PUBLISH_ACTION, {"flags": flags("--provenance=true")}, "tool", id="action's input"
        ),
        pytest.param(
            Tool.NPM, Tool.NPM_PUBLISH_ACTION, {"flags": flags("--provenance=false")}, "off: tool", id="refused"
        ),
        pytest.param(
            Tool.NPM, Tool.BEACHBALL, {"files": {**MEMBER, **NESTED_RC}, "folder": A}, "npmrc", id="beachball"
        ),
        pytest.param(Tool.NPM, Tool.AUTO, {"flags": flags("--provenance")}, "off", id="auto, flag"),
    ],
)
def test_release_tools_pass_on_what_their_sender_reads(sender: Tool, tool: Tool, brought: dict, expected: str) -> None:
    """The program that sends decides, not the one that the user called."""
    assert provenance(sender, "12.2.0", tool=tool, **brought) == expected


@pytest.mark.parametrize(
    ("brought", "expected"),
    [
        pytest.param({"files": {".release-it.json": '{"npm": {"publishArgs": ["--provenance"]}}'}}, "tool", id="json"),
        pytest.param({"files": {".release-it.yml": "npm:\n  publishArgs: --provenance --tag x\n"}}, "tool", id="yaml"),
        pytest.param(
            {"files": {"package.json": '{"release-it": {"npm": {"publishArgs": ["--provenance=true"]}}}'}},
            "tool",
            id="package.json",
        ),
        pytest.param(
            {"files": {".release-it.json": '{"npm": {"publishArgs": ["--no-provenance"]}}'}}, "off: tool", id="no"
        ),
        pytest.param({"files": {".release-it.json": '{"npm": {"publishArgs": ["--tag x", 3]}}'}}, "off", id="others"),
        pytest.param({"flags": flags("--npm.publishArgs=--provenance")}, "tool", id="command line"),
        pytest.param({"flags": flags("--npm.publishArgs=$X")}, "unknown: what `$X` stands for", id="variable"),
        pytest.param({"flags": flags("--provenance")}, "off", id="not its own option"),
        pytest.param(
            {"files": {".release-it.js": "module.exports = {npm: {publishArgs: ['--provenance']}}"}},
            "unknown: what `.release-it.js` passes to npm",
            id="code",
        ),
        pytest.param({"files": {".release-it.js": "module.exports = {}"}}, "off", id="code without the word"),
        pytest.param({"cwd": Unknown("a variable")}, "off", id="folder unknown"),
    ],
)
def test_release_it_passes_its_publish_args_to_npm(brought: dict, expected: str) -> None:
    """`--provenance` on its own command line is taken and forgotten."""
    assert provenance(Tool.NPM, "12.2.0", tool=Tool.RELEASE_IT, **brought) == expected


@pytest.mark.parametrize(
    ("sender", "brought", "expected"),
    [
        pytest.param(
            Tool.NPM,
            {"flags": flags("--provenance")},
            "unknown: whether the command passes `--provenance` on",
            id="flag",
        ),
        pytest.param(
            Tool.NPM, {"flags": flags("--provenance"), "files": {"package.json": TRUE}}, "flag", id="on anyway"
        ),
        pytest.param(Tool.NPM, {}, "off", id="nothing"),
        pytest.param(Tool.OTHER, {"oidc": Known(False)}, "off", id="nothing, whoever sends"),
        pytest.param(
            Tool.OTHER,
            {"env": env("NPM_CONFIG_PROVENANCE=true")},
            "unknown: whether pnpm is 11 or newer, which ignores `NPM_CONFIG_PROVENANCE`",
            id="depends on who sends",
        ),
        pytest.param(
            Tool.OTHER, {"files": YARNRC}, "unknown: which program sends the package", id="only yarn would read it"
        ),
    ],
)
def test_an_unknown_program_matters_only_where_programs_differ(sender: Tool, brought: dict, expected: str) -> None:
    """A release script of the project's own may or may not hand an option to npm."""
    assert provenance(sender, "12.2.0", tool=Tool.OTHER, **brought) == expected


def test_an_expression_is_no_answer() -> None:
    """`NPM_CONFIG_PROVENANCE: ${{ inputs.provenance }}` may be either."""
    assert provenance(env=env("NPM_CONFIG_PROVENANCE=?")) == "unknown: a secret"


@pytest.mark.parametrize(
    ("brought", "why"),
    [
        pytest.param(
            {"env": env("NPM_CONFIG_PROVENANCE=true"), "files": {"package.json": FALSE}},
            "`publishConfig.provenance` is false and beats `NPM_CONFIG_PROVENANCE`",
            id="a stronger setting",
        ),
        pytest.param({"flags": flags("--no-provenance")}, "`--no-provenance` says so", id="a flag"),
        pytest.param(
            {"sender": Tool.YARN, "files": {".yarnrc.yml": "npmPublishProvenance: false"}},
            "`npmPublishProvenance: false` in `.yarnrc.yml` says so",
            id="yarn's file",
        ),
    ],
)
def test_a_refusal_names_the_setting(brought: dict, why: str) -> None:
    """The maintainer must find the line that turns it off."""
    fact, _ = resolve(*case(**brought))

    assert fact.value.why == why


# -- settings that are not read -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sender", "version", "brought", "expected"),
    [
        pytest.param(Tool.NPM, "12.2.0", {"files": {"package.json": TRUE}}, [], id="npm reads publishConfig"),
        pytest.param(Tool.NPM, "12.2.0", {"flags": flags("--provenance")}, [], id="npm has the flag"),
        pytest.param(
            Tool.NPM, "12.2.0", {"files": {"package.json": STRING}}, ['`publishConfig.provenance: "true"`'], id="string"
        ),
        pytest.param(
            Tool.NPM,
            "12.2.0",
            {"env": env("pnpm_config_provenance=true")},
            ["`pnpm_config_provenance`"],
            id="pnpm's var",
        ),
        pytest.param(
            Tool.NPM,
            "12.2.0",
            {"env": env("YARN_NPM_PUBLISH_PROVENANCE=true")},
            ["`YARN_NPM_PUBLISH_PROVENANCE`"],
            id="yarn's var with npm",
        ),
        pytest.param(
            Tool.NPM,
            "12.2.0",
            {"files": PNPM_YAML},
            ["`provenance: true` in `pnpm-workspace.yaml`"],
            id="pnpm's file with npm",
        ),
        pytest.param(
            Tool.NPM, "12.2.0", {"files": YARNRC}, ["`npmPublishProvenance: true` in `.yarnrc.yml`"], id="yarn's file"
        ),
        pytest.param(Tool.PNPM, "10.34.9", {"env": env("NPM_CONFIG_PROVENANCE=true")}, [], id="pnpm 10 reads npm's"),
        pytest.param(
            Tool.PNPM,
            "10.34.9",
            {"files": PNPM_YAML},
            ["`provenance: true` in `pnpm-workspace.yaml`"],
            id="pnpm 10 does not read its own",
        ),
        pytest.param(
            Tool.PNPM,
            "11.0.0",
            {"files": {"package.json": TRUE}},
            ["`publishConfig.provenance`"],
            id="pnpm 11, manifest",
        ),
        pytest.param(
            Tool.PNPM,
            "11.0.0",
            {"files": {"package.json": STRING}},
            ["`publishConfig.provenance`"],
            id="pnpm 11, string",
        ),
        pytest.param(
            Tool.PNPM, "12.21.0", {"env": env("NPM_CONFIG_PROVENANCE=true")}, ["`NPM_CONFIG_PROVENANCE`"], id="pnpm 12"
        ),
        pytest.param(Tool.PNPM, "12.21.0", {"env": env("NPM_CONFIG_PROVENANCE=false")}, [], id="nothing is asked"),
        pytest.param(Tool.PNPM, "11.0.0", {"files": ROOT_RC}, ["`provenance` in `.npmrc`"], id="pnpm 11, npmrc"),
        pytest.param(
            Tool.PNPM,
            "11.0.0",
            {"configured": env("provenance=true")},
            ["`provenance`, set by the job,"],
            id="set by job",
        ),
        pytest.param(Tool.PNPM, "11.0.0", {"files": PNPM_YAML}, [], id="pnpm 11 reads its file"),
        pytest.param(Tool.PNPM, None, {"files": {"package.json": TRUE}}, [], id="some pnpm reads it"),
        pytest.param(
            Tool.PNPM, None, {"files": YARNRC}, ["`npmPublishProvenance: true` in `.yarnrc.yml`"], id="no pnpm"
        ),
        pytest.param(Tool.YARN, "4.18.1", {"files": ROOT_RC}, ["`provenance` in `.npmrc`"], id="yarn, npmrc"),
        pytest.param(
            Tool.YARN,
            "4.18.1",
            {"env": env("NPM_CONFIG_PROVENANCE=true")},
            ["`NPM_CONFIG_PROVENANCE`"],
            id="yarn, npm's",
        ),
        pytest.param(Tool.YARN, "4.18.1", {"files": {"package.json": TRUE, **YARNRC}}, [], id="yarn reads these"),
        pytest.param(Tool.LERNA, "9.0.0", {"flags": flags("--provenance")}, ["`--provenance`"], id="lerna has no flag"),
        pytest.param(
            Tool.NPM,
            "12.2.0",
            {"tool": Tool.CHANGESETS, "flags": flags("--provenance")},
            ["`--provenance`"],
            id="changesets has no flag",
        ),
        pytest.param(
            Tool.NPM,
            "12.2.0",
            {"tool": Tool.RELEASE_IT, "flags": flags("--provenance")},
            ["`--provenance`"],
            id="release-it",
        ),
        pytest.param(
            Tool.NPM,
            "12.2.0",
            {"tool": Tool.SEMANTIC_RELEASE, "flags": flags("--provenance=false")},
            [],
            id="a refusal that is not needed",
        ),
        pytest.param(
            Tool.NPM,
            "12.2.0",
            {"files": {**WORKSPACES, **NESTED_RC}, "folder": A, "cwd": Known(A), "workspace": TOP},
            ["`provenance` in `packages/a/.npmrc`"],
            id="nested npmrc in a workspace",
        ),
        pytest.param(
            Tool.NPM,
            "12.2.0",
            {"files": {**MEMBER, **ROOT_RC}, "folder": A, "cwd": Known(A)},
            ["`provenance` in `.npmrc`"],
            id="root npmrc without workspaces",
        ),
        pytest.param(
            Tool.NPM,
            "12.2.0",
            {"files": {**MEMBER, **ROOT_RC}, "folder": A, "cwd": Unknown("a variable")},
            [],
            id="nobody knows which npmrc",
        ),
    ],
)
def test_settings_that_the_sender_does_not_read_are_named(
    sender: Tool, version: str | None, brought: dict, expected: list[str]
) -> None:
    """Such a line looks like safety and is none."""
    assert unread(sender, version, **brought) == expected


@pytest.mark.parametrize(
    ("manifest", "expected"),
    [
        pytest.param('{"publisConfig": {"provenance": true}}', ["`publisConfig`"], id="a letter is missing"),
        pytest.param('{"publishconfig": {"provenance": true}}', ["`publishconfig`"], id="case"),
        pytest.param('{"publish-config": {"provenance": true}}', ["`publish-config`"], id="dash"),
        pytest.param('{"publisConfig": {"access": "public"}}', [], id="not about provenance"),
        pytest.param(
            '{"publishConfig": {"provenence": true}}', ["`provenence` in `publishConfig`"], id="the inner key"
        ),
        pytest.param('{"publishConfig": {"Provenance": "true"}}', ["`Provenance` in `publishConfig`"], id="inner case"),
        pytest.param('{"publishConfig": {"provenence": false}}', [], id="a misspelt refusal"),
        pytest.param('{"provenance": true}', ["`provenance` at the top of package.json"], id="at the top"),
        pytest.param('{"provenance": {"a": true}, "public": [1]}', [], id="something else"),
        pytest.param('{"publishConfig": [1, {"provenance": true}]}', [], id="a list"),
        pytest.param('[{"provenance": true}]', [], id="not a package.json"),
    ],
)
def test_misspelt_keys_are_named(manifest: str, expected: list[str]) -> None:
    """Unknown keys are nothing to npm."""
    assert unread(files={"package.json": manifest}) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("NPM_CONFIG_PROVENENCE", ["`NPM_CONFIG_PROVENENCE`"]),
        ("NPM_CONFIG_PROVENACE", ["`NPM_CONFIG_PROVENACE`"]),
        ("NPM_CONFIG_PROVIDENCE", []),
        ("NPM_CONFIG_REGISTRY", []),
        ("PROVENANCE", []),
    ],
)
def test_misspelt_variables_are_named(name: str, expected: list[str]) -> None:
    """Any option is fine with npm, which says nothing about those that it does not know."""
    assert unread(env=env(f"{name}=true")) == expected


@pytest.mark.parametrize(
    ("brought", "expected"),
    [
        pytest.param({"caller_env": env("NPM_CONFIG_PROVENANCE=true")}, ["`NPM_CONFIG_PROVENANCE`"], id="caller"),
        pytest.param({"foreign_env": env("NPM_CONFIG_PROVENANCE=true")}, ["`NPM_CONFIG_PROVENANCE`"], id="other step"),
        pytest.param({"foreign_env": env("NPM_CONFIG_PROVENANCE=false")}, [], id="asks for nothing"),
        pytest.param({"foreign_env": env("NODE_ENV=true")}, [], id="another variable"),
        pytest.param(
            {"foreign_env": env("NPM_CONFIG_PROVENANCE=true"), "flags": flags("--provenance")}, [], id="on already"
        ),
        pytest.param(
            {"foreign_env": env("NPM_CONFIG_PROVENANCE=true"), "oidc": Known(True)},
            ["`NPM_CONFIG_PROVENANCE`"],
            id="on by trusted publishing alone",
        ),
    ],
)
def test_variables_that_do_not_reach_the_command_are_named(brought: dict, expected: list[str]) -> None:
    """The environment of a caller or of another step looks right in the file and is not there at run time."""
    assert unread(**brought) == expected


@pytest.mark.parametrize(
    ("sender", "version", "brought", "expected"),
    [
        pytest.param(Tool.NPM, "12.2.0", {"files": {"package.json": FALSE}}, True, id="publishConfig"),
        pytest.param(Tool.NPM, "12.2.0", {"files": {"package.json": FALSE}, "oidc": Known(False)}, False, id="no OIDC"),
        pytest.param(Tool.NPM, "12.2.0", {"flags": flags("--no-provenance")}, False, id="the flag works"),
        pytest.param(Tool.PNPM, "11.0.7", {"flags": flags("--no-provenance")}, True, id="pnpm's flag does not"),
        pytest.param(Tool.PNPM, "12.11.0", {"flags": flags("--no-provenance")}, False, id="a later pnpm's flag does"),
    ],
)
def test_refusals_that_do_not_work_are_named(
    sender: Tool,
    version: str,
    brought: dict,
    expected: bool,
) -> None:
    """The documentation of npm lists publishConfig as an opt-out; the program does not look there."""
    found = resolve(*case(sender, version, **{"oidc": Known(True), **brought}))[1]

    assert any("trusted publishing makes provenance all the same" in item.why for item in found) is expected


def test_a_place_is_reported_once() -> None:
    """A line that two readers object to is still one line."""
    files = {**MEMBER, **ROOT_RC}

    assert unread(Tool.YARN, "4.18.1", files=files, folder=A) == ["`provenance` in `.npmrc`"]


# -- remedies -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            '{\n  "name": "a"\n}\n',
            '{\n  "name": "a",\n  "publishConfig": {\n    "provenance": true\n  }\n}\n',
            id="no publishConfig",
        ),
        pytest.param('{"name": "a"}', '{"name": "a","publishConfig": {"provenance": true}}', id="one line"),
        pytest.param('{ "name": "a" }', '{ "name": "a", "publishConfig": {"provenance": true} }', id="one airy line"),
        pytest.param('{"publishConfig": {}}', '{"publishConfig": {"provenance": true}}', id="empty publishConfig"),
        pytest.param(
            '{\n\t"publishConfig": {\n\t\t"access": "public"\n\t}\n}',
            '{\n\t"publishConfig": {\n\t\t"provenance": true,\n\t\t"access": "public"\n\t}\n}',
            id="with others",
        ),
    ],
)
def test_the_remedy_says_it_in_publish_config(before: str, after: str) -> None:
    """The fix must look as if the maintainer had written it."""
    fact, _ = resolve(*case(files={"package.json": before}))

    assert apply(before, fact.remedy.edits) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("packages:\n  - a\n", "packages:\n  - a\nprovenance: true\n", id="at the end"),
        pytest.param("packages: []", "packages: []\nprovenance: true\n", id="without a last line break"),
        pytest.param("{packages: []}\n", None, id="flow style"),
        pytest.param("provenance: false\n", None, id="said already"),
    ],
)
def test_the_remedy_for_pnpm_11_is_in_its_own_file(before: str, after: str | None) -> None:
    """With pnpm 11, publishConfig would be the fix that does nothing."""
    files = {"pnpm-workspace.yaml": before, "package.json": TRUE}

    (ignored, *_) = resolve(*case(Tool.PNPM, "11.0.7", files=files))[1]

    assert (apply(before, ignored.remedy.edits) if ignored.remedy else None) == after


@pytest.mark.parametrize(
    ("sender", "version", "manifest"),
    [
        pytest.param(Tool.PNPM, "11.0.7", '{"name": "a"}', id="pnpm 11 without a workspace file"),
        pytest.param(Tool.PNPM, None, '{"name": "a"}', id="a pnpm of unknown version"),
        pytest.param(Tool.NPM, "12.2.0", "{}", id="an empty manifest"),
        pytest.param(Tool.NPM, "12.2.0", '{"publishConfig": "x"}', id="a broken publishConfig"),
    ],
)
def test_no_remedy_where_no_file_would_do(sender: Tool, version: str | None, manifest: str) -> None:
    """No fix is better than one that does nothing."""
    fact, _ = resolve(*case(sender, version, files={"package.json": manifest}))

    assert fact.remedy is None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(STRING, TRUE, id="a string becomes a boolean"),
        pytest.param(
            '{"publisConfig": {"provenance": true}}', '{"publishConfig": {"provenance": true}}', id="outer key"
        ),
        pytest.param(
            '{"publishConfig": {"provenence": true}}', '{"publishConfig": {"provenance": true}}', id="inner key"
        ),
    ],
)
def test_a_slip_of_the_pen_is_corrected(before: str, after: str) -> None:
    """What is meant is plain, so the fix is safe."""
    (ignored,) = resolve(*case(files={"package.json": before}))[1]

    assert apply(before, ignored.remedy.edits) == after


def test_a_misspelt_key_beside_the_right_one_is_left_alone() -> None:
    """Two keys of one name would be worse."""
    (ignored,) = resolve(
        *case(files={"package.json": '{"publishConfig": {"access": "public"}, "publisConfig": {"provenance": true}}'})
    )[1]

    assert ignored.remedy is None


# -- credential -----------------------------------------------------------------------------------

SETUP_NODE = env("//registry.npmjs.org/:_authToken=${NODE_AUTH_TOKEN}")


@pytest.mark.parametrize(
    ("brought", "expected"),
    [
        pytest.param({}, Credential.NONE, id="nothing"),
        pytest.param({"oidc": Known(True)}, Credential.OIDC, id="oidc"),
        pytest.param({"env": env("NODE_AUTH_TOKEN=?")}, Credential.TOKEN, id="token"),
        pytest.param({"env": env("NODE_AUTH_TOKEN=?"), "oidc": Known(True)}, Credential.BOTH, id="both"),
        pytest.param({"env": env("NODE_AUTH_TOKEN=")}, Credential.NONE, id="empty"),
        pytest.param({"env": env("NODE_AUTH_TOKEN=?", "NODE_AUTH_TOKEN=")}, Credential.NONE, id="emptied nearer by"),
        pytest.param({"env": env("NODE_AUTH_TOKEN=XXXXX-XXXXX-XXXXX-XXXXX")}, Credential.NONE, id="setup-node's dummy"),
        pytest.param({"configured": SETUP_NODE}, Credential.NONE, id="setup-node without a token"),
        pytest.param({"configured": SETUP_NODE, "oidc": Known(True)}, Credential.OIDC, id="setup-node and oidc"),
        pytest.param({"env": env("NPM_TOKEN=?")}, Credential.NONE, id="a variable that nothing reads"),
        pytest.param(
            {"env": env("NPM_TOKEN=?"), "tool": Tool.SEMANTIC_RELEASE}, Credential.TOKEN, id="semantic-release"
        ),
        pytest.param(
            {"env": env("NPM_TOKEN=?"), "files": {".npmrc": "//registry.npmjs.org/:_authToken=${NPM_TOKEN}\n"}},
            Credential.TOKEN,
            id="a project npmrc reads it",
        ),
        pytest.param(
            {"files": {".npmrc": "//registry.npmjs.org/:_authToken=${NPM_TOKEN}\n"}},
            Credential.NONE,
            id="an npmrc without the variable",
        ),
        pytest.param(
            {"files": {".npmrc": "//registry.npmjs.org/:_authToken=npm_abc\n"}}, Credential.TOKEN, id="committed"
        ),
        pytest.param(
            {"env": env("GH=?"), "files": {".npmrc": "//npm.pkg.github.com/:_authToken=${GH}\n"}},
            Credential.NONE,
            id="for another registry",
        ),
        pytest.param(
            {"env": env("T=?"), "files": {".npmrc": "_authToken=${T}\n"}, "sender": Tool.PNPM},
            Credential.TOKEN,
            id="pnpm",
        ),
        pytest.param(
            {"env": env("NPM_CONFIG_//registry.npmjs.org/:_authToken=?")}, Credential.TOKEN, id="npm's own variable"
        ),
        pytest.param({"env": env("NPM_CONFIG_TOKEN=?"), "sender": Tool.BUN}, Credential.TOKEN, id="bun's variable"),
        pytest.param({"configured": env("//registry.npmjs.org/:_authToken=?")}, Credential.TOKEN, id="npm config set"),
        pytest.param({"configured": env("token=?"), "tool": Tool.NPM_PUBLISH_ACTION}, Credential.TOKEN, id="input"),
        pytest.param({"configured": env("token=")}, Credential.NONE, id="empty input"),
        pytest.param({"configured": env("registry=?")}, Credential.NONE, id="another option"),
        pytest.param({"flags": flags("--//registry.npmjs.org/:_authToken=$T")}, Credential.TOKEN, id="flag"),
        pytest.param(
            {"env": env("YARN_NPM_AUTH_TOKEN=?"), "sender": Tool.YARN}, Credential.TOKEN, id="yarn's variable"
        ),
        pytest.param({"env": env("YARN_NPM_AUTH_TOKEN=?")}, Credential.NONE, id="yarn's variable with npm"),
        pytest.param({"env": env("NODE_AUTH_TOKEN=?"), "sender": Tool.YARN}, Credential.NONE, id="npm's with yarn"),
        pytest.param(
            {"env": env("T=?"), "files": {".yarnrc.yml": 'npmAuthToken: "${T:-}"'}, "sender": Tool.YARN},
            Credential.TOKEN,
            id="yarnrc",
        ),
        pytest.param(
            {"files": {".yarnrc.yml": 'npmAuthToken: "${T:-}"'}, "sender": Tool.YARN},
            Credential.NONE,
            id="yarnrc, unset",
        ),
        pytest.param(
            {"files": {".yarnrc.yml": "npmScopes:\n  a:\n    npmAuthToken: s3kr1t\n"}, "sender": Tool.YARN},
            Credential.TOKEN,
            id="yarnrc, scope",
        ),
        pytest.param(
            {
                "files": {
                    ".yarnrc.yml": f"npmScopes:\n  a:\n    npmRegistryServer: {GITHUB}\n    npmAuthToken: s3kr1t\n"
                    "npmRegistries:\n  //npm.pkg.github.com:\n    npmAuthToken: s3kr1t\n"
                },
                "sender": Tool.YARN,
            },
            Credential.NONE,
            id="yarnrc, other registries",
        ),
        pytest.param(
            {
                "files": {".yarnrc.yml": "npmRegistries:\n  //registry.npmjs.org:\n    npmAuthToken: s3kr1t\n"},
                "sender": Tool.YARN,
            },
            Credential.TOKEN,
            id="yarnrc, npm's registry by name",
        ),
    ],
)
def test_the_credential_is_what_the_command_can_show(brought: dict, expected: Credential) -> None:
    """A leftover token publishes without provenance when the exchange fails."""
    assert credential(*case(**brought)).value is expected


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(Unknown("`secrets.GITHUB_TOKEN` is a secret"), id="by the reason"),
        pytest.param(Known("${{ github.token }}"), id="by the value"),
    ],
)
def test_the_token_of_github_is_no_token_of_npm(value) -> None:
    """The registry answers it with E404."""
    given = (Setting("NODE_AUTH_TOKEN", value, AT),)

    assert credential(*case(env=given)).value is Credential.NONE


def test_the_token_of_github_is_known_by_its_place() -> None:
    """The reason of a hidden value may not name the secret; the line does."""
    source = Source(PurePosixPath("w.yml"), "${{ secrets.GITHUB_TOKEN }}")
    given = (Setting("//registry.npmjs.org/:_authToken", Unknown("a secret"), source.at(0, len(source.text))),)

    assert credential(*case(configured=given)).value is Credential.NONE


def test_an_unknown_grant_leaves_the_credential_unknown() -> None:
    """A caller may grant the OIDC token or not."""
    assert credential(*case(oidc=Unknown("a caller decides"))) == Unknown("a caller decides")


# -- registry -------------------------------------------------------------------------------------

SCOPED = '{"name": "@s/a"}'


@pytest.mark.parametrize(
    ("brought", "expected"),
    [
        pytest.param({}, NPM, id="npm's by default"),
        pytest.param({"flags": flags(f"--registry={GITHUB}")}, GITHUB, id="flag"),
        pytest.param({"flags": flags("--registry=https://npm.pkg.github.com")}, GITHUB, id="a slash is added"),
        pytest.param({"env": env(f"NPM_CONFIG_REGISTRY={GITHUB}")}, GITHUB, id="variable"),
        pytest.param({"configured": env(f"registry={GITHUB}")}, GITHUB, id="setup-node"),
        pytest.param({"files": {".npmrc": f"registry={GITHUB}\n"}}, GITHUB, id="npmrc"),
        pytest.param(
            {"files": {".npmrc": f"registry={GITHUB}\n"}, "configured": env(f"registry={NPM}")},
            GITHUB,
            id="project first",
        ),
        pytest.param(
            {"files": {".npmrc": f"registry={GITHUB}\n"}, "env": env(f"NPM_CONFIG_REGISTRY={NPM}")}, NPM, id="env first"
        ),
        pytest.param(
            {"files": {".npmrc": "registry=${R}\n"}, "env": env(f"R={GITHUB}")}, GITHUB, id="a variable in the npmrc"
        ),
        pytest.param({"files": {".npmrc": "registry=${R}\n"}}, "unknown: what `R` is", id="an unknown one"),
        pytest.param({"flags": flags("--registry=$R")}, "unknown: what `$R` stands for", id="flag unknown"),
        pytest.param({"flags": flags("--registry=here")}, "unknown: which registry `here` is", id="no address"),
        pytest.param(
            {"files": {"package.json": f'{{"publishConfig": {{"registry": "{GITHUB}"}}}}'}}, GITHUB, id="publishConfig"
        ),
        pytest.param(
            {
                "files": {"package.json": f'{{"publishConfig": {{"registry": "{GITHUB}"}}}}'},
                "env": env(f"NPM_CONFIG_REGISTRY={NPM}"),
            },
            GITHUB,
            id="publishConfig beats the environment",
        ),
        pytest.param(
            {
                "files": {"package.json": f'{{"publishConfig": {{"registry": "{GITHUB}"}}}}'},
                "flags": flags(f"--registry={NPM}"),
            },
            NPM,
            id="a flag beats publishConfig",
        ),
        pytest.param(
            {
                "files": {"package.json": f'{{"publishConfig": {{"registry": "{GITHUB}"}}}}'},
                "flags": flags(f"--registry={NPM}"),
                "version": "10.2.0",
            },
            GITHUB,
            id="not before npm 10.6",
        ),
        pytest.param(
            {"files": {"package.json": SCOPED, ".npmrc": f"@s:registry={GITHUB}\n"}}, GITHUB, id="the scope's registry"
        ),
        pytest.param(
            {"files": {"package.json": '{"name": "a"}', ".npmrc": f"@s:registry={GITHUB}\n"}}, NPM, id="another scope"
        ),
        pytest.param(
            {"files": {"package.json": SCOPED}, "configured": env(f"@s:registry={GITHUB}")},
            GITHUB,
            id="setup-node's scope",
        ),
        pytest.param(
            {
                "files": {
                    "package.json": f'{{"name": "@s/a", "publishConfig": {{"@s:registry": "{NPM}"}}}}',
                    ".npmrc": f"@s:registry={GITHUB}\n",
                }
            },
            NPM,
            id="publishConfig for the scope",
        ),
        pytest.param(
            {
                "files": {
                    "package.json": f'{{"name": "@s/a", "publishConfig": {{"registry": "{NPM}"}}}}',
                    ".npmrc": f"@s:registry={GITHUB}\n",
                }
            },
            GITHUB,
            id="npm prefers the scope's to publishConfig",
        ),
        pytest.param(
            {
                "files": {
                    "package.json": f'{{"name": "@s/a", "publishConfig": {{"registry": "{NPM}"}}}}',
                    ".npmrc": f"@s:registry={GITHUB}\n",
                },
                "sender": Tool.PNPM,
            },
            NPM,
            id="pnpm does not",
        ),
        pytest.param(
            {
                "files": {"lerna.json": f'{{"command": {{"publish": {{"registry": "{GITHUB}"}}}}}}'},
                "sender": Tool.LERNA,
            },
            GITHUB,
            id="lerna.json",
        ),
        pytest.param({"sender": Tool.LERNA, "cwd": Unknown("a variable")}, NPM, id="lerna somewhere"),
        pytest.param({"sender": Tool.LERNA}, NPM, id="lerna without a file"),
    ],
)
def test_npm_sends_to_the_registry_that_its_settings_name(brought: dict, expected: str) -> None:
    """Another registry keeps no provenance, so the whole verdict hangs on this."""
    match registry(*case(**brought)):
        case Known(address):
            found = address
        case Unknown(why):
            found = f"unknown: {why}"

    assert found == expected


@pytest.mark.parametrize(
    ("brought", "expected"),
    [
        pytest.param({}, NPM, id="npm's by default"),
        pytest.param({"files": {".yarnrc.yml": f"npmRegistryServer: {GITHUB}"}}, GITHUB, id="server"),
        pytest.param(
            {"files": {".yarnrc.yml": f"npmRegistryServer: {GITHUB}\nnpmPublishRegistry: {NPM}"}},
            NPM,
            id="publish first",
        ),
        pytest.param({"env": env(f"YARN_NPM_PUBLISH_REGISTRY={GITHUB}")}, GITHUB, id="variable"),
        pytest.param({"env": env(f"NPM_CONFIG_REGISTRY={GITHUB}")}, NPM, id="npm's variable"),
        pytest.param(
            {"files": {"package.json": SCOPED, ".yarnrc.yml": f"npmScopes:\n  s:\n    npmRegistryServer: {GITHUB}\n"}},
            GITHUB,
            id="scope",
        ),
        pytest.param(
            {
                "files": {
                    "package.json": f'{{"publishConfig": {{"registry": "{NPM}"}}}}',
                    ".yarnrc.yml": f"npmPublishRegistry: {GITHUB}",
                }
            },
            NPM,
            id="publishConfig first",
        ),
    ],
)
def test_yarn_sends_to_the_registry_that_its_settings_name(brought: dict, expected: str) -> None:
    """There yarn has its own names for it and reads none of npm's."""
    assert registry(*case(Tool.YARN, "4.18.1", **brought)).value == expected


# -- small things ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("NPM_CONFIG_DRY_RUN", "dry-run"),
        ("npm_config__authToken", "_authtoken"),
        ("NPM_CONFIG_//host/:_authToken", "//host/:_authToken"),
        ("NODE_ENV", None),
    ],
)
def test_variables_set_options_of_npm(name: str, expected: str | None) -> None:
    """Underscores after the first letter become dashes, and addresses stay as they are."""
    assert npm_key(name) == expected


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("publisConfig", True),
        ("publishConfig", False),
        ("publish_config", True),
        ("config", False),
        ("p" * 10_000, False),
    ],
)
def test_misspelt_words_are_recognised(word: str, expected: bool) -> None:
    """Two letters apart is a slip, more is another word; a long key costs nothing."""
    assert resembles(word, "publishConfig") is expected


def test_variables_of_a_line_are_named_once() -> None:
    """`${A}`, `${A?}` and yarn's `${A:-x}` mean the same variable."""
    assert references("${A} ${A?} ${B:-x} $C") == ("A", "B")


def test_known_variables_are_filled_in() -> None:
    """A line may refer to what the job sets."""
    source = Source(PurePosixPath(".npmrc"), "")
    node = Scalar(source, 0, 0, "${A}/${B?}", "${A}/${B?}")

    assert expand(node, env("A=x", "B=y")) == Known("x/y", node.at)


@pytest.mark.parametrize(
    "manifest",
    [
        pytest.param('{"publishConfig": null}', id="null"),
        pytest.param('{"publishConfig": {"provenance": [true]}}', id="a list"),
        pytest.param('{"publishConfig": {"provenance": null}}', id="null inside"),
        pytest.param('{"publishConfig": {"provenance": 0}}', id="a zero"),
        pytest.param("[]", id="no object"),
    ],
)
def test_wrong_types_turn_nothing_on(manifest: str) -> None:
    """Hostile or broken files must not raise, and are not provenance."""
    assert provenance(files={"package.json": manifest}).startswith("off")


def test_without_a_manifest_nothing_is_misquoted() -> None:
    """A site whose package is not known has no package.json."""
    assert misquoted(None) is None


def test_a_package_that_is_not_known_is_resolved_too() -> None:
    """The flag of the command counts whatever it sends."""
    sending = Sending(
        sender=Tool.PNPM,
        tool=Tool.PNPM,
        version=Known(Version(10)),
        at=AT,
        cwd=Unknown("a variable"),
        oidc=Known(False),
        flags=flags("--provenance"),
    )

    assert outcome(resolve(sending, Shelf({}))[0]) == "flag"


def test_old_pnpm_without_a_folder_reads_where_it_runs() -> None:
    """Where the package is not known the command's folder is."""
    sending = Sending(
        sender=Tool.PNPM, tool=Tool.PNPM, version=Known(Version(10)), at=AT, cwd=Known(TOP), oidc=Known(False)
    )

    assert outcome(resolve(sending, Shelf(ROOT_RC))[0]) == "npmrc"


def test_the_action_says_it_by_its_input() -> None:
    """`provenance: true` under `with` is the tool's own setting."""
    fact, _ = resolve(*case(tool=Tool.NPM_PUBLISH_ACTION, flags=flags("--provenance")))

    assert fact == Known(On(By.TOOL), AT)
