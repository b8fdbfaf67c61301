"""Packages that several jobs made from one text send."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.facts.fact import Known
from preflight.facts.starts import Repeat

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from preflight.facts.project import Shipment
    from preflight.readers.walk import Sent
    from preflight.source.text import Location


def repeated(
    at: Location,
    walked: Iterable[tuple[int, Iterable[Sent]]],
    shipped: Iterable[Shipment],
    *,
    ignored: frozenset[str] = frozenset(),
    doubt: Callable[[Sent], str | None] = lambda _: None,
) -> Iterator[Repeat]:
    """Yield the commands that send the same package in several jobs.

    `walked` holds how many jobs there are of each kind, and what one of that kind sends. Where the folder, the command
    or its environment differ from one job to the next, each may send a package of its own; variables that are
    `ignored` do not count. `at` is what multiplies the job.
    """
    counts: dict[object, int] = {}
    sites: dict[object, Sent] = {}
    for times, sent in walked:
        for key, each in {_key(one, ignored): one for one in sent}.items():
            counts[key] = counts.get(key, 0) + times
            sites.setdefault(key, each)
    packages: dict[object, list[str]] = {}
    for shipment in shipped:
        if shipment.name and shipment.site.for_npm and shipment.doubt is None:
            packages.setdefault(shipment.site.at, []).append(shipment.name)
    for key, count in counts.items():
        each = sites[key]
        if count > 1 and isinstance(each.cwd, Known) and each.at in packages:
            names = tuple(dict.fromkeys(packages[each.at]))
            yield Repeat(at, each.at, names, count=count, doubt=doubt(each))


def _key(sent: Sent, ignored: frozenset[str]) -> object:
    folder = sent.cwd.value if isinstance(sent.cwd, Known) else None
    # Variables are compared by what is known of them: an id of the run is the same text in every job.
    env = tuple((setting.name, str(setting.value)) for setting in sent.env if setting.name not in ignored)
    return (sent.at, sent.command, folder, env, str(sent.deed.selection))
