"""`verify` as a whole: bundles held against other releases, lookalikes of an identity, real documents, plans."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import pytest
from fake_registry import FakeRegistry
from mint import github, gitlab

from preflight.cli.main import main
from preflight.errors import Exit

TOP = Path(__file__).parents[2]
RECORDINGS = TOP / "tests" / "recordings"
NAME = "@acme/widgets"
ONE = f"{NAME}@1.0.0"
HERE = {"repository": {"type": "git", "url": "git+https://github.com/acme/widgets.git"}}
"""What makes tarballs of one name and version the same, whoever built them."""


@pytest.fixture
def trust(tmp_path, world, trusted_root):
    """Return the options that name whom to trust."""
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps(world.npm_keys()))
    return f"--trusted-root={trusted_root}", f"--npm-keys={keys}"


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Return a function that runs `verify` in an empty folder: the exit code, and the rules that object for sure."""
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)

    def start(*words):
        code = main(["verify", *map(str, words), "--format=json"])
        document = json.loads(capsys.readouterr().out)
        found = [(result["rule"], each) for result in document["results"] for each in result["findings"]]
        return code, {rule for rule, each in found if each["sure"]}

    return start


@pytest.fixture
def offline(run, trust, tmp_path):
    """Return a function that verifies a package from files."""

    def start(package, *words, tarball=None, name=ONE):
        bundle, bytes_ = tmp_path / "bundle.json", tmp_path / "package.tgz"
        bundle.write_bytes(package.raw)
        bytes_.write_bytes(tarball or package.tarball)
        return run(name, "--offline", f"--bundle={bundle}", f"--tarball={bytes_}", *trust, *words)

    return start


# -- the swap matrix ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Kind:
    """A release, and what tells it from the others."""

    name: str = NAME
    version: str = "1.0.0"
    repository: str = "acme/widgets"
    commit: str = "1" * 40
    more: str = ""
    """What else its tarball holds."""


KINDS = {
    "base": Kind(),
    "version": Kind(version="1.0.1"),
    "prerelease": Kind(version="1.0.0-rc.1"),
    "scope": Kind(name="@acne/widgets"),
    "unscoped": Kind(name="widgets"),
    "package": Kind(name="@acme/gadgets"),
    "repository": Kind(repository="mallory/widgets"),
    "commit": Kind(commit="2" * 40),
    "bytes": Kind(more="evil"),
}


@pytest.fixture(scope="module")
def releases(world):
    """Return a package of each kind."""
    return {
        key: world.package(
            each.name,
            each.version,
            claims=github(each.repository, commit=each.commit),
            manifest=HERE,
            files={"more.txt": each.more.encode()},
        )
        for key, each in KINDS.items()
    }


def _differing(mine, other):
    """Return the rule that must object to the bundle of another release."""
    if (mine.name, mine.version) != (other.name, other.version):
        return "foreign-subject"
    if mine.repository != other.repository:
        return "foreign-repository"
    return "foreign-commit" if mine.commit != other.commit else "altered-tarball"


@pytest.mark.parametrize("key", KINDS)
def test_each_release_holds_against_itself(offline, releases, key):
    """Otherwise the refusals below would say nothing."""
    kind = KINDS[key]
    words = (f"--repo={kind.repository}", f"--commit={kind.commit}")

    assert offline(releases[key], *words, name=f"{kind.name}@{kind.version}") == (Exit.PASSED, set())


@pytest.mark.parametrize(("expected", "served"), [pair for pair in product(KINDS, KINDS) if pair[0] != pair[1]])
def test_the_bundle_of_another_release_is_refused(offline, releases, expected, served):
    """A sound attestation is about one package, version, repository and commit."""
    kind = KINDS[expected]
    words = (f"--repo={kind.repository}", f"--commit={kind.commit}")

    code, rules = offline(
        releases[served], *words, name=f"{kind.name}@{kind.version}", tarball=releases[expected].tarball
    )

    assert (code, _differing(kind, KINDS[served]) in rules) == (Exit.FINDINGS, True), rules


