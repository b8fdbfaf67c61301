"""One run of `check`, as every report shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.engine import Judged, Verdict, count, exit_code
from preflight.errors import Exit
from preflight.facts.ci import System
from preflight.facts.fact import Known
from preflight.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable

    from preflight.engine import Result, Summary
    from preflight.facts.ci import Job
    from preflight.facts.project import Project
    from preflight.finding import Severity
    from preflight.rulebook import Rule

SYSTEMS = {System.GITHUB: "GitHub", System.GITLAB: "GitLab", System.CIRCLECI: "CircleCI"}
"""How messages name the CI systems."""
PUBLISHING = "when you publish"
INSTALLING = "when others install"
CONSUMERS = ("ERR_PNPM_",)
"""How messages begin that the maintainer never sees, but those who install the package."""


@dataclass(frozen=True, slots=True)
class Group:
    """A finding, and those that say the same about other packages."""

    rule: Rule
    first: Judged
    others: tuple[Judged, ...] = ()
    prevents: str | None = None
    """The message of npm that nobody will see if this is put right."""

    @property
    def also(self) -> str:
        """How many more packages it is the same in, such as `the same in 2 more packages`; empty for none."""
        number = len(self.others)
        return f"the same in {number} more package{'s' if number > 1 else ''}" if number else ""

    @property
    def kind(self) -> str:
        """`error`, `warning`, `note`, or `unsure`."""
        return self.first.severity if self.first.finding.sure else "unsure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What was found, and what decides how it is shown."""

    results: tuple[Result, ...]
    project: Project
    version: str
    root: str = "."
    fail_on: Severity | None
    strict: bool = False
    show_ignored: bool = False
    quiet: int = 0
    verbose: int = 0
    seconds: float | None = None
    narrowed: bool = False
    """Whether some rules were not asked because the user did not want them."""
    tag_pattern: str | None = None
    """How the release is tagged, where the user says so, such as `v{version}`."""
    verifies: bool = False
    """Whether preflight can prove a publish, so that it may be proposed."""
    prefix: str = ""
    """The way from the CI workspace to the project's root, with a final slash; annotations need it."""

    @property
    def summary(self) -> Summary:
        """How many findings there are of each kind."""
        return count(self.results)

    @property
    def code(self) -> Exit:
        """How the run ends."""
        return exit_code(self.results, fail_on=self.fail_on, strict=self.strict)

    @property
    def crashed(self) -> tuple[Result, ...]:
        """The rules with a bug."""
        return tuple(result for result in self.results if result.crashed)

    @property
    def passed(self) -> int:
        """How many rules have nothing to object to."""
        return sum(result.verdict is Verdict.PASSED for result in self.results)

    @property
    def idle(self) -> bool:
        """Whether nothing is published, so that a rule that passed says nothing."""
        return not self.project.jobs or _sends_nothing(self.project)

    @property
    def asked(self) -> int:
        """How many rules were asked."""
        return sum(result.verdict is not Verdict.SKIPPED for result in self.results)

    def groups(self) -> tuple[Group, ...]:
        """Return the findings to show: the worst first, unsure ones last, those alike in many packages together."""
        found = [
            Group(result.rule, first, tuple(others), prevents(result.rule, first, self.project))
            for result in self.results
            for first, *others in _alike(result.findings if self.show_ignored else result.counted)
        ]
        return tuple(sorted(found, key=_weight))

    @property
    def tally(self) -> str:
        """The summary in words, such as `2 errors, 1 warning`; empty where nothing was found."""
        summary = self.summary
        parts = (
            _plural(summary.error, "error"),
            _plural(summary.warning, "warning"),
            _plural(summary.note, "note"),
            f"{summary.unsure} unsure" if summary.unsure else "",
            f"{summary.ignored} ignored" if summary.ignored else "",
        )
        return ", ".join(filter(None, parts))

    @property
    def verdict(self) -> str:
        """The result in one short sentence."""
        if self.crashed:
            return "preflight has a bug and could not check everything."
        if self.code is Exit.FINDINGS or self.summary.error:
            return "Not ready to tag."
        if self.code is Exit.INCONCLUSIVE:
            return "Cannot tell whether it is ready to tag."
        if not self.project.jobs:
            return "Nothing to check."
        if _sends_nothing(self.project):
            return "Nothing to check: no package was found that would be published."
        if not self.asked:
            return "Nothing was checked: no rule was asked."
        if self.summary.unsure:
            return "Ready to tag, as far as the files tell."
        return "Ready to tag, as far as it was checked." if self.narrowed else "Ready to tag."

    @property
    def ready(self) -> bool:
        """Whether the verdict is that the release can be tagged."""
        return self.verdict.startswith("Ready")

    @property
    def conclusion(self) -> str:
        """The verdict and what was found, such as `Ready to tag, with 2 warnings.`."""
        if not self.tally:
            return self.verdict
        if self.ready:
            return f"{self.verdict.removesuffix('.')}, with {self.tally}."
        return f"{self.verdict} {self.tally}"


def job_of(judged: Judged, project: Project | None) -> Job | None:
    """Return the job that a finding is about."""
    name = judged.finding.job
    return next((job for job in project.jobs if job.name == name), None) if name and project else None


def prevents(rule: Rule, judged: Judged, project: Project | None) -> str | None:
    """Return the message of npm that a finding foretells; of several, the first that fits the CI system."""
    if judged.finding.prevents is not None:
        return judged.finding.prevents or None
    job = job_of(judged, project)
    others = {word for system, word in SYSTEMS.items() if job and system is not job.system}
    fitting = [message for message in rule.prevents if not any(word in message for word in others)]
    return next(iter(fitting or rule.prevents), None)


def moment(message: str) -> str:
    """Return when a message will be seen."""
    return INSTALLING if message.startswith(CONSUMERS) else PUBLISHING


def _sends_nothing(project: Project) -> bool:
    """Return whether every publish site is known to find no package, as in a folder without a package.json."""
    found = [site.packages for job in project.jobs for site in job.sites]
    return all(isinstance(packages, Known) and not packages.value for packages in found)


def _plural(number: int, word: str) -> str:
    return f"{number} {word}{'s' if number > 1 else ''}" if number else ""


def _weight(group: Group) -> tuple[bool, bool, int, bool]:
    return (
        group.first.ignored is not None,
        not group.first.finding.sure,
        group.first.severity.rank,
        not group.rule.core,
    )


def _alike(found: Iterable[Judged]) -> Iterable[list[Judged]]:
    alike: dict[tuple[object, ...], list[Judged]] = {}
    for number, judged in enumerate(found):
        alike.setdefault(_sameness(judged, number), []).append(judged)
    return alike.values()


def _sameness(judged: Judged, number: int) -> tuple[object, ...]:
    finding = judged.finding
    if not finding.package:
        return (number,)
    message = finding.message.replace(finding.package, "")
    return message, finding.sure, judged.severity, finding.job, judged.ignored is None
