"""The publish jobs of a CircleCI configuration."""

from __future__ import annotations

import pytest

from preflight.facts.ci import Credential
from preflight.facts.fact import Known, Unknown
from preflight.facts.project import Off, On

PUBLISH = "jobs: {publish: {docker: [{image: node}], steps: [{run: npm publish}]}}"


def commands(job) -> list[str]:
    """Return the publishing commands of a job."""
    return [site.command for site in job.sites]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("- run: npm publish", ["npm publish"], id="a line"),
        pytest.param("- run: {name: x, command: npm publish}", ["npm publish"], id="a command"),
        pytest.param(
            "- run: |\n    cd .\n    npm publish\n    npm publish ./a", ["npm publish", "npm publish ./a"], id="two"
        ),
        pytest.param("- deploy: {command: npm publish}", ["npm publish"], id="the old name of a run"),
        pytest.param("- when: {condition: true, steps: [{run: npm publish}]}", ["npm publish"], id="a condition"),
        pytest.param(
            "- unless: {condition: << pipeline.git.tag >>, steps: [{run: npm publish}]}", ["npm publish"], id="open"
        ),
        pytest.param("- run: npm publish\n- run: npm publish --dry-run", ["npm publish"], id="a rehearsal"),
        pytest.param("- run: npm run ship", ["npm publish"], id="a script of package.json"),
    ],
)
def test_a_publish_is_found_in_every_kind_of_step(steps, text, found):
    """Whatever form it has, npm publishes."""
    manifest = '{"name": "a", "version": "1.0.0", "scripts": {"ship": "npm publish"}}'

    assert commands(steps(text, files={"package.json": manifest})) == found


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("jobs: {publish: {steps: [{run: npm publish}]}}\nworkflows: {a: {jobs: [other]}}", id="unused"),
        pytest.param(f"{PUBLISH}\nworkflows: {{a: {{when: false, jobs: [publish]}}}}", id="a workflow that is off"),
        pytest.param(f"{PUBLISH}\nworkflows: {{a: {{unless: true, jobs: [publish]}}}}", id="unless it is on"),
        pytest.param(f"{PUBLISH}\nworkflows: {{a: {{jobs: [publish: {{type: approval}}]}}}}", id="an approval"),
        pytest.param(PUBLISH, id="no workflow, and the job is not `build`"),
        pytest.param(
            "jobs: {publish: {steps: [when: {condition: false, steps: [run: npm publish]}]}}\n"
            "workflows: {a: {jobs: [publish]}}",
            id="a step that is off",
        ),
        pytest.param(
            "jobs: {publish: {parameters: {dry: {type: boolean, default: true}},\n"
            "  steps: [unless: {condition: << parameters.dry >>, steps: [run: npm publish]}]}}\n"
            "workflows: {a: {jobs: [publish]}}",
            id="a parameter that turns it off",
        ),
    ],
)
def test_what_never_runs_publishes_nothing(pipeline, text):
    """A finding about it would be about nothing."""
    assert pipeline(text).jobs == ()


@pytest.mark.parametrize(
    ("script", "found"),
    [
        pytest.param(
            "cat <<EOF >> x\n    << parameters.x\n    EOF\n    npm publish", "npm publish", id="a here-document"
        ),
        pytest.param("npm publish << parameters.gone >>", "npm publish << parameters.gone >>", id="nothing gives it"),
    ],
)
def test_what_the_shell_writes_with_the_same_signs_is_the_shells(steps, script, found):
    """A script is text first."""
    assert commands(steps(f"- run: |\n    {script}")) == [found]


def test_many_signs_that_end_nowhere_cost_little(pipeline):
    """A file of nothing but `<<` must not hang the check."""
    text = "# " + "<< " * 20_000

    assert len(pipeline(f"jobs: {{build: {{machine: true, steps: [run: 'npm publish {text}']}}}}").jobs) == 1


def test_without_workflows_the_job_build_runs(job):
    """That is what a first configuration looks like."""
    assert commands(job("jobs: {build: {docker: [{image: node}], steps: [{run: npm publish}]}}")) == ["npm publish"]


