"""Runner labels."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preflight.facts.ci import Hosting
from preflight.facts.fact import Known, Unknown
from preflight.readers.hosting import retired, runner
from preflight.readers.images import machines


@pytest.mark.parametrize("label", sorted(machines().hosted))
def test_every_standard_label_is_hosted(label: str) -> None:
    """Npm accepts provenance from GitHub's own machines only."""
    found = runner((label,), None, None)

    assert isinstance(found, Known)
    assert found.value.hosting is Hosting.HOSTED


@pytest.mark.parametrize(
    ("labels", "whose"),
    [
        pytest.param(("self-hosted",), None, id="self-hosted"),
        pytest.param(("Linux", "Self-Hosted", "x64"), None, id="anywhere in the list, in any case"),
        pytest.param(("blacksmith-4vcpu-ubuntu-2404",), "Blacksmith", id="Blacksmith"),
        pytest.param(("depot-ubuntu-24.04",), "Depot", id="Depot"),
        pytest.param(("buildjet-2vcpu-ubuntu-2204",), "BuildJet", id="BuildJet"),
        pytest.param(("nscloud-ubuntu-22.04-amd64-4x16",), "Namespace", id="Namespace"),
        pytest.param(("namespace-profile-default",), "Namespace", id="a Namespace profile"),
        pytest.param(("runs-on=${{ github.run_id }}/runner=2cpu",), "RunsOn", id="RunsOn with an expression"),
        pytest.param(("runs-on", "runner=2cpu"), "RunsOn", id="RunsOn as a list"),
        pytest.param(("WARP-ubuntu-latest-x64-4x",), "WarpBuild", id="Warp in capitals"),
        pytest.param(("ubicloud",), "Ubicloud", id="Ubicloud"),
        pytest.param(("ubicloud-standard-2",), "Ubicloud", id="a size of Ubicloud"),
        pytest.param(("cirun-aws-runner--1",), "Cirun", id="Cirun"),
        pytest.param(("codebuild-acme-${{ github.run_id }}",), "AWS CodeBuild", id="CodeBuild"),
    ],
)
def test_a_machine_that_registers_itself_is_self_hosted(labels: tuple[str, ...], whose: str | None) -> None:
    """The registry refuses provenance from these, after the tag."""
    found = runner(labels, None, None)

    assert isinstance(found, Known)
    assert (found.value.hosting, found.value.whose, found.value.labels) == (Hosting.SELF_HOSTED, whose, labels)


@pytest.mark.parametrize(
    ("labels", "group", "why"),
    [
        pytest.param(
            ("big-runner",),
            None,
            "`big-runner` may be a larger GitHub-hosted runner or your own machine",
            id="a name of the organisation's",
        ),
        pytest.param(
            ("ubuntu-latest", "gpu"),
            None,
            "`gpu` may be a larger GitHub-hosted runner or your own machine",
            id="a standard label beside another",
        ),
        pytest.param(
            ("ubuntu-latest",),
            "release",
            "the group `release` may hold larger GitHub-hosted runners or your own machines",
            id="a group",
        ),
        pytest.param(
            ("${{ inputs.os }}",), None, "the files do not tell what `${{ inputs.os }}` is", id="an expression"
        ),
        pytest.param((), None, "`runs-on` names no machine", id="no label"),
        pytest.param(("",), None, "`runs-on` names no machine", id="an empty label"),
    ],
)
def test_other_labels_are_unknown_not_bad(labels: tuple[str, ...], group: str | None, why: str) -> None:
    """Larger runners are GitHub's own and are named by the organisation."""
    found = runner(labels, group, None)

    assert found == Unknown(why, None)


def test_a_self_hosted_label_counts_within_a_group() -> None:
    """A group does not make your own machine GitHub's."""
    found = runner(("self-hosted",), "release", None)

    assert isinstance(found, Known)
    assert found.value.hosting is Hosting.SELF_HOSTED


@pytest.mark.parametrize(
    ("label", "since"),
    [
        pytest.param("ubuntu-20.04", "2025-04", id="ubuntu-20.04"),
        pytest.param("Windows-2019", "2025-06", id="capitals"),
        pytest.param("macos-13-xlarge", "2025-12", id="a large machine"),
        pytest.param("ubuntu-18.04", None, id="no certain date"),
    ],
)
def test_a_withdrawn_label_is_known(label: str, since: str | None) -> None:
    """The job never starts, and nothing says so before the tag."""
    found = retired(label)

    assert found is not None
    assert found.since == since


def test_a_withdrawn_label_was_hosted() -> None:
    """It is one rule's business that the job never starts, not another's that the machine is foreign."""
    found = runner(("ubuntu-20.04",), None, None)

    assert isinstance(found, Known)
    assert found.value.hosting is Hosting.HOSTED


def test_a_living_label_is_not_withdrawn() -> None:
    """A false alarm here would be absurd."""
    found = retired("ubuntu-latest")

    assert found is None


def test_what_replaces_a_withdrawn_label_lives() -> None:
    """The advice must not age into another dead label."""
    found = machines()

    assert {entry.instead for entry in found.retired.values()} <= found.hosted.keys()


@given(st.lists(st.text()).map(tuple), st.none() | st.text())
def test_no_labels_make_the_reader_raise(labels: tuple[str, ...], group: str | None) -> None:
    """Labels come out of other people's files."""
    found = runner(labels, group, None)

    assert isinstance(found, Known | Unknown)


@pytest.mark.parametrize(
    ("label", "fate"),
    [
        pytest.param("ubuntu-20.04", "GitHub withdrew it in April 2025; `ubuntu-24.04` takes its place", id="a date"),
        pytest.param("Windows-2016", "GitHub withdrew it; `windows-2025` takes its place", id="no date"),
        pytest.param("ubuntu-24.04", None, id="still there"),
    ],
)
def test_a_withdrawn_label_tells_what_became_of_it(label: str, fate: str | None) -> None:
    """Such a job waits for a day and is cancelled, after the tag is public."""
    found = runner((label,), None, None)

    assert isinstance(found, Known)
    assert found.value.retired == fate
