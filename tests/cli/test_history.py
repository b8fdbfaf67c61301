"""`history` on the command line, against a registry on this machine."""

from __future__ import annotations

import json
import socket
import time

import pytest
from fake_registry import FakeRegistry
from mint import Fault, github

from preflight.cli.main import main
from preflight.errors import Exit

NAME = "@acme/widgets"


@pytest.fixture(scope="module")
def packages(world):
    """Return three versions: without provenance, with it, and without it again."""
    from datetime import timedelta

    first = world.package(NAME, "0.9.0", provenance=False, publish=False)
    second = world.package(NAME, "1.0.0")
    third = world.package(NAME, "1.1.0", provenance=False, publish=False)
    for number, each in enumerate((first, second, third)):
        each.time += timedelta(days=number)
    return first, second, third


@pytest.fixture
def fake(world, packages):
    """Return a registry with them."""
    with FakeRegistry(world) as running:
        running.publish(*packages)
        yield running


@pytest.fixture
def run(fake, tmp_path, monkeypatch, capsys, world, trusted_root):
    """Return a function that runs `history`, and what it printed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps(world.npm_keys()))
    trust = (f"--trusted-root={trusted_root}", f"--npm-keys={keys}")

    def start(*words, trusting=trust):
        code = main(["history", *words, f"--registry={fake.base}", *trusting, "--color=never"])
        said = capsys.readouterr()
        return code, said.out, said.err

    return start


def test_a_downgrade_is_found(run):
    """Before strangers find it."""
    code, out, _ = run(NAME)

    assert (code, "1.1.0   " in out, "lost" in out, "1 downgrade" in out) == (Exit.FINDINGS, True, True, True)


def test_one_packument_tells_it_all(run, fake):
    """The registry's patience is a budget."""
    run(NAME)

    assert fake.requests == [("packument", NAME)]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--fail-on=none",), Exit.PASSED),
        (("--fail-on", "drift"), Exit.FINDINGS),
        (("--exit-zero",), Exit.PASSED),
        (("--since=2999-01-01",), Exit.PASSED),
    ],
)
def test_what_counts_is_chosen(run, words, code):
    """A scheduled job decides what wakes somebody up."""
    assert run(NAME, *words)[0] == code


def test_a_severity_in_the_environment_is_not_meant(run, monkeypatch):
    """`PREFLIGHT_FAIL_ON=warning` is for `check`."""
    monkeypatch.setenv("PREFLIGHT_FAIL_ON", "warning")

    assert run(NAME)[0] == Exit.FINDINGS


def test_signatures_are_checked_on_request(run):
    """What the registry says is signed by nobody."""
    code, out, _ = run(NAME, "--verify", "--format=json", "--fail-on=none")

    document = json.loads(out)
    assert (
        code,
        document["verified"],
        [(each["version"], each["signature"]) for each in document["versions"]],
        document["versions"][1]["identity"]["sourceRepository"],
    ) == (Exit.PASSED, True, [("1.1.0", None), ("1.0.0", "valid"), ("0.9.0", None)], "https://github.com/acme/widgets")


def test_what_was_fetched_once_is_kept(run, fake):
    """Attestations never change."""
    first = run(NAME, "--verify", "--format=jsonl")[1]
    asked = fake.count("attestations")

    second = run(NAME, "--verify", "--format=jsonl")[1]

    assert (asked, fake.count("attestations"), first == second) == (1, 1, True)


@pytest.mark.parametrize("spoilt", [b"{", b"[]", b'{"attestations": 3}'])
def test_a_spoilt_cache_is_no_proof(run, tmp_path, spoilt):
    """Whoever can write into it must not be able to vouch for a version."""
    run(NAME, "--verify")
    (kept,) = (tmp_path / "cache" / "preflight" / "attestations").iterdir()
    kept.write_bytes(spoilt)

    (line,) = [
        each for each in map(json.loads, run(NAME, "--verify", "--format=jsonl")[1].splitlines()) if each["signature"]
    ]

    assert line["signature"] != "valid"


def test_provenance_that_does_not_hold_fails(run, fake, world):
    """A forged attestation is worse than none."""
    forged = world.package(NAME, "1.2.0", claims=github("mallory/widgets"), fault=Fault.PAYLOAD_CHANGED)
    fake.publish(forged)

    code, out, _ = run(NAME, "--verify", "--since=2999-01-01")
    everything = run(NAME, "--verify")

    assert (code, everything[0], "1.2.0: its provenance does not hold" in " ".join(everything[1].split())) == (
        Exit.PASSED,
        Exit.FINDINGS,
        True,
    ), out


def test_named_and_not_served_is_inconclusive(run, fake):
    """Could not know is neither yes nor no."""
    fake.script("attestations", 404)

    assert run(NAME, "--verify", "--fail-on=none")[0] == Exit.INCONCLUSIVE


def test_one_version_a_line(run):
    """`jq` reads it."""
    lines = run(NAME, "--format", "jsonl")[1].splitlines()

    assert [json.loads(line)["trustLevel"] for line in lines] == ["none", "trusted-publisher", "none"]


def test_a_second_report_in_a_file(run, tmp_path):
    """As with every command."""
    _, out, _ = run(NAME, "-o", f"json={tmp_path / 'h.json'}")

    assert (json.loads((tmp_path / "h.json").read_text())["package"], out.startswith(NAME)) == (NAME, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("@acme/unheard",), "has no package `@acme/unheard`"),
        (("@acme/widgets@1.0.0",), "say @acme/widgets"),
        (("",), "is empty"),
        ((NAME, "--since=soon"), "is no day"),
        ((NAME, "--fail-on=downgrad"), "did you mean `downgrade`"),
        ((NAME, "--fail-on="), "is empty"),
        ((NAME, "--format=sarif"), "full, json and jsonl"),
        ((NAME, "--token-variable=NOWHERE"), "holds no token"),
        ((), "Missing argument"),
    ],
)
def test_what_cannot_be_followed_is_said(run, words, said):
    """With the next thing to do, and exit 2."""
    code, _, err = run(*words)

    assert (code, said in err) == (Exit.USAGE, True), err


@pytest.mark.parametrize("option", ["--trusted-root", "--npm-keys"])
def test_a_file_that_is_not_there(run, option):
    """Nobody else's trust is taken instead."""
    code, _, err = run(NAME, "--verify", trusting=(f"{option}=nowhere.json",))

    assert (code, "`nowhere.json` does not exist" in err or "nowhere.json` does not exist" in err) == (Exit.USAGE, True)


def test_a_registry_that_is_not_there_is_inconclusive(capsys):
    """No network: a sentence and 3, and nobody waits."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    start = time.monotonic()

    code = main(["history", NAME, f"--registry=http://127.0.0.1:{port}/"])

    assert (code, "cannot be told" in capsys.readouterr().err, time.monotonic() - start < 2) == (
        Exit.INCONCLUSIVE,
        True,
        True,
    )
