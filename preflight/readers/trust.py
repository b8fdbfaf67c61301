"""Whom to trust: the root of a Sigstore instance, and npm's keys; and from when they are."""

from __future__ import annotations

import logging
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from tuf.api.exceptions import DownloadError, DownloadHTTPError, RepositoryError
from tuf.ngclient.fetcher import FetcherInterface
from tuf.ngclient.updater import Updater

from preflight import data
from preflight.errors import UsageError
from preflight.facts.fact import Known, Unknown
from preflight.readers import npm_keys
from preflight.readers.answers import CLOCK, Absent, Limits, Question
from preflight.readers.documents import MalformedError, at, load, mapping, text
from preflight.readers.registries import NPM
from preflight.readers.verifier import ISSUERS, SIGSTORE, embedded, root_of
from preflight.readers.web import Web
from preflight.records import KW_ONLY, dataclass
from preflight.source import edits, named

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from preflight.readers.answers import Answer, Clock
    from preflight.readers.npm_keys import NpmKey
    from preflight.readers.registry import Registry
    from preflight.readers.verifier import NpmVerifier

T = TypeVar("T")

ROOT, KEYS = "trusted_root.json", f"{NPM.split('/')[2]}/keys.json"
"""The targets of Sigstore's TUF repository that count here."""
LARGEST = 8 * 1024 * 1024
"""Bytes of one document of whom to trust; all of them together have 100 KB."""
PATIENCE = 5.0
"""Seconds that a refresh may take."""
LIMITS = Limits(total=PATIENCE, contact=1.5, connect=1.5, silence=2.0, retries=1)
DAY = 24 * 60 * 60
CACHE = "trust.json"
_FAILURES = (RepositoryError, DownloadError, OSError, ValueError)
"""What makes a refresh fail; ValueError stands for what cannot be read."""

# What it logs about a failing refresh, the report says.
logging.getLogger("tuf").addHandler(logging.NullHandler())


class Origin(StrEnum):
    """Where something that is trusted comes from; words that scripts may rely on."""

    EMBEDDED = "embedded"
    FILE = "file"
    REFRESHED = "refreshed"


@dataclass(frozen=True, slots=True)
class Trust:
    """Who may vouch for a release, and the words for it in a report."""

    verifier: NpmVerifier
    keys: tuple[NpmKey, ...]
    _: KW_ONLY
    issuers: frozenset[str]
    root: Origin
    date: str | None
    """The day of the trusted root, as YYYY-MM-DD; None for a file's."""
    npm_keys: str
    """Where npm's keys come from, with their day."""
    note: str | None = None
    """What the user should know about it: a sentence."""


@dataclass(frozen=True, slots=True)
class Mirror:
    """A TUF repository, by its address with a final slash, and the root that its chain of trust begins with."""

    address: str
    bootstrap: bytes


@dataclass(frozen=True, slots=True)
class _Fresh:
    """What a TUF repository vouches for, the day on which it was asked, and what hinders to ask again."""

    verifier: NpmVerifier
    keys: tuple[NpmKey, ...] | None
    _: KW_ONLY
    day: str
    why: str | None = None


@dataclass(frozen=True, slots=True)
class _Kept:
    """The answers of a TUF repository as they are kept: None for what was not there."""

    since: float
    answers: Mapping[str, bytes | None]


