"""Every example of every rule's text, judged by the whole rule book."""

from __future__ import annotations

import os
import re
import subprocess
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from preflight import engine, rulebook
from preflight.engine import Verdict
from preflight.facts.fact import Known, Unknown
from preflight.facts.online import Level, New, Online, Registered, Visibility
from preflight.finding import Severity
from preflight.ignores import in_sources
from preflight.readers import declarations, project
from preflight.records import replace
from preflight.rulebook import Phase
from preflight.source import edits

TOP = Path(__file__).parents[2]
BASE = Path(__file__).parent / "base"
FACTS = TOP.parent / "shared" / "facts" / "npm.md"
TODAY = date(2026, 11, 21)
BOOK = rulebook.read()
HOSTS = {"github": "github.com", "gitlab": "gitlab.com", "circleci": "github.com"}
MARKS = {"github": ".github/workflows/", "gitlab": ".gitlab-ci.yml", "circleci": ".circleci/"}
"""What the path of a file of that system starts with."""
BASES = {"gitlab": ".gitlab-ci.yml", "circleci": ".circleci/config.yml"}
"""The pipeline of the base project, where an example without files is not about that system anyway."""
NEVER = {"circleci": ("unsupported-ci",)}
"""What speaks of every publish from there, whatever else is in order."""
TAGGING = {"creating", "git", "tag"}
"""What an example of a rule at the tag may say: the tag, whether preflight makes it, and how the repository is."""
OPTIONS = {"also", "env", "expect", "online", "remote", "severity", "sure", "today", *TAGGING}
"""What an example may say beside its files: other rules that speak too, the git remote, the environment, what the
registry and the forge say, the day of the check, and what the findings are."""
GITHUBS = ("Job ",)
"""How messages begin that are GitHub's own, and not npm's or the registry's."""
FAULTS = {
    "begs": r"(?i)\bplease\b",
    "advises": r"(?i)should consider|you may want to|it is recommended",
    "is no sentence of its own": r"[a-z`)][.!?] +[A-Z`]",
    "has space at its end": r"\s$",
    "has space within": r"\S  ",
    "is too long": r".{201}",
}
"""What a line of a text must not do, and how to tell."""


def cases(kind):
    """Return every example of one kind, as `rule: title`."""
    return [
        pytest.param(rule, example, id=f"{rule.name}: {example.title}")
        for rule in BOOK.rules
        if rule.phase in {Phase.CHECK, Phase.TAG}
        for example in rule.examples(kind)
    ]


def system(example):
    """Return the CI system that an example is about, GitHub where its files do not tell."""
    return next(
        (name for name, mark in MARKS.items() if any(path.startswith(mark) for path in example.files)), "github"
    )


def lay(folder, example, over=None):
    """Write the base project of the example's CI system, a git folder, the example's files and what goes over them."""
    name = system(example)
    base = BASE / name
    files = {
        str(path.relative_to(base).as_posix()): path.read_text("utf-8") for path in base.rglob("*") if path.is_file()
    }
    remote = example.other.get("remote", f"https://{HOSTS[name]}/acme/widgets")
    files[".git/HEAD"] = "ref: refs/heads/main\n"
    files[".git/config"] = f'[remote "origin"]\n\turl = {remote}\n'
    for path, text in {**files, **example.files, **(over or {})}.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8", newline="")
    if "tag" in example.other:
        commit(folder, **{key.replace("-", "_"): value for key, value in example.other.get("git", {}).items()})
    return folder


def commit(
    folder, *, branch="main", upstream="HEAD", remote_branches=None, tags=None, dirty=(), staged=False, untracked=(),
    detached=False,
):  # fmt: skip
    """Make a git repository of two commits, the first one empty; `upstream` is what the remote has of its branch."""
    git(folder, "init", "--quiet")
    git(folder, "commit", "--quiet", "--allow-empty", "--message=Begin")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message=Release")
    git(folder, "config", "remote.origin.fetch", "+refs/heads/*:refs/remotes/origin/*")
    if upstream == "later":
        upstream = git(folder, "commit-tree", "-p", "HEAD", "-m", "Later", "HEAD^{tree}")
    if branch != "main":
        git(folder, "checkout", "--quiet", "-b", branch)
    for name, at in {**({branch: upstream} if upstream else {}), **(remote_branches or {})}.items():
        git(folder, "update-ref", f"refs/remotes/origin/{name}", at)
        git(folder, "config", f"branch.{name}.remote", "origin")
        git(folder, "config", f"branch.{name}.merge", f"refs/heads/{name}")
    for tag, at in (tags or {}).items():
        git(folder, "tag", "--annotate", f"--message={tag}", tag, at)
    for path in (*dirty, *untracked):
        with (folder / path).open("a") as file:
            file.write("\n")
    if staged:
        git(folder, "add", *dirty)
    if detached:
        git(folder, "checkout", "--quiet", "--detach")


