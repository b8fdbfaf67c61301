"""The dist-tag that a version gets from the command that sends it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from preflight.facts.ci import Tool
from preflight.facts.fact import Known, Unknown
from preflight.facts.login import Label
from preflight.facts.project import By
from preflight.readers import settings
from preflight.source.edits import Fix, Safety
from preflight.source.nodes import Scalar, find

if TYPE_CHECKING:
    from preflight.readers.sending import Sending
    from preflight.readers.walk import Sent
    from preflight.source.files import Files

BY_HAND = frozenset({Tool.NPM, Tool.PNPM, Tool.YARN, Tool.YARN_CLASSIC, Tool.BUN, Tool.NPM_PUBLISH_ACTION})
"""Tools that send the version of the package.json under the tag that they are given; the others choose both."""
_SETS_VERSION = (
    r"\b(?:npm|pnpm|yarn|lerna|changeset|bun) version\b|pkg set|--new-version|set-?version|\bbump|\bjq |\bsed "
    r"|version="
)
"""What a pipeline that gives the package another version looks like."""
_PLACEHOLDER = r"0\.0\.0-(?:dev|sem|placeholder|managed|generated|version|local|unreleased|replace|auto|ci)"
_WHOLE_RELEASE = r"v?[0-9]{1,9}\.[0-9]{1,9}\.[0-9]{1,9}-([0-9A-Za-z.-]{1,100})"


def label(sending: Sending, files: Files, sent: Sent) -> Label | None:
    """Return the tag of the version that is sent, with a remedy where it lacks one; None where no version is known.

    npm's order: command line, publishConfig, variable, .npmrc. `--force` skips npm's look at the tag.
    """
    version = sending.package.version if sending.package else None
    if version is None:
        return None
    automatic = sending.tool not in BY_HAND
    if automatic or (kind := prerelease(version)) is None or re.match(_PLACEHOLDER, version):
        return Label(Known(None, sent.at), automatic)
    said = (
        settings.flag(sent.deed.flags, "--tag")
        or _published(sending)
        or settings.npm_option("tag", sending, files)
        or settings.variable(sending.env, {"pnpm_config_tag", "PNPM_CONFIG_TAG"}.__contains__)
    )
    if said is not None:
        match said.value:
            case Known(text):
                return Label(Known(text, said.at), automatic=False)
            case Unknown():
                # Whoever works out a tag has thought of prereleases.
                return Label(Known(said.what, said.at), automatic=False)
    remedy = Fix(f"add `--tag {kind}`", Safety.UNSAFE)
    if settings.flag(sent.deed.flags, "--force", "-f") or settings.npm_option("force", sending, files):
        return Label(Unknown("`--force` may skip npm's look at the tag", sent.at), automatic=False)
    if (word := next((flag.name for flag in sent.deed.flags if flag.name.startswith("$")), None)) is not None:
        return Label(Unknown(f"`{sent.said(word)}` may hold `--tag`", sent.at), automatic=False)
    if _sets_version(sent):
        return Label(Unknown("the pipeline may set another version before", sent.at), automatic=False, remedy=remedy)
    return Label(Known(None, sent.at), automatic=False, remedy=remedy)


def prerelease(version: str) -> str | None:
    """Return the tag that suits a prerelease, `beta` for `1.0.0-beta.2` and `next` for `1.0.0-0`; None for others."""
    if "-" not in version:
        return None
    found = re.fullmatch(_WHOLE_RELEASE, version.partition("+")[0])
    if found is None:
        return None
    kind = found[1].split(".")[0].rstrip("0123456789-").lower()
    return kind if kind.isalpha() else "next"


def _published(sending: Sending) -> settings.Option | None:
    match find(sending.manifest, "publishConfig", "tag"):
        case Scalar(value=str(text)) as node if text:
            return settings.Option(By.PUBLISH_CONFIG, "`publishConfig.tag`", Known(text, node.at), node.at)
        case _:
            return None


def _sets_version(sent: Sent) -> bool:
    places = (sent.at, *(link.at for link in sent.via))
    # Of a package.json only the script that is run counts.
    texts = {at.source.line(at.line) if at.path.name == "package.json" else at.source.text for at in places}
    return any(map(_mentions, texts))


@lru_cache(maxsize=256)
def _mentions(text: str) -> bool:
    return re.search(_SETS_VERSION, text, re.IGNORECASE) is not None
