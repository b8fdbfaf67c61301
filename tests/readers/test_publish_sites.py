"""Where publishing hides: every way to send a package, and what only looks like one."""

from __future__ import annotations

import json

import pytest

from preflight.facts.ci import Tool
from preflight.facts.fact import Known, Unknown

A = {"packages/a/package.json": '{"name": "@acme/a"}', "packages/b/package.json": '{"name": "@acme/b"}'}
WORKSPACES = {**A, "package.json": '{"name": "root", "private": true, "workspaces": ["packages/*"]}'}


def scripts(name: str = "@acme/widgets", **named: str) -> str:
    """Return a package.json with these scripts; `_` in a name stands for `:`."""
    return json.dumps({"name": name, "scripts": {key.replace("_", ":"): text for key, text in named.items()}})


def tools(project) -> list[str]:
    """Return the tools of all sites."""
    return [site.tool.value for job in project.jobs for site in job.sites]


def shipped(project) -> list[str | None]:
    """Return the names of all packages on their way."""
    return sorted(shipment.name or "?" for shipment in project.shipments)


# -- commands -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("script", "tool"),
    [
        pytest.param("npm publish", "npm", id="npm"),
        pytest.param("npm stage publish", "npm", id="staged"),
        pytest.param("pnpm publish --no-git-checks", "pnpm", id="pnpm"),
        pytest.param("pnpm -r publish", "pnpm", id="pnpm recursively"),
        pytest.param("yarn npm publish", "yarn", id="yarn"),
        pytest.param("yarn workspaces foreach -A npm publish", "yarn", id="yarn in every workspace"),
        pytest.param("bun publish", "bun", id="bun"),
        pytest.param("lerna publish from-package --yes", "lerna", id="lerna"),
        pytest.param("changeset publish", "changesets", id="changesets"),
        pytest.param("semantic-release", "semantic-release", id="semantic-release"),
        pytest.param("release-it --ci", "release-it", id="release-it"),
        pytest.param("np --yolo", "np", id="np"),
        pytest.param("nx release --yes", "nx", id="nx"),
        pytest.param("rush publish --publish", "rush", id="rush"),
        pytest.param("beachball publish -y", "beachball", id="beachball"),
        pytest.param("auto shipit", "auto", id="auto"),
        pytest.param("npx semantic-release@25", "semantic-release", id="npx"),
        pytest.param("pnpm exec changeset publish", "changesets", id="pnpm exec"),
        pytest.param("pnpm dlx np", "np", id="pnpm dlx"),
        pytest.param("yarn changeset publish", "changesets", id="changesets by yarn"),
        pytest.param("bunx changeset publish", "changesets", id="bunx"),
        pytest.param("corepack pnpm publish", "pnpm", id="corepack"),
        pytest.param("NPM_CONFIG_PROVENANCE=true npm publish", "npm", id="variable in front"),
        pytest.param("cd packages/a && npm publish", "npm", id="another folder"),
        pytest.param("(cd packages/a; npm publish)", "npm", id="subshell"),
        pytest.param('for d in packages/a; do (cd "$d" && npm publish); done', "npm", id="loop"),
        pytest.param('if [ -n "$TAG" ]; then npm publish; fi', "npm", id="condition"),
        pytest.param("npm publish | tee log.txt", "npm", id="pipe"),
        pytest.param("ls *.tgz | xargs -n1 npm publish", "npm", id="xargs"),
        pytest.param("npm \\\n  publish", "npm", id="continued line"),
        pytest.param("sudo npm publish", "npm", id="sudo"),
        pytest.param("npm 'publish'", "npm", id="quotes"),
        pytest.param('bash -c "npm publish"', "npm", id="bash -c"),
        pytest.param("npm publish || echo already there", "npm", id="failure is ignored"),
    ],
)
def test_a_command_that_sends_a_package_is_a_site(project, script: str, tool: str) -> None:
    """Nothing can be said about a publish that is not found."""
    found = project.run(script, {**A, "scripts.txt": ""})

    assert tools(found) == [tool]


@pytest.mark.parametrize(
    "script",
    [
        pytest.param("npm publish --dry-run", id="dry run"),
        pytest.param("npx pkg-pr-new publish", id="pkg-pr-new"),
        pytest.param("cargo publish", id="cargo"),
        pytest.param("docker push acme/publish", id="docker"),
        pytest.param("npx jsr publish", id="jsr"),
        pytest.param("npx vsce publish", id="vsce"),
        pytest.param("npx ovsx publish", id="ovsx"),
        pytest.param("npx gh-pages -d docs # npm publish", id="pages"),
        pytest.param("# yarn publish", id="comment"),
        pytest.param('echo "npm publish"', id="echo"),
        pytest.param("changeset publish --dry-run", id="changesets dry run"),
        pytest.param("npx semantic-release --dry-run", id="semantic-release dry run"),
        pytest.param("npx release-it --no-npm.publish", id="release-it without npm"),
        pytest.param("lerna publish --skip-npm", id="lerna without npm"),
        pytest.param("if false; then npm publish; fi", id="never true"),
        pytest.param("exit 0\nnpm publish", id="after the end"),
        pytest.param("npm pack\nnpm run build", id="packing"),
        pytest.param("nx release version", id="versioning only"),
        pytest.param("npm view x publishConfig", id="a question"),
        pytest.param("make --dry-run publish", id="make dry run"),
    ],
)
def test_what_only_looks_like_a_publish_is_none(project, script: str) -> None:
    """A false alarm costs the maintainer's trust."""
    found = project.run(script, {"Makefile": "publish:\n\tnpm publish\n"})

    assert found.jobs == ()


