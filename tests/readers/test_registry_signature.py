"""The registry's own signature over name, version and integrity."""

from __future__ import annotations

import pytest
from mint import NpmSigner, stamp

from preflight.facts.release import Signed
from preflight.readers.registry_signature import signed

NAME, VERSION, INTEGRITY = "@acme/widgets", "1.0.0", "sha512-abc=="
TODAY, IN_2024, IN_2010 = "2026-06-01T12:00:00.000Z", "2024-06-01T12:00:00.000Z", "2010-01-01T00:00:00.000Z"


@pytest.fixture
def worth(npm_keys):
    """Return what signatures are worth."""

    def ask(*signatures, published=TODAY, integrity=INTEGRITY, keys=npm_keys):
        return signed(NAME, VERSION, integrity, {"signatures": list(signatures)}, published, keys)

    return ask


@pytest.fixture
def sign(world):
    """Return a signature; of what the registry serves unless told otherwise."""

    def make(name=NAME, version=VERSION, integrity=INTEGRITY, *, by=None, **changes):
        return world.registry_signature(name, version, integrity, by) | changes

    return make


def test_the_registry_s_own_signature_is_valid(worth, sign):
    """This is what `npm audit signatures` asks for."""
    assert worth(sign()) is Signed.VALID


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"name": "@acme/widget"}, id="another name"),
        pytest.param({"version": "1.0.1"}, id="another version"),
        pytest.param({"integrity": "sha512-abd=="}, id="other bytes"),
        pytest.param({"sig": "AAAA"}, id="no signature"),
        pytest.param({"sig": "!"}, id="no base64"),
        pytest.param({"sig": 5}, id="a number"),
    ],
)
def test_a_signature_of_something_else_is_invalid(worth, sign, other):
    """A signature can be copied from any version of any package."""
    assert worth(sign(**other)) is Signed.INVALID


@pytest.mark.parametrize("keyid", ["SHA256:somebody", "", None, 5])
def test_a_key_that_npm_does_not_have_proves_nothing(worth, sign, keyid):
    """It may be a new one, so that this is no forgery yet."""
    assert worth(sign(keyid=keyid)) is Signed.UNKNOWN_KEY


@pytest.mark.parametrize(
    ("published", "verdict"),
    [
        pytest.param(IN_2024, Signed.VALID, id="in its time"),
        pytest.param(IN_2010, Signed.VALID, id="signed again, for a version before there were signatures"),
        pytest.param(None, Signed.VALID, id="no time, which counts as 2015"),
        pytest.param("2025-01-28T23:59:59.999Z", Signed.VALID, id="its last moment"),
        pytest.param("2025-01-29T00:00:00.000Z", Signed.EXPIRED_KEY, id="its end"),
        pytest.param(TODAY, Signed.EXPIRED_KEY, id="after its end"),
        pytest.param("some day", Signed.INVALID, id="a time that is none"),
    ],
)
def test_an_old_key_counts_for_old_versions(world, worth, sign, published, verdict):
    """The registry says so: the day of the publish decides, and a missing one is early."""
    assert worth(sign(by=world.old_npm), published=published) is verdict


def test_the_new_key_counts_for_versions_before_it(worth, sign):
    """The registry signed everything anew, and compares with the end alone."""
    assert worth(sign(), published=IN_2024) is Signed.VALID


@pytest.mark.parametrize("dist", [None, 5, "x", [], {}, {"signatures": None}, {"signatures": []}, {"signatures": "x"}])
def test_no_signature_is_missing(npm_keys, dist):
    """A registry that has keys signs everything."""
    assert signed(NAME, VERSION, INTEGRITY, dist, TODAY, npm_keys) is Signed.MISSING


def test_without_integrity_nothing_is_signed(worth, sign):
    """Versions of before 2017 may have a SHA-1 alone."""
    assert worth(sign(), integrity=None) is Signed.MISSING


def test_a_registry_without_keys_signs_nothing(worth, sign):
    """A private one; nothing is wrong there."""
    assert worth(sign(), keys=()) is Signed.NOT_SIGNING


def test_a_key_for_attestations_signs_no_package(worth, sign, npm_keys):
    """The uses are told apart, so that one of them can be withdrawn."""
    from preflight.readers.npm_keys import Usage

    assert worth(sign(), keys=[key for key in npm_keys if key.usage is Usage.ATTESTATIONS]) is Signed.NOT_SIGNING


@pytest.mark.parametrize(
    ("others", "verdict"),
    [
        pytest.param(({"sig": "AAAA"}, {"keyid": "SHA256:x"}, {}), Signed.INVALID, id="invalid before all"),
        pytest.param(({"keyid": "SHA256:x"}, {}), Signed.UNKNOWN_KEY, id="unknown before valid"),
        pytest.param(({}, {}), Signed.VALID, id="two valid ones"),
    ],
)
def test_the_worst_of_several_counts(worth, sign, others, verdict):
    """The check of npm stops at the first that does not hold, wherever it stands."""
    assert worth(*(sign(**other) for other in others)) is verdict


@pytest.mark.parametrize("odd", [None, 5, "x", [], {}])
def test_an_odd_signature_names_no_key(worth, odd):
    """Wrong types must not raise."""
    assert worth(odd) is Signed.UNKNOWN_KEY


def test_a_stranger_s_signature_under_npm_s_id_is_invalid(world, worth, sign):
    """The id is not signed."""
    from datetime import UTC, datetime

    stranger = NpmSigner(datetime(2025, 1, 13, tzinfo=UTC))
    assert (stamp(stranger.start), worth(sign(by=stranger, keyid=world.npm.id))) == (
        "2025-01-13T00:00:00.000Z",
        Signed.INVALID,
    )