def git(folder, *words):
    """Run git, whatever the machine's own settings are, and return what it says."""
    who = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b"}
    alone = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    environment = {"PATH": os.environ["PATH"], **who, **alone}
    done = subprocess.run(["git", *words], cwd=folder, env=environment, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def judge(folder, example):
    """Read a project and return the results of all rules by name."""
    environment = {name: value.replace("{root}", str(folder)) for name, value in example.other.get("env", {}).items()}
    tag, creating = example.other.get("tag"), example.other.get("creating", False)
    asked = project.Asked(
        today=example.other.get("today", str(TODAY)), tag=tag, creating=creating, **declared(folder, example)
    )
    reading = project.read(folder, environment=environment, asked=asked)
    facts = answered(reading.project, example.other["online"]) if "online" in example.other else reading.project
    ignores = in_sources(reading.sources)
    results = engine.judge(facts, BOOK.rules, ignores, today=TODAY, phases=(Phase.CHECK, Phase.TAG))
    return {result.rule.name: result for result in results}


def declared(folder, example):
    """Return the trusted publishers that an example's table `expect` declares."""
    said = dict(example.other.get("expect", {}))
    trust_list = said.pop("trust-list", None)
    return {
        "declared": declarations.expected(None, **said),
        "trust_list": str(folder / trust_list) if trust_list else None,
    }


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    """Return a function that lays an example and judges it, once for all tests of this module."""
    known = {}

    def find(rule, example):
        key = (rule.name, example.title)
        if key not in known:
            known[key] = judge(lay(tmp_path_factory.mktemp("example"), example), example)
        return known[key]

    return find


def answered(facts, said):
    """Return the facts of a project with what an example's table `online` says."""
    known = {name: answer(each, registered) for name, each in said.get("packages", {}).items()}
    online = Online(
        packages=known,
        staged=dict.fromkeys(said.get("staged", ()), Known(True)),
        tags={tag: answer(each, lambda commit: commit or None) for tag, each in said.get("tags", {}).items()},
    )
    visibility = answer(said["visibility"], Visibility) if "visibility" in said else facts.visibility
    return replace(facts, online=online, visibility=visibility)


def answer(said, make):
    """Return one answer as a fact; a table with `unknown` says why there is none."""
    return Unknown(said["unknown"]) if isinstance(said, dict) and "unknown" in said else Known(make(said))


def registered(said):
    """Return a package as the registry has it; the word `new` for one that it has not."""
    if said == "new":
        return New()
    levels = tuple((version, Level(level)) for version, level in said.get("levels", {}).items())
    withdrawn = tuple(said.get("withdrawn", ()))
    return Registered(tuple(said["versions"]), latest=said.get("latest"), levels=levels, withdrawn=withdrawn)


def places(result):
    """Return where a rule objects, as `path:line`, in order."""
    return sorted(f"{each.finding.at.path}:{each.finding.at.line}" for each in result.counted if each.finding.at)


def objections(results, *excused):
    """Return what all rules but the excused ones object to."""
    return [
        f"{name}: {each.finding.at}: {each.finding.message}"
        for name, result in results.items()
        if name not in excused
        for each in result.counted
    ]


def remedied(result):
    """Return the files that the remedies of a rule's findings write, by path."""
    wanted = {
        (str(edit.at.path), edit.at.span, edit.text): edit
        for each in result.counted
        if each.finding.remedy
        for edit in each.finding.remedy.edits
    }
    paths = {path for path, _, _ in wanted}
    return {path: _edited([edit for key, edit in wanted.items() if key[0] == path]) for path in paths}


def _edited(wanted):
    return edits.apply(wanted[0].at.source.text, wanted)


# -- the examples ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("rule", "example"), cases("good"))
def test_a_good_example_passes_every_rule(rule, example, judged):
    """What a text recommends must not be refused by the rule itself, nor by another one."""
    results = judged(rule, example)
    also = example.other.get("also", [])

    silent = [name for name in also if not objections({name: results[name]})]

    assert (results[rule.name].verdict, objections(results, *also), silent) == (Verdict.PASSED, [], [])


@pytest.mark.parametrize(("rule", "example"), cases("bad"))
def test_a_bad_example_is_found_where_it_says(rule, example, judged):
    """A finding at another line sends the maintainer to the wrong place."""
    result = judged(rule, example)[rule.name]

    assert places(result) == sorted(example.at), objections({rule.name: result})


@pytest.mark.parametrize(("rule", "example"), cases("bad"))
def test_a_bad_example_is_as_sure_and_as_severe_as_it_says(rule, example, judged):
    """An unsure finding that poses as sure breaks a release that is in order."""
    sure = example.other.get("sure", True)
    severity = Severity(example.other.get("severity", rule.severity))

    found = judged(rule, example)[rule.name].counted

    assert {(each.finding.sure, each.severity) for each in found} == {(sure, severity)}


@pytest.mark.parametrize(("rule", "example"), cases("bad"))
def test_no_other_rule_objects_to_a_bad_example(rule, example, judged):
    """For one fact one rule speaks."""
    results = judged(rule, example)

    assert not objections(results, rule.name, *example.other.get("also", []))


@pytest.mark.parametrize(("rule", "example"), cases("bad"))
def test_a_remedy_writes_what_the_example_shows(rule, example, judged):
    """The text promises exactly this edit."""
    written = remedied(judged(rule, example)[rule.name])

    assert not example.fixed or written == example.fixed


@pytest.mark.parametrize(("rule", "example"), cases("bad"))
def test_a_remedy_settles_the_matter(rule, example, judged, tmp_path):
    """A fix that leaves the finding, or makes another, would be applied again and again."""
    written = remedied(judged(rule, example)[rule.name])
    if not written:
        return

    after = judge(lay(tmp_path, example, written), example)

    assert (after[rule.name].verdict, objections(after, *example.other.get("also", []))) == (Verdict.PASSED, [])


@pytest.mark.parametrize("name", HOSTS)
def test_the_base_project_is_good(name, tmp_path):
    """Whatever an example shows, it shows by what differs from here."""
    example = rulebook.Example("", (), files={} if name == "github" else {BASES[name]: ""}, fixed={}, other={})
    lay(tmp_path, example, {path: (BASE / name / path).read_text("utf-8") for path in example.files})

    results = judge(tmp_path, example)

    assert (objections(results, *NEVER.get(name, ())), results["nothing-publishes"].verdict) == ([], Verdict.PASSED)


@pytest.mark.parametrize(("rule", "example"), [*cases("good"), *cases("bad")])
def test_an_example_says_nothing_that_nobody_reads(rule, example):
    """A misspelt key would make an example prove less than it seems to."""
    unread = set(example.other) - OPTIONS

    assert (unread, bool(example.title)) == (set(), True), rule.name


# -- the texts ------------------------------------------------------------------------------------

RULES = [pytest.param(rule, id=rule.name) for rule in BOOK.rules]


def lines(rule):
    """Return every line of a rule's prose."""
    return [rule.title, *rule.why.split("\n"), *(line for _, fix in rule.fix for line in fix.split("\n"))]


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_shows_both_sides_in_every_system(rule):
    """A rule that was never seen to object in a system, or to be content there, is a guess."""
    named = {name for name, _ in rule.fix}
    systems = {"github"} if "any" in named else named & HOSTS.keys()

    shown = {kind: {system(example) for example in rule.examples(kind)} for kind in ("bad", "good")}

    assert {kind: systems - found for kind, found in shown.items()} == {"bad": set(), "good": set()}


@pytest.mark.parametrize("rule", RULES)
def test_a_text_is_complete(rule):
    """Whoever asks `preflight explain` gets the same answers for every rule."""
    missing = [name for name in ("title", "why", "fix", "references", "group", "since") if not getattr(rule, name)]

    assert not missing


@pytest.mark.parametrize("rule", RULES)
def test_the_titles_of_a_rules_examples_differ(rule):
    """A test that fails names its example by the title."""
    titles = Counter(example.title for kind in ("bad", "good") for example in rule.examples(kind))

    assert max(titles.values()) == 1


@pytest.mark.parametrize("rule", RULES)
def test_references_are_addresses(rule):
    """A reader of a terminal can open only what is whole."""
    odd = [url for url in rule.references if not re.fullmatch(r"https://[^\s/]+\.[^\s]+", url)]

    assert not odd


@pytest.mark.parametrize("rule", RULES)
def test_what_is_prevented_is_quoted_to_the_letter(rule):
    """Someone who pastes npm's message into a search must find the rule."""
    if not FACTS.exists():
        pytest.skip("the facts about npm are not here")
    facts = " ".join(FACTS.read_text("utf-8").replace("`", "").split())
    facts += facts.replace('"<X>"', '""')

    unknown = [text for text in rule.prevents if not text.startswith(GITHUBS) and _said(text) not in facts]

    assert not unknown


def _said(text):
    """Return a message without the code before it."""
    return re.sub(r"^E[A-Z0-9]{3,} ", "", text).replace("`", "")


@pytest.mark.parametrize("rule", RULES)
def test_prose_keeps_to_the_style(rule):
    """Ten minutes before a release nobody reads a long sentence."""
    faults = [
        f"{fault}: {line}"
        for line in (*lines(rule), *(example.title for kind in ("bad", "good") for example in rule.examples(kind)))
        for fault, pattern in FAULTS.items()
        if re.search(pattern, line)
    ]

    assert not faults


@pytest.mark.parametrize("rule", RULES)
def test_a_title_is_a_clause_and_the_rest_are_sentences(rule):
    """Titles stand in lists, sentences in paragraphs."""
    title, *rest = lines(rule)

    odd = [line for line in rest if line and not line.endswith((".", ":"))] + [title] * title.endswith(".")

    assert not odd


@pytest.mark.parametrize("path", sorted((TOP / "rules").glob("*.toml")), ids=lambda path: path.stem)
def test_a_file_of_text_is_tidy(path):
    """White space that nobody sees makes every later change larger."""
    lines = path.read_text("utf-8").splitlines()

    assert not [number for number, line in enumerate(lines, 1) if line != line.rstrip() or "\t" in line]