@pytest.mark.parametrize(
    ("condition", "jobs"),
    [
        pytest.param("false", 0, id="false"),
        pytest.param("${{ false }}", 0, id="false as an expression"),
        pytest.param("github.repository == 'acme/other'", 0, id="for another repository"),
        pytest.param("github.repository == 'acme/widgets'", 1, id="for this repository"),
        pytest.param("github.ref == 'refs/heads/main'", 1, id="told at run time"),
    ],
)
@pytest.mark.parametrize("place", ["job", "step"])
def test_a_condition_that_is_surely_false_hides_a_publish(project, place: str, condition: str, jobs: int) -> None:
    """A job that is switched off publishes nothing; one that may run, may publish."""
    key = f'if: "{condition}"\n'
    in_job = f"runs-on: ubuntu-latest\n{key if place == 'job' else ''}"

    found = project.run("npm publish", job=in_job, step=key if place == "step" else "")

    assert len(found.jobs) == jobs


# -- configuration that leaves npm out --------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "path", "text", "found"),
    [
        pytest.param("release-it", ".release-it.json", '{"npm": {"publish": false}}', [], id="npm.publish: false"),
        pytest.param("release-it", ".release-it.json", '{"npm": false}', [], id="npm: false"),
        pytest.param("release-it", ".release-it.yml", "npm:\n  publish: false\n", [], id="in YAML"),
        pytest.param(
            "release-it", "package.json", '{"name": "w", "release-it": {"npm": false}}', [], id="in the manifest"
        ),
        pytest.param("release-it", ".release-it.json", '{"npm": {"publish": true}}', ["release-it"], id="said"),
        pytest.param("release-it", ".release-it.json", '{"git": false}', ["release-it"], id="not said"),
        pytest.param("semantic-release", ".releaserc", '{"plugins": ["@semantic-release/github"]}', [], id="no plugin"),
        pytest.param("semantic-release", ".releaserc.yml", "plugins:\n  - '@semantic-release/git'\n", [], id="YAML"),
        pytest.param(
            "semantic-release",
            ".releaserc.json",
            '{"plugins": [["@semantic-release/npm", {"npmPublish": false}]]}',
            [],
            id="npmPublish: false",
        ),
        pytest.param(
            "semantic-release",
            ".releaserc.json",
            '{"plugins": [["@semantic-release/npm", {"pkgRoot": "dist"}]]}',
            ["semantic-release"],
            id="plugin with options",
        ),
        pytest.param(
            "semantic-release",
            ".releaserc.json",
            '{"plugins": [["@semantic-release/npm"]]}',
            ["semantic-release"],
            id="plugin in a list",
        ),
        pytest.param(
            "semantic-release",
            ".releaserc.json",
            '{"plugins": [{"path": "@semantic-release/npm"}]}',
            ["semantic-release"],
            id="a shape that is not known",
        ),
        pytest.param(
            "semantic-release",
            ".releaserc.json",
            '{"plugins": [["@semantic-release/exec", {"publishCmd": "npm publish"}]]}',
            ["semantic-release"],
            id="a command of its own",
        ),
        pytest.param(
            "semantic-release",
            ".releaserc.json",
            '{"plugins": ["./release/plugin.js"]}',
            ["semantic-release"],
            id="a plugin of its own",
        ),
        pytest.param(
            "semantic-release", ".releaserc.json", '{"branches": ["main"]}', ["semantic-release"], id="default"
        ),
        pytest.param(
            "semantic-release",
            ".releaserc.json",
            '{"extends": "@acme/config", "plugins": []}',
            ["semantic-release"],
            id="shared configuration",
        ),
        pytest.param("semantic-release", "release.config.js", "export default {}", ["semantic-release"], id="code"),
    ],
)
def test_a_release_tool_may_be_told_to_leave_npm_alone(project, command, path, text, found) -> None:
    """Many use these tools for tags and GitHub releases only."""
    seen = project.run(f"npx {command}", {path: text})

    assert tools(seen) == found


# -- actions ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "found"),
    [
        pytest.param(
            "uses: changesets/action@v1\n  with:\n    publish: npx changeset publish", ["changesets"], id="v1"
        ),
        pytest.param(
            "uses: changesets/action@v2\n  with:\n    publish-script: pnpm changeset publish", ["changesets"], id="v2"
        ),
        pytest.param("uses: changesets/action@v1\n  with:\n    version: npx changeset version", [], id="version only"),
        pytest.param("uses: changesets/action/publish@v2", ["changesets"], id="its own default"),
        pytest.param("uses: JS-DevTools/npm-publish@v4", ["npm-publish-action"], id="npm-publish"),
        pytest.param("uses: JS-DevTools/npm-publish@v4\n  with:\n    dry-run: true", [], id="npm-publish dry run"),
        pytest.param("uses: cycjimmy/semantic-release-action@v6", ["semantic-release"], id="semantic-release"),
        pytest.param(
            "uses: cycjimmy/semantic-release-action@v6\n  with:\n    dry_run: true", [], id="semantic-release dry run"
        ),
        pytest.param("uses: codfish/semantic-release-action@v5", ["semantic-release"], id="codfish"),
        pytest.param(
            "uses: nick-fields/retry@v3\n  with:\n    command: npm publish --provenance", ["npm"], id="command line"
        ),
        pytest.param("uses: primer/publish@v3\n  with: {dryRun: true}", [], id="another name for a dry run"),
        pytest.param("uses: metamask/action-npm-publish@v6", [], id="no token, no publish"),
        pytest.param("uses: metamask/action-npm-publish@v6\n  with: {npm-token: x}", ["yarn"], id="with a token"),
        pytest.param(
            "uses: zenoo/publish-npm-github-action@v1\n  with: {publish-to-npm: false}", [], id="switched off"
        ),
        pytest.param("uses: jbolda/covector/packages/action@v0\n  with: {command: version}", [], id="other command"),
        pytest.param("uses: jbolda/covector/packages/action@v0\n  with: {command: publish}", ["other"], id="command"),
        pytest.param("uses: jbolda/covector/packages/action@v0", ["other"], id="default command"),
        pytest.param(
            (
                "uses: jbolda/covector/packages/action@v0\n"
                "  with: {command: '${{ github.actor }}', cwd: '${{ github.actor }}'}"
            ),
            ["other"],
            id="command told at run time",
        ),
        pytest.param("uses: primer/publish@v3\n  with: {dir: packages/a}", ["npm"], id="a folder"),
        pytest.param("uses: actions/checkout@v5", [], id="anything else"),
        pytest.param("uses: docker://node:24", [], id="image"),
        pytest.param("uses: googleapis/release-please-action@v4", [], id="release-please"),
    ],
)
def test_an_action_publishes_as_its_inputs_say(project, step: str, found: list[str]) -> None:
    """An action hides the command line that it runs."""
    seen = project.steps(f"- {step}")

    assert tools(seen) == found


