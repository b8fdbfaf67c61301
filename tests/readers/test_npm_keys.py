"""npm's public keys: which key signs what, and when."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from preflight.readers import npm_keys
from preflight.readers.documents import MalformedError
from preflight.readers.npm_keys import Usage, fingerprint, moment, read


def changed(document, **changes):
    """Return a document of keys with members of the first key replaced."""
    first, *rest = document["keys"]
    return json.dumps({"keys": [{**first, **changes}, *rest]}).encode()


def public(document, **changes):
    """Return the first key's `publicKey` with members replaced."""
    return {"publicKey": {**document["keys"][0]["publicKey"], **changes}}


def test_the_keys_that_come_along_are_npm_s():
    """Two keys for two uses each; a third one would be somebody else's."""
    found = npm_keys.embedded()

    assert [(key.id, key.usage) for key in found] == [
        (name, usage)
        for name in (
            "SHA256:jl3bwswu80PjjokCgh0o2w5c2U4LhQAE57gj9cz1kzA",
            "SHA256:DhQ8wR5APBvFHLF/+Tc+AYvPOdTpcIDqOhxsBHRwC7U",
        )
        for usage in Usage
    ]


def test_the_file_that_comes_along_says_its_day():
    """A key that npm adds later is not in it, and the report says how old it is."""
    from preflight.data import day

    assert day(npm_keys.TABLE) >= "2026-08-01"


def test_both_forms_name_the_same_keys(world):
    """The registry's own list is what a self-made mirror has."""
    tuf, listed = (read(json.dumps(each).encode()) for each in (world.npm_keys(), world.registry_keys()))

    assert [(key.id, key.usage, key.end) for key in tuf] == [(key.id, key.usage, key.end) for key in listed]


def test_the_registry_s_list_does_not_say_since_when(world):
    """A key without a beginning counts from the beginning on."""
    assert {key.start for key in read(json.dumps(world.registry_keys()).encode())} == {None}


def test_an_id_is_the_fingerprint(world):
    """The id is what a bundle names, so that another key under it would be trusted."""
    (key,) = {key.id: key.key for key in read(json.dumps({"keys": world.npm.targets()}).encode())}.items()

    assert key[0] == fingerprint(key[1]) == world.npm.id


def test_another_key_under_a_known_id_is_malformed(world):
    """Whoever edits the file edits the key and leaves the id."""
    document = world.npm_keys()

    with pytest.raises(MalformedError, match="another one than its id says"):
        read(changed(document, **public(document, rawBytes=world.npm.raw)))


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param("", id="nothing"),
        pytest.param("AAAA", id="no key"),
        pytest.param("!", id="no base64"),
        pytest.param("MCowBQYDK2VwAyEAt8rlp1knGwjfbcXAYPYAkn0XiLz1x8O4t0YkEhie244=", id="a key of another kind"),
    ],
)
def test_a_key_that_cannot_be_read_is_malformed(world, raw):
    """Left out, it would look as if npm had never had it."""
    document = world.npm_keys()

    with pytest.raises(MalformedError):
        read(changed(document, **public(document, rawBytes=raw)))


@pytest.mark.parametrize("end", ["yesterday", "", "2025-13-01T00:00:00.000Z"])
def test_a_time_that_is_none_is_malformed(world, end):
    """Read as no end, an old key would count for ever."""
    document = world.npm_keys()

    with pytest.raises(MalformedError, match="is no time"):
        read(changed(document, **public(document, validFor={"end": end})))


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"keyUsage": "npm:something"}, id="another use"),
        pytest.param({"keyUsage": 5}, id="no use"),
        pytest.param({"publicKey": {"keyDetails": "PKIX_ED25519", "rawBytes": "x"}}, id="another kind of key"),
        pytest.param({"publicKey": 5}, id="no key"),
    ],
)
def test_a_key_for_something_else_is_left_out(world, changes):
    """There may be one that this version does not know."""
    assert len(read(changed(world.npm_keys(), **changes))) == 3


@pytest.mark.parametrize("changes", [{"scheme": "rsa"}, {"key": 5}, {"keyid": None}])
def test_a_listed_key_for_something_else_is_left_out(world, changes):
    """The same for the registry's own list."""
    assert len(read(changed(world.registry_keys(), **changes))) == 2


@pytest.mark.parametrize("raw", [b"", b"{}", b"[]", b'{"keys": []}', b'{"keys": {}}', b'{"keys": [], "keys": [1]}'])
def test_a_document_without_keys_is_malformed(raw):
    """An empty list would make every package of the world unsigned."""
    with pytest.raises(MalformedError):
        read(raw)


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (None, None),
        ("2025-01-29T00:00:00.000Z", datetime(2025, 1, 29, tzinfo=UTC)),
        ("2025-01-29T01:00:00+01:00", datetime(2025, 1, 29, tzinfo=UTC)),
        ("2025-01-29T00:00:00", datetime(2025, 1, 29, tzinfo=UTC)),
    ],
)
def test_a_moment_has_a_zone(said, found):
    """A time without one would be that of the machine."""
    assert moment(said) == found
