"""The files that a GitLab pipeline is made of, and the code of others that it borrows."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from preflight.facts.ci import Borrowed, Pin
from preflight.facts.fact import Fact, Known, Unknown
from preflight.facts.project import Broken, Unread
from preflight.readers.gitlab.pipeline_file import PipelineFile
from preflight.readers.scripts import ROOT, join
from preflight.records import dataclass, field
from preflight.source.globs import Globs
from preflight.source.nodes import Mapping, Scalar, Sequence, entries, find, strings, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.source.files import Files
    from preflight.source.nodes import Node
    from preflight.source.text import Location

ENTRY = PurePosixPath(".gitlab-ci.yml")
MOST = 150
"""How many files a pipeline may include (docs.gitlab.com, "Use CI/CD configuration from other files")."""
DEPTH = 50
"""How deep includes are followed into each other; more is a maze."""
FOLDERS = 2_000
PUBLISHING = ("publish", "release", "npm", "deploy")

Inputs = dict[str, Fact[str]]


@dataclass(slots=True)
class Includes:
    """The files of a pipeline, the weakest first: what a file includes gives way to the file."""

    files: Files
    found: list[PipelineFile] = field(default_factory=list)
    inputs: dict[PurePosixPath, Inputs] = field(default_factory=dict)
    """What `$[[ inputs.x ]]` stands for in each file."""
    borrowed: list[Borrowed] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    broken: list[Broken] = field(default_factory=list)
    foreign: bool = False
    """Whether jobs may come from files that cannot be seen."""
    _count: int = 0

    def read(self) -> None:
        """Read `.gitlab-ci.yml` and all that it includes."""
        entry = PipelineFile.read(self.files, ENTRY)
        if entry is not None:
            self._file(entry, None, (ENTRY,))

    def _file(self, file: PipelineFile, given: Node | None, above: tuple[PurePosixPath, ...]) -> None:
        inputs = _inputs(file, given)
        known = self.inputs.setdefault(file.path, inputs)
        for name, value in inputs.items():
            if known.get(name) != value:
                known[name] = Unknown(f"`inputs.{name}` differs from one include of `{file.path}` to the next")
        for item in _items(file.root.get("include")):
            self._include(item, above)
        self.found.append(file)

    def _include(self, item: Node, above: tuple[PurePosixPath, ...]) -> None:
        match item:
            case Scalar(value=str(address)) if "://" in address:
                self._remote(item, None)
            case Scalar(value=str()):
                self._local(item, None, above)
            case Mapping():
                self._mapping(item, above)
            case _:
                pass

    def _mapping(self, item: Mapping, above: tuple[PurePosixPath, ...]) -> None:
        match item.get("local"), item.get("remote"), item.get("project"), item.get("component"):
            case Scalar(value=str()) as local, _, _, _:
                self._local(local, item.get("inputs"), above)
            case _, Scalar(value=str()) as remote, _, _:
                self._remote(remote, item.get("integrity"))
            case _, _, Scalar(value=str()) as project, _:
                self._project(project, item)
            case _, _, _, Scalar(value=str()) as component:
                self._component(component)
            case _:
                # What remains is `template`, which comes with GitLab, and what GitLab refuses.
                self.foreign = self.foreign or item.get("template") is not None

    # -- files of this repository -------------------------------------------------------------

    def _local(self, node: Scalar, given: Node | None, above: tuple[PurePosixPath, ...]) -> None:
        name = node.text.strip()
        if "$" in name:
            self.foreign = True
            self.unread.append(Unread(node.at, "include", name, "which file it is follows when the pipeline starts"))
            return
        paths = tuple(_matching(self.files, name)) if "*" in name else (join(ROOT, name.lstrip("/")),)
        for path in paths:
            if path in above:
                continue
            if self._count >= MOST or len(above) >= DEPTH:
                self.unread.append(Unread(node.at, "include", str(path), "the pipeline includes too many files"))
                return
            self._count += 1
            found = PipelineFile.read(self.files, path)
            if found is not None:
                self._file(found, given, (*above, path))
            elif not self.files.exists(path):
                self.broken.append(Broken(node.at, f"the pipeline includes `{name}`, and there is no such file"))

    # -- files of others ----------------------------------------------------------------------

    def _remote(self, node: Scalar, integrity: Node | None) -> None:
        pin = Pin(text(integrity) or "", full=(text(integrity) or "").startswith("sha256-"))
        self._foreign(node.at, node.at, node.text, "included file", pin)

    def _project(self, node: Scalar, item: Mapping) -> None:
        ref = item.get("ref")
        pin = (
            Pin(ref.text, _is_commit(ref.text))
            if isinstance(ref, Scalar) and ref.value is not None
            else Pin("", full=False)
        )
        names = "/".join((node.text, *(each.text.strip("/") for each in strings(item.get("file"))[:1])))
        self._foreign(node.at, ref.at if pin.ref and ref else node.at, names, "included file", pin)

    def _component(self, node: Scalar) -> None:
        name, _, ref = node.text.rpartition("@")
        if "CI_PROJECT_PATH" in name and "CI_COMMIT_SHA" in ref:
            # The project's own component, as it stands in the commit that runs.
            self.foreign = True
            return
        self._foreign(node.at, node.at, name or node.text, "component", Pin(ref, _is_commit(ref)))

    def _foreign(self, at: Location, pinned: Location, name: str, what: str, pin: Pin) -> None:
        self.foreign = True
        self.borrowed.append(Borrowed(pinned, name, what, pin))
        if publishing_name(name):
            self.unread.append(Unread(at, "include", name, "it is a file of another project"))


def publishing_name(name: str) -> bool:
    """Tell whether a name sounds like something that publishes."""
    lower = name.lower()
    return any(word in lower for word in PUBLISHING)


def _items(node: Node | None) -> tuple[Node, ...]:
    match node:
        case Sequence(items):
            return items
        case None:
            return ()
        case _:
            return (node,)


def _inputs(file: PipelineFile, given: Node | None) -> Inputs:
    """Return what the inputs of a file are: what the include gives, else their defaults.

    The inputs of `.gitlab-ci.yml` have their defaults unless someone starts the pipeline by hand.
    """
    found: Inputs = {}
    for key, value in entries(find(file.spec, "inputs")):
        match find(given, key.text), find(value, "default"):
            case Scalar() as chosen, _:
                found[key.text] = _input(chosen)
            case None, Scalar() as default:
                found[key.text] = _input(default)
            case None, None:
                found[key.text] = Unknown(f"`inputs.{key.text}` is set by whoever starts the pipeline", key.at)
            case _:
                found[key.text] = Unknown(f"`inputs.{key.text}` is no text", key.at)
    return found


def _input(node: Scalar) -> Fact[str]:
    if "$[[" in node.text:
        return Unknown(f"`{node.text}` is an input of the file that includes this one", node.at)
    return Known(node.text, node.at)


def _is_commit(ref: str) -> bool:
    return len(ref) in (40, 64) and all(char in "0123456789abcdefABCDEF" for char in ref)


def _matching(files: Files, pattern: str) -> Iterator[PurePosixPath]:
    """Yield the files that an `include:local` with wildcards names, in order; at most 2,000 folders are looked into."""
    # GitLab reads `**.yml` as `**/*.yml`.
    globs = Globs((pattern.lstrip("/").replace("**.", "**/*."),))
    fixed = pattern.lstrip("/").split("*")[0].rpartition("/")[0]
    pending = [join(ROOT, fixed)]
    for _ in range(FOLDERS):
        if not pending:
            return
        folder = pending.pop(0)
        for name in files.folder(folder):
            path = folder / name
            if name.endswith((".yml", ".yaml")) and str(path) in globs:
                yield path
            elif files.is_dir(path) and name not in ("node_modules", ".git"):
                pending.append(path)
