"""A command on its way through the programs that run one another: `npx`, `pnpm exec`, and `yarn workspace`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.readers.flags import spelling
from preflight.readers.pipeline import Here, Publish
from preflight.records import KW_ONLY, dataclass, replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from preflight.facts.ci import Tool
    from preflight.readers.flags import Parsed, Place
    from preflight.readers.pipeline import Deed, Selection
    from preflight.readers.shell import Word

_DEEPEST = 8


@dataclass(frozen=True, slots=True)
class Call:
    """What one program is called with: its own name is the first word.

    `read` tells what another call does; programs that run programs ask it. `package` is the npm package that a runner
    was told to fetch the program from.
    """

    words: tuple[Word, ...]
    place: Place
    _: KW_ONLY
    read: Callable[[Call], tuple[Deed, ...]]
    runner: str | None = None
    version: Word | None = None
    package: str | None = None
    selection: Selection | None = None
    cwd: str | None = None
    depth: int = 0

    @property
    def arguments(self) -> tuple[Word, ...]:
        """The words after the program's name."""
        return self.words[1:]

    @property
    def what(self) -> str:
        """The command as a person reads it."""
        return spelling(self.words)

    def where(self, folder: Word | None) -> str | None:
        """Return the folder that an option adds to the one that the programs before named."""
        return self.cwd if folder is None else self.beneath(folder.text)

    def beneath(self, folder: str | None) -> str | None:
        """Return a folder seen from the one that the programs before named."""
        if folder in {None, "."}:
            return self.cwd
        return f"{self.cwd}/{folder}" if self.cwd and not folder.startswith(("/", "$")) else folder

    def run(
        self,
        words: tuple[Word, ...],
        runner: str | None,
        *,
        version: Word | None = None,
        package: str | None = None,
        selection: Selection | None = None,
        cwd: str | None = None,
    ) -> tuple[Deed, ...]:
        """Tell what the program does that this one runs; nothing where there is none or the nesting is absurd."""
        if not words or self.depth >= _DEEPEST:
            return ()
        inner = replace(
            self,
            words=words,
            runner=runner or self.runner,
            version=version,
            package=package,
            selection=selection if selection is not None else self.selection,
            cwd=cwd if cwd is not None else self.cwd,
            depth=self.depth + 1,
        )
        return self.read(inner)

    def publish(
        self,
        tool: Tool,
        parsed: Parsed,
        selection: Selection | None = None,
        *,
        staged: bool = False,
        cwd: str | None = None,
    ) -> tuple[Deed, ...]:
        """Return a publish by this call, with its options as facts.

        Where the command itself means the package of its folder, the selection of the program that runs it counts.
        """
        match selection, self.selection:
            case ((None | Here()), chosen) if chosen is not None:
                selection = chosen
            case None, _:
                selection = Here()
            case _:
                pass
        return (
            Publish(
                tool,
                selection,
                flags=parsed.flags(self.place),
                staged=staged,
                version=self.version,
                cwd=cwd if cwd is not None else self.cwd,
                runner=self.runner,
            ),
        )
