"""The git repository that a project lies in.

What a plain check needs is read from plain files, without a process. The rules at the tag ask git itself, so that
nothing which the repository configures is run; only what makes and pushes tags lets git be as its user set it up.
"""

from __future__ import annotations

import os
import re
import stat
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from preflight.errors import ConfigError, PreflightError, UnreadableError, UsageError
from preflight.facts.fact import Known, Unknown
from preflight.facts.project import Origin, Repository
from preflight.readers import addresses, gitconfig
from preflight.readers.remotes import GITHUB, address_on, chosen, host_of
from preflight.readers.remotes import read as in_settings
from preflight.records import dataclass
from preflight.source.files import Files

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from preflight.facts.fact import Fact
    from preflight.readers.gitconfig import Setting
    from preflight.readers.remotes import Remote

_CALM = (
    "core.fsmonitor=false",
    f"core.hooksPath={os.devnull}",
    "core.sshCommand=false",
    "core.gitProxy=",
    "core.pager=cat",
    "core.askPass=true",
    "core.editor=false",
    "core.alternateRefsCommand=false",
    "core.quotePath=false",
    "credential.helper=",
    "diff.external=",
    "gc.auto=0",
    "gpg.program=false",
    "gpg.ssh.program=false",
    "log.showSignature=false",
    "maintenance.auto=false",
    "protocol.allow=never",
    "submodule.recurse=false",
)
"""Settings that keep a repository from running anything while it is read."""
_QUIET = {
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_ASKPASS": "true",
    "GIT_EDITOR": "false",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_PAGER": "cat",
    "GIT_TERMINAL_PROMPT": "0",
    "SSH_ASKPASS": "true",
}
_KEPT = frozenset({"GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_EXEC_PATH"})
"""Variables of git that say where its user's own settings are."""
_LOCAL = frozenset(
    {
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_COMMON_DIR",
        "GIT_DIR",
        "GIT_INDEX_FILE",
        "GIT_NAMESPACE",
        "GIT_OBJECT_DIRECTORY",
        "GIT_PREFIX",
        "GIT_QUARANTINE_PATH",
        "GIT_WORK_TREE",
    }
)
"""Variables that lead git to another repository than the one that was found."""
_PATIENCE = 60.0
_GITS = ("fatal: ", "error: ")
"""How git begins a line that says what is wrong."""
_USER = r"://[^/@\s]{1,500}@"
"""What an address says of its user, which may be a token."""
_HEX = frozenset("0123456789abcdef")
_ONLY_HTTPS = (
    "-c",
    "protocol.allow=never",
    "-c",
    "protocol.https.allow=always",
    "-c",
    "credential.helper=",
    "-c",
    "core.askPass=",
    "-c",
    "http.followRedirects=initial",
)
_EXPECTED = "write it as `Owner/Repo`, or with its host as `https://gitlab.com/group/project`"


@dataclass(frozen=True, slots=True)
class Checkout:
    """Where a repository lies: `top` is its working tree, `private` the folder with HEAD, `common` that with config."""

    top: Path
    private: Path
    common: Path


@dataclass(frozen=True, slots=True)
class Head:
    """What is checked out: a branch, or a commit by itself."""

    branch: str | None
    commit: str | None


def find(root: Path) -> Fact[Checkout]:
    """Find the repository that a folder lies in, by the nearest `.git` at or above it on the same file system.

    A folder that is itself a bare repository is not taken for one: it may be a tracked folder of another. A `.git`
    that is a link, that another user owns, or that leads to a repository which does not know this folder is unknown.
    """
    start = Path(os.path.realpath(root))
    device, owner = _device_and_owner(start)
    for top in (start, *start.parents):
        if _device_and_owner(top)[0] != device:
            break
        door = top / ".git"
        try:
            found = os.lstat(door)
        except OSError:
            continue
        if stat.S_ISDIR(found.st_mode) and not os.path.lexists(door / "HEAD"):
            continue
        if top != start and found.st_uid not in {owner, _user()}:
            return Unknown("another user owns the git repository above this folder")
        if stat.S_ISDIR(found.st_mode):
            return Known(Checkout(top, door, door))
        if stat.S_ISREG(found.st_mode):
            return _linked(top)
        return Unknown("`.git` is a link or a special file")
    return Unknown("this folder is in no git repository")


def below(root: Path) -> PurePosixPath:
    """Return a folder as seen from the top of its repository; `.` where it is the top, or in no repository."""
    match find(root):
        case Known(checkout):
            return PurePosixPath(Path(os.path.realpath(root)).relative_to(checkout.top).as_posix())
        case Unknown():
            return PurePosixPath()


