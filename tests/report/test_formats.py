"""The reports for programs and CI systems."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import jsonschema
import pytest

from preflight.engine import judge
from preflight.facts.ci import Artifact, ArtifactOrigin, Caller, Hosting, Runner, System
from preflight.facts.fact import Known, Unknown
from preflight.facts.project import By, Impossible, Off, On, Origin, Repository, Unread
from preflight.finding import Finding, Severity
from preflight.records import replace
from preflight.report import markdown as md
from preflight.report.concise import concise
from preflight.report.document import check_document, dump
from preflight.report.full import full
from preflight.report.github import github
from preflight.report.markdown import markdown
from preflight.report.plan import Expected, plan_document
from preflight.report.plan_text import plan_text
from preflight.report.rules import explanation, rule_document, rules_document, rules_table, rules_text
from preflight.report.screen import Screen
from preflight.rulebook import Rulebook

SCHEMAS = Path(md.__file__).parents[1] / "data" / "schemas"
REGISTRY = "https://registry.npmjs.org/"
EXPECTED = Expected(registry=REGISTRY)


def _joined(lines):
    return "\n".join(lines) + "\n"


def _valid(document, name):
    schema = json.loads((SCHEMAS / f"{name}.json").read_text("utf-8"))
    jsonschema.Draft202012Validator(schema).validate(document)
    return True


def _crashed(run, rule):
    return replace(run, results=judge(run.project, [rule("faulty", crash=KeyError("x"))], today=date(2026, 1, 1)))


def test_concise_is_a_line_for_each_finding(run, piped, golden):
    """Problem matchers and grep read it."""
    assert golden("concise.txt", _joined(concise(run, piped)))


def test_concise_names_a_bug(run, piped, rule):
    """A crash must not look like a clean bill."""
    assert next(iter(concise(_crashed(run, rule), piped))).startswith("bug[faulty]")


def test_concise_and_quiet_is_findings_only(run, piped):
    """A script counts lines."""
    assert len(list(concise(replace(run, quiet=1), piped))) == len(list(concise(run, piped))) - 1


def test_the_json_document_is_as_it_was_agreed(run, golden):
    """Programs depend on every name in it."""
    assert golden("check.json", dump(check_document(run)) + "\n")


@pytest.mark.parametrize("name", ["check.json", "plan.json"])
def test_a_golden_document_follows_its_schema(name):
    """The schema is a promise; the golden file is what is really printed."""
    document = json.loads((Path(__file__).parent / "golden" / name).read_text("utf-8"))

    assert _valid(document, name.removesuffix(".json"))


def test_a_crashed_rule_is_unsure_with_a_reason(run, rule):
    """A document cannot say 70; it says that the rule could not tell, and why."""
    document = check_document(_crashed(run, rule))

    assert (document["results"][0]["verdict"], document["results"][0]["reason"]) == (
        "unsure",
        "a bug in preflight: KeyError: 'x'",
    )


def test_a_document_holds_nothing_that_a_runner_obeys(run):
    """JSON printed in a job is read by the runner too."""
    text = dump(check_document(run))

    assert "##[" not in text
    assert text.isascii()


def test_annotations_are_as_agreed(run, golden):
    """GitHub shows them beside the lines of a pull request."""
    assert golden("github.txt", _joined(github(replace(run, prefix="sub/"))))


def test_an_annotation_is_one_line(run, rule):
    """A line break would let a file's text become the next command."""
    evil = Finding(None, "a\n::set-env name=X::b\r\n##[add-mask]x", package="::evil,title=x")
    results = judge(run.project, [rule("a", evil)], today=date(2026, 1, 1))

    lines = list(github(replace(run, results=results)))

    assert len(lines) == 1
    assert re.fullmatch(r"::error title=a::[^\r\n]*", lines[0])
    assert "##[" not in lines[0]


def test_at_most_ten_annotations_of_a_kind(run, rule):
    """GitHub drops the eleventh without a word."""
    findings = [Finding(None, f"finding {number}") for number in range(25)]
    results = judge(run.project, [rule("a", *findings)], today=date(2026, 1, 1))

    lines = list(github(replace(run, results=results)))

    assert (len(lines), lines[-1]) == (10, "::error title=preflight::and 16 more; the log of this step lists them all")


def test_a_bug_is_annotated(run, rule):
    """Who looks at the pull request only must see it too."""
    assert list(github(_crashed(run, rule))) == [
        "::error title=preflight%3A bug in faulty::a bug in preflight: KeyError: 'x'"
    ]


