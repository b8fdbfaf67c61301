"""The client of the registry, against a server on this machine that misbehaves on purpose."""

from __future__ import annotations

import gzip
import io
import json
import socket
import ssl
import struct
import tarfile
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha512
from ipaddress import IPv4Address

import pytest

from preflight.errors import UsageError
from preflight.facts.fact import Known, Unknown
from preflight.facts.release import Tarball
from preflight.readers import registry as registry_
from preflight.readers import tarballs
from preflight.readers.answers import COLLECTIONS, Absent, Clock, Limits, decoded
from preflight.readers.registries import NPM
from preflight.readers.registry import Registry, token
from preflight.readers.web import MEBI, Web, address, proxy_for

PACKAGE = {"name": "widgets", "versions": {}}
FAST = Limits(total=2.0, contact=1.0, connect=0.5, silence=0.5, pause=0.01)
ENOUGH = 5
"""Seconds after which a question that should have an end has none."""


class Virtual(Clock):
    """A clock whose time goes by only when somebody sleeps, or looks at it."""

    def __init__(self, tick=0.0):
        self.time, self.tick, self.slept = 1000.0, tick, []

    def monotonic(self):
        """Return the time, and let a tick go by."""
        self.time += self.tick
        return self.time

    def now(self):
        """Return 2026-11-21, noon."""
        return 1795262400.0

    def sleep(self, seconds):
        """Note how long, and go on at once."""
        self.slept.append(seconds)
        self.time += seconds

    def wait(self, event, _):
        """Wait as long as the machine needs."""
        return event.wait(ENOUGH)


class Server:
    """A server that gives one scripted answer after the other, the last one again and again."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.requests = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.base = f"http://127.0.0.1:{self.listener.getsockname()[1]}/"
        self.host = self.base.removeprefix("http://").rstrip("/")
        self.over = threading.Event()
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        """Serve until the test is over."""
        while not self.over.is_set():
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        """Answer one request and close."""
        with connection, suppress(OSError):
            self.requests.append(self.received(connection))
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            if callable(answer):
                answer(connection, self.over)
            else:
                connection.sendall(answer)

    @staticmethod
    def received(connection):
        """Return what was asked, up to the blank line."""
        data = b""
        while b"\r\n\r\n" not in data and (piece := connection.recv(65536)):
            data += piece
        return data.decode("latin-1")

    def close(self):
        """End everything."""
        self.over.set()
        with suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


def reply(status=200, body=b"", **headers):
    """Return an answer as bytes; an underscore in the name of a header is a hyphen."""
    payload = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {"Content-Type": "application/json", "Content-Length": str(len(payload)), "Connection": "close"}
    named |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in named.items())
    return f"HTTP/1.1 {status} Words\r\n{lines}\r\n".encode() + payload


GOOD = reply(body=PACKAGE)


def reset(connection, _):
    """End a connection at once, and rudely."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def reset_within(connection, _):
    """End a connection in the middle of the body."""
    connection.sendall(GOOD[:-10])
    time.sleep(0.02)
    reset(connection, _)


def dripping(start):
    """Return an answer that begins, and then comes in byte by byte."""

    def drip(connection, over):
        connection.sendall(start)
        while not over.wait(0.05):
            connection.sendall(b"a")

    return drip


