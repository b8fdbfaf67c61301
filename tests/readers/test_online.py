"""What the registry and the forge say of a project."""

from __future__ import annotations

import json
import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from preflight.facts.fact import Known, Unknown
from preflight.facts.online import Inquiry, Level, New, Visibility
from preflight.readers import git, online, project
from preflight.readers.project import Asked

WORKFLOW = """
on: {push: {tags: ["v*"]}}
jobs:
  publish:
    runs-on: ubuntu-latest
    permissions: {contents: read, id-token: write}
    steps:
      - uses: actions/checkout@v4
      - run: npm publish --provenance
"""
COMMIT = "1" * 40
NOBODY = Unknown("github.com cannot be reached")
MANIFEST = {"name": "widgets", "version": "1.0.0", "repository": "acme/widgets"}


@pytest.fixture
def root(tmp_path):
    """Make a project that publishes one package from one job."""
    files = {
        ".github/workflows/release.yml": WORKFLOW,
        "package.json": json.dumps(MANIFEST),
        ".git/HEAD": "ref: refs/heads/main\n",
        ".git/config": '[remote "origin"]\n\turl = https://github.com/acme/widgets\n',
    }
    for path, text in files.items():
        target = tmp_path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    return tmp_path


@pytest.fixture
def shop():
    """Return a function that starts a registry with some packages, and returns its address."""
    servers = []

    def start(packages):
        class Shop(BaseHTTPRequestHandler):
            def do_GET(self):
                found = packages.get(self.path.removeprefix("/"))
                body = json.dumps(found or {"error": "Not found"}).encode()
                self.send_response(200 if found else 404)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        servers.append(ThreadingHTTPServer(("127.0.0.1", 0), Shop))
        threading.Thread(target=servers[-1].serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{servers[-1].server_port}/"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def forge(monkeypatch):
    """Return a function that decides what `git ls-remote` says of each repository, and a list of what was asked."""
    asked = []

    def decide(answers, other=NOBODY):
        def listed(url, *patterns):
            asked.append((url, patterns))
            return answers.get(url, other)

        monkeypatch.setattr(git, "listed", listed)
        return asked

    return decide


def read(root, address, environment=None, **asked):
    """Read a project online."""
    facts = project.read(root, environment=environment or {}, asked=Asked()).project
    return online.ask(facts, environment or {}, registry=address, listed=git.listed, **asked)


PUBLIC = {
    "https://github.com/acme/widgets": Known(
        {"HEAD": COMMIT, "refs/tags/v1.0.0": "f" * 40, "refs/tags/v1.0.0^{}": COMMIT}
    ),
    "https://github.com/actions/checkout": Known({"refs/tags/v4": COMMIT, "refs/tags/v4.2.2": COMMIT}),
}


def test_a_package_of_the_registry_is_known(root, shop, forge):
    """Its versions decide whether a tag makes sense."""
    forge(PUBLIC)
    address = shop({"widgets": {"name": "widgets", "versions": {"0.9.0": {}}, "dist-tags": {"latest": "0.9.0"}}})

    found = read(root, address).online.packages["widgets"]

    assert (found.value.versions, found.value.last) == (("0.9.0",), ("0.9.0", Level.NONE))


def test_a_package_that_is_not_there_is_new(root, shop, forge):
    """The first publish has rules of its own."""
    forge(PUBLIC)

    assert read(root, shop({})).online.packages == {"widgets": Known(New())}


def test_a_repository_that_everybody_sees_is_public(root, shop, forge):
    """What an anonymous git may list, everybody may read."""
    forge(PUBLIC)

    assert read(root, shop({})).visibility == Known(Visibility.PUBLIC)


def test_a_repository_that_nobody_sees_is_unknown(root, shop, forge):
    """It may be private, or renamed, or misspelt."""
    forge({**PUBLIC, "https://github.com/acme/widgets": Known(None)})

    found = read(root, shop({})).visibility

    assert found == Unknown("github.com shows it to nobody without a login: it is private, or not there")


def test_a_repository_that_nobody_sees_and_that_runs_the_job_is_private(root, shop, forge):
    """It is there, because its pipeline is running."""
    forge({**PUBLIC, "https://github.com/acme/widgets": Known(None)})
    environment = {"GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "acme/widgets"}

    assert read(root, shop({}), environment).visibility == Known(Visibility.PRIVATE)


def test_what_the_environment_says_of_the_repository_counts(root, shop, forge):
    """The event's payload is nearer than what the forge shows."""
    forge(PUBLIC)
    environment = {"GITLAB_CI": "true", "CI_PROJECT_URL": "https://gitlab.com/a/b", "CI_PROJECT_VISIBILITY": "internal"}

    assert read(root, shop({}), environment).visibility == Known(Visibility.INTERNAL)


def test_a_forge_of_the_files_own_choice_is_not_asked(root, shop, forge):
    """Files must not decide which machine of a company's network is knocked at."""
    asked = forge(PUBLIC)
    (root / ".git/config").write_text('[remote "origin"]\n\turl = https://intranet.example.com/a/b\n')

    found = read(root, shop({})).visibility

    assert (type(found), [url for url, _ in asked]) == (Unknown, ["https://github.com/actions/checkout"])


def test_a_forge_that_the_user_names_is_asked(root, shop, forge):
    """Whoever names a repository wants to know about it."""
    asked = forge(PUBLIC)
    facts = project.read(root, repository="https://git.example.com/a/b", environment={}).project

    online.ask(facts, {}, registry=shop({}), listed=git.listed)

    assert "https://git.example.com/a/b" in [url for url, _ in asked]


@pytest.mark.parametrize(
    ("tag", "commit"),
    [
        pytest.param("v1.0.0", Known(COMMIT), id="there, annotated"),
        pytest.param("v2.0.0", Known(None), id="not there"),
    ],
)
def test_a_tag_of_the_remote_is_known(root, shop, forge, tag, commit):
    """A tag that is there already cannot be pushed."""
    forge(PUBLIC)

    assert read(root, shop({}), tag=tag).online.tags == {tag: commit}


def test_an_action_gets_the_remedy_that_holds_it(root, shop, forge):
    """That is what nobody can find out offline."""
    forge(PUBLIC)

    (borrowed,) = read(root, shop({})).borrowed

    assert [edit.text for edit in borrowed.remedy.edits] == [COMMIT, " # v4.2.2"]


def test_a_forge_that_does_not_answer_is_not_asked_again(root, shop, forge):
    """Each question would take its whole time."""
    asked = forge({})
    uses = "\n".join(f"      - uses: a/b{number}@v1" for number in range(50))
    (root / ".github/workflows/release.yml").write_text(f"{WORKFLOW}{uses}\n")

    read(root, shop({}))

    assert len(asked) <= online.SIDE_BY_SIDE


def test_the_number_of_packages_has_a_limit(root, shop, forge, monkeypatch):
    """A project of ten thousand packages must not become a burden to the registry."""
    forge(PUBLIC)
    monkeypatch.setattr(online, "MOST", 0)

    assert read(root, shop({})).online.packages == {"widgets": Unknown("no more than 0 packages are asked about")}


def test_all_who_were_asked_are_named(root, shop, forge):
    """No question goes out in silence."""
    forge({}, Known(None))
    address = shop({})

    found = read(root, address).online.asked

    assert found == (
        Inquiry(address.removeprefix("http://").rstrip("/"), "1 package"),
        Inquiry("github.com", "acme/widgets"),
        Inquiry("github.com", "1 action"),
    )


def test_who_did_not_answer_is_named_with_the_reason(root, shop, forge):
    """Unknown is an answer, silence is not."""
    forge({})

    found = read(root, shop({})).online.asked

    assert found[1] == Inquiry("github.com", "acme/widgets", ("github.com cannot be reached",))


def test_without_a_repository_no_forge_is_asked(root, shop, forge):
    """There is no address to ask."""
    asked = forge(PUBLIC)
    (root / ".git/config").write_text("")

    found = read(root, shop({}))

    assert (type(found.visibility), [url for url, _ in asked if "acme" in url]) == (Unknown, [])


# -- what a packument says ------------------------------------------------------------------------

TRUSTED = {"_npmUser": {"trustedPublisher": {"id": "github"}}, "dist": {"attestations": {"provenance": {}}}}
PROVENANCE = {"dist": {"attestations": {"provenance": {"predicateType": "p"}}}}


def test_levels_are_those_of_the_versions_newest_first():
    """Times decide, because a fix of an old line comes after a new one."""
    found = online.registered(
        {
            "versions": {"2.0.0": TRUSTED, "1.0.1": PROVENANCE, "1.0.0": {}, "3.0.0-rc.1": TRUSTED},
            "time": {
                "created": "2024",
                "1.0.0": "2024-01",
                "2.0.0": "2025-01",
                "1.0.1": "2026-01",
                "3.0.0-rc.1": "2026-02",
            },
        }
    )

    assert found.levels == (("1.0.1", Level.PROVENANCE), ("2.0.0", Level.TRUSTED_PUBLISHER), ("1.0.0", Level.NONE))


def test_the_last_version_is_the_one_that_is_installed():
    """A fix of an old line is not what people compare with."""
    found = online.registered({"versions": {"2.0.0": TRUSTED, "1.0.1": {}}, "dist-tags": {"latest": "2.0.0"}})

    assert found.last == ("2.0.0", Level.TRUSTED_PUBLISHER)


def test_versions_that_were_taken_back_are_known_by_their_time():
    """The registry never takes them again."""
    found = online.registered({"versions": {"1.0.0": {}}, "time": {"created": "t", "1.0.0": "t", "0.9.0": "t"}})

    assert found.withdrawn == ("0.9.0",)


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"versions": [], "time": 5, "dist-tags": "x"},
        {"versions": {"1.0.0": None}, "dist-tags": {"latest": 5}, "time": {"1.0.0": []}},
        {"versions": {"1.0.0": {"dist": [], "_npmUser": "me"}, "1.0.1": {"dist": {"attestations": 1}}}},
    ],
)
def test_a_packument_of_another_shape_says_nothing(document):
    """A mirror may send anything."""
    assert {level for _, level in online.registered(document).levels} <= {Level.NONE}


