"""Small files that cost much: each ends soon, within little memory, and is never taken for clean."""

from __future__ import annotations

import json

import pytest

WORKFLOW = ".github/workflows/bomb.yml"
JOB = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: npm publish\n"
DEEP = 50_000


def laughs(key, base="x", times=9, levels=9):
    """Return the billion laughs under keys of their own."""
    lines = [f"{key}0: &l0 [{', '.join([base] * times)}]"]
    lines += [f"{key}{n}: &l{n} [{', '.join([f'*l{n - 1}'] * times)}]" for n in range(1, levels)]
    return "\n".join(lines) + "\n"


YAML = {
    "billion laughs": laughs("x"),
    "steps that laugh": laughs("x", "{run: npm publish}", levels=5) + JOB.replace("steps:", "steps: *l4\n    x:"),
    "merges": "a0: &a0 {k: v}\n"
    + "".join(f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}]}}\n" for n in range(1, 9)),
    "an alias inside its anchor": "a: &a [*a]\n",
    "brackets": "[" * DEEP,
    "closed brackets": "[" * DEEP + "]" * DEEP,
    "braces": "{a: " * DEEP,
    "dashes": "- " * DEEP,
    "question marks": "? " * 18 + "x\n",
    "many question marks": "? " * DEEP + "x\n",
    "levels": "".join(" " * n + "a:\n" for n in range(600)),
    "bangs": "!" * 200_000,
    "comments": "#" * 200_000 + "\n" + "a: #\n" * 20_000,
    "keys": "".join(f"k{n}: v\n" for n in range(25_000)),
    "one key": "k: v\n" * 25_000,
    "a long number": "a: " + "9" * 200_000 + "\n",
    "a date that is none": "a: 2001-99-99\nb: 12:99:99\n",
    "tags": "a: !!omap x\nb: !!set x\nc: !!python/object/apply:os.system [id]\nd: !!int abc\n",
    "directives": "%YAML 999999999999.1\n%FOO\n---\na: 1\n",
    "a character beyond Unicode": 'a: "\\U00110000"\n',
    "documents": "---\na: 1\n" * 10_000,
    "NUL": JOB + "\0",
    "escape": JOB + "# \x1b]8;;\n",
    "half a character": JOB.encode() + b"# \xff\xfe\n",
    "UTF-16": JOB.encode("utf-16"),
    "UTF-32": JOB.encode("utf-32"),
    "a surrogate": JOB + "# \ud800\n",
    "large": JOB + "# " + "x" * (300 << 10),
    "huge": JOB + "#" * (20 << 20),
}
"""What YAML parsers hang on, or crash of."""
PLACES = (
    WORKFLOW,
    "action/action.yml",
    "pnpm-workspace.yaml",
    ".yarnrc.yml",
    ".gitlab-ci.yml",
)
CALLER = {
    ".github/workflows/uses.yml": JOB.replace("- run", "- uses: ./action\n      - run"),
}


@pytest.mark.parametrize("text", YAML.values(), ids=YAML.keys())
def test_a_bomb_of_yaml_does_not_go_off(text, put, check):
    """38 bytes hang ruamel.yaml's own loader, and 60 KB of brackets crash the one in C."""
    put({**CALLER, **dict.fromkeys(PLACES, text)})

    ended = check("--format", "concise")

    # The example alone has errors of its own; what matters is that the run came to an end with them.
    assert ended.code == 1


@pytest.mark.parametrize(
    "name",
    [
        "brackets",
        "many question marks",
        "billion laughs",
        "an alias inside its anchor",
        "large",
        "huge",
        "UTF-16",
        "NUL",
        "half a character",
    ],
)
def test_a_file_that_was_not_read_is_named(name, put, check):
    """What nobody looked at must not count as clean."""
    places = (WORKFLOW, ".gitlab-ci.yml", "pnpm-workspace.yaml", ".yarnrc.yml")
    put(dict.fromkeys(places, YAML[name]))

    ended = check("--format", "concise", "--select", "unreadable-file")

    assert (ended.code, [place for place in places if place not in ended.out]) == (1, [])