@pytest.mark.parametrize(
    ("condition", "runs"),
    [
        pytest.param("<< pipeline.parameters.release >>", True, id="whoever starts it decides"),
        pytest.param("{not: false}", True, id="not"),
        pytest.param("{not: true}", False, id="not, and off"),
        pytest.param("{and: [true, false]}", False, id="and"),
        pytest.param("{and: [true, << pipeline.git.tag >>]}", True, id="and, unknown"),
        pytest.param("{or: [false, '']}", False, id="or"),
        pytest.param("{or: [false, 1]}", True, id="or, met"),
        pytest.param("{equal: [a, b]}", False, id="unequal"),
        pytest.param("{equal: [a, a]}", True, id="equal"),
        pytest.param("{equal: [main, << pipeline.git.branch >>]}", True, id="equal, unknown"),
        pytest.param("{matches: {pattern: '^v', value: x}}", False, id="a pattern that does not match"),
        pytest.param("{matches: {pattern: '^v$', value: v}}", True, id="a pattern that matches"),
        pytest.param("{matches: {pattern: '[a-z]+', value: x}}", True, id="a pattern that is not run"),
        pytest.param("{and: true}", True, id="a wrong shape"),
        pytest.param("[false]", True, id="a list"),
        pytest.param("null", False, id="nothing"),
        pytest.param("x<< pipeline.git.tag >>", True, id="a text that is worked out"),
        pytest.param("{not: [x]}", True, id="not a list"),
        pytest.param("{equal: [[], a]}", True, id="equal to a list"),
    ],
)
def test_a_workflow_runs_unless_its_condition_is_surely_not_met(pipeline, condition, runs):
    """A release that is started by hand is a release."""
    top = "parameters: {release: {type: boolean, default: false}}"

    found = pipeline(f"{PUBLISH}\n{top}\nworkflows: {{a: {{when: {condition}, jobs: [publish]}}}}")

    assert bool(found.jobs) is runs


@pytest.mark.parametrize(
    ("use", "triggers"),
    [
        pytest.param("publish", ("push",), id="no filter"),
        pytest.param("publish: {filters: {branches: {only: main}}}", ("push",), id="a branch"),
        pytest.param("publish: {filters: {tags: {only: /^v.*/}}}", ("push", "tag"), id="tags too"),
        pytest.param("publish: {filters: {tags: {only: /^v.*/}, branches: {ignore: /.*/}}}", ("tag",), id="tags"),
        pytest.param("publish: {filters: {tags: {ignore: /.*/}}}", ("push",), id="no tags"),
        pytest.param("publish: {filters: {tags: {ignore: /^x/}}}", ("push", "tag"), id="some tags"),
        pytest.param('publish: {filters: "pipeline.git.tag starts-with \\"v\\""}', ("tag",), id="an expression"),
    ],
)
def test_filters_tell_what_starts_a_job(job, use, triggers):
    """Who can push a branch may be somebody else than who can push a tag."""
    assert job(f"{PUBLISH}\nworkflows: {{version: 2, a: {{jobs: [{use}]}}}}").triggers == triggers


def test_a_schedule_starts_a_workflow(job):
    """Nobody looks on then."""
    text = f"{PUBLISH}\nworkflows: {{a: {{triggers: [schedule: {{cron: x}}], jobs: [publish]}}}}"

    assert job(text).triggers == ("schedule",)


# -- parameters -----------------------------------------------------------------------------------

SEND = """
commands:
  send:
    parameters:
      tag: {type: string, default: latest}
      folder: {type: string, default: .}
      before: {type: steps, default: []}
      how: {type: string, default: "npm publish"}
    steps:
      - steps: << parameters.before >>
      - run:
          working_directory: << parameters.folder >>
          command: << parameters.how >> --tag << parameters.tag >>
"""


