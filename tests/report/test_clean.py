"""Foreign text, made harmless."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preflight.report.clean import LONGEST, clean, conceal, secrets


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("plain – ✔ 漢", "plain – ✔ 漢", id="what can be read stays"),  # noqa: RUF001
        pytest.param("a\x1b[31mb", "a\\x1b[31mb", id="a colour"),
        pytest.param("a\x9b31mb", "a\\x9b31mb", id="the one-byte introducer"),
        pytest.param("a\r\nb\tc\x7f", "a\\r\\nb\\tc\\x7f", id="control characters"),
        pytest.param("a\u202eb\u2066c", "a\\u202eb\\u2066c", id="direction marks"),
        pytest.param("a\u200bb\ufeff", "a\\u200bb\\ufeff", id="invisible characters"),
        pytest.param("a\u2028b", "a\\u2028b", id="line separators"),
        pytest.param("a\udc80b", "a\\udc80b", id="a lone surrogate"),
        pytest.param("a\U000e0041", "a\\U000e0041", id="tag characters"),
    ],
)
def test_what_a_terminal_would_obey_becomes_visible(text, shown):
    """A repository under test must not paint the screen."""
    assert clean(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("##[error]x", "# #[error]x", id="old commands, anywhere"),
        pytest.param("  ::error::x", "  : :error::x", id="commands at the start of a line"),
        pytest.param("a ::error::x", "a ::error::x", id="nothing elsewhere"),
    ],
)
def test_a_runner_sees_no_command(text, shown):
    """Every line that is printed in CI is read by the runner."""
    assert clean(text, runner=True) == shown


@pytest.mark.parametrize(
    "secret",
    [
        pytest.param("npm_" + "a" * 36, id="npm"),
        pytest.param("ghp_" + "b" * 36, id="GitHub, personal"),
        pytest.param("ghs_" + "c" * 36, id="GitHub, of an app"),
        pytest.param("github_pat_" + "d" * 40, id="GitHub, fine-grained"),
        pytest.param("glpat-" + "e" * 20, id="GitLab"),
        pytest.param("eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln", id="JWT"),
    ],
)
@pytest.mark.parametrize("frame", ["%s", "x %s y", "'%s'", "token=%s;", "x/%s"])
def test_a_token_is_never_shown(secret, frame):
    """The report of a public repository is public."""
    assert secret[:12] not in clean(frame % secret)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("//r/:_authToken=abc", "//r/:_authToken=[redacted]", id="npmrc"),
        pytest.param("_auth: abc", "_auth: [redacted]", id="YAML"),
        pytest.param('"_password": "a b"', '"_password": "[redacted]"', id="JSON"),
        pytest.param("_authToken=${NPM_TOKEN}", "_authToken=${NPM_TOKEN}", id="a reference is no secret"),
        pytest.param("NPM_CONFIG__AUTH=abc", "NPM_CONFIG__AUTH=[redacted]", id="a variable"),
    ],
)
def test_the_value_of_a_credential_is_never_shown(text, shown):
    """Values have no shape; the key gives them away."""
    assert conceal(text) == shown


def test_overlapping_secrets_are_one():
    """A token as the value of a key is found twice."""
    assert secrets("_authToken=npm_" + "a" * 36) == ((11, 51),)


def test_a_long_text_is_cut():
    """A name of 100,000 characters would hide everything else."""
    assert len(clean("x" * 100_000)) == LONGEST + 3


@given(st.text())
def test_cleaned_text_is_printable(text):
    """Whatever it is."""
    assert not [character for character in clean(text) if ord(character) < 32 or 0xD800 <= ord(character) < 0xE000]


@pytest.mark.parametrize("piece", ["eyJ", "npm_", "_auth", "_auth ", "_auth=", "ghp_", "eyJ.", "_password'"])
@pytest.mark.timeout(5)
def test_searching_for_secrets_takes_linear_time(piece):
    """A line of a hostile file may be a megabyte long."""
    assert secrets(piece * 100_000) is not None