@pytest.mark.parametrize("served", [each for each in KINDS if each != "base"])
def test_a_registry_that_serves_the_attestations_of_another_release_is_refused(run, world, releases, trust, served):
    """Whoever runs a registry can hand out any document that was ever logged."""
    base = releases["base"]
    swapped = replace(base, attestations=releases[served].attestations)
    with FakeRegistry(world) as fake:
        fake.publish(swapped)

        code, rules = run(
            ONE, f"--registry={fake.base}", *trust, "--repo=acme/widgets", f"--commit={KINDS['base'].commit}"
        )

    assert (code, _differing(KINDS["base"], KINDS[served]) in rules) == (Exit.FINDINGS, True), rules


@pytest.mark.parametrize("swapped", [0, 1])
def test_one_attestation_of_another_release_is_refused(offline, releases, swapped):
    """The provenance of one release beside npm's own attestation of another."""
    base, other = releases["base"], releases["version"]
    mixed = [*base.attestations]
    mixed[swapped] = other.attestations[swapped]

    code, rules = offline(replace(base, attestations=mixed), "--repo=acme/widgets")

    assert (code, "foreign-subject" in rules) == (Exit.FINDINGS, True), rules


# -- identity traps -------------------------------------------------------------------------------


HOME = "https://github.com/acme/widgets"
LOOKALIKES = {
    "suffix": "acme/widgets-evil",
    "git": "acme/widgets.git",
    "prefix": "acme/widget",
    "deeper": "acme/widgets/evil",
    "owner-suffix": "acme-evil/widgets",
    "case-of-owner": "Acme/widgets",
    "case-of-name": "acme/Widgets",
    "dot": "acme/widgets.",
    "slash": "acme/widgets/",
    "two-slashes": "acme//widgets",
    "climbing": "acme/evil/../widgets",
    "encoded": "acme%2Fwidgets",
    "fragment": "acme/widgets#evil",
    "query": "acme/widgets?evil",
    "user": "acme/widgets@evil",
}
HOMOGLYPHS = {
    "cyrillic": "https://github.com/\u0430cme/widgets",
    "full-width": "https://github.com/\uff41cme/widgets",
    "combining": "https://github.com/acme/widgets\u0301",
    "zero-width": "https://github.com/acme/wid\u200bgets",
    "direction": "https://github.com/acme/\u202ewidgets",
    "long-s": "https://github.com/acme/widget\u017f",
    "trailing-space": f"{HOME} ",
    "trailing-line": f"{HOME}\n",
    "zero-byte": f"{HOME}\0",
}
ELSEWHERE = {
    "other-host": "https://github.com.evil.example/acme/widgets",
    "user-and-host": "https://github.com@evil.example/acme/widgets",
    "http": "http://github.com/acme/widgets",
    "case-of-host": "https://GitHub.com/acme/widgets",
    "homoglyph-of-host": "https://g\u0456thub.com/acme/widgets",
    "gitlab": "https://gitlab.com/acme/widgets",
    "no-host": "acme/widgets",
    "empty": "",
}


@pytest.mark.parametrize("repository", [pytest.param(each, id=key) for key, each in LOOKALIKES.items()])
def test_a_repository_that_looks_alike_is_refused(offline, world, repository):
    """Names are compared as a whole: anybody can register the next one."""
    package = world.package(NAME, claims=github(repository), manifest=HERE)

    code, rules = offline(package, "--repo=acme/widgets")

    assert (code, "foreign-repository" in rules) == (Exit.FINDINGS, True), rules


@pytest.mark.parametrize("address", [pytest.param(each, id=key) for key, each in HOMOGLYPHS.items()])
def test_an_address_that_looks_alike_is_refused(offline, world, address):
    """Nothing is folded, trimmed or normalised."""
    package = world.package(NAME, claims=github().but({12: address}), manifest=HERE)

    code, rules = offline(package, "--repo=acme/widgets")

    assert (code, "foreign-repository" in rules) == (Exit.FINDINGS, True), rules


@pytest.mark.parametrize("address", [pytest.param(each, id=key) for key, each in ELSEWHERE.items()])
@pytest.mark.parametrize("words", [(), ("--repo=acme/widgets",)])
def test_an_issuer_vouches_for_its_own_host_alone(offline, world, address, words):
    """Nobody but GitHub knows what was built from a repository there."""
    package = world.package(NAME, claims=github().but({12: address}), manifest=HERE)

    assert offline(package, *words) == (Exit.FINDINGS, {"invalid-attestation"})