def test_the_inputs_of_an_action_are_those_of_the_publish(project) -> None:
    """They say what will be sent, where to and how."""
    seen = project.steps(
        """
        - uses: JS-DevTools/npm-publish@v4
          with:
            package: packages/a
            access: public
            tag: next
            token: ${{ secrets.NPM_TOKEN }}
        """,
        A,
    )

    (site,) = seen.jobs[0].sites
    assert (shipped(seen), site.access, site.tag, site.credential.value) == (["@acme/a"], "public", "next", "token")


def test_an_input_that_is_told_at_run_time_leaves_the_package_open(project) -> None:
    """Whoever starts the workflow chooses it."""
    seen = project.steps(
        "- uses: JS-DevTools/npm-publish@v4\n  with:\n    package: ${{ inputs.package }}",
        A,
        top="on:\n  workflow_dispatch:\n    inputs:\n      package:",
    )

    assert isinstance(seen.jobs[0].sites[0].packages, Unknown)


@pytest.mark.parametrize(
    ("action", "unread"),
    [
        pytest.param("acme/npm-publish-thing@v1", 1, id="may publish"),
        pytest.param("acme/publish-github-pages@v1", 0, id="publishes elsewhere"),
        pytest.param("acme/lint@v1", 0, id="does something else"),
    ],
)
def test_an_unknown_action_that_sounds_like_publishing_is_unread(project, action: str, unread: int) -> None:
    """What cannot be looked into is said to be so."""
    seen = project.steps(f"- uses: {action}")

    assert (len(seen.jobs), len(seen.unread)) == (0, unread)


def test_an_action_that_runs_another_is_unread(project) -> None:
    """Its inputs stand in a text that only the action reads."""
    seen = project.steps(
        "- uses: Wandalen/wretry.action@v3\n  with:\n    action: JS-DevTools/npm-publish@v4\n"
        "    with: |\n      token: x"
    )

    assert [each.uses for each in seen.unread] == ["Wandalen/wretry.action@v3"]


# -- across hops --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("script", "files"),
    [
        pytest.param("npm run release", {"package.json": scripts(release="npm publish")}, id="script"),
        pytest.param("yarn release", {"package.json": scripts(release="npm publish")}, id="yarn"),
        pytest.param("pnpm release", {"package.json": scripts(release="npm publish")}, id="pnpm"),
        pytest.param("bun run release", {"package.json": scripts(release="npm publish")}, id="bun"),
        pytest.param("node --run release", {"package.json": scripts(release="npm publish")}, id="node --run"),
        pytest.param("npm run a", {"package.json": scripts(a="npm run b", b="npm publish")}, id="script of a script"),
        pytest.param("npm run ship", {"package.json": scripts(preship="npm publish", ship="true")}, id="before it"),
        pytest.param("npm run ship", {"package.json": scripts(postship="npm publish", ship="true")}, id="after it"),
        pytest.param("npm version patch", {"package.json": scripts(postversion="npm publish")}, id="npm version"),
        pytest.param(
            "npm run all",
            {"package.json": scripts(all="run-s build out:*", build="tsc", out_npm="npm publish")},
            id="npm-run-all",
        ),
        pytest.param("npx concurrently npm:ship", {"package.json": scripts(ship="npm publish")}, id="concurrently"),
        pytest.param("./scripts/go.sh", {"scripts/go.sh": "npm publish\n"}, id="shell script"),
        pytest.param("bash scripts/go", {"scripts/go": "npm publish\n"}, id="shell script without suffix"),
        pytest.param("./go", {"go": "#!/usr/bin/env bash\nnpm publish\n"}, id="first line"),
        pytest.param(". scripts/go.sh", {"scripts/go.sh": "npm publish\n"}, id="sourced"),
        pytest.param("./a.sh", {"a.sh": "./b.sh\n", "b.sh": "npm publish\n"}, id="script of a script file"),
        pytest.param(
            "./a.sh", {"a.sh": "npm run ship\n", "package.json": scripts(ship="npm publish")}, id="file, then script"
        ),
        pytest.param(
            "npm run ship", {"a.sh": "npm publish\n", "package.json": scripts(ship="sh a.sh")}, id="script, then file"
        ),
        pytest.param(
            "node scripts/go.mjs",
            {"scripts/go.mjs": "import {execSync} from 'node:child_process'\nexecSync('npm publish')\n"},
            id="node script",
        ),
        pytest.param(
            "node scripts/go",
            {"scripts/go.js": "const {execSync} = require('child_process')\nexecSync('npm publish')\n"},
            id="node script without suffix",
        ),
        pytest.param("make ship", {"Makefile": "ship:\n\tnpm publish\n"}, id="make"),
        pytest.param("make ship", {"Makefile": "ship: out\nout: ship\n\t@-npm publish\n"}, id="make, prerequisite"),
        pytest.param("make", {"GNUmakefile": "# all\n.PHONY: all\nall:\n\n\tnpm publish\n"}, id="make, first target"),
        pytest.param("make -C sub ship", {"sub/Makefile": "X := 1\nship:\n\tnpm publish\n"}, id="make, folder"),
        pytest.param("make --directory=sub ship", {"sub/Makefile": "ship:\n\tnpm publish\n"}, id="make --directory"),
        pytest.param("$GITHUB_WORKSPACE/go.sh", {"go.sh": "npm publish\n"}, id="absolute path"),
    ],
)
def test_a_publish_is_found_behind_other_scripts(project, script: str, files: dict[str, str]) -> None:
    """Most jobs do not name the command that publishes."""
    found = project.run(script, files)

    assert tools(found) == ["npm"]


