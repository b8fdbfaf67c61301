"""`verify` on the command line, against a registry on this machine."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import pytest
from fake_registry import FakeRegistry, Shown
from mint import Fault, github
from mint_logs import NpmSigner

from preflight.cli import config
from preflight.cli.main import main
from preflight.errors import Exit

TOP = Path(__file__).parents[2]
START = f"import sys; sys.path[0] = {str(TOP)!r}; from preflight.cli.main import main; sys.exit(main())"
NAME = "@acme/widgets"
ONE = f"{NAME}@1.0.0"
NOWHERE = "http://127.0.0.1:1"
"""A proxy that leads nowhere, so that nobody on the network is asked."""


@pytest.fixture(scope="module")
def package(world):
    """Return a version with both attestations."""
    return world.package(NAME, "1.0.0")


@pytest.fixture(scope="module")
def fresh(world):
    """Return a version that was published a moment ago."""
    return world.package(NAME, "1.1.0", at=datetime.now(UTC).replace(microsecond=0))


@pytest.fixture
def fake(world, package):
    """Return a registry with the first."""
    with FakeRegistry(world) as running:
        running.publish(package)
        yield running


@pytest.fixture
def trust(tmp_path, world, trusted_root):
    """Return the options that name whom to trust."""
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps(world.npm_keys()))
    return f"--trusted-root={trusted_root}", f"--npm-keys={keys}"


@pytest.fixture
def run(fake, tmp_path, monkeypatch, capsys, trust):
    """Return a function that runs `verify` in an empty folder, and what it printed."""
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def start(*words, registry=f"--registry={fake.base}"):
        code = main(["verify", *words, *filter(None, [registry]), *trust, "--color=never"])
        said = capsys.readouterr()
        return code, said.out, said.err

    return start


@pytest.fixture
def checkout(tmp_path):
    """Lay a project that publishes in the folder."""
    shutil.copytree(TOP / "examples" / "project", tmp_path / "here", dirs_exist_ok=True)
    return tmp_path / "here"


def _document(out):
    document = json.loads(out)
    jsonschema.Draft202012Validator(json.loads(config.schema("verify"))).validate(document)
    return document


# -- verdicts -------------------------------------------------------------------------------------


def test_a_release_is_verified(run):
    """One command after the publish."""
    code, out, err = run(ONE, "--repo=acme/widgets")

    assert (code, "Verified. @acme/widgets@1.0.0 was built from acme/widgets@" in out) == (Exit.PASSED, True), out + err


def test_the_latest_is_meant_without_a_version(run):
    """That is what one looks at."""
    assert "@acme/widgets@1.0.0" in run(NAME)[1]


def test_another_repository_is_not_verified(run):
    """`npm audit signatures` would accept it."""
    code, out, _ = run(ONE, "--repo", "acme/widget")

    assert (code, "✘ repository" in out, "✔ transparency log" in out, "Not verified." in out) == (
        Exit.FINDINGS,
        True,
        True,
        True,
    )


@pytest.mark.parametrize(
    "words",
    [
        ("--commit", "0" * 40),
        ("--ref", "refs/tags/v1.0.1"),
        ("--workflow", "other.yml"),
        ("--repo=acme/widgets", "--signer=other.yml"),
        ("--repo", "https://gitlab.com/acme/widgets"),
    ],
)
def test_each_expectation_counts(run, words):
    """Whoever names it means it."""
    assert run(ONE, *words)[0] != Exit.PASSED


def test_forged_provenance_is_not_verified(run, fake, world):
    """With the reason code, for scripts."""
    fake.publish(world.package(NAME, "1.2.0", claims=github(), fault=Fault.PAYLOAD_CHANGED))

    code, out, _ = run(f"{NAME}@1.2.0", "--format=json")

    codes = {each["code"] for result in _document(out)["results"] for each in result["findings"]}
    assert (code, bool(codes - {None})) == (Exit.FINDINGS, True)


def test_a_format_that_cannot_be_checked_is_inconclusive(run, fake, world):
    """New is not forged."""
    fake.publish(world.package(NAME, "1.2.0", fault=Fault.UNKNOWN_FORM))

    assert run(f"{NAME}@1.2.0")[0] == Exit.INCONCLUSIVE


def test_an_old_version_without_provenance_fails(run, fake, world):
    """It will never have any."""
    fake.publish(world.package(NAME, "0.9.0", provenance=False, publish=False))

    code, out, _ = run(f"{NAME}@0.9.0")

    assert (code, "missing-attestation" in out) == (Exit.FINDINGS, True)


def test_a_version_that_nobody_published_fails(run):
    """Without `--wait` nobody expects it to come."""
    code, out, _ = run(f"{NAME}@9.9.9")

    assert (code, "unpublished-version" in out) == (Exit.FINDINGS, True)


def test_what_was_published_a_moment_ago_may_still_come(run, fake, fresh):
    """The attestations come seconds to minutes later."""
    fake.publish(fresh, shown=Shown.NOT_ATTESTED_YET)

    code, out, _ = run(f"{NAME}@1.1.0")

    assert (code, "    preflight verify" in out, "--wait" in out) == (Exit.INCONCLUSIVE, True, True)


def test_several_packages_at_once(run, fake, world):
    """A release of a monorepo is one command; the worst decides."""
    for number in range(12):
        fake.publish(world.package(f"@acme/p{number}"))
    names = [f"@acme/p{number}@1.0.0" for number in range(12)]

    code, out, _ = run(*names, ONE, "--repo=acme/widgets")
    worse, _, _ = run(*names, f"{NAME}@9.9.9")

    assert (code, worse, "All 13 packages" in out, len(out.splitlines()) < 24) == (
        Exit.PASSED,
        Exit.FINDINGS,
        True,
        True,
    )


# -- the checkout ---------------------------------------------------------------------------------


def test_the_packages_of_the_checkout(run, fake, world, checkout):
    """After the tag, nobody types names."""
    said = json.loads((checkout / "package.json").read_text())
    fake.publish(world.package(said["name"], said["version"]))

    _, out, _ = run("--format=json")

    assert [(each["name"], each["version"]) for each in _document(out)["packages"]] == [(said["name"], said["version"])]


def test_an_ignore_of_the_configuration_counts(run, checkout):
    """With its reason; the link stays broken."""
    (checkout / "preflight.toml").write_text(
        '[[ignore]]\nrule = "foreign-repository"\nreason = "it moved"\npackage = "@acme/widgets"\n'
    )

    code, out, _ = run(ONE, "--repo=acme/other", "--show-ignored")
    strict, _, _ = run(ONE, "--repo=acme/other", "--no-ignores")

    assert (code, "it moved" in out, "✘ repository" in out, strict) == (Exit.PASSED, True, True, Exit.FINDINGS)


def test_a_selection_for_check_is_none_for_verify(run, checkout):
    """`select = ["core"]` must not verify with no rule at all."""
    (checkout / "preflight.toml").write_text('select = ["repository-mismatch"]\n')

    assert run(ONE, "--repo=acme/other")[0] == Exit.FINDINGS


@pytest.mark.parametrize(
    ("words", "code"),
    [(("--ignore=foreign-repository",), 0), (("--fail-on=never",), 0), (("--exit-zero",), 0), ((), 1)],
)
def test_what_fails_is_chosen(run, words, code):
    """As with `check`."""
    assert run(ONE, "--repo=acme/other", *words)[0] == code


# -- waiting --------------------------------------------------------------------------------------


def test_waiting_tells_each_change_of_state(run, fake, fresh):
    """In the log of a CI run."""
    fake.publish(fresh, shown=Shown.NOT_YET)
    steps = iter([Shown.NOT_ATTESTED_YET, Shown.COMPLETE, Shown.COMPLETE, Shown.COMPLETE])
    whole = fake.packument

    def later(name, *, full=True):
        found = whole(name, full=full)
        fake.show(fresh, next(steps, Shown.COMPLETE))
        return found

    fake.packument = later
    code, out, err = run(f"{NAME}@1.1.0", "--wait", "30s", "--repo=acme/widgets")

    lines = [line.split(": ", 1)[1] for line in err.splitlines() if NAME in line]
    assert (code, lines[0], lines[-1]) == (Exit.PASSED, "version not visible yet", "attestations visible"), out + err


@pytest.mark.parametrize("shown", [Shown.NOT_YET, Shown.NOT_ATTESTED_YET, Shown.PROVENANCE_ALONE])
def test_a_wait_that_ends_is_inconclusive(run, fake, fresh, shown):
    """With the state in words, and how to go on."""
    fake.publish(fresh, shown=shown)

    code, out, _ = run(f"{NAME}@1.1.0", "--wait", "1s")

    text = " ".join(out.split())
    assert (code, "waited for 1 s" in text, f"Come back with: preflight verify {NAME}@1.1.0" in text) == (
        Exit.INCONCLUSIVE,
        True,
        True,
    )


def _process(words, folder, **options):
    return subprocess.Popen(
        [sys.executable, "-c", START, *words, "--color=never"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "XDG_CACHE_HOME": str(folder / "cache")},
        **options,
    )


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_whoever_interrupts_a_wait_learns_how_to_go_on(fake, fresh, tmp_path, trust):
    """Ctrl-C after nine minutes must not lose the command."""
    fake.publish(fresh, shown=Shown.NOT_YET)
    words = ["verify", f"{NAME}@1.1.0", "--wait", "5m", "--repo", "acme/widgets", f"--registry={fake.base}", *trust]
    process = _process(words, tmp_path)
    end = time.monotonic() + 20
    while not fake.count("packument") and time.monotonic() < end:
        time.sleep(0.05)
    time.sleep(0.5)

    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)

    assert (process.returncode, "go on with: preflight verify" in err, "--wait 5m" in err, "Traceback" in err) == (
        Exit.INTERRUPTED,
        True,
        True,
        False,
    ), err


# -- without a network ----------------------------------------------------------------------------


def test_without_a_network_a_sentence_and_three(tmp_path):
    """On a train, nothing is verified and nothing is wrong; in under two seconds."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    start = time.monotonic()
    process = _process(["verify", ONE, f"--registry=http://127.0.0.1:{port}/"], tmp_path)

    out, err = process.communicate(timeout=20)

    taken_seconds = time.monotonic() - start
    assert (process.returncode, "cannot be reached" in out, "Inconclusive." in out) == (3, True, True), out + err
    assert taken_seconds < 4  # the machine may be busy; alone it takes 1.3 s


