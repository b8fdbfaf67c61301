"""Scripts of bash, idiom by idiom, each with the neighbours that run something else."""

from __future__ import annotations

import time

import pytest

from preflight.readers.shell import LONGEST, Command, Shell, commands

SURROUNDINGS = {"GITHUB_WORKSPACE": "/w", "PWD": "/w/start", "0": "scripts/release.sh", "TAG": "next", "NPM_X": "1"}


def read(text: str) -> tuple[Command, ...]:
    """Return the commands of a script in the usual surroundings."""
    return commands(text, Shell.BASH, SURROUNDINGS.get)


def spelt(command: Command) -> str:
    """Return the words of a command, separated by `·`, unknown ones behind a `?`."""
    return "·".join(word.text if word.known else f"?{word.text}" for word in command.words)


def published(text: str) -> list[str]:
    """Return the commands of a script that begin with npm."""
    return [spelt(command) for command in read(text) if command.words[0].text == "npm"]


def folders(text: str) -> list[str | None]:
    """Return the folders in which npm runs."""
    return [command.cwd for command in read(text) if command.words[0].text == "npm"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("npm publish", id="alone"),
        pytest.param("\n\n  npm publish  \n", id="between blanks"),
        pytest.param("true; npm publish", id="after a semicolon"),
        pytest.param("make && npm publish", id="after and"),
        pytest.param("make || npm publish", id="after or"),
        pytest.param("[ -f x ] && npm publish", id="after a test"),
        pytest.param("[[ $A =~ ^v(.*)$ ]] && npm publish", id="after a pattern"),
        pytest.param("npm publish | tee log", id="into a pipe"),
        pytest.param("yes | npm publish", id="out of a pipe"),
        pytest.param("npm publish &", id="in the background"),
        pytest.param("npm publish 2>&1", id="with its errors redirected"),
        pytest.param("npm publish > log 2> errors", id="with redirects"),
        pytest.param(">log npm publish", id="after a redirect"),
        pytest.param("(npm publish)", id="in a subshell"),
        pytest.param("{ npm publish; }", id="in braces"),
        pytest.param("! npm publish", id="negated"),
        pytest.param("if npm publish; then :; fi", id="as a condition"),
        pytest.param("if a; then npm publish; fi", id="in then"),
        pytest.param("if a; then b; elif c; then npm publish; fi", id="in elif"),
        pytest.param("if a; then b; else npm publish; fi", id="in else"),
        pytest.param("while a; do npm publish; done", id="in while"),
        pytest.param("until npm publish; do sleep 5; done", id="until it works"),
        pytest.param("for i in 1 2 3; do npm publish && break; done", id="tried three times"),
        pytest.param("for ((i=0;i<3;i++)); do npm publish; done", id="in a counting loop"),
        pytest.param("for p in $(ls); do npm publish; done", id="in a loop over a substitution"),
        pytest.param("select p in a b; do npm publish; done", id="in select"),
        pytest.param("case $A in a) npm publish ;; *) b ;; esac", id="in case"),
        pytest.param("f() { npm publish; }; f", id="in a function"),
        pytest.param("function f { npm publish; }\nf", id="in a function with a keyword"),
        pytest.param("f() { npm publish; }\ntime f", id="in a function behind a wrapper"),
        pytest.param("f() { npm publish; }", id="in a function that something else may call"),
        pytest.param("echo $(npm publish)", id="in a substitution"),
        pytest.param("echo `npm publish`", id="in backticks"),
        pytest.param('echo "v: $(npm publish)"', id="in a quoted substitution"),
        pytest.param("V=$(npm publish)", id="in an assignment"),
        pytest.param("export V=$(npm publish)", id="in an export"),
        pytest.param("a[$(npm publish)]=1", id="in an index"),
        pytest.param("echo ${A:-$(npm publish)}", id="in a default"),
        pytest.param("(( $(npm publish) + 1 ))", id="in arithmetic"),
        pytest.param("echo $(( $(npm publish) + 1 ))", id="in an arithmetic expansion"),
        pytest.param("diff <(npm publish) x", id="in a process substitution"),
        pytest.param("while read l; do a; done < <(npm publish)", id="feeding a loop"),
        pytest.param("cat <<E\n$(npm publish)\nE", id="in a here-document"),
        pytest.param("npm \\\n  publish", id="continued on the next line"),
        pytest.param("npm   publish   # now", id="before a comment"),
        pytest.param("n\\pm 'publish'", id="quoted and escaped"),
        pytest.param('"npm" pub"lis"h', id="quoted in part"),
        pytest.param("npm $'publish'", id="in dollar quotes"),
        pytest.param("npm $'\\x70\\165blish'", id="with codes in dollar quotes"),
        pytest.param("CMD='npm publish'; $CMD", id="in a variable"),
        pytest.param("A=npm; B=publish\n$A $B", id="in two variables"),
        pytest.param("A=1 # one\nnpm publish", id="after an assignment on a line of its own"),
        pytest.param("A=(npm publish); ${A[@]}", id="in an array"),
        pytest.param('A=(npm); A+=(publish)\n"${A[@]}"', id="in an array that grew"),
        pytest.param('A=(x npm publish); "${A[1]}" ${A[2]}', id="in elements of an array"),
        pytest.param('set -- npm publish; "$@"', id="in the arguments"),
        pytest.param("set -- a npm publish; shift; $1 $2", id="in shifted arguments"),
        pytest.param('f() { "$@"; }; f npm publish', id="in the arguments of a function"),
        pytest.param("eval npm publish", id="evaluated"),
        pytest.param("eval 'npm publish'", id="evaluated from quotes"),
        pytest.param("trap 'npm publish' EXIT", id="at the end"),
        pytest.param("exec npm publish", id="instead of the shell"),
        pytest.param("bash -c 'npm publish'", id="by another bash"),
        pytest.param("bash -euo pipefail -c 'npm publish'", id="by a strict bash"),
        pytest.param('sh -ec "npm publish"', id="by another sh"),
        pytest.param("bash <<< 'npm publish'", id="from a here-string"),
        pytest.param("bash <<E\nnpm publish\nE", id="from a here-document"),
        pytest.param("bash -s <<'E'\nnpm publish\nE", id="from a quoted here-document"),
        pytest.param("bash <<-E\n\tnpm publish\n\tE", id="from an indented here-document"),
        pytest.param("cat <<E | bash -x\nnpm publish\nE", id="from a here-document through cat"),
        pytest.param("echo 'npm publish' | bash", id="echoed into bash"),
        pytest.param("printf 'npm %s\\n' publish | sh", id="printed into sh"),
        pytest.param("cmd /c 'npm publish'", id="by cmd"),
        pytest.param("pwsh -Command 'npm publish'", id="by PowerShell"),
        pytest.param("if x; then\n  npm publish", id="where the end is missing"),
        pytest.param("done\nnpm publish", id="after an end too many"),
        pytest.param("if true; then npm publish; fi", id="under if true"),
        pytest.param("false || npm publish", id="after false or"),
        pytest.param("true && npm publish", id="after true and"),
        pytest.param("x && exit 0; npm publish", id="after an exit that may not happen"),
        pytest.param("x || exit 1; npm publish", id="after an exit on failure"),
        pytest.param("[ x ] && exit 0 || npm publish", id="where a test fails"),
        pytest.param("[ x ] && exit 0; npm publish", id="after an exit behind a question"),
        pytest.param("if x; then exit 0; fi; npm publish", id="after a branch that exits"),
        pytest.param("(exit 0); npm publish", id="after the exit of a subshell"),
        pytest.param("bash -c 'exit 0'; npm publish", id="after the exit of another shell"),
        pytest.param("for i in a; do continue; done; npm publish", id="after a loop that continues"),
        pytest.param("f() { return; }; f; npm publish", id="after a function that returns"),
    ],
)
def test_a_command_is_found_wherever_it_stands(text: str):
    """A publish that is not seen is a release that is not judged."""
    assert published(text) == ["npm·publish"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("# npm publish", id="a comment"),
        pytest.param("a # npm publish", id="a comment behind a command"),
        pytest.param("echo npm publish", id="echoed"),
        pytest.param('echo "npm publish"', id="echoed in quotes"),
        pytest.param("echo 'run: `npm publish`'", id="echoed with backticks in single quotes"),
        pytest.param('echo "run: \\$(npm publish)"', id="echoed with an escaped substitution"),
        pytest.param('git commit -m "npm publish; npm publish"', id="a message"),
        pytest.param('echo "a\nnpm publish\nb"', id="a line of a long string"),
        pytest.param("cat <<E > x.sh\nnpm publish\nE", id="written to a file"),
        pytest.param("cat > x.sh <<'E'\nnpm publish\n$(npm publish)\nE", id="written to a file unread"),
        pytest.param("echo 'npm publish' > x.sh", id="echoed into a file"),
        pytest.param("echo 'npm publish' | tee x.sh", id="echoed into a program"),
        pytest.param("echo 'npm publish' > x | bash", id="echoed past a pipe"),
        pytest.param("A='npm publish'", id="assigned"),
        pytest.param("A=(npm publish)", id="assigned as an array"),
        pytest.param("export A='npm publish'", id="exported"),
        pytest.param("[ \"$A\" = 'npm publish' ]", id="compared"),
        pytest.param("case 'npm publish' in 'npm publish') a ;; esac", id="a pattern"),
        pytest.param("alias p='npm publish'", id="an alias"),
        pytest.param("if false; then npm publish; fi", id="under if false"),
        pytest.param("while false; do npm publish; done", id="under while false"),
        pytest.param("until true; do npm publish; done", id="under until true"),
        pytest.param("false && npm publish", id="after false and"),
        pytest.param("true || npm publish", id="after true or"),
        pytest.param("if true; then a; else npm publish; fi", id="in the else of if true"),
        pytest.param("exit 0\nnpm publish", id="after an exit"),
        pytest.param("{ exit 0; }\nnpm publish", id="after an exit in braces"),
        pytest.param("die() { exit 1; }\ndie\nnpm publish", id="after a function that exits"),
        pytest.param("if a; then exit; else exit 1; fi\nnpm publish", id="after branches that all exit"),
        pytest.param("for i in a b; do exit; done\nnpm publish", id="after a loop that exits"),
        pytest.param("E=; $E npm2 publish", id="another program"),
        pytest.param("exec a\nnpm publish", id="after the shell was replaced"),
        pytest.param("exec bash -c a\nnpm publish", id="after the shell was replaced by another"),
        pytest.param("false || exit 1; npm publish", id="after a certain failure"),
        pytest.param("for i in a; do break; npm publish; done", id="after a break"),
        pytest.param("f() { return; npm publish; }; f", id="after a return"),
        pytest.param("trap - EXIT; command -v npm publish", id="asked for"),
        pytest.param("E=; for p in $E; do npm publish; done", id="in a loop over nothing"),
        pytest.param("ssh host 'npm publish'", id="on another machine"),
        pytest.param("docker run x npm publish", id="in a container"),
    ],
)
def test_what_only_looks_like_a_command_is_none(text: str):
    """A finding about a comment or a message would cost the tool its credit."""
    assert published(text) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("x $TAG", "x·next", id="from the surroundings"),
        pytest.param('x "a ${TAG}"', "x·a next", id="within quotes"),
        pytest.param("TAG=beta; x $TAG", "x·beta", id="assigned over the surroundings"),
        pytest.param("A=1 B=2; x $A$B", "x·12", id="two on a line"),
        pytest.param("A=1 B=2\nx $A$B", "x·12", id="two on a line before"),
        pytest.param("x $1", "x·?$1", id="an unknown argument"),
        pytest.param("E=; $E; x", "x", id="no command"),
        pytest.param("A=0; { b; } && A=1; x $A", "x·1", id="assigned behind a block"),
        pytest.param("x $NO", "x·?$NO", id="unknown"),
        pytest.param("x --tag=$NO-1", "x·?--tag=$NO-1", id="unknown in part"),
        pytest.param("x ${NO:-d}", "x·?${NO:-d}", id="an unknown one with a default"),
        pytest.param("x ${TAG:-d} ${TAG-d}", "x·next·next", id="a default not needed"),
        pytest.param("A=; x ${A:-d} ${A:=e}", "x·d·e", id="a default needed"),
        pytest.param("A=; x ${A:-$NO}", "x·?${A:-$NO}", id="a default that is not known"),
        pytest.param("x ${TAG:+--tag}", "x·--tag", id="an alternative"),
        pytest.param("A=; x ${A:+--tag} y", "x·y", id="an alternative not taken"),
        pytest.param("A=v1.2; x ${A#v} ${A%.*} ${A%%[0-9]*} ${A##*.}", "x·1.2·v1·v·2", id="cut"),
        pytest.param("A=v1; x ${A#z} ${A%z}", "x·v1·v1", id="nothing to cut"),
        pytest.param("A=a; x ${A/a/b} ${#A} ${!A}", "x·?${A/a/b}·?${#A}·?${!A}", id="what is not worked out"),
        pytest.param("A='b c'; x $A", "x·b·c", id="split"),
        pytest.param("A='b c'; x \"$A\"", "x·b c", id="not split in quotes"),
        pytest.param("A=' b c '; x y$A'z'", "x·y·b·c·z", id="split beside other text"),
        pytest.param("A='b c'; x y$A", "x·yb·c", id="joined to what stands before"),
        pytest.param("A=' '; x y$A", "x·y", id="only blanks"),
        pytest.param("A=; x $A y", "x·y", id="empty and gone"),
        pytest.param('A=; x "$A" y', "x··y", id="empty and kept by quotes"),
        pytest.param("A=a; A+=b; x $A", "x·ab", id="appended"),
        pytest.param("A+=b; x $A", "x·?$A", id="appended to what is not known"),
        pytest.param("A=$NO; x $A", "x·?$A", id="assigned something unknown"),
        pytest.param("A=$NO; TAG=$A; x $TAG", "x·?$TAG", id="assigned over the surroundings, unknown"),
        pytest.param("A=(a $NO 'b c'); x \"${A[@]}\"", "x·a·?$NO·b c", id="an array"),
        pytest.param("A=(a b); x $A ${A[1]} ${A[9]}", "x·a·b·?${A[9]}", id="elements"),
        pytest.param("A=a; x ${A[0]} ${A[1]}", "x·a·?${A[1]}", id="a string as an array"),
        pytest.param("A[1]=a; x ${A[1]}", "x·?${A[1]}", id="an element assigned"),
        pytest.param("A+=(a); x ${A[@]}", "x·?${A[@]}", id="an unknown array that grew"),
        pytest.param('x "$@" $# $?', "x·?$@·?$#·?$?", id="unknown arguments"),
        pytest.param('set -- a; x $1 $2 "a$1"', "x·a·aa", id="known arguments"),
        pytest.param("f() { x $1 $9; }; f 'a b'", "x·a·b", id="arguments of a function"),
        pytest.param("bash -c 'x $1' _ a", "x·a", id="arguments of another shell"),
        pytest.param("A=b; bash -c 'x $A'", "x·?$A", id="not given to another shell"),
        pytest.param("export A=b; bash -c 'x $A'", "x·b", id="given to another shell"),
        pytest.param("A=b bash -c 'x $A'", "x·b", id="given to another shell alone"),
        pytest.param("if a; then A=1; else A=1; fi; x $A", "x·1", id="the same in all branches"),
        pytest.param("if a; then A=1; else A=2; fi; x $A", "x·?$A", id="not the same in all branches"),
        pytest.param("A=0; if a; then A=1; fi; x $A", "x·?$A", id="perhaps assigned"),
        pytest.param("A=0; if a; then A=1; exit; fi; x $A", "x·0", id="assigned in a branch that exits"),
        pytest.param("A=0; case $b in c) A=1 ;; esac; x $A", "x·?$A", id="perhaps assigned in a case"),
        pytest.param("A=0; case $b in c) exit ;; esac; x $A", "x·0", id="a case that exits"),
        pytest.param("A=0; (A=1); x $A", "x·0", id="assigned in a subshell"),
        pytest.param("A=0; a | A=1; x $A", "x·0", id="assigned in a pipe"),
        pytest.param("A=0; [ b ] && A=1; x $A", "x·?$A", id="assigned behind a question"),
        pytest.param("A=0; b && A=1; x $A", "x·1", id="assigned behind a deed"),
        pytest.param("A=0; b | grep c && A=1; x $A", "x·?$A", id="assigned behind a search"),
        pytest.param("A=0; b || A=1; x $A", "x·?$A", id="assigned on failure"),
        pytest.param("A=0; while b; do x $A; A=1; done", "x·?$A", id="assigned later in the loop"),
        pytest.param("A=0; for i in $NO; do A=1; done; x $A", "x·?$A", id="assigned in a loop that may not turn"),
        pytest.param("A=0; while b; do read A; done; x $A", "x·?$A", id="read in a loop"),
        pytest.param("A=0; while b; do shift; done; x $A", "x·0", id="untouched by a loop"),
        pytest.param("A=0; read -r A; x $A", "x·?$A", id="read"),
        pytest.param("A=0; printf -v A 1; x $A", "x·?$A", id="printed into"),
        pytest.param("A=0; . ./.env; x $A", "x·?$A", id="perhaps replaced by a file"),
        pytest.param("A=0; source lib.sh; x $A", "x·0", id="not replaced by a library"),
        pytest.param("unset TAG; x $TAG y", "x·y", id="unset"),
        pytest.param("local A=1; readonly B; declare -a C; x $A", "x·1", id="declared"),
        pytest.param("x a{b,c}d {1..3} {2..1} {} 'a{b,c}'", "x·abd·acd·1·2·3·2·1·{}·a{b,c}", id="braces"),
        pytest.param("x *.tgz ~/a [ab]", "x·*.tgz·~/a·[ab]", id="patterns stay"),
        pytest.param('x a\\ b \'c\'"d\\"e\\f"', 'x·a b·cd"e\\f', id="quotes and escapes"),
        pytest.param('x $"a"', "x·a", id="translated"),
        pytest.param("x $'a\\'\\n\\i'", "x·a'\n\\i", id="dollar quotes"),
        pytest.param('x "  $TAG  b "', "x·  next  b ", id="blanks in quotes"),
        pytest.param("x $PWD $OLDPWD", "x·/w/start·?$OLDPWD", id="the folder"),
        pytest.param("cd a; x $PWD $OLDPWD", "x·/w/start/a·/w/start", id="the folder before"),
        pytest.param("cd $NO; x $PWD", "x·?$PWD", id="an unknown folder"),
        pytest.param("A=$(dirname $0); x $A $(basename $0)", "x·scripts·release.sh", id="the script's own folder"),
        pytest.param("A=$(cd .. && pwd); x $A", "x·/w", id="the path of a folder"),
        pytest.param('A=$(echo a b); x "$A"', "x·a b", id="echoed"),
        pytest.param("A=$(echo a; echo b); x $A", "x·?$A", id="echoed twice"),
        pytest.param("A=$(echo $NO); x $A", "x·?$A", id="echoed but not known"),
        pytest.param("A=$(git rev-parse --show-toplevel); x $A/b", "x·/w/b", id="the project's root"),
        pytest.param("x $((1 + 2)) <(a)", "x·?$((1 + 2))·?<(a)", id="not worked out"),
        pytest.param("x =~ == é", "x·=~·==·é", id="operators and letters"),
        pytest.param("x <<E a\nE", "x·a", id="words behind a here-document"),
        pytest.param("x <<E a > f\nb\nE", "x·a", id="words between a here-document and a redirect"),
        pytest.param("cd /w/a; x $PWD", "x·/w/a", id="a folder below the root"),
        pytest.param("x > f a", "x·a", id="words behind a redirect"),
    ],
)
def test_words_are_what_the_program_receives(text: str, words: str):
    """`--tag "$TAG"` says something only once the tag is known, and something wrong once it is guessed."""
    found = [spelt(command) for command in read(text) if command.words[0].text == "x"]

    assert found == [words]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("npm a; cd b; npm a", [".", "b"], id="cd"),
        pytest.param("cd b && npm a", ["b"], id="cd and"),
        pytest.param("cd a/b/../c/. && npm a", ["a/c"], id="normalised"),
        pytest.param("cd a && cd .. && npm a", ["."], id="there and back"),
        pytest.param("cd .. && npm a", [".."], id="above the start"),
        pytest.param("(cd b && npm a); npm a", ["b", "."], id="in a subshell"),
        pytest.param("cd b | c; npm a", ["."], id="in a pipe"),
        pytest.param("x=$(cd b; npm a); npm a", ["b", "."], id="in a substitution"),
        pytest.param("{ cd b; }; npm a", ["b"], id="in braces"),
        pytest.param("cd b; cd -; npm a", ["."], id="back"),
        pytest.param("cd -; npm a", [None], id="back to what is not known"),
        pytest.param("pushd b; npm a; popd; npm a", ["b", "."], id="pushd and popd"),
        pytest.param("popd; npm a", [None], id="popd alone"),
        pytest.param("pushd; npm a", [None], id="pushd alone"),
        pytest.param("cd; npm a", [None], id="home"),
        pytest.param("cd ~/a; npm a", [None], id="below home"),
        pytest.param("cd /tmp; npm a", [None], id="outside"),
        pytest.param("cd /w/a; npm a", ["/a"], id="absolute, in the project"),
        pytest.param("cd /w; npm a", ["/"], id="the project's root"),
        pytest.param("cd /w/..; npm a", [None], id="out of the project"),
        pytest.param('cd "$GITHUB_WORKSPACE/a"; cd ..; cd b; npm a', ["/b"], id="from the root"),
        pytest.param('cd "$(git rev-parse --show-toplevel)"; npm a', ["/"], id="the root that git tells"),
        pytest.param('cd "$(dirname "$0")/.."; npm a', ["."], id="beside the script"),
        pytest.param("cd $NO; npm a; cd b; npm a", [None, None], id="unknown"),
        pytest.param("cd $NO; cd /w/b; npm a", ["/b"], id="known again"),
        pytest.param("cd -P -- b; npm a", ["b"], id="with options"),
        pytest.param("if x; then cd b; fi; npm a", [None], id="perhaps"),
        pytest.param("[ -d b ] && cd b; npm a", [None], id="behind a question"),
        pytest.param("mkdir b && cd b; npm a", ["b"], id="behind a deed"),
        pytest.param("cd b || exit 1; npm a", ["b"], id="or exit"),
        pytest.param("while x; do cd b; npm a; done", [None], id="ever deeper"),
        pytest.param("while x; do cd b; npm a; cd ..; done; npm a", ["b", "."], id="there and back in a loop"),
        pytest.param("for p in a b; do (cd $p && npm a); done", ["a", "b"], id="each of a loop's words"),
        pytest.param("for p in a b; do cd $p; npm a; cd ..; done; npm a", ["a", "b", "."], id="each and back"),
        pytest.param("for p in a b; do cd $p; npm a; done", ["a", "a/b"], id="each within the last"),
        pytest.param("for p in packages/*; do (cd $p; npm a); done", ["packages/*"], id="a pattern"),
        pytest.param("for p in p/{a,b}; do (cd $p; npm a); done", ["p/a", "p/b"], id="braces"),
        pytest.param('P=(a b); for p in "${P[@]}"; do (cd $p; npm a); done', ["a", "b"], id="an array"),
        pytest.param("P='a b'; for p in $P; do (cd $p; npm a); done", ["a", "b"], id="a list"),
        pytest.param("set -- a b; for p; do (cd $p; npm a); done", ["a", "b"], id="the arguments"),
        pytest.param("for p; do (cd $p; npm a); done", [None], id="unknown arguments"),
        pytest.param("for p in $(ls); do (cd $p; npm a); done", [None], id="a substitution"),
        pytest.param("for p in a $NO; do (cd $p; npm a); done", ["a", None], id="one known, one not"),
        pytest.param(f"for p in {' a' * 99}; do (cd $p; npm a); done", [None], id="too many"),
        pytest.param("for p in {1..3}; do (cd $p; npm a); done", [None], id="numbers"),
        pytest.param("for p in a b; do x && continue; cd c; done; npm a", [None], id="a turn cut short"),
        pytest.param("f() { cd $1; npm a; }; f b; npm a", ["b", "b"], id="a function that stays"),
        pytest.param("find . -name x -execdir npm a \\;", [None], id="wherever find goes"),
        pytest.param("env -C b npm a", ["b"], id="env"),
        pytest.param("cd a; bash -c 'cd b; npm a'; npm a", ["a/b", "a"], id="another shell"),
        pytest.param("cd a; cmd /c 'cd b & npm a'; npm a", ["a/b", "a"], id="another kind of shell"),
        pytest.param("eval 'cd b'; npm a", ["b"], id="evaluated"),
    ],
)
def test_a_command_runs_where_the_last_cd_led(text: str, found: list[str | None]):
    """The folder decides which package is published."""
    assert folders(text) == found


