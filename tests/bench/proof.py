"""`preflight verify` beside `npm audit signatures`, in one run, on loopback; figures are printed, never asserted.

    python tests/bench/proof.py [SIZE…]

Both verify the same packages of the fake world of `tests/world`, from the same server, which is a process of its own.
First the verdicts on attestations and registry signatures, sound ones and forged ones; then the wall time of one, 100
and 1,000 packages; then what one warm verification takes. npm is asked about a tree that is made without downloading
anything, and begins each run with an empty cache but for the root of its trust. Ours also fetches every tarball.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Self
from urllib.parse import quote, unquote, urlsplit

TOP = Path(__file__).parents[2]
sys.path[:0] = [str(TOP / "tests" / "world"), str(TOP)]

from fake_registry import ABBREVIATED, FakeRegistry  # noqa: E402
from fake_tuf import repository  # noqa: E402
from mint import Fault, World, github, gitlab  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

    from mint import Package

SIZES = (1, 100, 1000)
RUNS = {1: 7, 100: 5, 1000: 3}
FEW = 3
WARM = 300
PRELOADED = """
const fs = require("fs"), path = require("path");
const npm = path.dirname(fs.realpathSync(process.argv[1]));
require(require.resolve("@sigstore/tuf", { paths: [npm] })).DEFAULT_MIRROR_URL = %s;
"""
GOOD = {
    "npm-11": {},
    "npm-10": {"form": "0.2", "kind": "intoto"},
    "npm-9": {"form": "0.1", "kind": "intoto", "proof": False},
    "gitlab": {"claims": gitlab()},
    "another-repository": {"claims": github("mallory/widgets")},
    "self-hosted": {"claims": github(runner="self-hosted")},
    "unattested": {"provenance": False, "publish": False},
}
JUDGED = {"invalid-attestation": "EATTESTATIONVERIFY", "invalid-registry-signature": "EINTEGRITYSIGNATURE"}
"""Our rules about what npm looks at too, with npm's word for each."""


def main() -> int:
    """Print the tables."""
    npm = shutil.which("npm")
    sizes = tuple(map(int, sys.argv[1:])) or SIZES
    world = World()
    packages = [world.package(f"@acme/package-{number}") for number in range(max(sizes))]
    judged = _judged(world)
    with tempfile.TemporaryDirectory() as scratch, Server(world, [*packages, *judged]) as server:
        bench = Bench(world, server, Path(scratch), npm)
        print("verdicts on attestations and registry signatures")
        bench.verdicts(judged)
        print(f"{'packages':>10} {'preflight':>12} {'npm':>12} {'ratio':>7}   (median wall, in ms)")
        for size in sizes:
            bench.times(packages[:size])
    print("one warm verification (median, in ms)")
    warm(world)
    return 0


def _judged(world: World) -> list[Package]:
    """Return sound packages of every form, and one with each fault."""
    good = [world.package(f"good-{name}", **options) for name, options in GOOD.items()]
    bad = [world.package(f"bad-{fault.replace('_', '-')}", fault=fault) for fault in Fault]
    changed = world.package("bad-registry-signature")
    changed.dist["signatures"] = [world.registry_signature(changed.name, "1.0.1", changed.dist["integrity"])]
    return [*good, *bad, changed]


