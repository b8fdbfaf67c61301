"""What `README.md`, `CONTRIBUTING.md` and `CHANGELOG.md` promise, held against the code."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import tomli
from ruamel.yaml import YAML

from preflight import __version__, config, rulebook
from preflight.cli.app import slow
from preflight.cli.door import fast, forward
from preflight.cli.main import main
from preflight.cli.settings import COMMANDS, Format
from preflight.errors import Exit
from preflight.source.files import SIZE, TOTAL, YAML_SIZE

TOP = Path(__file__).parents[1]
README = TOP / "README.md"
DOCUMENTS = (README, TOP / "CONTRIBUTING.md", TOP / "CHANGELOG.md")
DATA = TOP / "preflight" / "data"
SCHEMA = json.loads((DATA / "schemas" / "config.json").read_text("utf-8"))
BOOK = rulebook.read()
WRITING = os.environ.get("PREFLIGHT_DOCS") == "write"
"""Whether what is generated is to be written instead of compared."""
SHOWN = ("missing-id-token", "self-hosted-runner")
"""Rules whose findings the README shows; the rest of the report is left out there."""
STARTS = ("preflight", "uvx provenance-preflight", "pipx run provenance-preflight")
"""What the command lines of a user begin with; a version may follow the last two."""
BORROWED = {"--provenance"}
"""Options in the prose that are npm's."""


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    """Keep out what the machine or a CI system says."""
    for name in list(os.environ):
        if name.startswith(("PREFLIGHT_", "GITHUB_", "GITLAB_", "CI", "TF_BUILD", "FORCE_COLOR", "CLICOLOR")):
            monkeypatch.delenv(name)


def prose(path=README):
    """Return a document without its blocks of code."""
    return re.sub(r"^```.*?^```$", "", path.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)


def blocks(language, path=README):
    """Return the blocks of code in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", path.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)


def fits(name, wanted, path=README):
    """Return whether a generated part of a document is up to date; write it where that is asked for."""
    text = path.read_text("utf-8")
    head, start, rest = text.partition(f"<!-- {name} -->\n")
    found, end, tail = rest.partition(f"<!-- /{name} -->\n")
    assert start
    assert end
    if WRITING:
        path.write_text(f"{head}{start}{wanted}{end}{tail}", encoding="utf-8", newline="\n")
        return True
    return found == wanted


# -- what is generated ----------------------------------------------------------------------------


def test_the_table_of_rules_is_that_of_the_rule_book():
    """A rule that the README does not know is found by surprise; PREFLIGHT_DOCS=write writes the table."""
    names = {rule: f"[{rule.name}](rules/{rule.path.name})" for rule in BOOK.rules}
    rows = [
        f"| {f'**{names[rule]}**' if rule.core else names[rule]} | {rule.severity} | {rule.title} |"
        for rule in BOOK.rules
    ]

    table = "\n".join(["| rule | severity | objects when |", "| --- | --- | --- |", *rows]) + "\n"

    assert fits("rules", table)


def test_the_excerpt_is_what_a_check_of_the_example_prints(tmp_path, monkeypatch, capsys):
    """An example that the program no longer prints is a promise broken; PREFLIGHT_DOCS=write writes it."""
    project = tmp_path / "widgets"
    shutil.copytree(TOP / "examples" / "project", project)
    (project / ".git").mkdir()
    (project / ".git" / "HEAD").write_text("ref: refs/heads/main\n", encoding="utf-8")
    (project / ".git" / "config").write_text(
        '[remote "origin"]\n\turl = https://github.com/acme/widgets\n', encoding="utf-8"
    )
    monkeypatch.chdir(project)

    main(["check", "--color=never"])

    *findings, identity, groups, verdict = capsys.readouterr().out.rstrip("\n").split("\n\n")
    shown = [finding for finding in findings if re.match(rf"error\[({'|'.join(SHOWN)})\]", finding)]
    parts = ["$ preflight check", *shown, f"… {len(findings) - len(shown)} more", identity, groups, verdict]
    assert fits("excerpt", "```console\n" + "\n\n".join(parts) + "\n```\n")


# -- commands and options -------------------------------------------------------------------------


def commands():
    """Return every command line of preflight in the documents, without the program's name."""
    found = {}
    for path in DOCUMENTS:
        lines = "\n".join(blocks("sh", path) + blocks("console", path) + blocks("yaml", path)).splitlines()
        for line in (*lines, *re.findall(r"`([^`\n]+)`", prose(path))):
            said = re.sub(r"^(\$ |\s*- run: )", "", line).split(" # ")[0].split(" | ")[0].strip()
            match = re.match(rf"({'|'.join(STARTS)})(==\S+)? +(.+)", said)
            if match:
                found[f"{path.stem}: {said}"] = shlex.split(match[3])
    return [pytest.param(words, id=name) for name, words in found.items()]


