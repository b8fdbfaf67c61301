"""The Node.js and the npm of a job, step by step."""

from __future__ import annotations

from preflight.facts.fact import Fact, Known, Unknown
from preflight.facts.toolchain import Npm, Version
from preflight.readers.node_versions import node
from preflight.readers.toolchain import Toolchain


def version(fact: Fact[Npm]) -> str:
    """Return the version of an npm, or why it is not known."""
    match fact:
        case Known(found):
            return str(found.version)
        case Unknown(why):
            return why


def test_a_job_starts_with_the_node_of_its_machine() -> None:
    """A job without setup-node has what the image has."""
    start = Toolchain.of_machine(("ubuntu-latest",), None)

    assert version(start.npm) == "10.9.8"


def test_several_labels_tell_no_node() -> None:
    """Only a standard label alone names an image."""
    start = Toolchain.of_machine(("self-hosted", "linux"), None)

    assert version(start.npm) == "the Node.js on the runner is not known"


def test_a_container_brings_its_own_node() -> None:
    """In a container the machine's Node.js is out of reach."""
    start = Toolchain.of_image("node:20", None)

    assert version(start.npm) == "10.8.2"


def test_nothing_may_be_known() -> None:
    """The reason travels to the message."""
    start = Toolchain.unknown("an expression decides")

    assert version(start.npm) == "an expression decides"


def test_an_upgrade_replaces_the_bundled_npm() -> None:
    """This is what makes Node.js 22 fit for trusted publishing."""
    start = Toolchain.unknown("?").with_node(node("22", None))

    after, outcome = start.upgrade("11", None)

    assert (version(after.npm), outcome.fails) == ("11.21.2", None)


def test_a_failing_upgrade_leaves_no_known_npm() -> None:
    """The step ends the job, so that no npm publishes."""
    start = Toolchain.unknown("?").with_node(node("20", None))

    after, outcome = start.upgrade("latest", None)

    assert isinstance(after.npm, Unknown)
    assert outcome.fails is not None


def test_another_node_brings_its_own_npm_back() -> None:
    """An upgrade before setup-node is lost, which nobody notices until the publish."""
    start = Toolchain.of_machine(("ubuntu-latest",), None)
    upgraded, _ = start.upgrade("11", None)

    after = upgraded.with_node(node("22", None))

    assert version(after.npm) == "10.9.9"


def test_the_same_node_again_keeps_the_upgrade() -> None:
    """setup-node finds the same folder in the tool cache, with the npm that was put there."""
    start = Toolchain.unknown("?").with_node(node("22", None))
    upgraded, _ = start.upgrade("11", None)

    after = upgraded.with_node(node("22", None))

    assert version(after.npm) == "11.21.2"


def test_an_unknown_node_loses_the_upgrade() -> None:
    """Whether it is the same one cannot be told."""
    start = Toolchain.unknown("?").with_node(node("22", None))
    upgraded, _ = start.upgrade("11", None)

    after = upgraded.with_node(Unknown("an expression decides"))

    assert version(after.npm) == "an expression decides"


def test_an_npm_can_be_put_there_by_other_means() -> None:
    """Corepack, volta and mise install npm too."""
    start = Toolchain.of_machine(("ubuntu-latest",), None)

    after = start.with_npm(Known(Npm(Version(11, 6, 2), exact=True, why=())))

    assert version(after.npm) == "11.6.2"


def test_the_toolchain_before_is_left_alone() -> None:
    """Two publish steps of a job may see different npms."""
    start = Toolchain.of_machine(("ubuntu-latest",), None)

    start.upgrade("11", None)

    assert version(start.npm) == "10.9.8"
