"""Tarballs of packages: their digest, and the package.json inside, without a byte of them on the disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.fact import Known
from preflight.facts.release import Tarball
from preflight.readers.answers import decoded
from preflight.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

GIBI = 1024**3
LARGEST = GIBI
"""Bytes of a tarball, as it is sent."""
LARGEST_MANIFEST = 4 * 1024 * 1024
LARGEST_HEADER = 64 * 1024
"""Bytes of what a tar file says about its next entry: a long name, or the records of POSIX's pax."""
ENTRIES = 100_000
UNPACKED = 64 * 1024 * 1024
RATIO = 100
"""How many times as large as it is sent a tarball may be, beyond its first 64 MiB; real ones stay below 20."""
PIECE = 256 * 1024
BLOCK = 512
MANIFEST = ["package.json"]
GZIP = b"\x1f\x8b"

FILES = frozenset({b"0", b"\0", b"7"})
FOLDER = b"5"
LINKS = frozenset({b"1", b"2", b"3", b"4", b"6"})
PAX, PAX_OF_ALL, LONG_NAME = b"x", b"g", b"L"


class _OddError(Exception):
    """A tarball that programs may read in several ways, or that is no tarball; the text completes "it …"."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """A header of a tar file."""

    path: str
    kind: bytes
    size: int


def local(path: Path) -> Tarball:
    """Read a tarball that the user names. Raises UsageError."""
    from preflight.source import named

    return read(named.pieces(path, LARGEST))


def read(pieces: Iterable[bytes]) -> Tarball:
    """Return the digest of all pieces of a tarball, and what its package.json says.

    As npm unpacks it, the first folder may have any name, and links are left out. A tarball that two programs could
    read differently has no name and no version. Passes on what `pieces` raises.
    """
    from hashlib import sha512

    digest = sha512()
    sent = 0

    def hashed() -> Iterator[bytes]:
        nonlocal sent
        for piece in pieces:
            digest.update(piece)
            sent += len(piece)
            yield piece

    stream = hashed()
    name = version = why = None
    try:
        name, version = _names(_manifests(_Unpacked(stream, lambda: sent)))
    except _OddError as error:
        why = str(error)
    for _ in stream:
        pass
    return Tarball(digest.hexdigest(), name, version, why)


def _names(manifests: Iterable[bytes]) -> tuple[str, str]:
    found = {_name(manifest) for manifest in manifests}
    if not found:
        raise _OddError("holds no package.json")
    if len(found) > 1:
        raise _OddError("holds several package.json that differ")
    return found.pop()


def _name(manifest: bytes) -> tuple[str, str]:
    match decoded(manifest.removeprefix(b"\xef\xbb\xbf"), "it"):
        case Known({"name": str(name), "version": str(version)}):
            return name, version
        case _:
            raise _OddError("holds a package.json without name and version")


# -- gzip -----------------------------------------------------------------------------------------


class _Unpacked:
    """What a gzip stream holds, read in small pieces; as in Node.js, several may follow one another."""

    def __init__(self, pieces: Iterator[bytes], sent: Callable[[], int]) -> None:
        """Take the stream, and how much of it was read."""
        self._sent = sent
        self._parts = self._unpack(pieces)
        self._buffer = b""
        self._size = 0

    def take(self, count: int) -> bytes:
        """Return the next bytes; fewer only where there are no more."""
        parts = [self._buffer]
        left = count - len(self._buffer)
        while left > 0 and (part := next(self._parts, b"")):
            parts.append(part)
            left -= len(part)
        joined = b"".join(parts)
        self._buffer = joined[count:]
        return joined[:count]

    def skip(self, count: int) -> None:
        """Leave out some bytes."""
        while count > 0:
            taken = self.take(min(count, PIECE))
            if not taken:
                raise _OddError("breaks off")
            count -= len(taken)

    def _unpack(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        import zlib

        unpack = None
        for piece in pieces:
            rest = piece
            while rest:
                if unpack is None:
                    if self._size and rest[:1] != GZIP[:1]:
                        # npm, too, reads over what stands behind the end.
                        return
                    unpack = zlib.decompressobj(31)
                try:
                    part = unpack.decompress(rest, PIECE)
                except zlib.error:
                    raise _OddError("is no gzip") from None
                rest = unpack.unconsumed_tail
                if unpack.eof:
                    rest, unpack = unpack.unused_data, None
                self._size += len(part)
                if self._size > max(UNPACKED, RATIO * self._sent()):
                    raise _OddError("unpacks to far more than it is")
                if part:
                    yield part
        if unpack is not None:
            raise _OddError("breaks off")


# -- tar ------------------------------------------------------------------------------------------


def _manifests(stream: _Unpacked) -> Iterator[bytes]:
    """Yield every file that npm would unpack as the package's package.json."""
    for entry in _entries(stream):
        padding = -entry.size % BLOCK
        if entry.kind in FILES and _inside(entry.path) == MANIFEST:
            if entry.size > LARGEST_MANIFEST:
                raise _OddError(f"holds a package.json of more than {LARGEST_MANIFEST // 1024 // 1024} MiB")
            yield _whole(stream, entry.size)
            stream.skip(padding)
        elif entry.kind not in LINKS and _inside(entry.path.lower().replace("\\", "/"))[:1] == MANIFEST:
            # On one system or another it would take the file's place.
            raise _OddError("holds something else that is called package.json")
        else:
            stream.skip(entry.size + padding)