def trust(
    root_file: Path | None,
    keys_file: Path | None,
    *,
    online: bool,
    environment: Mapping[str, str],
    issuers: frozenset[str] = ISSUERS,
    clock: Clock = CLOCK,
    mirror: Mirror | None = None,
) -> Trust:
    """Return whom to trust: files that the user names, else what Sigstore hands out today, else what came along.

    Takes 5 seconds at the most, once a day; what fails is not asked again, and `note` says so. With a root of one's
    own, `issuers` says whose id tokens count. Raises UsageError for a file that cannot be read.
    """
    fresh: Answer[_Fresh] = Absent()
    if online and (root_file is None or keys_file is None):
        fresh = _refreshed(mirror or Mirror(f"{SIGSTORE}/", embedded("root.json")), environment, clock)
    found = fresh.value if isinstance(fresh, Known) else None
    why = found.why if found else (fresh.why if isinstance(fresh, Unknown) else None)

    root, day = Origin.EMBEDDED, embedded_day()
    if root_file is not None:
        verifier, root, day = _from(root_file, root_of), Origin.FILE, None
    elif found:
        verifier, root, day = found.verifier, Origin.REFRESHED, found.day
    else:
        verifier = root_of(embedded(ROOT))

    words = f"{Origin.EMBEDDED}, of {data.day(npm_keys.TABLE)}"
    if keys_file is not None:
        keys, words = _from(keys_file, npm_keys.read), Origin.FILE.value
    elif found and found.keys is not None:
        keys, words = found.keys, f"{Origin.REFRESHED}, of {found.day}"
    else:
        keys = npm_keys.embedded()
    aged = _aged(data.day(npm_keys.TABLE) if root_file else day, clock)
    note = f"the trust data could not be refreshed: {why}; {aged}" if why else None
    return Trust(verifier, keys, issuers=issuers, root=root, date=day, npm_keys=words, note=note)


def own_keys(registry: Registry) -> Answer[tuple[NpmKey, ...]]:
    """Return the keys that a registry itself hands out, which is all that there is for another than npm's."""
    match registry.keys_raw():
        case Known(raw):
            try:
                return Known(npm_keys.read(raw))
            except MalformedError as error:
                return Unknown(f"the keys of {registry.host} cannot be read: {error}")
        case other:
            return other


def embedded_day() -> str | None:
    """Return the day on which the root of trust that came along was signed, as YYYY-MM-DD.

    Sigstore's root says how many days it lasts (github.com/theupdateframework/tuf-on-ci).
    """
    from datetime import date, timedelta

    signed = at(load(embedded("root.json")), "signed")
    match at(signed, "x-tuf-on-ci-expiry-period"):
        case int(days):
            return str(date.fromisoformat((text(signed, "expires") or "")[:10]) - timedelta(days=days))
        case _:
            return None


def _aged(day: str | None, clock: Clock) -> str:
    from datetime import UTC, date, datetime

    if day is None:
        return "those that came along with preflight count"
    days = (datetime.fromtimestamp(clock.now(), UTC).date() - date.fromisoformat(day)).days
    return f"those of {day} count, {max(0, days)} days old"


def _from(path: Path, read: Callable[[bytes], T]) -> T:
    try:
        return read(named.read(path, LARGEST))
    except MalformedError as error:
        raise UsageError(f"cannot use `{path}`: {error}") from error


# -- the refresh ----------------------------------------------------------------------------------


def _refreshed(mirror: Mirror, environment: Mapping[str, str], clock: Clock) -> Answer[_Fresh]:
    asked: Question[_Fresh] = Question(lambda _: _found(mirror, environment, clock))
    if clock.wait(asked.done, PATIENCE):
        return asked.answer
    return Unknown(f"{_host(mirror)} takes longer than {PATIENCE:g} s")


def _found(mirror: Mirror, environment: Mapping[str, str], clock: Clock) -> Answer[_Fresh]:
    place = cache(environment)
    kept = _kept(place, mirror) if place else None
    known: _Fresh | None = None
    if kept:
        try:
            # Nothing kept is trusted: every signature, and every date, is checked again.
            known = _read(mirror, _Fetcher(mirror, kept.answers.__getitem__), kept.since)
        except _FAILURES:
            known = None
    if kept and known and 0 <= clock.now() - kept.since < DAY:
        return Known(known)
    asked = _Asked(mirror, environment, clock)
    now = clock.now()
    try:
        # The timestamp that was seen last keeps an older one from being taken.
        fresh = _read(mirror, _Fetcher(mirror, asked), now, kept.answers.get("timestamp.json") if kept else None)
    except _FAILURES as error:
        why = " ".join(str(error).split())[:160] or type(error).__name__
        return Known(_Fresh(known.verifier, known.keys, day=known.day, why=why)) if known else Unknown(why)
    if place:
        _keep(place, mirror, _Kept(now, asked.answers))
    return Known(fresh)