@pytest.mark.parametrize(
    ("step", "tags"),
    [
        pytest.param("- send", ["latest"], id="the default"),
        pytest.param("- send: {tag: next}", ["next"], id="given"),
        pytest.param("- send: {tag: << pipeline.parameters.tag >>}", ["beta"], id="of the pipeline"),
        pytest.param("- send: {how: pnpm publish}", ["latest"], id="the command itself"),
        pytest.param("- send: {before: [run: npm publish --tag a], tag: b}", ["a", "b"], id="steps"),
        pytest.param("- send: {how: npm pack}", [], id="another command"),
    ],
)
def test_a_command_gets_its_parameters(pipeline, step, tags):
    """What a command publishes depends on who calls it."""
    text = (
        f"parameters: {{tag: {{type: string, default: beta}}}}\n{SEND}\njobs:\n  publish:\n    docker: [image: node]\n"
        f"    steps:\n      {step}\nworkflows: {{a: {{jobs: [publish]}}}}"
    )

    assert [site.tag for job in pipeline(text).jobs for site in job.sites] == tags


def test_a_command_is_named_on_the_way_to_the_publish(steps):
    """The line of the job is what the maintainer changes; where it leads explains why."""
    top = "commands: {send: {steps: [run: npm publish]}}\nworkflows: {a: {jobs: [publish]}}"

    (site,) = steps("- send", top=top).sites

    assert (site.at.line, [link.what for link in site.via]) == (6, ["command `send`", "publishes here"])


def test_a_command_that_calls_itself_ends(pipeline):
    """CircleCI refuses it; we must not hang on it."""
    text = "commands: {a: {steps: [a, a, a]}}\njobs: {build: {docker: [image: node], steps: [a, run: npm publish]}}"

    assert pipeline(text).jobs == ()


@pytest.mark.parametrize(
    ("matrix", "tags"),
    [
        pytest.param("{parameters: {tag: [a, b]}}", {"a", "b"}, id="two values"),
        pytest.param("{parameters: {tag: [a], other: [x, y]}}", {"a"}, id="a parameter that is not used"),
        pytest.param("{parameters: {tag: []}}", {"z"}, id="no value"),
        pytest.param("{parameters: x}", {"z"}, id="a wrong shape"),
    ],
)
def test_a_matrix_makes_a_job_for_each_value(job, matrix, tags):
    """Each value may publish something else."""
    text = (
        "jobs: {publish: {parameters: {tag: {type: string, default: z}}, docker: [image: node],\n"
        "  steps: [run: npm publish --tag << parameters.tag >>]}}\n"
        f"workflows: {{a: {{jobs: [publish: {{matrix: {matrix}}}]}}}}"
    )

    assert {site.tag for site in job(text).sites} <= tags


def test_steps_before_and_after_a_job_count(pipeline):
    """A workflow may hang the publish on another job."""
    text = (
        "jobs: {test: {docker: [image: node], steps: [run: npm test]}}\n"
        "workflows: {a: {jobs: [test: {post-steps: [run: npm publish]}]}}"
    )

    assert [job.name for job in pipeline(text).jobs] == ["test"]


def test_merge_keys_and_anchors_are_put_in(job):
    """Most configurations of CircleCI live on them."""
    text = (
        "x: &defaults\n  docker: [image: 'cimg/node:24.15']\n  resource_class: acme/box\n"
        "jobs: {publish: {<<: *defaults, steps: [run: npm publish]}}\nworkflows: {a: {jobs: [publish]}}"
    )

    assert job(text).runners[0].value.labels == ("acme/box",)