def test_a_finding_of_several_lines_has_no_columns(run, rule, sources):
    """GitHub refuses columns there."""
    at = sources.release.at(0, 30)
    results = judge(run.project, [rule("a", Finding(at, "x"))], today=date(2026, 1, 1))

    assert "col=" not in next(iter(github(replace(run, results=results))))


def test_markdown_is_as_agreed(run, golden):
    """The step summary is the first thing a maintainer sees."""
    assert golden("markdown.md", markdown(run))


def test_markdown_without_findings_has_no_table(run):
    """A green summary is short."""
    assert "| |" not in markdown(replace(run, results=()))


def test_markdown_names_a_bug(run, rule):
    """As everywhere."""
    assert "Bug in the rule `faulty`" in markdown(_crashed(run, rule))


def test_markdown_is_never_too_large(run, rule):
    """GitHub drops a summary beyond 1 MiB whole."""
    findings = [Finding(None, f"{number} " + "é" * 1900) for number in range(600)]
    results = judge(run.project, [rule("a", *findings)], today=date(2026, 1, 1))

    text = markdown(replace(run, results=results))

    assert len(text.encode()) <= md.LARGEST
    assert text.endswith(md.CUT + "\n")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("![x](http://evil/)", r"\!\[x\]\(http\://evil/\)", id="a picture phones home"),
        pytest.param("@everyone", r"\@everyone", id="a mention"),
        pytest.param("<img src=x>", r"\<img src=x\>", id="HTML"),
    ],
)
def test_foreign_text_is_no_markdown(text, shown):
    """A package's name must not load a picture in a maintainer's browser."""
    assert md.escape(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("job `a_b` is *", r"job `a_b` is \*", id="pairs become code"),
        pytest.param("a ` b", r"a \` b", id="a single one stays"),
        pytest.param("a `` b", "a  b", id="nothing is no code"),
    ],
)
def test_what_stands_in_back_ticks_is_code(text, shown):
    """Our messages name things in back-ticks."""
    assert md.prose(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("a", "`a`", id="plain"),
        pytest.param("a`b``c", "``` a`b``c ```", id="back-ticks"),
        pytest.param("a|b", r"`a\|b`", id="a bar would end the cell"),
    ],
)
def test_a_code_span_holds_anything(text, shown):
    """A path may hold back-ticks."""
    assert md.code(text) == shown


def test_the_plan_is_as_it_was_agreed(project, golden):
    """`verify --plan` will read it."""
    document = plan_document(project, EXPECTED, version="1.2.3", root=".")

    assert golden("plan.json", dump(document) + "\n")


def test_the_plan_for_people(project, golden):
    """Who sets up trusted publishing copies the commands from here."""
    assert golden("plan.txt", _joined(plan_text(project, Screen(100))))


def test_the_plan_of_nothing_says_where_it_looked(empty, piped):
    """An empty screen would look like a fault."""
    assert "no publish site was found in GitHub workflows" in _joined(plan_text(empty, piped))


def test_the_plan_of_nothing_follows_the_schema(empty):
    """Programs meet it in every repository that does not publish."""
    assert _valid(plan_document(empty, EXPECTED, version="1", root="."), "plan")


def test_callers_of_one_job_are_one_site(project):
    """A reusable workflow with two callers has one publish command."""
    job = project.jobs[0]
    twice = replace(project, jobs=(job, replace(job, entry="other.yml", id_token=Unknown("it depends"))))

    site = plan_document(twice, EXPECTED, version="1", root=".")["publishSites"]

    assert [(each["entryWorkflows"], each["idToken"]) for each in site] == [(["release.yml", "other.yml"], False)]


def test_the_plan_knows_what_it_does_not_know(project):
    """Null is an answer; a guess is a trap."""
    site = replace(
        project.jobs[0].sites[0],
        packages=Unknown("a"),
        registry=Unknown("b"),
        credential=Unknown("c"),
        npm=(Unknown("d"),),
    )
    job = replace(
        project.jobs[0], sites=(site,), runners=(Unknown("e"),), environment=Unknown("f"), id_token=Unknown("g")
    )
    unknown = replace(
        project, jobs=(job,), shipments=(replace(project.shipments[0], site=site, provenance=Unknown("h")),)
    )

    document = plan_document(unknown, EXPECTED, version="1", root=".")
    found = document["publishSites"][0]

    assert _valid(document, "plan")
    assert [found[key] for key in ("packages", "registry", "credential", "npm", "environment", "idToken")] == [None] * 6