def endless(connection, over):
    """Send a body that never ends."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
    while not over.is_set():
        connection.sendall(b" " * 65536)


def silent(_, over):
    """Say nothing at all."""
    over.wait(ENOUGH)


@pytest.fixture
def serve():
    """Return a function that starts a server; all end with the test."""
    started = []

    def start(*answers):
        started.append(Server(*answers))
        return started[-1]

    yield start
    for server in started:
        server.close()


@pytest.fixture
def ask(serve):
    """Return a function that asks a server with these answers about a package."""

    def put(*answers, clock=None, limits=FAST):
        server = serve(*answers)
        return Registry(server.base, {}, clock=clock or Virtual(), limits=limits).packument("widgets"), server

    return put


# -- what is known --------------------------------------------------------------------------------


def test_a_package_is_known(ask):
    """This is what all else is for."""
    answer, _ = ask(GOOD)

    assert answer == Known(PACKAGE)


def test_a_compressed_answer_is_unpacked(ask):
    """The registry compresses whatever it sends."""
    answer, _ = ask(reply(body=gzip.compress(json.dumps(PACKAGE).encode()), Content_Encoding="gzip"))

    assert answer == Known(PACKAGE)


def test_a_chunked_answer_is_joined(ask):
    """A server that does not know the length yet sends chunks."""
    body = json.dumps(PACKAGE).encode()
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:5], body[5:])) + b"0\r\n\r\n"

    answer, _ = ask(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n" + chunks)

    assert answer == Known(PACKAGE)


def test_what_is_not_there_is_absent(ask):
    """A package that is new is no failure."""
    answer, _ = ask(reply(404, {"error": "Not found"}))

    assert answer == Absent()


@pytest.mark.parametrize(
    ("ask_for", "path"),
    [
        pytest.param(lambda registry: registry.packument("@acme/widgets"), "/@acme%2Fwidgets", id="a scope"),
        pytest.param(
            lambda registry: registry.attestations_raw("@acme/widgets", "1.0.0+a b"),
            "/-/npm/v1/attestations/@acme%2Fwidgets@1.0.0%2Ba%20b",
            id="attestations",
        ),
        pytest.param(lambda registry: registry.keys_raw(), "/-/npm/v1/keys", id="keys"),
    ],
)
def test_each_question_has_its_path(serve, ask_for, path):
    """A name that is spelt wrong in a path asks about another package."""
    server = serve(reply(404))

    ask_for(Registry(server.base, {}, clock=Virtual(), limits=FAST))

    assert server.requests[0].split(" ")[:2] == ["GET", path]


def test_the_abbreviated_form_is_asked_for_by_its_type(serve):
    """It is a tenth of the size where times do not matter."""
    server = serve(GOOD)

    Registry(server.base, {}, clock=Virtual(), limits=FAST).packument("widgets", full=False)

    assert "application/vnd.npm.install-v1+json" in server.requests[0]


@pytest.mark.parametrize("name", ["..", "@acme/..", "a/b", "@acme", "@a/b/c", "", "w" * 215, "a\nb"])
def test_what_is_no_name_is_not_asked_about(serve, name):
    """Names come from files that anybody may have written."""
    server = serve(GOOD)
    registry = Registry(server.base, {}, clock=Virtual(), limits=FAST)

    answers = [type(registry.packument(name)), type(registry.attestations_raw(name, "1.0.0"))]

    assert (answers, server.requests) == ([Unknown, Unknown], [])


def test_nothing_is_sent_that_should_not_be(serve, tmp_path, monkeypatch):
    """A login of the user's has no business on the wire, wherever it lies."""
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password secret\n")
    (tmp_path / ".npmrc").write_text("//127.0.0.1/:_authToken=secret\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    server = serve(reply(503, Set_Cookie="a=secret"), reply(302, Location="/other", Set_Cookie="a=secret"), GOOD)

    Registry(server.base, {"NPM_TOKEN": "secret"}, clock=Virtual(), limits=FAST).packument("widgets")

    sent = {line.split(":")[0].lower() for each in server.requests for line in each.split("\r\n")[1:] if line}
    assert (len(server.requests), sent) == (3, {"host", "accept", "accept-encoding", "user-agent"})


# -- what goes wrong ------------------------------------------------------------------------------

MANY = b"[" * (COLLECTIONS + 1)
FAULTS = [
    pytest.param(reset, "breaks off", id="reset at once"),
    pytest.param(reset_within, "breaks off", id="reset in the body"),
    pytest.param(GOOD[:-5], "breaks off", id="truncated"),
    pytest.param(
        reply(body=gzip.compress(b"{}" * 99)[:-12], Content_Encoding="gzip"), "breaks off", id="truncated gzip"
    ),
    pytest.param(reply(body=b"{}", Content_Encoding="gzip"), "no gzip", id="no gzip"),
    pytest.param(reply(body=b"{}", Content_Encoding="gzip, gzip"), "an encoding that nobody", id="twice compressed"),
    pytest.param(reply(body=b"{}", Content_Encoding="br"), "an encoding that nobody", id="an encoding not asked for"),
    pytest.param(b"nonsense\r\n\r\n", "breaks off", id="no HTTP"),
    pytest.param(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200 + b"\r\n", "breaks off", id="too many headers"),
    pytest.param(reply(401), "wants a login (401)", id="401"),
    pytest.param(reply(403), "answers 403", id="403"),
    pytest.param(reply(404, b"<html>", Content_Type="text/html"), "a page for people", id="404 of a proxy"),
    pytest.param(reply(204), "answers 204", id="204"),
    pytest.param(reply(418), "answers 418", id="418"),
    pytest.param(reply(429), "answers 429", id="429"),
    pytest.param(reply(500), "answers 500", id="500"),
    pytest.param(reply(503), "answers 503", id="503"),
    pytest.param(reply(302, Location="http://127.0.0.1:1/x"), "redirects to another server", id="to another port"),
    pytest.param(reply(302, Location="https://example.com/x"), "redirects to another server", id="to another host"),
    pytest.param(reply(302, Location="file:///etc/passwd"), "redirects to", id="to a file"),
    pytest.param(reply(302, Location="//[::1/x"), "redirects to", id="to no address"),
    pytest.param(reply(301, Location="/again"), "redirects without end", id="a loop"),
    pytest.param(reply(307), "redirects without end", id="to nowhere"),
    pytest.param(reply(body=b"<html>", Content_Type="text/html"), "not JSON", id="a page"),
    pytest.param(reply(body=b'{"a": "\xff"}'), "not JSON", id="invalid UTF-8"),
    pytest.param(reply(body='{"name": 1}'.encode("utf-16")), "not JSON", id="UTF-16"),
    pytest.param(reply(body=b'{"a": NaN}'), "not JSON", id="NaN"),
    pytest.param(reply(body=b'{"a": ' + b"9" * 5000 + b"}"), "not JSON", id="a huge number"),
    pytest.param(reply(body=b"[]"), "another shape", id="a list"),
    pytest.param(reply(body=b"[" * 200_000), "nests too deep", id="deep"),
    pytest.param(reply(body=MANY), "more than 1000000 objects", id="many objects"),
    pytest.param(reply(body={"name": "other"}), "about another package", id="another package"),
]


QUESTIONS = {
    "packument": lambda registry: registry.packument("widgets"),
    "attestations": lambda registry: registry.attestations("widgets", "1.0.0"),
    "raw attestations": lambda registry: registry.attestations_raw("widgets", "1.0.0"),
    "keys": lambda registry: registry.keys_raw(),
    "tarball": lambda registry: registry.tarball(f"{NPM}widgets/-/widgets-1.0.0.tgz"),
}
UNASKED = {"truncated gzip", "no gzip", "twice compressed", "an encoding not asked for"}
CONTENTS = {"a page", "invalid UTF-8", "UTF-16", "NaN", "a huge number", "a list", "deep", "many objects"}
"""Faults that only a reader of JSON sees; what is no tarball has a digest all the same, and no name."""
each_question = pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)


