"""The tokens of a publish command: where they come from, and what they are filled with."""

from __future__ import annotations

import pytest

from preflight.facts.login import Filling

OIDC = """
runs-on: ubuntu-26.04
permissions: {contents: read, id-token: write}
"""
NPM_LINE = "//registry.npmjs.org/:_authToken"
FETCH = 'answer=$(curl -s "$ACTIONS_ID_TOKEN_REQUEST_URL&audience=npm:registry.npmjs.org")'
EXCHANGE = 'curl -X POST "https://registry.npmjs.org/-/npm/v1/oidc/token/exchange/package/widgets"'


def site(found):
    """Return the one publish site of a project."""
    (job,) = found.jobs
    (only,) = job.sites
    return only


@pytest.mark.parametrize(
    ("value", "filling"),
    [
        pytest.param("${{ secrets.NPM_TOKEN }}", Filling.SECRET, id="a secret"),
        pytest.param("${{ secrets.NPM_TOKEN || secrets.GITHUB_TOKEN }}", Filling.SECRET, id="one of two"),
        pytest.param("${{ steps.vault.outputs.token }}", Filling.UNKNOWN, id="an output"),
        pytest.param("0b1946ac92a5", Filling.LITERAL, id="text"),
    ],
)
def test_a_token_is_told_by_its_filling(project, value: str, filling: Filling) -> None:
    """What may open npm's registry counts, wherever it comes from."""
    found = project.run("npm publish", step=f"env: {{NODE_AUTH_TOKEN: '{value}'}}", job=OIDC)

    assert (site(found).token.name, site(found).token.filling) == ("NODE_AUTH_TOKEN", filling)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("", id="nothing"),
        pytest.param("XXXXX-XXXXX-XXXXX-XXXXX", id="setup-node's dummy"),
        pytest.param("dummy", id="a word for none"),
        pytest.param("${{ secrets.GITHUB_TOKEN }}", id="GitHub's"),
        pytest.param("${{ github.token }}", id="GitHub's by its other name"),
        pytest.param("${{ secrets.ACME_GITHUB_TOKEN }}", id="one for GitHub"),
    ],
)
def test_what_opens_nothing_is_no_token(project, value: str) -> None:
    """Otherwise a job that relies on OIDC seems to have a way round it."""
    found = project.run("npm publish", step=f"env: {{NODE_AUTH_TOKEN: '{value}'}}", job=OIDC)

    assert site(found).token is None


@pytest.mark.parametrize(
    ("files", "known"),
    [
        pytest.param({}, True, id="nothing says what for"),
        pytest.param({".npmrc": "//npm.pkg.github.com/:_authToken=${NODE_AUTH_TOKEN}\n"}, False, id="elsewhere"),
        pytest.param(
            {".npmrc": "//npm.pkg.github.com/:_authToken=${NODE_AUTH_TOKEN}\n" + NPM_LINE + "=${NODE_AUTH_TOKEN}\n"},
            True,
            id="both",
        ),
    ],
)
def test_a_variable_is_for_the_registry_that_refers_to_it(project, files: dict[str, str], *, known: bool) -> None:
    """A token for GitHub Packages lies beside OIDC without any harm."""
    found = project.run("npm publish", files, step="env: {NODE_AUTH_TOKEN: '${{ secrets.T }}'}", job=OIDC)

    assert (site(found).token is not None) is known


@pytest.mark.parametrize(
    ("manager", "wins"),
    [
        pytest.param("yarn@4.18.1", True, id="yarn"),
        pytest.param("pnpm@10.34.9", False, id="pnpm 10, which leaves it to npm"),
        pytest.param("pnpm@11.0.6", True, id="an early pnpm 11"),
        pytest.param("pnpm@11.0.7", False, id="the pnpm that tries OIDC first"),
    ],
)
def test_a_token_wins_where_the_tool_takes_it_first(project, manager: str, *, wins: bool) -> None:
    """There OIDC is never tried, whatever is set up at npm."""
    files = {"package.json": f'{{"name": "widgets", "packageManager": "{manager}"}}'}
    command = "yarn npm publish" if manager.startswith("yarn") else "pnpm publish"
    step = "env: {NODE_AUTH_TOKEN: '${{ secrets.T }}', YARN_NPM_AUTH_TOKEN: '${{ secrets.T }}'}"

    found = project.run(command, files, step=step, job=OIDC)

    assert site(found).token.wins is wins


@pytest.mark.parametrize(
    ("node", "tried"),
    [pytest.param("22", False, id="an old npm"), pytest.param("24", True, id="a new one")],
)
def test_pnpm_10_tries_oidc_as_its_npm_does(project, node: str, *, tried: bool) -> None:
    """It runs the npm on the PATH, whose version decides."""
    files = {"package.json": '{"name": "widgets", "packageManager": "pnpm@10.34.9"}'}
    steps = f"""
    - uses: actions/setup-node@v6
      with: {{node-version: {node}}}
    - run: pnpm publish
      env: {{NODE_AUTH_TOKEN: "${{{{ secrets.T }}}}"}}
    """

    found = project.steps(steps, files, job=OIDC)

    assert site(found).trusted.value is tried