def test_the_unknown_plan_for_people(project, piped):
    """Words instead of nulls."""
    site = replace(project.jobs[0].sites[0], packages=Unknown("a"), npm=(Unknown("d"),), staged=True)
    job = replace(project.jobs[0], sites=(site,), runners=(Unknown("e"),))

    assert _joined(plan_text(replace(project, jobs=(job,)), piped)).count("cannot be told") >= 3


def test_the_expected_tag_is_predicted(project):
    """Only the user knows how tags are named."""
    expected = replace(EXPECTED, tag_pattern="{name}@{version}")

    document = plan_document(project, expected, version="1", root=".")

    assert document["predictedProvenance"][0]["workflow"]["ref"] == "refs/tags/@acme/core@2.4.0"


def test_a_command_to_copy_is_quoted(project):
    """A package's name must not run as a command in the maintainer's shell."""
    package = replace(project.packages[0], name="x; rm -rf ~")
    site = replace(project.jobs[0].sites[0], packages=replace(project.jobs[0].sites[0].packages, value=(package,)))
    hostile = replace(project, jobs=(replace(project.jobs[0], sites=(site,)),))

    document = plan_document(hostile, EXPECTED, version="1", root=".")

    assert "'x; rm -rf ~'" in document["trustedPublishers"][0]["command"]


def test_the_rules_are_listed(rules):
    """`preflight rules | grep` works."""
    lines = list(rules_text(Rulebook(tuple(rules))))

    assert lines[0] == "repository-mismatch  error, core    The rule repository-mismatch"


