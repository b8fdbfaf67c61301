"""Container images and hosted machines, and the Node.js that they bring."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from preflight.facts.fact import Known, Unknown
from preflight.facts.toolchain import Node, Reason, Version
from preflight.readers.node_versions import long_term, node
from preflight.records import dataclass

if TYPE_CHECKING:
    from preflight.facts.fact import Fact
    from preflight.source.text import Location

_DATA = Path(__file__).parents[1] / "data" / "hosted-images.toml"
_LONGEST = 512

_NODE_IMAGES = frozenset({"node", "amd64/node", "arm32v7/node", "arm64v8/node", "bitnami/node", "cimg/node"})
"""Repositories on Docker Hub whose tags are versions of Node.js and whose npm is the bundled one."""
_LEGACY_IMAGE = "circleci/node"
_DOCKER_HUB = ("docker.io/", "index.docker.io/", "registry-1.docker.io/", "registry.hub.docker.com/", "mirror.gcr.io/")
_COPIES = ("public.ecr.aws/docker/",)
_PROXIES = ("CI_DEPENDENCY_PROXY_GROUP_IMAGE_PREFIX", "CI_DEPENDENCY_PROXY_DIRECT_GROUP_IMAGE_PREFIX")
"""GitLab's predefined variables that stand for its proxy of Docker Hub."""
_VARIANTS = ("alpine", "slim", "bookworm", "bullseye", "buster", "stretch", "trixie")
"""What a tag of the official image may start with in place of a version; it then holds the current release."""


@dataclass(frozen=True, slots=True)
class Retired:
    """A label that GitHub withdrew, `since` when as `2025-04` if that is certain, and what to write `instead`."""

    label: str
    since: str | None
    instead: str


@dataclass(frozen=True, slots=True)
class Machines:
    """What is known of runner labels, all in lower case."""

    hosted: dict[str, Version | None]
    """Label -> the Node.js that is preinstalled, None where that is not recorded."""
    retired: dict[str, Retired]
    third_parties: tuple[tuple[str, str], ...]
    """Prefix of a label, and whose machines have it."""

    def owner(self, label: str) -> str | None:
        """Return whose machines a label belongs to, where it is a known third party's."""
        return next((whose for prefix, whose in self.third_parties if label.lower().startswith(prefix)), None)


@cache
def machines() -> Machines:
    """Read `data/hosted-images.toml` when first asked for."""
    import tomli

    document: object = tomli.loads(_DATA.read_text(encoding="utf-8"))
    hosted: dict[str, Version | None] = {}
    retired: dict[str, Retired] = {}
    third_parties: list[tuple[str, str]] = []
    for entry in _values(document, "hosted"):
        hosted |= dict.fromkeys(_texts(entry, "labels"), Version.parse(_text(entry, "node") or ""))
    for entry in _values(document, "retired"):
        for label in _texts(entry, "labels"):
            retired[label] = Retired(label, _text(entry, "since"), _text(entry, "instead") or "ubuntu-latest")
    for entry in _values(document, "third_party"):
        third_parties.extend((prefix, _text(entry, "whose") or prefix) for prefix in _texts(entry, "prefixes"))
    return Machines(hosted, retired, tuple(third_parties))


def _values(table: object, key: str) -> tuple[object, ...]:
    match table:
        case {**entries}:
            match entries.get(key):
                case [*values]:
                    return tuple(values)
                case value:
                    return () if value is None else (value,)
        case _:
            return ()


def _texts(table: object, key: str) -> tuple[str, ...]:
    return tuple(str(value) for value in _values(table, key))


def _text(table: object, key: str) -> str | None:
    return next(iter(_texts(table, key)), None)


def hosted(label: str, at: Location | None) -> Fact[Node]:
    """Return the Node.js that a GitHub-hosted machine has before any step; `npm_of` gives the npm beside it.

    GitHub renews its images every week, so it is never exact.
    """
    known = machines().hosted
    name = label.lower()
    if name not in known:
        return Unknown(f"the Node.js on the machine `{label}` is not known", at)
    version = known[name]
    if version is None:
        return Unknown(f"the Node.js that `{label}` has preinstalled is not recorded", at)
    return Known(Node(version, exact=False, why=(Reason(f"`{label}` has Node.js {version} preinstalled", at),)), at)


def image(reference: str, at: Location | None) -> Fact[Node]:
    """Return the Node.js of a container image, read off its tag.

    Known are Docker's official image with its copies, `cimg/node`, `circleci/node` and `bitnami/node`; every other
    image is Unknown. A tag that is not a full version gets the newest known release of its line, and so does one with
    a digest, which may hold an older release: both are not exact.
    """
    name = reference.strip().removeprefix("docker://")
    if not name or len(name) > _LONGEST:
        return Unknown("the image has no name that can be read", at)
    untagged, _, digest = name.partition("@")
    repository, tag = _split_tag(untagged)
    hub = _on_docker_hub(repository)
    if hub is None or hub not in _NODE_IMAGES | {_LEGACY_IMAGE}:
        return Unknown(f"the Node.js inside the image `{name}` is not known", at)
    if not tag and digest:
        return Unknown(f"the Node.js inside the image `{name}` is known by its digest only", at)
    spec = _spec(tag or "latest")
    if spec is None:
        return Unknown(f"the tag of the image `{name}` names no version of Node.js", at)
    return _with_digest(node(spec, at, f"container image `{untagged}`"), digest)


def _split_tag(untagged: str) -> tuple[str, str]:
    folder, slash, last = untagged.rpartition("/")
    last, _, tag = last.partition(":")
    return folder + slash + last, tag


def _on_docker_hub(repository: str) -> str | None:
    """Return the name of a repository on Docker Hub, without `library/`; None for another registry's."""
    for variable in _PROXIES:
        for spelling in (f"${{{variable}}}/", f"${variable}/"):
            repository = repository.removeprefix(spelling)
    for host in (*_COPIES, *_DOCKER_HUB):
        if repository.startswith(host):
            return repository.removeprefix(host).removeprefix("library/")
    first, slash, _ = repository.partition("/")
    if slash and ("." in first or ":" in first or "$" in first or first == "localhost"):
        return None
    return repository.removeprefix("library/")


def _spec(tag: str) -> str | None:
    """Return the version request in a tag such as `20.10.0-alpine3.19`, `lts-slim`, `iron`, `current-alpine`."""
    head = tag.partition("-")[0].lower()
    if head in {"latest", "current", "lts"} or head in long_term():
        return head
    if head.startswith(_VARIANTS):
        return "current"
    return head if Version.parse(head) is not None and not head.startswith("v") else None


def _with_digest(found: Fact[Node], digest: str) -> Fact[Node]:
    match found:
        case Known(value, at) if digest and not value.exact:
            why = (*value.why, Reason("its digest may pin an older one"))
            return Known(Node(value.version, exact=False, why=why), at)
        case _:
            return found
