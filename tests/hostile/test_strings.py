"""Names and texts that want to be obeyed by a terminal, a CI runner or a browser."""

from __future__ import annotations

import json
import os
import re
import sys
from html.parser import HTMLParser
from itertools import chain
from typing import NamedTuple

import pytest

from preflight.report.screen import Ink, Screen

FORMATS = ("full", "concise", "json", "github", "markdown")
OURS = {"error", "warning", "notice"}
COMMANDS = {
    *("error", "warning", "notice", "debug", "group", "endgroup", "add-mask", "add-matcher", "remove-matcher", "echo"),
    *("set-env", "set-output", "save-state", "add-path", "stop-commands", "internal-set-repo-path", "command"),
}
"""Commands of a runner, in lower case: it does not care about case."""
BLANK = "".join(
    map(chr, (*range(9, 14), 32, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000))
)
"""What .NET trims from the start of a line."""
ATTACKS = {
    "a command": "::error file=x::pwned",
    "a command behind blanks": "\u3000 \t::set-output name=x::pwned",
    "an old command": "x##[error]pwned",
    "half of an old command": "###[group]##[##[command]",
    "a command in capitals": "::ADD-MASK::a",
    "a new line": "x\n::stop-commands::pwned",
    "a return": "x\r::add-path::/tmp",
    "a return and a new line": "x\r\n##[add-path]/tmp",
    "other ends of a line": "x\u2028::error::a\u2029::error::b\x85::error::c\x0b::error::d\x0c::error::e",
    "percent": "%0A::error::pwned%0D%25",
    "a colour": "\x1b[31mred\x1b[0m",
    "a title": "\x1b]0;pwned\x07",
    "a clipboard": "\x1b]52;c;cHduZWQ=\x07",
    "a link": "\x1b]8;;https://evil.example/\x1b\\npmjs.com\x1b]8;;\x1b\\",
    "eight bits": "\x9b31m\x9d0;pwned\x9c",
    "erased": "x\b\b\bverified\x7f",
    "a bell and a NUL": "\x07\x01\x02",
    "right to left": "\u202egpj.exe\u202c\u2066x\u2069\u200f",
    "invisible": "a\u200bd\u200cm\u200di\u2060n\ufeff\u00ad",
    "tags": "a\U000e0041\U000e0042",
    "markup of rich": "[link=file:///etc/passwd]ok[/link][/x] :skull: [bold]",
    "a script": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "an end of details": "</details></summary><iframe src=//evil.example>",
    "markdown": "[a](javascript:alert(1)) ![b](https://evil.example/x.png) | `c` ``` # h @octocat",
    "a comment": "--> <!-- x -->",
    "quotes": "\"'`${IFS}$(id)\\",
    "a leading dash": "-rf --output=json=/tmp/pwned",
    "percent signs": "%s%n{0}{}${{ github.token }}",
    "long": "a" * 30_000,
}


def workflow(text):
    """Return a workflow that has a text in as many places as YAML allows."""
    said = json.dumps(text)
    return f"""\
name: {said}
on: push
permissions: {{contents: read, {said}: write}}
env: {{{said}: {said}}}
jobs:
  {said}:
    name: {said}
    needs: [{said}]
    environment: {said}
    runs-on: [{said}]
    strategy: {{matrix: {{{said}: [{said}]}}}}
    env: {{NPM_CONFIG_PROVENANCE: {said}, NPM_CONFIG_REGISTRY: {said}}}
    steps:
      - uses: {said}
      - uses: {json.dumps("actions/checkout@" + text)}
      - uses: actions/setup-node@v4
        with: {{node-version: {said}, registry-url: {said}}}
      - uses: actions/download-artifact@v4
        with: {{name: {said}}}
      - run: {json.dumps("npm publish " + text)}
        if: {said}
        shell: {said}
        working-directory: {said}
        env: {{NODE_AUTH_TOKEN: {said}}}
      - run: {json.dumps("npm publish --provenance --registry=" + text + " --tag " + text)}
      - run: {json.dumps("npm i -g npm@" + text + " && npm publish")}
  publish:
    runs-on: {said}
    steps:
      - run: npm publish # preflight: ignore[old-npm] {text.translate({10: 32, 13: 32}) if text.isprintable() else "x"}
      # preflight: ignore[{said}] {said}
"""