class _Asked:
    """A TUF repository on the web, with everything that it answered."""

    def __init__(self, mirror: Mirror, environment: Mapping[str, str], clock: Clock) -> None:
        self._web = Web(mirror.address, environment, clock=clock, limits=LIMITS)
        self._clock = clock
        self._end = clock.monotonic() + PATIENCE
        self.answers: dict[str, bytes | None] = {}

    def __call__(self, path: str) -> bytes | None:
        # Nobody waits for the rest any more.
        if self._clock.monotonic() > self._end:
            raise DownloadError("it takes too long")
        match self._web.get(path, most=LARGEST, accept="*/*"):
            case Known(found):
                self.answers[path] = found
            case Absent():
                self.answers[path] = None
            case Unknown(why):
                raise DownloadError(why)
        return self.answers[path]


class _Fetcher(FetcherInterface):
    """The way to the documents of a TUF repository."""

    def __init__(self, mirror: Mirror, ask: Callable[[str], bytes | None]) -> None:
        """Take a function that gives what lies at a path, or None where there is nothing."""
        self._base = mirror.address
        self._ask = ask

    def _fetch(self, url: str) -> Iterator[bytes]:
        found = self._ask(url.removeprefix(self._base))
        if found is None:
            raise DownloadHTTPError("it is not there", 404)
        return iter((found,))


def _read(mirror: Mirror, fetcher: _Fetcher, when: float, timestamp: bytes | None = None) -> _Fresh:
    """Follow the chain of trust to the documents, in a folder that is gone afterwards. Raises any of _FAILURES."""
    from datetime import UTC, datetime
    from tempfile import TemporaryDirectory

    with TemporaryDirectory(prefix="preflight-") as name:
        folder = Path(name)
        if timestamp:
            edits.save(folder / "timestamp.json", timestamp)
        updater = Updater(
            metadata_dir=name,
            metadata_base_url=mirror.address,
            target_dir=name,
            target_base_url=f"{mirror.address}targets/",
            fetcher=fetcher,
            bootstrap=mirror.bootstrap,
        )
        updater.refresh()
        root, keys = _target(updater, ROOT, folder), _target(updater, KEYS, folder)
    if root is None:
        raise MalformedError("it holds no trusted root")
    day = datetime.fromtimestamp(when, UTC).date().isoformat()
    return _Fresh(root_of(root), npm_keys.read(keys) if keys else None, day=day)


def _target(updater: Updater, name: str, folder: Path) -> bytes | None:
    info = updater.get_targetinfo(name)
    if info is None or info.length > LARGEST:
        return None
    return Path(updater.download_target(info, str(folder / "target"))).read_bytes()


def _host(mirror: Mirror) -> str:
    return mirror.address.split("/")[2]


# -- what is kept for a day -----------------------------------------------------------------------


def cache(environment: Mapping[str, str]) -> Path | None:
    """Return where preflight keeps what it fetched; None where the user has no such place."""
    import sys

    home = Path(environment.get("HOME") or environment.get("USERPROFILE") or "")
    usual = home / "Library" / "Caches" if sys.platform == "darwin" else home / ".cache"
    local = environment.get("LOCALAPPDATA") if sys.platform == "win32" else None
    folder = Path(environment.get("XDG_CACHE_HOME") or local or usual)
    return folder / "preflight" / CACHE if folder.is_absolute() else None


def _kept(place: Path, mirror: Mirror) -> _Kept | None:
    from base64 import b64decode

    try:
        # Opening a pipe would wait for somebody to write.
        if not place.is_file():
            return None
        document = load(named.read(place, LARGEST))
        since = at(document, "since")
        answers = {path: b64decode(said, validate=True) if isinstance(said, str) else None
                   for path, said in mapping(document, "answers").items()}  # fmt: skip
    except (OSError, ValueError, UsageError):
        return None
    if text(document, "address") != mirror.address or not isinstance(since, int):
        return None
    return _Kept(float(since), answers)


def _keep(place: Path, mirror: Mirror, kept: _Kept) -> None:
    import json
    from base64 import b64encode
    from contextlib import suppress

    answers = {path: None if said is None else b64encode(said).decode() for path, said in kept.answers.items()}
    document = {"address": mirror.address, "since": int(kept.since), "answers": answers}
    # Without a place to keep it, it is fetched again.
    with suppress(OSError):
        edits.save(place, json.dumps(document).encode())
