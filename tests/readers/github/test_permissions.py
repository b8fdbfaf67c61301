"""Whether a job may mint an OIDC token: every rule of GitHub's that a file shows."""

from __future__ import annotations

import pytest

from preflight.facts.fact import Known, Unknown

RELEASE = ".github/workflows/release.yml"


def entry(top: str = "", job: str = "", *, on: str = "push") -> str:
    """Return a workflow that publishes, with these `permissions`."""
    keys = f"    permissions: {job}\n" if job else ""
    head = f"permissions: {top}\n" if top else ""
    return (
        f"on: {on}\n{head}jobs:\n  publish:\n{keys}    runs-on: ubuntu-latest\n    steps:\n      - run: npm publish\n"
    )


def caller(target: str, top: str = "", job: str = "", *, on: str = "push") -> str:
    """Return a workflow that calls another."""
    keys = f"    permissions: {job}\n" if job else ""
    head = f"permissions: {top}\n" if top else ""
    return f"on: {on}\n{head}jobs:\n  call:\n{keys}    uses: ./.github/workflows/{target}.yml\n"


def token(project):
    """Return the fact about the token of the only job, as value and the place's line."""
    (job,) = project.jobs
    match job.id_token:
        case Known(value, at):
            return value, f"{at.path.name}:{at.line}"
        case Unknown():
            return None, ""


# -- one workflow -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("top", "job", "granted", "line"),
    [
        pytest.param("", "", False, 3, id="no key grants none: at the job"),
        pytest.param("{id-token: write}", "", True, 2, id="workflow"),
        pytest.param("", "{id-token: write}", True, 4, id="job"),
        pytest.param("{id-token: write}", "{contents: read}", False, 5, id="the job's replaces the workflow's"),
        pytest.param("{id-token: write}", "{}", False, 5, id="even when it is empty"),
        pytest.param("{contents: read}", "{id-token: write}", True, 5, id="also to grant"),
        pytest.param("{contents: write}", "", False, 2, id="unnamed ones are none"),
        pytest.param("{id-token: read}", "", False, 2, id="read grants nothing"),
        pytest.param("{id-token: none}", "", False, 2, id="none"),
        pytest.param("{id-token: maybe}", "", False, 2, id="nonsense"),
        pytest.param("read-all", "", False, 2, id="read-all"),
        pytest.param("write-all", "", True, 2, id="write-all"),
        pytest.param("{}", "", False, 2, id="empty"),
        pytest.param("[id-token]", "", False, 2, id="a list"),
        pytest.param("write-all", "read-all", False, 5, id="replaced by read-all"),
    ],
)
def test_the_governing_key_decides(project, top: str, job: str, granted: bool, line: int) -> None:
    """No tool can sign without the token."""
    found = project({RELEASE: entry(top, job)})

    assert token(found) == (granted, f"release.yml:{line}")


def test_the_grant_itself_is_the_place(project) -> None:
    """It is what a reader looks for."""
    found = project({RELEASE: entry("\n  contents: read\n  id-token: write")})

    assert found.jobs[0].id_token.at.text == "id-token"


# -- through callers --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outer", "inner", "granted", "place"),
    [
        pytest.param(
            ("", "{id-token: write}"), ("", ""), True, "a.yml:4", id="a called job without a key has its caller's"
        ),
        pytest.param(("{id-token: write}", ""), ("", ""), True, "a.yml:2", id="or that of its caller's workflow"),
        pytest.param(("", ""), ("", ""), False, "a.yml:3", id="a caller without a key has none"),
        pytest.param(("", ""), ("", "{id-token: write}"), False, "a.yml:3", id="and none to give"),
        pytest.param(("", "{contents: read}"), ("", "{id-token: write}"), False, "a.yml:4", id="a caller caps"),
        pytest.param(("{contents: read}", ""), ("{id-token: write}", ""), False, "a.yml:2", id="so does its workflow"),
        pytest.param(("", "write-all"), ("", "{contents: read}"), False, "b.yml:4", id="the called job lowers"),
        pytest.param(("", "write-all"), ("{contents: read}", ""), False, "b.yml:2", id="or its workflow does"),
        pytest.param(("", "{id-token: write}"), ("", "{id-token: write}"), True, "b.yml:4", id="both grant: the inner"),
    ],
)
def test_a_caller_caps_what_it_calls(project, outer, inner, granted, place) -> None:
    """A grant in the called workflow alone is lost without a word."""
    found = project(
        {".github/workflows/a.yml": caller("b", *outer), ".github/workflows/b.yml": entry(*inner, on="workflow_call")}
    )

    assert token(found) == (granted, place)


