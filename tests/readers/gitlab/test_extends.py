"""`extends`, `default`, `inherit` and `!reference`."""

from __future__ import annotations

import pytest


def version(job) -> str:
    """Return the npm of a job's first site, or why it is not known."""
    npm = job.sites[0].npm[0]
    return str(npm.value.version) if hasattr(npm, "value") else npm.why


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(".t: {image: 'node:20'}\npublish: {extends: .t, script: npm publish}", id="one template"),
        pytest.param(
            ".t: {image: 'node:20'}\n.u: {extends: .t}\npublish: {extends: .u, script: npm publish}", id="a chain"
        ),
        pytest.param(
            ".t: {image: 'node:16'}\n.u: {image: 'node:20'}\npublish: {extends: [.t, .u], script: npm publish}",
            id="the last of several",
        ),
        pytest.param(
            ".t: {image: 'node:16'}\npublish: {extends: .t, image: 'node:20', script: npm publish}", id="the job's own"
        ),
        pytest.param(
            ".t: {image: {name: 'node:20'}}\npublish: {extends: .t, image: {entrypoint: ['']}, script: npm publish}",
            id="mappings are united",
        ),
        pytest.param(
            ".t: {image: {name: 'node:16'}}\n.u: {image: 'node:20'}\npublish: {extends: [.t, .u], script: npm publish}",
            id="a string replaces a mapping",
        ),
        pytest.param(
            ".t: {image: {name: 'node:16'}}\n.u: {image: x}\n"
            "publish: {extends: [.t, .u], image: {name: 'node:20'}, script: npm publish}",
            id="a string in between cuts off",
        ),
        pytest.param("publish: {script: npm publish}\ndefault: {image: 'node:20'}", id="default"),
        pytest.param("publish: {script: npm publish}\nimage: 'node:20'", id="the top of the file"),
        pytest.param(
            "publish: {script: npm publish}\nimage: 'node:16'\ndefault: {image: {name: 'node:20'}}",
            id="default is stronger than the top",
        ),
        pytest.param("publish: {script: npm publish, image: ~}\ndefault: {image: 'node:20'}", id="null is nothing"),
        pytest.param(
            "publish: {script: npm publish, inherit: {default: [image]}}\ndefault: {image: 'node:20'}",
            id="inherits this key",
        ),
        pytest.param(
            "publish: {script: npm publish, image: !reference [.t, image]}\n.t: {image: 'node:20'}", id="a reference"
        ),
        pytest.param(
            "publish: {script: npm publish, image: {name: !reference [.t, image, name]}}\n"
            ".t: {image: {name: 'node:20'}}",
            id="a reference to the inside",
        ),
        pytest.param(
            "publish: {script: npm publish, image: !reference [.t, image]}\n.t: {extends: .u}\n.u: {image: 'node:20'}",
            id="a reference through extends",
        ),
        pytest.param(
            "publish: {script: npm publish, image: !reference [image]}\nimage: 'node:20'",
            id="a reference to a key at the top",
        ),
        pytest.param("publish: {script: npm publish, variables: {V: '20'}, image: 'node:${V}'}", id="a variable"),
        pytest.param(
            "publish: {script: npm publish, image: '${DIR}:$V'}\nvariables: {V: '20', DIR: node}",
            id="variables of the pipeline",
        ),
        pytest.param(
            "publish: {script: npm publish, image: $I, variables: {V: '20'}}\nvariables: {V: '16', I: 'node:$V'}",
            id="a variable of another",
        ),
        pytest.param(
            "publish: {script: npm publish, image: 'node:$V'}\nvariables: {V: {value: '20', description: x}}",
            id="a variable with a description",
        ),
        pytest.param(
            "publish: {script: npm publish, image: 'node:$V', inherit: {variables: [V]}}\nvariables: {V: '20', W: x}",
            id="inherits this variable",
        ),
        pytest.param(
            "publish: {script: npm publish, image: 'node:$V', rules: [{if: $A, when: never, "
            "variables: {V: '16'}}, {if: $B, variables: {V: '20'}}]}",
            id="a variable of every rule",
        ),
        pytest.param(
            "publish: {script: npm publish, image: 'node:$V', parallel: {matrix: [{V: '20'}]}}", id="a matrix"
        ),
        pytest.param(
            "publish: {script: npm publish, image: '${CI_DEPENDENCY_PROXY_GROUP_IMAGE_PREFIX}/node:20'}",
            id="GitLab's proxy",
        ),
    ],
)
def test_the_image_that_counts_is_found(job, text):
    """Which npm will run hangs on where its image is written."""
    assert version(job(text)) == "10.8.2"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param(
            "publish: {script: npm publish}", "the job names no image, and the runner's own is not known", id="no image"
        ),
        pytest.param(
            "publish: {script: npm publish, inherit: {default: false}}\ndefault: {image: 'node:20'}",
            "the job names no image, and the runner's own is not known",
            id="inherits nothing",
        ),
        pytest.param(
            "publish: {script: npm publish, inherit: {default: [tags]}}\nimage: 'node:20'",
            "the job names no image, and the runner's own is not known",
            id="inherits another key",
        ),
        pytest.param(
            "publish: {script: npm publish, image: $NODE_IMAGE}",
            "nothing in the files says what `$NODE_IMAGE` is",
            id="a variable of the project",
        ),
        pytest.param(
            "publish: {script: npm publish, image: 'node:$V', inherit: {variables: false}}\nvariables: {V: '20'}",
            "nothing in the files says what `$V` is",
            id="inherits no variable",
        ),
        pytest.param(
            "publish: {script: npm publish, image: 'node:$V', inherit: {variables: [W]}}\nvariables: {V: '20', W: x}",
            "nothing in the files says what `$V` is",
            id="inherits another variable",
        ),
        pytest.param(
            "publish: {script: npm publish, image: 'node:$V', rules: [{if: $A, variables: {V: '20'}}, {if: $B, "
            "variables: {V: '16'}}]}",
            "a rule of the job sets `V`",
            id="rules that differ",
        ),
        pytest.param(
            "publish: {script: npm publish, image: $A, variables: {A: $B, B: $A}}",
            "`$A` leads to itself",
            id="a circle",
        ),
        pytest.param(
            "publish: {script: npm publish, image: $A, variables: {A: [x]}}",
            "it is no text",
            id="a variable that is a list",
        ),
        pytest.param(
            "publish: {script: npm publish, image: !reference [.t, image]}\n.t: {image: !reference [publish, image]}",
            "the job names no image, and the runner's own is not known",
            id="references in a circle",
        ),
        pytest.param(
            "publish: {script: npm publish, image: !reference [.t, [image]]}\n.t: {image: 'node:20'}",
            "the job names no image, and the runner's own is not known",
            id="a reference that is no path",
        ),
        pytest.param(
            "publish: {script: npm publish, image: !reference [gone, image]}",
            "the job names no image, and the runner's own is not known",
            id="a reference to nothing",
        ),
        pytest.param(
            "include: {template: x}\npublish: {script: npm publish, extends: .far}",
            "`.far`, which the job extends, is not in this repository",
            id="a template of others",
        ),
    ],
)
def test_an_image_that_cannot_be_told_is_unknown(job, text, why):
    """Guessing a version of npm would be worse than saying so."""
    assert version(job(text)) == why


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("publish: {script: [tsc, npm publish]}", id="a list"),
        pytest.param("publish: {script: npm publish}", id="a string"),
        pytest.param("publish: {script: [[tsc, [npm publish]]]}", id="lists in a list"),
        pytest.param(
            ".t: {script: [npm publish]}\npublish: {script: [tsc, !reference [.t, script]]}", id="a reference in a list"
        ),
        pytest.param(
            ".t: {script: !reference [.u, run]}\n.u: {run: [npm publish]}\n"
            "publish: {script: [!reference [.t, script]]}",
            id="a reference to a reference",
        ),
        pytest.param(".t: &t [npm publish]\npublish: {script: [*t]}", id="an anchor"),
        pytest.param(".t: {script: [npm publish]}\npublish: {extends: .t}", id="extends"),
        pytest.param("publish: {script: tsc, before_script: [npm publish]}", id="before_script"),
        pytest.param("publish: {script: tsc}\ndefault: {before_script: [npm publish]}", id="before_script of default"),
    ],
)
def test_the_script_that_runs_is_found(job, text):
    """A publish hides in a template as well as in the job."""
    assert [site.command for site in job(text).sites] == ["npm publish"]


