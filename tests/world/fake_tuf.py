"""A TUF repository that hands out a world's trust: `trusted_root.json` and npm's keys."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mint import World

NPM_KEYS = "registry.npmjs.org/keys.json"
SIGNING_CONFIG = {
    "mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json",
    "caUrls": [],
    "oidcUrls": [],
    "rekorTlogUrls": [],
    "tsaUrls": [],
    "rekorTlogConfig": {"selector": "ANY"},
    "tsaConfig": {"selector": "ANY"},
}


def repository(
    world: World, *, keys: str = NPM_KEYS, version: int = 1, now: datetime | None = None
) -> dict[str, bytes]:
    """Return the files of a repository by path: `1.root.json`, `timestamp.json`, `targets/HASH.NAME`.

    `keys` is the name of the target with npm's keys; a client looks for that of its own registry.
    """
    from securesystemslib.signer import CryptoSigner
    from tuf.api.metadata import Metadata, Root, Snapshot, TargetFile, Targets, Timestamp

    signer = CryptoSigner.generate_ecdsa()
    expires = (now or datetime.now(UTC)).replace(microsecond=0) + timedelta(days=30)
    files: dict[str, bytes] = {}
    targets = Targets(version=version, expires=expires)
    for name, document in (
        ("trusted_root.json", world.trusted_root()),
        ("signing_config.v0.2.json", SIGNING_CONFIG),
        (keys, world.npm_keys()),
    ):
        data = json.dumps(document).encode()
        info = TargetFile.from_data(name, data, ["sha256"])
        targets.targets[name] = info
        folder, _, file = name.rpartition("/")
        files[f"targets/{folder}{'/' if folder else ''}{info.hashes['sha256']}.{file}"] = data
    root = Root(version=1, expires=expires, consistent_snapshot=True)
    for role in ("root", "targets", "snapshot", "timestamp"):
        root.add_key(signer.public_key, role)
    snapshot, timestamp = Snapshot(version=version, expires=expires), Timestamp(version=version, expires=expires)
    snapshot.meta["targets.json"].version = version
    timestamp.snapshot_meta.version = version
    named = {
        "1.root.json": root,
        f"{version}.targets.json": targets,
        f"{version}.snapshot.json": snapshot,
        "timestamp.json": timestamp,
    }
    for name, role in named.items():
        metadata = Metadata(role)
        metadata.sign(signer)
        files[name] = metadata.to_bytes()
    return files
