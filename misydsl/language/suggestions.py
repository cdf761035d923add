"""What may be written at a place: for completion in notebooks and editors.

In: a text, perhaps half written, an offset, and a way to check a text with its types. Out: `Suggestion`s, the
nearest first, none of them narrowed down to what was already typed. A name is put at the place, and what the
checker makes of the rest decides; whatever the text is, an answer comes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from msgspec.structs import replace

from misydsl.expressions.functions import FUNCTIONS
from misydsl.language.check import Checked
from misydsl.language.lexer import tokenize
from misydsl.language.tokens import RESERVED, TEXTS, TRIVIA
from misydsl.pipeline.model import Agent, Block, Let, Library, Pipeline, Prompt, Step, TypeAlias
from misydsl.pipeline.settings import SETTINGS, Place
from misydsl.relations import describe
from misydsl.source import Source
from misydsl.types import LiteralType, RecordType, Type, UnionType

HERE: Final = "misy_here"
_WORD_BEFORE: Final = re.compile(r"[\w-]*$")
_WORD_AFTER: Final = re.compile(r"[\w-]*")
_TYPES: Final = (
    *("string", "int", "float", "bool", "duration", "size", "rate", "percent", "date", "datetime"),
    *("url", "secret", "any", "null", "list", "map"),
)
_TOP: Final = ("pipeline", "agent", "type", "prompt", "let", "import")
_IN_PIPELINE: Final = ("step", "let", "return", "on")
_IN_STEP: Final = ("call", "return", "step", "let", "until", "fallback", "undo")
_OWNERS: Final = ("AGENT", "STEP", "PIPELINE", "FALLBACK", "UNDO", "ON", "ELSE", "TYPE")
_OPENERS: Final = {"LBRACE", "LPAR", "LSQB", "INTERPOLATION_OPEN"}
_CLOSERS: Final = {"RBRACE", "RPAR", "RSQB", "INTERPOLATION_CLOSE"}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something that may stand there, what it is, and what to know of it."""

    text: str
    kind: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class _Word:
    kind: str
    text: str
    start: int


def suggestions(text: str, offset: int, check: Callable[[str], Checked]) -> tuple[Suggestion, ...]:
    """What may stand at an offset; `check` checks a text `with_types`."""
    before = _WORD_BEFORE.search(text[:offset])
    after = _WORD_AFTER.match(text, offset)
    start = before.start() if before else offset
    end = after.end() if after else offset
    whole = f"{text[:start]}{HERE}{text[end:]}"
    words, is_text = _words(whole, start)
    found = _suggested(whole, start, words, is_text=is_text, check=check)
    return tuple({one.text: one for one in reversed([*found])}.values())[::-1]


def _words(text: str, start: int) -> tuple[list[_Word], bool]:
    """The tokens before the place, and whether the place is inside of a text."""
    tokens, _ = tokenize(Source("here", text))
    words: list[_Word] = []
    for index, kind in enumerate(tokens.kinds):
        begins = tokens.starts[index]
        if begins >= start:
            break
        if begins < start < tokens.starts[index + 1] and kind in TEXTS:
            return words, True
        if kind not in TRIVIA or kind == "NEWLINE":
            words.append(_Word(kind, tokens.text_of(index), begins))
    return words, bool(words) and words[-1].kind in ("TEXT_OPEN", "TEXT_PART")


def _suggested(
    text: str,
    start: int,
    words: Sequence[_Word],
    *,
    is_text: bool,
    check: Callable[[str], Checked],
) -> Iterator[Suggestion]:
    last = words[-1] if words else None
    if last is not None and last.kind in ("DOT", "QDOT") and not is_text:
        yield from _fields(check(text[: last.start] + text[start + len(HERE) :]), last.start)
        return
    library = check(text).library
    if library is None:
        return
    opener = _opener(words)
    if is_text:
        yield from _enum_texts(words, opener, library)
    elif last is not None and last.kind == "CALL":
        yield from _targets(library)
    elif last is not None and last.kind == "AFTER":
        yield from _steps_around(library, start)
    elif _wants_type(words, opener):
        yield from _types(library)
    elif opener is None:
        yield from (Suggestion(one, "keyword") for one in _TOP)
    else:
        yield from _inside(words, opener, library, start)


# ------------------------------------------------------------------ by place


def _opener(words: Sequence[_Word]) -> int | None:
    """Which word opened the bracket that the place is in."""
    depth = 0
    for index in range(len(words) - 1, -1, -1):
        kind = words[index].kind
        if kind in _CLOSERS:
            depth += 1
        elif kind in _OPENERS:
            if depth == 0:
                return index
            depth -= 1
    return None


