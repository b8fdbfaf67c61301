"""The door to the repository."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path, PurePosixPath

import pytest

from preflight.errors import UsageError
from preflight.source import files as module
from preflight.source.files import Files, decode
from preflight.source.nodes import Mapping, Scalar, find
from preflight.source.problems import FileError, MissingError, SyntaxProblem

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="links, FIFOs and modes are POSIX's")


@pytest.fixture(params=[pytest.param(True, id="below open folders"), pytest.param(False, id="with a look before")])
def root(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Lay out a repository with a secret beside it, to be opened in both ways."""
    if not request.param:
        monkeypatch.setattr(module, "AT_FOLDERS", False)
    elif not module.AT_FOLDERS:
        pytest.skip("the system cannot open names in folders")
    write(tmp_path / "secret.yml", "token: hunter2\n")
    write(tmp_path / "outside/ci.yml", "token: hunter2\n")
    write(tmp_path / "repository/package.json", '{"name": "a"}')
    write(tmp_path / "repository/.github/workflows/ci.yml", "on: push\n")
    return tmp_path / "repository"


def write(path: Path, text: str | bytes) -> None:
    """Write a file and the folders it needs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)


def path(text: str) -> PurePosixPath:
    """Return a path in the repository."""
    return PurePosixPath(text)


# -- reading ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(".github/workflows/ci.yml", id="as it is"),
        pytest.param(".github/../.github/./workflows/ci.yml", id="with dots"),
    ],
)
def test_a_file_is_read(root: Path, name: str) -> None:
    """The plain case."""
    source = Files(root).source(path(name))

    assert (source.path, source.text) == (path(name), "on: push\n")


def test_a_file_is_read_once(root: Path) -> None:
    """All places in a file must share one text, even if someone edits it meanwhile."""
    files = Files(root)
    first = files.source(path("package.json"))
    write(root / "package.json", "{}")

    assert files.source(path("package.json")) is first
    assert files.sources == (first,)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("none.yml", id="no file"),
        pytest.param("none/ci.yml", id="no folder"),
        pytest.param("package.json/ci.yml", id="a file as folder"),
        pytest.param("a" * 300, id="a name too long"),
        pytest.param("a\0b", id="a NUL"),
        pytest.param("a\ud800", id="half a surrogate pair"),
    ],
)
def test_what_is_not_there_is_missing(root: Path, name: str) -> None:
    """Nothing is wrong with a file that need not be there."""
    files = Files(root)

    with pytest.raises(MissingError):
        files.source(path(name))
    assert (files.tree(path(name)), files.exists(path(name)), files.unreadable) == (None, False, [])


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("../secret.yml", id="above"),
        pytest.param(".github/../../secret.yml", id="above by a detour"),
        pytest.param("/etc/passwd", id="from the top"),
        pytest.param("..", id="the parent"),
    ],
)
def test_no_path_leads_out(root: Path, name: str) -> None:
    """A workflow of a fork may name any path."""
    files = Files(root)

    with pytest.raises(FileError, match="it lies outside the repository"):
        files.source(path(name))
    assert not files.exists(path(name))


@POSIX
@pytest.mark.parametrize(
    ("link", "target", "name", "why"),
    [
        pytest.param("ci.yml", "../secret.yml", "ci.yml", "it lies outside the repository", id="a file above"),
        pytest.param("ci.yml", "/etc/hostname", "ci.yml", "it lies outside the repository", id="a file of the system"),
        pytest.param("w", "../outside", "w/ci.yml", "it lies outside the repository", id="a folder above"),
        pytest.param(
            "w", "../outside/..", "w/secret.yml", "it lies outside the repository", id="a folder above by dots"
        ),
        pytest.param("ci.yml", "none.yml", "ci.yml", "its link leads nowhere", id="nothing"),
        pytest.param("ci.yml", "ci.yml", "ci.yml", "its link leads nowhere", id="itself"),
        pytest.param("w", ".github", "w", "it is a folder", id="a folder"),
    ],
)
def test_no_link_leads_out(root: Path, link: str, target: str, name: str, why: str) -> None:
    """Git keeps links, so a fork can make one to any file of the machine."""
    (root / link).symlink_to(target)
    files = Files(root)

    assert files.tree(path(name)) is None
    assert [(entry.path, entry.why) for entry in files.unreadable] == [(path(name), why)]


@POSIX
@pytest.mark.parametrize(
    ("link", "target", "name"),
    [
        pytest.param("ci.yml", ".github/workflows/ci.yml", "ci.yml", id="a file"),
        pytest.param("w", ".github/workflows", "w/ci.yml", id="a folder"),
        pytest.param("docs/ci.yml", "../w2/ci.yml", "docs/ci.yml", id="a link to a link"),
    ],
)
def test_links_inside_are_followed(root: Path, link: str, target: str, name: str) -> None:
    """They are common in workspaces."""
    (root / link).parent.mkdir(exist_ok=True)
    (root / "w2").symlink_to(".github/workflows")
    (root / link).symlink_to(target)
    files = Files(root)

    assert files.source(path(name)).text == "on: push\n"
    assert files.exists(path(name))


@POSIX
def test_a_link_that_changes_at_the_last_moment_is_refused(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the look and the opening someone may put another link there."""
    (root / "ci.yml").symlink_to(".github/workflows/ci.yml")
    monkeypatch.setattr(Files, "_resolved", lambda self, _: f"{self.root}{os.sep}ci.yml")

    with pytest.raises(FileError, match="the system refuses"):
        Files(root).source(path("ci.yml"))


