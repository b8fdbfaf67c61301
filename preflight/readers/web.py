"""Servers over HTTP: GET alone, within limits, and without credentials of its own accord."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Generic, TypeVar

from preflight import __version__
from preflight.errors import UsageError
from preflight.facts.fact import Known, Unknown
from preflight.readers.answers import CLOCK, LIMITS, Absent, Question, decoded
from preflight.readers.registries import NPM
from preflight.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from ssl import SSLContext
    from threading import Event

    from urllib3 import BaseHTTPResponse
    from urllib3.connectionpool import HTTPConnectionPool
    from urllib3.util import Url

    from preflight.readers.answers import Answer, Clock, Limits

T = TypeVar("T")

AGENT = f"provenance-preflight/{__version__}"
JSON = "application/json"
MEBI = 1024 * 1024
PIECE = 64 * 1024
REDIRECTS = 3
CONNECTIONS = 32
"""That are kept: more than are ever used at once, because one that is not kept has to be made anew."""
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})
MOVED = frozenset({301, 302, 303, 307, 308})
STRIKES = 3
"""Questions in a row that find no server, after which a server that did answer is asked no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted(Generic[T]):
    """What is asked for, and what is made of it."""

    path: str
    accept: str
    compressed: bool
    """Whether the answer may be compressed on its way."""
    most: int
    """Bytes, after that."""
    total: float
    deadline: float
    take: Callable[[Iterator[bytes]], T]


@dataclass(frozen=True, slots=True)
class _Again:
    """No answer yet: why, and how many seconds the server asks to wait. `met` is whether there was a server at all."""

    why: str
    after: float | None = None
    met: bool = True


class _RefusedError(Exception):
    """An answer that is not taken; the text completes "cannot tell: …"."""


class _BrokenError(Exception):
    """An answer that breaks off."""


