"""Inputs, put in wherever a file asks for them."""

from __future__ import annotations

import pytest

SPEC = "spec:\n  inputs:\n    x:\n      default: {}\n---\n"


def read(job, default: str, text: str):
    """Return the publish job of an included file with one input `x`."""
    return job("include: ci.yml", {"ci.yml": SPEC.format(default) + text})


def test_an_input_names_a_job(job):
    """A template is mostly included for several packages."""
    found = read(job, "core", "$[[ inputs.x ]]-publish:\n  script: [npm publish]\n")

    assert found.name == "core-publish"


def test_a_file_included_twice_makes_two_jobs(pipeline):
    """One for each package."""
    text = "spec: {inputs: {x: }}\n---\n$[[ inputs.x ]]:\n  script: [npm publish]\n"

    found = pipeline(
        "include:\n  - {local: ci.yml, inputs: {x: one}}\n  - {local: ci.yml, inputs: {x: two}}\n", {"ci.yml": text}
    )

    assert [each.name for each in found.jobs] == ["one", "two"]


@pytest.mark.parametrize(
    ("default", "keys", "triggers"),
    [
        pytest.param("$CI_COMMIT_TAG", "rules: [{if: '$[[ inputs.x ]]'}]", ("tag",), id="a condition"),
        pytest.param("[{if: $CI_COMMIT_TAG}]", "rules: $[[ inputs.x ]]", ("tag",), id="a list of rules"),
        pytest.param("tags", "only: ['$[[ inputs.x ]]']", ("tag",), id="a ref"),
    ],
)
def test_an_input_is_part_of_a_rule(job, default, keys, triggers):
    """A list stays a list."""
    found = read(job, default, f"publish:\n  script: [npm publish]\n  {keys}\n")

    assert found.triggers == triggers


def test_an_input_that_is_a_boolean_stays_one(job):
    """`interruptible` is not the text `true`."""
    found = read(job, "true", "publish:\n  script: [npm publish]\n  interruptible: $[[ inputs.x ]]\n")

    assert [each.danger.value for each in found.interruptions] == ["cut"]


@pytest.mark.parametrize(
    "hole",
    [
        pytest.param("$[[ inputs.x ]]", id="as it is"),
        pytest.param("$[[inputs.x | expand_vars]]", id="with its variables"),
        pytest.param("$[[ inputs.x | truncate(0,2) ]].19.0", id="cut"),
    ],
)
def test_functions_of_inputs(job, hole):
    """What they do is in GitLab's documentation."""
    found = read(job, "20.19.0", f"publish: {{image: 'node:{hole}', script: [npm publish]}}\n")

    assert str(found.sites[0].npm[0].value.version) == "10.8.2"


def test_an_unknown_function_is_not_guessed(job):
    """It may do anything."""
    found = read(job, "20", "publish: {image: 'node:$[[ inputs.x | posix_escape ]]', script: [npm publish]}\n")

    assert found.sites[0].npm[0].why == "`inputs.x | posix_escape` is worked out when the pipeline starts"


@pytest.mark.parametrize(
    ("line", "place"),
    [
        pytest.param("echo $[[ inputs.x ]] && npm publish", "ci.yml:7:37", id="after the hole"),
        pytest.param("npm publish $[[ inputs.x ]]", "ci.yml:7:13", id="before the hole"),
    ],
)
def test_a_command_stands_where_the_file_has_it(job, line, place):
    """What is put in is longer or shorter than the hole."""
    found = read(job, "./a-rather-long-folder-name", f"publish:\n  script: ['{line}']\n")

    assert str(found.sites[0].at) == place


def test_aliases_and_references_are_filled_too(job):
    """An anchor is written once and used twice."""
    text = (
        ".a: &a {image: 'node:$[[ inputs.x ]]'}\n.b: {script: ['npm publish $[[ inputs.y ]]']}\n"
        "publish:\n  <<: *a\n  script: !reference [.b, script]\n"
    )

    found = read(job, "20", text)

    assert str(found.sites[0].npm[0].value.version) == "10.8.2"


def test_inputs_without_end_are_left_alone(job):
    """A few bytes must not become gigabytes."""
    holes = "$[[ inputs.x ]]" * 100
    text = f"publish:\n  script: [npm publish]\n  variables: {{A: '{holes}'}}\n"

    found = read(job, "x" * 10_000, text)

    assert found.name == "publish"


@pytest.mark.parametrize(
    "path", [pytest.param("templates/npm.yml", id="a file"), pytest.param("templates/npm/template.yml", id="a folder")]
)
@pytest.mark.parametrize("slug", ["$CI_PROJECT_PATH", "acme/widgets"])
def test_a_component_of_the_project_is_read(job, path, slug):
    """It is a file of the repository, as it stands in the commit that runs."""
    spec = "spec: {inputs: {node: {default: '16'}}}\n---\n"
    text = f"{spec}publish: {{image: 'node:$[[ inputs.node ]]', script: [npm publish]}}\n"
    include = f"{{component: $CI_SERVER_FQDN/{slug}/npm@$CI_COMMIT_SHA, inputs: {{node: '20'}}}}"

    found = job(f"include:\n  - {include}\n", {path: text})

    assert str(found.sites[0].npm[0].value.version) == "10.8.2"


def test_an_include_that_is_switched_off_is_not_read(pipeline):
    """Its rules leave it out."""
    found = pipeline(
        "include:\n  - {local: ci.yml, rules: [{when: never}]}\n", {"ci.yml": "p: {script: [npm publish]}"}
    )

    assert not found.jobs


def test_an_include_with_a_condition_may_lack_its_file(pipeline):
    """GitLab looks for it only where the condition is met."""
    found = pipeline("include: [{local: no.yml, rules: [{exists: [no.yml]}]}]\npublish: {script: [npm publish]}")

    assert not found.broken