@pytest.mark.parametrize(
    ("text", "env"),
    [
        pytest.param("npm a", "", id="nothing"),
        pytest.param("A=b npm a", "A=b", id="a prefix"),
        pytest.param("A=b\nnpm a", "", id="an assignment before"),
        pytest.param("A=b C=d\nnpm a", "", id="assignments on a line before"),
        pytest.param("A= npm a", "A=", id="an empty prefix"),
        pytest.param("A=$(x) npm a", "A=?$(x)", id="an unknown prefix"),
        pytest.param("export A=b; npm a", "A=b", id="an export"),
        pytest.param("A=b; export A; npm a", "A=b", id="exported later"),
        pytest.param("export A; npm a", "A=?$A", id="exported without a value"),
        pytest.param("export A=b; A=c; npm a", "A=c", id="exported before"),
        pytest.param("NPM_X=2; npm a", "NPM_X=2", id="assigned over the surroundings"),
        pytest.param("declare -x A=b; npm a", "A=b", id="declared for export"),
        pytest.param("export -n A; npm a", "", id="no longer exported"),
        pytest.param("export A=b; A=c npm a", "A=b A=c", id="the prefix last"),
        pytest.param("(export A=b); npm a", "", id="in a subshell"),
        pytest.param("if x; then export A=b; fi; npm a", "A=?b", id="perhaps"),
        pytest.param("export A=a; if x; then export A=b; fi; npm a", "A=?b", id="perhaps another"),
        pytest.param("export A=a; if x; then b; else unset A; fi; npm a", "A=?a", id="perhaps unset"),
        pytest.param("unset A; npm a", "A=", id="unset"),
        pytest.param("env A=b -u C npm a", "A=b C=", id="env"),
        pytest.param("sudo A=b npm a", "A=b", id="sudo"),
        pytest.param("cross-env A=b npm a", "A=b", id="cross-env"),
        pytest.param("f() { npm a; }; A=b f; npm a", "A=b|", id="a function's prefix"),
        pytest.param("A=b bash -c 'C=d npm a'", "A=b C=d", id="another shell"),
        pytest.param("eval 'export A=b'; npm a", "A=b", id="evaluated"),
        pytest.param("export A=b; cmd /c 'set C=d& npm a'", "A=b C=d", id="another kind of shell"),
    ],
)
def test_a_command_has_what_was_exported_and_its_own_prefix(text: str, env: str):
    """`NPM_CONFIG_PROVENANCE=true` counts before the command and not on a line of its own."""
    found = [
        " ".join(f"{name}={'' if word.known else '?'}{word.text}" for name, word in command.env)
        for command in read(text)
        if command.words[0].text == "npm"
    ]

    assert "|".join(found) == env


