"""The version of a package that a lockfile holds."""

from __future__ import annotations

import json
from pathlib import PurePosixPath

import pytest

from preflight.readers.lockfiles import Lockfiles
from preflight.source.files import Files

NPM_3 = """\
{
  "name": "widgets",
  "lockfileVersion": 3,
  "packages": {
    "": {"name": "widgets", "devDependencies": {"lerna": "^8.0.0"}},
    "node_modules/@acme/a": {
      "resolved": "packages/a",
      "link": true
    },
    "node_modules/alias": {
      "name": "lerna",
      "version": "4.0.0"
    },
    "node_modules/lerna": {
      "version": "8.1.2",
      "dependencies": {"npm": "10.0.0"}
    },
    "node_modules/lerna/node_modules/npm": {
      "version": "10.9.3"
    },
    "packages/a/node_modules/lerna": {
      "version": "9.0.1"
    }
  }
}
"""
NPM_1 = """\
{
  "name": "widgets",
  "lockfileVersion": 1,
  "dependencies": {
    "lerna": {
      "version": "3.22.1",
      "requires": {"npm": "^6.0.0"},
      "dependencies": {
        "lerna": {
          "version": "2.0.0"
        }
      }
    }
  }
}
"""
PNPM_9 = """\
lockfileVersion: '9.0'

importers:

  .:
    devDependencies:
      lerna:
        specifier: ^8.0.0
        version: 8.1.2(typescript@5.0.0)

  packages/a:
    dependencies:
      '@acme/b':
        specifier: workspace:*
        version: link:../b
      lerna:
        specifier: ^9.0.0
        version: 9.0.1
      'np':
        specifier: ^10.0.0
        version: 10.2.0

  packages/b: {}

packages:

  '@semantic-release/npm@13.1.3':
    resolution: {integrity: sha512-x}

  other@1.0.0:
    dependencies:
      np: 1.0.0
"""
PNPM_5 = """\
lockfileVersion: 5.4

specifiers:
  lerna: ^6.0.0

devDependencies:
  lerna: 6.4.1_abc

packages:

  /lerna/6.4.1_abc:
    dev: true

  /@semantic-release/npm/9.0.1:
    dev: true
"""
YARN_1 = """\
# yarn lockfile v1


lerna@^6.0.0, lerna@^6.1.0:
  version "6.6.2"
  dependencies:
    x-lerna "^1.0.0"

lerna@^8.0.0:
  version "8.1.2"

"@semantic-release/npm@^13.1.1":
  version "13.1.3"

x-lerna@^1.0.0:
  version "1.0.0"
"""
BERRY = """\
__metadata:
  version: 8

"lerna@npm:^8.0.0, lerna@npm:^8.1.0":
  version: 8.1.2
  resolution: "lerna@npm:8.1.2"

"np@workspace:.":
  version: 0.0.0-use.local
"""
BUN = """\
{
  "lockfileVersion": 1,
  "packages": {
    "lerna": ["lerna@8.1.2", "", { "dependencies": { "np": "^10.0.0" } }, "sha512-x"],

    "x/lerna": ["lerna@7.0.0", "", {}, "sha512-x"],

    "x/np": ["np@10.2.0", "", {}, "sha512-x"],
  }
}
"""


def locked(root, files, name, folder=".", spec=None):
    """Return the version that the lockfiles below a folder hold, with the place that says so."""
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8", newline="")
    found = Lockfiles(Files(root)).locked(name, PurePosixPath(folder), spec)
    return (str(found.version), found.at.text.partition("(")[0].partition("_")[0]) if found else None


