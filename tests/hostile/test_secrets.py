"""Secrets in files: none is shown by any report, message or detail of a bug."""

from __future__ import annotations

import base64
import json

import pytest

from preflight.report.clean import clean

FORMATS = ("full", "concise", "json", "github", "markdown")
BODY = "Q7wErTyUi0pAsDfGhJkLzXcVbNm1234567890ab"
HEX = "0123456789abcdef0123456789abcdef01234567"
JWT = ".".join(
    base64.urlsafe_b64encode(part).decode().rstrip("=")
    for part in (b'{"alg":"HS256","typ":"JWT"}', b'{"sub":"canary","admin":true}', b"canary-signature-32-bytes-long!!")
)
TOKENS = {
    "npm": f"npm_{BODY[:36]}",
    "GitHub's classic": f"ghp_{BODY[:36]}",
    "GitHub's for apps": f"ghs_{BODY[:36]}",
    "GitHub's for users of apps": f"ghu_{BODY[:36]}",
    "GitHub's OAuth": f"gho_{BODY[:36]}",
    "GitHub's refresh": f"ghr_{BODY[:36]}",
    "GitHub's fine-grained": f"github_pat_{BODY[:22]}_{BODY * 2}"[:93],
    "GitLab's": f"glpat-{BODY[:20]}",
    "JWT": JWT,
}
"""What is a secret wherever it stands."""
NPMRC = {
    "a token of a registry": "//registry.npmjs.org/:_authToken={}",
    "a token with blanks": "  //registry.npmjs.org/:_authToken  =  {}  ",
    "a quoted token": '//registry.npmjs.org/:_authToken="{}"',
    "a token of another host": "//evil.example:8080/a/:_authToken={}",
    "an old token": "_authToken={}",
    "a basic one": "_auth={}",
    "a basic one of a registry": "//registry.npmjs.org/:_auth = {}",
    "a password": "//registry.npmjs.org/:_password={}",
    "a bare password": "_password={}",
    "capitals": "//registry.npmjs.org/:_AUTHTOKEN={}",
    "a user": "registry=https://canary:{}@registry.example/",
    "a one-time password": "otp={}",
    "a key": 'key="-----BEGIN PRIVATE KEY-----\\n{}\\n-----END PRIVATE KEY-----"',
    "a proxy": "https-proxy=http://canary:{}@proxy.example:8080/",
}
"""Lines of npm's settings that hold a secret of any shape."""


def workflow(secret):
    """Return a workflow with a secret of any shape where people put them."""
    said = json.dumps(secret)
    registry = json.dumps(f"https://canary:{secret}@registry.example/")
    return f"""\
name: Release
on: push
permissions: {{contents: read}}
env:
  NODE_AUTH_TOKEN: {said}
  NPM_CONFIG_PROVENANCE: {said}
jobs:
  publish:
    runs-on: [self-hosted, {said}]
    environment: {said}
    env: {{NPM_TOKEN: {said}, GITHUB_TOKEN: {said}, NPM_CONFIG__AUTH: {said}, YARN_NPM_AUTH_TOKEN: {said}}}
    steps:
      - uses: actions/checkout@v4
        with: {{token: {said}, ref: {said}}}
      - uses: {json.dumps("acme/action@" + secret)}
      - uses: actions/setup-node@v4
        with: {{node-version: {said}, registry-url: {registry}, token: {said}}}
        env: {{NODE_AUTH_TOKEN: {said}}}
      - uses: JS-DevTools/npm-publish@v3
        with: {{token: {said}, registry: {registry}}}
      - run: {json.dumps("echo //registry.npmjs.org/:_authToken=" + secret + " > .npmrc && npm publish")}
      - run: {json.dumps("npm config set //registry.npmjs.org/:_authToken " + secret + " && npm publish --provenance")}
      - run: {json.dumps("npm config set _authToken=" + secret + "; npm publish")}
      - run: {json.dumps("npm publish --//registry.npmjs.org/:_authToken=" + secret)}
      - run: {json.dumps("npm publish --otp " + secret)}
      - run: {json.dumps("npm publish --otp=" + secret)}
      - run: {json.dumps("NODE_AUTH_TOKEN=" + secret + " npm publish")}
      - run: {json.dumps("NPM_TOKEN='" + secret + "' npm publish")}
      - run: {json.dumps("npm publish --registry https://canary:" + secret + "@registry.example/")}
      - run: {json.dumps("npm publish --registry=https://" + secret + "@registry.example/")}
      - run: {json.dumps("git push https://x-access-token:" + secret + "@github.com/acme/widgets && npm publish")}
      - run: {json.dumps("curl -H 'Authorization: Bearer " + secret + "' https://x.example | npm publish")}
      - run: npm publish # preflight: ignore[old-npm]
        env: {{NODE_AUTH_TOKEN: {said}}}
  borrowed:
    uses: {json.dumps("acme/publish/.github/workflows/npm.yml@" + secret)}
    secrets: {{token: {said}}}
    with: {{npm-token: {said}}}
"""