@pytest.mark.parametrize(
    ("script", "files"),
    [
        pytest.param(
            "npm run build", {"package.json": scripts(build="tsc", release="npm publish")}, id="another script"
        ),
        pytest.param("npm run a", {"package.json": scripts(a="npm run b && true", b="npm run a")}, id="a circle"),
        pytest.param("./go.sh", {"go.sh": "./go.sh\n# publish\n"}, id="a file that runs itself"),
        pytest.param("./gone.sh # publish", {}, id="no such file"),
        pytest.param("cat release.md", {"release.md": "npm publish"}, id="a text"),
        pytest.param("make other", {"Makefile": "publish:\n\tnpm publish\nother: none\n\techo\n"}, id="another target"),
        pytest.param("make publish", {}, id="no Makefile"),
        pytest.param("make publish", {"Makefile": "publish:\n"}, id="a target that does nothing"),
        pytest.param("make publish", {"Makefile": "publish = npm publish\n"}, id="a variable"),
        pytest.param("python scripts/publish.py", {"scripts/publish.py": "npm publish"}, id="another language"),
        pytest.param("node publish", {}, id="no such program"),
        pytest.param('"$PUBLISH_SCRIPT"', {}, id="an unknown command"),
    ],
)
def test_what_does_not_lead_to_a_publish_is_no_site(project, script: str, files: dict[str, str]) -> None:
    """Only what is run counts, not what lies about."""
    found = project.run(script, files)

    assert found.jobs == ()


@pytest.mark.parametrize(
    ("script", "names"),
    [
        pytest.param("npm publish -w packages/a", ["@acme/a"], id="npm -w"),
        pytest.param("npm publish --workspaces", ["@acme/a", "@acme/b"], id="npm -ws"),
        pytest.param("pnpm --filter @acme/b publish", ["@acme/b"], id="pnpm --filter"),
        pytest.param("pnpm -r publish", ["@acme/a", "@acme/b"], id="pnpm -r"),
        pytest.param("pnpm -C packages/a publish", ["@acme/a"], id="pnpm -C"),
        pytest.param("yarn --cwd packages/a publish", ["@acme/a"], id="yarn --cwd"),
        pytest.param("yarn workspace @acme/a npm publish", ["@acme/a"], id="yarn workspace"),
        pytest.param("npm publish ./packages/b", ["@acme/b"], id="path"),
        pytest.param("cd packages/a\nnpm publish", ["@acme/a"], id="folder"),
        pytest.param("for p in a b; do (cd packages/$p && npm publish); done", ["@acme/a", "@acme/b"], id="loop"),
        pytest.param("npx changeset publish", ["@acme/a", "@acme/b"], id="changesets"),
        pytest.param("npx lerna publish", ["@acme/a", "@acme/b"], id="lerna"),
        pytest.param("npx nx release publish --projects=@acme/a", ["@acme/a"], id="nx --projects"),
    ],
)
def test_a_publish_names_its_packages(project, script: str, names: list[str]) -> None:
    """Package rules judge only what is sent."""
    found = project.run(script, WORKSPACES)

    assert shipped(found) == names


@pytest.mark.parametrize(
    "command",
    [
        pytest.param("npm run ship -w packages/a", id="npm -w"),
        pytest.param("pnpm --filter @acme/a ship", id="pnpm --filter"),
        pytest.param("pnpm -r run ship", id="pnpm -r"),
        pytest.param("turbo run ship", id="turbo"),
        pytest.param("npx turbo ship --filter=@acme/a", id="turbo --filter"),
        pytest.param("npx nx run @acme/a:ship", id="nx run"),
        pytest.param("npx nx run-many -t ship", id="nx run-many"),
        pytest.param("yarn workspace @acme/a ship", id="yarn workspace"),
        pytest.param("yarn workspaces foreach -A run ship", id="yarn foreach"),
        pytest.param("npx lerna run ship", id="lerna run"),
    ],
)
def test_scripts_are_followed_into_the_packages_of_a_workspace(project, command: str) -> None:
    """The package that the script belongs to is the one that is sent."""
    found = project.run(command, {**WORKSPACES, "packages/a/package.json": scripts("@acme/a", ship="npm publish")})

    assert shipped(found) == ["@acme/a"]


def test_what_is_passed_to_a_script_reaches_its_command(project) -> None:
    """`npm run release -- --provenance` is a common idiom."""
    found = project.run("npm run release -- --tag next", {"package.json": scripts(release="npm publish")})

    assert found.jobs[0].sites[0].tag == "next"


def test_a_site_behind_a_script_tells_how_it_was_found(project) -> None:
    """A reader has to see why the job is said to publish."""
    found = project.run("npm run a", {"package.json": scripts(a="./go.sh"), "go.sh": "true\nnpm publish\n"})

    (site,) = found.jobs[0].sites
    assert [str(link.at) + " " + link.what for link in site.via] == [
        "package.json:1:39 script `a`",
        "go.sh:1:1 file `go.sh`",
        "go.sh:2:1 publishes here",
    ]