def _inside(
    words: Sequence[_Word], opener: int, library: Library, start: int
) -> Iterator[Suggestion]:
    kind = words[opener].kind
    last = words[-1]
    if kind == "LPAR" and (called := _called(words, opener, library)) is not None:
        inputs = list(_inputs(called, words[opener:]))
        is_input = bool(inputs) and last.kind in ("LPAR", "COMMA", "NEWLINE")
        yield from inputs if is_input else _values(library, start)
    elif kind == "LBRACE" and last.kind in ("LBRACE", "COMMA", "NEWLINE"):
        items = list(_items(words, opener))
        yield from items or _values(library, start)
    else:
        yield from _values(library, start)


def _items(words: Sequence[_Word], opener: int) -> Iterator[Suggestion]:
    """What may begin an item of a block or of a record of settings."""
    owner = _owner(words, opener)
    header = {one.kind for one in words[max(0, opener - 40) : opener]}
    places: list[Place] = []
    match owner:
        case "AGENT":
            places = ["agent"]
        case "PIPELINE":
            places = ["pipeline"]
            yield from (Suggestion(one, "keyword") for one in _IN_PIPELINE)
        case "STEP":
            places = ["step"]
            if "FOR" in header:
                places.append("for")
            if "REPEAT" in header:
                places.append("repeat")
            yield from (Suggestion(one, "keyword") for one in _IN_STEP)
        case "FALLBACK" | "UNDO" | "ELSE":
            yield from (Suggestion(one, "keyword") for one in ("call", "return", "step", "let"))
        case "ON":
            yield from (Suggestion(one, "keyword") for one in ("step", "let"))
        case _:
            yield from _setting_fields(words, opener)
    for place in places:
        for name, spec in SETTINGS[place].items():
            yield Suggestion(name, "setting", f"{describe(spec.type)}: {spec.description}")


def _setting_fields(words: Sequence[_Word], opener: int) -> Iterator[Suggestion]:
    """The fields of `retry: { … }` and of other settings that are records."""
    if opener < 2 or words[opener - 1].kind != "COLON":  # a name and a colon
        return
    name = words[opener - 2].text
    for settings in SETTINGS.values():
        spec = settings.get(name)
        for record in _records(spec.type) if spec is not None else ():
            for field in record.fields:
                yield Suggestion(field.name, "setting", describe(field.type))
        if spec is not None:
            return


def _records(type_: Type) -> Iterator[RecordType]:
    if isinstance(type_, RecordType):
        yield type_
    elif isinstance(type_, UnionType):
        for member in type_.members:
            yield from _records(member)


def _owner(words: Sequence[_Word], opener: int) -> str | None:
    """What the block is of, by the word that begins its header; None for a record."""
    if opener and words[opener - 1].kind in ("COLON", "ASSIGN", "LPAR", "LSQB", "COMMA", "RETURN"):
        return None
    depth = 0
    for index in range(opener - 1, -1, -1):
        kind = words[index].kind
        depth += (kind in _CLOSERS) - (kind in _OPENERS)
        if depth < 0:
            return None
        if depth == 0 and kind in _OWNERS:
            return kind
    return None


def _wants_type(words: Sequence[_Word], opener: int | None) -> bool:
    if not words:
        return False
    last = words[-1].kind
    if last == "ARROW":
        return True
    if last == "COLON":
        is_header = opener is not None and words[opener].kind == "LPAR"
        return (is_header and _is_declared(words, opener)) or (
            opener is not None and _owner_is_type(words, opener)
        )
    return last == "ASSIGN" and any(one.kind == "TYPE" for one in words[-4:])


def _is_declared(words: Sequence[_Word], opener: int | None) -> bool:
    """Whether the brackets hold the parameters of a declaration."""
    near = words[max(0, (opener or 0) - 4) : opener]
    return any(one.kind in ("AGENT", "PIPELINE", "PROMPT") for one in near)


def _owner_is_type(words: Sequence[_Word], opener: int) -> bool:
    return any(one.kind == "TYPE" for one in words[max(0, opener - 4) : opener])


def _called(words: Sequence[_Word], opener: int, library: Library) -> Agent | Pipeline | None:
    """What the brackets are the inputs of."""
    if opener < 2 or words[opener - 2].kind != "CALL":  # `call name (`
        return None
    found = library.main.names.get(words[opener - 1].text)
    return found if isinstance(found, Agent | Pipeline) else None


# ------------------------------------------------------------------ what there is


def _inputs(called: Agent | Pipeline, inside: Sequence[_Word]) -> Iterator[Suggestion]:
    given = {one.text for one, after in pairwise(inside) if after.kind == "COLON"}
    for one in called.parameters:
        if one.name not in given:
            yield Suggestion(f"{one.name}: ", "input", describe(one.type))


