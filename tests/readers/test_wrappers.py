"""Wrappers, each with what it starts and with the neighbour that starts nothing."""

from __future__ import annotations

import pytest

from preflight.readers.shell import Shell, Word
from preflight.readers.wrappers import program, unwrap


def words(text: str) -> tuple[Word, ...]:
    """Return words separated by blanks; `~` stands for a blank within one, `?` before an unknown one."""
    found, at = [], 0
    for part in text.split(" "):
        known = not part.startswith("?")
        found.append(Word(part.removeprefix("?").replace("~", " "), at, at + len(part), known))
        at += len(part) + 1
    return tuple(found)


def spelt(found: tuple[Word, ...]) -> str:
    """Return words as `words` reads them."""
    return " ".join(("" if word.known else "?") + word.text.replace(" ", "~") for word in found)


@pytest.mark.parametrize(
    "wrapper",
    [
        "sudo", "sudo -E", "sudo -u root --", "doas", "env", "env -i", "/usr/bin/env", "time -p", "nohup",
        "nice -n 5", "ionice -c 3", "timeout 5m", "timeout -k 5 10s", "gtimeout --signal=KILL 5", "stdbuf -o L",
        "setsid", "command", "builtin", "exec -a name", "unbuffer", "xvfb-run -a", "flock lock", "taskset 1",
        "dbus-run-session --", "retry 3", "retry -t 3 --", "retry --times=3", "cross-env", "cross-env-shell",
        "dotenv --", "dotenv -e .env --", "dotenvx run -f .env --", "env-cmd -f .env", "doppler run --",
        "doppler run -p a --", "op run --env-file=a --", "infisical run --env=prod --", "teller run --", "with-env",
        "aws-vault exec me --", "chamber exec a --", "mise exec --", "mise x node@20 --", "asdf exec",
        "fnm exec --using=20", "volta run --node 20", "nvm exec 20", "direnv exec .", "bundle exec", "poetry run",
        "uv run", "nix develop -c", "nix develop .#a --command", "devbox run --", "winpty", "coproc",
        "sudo timeout 5 env",
    ],
)  # fmt: skip
def test_a_wrapper_gives_way_to_what_it_starts(wrapper: str):
    """`doppler run -- npm publish` publishes."""
    inner = unwrap(words(f"{wrapper} npm publish"))

    assert spelt(inner.words) == "npm publish"


@pytest.mark.parametrize(
    "text",
    [
        "npm publish", "sudo", "sudo -u", "env A=b", "timeout 5", "command -v npm", "command -V npm", "doppler setup",
        "doppler run", "op read a", "mise install", "nvm use 20", "bash script.sh npm publish", "bash -x script.sh",
        "bash -c", "bash --login script.sh", "cmd /q", "cmd /c", "pwsh script.ps1", "pwsh -c", "find . -name npm",
        "find . -exec", "find . -exec ;", "xargs", "xargs -n 1", "parallel", "parallel ::: a", "exec", "?$X npm",
    ],
)  # fmt: skip
def test_what_starts_nothing_stays(text: str):
    """`command -v npm` asks where npm is."""
    inner = unwrap(words(text))

    assert (spelt(inner.words), inner.script) == (text, None)


@pytest.mark.parametrize(
    ("text", "script", "shell"),
    [
        pytest.param("bash -c a~b", "a~b", Shell.BASH, id="bash"),
        pytest.param("bash -lc a~b", "a~b", Shell.BASH, id="bash with a login"),
        pytest.param("bash -eo pipefail -c a~b", "a~b", Shell.BASH, id="bash with an option that has a value"),
        pytest.param("bash --rcfile x -c a", "a", Shell.BASH, id="bash with a file of settings"),
        pytest.param("/bin/sh -c ?$X", "?$X", Shell.BASH, id="an unknown script"),
        pytest.param("zsh -c a", "a", Shell.BASH, id="zsh"),
        pytest.param("cmd.exe /d /s /c a b", "a~b", Shell.CMD, id="cmd"),
        pytest.param("pwsh -NoProfile -Command a ?$b", "?a~$b", Shell.POWERSHELL, id="PowerShell"),
        pytest.param("env -S a~b", "a~b", Shell.BASH, id="env"),
        pytest.param("env --split-string=a", "a", Shell.BASH, id="env with a long option"),
        pytest.param("flock lock -c a", "a", Shell.BASH, id="flock"),
        pytest.param("su - me -c a~b", "a~b", Shell.BASH, id="su"),
        pytest.param("doppler run --command a", "a", Shell.BASH, id="doppler"),
        pytest.param("doppler run --command=a", "a", Shell.BASH, id="doppler with an equals sign"),
        pytest.param("nix-shell --run a~b", "a~b", Shell.BASH, id="nix-shell"),
        pytest.param("cross-env-shell A=b a~c", "a~c", Shell.BASH, id="cross-env-shell"),
        pytest.param("parallel a~{}", "a~{}", Shell.BASH, id="parallel"),
        pytest.param("sudo bash -c a", "a", Shell.BASH, id="a wrapper around a shell"),
    ],
)
def test_a_script_in_a_word_is_handed_out(text: str, script: str, shell: Shell):
    """What stands in the quotes of `bash -c` runs."""
    inner = unwrap(words(text))

    assert inner.script is not None
    assert (spelt((inner.script,)), inner.shell) == (script, shell)


