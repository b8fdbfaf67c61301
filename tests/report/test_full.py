"""The report for people."""

from __future__ import annotations

import pytest

from preflight.finding import Severity
from preflight.records import replace
from preflight.report.full import full
from preflight.report.screen import Screen


def _text(run, screen):
    return "\n".join(full(run, screen)) + "\n"


@pytest.mark.parametrize(
    ("name", "screen"),
    [
        pytest.param("full-60.txt", Screen(60), id="60 columns"),
        pytest.param("full-100.txt", Screen(100), id="100 columns"),
        pytest.param("full-200.txt", Screen(200), id="200 columns"),
        pytest.param("full-piped.txt", Screen(), id="a pipe"),
        pytest.param("full-ascii.txt", Screen(80, signs=False), id="ASCII"),
        pytest.param("full-colour.txt", Screen(100, colour=True), id="colour"),
        pytest.param("full-runner.txt", Screen(runner=True), id="a CI runner"),
    ],
)
def test_the_report_is_as_it_was_agreed(run, golden, name, screen):
    """What the user sees changes on purpose only."""
    assert golden(name, _text(run, screen))


def test_verbose_lists_every_rule_and_every_package(run, golden):
    """Who doubts a green line wants to see which rules stand behind it."""
    assert golden("full-verbose.txt", _text(replace(run, verbose=1), Screen(100)))


def test_ignored_findings_are_shown_on_request(run, golden):
    """A reviewer must be able to see what was silenced, and why."""
    assert golden("full-ignored.txt", _text(replace(run, show_ignored=True), Screen(100)))


def test_a_quiet_report_is_findings_only(run):
    """Hooks want no summary."""
    assert "Not ready" not in _text(replace(run, quiet=1), Screen())


def test_success_is_one_screen(run, project, golden, rule):
    """The maintainer wants to get on with the release."""
    from datetime import date

    from preflight.engine import judge

    results = judge(project, [rule("a", group="package"), rule("b")], today=date(2026, 1, 1))

    assert golden("full-success.txt", _text(replace(run, results=results, seconds=0.21), Screen(80)))


def test_a_bug_is_named_and_the_rest_is_shown(run, project, golden, rule):
    """One faulty rule must not hide the others' findings."""
    from datetime import date

    from preflight.engine import judge

    results = (*run.results, *judge(project, [rule("faulty", crash=KeyError("x"))], today=date(2026, 1, 1)))

    assert golden("full-bug.txt", _text(replace(run, results=results), Screen(100)))


def test_nothing_to_check_says_so(run, empty, golden, rule):
    """No publish site is no failure."""
    from datetime import date

    from preflight.engine import judge
    from preflight.finding import Finding

    found = Finding(None, "no publish site was found in GitHub workflows")
    results = judge(empty, [rule("nothing-publishes", found, severity="note")], today=date(2026, 1, 1))

    assert golden("full-nothing.txt", _text(replace(run, results=results, project=empty), Screen(80)))


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_no_line_of_ours_is_wider_than_the_screen(run, width):
    """A terminal would break it in the middle of a word; paths and single words stay whole."""
    lines = _text(run, Screen(width)).splitlines()

    assert not [line for line in lines if len(line) > width and "-->" not in line and len(line.split()) > 2]


def test_what_is_printed_is_printable(run):
    """A repository must not be able to paint the terminal."""
    lines = _text(run, Screen(runner=True)).splitlines()

    assert all(line.isprintable() for line in lines)


def test_a_secret_is_never_printed(run):
    """A report ends up in logs that the whole world reads."""
    shown = _text(replace(run, show_ignored=True, verbose=2), Screen())

    assert not [word for word in ("s3cr3t", "npm_abc") if word in shown]


def test_no_command_reaches_a_runner(run):
    """GitHub obeys `##[…]` anywhere in a line, and `::` at its start."""
    lines = _text(run, Screen(runner=True)).splitlines()

    assert not [line for line in lines if "##[" in line or line.lstrip().startswith("::")]


def test_unsure_under_strict_is_said(run, project, rule):
    """Exit 3 needs a sentence that explains it."""
    from datetime import date

    from preflight.engine import judge
    from preflight.finding import Finding

    results = judge(project, [rule("a", Finding(None, "cannot tell", sure=False))], today=date(2026, 1, 1))

    assert "Cannot tell whether" in _text(replace(run, results=results, strict=True, fail_on=Severity.ERROR), Screen())


def _found(run, facts, made, **changes):
    from datetime import date

    from preflight.engine import judge

    return replace(run, project=facts, results=judge(facts, [made], today=date(2026, 1, 1)), **changes)