def _targets(library: Library) -> Iterator[Suggestion]:
    for name, one in library.main.names.items():
        if isinstance(one, Agent | Pipeline):
            inputs = ", ".join(parameter.name for parameter in one.parameters)
            kind = "agent" if isinstance(one, Agent) else "pipeline"
            yield Suggestion(name, kind, f"({inputs}) -> {describe(one.result)}")
    yield Suggestion("human.approve", "agent", "(message, to, show, options)")


def _types(library: Library) -> Iterator[Suggestion]:
    for name, one in library.main.names.items():
        if isinstance(one, TypeAlias):
            yield Suggestion(name, "type", describe(_unnamed(one.type)))
    yield from (Suggestion(one, "type") for one in _TYPES)


def _unnamed(type_: Type) -> Type:
    return replace(type_, name=None) if isinstance(type_, RecordType) else type_


def _fields(checked: Checked, dot: int) -> Iterator[Suggestion]:
    """The fields of the shortest expression that ends where a dot stood."""
    ending = [one for one in checked.types if one[0].end == dot]
    if not ending:
        return
    _, found = max(ending, key=lambda one: one[0].start)
    for record in _records(found):
        for field in record.fields:
            yield Suggestion(field.name, "field", describe(field.type))


def _enum_texts(
    words: Sequence[_Word], opener: int | None, library: Library
) -> Iterator[Suggestion]:
    """The texts that an input or a setting takes."""
    known = [one for one in words if one.kind not in ("TEXT_OPEN", "TEXT_PART")]
    if len(known) < 2 or known[-1].kind != "COLON" or opener is None:  # `name:`
        return
    name = known[-2].text
    called = _called(words, opener, library) if words[opener].kind == "LPAR" else None
    if called is not None:
        wanted = next((one.type for one in called.parameters if one.name == name), None)
    else:
        specs = (settings.get(name) for settings in SETTINGS.values())
        wanted = next((spec.type for spec in specs if spec is not None), None)
    if wanted is not None:
        yield from (Suggestion(one, "text") for one in _literals(wanted))


def _literals(type_: Type) -> Iterator[str]:
    match type_:
        case LiteralType(value=str() as text):
            yield text
        case UnionType(members=members):
            for member in members:
                yield from _literals(member)
        case _:
            pass


def _values(library: Library, start: int) -> Iterator[Suggestion]:
    """Everything an expression may begin with here."""
    for pipeline in library.main.pipelines():
        if pipeline.block.span.start <= start <= pipeline.block.span.end:
            yield from (
                Suggestion(one.name, "input", describe(one.type)) for one in pipeline.parameters
            )
            yield from _named_in(pipeline.block, start)
    for name, one in library.main.names.items():
        if isinstance(one, Let):
            yield Suggestion(name, "let", describe(one.type))
        elif isinstance(one, Prompt):
            yield Suggestion(name, "prompt", "-> string")
    yield from (Suggestion(name, "function") for name in FUNCTIONS)
    yield from (Suggestion(name, "namespace") for name in ("env", "secret", "run"))
    yield from (Suggestion(word, "keyword") for word in sorted(RESERVED))


def _steps_around(library: Library, start: int) -> Iterator[Suggestion]:
    for pipeline in library.main.pipelines():
        if pipeline.block.span.start <= start <= pipeline.block.span.end:
            found = _named_in(pipeline.block, start, is_header=True)
            yield from (one for one in found if one.kind == "step")


def _named_in(block: Block, start: int, *, is_header: bool = False) -> Iterator[Suggestion]:
    """The steps, lets and loop variables of the blocks around a place, the nearest last.

    A step is not known to itself, save to what undoes it; in a header, it is the last one before.
    """
    waiting = [block]
    while waiting:
        current = waiting.pop()
        yield from (Suggestion(one.name, "let", describe(one.type)) for one in current.lets)
        before = [step.span.start for step in current.steps if step.span.start < start]
        for step in current.steps:
            inner = _blocks_around(step, start)
            is_own = is_header and step.span.start == max(before, default=None)
            if step.name != HERE and not is_own and (not inner or step.undo in inner):
                yield Suggestion(step.name, "step", describe(step.type))
            waiting += inner
            if inner and step.loop is not None:
                names = (step.loop.name, step.loop.index_name)
                yield from (Suggestion(one, "variable") for one in names if one)


def _blocks_around(step: Step, start: int) -> list[Block]:
    blocks = [step.block, *(one.block for one in step.otherwise), *step.fallbacks]
    blocks += [step.undo] if step.undo is not None else []
    return [one for one in blocks if one.span.start <= start <= one.span.end]