@pytest.mark.parametrize("words", commands())
def test_a_command_line_in_the_documents_is_understood(words, capsys):
    """What is shown gets typed; words in capitals stand for others."""
    given = fast(words) or slow(forward(words))[0]

    assert given, capsys.readouterr().err


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_has_help_and_is_in_the_readme(command, capsys):
    """A command that nobody reads about is not used."""
    slow([command, "--help"])

    named = re.search(rf"\bpreflight {command}\b", README.read_text("utf-8")) is not None
    assert (f"Usage: preflight {command}" in capsys.readouterr().out, named) == (True, True)


def test_options_in_the_prose_exist():
    """An option that was renamed lives on in the documents."""
    known = {name for options in COMMANDS.values() for option in options for name in option.names} | BORROWED

    named = {name for path in DOCUMENTS for name in re.findall(r"`(-[-\w]+)", prose(path))}

    assert not named - known


def test_the_formats_are_those_that_there_are():
    """A format that nobody knows of was written for nobody."""
    line = next(line for line in prose().splitlines() if line.startswith("`--format` takes"))

    assert set(re.findall(r"`(\w+)`", line)) == {format_.value for format_ in Format}


def test_a_rule_named_in_the_documents_exists():
    """An ignore that was copied from the README must not be refused."""
    names = {
        name.strip()
        for path in DOCUMENTS
        for names in re.findall(r"ignore\[([^\]]+)\]", path.read_text("utf-8"))
        for name in names.split(",")
    }

    assert not names - set(BOOK.names)


# -- configuration, exit codes, limits ------------------------------------------------------------


def test_the_configuration_shown_is_accepted():
    """It is the first thing that gets copied."""
    (text,) = blocks("toml")

    read = config.parse(text, "README.md", BOOK.names)

    assert (BOOK.among((*read.select, *read.extend_select)) <= set(BOOK.names), len(read.ignores)) == (True, 1)


def test_the_configuration_shown_has_every_key():
    """A key that is not documented might as well not be there."""
    (text,) = blocks("toml")
    shown = tomli.loads(text)
    known = SCHEMA["properties"]

    keys = shown.keys(), shown["expect"].keys(), shown["ignore"][0].keys()

    assert keys == (
        known.keys(),
        known["expect"]["properties"].keys(),
        known["ignore"]["items"]["properties"].keys(),
    )


@pytest.mark.parametrize(
    ("key", "schema"),
    [
        pytest.param("fail-on", SCHEMA["properties"]["fail-on"], id="fail-on"),
        pytest.param("publisher", SCHEMA["properties"]["expect"]["properties"]["publisher"], id="publisher"),
        pytest.param("mode", SCHEMA["properties"]["expect"]["properties"]["mode"], id="mode"),
    ],
)
def test_the_words_that_a_key_takes_are_listed(key, schema):
    """A word that is missing is looked for in the code."""
    (line,) = re.findall(rf"^{key} = .*# (.*)$", blocks("toml")[0], flags=re.MULTILINE)

    assert line.replace(" (default)", "").split(", ") == schema["enum"]


def test_the_places_of_the_configuration_are_named():
    """A file in another place is not read, and nothing says so."""
    line = next(line for line in prose().splitlines() if "`preflight.toml`, in the root" in line)

    assert [f"`{place.parent}/`" in line for place in config.PLACES[1:]] == [True, True]


def test_the_exit_codes_are_those_that_there_are():
    """A pipeline is built on them."""
    codes = re.findall(r"^\| (\d+) \|", prose(), flags=re.MULTILINE)

    assert [int(code) for code in codes] == [code.value for code in Exit]


