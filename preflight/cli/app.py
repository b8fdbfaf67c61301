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
  preflight check --format json | jq .summary  for programs
  preflight check -o markdown=report.md        a second report beside the first
\b
Silence one finding where it stands, with the reason:
  # preflight: ignore[unpinned-action] pinned by the organisation's policy
"""
PLAN_EPILOG = """\b
Examples:
  preflight plan                               readable, with the `npm trust` commands to type
  preflight plan --format json                 every field, for programs
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
ShowIgnored = Annotated[bool, typer.Option("--show-ignored", help="Show ignored findings, with the reason.")]
NoIgnores = Annotated[bool, typer.Option("--no-ignores", help="Let no ignore count.")]
NoAnnotations = Annotated[
    bool, typer.Option("--no-annotations", help="No annotations and no step summary in GitHub Actions.")
]
Words = Annotated[list[str], typer.Argument(metavar="RULE|ERROR", help="A rule's name, or a message of npm.")]
Schema = Annotated[
    str, typer.Option("--output", metavar="DOCUMENT", show_default=False, help="config (default), check, plan.")
]

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
    from preflight.cli.main import run

    given, code = slow(words)
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
    repository: Repository = None,
    package: Package = None,
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

    Reads the workflows, package.json and the settings of npm; offline, and without running anything.
    """
    _accept(context, "check", root)


@app.command(epilog=PLAN_EPILOG)
def plan(
    context: typer.Context,
    root: Root = "",
    repository: Repository = None,
    package: Package = None,
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
    repository: Repository = None,
    package: Package = None,
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
        if not value:
            continue
        if option.kind.bare:
            given[option.key] = ("true",) * int(value)
        else:
            given[option.key] = (value,) if option.kind is Kind.VALUE else tuple(value)
    context.ensure_object(list).append(Given(command, tuple(filter(None, arguments)), given))