def test_the_table_of_rules_fits_the_terminal(rules):
    """The library is told the width, or it would take 80."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", rules_table(Rulebook(tuple(rules)), Screen(60, colour=True)))

    assert max(map(len, plain.splitlines())) <= 60


def test_the_rule_book_as_json(rules):
    """Editors and sites are built from it."""
    assert [each["name"] for each in json.loads(rules_document(Rulebook(tuple(rules))))["rules"]] == [
        rule.name for rule in rules
    ]


def test_an_explanation_answers_the_same_questions_every_time(tmp_path, rule, golden):
    """What npm says, why, what to do, how to allow it."""
    path = tmp_path / "x.toml"
    path.write_text(
        '[[bad]]\ntitle = "a bad one"\nat = "x:1"\nfiles."a.yml" = "a: 1\\n"\nfixed."a.yml" = "a: 2\\n"\n', "utf-8"
    )
    made = replace(
        rule(
            "self-hosted-runner",
            core=True,
            prevents=("E422 no",),
            fix=(("github", "Do.\nThen."), ("gitlab", "Do not.")),
            references=("https://docs.npmjs.com/",),
        ),
        path=path,
    )

    assert golden("explain.txt", _joined(explanation(made, Screen(60))))


def test_one_rule_as_json(rules):
    """`explain --format json`."""
    assert json.loads(rule_document([rules[0]]))["rules"][0]["prevents"] == [
        "E422 Failed to validate repository information"
    ]


@pytest.mark.parametrize(
    ("facts", "provenance"),
    [
        pytest.param([Known(On(By.FLAG)), Known(On(By.ENV))], {"on": True, "by": "flag"}, id="on"),
        pytest.param([Known(On(By.FLAG)), Known(Off(By.NPMRC))], {"on": False, "by": "npmrc"}, id="off for one"),
        pytest.param([Known(On(By.FLAG)), Known(Off())], {"on": False, "by": None}, id="never asked for"),
        pytest.param([Known(Impossible("yarn 1"))], {"on": False, "by": None}, id="impossible"),
        pytest.param([Known(On(By.FLAG)), Unknown("x")], {"on": None, "by": None}, id="unknown for one"),
        pytest.param([], {"on": None, "by": None}, id="no package"),
    ],
)
def test_provenance_of_a_site_is_that_of_its_weakest_package(project, facts, provenance):
    """One package without provenance is what the maintainer must see."""
    shipments = tuple(replace(project.shipments[0], provenance=fact) for fact in facts)

    document = plan_document(replace(project, shipments=shipments), EXPECTED, version="1", root=".")

    assert document["publishSites"][0]["provenance"] == provenance


def test_a_site_without_provenance_has_no_prediction(project):
    """There will be no statement to predict."""
    shipments = (replace(project.shipments[0], provenance=Known(Off())),)

    document = plan_document(replace(project, shipments=shipments), EXPECTED, version="1", root=".")

    assert document["predictedProvenance"] == []


def test_gitlab_has_its_own_statement(project):
    """Npm writes another build type there."""
    job = replace(project.jobs[0], system=System.GITLAB, entry=".gitlab-ci.yml", runners=())
    expected = replace(EXPECTED, ref="refs/heads/main")

    document = plan_document(replace(project, jobs=(job,)), expected, version="1", root=".")
    predicted = document["predictedProvenance"][0]

    assert (
        predicted["buildType"],
        predicted["workflow"]["path"],
        predicted["workflow"]["ref"],
        predicted["builder"],
    ) == (
        "https://github.com/npm/cli/gitlab/v0alpha1",
        ".gitlab-ci.yml",
        "refs/heads/main",
        None,
    )
    assert "--project acme/widgets" in document["trustedPublishers"][0]["command"]


def test_circleci_makes_no_provenance(project):
    """Trusted publishing works there, provenance does not."""
    job = replace(project.jobs[0], system=System.CIRCLECI)

    document = plan_document(replace(project, jobs=(job,)), EXPECTED, version="1", root=".")

    assert document["predictedProvenance"] == []


def test_a_hosted_runner_is_the_builder(project):
    """Verifiers compare the whole address."""
    job = replace(project.jobs[0], runners=(Known(Runner(Hosting.HOSTED, ("ubuntu-latest",))),))

    document = plan_document(replace(project, jobs=(job,)), EXPECTED, version="1", root=".")

    assert document["predictedProvenance"][0]["builder"] == "https://github.com/actions/runner/github-hosted"


def test_a_fetched_artifact_names_its_maker(project):
    """What another job built is not covered."""
    at = project.jobs[0].at
    artifacts = (
        Artifact(at, ArtifactOrigin.JOB, "an artifact", jobs=("build",)),
        Artifact(at, ArtifactOrigin.RELEASE, "a release"),
    )
    callers = (Caller(at, "release"),)
    job = replace(project.jobs[0], artifacts=artifacts, callers=callers)
    unread = (Unread(at, "other", "acme/shared/.github/workflows/x.yml@v1", "it is in another repository"),)

    document = plan_document(replace(project, jobs=(job,), unread=unread), EXPECTED, version="1", root=".")
    site = document["publishSites"][0]

    assert _valid(document, "plan")
    assert (site["artifactsFrom"], site["callers"], document["unread"][0]["job"]) == (
        ["build", "a release"],
        [{"path": ".github/workflows/release.yml", "line": 8, "job": "release"}],
        "other",
    )


def test_the_repository_names_its_place(project):
    """A declared repository stands in a file."""
    at = project.jobs[0].at
    said = replace(project, repository=Known(Repository("https://github.com/acme/widgets", Origin.CONFIGURATION), at))

    document = plan_document(said, EXPECTED, version="1", root=".")

    assert document["repository"]["at"] == {"path": ".github/workflows/release.yml", "line": 8}


def test_the_plan_for_people_shortens_lists(project, piped):
    """With -v it does not."""
    many = tuple(replace(project.packages[0], name=f"p{number}") for number in range(7))
    site = replace(project.jobs[0].sites[0], packages=Known(many))
    wide = replace(project, jobs=(replace(project.jobs[0], sites=(site,)),))

    assert "and 2 more" in _joined(plan_text(wide, piped))
    assert "and 2 more" not in _joined(plan_text(wide, piped, every=True))


def test_the_plan_for_people_names_what_could_not_be_read(project, piped):
    """It might publish."""
    unread = (Unread(project.jobs[0].at, "other", "acme/x@v1", "it is elsewhere"),)

    assert "acme/x@v1 might publish: it is elsewhere" in _joined(plan_text(replace(project, unread=unread), piped))


def test_a_finding_may_name_its_own_message(run, rule):
    """Where a rule prevents several."""
    made = rule("a", Finding(None, "x", prevents="E1 mine"), prevents=("E2", "E3"))
    results = judge(run.project, [made], today=date(2026, 1, 1))

    assert check_document(replace(run, results=results))["results"][0]["findings"][0]["prevents"] == "E1 mine"


def test_ready_with_doubts_says_so(run, rule):
    """Green without "as far as" would promise too much."""
    results = judge(run.project, [rule("a", Finding(None, "x", sure=False))], today=date(2026, 1, 1))

    assert replace(run, results=results).verdict == "Ready to tag, as far as the files tell."


@pytest.mark.parametrize(
    ("severity", "changes", "conclusion"),
    [
        pytest.param("warning", {}, "Ready to tag, with 1 warning.", id="a warning"),
        pytest.param("error", {"fail_on": None}, "Not ready to tag. 1 error", id="an error that fails nothing"),
        pytest.param(
            "warning", {"narrowed": True}, "Ready to tag, as far as it was checked, with 1 warning.", id="part"
        ),
        pytest.param("warning", {"fail_on": Severity.WARNING}, "Not ready to tag. 1 warning", id="a stricter gate"),
    ],
)
def test_the_conclusion_promises_no_more_than_was_checked(run, rule, severity, changes, conclusion):
    """`Ready to tag. 6 errors` is what nobody should read."""
    results = judge(run.project, [rule("a", Finding(None, "x"), severity=severity)], today=date(2026, 1, 1))

    assert replace(run, results=results, **changes).conclusion == conclusion


def test_a_release_without_a_package_is_not_ready(run, rule):
    """Without a package.json every rule passes, because there is nothing to object to."""
    job = run.project.jobs[0]
    site = replace(job.sites[0], packages=Known(()))
    project = replace(run.project, jobs=(replace(job, sites=(site,)),))
    results = judge(project, [rule("a")], today=date(2026, 1, 1))

    assert replace(run, results=results, project=project).verdict.startswith("Nothing to check: no package")


def test_no_rule_means_nothing_was_checked(run):
    """`--ignore all` is no way to a green light."""
    assert replace(run, results=()).conclusion == "Nothing was checked: no rule was asked."


@pytest.mark.parametrize(
    ("message", "when"),
    [("E422 no", "when you publish"), ("ERR_PNPM_TRUST_DOWNGRADE", "when others install")],
)
def test_who_sees_a_message_is_said(run, rule, piped, message, when):
    """The maintainer of the package never sees what pnpm tells its users."""
    results = judge(run.project, [rule("a", Finding(None, "x", prevents=message))], today=date(2026, 1, 1))

    assert f"   = {when}: {message}" in list(full(replace(run, results=results), piped))


def test_the_advice_for_every_system_is_shown(run, rule, piped):
    """Where a rule's text does not depend on the CI system."""
    results = judge(run.project, [rule("a", Finding(None, "x"), fix=(("any", "Do it."),))], today=date(2026, 1, 1))

    assert "   = fix: Do it." in list(full(replace(run, results=results), piped))


