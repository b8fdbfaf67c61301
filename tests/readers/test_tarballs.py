"""Tarballs, read while they pass by: honest ones, and such as two programs would read differently."""

from __future__ import annotations

import gzip
import io
import json
import os
import tarfile
import tracemalloc
from hashlib import sha512

import pytest

from preflight.errors import UsageError
from preflight.readers import tarballs

MANIFEST = json.dumps({"name": "widgets", "version": "1.0.0"}).encode()
OTHER = json.dumps({"name": "gadgets", "version": "1.0.0"}).encode()
WIDGETS = ("widgets", "1.0.0", None)
END = bytes(1024)


def header(path, size=0, kind=b"0", *, prefix=b"", magic=b"ustar\x0000", field=None):
    """Return the header of an entry."""
    path = path.encode() if isinstance(path, str) else path
    block = bytearray(path[:100].ljust(100, b"\0") + b"0000644\0" * 3)
    block += (field or b"%011o\0" % size) + b"%011o\0" % 0 + b" " * 8 + kind + bytes(100)
    block += magic.ljust(8, b"\0") + bytes(80) + prefix.ljust(155, b"\0")
    block = block.ljust(512, b"\0")
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def entry(path, body=b"", kind=b"0", **more):
    """Return an entry of a tar file."""
    return header(path, len(body), kind, **more) + body + bytes(-len(body) % 512)


def pax(**records):
    """Return a pax header for the next entry."""
    lines = b""
    for key, value in records.items():
        rest = f" {key}={value}\n".encode()
        length = len(rest) + 1
        while len(str(length)) + len(rest) != length:
            length = len(str(length)) + len(rest)
        lines += str(length).encode() + rest
    return entry("PaxHeader", lines, b"x")


def pieces(data, size=65536):
    """Return data piece by piece."""
    return [data[start : start + size] for start in range(0, len(data), size)]


def found(*entries, end=END, size=65536):
    """Return what is read of the name, the version, and why not, in a tarball with these entries."""
    read = tarballs.read(pieces(gzip.compress(b"".join(entries) + end), size))
    return read.name, read.version, read.why


GOOD = entry("package/package.json", MANIFEST)


# -- what is read ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "entries",
    [
        pytest.param([GOOD], id="alone"),
        pytest.param([entry("package/index.js", b"a" * 5000), GOOD, entry("package/b.js", b"b")], id="among others"),
        pytest.param([entry("widgets-1.0.0/package.json", MANIFEST)], id="a folder of another name"),
        pytest.param([entry("package", kind=b"5"), GOOD], id="a folder"),
        pytest.param([entry("package/package.json", b"\xef\xbb\xbf" + MANIFEST)], id="a byte order mark"),
        pytest.param([entry("package/x/package.json", OTHER), GOOD], id="another package inside"),
        pytest.param([entry("package.json", OTHER), GOOD], id="one outside the folder"),
        pytest.param([GOOD, GOOD], id="twice the same"),
        pytest.param([entry("package.json", MANIFEST, prefix=b"package")], id="a prefix"),
        pytest.param([pax(path="package/package.json"), entry("x", MANIFEST)], id="a name of pax"),
        pytest.param([pax(mtime="1.5"), GOOD], id="pax says something else"),
        pytest.param([entry("pax_global_header", b"11 a=b12345"[:10] + b"\n", b"g"), GOOD], id="pax for all, harmless"),
        pytest.param([entry("././@LongLink", b"package/package.json\0", b"L"), entry("x", MANIFEST)], id="a GNU name"),
        pytest.param([entry("package/package.json", MANIFEST, b"\0")], id="an old kind of file"),
        pytest.param([entry("package//./package.json", MANIFEST)], id="a name with detours"),
        pytest.param([header("package/package.json", 0, b"2"), GOOD], id="a link beside it"),
        pytest.param([header("package/old/", 512), GOOD], id="an old kind of folder"),
        pytest.param(
            [header("package/package.json", field=b"\x80" + len(MANIFEST).to_bytes(11, "big"))
             + MANIFEST + bytes(-len(MANIFEST) % 512)],
            id="a binary size",
        ),
    ],
)  # fmt: skip
def test_a_manifest_is_found(entries):
    """Programs that make tarballs are many, and each has its ways."""
    assert found(*entries) == WIDGETS


