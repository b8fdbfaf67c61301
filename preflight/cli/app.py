"""The Typer application: help, mistakes, and every command line that the fast door leaves alone."""

from __future__ import annotations

# The functions below declare options for Typer, which reads their signatures; what was given is taken from the context.
from typing import TYPE_CHECKING, Annotated

import typer

from preflight.cli.settings import COMMANDS, Given, Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

HELP = """Say before the tag whether the next npm release will carry provenance.

\b
  preflight check                 what stands in the way of provenance, and how to fix it
  preflight plan                  which job publishes what, and what its provenance will say
  preflight tag --push            check, and make and push the tag only where nothing is wrong
  preflight verify --wait         after the publish: prove where and how it was built
  preflight history @acme/core    which versions have provenance, and which lost it
  preflight explain E422          the rule behind an error message of npm
"""
EPILOG = """\b
Exit codes: 0 passed, 1 findings, 2 usage or configuration, 3 inconclusive, 70 a bug.
Every option has an environment variable: PREFLIGHT_FAIL_ON=warning, PREFLIGHT_FORMAT=json, ...
Options that every command takes may stand before it: preflight --format json check
"""
CHECK_EPILOG = """\b
Examples:
  preflight check                              this folder, offline, nothing is run or written
  preflight check --fail-on warning --strict   the strictest gate for CI
  preflight check --select core                the prerequisites of provenance alone
  preflight check --package @acme/core         one package of a monorepo
  preflight check --online                     what the registry and the forge know, too
  preflight check --format json | jq .summary  for programs
  preflight check -o markdown=report.md        a second report beside the first
\b
Silence one finding where it stands, with the reason:
  # preflight: ignore[unpinned-action] pinned by the organisation's policy
"""
TAG_EPILOG = """\b
Examples:
  preflight tag                                the version of package.json, as this repository forms its tags
  preflight tag v2.4.0 --sign --push           a signed tag, pushed to the remote of the branch
  preflight tag --dry-run                      what would be tagged
"""
PLAN_EPILOG = """\b
Examples:
  preflight plan                               readable, with the `npm trust` commands to type
  preflight plan --format json                 every field, for programs
"""
VERIFY_EPILOG = """\b
Examples:
  preflight verify --wait                      the packages of this checkout, once the registry shows them
  preflight verify @acme/core@2.4.0 --wait 30m
  preflight verify @acme/pad --repo Acme/pad   a package of others: say yourself what you expect
  preflight verify --plan plan.json            field by field what `preflight plan --format json` foretold
  preflight verify --offline --bundle attestations.json --tarball core-2.4.0.tgz
\b
Exit codes: 0 verified, 1 not verified, 3 inconclusive: nobody answered, the wait ran out, or it is staged.
It proves where and how a package was built. It does not prove that its code is safe.
"""
HISTORY_EPILOG = """\b
Examples:
  preflight history @acme/core                 the last versions, and every change before them
  preflight history @acme/core --verify        check each signature, down to the transparency log
  preflight history @acme/core --since 2026-01-01 --fail-on drift
  preflight history @acme/core --format jsonl | jq -r 'select(.downgrade) | .version'
"""
EXPLAIN_EPILOG = """\b
Examples:
  preflight explain missing-id-token
  preflight explain E422
  preflight explain "Failed to validate repository information"
"""

