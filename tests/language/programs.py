"""Whole programs that the grammar accepts, and every way to lay them out: strategies for laws.

In: hypothesis. Out: `programs()`, the pieces of one file, and `layouts()`, a program's text with random
white space, commas, line breaks and comments wherever the language allows them. A program is drawn from
one number and a size, so that twenty thousand of them take minutes, and a failing one shrinks by size.
Names need not be declared: a program is right for the parser, not for the checker.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Final, NamedTuple

from hypothesis import strategies as st


def _each(*lines: str) -> tuple[str, ...]:
    return tuple(" ".join(lines).split())


SOFT: Final = _each(
    "misy import from as type let agent prompt pipeline step call return until fallback undo",
    "on when after repeat up to",
)
# These continue a line above them where they are no names: as names they are the harder ones.
CONTINUING: Final = _each("when after repeat")
NAMES: Final = _each(
    "a x trend-discovery topic résumé análisis_2 _x previous a-very-long-name-for-a-single-thing",
    "t1 platform dateRange 名前 per-topic brand",
)
NUMBERS: Final = _each("0 7 1_000 2.5 1e3 500ms 30s 1h30m 2d 10/s 20% 64MiB 10MB true false null")
TYPES: Final = _each("string int float bool duration any Trend datetime url secret")
COMMENTS: Final = (
    *("# nota", "#", "## documentación", "# a, b { c", '# "quoted', "#!x", "## "),
    *("# a comment that is rather long, as the ones are that explain why, " * 2, "#   trailing   "),
)
OPENERS: Final = frozenset({"{", "(", "["})
DECLARATIONS: Final = frozenset(_each("import type let agent prompt pipeline step"))
CLOSERS: Final = frozenset({"}", ")", "]"})
OPERATORS: Final = frozenset(
    _each("== != < <= > >= ?? + * / and or in . ?. | then else -> = : if - not")
)
NEVER_BEFORE: Final = frozenset({"=", ":", "if", "-", "not"})  # a line that starts so is a new one
LEVELS: Final = (
    ("or",), ("and",), ("==", "!=", "<", ">=", "in", "not in"), ("??",), ("+", "-"), ("*", "/"),
)  # fmt: skip


class Piece(NamedTuple):
    """A word of a program, or (without text) the place between two items."""

    text: str
    may_start_line: bool = False
    """A line break before it says nothing: the modifiers of a step, `for` of a list."""
    is_joined: bool = False
    """It follows the piece before without a space: the parentheses of a call."""


SEPARATOR: Final = Piece("")


@dataclass(frozen=True, slots=True)
class Program:
    """The pieces of one file, and the number its layouts are drawn from."""

    pieces: tuple[Piece, ...]
    seed: int


@st.composite
def programs(draw: st.DrawFn, *, most: int = 4) -> Program:
    """Files of up to `most` declarations, no two alike."""
    size = draw(st.integers(0, most))
    seed = draw(st.integers(0, 2**48))
    author = Author(Random(seed), 2 + size * 15)
    return Program(tuple(author.file(size)), seed)


@st.composite
def layouts(draw: st.DrawFn, *, most: int = 4) -> str:
    """The text of a program, laid out by somebody in a hurry, in some mood or as if by a machine."""
    program = draw(programs(most=most))
    return laid_out(program, wildness=draw(st.sampled_from((0, 5, 25, 60))))


def laid_out(program: Program, *, wildness: int) -> str:
    """One layout of a program: `wildness` is how many gaps of a hundred get more than they need."""
    typist = Typist(Random(program.seed + wildness), wildness)
    return typist.text(program.pieces)


class Author:
    """Writes programs: a method for each thing of the grammar, shorter as the budget goes down."""

    def __init__(self, random: Random, budget: int) -> None:
        self.random, self.budget = random, budget

    def chance(self, percent: int) -> bool:
        return self.random.randrange(100) < percent

    def may_grow(self) -> bool:
        self.budget -= 1
        return self.budget > 0

    def file(self, count: int) -> list[Piece]:
        kinds = (self.type_, self.let, self.agent, self.prompt, self.pipeline, self.pipeline)
        items = [words("misy 1")] if self.chance(60) else []
        if self.chance(20):
            items.append(self.import_())
        items += [self.random.choice(kinds)() for _ in range(count)]
        return joined(items)

    # ------------------------------------------------------------------ declarations

    def import_(self) -> list[Piece]:
        names = [
            [self.name(), *(words("as b") if self.chance(40) else [])]
            for _ in range(self.random.randint(1, 6))
        ]
        return [*words("import"), *group("{", names), *words('from "./agents.misy"')]

    def type_(self) -> list[Piece]:
        return [*words("type"), self.name(), *words("="), *self.type(3)]

    def let(self) -> list[Piece]:
        typed = [*words(":"), *self.type(1)] if self.chance(20) else []
        return [*words("let"), self.name(), *typed, *words("="), *self.expression(4)]

    def agent(self) -> list[Piece]:
        result = [*words("->"), *self.type(2)] if self.chance(60) else []
        block = self.block([self.setting() for _ in range(self.random.randint(0, 4))])
        head = [*words("agent"), self.name(), *self.title()]
        return [*head, *self.parameters(), *result, *(block if self.chance(80) else [])]

    def prompt(self) -> list[Piece]:
        path = words('from "a.md"')
        text = path if self.chance(20) else self.text()
        return [*words("prompt"), self.name(), *self.parameters(), *text]

    def pipeline(self) -> list[Piece]:
        parameters = self.parameters() if self.chance(70) else []
        result = [*words("->"), *self.type(2)] if self.chance(30) else []
        head = [*words("pipeline"), self.name(), *self.title(), *parameters, *result]
        return [*head, *self.statements(3)]

    def parameters(self) -> list[Piece]:
        items = [self.parameter() for _ in range(self.random.choice((0, 1, 1, 2, 3, 6)))]
        return group("(", [*items, *([words("...")] if self.chance(10) else [])], is_joined=True)

    def parameter(self) -> list[Piece]:
        default = [*words("="), *self.expression(1)] if self.chance(30) else []
        return [self.name(), *words(":"), *self.type(2), *default]

    def title(self) -> list[Piece]:
        return [Piece('"Análisis de Tendencias"')] if self.chance(40) else []

    # ------------------------------------------------------------------ blocks

    def block(self, items: list[list[Piece]]) -> list[Piece]:
        return group("{", items)

    def statements(self, depth: int) -> list[Piece]:
        return self.block([self.statement(depth) for _ in range(self.random.randint(0, 5))])

    def statement(self, depth: int) -> list[Piece]:
        if depth and self.may_grow() and self.chance(50):
            return self.random.choice((self.step, self.step, self.handler))(depth - 1)
        kinds = (self.setting, self.let, self.call, self.call, self.return_, self.until)
        return self.random.choice(kinds)()

    def step(self, depth: int) -> list[Piece]:
        typed = [*words(":"), *self.type(1)] if self.chance(10) else []
        modifiers = [self.modifier() for _ in range(self.random.choice((0, 0, 1, 1, 2, 4)))]
        otherwise = [self.branch(depth) for _ in range(self.random.choice((0, 0, 0, 1, 2)))]
        return [
            *(*words("step"), self.name(), *typed, *self.title()),
            *(piece for modifier in modifiers for piece in modifier),
            *self.statements(depth),
            *(piece for branch in otherwise for piece in branch),
        ]

    def branch(self, depth: int) -> list[Piece]:
        condition = [*words("when"), *self.header_expression()] if self.chance(40) else []
        return [Piece("else", may_start_line=True), *condition, *self.statements(depth)]

    def modifier(self) -> list[Piece]:
        match self.random.randrange(4):
            case 0:
                index = [SEPARATOR, *words("i")] if self.chance(40) else []
                names = [*words("x"), *index, *words("in")]
                return [Piece("for", may_start_line=True), *names, *self.header_expression()]
            case 1:
                return [Piece("when", may_start_line=True), *self.header_expression()]
            case 2:
                paths = [self.path() for _ in range(self.random.choice((1, 1, 2, 3, 12)))]
                return [Piece("after", may_start_line=True), *joined(paths)]
            case _:
                return [
                    *(Piece("repeat", may_start_line=True), *words("up to")),
                    *(words("5") if self.chance(60) else words("max-rounds")),
                ]

    def path(self) -> list[Piece]:
        return [self.name(soft=0), *([*words("."), self.name(soft=0)] if self.chance(20) else [])]

    def handler(self, depth: int) -> list[Piece]:
        head = self.random.choice(("fallback", "undo", "on failure", "on finish"))
        return [*words(head), *self.statements(depth)]

    def setting(self) -> list[Piece]:
        return [self.name(), *words(":"), *self.expression(3)]

    def call(self) -> list[Piece]:
        items = [self.argument() for _ in range(self.random.choice((0, 1, 1, 2, 3, 5)))]
        return [*words("call"), *self.path(), *group("(", items, is_joined=True)]

    def return_(self) -> list[Piece]:
        return [*words("return"), *self.expression(3)]

    def until(self) -> list[Piece]:
        return [*words("until"), *self.expression(3)]

    def argument(self) -> list[Piece]:
        match self.random.randrange(6):
            case 0 | 1:
                return [self.name()]
            case 2:
                return [*words("..."), *self.expression(1)]
            case 3:
                return [*words('"text key"'), *words(":"), *self.expression(2)]
            case _:
                return [self.name(), *words(":"), *self.expression(3)]

    # ------------------------------------------------------------------ types

    def type(self, depth: int) -> list[Piece]:
        members = [
            self.type_member(depth) for _ in range(self.random.choice((1, 1, 1, 1, 2, 3, 9)))
        ]
        return between(members, "|")

    def type_member(self, depth: int) -> list[Piece]:
        return [*self.type_atom(depth), *(words("?") if self.chance(15) else [])]

    def type_atom(self, depth: int) -> list[Piece]:
        choice = self.random.randrange(12)
        if depth == 0 or choice < 5 or not self.may_grow():
            return [Piece(self.random.choice((*TYPES, '"tiktok"', "3", "true", "null", "- 4")))]
        if choice < 8:
            return [*words("list"), *group("[", [self.type(depth - 1)], is_joined=True)]
        if choice < 9:
            return group("(", [self.type(depth - 1)])
        fields = [
            [self.name(), *words(":"), *self.type(depth - 1)]
            for _ in range(self.random.choice((0, 1, 2, 3, 6)))
        ]
        return group("{", [*fields, *([words("...")] if self.chance(20) else [])])

    # ------------------------------------------------------------------ expressions

    def header_expression(self) -> list[Piece]:
        """What may stand before another modifier: no conditional, no soft keywords at its ends."""
        return [
            *self.operand(0, 2),
            *([*words("or"), *self.operand(1, 2)] if self.chance(40) else []),
        ]

    def expression(self, depth: int) -> list[Piece]:
        if depth and self.chance(8) and self.may_grow():
            return [
                *(*words("if"), *self.operand(0, depth - 1)),
                *(*words("then"), *self.expression(depth - 1)),
                *(*words("else"), *self.expression(depth - 1)),
            ]
        return self.operand(0, depth)

    def operand(self, level: int, depth: int) -> list[Piece]:
        """An operator of this level or a tighter one, or none."""
        if level == len(LEVELS):
            return self.signed(depth)
        count = 1
        if depth and self.chance(9) and self.may_grow():
            count = 2 if level == 2 else self.random.choice((2, 3, 5))
        if level == 2 and self.chance(5):
            return [*words("not"), *self.operand(3, depth)]
        operands = [self.operand(level + 1, depth - (count > 1)) for _ in range(count)]
        return between(operands, *LEVELS[level], random=self.random)

    def signed(self, depth: int) -> list[Piece]:
        return [*(words("-") if self.chance(4) else []), *self.postfix(depth)]

    def postfix(self, depth: int) -> list[Piece]:
        found = self.atom(depth)
        while depth and self.chance(25) and self.may_grow():
            match self.random.randrange(4):
                case 0 | 1:
                    dot = self.random.choice((".", "?."))
                    found = [*found, *words(dot), self.name()]
                case 2:
                    index = group("[", [self.expression(depth - 1)], is_joined=True)
                    found = [*found, *index]
                case _:
                    values = [self.value(depth - 1) for _ in range(self.random.randint(0, 4))]
                    found = [*found, *group("(", values, is_joined=True)]
        return found

    def value(self, depth: int) -> list[Piece]:
        named = [self.name(), *words(":")] if self.chance(30) else []
        return [*named, *self.expression(depth)]

    def atom(self, depth: int) -> list[Piece]:
        choice = self.random.randrange(14)
        if depth == 0 or choice < 5 or not self.may_grow():
            return [self.name(soft=4)] if self.chance(60) else words(self.random.choice(NUMBERS))
        match choice:
            case 5 | 6 | 7:
                return self.text()
            case 8:
                return group("(", [self.expression(depth - 1)])
            case 9 | 10:
                items = [self.expression(depth - 1) for _ in range(self.random.randint(0, 4))]
                return group("[", items)
            case 11:
                return self.comprehension(depth - 1)
            case _:
                fields = [self.argument() for _ in range(self.random.choice((0, 1, 2, 3, 5)))]
                return group("{", fields)

    def comprehension(self, depth: int) -> list[Piece]:
        clause = [Piece("for", may_start_line=True), *words("t in"), *self.operand(0, depth)]
        condition = [Piece("if"), *self.operand(0, depth)] if self.chance(40) else []
        return group("[", [[*self.expression(depth), *clause, *condition]])

    def text(self) -> list[Piece]:
        choice = self.random.randrange(10)
        texts = (
            '"tiktok"', '""', '"último día"', '"${a.b} de ${x}"', '"${"a" + f("b")}"', '"a # no {"',
            '"' + "long words " * self.random.randint(3, 11) + '"',
            '"""\n  Hola ${topic}\n\n    "x" # no comment\n  """', '"""one line"""',
            '"""\n${f(\n  a # inside\n)}\n"""',
        )  # fmt: skip
        return [Piece(texts[choice])]

    def name(self, soft: int = 15) -> Piece:
        return Piece(self.random.choice(SOFT + 6 * CONTINUING if self.chance(soft) else NAMES))


