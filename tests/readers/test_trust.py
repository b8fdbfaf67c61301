"""Whom to trust, against a TUF repository of our own on this machine."""

from __future__ import annotations

import json
import os
import threading
import time
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import (
    DelegatedRole,
    Delegations,
    Metadata,
    MetaFile,
    Root,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)

from preflight import data
from preflight.errors import UsageError
from preflight.facts.fact import Known, Unknown
from preflight.readers import npm_keys, trust
from preflight.readers.answers import Absent, Clock, Limits
from preflight.readers.registries import NPM
from preflight.readers.trust import KEYS, ROOT, Mirror, Origin
from preflight.readers.verifier import ISSUERS, embedded

NOW = datetime.now(UTC).replace(microsecond=0)
TODAY = NOW.date().isoformat()
LATER = NOW + timedelta(days=3)
NPM_KEYS = data.text(npm_keys.TABLE).encode()
ROLES = ("root", "timestamp", "snapshot", "targets", "npm")


class Skewed(Clock):
    """The machine's clock, so many days later."""

    def __init__(self, days=0.0):
        self.days = days

    def now(self):
        """Return seconds since 1970, some days from now."""
        return time.time() + self.days * 24 * 60 * 60


class Repository:
    """A TUF repository with the two documents, on loopback; `files` is what it serves."""

    def __init__(self):
        self.signers = {role: CryptoSigner.generate_ecdsa() for role in ROLES}
        self.files, self.asked = {}, []
        self.status, self.delay = None, 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                outer.serve(self)

            def log_message(self, *_):
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        self.publish()
        self.mirror = Mirror(self.address, self.files["1.root.json"])

    def serve(self, request):
        """Answer one question."""
        path = request.path.removeprefix("/")
        self.asked.append(path)
        time.sleep(self.delay)
        body = self.files.get(path)
        request.send_response(self.status or (404 if body is None else 200))
        request.send_header("Content-Type", "application/octet-stream")
        request.send_header("Content-Length", str(len(body or b"")))
        request.end_headers()
        request.wfile.write(body or b"")

    def publish(self, version=1, root=None, keys=NPM_KEYS, until=LATER):
        """Sign everything anew."""
        documents = {ROOT: embedded(ROOT) if root is None else root, KEYS: keys}
        files = {name: TargetFile.from_data(name, body, ["sha256"]) for name, body in documents.items() if body}
        for name, body in documents.items():
            if body:
                folder, _, base = name.rpartition("/")
                self.files[f"targets/{folder}{'/' if folder else ''}{sha256(body).hexdigest()}.{base}"] = body
        public = {role: signer.public_key for role, signer in self.signers.items()}
        first = Root(expires=LATER, consistent_snapshot=True)
        for role in ROLES[:4]:
            first.add_key(public[role], role)
        self.put("1.root.json", first, "root")
        npm = DelegatedRole("registry.npmjs.org", [public["npm"].keyid], 1, True, paths=["registry.npmjs.org/*"])
        delegations = Delegations({public["npm"].keyid: public["npm"]}, {npm.name: npm})
        own = {name: each for name, each in files.items() if name == ROOT}
        self.put(f"{version}.targets.json", Targets(version, None, until, own, delegations), "targets")
        theirs = {name: each for name, each in files.items() if name == KEYS}
        self.put(f"{version}.{npm.name}.json", Targets(version, None, until, theirs), "npm")
        listed = {"targets.json": MetaFile(version), f"{npm.name}.json": MetaFile(version)}
        self.put(f"{version}.snapshot.json", Snapshot(version, None, until, listed), "snapshot")
        self.put("timestamp.json", Timestamp(version, None, until, MetaFile(version)), "timestamp")

    def put(self, path, signed, role):
        """Sign a document and serve it."""
        made = Metadata(signed)
        made.sign(self.signers[role])
        self.files[path] = made.to_bytes()


@pytest.fixture
def repository():
    """Start a repository; it ends with the test."""
    made = Repository()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def ask(repository, tmp_path):
    """Return a function that asks whom to trust, with a cache in a folder of the test's."""

    def put(root=None, keys=None, **more):
        given = {"online": True, "environment": {"XDG_CACHE_HOME": str(tmp_path / "cache")}, "clock": Skewed()} | more
        return trust.trust(root, keys, mirror=repository.mirror, **given)

    return put


def later(root=None):
    """Return a trusted root that differs from the one that came along."""
    document = json.loads(root or embedded(ROOT))
    document["tlogs"] = document["tlogs"][:1]
    return json.dumps(document).encode()