JSON = {
    "brackets": "[" * DEEP,
    "braces": '{"a":' * DEEP,
    "closed braces": '{"a":' * DEEP + "1" + "}" * DEEP,
    "a long number": '{"version": ' + "9" * 500_000 + "}",
    "a long string": '{"name": "' + "a" * 900_000 + '"}',
    "keys": "{" + ",".join(f'"k{n}": {n}' for n in range(60_000)) + "}",
    "one key": "{" + ",".join(['"publishConfig": {"provenance": true}'] * 20_000) + "}",
    "workspaces": json.dumps({"name": "a", "workspaces": [f"**/a*/**/b*/**/c{n}" for n in range(30_000)]}),
    "alternatives": json.dumps({"name": "a", "workspaces": ["{a,b}" * 200, "{" * 500, "{a,{b,{c," * 300]}),
    "stars": json.dumps({"name": "a", "workspaces": ["*a" * 500 + "b", "**/" * 300 + "x"]}),
    "blanks in a version": json.dumps({"name": "a", "version": "1" + " " * 500_000 + "x"}),
    "blanks in engines": json.dumps({"engines": {"node": " " * 300_000 + "x", "npm": ">" * 300_000}}),
    "a long address": json.dumps({"name": "a", "repository": "github:" + "a/" * 400_000}),
    "a long manager": json.dumps({"name": "a", "packageManager": "npm@" + "1." * 400_000}),
    "NaN": '{"version": NaN, "name": Infinity}',
    "surrogates": '{"name": "\\ud800", "version": "\\udfff\\ud800"}',
    "UTF-16": '{"name": "a"}'.encode("utf-16"),
    "a mark twice": b"\xef\xbb\xbf\xef\xbb\xbf{}",
    "invalid UTF-8": b'{"name": "\xff"}',
    "huge": '{"name": "a"}' + " " * (5 << 20),
    "nothing": "",
}


@pytest.mark.parametrize("text", JSON.values(), ids=JSON.keys())
def test_a_bomb_of_json_does_not_go_off(text, put, check):
    """`json.loads` recurses, and npm's manifests come from everyone."""
    put(dict.fromkeys(("package.json", "packages/a/package.json", "lerna.json", ".changeset/config.json"), text))

    assert check("--format", "concise").code in {0, 1}


SETTINGS = {
    "items": "a[]=b\n" * 40_000,
    "sections": "".join(f"[s{n}]\na=b\n" for n in range(20_000)),
    "one line": "provenance=" * 20_000,
    "variables": "registry=" + "${A" * 50_000 + "}" * 50_000,
    "escapes": "a=" + "\\" * 200_000,
    "quotes": "a=" + '"' * 200_000,
    "NUL": "\0" * 1000,
    "invalid UTF-8": b"registry=\xff\n",
    "huge": "#" * (5 << 20),
}


@pytest.mark.parametrize("text", SETTINGS.values(), ids=SETTINGS.keys())
def test_a_bomb_of_npmrc_does_not_go_off(text, put, check):
    """Npm reads these files line by line, and so must we."""
    put({".npmrc": text})

    assert check().code == 1


CONFIGURATIONS = {
    "brackets": "a = " + "[" * DEEP,
    "dots": ".".join("a" * DEEP) + " = 1\n",
    "ignores": '[[ignore]]\nrule = "unpinned-action"\nreason = "x"\n' * 5_000,
    "stars": f'[[ignore]]\nrule = "unpinned-action"\nreason = "x"\npath = "{"*a" * 5_000}b"\n',
    "a long number": "a = " + "9" * 200_000,
    "NUL": "\0",
    "invalid UTF-8": b"\xff",
    "huge": "#" * (5 << 20),
}


@pytest.mark.parametrize("text", CONFIGURATIONS.values(), ids=CONFIGURATIONS.keys())
def test_a_bomb_of_toml_does_not_go_off(text, put, check):
    """A configuration comes with the pull request."""
    put({"preflight.toml": text, f".github/workflows/{'a' * 200}.yml": JOB})

    assert check().code in {1, 2}


GIT = {
    "continued": '[remote "origin"]\nurl = x\\\n' + "a\\\n" * 300_000,
    "continued quotes": '[remote "origin"]\nurl = "x\\\n' + '"\\\n' * 200_000,
    "rewrites": "".join(
        f'[remote "r{n}"]\nurl = https://github.com/a/b\n[url "https://x{n}/"]\ninsteadOf = https://git\n'
        for n in range(9_000)
    ),
    "sections": "[a]\n" * 200_000,
    "a long name": "[remote " + '"' + "\\" * 500_000,
    "NUL": "\0" * 1000,
    "invalid UTF-8": b'[remote "origin"]\nurl = \xff\n',
    "huge": "#" * (5 << 20),
}


@pytest.mark.parametrize("text", GIT.values(), ids=GIT.keys())
def test_a_bomb_of_git_config_does_not_go_off(text, put, check):
    """An archive brings its `.git` along."""
    put({".git/config": text})

    assert check().code == 1


def scripts(levels, times, **more):
    """Return a package.json whose scripts run each other."""
    chain = {f"s{n}": " && ".join([f"npm run s{n + 1}"] * times) for n in range(levels)}
    named = {"release": "npm run s0", f"s{levels}": "npm publish", **chain, **more}
    return json.dumps({"name": "a", "version": "1.0.0", "scripts": named})