Root = Annotated[str, typer.Argument(metavar="[ROOT]", help="The top of the repository; by default this folder.")]
Format = Annotated[
    str | None, typer.Option("--format", metavar="FORMAT", help="full, concise, json, github, markdown.")
]
TwoFormats = Annotated[str | None, typer.Option("--format", metavar="FORMAT", help="full, json.")]
RulesFormat = Annotated[str | None, typer.Option("--format", metavar="FORMAT", help="full, concise, json.")]
Output = Annotated[
    list[str] | None,
    typer.Option("-o", "--output", metavar="FORMAT=FILE", help="Write another report, `-` to the screen; repeatable."),
]
Colour = Annotated[str | None, typer.Option("--color", metavar="WHEN", help="auto, always, never.")]
Ascii = Annotated[bool, typer.Option("--ascii", help="Use no signs beyond ASCII.")]
NoProgress = Annotated[bool, typer.Option("--no-progress", help="Show no progress.")]
Quiet = Annotated[int, typer.Option("-q", "--quiet", count=True, show_default=False, help="Findings only.")]
Verbose = Annotated[
    int,
    typer.Option("-v", "--verbose", count=True, show_default=False, help="Every rule, every package; details of bugs."),
]
Configuration = Annotated[
    str | None, typer.Option("--config", metavar="FILE", help="Read this configuration and no other.")
]
NoConfig = Annotated[bool, typer.Option("--no-config", help="Read no configuration.")]
ExitZero = Annotated[bool, typer.Option("--exit-zero", help="Exit with 0 whatever is found.")]
Repository = Annotated[
    str | None, typer.Option("--repository", metavar="OWNER/REPO", help="The repository that runs the pipeline.")
]
Package = Annotated[
    list[str] | None, typer.Option("--package", metavar="NAME", help="Only this package; repeatable, or with commas.")
]
Online = Annotated[bool, typer.Option("--online", help="Ask the registry and the forge too; only names are sent.")]
Registry = Annotated[
    str | None, typer.Option("--registry", metavar="URL", help="With --online: ask this registry instead of npm's.")
]
Select = Annotated[
    list[str] | None,
    typer.Option(
        "--select", metavar="RULE", help="Only these rules or groups (core, all); repeatable, or with commas."
    ),
]
ExtendSelect = Annotated[
    list[str] | None, typer.Option("--extend-select", metavar="RULE", help="These rules or groups too.")
]
Ignore = Annotated[list[str] | None, typer.Option("--ignore", metavar="RULE", help="Not these rules or groups.")]
FailOn = Annotated[
    str | None, typer.Option("--fail-on", metavar="SEVERITY", help="error (default), warning, note, never.")
]
Strict = Annotated[bool, typer.Option("--strict", help="Exit with 3 where something cannot be told.")]
TrustList = Annotated[
    str | None,
    typer.Option("--trust-list", metavar="FILE", help="Compare with what `npm trust list --json` printed."),
]
ShowIgnored = Annotated[bool, typer.Option("--show-ignored", help="Show ignored findings, with the reason.")]
NoIgnores = Annotated[bool, typer.Option("--no-ignores", help="Let no ignore count.")]
NoAnnotations = Annotated[
    bool, typer.Option("--no-annotations", help="No annotations and no step summary in GitHub Actions.")
]
Tag = Annotated[str | None, typer.Option("--tag", metavar="TAG", help="Check a release with this tag, too.")]
NewTag = Annotated[
    str | None, typer.Argument(metavar="[TAG]", help="The tag; by default that of the version in package.json.")
]
Sign = Annotated[bool, typer.Option("-s", "--sign", help="Sign the tag, with git's own settings.")]
Message = Annotated[
    str | None, typer.Option("-m", "--message", metavar="TEXT", help="The tag's message; by default its name.")
]
Push = Annotated[bool, typer.Option("--push", help="Push the tag, and nothing else.")]
Remote = Annotated[
    str | None, typer.Option("--remote", metavar="NAME", help="Where to push; by default where the branch is pushed.")
]
DryRun = Annotated[bool, typer.Option("-n", "--dry-run", help="Make and push nothing; show what would be.")]
Words = Annotated[list[str], typer.Argument(metavar="RULE|ERROR", help="A rule's name, or a message of npm.")]
Schema = Annotated[
    str, typer.Option("--output", metavar="DOCUMENT", show_default=False, help="config (default), check, plan, ...")
]
Packages = Annotated[
    list[str] | None,
    typer.Argument(metavar="[NAME[@VERSION]]...", help="Packages; by default those that this checkout publishes."),
]
Folder = Annotated[
    str | None, typer.Option("--root", metavar="DIR", help="The top of the checkout; by default this folder.")
]
Wait = Annotated[
    str | None,
    typer.Option("--wait", metavar="[TIME]", help="Wait until the registry shows it: 30s, 10m (without a value), 1h."),
]
PlanFile = Annotated[
    str | None, typer.Option("--plan", metavar="FILE", help="Compare with what `preflight plan --format json` wrote.")
]
Repo = Annotated[
    str | None,
    typer.Option("--repo", "--repository", metavar="OWNER/REPO", help="It must be built from this repository, or URL."),
]
Commit = Annotated[str | None, typer.Option("--commit", metavar="SHA", help="It must be built from this commit.")]
Ref = Annotated[
    str | None, typer.Option("--ref", metavar="REF", help="It must be built from this ref, such as refs/tags/v2.4.0.")
]
WorkflowFile = Annotated[
    str | None,
    typer.Option("--workflow", metavar="FILE", help="It must be built by this top-level workflow; a name or a path."),
]
Signer = Annotated[
    str | None, typer.Option("--signer", metavar="FILE", help="The reusable workflow that must sign, where one does.")
]
OtherRegistry = Annotated[
    str | None, typer.Option("--registry", metavar="URL", help="Ask this registry instead of npm's.")
]
TrustedRoot = Annotated[
    str | None, typer.Option("--trusted-root", metavar="FILE", help="Trust this Sigstore root, and no other.")
]
NpmKeys = Annotated[
    str | None, typer.Option("--npm-keys", metavar="FILE", help="Trust these keys of the registry, and no others.")
]
TokenVariable = Annotated[
    str | None,
    typer.Option("--token-variable", metavar="NAME", help="Send --registry the token in this environment variable."),
]
Offline = Annotated[bool, typer.Option("--offline", help="Ask nobody: verify --bundle and --tarball.")]
BundleFile = Annotated[
    str | None,
    typer.Option("--bundle", metavar="FILE", help="With --offline: the attestations, as the registry serves them."),
]
TarballFile = Annotated[str | None, typer.Option("--tarball", metavar="FILE", help="With --offline: the tarball.")]
PackageName = Annotated[str, typer.Argument(metavar="NAME", help="A package on the registry.")]
EachVersion = Annotated[bool, typer.Option("--verify", help="Check the signatures of each version's provenance.")]
Every = Annotated[bool, typer.Option("--all", help="Show every version.")]
Since = Annotated[
    str | None, typer.Option("--since", metavar="DATE", help="Judge and show versions from this day on: 2026-01-01.")
]
HistoryFormat = Annotated[str | None, typer.Option("--format", metavar="FORMAT", help="full, json, jsonl.")]
HistoryFailOn = Annotated[
    str | None, typer.Option("--fail-on", metavar="CHANGE", help="downgrade (default), drift (either), none.")
]
PROVING = frozenset({"verify", "history"})
"""Commands that refuse empty values: an expectation from an unset variable must not silently become none."""

