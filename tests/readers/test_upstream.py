"""What we use of sigstore-python that it does not promise to keep, and a notice when we no longer need to."""

from __future__ import annotations

import ast
import inspect
import json
from importlib import import_module
from pathlib import Path

import pytest
from mint import SLSA_V1, Fault, github, purl, statement

READERS = Path(__file__).parents[2] / "preflight" / "readers"
USERS = ("bundles.py", "verifier.py")
"""The modules that may use private names."""
IMPORTED = {
    "sigstore._internal.merkle": {"verify_merkle_inclusion"},
    "sigstore._internal.rekor.checkpoint": {"verify_checkpoint"},
    "sigstore._internal.sct": {"verify_sct"},
    "sigstore._internal.timestamp": {"TimestampSource", "TimestampVerificationResult"},
    "sigstore._internal.trust": {"KeyringPurpose", "RekorKeyring"},
    "sigstore._utils": {"cert_is_leaf"},
    "sigstore.dsse": {"_pae"},
}
METHODS = {
    ("sigstore.models", "Bundle"): {"_verify"},
    ("sigstore.models", "TransparencyLogEntry"): {"_validate", "_verify", "_verify_set"},
    ("sigstore.verify", "Verifier"): {"_establish_time", "_verify_chain_at_time", "_verify_timestamp_authority"},
}
"""What is called or replaced."""
ATTRIBUTES = {
    ("sigstore.models", "Bundle"): {"_inner", "_log_entry", "_signing_certificate"},
    ("sigstore.models", "TransparencyLogEntry"): {"_inner"},
    ("sigstore.models", "TrustedRoot"): {"_inner"},
}
"""What is read or set on the objects."""
OURS = {"_entry", "_rekor_keys", "_ct_keys", "_logs", "_logged", "_step_by_step", "_prove"}
"""Names of the subclasses' own, which must not exist upstream."""


def tree(name):
    """Return the syntax of one of our modules."""
    return ast.parse((READERS / name).read_text(encoding="utf-8"))


def private_imports(name):
    """Yield module and name of every import that sigstore-python does not promise to keep."""
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sigstore"):
            for alias in node.names:
                if "._" in (node.module or "") or alias.name.startswith("_"):
                    yield node.module, alias.name


def private_names(name):
    """Yield every private attribute that is used, and every private method that is defined in a class."""
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.Attribute) and node.attr.startswith("_") and not node.attr.startswith("__"):
            yield node.attr
        if isinstance(node, ast.ClassDef):
            yield from (
                each.name
                for each in node.body
                if isinstance(each, ast.FunctionDef) and each.name.startswith("_") and not each.name.startswith("__")
            )


def test_every_private_import_is_listed():
    """A list with a gap would let the gap break on a user's machine."""
    used = {pair for name in USERS for pair in private_imports(name)}

    assert used == {(module, each) for module, names in IMPORTED.items() for each in names}


def test_every_private_name_is_listed():
    """The same for what is used of their classes."""
    used = {each for name in USERS for each in private_names(name)}

    theirs = set().union(*METHODS.values(), *ATTRIBUTES.values())
    assert used - OURS == theirs


def test_no_other_module_imports_sigstore_s_private_parts():
    """One place to look when upstream changes."""
    others = {
        path.name
        for path in READERS.parent.rglob("*.py")
        if path.name not in USERS and "sigstore._" in path.read_text(encoding="utf-8")
    }

    assert others == set()


@pytest.mark.parametrize("module", list(IMPORTED))
def test_what_is_imported_is_there(module):
    """A new version of sigstore-python may move it."""
    found = import_module(module)

    assert {name for name in IMPORTED[module] if not hasattr(found, name)} == set()


@pytest.mark.parametrize(("module", "name"), list(METHODS))
def test_what_is_called_or_replaced_is_there(module, name):
    """A method that is no longer called would be a check that nobody makes."""
    found = getattr(import_module(module), name)

    assert {each for each in METHODS[module, name] if not inspect.isfunction(vars(found).get(each))} == set()


@pytest.mark.parametrize(("module", "name"), list(ATTRIBUTES))
def test_what_is_read_or_set_is_there(module, name):
    """Setting an attribute that nobody reads any more would be silent."""
    source = inspect.getsource(getattr(import_module(module), name))

    assert {each for each in ATTRIBUTES[module, name] if f"self.{each}" not in source} == set()


def test_our_own_names_are_free():
    """A method of theirs by the same name would be replaced by accident."""
    from sigstore.models import Bundle, TransparencyLogEntry
    from sigstore.verify import Verifier

    assert {
        name for name in OURS for theirs in (Bundle, TransparencyLogEntry, Verifier) if hasattr(theirs, name)
    } == set()


# -- what upstream accepts by itself ------------------------------------------------------------------


@pytest.fixture
def accepts(trusted_root):
    """Return what asks sigstore-python's public interface; it raises for what it refuses."""
    from sigstore.models import Bundle, TrustedRoot
    from sigstore.verify import Verifier
    from sigstore.verify.policy import UnsafeNoOp

    verifier = Verifier(trusted_root=TrustedRoot.from_file(str(trusted_root)))
    return lambda bundle: verifier.verify_dsse(Bundle.from_json(json.dumps(bundle)), UnsafeNoOp())


SAID = statement(purl("acme", "1.0.0"), "ab" * 64, SLSA_V1, github().predicate)


def test_upstream_accepts_what_npm_makes_today(world, accepts):
    """Otherwise the test below would expect a failure for a wrong reason."""
    assert accepts(world.bundle(SAID, github()))[0] == "application/vnd.in-toto+json"


@pytest.mark.xfail(strict=True, reason="github.com/sigstore/sigstore-python/issues/1384")
def test_upstream_accepts_what_npm_10_makes(world, accepts):
    """Once this passes, our own steps for entries of kind `intoto` can go."""
    assert accepts(world.bundle(SAID, github(), form="0.2", kind="intoto"))


@pytest.mark.xfail(strict=True, reason="github.com/sigstore/sigstore-python/issues/1384")
def test_upstream_accepts_what_npm_itself_signs(world, accepts):
    """Once this passes, our own steps for keys can go."""
    assert accepts(world.bundle(SAID, world.npm, form="0.2"))


@pytest.mark.parametrize("kind", ["dsse", "hashedrekord"])
@pytest.mark.parametrize("fault", list(Fault))
def test_we_are_never_laxer_than_upstream(world, accepts, check, fault, kind):
    """Subclassing takes away as easily as it adds."""
    bundle = world.bundle(SAID, github(), kind=kind, fault=fault)
    try:
        accepts(bundle)
    # For some of these, an error of a parser comes through.
    except Exception:  # noqa: BLE001
        theirs = False
    else:
        theirs = True

    ours = not hasattr(check(bundle)[0].outcome, "code")

    assert theirs or not ours
