"""The law every input is held to, from bytes to the values of its expressions.

In: the bytes of a file. Out: nothing, or an `AssertionError`; any other exception is a failure too. What
holds: tokens give back the text; diagnostics are few, point into the file, and speak no word of the
machinery; what is right is formatted, and formatting it again changes nothing; each expression has a
value or an `EvaluationError`; none of it takes long.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from random import Random
from typing import Final, cast

from misydsl.diagnostics import Diagnostic
from misydsl.diagnostics.catalogue import CATALOGUE
from misydsl.diagnostics.plain import render_all
from misydsl.expressions.evaluate import EvaluationError, compile_expression
from misydsl.expressions.frames import Names
from misydsl.expressions.free import free_names
from misydsl.expressions.limits import METER, EvaluatorMisused, Limits, limited
from misydsl.expressions.nodes import Expression
from misydsl.expressions.printer import to_text
from misydsl.language.abridging import LONGEST_WORDS, MOST_ERRORS
from misydsl.language.check import Checked, check_source
from misydsl.language.formatter import format_text
from misydsl.language.parser import parse
from misydsl.language.reading import source_of
from misydsl.language.syntax import LetSyntax, PromptSyntax
from misydsl.language.tables import tables
from misydsl.source import Source
from misydsl.values import Duration, Percent, Rate, Size, Value

SLOWEST_S: Final = 5.0  # CPU of one small input; a hundred times what it takes
SMALL: Final = Limits(steps=20_000, list_items=2_000, text_length=100_000, parts=20_000)
VALUES: Final = cast(
    "tuple[Value, ...]",
    (
        *(None, True, False, 0, 1, -1, 2**63 - 1, -(2**63), 0.0, 1e308, -0.5),
        *("", "a", "ñandú", "2026-03-01", "x" * 1_000, "[[[[", Duration(1e308), Percent(0.2)),
        *(Rate(1e-308), Size(2**63 - 1), [], [1, "a", None], [[]] * 50, {}, {"a": {"b": [1]}}),
    ),
)


def machine_words() -> re.Pattern[str]:
    """What names the machinery: terminals, rules of the grammar, Python's own words."""
    table = tables()
    terminals = {name for name in table.terminals if name.isupper() and len(name) > 2}
    rules = {f"{name}_declaration" for name in ("import", "type")} | {"parameter_list", "type_atom"}
    shouted = sorted((terminals - {"AND", "NOT"}) | rules | {"$END", "Traceback", "NoneType"})
    # `_` and letters around make it another word
    return re.compile(r"(?<![\w$.])(?:" + "|".join(map(re.escape, shouted)) + r")(?!\w)")


MACHINE_WORDS: Final = machine_words()


def obey(data: bytes, seed: int = 0) -> None:
    """Hold one input to the law."""
    began = time.process_time()
    source, wrong_bytes = source_of(data, name="fuzz.misy")
    parsed = parse(source)
    assert "".join(text for _, text in parsed.tokens) == source.text
    checked = check_source(source)
    for found in (wrong_bytes, parsed.diagnostics, checked.diagnostics):
        keep_the_form(found, source)
    assert any(one.is_error for one in checked.diagnostics) or not any(
        one.is_error for one in parsed.diagnostics
    )
    if not any(one.is_error for one in parsed.diagnostics):
        formatted_once(source)
    values_of(checked, seed)
    assert time.process_time() - began < SLOWEST_S


def keep_the_form(found: Sequence[Diagnostic], source: Source) -> None:
    """Diagnostics are few, in the file, and in human words."""
    assert sum(one.is_error for one in found) <= MOST_ERRORS + 1
    assert len(found) <= 2 * (MOST_ERRORS + 1)
    render_all(found)
    for one in found:
        assert one.code in CATALOGUE, one.code
        assert 0 <= one.span.start <= one.span.end <= len(source.text), one
        for edit in one.fix.edits if one.fix else ():
            assert 0 <= edit.span.start <= edit.span.end <= len(source.text), one
        words = f"{one.message}\n{one.help or ''}"
        assert len(words) <= 2 * LONGEST_WORDS + 10
        named = MACHINE_WORDS.search(words)
        assert named is None or named[0] in source.text, words


def formatted_once(source: Source) -> None:
    """A text without errors is formatted, and then stays as it is."""
    once = format_text(source).text
    assert format_text(Source(source.name, once)).text == once


def values_of(checked: Checked, seed: int) -> None:
    """Every constant of the file has a value or an `EvaluationError`, whatever the names mean."""
    is_right = not any(one.is_error for one in checked.diagnostics)
    prompts = any(isinstance(one, PromptSyntax) for one in checked.tree.declarations)
    # Prompts are not declared here; what was refused may also be refused by the evaluator.
    is_strict = is_right and not prompts
    allowed = (EvaluationError,) if is_strict else (EvaluationError, EvaluatorMisused)
    random = Random(seed)
    for expression in expressions_of(checked):
        to_text(expression)
        names = Names()
        free = sorted(free_names(expression))
        for name in free:
            names.declare(name)
        with limited(SMALL), suppress(*allowed):
            code = compile_expression(expression, names)
            frame = names.new_frame()
            frame.values[: len(free)] = [random.choice(VALUES) for _ in free]
            code(frame)
        assert not METER.is_running


def expressions_of(checked: Checked) -> Iterator[Expression]:
    """The values of the lets at the left margin."""
    for declaration in checked.tree.declarations:
        if isinstance(declaration, LetSyntax):
            yield declaration.value