def matrix():
    """Yield every fault with every question, and why it cannot be told then; None where there is an answer."""
    for fault in FAULTS:
        answer, why = fault.values
        for name, question in QUESTIONS.items():
            if fault.id == "another package" and name != "packument":
                continue
            said = why
            if name == "tarball":
                said = None if fault.id in CONTENTS else "an encoding that nobody" if fault.id in UNASKED else why
            yield pytest.param(answer, question, said, id=f"{name}: {fault.id}")


@pytest.mark.parametrize(("answer", "question", "why"), list(matrix()))
def test_a_fault_is_unknown_and_says_why(serve, answer, question, why):
    """What could not be looked at is neither there nor absent."""
    server, clock = serve(answer), Virtual()

    found = question(Registry(server.base, {}, clock=clock, limits=FAST))

    match found:
        case Known(Tarball(name=None)):
            assert why is None
        case Unknown(said):
            assert why is not None
            assert why in said
        case _:
            pytest.fail(f"{found}")
    assert (clock.time - 1000.0 <= FAST.total, len(server.requests) <= FAST.retries + 4) == (True, True)


@each_question
def test_each_question_knows_what_is_absent(serve, question):
    """A version without attestations is the commonest of all."""
    server = serve(reply(404, {"error": "Not found"}))

    assert question(Registry(server.base, {}, clock=Virtual(), limits=FAST)) == Absent()


