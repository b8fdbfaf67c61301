"""Whole commands."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys

import pytest

from preflight.cli import main as entry
from preflight.cli.main import main
from preflight.errors import Exit
from preflight.finding import Severity
from preflight.records import replace
from preflight.source.text import Source


def _run(capsys, *words):
    code = main(words)
    said = capsys.readouterr()
    return code, said.out, said.err


@pytest.mark.parametrize(
    ("words", "change", "code"),
    [
        pytest.param((), {}, Exit.FINDINGS, id="an error"),
        pytest.param((), {"severity": Severity.WARNING}, Exit.PASSED, id="a warning"),
        pytest.param(("--fail-on", "warning"), {"severity": Severity.WARNING}, Exit.FINDINGS, id="a stricter gate"),
        pytest.param(("--fail-on", "never"), {}, Exit.PASSED, id="never"),
        pytest.param(("--exit-zero",), {}, Exit.PASSED, id="exit zero"),
        pytest.param(("--strict",), {"sure": False}, Exit.INCONCLUSIVE, id="unsure and strict"),
        pytest.param(("--ignore", "old-npm"), {}, Exit.PASSED, id="turned off"),
        pytest.param(("--select", "nothing"), {}, Exit.USAGE, id="an unknown rule"),
        pytest.param(("--format", "xml"), {}, Exit.USAGE, id="an unknown format"),
    ],
)
def test_check_ends_with_the_code_that_says_it(capsys, root, book, finding, words, change, code):
    """Scripts read nothing else."""
    book(replace(finding, **change))

    assert _run(capsys, "check", str(root), *words)[0] == code


def test_a_crashed_rule_is_a_bug(capsys, root, book, finding):
    """70, even with `--exit-zero`; and -v tells where."""
    book(finding, crash=KeyError("x"))

    code, out, err = _run(capsys, "check", str(root), "--exit-zero", "-v")

    assert (code, "bug[old-npm]" in out, "Traceback" in err) == (Exit.BUG, True, True)


@pytest.mark.usefixtures("book")
def test_a_crash_elsewhere_is_a_bug(capsys, root, monkeypatch):
    """1 would read as findings."""
    monkeypatch.setattr(entry, "run", lambda _: 1 / 0)

    code, _, err = _run(capsys, "check", str(root))

    assert (code, err.startswith("bug: ZeroDivisionError"), "Traceback" in err) == (Exit.BUG, True, False)


@pytest.mark.usefixtures("book")
def test_a_crash_shows_its_way_on_request(capsys, root, monkeypatch):
    """Who reports it can say more."""
    monkeypatch.setattr(entry, "run", lambda _: 1 / 0)

    assert "Traceback" in _run(capsys, "check", "-v", str(root))[2]


@pytest.mark.parametrize(
    ("error", "code"), [(KeyboardInterrupt, Exit.INTERRUPTED), (BrokenPipeError, Exit.CLOSED_PIPE)]
)
@pytest.mark.usefixtures("book")
def test_an_interrupted_run(monkeypatch, root, error, code):
    """Shells know these codes."""

    def stop(_):
        raise error

    monkeypatch.setattr(entry, "run", stop)
    monkeypatch.setattr(sys, "stdout", io.StringIO())

    assert main(["check", str(root)]) == code


@pytest.mark.usefixtures("book")
def test_a_root_that_is_no_folder(capsys, root):
    """A misspelt path is no clean project."""
    code, out, err = _run(capsys, "check", str(root / "nowhere"))

    assert (code, out, "does not exist" in err) == (Exit.USAGE, "", True)


def test_json_is_all_that_is_on_standard_output(capsys, root, book, finding, monkeypatch):
    """Also in GitHub Actions."""
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    book(finding)

    document = json.loads(_run(capsys, "check", str(root), "--format", "json")[1])

    assert document["summary"]["error"] == 1


@pytest.mark.parametrize("format_", ["concise", "github", "markdown", "full"])
def test_every_format_names_the_rule(capsys, root, book, finding, format_):
    """Whatever else it does."""
    book(finding)

    assert "old-npm" in _run(capsys, "check", str(root), "--format", format_)[1]


def test_annotations_and_summary_come_by_themselves(capsys, root, book, finding, monkeypatch):
    """One run in CI, not three."""
    summary = root / "summary.md"
    summary.write_text("before\n", "utf-8")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    monkeypatch.setenv("GITHUB_WORKSPACE", str(root.parent))
    book(finding)

    out = _run(capsys, "check", str(root))[1]

    assert f"::error file={root.name}/a.yml,line=1" in out
    assert summary.read_text("utf-8").startswith("before\n### preflight: not ready to tag")


def test_annotations_can_be_switched_off(capsys, root, book, finding, monkeypatch):
    """Some have their own."""
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    book(finding)

    assert "::error" not in _run(capsys, "check", str(root), "--no-annotations")[1]


def test_another_report_is_written_to_a_file(capsys, root, book, finding):
    """Beside the one on the screen."""
    book(finding)

    _run(capsys, "check", str(root), "-o", f"json={root / 'a.json'}", "-o", f"full={root / 'a.txt'}")

    assert json.loads((root / "a.json").read_text("utf-8"))["summary"]["error"] == 1
    assert "\x1b" not in (root / "a.txt").read_text("utf-8")


@pytest.mark.usefixtures("book")
def test_a_report_that_cannot_be_written(capsys, root):
    """The user named the file, so the user can put it right."""
    code, _, err = _run(capsys, "check", str(root), "-o", f"json={root / 'no' / 'a.json'}")

    assert (code, "cannot write" in err) == (Exit.USAGE, True)


def test_the_configuration_counts(capsys, root, book, finding):
    """An ignore with a reason turns a rule off."""
    (root / "preflight.toml").write_text('[[ignore]]\nrule = "old-npm"\nreason = "soon"\n', "utf-8")
    book(finding)

    code, out, _ = _run(capsys, "check", str(root), "--format", "json")

    assert (code, json.loads(out)["results"][0]["findings"][0]["ignored"]["reason"]) == (Exit.PASSED, "soon")


@pytest.mark.parametrize("words", [("--no-config",), ("--no-ignores",)])
def test_the_configuration_can_be_left_out(capsys, root, book, finding, words):
    """CI must be able to check what a pull request cannot change."""
    (root / "preflight.toml").write_text('[[ignore]]\nrule = "old-npm"\nreason = "soon"\n', "utf-8")
    book(finding)

    assert _run(capsys, "check", str(root), *words)[0] == Exit.FINDINGS


@pytest.mark.usefixtures("book")
def test_two_configurations_are_a_warning(capsys, root):
    """One of them does nothing, and its author should know."""
    (root / ".github").mkdir()
    for path in ("preflight.toml", ".github/preflight.toml"):
        (root / path).write_text("", "utf-8")

    assert _run(capsys, "check", str(root))[2] == "warning: preflight.toml counts, .github/preflight.toml is not read\n"


@pytest.mark.usefixtures("book")
def test_a_named_configuration_counts_alone(capsys, root, asked):
    """Wherever it lies."""
    (root / "preflight.toml").write_text("nonsense", "utf-8")
    (root / "x.toml").write_text('repository = "acme/widgets"', "utf-8")

    code = _run(capsys, "check", str(root), "--config", str(root / "x.toml"))[0]

    assert (code, asked["configured"]) == (Exit.PASSED, "acme/widgets")


@pytest.mark.usefixtures("book")
def test_the_reader_is_told_what_the_user_said(capsys, root, asked):
    """The truth about the repository comes from there."""
    _run(capsys, "check", str(root), "--repository", "acme/widgets", "--package", "a,b")

    assert (asked["repository"], asked["configured"], asked["packages"]) == ("acme/widgets", None, ("a", "b"))


@pytest.mark.parametrize(("words", "start"), [((), "Repository cannot be told"), (("--format", "json"), "{")])
@pytest.mark.usefixtures("book")
def test_plan_is_text_or_json(capsys, root, words, start):
    """And always 0: a plan judges nothing."""
    code, out, _ = _run(capsys, "plan", str(root), *words, "-o", f"json={root / 'plan.json'}")

    assert (code, out.startswith(start), (root / "plan.json").exists()) == (Exit.PASSED, True, True)


@pytest.mark.usefixtures("book")
def test_plan_warns_and_refuses(capsys, root):
    """As every command does."""
    (root / ".github").mkdir()
    for path in ("preflight.toml", ".github/preflight.toml"):
        (root / path).write_text("", "utf-8")

    warned = _run(capsys, "plan", str(root))[2]
    code, _, err = _run(capsys, "plan", str(root), "--format", "github")

    assert "is not read" in warned
    assert (code, "`plan` has the formats full and json, not `github`" in err) == (Exit.USAGE, True)


@pytest.mark.usefixtures("book")
def test_plan_checks_the_rules_of_a_configuration(capsys, root):
    """A misspelt ignore is a mistake there too."""
    (root / "preflight.toml").write_text('[[ignore]]\nrule = "old-nmp"\nreason = "soon"\n', "utf-8")

    assert _run(capsys, "plan", str(root))[0] == Exit.USAGE


@pytest.mark.parametrize(
    ("words", "code", "shown"),
    [
        (("old-npm",), 0, "The npm is old"),
        (("old_npm",), 0, "The npm is old"),
        (("e404",), 0, "The npm is old"),
        (("404 Forbidden - PUT https://registry.npmjs.org/x",), 0, "The npm is old"),
        (("EOTHER", "whatever"), 2, "none knows such a message"),
        (("old-npm", "--format", "json"), 0, '"title": "The npm is old"'),
        (("old-nmp",), 2, "did you mean `old-npm`?"),
        (("old-npm", "--format", "github"), 2, "has the formats"),
    ],
)
@pytest.mark.usefixtures("root", "book")
def test_explain_takes_a_rule_or_a_message(capsys, words, code, shown):
    """Who has only the error finds the rule."""
    ended, out, err = _run(capsys, "explain", *words)

    assert (ended, shown in out + err) == (code, True)


@pytest.mark.parametrize(
    ("words", "code", "shown"),
    [
        ((), 0, "old-npm"),
        (("--format", "json"), 0, '"name": "old-npm"'),
        (("--format", "github"), 2, "has the formats"),
    ],
)
@pytest.mark.usefixtures("root", "book")
def test_rules_lists_them(capsys, words, code, shown):
    """For people and for programs."""
    ended, out, err = _run(capsys, "rules", *words)

    assert (ended, shown in out + err) == (code, True)


@pytest.mark.usefixtures("root", "book")
def test_rules_on_a_terminal_is_a_table(capsys, monkeypatch):
    """That is where rich earns its time."""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")

    assert "\x1b[" in _run(capsys, "rules")[1]


@pytest.mark.usefixtures("book")
def test_config_show_names_every_origin(capsys, root, monkeypatch):
    """Who asks why it does that gets an answer."""
    monkeypatch.setenv("PREFLIGHT_COLOR", "never")
    (root / "preflight.toml").write_text(
        'fail-on = "note"\n[expect]\nworkflow = "release.yml"\n[[ignore]]\nrule = "old-npm"\nreason = "soon"\n'
        "expires = 2027-01-01\n",
        "utf-8",
    )
    (root / ".github").mkdir()
    (root / ".github" / "preflight.toml").touch()

    out = _run(capsys, "config", "show", str(root), "--strict")[1]

    assert [line for line in out.splitlines() if "default" not in line] == [
        "configuration       preflight.toml",
        "color               never  (PREFLIGHT_COLOR in the environment)",
        "fail-on             note  (preflight.toml)",
        "strict              true  (command line)",
        "expect.workflow     release.yml  (preflight.toml)",
        "ignore old-npm  everywhere until 2027-01-01: soon",
    ]


@pytest.mark.parametrize("document", ["check", "plan", "config"])
def test_config_schema_prints_a_schema(capsys, document):
    """Editors and programs take it from there."""
    out = _run(capsys, "config", "schema", "--output", document)[1]

    assert json.loads(out)["$schema"].endswith("2020-12/schema")


def test_an_unknown_schema_is_refused(capsys):
    """With the nearest."""
    code, _, err = _run(capsys, "config", "schema", "--output", "plam")

    assert (code, "did you mean `plan`?" in err) == (Exit.USAGE, True)


def test_help_runs_nothing(capsys):
    """And ends well."""
    assert _run(capsys, "--help")[0] == Exit.PASSED


def test_a_process_says_findings_with_its_code(tmp_path):
    """The script of the wheel calls `main` without arguments."""
    code = "import sys; from preflight.cli.main import main; sys.exit(main())"

    done = subprocess.run(
        [sys.executable, "-c", code, "check", str(tmp_path / "nowhere")],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )

    assert (done.returncode, done.stderr.startswith("error: ")) == (Exit.USAGE, True)


def test_the_fast_door_loads_neither_typer_nor_rich(tmp_path):
    """40 ms each, in every commit hook."""
    code = (
        "import sys; from preflight.cli.main import main; main(['check', sys.argv[1]]); "
        "print(*{name.split('.')[0] for name in sys.modules}, file=sys.stderr)"
    )

    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)

    assert not {"typer", "rich"} & set(done.stderr.split())


@pytest.mark.parametrize("words", [("rules",), ("explain", "old-npm"), ("plan",)])
@pytest.mark.usefixtures("book", "root")
def test_every_command_writes_the_reports_that_are_named(capsys, tmp_path, words):
    """An option that is accepted and does nothing is a trap."""
    _run(capsys, *words, "-o", f"json={tmp_path / 'report.json'}")

    assert json.loads((tmp_path / "report.json").read_text("utf-8"))["schemaVersion"] == 1


def test_a_dash_is_standard_output(capsys, root, book, finding):
    """As in every other tool; no file of that name appears."""
    book(finding)

    out = _run(capsys, "check", str(root), "-o", "github=-")[1]

    assert out.startswith("::error ")


@pytest.mark.usefixtures("book")
def test_a_summary_out_of_reach_fails_no_job(capsys, root, monkeypatch):
    """A container may not see the file that the runner names."""
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(root / "nowhere" / "summary.md"))

    code, _, err = _run(capsys, "check", str(root))

    assert (code, "warning: no step summary" in err) == (Exit.PASSED, True)


@pytest.mark.parametrize(
    ("top", "warned"),
    [
        pytest.param([".git", ".github/workflows"], True, id="pipelines above"),
        pytest.param([".git"], False, id="no pipelines above"),
        pytest.param([".git", ".github/workflows", "packages/a/.git"], False, id="a repository of its own"),
        pytest.param([], False, id="no repository"),
    ],
)
@pytest.mark.usefixtures("book")
def test_a_folder_below_the_pipelines_is_warned_of(capsys, root, monkeypatch, top, warned):
    """In a package of a monorepo there is nothing to check, and that must not read as a pass."""
    for folder in ("packages/a", *top):
        (root / folder).mkdir(parents=True)
    monkeypatch.chdir(root / "packages" / "a")

    err = _run(capsys, "check")[2]

    assert ("the pipelines of this repository lie in `../..`" in err) is warned


@pytest.mark.usefixtures("book")
def test_an_unknown_rule_is_said_to_stand_in_the_configuration(capsys, root):
    """Or the maintainer looks at the command line."""
    (root / "preflight.toml").write_text('select = ["old-nmp"]\n', "utf-8")

    assert "no rule or group is called `old-nmp` (`select`, preflight.toml)" in _run(capsys, "check", str(root))[2]


def test_a_fingerprint_stays_when_lines_move(capsys, root, book, finding):
    """An alert must not be opened again because somebody added a comment above."""
    book(finding)
    first = json.loads(_run(capsys, "check", str(root), "--format", "json")[1])
    moved = Source(finding.at.path, f"# a comment\n{finding.at.source.text}")
    book(replace(finding, at=moved.at(finding.at.span.start + 12, finding.at.span.end + 12)))

    second = json.loads(_run(capsys, "check", str(root), "--format", "json")[1])

    def found(document):
        return document["results"][0]["findings"][0]

    assert found(first)["line"] != found(second)["line"]
    assert found(first)["fingerprint"] == found(second)["fingerprint"]
