"""The machine of a publish job: labels, lists, groups, expressions and matrices."""

from __future__ import annotations

import pytest

from preflight.facts.fact import Known, Unknown

DISPATCH = "on:\n  workflow_dispatch:\n    inputs:\n      where: {type: string}"


def machines(project) -> list[str]:
    """Return `hosted`, `self-hosted` or `unknown` for each answer."""
    (job,) = project.jobs
    return ["unknown" if isinstance(each, Unknown) else each.value.hosting.value for each in job.runners]


def labels(project) -> list[tuple[str, ...]]:
    """Return the labels of each answer that is known."""
    return [each.value.labels for each in project.jobs[0].runners if isinstance(each, Known)]


@pytest.mark.parametrize(
    ("runs_on", "found"),
    [
        pytest.param("ubuntu-latest", "hosted", id="string"),
        pytest.param("[ubuntu-latest]", "hosted", id="list"),
        pytest.param("Ubuntu-Latest", "hosted", id="case"),
        pytest.param("ubuntu-20.04", "hosted", id="withdrawn, which is another matter"),
        pytest.param("macos-15-xlarge", "hosted", id="larger macOS"),
        pytest.param("self-hosted", "self-hosted", id="self-hosted"),
        pytest.param("[self-hosted, linux, x64]", "self-hosted", id="list with self-hosted"),
        pytest.param("[self-hosted, '${{ inputs.where }}']", "self-hosted", id="list with an unknown beside it"),
        pytest.param("\n      - self-hosted\n      - linux", "self-hosted", id="list in lines"),
        pytest.param("blacksmith-4vcpu-ubuntu-2404", "self-hosted", id="Blacksmith"),
        pytest.param("depot-ubuntu-24.04", "self-hosted", id="Depot"),
        pytest.param("buildjet-4vcpu-ubuntu-2204", "self-hosted", id="BuildJet"),
        pytest.param("nscloud-ubuntu-22.04-amd64-4x16", "self-hosted", id="Namespace"),
        pytest.param("namespace-profile-x", "self-hosted", id="Namespace profile"),
        pytest.param("warp-ubuntu-latest-x64-4x", "self-hosted", id="Warp"),
        pytest.param("ubicloud-standard-2", "self-hosted", id="Ubicloud"),
        pytest.param("codebuild-x", "self-hosted", id="CodeBuild"),
        pytest.param("runs-on=123/runner=2cpu", "self-hosted", id="RunsOn"),
        pytest.param("{group: ours}", "unknown", id="group"),
        pytest.param("{group: ours, labels: ubuntu-latest}", "unknown", id="group with a label"),
        pytest.param("{labels: ubuntu-latest}", "hosted", id="labels without a group"),
        pytest.param("{group: ours, labels: [self-hosted]}", "self-hosted", id="group with self-hosted"),
        pytest.param("{labels: [self-hosted, linux]}", "self-hosted", id="labels in a list"),
        pytest.param("our-big-machine", "unknown", id="a name of their own"),
        pytest.param("${{ inputs.where }}", "unknown", id="chosen at run time"),
        pytest.param("['${{ inputs.where }}']", "unknown", id="chosen at run time, in a list"),
        pytest.param('${{ fromJSON(\'["self-hosted", "linux"]\') }}', "self-hosted", id="fromJSON"),
        pytest.param("${{ fromJSON('5') }}", "unknown", id="a number"),
        pytest.param("[]", "unknown", id="empty list"),
        pytest.param("{}", "unknown", id="empty mapping"),
    ],
)
def test_runs_on_tells_whose_machine_it_is(project, runs_on: str, found: str) -> None:
    """The registry refuses provenance from any but GitHub's own."""
    seen = project.run("npm publish", job=f"runs-on: {runs_on}", top=DISPATCH)

    assert machines(seen) == [found]


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        pytest.param("strategy: {matrix: {os: [ubuntu-latest, self-hosted]}}", ["hosted", "self-hosted"], id="values"),
        pytest.param(
            "strategy: {matrix: {os: [ubuntu-latest, self-hosted], exclude: [{os: self-hosted}]}}",
            ["hosted"],
            id="exclude",
        ),
        pytest.param(
            "strategy: {matrix: {os: [ubuntu-latest], include: [{os: depot-x}]}}",
            ["hosted", "self-hosted"],
            id="include",
        ),
        pytest.param("strategy: {matrix: {include: [{os: self-hosted}]}}", ["self-hosted"], id="include alone"),
        pytest.param("strategy: {matrix: {os: '${{ fromJSON(inputs.where) }}'}}", ["unknown"], id="computed axis"),
        pytest.param("strategy: {matrix: '${{ fromJSON(inputs.where) }}'}", ["unknown"], id="computed matrix"),
        pytest.param("strategy: {matrix: {os: [[self-hosted, linux]]}}", ["self-hosted"], id="a list as value"),
    ],
)
def test_a_matrix_is_judged_per_value(project, keys: str, expected: list[str]) -> None:
    """One value of many may be the one that fails."""
    seen = project.run("npm publish", job=f"runs-on: ${{{{ matrix.os }}}}\n{keys}", top=DISPATCH)

    assert machines(seen) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        pytest.param("github.repository == 'acme/widgets' && 'ubuntu-latest' || 'self-hosted'", ["hosted"], id="known"),
        pytest.param(
            "github.repository == 'acme/other' && 'ubuntu-latest' || 'self-hosted'", ["self-hosted"], id="other"
        ),
        pytest.param("inputs.where && 'self-hosted' || 'ubuntu-latest'", ["hosted", "self-hosted"], id="either"),
        pytest.param("inputs.where || 'ubuntu-latest'", ["hosted", "unknown"], id="a default"),
    ],
)
def test_an_expression_gives_every_answer_that_it_may(project, expression: str, expected: list[str]) -> None:
    """`a && b || c` is how a choice is written."""
    seen = project.run("npm publish", job=f"runs-on: ${{{{ {expression} }}}}", top=DISPATCH)

    assert sorted(machines(seen)) == expected