@each_question
def test_each_question_is_put_again(serve, question):
    """Registries are busy on the day of a release."""
    server = serve(reply(503), reset, GOOD)

    found = question(Registry(server.base, {}, clock=Virtual(), limits=FAST))

    assert (type(found), len(server.requests)) == (Known, 3)


@each_question
def test_what_was_absent_may_be_there_the_next_time(serve, question):
    """Whoever waits for an attestation asks the same client again and again."""
    server = serve(reply(404, {"error": "Not found"}), GOOD)
    registry = Registry(server.base, {}, clock=Virtual(), limits=FAST)

    found = [type(question(registry)), type(question(registry))]

    assert found == [Absent, Known]


@each_question
@pytest.mark.parametrize(
    ("answer", "why"),
    [
        pytest.param("endless", "answers with more than 1 MiB", id="endless"),
        pytest.param("drip", "takes longer than 2 s", id="a dripping body"),
        pytest.param("silent", "does not answer", id="silence"),
        pytest.param("headers", "does not answer", id="dripping headers"),
    ],
)
def test_each_question_has_an_end(serve, monkeypatch, question, answer, why):
    """Whoever serves it decides neither how much is read, nor for how long."""
    for module, names in ((registry_, ("PACKUMENT", "ATTESTATIONS", "KEYS")), (tarballs, ("LARGEST",))):
        for name in names:
            monkeypatch.setattr(module, name, MEBI)
    monkeypatch.setattr(registry_, "PATIENCE", 2.0)
    dripping_body = dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    answers = {
        "endless": endless,
        "drip": dripping_body,
        "silent": silent,
        "headers": dripping(b"HTTP/1.1 200 OK\r\nX: "),
    }
    server = serve(answers[answer])
    late = answer in {"silent", "headers"}
    clock, limits = (None, Limits(total=0.4, contact=0.3, silence=5)) if late else (Virtual(tick=0.02), FAST)
    start = time.monotonic()

    found = question(Registry(server.base, {}, limits=limits, **({"clock": clock} if clock else {})))

    assert isinstance(found, Unknown), found
    assert (why in found.why, time.monotonic() - start < 2 * ENOUGH) == (True, True)


@each_question
def test_no_question_reaches_a_server_that_is_not_there(question):
    """No network is not the same as no attestation."""
    found = question(Registry(unused(), {}, clock=Virtual(), limits=FAST))

    assert isinstance(found, Unknown)
    assert found.why.endswith("cannot be reached")


@each_question
def test_no_question_is_put_to_a_server_that_nobody_knows(safe, question):
    """Whoever answers for the registry without its certificate could answer anything."""
    found = question(Registry(safe.base, {}, clock=Virtual(), limits=FAST))

    assert found == Unknown(f"no safe connection to {safe.host} can be made")


# -- tarballs -------------------------------------------------------------------------------------


def packed(manifest):
    """Return a tarball with a package.json."""
    made = io.BytesIO()
    body = json.dumps(manifest).encode()
    with tarfile.open(fileobj=made, mode="w:gz") as tar:
        info = tarfile.TarInfo("package/package.json")
        info.size = len(body)
        tar.addfile(info, io.BytesIO(body))
    return made.getvalue()


TARBALL = packed({"name": "widgets", "version": "1.0.0"})


def test_a_tarball_is_read_while_it_comes_in(serve):
    """It may be larger than the disk of a runner."""
    server = serve(reply(body=TARBALL, Content_Type="application/octet-stream"))

    found = Registry(server.base, {}, clock=Virtual(), limits=FAST).tarball(f"{NPM}widgets/-/widgets-1.0.0.tgz")

    assert found == Known(Tarball(sha512(TARBALL).hexdigest(), "widgets", "1.0.0"))