@pytest.mark.parametrize(
    ("first", "second", "third", "granted", "place"),
    [
        pytest.param("{id-token: write}", "", "", True, "a.yml:4", id="handed down"),
        pytest.param(
            "{id-token: write}", "{contents: read}", "{id-token: write}", False, "b.yml:4", id="lost on the way"
        ),
        pytest.param("{contents: read}", "{id-token: write}", "", False, "a.yml:4", id="never had"),
        pytest.param("", "{id-token: write}", "{id-token: write}", False, "a.yml:3", id="no key at the top"),
    ],
)
def test_every_caller_of_a_chain_caps(project, first, second, third, granted, place) -> None:
    """Permissions only ever get less from one workflow to the next."""
    found = project(
        {
            ".github/workflows/a.yml": caller("b", job=first),
            ".github/workflows/b.yml": caller("c", job=second, on="workflow_call"),
            ".github/workflows/c.yml": entry(job=third, on="workflow_call"),
        }
    )

    assert token(found) == (granted, place)


@pytest.mark.parametrize(
    ("job", "value"),
    [
        pytest.param("", None, id="says nothing"),
        pytest.param("{id-token: write}", True, id="asks for it"),
        pytest.param("{contents: read}", False, id="does without"),
    ],
)
def test_a_workflow_that_is_called_from_elsewhere_is_judged_by_its_own_text(project, job: str, value) -> None:
    """What its caller decides cannot be seen."""
    found = project({RELEASE: entry(job=job, on="workflow_call")})

    assert token(found)[0] is value


# -- remedies ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("top", "job"),
    [
        pytest.param("", "", id="no key at all"),
        pytest.param("{contents: read}", "", id="the workflow's, in braces"),
        pytest.param("\n  contents: read\n  packages: write", "", id="the workflow's"),
        pytest.param("read-all", "", id="the workflow's read-all"),
        pytest.param("{}", "", id="the workflow's, empty"),
        pytest.param("", "read-all", id="the job's read-all"),
        pytest.param("", "{contents: read}", id="the job's, in braces"),
        pytest.param("", "{}", id="the job's, empty"),
        pytest.param("", "\n      contents: read", id="the job's"),
        pytest.param("", "\n      contents: read\n      id-token: none  # off", id="the job's, turned off"),
        pytest.param("", "{id-token: none, contents: read}", id="the job's, turned off, in braces"),
        pytest.param("write-all", " ", id="the job's, null"),
    ],
)
def test_the_remedy_grants_the_token(project, top: str, job: str) -> None:
    """A fix that does not fix is worse than none."""
    found = project({RELEASE: entry(top, job)})

    after = project.apply(found.jobs[0].id_token.remedy)

    assert (token(after)[0], after.unreadable) == (True, ())


def test_the_remedy_keeps_what_the_workflow_grants(project) -> None:
    """A key of the job replaces the workflow's, so that it must say everything."""
    found = project({RELEASE: entry("\n  contents: write\n  packages: read")})

    project.apply(found.jobs[0].id_token.remedy)

    written = (project.root / RELEASE).read_text()
    assert (
        "    permissions:\n      contents: write\n      packages: read\n      id-token: write\n    runs-on" in written
    )


def test_the_remedy_leaves_the_rest_of_the_file_alone(project) -> None:
    """Comments and odd spacing are the maintainer's."""
    found = project({RELEASE: entry("", "\n      contents: read   # for checkout")})

    project.apply(found.jobs[0].id_token.remedy)

    assert (project.root / RELEASE).read_text() == entry(
        "", "\n      contents: read   # for checkout\n      id-token: write"
    )


def test_the_remedy_of_a_job_in_braces_stays_in_braces(project) -> None:
    """A block inside braces is no YAML."""
    text = "on: push\njobs:\n  publish: {runs-on: ubuntu-latest, steps: [{run: npm publish}]}\n"
    found = project({RELEASE: text})

    after = project.apply(found.jobs[0].id_token.remedy)

    assert (token(after)[0], after.unreadable) == (True, ())


def test_the_remedy_at_a_caller_grants_through_it(project) -> None:
    """The line to change is in the caller's file."""
    found = project(
        {
            ".github/workflows/a.yml": caller("b", job="{contents: read}"),
            ".github/workflows/b.yml": entry(job="{id-token: write}", on="workflow_call"),
        }
    )

    after = project.apply(found.jobs[0].id_token.remedy)

    assert token(after)[0] is True