class Bench:
    """Both programs, and what they are started with."""

    def __init__(self, world: World, server: Server, scratch: Path, npm: str | None) -> None:
        self._server, self._scratch, self._npm = server, scratch, npm
        self._root, self._keys = scratch / "trusted_root.json", scratch / "keys.json"
        self._root.write_text(json.dumps(world.trusted_root()), encoding="utf-8")
        self._keys.write_text(json.dumps(world.npm_keys()), encoding="utf-8")
        self._preload = scratch / "world.cjs"
        self._preload.write_text(PRELOADED % json.dumps(f"{server.base}tuf"), encoding="utf-8")

    def verdicts(self, packages: list[Package]) -> None:
        """Print in how many verdicts both agree, and each one in which they do not."""
        ours = self._ours(packages)
        document = json.loads(ours().stdout)
        names = [each["name"] for each in document["packages"]]
        refused: dict[str, set[str]] = {name: set() for name in names}
        unsure: set[str] = set()
        for result in document["results"]:
            for each in result["findings"]:
                if result["rule"] not in JUDGED:
                    continue
                if each["sure"]:
                    refused[each["package"]].add(JUDGED[result["rule"]])
                else:
                    unsure.add(each["package"])
        if self._npm is None:
            print("  npm is not installed")
            return
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            theirs = dict(zip(names, pool.map(self._judged, packages), strict=True))
        differing = [name for name in names if bool(refused[name] or name in unsure) != bool(theirs[name])]
        count = sum(map(bool, theirs.values()))
        print(f"  {len(names)} packages, {count} refused by npm; the same verdict on {len(names) - len(differing)}")
        for name in differing:
            mine = ", ".join(refused[name]) or ("cannot tell" if name in unsure else "holds")
            print(f"  {name}: preflight {mine}, npm {theirs[name] or 'holds'}")

    def _judged(self, package: Package) -> str | None:
        """Return why npm refuses a package, which it is asked about alone: some faults end its run."""
        found = json.loads(self._theirs([package])().stdout)
        if error := found.get("error"):
            return error.get("code") or error["summary"]
        return next((each["code"] for each in found["invalid"]), None)

    def times(self, packages: list[Package]) -> None:
        """Print the wall time of both, which take turns."""
        walls: dict[str, list[float]] = {"preflight": [], "npm": []}
        for _ in range(RUNS.get(len(packages), FEW)):
            for name, make in (("preflight", self._ours), ("npm", self._theirs)):
                if name == "npm" and self._npm is None:
                    continue
                run = make(packages)
                begin = time.perf_counter()
                done = run()
                walls[name].append((time.perf_counter() - begin) * 1000)
                if done.returncode:
                    sys.exit(f"bench: {name} refuses sound packages:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        ours = statistics.median(walls["preflight"])
        theirs = statistics.median(walls["npm"]) if walls["npm"] else float("nan")
        print(f"{len(packages):>10} {ours:>12.0f} {theirs:>12.0f} {ours / theirs:>7.2f}")

    def _ours(self, packages: list[Package]) -> Callable[[], subprocess.CompletedProcess[str]]:
        folder = self._folder()
        words = [
            *(str(Path(sys.executable).with_name("preflight")), "verify", "--format=json", "--no-config"),
            *(f"--registry={self._server.base}", f"--trusted-root={self._root}", f"--npm-keys={self._keys}"),
            *(f"{each.name}@{each.version}" for each in packages),
        ]
        env = {**os.environ, "XDG_CACHE_HOME": str(folder / "cache")}
        return lambda: _run(words, folder, env)

    def _theirs(self, packages: list[Package]) -> Callable[[], subprocess.CompletedProcess[str]]:
        folder = self._folder()
        cache, host = folder / "cache", urlsplit(self._server.base).netloc
        trust = cache / "_tuf" / quote(f"{host}/tuf", safe="")
        (trust / "targets").mkdir(parents=True)
        (trust / "root.json").write_bytes(self._server.files["1.root.json"])
        # npm checks packages side by side: the first would write this file while the others read it.
        shutil.copy(self._root, trust / "targets" / "trusted_root.json")
        project = folder / "project"
        for each in packages:
            place = project / "node_modules" / each.name
            place.mkdir(parents=True)
            (place / "package.json").write_text(json.dumps(each.manifest), encoding="utf-8")
        wanted = {each.name: each.version for each in packages}
        lock = {
            f"node_modules/{each.name}": {"version": each.version, "integrity": each.dist["integrity"]}
            for each in packages
        }
        root = {"name": "p", "version": "1.0.0", "dependencies": wanted}
        whole = {**root, "lockfileVersion": 3, "requires": True, "packages": {"": root, **lock}}
        (project / "package.json").write_text(json.dumps(root), encoding="utf-8")
        (project / "package-lock.json").write_text(json.dumps(whole), encoding="utf-8")
        words = [
            *(self._npm or "", "audit", "signatures", "--json", "--fetch-retries=0", "--loglevel=silent"),
            *("--registry", self._server.base, "--cache", str(cache)),
        ]
        kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "COMSPEC", "PATHEXT") if name in os.environ}
        own = {"HOME": str(folder), "USERPROFILE": str(folder), "NO_UPDATE_NOTIFIER": "1"}
        env = {**kept, **own, "NODE_OPTIONS": f'--require "{self._preload.as_posix()}"'}
        return lambda: _run(words, project, env)

    def _folder(self) -> Path:
        return Path(tempfile.mkdtemp(dir=self._scratch))