def test_a_tarball_that_breaks_off_is_read_from_its_start(serve):
    """Half of one and the whole of another have no digest that anybody signed."""
    whole = reply(body=TARBALL)
    server = serve(whole[:-40], whole)

    found = Registry(server.base, {}, clock=Virtual(), limits=FAST).tarball(f"{NPM}widgets/-/widgets-1.0.0.tgz")

    assert found == Known(Tarball(sha512(TARBALL).hexdigest(), "widgets", "1.0.0"))


@pytest.mark.parametrize(
    ("said", "path"),
    [
        pytest.param(f"{NPM}@acme/widgets/-/widgets-1.0.0.tgz", "/@acme/widgets/-/widgets-1.0.0.tgz", id="npm's own"),
        pytest.param(f"{NPM}@acme%2fwidgets/-/w.tgz", "/@acme%2Fwidgets/-/w.tgz", id="an escaped name"),
        pytest.param("https://evil.example.com/widgets/-/w.tgz", "/widgets/-/w.tgz", id="another server"),
        pytest.param("https://me:secret@evil.example.com:1/w.tgz?a=b#c", "/w.tgz", id="with all that there is"),
        pytest.param("http://cdn.example.com//w.tgz", "/w.tgz", id="two slashes"),
        pytest.param(f"{NPM}w \r\n.tgz", "/w%20.tgz", id="with breaks of lines"),
    ],
)
def test_only_the_path_of_a_tarballs_address_counts(serve, said, path):
    """The address comes from the registry's answer, and could name anybody."""
    server = serve(reply(404))

    Registry(server.base, {}, clock=Virtual(), limits=FAST).tarball(said)

    assert server.requests[0].split("\r\n")[0].split(" ") == ["GET", path, "HTTP/1.1"]


def test_a_registry_below_a_path_has_its_tarballs_there_too(serve):
    """The path is a part of both addresses."""
    server = serve(reply(404))
    base = f"{server.base}repository/npm/"

    Registry(base, {}, clock=Virtual(), limits=FAST).tarball(f"{base}widgets/-/w.tgz")

    assert server.requests[0].split(" ")[1] == "/repository/npm/widgets/-/w.tgz"


@pytest.mark.parametrize(
    "said",
    [
        None,
        7,
        {},
        "",
        "widgets.tgz",
        "file:///etc/passwd",
        "ftp://npm.example.com/w.tgz",
        "https://[::1/w.tgz",
        f"{NPM}",
        f"{NPM}a/../b.tgz",
        f"{NPM}a/%2e%2e/b.tgz",
        f"{NPM}a/\x00.tgz",
        f"{NPM}{'a' * 3000}.tgz",
    ],
)
def test_what_is_no_address_of_a_tarball_is_not_followed(serve, said):
    """A packument may hold anything."""
    server = serve(reply(body=TARBALL))

    found = Registry(server.base, {}, clock=Virtual(), limits=FAST).tarball(said)

    assert (type(found), server.requests) == (Unknown, [])


def test_a_tarball_is_asked_for_as_it_is(serve):
    """A server that calls every .tgz a compressed .tar would have us hash the wrong bytes."""
    server = serve(reply(body=TARBALL, Content_Encoding="gzip"))

    found = Registry(server.base, {}, clock=Virtual(), limits=FAST).tarball(f"{NPM}w.tgz")

    assert (type(found), "accept-encoding: identity" in server.requests[0].lower()) == (Unknown, True)


# -- logins ---------------------------------------------------------------------------------------


@each_question
def test_a_login_that_the_user_names_is_sent(serve, question):
    """A private registry shows nothing without."""
    server = serve(GOOD)

    question(Registry(server.base, {}, token="secret", clock=Virtual(), limits=FAST))

    assert "authorization: bearer secret" in server.requests[0].lower()


@each_question
def test_a_login_follows_no_redirect_to_another_server(serve, question):
    """It was meant for one server."""
    other = serve(GOOD)
    server = serve(reply(302, Location=f"{other.base}x"))

    question(Registry(server.base, {}, token="secret", clock=Virtual(), limits=FAST))

    assert other.requests == []


