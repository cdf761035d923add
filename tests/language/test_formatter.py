"""What the formatter does with a file as a whole; how items are laid out is in tests/corpus/format-*."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from misydsl.language import formatter
from misydsl.language.formatter import FormatRefused, Formatted, format_text
from misydsl.source import Source

SAMPLES = sorted((Path(__file__).parent / "samples").glob("*.misy"))


def formatted(text: str) -> Formatted:
    return format_text(Source("a.misy", text))


def text_of(text: str) -> str:
    found = formatted(text)
    assert found.diagnostics == ()
    return found.text


# the file as a whole


def test_a_file_without_an_edition_gets_one() -> None:
    assert text_of("type A = int\n") == "misy 1\n\ntype A = int\n"
    assert text_of("# primero\ntype A = int") == "misy 1\n\n# primero\ntype A = int\n"
    assert text_of("misy 1\ntype A = int\n") == "misy 1\ntype A = int\n"


def test_a_file_without_declarations_is_an_edition_and_its_comments() -> None:
    assert text_of("") == "misy 1\n"
    assert text_of("\n\n  \n") == "misy 1\n"
    assert text_of("# nada\n\n\n# más") == "misy 1\n\n# nada\n\n# más\n"
    assert text_of("misy 1") == "misy 1\n"


def test_what_the_system_reads_at_the_start_of_a_script_stays_there() -> None:
    assert text_of("#!/usr/bin/env misy\ntype A = int") == (
        "#!/usr/bin/env misy\nmisy 1\n\ntype A = int\n"
    )


def test_line_breaks_of_windows_stay_where_all_are() -> None:
    assert text_of("misy 1\r\ntype A={a:int}\r\n") == "misy 1\r\ntype A = { a: int }\r\n"
    assert text_of("misy 1\r\ntype A = int\n") == "misy 1\ntype A = int\n"


def test_a_byte_order_mark_stays() -> None:
    assert text_of("\ufeffmisy 1\n") == "\ufeffmisy 1\n"
    assert text_of("\ufefftype A = int") == "\ufeffmisy 1\n\ntype A = int\n"


def test_a_file_as_it_should_be_is_not_changed() -> None:
    text = "misy 1\n\ntype A = int\n"
    assert formatted(text) == Formatted(text, (), changed=False)


@pytest.mark.parametrize(
    "text",
    [
        "type A = {",
        "type A = 3w",
        "misy 2\ntype A = int",
        "let a = [1,, 2]",
        "let a = 1 +",
        "let « = 2",
    ],
)
def test_a_wrong_file_is_left_alone_and_told_why(text: str) -> None:
    found = formatted(text)
    assert (found.text, found.changed) == (text, False)
    assert any(diagnostic.is_error for diagnostic in found.diagnostics)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.stem)
def test_samples_fit_the_page_and_are_their_own_layout(sample: Path) -> None:
    text = text_of(sample.read_text(encoding="utf-8"))
    assert max(map(len, text.splitlines())) <= 100
    assert text_of(text) == text


# where lines are broken


def test_exactly_a_hundred_columns_fit_and_one_more_does_not() -> None:
    head = "let names = [one, two, "
    fits = f"misy 1\n{head}{'x' * (99 - len(head))}]\n"
    assert text_of(fits) == fits
    assert text_of(fits.replace("x]", "xx]")).splitlines()[2:5] == [
        "let names = [",
        "  one",
        "  two",
    ]


def test_a_comment_beside_a_line_does_not_count() -> None:
    text = f"misy 1\nlet a = [1, 2]  # {'x' * 100}\n"
    assert text_of(text) == text


def test_a_minus_ends_a_line_because_one_that_starts_with_it_is_another_item() -> None:
    names = ["x" * 40, "y" * 40, "z" * 40]
    assert text_of(f"misy 1\nlet a = {' - '.join(names)}").splitlines()[2:] == [
        f"let a = {names[0]} -",
        f"  {names[1]} -",
        f"  {names[2]}",
    ]


def test_a_comma_stays_where_a_name_would_continue_the_line_above() -> None:
    text = "misy 1\n\nlet a = [\n  b,\n  when(c)  # d\n  when\n]\n"
    assert text_of(text) == text


def test_a_comment_inside_not_in_keeps_its_line_whole() -> None:
    name = "x" * 60
    text = text_of(f"misy 1\nlet a = {name} not # por qué\n in {name}")
    assert text.splitlines()[2:] == [f"let a = {name} not  # por qué", f"  in {name}"]


def test_what_cannot_be_broken_stays_too_long() -> None:
    text = f'misy 1\nlet a = "{"x" * 200}"\nlet b = {"y" * 200}\n'
    assert text_of(text) == text


def test_a_declaration_over_several_lines_has_an_empty_line_around_it() -> None:
    text = (
        "misy 1\nlet a = 1\nlet b = 2 # dos\n# tres\nlet c = [\n1\n] # fin\nlet d = 4\n"
        'prompt e() """\n  e\n  """\n## efe\nlet f = 6\n\nlet g = 7\n'
    )
    assert text_of(text) == (
        "misy 1\nlet a = 1\nlet b = 2  # dos\n\n# tres\nlet c = [\n  1\n]  # fin\n\nlet d = 4\n\n"
        'prompt e() """\n  e\n  """\n\n## efe\nlet f = 6\n\nlet g = 7\n'
    )
    assert text_of(text_of(text)) == text_of(text)


# laws


def lays_out_as(monkeypatch: pytest.MonkeyPatch, *layouts: str) -> None:
    """From now on files are laid out so, the first of these first, whatever they say."""
    left = [layout.splitlines() for layout in layouts]
    monkeypatch.setattr(formatter, "write", lambda _: left.pop(0) if len(left) > 1 else left[0])


@pytest.mark.parametrize(
    ("text", "layout", "why"),
    [
        ("let x = [a # nota\n]", "misy 1\nlet x = [a]", "`# nota` became `]`"),
        ("let x = a", "misy 1\nlet x = a  # nota", "nothing became `# nota`"),
        ("let x = topic", "misy 1\nlet x = topics", "`topic` became `topics`"),
        ("let x = a", "misy 1\nlet x = a\ntype A = int", "nothing became `type`"),
        ("let x = a, type A = int", "misy 1\nlet x = a", "`type` became nothing"),
        ("let x = [a]", "misy 1\nlet x = [a", "it could not be read any more"),
        ("let x = [a\nb]", "misy 1\nlet x = [a b]", "items that were separate"),
        ("misy 1\nlet x = [a\nb]", "misy 1\nlet x = [a b]", "items that were separate"),
    ],
)
def test_a_layout_that_says_something_else_is_refused(
    monkeypatch: pytest.MonkeyPatch, text: str, layout: str, why: str
) -> None:
    lays_out_as(monkeypatch, layout)
    with pytest.raises(FormatRefused, match=r"a\.misy was not formatted") as refused:
        formatted(text)
    assert why in str(refused.value)


def test_a_layout_that_is_not_its_own_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    lays_out_as(monkeypatch, "misy 1\nlet x = a", "misy 1\nlet x =  a")
    with pytest.raises(FormatRefused, match="twice would not be"):
        formatted("let x = a")


# size


def seconds_for(text: str) -> float:
    start = time.process_time()
    assert formatted(text).diagnostics == ()
    return time.process_time() - start


@pytest.mark.parametrize(
    "grown",
    [
        lambda count: f"let a = [{', '.join(['1'] * count)}]",
        lambda count: f"let a = {' + '.join(['f(1)'] * count)}",
        lambda count: f"type A = {' | '.join(['string'] * count)}",
        lambda count: f"let a = b{'[0]' * count}",
        lambda count: f"let a = {'if a then b else ' * count}c",
        lambda count: f"pipeline p {{ step s after {', '.join(['a'] * count)} {{ }} }}",
        lambda count: f"let a = {' + '.join(['[' + chr(10) + '1]'] * count)}",
        lambda count: "pipeline p {" + "\nstep s { call a(x), timeout: 3s }" * count + "}",
    ],
)
def test_time_grows_as_the_text_does(grown: object) -> None:
    assert callable(grown)
    seconds_for(grown(500))  # whatever is made once is made
    small, large = seconds_for(grown(1_500)), seconds_for(grown(6_000))
    assert large < 12 * small + 0.1


def test_a_group_in_a_group_to_the_last_level_is_laid_out() -> None:
    inner = "[aaaaaaaaaaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbbbbbbbbbbb, ccccccccccccccccccccc]"
    text = text_of(f"let a = {'(' * 60}{inner}{')' * 60}")
    assert text_of(text) == text
    assert text.count("\n") > 120