# -- machines -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "hosting"),
    [
        pytest.param("docker: [image: node]", "hosted", id="docker"),
        pytest.param("machine: true", "hosted", id="machine"),
        pytest.param("macos: {xcode: 26.0.0}", "hosted", id="macos"),
        pytest.param("docker: [image: node]\nresource_class: large", "hosted", id="a class"),
        pytest.param("machine: true\nresource_class: acme/linux", "self-hosted", id="a class of one's own"),
        pytest.param("docker: [image: node]\nresource_class: acme/pods", "self-hosted", id="containers of one's own"),
        pytest.param("machine: true\nresource_class: << pipeline.git.branch >>", None, id="worked out"),
        pytest.param("executor: node/default", "hosted", id="an orb's"),
        pytest.param("executor: own/default", None, id="an orb of the owner's"),
        pytest.param("executor: mine", "self-hosted", id="an executor"),
        pytest.param("executor: {name: mine, class: small}", "hosted", id="an executor with a parameter"),
        pytest.param("executor: inner/box", "self-hosted", id="an executor of an inline orb"),
        pytest.param("executor: mine\nresource_class: small", "hosted", id="the job's own class wins"),
        pytest.param("executor: [x]", None, id="a wrong shape"),
        pytest.param("executor: {name: [x]}", None, id="a name of a wrong shape"),
        pytest.param("executor: << parameters.on >>", None, id="a parameter that nothing gives"),
        pytest.param("", "hosted", id="nothing"),
    ],
)
def test_a_class_tells_whose_machine_it_is(steps, keys, hosting):
    """A class with a namespace is a runner of one's own."""
    top = (
        "orbs: {node: circleci/node@7.1.0, own: acme/tools@1.0.0,\n"
        "  inner: {executors: {box: {machine: true, resource_class: acme/box}}}}\n"
        "executors: {mine: {parameters: {class: {type: string, default: acme/big}},\n"
        "  docker: [image: node], resource_class: << parameters.class >>}}\nworkflows: {a: {jobs: [publish]}}"
    )

    (found,) = steps("- run: npm publish", keys, top).runners

    assert (found.value.hosting.value if isinstance(found, Known) else None) == hosting


@pytest.mark.parametrize(
    ("before", "version"),
    [
        pytest.param("- checkout", "24", id="the image's"),
        pytest.param("- node/install: {node-version: '22.14'}", "22", id="an orb's"),
        pytest.param("- node/install", None, id="an orb's, of a file"),
        pytest.param("- node/install: {node-version: << pipeline.git.tag >>}", None, id="an orb's, worked out"),
        pytest.param("- node/install-packages", "24", id="another command of the orb"),
    ],
)
def test_the_npm_comes_with_the_image_or_the_orb(steps, before, version):
    """The plan says which npm will run."""
    top = "orbs: {node: circleci/node@7.1.0}\nworkflows: {a: {jobs: [publish]}}"

    (npm,) = steps(f"{before}\n- run: npm publish", top=top).sites[0].npm

    node = npm.value.why[0].what if isinstance(npm, Known) else ""
    assert (version in node) if version else isinstance(npm, Unknown)


@pytest.mark.parametrize(
    ("keys", "step", "folder"),
    [
        pytest.param("", "", "package.json", id="the root"),
        pytest.param("", "working_directory: packages/a", "packages/a/package.json", id="a step's"),
        pytest.param("", "working_directory: ~/project/packages/a", "packages/a/package.json", id="from home"),
        pytest.param(
            "working_directory: ~/repo", "working_directory: ~/repo/packages/a", "packages/a/package.json", id="named"
        ),
        pytest.param(
            "working_directory: /home/circleci/r",
            "working_directory: ~/r/packages/a",
            "packages/a/package.json",
            id="spelt out",
        ),
        pytest.param("working_directory: ~/repo/packages", "", "package.json", id="a job's is the root"),
    ],
)
def test_folders_are_told_from_the_checkout(steps, keys, step, folder):
    """The package of the folder is what npm sends."""
    text = f"- run:\n    command: npm publish\n    {step}"
    files = {"packages/a/package.json": '{"name": "@acme/a", "version": "1.0.0"}'}

    (site,) = steps(text, f"machine: true\n{keys}", files=files).sites

    assert [str(package.path) for package in site.packages.value] == [folder]


@pytest.mark.parametrize(
    ("keys", "steps_", "known"),
    [
        pytest.param(
            "", "- checkout: {path: src}\n- run: {working_directory: src, command: npm publish}", True, id="path"
        ),
        pytest.param("", "- checkout: {path: src}\n- run: npm publish", False, id="beside the checkout"),
        pytest.param("working_directory: << pipeline.git.tag >>", "- run: npm publish", True, id="worked out"),
        pytest.param(
            "working_directory: << pipeline.git.tag >>",
            "- run: {working_directory: a, command: npm publish}",
            False,
            id="below that",
        ),
        pytest.param(
            "", "- run: {working_directory: << pipeline.git.tag >>, command: npm publish}", False, id="step worked out"
        ),
    ],
)
def test_a_folder_that_cannot_be_told_is_said_so(steps, keys, steps_, known):
    """Two packages may be meant then."""
    files = {"packages/a/package.json": '{"name": "@acme/a", "version": "1.0.0"}'}

    (site,) = steps(steps_, f"machine: true\n{keys}", files=files).sites

    assert isinstance(site.packages, Known) is known