def test_the_limits_are_those_of_the_door():
    """Who reads about a limit counts on it."""
    said = re.search(r"at most (\d+) KiB of a YAML file, (\d+) MiB of any other and (\d+) MiB in all", prose())

    assert [int(number) for number in said.groups()] == [YAML_SIZE // 1024, SIZE // 1024**2, TOTAL // 1024**2]


WATCHED = """
import os, sys
sys.dont_write_bytecode = True
from preflight.cli.main import main

seen, watching = [], True
DANGERS = ("socket.", "subprocess.", "os.system", "os.exec", "os.fork", "os.posix_spawn", "os.startfile", "os.putenv")
CHANGES = ("os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate", "os.chmod")

def watch(event, arguments):
    if not watching:
        return
    if event.startswith((*DANGERS, *CHANGES)):
        seen.append(event)
    elif event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
        seen.append(f"{event} {arguments[0]}")

sys.addaudithook(watch)
code = main(sys.argv[1:])
watching = False
print(code, *seen, file=sys.stderr)
"""
"""A check that tells on standard error how it ended, and which connections, processes and changes it asked for."""


@pytest.mark.parametrize("command", [pytest.param("check", id="check"), pytest.param("plan", id="plan")])
def test_a_run_connects_starts_and_writes_nothing(command):
    """It is promised to those who run it on repositories that they do not trust."""
    words = [command, str(TOP / "examples" / "project"), "--repository", "acme/widgets"]

    done = subprocess.run(
        [sys.executable, "-c", WATCHED, *words], capture_output=True, encoding="utf-8", check=False, cwd=TOP
    )

    assert done.stderr.split() == [str(Exit.FINDINGS.value if command == "check" else Exit.PASSED.value)]


# -- pipelines and the hook -----------------------------------------------------------------------


def yaml(index):
    """Return a block of YAML, parsed."""
    return YAML(typ="safe", pure=True).load(blocks("yaml")[index])


def test_the_workflow_shown_pins_what_the_examples_pin():
    """A README that preaches pins and shows a tag is not believed."""
    examples = "\n".join(path.read_text("utf-8") for path in (TOP / "examples" / "workflows").glob("*.yml"))

    used = re.findall(r"- uses: (\S+@[0-9a-f]{40} # v[\d.]+)", blocks("yaml")[1])

    assert [use in examples for use in used] == [True]


def test_the_workflow_shown_may_only_read():
    """A check needs nothing else."""
    assert yaml(1)["permissions"] == {"contents": "read"}


def test_the_hook_shown_is_the_one_that_there_is():
    """A misspelt hook fails for everyone who copies it."""
    shipped = YAML(typ="safe", pure=True).load((TOP / ".pre-commit-hooks.yaml").read_text("utf-8"))
    (repo,) = yaml(2)["repos"]

    assert [hook["id"] for hook in repo["hooks"]] == [hook["id"] for hook in shipped]


def test_the_versions_shown_are_this_one():
    """Who copies an old version gets old rules."""
    text = README.read_text("utf-8")

    assert set(re.findall(r"(?:provenance-preflight==|rev: v)([\w.]+)", text)) == {__version__}


# -- links, tables and targets -------------------------------------------------------------------


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_links_lead_somewhere(path):
    """A file that was moved takes its readers along only if the link is mended."""
    links = re.findall(r"\]\((?!https://)([^)#]+)", prose(path))

    assert not [link for link in links if not (TOP / link).exists()]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_anchors_lead_to_a_heading(path):
    """A link to a heading that was renamed leads to the top of the page."""
    links = re.findall(r"\]\((?!https://)([^)#]*)#([^)]+)\)", prose(path))
    missing = [
        anchor
        for link, anchor in links
        if anchor not in {slug(title) for title in re.findall(r"^#+ (.+)$", prose(TOP / (link or path)), re.MULTILINE)}
    ]

    assert not missing


def slug(title):
    """Return the anchor of a heading, as GitHub makes it."""
    return re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")


def test_every_table_of_data_is_described():
    """A table that nobody knows how to refresh grows old."""
    text = (TOP / "CONTRIBUTING.md").read_text("utf-8")
    described = set(re.findall(r"^\| `([\w.-]+)` \|", text, flags=re.MULTILINE))

    assert described == {path.name for path in DATA.iterdir() if path.suffix in (".csv", ".toml")}


def targets():
    """Return what the documents tell to make."""
    lines = "\n".join(block for path in DOCUMENTS for block in blocks("sh", path))
    return sorted(set(re.findall(r"^make (\w+)", lines, flags=re.MULTILINE)))


@pytest.mark.parametrize("target", targets())
def test_a_target_of_make_exists(target):
    """The first two lines that a visitor types must work."""
    assert re.search(rf"^{target}:", (TOP / "Makefile").read_text("utf-8"), flags=re.MULTILINE)


def test_the_changelog_has_this_version():
    """A release that the changelog does not mention has no news."""
    versions = re.findall(r"^## \[([\d.]+)\]", (TOP / "CHANGELOG.md").read_text("utf-8"), flags=re.MULTILINE)

    assert versions[0] == __version__
