"""The fake world: who vouches for packages there, and the project's verifier that trusts them."""

from __future__ import annotations

import json

import pytest


@pytest.fixture(scope="session")
def world():
    """Return a world; everything that is minted in it is logged in the same logs."""
    from mint import World

    return World()


@pytest.fixture(scope="session")
def trusted_root(world, tmp_path_factory):
    """Return the path of the world's trusted root."""
    path = tmp_path_factory.mktemp("trust") / "trusted_root.json"
    path.write_text(json.dumps(world.trusted_root()), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def npm_keys(world):
    """Return npm's keys of the world, as the project reads them."""
    from preflight.readers import npm_keys

    return npm_keys.read(json.dumps(world.npm_keys()).encode())


@pytest.fixture(scope="session")
def verifier(trusted_root):
    """Return the verifier that trusts the world."""
    from sigstore.models import TrustedRoot

    from preflight.readers.verifier import NpmVerifier

    return NpmVerifier(TrustedRoot.from_file(str(trusted_root)))


@pytest.fixture
def check(verifier, npm_keys):
    """Return what checks a document, or a bundle alone."""
    from preflight.readers.verifier import attestations

    def outcomes(document, **options):
        raw = document if isinstance(document, bytes) else json.dumps(document).encode()
        return attestations(raw, options.pop("verifier", verifier), options.pop("keys", npm_keys), **options)

    return outcomes
