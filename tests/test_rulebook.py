"""The rule book."""

from __future__ import annotations

from pathlib import Path

import pytest
import tomli

from preflight import rulebook
from preflight.errors import ConfigError, UnknownRuleError
from preflight.rulebook import Judges, Needs, Phase

TEXT = """\
title = "T"
severity = "error"
phase = "check"
group = "workflow"
since = "0.1.0"
why = "W"
"""
LONG = {"why", "prevents", "references", "fix"}


@pytest.fixture
def book(tmp_path):
    """Return a small rule book."""
    (tmp_path / "old_npm.toml").write_text(
        TEXT + 'core = true\nprevents = ["E404 Not Found", "ENEEDAUTH you"]\n[fix]\nany = " do "\n', "utf-8"
    )
    (tmp_path / "alone.toml").write_text(TEXT + 'prevents = "E422 Failed"\nfix = "f"\nneeds = "nothing"\n', "utf-8")
    (tmp_path / "lost_provenance.toml").write_text(
        TEXT.replace('"check"', '"verify"').replace('"workflow"', '"proof"') + 'confirms = "old-npm"\n', "utf-8"
    )
    (tmp_path / "unused_ignore.toml").write_text(TEXT + 'judges = "ignores"\n', "utf-8")
    return rulebook.read(tmp_path, "fake_code")


def test_core_rules_come_first(book):
    """They are what the user named."""
    assert book.names == ("old-npm", "alone", "lost-provenance", "unused-ignore")


def test_a_text_is_read(book):
    """Every key has a place."""
    rule = book.named("old-npm")

    assert (rule.prevents, rule.fix, rule.code, rule.needs) == (
        ("E404 Not Found", "ENEEDAUTH you"),
        (("any", "do"),),
        "fake_code.old_npm",
        Needs.PUBLISH_SITE,
    )


def test_a_rule_may_judge_ignores(book):
    """It is asked last."""
    assert book.named("unused-ignore").judges is Judges.IGNORES


def test_a_single_fix_and_message_are_accepted(book):
    """The common case is short."""
    rule = book.named("alone")

    assert (rule.fix, rule.prevents, rule.needs) == ((("any", "f"),), ("E422 Failed",), Needs.NOTHING)


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        pytest.param({}, ["old-npm", "alone", "unused-ignore"], id="all of the phase"),
        pytest.param({"select": ["core"]}, ["old-npm"], id="core"),
        pytest.param({"select": ["proof"]}, ["lost-provenance"], id="a group"),
        pytest.param({"extend": ["lost-provenance"], "ignore": ["workflow"]}, ["lost-provenance"], id="more and less"),
        pytest.param(
            {"select": ["all"], "ignore": ["alone"]}, ["old-npm", "lost-provenance", "unused-ignore"], id="all"
        ),
    ],
)
def test_rules_are_selected_by_name_group_or_core(book, arguments, names):
    """Comma-separated lists of forty names are nobody's wish."""
    assert [rule.name for rule in book.select((Phase.CHECK,), **arguments)] == names


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("old-nmp", "did you mean `old-npm`?"),
        ("workflw", "did you mean `workflow`?"),
        ("zzz", "`preflight rules` lists them"),
    ],
)
def test_an_unknown_rule_is_refused_with_the_nearest(book, word, hint):
    """A misspelt `--ignore` must not be silently empty."""
    with pytest.raises(UnknownRuleError) as caught:
        book.select((Phase.CHECK,), select=[word])

    assert caught.value.hint == hint


def test_named_refuses_an_unknown_rule(book):
    """`explain` asks for one."""
    with pytest.raises(UnknownRuleError, match="no rule is called `x`"):
        book.named("x")


@pytest.mark.parametrize(
    ("message", "names"),
    [
        ("E422", ["alone"]),
        ("npm error E404   not found - PUT", ["old-npm"]),
        ("eneedauth", ["old-npm"]),
        ("E500", []),
        (" ", []),
    ],
)
def test_a_message_leads_to_its_rule(book, message, names):
    """Who has the error searches for it."""
    assert [rule.name for rule in book.preventing(message)] == names


@pytest.mark.parametrize(
    ("message", "names"),
    [
        pytest.param("'widgets@1.0.0' is not in this registry", ["old-npm"], id="a name in quotes"),
        pytest.param("npm error 404  'w@1' is not in this registry.", ["old-npm"], id="npm's whole line"),
        pytest.param(
            "npm error code ENEEDAUTH This command requires you to be logged in to https://registry.npmjs.org/",
            ["old-npm"],
            id="an address",
        ),
        pytest.param('"repository.url" is "", expected to match "https://x/y"', ["alone", "missing"], id="nothing"),
        pytest.param('"repository.url" is "https://a/b", expected to match "https://x/y"', ["alone"], id="another"),
        pytest.param("'x' is not a thing", [], id="other words"),
        pytest.param("is not in that registry: 'x'", [], id="another message"),
    ],
)
def test_what_a_message_quotes_or_leaves_open_is_not_compared(tmp_path, message, names):
    """The name of one's own package stands in no rule book."""
    said = [
        "E404 '<pkg>@<v>' is not in this registry",
        "ENEEDAUTH This command requires you to be logged in to <registry>",
    ]
    (tmp_path / "old_npm.toml").write_text(TEXT + f"prevents = {said!r}\n", "utf-8")
    field = 'E422 "repository.url" is "%s", expected to match "https://<h>"'
    (tmp_path / "alone.toml").write_text(TEXT + f"prevents = '{field % '<X>'}'\n", "utf-8")
    (tmp_path / "missing.toml").write_text(TEXT + f"prevents = '{field % ''}'\n", "utf-8")
    book = rulebook.read(tmp_path, "fake_code")

    assert [rule.name for rule in book.preventing(message)] == names