def manifest(secret):
    """Return a package.json with a secret of any shape."""
    return json.dumps(
        {
            "name": "@acme/widgets",
            "version": "1.0.0",
            "repository": {"type": "git", "url": f"https://canary:{secret}@github.com/acme/other.git"},
            "publishConfig": {
                "provenance": "true",
                "registry": f"https://canary:{secret}@registry.example/",
                "//registry.npmjs.org/:_authToken": secret,
                "_authToken": secret,
            },
            "scripts": {
                "release": f"NPM_TOKEN={secret} npm publish --otp={secret}",
                "prepublishOnly": f"npm config set //registry.npmjs.org/:_authToken={secret}",
            },
        },
        indent=2,
    )


def pipeline(secret):
    """Return a .gitlab-ci.yml with a secret of any shape."""
    said = json.dumps(secret)
    return f"""\
variables: {{NPM_TOKEN: {said}, NODE_AUTH_TOKEN: {said}}}
include: [{{remote: {json.dumps("https://canary:" + secret + "@x.example/a.yml")}}}]
publish:
  image: node:22
  tags: [{said}]
  variables: {{NPM_CONFIG__AUTHTOKEN: {said}}}
  script:
    - {json.dumps("echo '//registry.npmjs.org/:_authToken=" + secret + "' >> .npmrc")}
    - {json.dumps("npm publish --//registry.npmjs.org/:_authToken=" + secret)}
"""


def said(run, project):
    """Return everything that the commands say, into streams and files."""
    words = [word for name in FORMATS for word in ("-o", f"{name}=report.{name}")]
    runs = [
        run("check", *words, "-v", "--show-ignored"),
        run(
            "check", "-v", "--format", "github", GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(project / "report.sum")
        ),
        run("check", "-v", GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(project / "report.sum")),
        run("plan", "-v"),
        run("plan", "--format", "json"),
        run("config", "show"),
    ]
    assert [ended.code for ended in runs] == [1, 1, 1, 0, 0, 0], [ended.err[-500:] for ended in runs]
    reports = [(project / f"report.{name}").read_text("utf-8") for name in (*FORMATS, "sum")]
    return "\n".join([*(ended.said for ended in runs), *reports])


def lines_with(text, canary):
    """Return the lines that hold a secret, for the message of a failure."""
    return [line[:300] for line in text.splitlines() if canary in line]


@pytest.mark.parametrize("secret", TOKENS.values(), ids=TOKENS.keys())
def test_a_token_is_never_shown(secret, put, run, project):
    """The log of a public repository is read by everyone."""
    put(
        {
            ".github/workflows/release.yml": workflow(secret),
            "package.json": manifest(secret),
            "packages/a/package.json": manifest(secret),
            ".gitlab-ci.yml": pipeline(secret),
            ".npmrc": "\n".join(line.replace("{}", secret) for line in NPMRC.values()) + "\n",
            ".git/config": f'[remote "origin"]\nurl = https://canary:{secret}@github.com/acme/widgets.git\n',
            ".yarnrc.yml": f"npmAuthToken: {secret}\nnpmRegistryServer: https://canary:{secret}@registry.example/\n",
            ".nvmrc": secret,
        }
    )

    assert lines_with(said(run, project), secret[-12:]) == []