def remotes(root: Path) -> Fact[tuple[Remote, ...]]:
    """Return the remotes of the repository that a folder lies in, in the order of its configuration."""
    match _settings(root):
        case Unknown() as unknown:
            return unknown
        case Known(settings):
            return in_settings(settings)


def head(root: Path) -> Fact[Head]:
    """Return what is checked out."""
    match find(root):
        case Unknown() as unknown:
            return unknown
        case Known(checkout):
            text = _text(checkout.private, "HEAD")
    ref = (text or "").strip()
    name = ref.removeprefix("ref:").strip()
    if ref.startswith("ref:") and name.startswith("refs/heads/"):
        return Known(Head(name.removeprefix("refs/heads/"), None))
    if len(ref) in {40, 64} and _HEX.issuperset(ref):
        return Known(Head(None, ref))
    return Unknown("`.git/HEAD` names neither a branch nor a commit")


def listed(url: str, *patterns: str, seconds: float = 10.0) -> Fact[Mapping[str, str] | None]:
    """Return the refs of a repository on a forge by name, as anybody sees them; None where only a login shows them.

    An annotated tag has a second name with `^{}` for the commit that it names. Asks over https alone, with no
    configuration, no credential and no question to the user, for `seconds` at the most.
    """
    import subprocess

    from preflight.readers.forge import answered, childs

    if not url.startswith("https://") or any(each.startswith("-") for each in patterns):
        return Unknown(f"`{url}` is no address that may be asked")
    command = ["git", *_ONLY_HTTPS, "ls-remote", "--quiet", "--", url, *patterns]
    try:
        done = subprocess.run(  # noqa: S603 -- every word is ours, or stands behind `--`
            command,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            check=False,
            cwd=os.path.abspath(os.sep),  # noqa: PTH100 -- no repository whose configuration would count
            env=childs(os.environ),
            timeout=seconds,
        )
    except FileNotFoundError:
        return Unknown("git is not installed")
    except subprocess.TimeoutExpired:
        return Unknown(f"`git ls-remote` takes longer than {seconds:g} s")
    except (OSError, ValueError):
        return Unknown("`git ls-remote` cannot be started")
    return answered(done.returncode, done.stdout, done.stderr, url.split("/")[2])


def identify(
    root: Path, environment: Mapping[str, str], option: str | None = None, configured: str | None = None
) -> Fact[Repository]:
    """Return the repository that runs the pipeline: the best of CI's variables, option, configuration and remotes.

    Raises UsageError for an option, and ConfigError for a configured value, that names no repository.
    """
    asked = _asked(option, UsageError, "--repository")
    set_up = _asked(configured, ConfigError, "preflight.toml: `repository`")
    if running := _running(environment):
        return Known(Repository(running, Origin.ENVIRONMENT))
    if asked:
        return Known(Repository(asked, Origin.OPTION))
    if set_up:
        return Known(Repository(set_up, Origin.CONFIGURATION))
    match remotes(root):
        case Unknown() as unknown:
            return unknown
        case Known(found):
            return chosen(found)


# -- files ----------------------------------------------------------------------------------------


def _device_and_owner(folder: Path) -> tuple[int, int]:
    try:
        found = os.lstat(folder)
    except OSError:
        return -1, -1
    return found.st_dev, found.st_uid


def _user() -> int:
    return os.geteuid() if hasattr(os, "geteuid") else 0


def _text(folder: Path, name: str) -> str | None:
    """Return the text of a file of git; None where it is missing, leads out, or is no text of at most 1 MiB."""
    try:
        text = Files(folder).source(PurePosixPath(name)).text
    except (UnreadableError, UsageError):
        return None
    return None if "\0" in text else text


def _linked(top: Path) -> Fact[Checkout]:
    """Follow the `.git` file of a worktree or a submodule, if the place that it leads to knows this folder."""
    text = _text(top, ".git") or ""
    if not text.startswith("gitdir:"):
        return Unknown("`.git` is a file that names no folder")
    private = Path(os.path.realpath(top / text.removeprefix("gitdir:").strip("\r\n ")))
    common = _text(private, "commondir")
    if common is not None:
        back = _text(private, "gitdir") or ""
        if os.path.realpath(back.strip()) == os.path.realpath(top / ".git"):
            return Known(Checkout(top, private, Path(os.path.realpath(private / common.strip()))))
    elif any(private.is_relative_to(above / ".git" / "modules") for above in top.parents):
        return Known(Checkout(top, private, private))
    return Unknown("`.git` leads to a repository that does not know this folder")


