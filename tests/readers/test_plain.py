"""Plain scripts are read without the parser, and read the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preflight.readers import bash
from preflight.readers.plain import LETTERS, PROGRAMS, plain

WORDS = st.text(alphabet=sorted(LETTERS - {" ", "\n"}), min_size=1, max_size=12)
LINES = st.builds(
    lambda program, words: " ".join([program, *words]), st.sampled_from(sorted(PROGRAMS)), st.lists(WORDS)
)


@pytest.mark.parametrize(
    "script",
    [
        pytest.param("npm publish --provenance --access=public", id="one command"),
        pytest.param("npm ci\n\n  npm  run build\nnpm publish ./dist\n", id="several"),
        pytest.param("npx -y npm@^11.5.1 publish", id="a range"),
        pytest.param("", id="nothing"),
    ],
)
def test_a_plain_script_is_read_as_the_parser_reads_it(script):
    """What saves the parser must not change an answer."""
    assert plain(script) == bash.commands(script, lambda _: None)


@given(st.lists(LINES, max_size=4).map("\n".join))
def test_any_plain_script_is_read_as_the_parser_reads_it(script):
    """What saves the parser must not change an answer."""
    assert plain(script) == bash.commands(script, lambda _: None)


@pytest.mark.parametrize(
    "script",
    [
        pytest.param("cd dist\nnpm publish", id="a builtin"),
        pytest.param("npm publish && echo done", id="an operator"),
        pytest.param("npm publish $FLAGS", id="a variable"),
        pytest.param("npm publish # now", id="a comment"),
        pytest.param("A=b npm publish", id="an assignment"),
        pytest.param("sudo npm publish", id="another program"),
        pytest.param("npm publish *.tgz", id="a pattern"),
        pytest.param("npm publish 'x'", id="quotes"),
        pytest.param("npm publish \\\n --tag next", id="a continuation"),
    ],
)
def test_anything_else_is_left_to_the_parser(script):
    """A shell has more meanings than fit here."""
    assert plain(script) is None
