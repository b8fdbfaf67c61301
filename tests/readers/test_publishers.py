"""What single commands do, idiom by idiom, each with the neighbours that do something else."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preflight.facts.ci import Tool
from preflight.readers import publishers, publishing_actions
from preflight.readers.flags import Grammar, parse
from preflight.readers.npm_cli import command_name
from preflight.readers.pipeline import (
    Build,
    Chosen,
    Configure,
    Deed,
    Everything,
    Fetch,
    Filtered,
    Flag,
    Here,
    InstallAll,
    InstallNpm,
    InstallTool,
    Path,
    Publish,
    RunFile,
    RunScript,
    Selection,
    UseNode,
)
from preflight.readers.shell import Command, Redirect, Word
from preflight.source.text import Source

TOKEN = re.compile(r"""(?:"[^"]*"|'[^']*'|\$\{\{.*?\}\}|\$\([^)]*\)|[^\s"'])+""")


def command(text: str, stdin: str | None = None) -> Command:
    """Split a simple command into words, as a shell would."""
    words: list[Word] = []
    redirects: list[Redirect] = []
    operator = ""
    for found in TOKEN.finditer(text):
        raw = found.group()
        bare = re.sub(r"\"([^\"]*)\"|'([^']*)'", lambda quoted: quoted[1] or quoted[2] or "", raw)
        word = Word(bare, found.start(), found.end(), known="$" not in re.sub(r"'[^']*'", "", raw))
        if raw in {">", ">>"}:
            operator = raw
        elif operator:
            redirects.append(Redirect(operator, word))
            operator = ""
        else:
            words.append(word)
    return Command(tuple(words), 0, len(text), redirects=tuple(redirects), stdin=stdin)


def read(text: str, stdin: str | None = None) -> tuple[Deed, ...]:
    """Return the deeds of one command."""
    return publishers.deeds(command(text, stdin), Source(PurePosixPath("release.sh"), text).at)


def whom(selection: Selection) -> str:
    """Spell a selection."""
    match selection:
        case Here():
            return "here"
        case Path(word):
            return shown(word)
        case Filtered(patterns):
            return "[" + ",".join(shown(word) for word in patterns) + "]"
        case Everything():
            return "all"
        case Chosen():
            return "chosen"


def shown(word: Word | None) -> str:
    """Spell a word; a question mark marks what is not known."""
    return "-" if word is None else word.text + ("" if word.known else "?")


def flag(item: Flag) -> str:
    """Spell an option."""
    return item.name if item.value is None else f"{item.name}={shown(item.value)}"


def told(deed: Deed) -> str:
    """Spell a deed in one line."""
    match deed:
        case Publish(tool, selection):
            version = f"@{shown(deed.version)}" if deed.version else ""
            parts = [f"{tool}{version}", "stages" if deed.staged else "publishes", whom(selection)]
            parts += [flag(item) for item in deed.flags]
            parts += [f"in {deed.cwd}"] if deed.cwd else []
            parts += [f"by {deed.runner}"] if deed.runner else []
        case RunScript(name, selection):
            parts = [deed.runner, "runs", name, whom(selection), *map(shown, deed.arguments)]
            parts += [f"in {deed.cwd}"] if deed.cwd else []
        case RunFile(word, program, arguments):
            parts = [program or "itself", "file", shown(word), *map(shown, arguments)]
        case InstallNpm(spec, by):
            parts = [by, "installs npm", shown(spec)]
        case InstallTool(name, spec):
            parts = ["installs", name, shown(spec)]
        case InstallAll(manager):
            frozen = {True: "all, frozen", False: "all, not frozen", None: "all"}[deed.frozen]
            parts = [manager, "installs", frozen]
            parts += [] if deed.scripts else ["without scripts"]
            parts += ["without lockfile"] if deed.lockless else []
            parts += [f"in {deed.cwd}"] if deed.cwd else []
        case UseNode(spec, by):
            parts = [by, "uses node", shown(spec)]
        case Configure(name, value, where):
            parts = [where, "sets", f"{name}={shown(value)}"]
        case Fetch(_, release):
            parts = ["fetches", "release" if release else "other"]
        case Build():
            parts = ["builds"]
    return " ".join(parts)