app = typer.Typer(
    name="preflight",
    help=HELP,
    epilog=EPILOG,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
settings_app = typer.Typer(help="Show the configuration, or the schema of a document.", no_args_is_help=True)
app.add_typer(settings_app, name="config")


def _show_version(wanted: bool) -> None:
    if wanted:
        from preflight import __version__

        typer.echo(f"preflight {__version__}")
        raise typer.Exit


def start(words: Sequence[str]) -> int:
    """Read a command line with Typer and run it; return the exit code."""
    from preflight.cli.durations import spelled_out
    from preflight.cli.main import run

    given, code = slow(spelled_out(words))
    return run(given) if given else code


def slow(words: Sequence[str]) -> tuple[Given | None, int]:
    """Read a command line with Typer; without a command to run, the exit code of the help or the complaint."""
    accepted: list[Given] = []
    try:
        app(list(words), prog_name="preflight", obj=accepted)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    else:
        code = 0
    return (accepted[0] if accepted and not code else None), code


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_show_version, help="Show the version and exit.")
    ] = False,
) -> None:
    """Stand before the commands."""


@app.command(epilog=CHECK_EPILOG)
def check(
    context: typer.Context,
    root: Root = "",
    select: Select = None,
    extend_select: ExtendSelect = None,
    ignore: Ignore = None,
    fail_on: FailOn = None,
    strict: Strict = False,
    trust_list: TrustList = None,
    repository: Repository = None,
    package: Package = None,
    online: Online = False,
    registry: Registry = None,
    tag: Tag = None,
    show_ignored: ShowIgnored = False,
    no_ignores: NoIgnores = False,
    format: Format = None,
    output: Output = None,
    no_annotations: NoAnnotations = False,
    color: Colour = None,
    ascii: Ascii = False,
    no_progress: NoProgress = False,
    quiet: Quiet = 0,
    verbose: Verbose = 0,
    config: Configuration = None,
    no_config: NoConfig = False,
    exit_zero: ExitZero = False,
) -> None:
    """Check whether the next release will carry provenance.

    Reads the workflows, package.json and the settings of npm; offline unless `--online`, and without running anything.
    """
    _accept(context, "check", root)