@pytest.fixture(params=["mute", "full", "tls", "unresolvable", "proxy"])
def nobody(request, monkeypatch):
    """Return the address of a registry from which no answer comes."""
    with socket.create_server(("127.0.0.1", 0), backlog=0 if request.param == "full" else 9) as taken:
        place, held = taken.getsockname(), []
        for _ in range(8 if request.param == "full" else 0):
            # What the queue does not hold is dropped, as a firewall does.
            held.append(socket.socket())
            held[-1].setblocking(False)
            held[-1].connect_ex(place)
        host = f"127.0.0.1:{place[1]}"
        monkeypatch.setenv("HTTPS_PROXY", f"http://{host}" if request.param == "proxy" else "")
        yield {
            "mute": f"http://{host}/",
            "full": f"http://{host}/",
            "tls": f"https://{host}/",
            "unresolvable": "https://registry.invalid/",
            "proxy": "https://registry.npmjs.org/",
        }[request.param]
        for each in held:
            each.close()


@pytest.mark.parametrize("name", [ONE, NAME])
def test_where_nothing_answers_nobody_is_made_to_wait(nobody, run, name):
    """Packets that are dropped look like a slow network; whoever has one says `--wait`."""
    start = time.monotonic()

    code, out, err = run(name, registry=f"--registry={nobody}")

    taken_seconds = time.monotonic() - start
    text = " ".join((out + err).split())
    assert (code, "not answer" in text or "cannot be reached" in text or "does not lead" in text) == (3, True), text
    assert taken_seconds < 5  # the machine may be busy; alone it takes 1.4 s


