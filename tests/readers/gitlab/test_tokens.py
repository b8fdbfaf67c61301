"""The id tokens of a job, and the edits that give them."""

from __future__ import annotations

import pytest

from preflight.facts.fact import Known, Unknown

SECRET = "npm config set //registry.npmjs.org/:_authToken $NPM_TOKEN"
SIGSTORE = "SIGSTORE_ID_TOKEN: {aud: sigstore}"
TRUSTED = 'NPM_ID_TOKEN: {aud: "npm:registry.npmjs.org"}'


@pytest.mark.parametrize(
    "tokens",
    [
        pytest.param("SIGSTORE_ID_TOKEN: {aud: sigstore}", id="a string"),
        pytest.param("SIGSTORE_ID_TOKEN: {aud: [other, sigstore]}", id="a list"),
        pytest.param("SIGSTORE_ID_TOKEN: {aud: $AUD}", id="a variable"),
        pytest.param("SIGSTORE_ID_TOKEN: {aud: !reference [.t, aud]}", id="a reference"),
        pytest.param("VAULT: {aud: x}, SIGSTORE_ID_TOKEN: {aud: sigstore}", id="beside another"),
    ],
)
def test_a_token_for_sigstore_is_granted(job, tokens):
    """The line of the grant is shown where all is well."""
    found = job(f"""
        .t: {{aud: sigstore}}
        publish:
          variables: {{AUD: sigstore}}
          script: ["{SECRET}", npm publish]
          id_tokens: {{{tokens}}}
        """)

    assert (found.id_token.value, found.id_token.at.text) == (True, "SIGSTORE_ID_TOKEN")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("default: {id_tokens: {%s}}\npublish: {script: [%s, npm publish]}", id="by default"),
        pytest.param(".t: {id_tokens: {%s}}\npublish: {extends: .t, script: [%s, npm publish]}", id="by a template"),
        pytest.param(
            ".t: {id_tokens: {%s}}\npublish: {extends: .t, id_tokens: {A: {aud: a}}, script: [%s, npm publish]}",
            id="beside those of a template",
        ),
    ],
)
def test_a_token_may_be_inherited(job, text):
    """Most pipelines write it once."""
    assert job(text % (SIGSTORE, f"'{SECRET}'")).id_token.value is True


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            "default: {id_tokens: {%s}}\npublish: {id_tokens: {A: {aud: a}}, script: [%s, npm publish]}",
            id="own tokens replace those of default",
        ),
        pytest.param(
            "default: {id_tokens: {%s}}\npublish: {inherit: {default: false}, script: [%s, npm publish]}",
            id="not inherited",
        ),
        pytest.param(
            "other: {id_tokens: {%s}, script: tsc}\npublish: {script: [%s, npm publish]}", id="of another job"
        ),
    ],
)
def test_a_token_elsewhere_is_none(job, text):
    """What looks granted is not."""
    found = job(text % (SIGSTORE, f"'{SECRET}'"))

    assert (found.id_token.value, found.id_token.at) == (False, found.at)


def test_an_audience_that_cannot_be_told_is_unknown(job):
    """A variable of the project may well be right."""
    found = job(f"publish: {{script: ['{SECRET}', npm publish], id_tokens: {{SIGSTORE_ID_TOKEN: {{aud: $AUD}}}}}}")

    assert isinstance(found.id_token, Unknown)


@pytest.mark.parametrize(
    ("tokens", "granted"),
    [
        pytest.param(f"{SIGSTORE}, {TRUSTED}", True, id="both"),
        pytest.param(SIGSTORE, False, id="none for npm"),
        pytest.param(TRUSTED, False, id="none for sigstore"),
    ],
)
def test_without_a_secret_npm_needs_a_token_too(job, tokens, granted):
    """Nothing else could let the job in."""
    found = job(f"publish: {{script: [npm publish], id_tokens: {{{tokens}}}}}")

    assert found.id_token.value is granted


@pytest.mark.parametrize(
    ("token", "wrong"),
    [
        pytest.param(TRUSTED, (), id="the right one"),
        pytest.param(
            'NPM_ID_TOKEN: {aud: "npm:registry.yarnpkg.com"}', ('"npm:registry.yarnpkg.com"',), id="an alias's"
        ),
        pytest.param('NPM_ID_TOKEN: {aud: "npm:acme.test"}', ('"npm:acme.test"',), id="another registry's"),
        pytest.param("NPM_ID_TOKEN: {aud: registry.npmjs.org}", ("registry.npmjs.org",), id="without npm's scheme"),
        pytest.param("NPM_ID_TOKEN: {}", ("NPM_ID_TOKEN",), id="none"),
        pytest.param("NPM_ID_TOKEN: {aud: $AUDIENCE}", (), id="one that the files do not tell"),
    ],
)
def test_an_audience_for_npm_is_right_to_the_letter(job, token, wrong):
    """The CLI computes it from the address of its registry, and an alias of that is another text."""
    found = job(f"publish: {{script: [npm publish], id_tokens: {{{SIGSTORE}, {token}}}}}")

    assert tuple(each.at.text for each in found.sites[0].wrong) == wrong


