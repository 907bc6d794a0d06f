"""The rule "safe by type" as a plugin of mypy: no text from outside reaches a widget or a cell but as `SafeText`.

Wherever a plain `str` would become shown text (`SafeText(…)`, `plain`, `line`, `Content`, `Static` and its kin) every
piece of it has to be provably ours: a literal, a number, a time in our own format, a value of an enumeration, a
constant of a module, `SafeText` itself, or something made of these alone. The types are those that mypy infers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from mypy.errorcodes import ErrorCode
from mypy.nodes import (
    GDEF,
    AssignmentExpr,
    AssignmentStmt,
    Block,
    CallExpr,
    ComparisonExpr,
    ConditionalExpr,
    DictExpr,
    Expression,
    ExpressionStmt,
    ForStmt,
    FuncDef,
    GeneratorExpr,
    IfStmt,
    IndexExpr,
    ListComprehension,
    ListExpr,
    MemberExpr,
    NameExpr,
    OperatorAssignmentStmt,
    OpExpr,
    StarExpr,
    Statement,
    StrExpr,
    TupleExpr,
    UnaryExpr,
    Var,
    WithStmt,
)
from mypy.plugin import CheckerPluginInterface, FunctionContext, MethodContext, Plugin
from mypy.types import (
    AnyType,
    FunctionLike,
    Instance,
    LiteralType,
    NoneType,
    ProperType,
    TupleType,
    Type,
    TypeType,
    UnionType,
    get_proper_type,
)

UNSAFE: Final = ErrorCode("unsafe-text", "Text that may come from outside is shown without safe()", "Safety")

MAKERS: Final = frozenset({
    "backends.text.SafeText",
    "widgets.present.row.plain",
    "widgets.present.row.line",
    "widgets.present.wall_line.said",
    "widgets.present.issues.count_word",
    "widgets.present.card.seen_spans",
    "widgets.present.card.run_history",
    "textual.content.Content",
    "textual.widgets._static.Static",
    "textual.widgets._label.Label",
    "textual.widgets._button.Button",
})  # fmt: skip
"""Whatever stands in these is shown. Within the definitions of our own ones there is nothing to judge: their callers
are."""

FILTER: Final = "backends.text."
"""What makes text safe has nothing safe to begin with."""

SHOWING: Final = frozenset({
    "textual.widgets._static.Static.update",
    "textual.app.App.notify",
    "textual.widget.Widget.notify",
})  # fmt: skip

MARKUP: Final = frozenset({
    "textual.content.Content.from_markup",
    "textual.content.Content.from_rich_text",
    "rich.text.Text.from_markup",
    "rich.text.Text.from_ansi",
})  # fmt: skip
"""Never: there is no markup here."""

_NO_TEXT: Final = frozenset({"id", "classes", "name", "markup"})
"""Arguments of widgets that are not shown."""

_SAFE: Final = frozenset({"backends.text.SafeText", "textual.content.Content", "widgets.present.row.Cell"})
"""Text that has been judged where it was made."""
_PLAIN: Final = frozenset({"builtins.int", "builtins.float", "builtins.bool"})
_TIMES: Final = frozenset({"datetime.datetime", "datetime.date", "datetime.time"})
_KEEPS: Final = frozenset({
    "strip", "rstrip", "lstrip", "upper", "lower", "casefold", "title", "capitalize", "ljust", "rjust", "center",
    "replace", "removeprefix", "removesuffix", "join", "partition", "rpartition", "split", "splitlines", "expandtabs",
})  # fmt: skip
"""Methods that make a text of ours of a text of ours."""


class SafeTextPlugin(Plugin):
    def get_function_hook(self, fullname: str) -> Callable[[FunctionContext], Type] | None:
        if fullname in MARKUP:
            return _no_markup
        return _judged if fullname in MAKERS else None

    def get_method_hook(self, fullname: str) -> Callable[[MethodContext], Type] | None:
        if fullname in MARKUP:
            return _no_markup
        return _judged if fullname in SHOWING else None


def _no_markup(ctx: FunctionContext | MethodContext) -> Type:
    ctx.api.fail("Text is never read as markup or escapes", ctx.context, code=UNSAFE)
    return ctx.default_return_type


def _judged(ctx: FunctionContext | MethodContext) -> Type:
    judge = Judge(ctx.api)
    if judge.where in MAKERS | SHOWING or judge.where.startswith(FILTER):
        return ctx.default_return_type
    for names, expressions in zip(ctx.arg_names, ctx.args, strict=True):
        for name, expression in zip(names, expressions, strict=True):
            if name == "markup" and not (isinstance(expression, NameExpr) and expression.name == "False"):
                ctx.api.fail("Text is never read as markup", expression, code=UNSAFE)
            if name not in _NO_TEXT and not judge.takes(expression):
                ctx.api.fail("This may come from outside: it has to pass safe()", expression, code=UNSAFE)
    return ctx.default_return_type


class Judge:
    """Whether an expression is provably text of ours."""

    def __init__(self, api: CheckerPluginInterface) -> None:
        self._api = api
        self._seen: set[Var] = set()
        self._each: dict[Var, Expression] = {}
        """What the names of comprehensions go over."""

    @property
    def where(self) -> str:
        """The function that is being looked at."""
        function = self._api.scope.current_function()
        return function.fullname if isinstance(function, FuncDef) else ""

    def takes(self, expression: Expression) -> bool:
        """Whether an argument is no text at all, or text of ours."""
        return self._textless(self._type(expression)) or self.ours(expression)

    def ours(self, expression: Expression) -> bool:
        if isinstance(expression, StarExpr):
            expression = expression.expr
        if isinstance(expression, StrExpr) or self._typed(self._type(expression)):
            return True
        match expression:
            case ListExpr() | TupleExpr() | DictExpr() | ListComprehension() | GeneratorExpr():
                return self._gathered(expression)
            case ConditionalExpr(if_expr=one, else_expr=other):
                return self.ours(one) and self.ours(other)
            case OpExpr(op="+" | "or" | "and", left=one, right=other):
                return self.ours(one) and self.ours(other)
            case OpExpr(op="*", left=inner) | IndexExpr(base=inner) | AssignmentExpr(value=inner):
                return self.ours(inner)
            case MemberExpr():
                return self._member(expression)
            case CallExpr():
                return self._call(expression)
            case NameExpr(node=Var() as variable, kind=kind):
                return (kind == GDEF and variable.is_final) or self._local(variable)
        return False

    def _gathered(self, expression: Expression) -> bool:
        """Something of many: each of them."""
        match expression:
            case ListExpr(items=items) | TupleExpr(items=items):
                return all(map(self.ours, items))
            case DictExpr(items=pairs):
                return all(self.ours(value) for _, value in pairs)
            case ListComprehension(generator=generator):
                return self.ours(generator)
            case GeneratorExpr(left_expr=element, indices=names, sequences=sources):
                for name, source in zip(names, sources, strict=True):
                    for one in name.items if isinstance(name, TupleExpr) else [name]:
                        if isinstance(one, NameExpr) and isinstance(one.node, Var):
                            self._each[one.node] = source
                return self.ours(element)
        return False

    def _member(self, member: MemberExpr) -> bool:
        owner = self._type(member.expr)
        return (member.name == "value" and self._is_enum(owner)) or self._is_class_constant(owner, member.name)

    def _call(self, call: CallExpr) -> bool:
        match call.callee:
            case MemberExpr(expr=StrExpr(value=template), name="format"):
                return self._formatted(template, call.args)
            case MemberExpr(expr=text, name=name) if name in _KEEPS:
                return self.ours(text) and all(self.ours(argument) for argument in call.args)
            case MemberExpr(expr=NameExpr() as table, name="get"):
                return self.ours(table) and all(map(self.ours, call.args[1:]))
            case NameExpr(fullname="builtins.str"):
                return len(call.args) == 1 and self._is_plain(self._type(call.args[0]))
            case NameExpr(fullname="builtins.ascii"):
                return True
            case NameExpr(fullname="builtins.sorted" | "builtins.dict.fromkeys"):
                return self.ours(call.args[0])
        return False

    def _formatted(self, template: str, arguments: list[Expression]) -> bool:
        """One `{…}` of an f-string, which mypy writes as `'{:{}}'.format(value, how)`."""
        if template == "{!a:{}}":
            return True
        if template != "{:{}}" or len(arguments) != 2:
            return False
        value, how = arguments
        if isinstance(how, StrExpr) and how.value and self._is_time(self._type(value)):
            return True
        return self.ours(value)

    def _local(self, variable: Var) -> bool:
        """A local name is ours when everything that it is ever bound to is."""
        function = self._api.scope.current_function()
        if variable in self._seen:
            return True
        self._seen.add(variable)
        if variable in self._each:
            return self.ours(self._each[variable])
        bound = list(_bindings(function.body.body, variable)) if isinstance(function, FuncDef) else []
        return bool(bound) and all(value is not None and self.ours(value) for value in bound)

    def _type(self, expression: Expression) -> ProperType:
        with self._api.msg.filter_errors():  # looked at once more, outside the conditions that narrow its type
            return get_proper_type(self._api.get_expression_type(expression))

    def _typed(self, kind: ProperType) -> bool:
        match kind:
            case UnionType(items=items):
                return all(self._typed(get_proper_type(item)) for item in items)
            case NoneType() | LiteralType():
                return True
            case TupleType(items=items):
                return all(self._typed(get_proper_type(item)) for item in items)
            case AnyType():
                return False
            case Instance(type=info, args=inner, last_known_value=literal):
                if info.fullname in _SAFE | _PLAIN or info.is_enum or literal is not None:
                    return True
                if any(base.fullname in _SAFE for base in info.mro):
                    return True
                named = [one for one in map(get_proper_type, inner) if not self._is_enum(one)]
                return bool(named) and info.has_readable_member("__iter__") and self._typed(named[-1])
        return False

    def _is_plain(self, kind: ProperType) -> bool:
        return isinstance(kind, Instance) and kind.type.fullname in _PLAIN

    def _is_time(self, kind: ProperType) -> bool:
        return isinstance(kind, Instance) and kind.type.fullname in _TIMES | _PLAIN

    def _is_enum(self, kind: ProperType) -> bool:
        if isinstance(kind, UnionType):
            return all(self._is_enum(get_proper_type(item)) for item in kind.items)
        if isinstance(kind, LiteralType):
            kind = kind.fallback
        return isinstance(kind, Instance) and kind.type.is_enum

    def _is_class_constant(self, kind: ProperType, name: str) -> bool:
        """Words that stand in the body of a class, like those of a module, are ours by their place."""
        if isinstance(kind, TypeType):
            kind = kind.item
        if isinstance(kind, FunctionLike) and kind.is_type_obj():
            kind = get_proper_type(kind.items[0].ret_type)
        if not isinstance(kind, Instance):
            return False
        found = kind.type.get(name)
        return found is not None and isinstance(found.node, Var) and found.node.is_classvar

    def _textless(self, kind: ProperType) -> bool:
        """Whether nothing of that type can be text, alone or within."""
        match kind:
            case UnionType(items=items) | TupleType(items=items):
                return all(self._textless(get_proper_type(item)) for item in items)
            case NoneType() | FunctionLike() | TypeType():
                return True
            case Instance(type=info, args=inner):
                texts = {"builtins.str", "builtins.object"}
                if any(base.fullname in texts for base in info.mro[:-1]) or info.fullname in texts:
                    return False
                return all(self._textless(get_proper_type(one)) for one in inner)
        return False


def _bindings(body: Iterable[Statement], variable: Var) -> Iterator[Expression | None]:
    """What a local variable is bound to within statements; None for what cannot be judged."""
    for statement in body:
        match statement:
            case AssignmentStmt(lvalues=targets, rvalue=value):
                for target in targets:
                    yield from _bound(target, value, variable)
            case OperatorAssignmentStmt(lvalue=target, rvalue=value):
                yield from _bound(target, value, variable)
            case ExpressionStmt(expr=CallExpr(callee=MemberExpr(expr=NameExpr(node=node), name=name), args=args)):
                if node is variable and name in ("append", "extend", "insert", "appendleft"):
                    yield args[-1]
            case IfStmt(expr=conditions):
                for condition in conditions:
                    yield from _walrus(condition, variable)
            case ForStmt(index=target, expr=value):
                yield from _bound(target, value, variable, each=True)
            case WithStmt(target=targets):
                yield from (None for target in targets if isinstance(target, NameExpr) and target.node is variable)
        for inner in _blocks(statement):
            yield from _bindings(inner.body, variable)


def _blocks(statement: Statement) -> Iterator[Block]:
    """The blocks within a statement; those of functions within have variables of their own."""
    for name in ("body", "else_body", "finally_body", "handlers", "bodies"):
        found = getattr(statement, name, None)
        for block in found if isinstance(found, list) else [found]:
            if isinstance(block, Block):
                yield block


def _bound(target: Expression, value: Expression, variable: Var, *, each: bool = False) -> Iterator[Expression | None]:
    if isinstance(target, NameExpr) and target.node is variable:
        yield value
    elif isinstance(target, TupleExpr):
        if not each and isinstance(value, TupleExpr) and len(target.items) == len(value.items):
            for one, other in zip(target.items, value.items, strict=True):
                yield from _bound(one, other, variable)
        elif (
            each and isinstance(value, TupleExpr | ListExpr) and all(isinstance(row, TupleExpr) for row in value.items)
        ):
            for row in value.items:
                yield from _bound(target, row, variable)
        elif any(isinstance(one, NameExpr) and one.node is variable for one in target.items):
            yield value


def _walrus(condition: Expression, variable: Var) -> Iterator[Expression]:
    match condition:
        case AssignmentExpr(target=NameExpr(node=node), value=value) if node is variable:
            yield value
        case OpExpr(left=left, right=right):
            yield from _walrus(left, variable)
            yield from _walrus(right, variable)
        case UnaryExpr(expr=inner):
            yield from _walrus(inner, variable)
        case ComparisonExpr(operands=operands):
            for operand in operands:
                yield from _walrus(operand, variable)


def plugin(version: str) -> type[Plugin]:
    return SafeTextPlugin