def test_a_script_replaces_that_of_its_template(pipeline):
    """Lists are not united, so that the template's publish does not run."""
    found = pipeline(".t: {script: [npm publish]}\nbuild: {extends: .t, script: [tsc]}")

    assert not found.jobs


def test_what_runs_after_a_job_publishes_too(job):
    """`after_script` is a script like any other: what it sends is on the registry."""
    found = job("build:\n  script: [cd packages]\n  after_script: [npm publish]\n")

    assert (str(found.at), str(found.sites[0].at)) == (".gitlab-ci.yml:1:1", ".gitlab-ci.yml:3:18")


def test_what_runs_after_a_job_begins_in_the_project(job):
    """A shell of its own has not gone where the script went."""
    found = job(
        "build:\n  script: [cd a]\n  after_script: [npm publish]\n",
        {"package.json": '{"name": "root"}', "a/package.json": '{"name": "a"}'},
    )

    assert [package.name for package in found.sites[0].packages.value] == ["root"]


def test_steps_of_a_job_publish_too(job):
    """`run` is a script in steps."""
    assert str(job("publish:\n  run:\n    - name: send\n      script: npm publish\n").sites[0].at).endswith(":4:15")


def test_one_shell_runs_all_lines(job):
    """`cd` on one line leads the next one to its package."""
    found = job(
        "publish:\n  before_script:\n    - cd packages\n  script:\n    - |\n      cd a\n      tsc\n    - npm publish\n",
        {"packages/a/package.json": '{"name": "@acme/a", "version": "1.0.0"}'},
    )

    assert [(package.name, str(found.sites[0].at)) for package in found.sites[0].packages.value] == [
        ("@acme/a", ".gitlab-ci.yml:8:7")
    ]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(".t: {extends: publish}\npublish: {extends: .t, script: npm publish}", id="a circle"),
        pytest.param("publish: {extends: publish, script: npm publish}", id="itself"),
        pytest.param("publish: {extends: {a: b}, script: npm publish}", id="a mapping"),
        pytest.param(
            "".join(f".t{at}: {{extends: [.t{at + 1}, .t{at + 2}, .t{at + 3}]}}\n" for at in range(60))
            + "publish: {extends: .t0, script: npm publish}",
            id="a maze",
        ),
    ],
)
def test_a_maze_of_templates_ends(job, text):
    """Input is hostile; a check ends anyway."""
    assert job(text).name == "publish"