@app.command(epilog=TAG_EPILOG)
def tag(
    context: typer.Context,
    tag: NewTag = None,
    sign: Sign = False,
    message: Message = None,
    push: Push = False,
    remote: Remote = None,
    dry_run: DryRun = False,
    select: Select = None,
    extend_select: ExtendSelect = None,
    ignore: Ignore = None,
    fail_on: FailOn = None,
    strict: Strict = False,
    trust_list: TrustList = None,
    repository: Repository = None,
    package: Package = None,
    online: Online = False,
    registry: Registry = None,
    show_ignored: ShowIgnored = False,
    no_ignores: NoIgnores = False,
    format: Format = None,
    output: Output = None,
    no_annotations: NoAnnotations = False,
    color: Colour = None,
    ascii: Ascii = False,
    no_progress: NoProgress = False,
    quiet: Quiet = 0,
    verbose: Verbose = 0,
    config: Configuration = None,
    no_config: NoConfig = False,
    exit_zero: ExitZero = False,
) -> None:
    """Check everything, and tag the release only where nothing is wrong.

    The tag is annotated, and made as git makes it here, with its hooks. Run it at the top of the repository.
    """
    # An empty word is a mistake, such as an unset variable, and not the wish for the default.
    _accept(context, "tag", *([] if tag is None else [tag or " "]))


@app.command(epilog=PLAN_EPILOG)
def plan(
    context: typer.Context,
    root: Root = "",
    repository: Repository = None,
    package: Package = None,
    online: Online = False,
    registry: Registry = None,
    format: TwoFormats = None,
    output: Output = None,
    color: Colour = None,
    ascii: Ascii = False,
    no_progress: NoProgress = False,
    quiet: Quiet = 0,
    verbose: Verbose = 0,
    config: Configuration = None,
    no_config: NoConfig = False,
    exit_zero: ExitZero = False,
) -> None:
    """Show what will be published, and from which job.

    Names the npm, the runner and the credential of each job, who turns provenance on, and the `npm trust` commands.
    """
    _accept(context, "plan", root)


@app.command(epilog=VERIFY_EPILOG)
def verify(
    context: typer.Context,
    packages: Packages = None,
    wait: Wait = None,
    repository: Repo = None,
    commit: Commit = None,
    ref: Ref = None,
    workflow: WorkflowFile = None,
    signer: Signer = None,
    plan: PlanFile = None,
    root: Folder = None,
    registry: OtherRegistry = None,
    trusted_root: TrustedRoot = None,
    npm_keys: NpmKeys = None,
    token_variable: TokenVariable = None,
    offline: Offline = False,
    bundle: BundleFile = None,
    tarball: TarballFile = None,
    ignore: Ignore = None,
    fail_on: FailOn = None,
    show_ignored: ShowIgnored = False,
    no_ignores: NoIgnores = False,
    format: Format = None,
    output: Output = None,
    no_annotations: NoAnnotations = False,
    color: Colour = None,
    ascii: Ascii = False,
    no_progress: NoProgress = False,
    quiet: Quiet = 0,
    verbose: Verbose = 0,
    config: Configuration = None,
    no_config: NoConfig = False,
    exit_zero: ExitZero = False,
) -> None:
    """Prove that a published version was built from this repository, by this workflow, on a hosted runner.

    Checks the tarball, the attestations, the certificate and the transparency log, and compares who built it with
    what this checkout, its configuration and the options say. Nothing is installed and nothing is run.
    """
    # As for `tag`: an empty word is a mistake.
    _accept(context, "verify", *(word or " " for word in packages or ()))