# -- what comes along -----------------------------------------------------------------------------


def test_offline_what_came_along_counts(ask, repository):
    """An answer without a network is what an air-gapped machine needs."""
    found = ask(online=False)

    assert (found.root, found.date, found.npm_keys, found.note, repository.asked) == (
        Origin.EMBEDDED,
        trust.embedded_day(),
        f"embedded, of {data.day(npm_keys.TABLE)}",
        None,
        [],
    )


def test_what_came_along_is_dated():
    """Old data are the first suspect when a log or a key is unknown."""
    assert "2026-01-01" < trust.embedded_day() <= TODAY


def test_a_root_that_does_not_say_how_long_it_lasts_has_no_day(monkeypatch):
    """A guess would be worse than none."""
    monkeypatch.setattr(trust, "embedded", lambda _: b'{"signed": {"expires": "2026-11-20T00:00:00Z"}}')

    assert trust.embedded_day() is None


def test_offline_nothing_is_written(ask, tmp_path):
    """sigstore-python would put its own data into the user's folders, and believe them ever after."""
    ask(online=False)

    assert list(tmp_path.iterdir()) == []


# -- files ----------------------------------------------------------------------------------------


def test_files_of_the_user_count_and_nobody_is_asked(ask, repository, tmp_path):
    """A private Sigstore instance has its own root and its own keys."""
    (tmp_path / "root.json").write_bytes(embedded(ROOT))
    (tmp_path / "keys.json").write_bytes(NPM_KEYS)

    found = ask(tmp_path / "root.json", tmp_path / "keys.json")

    assert (found.root, found.date, found.npm_keys, repository.asked) == (Origin.FILE, None, "file", [])


def test_a_file_replaces_its_own_half_only(ask, tmp_path):
    """The keys of npm are still those of today."""
    (tmp_path / "root.json").write_bytes(embedded(ROOT))

    found = ask(tmp_path / "root.json")

    assert (found.root, found.npm_keys) == (Origin.FILE, f"refreshed, of {TODAY}")


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"no JSON", b'{"keys": [], "keys": []}', b"\xff"])
@pytest.mark.parametrize("which", [0, 1])
def test_a_file_that_is_something_else_is_refused(ask, tmp_path, body, which):
    """To trust something else instead would be the worst answer."""
    path = tmp_path / "document.json"
    path.write_bytes(body)

    with pytest.raises(UsageError, match="cannot use"):
        ask(*((path, None) if which == 0 else (None, path)), online=False)


def test_a_file_that_is_not_there_is_refused(ask, tmp_path):
    """The user named it, so the user hears of it."""
    with pytest.raises(UsageError, match="cannot read"):
        ask(tmp_path / "none.json", online=False)


def test_the_issuers_are_those_that_are_asked_for(ask):
    """A private instance signs for a forge of its own."""
    found = [ask(online=False).issuers, ask(online=False, issuers=frozenset({"https://git.example.com"})).issuers]

    assert found == [ISSUERS, frozenset({"https://git.example.com"})]


# -- the refresh ----------------------------------------------------------------------------------


def test_what_is_handed_out_today_counts(ask, repository):
    """A new key of npm's, or a new log, is known at once."""
    repository.publish(root=later())

    found = ask()

    assert (found.root, found.date, found.npm_keys, found.note) == (
        Origin.REFRESHED,
        TODAY,
        f"refreshed, of {TODAY}",
        None,
    )
    assert (len(found.verifier._logs), found.keys) == (1, npm_keys.embedded())


def test_it_is_asked_for_once_a_day(ask, repository):
    """A monorepo verifies fifty packages in a row."""
    ask()
    repository.asked.clear()

    found = ask()

    assert (found.root, repository.asked) == (Origin.REFRESHED, [])


@pytest.mark.parametrize("days", [1.1, -1])
def test_on_another_day_it_is_asked_for_again(ask, repository, days):
    """A clock that was set back is no reason never to ask again."""
    ask()
    repository.asked.clear()

    ask(clock=Skewed(days))

    assert "timestamp.json" in repository.asked


def test_a_repository_without_npms_keys_leaves_those_that_came_along(ask, repository):
    """A mirror of the public instance may have the root alone."""
    repository.publish(keys=None)

    found = ask()

    assert (found.root, found.keys, found.npm_keys[:8]) == (Origin.REFRESHED, npm_keys.embedded(), "embedded")