@pytest.mark.parametrize(
    "steps",
    [
        pytest.param(
            f"""
            - id: oidc
              run: |
                {FETCH}
                echo "token=$answer" >> $GITHUB_OUTPUT
            - run: npm publish
              env: {{NODE_AUTH_TOKEN: "${{{{ steps.oidc.outputs.token }}}}"}}
            """,
            id="an output of a step that fetches one",
        ),
        pytest.param(
            """
            - id: oidc
              uses: actions/github-script@v8
              with: {script: "core.setOutput('token', await core.getIDToken('npm:registry.npmjs.org'))"}
            - run: npm publish
              env: {NODE_AUTH_TOKEN: "${{ steps.oidc.outputs.token }}"}
            """,
            id="an output of actions/github-script",
        ),
        pytest.param(
            f"""
            - run: |
                {FETCH}
                echo "NODE_AUTH_TOKEN=$answer" >> $GITHUB_ENV
            - run: npm publish
            """,
            id="a variable that a step writes",
        ),
        pytest.param(
            f"""
            - run: |
                {FETCH}
                npm config set {NPM_LINE} $answer
            - run: npm publish
            """,
            id="a setting that a step writes",
        ),
    ],
)
def test_a_raw_oidc_token_is_wrong(project, steps: str) -> None:
    """The registry exchanges it for a token and takes it for none."""
    found = site(project.steps(steps, job=OIDC))

    assert (found.token, [each.what.rpartition("is ")[2] for each in found.wrong]) == (None, ["a raw OIDC token"])


@pytest.mark.parametrize(
    "steps",
    [
        pytest.param(
            f"""
            - id: oidc
              run: |
                {FETCH}
                {EXCHANGE} -H "Authorization: Bearer $answer" >> $GITHUB_OUTPUT
            - run: npm publish
              env: {{NODE_AUTH_TOKEN: "${{{{ steps.oidc.outputs.token }}}}"}}
            """,
            id="a step that exchanges it itself",
        ),
        pytest.param(
            f"""
            - id: cloud
              run: {FETCH}
            - id: vault
              run: echo token=1 >> $GITHUB_OUTPUT
            - run: npm publish
              env: {{NODE_AUTH_TOKEN: "${{{{ steps.vault.outputs.token }}}}"}}
            """,
            id="an output of another step",
        ),
        pytest.param(
            f"""
            - run: |
                {FETCH}
                npm config set {NPM_LINE} $NPM_TOKEN
            - run: npm publish
            """,
            id="another variable",
        ),
    ],
)
def test_a_token_from_elsewhere_is_not_taken_for_a_raw_one(project, steps: str) -> None:
    """What a job asks an OIDC token for is its own business."""
    found = site(project.steps(steps, job=OIDC))

    assert (found.token is None, found.wrong) == (False, ())


def test_gitlabs_own_token_is_wrong_for_npm(project) -> None:
    """It opens the registry of the project alone."""
    pipeline = (
        f'publish:\n  image: node:22\n  script:\n    - npm config set {NPM_LINE} "$CI_JOB_TOKEN"\n    - npm publish\n'
    )

    found = site(project({".gitlab-ci.yml": pipeline}))

    assert (found.token, len(found.wrong), found.wrong[0].idle) == (None, 1, False)


def test_a_wrong_token_beside_a_right_one_is_not_shown(project) -> None:
    """GITHUB_TOKEN is there for installs, and npm's own for the publish."""
    step = "env: {NODE_AUTH_TOKEN: '${{ github.token }}', NPM_TOKEN: '${{ secrets.NPM_TOKEN }}'}"

    found = site(project.run("npx semantic-release", step=step, job=OIDC))

    assert (found.token.name, found.wrong) == ("NPM_TOKEN", ())


@pytest.mark.parametrize(
    ("command", "trustable"),
    [
        pytest.param("- run: npm publish", True, id="npm"),
        pytest.param("- run: yarn publish", False, id="yarn 1, which never learns it"),
        pytest.param("- run: bun publish", False, id="bun"),
        pytest.param("- run: npx auto shipit", False, id="a tool that wants a token"),
        pytest.param("- uses: JS-DevTools/npm-publish@v4", True, id="an action that wants none"),
        pytest.param("- uses: pascalgn/npm-publish-action@1.3.9", False, id="an action of which nothing is known"),
        pytest.param("- run: npm publish --registry https://npm.acme.test", False, id="another registry"),
    ],
)
def test_trusted_publishing_is_possible_with_some_tools(project, command: str, *, trustable: bool) -> None:
    """Advice that a maintainer cannot follow is none."""
    found = project.steps(command, {"package.json": '{"name": "widgets"}'}, job=OIDC)

    assert site(found).trustable is trustable


def test_trusted_publishing_is_not_possible_on_ones_own_gitlab(project) -> None:
    """Of all GitLabs npm knows gitlab.com alone."""
    pipeline = "publish:\n  image: node:24\n  script: [npm publish]\n"

    found = project({".gitlab-ci.yml": pipeline}, repository="https://git.acme.test/acme/widgets")

    assert site(found).trustable is False
