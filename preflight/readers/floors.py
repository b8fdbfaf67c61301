"""The oldest version of each tool that will do for provenance, and for trusted publishing.

The facts are dated 2026-11-21; each was found in the tool's own releases.
"""

from __future__ import annotations

from preflight.facts.ci import Tool
from preflight.facts.toolchain import TRUSTED_PUBLISHING, Version

PACKAGES = {
    Tool.PNPM: "pnpm",
    Tool.YARN: "yarn",
    Tool.BUN: "bun",
    Tool.LERNA: "lerna",
    Tool.LERNA_LITE: "@lerna-lite/cli",
    Tool.CHANGESETS: "@changesets/cli",
    Tool.SEMANTIC_RELEASE: "semantic-release",
    Tool.RELEASE_IT: "release-it",
    Tool.NP: "np",
    Tool.NX: "nx",
    Tool.RUSH: "@microsoft/rush",
    Tool.BEACHBALL: "beachball",
    Tool.AUTO: "auto",
    Tool.NPM_PUBLISH_ACTION: "@jsdevtools/npm-publish",
}
"""The package that holds each tool; npm is judged by itself."""
INSTALLED = frozenset(PACKAGES.values())
"""What counts where a command installs it for the whole machine."""

TRUSTED_SINCE = {
    Tool.NPM: TRUSTED_PUBLISHING,
    Tool.PNPM: Version(11),
    Tool.YARN: Version(4, 10),
    Tool.LERNA: Version(9),
    Tool.LERNA_LITE: Version(4, 9),
}
"""The first version of each program that exchanges an OIDC token for a publish token."""
TRUSTED_ON_CIRCLECI = Version(11, 11)
"""The first npm that does so on CircleCI."""

TRUSTED = {
    "pnpm": TRUSTED_SINCE[Tool.PNPM],
    "yarn": TRUSTED_SINCE[Tool.YARN],
    "lerna": TRUSTED_SINCE[Tool.LERNA],
    "@lerna-lite/cli": TRUSTED_SINCE[Tool.LERNA_LITE],
    "semantic-release": Version(25),
    "@semantic-release/npm": Version(13, 1),
    "np": Version(11),
    "@jsdevtools/npm-publish": Version(4),
    "js-devtools/npm-publish": Version(4),
    "changesets/action": Version(1, 7),
}
"""The first version of each package or action with which a job without a token can publish.

Sources: the releases of yarnpkg/berry (plugin-npm 3.3.0), lerna/lerna, lerna-lite/lerna-lite, semantic-release/npm
(13.1.0, which semantic-release 25 brings), sindresorhus/np and JS-DevTools/npm-publish (whose token is optional from 4
on); changesets/action#545 for the action, which wrote an undefined token before.
"""
REFUSES_WITHOUT_TOKEN = {
    "lerna": "E404 '<pkg>@<v>' is not in this registry",
    "changesets/action": "E404 '<pkg>@<v>' is not in this registry",
    "pnpm": "E404 '<pkg>@<v>' is not in this registry",
    "semantic-release": "ENONPMTOKEN",
    "@semantic-release/npm": "ENONPMTOKEN",
    "yarn": "YN0033 No authentication configured",
}
"""What is said where a version is too old for trusted publishing; the others say something of their own."""

PROVENANCE = {"yarn": Version(4, 9)}
"""The first version of each program that makes provenance; npm's own is another rule's business."""

NATIVE_PNPM = Version(11)
"""The first pnpm that publishes by itself instead of running npm."""
PNPM_BESIDE_REGISTRY_URL = Version(11, 1, 3)
"""The first pnpm that publishes by OIDC where setup-node wrote a token that nothing fills (pnpm/pnpm#11513)."""
PNPM_BUILD_METADATA = Version(11, 0, 9)
"""The first pnpm whose provenance of a version such as 1.0.0+5 the registry takes (pnpm/pnpm#11518)."""
PNPM_ON_GITLAB = Version(12, 9, 1)
"""The first pnpm whose provenance from GitLab the registry takes; 12.9.0 is the last that fails (pnpm/pnpm#16551)."""

SEMANTIC_RELEASE_NPM = {25: Version(11, 6, 2), 24: Version(10, 9, 3), 23: Version(10, 5, 0), 22: Version(10, 0, 0)}
"""The oldest npm that each semantic-release brings along, through @semantic-release/npm."""