def fallen_back(found, why):
    """Tell whether what came along counts, and why."""
    return (found.root, found.npm_keys[:8], why in (found.note or "")) == (Origin.EMBEDDED, "embedded", True)


def test_a_repository_that_cannot_be_reached_is_done_without(ask, repository):
    """The verdict is the same on almost every day, and the report says what it rests on."""
    repository.server.shutdown()
    repository.server.server_close()
    start = time.monotonic()

    found = ask()

    assert fallen_back(found, "cannot be reached"), found.note
    assert (time.monotonic() - start < 1.5, f"{trust.ROOT}" in found.note, "days old" in found.note) == (
        True,
        False,
        True,
    )


def test_a_slow_repository_is_not_waited_for(ask, repository, monkeypatch):
    """A proxy that drips is no reason to stand still."""
    monkeypatch.setattr(trust, "PATIENCE", 0.5)
    repository.delay = 0.3
    start = time.monotonic()

    found = ask()

    assert fallen_back(found, "takes longer than 0.5 s"), found.note
    assert time.monotonic() - start < 1.5


def test_a_silent_repository_is_given_up_soon(ask, repository, monkeypatch):
    """Without a network, all is over in two seconds."""
    monkeypatch.setattr(trust, "LIMITS", Limits(total=5, contact=0.2, connect=0.2, silence=5, retries=1))
    repository.delay = 3
    start = time.monotonic()

    found = ask()

    assert fallen_back(found, "does not answer"), found.note
    assert time.monotonic() - start < 1.5


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda it: setattr(it, "status", 500), id="500"),
        pytest.param(lambda it: setattr(it, "status", 403), id="403"),
        pytest.param(lambda it: it.files.update({"timestamp.json": b"{}"}), id="no timestamp"),
        pytest.param(lambda it: it.files.pop("timestamp.json"), id="a timestamp that is not there"),
        pytest.param(lambda it: it.files.pop("1.snapshot.json"), id="a snapshot that is not there"),
        pytest.param(lambda it: it.publish(until=NOW - timedelta(days=1)), id="all expired"),
        pytest.param(lambda it: it.publish(root=b"{}"), id="no root"),
        pytest.param(lambda it: it.publish(root=None, keys=b'{"keys": []}'), id="no keys"),
        pytest.param(lambda it: it.publish(root=b""), id="no target of this name"),
        pytest.param(lambda it: it.publish(root=b" " * (trust.LARGEST + 1)), id="a huge target"),
        pytest.param(
            lambda it: (it.signers.update(timestamp=CryptoSigner.generate_ecdsa()), it.put(
                "timestamp.json", Timestamp(2, None, LATER, MetaFile(1)), "timestamp")),
            id="a foreign signature",
        ),
        pytest.param(
            lambda it: it.files.update({path: later() for path in it.files if path.endswith(f".{ROOT}")
                                        and path.startswith("targets/")}),
            id="a changed target",
        ),
    ],
)  # fmt: skip
def test_what_nobody_vouches_for_is_not_taken(ask, repository, tmp_path, spoil):
    """Whoever stands on the way may neither change it nor hold it back for long; and nothing of it is kept."""
    spoil(repository)

    found = ask()

    assert fallen_back(found, "could not be refreshed"), found.note
    assert not (tmp_path / "cache").exists()


def test_nothing_of_the_user_is_sent(ask, repository):
    """Which packages are verified is nobody's business."""
    ask()

    assert sorted({path.rpartition("/")[2].partition(".")[2] or path for path in repository.asked}) == sorted(
        {"json", "root.json", "snapshot.json", "targets.json", "registry.npmjs.org.json", ROOT, "keys.json"}
    )


# -- what is kept ---------------------------------------------------------------------------------


def kept(tmp_path):
    """Return the one file that is kept."""
    return tmp_path / "cache" / "preflight" / "trust.json"


def test_what_is_kept_counts_while_nobody_answers(ask, repository):
    """It was vouched for for some days, and is newer than what came along."""
    repository.publish(root=later())
    ask()
    repository.status = 503

    found = ask(clock=Skewed(1.5))

    assert (found.root, found.date, len(found.verifier._logs)) == (Origin.REFRESHED, TODAY, 1)
    assert "answers 503" in found.note


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"no JSON", id="no JSON"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b'{"since": 1, "answers": {"timestamp.json": "!"}}', id="no base64"),
        pytest.param(b" " * (trust.LARGEST + 1), id="too large"),
    ],
)
def test_what_is_kept_and_broken_is_fetched_again(ask, tmp_path, body):
    """A disk may be full, and a program may be killed."""
    kept(tmp_path).parent.mkdir(parents=True)
    kept(tmp_path).write_bytes(body)

    found = ask()

    assert (found.root, json.loads(kept(tmp_path).read_bytes())["since"] > 0) == (Origin.REFRESHED, True)


