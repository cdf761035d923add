"""The words for what other languages and tools write, where the parser met it.

In: the situation. Out: a diagnostic that says how it is written here, or None when nothing of the kind
stands there. Everything else the parser says stands in `wording_parse`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from misydsl.diagnostics import Diagnostic, Edit, Fix
from misydsl.language.wording_parse import (
    AFTER_WORD,
    DECLARATION,
    Situation,
    expected_words,
    say,
    short,
)
from misydsl.language.wording_text import LOOK_AHEAD
from misydsl.source import Source, Span

_HEADS: Final = {"STEP": " { … }", "PIPELINE": "() { … }", "AGENT": "(…) { … }"}
_KEY: Final = re.compile(r"[ \t]*:")
_FLOWS: Final = ("->", ">>", "=>")


def foreign(situation: Situation) -> Diagnostic | None:
    """What is meant by something of another language or tool."""
    for words in _ALL:
        found = words(situation)
        if found is not None:
            return found
    return None


def _json(at: Situation) -> Diagnostic | None:
    """`{ "nodes": … }` as a whole file."""
    if at.kind != "LBRACE" or at.before_kind:
        return None
    message = "this looks like JSON, and a misy file is made of declarations"
    return say("E0100", message, at, help_="begin with `pipeline name() { … }`")


def _yaml(at: Situation) -> Diagnostic | None:
    """`pipeline:`, `- item`, `name: x` at the top."""
    if at.kind == "COLON" and at.before_kind in AFTER_WORD and at.before.isalpha():
        help_ = f"misy uses braces and a name: {at.before} my-{at.before}"
        help_ += _HEADS.get(at.before_kind, "")
        return say("E0114", f"`{at.before}:` is not expected here", at, help_=help_)
    if at.kind == "MINUS" and (_is_top(at) or _is_block(at)):
        help_ = "misy is not YAML: steps and settings stand in braces, without `-`"
        return say("E0100", "a `-` begins nothing here", at, help_=help_)
    if at.kind == "NAME" and _KEY.match(at.source.text, at.span.end) and _is_top(at):
        message = f"`{short(at.shown)}:` has no place at the top of a file"
        help_ = "settings go inside an agent, a pipeline or a step; a constant is `let name = …`"
        return say("E0100", message, at, help_=help_)
    if at.kind == "BAR" and at.before_kind == "RPAR":
        help_ = 'text of several lines stands between three quotes: """…"""'
        return say("E0100", "a text in quotes is missing here", at, help_=help_)
    return None


def _titles(at: Situation) -> Diagnostic | None:
    """`step "Title" { … }`, `pipeline p() "Title" { … }`."""
    if at.kind not in {"STRING", "TEXT_OPEN"}:
        return None
    if at.before_kind in _HEADS:
        written = f" {short(at.shown)}" if at.kind == "STRING" else ""
        help_ = f"{at.before} my-{at.before}{written}{_HEADS[at.before_kind]}"
        return say("E0100", f"a name is missing before the title {at.here}", at, help_=help_)
    if at.before_kind == "RPAR" and "LBRACE" in at.expected and not _is_block(at):
        message = f"the title {at.here} goes right after the name, before the inputs"
        return say("E0100", message, at)
    return None


def _quoted_keys(at: Situation) -> Diagnostic | None:
    """`"timeout": 30s`, and a docstring."""
    if at.kind not in {"STRING", "TEXT_OPEN"} or not _is_block(at):
        return None
    if at.kind == "STRING" and _KEY.match(at.source.text, at.span.end):
        bare = at.shown.strip('"')
        message = f"settings are written without quotes: `{short(bare)}: …`"
        fix = Fix(f"write `{bare}`", (Edit(at.span, bare),))
        return Diagnostic("E0100", message, at.source, at.span, fix=fix)
    help_ = "a description is a `## …` comment on the line above what it describes"
    return say("E0100", "a text by itself has no meaning here", at, help_=help_)


def _control(at: Situation) -> Diagnostic | None:
    """`for x in xs { … }`, `if c { … }`, `try { … }` in a block."""
    if at.kind in {"FOR", "IF"} and _is_block(at):
        word = {"FOR": "for", "IF": "when"}[at.kind]
        message = f"`{at.shown}` begins no block in misy: it belongs to a step"
        return say("E0100", message, at, help_=f"step my-step {word} … {{ call … }}")
    if at.kind == "LBRACE" and at.before in {"try", "except", "catch", "finally"}:
        message = f"there is no `{at.before}` in misy"
        help_ = "what to do when a step fails stands in the step: fallback { return … }"
        return say("E0100", message, at, span=at.before_span, help_=help_)
    return None


def _operators(at: Situation) -> Diagnostic | None:
    """`a if c else b`, `c ? a : b`, `xs[0:2]`, `a ** b`, `/* … */`, `a -> b`."""
    text, start = at.source.text, at.span.start
    is_value_over = "OR" in at.expected
    if at.kind in {"IF", "QMARK"} and is_value_over:
        message = f"a choice begins with `if`, so I did not expect {at.here} here"
        return say("E0100", message, at, help_="write `if … then … else …`")
    if at.kind == "COLON" and "RSQB" in at.expected:
        help_ = "write `take(xs, 2)` for the first two, `drop(xs, 1)` for all but the first"
        return say("E0100", "a list has no slices with `:`", at, help_=help_)
    if at.kind == "STAR" and at.before_kind == "STAR":
        message = "there is no `**` in misy"
        return say("E0100", message, at, help_="multiply: `a * a`", span=at.before_span.to(at.span))
    if at.kind == "SLASH" and text.startswith("/*", start):
        return say("E0100", "comments start with `#`, not `/*`", at)
    if text.startswith(_FLOWS, start) and (_is_block(at) or at.before_kind == "NAME"):
        if not (text.startswith("=>", start) or {"LPAR", "LBRACE"}.isdisjoint(at.expected)):
            return None
        return _flow(at)
    return None


def _flow(at: Situation) -> Diagnostic | None:
    if at.source.text.startswith("=>", at.span.start):
        help_ = "write the value itself; for each item of a list: `[x * 2 for x in xs]`"
        return say("E0100", "there are no functions of your own (`=>`)", at, help_=help_)
    if "COLON" not in at.expected:
        return None
    help_ = "a step runs after those whose results it uses; else write `step b after a { … }`"
    return say("E0100", "the order of steps is not drawn with arrows", at, help_=help_)


def _imports(at: Situation) -> Diagnostic | None:
    """`from agents import writer`."""
    if at.kind != "FROM" or not _is_top(at):
        return None
    help_ = 'import { writer } from "./agents.misy"'
    return say("E0100", "an import begins with `import`", at, help_=help_)


_ALL: Final[tuple[Callable[[Situation], Diagnostic | None], ...]] = (
    _json,
    _yaml,
    _titles,
    _quoted_keys,
    _control,
    _operators,
    _imports,
)


def _is_top(at: Situation) -> bool:
    return expected_words(at) == DECLARATION


def _is_block(at: Situation) -> bool:
    return {"CALL", "STEP", "RBRACE"} <= at.expected and not at.expected & {"RPAR", "SPREAD"}


def other_word(source: Source, span: Span, word: str, meant: str) -> Diagnostic:
    """`workflow p() { … }`: another language's word for one of ours."""
    message = f"I don't know `{word}`. In misy it is called `{meant}`"
    line = source.text[span.end : span.end + LOOK_AHEAD].partition("\n")[0].rstrip()
    is_whole = meant == "let" or line.endswith(("{", "}"))
    fix = Fix(f"write `{meant}`", (Edit(span, meant),)) if is_whole else None
    return Diagnostic("E0100", message, source, span, fix=fix)