def test_npm_itself_gets_no_login():
    """What it shows to everybody is what is to be proven."""
    with pytest.raises(UsageError, match="without a login"):
        Registry(NPM, {}, token="secret")


def test_a_login_comes_from_a_variable():
    """On the command line, everybody on the machine would see it."""
    assert token({"TOKEN": " secret\n"}, "TOKEN") == "secret"


@pytest.mark.parametrize(
    "environment", [{}, {"TOKEN": ""}, {"TOKEN": "se\ncret"}, {"TOKEN": "se cret"}, {"TOKEN": "ä"}]
)
def test_a_variable_without_a_token_is_refused(environment):
    """And what it holds is shown to nobody."""
    with pytest.raises(UsageError) as refusal:
        token(environment, "TOKEN")

    assert "cret" not in str(refusal.value)


# -- again ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer", [pytest.param(reply(status), id=str(status)) for status in (408, 425, 429, 500, 502, 503, 504)]
)
def test_a_busy_server_is_asked_again(ask, answer):
    """Most of them answer the second time."""
    found, server = ask(answer, GOOD)

    assert (found, len(server.requests)) == (Known(PACKAGE), 2)


@pytest.mark.parametrize("answer", [pytest.param(reset, id="reset"), pytest.param(GOOD[:-5], id="truncated")])
def test_an_answer_that_breaks_off_is_asked_for_again(ask, answer):
    """A connection breaks now and then."""
    found, server = ask(answer, GOOD)

    assert (found, len(server.requests)) == (Known(PACKAGE), 2)


def test_a_question_is_put_three_times_at_the_most(ask):
    """Who is overloaded is not helped by more."""
    clock = Virtual()

    _, server = ask(reply(503), clock=clock, limits=Limits())

    assert (len(server.requests), clock.slept) == (3, [0.25, 0.5])


@pytest.mark.parametrize("status", [401, 403, 404, 418])
def test_what_will_not_change_is_asked_once(ask, status):
    """A second question would get the same answer."""
    _, server = ask(reply(status))

    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("said", "slept"),
    [
        pytest.param("1", [1.0], id="seconds"),
        pytest.param("Sat, 21 Nov 2026 12:00:01 GMT", [1.0], id="a date"),
        pytest.param("Sat, 21 Nov 2020 12:00:00 GMT", [0.0], id="a date that is over"),
        pytest.param("soon", [0.01], id="nonsense"),
        pytest.param("-5", [0.01], id="a negative number"),
        pytest.param("", [0.01], id="nothing"),
    ],
)
def test_retry_after_is_heeded(ask, said, slept):
    """The server knows best when it has time again."""
    clock = Virtual()

    found, _ = ask(reply(429, Retry_After=said), GOOD, clock=clock)

    assert (found, clock.slept) == (Known(PACKAGE), slept)


@pytest.mark.parametrize("said", ["60", "9" * 400, "Sat, 21 Nov 2099 12:00:00 GMT"])
def test_nobody_waits_beyond_the_end_of_a_question(ask, said):
    """A check in a hook may not stand still for a minute."""
    clock = Virtual()

    found, _ = ask(reply(503, Retry_After=said), GOOD, clock=clock)

    assert (type(found), clock.slept) == (Unknown, [])


def test_a_redirect_to_the_same_server_is_followed(ask):
    """Mirrors move their paths."""
    found, server = ask(reply(302, Location="/moved?x=1"), GOOD)

    assert (found, server.requests[1].split(" ")[1]) == (Known(PACKAGE), "/moved?x=1")


def test_a_bomb_is_not_unpacked(serve):
    """A megabyte can hold a gigabyte of nothing."""
    server = serve(reply(body=gzip.compress(b" " * (64 * MEBI)), Content_Encoding="gzip"))

    found = Web(server.base, {}, clock=Virtual(), limits=FAST).get("x", most=MEBI)

    assert found == Unknown(f"{server.host} answers with more than 1 MiB")