@pytest.mark.parametrize(
    "wanted", ["acme/widgets-evil", "Acme/widgets", "acme/widget", "https://gitlab.com/acme/widgets", "acme2/widgets"]
)
def test_an_expectation_that_looks_alike_is_refused(offline, world, wanted):
    """Equality has two sides."""
    code, rules = offline(world.package(NAME), f"--repo={wanted}")

    assert (code, rules) == (Exit.FINDINGS, {"foreign-repository"})


TRAPS = {
    "reusable": (github(signer="mallory/ci/.github/workflows/release.yml@refs/heads/main"), "foreign-workflow"),
    "reusable-of-the-repository": (
        github(signer="acme/widgets/.github/workflows/other.yml@refs/tags/v1.0.0"),
        "foreign-workflow",
    ),
    "workflow": (github(workflow=".github/workflows/release.yml.evil"), "foreign-workflow"),
    "workflow-suffix": (github(workflow=".github/workflows/release.yaml"), "foreign-workflow"),
    "workflow-folder": (github(workflow=".github/workflows/evil/release.yml"), "foreign-workflow"),
    "workflow-case": (github(workflow=".github/workflows/Release.yml"), "foreign-workflow"),
    "workflow-of-another-repository": (
        github().but({18: "https://github.com/mallory/widgets/.github/workflows/release.yml@refs/tags/v1.0.0"}),
        "foreign-workflow",
    ),
    "ref-suffix": (github(ref="refs/tags/v1.0.0-evil"), "foreign-ref"),
    "ref-prefix": (github(ref="refs/tags/v1.0"), "foreign-ref"),
    "branch-of-that-name": (github(ref="refs/heads/v1.0.0"), "foreign-ref"),
    "branch-named-as-a-ref": (github(ref="refs/heads/refs/tags/v1.0.0"), "foreign-ref"),
    "commit": (github(commit="0" * 40), "foreign-commit"),
    "runner": (github(runner="self-hosted"), "hosted-elsewhere"),
    "issuer": (github().but({1: None, 8: "https://token.actions.githubusercontent.com.evil"}), "invalid-attestation"),
    "issuer-suffix": (
        github().but({1: None, 8: "https://token.actions.githubusercontent.com/acme"}),
        "invalid-attestation",
    ),
    "issuer-case": (github().but({1: None, 8: "https://Token.actions.githubusercontent.com"}), "invalid-attestation"),
    "issuer-http": (github().but({1: None, 8: "http://token.actions.githubusercontent.com"}), "invalid-attestation"),
    "issuer-of-people": (github().but({1: None, 8: "https://github.com/login/oauth"}), "invalid-attestation"),
    "issuer-of-gitlab-at-home": (gitlab().but({1: None, 8: "https://gitlab.acme.example"}), "invalid-attestation"),
    "no-issuer": (github().but({1: None, 8: None}), "invalid-attestation"),
    "gitlab": (gitlab(), "foreign-repository"),
    "gitlab-for-github": (github().but({1: None, 8: "https://gitlab.com"}), "invalid-attestation"),
    "github-for-gitlab": (gitlab().but({1: None, 8: github().extensions[8]}), "invalid-attestation"),
}
PINNED = (
    "--repo=acme/widgets",
    "--workflow=release.yml",
    "--ref=refs/tags/v1.0.0",
    f"--commit={github().extensions[13]}",
)


def test_the_pinned_identity_holds(offline, world):
    """Otherwise the traps below would say nothing."""
    assert offline(world.package(NAME), *PINNED) == (Exit.PASSED, set())


@pytest.mark.parametrize(("claims", "rule"), [pytest.param(*each, id=key) for key, each in TRAPS.items()])
def test_a_trap_is_refused_by_its_own_rule(offline, world, claims, rule):
    """Each field of an identity counts as a whole."""
    code, rules = offline(world.package(NAME, claims=claims, manifest=HERE), *PINNED)

    assert (code, rule in rules) == (Exit.FINDINGS, True), rules