class Web:
    """One server, by the address that every path is put behind.

    Sends GET alone, with no cookie, no login and no file of the user's in it; follows redirects to the same server
    only; uses the proxies that `environment` names. Where the server is not found, later questions are not put.
    `token` is a login that the user wants this server to get; no other server ever does.
    """

    def __init__(
        self,
        base: str,
        environment: Mapping[str, str],
        *,
        token: str | None = None,
        clock: Clock = CLOCK,
        limits: Limits = LIMITS,
    ) -> None:
        """Take an address as `address` returns it."""
        from urllib3.util import parse_url

        self._base: Url = parse_url(base)
        self._environment = environment
        self._token = token
        self._clock = clock
        self._limits = limits
        self._lock = Lock()
        self._connections: HTTPConnectionPool | None = None
        self._answered = False
        self._strikes = 0
        self._lost = ""

    @property
    def host(self) -> str:
        """The server's name, with the port where it has an unusual one."""
        return self._base.netloc or ""

    def get(self, path: str, *, most: int, accept: str = JSON) -> Answer[bytes]:
        """Return what lies at a path, decompressed: `most` bytes at the most."""
        return self.stream(path, b"".join, most=most, accept=accept)

    def stream(
        self,
        path: str,
        take: Callable[[Iterator[bytes]], T],
        *,
        most: int,
        accept: str = JSON,
        compressed: bool = True,
        total: float | None = None,
    ) -> Answer[T]:
        """Return what `take` makes of the pieces of what lies at a path: `most` bytes, in `total` seconds, at the most.

        `take` runs in another thread, and once more from the start where an answer breaks off.
        """
        if self._lost:
            return Unknown(self._lost)
        total = self._limits.total if total is None else total
        deadline = self._clock.monotonic() + total
        wanted = _Wanted(
            path=path, accept=accept, compressed=compressed, most=most, total=total, deadline=deadline, take=take
        )
        asked: Question[T] = Question(lambda contact: self._persist(wanted, contact))
        patience = self._limits.contact if self._answered else min(self._limits.first, self._limits.contact)
        if not self._clock.wait(asked.contact, min(patience, total)):
            return self._strike(f"{self.host} does not answer")
        if not self._clock.wait(asked.done, max(0.0, deadline - self._clock.monotonic())):
            return Unknown(f"{self.host} takes longer than {total:g} s")
        return asked.answer

    def json(self, path: str, *, most: int, accept: str = JSON) -> Answer[Mapping[str, object]]:
        """Return the JSON object at a path."""
        match self.get(path, most=most, accept=accept):
            case Known(data):
                return decoded(data, self.host)
            case other:
                return other

    # -- one question, several attempts ---------------------------------------------------------

    def _persist(self, wanted: _Wanted[T], contact: Event) -> Answer[T]:
        attempt = 0
        while True:
            match self._attempt(wanted, contact):
                case _Again(why, after, met):
                    pause = self._limits.pause * 2**attempt if after is None else after
                    if attempt == self._limits.retries or self._clock.monotonic() + pause >= wanted.deadline:
                        return Unknown(why) if met else self._strike(why)
                    self._clock.sleep(pause)
                    attempt += 1
                case answer:
                    return answer

    def _strike(self, why: str) -> Unknown:
        """Note that the server was not found."""
        with self._lock:
            self._strikes += 1
            if not self._answered or self._strikes >= STRIKES:
                self._lost = why
        return Unknown(why)

    def _attempt(self, wanted: _Wanted[T], contact: Event) -> Answer[T] | _Again:
        from urllib3.exceptions import HTTPError, NewConnectionError, ProxyError, SSLError
        from urllib3.exceptions import TimeoutError as LateError

        try:
            return self._followed(wanted, contact)
        except _RefusedError as error:
            return Unknown(str(error))
        except _BrokenError as error:
            return _Again(str(error))
        except SSLError:
            return _Again(f"no safe connection to {self.host} can be made", met=False)
        except ProxyError:
            return _Again(f"the proxy does not lead to {self.host}", met=False)
        except NewConnectionError:
            return _Again(f"{self.host} cannot be reached", met=False)
        except LateError:
            return _Again(f"{self.host} does not answer", met=contact.is_set())
        except (HTTPError, OSError):
            return _Again(f"{self.host} breaks off", met=contact.is_set())

    def _followed(self, wanted: _Wanted[T], contact: Event) -> Answer[T] | _Again:
        """Ask once, and again where a redirect leads."""
        target = f"{(self._base.path or '/').rstrip('/')}/{wanted.path}"
        for _ in range(REDIRECTS + 1):
            self._in_time(wanted)
            response = self._send(target, wanted, max(0.01, wanted.deadline - self._clock.monotonic()))
            with self._lock:
                self._answered, self._strikes = True, 0
            contact.set()
            try:
                if response.status not in MOVED:
                    return self._taken(response, wanted)
                target = self._moved(response.headers.get("Location"), target)
            finally:
                # What was read to its end went back to the pool already; anything else is not worth reading.
                response.close()
        return Unknown(f"{self.host} redirects without end")

    def _send(self, target: str, wanted: _Wanted[T], left: float) -> BaseHTTPResponse:
        from urllib3 import Timeout

        limits = self._limits
        encoding = "gzip" if wanted.compressed else "identity"
        headers = {"Accept": wanted.accept, "Accept-Encoding": encoding, "User-Agent": AGENT}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        return self._pool().urlopen(
            "GET",
            target,
            headers=headers,
            redirect=False,
            retries=False,
            preload_content=False,
            decode_content=False,
            timeout=Timeout(connect=min(limits.connect, left), read=min(limits.silence, left)),
        )

    def _moved(self, location: str | None, target: str) -> str:
        """Return the target of a redirect."""
        from urllib.parse import urljoin

        from urllib3.exceptions import LocationParseError
        from urllib3.util import parse_url

        origin = f"{self._base.scheme}://{self._base.netloc}"
        try:
            url = parse_url(urljoin(origin + target, location or ""))
        except (LocationParseError, ValueError):
            raise _RefusedError(f"{self.host} redirects to what is no address") from None
        if url.auth or f"{url.scheme}://{url.netloc}" != origin:
            raise _RefusedError(f"{self.host} redirects to another server")
        return url.request_uri

    def _taken(self, response: BaseHTTPResponse, wanted: _Wanted[T]) -> Answer[T] | _Again:
        """Return what an answer says."""
        status = response.status
        match status:
            case 200:
                return Known(wanted.take(self._pieces(response, wanted)))
            case 404 if "html" not in response.headers.get("Content-Type", "").lower():
                return Absent()
            case 404:
                raise _RefusedError(f"{self.host} answers 404 with a page for people, as a proxy would")
            case 401 | 407:
                raise _RefusedError(f"{self.host} wants a login ({status})")
            case _ if status in BUSY:
                return _Again(f"{self.host} answers {status}", self._after(response.headers.get("Retry-After")))
            case _:
                raise _RefusedError(f"{self.host} answers {status}")

    def _after(self, said: str | None) -> float | None:
        """Return how many seconds `Retry-After` asks to wait (RFC 9110, 10.2.3); None where it says nothing."""
        from email.utils import parsedate_to_datetime

        text = (said or "").strip()
        if text.isascii() and text.isdigit():
            return float(text[:9])
        try:
            return max(0.0, parsedate_to_datetime(text).timestamp() - self._clock.now())
        except (ValueError, OverflowError):
            return None

    # -- bodies -----------------------------------------------------------------------------------

    def _pieces(self, response: BaseHTTPResponse, wanted: _Wanted[T]) -> Iterator[bytes]:
        """Yield the body, decompressed; never more at once, or in all, than its limit."""
        import zlib

        encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
        if encoding not in ({"identity", "gzip"} if wanted.compressed else {"identity"}):
            raise _RefusedError(f"{self.host} answers in an encoding that nobody asked for")
        unpack = zlib.decompressobj(31) if encoding == "gzip" else None
        size = 0
        for packed in self._packed(response, wanted):
            rest = packed
            while rest:
                try:
                    piece = unpack.decompress(rest, PIECE) if unpack else rest
                except zlib.error:
                    raise _RefusedError(f"{self.host} answers with what is no gzip") from None
                rest = unpack.unconsumed_tail if unpack else b""
                size += len(piece)
                if size > wanted.most:
                    raise _RefusedError(f"{self.host} answers with more than {wanted.most // MEBI} MiB")
                self._in_time(wanted)
                yield piece
        if unpack and not unpack.eof:
            raise _BrokenError(f"{self.host} breaks off")

    def _packed(self, response: BaseHTTPResponse, wanted: _Wanted[T]) -> Iterator[bytes]:
        """Yield the body as it comes in."""
        # `read` would wait for a whole piece, however slowly it drips in.
        while piece := response.read1(PIECE):
            self._in_time(wanted)
            yield piece

    def _in_time(self, wanted: _Wanted[T]) -> None:
        if self._clock.monotonic() > wanted.deadline:
            raise _RefusedError(f"{self.host} takes longer than {wanted.total:g} s")

    # -- connections ------------------------------------------------------------------------------

    def _pool(self) -> HTTPConnectionPool:
        with self._lock:
            if self._connections is None:
                self._connections = self._connected()
            return self._connections

    def _connected(self) -> HTTPConnectionPool:
        from urllib3 import PoolManager, ProxyManager
        from urllib3.util import make_headers, parse_url

        host, secure = self._base.host or "", self._base.scheme == "https"
        context = _trust(self._environment) if secure else None
        address = f"{self._base.scheme}://{self._base.netloc}"
        proxy = None if _is_loopback(host) else proxy_for(host, self._environment)
        if proxy is None:
            return PoolManager(maxsize=CONNECTIONS, ssl_context=context).connection_from_url(address)
        login = parse_url(proxy).auth
        headers = make_headers(proxy_basic_auth=login) if login else None
        return ProxyManager(proxy, proxy_headers=headers, maxsize=CONNECTIONS, ssl_context=context).connection_from_url(
            address
        )


