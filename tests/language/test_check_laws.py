"""Whatever the text is: an answer, in bounds, always the same."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from misydsl.language.check import check_modules
from tests.language.checking import AGENT

WHOLE = f"""misy 1
import {{ Note, writer }} from "./other.misy"
{AGENT}
type _Kind = "x" | "y"
let tone = env.TONE ?? "calm"
prompt hello(name: string, notes: list[Note] = []) \"\"\"
  Hola ${{name}}, ${{lines([n.text for n in notes if n.text != ""])}}
  \"\"\"
pipeline p "Título" (xs: list[string], limit: int = 3) -> {{ best: string?, all: list[string?] }} {{
  deadline: 2h
  defaults: {{ retry: {{ attempts: 3, delay: 1s }} }}
  step each for x, i in xs when i < limit {{
    concurrency: 4
    key: x
    call a(q: hello(name: x), n: i)
    fallback {{ return null }}
    undo {{ call vague(q: each?.text) }}
  }}
  step best repeat up to limit after each {{
    step try {{ call a(q: previous?.text ?? tone) }}
    until try.ok and try.score != null
    exhausted: "keep"
    return {{ text: try.text }}
  }}
  step note when best.text != "" {{ call writer(note: {{ text: best.text }}) }} else {{ return null }}
  on failure {{ step told {{ call vague(q: error.message) }} }}
  return {{ best: note?.text, all: [e?.text for e in each] }}
}}
"""
OTHER = "type Note = { text: string }\nagent writer(note: Note) -> Note\n"
PIECES = re.findall(r"\s+|\w[\w-]*|[^\w\s]", WHOLE)
WORDS = sorted({piece for piece in PIECES if piece.strip()})
EDITS = st.lists(
    st.tuples(st.integers(0, len(PIECES) - 1), st.sampled_from(["", "\n", ",", *WORDS])),
    min_size=1,
    max_size=6,
)


def edited(edits: list[tuple[int, str]]) -> str:
    pieces = list(PIECES)
    for place, piece in edits:
        pieces[place] = piece
    return "".join(pieces)


def test_the_text_the_laws_start_from_is_right() -> None:
    assert check_modules({"main.misy": WHOLE, "other.misy": OTHER}, "main.misy").diagnostics == ()


@settings(max_examples=250, deadline=None)
@given(EDITS, st.booleans())
def test_any_text_ends_in_a_library_and_diagnostics_in_bounds(
    edits: list[tuple[int, str]], strict: bool
) -> None:
    texts = {"main.misy": edited(edits), "other.misy": OTHER}
    checked = check_modules(texts, "main.misy", strict=strict, with_types=True)
    assert checked.library is not None
    for one in checked.diagnostics:
        assert 0 <= one.span.start <= one.span.end <= len(one.source.text)
        assert one.message
        edits_of_fix = one.fix.edits if one.fix else ()
        assert all(0 <= edit.span.start <= edit.span.end for edit in edits_of_fix)


@settings(max_examples=50, deadline=None)
@given(EDITS)
def test_the_same_text_gives_the_same_diagnostics(edits: list[tuple[int, str]]) -> None:
    texts = {"main.misy": edited(edits), "other.misy": OTHER}
    first = check_modules(texts, "main.misy").diagnostics
    assert check_modules(texts, "main.misy").diagnostics == first


@settings(max_examples=100, deadline=None)
@given(EDITS)
def test_diagnostics_of_a_file_stand_in_the_order_of_its_text(edits: list[tuple[int, str]]) -> None:
    found = check_modules(
        {"main.misy": edited(edits), "other.misy": OTHER}, "main.misy"
    ).diagnostics
    own = [one.span.start for one in found if one.source.name == "main.misy"]
    assert own == sorted(own)


@given(st.text(max_size=200))
@settings(max_examples=100, deadline=None)
def test_arbitrary_text_is_checked(text: str) -> None:
    assert check_modules({"m": text}, "m").library is not None


@given(st.text(alphabet='"\\\\${}n \n\tñ#', max_size=40))
@settings(max_examples=150, deadline=None)
def test_any_text_can_be_the_file_of_a_prompt(text: str) -> None:
    main = '# misy: allow W0911\nprompt hi(n: string) from "./hi.md"\nlet x = hi(n: "a")\n'
    checked = check_modules({"main.misy": main, "hi.md": text}, "main.misy")
    for one in checked.diagnostics:
        assert one.source.name == "hi.md"
        assert 0 <= one.span.start <= one.span.end <= len(text)


def test_a_hundred_thousand_open_brackets_are_checked() -> None:
    checked = check_modules({"m": f"let x = {'[' * 100_000}"}, "m")
    assert checked.diagnostics


def test_of_ten_thousand_errors_the_first_fifty_are_told_and_the_rest_is_counted() -> None:
    text = "".join(f"let a{i}: nothing{i} = 1\n" for i in range(10_000))
    found = check_modules({"m": text}, "m").diagnostics
    assert [one.source.position(one.span.start).line for one in found] == list(range(1, 52))
    assert found[-1].message == "9950 more errors from here on; mend the first ones first"


def test_of_a_hundred_warnings_the_first_fifty_are_told_and_no_error_is_made_of_the_rest() -> None:
    unused = "".join(f"let a{i} = 1\n" for i in range(100))
    found = check_modules({"m": f"{unused}pipeline p() {{ return 1 }}\n"}, "m").diagnostics
    assert [one.is_error for one in found] == [False] * 51
    assert found[-1].message == "50 more warnings from here on"


def test_what_follows_errors_that_were_only_counted_is_not_told_as_something_else() -> None:
    text = "let a = )\n" * 60 + "let b = unknown\n"
    found = check_modules({"m": text}, "m").diagnostics
    assert {one.code for one in found[:-1]} <= {"E0111", "E0202"}
    assert found[-1].code == "E0119"


def test_no_message_is_longer_than_a_screen() -> None:
    (found,) = check_modules({"m": "let a = " + "x" * 1_000_000}, "m").diagnostics
    assert found.code == "E0201"
    assert len(found.message) < 1_100