NPM = [
    ("npm publish", "npm publishes here"),
    ("npm publish .", "npm publishes here"),
    ("npm publish ./dist", "npm publishes ./dist"),
    ("npm publish dist", "npm publishes dist"),
    ("npm publish -- ./dist", "npm publishes ./dist"),
    ("npm publish --tag next ./dist --access=public", "npm publishes ./dist --tag=next --access=public"),
    ("npm publish --provenance", "npm publishes here --provenance"),
    ("npm publish --provenance ./x.tgz", "npm publishes ./x.tgz --provenance"),
    ("npm publish --provenance false", "npm publishes here --provenance=false"),
    ("npm publish --provenance=false", "npm publishes here --provenance=false"),
    ("npm publish --no-provenance", "npm publishes here --no-provenance"),
    ("npm publish --tag --provenance", "npm publishes here --tag --provenance"),
    ("npm publish --frobnicate x", "npm publishes x --frobnicate"),
    ("npm --workspace a publish", "npm publishes [a] --workspace=a"),
    ("npm publish -w a -w b", "npm publishes [a,b] --workspace=a --workspace=b"),
    ("npm publish -ws", "npm publishes all --workspaces"),
    ("npm publish --workspaces --include-workspace-root", "npm publishes all --workspaces --include-workspace-root"),
    ("npm publish ./dist -w a", "npm publishes ./dist --workspace=a"),
    ("npm publish . -w a", "npm publishes [a] --workspace=a"),
    ("npm --prefix dist publish", "npm publishes here --prefix=dist"),
    ("npm publish -fg", "npm publishes here --force --global"),
    ("npm publish --loglevel verbose", "npm publishes here --loglevel=verbose"),
    ("npm pub", "npm publishes here"),
    ("npm publ --regist https://npm.example", "npm publishes here --registry=https://npm.example"),
    ("npm stage publish --tag x", "npm stages here --tag=x"),
    ('npm publish "$TARBALL"', "npm publishes $TARBALL?"),
    ("npm publish $PUBLISH_ARGS", "npm publishes here $PUBLISH_ARGS=$PUBLISH_ARGS?"),
    ("npm publish $publishFlags ./dist", "npm publishes ./dist $publishFlags=$publishFlags?"),
    ("npm $X publish", "npm publishes here $X=$X?"),
    ("npm publish --tag=$TAG", "npm publishes here --tag=$TAG?"),
    ("npm publish --dry-run=$DRY", "npm publishes here --dry-run=$DRY?"),
    ("npm publish --dry-run=false", "npm publishes here --dry-run=false"),
    ("npm publish --no-dry-run", "npm publishes here --no-dry-run"),
    ("/usr/local/bin/npm publish", "npm publishes here"),
    ("npm.cmd publish", "npm publishes here"),
    ("npm publish --dry-run",),
    ("npm publish --dry",),
    ("npm --dry-run publish",),
    ("npm publish --dry-run true",),
    ("npm publish --no-dry-run=false",),
    ("npm publish --help",),
    ("npm unpublish a@1",),
    ("npm stage list",),
    ("npm stage",),
    ("npm pack",),
    ("npm pack ./dist",),
    ("npm dist-tag add a@1 latest",),
    ("npm pkg set publishConfig.access=public",),
    ("npm -v",),
    ("npm",),
    ("npm $COMMAND",),
    ("npm ci", "npm installs all, frozen"),
    ("npm cit", "npm installs all, frozen"),
    ("npm i", "npm installs all"),
    ("npm install --no-audit", "npm installs all"),
    ("npm install --ignore-scripts", "npm installs all without scripts"),
    ("npm install --no-package-lock", "npm installs all without lockfile"),
    ("npm --prefix docs install", "npm installs all in docs"),
    ("npm install --package-lock-only",),
    ("npm install --dry-run",),
    ("npm install widgets",),
    ("npm install $PACKAGE",),
    ("npm p",),
    ('echo "npm publish"',),
    ("git push",),
]
SCRIPTS = [
    ("npm run release", "npm runs release here"),
    ("npm run-script release", "npm runs release here"),
    ("npm rum release", "npm runs release here"),
    ("npm run release -w a -- --foo bar", "npm runs release [a] --foo bar"),
    ("npm run release --workspaces", "npm runs release all"),
    ("npm --prefix packages/a run release", "npm runs release here in packages/a"),
    ("npm -C packages/a run release", "npm runs release here in packages/a"),
    ("npm test", "npm runs test here"),
    ("npm t", "npm runs test here"),
    ("npm start", "npm runs start here"),
    ("npm version patch", "npm runs preversion here", "npm runs postversion here"),
    ("npm version patch --ignore-scripts",),
    ("npm version",),
    ("npm run",),
    ("pnpm run release --x", "pnpm runs release here --x"),
    ("pnpm release --x", "pnpm runs release here --x"),
    ("pnpm --filter a release", "pnpm runs release [a]"),
    ("pnpm run --filter a -r release", "pnpm runs release [a]"),
    ("pnpm -r release", "pnpm runs release all"),
    ("pnpm -C a run release", "pnpm runs release here in a"),
    ("pnpm test", "pnpm runs test here"),
    ("pnpm run",),
    ("yarn release a", "yarn runs release here a"),
    ("yarn run release", "yarn runs release here"),
    ("yarn workspace a release", "yarn runs release [a]"),
    ("yarn workspaces run release x", "yarn runs release all x"),
    ("yarn workspaces foreach -A run release", "yarn runs release all"),
    ("yarn --cwd a release", "yarn runs release here in a"),
    ("yarn release-tool publish", "yarn runs release-tool here publish"),
    ("bun run release", "bun runs release here"),
    ("bun release x", "bun runs release here x"),
    ("bun run --filter a release", "bun runs release [a]"),
    ("bun run --workspaces release", "bun runs release all"),
    ("node --run release -- --x", "node runs release here --x"),
    ("turbo run build publish --filter=a", "turbo runs build [a]", "turbo runs publish [a]"),
    ("turbo publish --cwd x -- --y", "turbo runs publish all --y in x"),
    ("turbo run a#publish", "turbo runs publish all"),
    ("turbo login",),
    ("turbo run publish --dry-run",),
    ("turbo",),
    ("lage publish --to a", "lage runs publish [a]"),
    ("lage run publish", "lage runs publish all"),
    ("wsrun -p a publish --x", "wsrun runs publish [a]"),
    (
        "npm-run-all a 'b -- --c' publish:*",
        *(f"npm-run-all runs {name}" for name in ("a here", "b here --c", "publish:* here")),
    ),
    ("run-s --silent a", "npm-run-all runs a here"),
    ('concurrently -n x,y "npm:publish-*" "pnpm:b -- --c"', "npm runs publish-* here", "pnpm runs b here --c"),
    ("vp run publish", "vp runs publish here"),
    ("vp run -r publish", "vp runs publish all"),
    ("vp run --filter a publish", "vp runs publish [a]"),
    ("vp",),
    ("vp run",),
    ("lerna run publish --scope a", "lerna runs publish [a]"),
    ("nx run-many -t publish,build", "nx runs publish all", "nx runs build all"),
    ("nx run-many -t publish build", "nx runs publish all", "nx runs build all"),
    ("nx affected --target=publish", "nx runs publish all"),
    ("nx run a:publish:ci", "nx runs publish [a]"),
    ("nx publish a", "nx runs publish [a]"),
    ("nx graph a",),
    ("nx",),
    ("nx run-many -t publish --dry-run",),
]
PNPM = [
    ("pnpm publish --no-git-checks", "pnpm publishes here --no-git-checks"),
    ("pnpm -r publish", "pnpm publishes all --recursive"),
    ("pnpm install", "pnpm installs all"),
    ("pnpm -r i", "pnpm installs all"),
    ("pnpm i --frozen-lockfile", "pnpm installs all, frozen"),
    ("pnpm ci", "pnpm installs all, frozen"),
    ("pnpm install --no-frozen-lockfile", "pnpm installs all, not frozen"),
    ("pnpm install --frozen-lockfile=false", "pnpm installs all, not frozen"),
    ("pnpm install --fix-lockfile", "pnpm installs all, not frozen"),
    ("pnpm -C docs install --ignore-scripts", "pnpm installs all without scripts in docs"),
    ("pnpm install --no-lockfile", "pnpm installs all without lockfile"),
    ("pnpm install --lockfile-only",),
    ("pnpm install widgets",),
    ("pnpm publish -r --filter b", "pnpm publishes [b] --recursive --filter=b"),
    ("pnpm --filter ./a --filter=!b publish", "pnpm publishes [./a,!b] --filter=./a --filter=!b"),
    ("pnpm -F a publish", "pnpm publishes [a] --filter=a"),
    ("pnpm recursive publish", "pnpm publishes all --recursive"),
    ("pnpm -C x publish", "pnpm publishes here --dir=x in x"),
    ("pnpm publish ./dist --tag x", "pnpm publishes ./dist --tag=x"),
    ("pnpm stage publish", "pnpm stages here"),
    ("pnpm with 11 publish", "pnpm@11 publishes here"),
    ("pn publish", "pnpm publishes here"),
    ("pnpm exec npm publish", "npm publishes here by pnpm exec"),
    ("pnpm -r exec npm publish", "npm publishes all by pnpm exec"),
    ("pnpm --filter a exec npm publish ./x", "npm publishes ./x by pnpm exec"),
    ("pnpm dlx npm@11 publish", "npm@11 publishes here by pnpm dlx"),
    ("pnpm --package=npm@11 dlx npm publish", "npm@11 publishes here by pnpm dlx"),
    ("pnpx npm@11 publish", "npm@11 publishes here by pnpm dlx"),
    ("pnpm changeset publish", "pnpm runs changeset here publish", "changesets publishes chosen by pnpm exec"),
    ("pnpm --dir a lerna publish", "pnpm runs lerna here publish in a", "lerna publishes chosen in a by pnpm exec"),
    ("pnpm publish --dry-run",),
    ("pnpm stage list",),
    ("pnpm unpublish a",),
    ("pnpm pack",),
    ("pnpm exec",),
    ("pnpm dlx",),
    ("pnpm -v",),
    ("pnpm $X",),
    ("pnpm",),
]
YARN = [
    ("yarn npm publish", "yarn publishes here"),
    ("yarn npm publish --access public --tag x", "yarn publishes here --access=public --tag=x"),
    ("yarn workspace a npm publish", "yarn publishes [a]"),
    ("yarn workspaces foreach -Apt --no-private npm publish", "yarn publishes all"),
    ("yarn workspaces foreach --include a --include b npm publish", "yarn publishes [a,b]"),
    ("yarn workspaces foreach -A exec npm publish", "npm publishes all by yarn exec"),
    (
        "yarn publish --new-version 1.2.3",
        "yarn runs publish here --new-version 1.2.3",
        "yarn-classic publishes here --new-version=1.2.3",
    ),
    ("yarn publish ./dist", "yarn runs publish here ./dist", "yarn-classic publishes ./dist"),
    ("yarn --cwd a publish", "yarn runs publish here in a", "yarn-classic publishes here --cwd=a in a"),
    ("yarn workspace a publish", "yarn runs publish [a]", "yarn-classic publishes [a]"),
    ("yarn lerna publish", "yarn runs lerna here publish", "lerna publishes chosen by yarn"),
    ("yarn run changeset publish", "yarn runs changeset here publish", "changesets publishes chosen by yarn"),
    ("yarn dlx npm@11 publish", "npm@11 publishes here by yarn dlx"),
    ("yarn dlx -p npm@11 npm publish", "npm@11 publishes here by yarn dlx"),
    ("yarn exec npm publish", "npm publishes here by yarn exec"),
    ("yarn cross-env A=1 npm publish", "yarn runs cross-env here A=1 npm publish", "npm publishes here by yarn"),
    ("yarn node release.mjs --x", "node file release.mjs --x"),
    ("yarn npm publish --dry-run",),
    ("yarn npm publish -n",),
    ("yarn npm whoami",),
    ("yarn npm",),
    ("yarn workspaces foreach --dry-run npm publish",),
    ("yarn workspaces foreach",),
    ("yarn workspaces list",),
    ("yarn workspace a",),
    ("yarn exec",),
    ("yarn pack",),
    ("yarn install --immutable", "yarn installs all, frozen"),
    ("yarn --frozen-lockfile", "yarn installs all, frozen"),
    ("yarn install --no-immutable", "yarn installs all, not frozen"),
    ("yarn install --mode=skip-build", "yarn installs all without scripts"),
    ("yarn install --network-timeout 600000", "yarn installs all"),
    ("yarn install --no-lockfile", "yarn installs all without lockfile"),
    ("yarn install --mode=update-lockfile",),
    ("yarn --version",),
    ("yarn", "yarn installs all"),
]
BUN = [
    ("bun publish", "bun publishes here"),
    ("bun publish ./x.tgz --access public", "bun publishes ./x.tgz --access=public"),
    ("bun --cwd a publish", "bun publishes here --cwd=a in a"),
    ("bunx npm@11 publish", "npm@11 publishes here by bunx"),
    ("bun x changeset publish", "changesets publishes chosen by bunx"),
    ("bun run lerna publish", "bun runs lerna here publish", "lerna publishes chosen by bun"),
    ("bun run x.ts --y", "bun file x.ts --y"),
    ("bun ./x.ts", "bun file ./x.ts"),
    ("bun build x.ts", "builds"),
    ("bun publish --dry-run",),
    ("bun install", "bun installs all"),
    ("bun i --frozen-lockfile", "bun installs all, frozen"),
    ("bun install --production", "bun installs all, frozen"),
    ("bun ci", "bun installs all, frozen"),
    ("bun install widgets",),
    ("bun add",),
    ("bun run",),
    ("bun",),
    ("bun pm pack",),
]
RUNNERS = [
    ("npx npm@11 publish", "npm@11 publishes here by npx"),
    ("npx -y npm@latest publish --provenance", "npm@latest publishes here --provenance by npx"),
    ("npx npm@$V publish", "npm@$V? publishes here by npx"),
    ("npx -p npm@11 npm publish", "npm@11 publishes here by npx"),
    ("npx --package=@changesets/cli@2 changeset publish", "changesets@2 publishes chosen by npx"),
    ("npx @changesets/cli@2 publish", "changesets@2 publishes chosen by npx"),
    (
        "npx -p @semantic-release/npm -p semantic-release@24 semantic-release",
        "semantic-release@24 publishes chosen by npx",
    ),
    ("npx --no-install lerna publish", "lerna publishes chosen by npx"),
    ("npx --no -- lerna publish", "lerna publishes chosen by npx"),
    ("npx -p @lerna-lite/cli lerna publish", "lerna-lite publishes chosen by npx"),
    ("npx -w a np", "np publishes [a] by npx"),
    ("npx --workspaces npm publish", "npm publishes all by npx"),
    ("npx ./scripts/release.js x", "itself file ./scripts/release.js x"),
    ("npm exec -- lerna publish", "lerna publishes chosen by npm exec"),
    ("npm x lerna publish", "lerna publishes chosen by npm exec"),
    ("npm exec --package=npm@11 -- npm publish", "npm@11 publishes here by npm exec"),
    ("npm exec -ws -- npm publish", "npm publishes all by npm exec"),
    ("corepack npm publish", "npm publishes here by corepack"),
    ("corepack pnpm@9 publish", "pnpm@9 publishes here by corepack"),
    ("./node_modules/.bin/lerna publish", "lerna publishes chosen by node_modules/.bin"),
    ("$(npm bin)/lerna publish", "lerna publishes chosen"),
    (r"node_modules\.bin\lerna.cmd publish", "lerna publishes chosen by node_modules/.bin"),
    ("node node_modules/.bin/lerna publish", "lerna publishes chosen by node"),
    ("node ./node_modules/@changesets/cli/bin.js publish", "changesets publishes chosen by node"),
    ("node node_modules/lerna/dist/cli.js publish", "lerna publishes chosen by node"),
    ("lerna exec -- npm publish", "npm publishes all by lerna exec"),
    ("lerna exec --scope a -- npm publish", "npm publishes [a] by lerna exec"),
    ("vp exec -- npm publish", "npm publishes here by vp exec"),
    ("vp dlx npm@11 publish", "npm@11 publishes here by vp dlx"),
    ("npx cross-env A=1",),
    ("npx cross-env A=1 lerna publish", "lerna publishes chosen by npx"),
    ("npx npx npx npx npx npx npx npx npx npx npm publish",),
    ("npx jsr publish",),
    ("npx pkg-pr-new publish",),
    ("npx @vscode/vsce publish",),
    ("npx ovsx publish",),
    ("npx gh-pages -d dist",),
    ("npx wrangler pages publish dist",),
    ("npx",),
    ("npm exec",),
    ("corepack",),
]
RELEASERS = [
    ("lerna publish from-package --yes", "lerna publishes chosen --yes"),
    ("lerna version --yes",),
    ("lerna publish --dry-run",),
    ("lerna",),
    ("changeset publish --tag next", "changesets publishes chosen --tag=next"),
    ("changeset version",),
    ("changeset",),
    ("semantic-release", "semantic-release publishes chosen"),
    ("semantic-release --branches main -e semantic-release-monorepo",
     "semantic-release publishes chosen --branches=main --extends=semantic-release-monorepo"),
    ("semantic-release --dry-run=false", "semantic-release publishes chosen --dry-run=false"),
    ("multi-semantic-release", "semantic-release publishes chosen"),
    ("semantic-release --dry-run",),
    ("semantic-release -d",),
    ("release-it --ci", "release-it publishes chosen --ci"),
    ("release-it --only-version", "release-it publishes chosen --only-version"),
    ("release-it --npm.publish=false",),
    ("release-it --no-npm.publish",),
    ("release-it --no-npm",),
    ("release-it --npm=false",),
    ("release-it --dry-run",),
    ("release-it --release-version",),
    ("np --any-branch patch", "np publishes here --any-branch"),
    ("np --contents dist", "np publishes dist --contents=dist"),
    ("np --no-publish",),
    ("np --preview",),
    ("np --release-draft-only",),
    ("nx release --yes", "nx publishes chosen --yes"),
    ("nx release publish --projects a", "nx publishes [a] --projects=a"),
    ("nx run a:nx-release-publish", "nx publishes [a]"),
    ("nx run-many -t nx-release-publish", "nx publishes all --targets=nx-release-publish"),
    ("nx release publish --skip-publish", "nx publishes chosen --skip-publish"),
    ("nx release --skip-publish",),
    ("nx release --dry-run",),
    ("nx release version",),
    ("nx release changelog",),
    ("nx release plan",),
    ("nx --version",),
    ("rush publish --publish --include-all", "rush publishes chosen --publish --include-all"),
    ("node common/scripts/install-run-rush.js publish -p", "rush publishes chosen --publish by node"),
    ("rush publish",),
    ("rush publish --publish --pack",),
    ("rush build",),
    ("beachball publish --yes", "beachball publishes chosen --yes"),
    ("beachball publish --package a", "beachball publishes [a] --package=a"),
    ("beachball publish --no-publish",),
    ("beachball publish --publish=false",),
    ("beachball check",),
    ("auto shipit", "auto publishes chosen"),
    ("auto canary", "auto publishes chosen"),
    ("auto shipit --dry-run",),
    ("auto release",),
    ("napi pre-publish -t npm", "other publishes chosen --tag-style=npm"),
    ("napi prepublish -t npm --skip-optional-publish",),
    ("clean-publish --access public", "other publishes here --access=public"),
    ("clean-publish --without-publish",),
    ("npx @jsdevtools/npm-publish ./dist", "npm-publish-action publishes ./dist by npx"),
    ("npx @jsdevtools/npm-publish --dry-run",),
    ("shipjs trigger", "other publishes chosen"),
    ("shipjs prepare",),
    ("changelogen --release --publish", "other publishes chosen --release --publish"),
    ("changelogen --release",),
    ("publib-npm", "other publishes chosen"),
    ("wasm-pack publish", "other publishes chosen"),
    ("cargo npm publish", "other publishes chosen"),
    ("cargo publish",),
    ("docker push a/b",),
    ("jsr publish",),
    ("deno publish",),
    ("vsce publish",),
    ("twine upload dist/x",),
    ("uv publish",),
    ("gem push x.gem",),
    ("release-please github-release",),
]  # fmt: skip
FILES = [
    ("./scripts/release.sh a", "itself file ./scripts/release.sh a"),
    ("scripts/release.sh", "itself file scripts/release.sh"),
    ("./np", "itself file ./np"),
    ('"$GITHUB_WORKSPACE/release.sh"', "itself file $GITHUB_WORKSPACE/release.sh?"),
    ('"$DIR/$SCRIPT" publish', "itself file $DIR/$SCRIPT? publish"),
    ("bash scripts/release.sh x", "bash file scripts/release.sh x"),
    ("bash -x scripts/release.sh", "bash file scripts/release.sh"),
    (". scripts/release.sh", "bash file scripts/release.sh"),
    ("node scripts/publish.mjs --x", "node file scripts/publish.mjs --x"),
    ("node -r ts-node/register scripts/publish.ts", "node file scripts/publish.ts"),
    ("tsx scripts/publish.ts", "tsx file scripts/publish.ts"),
    ("npx tsx scripts/publish.ts", "tsx file scripts/publish.ts"),
    ("zx release.mjs", "zx file release.mjs"),
    ("python3 release.py", "python3 file release.py"),
    ("deno run -A release.ts", "deno file release.ts"),
    ("pwsh -File release.ps1 -x", "pwsh file release.ps1 -x"),
    ("pwsh release.ps1", "pwsh file release.ps1"),
    ("make publish", "make file publish"),
    ("make -C d publish V=1", "make file publish -C d V=1"),
    ("make a b", "make file a", "make file b"),
    ("make", "make file "),
    ("just publish next", "just file publish next"),
    ("task release", "task file release"),
    ("make -n publish",),
    ("node -e 'x()'",),
    ("node --version",),
    ("node",),
    ("python -m build",),
    ("deno test",),
    ("pwsh -NoProfile",),
    ("https://example.com/x",),
    ("$SCRIPT",),
]
TOOLS = [
    ("npm i -g npm@latest", "npm installs npm latest"),
    ("npm -g install npm@11.5.1", "npm installs npm 11.5.1"),
    ("npm install npm -g", "npm installs npm -"),
    ("npm install --location=global npm@$V yarn", "npm installs npm $V?", "installs yarn -"),
    ("npm i -g pnpm@10 eslint @changesets/cli@2.29.7", "installs pnpm 10", "installs @changesets/cli 2.29.7"),
    ("npm update -g npm", "npm installs npm -"),
    ("pnpm add -g npm@11", "pnpm installs npm 11"),
    ("yarn global add npm@11", "yarn installs npm 11"),
    ("bun add -g npm@11", "bun installs npm 11"),
    ("corepack install -g npm@11", "corepack installs npm 11"),
    ("corepack prepare npm@11 --activate", "corepack installs npm 11"),
    ("npm install npm@11",),
    ("npm install -g npm-check",),
    ("bun add npm",),
    ("corepack enable",),
    ("corepack enable pnpm",),
    ("corepack enable npm", "corepack installs npm -"),
    ("nvm use 24", "nvm uses node 24"),
    ("nvm install", "nvm uses node -"),
    ("nvm install --lts", "nvm uses node lts/*"),
    ("nvm install 24 --latest-npm", "nvm uses node 24", "nvm installs npm -"),
    ("nvm install-latest-npm", "nvm installs npm -"),
    ("fnm use 24", "fnm uses node 24"),
    ("n 24", "n uses node 24"),
    ("n install lts", "n uses node lts"),
    ("volta install node@24 npm@11", "volta uses node 24", "volta installs npm 11"),
    ("mise use -g node@24", "mise uses node 24"),
    ("mise install", "mise uses node -"),
    ("asdf install nodejs 24", "asdf uses node 24"),
    ("pnpm env use -g 24", "pnpm env uses node 24"),
    ("pnpm runtime set node 24", "pnpm runtime uses node 24"),
    ("nvm ls",),
    ("n rm 20",),
    ("volta list",),
]
SETTINGS = [
    ("npm config set provenance true", "user sets provenance=true"),
    ("npm config set provenance=true tag=x", "user sets provenance=true", "user sets tag=x"),
    ("npm set provenance true", "user sets provenance=true"),
    ("npm c set -L project provenance true", "project sets provenance=true"),
    ("npm config set provenance", "user sets provenance=-"),
    ("npm config set //h/:_authToken npm_abc", "user sets //h/:_authToken=***"),
    ("npm config set //h/:_authToken=$TOKEN", "user sets //h/:_authToken=$TOKEN?"),
    ("npm config set '//h/:_authToken' '${TOKEN}'", "user sets //h/:_authToken=${TOKEN}"),
    ("pnpm config set provenance true", "pnpm sets provenance=true"),
    ("pnpm set --location project provenance true", "project sets provenance=true"),
    ("yarn config set npmPublishProvenance true", "yarn sets npmPublishProvenance=true"),
    ("echo provenance=true >> .npmrc", "project sets provenance=true"),
    ('echo "//h/:_authToken=${TOKEN}" > ~/.npmrc', "user sets //h/:_authToken=${TOKEN}?"),
    ("echo '//h/:_authToken=npm_abc' > $HOME/.npmrc", "user sets //h/:_authToken=***"),
    ("echo tag=x > $NPM_CONFIG_USERCONFIG", "user sets tag=x"),
    ("echo tag=x > packages/a/.npmrc", "packages/a/.npmrc sets tag=x"),
    (r"echo -e 'a=1\nb=2' >> .npmrc", "project sets a=1", "project sets b=2"),
    (r"printf '%s\n' a=1 b=2 >> .npmrc", "project sets a=1", "project sets b=2"),
    (r"printf 'a=%s\n#c=2\n' 1 >> .npmrc", "project sets a=1"),
    (r"printf 'a=1\n' >> .npmrc", "project sets a=1"),
    ("echo NPM_CONFIG_PROVENANCE=true >> $GITHUB_ENV", "env sets NPM_CONFIG_PROVENANCE=true"),
    ("echo 'npmPublishProvenance: true' >> .yarnrc.yml", "yarn sets npmPublishProvenance=true"),
    ("npm config get registry",),
    ("npm config delete provenance",),
    ("echo provenance=true",),
    ("echo provenance=true > notes.txt",),
    ("echo > .npmrc",),
    ("echo hello > .npmrc",),
    ("cp a .npmrc",),
]  # fmt: skip
AROUND = [
    ("gh run download 1", "fetches other"),
    ("gh release download v1", "fetches release"),
    ("gh api repos/a/b/actions/artifacts/1/zip", "fetches other"),
    ("npm pack a@1.0.0", "fetches other"),
    ("npm pack @s/a", "fetches other"),
    ("curl -L https://github.com/a/b/releases/download/v1/x.tgz", "fetches release"),
    ("aws s3 cp s3://a/b .", "fetches other"),
    ("gh release create v1",),
    ("gh api repos/a/b",),
    ("curl https://example.com/x",),
    ("aws s3 cp . s3://a/b",),
    ("aws sts whoami",),
    ("tsc -p .", "builds"),
    ("npx tsc", "builds"),
    ("pnpm exec vite build", "builds"),
    ("cargo build --release", "builds"),
    ("napi build --release", "builds"),
    ("tsc --noEmit",),
    ("vite dev",),
    ("cargo test",),
]
IDIOMS = [*NPM, *SCRIPTS, *PNPM, *YARN, *BUN, *RUNNERS, *RELEASERS, *FILES, *TOOLS, *SETTINGS, *AROUND]