def address(text: str) -> str:
    """Return the address of a registry that the user gave, with a final slash.

    Raises UsageError for what is not https, for http to another machine, and for an address with a login in it.
    """
    from urllib3.exceptions import LocationParseError
    from urllib3.util import parse_url

    hint = f"write it as `{NPM}`"
    try:
        url = parse_url(text)
    except LocationParseError:
        raise UsageError("the address of the registry cannot be read", hint) from None
    if url.auth:
        raise UsageError("the address of the registry has a login in it, which preflight never sends", hint)
    if not url.host or url.query or url.fragment:
        raise UsageError("the registry must be given as an address without `?` and `#`", hint)
    if url.scheme != "https" and not (url.scheme == "http" and _is_loopback(url.host)):
        raise UsageError("the registry must be asked through https", hint)
    return f"{url.scheme}://{url.netloc}{(url.path or '').rstrip('/')}/"


def proxy_for(host: str, environment: Mapping[str, str]) -> str | None:
    """Return the proxy that leads to a host, as most programs read `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`."""
    bypass = environment.get("no_proxy") or environment.get("NO_PROXY") or ""
    for entry in bypass.lower().split(","):
        name = entry.strip().partition(":")[0].removeprefix("*").removeprefix(".")
        if entry.strip() == "*" or (name and (host == name or host.endswith(f".{name}"))):
            return None
    names = ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
    proxy = next((environment[name] for name in names if environment.get(name)), None)
    if proxy is None:
        return None
    if "://" not in proxy:
        proxy = f"http://{proxy}"
    if not proxy.startswith(("http://", "https://")):
        raise UsageError("a proxy of the environment is neither http nor https, and no other is known")
    return proxy


def _is_loopback(host: str) -> bool:
    return host.strip("[]").lower() in LOOPBACK


def _trust(environment: Mapping[str, str]) -> SSLContext:
    """Return the certificates to trust: the system's, and those that the user gave to Node.js."""
    import ssl

    context = ssl.create_default_context()
    paths = ssl.get_default_verify_paths()
    if not (paths.cafile or paths.capath):
        # Python for macOS comes without certificates of its own.
        import certifi

        context.load_verify_locations(certifi.where())
    if extra := environment.get("NODE_EXTRA_CA_CERTS"):
        from contextlib import suppress

        with suppress(OSError):
            context.load_verify_locations(extra)
    return context