@POSIX
def test_a_file_that_is_swapped_at_the_last_moment_is_refused(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system cannot look and open at once, what is opened is compared with what was looked at."""
    monkeypatch.setattr(module, "AT_FOLDERS", False)
    monkeypatch.setattr(os.path, "samestat", lambda *_: False)

    with pytest.raises(FileError, match="the system refuses"):
        Files(root).source(path("package.json"))


@POSIX
def test_special_files_are_refused_without_waiting(root: Path) -> None:
    """A FIFO would hang for ever."""
    os.mkfifo(root / "fifo.yml")
    with socket.socket(socket.AF_UNIX) as listener:
        folder = os.open(root, os.O_RDONLY)
        listener.bind(f"/proc/self/fd/{folder}/socket.yml" if sys.platform == "linux" else str(root / "socket.yml"))
        os.close(folder)
    files = Files(root)

    trees = [files.tree(path(name)) for name in ("fifo.yml", "socket.yml", ".github")]

    assert trees == [None, None, None]
    assert [entry.why.partition(":")[0] for entry in files.unreadable] == [
        "it is no regular file",
        "the system refuses",
        "it is a folder",
    ]


@POSIX
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_recorded(root: Path) -> None:
    """It is not the same as no file."""
    (root / "package.json").chmod(0)
    files = Files(root)

    assert files.tree(path("package.json")) is None
    assert files.unreadable[0].why == "permission is denied"


def test_errors_of_the_system_are_told(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs as root sees this one here only."""

    def refuse(*_: object, **__: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)

    with pytest.raises(FileError, match="permission is denied"):
        Files(root).source(path("package.json"))


@pytest.mark.parametrize(
    ("data", "text"),
    [
        pytest.param(b"\xef\xbb\xbfa: b\r\n", "a: b\r\n", id="a byte order mark goes, line ends stay"),
        pytest.param("a: é😀".encode(), "a: é😀", id="UTF-8"),
    ],
)
def test_text_is_decoded_strictly(data: bytes, text: str) -> None:
    """GitHub and npm read nothing else."""
    assert decode(data) == text


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        pytest.param("a.yml", b"a: \xff", "it is not UTF-8 (byte 3)", id="a wrong byte"),
        pytest.param("a.yml", "a: b".encode("utf-16"), "it is not UTF-8 (byte 0)", id="UTF-16"),
        pytest.param("a.yml", b" " * (256 * 1024 + 1), "it is larger than 256 KiB", id="large YAML"),
        pytest.param("a.json", b" " * (1024 * 1024 + 1), "it is larger than 1024 KiB", id="large JSON"),
    ],
)
def test_texts_that_cannot_be_read_are_recorded(root: Path, name: str, data: bytes, why: str) -> None:
    """The rule `unreadable-file` reports them."""
    write(root / name, data)
    files = Files(root)

    trees = [files.tree(path(name)), files.tree(path(name), comments=True)]

    assert trees == [None, None]
    assert [(entry.path, entry.why, entry.at) for entry in files.unreadable] == [(path(name), why, None)]


