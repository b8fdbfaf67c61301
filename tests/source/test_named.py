"""Files that the user names, and the one that preflight writes for itself."""

from __future__ import annotations

import pytest

from preflight.errors import UsageError
from preflight.source import edits, named


def test_a_file_is_read_piece_by_piece(tmp_path):
    """A tarball may be larger than the memory."""
    (tmp_path / "a").write_bytes(b"x" * (named.PIECE + 1))

    assert [len(piece) for piece in named.pieces(tmp_path / "a", named.MEBI)] == [named.PIECE, 1]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        pytest.param("none", "no such file", id="not there"),
        pytest.param(".", "is a directory", id="a folder"),
        pytest.param("a\0b", "cannot be opened", id="no name at all"),
        pytest.param("large", "larger than 1 MiB", id="too large"),
    ],
)
def test_what_cannot_be_read_is_the_users_to_mend(tmp_path, name, why):
    """The name was a word of the command line."""
    (tmp_path / "large").write_bytes(bytes(named.MEBI + 1))

    with pytest.raises(UsageError, match=why):
        named.read(tmp_path / name, named.MEBI)


def test_a_file_is_written_with_its_folders(tmp_path):
    """The first run finds no folder."""
    edits.save(tmp_path / "a" / "b", b"x")

    assert (tmp_path / "a" / "b").read_bytes() == b"x"


def test_a_file_is_replaced_as_a_whole(tmp_path):
    """Two runs at once may write it, and a third one read it."""
    path = tmp_path / "a"
    path.write_bytes(b"old and long")

    edits.save(path, b"new")

    assert (path.read_bytes(), [each.name for each in tmp_path.iterdir()]) == (b"new", ["a"])


def test_what_cannot_be_written_leaves_nothing_behind(tmp_path):
    """Rubbish in a cache is never cleaned up."""
    (tmp_path / "a").mkdir()

    with pytest.raises(OSError, match="directory"):
        edits.save(tmp_path / "a", b"x")

    assert [each.name for each in tmp_path.iterdir()] == ["a"]