@pytest.mark.parametrize(
    ("text", "inner"),
    [
        pytest.param("xargs npm publish", "npm publish ?{}", id="xargs"),
        pytest.param("xargs -r -n 1 npm publish", "npm publish ?{}", id="xargs with options"),
        pytest.param("xargs -I {} npm publish ./{}", "npm publish ?./{}", id="xargs with a mark"),
        pytest.param("xargs -I% npm publish % -a", "npm publish ?% -a", id="xargs with a short mark"),
        pytest.param("xargs -i npm publish {}", "npm publish ?{}", id="xargs with the usual mark"),
        pytest.param("xargs --replace=X npm publish X", "npm publish ?X", id="xargs with a long option"),
        pytest.param("find . -exec npm publish {} ;", "npm publish ?{}", id="find"),
        pytest.param("find . -exec npm publish {} +", "npm publish ?{}", id="find at once"),
        pytest.param("fd -x npm publish", "npm publish", id="fd"),
        pytest.param("parallel npm publish ::: a b", "npm publish ?{}", id="parallel"),
        pytest.param("parallel -j 2 npm publish {} ::: a", "npm publish ?{}", id="parallel with a mark"),
    ],
)
def test_arguments_from_elsewhere_are_unknown(text: str, inner: str):
    """`ls *.tgz | xargs npm publish` publishes something, and not the folder."""
    assert spelt(unwrap(words(text)).words) == inner


@pytest.mark.parametrize(
    ("text", "env", "folder"),
    [
        pytest.param("env A=b -u C npm", [("A", "b"), ("C", "")], None, id="env"),
        pytest.param("env --unset=C npm", [("C", "")], None, id="env with a long option"),
        pytest.param("env -C d npm", [], "d", id="env in a folder"),
        pytest.param("env --chdir=d npm", [], "d", id="env in a folder, with a long option"),
        pytest.param("sudo -u me A=b cross-env C=d npm", [("A", "b"), ("C", "d")], None, id="two wrappers"),
        pytest.param("sudo -D d npm", [], "d", id="sudo in a folder"),
    ],
)
def test_a_wrapper_may_set_variables_and_the_folder(text: str, env: list[tuple[str, str]], folder: str | None):
    """`cross-env NPM_CONFIG_PROVENANCE=true npm publish` turns provenance on."""
    inner = unwrap(words(text))

    assert [(name, word.text) for name, word in inner.env] == env
    assert (inner.folder.text if inner.folder else None) == folder


def test_two_folders_are_somewhere():
    """The second is relative to the first, which is more than one word can say."""
    assert unwrap(words("sudo -D a env -C b npm")).somewhere


def test_a_shell_without_a_script_reads_its_input():
    """`… | bash -s` runs what is piped into it."""
    assert unwrap(words("sudo bash -s")).reads_stdin


def test_wrappers_without_end_are_survived():
    """A line may hold thousands of them."""
    assert len(unwrap(words("sudo " * 1000 + "npm")).words) > 1


@pytest.mark.parametrize(
    ("text", "name"),
    [
        pytest.param("npm", "npm", id="alone"),
        pytest.param("/usr/bin/npm", "npm", id="with its folder"),
        pytest.param("node_modules\\.bin\\npm.CMD", "npm", id="on Windows"),
        pytest.param("release.sh", "release.sh", id="with another ending"),
        pytest.param("?$X", "", id="unknown"),
    ],
)
def test_a_program_has_a_name(text: str, name: str):
    """`./node_modules/.bin/lerna` is lerna."""
    assert program(words(text)[0]) == name
