"""The configuration file."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path, PurePosixPath

import pytest
import tomli
from jsonschema import Draft202012Validator

from preflight import config
from preflight.config import FailOn, Mode, Publisher, parse
from preflight.errors import ConfigError
from preflight.source.files import Files

SCHEMA = Path(config.__file__).parent / "data" / "schemas" / "config.json"
WHOLE = """\
fail-on = "warning"
strict = true
select = ["core"]
extend-select = ["old-npm"]
repository = "acme/widgets"

[expect]
repository = "acme/widgets"
workflow = "release.yml"
environment = "npm"
publisher = "trusted"
mode = "stage"
tag-pattern = "v{version}"
ref = "refs/heads/main"
trust-list = "trust.json"

[[ignore]]
rule = "self-hosted-runner"
path = ".github/workflows/nightly.yml"
reason = "nightlies go elsewhere"
expires = 2027-03-01

[[ignore]]
rule = "old-npm"
package = "@acme/core"
reason = "soon"
expires = "2027-03-02"
"""


def test_every_key_is_read():
    """What is written must count."""
    found = parse(WHOLE)

    assert (found.fail_on, found.strict, found.select, found.extend_select, found.repository) == (
        FailOn.WARNING,
        True,
        ("core",),
        ("old-npm",),
        "acme/widgets",
    )


def test_the_expected_identity_is_read():
    """`verify` compares with it."""
    expect = parse(WHOLE).expect

    assert (expect.workflow, expect.publisher, expect.mode, expect.tag_pattern, expect.trust_list) == (
        "release.yml",
        Publisher.TRUSTED,
        Mode.STAGE,
        "v{version}",
        "trust.json",
    )


def test_ignores_are_read_with_their_places():
    """`unused-ignore` points at the table."""
    found = [(each.rule, each.path, each.package, each.expires, each.at.line) for each in parse(WHOLE).ignores]

    assert found == [
        ("self-hosted-runner", ".github/workflows/nightly.yml", None, date(2027, 3, 1), 17),
        ("old-npm", None, "@acme/core", date(2027, 3, 2), 23),
    ]


def test_an_inline_array_of_ignores_has_a_place_too():
    """TOML has two spellings."""
    (ignore,) = parse('ignore = [{rule = "a", reason = "b"}]').ignores

    assert ignore.at.start == (1, 1)


def test_an_empty_file_says_nothing():
    """It is what `touch` makes."""
    assert parse("").fail_on is None


def test_the_schema_accepts_what_is_read():
    """Editors complete from it."""
    document = json.loads(json.dumps(tomli.loads(WHOLE), default=str))

    assert Draft202012Validator(json.loads(SCHEMA.read_text("utf-8"))).is_valid(document)


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        pytest.param(
            "fail_on = 1",
            "preflight.toml: `fail_on` is no key that preflight knows",
            "did you mean `fail-on`?",
            id="a key",
        ),
        pytest.param(
            "[expect]\nworkflw = 'a'",
            "preflight.toml: `expect.workflw` is no key that preflight knows",
            "did you mean `workflow`?",
            id="a key below",
        ),
        pytest.param(
            "fail-on = 'eror'",
            "preflight.toml: `fail-on` must be one of error, warning, note, never, not `eror`",
            "did you mean `error`?",
            id="a word",
        ),
        pytest.param("fail-on = 1", "preflight.toml: `fail-on` must be a string that is not empty", None, id="a type"),
        pytest.param("strict = 'yes'", "preflight.toml: `strict` must be true or false", None, id="a flag"),
        pytest.param("select = 'core'", "preflight.toml: `select` must be a list of strings", None, id="a list"),
        pytest.param("select = [1]", "preflight.toml: `select` must be a list of strings", None, id="its items"),
        pytest.param("expect = 1", "preflight.toml: `expect` must be a table: write `[expect]`", None, id="a table"),
        pytest.param(
            "[ignore]\nrule = 'a'",
            "preflight.toml: `ignore` must be an array of tables: write `[[ignore]]`",
            None,
            id="an array",
        ),
        pytest.param(
            "[[ignore]]\nrule = 'old-npm'", "preflight.toml: `ignore[0].reason` is missing", None, id="no reason"
        ),
        pytest.param("[[ignore]]\nreason = 'a'", "preflight.toml: `ignore[0].rule` is missing", None, id="no rule"),
        pytest.param(
            "[[ignore]]\nrule = 'old-nmp'\nreason = 'a'",
            "preflight.toml: `ignore[0].rule` names no rule: `old-nmp`",
            "did you mean `old-npm`?",
            id="an unknown rule",
        ),
        pytest.param(
            "[[ignore]]\nrule = 'old-npm'\nreason = 'a'\nexpires = 'soon'",
            "preflight.toml: `ignore[0].expires` must be a date such as 2027-03-01",
            None,
            id="no date",
        ),
        pytest.param(
            "[[ignore]]\nrule = 'old-npm'\nreason = 'a'\nexpires = 2027-03-01T00:00:00",
            "preflight.toml: `ignore[0].expires` must be a date such as 2027-03-01",
            None,
            id="a time",
        ),
        pytest.param(
            "[[ignore]]\nrule = 'old-npm'\nreason = 'a'\nline = 3",
            "preflight.toml: `ignore[0].line` is no key that preflight knows",
            None,
            id="a key of an ignore",
        ),
    ],
)
def test_a_mistake_names_file_and_key(text, message, hint):
    """A configuration that is half understood is worse than none."""
    with pytest.raises(ConfigError) as caught:
        parse(text, rules=["old-npm"])

    assert (str(caught.value), caught.value.hint) == (message, hint)


@pytest.mark.parametrize("text", ["a = ", "a = " + "[" * 5000], ids=["cut", "deep"])
def test_no_toml_is_said_in_a_sentence(text):
    """A traceback helps nobody."""
    with pytest.raises(ConfigError, match="is no valid TOML"):
        parse(text)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(b"\xff", "x is not UTF-8", id="encoding"),
        pytest.param(b"#" * 300_000, "x is larger than 256 KiB", id="size"),
        pytest.param(None, "x cannot be read: no such file or directory", id="missing"),
    ],
)
def test_a_file_that_cannot_be_read(tmp_path, data, message):
    """`--config` may name anything."""
    path = tmp_path / "x"
    if data is not None:
        path.write_bytes(data)

    with pytest.raises(ConfigError) as caught:
        config.load(path, "x")

    assert str(caught.value) == message


def test_a_named_file_is_read(tmp_path):
    """With a byte order mark, as Windows writes it."""
    (tmp_path / "x").write_text("\ufeffstrict = true", "utf-8")

    assert config.load(tmp_path / "x", "x").strict


def test_the_first_of_three_places_counts(tmp_path):
    """The root before `.github` before `.config`."""
    for folder in (".github", ".config"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "preflight.toml").write_text("", "utf-8")

    assert config.find(Files(tmp_path)) == (
        PurePosixPath(".github/preflight.toml"),
        PurePosixPath(".config/preflight.toml"),
    )


def test_a_link_out_of_the_project_is_no_configuration(tmp_path):
    """The repository under test must not choose a file of ours."""
    (tmp_path / "outside.toml").write_text("strict = true", "utf-8")
    root = tmp_path / "root"
    root.mkdir()
    (root / "preflight.toml").symlink_to(tmp_path / "outside.toml")

    assert config.find(Files(root)) == ()


def test_a_configuration_that_cannot_be_read_is_refused(tmp_path):
    """To go on without it would silently check something else."""
    (tmp_path / "preflight.toml").write_bytes(b"\xff")

    with pytest.raises(ConfigError, match=r"preflight\.toml cannot be read"):
        config.read(Files(tmp_path), PurePosixPath("preflight.toml"))