def test_an_endless_answer_has_an_end(serve):
    """What is larger than any packument is not one."""
    server = serve(endless)

    found = Web(server.base, {}, clock=Virtual(), limits=FAST).get("x", most=MEBI)

    assert found == Unknown(f"{server.host} answers with more than 1 MiB")


def test_a_dripping_body_has_an_end(serve):
    """Each byte comes in time, and the whole never."""
    server = serve(dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"))

    found = Web(server.base, {}, clock=Virtual(tick=0.1), limits=FAST).get("x", most=MEBI)

    assert found == Unknown(f"{server.host} takes longer than 2 s")


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(dripping(b"HTTP/1.1 200 OK\r\nX: "), id="dripping headers"),
        pytest.param(dripping(b""), id="a dripping first line"),
        pytest.param(silent, id="silence"),
    ],
)
def test_headers_that_never_end_are_not_waited_for(serve, answer):
    """No timeout of a socket ends this, because something always comes."""
    server = serve(answer)
    limits = Limits(total=0.4, contact=0.3, silence=5)
    start = time.monotonic()

    found = Web(server.base, {}, limits=limits).get("x", most=MEBI)

    assert (found, time.monotonic() - start < 2) == (Unknown(f"{server.host} does not answer"), True)


def test_a_body_that_stalls_is_not_waited_for(serve):
    """The question has an end of its own, whatever the thread that put it is doing."""

    def stall(connection, over):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
        over.wait(ENOUGH)

    server = serve(stall)

    found = Web(server.base, {}, limits=Limits(total=0.3, contact=0.2, silence=5)).get("x", most=MEBI)

    assert found == Unknown(f"{server.host} takes longer than 0.3 s")


def test_a_server_that_answered_is_given_more_time(serve):
    """The limit for somebody who looks on must not cut off a slow answer of a registry that is there."""

    def slow(connection, over):
        over.wait(0.4)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    server = serve(GOOD, slow, slow)
    web = Web(server.base, {}, limits=Limits(first=0.2))
    web.get("x", most=MEBI)

    found = web.get("y", most=MEBI), Web(server.base, {}, limits=Limits(first=0.2)).get("z", most=MEBI)

    assert found == (Known(b""), Unknown(f"{server.host} does not answer"))


# -- servers that are not there -------------------------------------------------------------------


def unused():
    """Return the address of a port where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return f"http://127.0.0.1:{taken.getsockname()[1]}/"


def test_a_server_that_is_not_there_is_asked_no_more():
    """With five hundred packages and no network, the first answer is that of all."""
    clock = Virtual()
    web = Web(unused(), {}, clock=clock, limits=FAST)

    found = [web.get("x", most=MEBI), web.get("y", most=MEBI)]

    assert ([each.why.endswith("cannot be reached") for each in found], len(clock.slept)) == ([True, True], 2)


def test_a_server_that_answered_once_gets_more_chances(serve):
    """One broken connection among many says little."""
    server = serve(GOOD)
    web = Web(server.base, {}, clock=Virtual(), limits=FAST)
    web.get("x", most=MEBI)
    server.close()
    time.sleep(0.05)

    for _ in range(3):
        before = web._lost
        web.get("x", most=MEBI)

    assert (before, bool(web._lost)) == ("", True)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """Make a certificate for this machine that only we know."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a test")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def safe(serve, certificate):
    """Start a server that speaks TLS, with a certificate that nobody knows."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = serve(GOOD)
    plain = server.serve
    server.serve = lambda connection: _wrapped(context, connection, plain)
    server.base = server.base.replace("http:", "https:")
    return server


def _wrapped(context, connection, serve):
    with suppress(OSError):
        serve(context.wrap_socket(connection, server_side=True))


def test_tls_that_cannot_be_trusted_is_unknown(safe):
    """A server with a certificate that nobody vouches for is not the registry."""
    found = Web(safe.base, {}, clock=Virtual(), limits=FAST).get("x", most=MEBI)

    assert found == Unknown(f"no safe connection to {safe.host} can be made")


def test_certificates_given_to_node_are_trusted(safe, certificate):
    """Whoever's company signs for the registry has told npm so this way."""
    environment = {"NODE_EXTRA_CA_CERTS": str(certificate)}

    found = Registry(safe.base, environment, clock=Virtual(), limits=FAST).packument("widgets")

    assert found == Known(PACKAGE)


