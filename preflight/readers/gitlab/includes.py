"""The files that a GitLab pipeline is made of, and the code of others that it borrows."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from preflight.facts.ci import Borrowed, Pin
from preflight.facts.project import Broken, Unread
from preflight.readers.comments import version_behind
from preflight.readers.gitlab.inputs import given, put_in
from preflight.readers.gitlab.pipeline_file import PipelineFile
from preflight.readers.scripts import ROOT, join
from preflight.readers.sounding import publishing_name
from preflight.records import dataclass, field, replace
from preflight.source.globs import Globs
from preflight.source.nodes import Mapping, Scalar, Sequence, find, strings, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from preflight.readers.gitlab.inputs import Inputs
    from preflight.source.files import Files
    from preflight.source.nodes import Node
    from preflight.source.text import Location

ENTRY = PurePosixPath(".gitlab-ci.yml")
MOST = 150
"""How many files a pipeline may include (docs.gitlab.com, "Use CI/CD configuration from other files")."""
DEPTH = 50
"""How deep includes are followed into each other; more is a maze."""
FOLDERS = 2_000
FILLED = 2_000_000
"""How many characters of files inputs are put into."""
OWN = ("$CI_PROJECT_PATH", "${CI_PROJECT_PATH}")
WRITTEN = "it is a child pipeline that a job writes when it runs"


@dataclass(slots=True)
class Shelf:
    """The files of all pipelines of the project, each read once."""

    files: Files
    known: dict[PurePosixPath, PipelineFile | None] = field(default_factory=dict)
    left: int = FILLED

    def read(self, path: PurePosixPath) -> PipelineFile | None:
        """Return a file; None where there is none, or none that can be read."""
        if path not in self.known:
            self.known[path] = PipelineFile.read(self.files, path)
        return self.known[path]

    def filled(self, file: PipelineFile, inputs: Inputs) -> PipelineFile:
        """Return a file with inputs put in, as far as the limit allows."""
        self.left -= len(file.root.source.text) if inputs else 0
        return replace(file, root=put_in(file.root, inputs)) if inputs and self.left > 0 else file


@dataclass(slots=True)
class Includes:
    """The files of a pipeline, the weakest first: what a file includes gives way to the file."""

    shelf: Shelf
    slug: str | None = None
    """What GitLab calls the project: `group/name`."""
    job: str = "include"
    """The job that starts the pipeline, if one does."""
    found: list[PipelineFile] = field(default_factory=list)
    inputs: dict[PurePosixPath, Inputs] = field(default_factory=dict)
    """What `$[[ inputs.x ]]` stands for in each file."""
    borrowed: list[Borrowed] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    broken: list[Broken] = field(default_factory=list)
    foreign: bool = False
    """Whether jobs may come from files that cannot be seen."""
    _count: int = 0

    @property
    def files(self) -> Files:
        """The files of the project."""
        return self.shelf.files

    def read(self) -> None:
        """Read `.gitlab-ci.yml` and all that it includes."""
        entry = self.shelf.read(ENTRY)
        if entry is not None:
            self._file(entry, None, (ENTRY,))

    def child(self, items: Iterable[Node]) -> None:
        """Read the files of a child pipeline, which the `include` of a `trigger` names."""
        for item in items:
            self._include(item, ())

    def _file(self, file: PipelineFile, chosen: Node | None, above: tuple[PurePosixPath, ...]) -> None:
        inputs = given(file, chosen)
        self.inputs.setdefault(file.path, inputs)
        filled = self.shelf.filled(file, inputs)
        for item in _items(filled.root.get("include")):
            self._include(item, above)
        self.found.append(filled)

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
        rules = item.get("rules")
        if _stopped(rules):
            return
        match item.get("local"), item.get("remote"), item.get("project"), item.get("component"):
            case Scalar(value=str()) as local, _, _, _:
                self._local(local, item.get("inputs"), above, sure=rules is None)
            case _, Scalar(value=str()) as remote, _, _:
                self._remote(remote, item.get("integrity"))
            case _, _, Scalar(value=str()) as project, _:
                self._project(project, item)
            case _, _, _, Scalar(value=str()) as component:
                self._component(component, item.get("inputs"), above)
            case _ if isinstance(artifact := item.get("artifact"), Scalar):
                self.unread.append(Unread(artifact.at, self.job, artifact.text, WRITTEN))
            case _:
                # What remains is `template`, which comes with GitLab, and what GitLab refuses.
                self.foreign = self.foreign or item.get("template") is not None

    # -- files of this repository -------------------------------------------------------------

    def _local(self, node: Scalar, chosen: Node | None, above: tuple[PurePosixPath, ...], *, sure: bool = True) -> None:
        name = node.text.strip()
        if "$" in name:
            self.foreign = True
            self.unread.append(Unread(node.at, self.job, name, "which file it is follows when the pipeline starts"))
            return
        paths = tuple(_matching(self.files, name)) if "*" in name else (join(ROOT, name.lstrip("/")),)
        self._paths(paths, node, chosen, above, sure=sure)

    def _paths(
        self,
        paths: Iterable[PurePosixPath],
        node: Scalar,
        chosen: Node | None,
        above: tuple[PurePosixPath, ...],
        *,
        sure: bool,
    ) -> None:
        for path in paths:
            if path in above:
                continue
            if self._count >= MOST or len(above) >= DEPTH:
                self.unread.append(Unread(node.at, self.job, str(path), "the pipeline includes too many files"))
                return
            self._count += 1
            found = self.shelf.read(path)
            if found is not None:
                self._file(found, chosen, (*above, path))
            elif sure and not self.files.exists(path):
                what = f"the pipeline includes `{node.text.strip()}`, and there is no such file"
                self.broken.append(Broken(node.at, what))

    # -- files of others ----------------------------------------------------------------------

    def _remote(self, node: Scalar, integrity: Node | None) -> None:
        pin = Pin(text(integrity) or "", full=(text(integrity) or "").startswith("sha256-"))
        # What holds a file is its digest, of which no comment names a version.
        self._foreign(node.at, node.at, node.text, "included file", pin, version=pin.ref)

    def _project(self, node: Scalar, item: Mapping) -> None:
        ref = item.get("ref")
        pin = (
            Pin(ref.text, _is_commit(ref.text))
            if isinstance(ref, Scalar) and ref.value is not None
            else Pin("", full=False)
        )
        names = "/".join((node.text, *(each.text.strip("/") for each in strings(item.get("file"))[:1])))
        self._foreign(node.at, ref.at if pin.ref and ref else node.at, names, "included file", pin)

    def _component(self, node: Scalar, chosen: Node | None, above: tuple[PurePosixPath, ...]) -> None:
        name, _, ref = node.text.rpartition("@")
        own = (*OWN, self.slug) if self.slug else OWN
        if "CI_COMMIT_SHA" in ref and any(f"/{slug}/" in name for slug in own):
            # The project's own component, as it stands in the commit that runs.
            file = PurePosixPath("templates", name.rpartition("/")[2])
            paths = (file / "template.yml", file.with_name(f"{file.name}.yml"))
            found = tuple(path for path in paths if self.files.exists(path))
            self.foreign = self.foreign or not found
            self._paths(found, node, chosen, above, sure=False)
            return
        self._foreign(node.at, node.at, name or node.text, "component", Pin(ref, _is_commit(ref)))

    def _foreign(
        self, at: Location, pinned: Location, name: str, what: str, pin: Pin, version: str | None = None
    ) -> None:
        self.foreign = True
        self.borrowed.append(Borrowed(pinned, name, what, pin, version=version or version_behind(pinned)))
        if publishing_name(f"{self.job} {name}"):
            self.unread.append(Unread(at, self.job, name, "it is a file of another project"))


def _items(node: Node | None) -> tuple[Node, ...]:
    match node:
        case Sequence(items):
            return items
        case None:
            return ()
        case _:
            return (node,)


def _stopped(rules: Node | None) -> bool:
    """Tell whether the rules of an include surely leave it out."""
    found = rules.items if isinstance(rules, Sequence) else ()
    return bool(found) and all(text(find(rule, "when")) == "never" for rule in found)


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