@pytest.mark.parametrize(
    ("signer", "code"),
    [
        pytest.param("acme/ci/.github/workflows/publish.yml", Exit.PASSED, id="any-ref"),
        pytest.param("acme/ci/.github/workflows/publish.yml@refs/heads/main", Exit.PASSED, id="this-ref"),
        pytest.param("acme/ci/.github/workflows/publish.yml@refs/heads/mai", Exit.FINDINGS, id="another-ref"),
        pytest.param("acme/ci/.github/workflows/publish.ym", Exit.FINDINGS, id="another-file"),
        pytest.param("acme/c/.github/workflows/publish.yml", Exit.FINDINGS, id="another-repository"),
        pytest.param("Acme/ci/.github/workflows/publish.yml", Exit.FINDINGS, id="other-case"),
    ],
)
def test_a_reusable_signer_is_compared_as_a_whole(offline, world, signer, code):
    """Who calls a workflow lends it the identity."""
    claims = github(signer="acme/ci/.github/workflows/publish.yml@refs/heads/main")

    assert offline(world.package(NAME, claims=claims), *PINNED, f"--signer={signer}")[0] == code


# -- real documents -------------------------------------------------------------------------------


UNTOLD = (Exit.INCONCLUSIVE, set())
"""Everything holds, and the tarball is not here."""
REFUSED = (Exit.FINDINGS, {"invalid-attestation"})
REAL = {
    "gundam-visor-1.0.1-attestations": ("gundam-visor@1.0.1", UNTOLD),
    "gundam-visor-1.0.1-invalidsigprov-attestations": ("gundam-visor@1.0.1", REFUSED),
    "gundam-visor-1.0.1-invalidsigpub-attestations": ("gundam-visor@1.0.1", REFUSED),
    "playwright-cli-0.1.1-attestations": ("@playwright/cli@0.1.1", UNTOLD),
    "provenance-npm-test-ossf-attestations": ("@laurentsimon/provenance-npm-test@1.0.5", UNTOLD),
    "sigstore-1.0.0-attestations": ("sigstore@1.0.0", UNTOLD),
    "sigstore-2.0.0-provenance-bundle": ("sigstore@2.0.0", UNTOLD),
}


def test_every_recording_has_its_verdict():
    """A new one must not be forgotten."""
    assert {each.stem for each in RECORDINGS.glob("*.json")} - {"npm-keys"} == set(REAL)


@pytest.mark.parametrize(("document", "name", "verdict"), [(key, *each) for key, each in REAL.items()])
def test_a_real_document_has_its_verdict(run, document, name, verdict):
    """With the trust that came along, and without a network."""
    assert run(name, "--offline", f"--bundle={RECORDINGS / document}.json") == verdict


@pytest.mark.parametrize(("document", "name"), [(key, each[0]) for key, each in REAL.items()])
def test_a_real_document_is_about_its_own_version_alone(run, document, name):
    """The verdict of every one of them turns with the version."""
    package, _, version = name.rpartition("@")
    major, _, rest = version.partition(".")

    assert run(f"{package}@{int(major) + 1}.{rest}", "--offline", f"--bundle={RECORDINGS / document}.json")[0] == (
        Exit.FINDINGS
    )


@pytest.mark.parametrize(
    ("document", "repository", "code"),
    [
        ("playwright-cli-0.1.1-attestations", "microsoft/playwright-cli", Exit.INCONCLUSIVE),
        ("playwright-cli-0.1.1-attestations", "microsoft/playwright", Exit.FINDINGS),
        ("playwright-cli-0.1.1-attestations", "Microsoft/playwright-cli", Exit.FINDINGS),
        ("sigstore-1.0.0-attestations", "sigstore/sigstore-js", Exit.INCONCLUSIVE),
        ("sigstore-2.0.0-provenance-bundle", "sigstore/sigstore-js", Exit.INCONCLUSIVE),
        ("sigstore-2.0.0-provenance-bundle", "sigstore/sigstore", Exit.FINDINGS),
    ],
)
def test_a_real_document_names_its_repository(run, document, repository, code):
    """Old certificates and new ones are read alike."""
    words = (f"--bundle={RECORDINGS / document}.json", f"--repo={repository}")

    assert run(REAL[document][0], "--offline", *words)[0] == code


# -- a plan, and what came of it ------------------------------------------------------------------


BUILT = github(ref="refs/tags/v2.4.0")