@pytest.mark.parametrize(("text", "expected"), [pytest.param(text, tuple(rest), id=text) for text, *rest in IDIOMS])
def test_a_command_does_what_its_program_would(text: str, expected: tuple[str, ...]) -> None:
    """A publish that is not seen is a release without a judgement; one that is imagined is a false alarm."""
    line = text

    found = tuple(told(deed) for deed in read(line))

    assert found == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("cat > .npmrc", ["project sets a=1", "project sets //h/:_authToken=${T}"], id="a here-document"),
        pytest.param("tee -a ~/.npmrc", ["user sets a=1", "user sets //h/:_authToken=${T}"], id="tee"),
        pytest.param("cat", [], id="printed only"),
    ],
)
def test_lines_of_the_standard_input_become_settings(text: str, expected: list[str]) -> None:
    """Most pipelines write their .npmrc with a here-document."""
    lines = "a=1\n; note\n//h/:_authToken=${T}\n"

    found = [told(deed) for deed in read(text, lines)]

    assert found == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param('npx -c "lerna publish"', ["lerna publishes chosen by npx"], id="npx -c"),
        pytest.param('npx -c "cd a && npm publish"', ["npm publishes here in a by npx"], id="a folder in the line"),
        pytest.param('pnpm exec -c "npm publish"', ["npm publishes here by pnpm exec"], id="pnpm exec -c"),
        pytest.param('pnpm dlx -c "npm publish"', ["npm publishes here by pnpm dlx"], id="pnpm dlx -c"),
        pytest.param('yarn exec "npm publish"', ["npm publishes here by yarn exec"], id="yarn exec"),
        pytest.param('concurrently "npm publish -w a"', ["npm publishes [a] --workspace=a"], id="concurrently"),
        pytest.param("npx bash -c 'npm publish'", ["npm publishes here by npx"], id="a shell in between"),
    ],
)
def test_a_command_line_in_one_word_is_read(text: str, expected: list[str]) -> None:
    """Runners take whole command lines, and these publish too."""
    line = text

    found = [told(deed) for deed in read(line)]

    assert found == expected


