"""Waiting for a version and its attestations, on a clock that nobody waits for."""

from __future__ import annotations

import pytest
from fake_registry import FakeRegistry, Shown

from preflight.facts.fact import Known, Unknown
from preflight.facts.release import State
from preflight.readers.answers import Clock, Limits
from preflight.readers.registry import Registry
from preflight.readers.waiting import Watch, look, wait

NAME, VERSION = "@acme/widgets", "1.0.0"


class Virtual(Clock):
    """A clock whose time goes by when somebody sleeps, and which then does what it is told."""

    def __init__(self, published):
        self.passed = 0.0
        self.published = published
        self.pauses = []
        self.events = {}

    def monotonic(self):
        """Return the seconds that went by."""
        return self.passed

    def now(self):
        """Return a time a minute after the publish, and what went by."""
        return self.published.timestamp() + 60 + self.passed

    def sleep(self, seconds):
        """Let time go by."""
        self.pauses.append(seconds)
        self.passed += seconds
        for moment in sorted(self.events):
            if moment <= self.passed:
                self.events.pop(moment)()


@pytest.fixture(scope="module")
def package(world):
    """Return a version with both attestations."""
    return world.package(NAME, VERSION)


@pytest.fixture
def fake(world, package):
    """Return a registry with that version."""
    with FakeRegistry(world) as running:
        running.publish(package)
        yield running


@pytest.fixture
def clock(package):
    """Return a clock."""
    return Virtual(package.time)


@pytest.fixture
def seen(fake, clock):
    """Return a function that waits, and the sights that were told."""

    def waited(span, *, staged=False, name=NAME):
        told = []
        shop = Registry(fake.base, {}, limits=Limits(retries=0))
        last = wait(name, VERSION, shop, Watch(span, staged=staged), tell=told.append, clock=clock)
        return last, told

    return waited


def test_what_is_there_is_not_waited_for(seen, clock):
    """A maintainer who comes late gets the answer at once."""
    last, told = seen(600)

    assert (last.state, clock.pauses, told) == (Known(State.COMPLETE), [], [last])


def test_the_pauses_grow(seen, fake, package, clock):
    """Two, four, eight, then every fifteen seconds; the last look is when time is up."""
    fake.show(package, Shown.NOT_YET)

    last, _ = seen(60)

    assert (clock.pauses, last.state, last.pause) == (
        [2.0, 4.0, 8.0, 15.0, 15.0, 15.0, 1.0],
        Known(State.UNPUBLISHED),
        None,
    )


def test_two_phases(seen, fake, package, clock):
    """First the version comes, then its attestations."""
    fake.show(package, Shown.NOT_YET)
    clock.events = {
        6: lambda: fake.show(package, Shown.NOT_ATTESTED_YET),
        20: lambda: fake.show(package, Shown.PROVENANCE_ALONE),
        40: lambda: fake.show(package, Shown.COMPLETE),
    }

    _, told = seen(600)

    states = [sight.state.value for sight in told]
    assert (list(dict.fromkeys(states)), told[-1].after) == (
        [State.UNPUBLISHED, State.NO_ATTESTATION_YET, State.COMPLETE],
        44.0,
    )


def test_an_old_version_without_attestations_is_absent(seen, fake, package, clock):
    """Nobody waits ten minutes for what was never made."""
    fake.show(package, Shown.NOT_ATTESTED_YET)
    clock.passed = 4000.0

    last, _ = seen(600)

    assert (last.state, clock.pauses) == (Known(State.ABSENT), [])


@pytest.mark.parametrize(("passed", "final"), [(0.0, False), (4000.0, True)])
def test_attestations_that_are_named_and_not_served(seen, fake, package, clock, passed, final):
    """The registry knows more than it shows: they are on their way, or they never come."""
    fake.show(package, Shown.ADVERTISED_BUT_MISSING)
    clock.passed = passed

    assert (seen(0)[0].state, seen(0)[0].view.final) == (Known(State.ADVERTISED_BUT_MISSING), final)


@pytest.mark.parametrize("shown", [Shown.NOT_YET, None])
def test_what_a_workflow_stages_may_wait_for_a_maintainer(seen, fake, package, shown):
    """From outside, both look the same."""
    if shown:
        fake.show(package, shown)

    last, _ = seen(0, staged=True, name=NAME if shown else "@acme/other")

    assert last.state == Known(State.STAGED)


@pytest.mark.parametrize("kind", ["packument", "attestations"])
@pytest.mark.parametrize("status", [401, 403, 500, 503])
def test_only_what_is_not_there_is_asked_again(seen, fake, clock, kind, status):
    """A registry that refuses does not change its mind; its own words say what to do."""
    fake.script(kind, status, status)

    last, _ = seen(600)

    assert (isinstance(last.state, Unknown), str(status) in last.state.why, clock.pauses) == (True, True, [])


def test_without_a_time_nothing_is_settled(seen, fake, package):
    """Some registries tell no times."""
    fake.show(package, Shown.NOT_ATTESTED_YET)
    whole = fake.packument
    fake.packument = lambda name, *, full=True: {**whole(name, full=full), "time": {VERSION: "yesterday"}}

    first, _ = seen(0)
    fake.packument = lambda name, *, full=True: {**whole(name, full=full), "time": None}

    assert (first.state, seen(0)[0].state) == (Known(State.NO_ATTESTATION_YET), Known(State.NO_ATTESTATION_YET))


@pytest.mark.parametrize("found", [None, [], "x", [1], [{"predicateType": 3}]])
def test_an_odd_list_is_not_complete(fake, clock, found):
    """The registry's answer is foreign text."""
    fake.attestations = lambda *_: {"attestations": found}

    assert look(NAME, VERSION, Registry(fake.base, {}), clock).state == Known(State.NO_ATTESTATION_YET)