@pytest.mark.parametrize(
    ("text", "redirects"),
    [
        pytest.param('x >> "$GITHUB_ENV"', ">> $GITHUB_ENV", id="appended"),
        pytest.param("x > a 2>&1", "> a|2>& 1", id="both streams"),
        pytest.param("x &> a < b", "&> a|< b", id="in and out"),
        pytest.param("a && x > b", "> b", id="of the last command of a list"),
        pytest.param("{ x; } > b", "> b", id="of a block"),
        pytest.param("if a; then x; fi >> b", ">> b", id="of a branch"),
        pytest.param("{ x > a; } > b", "> a|> b", id="of both"),
        pytest.param("y=$(x) > b", "", id="not of a substitution"),
        pytest.param("sudo x > b", "> b", id="of a wrapper"),
        pytest.param("bash -c 'x > a' > b", "> a|> b", id="of another shell"),
        pytest.param("cat <<E > b | x\nE", "", id="not of what follows"),
        pytest.param("> b; x", "", id="without a command"),
    ],
)
def test_a_command_has_its_redirects_and_those_around(text: str, redirects: str):
    """A line written to `$GITHUB_ENV` or to .npmrc is a setting."""
    found = [
        "|".join(f"{each.operator} {each.target.text}" for each in command.redirects)
        for command in read(text)
        if command.words[0].text == "x"
    ]

    assert found == [redirects]