def test_a_wrong_audience_is_no_missing_token(job):
    """One fact, one finding."""
    found = job(
        f'publish: {{script: [npm publish], id_tokens: {{{SIGSTORE}, NPM_ID_TOKEN: {{aud: "npm:acme.test"}}}}}}'
    )

    assert found.id_token.value is True


def test_trusted_publishing_without_sigstore_makes_no_provenance(pipeline):
    """Npm then publishes without provenance and says nothing."""
    text = f"publish: {{image: 'node:24', script: [npm publish], id_tokens: {{{TRUSTED}}}}}"

    (shipment,) = pipeline(text).shipments

    assert shipment.off


def test_trusted_publishing_with_sigstore_makes_provenance(pipeline):
    """Both tokens are what turns it on by itself."""
    text = f"publish: {{image: 'node:24', script: [npm publish], id_tokens: {{{TRUSTED}, {SIGSTORE}}}}}"

    (shipment,) = pipeline(text).shipments

    assert not shipment.off


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            "publish:\n  script:\n    - npm publish\n",
            "publish:\n  id_tokens:\n    SIGSTORE_ID_TOKEN:\n      aud: sigstore\n    NPM_ID_TOKEN:\n"
            '      aud: "npm:registry.npmjs.org"\n  script:\n    - npm publish\n',
            id="both",
        ),
        pytest.param(
            "publish:\n    script: npm publish\n    id_tokens:\n        NPM_ID_TOKEN:\n"
            "            aud: npm:registry.npmjs.org\n",
            "publish:\n    script: npm publish\n    id_tokens:\n        SIGSTORE_ID_TOKEN:\n"
            "          aud: sigstore\n        NPM_ID_TOKEN:\n            aud: npm:registry.npmjs.org\n",
            id="beside another",
        ),
        pytest.param(
            f"publish: {{script: npm publish, id_tokens: {{{TRUSTED}}}}}\n",
            f"publish: {{script: npm publish, id_tokens: {{SIGSTORE_ID_TOKEN: {{aud: sigstore}}, {TRUSTED}}}}}\n",
            id="in braces",
        ),
        pytest.param(
            "publish: {script: npm publish}\n",
            f"publish: {{id_tokens: {{{SIGSTORE}, {TRUSTED}}}, script: npm publish}}\n",
            id="a job in braces",
        ),
        pytest.param(
            f"publish:\n  script: npm publish\n  id_tokens:\n    SIGSTORE_ID_TOKEN: {{aud: fulcio}}\n    {TRUSTED}\n",
            f"publish:\n  script: npm publish\n  id_tokens:\n    SIGSTORE_ID_TOKEN: {{aud: sigstore}}\n    {TRUSTED}\n",
            id="a wrong audience",
        ),
        pytest.param(
            f"default:\n  id_tokens:\n    {TRUSTED}\npublish:\n  script: npm publish\n",
            f"default:\n  id_tokens:\n    SIGSTORE_ID_TOKEN:\n      aud: sigstore\n    {TRUSTED}\npublish:\n"
            f"  script: npm publish\n",
            id="those of default stay",
        ),
        pytest.param(
            f".t:\n  id_tokens:\n    {TRUSTED}\npublish:\n  extends: .t\n  script: npm publish\n",
            f".t:\n  id_tokens:\n    {TRUSTED}\npublish:\n  id_tokens:\n    SIGSTORE_ID_TOKEN:\n"
            f"      aud: sigstore\n  extends: .t\n  script: npm publish\n",
            id="those of a template are added to",
        ),
        pytest.param(
            ".t: &t\n  stage: deploy\npublish:\n  <<: *t\n  script: npm publish\n",
            ".t: &t\n  stage: deploy\npublish:\n  id_tokens:\n    SIGSTORE_ID_TOKEN:\n      aud: sigstore\n"
            '    NPM_ID_TOKEN:\n      aud: "npm:registry.npmjs.org"\n  <<: *t\n  script: npm publish\n',
            id="above a merge key",
        ),
        pytest.param(
            "publish:\n  script: npm publish\n  id_tokens: {}\n",
            f"publish:\n  script: npm publish\n  id_tokens: {{{SIGSTORE}, {TRUSTED}}}\n",
            id="in empty braces",
        ),
    ],
)
def test_the_remedy_writes_what_is_missing(project, before, after):
    """A fix keeps all that stands there, and settles the matter."""
    (found,) = project({".gitlab-ci.yml": before}).jobs

    (fixed,) = project.apply(found.id_token.remedy).jobs

    assert ((project.root / ".gitlab-ci.yml").read_text("utf-8"), fixed.id_token.value) == (after, True)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(".p: &p\n  script: npm publish\npublish: *p\n", id="a job that is an alias"),
        pytest.param(
            "publish:\n  script: npm publish\n  id_tokens: &i\n    A: {aud: a}\nother:\n  script: tsc\n"
            "  id_tokens: *i\n",
            id="tokens that are shared",
        ),
        pytest.param("publish:\n  script: npm publish\n  id_tokens: [a]\n", id="tokens of a wrong shape"),
    ],
)
def test_what_cannot_be_edited_safely_has_a_title_only(job, text):
    """An alias stands in several places, and so would the edit."""
    match job(text).id_token:
        case Known(False, _, fix):
            assert fix.edits == ()
