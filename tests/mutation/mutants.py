"""Mutants of a file: one small change each, made by operators of Cosmic Ray and three of our own."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.boolean_replacer import AddNot
from cosmic_ray.operators.operator import Example, Operator
from cosmic_ray.operators.provider import OperatorProvider
from parso.python.tree import Keyword

Position = tuple[int, int]  # line, column
Key = tuple[str, str, str]  # file, the line as it was, as it becomes

# Of the dozen replacements that Cosmic Ray has for each operator, those that a test is likeliest to miss: the
# opposite, and the boundary. Operators on tests, numbers, loops and decorators are used as they are.
REPLACEMENTS = (
    *("Add_Sub", "Sub_Add", "Mul_Div", "Div_Mul", "FloorDiv_Div", "Mod_Mul", "Pow_Mul"),
    *("BitOr_BitAnd", "BitAnd_BitOr", "LShift_RShift", "RShift_LShift"),
    *("Lt_LtE", "LtE_Lt", "Gt_GtE", "GtE_Gt", "Lt_GtE", "LtE_Gt", "Gt_LtE", "GtE_Lt"),
    *("Eq_NotEq", "NotEq_Eq", "Is_IsNot", "IsNot_Is", "In_NotIn", "NotIn_In"),
    *("USub_UAdd", "Delete_Not"),
)
OPERATORS = (
    *("ReplaceTrueWithFalse", "ReplaceFalseWithTrue", "ReplaceAndWithOr", "ReplaceOrWithAnd"),
    *("ReplaceBreakWithContinue", "ReplaceContinueWithBreak", "ZeroIterationForLoop"),
    *("NumberReplacer", "RemoveDecorator"),
)
NEGATED = {
    ast.Lt: ast.GtE,
    ast.LtE: ast.Gt,
    ast.Gt: ast.LtE,
    ast.GtE: ast.Lt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}


@dataclass(frozen=True)
class Mutant:
    """A changed file.

    Attributes:
        file: The file, relative to the repository.
        line: Number of the line that is changed.
        was: That line, without its indentation.
        becomes: What stands there instead; nothing, where the line is removed.
        source: The whole changed file.
    """

    file: str
    line: int
    was: str
    becomes: str
    source: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}\n    {self.was}\n    {self.becomes}"

    @property
    def key(self) -> Key:
        """What it is known by, also when lines above it come or go."""
        return self.file, self.was, self.becomes


class RemoveCall(Operator):
    """Replaces a call that is a statement of its own by `pass`: a notice, a check, something woken."""

    def mutation_positions(self, node: Any) -> Iterator[tuple[Position, Position]]:
        """Yield the position of a node that is such a call."""
        is_statement = node.parent and node.parent.type == "simple_stmt" and node.type == "atom_expr"
        if is_statement and node.get_last_leaf().value == ")":
            yield node.start_pos, node.end_pos

    def mutate(self, node: Any, index: int) -> Any:
        """Return `pass` in place of the call."""
        return Keyword("pass", node.start_pos, node.get_first_leaf().prefix)

    @classmethod
    def examples(cls) -> tuple[Example, ...]:
        """Return what it does."""
        return (Example("f(x)", "pass"),)


class Negate(AddNot):
    """Negates a condition as a whole. Cosmic Ray's own negates one operand of `or`, and fails on `:=`."""

    def mutate(self, node: Any, index: int) -> Any:
        """Return the statement, or the ternary, with its condition negated."""
        place = 2 if node.type == "test" else 1
        condition = node.children[place].get_code().strip()
        node.children[place] = Keyword(f"not ({condition})", node.children[place].start_pos, " ")
        return node


class CatchNothing(Operator):
    """Has an `except` clause catch nothing. Cosmic Ray's own fails on dotted names."""

    def mutation_positions(self, node: Any) -> Iterator[tuple[Position, Position]]:
        """Yield the position of a clause that names exceptions."""
        if node.type == "except_clause":
            yield node.start_pos, node.end_pos

    def mutate(self, node: Any, index: int) -> Any:
        """Return the clause with an empty tuple of exceptions."""
        node.children[1] = Keyword("()", node.children[1].start_pos, " ")
        return node

    @classmethod
    def examples(cls) -> tuple[Example, ...]:
        """Return what it does."""
        return (Example("try: f()\nexcept OSError: pass", "try: f()\nexcept (): pass"),)


def mutants(root: Path, file: str) -> Iterator[Mutant]:
    """Yield the mutants of a file: no two equal ones, and none in annotations, which nothing evaluates."""
    source = (root / file).read_text(encoding="utf-8")
    ignored, known = [*_ignored_spans(source)], {_meaning(source)}
    for operator in _operators():
        places = (
            (at, node) for node in ast_nodes(get_ast(source)) for at in operator.mutation_positions(node)
        )
        for occurrence, ((start, _), node) in enumerate(places):
            is_separator = (
                node.parent and node.parent.type == "parameters"
            )  # the star of keyword-only arguments
            if is_separator or any(first <= start < last for first, last in ignored):
                continue
            changed = mutate_code(source, operator, occurrence)
            if changed and (meaning := _meaning(changed)) and meaning not in known:
                known.add(meaning)
                yield _mutant(file, source, changed)


def _operators() -> Iterator[Operator]:
    provider = OperatorProvider()
    for name in provider:
        kind = "_".join(name.split("_")[-2:])
        if name in OPERATORS or kind in REPLACEMENTS:
            yield provider[name]()
    yield from (RemoveCall(), Negate(), CatchNothing())


def _ignored_spans(source: str) -> Iterator[tuple[Position, Position]]:
    """Yield where annotations are, and what only type checkers import."""
    for node in ast.walk(ast.parse(source)):
        spans = [getattr(node, "annotation", None), getattr(node, "returns", None)]
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            spans.append(node)
        for span in filter(None, spans):
            yield (span.lineno, span.col_offset), (span.end_lineno, span.end_col_offset)


def _meaning(source: str) -> str:
    """Return what is equal for sources that mean the same; "" for what is no Python (`case A() & B():`)."""
    try:
        return ast.dump(_Simplifier().visit(ast.parse(source)))
    except SyntaxError:
        return ""


class _Simplifier(ast.NodeTransformer):
    """Writes "not a == b" as "a != b", and "not not a" as "a"."""

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        self.generic_visit(node)
        inner = node.operand
        if not isinstance(node.op, ast.Not):
            return node
        if isinstance(inner, ast.UnaryOp) and isinstance(inner.op, ast.Not):
            return inner.operand
        if isinstance(inner, ast.Compare) and len(inner.ops) == 1:
            return ast.Compare(inner.left, [NEGATED[type(inner.ops[0])]()], inner.comparators)
        return node


def _mutant(file: str, source: str, changed: str) -> Mutant:
    before, after = source.splitlines(), changed.splitlines()
    line = next(i for i, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1])
    becomes = after[line].strip()
    decorator = next(i for i in range(line, len(before)) if before[i].strip())
    if len(after) < len(before) and before[decorator].lstrip().startswith("@"):
        line, becomes = decorator, ""
    return Mutant(file, line + 1, before[line].strip(), becomes, changed)