@pytest.mark.parametrize(
    ("text", "stdin"),
    [
        pytest.param("x", None, id="nothing"),
        pytest.param("x <<E\na $TAG $NO \\$b\nE", "a next $NO $b\n", id="a here-document"),
        pytest.param("x <<'E'\na $TAG\nE", "a $TAG\n", id="a quoted here-document"),
        pytest.param("x <<E\nE", "", id="an empty here-document"),
        pytest.param("x <<< a", "a\n", id="a here-string"),
        pytest.param("echo a b | x", "a b\n", id="an echo"),
        pytest.param("echo -n a | x", "a", id="an echo without its end"),
        pytest.param("echo -e 'a\\nb' | x", "a\nb\n", id="an echo with escapes"),
        pytest.param("printf '%s=%s%%\\n' a b | x", "a=b%\n", id="a printf"),
        pytest.param("printf '%s' a b | x", None, id="a printf with more to say"),
        pytest.param("printf | x", None, id="a printf without words"),
        pytest.param("cat <<E | x\na\nE", "a\n", id="a here-document through cat"),
        pytest.param("cat a | x", None, id="a file"),
        pytest.param("b | x", None, id="a program"),
        pytest.param("cat <<E && x\na\nE", None, id="a here-document of another command"),
        pytest.param("echo a | x | y", "a\n", id="the first of three"),
        pytest.param("pwd | x", "/w/start\n", id="the folder"),
    ],
)
def test_a_command_has_the_text_that_is_piped_into_it(text: str, stdin: str | None):
    """`echo … | tee .npmrc` writes what the echo says."""
    found = [command.stdin for command in read(text) if command.words[0].text == "x"]

    assert found == [stdin.rstrip("\n") if stdin and text.startswith("pwd") else stdin]