def test_a_file_that_grows_while_it_is_read_is_cut_off(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its size is a promise, not a limit."""
    monkeypatch.setattr(module, "SIZE", 4)
    monkeypatch.setattr(os, "read", lambda _, size: b"x" * size)
    write(root / "a.txt", "x")

    with pytest.raises(FileError, match="larger than"):
        Files(root).source(path("a.txt"))


def test_all_files_together_are_limited(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A repository may hold any number of them."""
    monkeypatch.setattr(module, "TOTAL", 20)
    files = Files(root)
    files.source(path("package.json"))

    with pytest.raises(FileError, match="would be read in all"):
        files.source(path(".github/workflows/ci.yml"))


# -- trees ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        pytest.param("a.yml", "a: b", "b", id="YAML"),
        pytest.param("a.yaml", "a: b", "b", id="YAML by its long name"),
        pytest.param("a.json", '{"a": "b"}', "b", id="JSON"),
        pytest.param(".npmrc", "a = b", "b", id="npm's settings"),
        pytest.param(".yarnrc.yml", "a: b", "b", id="yarn's settings"),
        pytest.param(".releaserc", '{"a": "b"}', "b", id="anything else is YAML"),
    ],
)
def test_a_tree_is_read_by_its_name(root: Path, name: str, text: str, value: str) -> None:
    """A reader need not care."""
    write(root / name, text)

    node = find(Files(root).tree(path(name)), "a")

    assert isinstance(node, Scalar)
    assert (node.value, node.at.path) == (value, path(name))


def test_a_tree_is_read_once(root: Path) -> None:
    """Readers ask for it again and again."""
    files = Files(root)

    first, second = files.tree(path("package.json")), files.tree(path("package.json"))

    assert first is second
    assert [document.root for document in files.read] == [first]


def test_comments_are_allowed_on_request(root: Path) -> None:
    """Npm allows none in a package.json."""
    write(root / "nx.json", '{"a": "b", /* c */}')
    files = Files(root)

    assert isinstance(files.tree(path("nx.json"), comments=True), Mapping)
    assert files.tree(path("nx.json")) is None


def test_a_problem_is_recorded_once_with_its_place(root: Path) -> None:
    """Several readers may ask for the same file."""
    write(root / "package.json", '{"a" 1}')
    files = Files(root)

    trees = [files.tree(path("package.json")), files.tree(path("package.json"))]

    assert trees == [None, None]
    assert [(str(entry.at), entry.why) for entry in files.unreadable] == [
        ("package.json:1:6", "this is not JSON: `:` is missing after a key")
    ]


def test_a_document_raises_what_a_tree_records(root: Path) -> None:
    """For readers that want to know."""
    write(root / "a.yml", "a: b: c")
    files = Files(root)

    with pytest.raises(SyntaxProblem):
        files.document(path("a.yml"))
    with pytest.raises(SyntaxProblem):
        files.documents(path("a.yml"))


def test_an_empty_file_has_a_document_without_root(root: Path) -> None:
    """It is there, and it says nothing."""
    write(root / "a.yml", "# nothing\n")

    document = Files(root).document(path("a.yml"))

    assert (document.root, document.source.path) == (None, path("a.yml"))


def test_all_documents_can_be_had(root: Path) -> None:
    """GitLab's `spec` header is one of its own."""
    write(root / "a.yml", "spec: {}\n---\na: b\n")

    documents = Files(root).documents(path("a.yml"))

    assert len(documents) == 2


# -- folders ----------------------------------------------------------------------------------


def test_a_root_that_is_no_folder_is_an_error_of_use(tmp_path: Path) -> None:
    """The user mistyped it."""
    with pytest.raises(UsageError, match="is not a folder"):
        Files(tmp_path / "none")


def test_folders_are_listed_in_order(root: Path) -> None:
    """What preflight says may not depend on the file system."""
    for name in ("b.yml", "a.yml", "c"):
        write(root / ".github/workflows" / name, "")
    files = Files(root)

    names = files.folder(path(".github/workflows"))

    assert names == ("a.yml", "b.yml", "c", "ci.yml")


