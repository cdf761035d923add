"""What a cell shows that ends in a result or an error: rich, escaped, and the same as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec import Raw

import misydsl
from misydsl.diagnostics import Diagnostic
from misydsl.failures import Failure, InputsInvalid, RunFailed, SourceInvalid
from misydsl.history.states import StepState
from misydsl.notebook.errors import AFTER_A_FAILURE, plain_lines
from misydsl.notebook.formats import (
    MOST_VALUE,
    Bundle,
    diagnostic_bundle,
    explanation_bundle,
    failure_bundle,
    problem_bundle,
    step_bundle,
)
from misydsl.values import Value, encode_json
from misydsl.workspace.checking import check_text
from misydsl.workspace.why import Explanation
from tests.notebook.shells import Typed

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

CELL = """%%misy p
agent malo(x: string) -> string
pipeline p(x: string) {
  step a { call malo(x) }
  return a
}
"""
BAD = """import misydsl
@misydsl.agent
def malo(x: str) -> str:
    raise ValueError("no <b>way</b>, mañana")
"""
FAILURE = Failure("agent-error", "<i>no</i>", step="a", excerpt="<script>1</script>")


def texts(bundle: Bundle) -> tuple[str, str]:
    assert set(bundle) == {"text/html", "text/plain"}
    assert "<script" not in bundle["text/html"]
    return bundle["text/html"], bundle["text/plain"]


def test_an_explanation_shows_its_sentences_and_what_to_type_next() -> None:
    shown = Explanation(
        run="r1", step="a", item="ñ", status="failed", compared_with=None, differences=(),
        sentences=("`a` failed: <b>no</b>.", "  attempt 1 failed"), commands=(("retry", "--failed"),),
    )  # fmt: skip
    html, plain = texts(explanation_bundle(shown))

    assert plain == shown.text
    assert "&lt;b&gt;no&lt;/b&gt;" in html
    assert 'padding-left:16px">attempt 1 failed' in html
    assert "<code>misy retry r1 --failed</code>" in html
    assert "a[ñ]" in html


def test_the_result_of_a_step_shows_its_state_its_input_and_its_reply() -> None:
    value: Value = {"título": "<script>", "n": 1}
    state = StepState(
        "a", item="0", status="succeeded", attempts=2, duration_s=1.5, agent="loud",
        value=Raw(encode_json(value)), inputs=Raw(encode_json({"q": "año"})),
    )  # fmt: skip
    html, plain = texts(step_bundle(state))

    assert plain.startswith("a[0]  succeeded · 2 attempts · 1.5 s · called loud")
    assert '"q": "año"' in plain
    assert '"título": "<script>"' in plain
    assert "&lt;script&gt;" in html


def test_a_long_reply_is_cut_and_an_empty_one_left_out() -> None:
    long = StepState("a", status="succeeded", value=Raw(encode_json("x" * 2 * MOST_VALUE)))
    _, plain = texts(step_bundle(long))
    assert len(plain) < MOST_VALUE + 100
    assert plain.endswith("…")

    empty = StepState("a", status="succeeded", value=Raw(b"null"))
    assert "reply" not in step_bundle(empty)["text/plain"]


def test_a_failure_shows_its_sentence_and_what_came_instead() -> None:
    html, plain = texts(failure_bundle(FAILURE))
    assert plain == "agent-error: step a: <i>no</i>\n<script>1</script>"
    assert "&lt;i&gt;no&lt;/i&gt;" in html


def test_a_run_that_failed_says_where_to_look() -> None:
    html, plain = texts(problem_bundle(RunFailed("r1", FAILURE)))
    assert plain.splitlines()[1:] == [AFTER_A_FAILURE]
    assert "RunFailed: run r1 failed: step a: <i>no</i>" in plain
    assert "run.why(STEP)" in html


def test_what_is_wrong_with_a_text_shows_its_caret() -> None:
    wrong = SourceInvalid(check_text("pipeline q { return y }").diagnostics)
    one = wrong.diagnostics[0]
    assert isinstance(one, Diagnostic)
    for bundle in (diagnostic_bundle(one), problem_bundle(wrong)):
        html, plain = texts(bundle)
        assert "E0201" in html
        assert "^" in plain
    assert "^" in "\n".join(plain_lines(wrong, None))


def test_a_cell_that_ends_in_one_shows_it(typed: Typed) -> None:
    typed.cell(BAD)
    typed.cell(CELL)
    typed.cell("run = p.run(x='uno')")
    assert "It was not tried again" in typed.cell("display(run.why('a'))")
    assert "text/html" in typed.rich[-1]
    typed.cell("try:\n    run.result\nexcept misydsl.RunFailed as one:\n    kept = one")
    assert typed.cell("kept").endswith(AFTER_A_FAILURE)
    typed.cell("try:\n    misydsl.load('pipeline q { return y }')\nexcept misydsl.SourceInvalid as one:\n    kept = one")  # fmt: skip
    assert "│" in typed.cell("display(kept.diagnostics)")
    assert "E0201" in typed.rich[-1]["text/html"]
    assert "│" in typed.cell("kept.diagnostics[0]")


def test_an_error_of_the_library_is_one_sentence_and_the_line_it_came_from(typed: Typed) -> None:
    typed.cell(BAD)
    typed.cell(CELL)
    with pytest.raises(InputsInvalid):
        typed.cell("a = 1\nawait p(y=1)")
    told = typed.traceback.splitlines()
    assert told[0].startswith("InputsInvalid: `p` has no input `y`.")
    assert told[1:] == ["  in line 2: await p(y=1)"]

    with pytest.raises(RunFailed):
        typed.cell("p.run(x='dos').result")
    assert AFTER_A_FAILURE in typed.traceback
    assert "Traceback" not in typed.traceback
    assert ".py" not in typed.traceback


def test_an_error_of_ones_own_keeps_its_frames(typed: Typed) -> None:
    with pytest.raises(ZeroDivisionError):
        typed.cell("1 / 0")
    assert "Traceback" in typed.traceback


def test_switching_off_brings_the_frames_and_the_plain_reprs_back(typed: Typed) -> None:
    typed.cell("import misydsl\nfailure = misydsl.Failure('timeout', 'late')")
    assert typed.cell("failure").endswith("timeout: late")
    typed.shell.run_line_magic("unload_ext", "misydsl")

    assert "Failure(kind=" in typed.cell("failure")
    with pytest.raises(misydsl.MisyError):
        typed.cell("misydsl.load('pipeline q { return y }')")
    assert "Traceback" in typed.traceback


def test_somebody_elses_way_to_show_errors_is_left_alone(typed: Typed) -> None:
    shell: InteractiveShell = typed.shell
    shell.run_line_magic("unload_ext", "misydsl")
    shell.set_custom_exc((KeyError,), lambda *_: ["mine"])  # type: ignore[no-untyped-call]  # IPython's has no types
    try:
        shell.run_line_magic("load_ext", "misydsl")
        assert shell.custom_exceptions == (KeyError,)
        shell.run_line_magic("unload_ext", "misydsl")
        assert shell.custom_exceptions == (KeyError,)
    finally:
        shell.set_custom_exc((), None)  # type: ignore[no-untyped-call]  # IPython's has no types