def test_certificates_that_are_not_there_harm_nothing():
    """The variable may name a file of another machine."""
    found = Web("https://127.0.0.1:1/", {"NODE_EXTRA_CA_CERTS": "/nowhere"}, clock=Virtual(), limits=FAST)

    assert found.get("x", most=MEBI) == Unknown("127.0.0.1:1 cannot be reached")


# -- addresses and proxies ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "used"),
    [
        pytest.param(NPM, NPM, id="npm's own"),
        pytest.param("https://npm.example.com/path", "https://npm.example.com/path/", id="a path"),
        pytest.param("http://localhost:4873", "http://localhost:4873/", id="loopback"),
        pytest.param("http://[::1]:4873/", "http://[::1]:4873/", id="loopback of version 6"),
    ],
)
def test_a_registry_that_may_be_asked(given, used):
    """Companies have their own, and so do tests."""
    assert address(given) == used


@pytest.mark.parametrize(
    "given",
    [
        "http://npm.example.com/",
        "http://127.0.0.1.example.com/",
        "ftp://npm.example.com/",
        "npm.example.com",
        "https://me:secret@npm.example.com/",
        "https://npm.example.com/?a=b",
        "https:///",
        "https://[::1",
        "",
    ],
)
def test_a_registry_that_may_not_be_asked(given):
    """Neither in the clear, nor with a login."""
    with pytest.raises(UsageError) as refusal:
        address(given)

    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize(
    ("environment", "proxy"),
    [
        pytest.param({}, None, id="none"),
        pytest.param({"HTTPS_PROXY": "http://p:1"}, "http://p:1", id="capitals"),
        pytest.param(
            {"https_proxy": "http://p:1", "HTTPS_PROXY": "http://q:1"}, "http://p:1", id="small letters first"
        ),
        pytest.param({"ALL_PROXY": "p:1"}, "http://p:1", id="without a scheme"),
        pytest.param({"HTTP_PROXY": "http://p:1"}, None, id="that of http"),
        pytest.param({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "a.org, example.com"}, None, id="a domain left out"),
        pytest.param({"HTTPS_PROXY": "http://p:1", "NO_PROXY": ".example.com:443"}, None, id="with dot and port"),
        pytest.param({"HTTPS_PROXY": "http://p:1", "no_proxy": "*"}, None, id="all left out"),
        pytest.param({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "ample.com,"}, "http://p:1", id="half a name"),
    ],
)
def test_proxies_are_those_of_the_environment(environment, proxy):
    """Behind a company's wall there is no other way out."""
    assert proxy_for("npm.example.com", environment) == proxy


def test_a_proxy_of_another_kind_is_refused():
    """To go around it would reveal what it was to hide."""
    with pytest.raises(UsageError):
        proxy_for("npm.example.com", {"ALL_PROXY": "socks5://p:1"})


def test_a_proxy_is_asked_for_the_way(serve):
    """The proxy sees the host, its own login, and nothing else."""
    proxy = serve(b"HTTP/1.1 502 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    environment = {"HTTPS_PROXY": proxy.base.replace("//", "//me:pass@")}

    found = Web("https://npm.example.com/", environment, clock=Virtual(), limits=FAST).get("x", most=MEBI)

    first = proxy.requests[0].split("\r\n")
    assert (found, first[0].split(" ")[:2], any(line.lower().startswith("proxy-authorization") for line in first)) == (
        Unknown("the proxy does not lead to npm.example.com"),
        ["CONNECT", "npm.example.com:443"],
        True,
    )


def test_loopback_goes_through_no_proxy(ask, monkeypatch):
    """What is on this machine is no business of a proxy."""
    monkeypatch.setenv("HTTPS_PROXY", unused())

    found, _ = ask(GOOD)

    assert found == Known(PACKAGE)


def test_the_last_of_two_keys_counts():
    """As it does for npm itself."""
    assert decoded(b'{"a": 1, "a": 2}', "here") == Known({"a": 2})
