"""npm's own verifier on packages of the fake world: an oracle that shares no code with us."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from urllib.parse import quote, urlsplit

import pytest
from fake_registry import FakeRegistry
from fake_tuf import repository
from mint import Fault, github, gitlab

NPM = shutil.which("npm")
OLDEST = (10, 5)
"""The first npm that checks what npm 11 makes."""
PRELOADED = """
const fs = require("fs"), path = require("path");
const npm = path.dirname(fs.realpathSync(process.argv[1]));
require(require.resolve("@sigstore/tuf", { paths: [npm] })).DEFAULT_MIRROR_URL = %s;
"""
"""npm has no setting for the address of its trust, so that it is changed as npm starts."""
GOOD = {
    "npm-11": {},
    "npm-10": {"form": "0.2", "kind": "intoto"},
    "npm-9": {"form": "0.1", "kind": "intoto", "proof": False},
    "gitlab": {"claims": gitlab()},
    "self-hosted": {"claims": github("mallory/somewhere", runner="self-hosted")},
    "without": {"provenance": False, "publish": False},
}
BAD = (
    Fault.NO_SCT,
    Fault.SCT_FORGED,
    Fault.SCT_FOR_OTHER_CERTIFICATE,
    Fault.OTHER_AUTHORITY,
    Fault.SIGNED_TOO_EARLY,
    Fault.SIGNED_TOO_LATE,
    Fault.UNKNOWN_LOG,
    Fault.FORGED_PROMISE,
    Fault.OTHER_HASH_IN_PROOF,
    Fault.FORGED_CHECKPOINT,
    Fault.CHECKPOINT_OF_OTHER_TREE,
    Fault.OTHER_PAYLOAD_LOGGED,
    Fault.OTHER_SIGNATURE_LOGGED,
    Fault.OTHER_KIND_LOGGED,
    Fault.SIGNED_WITH_OTHER_KEY,
    Fault.PAYLOAD_CHANGED,
)


@pytest.fixture(scope="module")
def npm(tmp_path_factory):
    """Return what runs npm in an empty home; skip where there is no npm, or an old one."""
    if NPM is None:
        pytest.skip("npm is not installed")
    home = tmp_path_factory.mktemp("npm")
    variables = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "COMSPEC", "PATHEXT") if name in os.environ}

    def run(*words, folder=home, **more):
        env = {**variables, "HOME": str(home), "USERPROFILE": str(home), "NO_UPDATE_NOTIFIER": "1", **more}
        return subprocess.run([NPM, *words], cwd=folder, env=env, capture_output=True, text=True, check=False)

    version = run("--version").stdout.strip()
    if tuple(map(int, version.split(".")[:2])) < OLDEST:
        pytest.skip(f"npm {version} is too old")
    return run


@pytest.fixture
def audit(world, npm, tmp_path):
    """Return what installs packages from a registry of the world, and asks npm whether they are sound."""

    def ask(*packages):
        with FakeRegistry(world) as registry:
            registry.publish(*packages)
            host = urlsplit(registry.base).netloc
            registry.files = repository(world, keys=f"{host}/keys.json")
            trust = tmp_path / "cache" / "_tuf" / quote(f"{host}/tuf", safe="")
            (trust / "targets").mkdir(parents=True)
            (trust / "root.json").write_bytes(registry.files["1.root.json"])
            # npm checks packages side by side: the first would write this file while the others read it.
            (trust / "targets" / "trusted_root.json").write_text(json.dumps(world.trusted_root()))
            preload = tmp_path / "world.cjs"
            preload.write_text(PRELOADED % json.dumps(f"{registry.base}tuf"))
            project = tmp_path / "project"
            project.mkdir()
            wanted = {"dependencies": {each.name: each.version for each in packages}}
            (project / "package.json").write_text(json.dumps({"name": "p", "version": "1.0.0", **wanted}))
            flags = ("--registry", registry.base, "--cache", str(tmp_path / "cache"), "--fetch-retries", "0")
            more = {"NODE_OPTIONS": f'--require "{preload.as_posix()}"'}
            npm("install", "--no-audit", "--no-fund", "--ignore-scripts", *flags, folder=project)
            done = npm("audit", "signatures", "--json", *flags, folder=project, **more)
            return json.loads(done.stdout or json.dumps({"failed": done.stderr}))

    return ask


def test_npm_accepts_what_we_call_sound(world, audit, check):
    """If only we accepted it, the fake world would be none of npm's."""
    packages = [world.package(name, "1.0.0", **options) for name, options in GOOD.items()]

    verdict = audit(*packages)

    ours = [each.outcome for package in packages for each in check(package.document) if hasattr(each.outcome, "code")]
    assert (verdict, ours) == ({"invalid": [], "missing": []}, [])


def test_npm_refuses_what_we_refuse(world, audit):
    """A fault that npm does not see may be none, or minted so that something else hides it."""
    packages = [world.package(fault.replace("_", "-"), "1.0.0", fault=fault) for fault in BAD]

    verdict = audit(*packages)

    refused = {each["name"].replace("-", "_") for each in verdict["invalid"] if each["code"] == "EATTESTATIONVERIFY"}
    assert set(BAD) - refused == set()


def test_npm_refuses_another_registry_signature(world, audit):
    """Our reading of name, version and integrity must be npm's."""
    package = world.package("changed", "1.0.0")
    package.dist["signatures"] = [world.registry_signature("changed", "1.0.1", package.dist["integrity"])]

    verdict = audit(package)

    assert [each["code"] for each in verdict["invalid"]] == ["EINTEGRITYSIGNATURE"]
