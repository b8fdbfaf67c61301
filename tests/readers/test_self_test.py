"""The self-test, and that it notices what it is there for."""

from __future__ import annotations

import base64
import json
import time

import pytest

from preflight import data
from preflight.facts.release import Attestation, Code, Kind, Sound, Unchecked, Unsound
from preflight.readers import self_test
from preflight.readers.self_test import SAMPLES, SelfTestError, mutant


@pytest.fixture
def answer(monkeypatch):
    """Return a function that replaces the verification by one that gives these outcomes in turn."""

    def put(*outcomes):
        given = iter(outcomes)
        monkeypatch.setattr(
            self_test, "attestations", lambda *_: (Attestation(Kind.PROVENANCE, "provenance", next(given)),)
        )

    return put


HOLDS = Sound(None, None, None)
REFUSED = Unsound(Code.BAD_SIGNATURE, "the signature does not fit")
NO_IDEA = Unchecked(Code.INTERNAL, "a bug")


def test_everything_is_as_it_should_be():
    """Otherwise no command of the family would run at all."""
    self_test.run()


def test_it_is_quick():
    """It is part of every verification; the limit is ten times what it takes."""
    self_test.run()
    start = time.perf_counter()

    self_test.run()

    assert time.perf_counter() - start < 0.1


@pytest.mark.parametrize(
    ("outcomes", "said"),
    [
        pytest.param([REFUSED, REFUSED], "refuses a real attestation: publish: bad-signature", id="all refused"),
        pytest.param([NO_IDEA, REFUSED], "refuses a real attestation: publish: internal", id="none can be read"),
        pytest.param([HOLDS, HOLDS], "accepts a forged attestation: publish", id="all accepted"),
        pytest.param([HOLDS, NO_IDEA], "accepts a forged attestation: publish", id="the forged one cannot be read"),
    ],
)
def test_a_verification_that_cannot_be_relied_upon_ends_everything(answer, outcomes, said):
    """A proof by a broken tool is worse than none."""
    answer(*outcomes)

    with pytest.raises(SelfTestError, match=said):
        self_test.run(["publish"])


def test_it_is_a_bug_and_not_a_mistake_of_the_users():
    """What is no PreflightError ends with 70, and with a request to report it."""
    from preflight.errors import PreflightError

    assert not issubclass(SelfTestError, PreflightError)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_mutant_differs_in_one_letter(name):
    """A forgery that is coarse would be refused by a verifier that checks nothing but the form."""
    bundle = data.text(f"self-test/{name}.json")

    before, after = (base64.b64decode(json.loads(text)["dsseEnvelope"]["payload"]) for text in (bundle, mutant(bundle)))

    assert (len(before), sum(a != b for a, b in zip(before, after, strict=True))) == (len(after), 1)


def test_each_form_of_a_bundle_has_its_sample():
    """Each is checked by other code."""
    forms = set()
    for name in SAMPLES:
        material = json.loads(data.text(f"self-test/{name}.json"))["verificationMaterial"]
        forms.add((material["tlogEntries"][0]["kindVersion"]["kind"], "publicKey" in material))

    assert forms == {("dsse", False), ("intoto", False), ("dsse", True)}
