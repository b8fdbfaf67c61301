"""The Node.js and the npm of a job, from one step to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.fact import Known, Unknown
from preflight.readers.images import hosted, image
from preflight.readers.node_versions import npm_of
from preflight.readers.npm_upgrades import upgrade
from preflight.records import KW_ONLY, dataclass, replace

if TYPE_CHECKING:
    from preflight.facts.fact import Fact
    from preflight.facts.toolchain import Node, Npm
    from preflight.readers.npm_upgrades import Outcome
    from preflight.source.text import Location


@dataclass(frozen=True, slots=True)
class Toolchain:
    """What `node` and `npm` mean at one moment of a job; every change gives a new one."""

    node: Fact[Node]
    upgraded: Fact[Npm] | None = None
    """The npm that a step put in place of the bundled one."""
    _: KW_ONLY
    installed: bool = False
    """Whether a step installed this Node.js; False for the one that the machine or the image came with."""
    failed: bool = False
    """Whether a replacement of npm is known to have failed, which ends the job."""

    @classmethod
    def of_machine(cls, labels: tuple[str, ...], at: Location | None) -> Toolchain:
        """Return what a machine of GitHub Actions has before the first step."""
        match labels:
            case (label,):
                return cls(hosted(label, at))
            case _:
                return cls(Unknown("the Node.js on the runner is not known", at))

    @classmethod
    def of_image(cls, reference: str, at: Location | None) -> Toolchain:
        """Return what a container image has before the first step."""
        return cls(image(reference, at))

    @classmethod
    def unknown(cls, why: str, at: Location | None = None) -> Toolchain:
        """Return a toolchain of which nothing is known."""
        return cls(Unknown(why, at))

    @property
    def npm(self) -> Fact[Npm]:
        """The npm that runs now."""
        return npm_of(self.node) if self.upgraded is None else self.upgraded

    def with_node(self, node: Fact[Node]) -> Toolchain:
        """Put another Node.js first on the PATH, with the npm that it bundles.

        An npm that was installed before belongs to the Node.js before and no longer counts, unless a step installs the
        same release once more: that is the same folder.
        """
        kept = self.upgraded if self.installed and _same(self.node, node) else None
        return Toolchain(node, kept, installed=True, failed=self.failed)

    def with_npm(self, npm: Fact[Npm]) -> Toolchain:
        """Put another npm in place of the one that runs now."""
        return replace(self, upgraded=npm)

    def upgrade(self, spec: str | None, at: Location | None) -> tuple[Toolchain, Outcome]:
        """Return what `npm install -g npm@SPEC` leaves, and its outcome; a failing one leaves an Unknown npm."""
        outcome = upgrade(spec, self.node, at)
        return self.with_npm(outcome.npm), outcome


def _same(one: Fact[Node], other: Fact[Node]) -> bool:
    match one, other:
        case Known(first), Known(second):
            return first.version == second.version and first.exact == second.exact
        case _:
            return False