def test_a_site_points_at_the_command_of_the_job(project) -> None:
    """There stands what a maintainer changes."""
    found = project.run("npm ci\nnpm publish --tag x")

    (site,) = found.jobs[0].sites
    assert (str(site.at), site.at.text) == (".github/workflows/release.yml:8:11", "npm publish --tag x")


# -- where a command runs ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "step", "script"),
    [
        pytest.param("", "working-directory: packages/a", "npm publish", id="step"),
        pytest.param("defaults: {run: {working-directory: packages/a}}", "", "npm publish", id="job"),
        pytest.param("", "working-directory: ./packages/", "cd a && npm publish", id="step and cd"),
        pytest.param("", "working-directory: ${{ github.workspace }}/packages/a", "npm publish", id="absolute"),
        pytest.param("", "working-directory: packages/b", "cd $GITHUB_WORKSPACE/packages/a; npm publish", id="cd away"),
        pytest.param("", "working-directory: packages/a", "./go.sh", id="script in that folder"),
        pytest.param("", "working-directory: packages/b", "../a/go.sh", id="script that changes folder"),
        pytest.param(
            "strategy: {matrix: {p: [a]}}", "working-directory: 'packages/${{ matrix.p }}'", "npm publish", id="matrix"
        ),
        pytest.param("env: {P: a}", "working-directory: 'packages/${{ env.P }}'", "npm publish", id="variable"),
    ],
)
def test_the_folder_of_a_command_is_worked_out(project, keys: str, step: str, script: str) -> None:
    """It decides which package is sent, and which .npmrc is read."""
    helper = 'cd "$(dirname "$0")"\nnpm publish\n'

    found = project.run(script, {**A, "packages/a/go.sh": helper}, job=f"runs-on: ubuntu-latest\n{keys}", step=step)

    assert shipped(found) == ["@acme/a"]


def test_the_workflow_may_name_the_folder(project) -> None:
    """Its defaults hold for every job."""
    top = "on: push\ndefaults:\n  run:\n    working-directory: packages/b"

    found = project.run("npm publish", A, top=top)

    assert shipped(found) == ["@acme/b"]


@pytest.mark.parametrize(
    "step",
    [
        pytest.param("working-directory: ${{ inputs.where }}", id="chosen at run time"),
        pytest.param("working-directory: /tmp/elsewhere", id="outside"),
    ],
)
def test_a_folder_that_is_not_known_leaves_the_package_open(project, step: str) -> None:
    """Every public package may be meant, and nothing is sure."""
    found = project.run("npm publish", A, step=step, top="on: workflow_dispatch")

    assert all(shipment.doubt for shipment in found.shipments)


def test_a_matrix_publishes_each_of_its_packages(project) -> None:
    """One line of a workflow may send many packages."""
    job = "runs-on: ubuntu-latest\nstrategy:\n  matrix:\n    package: [a, b]"

    found = project.run("cd packages/${{ matrix.package }} && npm publish", A, job=job)

    assert shipped(found) == ["@acme/a", "@acme/b"]


def test_the_same_command_of_several_combinations_is_one_site(project) -> None:
    """A finding per combination would repeat itself."""
    job = "runs-on: ubuntu-latest\nstrategy:\n  matrix:\n    node: [20, 24]"
    steps = "- uses: actions/setup-node@v5\n  with:\n    node-version: ${{ matrix.node }}\n- run: npm publish"

    found = project.steps(steps, job=job)

    (site,) = found.jobs[0].sites
    assert [npm.value.version.major for npm in site.npm] == [10, 11]


def test_a_matrix_of_registries_gives_a_site_for_each(project) -> None:
    """What goes to npm must not hide behind what goes elsewhere."""
    job = (
        "runs-on: ubuntu-latest\nstrategy:\n  matrix:\n"
        "    to: ['https://npm.pkg.github.com/', 'https://registry.npmjs.org/']"
    )
    steps = "- uses: actions/setup-node@v5\n  with:\n    registry-url: ${{ matrix.to }}\n- run: npm publish"

    found = project.steps(steps, job=job)

    assert [site.for_npm for site in found.jobs[0].sites] == [False, True]


def test_powershell_is_the_shell_of_windows(project) -> None:
    """Its syntax is another one than that of bash."""
    found = project.run("if ($true) { npm publish }", job="runs-on: windows-latest")

    assert tools(found) == ["npm"]


@pytest.mark.parametrize(
    ("shell", "found"),
    [
        pytest.param("bash -e {0}", ["npm"], id="bash with options"),
        pytest.param("/bin/sh", ["npm"], id="path"),
        pytest.param("python", [], id="another language"),
        pytest.param("' '", ["npm"], id="empty"),
        pytest.param("${{ inputs.shell }}", ["npm"], id="chosen at run time"),
    ],
)
def test_a_step_may_name_its_shell(project, shell: str, found: list[str]) -> None:
    """A script in Python runs no npm by its words."""
    seen = project.run("npm publish", step=f"shell: {shell}", top="on: workflow_dispatch")

    assert tools(seen) == found


# -- local actions and reusable workflows ------------------------------------------------------------


def action(steps: str, inputs: str = "") -> str:
    """Return a composite action."""
    return f"name: x\n{inputs}runs:\n  using: composite\n  steps:\n{steps}"


def test_a_composite_action_is_followed(project) -> None:
    """A repository's own action is part of its release."""
    found = project.steps(
        "- uses: ./.github/actions/ship",
        {".github/actions/ship/action.yml": action("    - run: npm publish\n      shell: bash\n")},
    )

    (site,) = found.jobs[0].sites
    assert (site.at.text, [link.what for link in site.via]) == (
        "./.github/actions/ship",
        ["action `./.github/actions/ship`", "publishes here"],
    )