def test_an_option_stands_at_its_place() -> None:
    """A finding about `--no-provenance` points at it."""
    text = "npm publish --no-provenance"

    (deed,) = read(text)

    assert isinstance(deed, Publish)
    assert deed.flags[0].at.text == "--no-provenance"


def test_the_expression_in_the_source_tells_options_from_an_argument() -> None:
    """A hole for `${{ inputs.dry && '--dry-run' }}` is no folder to publish."""
    source = Source(PurePosixPath("ci.yml"), "npm publish ${{ inputs.dry && '--dry-run' || '' }}")
    words = (Word("npm", 0, 3), Word("publish", 4, 11), Word("$_0", 12, len(source.text), known=False))

    found = [told(deed) for deed in publishers.deeds(Command(words, 0, len(source.text)), source.at)]

    assert found == ["npm publishes here $_0=$_0?"]


def test_a_quoted_option_keeps_its_value() -> None:
    """Quotes make a word's place longer than its text."""
    text = 'npm publish "--tag=next"'

    found = [told(deed) for deed in read(text)]

    assert found == ["npm publishes here --tag=next"]


def test_a_part_that_cannot_be_read_does_nothing() -> None:
    """The shell reader marks what is too large by one unknown word without text."""
    unread = Command((Word("", 0, 9, known=False),), 0, 9, cwd=None)

    found = publishers.deeds(unread, Source(PurePosixPath("x"), "npm " * 3).at)

    assert found == ()