# -- git ls-remote --------------------------------------------------------------------------------

FAKE = """#!/bin/sh
env > "$0.env"
printf '%s\\n' "$@" > "$0.words"
{what}
"""


@pytest.fixture
def fake(tmp_path, monkeypatch):
    """Return a function that puts a git of ours first on the path."""

    def make(what):
        path = tmp_path / "git"
        path.write_text(FAKE.format(what=what))
        path.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
        return path

    return make


def test_refs_are_read(fake):
    """One line for each, and nothing else counts."""
    fake(f"printf '{COMMIT}\\tHEAD\\nnonsense\\n{COMMIT}\\trefs/tags/v1\\n'")

    assert git.listed("https://github.com/a/b", "HEAD") == Known({"HEAD": COMMIT, "refs/tags/v1": COMMIT})


def test_git_has_no_login_and_no_configuration(fake, monkeypatch):
    """Neither a stored password nor a helper of the user's may answer for everybody."""
    for name in ("GIT_ASKPASS", "GITHUB_TOKEN", "GIT_SSH_COMMAND", "XDG_CONFIG_HOME", "GIT_DIR"):
        monkeypatch.setenv(name, "secret")
    path = fake("true")

    git.listed("https://github.com/a/b", "HEAD")

    words, seen = path.with_suffix(".words").read_text().split("\n"), path.with_suffix(".env").read_text()
    assert ("protocol.allow=never" in words, "secret" in seen, f"HOME={os.devnull}" in seen) == (True, False, True)