def words(text: str) -> list[Piece]:
    """The pieces of a simple text."""
    return [Piece(word) for word in text.split()] if '"' not in text else _quoted(text)


def _quoted(text: str) -> list[Piece]:
    head, _, tail = text.partition('"')
    return [*(Piece(word) for word in head.split()), Piece(f'"{tail}')]


def joined(items: list[list[Piece]]) -> list[Piece]:
    """Items with separators between them."""
    found: list[Piece] = []
    for item in items:
        found += [*([SEPARATOR] if found else []), *item]
    return found


def between(items: list[list[Piece]], *operators: str, random: Random | None = None) -> list[Piece]:
    """Items with an operator between each two."""
    found: list[Piece] = []
    for item in items:
        operator = random.choice(operators) if random else operators[0]
        found += [*([Piece(operator)] if found else []), *item]
    return found


def group(opener: str, items: list[list[Piece]], *, is_joined: bool = False) -> list[Piece]:
    """Items in brackets."""
    closer = {"{": "}", "(": ")", "[": "]"}[opener]
    return [Piece(opener, is_joined=is_joined), *joined(items), Piece(closer)]


class Typist:
    """Types pieces with more or less order between them."""

    def __init__(self, random: Random, wildness: int) -> None:
        self.random, self.wildness = random, wildness
        self.line_break = "\r\n" if random.randrange(12) == 0 else "\n"

    def wild(self) -> bool:
        return self.random.randrange(100) < self.wildness

    def text(self, pieces: tuple[Piece, ...]) -> str:
        random = self.random
        typed = [self.lines(0) if self.wild() else ""]
        depth = 0
        for index, piece in enumerate(pieces):
            depth += (piece.text in OPENERS) - (piece.text in CLOSERS)
            if piece is SEPARATOR:
                typed.append(self.separator(pieces, index, depth))
            elif index and pieces[index - 1] is not SEPARATOR:
                typed.append(self.gap(pieces[index - 1], piece))
            typed.append(piece.text)
        typed.append(random.choice(("", "\n", "\n\n", "  ", "  # al final", "\n\n\n# fin\n")))
        mark = "\ufeff" if self.wild() and random.randrange(8) == 0 else ""
        return mark + "".join(typed).replace("\n", self.line_break)

    def separator(self, pieces: tuple[Piece, ...], index: int, depth: int) -> str:
        """A comma, line breaks, or both; a comma where a name would continue the line above."""
        first, following = pieces[index + 1], (*pieces, SEPARATOR, SEPARATOR)[index + 2]
        is_risky = first.text in CONTINUING and following.text != ":"
        if is_risky or (depth and self.random.randrange(3) == 0):
            return self.random.choice((", ", ",", " ,\n", "\n, ", ",  # tras la coma\n"))
        return self.lines(depth, has_break=True)

    def gap(self, before: Piece, piece: Piece) -> str:
        """What stands between two words of one item."""
        if self.wild() and self.may_break(before, piece):
            return self.lines(1, has_break=self.random.randrange(3) > 0)
        if self.wild():
            return self.random.choice(("  ", "\t", " "))
        is_tight = before.text in {"(", "["} or piece.text in {")", "]", ":", ".", "?.", "?"}
        if is_tight or piece.is_joined or before.text in {".", "?.", "..."}:
            return ""
        return " "

    def may_break(self, before: Piece, piece: Piece) -> bool:
        if before.text in OPENERS or before.text in OPERATORS:
            return piece.text not in DECLARATIONS
        if piece.text in CLOSERS or piece.may_start_line or piece.text == "not in":
            return True
        return piece.text in OPERATORS - NEVER_BEFORE

    def lines(self, depth: int, *, has_break: bool = False) -> str:
        """Line breaks, perhaps with comments on them."""
        found: list[str] = []
        while self.wild() and len(found) < 3:
            comment = self.random.choice(COMMENTS)
            before = self.random.choice(("", " ", "\n", "\n\n\n"))
            found.append(f"{before}{comment}\n")
        if has_break or not found:
            found.append("\n" * self.random.choice((1, 1, 1, 2, 4)))
        return "".join(found) + " " * self.random.choice((0, 2 * depth, 1))