@pytest.fixture
def planned(tmp_path, capsys):
    """Return a small checkout with a tag, the plan that `preflight plan` makes of it, and the commit of the tag."""
    here = tmp_path / "checkout"
    workflows = here / ".github" / "workflows"
    workflows.mkdir(parents=True)
    shutil.copy(TOP / "examples" / "project" / "package.json", here)
    shutil.copy(TOP / "examples" / "workflows" / "npm.yml", workflows / "release.yml")
    author = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    for words in (
        ("init", "--quiet"),
        ("remote", "add", "origin", "https://github.com/acme/widgets"),
        ("add", "."),
        (*author, "commit", "--quiet", "--message", "One"),
        ("tag", "v2.4.0"),
    ):
        subprocess.run(["git", *words], cwd=here, check=True)
    done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=here, check=True, capture_output=True, text=True)
    plan = tmp_path / "plan.json"
    main(["plan", str(here), "-o", f"json={plan}", "--quiet"])
    capsys.readouterr()
    return here, plan, done.stdout.strip()


def _edited(plan, **changes):
    document = json.loads(plan.read_text())
    (prediction,) = document["predictedProvenance"]
    prediction["workflow"] |= changes.pop("workflow", {})
    prediction |= changes
    plan.write_text(json.dumps(document))


def test_what_was_planned_is_verified_in_the_checkout(offline, world, planned, monkeypatch):
    """Plan before the tag, verify after the publish."""
    here, plan, commit = planned
    monkeypatch.chdir(here)
    package = world.package(NAME, "2.4.0", claims=github(ref="refs/tags/v2.4.0", commit=commit))

    assert offline(package, f"--plan={plan}", name=f"{NAME}@2.4.0") == (Exit.PASSED, set())


def test_a_plan_foretells_all_that_can_be_known_before(planned):
    """The tag and the commit are not, without a tag to be released."""
    (prediction,) = json.loads(planned[1].read_text())["predictedProvenance"]

    known = {key: value for key, value in {**prediction, **prediction["workflow"]}.items() if value is not None}
    assert set(known) - {"package", "workflow"} == {"buildType", "repository", "path", "builder", "trigger"}


def _other_type():
    predicate = json.loads(json.dumps(BUILT.predicate))
    predicate["buildDefinition"]["buildType"] += "x"
    return replace(BUILT, predicate=predicate)


@pytest.mark.parametrize(
    "claims",
    [
        pytest.param(_other_type(), id="buildType"),
        pytest.param(github("acme/gadgets", ref="refs/tags/v2.4.0"), id="workflow.repository"),
        pytest.param(github(workflow=".github/workflows/other.yml"), id="workflow.path"),
        pytest.param(github(runner="self-hosted"), id="builder"),
        pytest.param(github(trigger="workflow_dispatch"), id="trigger"),
    ],
)
def test_a_release_that_breaks_one_field_of_the_plan_is_refused(offline, world, planned, claims):
    """Each field that was foretold is a promise."""
    package = world.package(NAME, "2.4.0", claims=claims, manifest=HERE)

    code, rules = offline(package, f"--plan={planned[1]}", name=f"{NAME}@2.4.0")

    assert (code, "broken-plan" in rules) == (Exit.FINDINGS, True), rules


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({}, Exit.PASSED, id="nothing"),
        pytest.param({"commit": BUILT.extensions[13]}, Exit.PASSED, id="the-commit"),
        pytest.param({"commit": "0" * 40}, Exit.FINDINGS, id="commit"),
        pytest.param({"workflow": {"ref": "refs/tags/v2.4.0"}}, Exit.PASSED, id="the-ref"),
        pytest.param({"workflow": {"ref": "refs/tags/v2.4.1"}}, Exit.FINDINGS, id="ref"),
        pytest.param({"workflow": {"path": ".github/workflows/release.yaml"}}, Exit.FINDINGS, id="path"),
        pytest.param({"workflow": {"repository": "https://github.com/Acme/widgets"}}, Exit.FINDINGS, id="repository"),
        pytest.param({"builder": "https://github.com/actions/runner/self-hosted"}, Exit.FINDINGS, id="builder"),
        pytest.param({"trigger": "release"}, Exit.FINDINGS, id="trigger"),
        pytest.param({"buildType": "https://example.org/other"}, Exit.FINDINGS, id="buildType"),
        pytest.param({"builder": None, "trigger": None, "buildType": None}, Exit.PASSED, id="unpredictable"),
    ],
)
def test_each_field_of_a_plan_counts(offline, world, planned, changes, code):
    """What the plan could not tell is no promise."""
    _edited(planned[1], **changes)

    assert offline(world.package(NAME, "2.4.0", claims=BUILT), f"--plan={planned[1]}", name=f"{NAME}@2.4.0")[0] == code