def test_a_called_job_gets_its_runner_from_the_caller(project) -> None:
    """An input is resolved through the chain."""
    called = (
        "on: {workflow_call: {inputs: {runner: {type: string}}}}\njobs:\n  publish:\n"
        "    runs-on: ${{ inputs.runner }}\n    steps:\n      - run: npm publish\n"
    )
    caller = "on: push\njobs:\n  x: {uses: ./.github/workflows/b.yml, with: {runner: self-hosted}}\n"

    seen = project({".github/workflows/a.yml": caller, ".github/workflows/b.yml": called})

    assert labels(seen) == [("self-hosted",)]


@pytest.mark.parametrize(
    "runs_on",
    [
        pytest.param("self-hosted", id="string"),
        pytest.param("[self-hosted, linux]", id="list"),
        pytest.param("\n      - self-hosted\n      - linux", id="list in lines"),
        pytest.param("\n      group: ours\n      labels: [self-hosted]", id="mapping in lines"),
        pytest.param("{labels: self-hosted}", id="mapping"),
        pytest.param("${{ github.actor && 'self-hosted' }}", id="expression"),
    ],
)
def test_the_remedy_moves_the_job_to_a_hosted_machine(project, runs_on: str) -> None:
    """Whatever the form, one label takes its place."""
    seen = project.run("npm publish", job=f"runs-on: {runs_on}\ntimeout-minutes: 5")
    remedy = next(each.remedy for each in seen.jobs[0].runners if isinstance(each, Known) and each.remedy)

    after = project.apply(remedy)

    assert (labels(after), after.unreadable) == ([("ubuntu-latest",)], ())


def test_a_job_without_a_runner_has_none(project) -> None:
    """GitHub refuses it; there is no machine to judge."""
    seen = project.run("npm publish", job="timeout-minutes: 5")

    assert seen.jobs[0].runners == ()


@pytest.mark.parametrize(
    "runs_on",
    [
        pytest.param("runs-on=${{ github.run_id }}/runner=2cpu-linux-x64", id="one label"),
        pytest.param("[runs-on, 'run-id=${{ github.run_id }}', runner=2cpu-linux-x64]", id="several labels"),
        pytest.param("['blacksmith-${{ inputs.cpus }}vcpu-ubuntu-2404']", id="a part of a label"),
    ],
)
def test_a_third_party_is_known_by_how_a_label_starts(project, runs_on: str) -> None:
    """The rest of such a label is the number of the run or the size of the machine."""
    found = project.run("npm publish", job=f"runs-on: {runs_on}")

    assert machines(found) == ["self-hosted"]


def test_only_machines_that_publish_count(project) -> None:
    """A matrix that tests everywhere and publishes from one machine is common; npm sees that one machine."""
    found = project.steps(
        "- run: npm publish\n  if: matrix.os == 'ubuntu-latest'",
        job="""
        strategy: {matrix: {os: [ubuntu-latest, self-hosted]}}
        runs-on: ${{ matrix.os }}
        """,
    )

    assert labels(found) == [("ubuntu-latest",)]


def test_each_machine_brings_its_own_npm(project) -> None:
    """A `runs-on` that may be one of two machines is judged for both."""
    found = project.run(
        "npm publish",
        top="on: {workflow_dispatch: {inputs: {new: {type: boolean}}}}",
        job="runs-on: ${{ inputs.new && 'ubuntu-26.04' || 'ubuntu-22.04' }}",
    )

    assert sorted(npm.value.version.major for job in found.jobs for site in job.sites for npm in site.npm) == [10, 11]