def manifest(text):
    """Return a package.json that has a text in as many places as JSON allows."""
    return json.dumps(
        {
            "name": text,
            "version": text,
            "repository": {"type": text, "url": text, "directory": text},
            "publishConfig": {"registry": text, "provenance": text, "access": text, "tag": text, text: text},
            "scripts": {text: f"npm publish {text}", "release": text},
            "engines": {"node": text, "npm": text},
            "packageManager": text,
            "devEngines": {"packageManager": {"name": text, "version": text}},
            "workspaces": [text, "*"],
            "preflight": {"ignore": {text: text, "old-npm": text}},
            "prrovenance": text,
        }
    )


def pipeline(text):
    """Return a .gitlab-ci.yml that has a text in many places."""
    said = json.dumps(text)
    return f"""\
include: [{said}, {{project: {said}, ref: {said}, file: {said}}}, {{remote: {said}}}, {{component: {said}}}]
{said}:
  stage: {said}
  tags: [{said}]
  image: {said}
  extends: {said}
  environment: {said}
  id_tokens: {{SIGSTORE_ID_TOKEN: {{aud: {said}}}, {said}: {{aud: {said}}}}}
  variables: {{{said}: {said}, NPM_CONFIG_PROVENANCE: {said}}}
  script: [{json.dumps("npm publish " + text)}]
p:
  script: npm publish
"""


def everywhere(text):
    """Return files that hold a text wherever it can stand."""
    line = text.translate({10: 32, 13: 32, 0: 32})
    return {
        ".github/workflows/release.yml": workflow(text),
        ".gitlab-ci.yml": pipeline(text),
        "package.json": manifest("acme").replace('"acme"', json.dumps(text)),
        "packages/a/package.json": manifest(text),
        ".npmrc": f"registry={line}\n{line}={line}\nprovenance={line}\n",
        ".nvmrc": line,
        "pnpm-workspace.yaml": f"packages: [{json.dumps(text)}, packages/*]\nprovenance: {json.dumps(text)}\n",
        ".yarnrc.yml": f"npmPublishProvenance: {json.dumps(text)}\nnpmRegistryServer: {json.dumps(text)}\n",
    }


def commands(line):
    """Return the commands that a runner of GitHub Actions sees in a line of output.

    As `src/Runner.Common/ActionCommand.cs` of actions/runner does it: the new form `::command properties::data` behind
    blanks only, the old form `##[command properties]data` anywhere.
    """
    bare = line.lstrip(BLANK)
    if bare.startswith("::") and (end := bare.find("::", 2)) >= 0:
        name = bare[2:end].split(" ", 1)[0]
        if name.lower() in COMMANDS:
            yield name
    start = line.find("##[")
    if start >= 0 and (end := line.find("]", start)) >= 0:
        name = line[start + 3 : end].split(" ", 1)[0]
        if name.lower() in COMMANDS:
            yield f"##[{name}]"


def seen(text):
    """Return all commands in what a process said; a runner ends lines at a line feed, a return or both."""
    return [name for line in re.split(r"\r\n|\r|\n", text) for name in commands(line)]


def obeyed(text):
    """Return the characters that a terminal, or an eye, would obey, besides line feeds."""
    unseen = {
        *range(10), *range(11, 32), *range(127, 160), 0xAD, 0x61C, 0x180E, *range(0x200B, 0x2010),
        *range(0x2028, 0x202F),
        *range(0x2060, 0x2070), 0xFEFF, *range(0xFFF9, 0xFFFC), *range(0xE0000, 0xE0080), *range(0xD800, 0xE000),
    }  # fmt: skip
    return sorted({hex(ord(character)) for character in text if ord(character) in unseen})


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("::error::x", ["error"]),
        ("  ::ERROR file=a::x", ["ERROR"]),
        ("x ::error::x", []),
        ("::error", []),
        (": :error::x", []),
        ("x##[error]y", ["##[error]"]),
        ("# #[error]y", []),
        ("::nothing::x", []),
    ],
)
def test_the_oracle_sees_what_a_runner_sees(line, found):
    """An oracle that is blind finds nothing."""
    assert list(commands(line)) == found