SHAPES = {
    "letters": "Zq9CanarySecretWithoutAnyShape",
    "hexadecimal": f"{HEX}c0ffee",
    "base64": "Y2FuYXJ5OmNhbmFyeS1zZWNyZXQtdmFsdWU=",
    "a UUID": "c0ffee00-1234-4abc-8def-0123456789ab",
}


@pytest.mark.parametrize("secret", SHAPES.values(), ids=SHAPES.keys())
@pytest.mark.parametrize("line", NPMRC.values(), ids=NPMRC.keys())
def test_a_value_of_a_secret_setting_is_never_shown(line, secret, put, run, project):
    """Tokens of private registries have no shape of their own; their key says what they are."""
    put({".npmrc": line.replace("{}", secret) + "\nprovenance=maybe\nregistry = x\n"})

    assert lines_with(said(run, project), secret[-12:]) == []


@pytest.mark.parametrize("secret", SHAPES.values(), ids=SHAPES.keys())
@pytest.mark.parametrize(
    "files",
    [
        pytest.param(lambda secret: {".github/workflows/release.yml": workflow(secret)}, id="workflow"),
        pytest.param(lambda secret: {"package.json": manifest(secret)}, id="package.json"),
        pytest.param(lambda secret: {".gitlab-ci.yml": pipeline(secret)}, id=".gitlab-ci.yml"),
        pytest.param(
            lambda secret: {
                ".git/config": f'[remote "origin"]\nurl = https://c:{secret}@github.com/acme/widgets.git\n'
            },
            id=".git/config",
        ),
    ],
)
def test_a_secret_without_a_shape_is_not_shown_where_its_key_tells(files, secret, put, run, project):
    """A password in an address, behind `_authToken` or behind `--otp` is one whatever it looks like."""
    put({name: known_by_key(text) for name, text in files(secret).items()})

    assert lines_with(said(run, project), secret[-12:]) == []


def known_by_key(text):
    """Leave out the lines whose secret nothing marks as one."""
    return "\n".join(
        line
        for line in text.splitlines()
        if not any(
            mark in line for mark in ("runs-on: [self-hosted", "environment: ", "tags: [", "acme/action@", "npm.yml@")
        )
    )


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(["--repository", "https://canary:{}@github.com/a/b/c/d"], id="repository"),
        pytest.param(["--repository", "//registry.npmjs.org/:_authToken={}"], id="a token"),
        pytest.param(["--package", "npm_{}"], id="package"),
        pytest.param(["--select", "npm_{}"], id="rule"),
        pytest.param(["--config", "npm_{}"], id="configuration"),
        pytest.param(["--format", "npm_{}"], id="format"),
        pytest.param(["-o", "json=/nowhere/npm_{}/x"], id="output"),
    ],
)
def test_a_mistake_of_the_user_shows_no_secret(words, run):
    """What was pasted into the wrong field ends in the log."""
    ended = run("check", *(word.replace("{}", BODY) for word in words))

    assert (ended.code, BODY[-12:] in ended.said) == (2, False)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("preflight.toml", 'repository = "https://canary:{}@github.com/a/b/c"\n'),
        ("preflight.toml", 'select = ["npm_{}"]\n'),
        ("preflight.toml", "npm_{} = 1\n"),
        ("preflight.toml", '_authToken = "{}" x\n'),
        ("preflight.toml", 'fail-on = "npm_{}"\n'),
        ("preflight.toml", '[[ignore]]\nrule = "npm_{}"\nreason = "x"\n'),
    ],
)
def test_a_mistake_in_the_configuration_shows_no_secret(name, text, put, run):
    """The message quotes what is wrong."""
    put({name: text.replace("{}", BODY)})

    ended = run("check", "-v")

    assert (ended.code, BODY[-12:] in ended.said) == (2, False)


