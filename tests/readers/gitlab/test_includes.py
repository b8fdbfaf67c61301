"""The files that a pipeline includes, and the code of others."""

from __future__ import annotations

import pytest

PUBLISH = "publish:\n  script: [npm publish]\n"
TOOL = "spec: {inputs: {tool: }}\n---\npublish:\n  script:\n    - cd .\n    - $[[ inputs.tool ]] # publish\n"
COMMIT = "3d3c42e5aac5ba805825da76410c181273ba90b1"


def image(inputs: str) -> str:
    """Return a file whose inputs decide the image that publishes."""
    return f"spec: {{inputs: {inputs}}}\n---\npublish:\n  image: node:$[[ inputs.node ]]\n  script: [npm publish]\n"


@pytest.mark.parametrize(
    "include",
    [
        pytest.param("include: ci/publish.yml", id="a string"),
        pytest.param("include: /ci/publish.yml", id="from the root"),
        pytest.param("include: [ci/publish.yml]", id="a list"),
        pytest.param("include: {local: ci/publish.yml}", id="a mapping"),
        pytest.param("include: [{local: /ci/publish.yml}]", id="a list of mappings"),
        pytest.param("include: ci/*.yml", id="a wildcard"),
        pytest.param("include: '**.yml'", id="a wildcard over folders"),
        pytest.param("include: 'ci/**/*.yml'", id="a wildcard for folders"),
    ],
)
def test_a_local_file_is_part_of_the_pipeline(job, include):
    """Jobs are mostly kept one file per concern."""
    found = job(include, {"ci/publish.yml": PUBLISH})

    assert str(found.at) == "ci/publish.yml:1:1"


def test_an_included_file_includes_from_the_root(job):
    """A path is never relative to the file that names it."""
    found = job("include: ci/a.yml", {"ci/a.yml": "include: ci/b.yml", "ci/b.yml": PUBLISH})

    assert str(found.at) == "ci/b.yml:1:1"


def test_the_including_file_is_stronger(job):
    """A project overrides one key of a job that it includes, and keeps the rest."""
    found = job(
        "include: ci.yml\npublish:\n  image: node:20\n",
        {"ci.yml": "publish:\n  image: node:16\n  script: [npm publish]\n"},
    )

    assert (str(found.at), str(found.sites[0].npm[0].value.version)) == (".gitlab-ci.yml:2:1", "10.8.2")


def test_a_later_include_is_stronger(job):
    """The order of includes decides between two files."""
    found = job(
        "include: [a.yml, b.yml]",
        {"a.yml": "default: {image: 'node:16'}", "b.yml": f"default: {{image: 'node:20'}}\n{PUBLISH}"},
    )

    assert str(found.sites[0].npm[0].value.version) == "10.8.2"


def test_files_that_include_each_other_end(job):
    """A circle is a mistake that must not hang the check."""
    found = job("include: a.yml", {"a.yml": f"include: [b.yml, .gitlab-ci.yml]\n{PUBLISH}", "b.yml": "include: a.yml"})

    assert found.name == "publish"


def test_a_long_chain_of_includes_ends_with_a_word(pipeline):
    """What is not looked at is said."""
    chain = {f"c{number}.yml": f"include: c{number + 1}.yml" for number in range(60)}

    found = pipeline("include: c0.yml", chain)

    assert [each.why for each in found.unread] == ["the pipeline includes too many files"]


def test_a_missing_file_breaks_a_pipeline_that_publishes(pipeline):
    """GitLab refuses the whole pipeline, after the tag is pushed."""
    found = pipeline(f"include: gone.yml\n{PUBLISH}")

    assert [(str(each.at), each.what) for each in found.broken] == [
        (".gitlab-ci.yml:1:10", "the pipeline includes `gone.yml`, and there is no such file")
    ]


def test_a_missing_file_of_a_pipeline_that_publishes_nothing_is_its_own_business(pipeline):
    """Only pipelines that hold a publish job are judged."""
    assert not pipeline("include: gone.yml").broken


def test_a_file_that_a_variable_names_is_told(pipeline):
    """Which jobs it holds is known when the pipeline starts."""
    found = pipeline("include: ci/$CHANNEL.yml")

    assert [each.uses for each in found.unread] == ["ci/$CHANNEL.yml"]