class Said(NamedTuple):
    """What the runs on one attack said: by a runner's side, and into files."""

    runs: dict[str, object]
    files: dict[str, str]


@pytest.fixture(scope="module")
def attacked(tmp_path_factory, bench):
    """Return a function that runs everything on a text, once."""
    done = {}

    def attack(text):
        if text not in done:
            root = bench.copied(tmp_path_factory.mktemp("attack"))
            bench.written(root, everywhere(text))
            inside = {
                "GITHUB_ACTIONS": "true",
                "GITHUB_STEP_SUMMARY": str(root / "report.summary"),
                "GITHUB_WORKSPACE": str(root.parent),
            }
            files = [word for name in FORMATS for word in ("-o", f"{name}=report.{name}")]
            runs = {
                "check": bench.started(root, "check", *files, "--show-ignored", "-v", **inside),
                "concise": bench.started(root, "check", "--format", "concise", "--no-annotations", **inside),
                "json": bench.started(root, "check", "--format", "json", **inside),
                "github": bench.started(root, "check", "--format", "github", "-v", **inside),
                "markdown": bench.started(root, "check", "--format", "markdown", **inside),
                "plan": bench.started(root, "plan", "-v", **inside),
                "plan in JSON": bench.started(root, "plan", "--format", "json", **inside),
            }
            names = (*FORMATS, "summary")
            done[text] = Said(runs, {name: (root / f"report.{name}").read_text("utf-8") for name in names})
        return done[text]

    return attack


@pytest.mark.parametrize("text", ATTACKS.values(), ids=ATTACKS.keys())
def test_a_text_is_shown_and_not_obeyed(text, attacked):
    """A pull request must not move the cursor, forge a line or set the title of the maintainer's terminal."""
    said = attacked(text)

    assert {name: obeyed(ended.said) for name, ended in said.runs.items() if obeyed(ended.said)} == {}
    assert {name: obeyed(each) for name, each in said.files.items() if obeyed(each)} == {}
    assert [ended.code for ended in said.runs.values()] == [1, 1, 1, 1, 1, 0, 0]


@pytest.mark.parametrize("text", ATTACKS.values(), ids=ATTACKS.keys())
def test_a_runner_sees_no_commands_but_ours(text, attacked):
    """Every line of a step's output may set variables, paths and masks of the steps behind it."""
    said = attacked(text)

    found = {name: set(seen(ended.said)) for name, ended in said.runs.items()}

    ours = {name for name in found if found[name] <= OURS}
    none = {name for name in found if not found[name]}
    assert (ours, none) == (set(found), set(found) - {"check", "github"})
    assert seen(said.files["markdown"] + said.files["summary"]) == []


@pytest.mark.parametrize("text", ATTACKS.values(), ids=ATTACKS.keys())
def test_an_annotation_is_one_line(text, attacked):
    """A line break in a message would start a command of its own."""
    lines = attacked(text).runs["github"].out.splitlines()

    assert [line for line in lines if not re.match(r"::(error|warning|notice) [^:]*::", line)] == []


class Elements(HTMLParser):
    """Collects the elements of a text."""

    def __init__(self):
        super().__init__()
        self.found = set()

    def handle_starttag(self, tag, attrs):
        """Note an element with its attributes."""
        self.found.add((tag, *attrs))

    def handle_comment(self, data):
        """Note a comment."""
        self.found.add(("comment", data))


