"""Scripts of bash and its relatives, gone through the way the shell would."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preflight.readers.bash_assignments import assign, declare, unset
from preflight.readers.bash_builtins import printed
from preflight.readers.bash_control import branch, choice, iteration, merged, repetition
from preflight.readers.bash_redirects import REDIRECTS, Plumbing, redirect
from preflight.readers.bash_simple import Flow, emit, simple, test
from preflight.readers.bash_tree import Tree, parse
from preflight.readers.bash_words import WORDS, Words
from preflight.readers.nested import within
from preflight.readers.scope import Allowance, Scope, Surroundings
from preflight.readers.shell import DEEPEST, Command, Word, unread

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tree_sitter import Node

    from preflight.readers.shell import Redirect

_NOTHING = Plumbing()
_SUBSTITUTIONS = frozenset({"command_substitution", "process_substitution"})

_SILENT = frozenset({"cd", "set", "shopt", "unset"})
_QUESTIONS = frozenset(
    [
        "test",
        "[",
        "[[",
        "grep",
        "egrep",
        "fgrep",
        "rg",
        "which",
        "type",
        "hash",
        "command",
        "cmp",
        "diff",
        "pgrep",
        "read",
    ]
)
"""Programs whose failure is an answer and not a fault."""
_LONGEST_NAME = 16


def commands(text: str, resolve: Callable[[str], str | None], depth: int = 0) -> tuple[Command, ...]:
    """Return the commands of a bash script in the order in which they run.

    The commands of a function count wherever it is called; those of a function that the script never calls count once,
    last, because something else may call it. `depth` counts the levels around the script.
    """
    run = Run(Surroundings(resolve), Allowance(), Scope(), depth=depth)
    run.script(text)
    return tuple(dict.fromkeys(run.found)) if run.repeats else tuple(run.found)


class Run:
    """One pass through a script; `found` grows as its commands run."""

    def __init__(self, surroundings: Surroundings, allowance: Allowance, scope: Scope, *, depth: int) -> None:
        self.surroundings = surroundings
        self.resolve = surroundings.resolve
        self.allowance = allowance
        self.found: list[Command] = []
        self.redirects: tuple[Redirect, ...] = ()
        """Redirects of the blocks around."""
        self.functions: dict[str, tuple[Node, Scope]] = {}
        self.called: set[str] = set()
        self.active: set[str] = set()
        """Functions that are running, which are not entered again."""
        self.repeats = False
        """Whether the same command may have been found twice."""
        self.left = Flow.ON
        """How the last function call ended."""
        self._recorded: list[Command] = []
        """What was found in the innermost substitution itself."""
        self.depth = depth
        self.assigned: dict[int, frozenset[str]] = {}
        self.words = Words(Tree(""), scope, surroundings, substitute=self.substitute, allowance=allowance)

    def nested(self, scope: Scope) -> Run:
        """Return a pass for a script that this one runs."""
        return Run(self.surroundings, self.allowance, scope, depth=self.depth + 1)

    def script(self, text: str) -> Flow:
        """Go through a whole script."""
        if "<<" in text and not text.endswith("\n"):
            # Without a line end behind it, the grammar does not see where a here-document ends.
            flow = self.script(text + "\n")
            self.found = [within(command, len(text)) for command in self.found]
            return flow
        root = parse(text)
        if root is None:
            self.found.append(unread(0, len(text)))
            return Flow.ON
        self.words.tree = Tree(text)
        flow = self.block(root.children)
        for name, (body, scope) in list(self.functions.items()):
            if name not in self.called:
                self.words.scope = scope
                scope.assign("@", None)
                self.statement(body)
        return flow

    def record(self, command: Command) -> None:
        """Add a command to what was found."""
        self.found.append(command)
        self._recorded.append(command)

    # -- statements ---------------------------------------------------------------------------

    def block(self, nodes: Sequence[Node]) -> Flow:
        """Run statements one after the other, until one leaves."""
        for node in nodes:
            if node.is_named:
                flow = self.statement(node)
                if flow:
                    return flow
        return Flow.ON

    def statement(self, node: Node, plumbing: Plumbing = _NOTHING) -> Flow:
        """Run one statement of any kind."""
        """Run one statement and return how the script goes on after it."""
        if self.depth >= DEEPEST or self.allowance.steps <= 0:
            if self.depth >= DEEPEST or self.allowance.steps == 0:
                self.found.append(unread(node.start_byte, node.end_byte))
            self.allowance.steps -= 1
            return Flow.ON
        self.allowance.steps -= 1
        self.depth += 1
        outer = self.redirects
        try:
            match node.type:
                case "command":
                    return simple(self, node, plumbing)
                case "redirected_statement":
                    return self._redirected(node, plumbing)
                case "list":
                    return self._list(node, plumbing)
                case "pipeline":
                    return self._pipeline([child for child in node.children if child.is_named], plumbing)
                case "variable_assignment":
                    assign(self.words, node)
                case "variable_assignments":
                    for child in node.named_children:
                        assign(self.words, child)
                case "declaration_command":
                    declare(self.words, node)
                case "unset_command":
                    unset(self.words, node)
                case "test_command":
                    test(self, node)
                case "function_definition":
                    self._define(node)
                case _:
                    self.redirects = outer + plumbing.redirects
                    return self._compound(node)
        finally:
            self.depth -= 1
            self.redirects = outer
        return Flow.ON

    def _compound(self, node: Node) -> Flow:
        match node.type:
            case "if_statement":
                return branch(self, node)
            case "for_statement":
                return iteration(self, node)
            case "while_statement" | "c_style_for_statement":
                return repetition(self, node)
            case "case_statement":
                return choice(self, node)
            case "subshell":
                outer, self.words.scope = self.words.scope, self.words.scope.fork()
                self.block(node.children)
                self.words.scope = outer
                return Flow.ON
            case "compound_statement" if node.children and node.children[0].type == "((":
                self.substitute(node)
                return Flow.ON
            case "negated_command":
                self.block(node.children)
                return Flow.ON
            case "compound_statement" | "do_group" | "else_clause":
                return self.block(node.children)
            case "ERROR":
                return self._debris(node)
            case "comment":
                return Flow.ON
            case _:
                self.substitute(node)
                return Flow.ON

    def _debris(self, node: Node) -> Flow:
        """Go through what the grammar could not place: whole statements, and words of one line as a command."""
        words: list[Word] = []
        line = -1
        for child in node.children:
            if child.type in WORDS or child.type == "command_name":
                if child.start_point.row != line and words:
                    emit(self, tuple(words), (words[0].start, words[-1].end), Plumbing())
                    words = []
                line = child.end_point.row
                words += self.words.fields(child)
                continue
            if words:
                emit(self, tuple(words), (words[0].start, words[-1].end), Plumbing())
                words = []
            if child.is_named:
                self.statement(child)
        if words:
            emit(self, tuple(words), (words[0].start, words[-1].end), Plumbing())
        return Flow.ON

    def _list(self, node: Node, plumbing: Plumbing) -> Flow:
        """Go through `a && b || c`.

        What stands after `&&` is taken to run where the left side does something, and to be possible where the left
        side is a question.
        """
        operands: list[tuple[str, Node]] = []
        while node.type == "list":
            named = [child for child in node.children if child.is_named and child.type != "comment"]
            if len(named) < 2:
                return self.block(node.children)
            operator = next((child.type for child in node.children if not child.is_named), "&&")
            operands += [(operator, child) for child in reversed(named[1:])]
            node = named[0]
        operands.append(("", node))
        operands.reverse()
        ways: list[Scope] = []
        status, sure, dead = None, True, False
        for at, (operator, operand) in enumerate(operands):
            if operator == "&&" and (status is False or dead):
                continue
            if operator == "||" and status is True:
                continue
            given = Plumbing(
                plumbing.redirects if at == len(operands) - 1 else (),
                plumbing.stdin if at == 0 else None,
                plumbing.arguments if at == len(operands) - 1 else (),
            )
            certain = sure and (at == 0 or status is not None)
            before = None
            if operator == "||" and not certain:
                if dead:
                    self.words.scope, dead = merged(ways), False
                    ways = []
                before = self.words.scope.fork()
            elif operator == "&&" and not certain and self._asks(operands[at - 1][1]):
                ways.append(self.words.scope.fork())
            flow = self.statement(operand, given)
            if flow and certain:
                return flow
            if flow and before is not None:
                self.words.scope = before
            elif flow and ways:
                dead = True
            elif before is not None:
                self.words.scope.merge((before,))
            sure = certain
            status = self.constant(operand)
        if dead:
            self.words.scope = merged(ways)
        else:
            self.words.scope.merge(ways)
        return Flow.ON

    def constant(self, node: Node) -> bool | None:
        """Return how a statement always ends; None where it depends."""
        match self.words.tree.spelling(node):
            case "true" | ":":
                return True
            case "false":
                return False
            case _:
                return None

    def _asks(self, node: Node) -> bool:
        """Tell whether a statement is a question, so that its failure is an answer."""
        while node.type == "pipeline" and node.children:
            node = node.children[-1]
        match node.type:
            case "test_command" | "negated_command":
                return True
            case "command" | "redirected_statement":
                return self.words.tree.spelling(node)[:_LONGEST_NAME].partition(" ")[0] in _QUESTIONS
            case _:
                return False

    def _pipeline(self, parts: Sequence[Node], plumbing: Plumbing, first: Plumbing | None = None) -> Flow:
        """Go through `a | b | c`; `first` is what the first is connected to if not the standard input."""
        stdin, place = plumbing.stdin, plumbing.place
        outer = self.words.scope
        for at, part in enumerate(parts):
            last = at == len(parts) - 1
            given = Plumbing(plumbing.redirects if last else (), stdin, plumbing.arguments if last else ())
            given.place = place
            if first is not None and at == 0:
                given = first
            self.words.scope = outer if len(parts) == 1 else outer.fork()
            mark = len(self.found)
            self.statement(part, given)
            told = part.type in {"command", "redirected_statement"} and len(self.found) > mark
            stdin = printed(self.found[-1], self.surroundings) if told else None
            place = given.place or (part.start_byte, part.end_byte)
        self.words.scope = outer
        return Flow.ON

    # -- redirects ----------------------------------------------------------------------------

    def _redirected(self, node: Node, plumbing: Plumbing) -> Flow:
        body: Node | None = None
        given = Plumbing((), plumbing.stdin, plumbing.arguments)
        for child in node.children:
            if child.type in REDIRECTS:
                redirect(self.words, child, given)
            elif child.is_named and child.type != "comment":
                body = child
        if body is None:
            return Flow.ON
        if given.piped:
            flow = self._pipeline((body, *given.piped), plumbing, given)
        else:
            given.redirects += plumbing.redirects
            flow = self.statement(body, given)
        for follower in given.after:
            flow = flow or self.statement(follower)
        for words in given.commands:
            if words and not flow:
                flow = emit(self, tuple(words), (words[0].start, words[-1].end), Plumbing())
        return flow

    def _define(self, node: Node) -> None:
        name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
        if name is not None and body is not None:
            self.functions[self.words.tree.spelling(name)] = (body, self.words.scope.fork())

    def substitute(self, node: Node) -> str | None:
        """Run the substitutions in a node; return what the node prints if it is a substitution itself."""
        if node.type in _SUBSTITUTIONS:
            outer, redirects, recorded = self.words.scope, self.redirects, self._recorded
            self.words.scope, self.redirects, self._recorded = outer.fork(), (), []
            self.block(node.children)
            printing = [command for command in self._recorded if command.words[0].text not in _SILENT]
            self.words.scope, self.redirects, self._recorded = outer, redirects, recorded
            if node.type != "command_substitution" or len(printing) != 1:
                return None
            text = printed(printing[0], self.surroundings) if all(word.known for word in printing[0].words) else None
            return None if text is None else text.rstrip("\n")
        waiting = [node]
        while waiting:
            for child in waiting.pop().children:
                if child.type in _SUBSTITUTIONS:
                    self.substitute(child)
                elif child.children:
                    waiting.append(child)
        return None