@pytest.mark.parametrize(
    ("include", "what", "name", "ref", "full"),
    [
        pytest.param(
            "{component: gitlab.com/a/b/c@1.0.0}",
            "component",
            "gitlab.com/a/b/c",
            "1.0.0",
            False,
            id="a component by its version",
        ),
        pytest.param(
            f"{{component: gitlab.com/a/b/c@{COMMIT}}}",
            "component",
            "gitlab.com/a/b/c",
            COMMIT,
            True,
            id="a component by its commit",
        ),
        pytest.param(
            "{project: a/b, file: /x.yml}", "included file", "a/b/x.yml", "", False, id="a project without a ref"
        ),
        pytest.param(
            "{project: a/b, file: [x.yml, y.yml], ref: main}",
            "included file",
            "a/b/x.yml",
            "main",
            False,
            id="a project by its branch",
        ),
        pytest.param(
            f"{{project: a/b, file: x.yml, ref: {COMMIT}}}",
            "included file",
            "a/b/x.yml",
            COMMIT,
            True,
            id="a project by its commit",
        ),
        pytest.param(
            "'https://acme.test/x.yml'", "included file", "https://acme.test/x.yml", "", False, id="an address"
        ),
        pytest.param(
            "{remote: 'https://acme.test/x.yml'}", "included file", "https://acme.test/x.yml", "", False, id="a remote"
        ),
        pytest.param(
            "{remote: 'https://acme.test/x.yml', integrity: sha256-AAAA}",
            "included file",
            "https://acme.test/x.yml",
            "sha256-AAAA",
            True,
            id="a remote by its digest",
        ),
    ],
)
def test_code_of_others_is_borrowed(pipeline, include, what, name, ref, full):
    """Whoever owns it can change the release, unless a commit or a digest holds it."""
    (found,) = pipeline(f"include: [{include}]\n{PUBLISH}").borrowed

    assert (found.what, found.name, found.pin.ref, found.pin.full) == (what, name, ref, full)


def test_a_borrowed_project_is_shown_at_its_ref(pipeline):
    """That is the line to change."""
    (found,) = pipeline(f"include:\n  - project: a/b\n    file: x.yml\n    ref: main\n{PUBLISH}").borrowed

    assert str(found.at) == ".gitlab-ci.yml:4:10"


@pytest.mark.parametrize(
    "include",
    [
        pytest.param("{template: Jobs/SAST.gitlab-ci.yml}", id="a template"),
        pytest.param(
            "{component: $CI_SERVER_FQDN/$CI_PROJECT_PATH/c@$CI_COMMIT_SHA}", id="the project's own component"
        ),
        pytest.param("{}", id="nothing"),
        pytest.param("~", id="null"),
        pytest.param("{component: [a]}", id="a list"),
    ],
)
def test_what_nobody_else_can_change_is_not_borrowed(pipeline, include):
    """Templates come with GitLab itself."""
    assert not pipeline(f"include: [{include}]\n{PUBLISH}").borrowed


def test_a_foreign_include_that_sounds_like_a_release_is_told(pipeline):
    """`nothing-publishes` must not claim more than it saw."""
    found = pipeline(
        "include:\n  - component: gitlab.com/acme/ci/release@main\n  - component: gitlab.com/acme/ci/lint@main"
    )

    assert [(each.uses, each.why) for each in found.unread] == [
        ("gitlab.com/acme/ci/release", "it is a file of another project")
    ]


@pytest.mark.parametrize(
    ("include", "spec", "version"),
    [
        pytest.param("inputs: {node: '20'}", "node: ", "10.8.2", id="given"),
        pytest.param("inputs: {other: '18'}", "node: {default: '20'}", "10.8.2", id="by default"),
    ],
)
def test_an_input_is_what_the_include_gives(job, include, spec, version):
    """Inputs of a file are known where the file is local."""
    found = job(
        f"include:\n  - local: ci.yml\n    {include}\n",
        {"ci.yml": image(f"{{{spec} }}")},
    )

    assert str(found.sites[0].npm[0].value.version) == version


@pytest.mark.parametrize(
    ("given", "spec", "why"),
    [
        pytest.param("", "{node: }", "`inputs.node` is set by whoever starts the pipeline", id="not given"),
        pytest.param("inputs: {node: [1]}", "{node: }", "`inputs.node` is no text", id="no text"),
        pytest.param(
            "inputs: {node: '$[[ inputs.x ]]'}",
            "{node: }",
            "`$[[ inputs.x ]]` is an input of the file that includes this one",
            id="passed on",
        ),
        pytest.param("", "{}", "nothing here says what `inputs.node` is", id="not declared"),
    ],
)
def test_an_input_that_cannot_be_told_is_unknown(job, given, spec, why):
    """The version of npm is then not guessed."""
    found = job(
        f"include:\n  - local: ci.yml\n    {given}\n",
        {"ci.yml": image(spec)},
    )

    assert found.sites[0].npm[0].why == why


def test_of_a_file_included_twice_the_last_one_counts(job):
    """Jobs of one name replace each other, and each include has inputs of its own."""
    found = job(
        "include:\n  - {local: ci.yml, inputs: {node: '16'}}\n  - {local: ci.yml, inputs: {node: '20'}}\n",
        {"ci.yml": image("{node: }")},
    )

    assert str(found.sites[0].npm[0].value.version) == "10.8.2"


def test_an_input_in_a_script_is_read(job):
    """The name of a script may come from an include."""
    found = job(
        "include:\n  - {local: ci.yml, inputs: {tool: npm publish --access public}}\n",
        {"ci.yml": TOOL},
    )

    assert (found.sites[0].access, str(found.sites[0].at)) == ("public", "ci.yml:6:7")