def test_composite_actions_are_followed_into_each_other(project) -> None:
    """With the inputs that each gives the next."""
    found = project.steps(
        "- uses: ./ci/outer\n  with: {TAG: next}",
        {
            "ci/outer/action.yaml": action(
                "    - uses: ./ci/inner\n      with:\n        tag: ${{ inputs.tag }}\n", "inputs: {tag: {}}\n"
            ),
            "ci/inner/action.yml": action(
                "    - run: npm publish --tag ${{ inputs.tag }} --access ${{ inputs.access }}\n      shell: bash\n",
                "inputs: {tag: {}, access: {default: public}}\n",
            ),
        },
    )

    (site,) = found.jobs[0].sites
    assert (site.tag, site.access) == ("next", "public")


def test_an_input_may_switch_a_step_of_a_composite_action_off(project) -> None:
    """A dry run is a common input."""
    found = project.steps(
        "- uses: ./ci\n  with: {dry: 'true'}",
        {
            "ci/action.yml": action(
                "    - run: npm publish\n      if: inputs.dry != 'true'\n      shell: bash\n", "inputs: {dry: {}}\n"
            )
        },
    )

    assert found.jobs == ()


@pytest.mark.parametrize("path", ["${{ github.action_path }}", "$GITHUB_ACTION_PATH"])
def test_a_composite_action_runs_a_script_beside_it(project, path: str) -> None:
    """Its own folder is known to it by two names."""
    found = project.steps(
        "- uses: ./ci",
        {"ci/action.yml": action(f"    - run: {path}/ship.sh\n      shell: bash\n"), "ci/ship.sh": "npm publish\n"},
    )

    assert tools(found) == ["npm"]


def test_an_action_inside_a_composite_action_publishes(project) -> None:
    """The chain names every link."""
    found = project.steps("- uses: ./ci", {"ci/action.yml": action("    - uses: JS-DevTools/npm-publish@v4\n")})

    assert [link.what for link in found.jobs[0].sites[0].via] == ["action `./ci`", "action `JS-DevTools/npm-publish`"]


def test_a_composite_action_that_runs_itself_ends(project) -> None:
    """GitHub refuses it, and preflight must not hang."""
    found = project.steps("- uses: ./ci", {"ci/action.yml": action("    - uses: ./ci\n")})

    assert found.jobs == ()


def callers(*jobs: str, on: str = "push") -> str:
    """Return a workflow of jobs that call others."""
    return f"on: {on}\njobs:\n" + "".join(f"  call{at}:\n    {job}\n" for at, job in enumerate(jobs))


CALLED = """
on:
  workflow_call:
    inputs:
      tag: {type: string}
      publish: {type: boolean}
      access: {type: string, default: public}
jobs:
  send:
    runs-on: ubuntu-latest
    if: inputs.publish
    steps:
      - run: npm publish --tag '${{ inputs.tag }}' --access ${{ inputs.access }}
"""


def test_a_reusable_workflow_is_followed_with_its_inputs(project) -> None:
    """What a caller gives decides what is published."""
    found = project(
        {
            ".github/workflows/a.yml": callers("{uses: ./.github/workflows/b.yml, with: {publish: true, tag: next}}"),
            ".github/workflows/b.yml": CALLED,
        }
    )

    (job,) = found.jobs
    (site,) = job.sites
    assert (job.name, [c.job for c in job.callers], job.entry, site.tag, site.access) == (
        "send",
        ["call0"],
        "a.yml",
        "next",
        "public",
    )


@pytest.mark.parametrize(
    "given",
    [pytest.param("{publish: false}", id="said"), pytest.param("{tag: next}", id="the default of a boolean")],
)
def test_a_caller_may_switch_the_publish_off(project, given: str) -> None:
    """A test run of the release workflow publishes nothing."""
    found = project(
        {
            ".github/workflows/a.yml": callers(f"{{uses: ./.github/workflows/b.yml, with: {given}}}"),
            ".github/workflows/b.yml": CALLED,
        }
    )

    assert found.jobs == ()


def test_inputs_pass_through_nested_workflows(project) -> None:
    """Each workflow hands on what it was given."""
    middle = """
    on:
      workflow_call:
        inputs:
          channel: {type: string}
    jobs:
      pass:
        uses: ./.github/workflows/c.yml
        with:
          publish: ${{ inputs.channel == 'beta' }}
          tag: ${{ inputs.channel }}
    """

    found = project(
        {
            ".github/workflows/a.yml": callers("{uses: ./.github/workflows/b.yml, with: {channel: beta}}"),
            ".github/workflows/b.yml": middle,
            ".github/workflows/c.yml": CALLED,
        }
    )

    assert [(site.tag, [c.job for c in job.callers]) for job in found.jobs for site in job.sites] == [
        ("beta", ["pass", "call0"])
    ]


def test_a_job_appears_once_for_each_way_to_it(project) -> None:
    """One caller may grant what another does not."""
    found = project(
        {
            ".github/workflows/a.yml": callers(*["{uses: ./.github/workflows/b.yml, with: {publish: true}}"] * 2),
            ".github/workflows/b.yml": CALLED,
        }
    )

    assert [job.callers[0].job for job in found.jobs] == ["call0", "call1"]


def test_a_called_workflow_with_an_event_of_its_own_is_reached_twice(project) -> None:
    """Once by its caller, once by the event."""
    own = CALLED.replace("on:\n", "on:\n  workflow_dispatch:\n")

    found = project(
        {
            ".github/workflows/a.yml": callers("{uses: ./.github/workflows/b.yml, with: {publish: true}}"),
            ".github/workflows/b.yml": own,
        }
    )

    assert [(job.entry, job.triggers) for job in found.jobs] == [
        ("b.yml", ("workflow_dispatch",)),
        ("a.yml", ("push",)),
    ]


