"""The reports of `history`."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from preflight.errors import Exit
from preflight.facts.fact import Known, Unknown
from preflight.facts.online import Level
from preflight.facts.release import Code, Identity, Sound, Statement, Unchecked, Unsound
from preflight.facts.versions import Published, Versions
from preflight.readers.versions import compared
from preflight.records import replace
from preflight.report import document
from preflight.report.chronicle import Change, Chronicle, Signature, signature
from preflight.report.document import dump
from preflight.report.history_document import history_document, history_lines
from preflight.report.history_text import history_text
from preflight.report.proof import Trusted
from preflight.report.screen import Screen

SCHEMA = Path(document.__file__).parents[1] / "data" / "schemas" / "history.json"
REPOSITORY = "https://github.com/acme/widgets"
NONE, PROVENANCE, TRUSTED = Level.NONE, Level.PROVENANCE, Level.TRUSTED_PUBLISHER


def _version(version, day, level=NONE, **fields):
    return Published(version, f"{day}T05:12:44.000Z", level=level, user=fields.pop("user", "alice"), **fields)


def _identity(workflow, commit):
    path = f"{REPOSITORY}/.github/workflows/{workflow}@refs/tags/v1"
    return Identity(source_repository=REPOSITORY, source_commit=commit * 40, workflow=path, signer=path)


def _sound(identity):
    return Known(Sound(Statement("https://slsa.dev/provenance/v1", ()), identity, 0))


@pytest.fixture
def run():
    """Return a package that gained, drifted and lost."""
    gained = _version("2.3.0", "2026-05-11", PROVENANCE)
    published = (
        *(_version(f"1.{number}.0", f"2020-{number // 28 + 1:02}-{number % 28 + 1:02}") for number in range(41)),
        _version("2.2.0", "2025-12-01", repository=REPOSITORY),
        gained,
        _version("2.3.1", "2026-08-30", TRUSTED, publisher="github", user="GitHub Actions"),
        _version("2.3.2", "2026-09-02", user="mallory"),
        _version("2.4.0", "2026-11-21", TRUSTED, publisher="github", user="GitHub Actions"),
    )
    versions = Versions("@acme/core", compared(published), latest="2.4.0")
    return Chronicle(versions=versions, registry="registry.example", fail_on=Change.DOWNGRADE, version="1.2.3")


@pytest.fixture
def checked(run):
    """Return the same with every signature checked: one does not hold, and two cannot be checked."""
    proofs = {
        "2.3.0": _sound(_identity("publish.yml", "7")),
        "2.3.1": Known(Unsound(Code.BAD_SIGNATURE, "the signature does not fit the payload")),
        "2.4.0": _sound(_identity("release.yml", "9")),
        "2.2.0": Known(Unchecked(Code.UNKNOWN_FORMAT, "its form is new")),
        "1.0.0": Unknown("the registry does not answer"),
    }
    published = [
        replace(
            each,
            proof=(proof := proofs.get(each.version)),
            identity=proof.value.identity if isinstance(proof, Known) and isinstance(proof.value, Sound) else None,
        )
        for each in run.versions.published
    ]
    versions = replace(run.versions, published=compared(published), verified=True)
    return replace(run, versions=versions, trusted=Trusted("that came with preflight", "2026-08-01", "of 2026-08-01"))


def _text(run, screen=None):
    return "".join(f"{line}\n" for line in history_text(run, screen or Screen()))


@pytest.mark.parametrize(
    ("name", "screen"),
    [("piped", Screen()), ("60", Screen(60)), ("120", Screen(120)), ("ascii", Screen(60, signs=False))],
)
def test_a_line_for_each_version(run, golden, name, screen):
    """The newest first, with what changed."""
    assert golden(f"history-{name}.txt", _text(run, screen))


@pytest.mark.parametrize("width", [60, 120])
def test_the_signatures_of_each_version(checked, golden, width):
    """What is proven stands beside what is only said."""
    assert golden(f"history-verify-{width}.txt", _text(checked, Screen(width)))


def test_colour_is_colour_alone(checked):
    """Nothing is said by colour only."""
    import re

    assert re.sub(r"\x1b\[[0-9;]*m", "", _text(checked, Screen(80, colour=True))) == _text(checked, Screen(80))


@pytest.mark.parametrize("width", [60, 80])
def test_no_line_is_wider_than_the_terminal(run, checked, width):
    """A table whose lines wrap is no table."""
    lines = (_text(run, Screen(width)) + _text(checked, Screen(width))).splitlines()

    assert [line for line in lines if len(line) > width and "npm deprecate" not in line] == []


def test_old_versions_without_a_change_are_counted(run):
    """A package of a thousand versions must fit on a screen."""
    assert (
        "16 versions without a change (--all)" in _text(run),
        "(--all)" in _text(replace(run, every=True)),
    ) == (True, False)


def test_an_old_change_is_shown(run):
    """That is what one looks for."""
    old = replace(_version("0.1.0", "2019-01-01", TRUSTED), first=True)
    older = replace(run, versions=replace(run.versions, published=(*run.versions.published, old)))

    assert "0.1.0" in _text(older)


def test_since_a_day(run):
    """What is past cannot be helped."""
    late = replace(run, since="2026-09-03")

    assert ([each.version for each in late.due], late.code, "since 2026-09-03" in _text(late)) == (
        ["2.4.0"],
        Exit.PASSED,
        True,
    )


def test_quiet_is_what_is_wrong(run):
    """A hook prints what is wrong, and nothing else."""
    assert _text(replace(run, quiet=1)).startswith("  2.3.2: publisher mallory")


def test_many_of_each_are_counted(run):
    """A list without an end says nothing."""
    published = tuple(
        replace(each, proof=Unknown("it is dark"), lost=run.downgrades[0].lost, drift=run.drifts[0].drift)
        for each in run.versions.published
    )
    text = _text(replace(run, versions=replace(run.versions, published=published)))

    assert [word in text for word in ("41 more that cannot", "41 more versions with a drift", "41 more down")] == [
        True,
        True,
        True,
    ]


def test_a_package_without_versions(run):
    """Nobody published anything, or took everything back."""
    empty = replace(run, versions=Versions("@acme/core", (), latest=None))

    assert (empty.code, "@acme/core 0 versions" in _text(empty)) == (Exit.PASSED, True)


def test_nothing_foreign_reaches_the_terminal(run):
    """Names of users and versions are text that a stranger wrote."""
    evil = _version("1.0.0-\x1b[31m\u202e" + "x" * 40, "2026-01-0\x07", user="\x1b[2Jeve")
    found = replace(run, versions=replace(run.versions, published=compared([*run.versions.published, evil])))

    assert not {"\x1b", "\u202e", "\x07"} & {*_text(found), *"".join(history_lines(found))}


@pytest.mark.parametrize(
    ("fail_on", "code"),
    [(Change.DOWNGRADE, Exit.FINDINGS), (Change.DRIFT, Exit.FINDINGS), (Change.NONE, Exit.PASSED)],
)
def test_a_downgrade_fails(run, fail_on, code):
    """A scheduled job notices what strangers would."""
    assert replace(run, fail_on=fail_on).code is code


@pytest.mark.parametrize(
    ("fail_on", "code"),
    [(Change.DOWNGRADE, Exit.PASSED), (Change.DRIFT, Exit.FINDINGS), (Change.NONE, Exit.PASSED)],
)
def test_a_drift_fails_where_it_is_asked_for(run, fail_on, code):
    """Another maintainer is no downgrade."""
    published = compared([_version("1.0.0", "2026-01-01"), _version("1.1.0", "2026-01-02", user="bob")])

    found = replace(run, versions=replace(run.versions, published=published), fail_on=fail_on)

    assert found.code is code


def test_what_cannot_be_checked_is_inconclusive(run):
    """Could not know is neither yes nor no."""
    published = (replace(_version("1.0.0", "2026-01-01", PROVENANCE), proof=Unknown("it is dark")),)

    assert replace(run, versions=replace(run.versions, published=published)).code is Exit.INCONCLUSIVE


def test_provenance_that_does_not_hold_fails(checked):
    """A forged attestation is worse than none."""
    sound = replace(checked, since="2026-08-30")
    one = replace(sound, versions=replace(sound.versions, published=sound.invalid))

    assert (one.code, signature(one.due[0])) == (Exit.FINDINGS, Signature.INVALID)


def test_the_document_is_as_it_was_agreed(checked, golden):
    """Programs depend on every name in it."""
    few = replace(checked, since="2025-12-01")

    assert golden("history.json", dump(history_document(few)) + "\n")


@pytest.mark.parametrize("which", ["run", "checked"])
def test_the_document_follows_its_schema(request, which):
    """The schema is a promise."""
    found = json.loads(dump(history_document(request.getfixturevalue(which))))

    jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text("utf-8"))).validate(found)


def test_one_version_a_line(run):
    """`jq` and `wc -l` read it."""
    lines = [json.loads(line) for line in history_lines(run)]

    assert (len(lines), [each["version"] for each in lines if each["downgrade"]]) == (46, ["2.3.2"])
