"""Who a certificate of Fulcio says signed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from mint import COMMIT, Fault, github, gitlab

from preflight.facts.release import Identity
from preflight.readers.certificates import identity
from preflight.readers.documents import MalformedError

KEY = generate_private_key(SECP256R1()).public_key()


@pytest.fixture
def said(world):
    """Return what a minted certificate says."""

    def read(claims, **options):
        return identity(x509.load_der_x509_certificate(world.certificate(claims, KEY, **options)))

    return read


def test_every_extension_has_its_field(said):
    """A field that is read from the neighbour's number would pin the wrong thing."""
    home = "https://github.com/acme/widgets"
    values = {9: "nine", 10: "ten", 16: "sixteen"}
    numbers = (11, 12, 13, 14, 15, 17, 18, 19, 20, 21, 22)

    found = said(github().but({**values, 8: "eight", **{number: f"value {number}" for number in numbers}}))

    assert found == Identity(
        issuer="eight",
        signer=f"{home}/.github/workflows/release.yml@refs/tags/v1.0.0",
        runner_environment="value 11",
        source_repository="value 12",
        source_commit="value 13",
        source_ref="value 14",
        repository_id="value 15",
        owner_id="value 17",
        workflow="value 18",
        workflow_commit="value 19",
        trigger="value 20",
        run="value 21",
        visibility="value 22",
    )


def test_a_certificate_of_early_2023_has_the_old_extensions_alone(said):
    """The first packages with provenance are still there."""
    old = said(github().but(dict.fromkeys(range(8, 23))))

    assert old == Identity(
        issuer="https://token.actions.githubusercontent.com",
        signer="https://github.com/acme/widgets/.github/workflows/release.yml@refs/tags/v1.0.0",
        source_repository="https://github.com/acme/widgets",
        source_commit=COMMIT,
        source_ref="refs/tags/v1.0.0",
        trigger="push",
    )


def test_the_new_extensions_win(said):
    """The old ones are kept for old readers."""
    found = said(github().but({1: "old", 3: "old", 5: "old/old", 6: "old"}))

    assert "old" not in {found.issuer, found.source_commit, found.source_ref, found.source_repository}


def test_gitlab_fills_the_same_fields(said):
    """Rules know no CI system."""
    found = said(gitlab())

    assert (found.issuer, found.source_repository, found.runner_environment, found.run) == (
        "https://gitlab.com",
        "https://gitlab.com/acme/widgets",
        "gitlab-hosted",
        "https://gitlab.com/acme/widgets/-/jobs/4242",
    )


@pytest.mark.parametrize("length", [1, 127, 128, 255, 256, 4000])
def test_a_value_of_any_length_is_read(said, length):
    """The length of a longer one is encoded in another way."""
    assert said(github().but({14: "r" * length})).source_ref == "r" * length


def test_a_value_may_hold_any_letter(said):
    """A branch may be named in any language."""
    assert said(github().but({14: "refs/heads/größe-✔"})).source_ref == "refs/heads/größe-✔"


@pytest.mark.parametrize("fault", [Fault.MALFORMED_EXTENSION, Fault.LONG_EXTENSION, Fault.REPEATED_EXTENSION])
def test_a_malformed_extension_is_no_value(said, fault):
    """Two readers of it could see two repositories."""
    with pytest.raises((MalformedError, x509.DuplicateExtension)):
        said(github(), fault=fault)


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\x0c", id="a tag alone"),
        pytest.param(b"\x0c\x05abc", id="shorter than it says"),
        pytest.param(b"\x0c\x81\x03abc", id="a long length for a short value"),
        pytest.param(b"\x0c\x80abc", id="no length"),
        pytest.param(b"\x0c\x83\x00\x00\x03abc", id="a length of three bytes"),
        pytest.param(b"\x0c\x81", id="a length that is cut off"),
        pytest.param(b"\x16\x03abc", id="another kind of string"),
        pytest.param(b"\x0c\x02\xff\xfe", id="no UTF-8"),
    ],
)
def test_der_has_one_way_to_say_a_thing(said, monkeypatch, raw):
    """Another way is a way to hide something."""
    monkeypatch.setattr("mint.utf8", lambda _: raw)

    with pytest.raises(ValueError):  # noqa: PT011 - a decoder's, or ours
        said(github())


def test_a_certificate_with_two_names_has_no_signer(said):
    """Which of both signed, nobody can say."""
    assert said(replace(github(), others=("https://github.com/mallory/x",))).signer is None


def test_a_certificate_without_a_name_has_no_signer():
    """Those of the authorities have none."""
    from mint_logs import Authority

    assert identity(x509.load_der_x509_certificate(Authority("fulcio").root)) == Identity()
