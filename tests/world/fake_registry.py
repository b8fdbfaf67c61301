"""A registry on this machine that does as it is told: who is there yet, who is not, and how slowly.

with FakeRegistry(world) as registry:
    registry.publish(world.package())                       # complete
    registry.stage("@acme/widgets", "1.1.0")                # its version is not there
    registry.show(package, Shown.ADVERTISED_BUT_MISSING)
    registry.script("attestations", 404, 404)               # twice missing, then as it is
    registry.base                                           # http://127.0.0.1:…/
    registry.count("attestations")
"""

from __future__ import annotations

import json
import threading
import time
from collections import Counter, defaultdict, deque
from enum import StrEnum, auto
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable

    from mint import Package, World

ABBREVIATED = "application/vnd.npm.install-v1+json"
KEPT = ("name", "version", "dist", "dependencies", "bin", "engines")
"""What the abbreviated form of a version keeps."""


class Shown(StrEnum):
    """How far a version is, as the registry shows it."""

    COMPLETE = auto()
    NOT_YET = auto()
    """The packument does not know the version; the staged ones look the same from outside."""
    NOT_ATTESTED_YET = auto()
    """It is there, and attestations are neither advertised nor there."""
    ADVERTISED_BUT_MISSING = auto()
    """The packument names attestations, and their address answers 404."""
    SERVED_BUT_NOT_ADVERTISED = auto()
    PROVENANCE_ALONE = auto()
    """npm's own attestation came up to a minute after the provenance."""


class Quiet(ThreadingHTTPServer):
    """A server that does not mind when somebody hangs up."""

    daemon_threads = True

    def handle_error(self, *_):
        """Say nothing."""