@pytest.mark.parametrize("size", [1, 7, 511, 512, 513, 100_000])
def test_the_size_of_pieces_makes_no_difference(size):
    """The network cuts wherever it likes."""
    assert found(entry("package/a", os.urandom(3000)), GOOD, size=size) == WIDGETS


def test_a_tarball_of_the_standard_library_is_read():
    """Long names and all, by somebody else's hand."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz", format=tarfile.PAX_FORMAT) as tar:
        for name, body in (("package/" + "long/" * 60 + "a.js", b"x"), ("package/package.json", MANIFEST)):
            info = tarfile.TarInfo(name)
            info.size = len(body)
            tar.addfile(info, io.BytesIO(body))

    read = tarballs.read([made.getvalue()])

    assert (read.name, read.version) == ("widgets", "1.0.0")


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(gzip.compress(GOOD + END), id="a tarball"),
        pytest.param(b"no gzip at all" * 1000, id="no tarball"),
        pytest.param(gzip.compress(GOOD + END) + b"behind" * 1000, id="with a tail"),
        pytest.param(gzip.compress(GOOD)[:-20], id="truncated"),
        pytest.param(b"", id="nothing"),
    ],
)
def test_the_digest_is_that_of_every_byte(data):
    """Whatever stands inside, or behind: the attestation is about all of it."""
    read = tarballs.read(pieces(data, 100))

    assert read.sha512 == sha512(data).hexdigest()


def test_gzip_streams_may_follow_one_another():
    """Node.js reads on, and so must we, or the second one could say anything."""
    data = gzip.compress(entry("package/a", b"a")) + gzip.compress(GOOD + END) + bytes(100)

    assert tarballs.read([data]).name == "widgets"


# -- what is not ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entries", "why"),
    [
        pytest.param([entry("package/a", b"a")], "holds no package.json", id="none"),
        pytest.param([GOOD, entry("package/package.json", OTHER)], "several package.json that differ", id="two"),
        pytest.param([GOOD, entry("other/package.json", OTHER)], "several package.json that differ", id="two folders"),
        pytest.param([GOOD, entry("package/package.json", kind=b"5")], "something else", id="a folder in its place"),
        pytest.param([GOOD, entry("package/package.json/x", b"x")], "something else", id="a file below it"),
        pytest.param([GOOD, entry("package/Package.json", OTHER)], "something else", id="another case"),
        pytest.param([GOOD, entry("package\\package.json", OTHER)], "something else", id="a backslash"),
        pytest.param([entry("package/package.json", b"{}")], "without name and version", id="an empty one"),
        pytest.param([entry("package/package.json", b"[" * 100_000)], "without name and version", id="a deep one"),
        pytest.param([entry("package/package.json", b"\xff")], "without name and version", id="no text"),
        pytest.param([entry("package/package.json", b" " * (4 * 1024 * 1024 + 1))], "more than 4 MiB", id="a huge one"),
        pytest.param([header("package/package.json", 5000), b"x" * 512], "breaks off", id="one that breaks off"),
        pytest.param([header("package/a", 50_000), b"x" * 512], "breaks off", id="another that breaks off"),
        pytest.param([header("package/a")[:300]], "breaks off", id="half a header"),
        pytest.param([GOOD, b"x" * 512], "what is no header", id="no header"),
        pytest.param([GOOD, bytes(512), entry("package/package.json", OTHER)], "an empty block within", id="a gap"),
        pytest.param([header("package/a", field=b"99999999999\0")], "what is no header", id="no octal size"),
        pytest.param([header("package/a", field=b"\xff" * 12)], "what is no header", id="a negative size"),
        pytest.param([header("package/a", field=b"\x80" + b"\xff" * 11)], "breaks off", id="an astronomic size"),
        pytest.param([entry("package/a", b"x" * 512, b"2"), GOOD], "a link with contents", id="a link with contents"),
        pytest.param([entry("x", b"a" * 65537, b"L"), GOOD], "a name of more than 64 KiB", id="a huge name"),
        pytest.param([entry("x", b"a" * 65537, b"x"), GOOD], "a name of more than 64 KiB", id="a huge pax header"),
        pytest.param([entry("x", b"nonsense", b"x"), GOOD], "no pax header", id="no pax header"),
        pytest.param([entry("x", b"99 a=b\n", b"x"), GOOD], "no pax header", id="a pax header that is too short"),
        pytest.param([pax(size="-1"), GOOD], "what is no header", id="a negative size of pax"),
        pytest.param([pax(size="10"), GOOD], "without name and version", id="another size by pax"),
        pytest.param([entry("x", b"8 path=a\n".replace(b"8", b"9"), b"g"), GOOD], "one name", id="pax names all"),
    ],
)
def test_what_can_be_read_in_two_ways_has_no_name(entries, why):
    """A name that only preflight sees in it would prove nothing."""
    name, version, said = found(*entries, end=b"" if "breaks" in why else END)

    assert (name, version) == (None, None)
    assert why in said


def test_entries_without_end_have_one(monkeypatch):
    """A million empty files fit into a few kilobytes."""
    monkeypatch.setattr(tarballs, "ENTRIES", 100)

    assert found(*[entry("package/a")] * 101)[2] == "holds more than 100 entries"


def test_a_bomb_is_not_unpacked():
    """A gigabyte of nothing costs neither memory nor time."""
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=1) as made:
        made.write(header("package/a", 2**30))
        for _ in range(160):
            made.write(bytes(2**20))
    tracemalloc.start()

    why = tarballs.read(pieces(packed.getvalue())).why

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (why, peak < 8 * 2**20) == ("unpacks to far more than it is", True)


def test_what_is_no_gzip_has_no_name():
    """Npm's registry takes nothing else."""
    assert tarballs.read([GOOD + END]).why == "is no gzip"