@pytest.mark.parametrize(
    "name",
    [pytest.param("none", id="no folder"), pytest.param("..", id="outside"), pytest.param("package.json", id="a file")],
)
def test_what_is_no_folder_has_no_names(root: Path, name: str) -> None:
    """A reader just finds nothing."""
    files = Files(root)

    assert (files.folder(path(name)), files.is_dir(path(name)), files.unreadable) == ((), False, [])


def test_the_root_is_a_folder(root: Path) -> None:
    """`.` is a path too."""
    files = Files(root)

    assert files.is_dir(path("."))
    assert files.folder(path(".")) == (".github", "package.json")


@POSIX
def test_a_linked_folder_outside_is_not_there(root: Path) -> None:
    """Its names are nobody's business."""
    (root / "w").symlink_to("../outside")
    files = Files(root)

    assert (files.folder(path("w")), files.is_dir(path("w")), files.exists(path("w/ci.yml"))) == ((), False, False)


def test_a_folder_that_cannot_be_listed_is_recorded(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not the same as an empty one."""
    files = Files(root)

    def refuse(_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "scandir", refuse)

    assert (files.folder(path(".github")), files.manifests()) == ((), ())
    assert [(str(entry.path), entry.why) for entry in files.unreadable] == [
        (".github", "permission is denied"),
        (".", "permission is denied"),
    ]


def test_a_folder_of_too_many_names_is_recorded(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Time and memory are bounded."""
    monkeypatch.setattr(module, "ENTRIES", 1)
    files = Files(root)

    assert len(files.folder(path("."))) == 1
    assert [entry.why for entry in files.unreadable] == ["it holds more than 1 entries"]


# -- manifests --------------------------------------------------------------------------------


@pytest.fixture
def workspace(root: Path) -> Path:
    """Lay out a workspace with packages of all sorts."""
    for folder in (
        "packages/b",
        "packages/a",
        "packages/a/node_modules/x",
        "packages/.hidden",
        "node_modules/y",
        ".git/z",
        ".changeset",
        ".github/actions/.own",
        "apps/web",
    ):
        write(root / folder / "package.json", "{}")
    return root


def test_manifests_are_found_from_the_top_down(workspace: Path) -> None:
    """Installed packages are not the repository's own."""
    manifests = Files(workspace).manifests()

    assert [str(manifest) for manifest in manifests] == [
        "package.json",
        "apps/web/package.json",
        "packages/a/package.json",
        "packages/b/package.json",
        ".github/actions/.own/package.json",
    ]


@POSIX
def test_linked_folders_are_not_searched(workspace: Path) -> None:
    """They would be found twice, or for ever."""
    (workspace / "packages/loop").symlink_to("..")
    (workspace / "packages/c").symlink_to("a")

    assert len(Files(workspace).manifests()) == 5


@pytest.mark.parametrize(
    ("name", "value", "why", "where"),
    [
        pytest.param("ENTRIES", 3, "it holds more than 3 files and folders", ".", id="too many entries"),
        pytest.param("DEPTH", 1, "it lies more than 1 folders deep", ".github/actions", id="too deep"),
    ],
)
def test_a_search_that_is_cut_short_is_recorded(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: int, why: str, where: str
) -> None:
    """A package that was not looked at is not a package without faults."""
    monkeypatch.setattr(module, name, value)
    files = Files(workspace)

    manifests = files.manifests()

    assert files.manifests() is manifests
    assert (str(files.unreadable[0].path), files.unreadable[0].why) == (where, why)


def test_an_entry_that_vanishes_is_no_folder() -> None:
    """Other programs work in the repository too."""

    class Vanished:
        def is_dir(self, *, follow_symlinks: bool) -> bool:
            raise FileNotFoundError(follow_symlinks)

    assert not module._is_folder(Vanished())  # type: ignore[arg-type]


def test_workspaces_are_found_by_their_patterns(workspace: Path) -> None:
    """Which packages will be published depends on them."""
    found = Files(workspace).glob("packages/*", "!packages/b", "./apps/**/")

    assert [str(manifest) for manifest in found] == ["apps/web/package.json", "packages/a/package.json"]


def test_names_that_mean_something_else_on_windows_are_refused_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """`ci.yml:stream` and `C:` are no names there."""
    monkeypatch.setattr(os, "sep", "\\")

    assert [module._parts(path(name)) for name in ("ci.yml:stream", "a\\b", "a/b")] == [None, None, ["a", "b"]]
