"""Settings of a project that stop its own publish."""

from __future__ import annotations

import pytest

OIDC = """
runs-on: ubuntu-26.04
permissions: {contents: read, id-token: write}
"""
TOKEN = "env: {NODE_AUTH_TOKEN: '${{ secrets.T }}', NPM_TOKEN: '${{ secrets.T }}'}"
PNPM = '"devEngines": {"packageManager": {"name": "pnpm"}}'


def blocks(found):
    """Return the blocks of the one site."""
    (job,) = found.jobs
    (site,) = job.sites
    return site.blocks


def manifest(*more: str) -> dict[str, str]:
    """Return a package.json with more keys."""
    return {"package.json": "{" + ", ".join(('"name": "widgets"', *more)) + "}"}


# -- release-it -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("files", "where"),
    [
        pytest.param({}, ".github/workflows/release.yml", id="no configuration"),
        pytest.param({".release-it.json": '{"npm": {"skipChecks": false}}'}, ".release-it.json", id="checks"),
        pytest.param({".release-it.yaml": "git: {tag: true}\n"}, ".release-it.yaml", id="silence"),
        pytest.param(manifest('"release-it": {"git": false}'), "package.json", id="package.json"),
        pytest.param({".release-it.ts": "export default {}"}, ".release-it.ts", id="code"),
        pytest.param({".release-it.toml": "[npm]\npublish = true\n"}, ".release-it.toml", id="TOML"),
    ],
)
def test_release_it_asks_who_it_is(project, files: dict[str, str], where: str) -> None:
    """Nobody is logged in before a trusted publish."""
    found = project.run("npx release-it --ci", files, job=OIDC)

    assert [str(each.at.path) for each in blocks(found)] == [where]


@pytest.mark.parametrize(
    ("files", "command", "step"),
    [
        pytest.param({".release-it.json": '{"npm": {"skipChecks": true}}'}, "npx release-it", "", id="JSON"),
        pytest.param({".release-it.yml": "npm: {skipChecks: true}\n"}, "npx release-it", "", id="YAML"),
        pytest.param({".release-it.cjs": "module.exports = {npm: {skipChecks: 1}}"}, "npx release-it", "", id="code"),
        pytest.param({}, "npx release-it --npm.skipChecks", "", id="the command line"),
        pytest.param({}, "npx release-it --config other.json", "", id="another file"),
        pytest.param({}, "npx release-it", TOKEN, id="a token"),
    ],
)
def test_release_it_asks_nothing(project, files: dict[str, str], command: str, step: str) -> None:
    """These publish as they are."""
    found = project.run(command, files, step=step, job=OIDC)

    assert blocks(found) == ()


def test_a_configuration_that_is_inherited_leaves_a_doubt(project) -> None:
    """What it extends may say `skipChecks`."""
    found = project.run("npx release-it", {".release-it.json": '{"extends": "github:acme/base"}'}, job=OIDC)

    assert [each.doubt is not None for each in blocks(found)] == [True]


# -- npm whoami -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("steps", "count"),
    [
        pytest.param("- run: npm whoami\n- run: npm publish", 1, id="a step of its own"),
        pytest.param("- run: |\n    npm whoami\n    npm publish", 1, id="a line before"),
        pytest.param("- run: |\n    npm publish\n    npm whoami", 0, id="a line behind"),
        pytest.param("- run: npm publish\n- run: npm whoami", 0, id="a step behind"),
        pytest.param("- run: npm whoami || true\n- run: npm publish", 0, id="a refusal is expected"),
        pytest.param("- run: if npm whoami; then npm publish; fi", 0, id="a question"),
        pytest.param("- run: npm whoami\n  continue-on-error: true\n- run: npm publish", 0, id="an error is let be"),
        pytest.param(f"- run: npm whoami\n  {TOKEN}\n- run: npm publish", 0, id="with a token of its own"),
        pytest.param(f"- run: npm whoami\n- run: npm publish\n  {TOKEN}", 0, id="the publish has a token"),
    ],
)
def test_nobody_is_logged_in_before_a_trusted_publish(project, steps: str, count: int) -> None:
    """The documentation of npm says so, and stripe-node had to take the line out."""
    found = project.steps(steps, job=OIDC)

    assert len(blocks(found)) == count


@pytest.mark.parametrize("key", ["if: inputs.check", "continue-on-error: ${{ inputs.lenient }}"])
def test_a_step_that_may_not_count_leaves_a_doubt(project, key: str) -> None:
    """Whoever starts the workflow decides."""
    found = project.steps(f"- run: npm whoami\n  {key}\n- run: npm publish", job=OIDC)

    assert [each.doubt is not None for each in blocks(found)] == [True]


