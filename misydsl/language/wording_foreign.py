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
_REPEAT: Final = "step my-step repeat up to 3 { … until … }"
_BRANCHES: Final = "step my-step when … { … } else when … { … }"
_TOGETHER: Final = "steps that do not need each other run at the same time anyway"
_RESCUE: Final = "what to do when a step fails stands in the step: fallback { return … }"
_CODE_WORDS: Final = {
    "for": "step my-step for … { call … }",
    "foreach": "step my-step for … { call … }",
    "if": "step my-step when … { call … }",
    "unless": "step my-step when not … { call … }",
    **dict.fromkeys(("elif", "elseif", "switch", "match", "case"), _BRANCHES),
    **dict.fromkeys(("while", "until", "loop", "do"), _REPEAT),
    **dict.fromkeys(("parallel", "concurrent", "concurrently", "async", "group"), _TOGETHER),
    **dict.fromkeys(("sequence", "sequential", "serial"), "write `step b after a { … }`"),
    **dict.fromkeys(("try", "except", "catch", "finally"), _RESCUE),
}
_HEADER_WORDS: Final = {
    **dict.fromkeys(("while", "until", "repeat", "loop"), _REPEAT),
    "unless": "write `when not …`",
    **dict.fromkeys(("needs", "depends_on", "dependsOn", "depends-on", "requires"),
        "write `after a, b`"),
    "retry": "it goes inside the `{ … }`: retry: { attempts: 3 }",
    "retries": "it goes inside the `{ … }`: retry: { attempts: 3 }",
    "timeout": "it goes inside the `{ … }`: timeout: 30s",
    "(": "a step takes no inputs: inside it every name of the pipeline is in sight",
}  # fmt: skip
_LONGEST_CURE: Final = 80  # characters that are shown of what to write
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
    if at.kind == "BAR" and at.before_kind == "RPAR" and "STRING" in at.expected:
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
    rest = at.source.text[at.span.end : at.span.end + LOOK_AHEAD].lstrip(" \t")
    if at.before_kind == "LBRACE" and at.kind == "STRING" and rest.startswith("}"):
        fix = Fix(
            "write `return` before it", (Edit(Span(at.span.start, at.span.start), "return "),)
        )
        message = f"what comes out is said with `return`: return {short(at.shown)}"
        return Diagnostic("E0100", message, at.source, at.span, fix=fix)
    help_ = "a description is a `## …` comment on the line above what it describes"
    return say("E0100", "a text by itself has no meaning here", at, help_=help_)


def _control(at: Situation) -> Diagnostic | None:
    """`for x in xs { … }`, `if c { … }`, `while c { … }`, `parallel { … }` in a block."""
    is_setting = _KEY.match(at.source.text, at.span.end) is not None
    if at.kind in {"FOR", "IF"} and _is_block(at) and not is_setting:
        message = f"`{at.shown}` begins no block in misy: it belongs to a step"
        return say("E0100", message, at, help_=_CODE_WORDS[at.shown])
    help_ = _CODE_WORDS.get(at.before)
    if help_ is None or "COLON" not in at.expected or "CALL" in at.expected:
        return None
    message = f"there is no `{at.before}` in misy"
    return say("E0100", message, at, span=at.before_span, help_=help_)


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
    if at.before_kind not in {"SEP", "LBRACE"}:
        return False
    return {"CALL", "STEP", "RETURN"} <= at.expected and not at.expected & {"RPAR", "SPREAD"}


_WHOLE_WITHOUT_BRACES: Final = frozenset({"let", "when", "else when", "for", "after"})


def other_word(source: Source, span: Span, word: str, meant: str) -> Diagnostic:
    """`workflow p() { … }`: another language's word for one of ours."""
    message = f"I don't know `{word}`. In misy it is called `{meant}`"
    line = source.text[span.end : span.end + LOOK_AHEAD].partition("\n")[0].rstrip()
    is_whole = meant in _WHOLE_WITHOUT_BRACES or line.endswith(("{", "}"))
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


def call_as_value(
    source: Source, whole: Span, name: str, call: str | None, *, code: str
) -> Diagnostic:
    """`draft = call writer(…)`, `let draft = call writer(…)`; `call` when it is all of the item."""
    message = "the result of a call gets its name from its step"
    right = f"step {name} {{ call {call} }}"
    fix = Fix("write it as a step", (Edit(whole, right),)) if call is not None else None
    shown = right if call is not None and len(right) <= _LONGEST_CURE else None
    help_ = shown or f"step {short(name)} {{ call … }}"
    return Diagnostic(code, message, source, whole, help=help_, fix=fix)


def call_with_name(source: Source, name: Span) -> Diagnostic:
    """`result: call writer(…)` in a step."""
    message = "a call is a line of its own: its result is the step's result"
    fix = Fix("remove the name", (Edit(name, ""),))
    span = Span(name.start, len(source.text[: name.end].rstrip()))
    return Diagnostic("E0100", message, source, span, help="write `call …`", fix=fix)


def call_inside(source: Source, span: Span) -> Diagnostic:
    """`{ text: call writer(…) }`, `call a(q: call b(…))`."""
    message = "a call stands in a step of its own, not inside a value"
    help_ = "step my-step { call … }, and `my-step` here"
    return Diagnostic("E0100", message, source, span, help=help_)


def header_help(word: str) -> str | None:
    """Where a word belongs that stands between a step's name and its `{`."""
    return _HEADER_WORDS.get(word)


def in_header(source: Source, span: Span, help_: str) -> Diagnostic:
    """`step s while c {`."""
    written = source.text[span.start : span.end]
    message = f"`{short(written)}` is not said so between a step's name and its `{{`"
    return Diagnostic("E0100", message, source, span, help=help_)


def result_written_otherwise(
    source: Source, before: Span, sign: Span, *, is_step: bool
) -> Diagnostic:
    """`step s -> string {`, `agent a(): string`."""
    right = ":" if is_step else " ->"
    message = f"the type of {'a step' if is_step else 'a result'} is written with `{right.strip()}`"
    fix = Fix(f"write `{right.strip()}`", (Edit(Span(before.end, sign.end), right),))
    return Diagnostic("E0100", message, source, sign, help=fix.title, fix=fix)


def call_without_braces(
    source: Source, span: Span, whole: Span | None, call: Span | None, name: str
) -> Diagnostic:
    """`step s call a(…)`."""
    message = "what a step does stands in braces"
    help_ = f"step {short(name)} {{ call … }}"
    fix = None
    if whole is not None and call is not None:
        right = f" {{ {source.text[call.start : call.end]} }}"
        fix = Fix("write it in braces", (Edit(whole, right),))
    return Diagnostic("E0100", message, source, span, help=help_, fix=fix)