def spans(line):
    """Return a line of Markdown without its code spans and without escaped signs."""
    bare = re.sub(r"\\.", "", re.sub(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)", "", line))
    return re.sub(r"</?(details|summary)>", "", bare)


@pytest.mark.parametrize("text", ATTACKS.values(), ids=ATTACKS.keys())
def test_markdown_shows_no_markup_of_others(text, attacked):
    """A picture in a comment tells its host who looked, and a mention calls people."""
    lines = attacked(text).files["markdown"].splitlines()

    live = [spans(line) for line in lines]
    page = Elements()
    page.feed("\n".join(live))
    assert page.found == set()
    assert [line for line in live if re.search(r"!?\[[^\]]*\]\(|@\w|https?://", line)] == []


NAMES = {
    "a command": "::error::pwned",
    "an old command": "##[add-path]pwned",
    "a new line": "a\n::error::pwned",
    "a return": "a\r##[error]pwned",
    "a colour": "a\x1b[31mred",
    "eight bits": "a\x9b31mred",
    "a script": "<script>alert(1)<script>",
    "right to left": "a\u202egpj",
    "markdown": "[a](b)|`c`@octocat",
    "invalid UTF-8": os.fsdecode(b"a\xff\xfe\x80") if sys.platform == "linux" else "a",
    "a dash": "-rf",
    "two dashes": "--format=json",
    "quotes": "\"'$(id)`",
    "a backslash": "a\\..\\b",
    "percent": "%0A::error::x",
    "a comma and a colon": "a,b:c=d",
    "blanks": "  a  ",
    "long": "a" * 240,
    "not in Latin": "ΑΒΓ漢字\U0001f4a9",
    "reserved": "con",
    "hash": "#a preflight: ignore[x]",
}
JOB = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: npm publish\n"


@pytest.fixture(params=NAMES.values(), ids=NAMES.keys())
def named(request, project, put):
    """Spoil a project by the names of files and folders."""
    name = request.param
    try:
        put(
            {
                f".github/workflows/{name}.yml": JOB,
                f".github/workflows/{name}-broken.yml": "[",
                f"{name}/package.json": '{"name": "b", "repository": 5}',
                f"{name}/broken/package.json": "{",
                f"packages/{name}/package.json": "[",
                "package.json": json.dumps(
                    {"name": "a", "workspaces": ["*"], "scripts": {"release": f"node {name}/a.js"}}
                ),
            }
        )
        (project / ".github" / "workflows" / f"{name}-link.yml").symlink_to(f"/nowhere/{name}")
    except (OSError, ValueError):
        pytest.skip("the file system has no such names")
    return name


@pytest.mark.usefixtures("named")
@pytest.mark.skipif(os.name != "posix", reason="most of these names are those of POSIX")
def test_a_name_is_shown_and_not_obeyed(run, tmp_path):
    """A file's name holds any byte but two, and comes with the pull request."""
    inside = {"GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": str(tmp_path)}

    words = [word for name in FORMATS for word in ("-o", f"{name}={tmp_path}/{name}")]
    noted = [run("check", *words, "--format", name, "-v", **inside) for name in FORMATS]
    kept = [(tmp_path / name).read_text("utf-8") for name in FORMATS]
    planned = [run("plan", "-v", **inside), run("plan", "--format", "json", **inside)]

    assert [ended.code for ended in (*noted, *planned)] == [1] * 5 + [0, 0]
    assert [obeyed(ended.said) for ended in (*noted, *planned)] == [[]] * 7
    assert [obeyed(text) for text in kept] == [[]] * 5
    found = set(chain.from_iterable(seen(ended.said) for ended in (*noted, *planned)))
    assert found <= OURS


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "latin-1", "cp1252", "utf-8:strict"])
@pytest.mark.parametrize("name", FORMATS)
def test_a_name_that_no_encoding_carries_is_shown(name, encoding, put, run):
    """`UnicodeEncodeError` on standard output is a traceback in place of a report."""
    put({os.fsdecode(b".github/workflows/\xff\xe2\x80\xae.yml"): JOB, "package.json": '{"name": "\\ud800 \\u6f22"}'})

    ended = run("check", "--format", name, PYTHONIOENCODING=encoding)

    assert (ended.code, ended.err) == (1, "")


@pytest.mark.parametrize("text", ["\x1b[31mred", "\x1b]0;title\x07", "\x9b31m"])
def test_colours_are_ours_alone(text, put, run):
    """With colours on, the terminal is told to obey; by us."""
    put(everywhere(text))
    inks = {f"\x1b[{ink}m" for ink in (*Ink, "0")}

    ended = run("check", "--color", "always", "-v")

    assert obeyed(re.sub(r"\x1b\[[\d;]*m", lambda found: "" if found[0] in inks else found[0], ended.said)) == []


def test_a_wrapped_text_starts_no_command():
    """A terminal inside of a runner breaks lines where the attacker likes."""
    lines = Screen(40, runner=True).wrap(f"{'a' * 36} ::error::x", "  ")

    assert seen("\n".join(lines)) == []