def test_a_gzip_stream_that_breaks_off_has_no_name():
    """Its checksum stands at its end."""
    assert tarballs.read([gzip.compress(os.urandom(5000))[:-30]]).why is not None


def test_an_error_of_the_way_is_passed_on():
    """Half a tarball has no digest."""

    def broken():
        yield gzip.compress(GOOD + END)[:50]
        raise OSError("reset")

    with pytest.raises(OSError, match="reset"):
        tarballs.read(broken())


# -- a file ---------------------------------------------------------------------------------------


def test_a_file_is_read(tmp_path):
    """`--tarball` takes what `npm pack` made."""
    path = tmp_path / "widgets-1.0.0.tgz"
    path.write_bytes(gzip.compress(GOOD + END))

    assert tarballs.local(path).name == "widgets"


def test_a_file_that_is_not_there_is_refused(tmp_path):
    """The user named it, so the user hears of it."""
    with pytest.raises(UsageError, match="cannot read"):
        tarballs.local(tmp_path / "none.tgz")


def test_no_bytes_on_their_way_make_it_fail():
    """Whoever publishes decides about every bit."""
    import random

    chance = random.Random(1)
    plain = pax(path="package/package.json") + entry("x", MANIFEST) + GOOD + END
    for _ in range(400):
        changed = bytearray(plain)
        for _ in range(chance.randrange(1, 8)):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        tarballs.read([gzip.compress(bytes(changed[: chance.randrange(len(changed))]), 1)])
    packed = gzip.compress(plain)

    for _ in range(400):
        changed = bytearray(packed)
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
        tarballs.read(pieces(bytes(changed), 37))