def test_a_line_of_gitlabs_script_is_seen(project) -> None:
    """Both systems run the same npm."""
    tokens = '{SIGSTORE_ID_TOKEN: {aud: sigstore}, NPM_ID_TOKEN: {aud: "npm:registry.npmjs.org"}}'
    pipeline = (
        f"publish:\n  image: node:24\n  id_tokens: {tokens}\n  before_script: npm whoami\n  script: [npm publish]\n"
    )

    found = project({".gitlab-ci.yml": pipeline})

    assert [each.at.line for each in blocks(found)] == [4]


# -- devEngines -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("engines", "blocked"),
    [
        pytest.param('{"name": "pnpm"}', True, id="another program"),
        pytest.param('{"name": "pnpm", "onFail": "error"}', True, id="an error"),
        pytest.param('{"name": "pnpm", "onFail": "download"}', True, id="a download, which npm cannot do"),
        pytest.param('[{"name": "pnpm", "onFail": "warn"}, {"name": "yarn"}]', True, id="the last one decides"),
        pytest.param('{"name": "pnpm", "onFail": "warn"}', False, id="a warning"),
        pytest.param('{"name": "pnpm", "onFail": "ignore"}', False, id="nothing"),
        pytest.param('{"name": "npm", "version": "^11"}', False, id="npm"),
        pytest.param('[{"name": "pnpm"}, {"name": "npm"}]', False, id="npm too"),
        pytest.param("[]", False, id="an empty list"),
        pytest.param('{"version": "1"}', False, id="no name"),
        pytest.param("7", False, id="no object"),
    ],
)
def test_npm_compares_itself_with_dev_engines(project, engines: str, *, blocked: bool) -> None:
    """Tried with npm 11.19: it refuses every command with EBADDEVENGINES."""
    found = project.run("npm publish", manifest(f'"devEngines": {{"packageManager": {engines}}}'), job=OIDC)

    assert bool(blocks(found)) is blocked


@pytest.mark.parametrize(
    ("command", "more", "blocked"),
    [
        pytest.param("npm publish --force", (), False, id="npm told not to mind"),
        pytest.param("npm publish ./dist", (), True, id="npm, another folder"),
        pytest.param("cd packages/a && npm publish", (), False, id="npm in another project"),
        pytest.param("npm pkg delete devEngines && npm publish", (), False, id="taken away before"),
        pytest.param("pnpm publish", ('"packageManager": "pnpm@10.34.9"',), False, id="pnpm 10, a folder"),
        pytest.param("pnpm publish ./a.tgz", ('"packageManager": "pnpm@10.34.9"',), True, id="pnpm 10, a tarball"),
        pytest.param("pnpm publish ./a.tgz", ('"packageManager": "pnpm@11.28.0"',), False, id="pnpm 11"),
        pytest.param("npx changeset publish", ('"devDependencies": {"@changesets/cli": "2.29.0"}',), True, id="2"),
        pytest.param("npx changeset publish", ('"devDependencies": {"@changesets/cli": "3.1.0"}',), False, id="3"),
        pytest.param("npx lerna publish", ('"devDependencies": {"lerna": "9.0.0"}',), False, id="lerna, without npm"),
        pytest.param(
            "npx semantic-release", ('"devDependencies": {"semantic-release": "25.0.0"}',), True, id="its npm"
        ),
    ],
)
def test_it_depends_on_who_runs_npm_and_where(project, command: str, more: tuple[str, ...], *, blocked: bool) -> None:
    """A folder is published from elsewhere by pnpm 10; `changeset publish` asks npm about each package before 3."""
    files = {**manifest(PNPM, *more), "packages/a/package.json": '{"name": "a"}'}

    found = project.run(command, files, job=OIDC)

    assert bool(blocks(found)) is blocked


@pytest.mark.parametrize(
    ("image", "doubts"),
    [
        pytest.param("node:20.10.0", [], id="an npm that does not compare"),
        pytest.param("node:24", [False], id="one that does"),
        pytest.param("ghcr.io/acme/node", [True], id="one that is not known"),
    ],
)
def test_it_depends_on_the_npm(project, image: str, doubts: list[bool]) -> None:
    """From 10.9 on npm looks at `devEngines`."""
    found = project.run("npm publish", manifest(PNPM), job=f"{OIDC}container: {image}")

    assert [each.doubt is not None for each in blocks(found)] == doubts


def test_the_fix_makes_it_a_warning(project) -> None:
    """The project still says what it wants."""
    found = project.run("npm publish", manifest(PNPM), job=OIDC)

    assert blocks(project.apply(blocks(found)[0].remedy)) == ()