def test_references_that_multiply_end(pipeline):
    """Fifty references to fifty references, ten deep, are more than the world has time for."""
    rows = "".join(
        f".t{at}: {{script: [{', '.join([f'!reference [.t{at + 1}, script]'] * 50)}]}}\n" for at in range(12)
    )

    assert not pipeline(f"{rows}publish: {{script: [!reference [.t0, script]]}}").jobs


def test_each_combination_of_a_matrix_has_its_own_npm(job):
    """One site, two answers."""
    found = job("publish: {script: npm publish, image: 'node:$V', parallel: {matrix: [{V: ['16', '20']}]}}")

    assert [str(npm.value.version) for npm in found.sites[0].npm] == ["8.19.4", "10.8.2"]


def test_a_matrix_of_the_size_of_the_world_ends(job):
    """GitLab makes at most 200 jobs of one."""
    columns = ", ".join(f"A{at}: [1, 2, 3, 4]" for at in range(12))

    assert job(f"publish: {{script: npm publish, parallel: {{matrix: [{{{columns}}}]}}}}").name == "publish"


def test_a_matrix_without_values_changes_nothing(job):
    """A number of parallel jobs is no matrix."""
    assert job("publish: {script: npm publish, parallel: {matrix: [{A: []}, x]}}").name == "publish"


def test_variables_that_multiply_end(job):
    """The text of a variable is bounded."""
    rows = ", ".join(f"V{at}: '{f'$V{at + 1}' * 20}'" for at in range(15))

    found = job(f"publish: {{script: npm publish, image: $V0, variables: {{{rows}, V15: xxxxxxxxxx}}}}")

    assert version(found) == "it is too long"


def test_two_dollars_are_one(job):
    """`$$` keeps GitLab from reading a variable."""
    found = job("publish: {script: npm publish, environment: a$$b, variables: {A: ~, B: {description: x}}}")

    assert found.environment.value == "a$b"
