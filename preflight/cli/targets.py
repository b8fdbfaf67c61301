"""The packages that `verify` is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.errors import UnansweredError, UsageError
from preflight.facts.fact import Known, Unknown
from preflight.readers.answers import Absent
from preflight.records import KW_ONLY, dataclass

if TYPE_CHECKING:
    from preflight.cli.proving import Proving
    from preflight.facts.project import Project
    from preflight.readers.registry import Registry


@dataclass(frozen=True, slots=True)
class Target:
    """One package to verify; `version` is None where the registry's latest is meant."""

    name: str
    version: str | None
    _: KW_ONLY
    staged: bool = False
    """Whether its workflow stages it, so that a maintainer has to approve it."""

    def __str__(self) -> str:
        """Return it as people write it."""
        return f"{self.name}@{self.version}" if self.version else self.name


def targets(words: tuple[str, ...], project: Project) -> tuple[Target, ...]:
    """Return the packages that are named, or else those of the checkout that a pipeline sends to npm.

    Raises UsageError where a name is none, or where there is nothing to verify.
    """
    here = {package.name: package.version for package in project.packages}
    sent = {
        shipment.package.name: shipment.site.staged
        for shipment in project.npm_shipments
        if shipment.package and not shipment.package.private
    }
    if words:
        named = [split(word) for word in words]
        found = [Target(name, version or here.get(name), staged=sent.get(name, False)) for name, version in named]
    else:
        found = [Target(name, here[name], staged=staged) for name, staged in sent.items() if here.get(name)]
    if not found:
        raise UsageError(
            "no package with a version is published from here", "name it: preflight verify @acme/core@2.4.0"
        )
    return tuple(dict.fromkeys(found))


def split(word: str) -> tuple[str, str | None]:
    """Return name and version of `name`, `name@1.2.3` or `@scope/name@1.2.3`. Raises UsageError."""
    text = word.strip()
    at = text.find("@", 1)
    name, version = (text[:at], text[at + 1 :]) if at > 0 else (text, None)
    scope, slash, rest = name.partition("/")
    sound = bool(rest) and len(scope) > 1 and "/" not in rest if scope.startswith("@") else bool(name) and not slash
    if not sound or not name.isprintable() or " " in name:
        raise UsageError(f"`{text[:80]}` is no name of a package", "write it as @acme/core@2.4.0")
    if version is not None and (not version[:1].isdigit() or version.count(".") < 2):
        raise UsageError(
            f"`{version[:80]}` is no version", f"give a whole one, such as {name}@2.4.0, or leave it out for the latest"
        )
    return name, version


def latest(target: Target, shop: Registry) -> Target:
    """Return a target with its version: the latest on the registry where none is named.

    Raises UsageError for a package that the registry does not have, UnansweredError where it does not answer.
    """
    from preflight.readers.online import registered

    if target.version is not None:
        return target
    match shop.packument(target.name, full=False):
        case Known(document):
            latest = registered(document).latest
            if latest is None:
                raise UsageError(f"`{target.name}` has no latest version", f"name one: {target.name}@1.2.3")
            return Target(target.name, latest, staged=target.staged)
        case Absent():
            raise UsageError(f"{shop.host} has no package `{target.name}`, or does not show it")
        case Unknown(why):
            raise UnansweredError(
                f"the latest version of `{target.name}` cannot be told: {why}", "name it, or try again"
            )


def single(words: tuple[str, ...], asked: Proving, project: Project) -> Target:
    """Return the one package that files are about: the named one, that of the tarball, or that of the checkout.

    Raises UsageError.
    """
    from preflight.readers import tarballs

    if len(words) > 1:
        raise UsageError("`--offline` verifies one package", "name one, such as @acme/core@2.4.0")
    if words and split(words[0])[1]:
        return Target(*split(words[0]))
    if asked.tarball:
        found = tarballs.local(asked.tarball)
        if found.name is None or found.version is None:
            raise UsageError(
                f"`{asked.tarball}` {found.why or 'names no package'}", "name it, such as @acme/core@2.4.0"
            )
        if words and split(words[0])[0] != found.name:
            raise UsageError(f"`{asked.tarball}` holds `{found.name[:80]}`, not `{words[0]}`")
        return Target(found.name, found.version)
    named = targets(words, project)
    if len(named) != 1 or named[0].version is None:
        raise UsageError("which version the files are about is not known", "name it, such as @acme/core@2.4.0")
    return named[0]