def test_the_environment_is_not_shown(put, run):
    """The process has the tokens of the job in its environment."""
    put({".npmrc": "//registry.npmjs.org/:_authToken=${NPM_TOKEN}\nregistry=${NPM_CONFIG_REGISTRY}\n"})
    environment = {"NPM_TOKEN": BODY, "NODE_AUTH_TOKEN": BODY, "NPM_CONFIG_REGISTRY": f"https://{BODY}.example/"}

    ended = [run("check", "-v", "--format", name, **environment) for name in FORMATS] + [run("plan", **environment)]

    assert [BODY in each.said for each in ended] == [False] * 6


@pytest.mark.parametrize(
    "line",
    [
        "npm config set //registry.npmjs.org/:_authToken {} && npm publish",
        "npm publish --otp {}",
        "NODE_AUTH_TOKEN={} npm publish",
        "NODE_AUTH_TOKEN: {}",
        'NPM_TOKEN: "{}"',
        'run: "NPM_TOKEN=\\"{}\\" npm publish"',
        '"NPM_TOKEN": "{}"',
        "with: {token: {}, registry: x}",
        "npm-token: {}",
        "npmAuthToken: {}",
        "npmAuthIdent: {}",
        "NPM_PASSWORD={}",
        "SIGNING_SECRET = '{}'",
        "Authorization: Bearer {}",
        "https://canary:{}@registry.example/",
        "git+ssh://canary:{}@github.com/acme/widgets",
        "https://{}@github.com/acme/widgets",
        "-----BEGIN RSA PRIVATE KEY-----{}",
        "AWS: AKIAABCDEFGHIJKLMNOP{}".replace("{}", "") + " TOKEN={}",
        "glptt-0123456789{}",
        "xoxb-0123456789-{}",
        "pypi-AgEIcHlwaS5vcmc{}",
    ],
)
def test_a_secret_is_known_by_what_stands_before_it(line):
    """Most secrets look like nothing in particular."""
    assert SHAPES["letters"] not in clean(line.replace("{}", SHAPES["letters"]))


@pytest.mark.parametrize(
    "line",
    [
        "id-token: write",
        'permissions: {contents: read, "id-token": "write"}',
        "SIGSTORE_ID_TOKEN: {aud: sigstore}",
        'NPM_ID_TOKEN: "x"',
        "job `a` may not mint an OIDC token: `id-token: write` is missing",
        "NODE_AUTH_TOKEN: ${{ secrets.NPM_TOKEN }}",
        "NPM_TOKEN=$NPM_TOKEN npm publish",
        "//registry.npmjs.org/:_authToken=${NPM_TOKEN}",
        "token: ${{ github.token }}",
        "set NPM_TOKEN=%NPM_TOKEN%",
        "persist-credentials: false",
        "key: npm-cache",
        "git+ssh://git@github.com/acme/widgets.git",
        "npm notice basic usage of npm publish with a bearer of tokens",
        "the token in `NODE_AUTH_TOKEN` and `_authToken` is not read",
    ],
)
def test_what_is_no_secret_is_shown(line):
    """`id-token: write` is what half of the findings are about."""
    assert clean(line) == line


def test_a_secret_that_is_cut_is_hidden(put, run):
    """Half a token is half a token too much."""
    secret = f"npm_{BODY}"
    put({".github/workflows/release.yml": "on: push\njobs: {a: {runs-on: x, steps: [{run: 'npm publish', name: '"
         + "x" * 1985 + " " + secret + "'}, {uses: '" + "a/b" + "c" * 1970 + "@" + JWT + "'}]}}\n"})  # fmt: skip

    ended = [run("check", "-v", "--format", name) for name in FORMATS]

    assert [(BODY[:12] in each.said, JWT[-12:] in each.said) for each in ended] == [(False, False)] * 5