def test_offline_nobody_is_asked(run, fake, package, tmp_path):
    """An air gap is no reason not to look."""
    bundle, tarball = tmp_path / "a.json", tmp_path / "a.tgz"
    bundle.write_bytes(package.raw)
    tarball.write_bytes(package.tarball)

    code, out, err = run(
        f"--bundle={bundle}", f"--tarball={tarball}", "--offline", "--repo=acme/widgets", registry=None
    )

    assert (code, fake.requests, "Verified." in out) == (Exit.PASSED, [], True), out + err


def test_offline_another_tarball_is_not_verified(run, package, world, tmp_path):
    """The bytes are what counts."""
    bundle, tarball = tmp_path / "a.json", tmp_path / "a.tgz"
    bundle.write_bytes(package.raw)
    tarball.write_bytes(world.package(NAME, "1.0.0", files={"evil.js": b"1"}).tarball)

    assert run(ONE, f"--bundle={bundle}", f"--tarball={tarball}", "--offline", registry=None)[0] == Exit.FINDINGS


@pytest.mark.parametrize(
    ("words", "code"),
    [((), Exit.PASSED), ((NAME,), Exit.PASSED), (("@acme/other",), Exit.USAGE), ((f"{NAME}@2.0.0",), Exit.FINDINGS)],
)
def test_offline_the_tarball_says_what_it_is(run, package, tmp_path, words, code):
    """Only a version that is named is expected; another name is a mistake."""
    bundle, tarball = tmp_path / "a.json", tmp_path / "a.tgz"
    bundle.write_bytes(package.raw)
    tarball.write_bytes(package.tarball)

    assert run(*words, f"--bundle={bundle}", f"--tarball={tarball}", "--offline", registry=None)[0] == code


