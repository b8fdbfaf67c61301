"""One file of a GitLab pipeline: its header, its merge keys, nothing resolved beyond the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.readers.merge_keys import merged
from preflight.records import dataclass
from preflight.source.nodes import Mapping, find
from preflight.source.problems import FileError, MissingError

if TYPE_CHECKING:
    from pathlib import PurePosixPath

    from preflight.source.document import Document
    from preflight.source.files import Files
    from preflight.source.nodes import Node


@dataclass(frozen=True, slots=True)
class PipelineFile:
    """The jobs and settings of one file; `spec` is the header that declares the file's inputs."""

    path: PurePosixPath
    document: Document
    root: Mapping
    spec: Node | None

    @classmethod
    def read(cls, files: Files, path: PurePosixPath) -> PipelineFile | None:
        """Return a file; None where there is none, or none that can be read, which is then recorded."""
        try:
            documents = files.documents(path)
        except MissingError:
            return None
        except FileError as error:
            files.record(error)
            return None
        header = find(documents[0].root, "spec") if documents else None
        # Only a first document with `spec` is a header; without one GitLab reads the first and no other.
        content = documents[1:2] if header is not None and len(documents) > 1 else documents[:1]
        for document in content:
            root = merged(document.root)
            if isinstance(root, Mapping):
                return cls(path, document, root, header)
        return None