# -- what reaches the command ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "text", "expected"),
    [
        pytest.param("environment: {NPM_CONFIG_PROVENANCE: 'true'}", "- run: npm publish", On, id="of the job"),
        pytest.param("environment: [NPM_CONFIG_PROVENANCE=true]", "- run: npm publish", On, id="in a list"),
        pytest.param("environment: [NPM_CONFIG_PROVENANCE: 'true']", "- run: npm publish", On, id="mappings in a list"),
        pytest.param(
            "", "- run: {environment: {NPM_CONFIG_PROVENANCE: 'true'}, command: npm publish}", On, id="of the step"
        ),
        pytest.param("", "- run: npm publish --provenance", On, id="a flag"),
        pytest.param(
            "",
            "- run: {environment: {NPM_CONFIG_PROVENANCE: 'true'}, command: npm ci}\n- run: npm publish",
            Off,
            id="of another",
        ),
        pytest.param("", "- run: npm publish", Off, id="nothing"),
        pytest.param("shell: /bin/bash -e", "- run: npm publish --provenance", On, id="a shell"),
        pytest.param("shell: powershell.exe", "- run: npm publish --provenance", On, id="PowerShell"),
        pytest.param("", "- run: {shell: cmd.exe, command: npm publish --provenance}", On, id="cmd"),
    ],
)
def test_variables_reach_the_command(pipeline, keys, text, expected):
    """What asks for provenance on CircleCI makes npm refuse."""
    body = text.replace("\n", "\n      ")
    job = f"  publish:\n    machine: true\n    {keys}\n    steps:\n      {body}"
    whole = f"jobs:\n{job}\nworkflows: {{a: {{jobs: [publish]}}}}"

    (shipment,) = pipeline(whole).shipments

    assert isinstance(shipment.provenance.value, expected)


@pytest.mark.parametrize(
    ("text", "credential", "minted"),
    [
        pytest.param("- run: npm publish", Credential.TOKEN, False, id="a context's token"),
        pytest.param(
            "- run: |\n    export NPM_ID_TOKEN=$(circleci run oidc get)\n    npm publish",
            Credential.OIDC,
            True,
            id="oidc",
        ),
        pytest.param(
            "- run: |\n    export NPM_ID_TOKEN=$(circleci run oidc get)\n"
            "    echo //registry.npmjs.org/:_authToken=$NPM_TOKEN > ~/.npmrc\n    npm publish",
            Credential.BOTH,
            True,
            id="both",
        ),
        pytest.param("- run: sh release.sh", Credential.OIDC, True, id="in a file"),
    ],
)
def test_a_job_shows_a_token_or_an_id_token(steps, text, credential, minted):
    """Without an id token the job can only have a secret, which no file declares."""
    files = {
        "release.sh": "export NPM_ID_TOKEN=$(circleci run oidc get)\nnpm publish\n",
        ".npmrc": "//registry.npmjs.org/:_authToken=${NPM_TOKEN}\n" if credential is Credential.TOKEN else "",
    }

    job = steps(text, files=files)

    assert (job.sites[0].credential, job.id_token.value) == (Known(credential, job.sites[0].credential.at), minted)


def test_no_provenance_follows_from_trusted_publishing(pipeline):
    """The CLI leaves it out for CircleCI, silently."""
    text = (
        "jobs: {build: {docker: [image: 'cimg/node:24.15'], steps: [run: \"export NPM_ID_TOKEN=$(x); npm publish\"]}}"
    )

    (shipment,) = pipeline(text).shipments

    assert (shipment.provenance.value, shipment.provable) == (Off(), False)