@pytest.mark.parametrize(
    ("text", "spelling"),
    [
        pytest.param("a; npm b c; d", "npm b c", id="alone"),
        pytest.param("A=b npm c", "A=b npm c", id="with a prefix"),
        pytest.param("A=b\nnpm c", "npm c", id="below an assignment"),
        pytest.param("é é; npm c", "npm c", id="behind letters of two bytes"),
        pytest.param("sudo npm c", "sudo npm c", id="with its wrapper"),
        pytest.param("bash -c 'a; npm c'", "npm c", id="in quotes"),
        pytest.param('bash -c "a \\"b\\"; npm c"', '"a \\"b\\"; npm c"', id="in quotes with escapes"),
        pytest.param("bash <<E\na\n  npm $TAG\nE", "npm $TAG", id="in a here-document with values put in"),
        pytest.param("bash <<E\na\n  npm c\nE", "npm c", id="in a here-document"),
        pytest.param("cat <<E | bash\na\nnpm c\nE", "npm c", id="in a here-document through cat"),
        pytest.param("cmd /c 'npm c'", "'npm c'", id="in another kind of shell"),
    ],
)
def test_a_command_knows_its_place(text: str, spelling: str):
    """A finding points at the command, also within quotes."""
    (command,) = (command for command in read(text) if command.words[0].text == "npm")

    assert text[command.start : command.end] == spelling