def test_a_redirection_alone_does_nothing() -> None:
    """`> .npmrc` empties a file."""
    text = "> .npmrc"

    found = read(text)

    assert found == ()


@given(
    st.lists(
        st.sampled_from([first for text, *_ in IDIOMS for first in text.split()]) | st.text(max_size=6), max_size=8
    )
)
def test_no_words_make_it_fail(texts: list[str]) -> None:
    """What a stranger's pipeline holds must never stop the check."""
    words = tuple(Word(text, 0, 1, known="$" not in text) for text in texts)

    found = publishers.deeds(Command(words, 0, 1), Source(PurePosixPath("x"), "x").at)

    assert isinstance(found, tuple)


PUBLISHING = [
    text
    for text, *rest in IDIOMS
    if any(" publishes " in line or " stages " in line for line in rest) and not text.startswith("npm $")
]


@pytest.mark.parametrize("text", PUBLISHING)
def test_what_publishes_is_possible(text: str) -> None:
    """The cheap look may be wrong in one direction only."""
    script = f"set -e\n{text}\n"

    possible = publishers.may_publish(script)

    assert possible


@pytest.mark.parametrize(
    "text", ["npm ci", "git push", "npm config set x y", "npm input", "echo np.txt", "pnpm install"]
)
def test_everyday_commands_are_not_possible(text: str) -> None:
    """Most scripts of a repository are never parsed, which keeps the check fast."""
    script = text

    possible = publishers.may_publish(script)

    assert not possible