def _many(sources, rule, count):
    from preflight.finding import Finding

    source = sources.release
    return rule("a", *(Finding(source.at(number, number + 1), f"what {number} is") for number in range(count)))


@pytest.mark.parametrize("screen", [Screen(), Screen(90), Screen(40)], ids=["a pipe", "90 columns", "40 columns"])
def test_many_findings_of_a_rule_are_listed(run, project, sources, rule, screen):
    """The verdict must stay in sight where 26 actions are unpinned."""
    text = _text(_found(run, project, _many(sources, rule, 7)), screen)

    assert text.count("   |\n") + text.count("    |\n") >= 3
    assert "error[a]: 4 more (-v shows their lines)" in text
    assert all(f"what {number} is" in text for number in range(7))


def test_places_that_say_the_same_are_listed_together(run, project, sources, rule):
    """Nine checkouts are one thing to do."""
    from preflight.finding import Finding

    made = rule("a", *(Finding(sources.release.at(number, number + 1), "x") for number in range(6)))
    lines = _text(_found(run, project, made), Screen(60)).splitlines()
    start = lines.index("error[a]: 3 more (-v shows their lines)")

    assert lines[start + 1 : start + 5] == ["  x", *(f"    --> {sources.release.path}:1:{n}" for n in (4, 5, 6))]


def test_one_too_many_is_shown_as_well(run, project, sources, rule):
    """A list of one would save nothing."""
    assert "more (-v" not in _text(_found(run, project, _many(sources, rule, 4)), Screen())


def test_verbose_shows_the_lines_of_all(run, project, sources, rule):
    """As the list says."""
    assert "more (-v" not in _text(_found(run, project, _many(sources, rule, 7), verbose=1), Screen())


def test_a_place_that_is_marked_twice_is_marked_once(run, project, sources, rule):
    """A second row of dashes under the same word says nothing."""
    from preflight.finding import Finding, Related

    at = sources.release.at(0, 4)
    text = _text(_found(run, project, rule("a", Finding(at, "x", related=(Related(at, "here"),)))), Screen())

    assert ("^^^^ here" in text, "----" in text) == (True, False)


def test_a_lone_brace_is_not_shown(run, project, sources, rule):
    """It stands for the file."""
    from preflight.finding import Finding

    text = _text(_found(run, project, rule("a", Finding(sources.root.at(0, 1), "x"))), Screen())

    assert ("--> package.json:1:1" in text, "^" in text) == (True, False)


def test_the_next_step_is_shown_where_it_is_known(run, project, rule):
    """Only the user can say how releases are tagged."""
    from preflight.facts.fact import Known

    job = project.jobs[0]
    site = replace(job.sites[0], packages=Known(project.packages[:1]))
    alone = replace(project, jobs=(replace(job, sites=(site,)),))

    text = _text(_found(run, alone, rule("a"), tag_pattern="v{version}"), Screen())

    assert text.endswith("  next  git tag -a v2.4.0 && git push origin v2.4.0\n")


def test_a_missing_repository_is_asked_for(run, project, rule):
    """One option settles it."""
    from preflight.facts.fact import Unknown
    from preflight.finding import Finding

    lost = replace(project, repository=Unknown("this folder is in no git repository"))

    text = _text(_found(run, lost, rule("a", Finding(None, "x", sure=False))), Screen())

    assert "with --repository Owner/Repo" in text


def test_code_in_prose_is_kept_together():
    """It is there to be copied."""
    lines = Screen(40).wrap("one two three four five six `npm install -g npm@11` seven", "")

    assert any("`npm install -g npm@11`" in line for line in lines)


@pytest.mark.parametrize("text", ["a ` b " * 30, "`" + "word " * 60 + "`"])
def test_stray_back_ticks_are_words(text):
    """What the repository says need not be balanced."""
    assert max(map(len, Screen(40).wrap(text, ""))) <= 40


@pytest.mark.parametrize(
    ("verbose", "said"),
    [(0, "   = packages: a, b, c, … (-v names all)"), (1, "   = packages: a, b, c, d")],
)
def test_packages_that_share_a_line_are_named(run, project, sources, rule, verbose, said):
    """`for 4 packages` alone leaves the maintainer to guess which."""
    from preflight.finding import Finding

    at = sources.release.at(0, 4)
    made = rule("a", *(Finding(at, "x", package=name) for name in "abcd"))

    assert said in list(full(_found(run, project, made, verbose=verbose), Screen()))
