"""The fake registry itself, as a client sees it: every state must be one that the real registry knows."""

from __future__ import annotations

import json
import time
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from fake_registry import ABBREVIATED, FakeRegistry, Shown
from mint import integrity


@pytest.fixture
def registry(world):
    """Return a registry that runs."""
    with FakeRegistry(world) as running:
        yield running


@pytest.fixture(scope="module")
def package(world):
    """Return a version with both attestations."""
    return world.package()


def ask(registry, path, accept="application/json"):
    """Return the status and the JSON, or the bytes, of an answer."""
    try:
        with urlopen(Request(registry.base + path, headers={"Accept": accept})) as response:
            body = response.read()
            kind = response.headers["Content-Type"]
            return response.status, json.loads(body) if kind == "application/json" else body
    except HTTPError as error:
        with error:
            return error.code, json.loads(error.read())


def advertised(registry):
    """Return whether the packument names attestations; None where it has no such version."""
    _, document = ask(registry, "@acme%2fwidgets")
    version = document.get("versions", {}).get("1.0.0")
    return None if version is None else "attestations" in version["dist"]


@pytest.mark.parametrize(
    ("shown", "named", "status", "count"),
    [
        pytest.param(Shown.COMPLETE, True, 200, 2, id="complete"),
        pytest.param(Shown.NOT_YET, None, 404, 0, id="not yet, or staged"),
        pytest.param(Shown.NOT_ATTESTED_YET, False, 404, 0, id="not attested yet"),
        pytest.param(Shown.ADVERTISED_BUT_MISSING, True, 404, 0, id="advertised but missing"),
        pytest.param(Shown.SERVED_BUT_NOT_ADVERTISED, False, 200, 2, id="served but not advertised"),
        pytest.param(Shown.PROVENANCE_ALONE, True, 200, 1, id="without npm's own yet"),
    ],
)
def test_a_state_is_what_two_requests_say(registry, package, shown, named, status, count):
    """The states are told apart by the packument and the attestations together."""
    registry.publish(package, shown=shown)

    code, document = ask(registry, "-/npm/v1/attestations/@acme%2fwidgets@1.0.0")

    assert (advertised(registry), code, len(document.get("attestations", ()))) == (named, status, count)


def test_a_staged_version_leaves_the_others(registry, package):
    """The next version waits for its approval, and the last one is still there."""
    registry.publish(package)
    registry.stage("@acme/widgets", "1.1.0")

    _, document = ask(registry, "@acme%2fwidgets")

    assert (list(document["versions"]), document["dist-tags"]) == (["1.0.0"], {"latest": "1.0.0"})


def test_the_short_form_has_no_times(registry, package):
    """An installation asks for it, and `verify` must not rely on what it lacks."""
    registry.publish(package)

    _, document = ask(registry, "@acme%2fwidgets", ABBREVIATED)

    assert ("time" in document, "_npmUser" in document["versions"]["1.0.0"]) == (False, False)


def test_the_bytes_are_those_that_are_attested(registry, package):
    """The address of the tarball stands in the packument."""
    registry.publish(package)
    _, document = ask(registry, "@acme%2fwidgets")
    dist = document["versions"]["1.0.0"]["dist"]

    _, data = ask(registry, dist["tarball"].removeprefix(registry.base))

    assert (integrity(data), data) == (dist["integrity"], package.tarball)


def test_a_script_comes_before_the_state(registry, package):
    """An attestation that comes after a while is two 404 and an answer."""
    registry.publish(package)
    registry.script("attestations", 404, 503)

    codes = [ask(registry, "-/npm/v1/attestations/@acme%2fwidgets@1.0.0")[0] for _ in range(3)]

    assert (codes, registry.count("attestations"), registry.count()) == ([404, 503, 200], 3, 3)


def test_a_script_may_wait(registry, package):
    """A slow registry is another thing than a missing one."""
    registry.publish(package)
    registry.script("keys", 0.05)
    begun = time.monotonic()

    code, _ = ask(registry, "-/npm/v1/keys")

    assert (code, time.monotonic() - begun >= 0.05) == (200, True)


def test_a_manifest_can_be_changed(registry, package):
    """Anything in a packument may be wrong, or missing."""
    registry.publish(package)
    registry.change(package, lambda manifest: manifest["dist"].pop("integrity"))

    _, document = ask(registry, "@acme%2fwidgets")

    assert "integrity" not in document["versions"]["1.0.0"]["dist"]


def test_a_private_registry_signs_nothing(registry, package):
    """It has neither keys nor signatures."""
    registry.publish(package)
    registry.signing = False

    code, _ = ask(registry, "-/npm/v1/keys")
    _, document = ask(registry, "@acme%2fwidgets")

    assert (code, "signatures" in document["versions"]["1.0.0"]["dist"]) == (404, False)


@pytest.mark.parametrize("path", ["nobody", "-/npm/v1/attestations/nobody@1.0.0", "nobody/-/nobody-1.0.0.tgz", "x/y/z"])
def test_what_is_not_there_is_missing(registry, path):
    """Like the real one, with a JSON body."""
    assert ask(registry, path) == (404, {"error": "Not found"})


def test_the_trust_is_handed_out_through_tuf(world, registry, tmp_path):
    """A client of TUF takes the first root as given, and everything else from there."""
    from fake_tuf import NPM_KEYS, repository
    from tuf.ngclient import Updater

    registry.files = repository(world)
    (tmp_path / "targets").mkdir()
    client = Updater(
        metadata_dir=str(tmp_path),
        metadata_base_url=f"{registry.base}tuf/",
        target_base_url=f"{registry.base}tuf/targets/",
        target_dir=str(tmp_path / "targets"),
        bootstrap=registry.files["1.root.json"],
    )

    client.refresh()
    paths = [client.download_target(client.get_targetinfo(name)) for name in ("trusted_root.json", NPM_KEYS)]

    found = [json.loads(Path(each).read_bytes()) for each in paths]
    assert found == [world.trusted_root(), world.npm_keys()]