def call_missing(source: Source, span: Span, name: str) -> Diagnostic:
    """`step s { writer(…) }`."""
    message = f"`call` is missing before `{short(name)}(…)`"
    fix = Fix("write `call` here", (Edit(Span(span.start, span.start), "call "),))
    return Diagnostic("E0100", message, source, span, help=f"call {short(name)}(…)", fix=fix)


def name_in_parts(source: Source, span: Span, right: str) -> Diagnostic:
    """`step primer borrador { … }`."""
    written = source.text[span.start : span.end]
    message = f"a name is one word, of letters, digits, `-` and `_`, so not `{short(written)}`"
    fix = Fix(f"write `{right}`", (Edit(span, right),))
    return Diagnostic("E0100", message, source, span, help=f"write `{right}`", fix=fix)


def text_prefix(source: Source, span: Span) -> Diagnostic:
    """`f"Hola {x}"`."""
    letter = source.text[span.start : span.end]
    message = f"a text begins with its quote, without `{letter}`"
    return Diagnostic("E0100", message, source, span, help="every text knows `${…}`")


def decimal_comma(source: Source, span: Span) -> Diagnostic:
    """`1,5`."""
    right = source.text[span.start : span.end].replace(",", ".")
    message = "decimals are written with a point, because a comma separates items"
    fix = Fix(f"write `{right}`", (Edit(span, right),))
    return Diagnostic("E0103", message, source, span, help=fix.title, fix=fix)


def equals_twice(source: Source, span: Span) -> Diagnostic:
    """`===`, `is`, `is not`."""
    written = source.text[span.start : span.end]
    right = "!=" if written.endswith("not") or written.startswith("!") else "=="
    fix = Fix(f"write `{right}`", (Edit(span, right),))
    message = f"I don't know `{written}`. In misy it is written `{right}`"
    return Diagnostic("E0100", message, source, span, fix=fix)


def call_assigned(source: Source, span: Span, name: str) -> Diagnostic:
    """`draft = call writer(…)`."""
    message = "the result of a call gets its name from its step"
    help_ = f"step {short(name)} {{ call … }}"
    return Diagnostic("E0113", message, source, span, help=help_)