def _inside(path: str) -> list[str]:
    """Return the parts of a path without the first, which npm leaves out."""
    return [part for part in path.split("/")[1:] if part not in {"", "."}]


def _entries(stream: _Unpacked) -> Iterator[_Entry]:
    """Yield every entry that is no header of another; the caller reads, or skips, what it holds."""
    path: str | None = None
    size: int | None = None
    count = 0
    while block := stream.take(BLOCK):
        if not block.strip(b"\0"):
            # Two empty blocks are the end; one alone is read over, as npm does.
            if not stream.take(BLOCK).strip(b"\0"):
                return
            raise _OddError("has an empty block within")
        count += 1
        if count > ENTRIES:
            raise _OddError(f"holds more than {ENTRIES} entries")
        entry = _header(block)
        if entry.kind in {PAX, PAX_OF_ALL, LONG_NAME}:
            if entry.size > LARGEST_HEADER:
                raise _OddError(f"holds a name of more than {LARGEST_HEADER // 1024} KiB")
            said = _whole(stream, entry.size)
            stream.skip(-entry.size % BLOCK)
            if entry.kind == LONG_NAME:
                path = _text(said)
                continue
            records = dict(_records(said))
            if entry.kind == PAX:
                path = records.get("path", path)
                size = _decimal(records["size"]) if "size" in records else size
            elif "size" in records or "path" in records:
                raise _OddError("gives all its entries one name or one size")
            continue
        found = _Entry(entry.path if path is None else path, entry.kind, entry.size if size is None else size)
        path = size = None
        if found.kind in LINKS and found.size:
            raise _OddError("holds a link with contents")
        yield found


def _header(block: bytes) -> _Entry:
    if len(block) < BLOCK:
        raise _OddError("breaks off")
    if _number(block[148:156]) != sum(block) - sum(block[148:156]) + 8 * ord(" "):
        raise _OddError("holds what is no header")
    path, kind, size = _text(block[:100]), block[156:157], _number(block[124:136])
    if block[257:263] == b"ustar\0" and (prefix := _text(block[345:500])):
        path = f"{prefix}/{path}"
    # Before POSIX a slash at the end made a folder; and folders hold nothing, whatever their size.
    if kind == FOLDER or (kind in FILES and path.endswith("/")):
        kind, size = FOLDER, 0
    return _Entry(path, kind, size)


def _number(field: bytes) -> int:
    """Read a number of a header: octal, or binary where the first bit says so."""
    if field[0] & 0x80:
        return int.from_bytes(bytes([field[0] & 0x7F]) + field[1:], "big") if field[0] == 0x80 else _no_header()
    digits = field.strip(b" \0")
    if not digits:
        return 0
    if digits.strip(b"01234567"):
        _no_header()
    return int(digits, 8)


def _no_header() -> int:
    raise _OddError("holds what is no header")


def _records(said: bytes) -> Iterator[tuple[str, str]]:
    """Yield the records of a pax header, `25 path=package/x.json` each with a line's end (POSIX, pax)."""
    while said:
        length, _, _ = said.partition(b" ")
        if not length.isdigit() or len(length) > 6:
            raise _OddError("holds what is no pax header")
        record, said = said[: int(length)], said[int(length) :]
        key, equals, value = record[len(length) + 1 :].partition(b"=")
        if not equals or len(record) != int(length) or not value.endswith(b"\n"):
            raise _OddError("holds what is no pax header")
        yield _text(key), value[:-1].decode("utf-8", "replace")


def _decimal(said: str) -> int:
    if not (said.isascii() and said.isdigit() and len(said) < 16):
        _no_header()
    return int(said)


def _whole(stream: _Unpacked, size: int) -> bytes:
    found = stream.take(size)
    if len(found) < size:
        raise _OddError("breaks off")
    return found


def _text(field: bytes) -> str:
    return field.partition(b"\0")[0].decode("utf-8", "replace")