def test_many_alike_are_named_on_request(run, piped):
    """The list is in the JSON too."""
    assert "@acme/vue" in _joined(full(replace(run, verbose=1), piped))


@pytest.mark.parametrize(
    ("name", "texts", "line"),
    [
        pytest.param("a", {}, "  # preflight: ignore[a] reason", id="a comment"),
        pytest.param("a", {"group": "package"}, '  "preflight": {"ignore": {"a": "reason"}}', id="package.json"),
        pytest.param("unreadable-file", {}, '  rule = "unreadable-file"', id="preflight.toml"),
        pytest.param("a", {"prevents": ("ERR_PNPM_X",)}, "What users of the package see without it", id="pnpm"),
        pytest.param("a", {"prevents": ("ERR_PNPM_X", "E422")}, "What npm says without it", id="npm"),
    ],
)
def test_an_explanation_fits_the_rule(rule, piped, monkeypatch, name, texts, line):
    """package.json has no comments, and a broken file must not silence itself."""
    made = rule(name, **texts)
    monkeypatch.setattr(type(made), "examples", lambda *_: ())

    assert line in list(explanation(made, piped))


def test_the_document_names_the_packages_that_share_a_line(run, rule, sources):
    """A program must not have to count."""
    at = sources.release.at(0, 4)
    made = rule("a", *(Finding(at, "x", package=name) for name in "ab"))
    results = judge(run.project, [made], today=date(2026, 1, 1))

    document = check_document(replace(run, results=results))
    found = document["results"][0]["findings"]

    assert _valid(document, "check")
    assert [(each["package"], each["packages"]) for each in found] == [(None, ["a", "b"])]
