"""Completion: what may stand at a place, from what the checker knows; an answer comes for any text."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from misydsl.language.check import Checked, check_source
from misydsl.language.suggestions import Suggestion, suggestions
from misydsl.source import Source

DECLARED = """\
type Platform = "tiktok" | "instagram"
type Trend = { keyword: string, growth: float }
let limit = 3
prompt greeting(name: string) from "./greeting.md"
agent trend-scanner(platform: Platform, topic: string, días: int?) -> { trends: list[Trend], best: Trend? }
agent critic(text: string) -> string { url: "http://127.0.0.1:9/critic" }
"""


def check(text: str) -> Checked:
    return check_source(Source("here", text), with_types=True)


def at_cursor(text: str) -> dict[str, Suggestion]:
    """What may stand at `▮`, after the declarations above."""
    before, after = (DECLARED + text).split("▮")
    return {one.text: one for one in suggestions(before + after, len(before), check)}


def in_step(text: str) -> dict[str, Suggestion]:
    return at_cursor(
        "pipeline main(topic: string, niños: int) {\n"
        '  step found { call trend-scanner(platform: "tiktok", topic: topic) }\n'
        "  let twice = niños * 2\n"
        f"  {text}\n"
        "}\n"
    )


class TestAtTheTop:
    def test_an_empty_text_begins_with_a_declaration(self) -> None:
        found = [one.text for one in suggestions("", 0, check)]
        assert found[0] == "pipeline"
        assert set(found) == {"pipeline", "agent", "type", "prompt", "let", "import"}

    def test_a_word_that_was_begun_does_not_change_what_is_offered(self) -> None:
        assert set(at_cursor("pip▮")) == set(at_cursor("▮"))

    def test_a_type_is_wanted_behind_its_name(self) -> None:
        found = at_cursor("type Other = ▮")
        assert found["Trend"].detail == "{ keyword: string, growth: float }"
        assert found["duration"].kind == "type"
        assert "length" not in found

    def test_a_type_is_wanted_behind_an_arrow(self) -> None:
        assert "Platform" in at_cursor("agent other(topic: string) -> ▮")

    @pytest.mark.parametrize("text", ["agent other(topic: ▮)", "pipeline other(topic: ▮) {}"])
    def test_a_type_is_wanted_of_a_parameter(self, text: str) -> None:
        assert {"Platform", "string"} <= set(at_cursor(text))

    def test_a_type_is_wanted_of_a_field(self) -> None:
        assert "Trend" in at_cursor("type Other = { first: ▮ }")


class TestInAStep:
    def test_a_call_is_of_an_agent_a_pipeline_or_a_person(self) -> None:
        found = in_step("step next { call ▮ }")
        assert found["trend-scanner"].detail.startswith("(platform, topic, días) -> ")
        assert {found[one].kind for one in ("critic", "human.approve")} == {"agent"}
        assert found["main"].kind == "pipeline"
        assert "Trend" not in found

    def test_inputs_that_were_given_are_not_offered_again(self) -> None:
        found = in_step('step next { call trend-scanner(platform: "tiktok", ▮) }')
        assert found["topic: "] == Suggestion("topic: ", "input", "string")
        assert "días: " in found
        assert "platform: " not in found

    def test_the_value_of_an_input_is_an_expression(self) -> None:
        found = in_step("step next { call critic(text: ▮) }")
        assert found["topic"].kind == "input"
        assert found["niños"].detail == "int"
        assert found["found"].kind == "step"
        assert found["twice"].kind == "let"
        assert found["limit"].kind == "let"
        assert found["greeting"].kind == "prompt"
        assert found["length"].kind == "function"
        assert found["env"].kind == "namespace"

    def test_when_all_inputs_are_given_a_value_may_follow(self) -> None:
        assert "topic" in in_step("step next { call critic(text: topic, ▮) }")

    def test_the_fields_of_a_step_come_behind_a_dot(self) -> None:
        assert set(in_step("return found.▮")) == {"trends", "best"}

    def test_fields_are_found_through_what_may_be_missing(self) -> None:
        found = in_step("return found.best?.▮")
        assert found["growth"] == Suggestion("growth", "field", "float")

    def test_of_a_sum_only_the_last_value_is_asked_for_its_fields(self) -> None:
        assert set(in_step("return niños + found.▮")) == {"trends", "best"}

    def test_a_field_that_was_begun_is_found(self) -> None:
        assert set(in_step("return found.be▮st?.growth")) == {"trends", "best"}

    def test_nothing_comes_behind_a_dot_of_what_has_no_fields(self) -> None:
        assert not in_step("return niños.▮")

    def test_nothing_comes_behind_a_dot_of_what_nobody_knows(self) -> None:
        assert not in_step("return nada.▮")

    def test_the_texts_of_an_enumeration_come_inside_of_quotes(self) -> None:
        found = in_step('step next { call trend-scanner(platform: "▮", topic: topic) }')
        assert [one.kind for one in found.values()] == ["text", "text"]
        assert set(found) == {"tiktok", "instagram"}

    def test_the_texts_of_a_setting_come_inside_of_quotes(self) -> None:
        found = in_step('step next for n in [1] { call critic(text: "x"), exhausted: "▮" }')
        assert {"keep", "fail"} <= set(found)

    @pytest.mark.parametrize(
        "text",
        [
            'step next { call critic(text: "▮") }',
            'step next { call critic(nada: "▮") }',
            'let x = "▮"',
            'let x = topic == "▮"',
            'step next { call critic(text: topic), nada: "▮" }',
        ],
    )
    def test_nothing_comes_inside_of_a_text_that_may_be_anything(self, text: str) -> None:
        assert not in_step(text)

    def test_steps_come_behind_after(self) -> None:
        assert set(in_step("step next after ▮ { return 1 }")) == {"found"}

    def test_a_value_in_a_text_is_an_expression(self) -> None:
        assert "topic" in in_step('let x = "sobre ${▮}"')

    def test_behind_after_come_the_steps_of_the_block(self) -> None:
        found = in_step("step outer {\n step one { return 1 }\n step two after ▮ { return 2 }\n }")
        assert "one" in found
        assert "two" not in found

    def test_a_value_of_another_pipeline_is_not_seen(self) -> None:
        found = at_cursor("pipeline a(uno: int) { return uno }\npipeline b(dos: int) { return ▮ }")
        assert "dos" in found
        assert "uno" not in found


class TestItemsOfBlocks:
    def test_a_step_takes_its_items_and_settings(self) -> None:
        found = in_step("step next { ▮ }")
        assert found["call"].kind == "keyword"
        assert found["retry"].kind == "setting"
        assert "concurrency" not in found

    def test_a_loop_takes_settings_of_its_own(self) -> None:
        assert "concurrency" in in_step("step next for one in [1] {\n ▮\n }")

    def test_a_repetition_takes_settings_of_its_own(self) -> None:
        assert "exhausted" in in_step("step next repeat up to 3 {\n ▮\n }")

    def test_a_pipeline_takes_steps_and_settings(self) -> None:
        found = at_cursor("pipeline other() {\n ▮\n}")
        assert {"step", "on", "let", "return"} <= set(found)
        assert found["budget"].kind == "setting"

    def test_an_agent_takes_its_settings_only(self) -> None:
        found = at_cursor("agent other(topic: string) {\n ▮\n}")
        assert "url" in found
        assert {one.kind for one in found.values()} == {"setting"}

    @pytest.mark.parametrize("block", ["fallback", "undo"])
    def test_other_blocks_of_a_step_take_its_items_and_no_settings(self, block: str) -> None:
        found = in_step(f"step next {{ call critic(text: topic)\n {block} {{ ▮ }} }}")
        assert set(found) == {"call", "return", "step", "let"}

    def test_what_comes_at_the_end_of_a_run_is_made_of_steps(self) -> None:
        assert set(in_step("on failure {\n ▮\n }")) == {"step", "let"}

    def test_a_record_of_settings_takes_its_fields(self) -> None:
        found = in_step("step next { call critic(text: topic), retry: { ▮ } }")
        assert {"attempts", "delay", "on"} <= set(found)
        assert found["attempts"].detail == "int"

    def test_a_record_of_values_takes_values(self) -> None:
        found = in_step("return { a: 1, ▮ }")
        assert "topic" in found
        assert "retry" not in found

    def test_a_record_of_an_unknown_setting_takes_values(self) -> None:
        assert "topic" in in_step("step next { call critic(text: topic), nada: { ▮ } }")

    def test_a_record_in_a_list_takes_values(self) -> None:
        assert "topic" in in_step("return [{ ▮ }]")

    def test_a_loop_brings_its_names(self) -> None:
        found = in_step("step next for one, index in [1, 2] { call critic(text: ▮) }")
        assert {found[name].kind for name in ("one", "index")} == {"variable"}

    def test_an_undo_sees_the_step_it_undoes(self) -> None:
        found = in_step("step next { call critic(text: topic)\n undo { call critic(text: ▮) } }")
        assert "next" in found

    def test_a_step_is_not_known_to_itself(self) -> None:
        found = in_step("step next { call critic(text: ▮) }")
        assert "next" not in found
        assert "found" in found

    def test_the_steps_of_an_inner_block_are_known_in_it(self) -> None:
        found = in_step("step outer {\n step one { return 1 }\n step two { return ▮ }\n }")
        assert "one" in found
        assert not {"two", "outer"} & set(found)

    def test_a_list_takes_values(self) -> None:
        assert "found" in in_step("let all = [▮]")


WORDS = st.sampled_from(
    [*"{}()[].,:=\"'$#|\n ?", "pipeline ", "step ", "call ", "agent ", "type ", "->", "?.", "${",
     "for ", "in ", "repeat up to ", "undo ", "fallback ", "on failure ", "trend-scanner", "found",
     "Trend", "retry", "número", "名前", "after ", "else ", "return ", "if ", "then ", '"""', "3"]
)  # fmt: skip


@given(words=st.lists(WORDS, max_size=30), where=st.floats(0, 1), is_declared=st.booleans())
@example(words=["pipeline ", "{", "step ", "{", "retry", ":", "{"], where=1.0, is_declared=False)
@example(words=["}"], where=1.0, is_declared=True)
def test_any_text_and_any_place_give_an_answer(
    words: list[str], where: float, *, is_declared: bool
) -> None:
    text = (DECLARED if is_declared else "") + "".join(words)
    offset = round(where * len(text))
    found = suggestions(text, offset, check)
    assert len({one.text for one in found}) == len(found)
    assert not any("misy_here" in one.text for one in found)


@given(cut=st.integers(0, len(DECLARED)))
def test_a_text_that_is_cut_anywhere_gives_an_answer(cut: int) -> None:
    found = suggestions(DECLARED[:cut], cut, check)
    assert all(one.text and one.kind for one in found)