def _settings(root: Path) -> Fact[tuple[Setting, ...]]:
    match find(root):
        case Unknown() as unknown:
            return unknown
        case Known(checkout):
            text = _text(checkout.common, "config")
    if text is None:
        return Unknown("`.git/config` cannot be read")
    settings = gitconfig.read(text)
    return Unknown("git would not read `.git/config` either") if settings is None else Known(settings)


# -- what else names the repository ---------------------------------------------------------------


def _running(environment: Mapping[str, str]) -> str | None:
    """Return the repository that GitHub Actions or GitLab CI names in the variables of the job."""
    if environment.get("GITHUB_ACTIONS") == "true":
        server = environment.get("GITHUB_SERVER_URL") or f"https://{GITHUB}"
        return _web(f"{server.rstrip('/')}/{environment.get('GITHUB_REPOSITORY', '')}")
    if environment.get("GITLAB_CI"):
        server, path = environment.get("CI_SERVER_URL", ""), environment.get("CI_PROJECT_PATH", "")
        return _web(environment.get("CI_PROJECT_URL") or f"{server.rstrip('/')}/{path}")
    return None


def _web(url: str) -> str | None:
    address = addresses.read(url)
    return address_on(host_of(address), address.path) if address and address.scheme in {"http", "https"} else None


def _asked(text: str | None, error: type[PreflightError], where: str) -> str | None:
    if text is None:
        return None
    address = addresses.read(text)
    url = address_on(host_of(address), address.path) if address else None
    if url is None:
        raise error(f"{where} does not name a repository: `{addresses.masked(text)}`", _EXPECTED)
    return url


# -- git itself -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Answer:
    """What git said; `good` where it ended well. `fault` is the first thing that it complained of."""

    good: bool
    text: str
    fault: str


def ask(checkout: Checkout, *words: str) -> Answer | None:
    """Let git read a repository, for at most a minute; None where git cannot be run.

    Nothing that the repository configures is run, and no server is asked: hooks, fsmonitor, pager, signature programs
    and transports are off (`facts/hostile-input.md` lists them). What filters files is the caller's to switch off.
    """
    place = (f"--git-dir={checkout.private}", f"--work-tree={checkout.top}")
    calm = [word for setting in _CALM for word in ("-c", setting)]
    return _run(checkout.top, ("--no-pager", *place, *calm, *words), _QUIET, _KEPT, _PATIENCE)


def tell(checkout: Checkout, *words: str) -> Answer | None:
    """Let git change a repository or its remote as its user set it up, with hooks; None where git cannot be run."""
    inherited = frozenset(name for name in os.environ if name.startswith("GIT_")) - _LOCAL
    return _run(checkout.top, words, {}, inherited, None)


def _run(
    top: Path, words: tuple[str, ...], extra: Mapping[str, str], kept: frozenset[str], seconds: float | None
) -> Answer | None:
    with _environment(kept):
        # GitPython looks for git when it is imported, and would raise where there is none.
        os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
        from git.cmd import Git
        from git.exc import GitCommandNotFound

        program = Git.GIT_PYTHON_GIT_EXECUTABLE or "git"
        try:
            status, out, fault = Git(top).execute(
                [program, *words],
                with_extended_output=True,
                with_exceptions=False,
                env=extra,
                kill_after_timeout=None if os.name == "nt" else seconds,
            )
        except (GitCommandNotFound, OSError):
            return None
    return Answer(status == 0, out, _first(fault))


def _first(fault: str) -> str:
    """Return what is wrong in one line, without the user names of addresses: a hook's own words, else git's."""
    lines = [line.strip() for line in fault.splitlines() if line.strip() and not line.startswith("hint:")]
    gits = [line.partition(": ")[2] for line in lines if line.startswith(_GITS)]
    others = [line for line in lines if not line.startswith(_GITS)]
    theirs = next((line for line in lines if line.startswith("remote: ")), "")
    if not theirs and others and gits and "hook" in gits[0]:
        theirs = f"{others[0]} ({gits[0]})"
    return re.sub(_USER, "://", next(iter([*filter(None, [theirs]), *gits, *others]), ""))


@contextmanager
def _environment(kept: frozenset[str]) -> Iterator[None]:
    """Take the variables that lead git elsewhere out of the environment for a while, as when a hook runs preflight."""
    taken = {name: value for name, value in os.environ.items() if name.startswith("GIT_") and name not in kept}
    for name in taken:
        if not name.startswith("GIT_PYTHON_"):
            del os.environ[name]
    try:
        yield
    finally:
        os.environ.update(taken)