def test_the_code_of_a_rule_is_imported_when_asked(book, tmp_path, monkeypatch):
    """A rule that is not asked costs nothing."""
    folder = tmp_path / "fake_code"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "old_npm.py").write_text("def check(project):\n    yield project\n", "utf-8")
    (folder / "unused_ignore.py").write_text("def check(unused):\n    yield from unused\n", "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))

    found = [*book.named("old-npm").check("p"), *book.named("unused-ignore").check_ignores(("u",))]

    assert found == ["p", "u"]


def test_examples_are_read_when_asked(tmp_path):
    """They are most of a text and matter to tests only."""
    (tmp_path / "a.toml").write_text(
        TEXT + '[[bad]]\ntitle = "b"\nat = "x:1"\nfiles."x" = "1"\nfixed."x" = "2"\ngit = {tags = ["v1"]}\n', "utf-8"
    )

    (example,) = rulebook.read(tmp_path).named("a").examples("bad")

    assert (example.at, example.files, example.fixed, example.other) == (
        ("x:1",),
        {"x": "1"},
        {"x": "2"},
        {"git": {"tags": ["v1"]}},
    )


def test_a_rule_without_examples_has_none(book):
    """It is a test's business to object."""
    assert book.named("alone").examples("good") == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("title = ", "a.toml is no valid TOML", id="TOML"),
        pytest.param(TEXT.replace('"error"', '"fatal"'), "a.toml: 'fatal' is not a valid Severity", id="a word"),
        pytest.param(TEXT.replace('"T"', "1"), "a.toml: `title` must be a string", id="a type"),
        pytest.param(TEXT + "prevents = 1", "a.toml: `prevents` must be a string or a list of strings", id="a list"),
        pytest.param(TEXT + "fix = 1", "a.toml: `fix` must be a table", id="a table"),
    ],
)
def test_a_faulty_text_is_named(tmp_path, text, message):
    """A packager may have broken it."""
    (tmp_path / "a.toml").write_text(text, "utf-8")

    with pytest.raises(ConfigError) as caught:
        rulebook.read(tmp_path)

    assert str(caught.value).startswith(message)


def test_faulty_examples_are_named(tmp_path):
    """As above."""
    (tmp_path / "a.toml").write_text(TEXT + "[[bad]]\nfiles = 1\n", "utf-8")

    with pytest.raises(ValueError, match="must be a table of files"):
        rulebook.read(tmp_path).named("a").examples("bad")


def test_an_empty_folder_is_an_empty_book(tmp_path):
    """Nothing is invented."""
    assert rulebook.read(tmp_path).rules == ()


def test_the_texts_beside_the_code_come_first(tmp_path, monkeypatch):
    """In `site-packages` a sibling folder `rules` may be somebody else's."""
    for folder in ("pkg/rules", "rules"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "pkg/rules/ours.toml").write_text(TEXT, "utf-8")
    (tmp_path / "rules/theirs.toml").write_text(TEXT, "utf-8")
    monkeypatch.setattr(rulebook, "__file__", str(tmp_path / "pkg" / "rulebook.py"))

    assert rulebook.read().names == ("ours",)


def test_the_real_rule_book_is_found():
    """In a checkout it lies at the top."""
    assert "missing-id-token" in rulebook.read().names


def test_the_rule_book_of_this_checkout_has_code_for_every_text():
    """A text without code would crash every run."""
    code = Path(rulebook.__file__).parent / "rules"

    assert [rule.name for rule in rulebook.read().rules if not (code / f"{rule.path.stem}.py").is_file()] == []


def test_nothing_stands_behind_the_examples():
    """A run reads a text up to its first example only."""
    texts = {rule.name: rule.path for rule in rulebook.read().rules}

    late = [
        name
        for name, path in texts.items()
        if {key: value for key, value in tomli.loads(path.read_text("utf-8")).items() if key not in rulebook.EXAMPLES}
        != rulebook._load_head(path)
    ]

    assert late == []


def test_nothing_short_stands_behind_what_is_said_at_length():
    """A run reads the long texts of a rule only where it speaks."""
    book = rulebook.read()

    late = [
        rule.name
        for rule in book.rules
        if (rulebook._load_head(rule.path).keys() - LONG)
        - rulebook._parse(rule.path, rulebook._before(rule.path.read_text("utf-8"), rulebook._AT_LENGTH)).keys()
    ]

    assert late == []