def test_offline_a_tarball_without_a_name_needs_one(run, package, tmp_path):
    """Whatever it is."""
    bundle, tarball = tmp_path / "a.json", tmp_path / "a.tgz"
    bundle.write_bytes(package.raw)
    tarball.write_bytes(b"no tarball")

    code, _, err = run(f"--bundle={bundle}", f"--tarball={tarball}", "--offline", registry=None)

    assert (code, "name it" in err) == (Exit.USAGE, True)


def test_offline_the_checkout_says_what_it_is(run, world, checkout, tmp_path):
    """The package of the folder is meant."""
    said = json.loads((checkout / "package.json").read_text())
    bundle = tmp_path / "a.json"
    bundle.write_bytes(world.package(said["name"], said["version"]).raw)

    _, out, _ = run(f"--bundle={bundle}", "--offline", "--format=json", registry=None)

    assert _document(out)["packages"][0]["name"] == said["name"]


# -- reports --------------------------------------------------------------------------------------


def test_the_document_follows_its_schema(run):
    """Programs depend on every name in it."""
    document = _document(run(ONE, "--format=json", "--repo=acme/widgets")[1])

    (one,) = document["packages"]
    assert (one["verdict"], one["state"], one["trustLevel"], document["trust"]["root"]) == (
        "verified",
        "complete",
        "trusted-publisher",
        "file",
    )


@pytest.mark.parametrize("width", [60, 100])
def test_no_line_is_wider_than_the_terminal(run, monkeypatch, width):
    """The chain is read on a phone, too."""
    from preflight.cli import verify
    from preflight.report.screen import Screen

    monkeypatch.setattr(verify, "screen", lambda *_: Screen(width))

    assert [line for line in run(ONE, "--repo=acme/widgets")[1].splitlines() if len(line) > width] == []


@pytest.mark.parametrize("format_", ["concise", "markdown", "github"])
def test_every_format_names_what_is_wrong(run, format_):
    """Whichever of them is read."""
    assert "foreign-repository" in run(ONE, "--repo=acme/other", f"--format={format_}")[1]


def test_in_github_actions_annotations_come_by_themselves(run, tmp_path, monkeypatch):
    """And a summary of the step."""
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))

    _, out, _ = run(ONE, "--repo=acme/other")

    assert ("::error title=foreign-repository::" in out, "| repository |" in (tmp_path / "summary.md").read_text()) == (
        True,
        True,
    )


def test_a_summary_out_of_reach_fails_nothing(run, tmp_path, monkeypatch):
    """In a container the file may not be there."""
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "no" / "summary.md"))

    code, _, err = run(ONE, "--repo=acme/widgets")

    assert (code, "no step summary" in err) == (Exit.PASSED, True)


def test_a_second_report_in_a_file(run, tmp_path):
    """As with every command."""
    run(ONE, "-o", f"json={tmp_path / 'proof.json'}")

    assert _document((tmp_path / "proof.json").read_text())["command"] == "verify"


def test_a_bug_in_a_rule_is_named(run, monkeypatch):
    """With the details on request, and 70."""
    from preflight.rulebook import Rule

    def broken(self, release):
        if self.name == "foreign-ref":
            raise KeyError(release.name)
        return iter(())

    monkeypatch.setattr(Rule, "check_release", broken)

    code, out, err = run(ONE, "-v", "--ref=refs/tags/v1.0.0")
    shown = [run(ONE, "--ref=refs/tags/v1.0.0", f"--format={each}")[1] for each in ("concise", "markdown", "github")]

    assert (code, "bug[foreign-ref]" in out, "Traceback" in err, ["foreign-ref" in each for each in shown]) == (
        Exit.BUG,
        True,
        True,
        [True, True, True],
    )


def test_a_package_without_a_latest_version(run, fake):
    """It must be named then."""
    fake.packument = lambda name, **_: {"name": name, "versions": {}}

    code, _, err = run("@acme/empty")

    assert (code, "has no latest version" in err) == (Exit.USAGE, True)


def test_the_latest_of_a_registry_that_refuses_is_not_known(run, fake):
    """Could not know is 3."""
    fake.script("packument", 403)

    code, _, err = run(NAME)

    assert (code, "403" in err) == (Exit.INCONCLUSIVE, True)


