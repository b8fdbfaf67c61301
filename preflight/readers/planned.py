"""What `preflight plan` foretold of the provenance, held against what came."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.errors import UsageError
from preflight.facts.release import Promise
from preflight.readers.documents import MalformedError, items, load, text
from preflight.records import dataclass

if TYPE_CHECKING:
    from pathlib import Path

    from preflight.facts.release import Sound
    from preflight.readers.documents import Json

LARGEST = 16 * 1024 * 1024
_HINT = "make one with `preflight plan --format json -o plan.json`"
FIELDS = (
    ("buildType",),
    ("workflow", "repository"),
    ("workflow", "path"),
    ("workflow", "ref"),
    ("commit",),
    ("builder",),
    ("trigger",),
)
"""What a prediction tells, in the order in which it is compared."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The predictions of a plan, as its JSON document has them; a package may have several, one for each job."""

    predictions: tuple[Json, ...]

    def promises(self, name: str, sound: Sound | None) -> tuple[Promise, ...]:
        """Return what was foretold of a package beside what an attestation says; empty where nothing was.

        Of several predictions the one counts that fits best: only one of the jobs has published.
        """
        mine = [each for each in self.predictions if text(each, "package") == name]
        kept = [_promises(each, sound) for each in mine]
        return min(kept, key=lambda each: sum(one.broken for one in each), default=())


def read(path: Path) -> Plan:
    """Read the JSON document of `preflight plan`. Raises UsageError."""
    from preflight.source import named

    try:
        document = load(named.read(path, LARGEST))
    except MalformedError as error:
        raise UsageError(f"`{path}` cannot be read: {error}", _HINT) from error
    if text(document, "command") != "plan":
        raise UsageError(f"`{path}` is no plan", _HINT)
    return Plan(tuple(items(document, "predictedProvenance")))


def _promises(prediction: Json, sound: Sound | None) -> tuple[Promise, ...]:
    attested = _attested(sound)
    return tuple(Promise(".".join(keys), text(prediction, *keys), attested.get(".".join(keys))) for keys in FIELDS)


def _attested(sound: Sound | None) -> dict[str, str | None]:
    """Return what the certificate says, and the predicate where the certificate has no such field."""
    identity, build = (sound.identity, sound.statement.build) if sound else (None, None)
    found: dict[str, str | None] = {}
    if build:
        found |= {"buildType": build.build_type, "builder": build.builder}
    if identity:
        found |= {
            "workflow.repository": identity.source_repository,
            "workflow.path": identity.entry,
            "workflow.ref": identity.source_ref,
            "commit": identity.source_commit,
            "trigger": identity.trigger,
        }
    return found