def test_a_workflow_that_nothing_reaches_is_judged_by_its_text(project) -> None:
    """Another repository may call it."""
    found = project({".github/workflows/b.yml": CALLED})

    assert [(job.entry, job.triggers) for job in found.jobs] == [("b.yml", ())]


def test_a_caller_that_never_runs_calls_nothing(project) -> None:
    """Its condition is part of the chain."""
    found = project(
        {
            ".github/workflows/a.yml": callers("{if: false, uses: ./.github/workflows/b.yml, with: {publish: true}}"),
            ".github/workflows/b.yml": CALLED,
        }
    )

    assert found.jobs == ()


def test_workflows_that_call_each_other_in_a_circle_end(project) -> None:
    """GitHub refuses them, and preflight must not hang."""
    circle = (
        "on: workflow_call\njobs:\n  x: {{uses: ./.github/workflows/{0}.yml}}\n  y:\n"
        "    steps:\n      - run: npm publish\n"
    )

    found = project({f".github/workflows/{name}.yml": circle.format(other) for name, other in ("ab", "ba")})

    assert {job.name for job in found.jobs} == {"y"}


@pytest.mark.parametrize(
    ("uses", "unread"),
    [
        pytest.param("acme/shared/.github/workflows/npm-publish.yml@v1", 1, id="sounds like publishing"),
        pytest.param("acme/shared/.github/workflows/lint.yml@v1", 0, id="does not"),
    ],
)
def test_a_workflow_of_another_repository_is_unread(project, uses: str, unread: int) -> None:
    """Its text is not here, and that is said."""
    found = project({".github/workflows/a.yml": callers(f"{{uses: {uses}}}")})

    assert [each.uses for each in found.unread] == [uses] * unread


# -- odds and ends ----------------------------------------------------------------------------------


def test_a_repository_without_workflows_publishes_nothing(project) -> None:
    """The plain case, and there is nothing to look at."""
    found = project({})

    assert (found.jobs, found.looked_at) == ((), ())


def test_the_places_that_were_looked_at_are_counted(project) -> None:
    """`nothing-publishes` says where it looked."""
    found = project({".github/workflows/a.yml": "on: push\njobs: {}", ".github/workflows/b.yaml": "on: push\njobs: {}"})

    assert found.looked_at == ("2 GitHub workflows",)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("[]", id="a list"),
        pytest.param("on: push\njobs: []", id="jobs are a list"),
        pytest.param("on: push\njobs: {a: 1, b: [], c: {steps: {}}}", id="steps are a mapping"),
        pytest.param("on: {push: }\njobs: {a: {steps: [1, [], {}, {run: {}}, {uses: []}]}}", id="steps are odd"),
        pytest.param(
            "on: [push, {}]\njobs: {a: {runs-on: {}, steps: [{run: npm publish, with: 1, env: []}]}}", id="keys are odd"
        ),
        pytest.param(
            "on: 1\njobs: {a: {needs: {}, permissions: [], env: {X: [1]}, steps: [{run: npm publish}]}}",
            id="values are odd",
        ),
        pytest.param(
            "on: push\njobs: {a: {strategy: {matrix: 1}, container: [], environment: [], steps: [{run: npm publish}]}}",
            id="more",
        ),
        pytest.param(
            "on: push\njobs: {a: {strategy: [], uses: '', steps: [{uses: ''}, {uses: '@'}, {uses: './'}]}}",
            id="empty uses",
        ),
        pytest.param("on: push\njobs: {a: {uses: ./, with: []}}", id="calls itself"),
    ],
)
def test_odd_shapes_are_read_without_an_error(project, text: str) -> None:
    """The input may be anything."""
    found = project({".github/workflows/a.yml": text})

    assert found.unreadable == ()


def test_a_workflow_that_cannot_be_read_is_recorded(project) -> None:
    """And everything else is still read."""
    found = project({".github/workflows/a.yml": "on: [", ".github/workflows/b.yml": CALLED})

    assert ([str(each.path) for each in found.unreadable], len(found.jobs)) == ([".github/workflows/a.yml"], 1)


def test_a_private_package_is_not_shipped_by_name(project) -> None:
    """It cannot be sent; no rule about packages has anything to judge."""
    found = project.run("npm publish", {"package.json": '{"name": "x", "private": true}'})

    assert (found.jobs[0].sites[0].packages, shipped(found)) == (Known(()), [])


@pytest.mark.parametrize(
    "argument",
    [
        pytest.param("./x.tgz", id="a tarball of the only package"),
        pytest.param("./dist", id="a folder that the build writes"),
        pytest.param('"$TARBALL"', id="a variable"),
    ],
)
def test_what_the_build_makes_is_the_package_above(project, argument: str) -> None:
    """The folder is not in the repository."""
    found = project.run(f"npm publish {argument}")

    assert (shipped(found), found.shipments[0].doubt) == (["@acme/widgets"], None)


def test_a_tarball_of_one_of_several_packages_leaves_it_open(project) -> None:
    """The name of the file does not tell."""
    found = project.run("npm publish ./x.tgz", WORKSPACES)

    assert isinstance(found.jobs[0].sites[0].packages, Unknown)