def _run(words: list[str], folder: Path, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, cwd=folder, env=env, capture_output=True, text=True, check=False)


def warm(world: World) -> None:
    """Print what checking one attestation takes in a process that has checked others."""
    from preflight.readers import npm_keys, self_test
    from preflight.readers.verifier import attestations, root_of

    verifier = root_of(json.dumps(world.trusted_root()).encode())
    keys = npm_keys.read(json.dumps(world.npm_keys()).encode())
    packages = [world.package(f"warm-{number}") for number in range(WARM)]
    old = [world.package(f"old-{number}", form="0.2", kind="intoto") for number in range(WARM)]
    for title, found in (
        ("provenance", [each.attestations[1]["bundle"] for each in packages]),
        ("provenance of npm 10", [each.attestations[1]["bundle"] for each in old]),
        ("publish attestation", [each.attestations[0]["bundle"] for each in packages]),
        ("both, as served", [each.document for each in packages]),
    ):
        spans = []
        for document in found:
            raw = json.dumps(document).encode()
            begin = time.perf_counter()
            attestations(raw, verifier, keys)
            spans.append((time.perf_counter() - begin) * 1000)
        print(f"  {title:<22} {statistics.median(spans):.2f}")
    spans = []
    for _ in range(FEW * FEW):
        begin = time.perf_counter()
        self_test.run()
        spans.append((time.perf_counter() - begin) * 1000)
    print(f"  {'self-test':<22} {statistics.median(spans):.2f}")


class Server:
    """A registry with fixed answers, in a process of its own so that it takes no time from whoever asks."""

    def __init__(self, world: World, packages: list[Package]) -> None:
        import socket

        self._socket = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.base = f"http://127.0.0.1:{self._socket.getsockname()[1]}/"
        registry = FakeRegistry(world)
        registry.base = self.base
        registry.publish(*packages)
        self.files = registry.files = repository(world, keys=f"{urlsplit(self.base).netloc}/keys.json")
        paths = [f"tuf/{path}" for path in self.files] + ["-/npm/v1/keys"]
        for each in packages:
            short = each.name.rpartition("/")[2]
            paths += [each.name, f"-/npm/v1/attestations/{each.name}@{each.version}"]
            paths += [f"{each.name}/-/{short}-{each.version}.tgz"]
        self._answers = {
            (path, short): _bytes(registry.answer(path, ABBREVIATED if short else "")[1])
            for path in paths
            for short in (False, True)
        }

    def __enter__(self) -> Self:
        self._process = multiprocessing.get_context("fork").Process(
            target=lambda: asyncio.run(self._serve()), daemon=True
        )
        self._process.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.join()

    async def _serve(self) -> None:
        server = await asyncio.start_server(self._answer, sock=self._socket)
        async with server:
            await server.serve_forever()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                path = unquote(urlsplit(head.split(" ", 2)[1]).path.lstrip("/"))
                body = self._answers.get((path, ABBREVIATED in head))
                status = "404 Not Found" if body is None else "200 OK"
                body = b"{}" if body is None else body
                kind = "application/octet-stream" if path.endswith(".tgz") else "application/json"
                writer.write(
                    f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
                )
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


def _bytes(answer: object) -> bytes | None:
    if answer is None or isinstance(answer, bytes):
        return answer
    return json.dumps(answer).encode()


if __name__ == "__main__":
    sys.exit(main())