@app.command(epilog=HISTORY_EPILOG)
def history(
    context: typer.Context,
    name: PackageName,
    verify: EachVersion = False,
    all: Every = False,
    since: Since = None,
    history_fail_on: HistoryFailOn = None,
    registry: OtherRegistry = None,
    trusted_root: TrustedRoot = None,
    npm_keys: NpmKeys = None,
    token_variable: TokenVariable = None,
    format: HistoryFormat = None,
    output: Output = None,
    color: Colour = None,
    ascii: Ascii = False,
    no_progress: NoProgress = False,
    quiet: Quiet = 0,
    verbose: Verbose = 0,
    config: Configuration = None,
    no_config: NoConfig = False,
    exit_zero: ExitZero = False,
) -> None:
    """Show how much trust each published version has, and where it was lost.

    A version with less trust than an earlier one is a downgrade, which pnpm refuses with `trustPolicy: no-downgrade`.
    Drift is another repository, workflow, runner or publisher than before.
    """
    _accept(context, "history", name or " ")


@app.command(epilog=EXPLAIN_EPILOG)
def explain(
    context: typer.Context,
    words: Words,
    format: TwoFormats = None,
    output: Output = None,
    color: Colour = None,
    ascii: Ascii = False,
    no_progress: NoProgress = False,
    quiet: Quiet = 0,
    verbose: Verbose = 0,
    config: Configuration = None,
    no_config: NoConfig = False,
    exit_zero: ExitZero = False,
) -> None:
    """Explain a rule, or the rule behind an error message of npm."""
    _accept(context, "explain", *words)


@app.command()
def rules(
    context: typer.Context,
    format: RulesFormat = None,
    output: Output = None,
    color: Colour = None,
    ascii: Ascii = False,
    no_progress: NoProgress = False,
    quiet: Quiet = 0,
    verbose: Verbose = 0,
    config: Configuration = None,
    no_config: NoConfig = False,
    exit_zero: ExitZero = False,
) -> None:
    """List all rules."""
    _accept(context, "rules")


@settings_app.command()
def show(
    context: typer.Context,
    root: Root = "",
    select: Select = None,
    extend_select: ExtendSelect = None,
    ignore: Ignore = None,
    fail_on: FailOn = None,
    strict: Strict = False,
    trust_list: TrustList = None,
    repository: Repository = None,
    package: Package = None,
    online: Online = False,
    registry: Registry = None,
    show_ignored: ShowIgnored = False,
    no_ignores: NoIgnores = False,
    format: Format = None,
    output: Output = None,
    no_annotations: NoAnnotations = False,
    color: Colour = None,
    ascii: Ascii = False,
    no_progress: NoProgress = False,
    quiet: Quiet = 0,
    verbose: Verbose = 0,
    config: Configuration = None,
    no_config: NoConfig = False,
    exit_zero: ExitZero = False,
) -> None:
    """Show every setting and where it comes from."""
    _accept(context, "config", "show", *filter(None, [root]))


@settings_app.command()
def schema(context: typer.Context, output: Schema = "config") -> None:
    """Print a JSON Schema, of preflight.toml or of a report."""
    context.ensure_object(list).append(Given("config", ("schema", output)))


def _accept(context: typer.Context, command: str, *arguments: str) -> None:
    """Note down what was given, so that it runs outside of Typer, which would change the exit codes of errors."""
    given = {}
    for option in COMMANDS[command]:
        value = context.params.get(option.key.replace("-", "_"))
        if not value and not (value == "" and command in PROVING):
            continue
        if option.kind.bare:
            given[option.key] = ("true",) * int(value)
        else:
            given[option.key] = (value,) if option.kind is Kind.VALUE else tuple(value)
    context.ensure_object(list).append(Given(command, tuple(filter(None, arguments)), given))