def callers(levels, times):
    """Return reusable workflows that call each other."""
    files = {
        f".github/workflows/w{n}.yml": "on: {workflow_call: {}, push: {}}\njobs:\n"
        + "".join(f"  j{k}: {{uses: ./.github/workflows/w{n + 1}.yml}}\n" for k in range(times))
        for n in range(levels)
    }
    return {**files, f".github/workflows/w{levels}.yml": JOB.replace("on: push", "on: workflow_call")}


def actions(levels, times, last):
    """Return composite actions that use each other."""
    head = "name: x\nruns:\n  using: composite\n  steps:\n"
    files = {f"a{n}/action.yml": head + f"    - uses: ./a{n + 1}\n" * times for n in range(levels)}
    use = "      - uses: ./a0\n" * times
    return {
        **files,
        f"a{levels}/action.yml": f"{head}    - {{run: {last}, shell: bash}}\n",
        WORKFLOW: JOB + use,
    }


MAZES = {
    "scripts": {"package.json": scripts(30, 10)},
    "scripts before and after": {
        "package.json": scripts(
            30, 2, **{f"{when}s{n}": f"npm run s{n + 1}" for when in ("pre", "post") for n in range(30)}
        )
    },
    "workflows": callers(9, 10),
    "a workflow that calls itself": {
        WORKFLOW: "on: workflow_call\njobs:\n"
        + "".join(f"  j{n}: {{uses: ./.github/workflows/bomb.yml}}\n" for n in range(6))
        + "  p:\n    runs-on: x\n    steps: [run: npm publish]\n"
    },
    "actions": actions(9, 10, "npm publish"),
    "harmless actions": actions(9, 10, "echo"),
    "an action that uses itself": {
        "a/action.yml": "name: x\nruns:\n  using: composite\n  steps:\n"
        + "    - uses: ./a\n" * 10
        + "    - {run: npm publish}\n",
        WORKFLOW: JOB + "      - uses: ./a\n",
    },
    "a matrix": {
        WORKFLOW: JOB.replace(
            "    runs-on: ubuntu-latest\n",
            "    strategy: {matrix: {" + ", ".join(f"k{n}: {list(range(100))}" for n in range(8)) + "}}\n"
            "    runs-on: ${{ matrix.k0 }}\n",
        )
    },
    "a matrix of inclusions": {
        WORKFLOW: JOB.replace(
            "    runs-on: ubuntu-latest\n",
            "    strategy: {matrix: {include: [" + ", ".join(f"{{k: {n}}}" for n in range(8_000)) + "]}}\n"
            "    runs-on: ${{ matrix.k }}\n",
        )
    },
    "variables that double": {
        WORKFLOW: "env:\n  A0: aaaaaaaaaa\n"
        + "".join(f"  A{n + 1}: ${{{{ env.A{n} }}}}${{{{ env.A{n} }}}}\n" for n in range(60))
        + JOB.replace("npm publish", "npm publish $A60 ${{ env.A60 }}")
    },
    "a script that doubles": {
        WORKFLOW: JOB.replace(
            "run: npm publish", "run: |\n          A=a\n" + "          A=$A$A$A$A\n" * 40 + "          npm publish $A"
        )
    },
    "expressions": {
        WORKFLOW: JOB.replace("npm publish", "npm publish ${{ " + "(" * 60_000 + "x" + ")" * 60_000 + " }}")
    },
    "a condition": {WORKFLOW: JOB.replace("    steps", "    if: ${{ " + "!" * 60_000 + "x }}\n    steps")},
    "open expressions": {WORKFLOW: JOB.replace("npm publish", "npm publish " + "${{ " * 40_000)},
    "expressions in each other": {
        WORKFLOW: JOB.replace("npm publish", "npm publish " + "${{ a" * 20_000 + " }}" * 20_000)
    },
    "formats": {
        WORKFLOW: JOB.replace(
            "npm publish", "npm publish ${{ " + "format('{0}{0}{0}{0}', " * 30 + "github.ref" + ")" * 30 + " }}"
        )
    },
    "functions of a shell": {
        WORKFLOW: JOB.replace(
            "run: npm publish",
            "run: |\n"
            + "".join(f"          f{n}() {{ f{n + 1}; f{n + 1}; f{n + 1}; }}\n" for n in range(40))
            + "          f40() { npm publish; }\n          f0\n",
        )
    },
    "loops of a shell": {
        WORKFLOW: JOB.replace(
            "npm publish",
            "".join(f"for a{n} in 1 2 3 4 5 6 7 8; do " for n in range(12)) + "npm publish $a1;" + " done;" * 12,
        )
    },
    "braces of a shell": {WORKFLOW: JOB.replace("npm publish", "npm publish " + "{a,b}" * 5_000)},
    "brackets of a shell": {WORKFLOW: JOB.replace("npm publish", "npm publish " + "$(" * 5_000 + "x" + ")" * 5_000)},
    "templates": {
        ".gitlab-ci.yml": "".join(f".j{n}:\n  extends: [{', '.join([f'.j{n + 1}'] * 10)}]\n" for n in range(30))
        + ".j30:\n  script: [npm publish]\np:\n  extends: .j0\n"
    },
    "references": {
        ".gitlab-ci.yml": "".join(
            f".j{n}:\n  script:\n" + f"    - !reference [.j{n + 1}, script]\n" * 10 for n in range(30)
        )
        + ".j30:\n  script: [npm publish]\np:\n  script: [!reference [.j0, script]]\n"
    },
    "includes": {
        ".gitlab-ci.yml": "include: [a0.yml, a0.yml]\np: {script: [npm publish]}\n",
        **{f"a{n}.yml": f"include: [{', '.join([f'a{(n + 1) % 60}.yml'] * 10)}]\n" for n in range(60)},
    },
    "GitLab's variables": {
        ".gitlab-ci.yml": "variables:\n  A0: aaaaaaaaaa\n"
        + "".join(f"  A{n + 1}: $A{n}$A{n}$A{n}\n" for n in range(60))
        + "p:\n  script: [npm publish $A60]\n  tags: [$A60]\n"
    },
    "workspaces in workspaces": {
        f"p{n}/package.json": f'{{"name": "p{n}", "version": "1.0.0", "workspaces": ["*"]}}' for n in range(2_000)
    },
    "packages": {
        "package.json": '{"name": "top", "private": true, "workspaces": ["*"]}',
        WORKFLOW: JOB.replace("npm publish", "npm publish --workspaces"),
        **{f"p{n}/package.json": f'{{"name": "p{n}", "version": "1.0.0"}}' for n in range(2_000)},
    },
    "jobs": {
        WORKFLOW: "on: push\njobs:\n"
        + "".join(f"  j{n}:\n    runs-on: x\n    steps: [run: npm publish]\n" for n in range(3_500))
    },
    "actions in one line": {
        WORKFLOW: "{on: push, jobs: {a: {runs-on: x, steps: ["
        + ", ".join(f'{{uses: "a/b{n}@v1"}}' for n in range(6_000))
        + ", {run: npm publish}]}}}\n"
    },
    "ignores in one line": {WORKFLOW: "# " + "preflight: " * 23_000 + "\n" + JOB},
    "ignores": {WORKFLOW: "# preflight: ignore[a]\n" * 11_000 + JOB},
    "many workflows": {
        f".github/workflows/w{n}.yml": "on: push\njobs: {a: {runs-on: x, steps: [run: npm test]}}\n"
        for n in range(5_000)
    },
    "folders": {f"{'/'.join('d' * 200)}/package.json": "{}"},
    "files": {f"f/{n}": "" for n in range(25_000)},
    "a long program": {
        "package.json": scripts(1, 1, s1="node a.js"),
        "a.js": "require('child_process').execSync(`npm publish " + "${`" * 30_000,
    },
    "a makefile": {
        "package.json": scripts(1, 1, s1="make"),
        "Makefile": "".join(f"t{n}: {' '.join([f't{n + 1}'] * 10)}\n\tnpm publish\n" for n in range(300)),
    },
}
"""Files that lead into each other in more ways than anyone can walk."""


@pytest.mark.parametrize("files", MAZES.values(), ids=MAZES.keys())
def test_a_maze_has_an_end(files, put, check):
    """Ten scripts of ten commands each run more often than there are atoms."""
    put(files)

    assert check("--format", "json").code in {0, 1}


@pytest.mark.parametrize("name", ["scripts", "actions", "files", "folders", "jobs"])
def test_a_maze_that_was_not_walked_to_its_end_is_named(name, put, check):
    """Who gives up must say so."""
    put(MAZES[name])

    ended = check("--format", "concise", "--select", "unreadable-file")

    assert (ended.code, "unreadable-file" in ended.out) == (1, True)


@pytest.mark.parametrize("command", [["plan"], ["config", "show"], ["plan", "--format", "json"]])
@pytest.mark.parametrize("name", ["scripts", "actions", "workflows", "packages"])
def test_the_other_commands_end_too(command, name, put, run):
    """They read the same files."""
    put(MAZES[name])

    assert run(*command).code == 0