@pytest.mark.parametrize(
    ("file", "text", "name", "folder", "spec", "version"),
    [
        pytest.param("package-lock.json", NPM_3, "lerna", ".", None, "8.1.2", id="npm 3"),
        pytest.param("package-lock.json", NPM_3, "lerna", "packages/a", None, "9.0.1", id="npm 3, its own"),
        pytest.param("package-lock.json", NPM_3, "lerna", "packages/b/c", None, "8.1.2", id="npm 3, that above"),
        pytest.param("package-lock.json", NPM_3, "npm", ".", None, "10.9.3", id="npm 3, the only one"),
        pytest.param("package-lock.json", NPM_3, "alias", ".", None, None, id="npm 3, under another name"),
        pytest.param("package-lock.json", NPM_3, "@acme/a", ".", None, None, id="npm 3, a link"),
        pytest.param("npm-shrinkwrap.json", NPM_1, "lerna", ".", None, "3.22.1", id="npm 1, not the nested one"),
        pytest.param("package-lock.json", NPM_1, "npm", ".", None, None, id="npm 1, only a range"),
        pytest.param("pnpm-lock.yaml", PNPM_9, "lerna", ".", None, "8.1.2", id="pnpm 9"),
        pytest.param("pnpm-lock.yaml", PNPM_9, "lerna", "packages/a", None, "9.0.1", id="pnpm 9, its own"),
        pytest.param("pnpm-lock.yaml", PNPM_9, "lerna", "packages/b", None, "8.1.2", id="pnpm 9, that above"),
        pytest.param("pnpm-lock.yaml", PNPM_9, "np", "packages/a", None, "10.2.0", id="pnpm 9, quoted"),
        pytest.param("pnpm-lock.yaml", PNPM_9, "@acme/b", "packages/a", None, None, id="pnpm 9, a link"),
        pytest.param("pnpm-lock.yaml", PNPM_9, "@semantic-release/npm", ".", None, "13.1.3", id="pnpm 9, indirect"),
        pytest.param("pnpm-lock.yaml", PNPM_5, "lerna", ".", None, "6.4.1", id="pnpm 5"),
        pytest.param("pnpm-lock.yaml", PNPM_5, "@semantic-release/npm", ".", None, "9.0.1", id="pnpm 5, indirect"),
        pytest.param("yarn.lock", YARN_1, "lerna", ".", "^8.0.0", "8.1.2", id="yarn 1, by its range"),
        pytest.param("yarn.lock", YARN_1, "lerna", ".", "^6.1.0", "6.6.2", id="yarn 1, one of several ranges"),
        pytest.param("yarn.lock", YARN_1, "lerna", ".", None, None, id="yarn 1, two versions"),
        pytest.param("yarn.lock", YARN_1, "@semantic-release/npm", ".", None, "13.1.3", id="yarn 1, a scope"),
        pytest.param("yarn.lock", BERRY, "lerna", ".", "^8.0.0", "8.1.2", id="Berry"),
        pytest.param("yarn.lock", BERRY, "np", ".", None, None, id="Berry, a workspace"),
        pytest.param("bun.lock", BUN, "lerna", ".", None, "8.1.2", id="bun"),
        pytest.param("bun.lock", BUN, "np", ".", None, "10.2.0", id="bun, the only one"),
        pytest.param("bun.lockb", "lerna@8.1.2", "lerna", ".", None, None, id="bun's binary file"),
        pytest.param("package-lock.json", "[", "lerna", ".", None, None, id="nonsense"),
        pytest.param("package-lock.json", '"lerna": {"version": "x"}', "lerna", ".", None, None, id="no version"),
    ],
)
def test_a_lockfile_tells_the_version(tmp_path, file, text, name, folder, spec, version) -> None:
    """A range allows many, and only the lockfile says which of them publishes."""
    (tmp_path / folder).mkdir(parents=True, exist_ok=True)

    found = locked(tmp_path, {file: text}, name, folder, spec)

    assert found == (version and (version, version))


def test_lines_may_end_as_on_windows(tmp_path) -> None:
    """Git may check a lockfile out with other ends of lines."""
    texts = {"a/yarn.lock": YARN_1, "b/pnpm-lock.yaml": PNPM_9, "c/package-lock.json": NPM_3}
    files = {path: text.replace("\n", "\r\n") for path, text in texts.items()}

    found = [locked(tmp_path, files, "lerna", folder, "^8.0.0") for folder in "abc"]

    assert found == [("8.1.2", "8.1.2")] * 3


def test_lockfiles_that_disagree_tell_nothing(tmp_path) -> None:
    """One of the two is a leftover, and which one cannot be told."""
    files = {"package-lock.json": NPM_3, "pnpm-lock.yaml": PNPM_5}

    assert locked(tmp_path, files, "lerna") is None


def test_the_nearest_folder_with_a_lockfile_counts(tmp_path) -> None:
    """A project inside a project has a lockfile of its own."""
    files = {"package-lock.json": NPM_3, "docs/package-lock.json": json.dumps({"packages": {}})}

    assert locked(tmp_path, files, "lerna", "docs") is None


def test_a_lockfile_may_be_too_large(tmp_path) -> None:
    """It then tells nothing, and the check goes on."""
    (tmp_path / "yarn.lock").write_bytes(b" " * (16 * 1024 * 1024 + 1))

    assert locked(tmp_path, {}, "lerna") is None


def test_ten_megabytes_take_no_time(tmp_path) -> None:
    """A lockfile is searched, not parsed."""
    filler = "".join(f'x{number}@^1.0.0:\n  version "1.0.{number}"\n\n' for number in range(200_000))

    found = locked(tmp_path, {"yarn.lock": filler + YARN_1}, "lerna", ".", "^8.0.0")

    assert found == ("8.1.2", "8.1.2")