def test_a_word_knows_its_place():
    """A remedy inserts a flag behind a word."""
    (command,) = read("npm 'publish' \"--tag=$TAG\"")

    assert [(word.start, word.end) for word in command.words] == [(0, 3), (4, 13), (14, 26)]


def test_a_variable_set_by_eval_keeps_a_place_in_the_script():
    """Its own offsets count from the beginning of the evaluated text."""
    text = "eval 'export A=bcd'\nnpm x"

    (command,) = (command for command in read(text) if command.words[0].text == "npm")

    assert text[command.env[0][1].start : command.env[0][1].end] == "bcd"


def test_commands_come_in_the_order_in_which_they_run():
    """`npm install -g npm@11` in a function counts for what follows the call."""
    text = "f() { b; }\na\nf\nc $(d)"

    assert [spelt(command) for command in read(text)] == ["a", "b", "d", "c·?$(d)"]


def test_the_same_turn_of_a_loop_counts_once():
    """Three tries to publish are one publish site."""
    assert published("for i in 1 2 3; do npm publish || sleep $i; done") == ["npm·publish"]


def test_a_test_is_a_command():
    """What guards a publish can be looked at."""
    assert [spelt(command) for command in read('[ "$TAG" = b ]')] == ["[·next·=·b·]"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("f() { f; f; }; f", id="a function that calls itself"),
        pytest.param("".join(f"f{n}() {{ f{n + 1}; f{n + 1}; }}\n" for n in range(60)) + "f0", id="calls that double"),
        pytest.param("X=a\n" + "X=$X$X\n" * 60 + "x $X", id="a value that doubles"),
        pytest.param("A=(a b)\n" + 'A+=("${A[@]}")\n' * 60 + 'x "${A[@]}"', id="an array that doubles"),
        pytest.param("for a in b c d e f g h; do " * 40 + "x" + "; done" * 40, id="loops in loops"),
        pytest.param("while x; do cd a; " * 45 + "; done" * 45, id="folders in loops"),
        pytest.param("(" * 1000, id="parentheses"),
        pytest.param("a | " * 1000, id="a long pipe"),
        pytest.param("$(" * 1000 + ")" * 1000, id="substitutions"),
        pytest.param('"$(' * 500 + ')"' * 500, id="quoted substitutions"),
        pytest.param("{ " * 3000 + "x;" + " }" * 3000, id="braces"),
        pytest.param("a=(" * (LONGEST // 3), id="what the parser reads again and again"),
        pytest.param("a && " * (LONGEST // 5), id="a long list"),
        pytest.param("`<" * 400, id="backticks"),
        pytest.param("\0" * LONGEST, id="no text at all"),
        pytest.param("export X=a\nx\n" * 4000, id="many exports"),
        pytest.param("".join(f"export X{n}=a\nx\n" for n in range(4000)), id="a large environment"),
        pytest.param("x " + ">a " * 5000, id="many redirects"),
        pytest.param("x" * LONGEST, id="one long word"),
        pytest.param("cd a\n" * 10000, id="a deep folder"),
        pytest.param("pushd a\n" * 10000, id="many folders"),
    ],
)
def test_hostile_scripts_end_soon(text: str):
    """A pull request may bring any script, and a check must end."""
    start = time.process_time()

    read(text[:LONGEST])

    assert time.process_time() - start < 5


def test_what_is_too_deep_is_unknown_and_the_rest_is_read():
    """Silence about a part would say that nothing happens there."""
    found = read("if x; then " * 60 + "npm publish" + "; fi" * 60 + "; npm a")

    assert list(dict.fromkeys(spelt(command) for command in found if command.words[0].text != "x")) == ["?", "npm·a"]


def test_a_here_document_may_end_with_the_script():
    """Editors and YAML strip the last line end."""
    (command,) = read("x > f <<E a\nb\nE")

    assert (spelt(command), command.stdin, [each.target.text for each in command.redirects]) == ("x·a", "b\n", ["f"])


def test_no_place_lies_beyond_the_script():
    """What is broken ends where the text does."""
    text = "x <<E $( ^"

    assert all(word.end <= len(text) for command in read(text) for word in command.words)