@pytest.mark.parametrize(
    ("argument", "read_as"),
    [
        pytest.param("dist", "the package dist of the registry", id="bare"),
        pytest.param("packages/a", "the GitHub repository packages/a", id="one slash"),
        pytest.param("out/x.tgz", "the GitHub repository out/x.tgz", id="tarball below a folder"),
        pytest.param("out/*.tgz", "the GitHub repository out/*.tgz", id="pattern"),
    ],
)
def test_a_path_that_npm_reads_otherwise_is_noted(project, argument: str, read_as: str) -> None:
    """It publishes, or tries to, what nobody meant."""
    found = project.run(f"npm publish {argument}")

    assert found.jobs[0].sites[0].argument.read_as == read_as


@pytest.mark.parametrize(
    "argument", ["./dist", "dist/", "a/b/c", "x.tgz", "./out/x.tgz", "/tmp/x", "file:dist", "$DIR/x", "."]
)
def test_a_path_that_npm_reads_as_one_is_fine(project, argument: str) -> None:
    """Only two shapes are read as something else."""
    found = project.run(f"npm publish {argument}")

    assert found.jobs[0].sites[0].argument is None


def test_the_remedy_writes_the_path_so_that_npm_sees_one(project) -> None:
    """`./` is all that is missing."""
    found = project.run("npm publish packages/a", A)

    after = project.apply(found.jobs[0].sites[0].argument.remedy)

    (site,) = after.jobs[0].sites
    assert (site.argument, site.command, shipped(after)) == (None, "npm publish ./packages/a", ["@acme/a"])


def test_other_programs_read_paths_as_paths(project) -> None:
    """`pnpm publish dist` is the folder."""
    found = project.run("pnpm publish packages/a", A)

    assert found.jobs[0].sites[0].argument is None


@pytest.mark.parametrize(
    ("filters", "known"),
    [pytest.param("@acme/a", True, id="a name"), pytest.param("$NAME", False, id="a variable")],
)
def test_a_filter_may_be_a_variable(project, filters: str, known: bool) -> None:
    """Then any package may be meant."""
    found = project.run(f"pnpm --filter {filters} publish", WORKSPACES)

    assert isinstance(found.jobs[0].sites[0].packages, Known) is known


def test_narrowing_keeps_what_is_asked_for(project) -> None:
    """`--package` looks at one package of many."""
    found = project.run("npm publish --workspaces", WORKSPACES)

    narrowed = project.again(packages=("@acme/a",))

    assert (shipped(found), shipped(narrowed)) == (["@acme/a", "@acme/b"], ["@acme/a"])


def test_a_staged_publish_needs_the_npm_that_has_it(project) -> None:
    """It came with npm 11.15: `npm stage`."""
    found = project.run("npm stage publish")

    assert (found.jobs[0].sites[0].staged, str(found.jobs[0].sites[0].floor.version)) == (True, "11.15.0")


def test_what_a_step_builds_is_noted(project) -> None:
    """Whoever builds in the publish job does not publish what another built."""
    found = project.run("npm run build\nnpm publish", {"package.json": scripts(build="tsc")})

    assert (found.jobs[0].builds, Tool.NPM) == (True, found.jobs[0].sites[0].tool)


@pytest.mark.parametrize(
    ("keys", "name"),
    [
        pytest.param("environment: npm", "npm", id="a name"),
        pytest.param("environment: {name: npm, url: x}", "npm", id="a mapping"),
        pytest.param("environment: {url: x}", None, id="no name"),
        pytest.param("", None, id="none"),
    ],
)
def test_the_environment_of_a_job_is_read(project, keys: str, name: str | None) -> None:
    """A trusted publisher may name one."""
    found = project.run("npm publish", job=f"runs-on: ubuntu-latest\n{keys}")

    assert found.jobs[0].environment.value == name


@pytest.mark.parametrize(
    "script",
    [
        pytest.param("task publish", id="another runner of tasks"),
        pytest.param("pnpm --filter gone run ship", id="no such package"),
        pytest.param("npm run ship --prefix gone", id="a script in no folder"),
    ],
)
def test_what_cannot_be_followed_ends_there(project, script: str) -> None:
    """Nothing is guessed."""
    found = project.run(script, {"package.json": None, "packages/a/package.json": scripts(ship="npm publish")})

    assert found.jobs == ()


def test_scripts_that_call_ever_more_scripts_end(project) -> None:
    """A maze is left after a dozen turns."""
    maze = {f"s{at}": f"npm run s{at + 1}" for at in range(20)}

    found = project.run("npm run s0", {"package.json": scripts(**maze, s20="npm publish")})

    assert found.jobs == ()


@pytest.mark.parametrize(
    "run",
    [
        pytest.param("${{ inputs.cmd }}", id="the whole command"),
        pytest.param("${{ inputs.cmd }} --access public", id="its beginning"),
        pytest.param("npm ${{ inputs.verb }}", id="one word"),
    ],
)
def test_a_command_that_a_caller_hands_in_is_read(project, run: str) -> None:
    """Organisations keep one workflow for all and let each repository say how it publishes."""
    called = f"""
    on: {{workflow_call: {{inputs: {{cmd: {{type: string}}, verb: {{type: string}}}}}}}}
    jobs:
      publish:
        runs-on: ubuntu-latest
        steps:
          - run: {run}
    """
    caller = """
    on: push
    jobs:
      call:
        uses: ./.github/workflows/publish.yml
        with: {cmd: npm publish, verb: publish}
    """

    found = project({".github/workflows/publish.yml": called, ".github/workflows/ci.yml": caller})

    assert tools(found) == ["npm"]


def test_a_loop_over_a_pattern_sends_each_package_there(project):
    """A monorepo's own release script is often just this."""
    manifests = {
        f"packages/{name}/package.json": f'{{"name": "{name}", "version": "1.0.0", "repository": "acme/widgets"}}'
        for name in ("a", "b")
    }

    found = project.run("for p in packages/*; do (cd $p && npm publish --provenance); done", manifests)

    assert {shipment.name for shipment in found.shipments} == {"a", "b"}