@pytest.mark.parametrize(
    ("spelt", "expected"),
    [
        pytest.param("publish", "publish", id="the name"),
        pytest.param("pu", "publish", id="a beginning"),
        pytest.param("p", None, id="an ambiguous beginning"),
        pytest.param("x", "exec", id="an alias"),
        pytest.param("install-cl", "ci", id="the beginning of an alias"),
        pytest.param("installTest", "install-test", id="camel case"),
        pytest.param("frobnicate", None, id="nothing"),
        pytest.param("", None, id="empty"),
    ],
)
def test_npm_commands_may_be_abbreviated(spelt: str, expected: str | None) -> None:
    """`npm pub` publishes."""
    name = spelt

    found = command_name(name)

    assert found == expected


def test_options_end_at_two_dashes() -> None:
    """What follows `--` belongs to another program."""
    words = command("a --b -- --c").words

    parsed = parse(words, Grammar(), Source(PurePosixPath("x"), "").at)

    assert ([item.name for item in parsed.options], [word.text for word in parsed.rest]) == (["--b"], ["--c"])


def test_an_unknown_value_leaves_a_switch_open() -> None:
    """Not knowing is an answer."""
    parsed = parse(command("--no-x=$Y").words, Grammar(), Source(PurePosixPath("x"), "").at)

    state = parsed.state("--x")

    assert state is None


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("changesets/action", (None, ("publish-script", "publish")), id="only its command publishes"),
        pytest.param("changesets/action/publish", (None, ("script",)), id="an action in a folder"),
        pytest.param("js-devtools/npm-publish", (Tool.NPM_PUBLISH_ACTION, ()), id="publishes by itself"),
        pytest.param("cycjimmy/semantic-release-action", (Tool.SEMANTIC_RELEASE, ()), id="runs a release tool"),
        pytest.param("nick-fields/retry", (None, ("command", "new_command_on_retry")), id="runs any command"),
    ],
)
def test_known_actions_say_how_they_publish(name: str, expected: tuple[Tool | None, tuple[str, ...]]) -> None:
    """Publishing hides in `uses:` as often as in `run:`."""
    table = publishing_actions.actions()

    action = table[name]

    assert (action.tool, action.commands) == expected


def test_action_names_are_in_lower_case() -> None:
    """GitHub finds an action whatever the case of its name."""
    table = publishing_actions.actions()

    shouting = [name for name in table if name != name.lower()]

    assert shouting == []


def test_an_action_can_publish_only_with_some_values() -> None:
    """One action may publish, or only report, by an input."""
    table = publishing_actions.actions()

    action = table["jbolda/covector/packages/action"]

    assert action.when == ("command", ("", "publish", "version-or-publish"))


def test_the_table_of_actions_is_dated() -> None:
    """`stale-data` tells when the table has grown old."""
    day = publishing_actions.dated()

    assert day.isoformat() == "2026-11-21"


def test_a_table_without_a_date_is_as_old_as_can_be(monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be dated must not look fresh."""
    monkeypatch.setattr(publishing_actions, "table", lambda _: {"date": "soon"})

    day = publishing_actions.dated()

    assert day.year == 1


def test_every_action_either_publishes_or_runs_something() -> None:
    """An entry that does neither would be noise."""
    table = publishing_actions.actions()

    idle = [name for name, action in table.items() if not (action.tool or action.commands or action.action)]

    assert idle == []
