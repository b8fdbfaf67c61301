"""Scripts that run what they download."""

from __future__ import annotations

import pytest

from preflight.readers.piped import piped
from preflight.readers.shell import Shell, commands

URL = "https://get.example.com/tool.sh"
COMMIT = f"https://raw.githubusercontent.com/acme/tool/{'3' * 40}/install.sh"


def found(text: str, shell: Shell = Shell.BASH) -> list[tuple[str, str]]:
    """Return what a script runs that it downloads: the characters of the script, and the address."""
    read = commands(text, shell, lambda _: None)
    return [(" ".join(text[each.start : each.end].split()), each.source) for each in piped(text, read)]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"curl -fsSL {URL} | sh", id="curl"),
        pytest.param(f"wget -qO- {URL} | bash -s -- v1", id="wget with arguments for the script"),
        pytest.param(f"curl {URL} | sudo -E bash -", id="sudo"),
        pytest.param(f"curl {URL} \\\n  | bash", id="over two lines"),
        pytest.param(f"curl {URL} | gunzip | sh", id="through another program"),
        pytest.param(f"curl {URL} 2>/dev/null | sh", id="a redirect between"),
        pytest.param(f"curl {URL} | python3 -", id="python"),
        pytest.param(f"if true; then curl {URL} | sh; fi", id="in a branch"),
        pytest.param(f"bash <(curl -s {URL})", id="a process substitution"),
        pytest.param(f"source <(curl -s {URL})", id="source"),
        pytest.param(f'sh -c "$(curl -fsSL {URL})"', id="sh -c"),
        pytest.param(f'eval "$(wget -qO- {URL})"', id="eval"),
        pytest.param(f'pwsh -c "irm {URL} | iex"', id="PowerShell out of bash"),
    ],
)
def test_bash_runs_what_it_downloads(text):
    """Each is in the documentation of some tool, to be pasted into a workflow."""
    ran = found(text)

    assert [source for _, source in ran] == [URL]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"irm {URL} | iex", id="a pipe"),
        pytest.param(f"iex (iwr -useb {URL})", id="brackets"),
        pytest.param(f"iex ((New-Object System.Net.WebClient).DownloadString('{URL}'))", id="WebClient"),
        pytest.param(f"Invoke-Expression (Invoke-WebRequest {URL}).Content", id="long names"),
    ],
)
def test_powershell_runs_what_it_downloads(text):
    """Installers for Windows are written like this."""
    assert len(found(text, Shell.POWERSHELL)) == 1


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"curl -o tool.sh {URL}\nsha256sum -c sums\nsh tool.sh", id="a file"),
        pytest.param(f"curl {URL} | jq -r .version", id="another program"),
        pytest.param(f"curl {URL} | tar xz\nsh install.sh", id="an archive"),
        pytest.param(f"curl {URL} || sh fallback.sh", id="or"),
        pytest.param(f"curl {URL}\necho done | sh", id="another pipe"),
        pytest.param(f"curl {URL} | sh check.sh", id="input of a script that is here"),
        pytest.param(f"VERSION=$(curl {URL})", id="a value"),
        pytest.param(f'echo "curl {URL} | sh"', id="a text"),
        pytest.param(f"# curl {URL} | sh\nnpm ci", id="a comment"),
        pytest.param(f"curl {COMMIT} | sh", id="an address that names a commit"),
        pytest.param("curl x | node scripts/read.mjs", id="input of a program that is here"),
    ],
)
def test_a_download_that_is_not_run_is_none(text):
    """Most downloads of a release job are harmless."""
    assert found(text) == []


def test_what_is_downloaded_and_kept_in_powershell_is_not_run():
    """Nothing evaluates it."""
    assert found(f"iwr {URL} -OutFile x.zip; iex 'dir'", Shell.POWERSHELL) == []


def test_an_address_that_no_file_tells_is_left_open():
    """It is run all the same."""
    assert found("curl $INSTALLER | sh") == [("curl $INSTALLER | sh", "")]


def test_the_place_of_a_long_command_is_shortened(project):
    """A message fits one line."""
    facts = project.run(f"curl {URL}?{'x' * 200} | sh\nnpm publish")

    ((command,),) = [[each.command for each in job.work.piped] for job in facts.jobs]

    assert (len(command), command[-1]) == (80, "…")