def test_what_is_kept_is_checked_again(ask, repository, tmp_path):
    """Another program of the user's could have written it."""
    ask()
    text = kept(tmp_path).read_text()
    document = json.loads(text)
    path = next(path for path in document["answers"] if path.endswith(f".{ROOT}"))
    document["answers"][path] = document["answers"][path][:-8] + "AAAAAAA="
    kept(tmp_path).write_text(json.dumps(document))
    repository.asked.clear()

    found = ask()

    assert (found.root, "timestamp.json" in repository.asked) == (Origin.REFRESHED, True)


def test_what_another_repository_said_does_not_count(ask, repository, tmp_path):
    """Whom its answers make one trust is another matter."""
    ask()
    document = json.loads(kept(tmp_path).read_text())
    kept(tmp_path).write_text(json.dumps({**document, "address": "https://tuf.example.com/"}))
    repository.asked.clear()

    ask()

    assert "timestamp.json" in repository.asked


def test_older_answers_than_those_that_are_kept_are_refused(ask, repository):
    """A key that was withdrawn must not come back."""
    old = dict(repository.files)
    repository.publish(version=2, root=later())
    ask()
    repository.files = old

    found = ask(clock=Skewed(1.5))

    assert (len(found.verifier._logs), "timestamp" in found.note) == (1, True)


@pytest.mark.skipif(os.name == "nt" or not hasattr(os, "geteuid"), reason="rights of folders are others there")
@pytest.mark.parametrize("kind", ["a file", "a pipe", "no home"])
def test_a_folder_that_cannot_be_used_is_done_without(ask, tmp_path, kind):
    """A container may have no home, and a runner a strange one."""
    environment = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    match kind:
        case "a file":
            (tmp_path / "cache").write_text("x")
        case "a pipe":
            kept(tmp_path).parent.mkdir(parents=True)
            os.mkfifo(kept(tmp_path))
        case _:
            environment = {}

    found = ask(environment=environment)

    assert (found.root, found.note) == (Origin.REFRESHED, None)


@pytest.mark.parametrize(
    ("environment", "place"),
    [
        pytest.param({"XDG_CACHE_HOME": "/x", "HOME": "/h"}, "/x/preflight/trust.json", id="as it is told"),
        pytest.param({"XDG_CACHE_HOME": "x", "HOME": "/h"}, None, id="a relative folder"),
        pytest.param({}, None, id="no home"),
    ],
)
def test_the_place_is_the_users(environment, place):
    """Never the repository, and never a folder that depends on where one stands."""
    assert trust.cache(environment) == (Path(place) if place else None)


@pytest.mark.parametrize(
    ("platform", "environment", "place"),
    [
        ("linux", {"HOME": "/h"}, "/h/.cache/preflight/trust.json"),
        ("darwin", {"HOME": "/h"}, "/h/Library/Caches/preflight/trust.json"),
        ("win32", {"LOCALAPPDATA": "/l", "USERPROFILE": "/h"}, "/l/preflight/trust.json"),
    ],
)
def test_each_system_has_its_usual_place(monkeypatch, platform, environment, place):
    """Where people, and programs that clean up, look for it."""
    monkeypatch.setattr("sys.platform", platform)

    assert trust.cache(environment) == Path(place)


# -- another registry's keys ----------------------------------------------------------------------


class Given:
    """A registry that gives one answer."""

    host = "npm.example.com"

    def __init__(self, answer):
        self.keys_raw = lambda: answer


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        pytest.param(Known(NPM_KEYS), Known, id="keys"),
        pytest.param(Known(b'{"keys": 1}'), Unknown, id="no keys"),
        pytest.param(Absent(), Absent, id="nothing"),
        pytest.param(Unknown("it is silent"), Unknown, id="no answer"),
    ],
)
def test_another_registry_has_its_own_keys(answer, kind):
    """Sigstore hands out npm's alone."""
    assert isinstance(trust.own_keys(Given(answer)), kind)


def test_the_target_is_named_after_the_registry():
    """A typing error here would mean the embedded keys for ever, and nobody would see it."""
    assert (KEYS.partition("/")[0] in NPM, KEYS.partition("/")[2]) == (True, "keys.json")