@pytest.mark.parametrize(
    ("said", "found"),
    [
        pytest.param("could not read Username for 'https://github.com'", Known(None), id="a login is wanted"),
        pytest.param("repository 'https://github.com/a/b/' not found", Known(None), id="not found"),
        pytest.param(
            "Could not resolve host: github.com not found", Unknown("github.com cannot be reached"), id="no name"
        ),
        pytest.param("CONNECT tunnel failed, response 403", Unknown("github.com cannot be reached"), id="a proxy"),
    ],
)
def test_failures_of_git_are_told_apart(fake, said, found):
    """Only a forge that answered can say that nobody sees a repository."""
    fake(f'echo "fatal: {said}" >&2; exit 128')

    assert git.listed("https://github.com/a/b", "HEAD") == found


def test_git_has_its_time(fake):
    """A hook may not stand still."""
    fake("exec sleep 5")

    assert git.listed("https://github.com/a/b", seconds=0.2) == Unknown("`git ls-remote` takes longer than 0.2 s")


def test_git_may_be_missing(monkeypatch, tmp_path):
    """A slim container has none."""
    monkeypatch.setenv("PATH", str(tmp_path))

    assert git.listed("https://github.com/a/b") == Unknown("git is not installed")


@pytest.mark.parametrize("url", ["ext::sh -c x", "git@github.com:a/b", "file:///etc", "--upload-pack=x"])
def test_other_addresses_are_not_asked(url):
    """Some of them run programs."""
    assert isinstance(git.listed(url), Unknown)