class FakeRegistry:
    """A registry with packages of a world, and a TUF repository beside it."""

    def __init__(self, world: World):
        self.world = world
        self.packages: dict[str, dict[str, Package]] = defaultdict(dict)
        self.shown: dict[tuple[str, str], Shown] = {}
        self.changed: dict[tuple[str, str], Callable[[dict[str, Any]], None]] = {}
        self.private: set[str] = set()
        self.files: dict[str, bytes] = {}
        """What lies under `/tuf/`."""
        self.signing = True
        self.requests: list[tuple[str, str]] = []
        """Kind and path, in the order in which they came."""
        self._scripts: dict[str, deque[float]] = defaultdict(deque)
        self._server = Quiet(("127.0.0.1", 0), self._handler())
        self.base = f"http://127.0.0.1:{self._server.server_address[1]}/"

    def __enter__(self):
        # The default of half a second is what every test would wait for the end.
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()

    # -- what it is told --------------------------------------------------------------------------

    def publish(self, *packages: Package, shown: Shown = Shown.COMPLETE) -> None:
        """Take versions, the last one as the latest."""
        for package in packages:
            self.packages[package.name][package.version] = package
            self.show(package, shown)

    def stage(self, name: str, version: str) -> None:
        """Keep a version back until somebody approves it: from outside, it is not there."""
        self.publish(self.world.package(name, version), shown=Shown.NOT_YET)

    def show(self, package: Package, shown: Shown) -> None:
        """Set how far a version is."""
        self.shown[package.name, package.version] = shown

    def change(self, package: Package, edit: Callable[[dict[str, Any]], None]) -> None:
        """Edit the manifest of a version as the packument holds it."""
        self.changed[package.name, package.version] = edit

    def script(self, kind: str, *steps: float) -> None:
        """Say how the next requests of a kind fare: a status instead of an answer, or seconds to wait before it.

        Kinds are packument, attestations, keys, tarball, visibility and tuf; a whole number is a status.
        """
        self._scripts[kind].extend(steps)

    def count(self, kind: str | None = None) -> int:
        """Return how many requests of a kind came, or of all."""
        counted = Counter(each for each, _ in self.requests)
        return counted.total() if kind is None else counted[kind]

    # -- what it answers --------------------------------------------------------------------------

    def packument(self, name: str, *, full: bool = True) -> dict[str, Any] | None:
        """Return what is known of a package; None where nothing is."""
        there = [
            each for each in self.packages.get(name, {}).values() if self.shown[name, each.version] is not Shown.NOT_YET
        ]
        if not there:
            return None
        versions = {each.version: self._manifest(each) for each in there}
        latest = {"name": name, "dist-tags": {"latest": there[-1].version}}
        if not full:
            return latest | {
                "modified": _moment(there[-1]),
                "versions": {
                    version: {key: value for key, value in each.items() if key in KEPT}
                    for version, each in versions.items()
                },
            }
        times = {"created": _moment(there[0]), "modified": _moment(there[-1])}
        return latest | {
            "_id": name,
            "versions": versions,
            "time": times | {each.version: _moment(each) for each in there},
        }

    def _manifest(self, package: Package) -> dict[str, Any]:
        short = package.name.rpartition("/")[2]
        tarball = f"{self.base}{package.name}/-/{short}-{package.version}.tgz"
        dist = {**package.dist, "tarball": tarball}
        if not self.signing:
            del dist["signatures"]
        shown = self.shown[package.name, package.version]
        if package.attestations and shown not in {Shown.NOT_ATTESTED_YET, Shown.SERVED_BUT_NOT_ADVERTISED}:
            kinds = [each["predicateType"] for each in package.attestations if "slsa.dev" in each["predicateType"]]
            # Whatever registry serves it, npm's own address stands here.
            url = (
                f"https://registry.npmjs.org/-/npm/v1/attestations/{package.name.replace('/', '%2f')}@{package.version}"
            )
            dist["attestations"] = {"url": url, **({"provenance": {"predicateType": kinds[0]}} if kinds else {})}
        said = {**package.manifest, "_id": f"{package.name}@{package.version}", "dist": dist}
        if any("slsa.dev" in each["predicateType"] for each in package.attestations):
            said["_npmUser"] = {
                "name": "GitHub Actions",
                "email": "npm-oidc-no-reply@github.com",
                "trustedPublisher": {"id": "github", "oidcConfigId": "oidc:1"},
            }
        said = json.loads(json.dumps(said))
        self.changed.get((package.name, package.version), lambda _: None)(said)
        return said

    def attestations(self, name: str, version: str) -> dict | None:
        """Return the attestations of a version; None where there are none."""
        package = self.packages.get(name, {}).get(version)
        shown = self.shown.get((name, version))
        if not package or not package.attestations:
            return None
        if shown in {Shown.NOT_YET, Shown.NOT_ATTESTED_YET, Shown.ADVERTISED_BUT_MISSING}:
            return None
        if shown is Shown.PROVENANCE_ALONE:
            return {"attestations": [each for each in package.attestations if "slsa.dev" in each["predicateType"]]}
        return package.document

    def tarball(self, path: str) -> bytes | None:
        """Return the bytes of a version, by the path behind the name."""
        name, _, file = path.partition("/-/")
        short = name.rpartition("/")[2]
        found = self.packages.get(name, {}).get(file.removeprefix(f"{short}-").removesuffix(".tgz"))
        return found.tarball if found and self.shown[name, found.version] is not Shown.NOT_YET else None

    def answer(self, path: str, accept: str) -> tuple[str, object]:
        """Return the kind of a request and its answer: bytes, a JSON value, or None for 404."""
        if path.startswith("tuf/"):
            return "tuf", self.files.get(path.removeprefix("tuf/"))
        if path.startswith("-/npm/v1/attestations/"):
            name, _, version = path.removeprefix("-/npm/v1/attestations/").rpartition("@")
            return "attestations", self.attestations(name, version)
        if path == "-/npm/v1/keys":
            return "keys", self.world.registry_keys() if self.signing else None
        if path.startswith("-/package/") and path.endswith("/visibility"):
            name = path.removeprefix("-/package/").removesuffix("/visibility")
            return "visibility", {"public": name not in self.private} if name in self.packages else None
        if "/-/" in path:
            return "tarball", self.tarball(path)
        full = ABBREVIATED not in accept
        return "packument", self.packument(path, full=full)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        registry = self

        class Handler(BaseHTTPRequestHandler):
            """One request."""

            protocol_version = "HTTP/1.1"

            def do_GET(self):
                """Answer."""
                path = unquote(urlsplit(self.path).path.lstrip("/"))
                kind, answer = registry.answer(path, self.headers.get("Accept", ""))
                registry.requests.append((kind, path))
                status = 200
                steps = registry._scripts[kind]
                if steps:
                    match steps.popleft():
                        case int(said):
                            status = said
                        case float(seconds):
                            time.sleep(seconds)
                if answer is None and status == 200:
                    status = 404
                if status != 200:
                    answer = {"error": "Not found" if status == 404 else "scripted"}
                body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
                self.send_response(status)
                binary = isinstance(answer, bytes) and kind != "tuf"
                self.send_header("Content-Type", "application/octet-stream" if binary else "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                """Say nothing."""

        return Handler


def _moment(package: Package) -> str:
    return package.time.strftime("%Y-%m-%dT%H:%M:%S.000Z")
