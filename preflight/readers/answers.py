"""Answers of a server: known, absent, or unknown with the reason; and how long one is waited for."""

from __future__ import annotations

import time
from queue import SimpleQueue
from threading import Event, Thread
from typing import TYPE_CHECKING, Generic, TypeVar

from preflight.facts.fact import Known, Unknown
from preflight.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

T = TypeVar("T")

COLLECTIONS = 1_000_000
"""Objects and lists in one answer; a packument of 60 MiB has a fifth of them, and each costs Python 100 bytes."""


@dataclass(frozen=True, slots=True)
class Absent:
    """The server says that there is no such thing."""


Answer = Known[T] | Absent | Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long one question may take, in seconds, and how often it is put again."""

    total: float = 30.0
    contact: float = 10.0
    """Until an answer begins, whatever is in the way: names, routes, proxies, TLS."""
    first: float = 10.0
    """The same for a server that has not answered yet."""
    connect: float = 5.0
    silence: float = 10.0
    retries: int = 2
    pause: float = 0.25
    """Before the first retry; twice as long before the next."""


class Clock:
    """Time as the machine has it; tests bring their own."""

    def monotonic(self) -> float:
        """Return seconds since some moment."""
        return time.monotonic()

    def now(self) -> float:
        """Return seconds since 1970."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Let some seconds go by."""
        time.sleep(seconds)

    def wait(self, event: Event, seconds: float) -> bool:
        """Wait for an event; False where it does not happen in time."""
        return event.wait(seconds)


CLOCK = Clock()
LIMITS = Limits()
HASTY = Limits(first=1.25)
"""For somebody who looks on: without a network they learn so within two seconds."""


class _Threads:
    """Threads that are used again: to begin one costs as much as a small answer.

    One that never comes back is never used again, and keeps nobody from ending.
    """

    def __init__(self) -> None:
        self._idle: list[SimpleQueue[Callable[[], None]]] = []

    def run(self, task: Callable[[], None]) -> None:
        """Run a task, which must not raise, in a thread that does nothing else meanwhile."""
        try:
            self._idle.pop().put(task)
        except IndexError:
            tasks: SimpleQueue[Callable[[], None]] = SimpleQueue()
            tasks.put(task)
            Thread(target=self._work, args=(tasks,), daemon=True).start()

    def _work(self, tasks: SimpleQueue[Callable[[], None]]) -> None:
        while True:
            tasks.get()()
            self._idle.append(tasks)


_THREADS = _Threads()


class Question(Generic[T]):
    """A question that is put in a thread of its own, so that nothing below can outlive its time."""

    def __init__(self, ask: Callable[[Event], Answer[T]]) -> None:
        self.contact, self.done = Event(), Event()
        self.answer: Answer[T] = Unknown("nothing was asked")
        self._ask = ask
        _THREADS.run(self._run)

    def _run(self) -> None:
        try:
            self.answer = self._ask(self.contact)
        # In a thread of its own an error would be printed, and the question never answered.
        except Exception as error:  # noqa: BLE001
            self.answer = Unknown(f"the answer cannot be read: {type(error).__name__}")
        finally:
            self.contact.set()
            self.done.set()


def decoded(data: bytes, host: str) -> Answer[Mapping[str, object]]:
    """Read an answer as a JSON object: UTF-8, and nothing that RFC 8259 does not know; the last of two keys counts."""
    import json

    if data.count(b"{") + data.count(b"[") > COLLECTIONS:
        return Unknown(f"{host} answers with more than {COLLECTIONS} objects")
    try:
        found: object = json.loads(data.decode("utf-8"), parse_constant=_refuse)
    except RecursionError:
        return Unknown(f"{host} answers with JSON that nests too deep")
    except ValueError:
        return Unknown(f"{host} answers with what is not JSON")
    return Known(found) if isinstance(found, dict) else Unknown(f"{host} answers with JSON of another shape")


def _refuse(word: str) -> object:
    raise ValueError(word)