# -- what cannot be followed ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "name it: preflight verify"),
        (("",), "is no name of a package"),
        (("@acme",), "is no name of a package"),
        (("a b",), "is no name of a package"),
        (("../x@1.0.0",), "is no name of a package"),
        ((f"{NAME}@latest",), "is no version"),
        ((f"{NAME}@1",), "is no version"),
        (("@acme/unheard",), "has no package"),
        ((ONE, "--wait=soon"), "is no duration"),
        ((ONE, "--wait", "5x"), "is no duration"),
        ((ONE, "--commit="), "`--commit` is empty"),
        ((ONE, "--repo="), "is empty"),
        ((ONE, "--commit=abc"), "is no whole commit"),
        ((ONE, "--plan=nowhere.json"), "does not exist"),
        ((ONE, "--offline"), "needs the attestations in a file"),
        ((ONE, "--bundle=/dev/null"), "are for `--offline`"),
        ((ONE, "--offline", "--bundle=/dev/null", "--wait"), "nothing to wait for"),
        ((ONE, "--offline", "--bundle=nowhere"), "does not exist"),
        ((ONE, "--offline", "--bundle=/dev/null"), "/dev/null"),
        ((ONE, "a@1.0.0", "--offline", "--bundle=/dev/null"), "one package"),
        (("--offline", "--bundle=/dev/null"), "name it"),
        ((ONE, "--ignore=foreign-repositor"), "did you mean `foreign-repository`"),
        ((ONE, "--format=jsonl"), "must be one of"),
        ((ONE, "--root=nowhere"), "does not exist"),
    ],
)
def test_what_cannot_be_followed_is_said(run, words, said):
    """With exit 2: neither verified nor wrong."""
    code, _, err = run(*words)

    assert (code, said in err) == (Exit.USAGE, True), err


def test_a_registry_of_ones_own_signs_with_its_own_keys(fake, capsys, trusted_root, monkeypatch):
    """Those of npm are not everybody's."""
    monkeypatch.setenv("HTTPS_PROXY", NOWHERE)
    code = main(["verify", ONE, f"--registry={fake.base}", f"--trusted-root={trusted_root}", "--color=never"])

    assert ("✔ registry signature" in capsys.readouterr().out, fake.count("keys"), code in {0, 1, 3}) == (True, 1, True)


def test_a_signature_that_the_registrys_own_keys_did_not_make(fake, capsys, trusted_root, monkeypatch, world):
    """Npm's key says nothing about a registry that has keys of its own, and no other key does either."""
    monkeypatch.setenv("HTTPS_PROXY", NOWHERE)
    monkeypatch.setattr(
        world, "registry_keys", lambda: {"keys": [NpmSigner(datetime(2025, 1, 1, tzinfo=UTC)).listed()]}
    )

    code = main(["verify", ONE, f"--registry={fake.base}", f"--trusted-root={trusted_root}", "--color=never"])

    out = capsys.readouterr().out
    assert (code, "[invalid-registry-signature]" in out, "✔ registry signature" in out) == (
        Exit.FINDINGS,
        True,
        False,
    ), out


def test_a_registry_that_signs_nothing_is_not_expected_to(fake, capsys, trusted_root, monkeypatch):
    """Most private registries have no keys."""
    monkeypatch.setenv("HTTPS_PROXY", NOWHERE)
    fake.signing = False
    main(["verify", ONE, f"--registry={fake.base}", f"--trusted-root={trusted_root}", "--color=never"])

    assert "invalid-registry-signature" not in capsys.readouterr().out


def test_keys_of_a_file_are_asked_of_no_registry(run, fake):
    """Whoever names them means them."""
    run(ONE)

    assert fake.count("keys") == 0


@pytest.mark.parametrize("kept", [0, 1])
def test_half_of_whom_to_trust_is_still_refreshed(fake, capsys, trust, monkeypatch, tmp_path, kept):
    """Whoever names npm's keys has said nothing of Sigstore's; and what could not be refreshed is told."""
    monkeypatch.setenv("HTTPS_PROXY", NOWHERE)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    main(["verify", ONE, f"--registry={fake.base}", trust[kept], "--color=never"])
    half = capsys.readouterr().err
    main(["verify", ONE, f"--registry={fake.base}", *trust, "--color=never"])

    assert ("could not be refreshed" in half, capsys.readouterr().err) == (True, "")


def test_the_help_is_worth_reading(capsys):
    """What it proves, what it does not, and what to type."""
    main(["verify", "--help"])

    out = capsys.readouterr().out
    assert (len(re.findall(r"^  preflight verify", out, re.MULTILINE)) >= 4 or "preflight verify --wait" in out) is True
