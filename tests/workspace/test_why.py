"""Why a step stands where it stands: the sentences, as they are read at night."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from misydsl.agents.contract import Request
from misydsl.agents.registry import Binding
from misydsl.failures import Failure, MisyError
from misydsl.history.events import (
    AttemptFailed,
    AttemptStarted,
    CancelRequested,
    Event,
    FallbackBegun,
    FanOut,
    GroupStarted,
    PipelineFailing,
    RoundFinished,
    RunAccepted,
    RunFinished,
    RunOwned,
    RunPaused,
    StepBlocked,
    StepFailed,
    StepFinished,
    StepSkipped,
)
from misydsl.store.journal import Journal
from misydsl.store.memory import MemoryJournal
from misydsl.workspace import find_run, load
from misydsl.workspace.recorded import RecordedRun, accepted_of
from misydsl.workspace.runs import Run
from misydsl.workspace.why import explain
from tests.runner.theatre import PATIENCE_S, Actor

HEAD = """misy 1
agent busca(tema: string) -> list[string]
agent escribe(tema: string, antes: string?) -> string
agent publica(texto: string) -> string
"""
_TIME = re.compile(r"\b\d[\d.,]* (?:ms|s|min|days|h \d\d min)\b")


def said(text: str, **names: str) -> str:
    """The text with `T` for every duration, and names for ids."""
    for name, run in names.items():
        text = text.replace(run, name.upper())
    return _TIME.sub("T", text)


def why(run: RecordedRun, step: str, item: str | None = None, **names: str) -> str:
    return said(run.why(step, item).text, run=run.id, **names)


def writes(request: Request) -> object:
    tema = request.inputs.get("tema")
    if tema == "ñandú":
        return Failure("http", "status 503", status=503)
    return f"guion de {tema}"


def agents(**more: Binding) -> Mapping[str, Binding]:
    return {
        "busca": Actor(answers=lambda request: ["año", "ñandú", "tú"]),
        "escribe": Actor(answers=writes),
        "publica": Actor(answers=lambda request: f"publicado: {request.inputs['texto']}"),
        **more,
    }


def ran(text: str, **inputs: Any) -> Run:
    return load(HEAD + text).run(agents=agents(), **inputs)


ONE = """pipeline p(tema: string = "año") {
  step guion { call escribe(tema) }
  step número { return 1 + 1 }
  return guion
}"""


class TestACall:
    def test_a_step_without_a_cache_was_called_because_nothing_could_be_reused(
        self, journal: Journal
    ) -> None:
        assert why(ran(ONE), "guion") == (
            "`guion` succeeded: it called escribe once, in T.\n"
            "It was called because nothing could be reused: it has no `cache:`, and this run "
            "builds on no other."
        )

    def test_a_step_that_only_computes_says_so(self, journal: Journal) -> None:
        told = ran(ONE).why("número")
        assert told.text == "`número` succeeded. It only computes: no agent was called."
        assert (told.status, told.item, told.differences) == ("succeeded", "", ())

    def test_attempts_are_told_one_by_one(self, journal: Journal) -> None:
        tries: list[int] = []

        def third(request: Request) -> object:
            tries.append(1)
            return Failure("timeout", "no answer within 2s") if len(tries) < 3 else "sí"

        text = """pipeline p() {
  step guion {
    call escribe(tema: "año")
    retry: { attempts: 3, delay: 1ms, jitter: "none" }
  }
}"""
        run = load(HEAD + text).run(agents=agents(escribe=Actor(answers=third)))
        assert why(run, "guion").splitlines()[:4] == [
            "`guion` succeeded: escribe answered at attempt 3, in T in all.",
            "  attempt 1 failed after T: timeout: no answer within 2s; the next one T later",
            "  attempt 2 failed after T: timeout: no answer within 2s; the next one T later",
            "  attempt 3 succeeded after T",
        ]


CACHED = """pipeline p(tema: string = "año") {
  step guion { call escribe(tema, antes: "á"), cache: CACHE }
  return guion
}"""


def cached(limit: str = "6h") -> str:
    return CACHED.replace("CACHE", limit)


class TestTheCache:
    def test_the_first_call_had_nothing_to_reuse(self, journal: Journal) -> None:
        assert why(ran(cached()), "guion").splitlines()[1] == (
            "It was called because there was nothing to reuse: no earlier run in this journal has "
            "a finished call of it."
        )

    def test_an_equal_call_was_taken_from_the_cache(self, journal: Journal) -> None:
        first = ran(cached())
        told = ran(cached()).why("guion")
        assert said(told.text, first=first.id) == (
            "`guion` was not called: the cache had an equal call of escribe, made in run FIRST, "
            "T before.\n"
            "Equal were escribe with its type and code, and its inputs `tema` and `antes`."
        )
        assert told.compared_with == first.id

    def test_inputs_that_differ_are_named_with_their_old_and_new_value(
        self, journal: Journal
    ) -> None:
        first = ran(cached())
        told = ran(cached(), tema="año nuevo").why("guion")
        assert said(told.text, first=first.id).splitlines()[1:] == [
            (
                "It was called because no equal call was in the cache. Compared with run FIRST, "
                "T before, this is different:"
            ),
            '  input `tema`: "año" → "año nuevo"',
        ]
        (difference,) = told.differences
        assert (difference.part, difference.before, difference.after) == (
            "input tema", '"año"', '"año nuevo"',
        )  # fmt: skip

    def test_an_agent_that_differs_is_told_by_its_parts(self, journal: Journal) -> None:
        ran(cached())
        text = HEAD.replace("antes: string?) -> string", 'antes: string?) -> any { version: "2" }')
        told = load(text + cached()).run(agents=agents()).why("guion")
        assert [(one.part, one.before, one.after) for one in told.differences] == [
            ("version", "(none)", "2"),
            ("type", "string", "any"),
        ]
        assert told.text.splitlines()[-2:] == [
            "  agent's version: (none) → 2",
            "  reply type: string → any",
        ]

    def test_of_code_it_is_only_said_that_it_changed(self, journal: Journal) -> None:
        def before(tema: str, antes: str | None) -> str:
            return tema

        def after(tema: str, antes: str | None) -> str:
            return f"{tema}!"

        pipeline = load(HEAD + cached())
        pipeline.run(agents={"escribe": before})
        told = pipeline.run(agents={"escribe": after}).why("guion")
        assert "  agent's code: changed since" in told.text.splitlines()

    def test_an_equal_call_that_is_too_old_says_how_old(self, journal: Journal) -> None:
        first = ran(cached("0s"))
        assert why(ran(cached("0s")), "guion", first=first.id).splitlines()[1] == (
            "It was called although run FIRST made an equal call: that was T before, and "
            "`cache: 0s` allows less."
        )

    def test_a_run_that_did_not_ask_the_cache_says_what_may_have_been(
        self, journal: Journal
    ) -> None:
        first = ran(cached())
        run = load(HEAD + cached()).start(agents=agents(), cache=False)
        run.wait(PATIENCE_S)
        assert why(run, "guion", first=first.id).splitlines()[1] == (
            "It was called although run FIRST made an equal call T before. That is not recorded, "
            "but it happens when a run does not ask the cache (`misy run --no-cache`)."
        )

    def test_a_result_from_before_there_was_a_cache_was_not_kept(self, journal: Journal) -> None:
        first = ran(cached().replace(", cache: 6h", ""))
        assert why(ran(cached()), "guion", first=first.id).splitlines()[1] == (
            "It was called because the equal call of run FIRST, T before, was not kept: "
            "the step had no `cache:` then."
        )

    def test_a_value_that_looks_like_a_credential_is_hidden_and_a_long_one_clipped(
        self, journal: Journal
    ) -> None:
        ran(cached(), tema="password=hunter2222")
        told = ran(cached(), tema="ñ" * 200).why("guion")
        assert "hunter2222" not in told.text
        assert told.differences[0].after == '"' + "ñ" * 58 + "…"

    def test_the_session_is_no_part_of_an_orchestrators_call(self, journal: Journal) -> None:
        text = (HEAD + cached()).replace(
            "antes: string?) -> string", 'antes: string?) -> string { wire: "misybot" }'
        )
        load(text).run(agents=agents(), session="una")
        told = load(text).run(tema="tú", agents=agents(), session="otra").why("guion")
        assert [one.part for one in told.differences] == ["input tema"]


class TestARunThatBuildsOnAnother:
    TEXT = """pipeline p(tema: string = "año") {
  step guion { call escribe(tema) }
  step final { call publica(texto: guion) }
  step otro { call escribe(tema: "tú") }
  return final
}"""

    def test_what_is_equal_is_taken_over_and_says_so(self, journal: Journal) -> None:
        base = ran(self.TEXT)
        again = base.rerun("final", agents=agents())
        again.wait(PATIENCE_S)
        assert why(again, "guion", base=base.id) == (
            "`guion` was not called: its result is that of run BASE, on which this run builds "
            "(`misy rerun --from final`).\n"
            "Equal were escribe with its type and code, and its inputs `tema`."
        )
        assert why(again, "final", base=base.id).splitlines()[1:] == [
            "This run builds on run BASE (`misy rerun --from final`).",
            "It was called anew because `--from final` asked for it.",
        ]

    def test_what_depends_on_the_step_of_from_is_done_anew_too(self, journal: Journal) -> None:
        base = ran(self.TEXT)
        again = base.rerun("guion", agents=agents())
        again.wait(PATIENCE_S)
        assert why(again, "final").splitlines()[2] == (
            "It was called anew because it depends on `guion`, which `--from` asked for."
        )

    def test_other_inputs_are_told_with_both_values(self, journal: Journal) -> None:
        base = ran(self.TEXT)
        again = base.rerun(inputs={"tema": "el mar"}, agents=agents())
        again.wait(PATIENCE_S)
        assert why(again, "guion", base=base.id).splitlines()[1:] == [
            "This run builds on run BASE (`misy rerun -p tema=…`).",
            "It was called because this is different from its call in run BASE:",
            '  input `tema`: "año" → "el mar"',
        ]

    def test_what_failed_there_had_no_result_to_take_over(self, journal: Journal) -> None:
        base = ran(self.TEXT, tema="ñandú")
        assert base.status == "failed"
        again = base.retry(agents=agents(escribe=Actor(answers=lambda request: "ahora sí")))
        again.wait(PATIENCE_S)
        assert why(again, "guion", base=base.id).splitlines()[1:] == [
            "This run builds on run BASE (`misy retry --failed`).",
            "It was called because run BASE has no result of it: it failed there.",
        ]
        assert why(again, "final", base=base.id).splitlines()[2] == (
            "It was called because run BASE has no result of it: it was blocked there."
        )

    def test_a_base_that_was_forgotten_is_said_to_be(self, journal: Journal) -> None:
        base = ran(self.TEXT)
        again = base.rerun("guion", agents=agents())
        again.wait(PATIENCE_S)
        alone = MemoryJournal()
        copied(again, alone)
        told = said(find_run(again.id, alone).why("otro").text, base=base.id)
        assert told.startswith("`otro` was not called: its result is that of run BASE")
        told = said(find_run(again.id, alone).why("final").text, base=base.id)
        assert "It was called anew because it depends on `guion`" in told


def copied(run: Run, journal: MemoryJournal) -> None:
    first, *rest = run.facts()
    assert isinstance(first.event, RunAccepted)
    journal.accept(run.id, first.event)
    journal.append(run.id, [one.event for one in rest])


class TestAFailure:
    def test_without_retry_there_was_one_attempt(self, journal: Journal) -> None:
        run = ran(ONE, tema="ñandú")
        assert why(run, "guion") == (
            "`guion` failed after T: http: status 503.\n"
            "It was not tried again: it has no `retry:`, so there is one attempt.\n"
            "→ misy retry RUN --failed"
        )

    @pytest.mark.parametrize(
        ("retry", "last"),
        [
            (
                "{ attempts: 2, delay: 1ms }",
                "It was not tried again: `retry:` allows 2 attempts, and all were made.",
            ),
            (
                '{ attempts: 2, delay: 1ms, on: ["timeout", 429] }',
                (
                    "It was not tried again: `on` of its `retry:` lists timeout, 429, and this is "
                    "`http` 503."
                ),
            ),
        ],
    )
    def test_why_there_was_no_further_attempt(
        self, journal: Journal, retry: str, last: str
    ) -> None:
        text = ONE.replace("call escribe(tema)", f"call escribe(tema), retry: {retry}")
        assert last in why(ran(text, tema="ñandú"), "guion").splitlines()

    def test_the_pipelines_defaults_count(self, journal: Journal) -> None:
        text = ONE.replace("{\n", "{\n  defaults: { retry: { attempts: 2, delay: 1ms } }\n", 1)
        told = why(ran(text, tema="ñandú"), "guion")
        assert "`retry:` allows 2 attempts, and all were made" in told

    def test_an_open_breaker_is_named(self, journal: Journal) -> None:
        head = HEAD.replace(
            "antes: string?) -> string",
            "antes: string?) -> string { breaker: { failures: 1, cooldown: 1h } }",
        )
        text = """pipeline p() {
  step uno {
    call escribe(tema: "ñandú")
    fallback { return "nada" }
  }
  step dos after uno { call escribe(tema: "año") }
}"""
        run = load(head + text).run(agents=agents())
        assert "`breaker:` was open: it was not even called." in why(run, "dos")

    def test_what_a_step_made_of_steps_failed_by_is_named(self, journal: Journal) -> None:
        text = """pipeline p() {
  step todo {
    step guion { call escribe(tema: "ñandú") }
    return guion
  }
}"""
        assert why(ran(text), "todo") == (
            "`todo` failed: http: status 503.\n"
            "That was in `todo/guion`.\n"
            "→ misy why RUN todo/guion\n"
            "→ misy retry RUN --failed"
        )

    def test_an_expression_that_cannot_be_computed_comes_with_advice(
        self, journal: Journal
    ) -> None:
        told = why(ran("pipeline p(n: int = 0) { step s { return 1 / n } }"), "s")
        assert told.splitlines()[0].startswith("`s` failed: evaluation: ")
        assert "What helps: mend the expression and run again." in told


FALLING = """pipeline p() {
  step guion {
    call escribe(tema: "ñandú")
    fallback { call busca(tema: "x") }
    fallback { return "plantilla" }
  }
}"""


class TestFallbacks:
    def test_the_one_that_gave_the_result_and_those_that_failed_are_told(
        self, journal: Journal
    ) -> None:
        broken = Actor(answers=lambda request: Failure("connect", "refused"))
        run = load(HEAD + FALLING).run(agents=agents(busca=broken))
        assert run.status == "succeeded"
        assert why(run, "guion") == (
            "`guion` failed, and its fallback 2 gave the result in its place:\n"
            "  the step itself failed: http: status 503\n"
            "  fallback 1 failed: connect: refused\n"
            "  fallback 2 gave the result"
        )

    def test_when_all_failed_the_first_reason_is_told_too(self, journal: Journal) -> None:
        text = FALLING.replace('    fallback { return "plantilla" }\n', "")
        broken = Actor(answers=lambda request: Failure("connect", "refused"))
        run = load(HEAD + text).run(agents=agents(busca=broken))
        assert why(run, "guion").splitlines()[1:] == [
            "  attempt 1 failed after T: http: status 503",
            "It was not tried again: it has no `retry:`, so there is one attempt.",
            "It had turned to its fallback, because of http: status 503:",
            "  fallback 1 failed too",
            "That was in `guion/:fallback`.",
            "→ misy why RUN guion/:fallback",
            "→ misy retry RUN --failed",
        ]

    def test_a_fallback_nobody_needed_was_never_begun(self, journal: Journal) -> None:
        text = FALLING.replace("ñandú", "año")
        assert why(ran(text), "guion/:fallback") == (
            "`guion/:fallback` was never begun: the `fallback` of `guion` was not needed."
        )


class TestConditions:
    TEXT = """let umbral = 20
pipeline p(tema: string = "año", publica: bool = true) {
  let largo = length(tema) > umbral
  step guion { call escribe(tema) }
  step serie for uno in ["á", "ñandúes"] when length(uno) > 3 { return uno }
  step final when largo and publica and guion != "" { return 1 }
  step grupo when not publica {
    step dentro { return 1 }
    return dentro
  }
}"""

    def test_a_skipped_step_shows_its_condition_and_what_the_names_stood_for(
        self, journal: Journal
    ) -> None:
        assert why(ran(self.TEXT), "final") == (
            '`final` was skipped: `largo and publica and guion != ""` was false.\n'
            '  `guion` was "guion de año"\n'
            "  `largo` was false\n"
            "  `publica` was true"
        )

    def test_of_an_item_the_items_own_value_is_shown(self, journal: Journal) -> None:
        assert why(ran(self.TEXT), "serie", "0") == (
            '`serie[0]` was skipped: `length(uno) > 3` was false.\n  `uno` was "á"'
        )
        assert why(ran(self.TEXT), "serie") == (
            "`serie` is done once for each of 2 items: 1 succeeded, 1 skipped.\n"
            "→ misy why RUN serie --item 0"
        )

    def test_a_step_inside_of_a_skipped_one_was_never_begun(self, journal: Journal) -> None:
        assert why(ran(self.TEXT), "dentro") == (
            "`grupo/dentro` was never begun: `grupo`, in which it stands, was skipped.\n"
            "→ misy why RUN grupo"
        )

    def test_what_came_from_the_environment_is_not_shown(
        self, journal: Journal, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("MODO_OCULTO", "no-debe-verse")
        text = 'pipeline p() { step s when env.MODO_OCULTO == "sí" { return 1 } }'
        assert why(ran(text), "s") == (
            '`s` was skipped: `env.MODO_OCULTO == "sí"` was false.\n  `env` is not recorded'
        )

    def test_each_else_is_told(self, journal: Journal) -> None:
        text = """pipeline p(n: int = 5) {
  step s when n > 10 { return 1 } else when n > 7 { return 2 }
}"""
        assert why(ran(text), "s") == (
            "`s` was skipped: `n > 10` and `n > 7` were false.\n  `n` was 5"
        )


class TestBlame:
    def test_a_blocked_step_shows_the_way_to_the_one_to_blame(self, journal: Journal) -> None:
        text = """pipeline p() {
  step uno { call escribe(tema: "ñandú") }
  step dos { call publica(texto: uno) }
  step tres { call publica(texto: dos) }
  return tres
}"""
        assert why(ran(text), "tres") == (
            "`tres` was never run: `tres` needs `dos` needs `uno`, which failed.\n"
            "  `uno` failed: http: status 503.\n"
            "→ misy why RUN uno"
        )

    def test_inside_of_an_item_the_items_own_failure_is_told(self, journal: Journal) -> None:
        text = """pipeline p() {
  step cada for tema in ["año", "ñandú"] {
    step guion { call escribe(tema) }
    step final { call publica(texto: guion) }
    return final
  }
}"""
        run = ran(text)
        assert why(run, "final[1]") == (
            "`cada/final[1]` was never run: `cada/final` needs `cada/guion`, which failed.\n"
            "  `cada/guion[1]` failed: http: status 503.\n"
            "→ misy why RUN cada/guion --item 1"
        )
        assert why(run, "cada/final") == (
            "`cada/final` is done once for each of 2 items: 1 succeeded, 1 blocked.\n"
            "→ misy why RUN cada/final --item 1"
        )


class TestItems:
    TEXT = """pipeline p() {
  step temas { call busca(tema: "x") }
  step guiones for tema in temas { call escribe(tema), ALLOW }
}"""

    def test_how_they_ended_the_first_failures_and_how_many_may(self, journal: Journal) -> None:
        run = ran(self.TEXT.replace("ALLOW", "allow-failures: 1"))
        assert why(run, "guiones") == (
            "`guiones` is done once for each of 3 items: 2 succeeded, 1 failed; 1 may fail.\n"
            "  [1] failed: http: status 503\n"
            "→ misy why RUN guiones --item 1"
        )

    def test_one_too_many_is_said_first(self, journal: Journal) -> None:
        run = ran(self.TEXT.replace("ALLOW", "concurrency: 3"))
        assert why(run, "guiones").splitlines()[:2] == [
            "`guiones` failed: items: 1 of 3 items failed and 0 may; the first: status 503.",
            "`guiones` is done once for each of 3 items: 2 succeeded, 1 failed.",
        ]

    def test_of_many_failures_the_first_are_told(self, journal: Journal) -> None:
        text = """pipeline p() {
  step cada for n in range(9) { call escribe(tema: "ñandú"), allow-failures: 9 }
}"""
        told = why(ran(text), "cada").splitlines()
        assert told[1:-1] == [
            *(f"  [{n}] failed: http: status 503" for n in range(5)),
            "  … 4 more items failed",
        ]

    def test_an_empty_list_had_nothing_to_do(self, journal: Journal) -> None:
        text = "pipeline p(xs: list[string] = []) { step s for x in xs { return x } }"
        assert why(ran(text), "s") == (
            "`s` is done once for each of 0 items: none has begun.\n"
            "Its list was empty, so there was nothing to do."
        )

    def test_reused_items_are_counted(self, journal: Journal) -> None:
        text = self.TEXT.replace("ALLOW", "allow-failures: 1, cache: 1h")
        ran(text)
        assert "2 items were not called: equal calls were known." in why(ran(text), "guiones")

    def test_a_for_inside_of_a_for_is_told_for_each_item(self, journal: Journal) -> None:
        text = """pipeline p() {
  step fuera for a in ["x", "y"] {
    step dentro for b in [1, 2, 3] when b > 1 or a == "y" { return b }
    return length(dentro)
  }
}"""
        run = ran(text)
        assert why(run, "dentro") == (
            "`fuera/dentro` is done once for each of 6 items: 5 succeeded, 1 skipped.\n"
            "→ misy why RUN fuera/dentro --item 0/0"
        )
        assert why(run, "dentro", "1").splitlines()[0] == (
            "`fuera/dentro[1]` is done once for each of 3 items: 3 succeeded."
        )
        assert why(run, "dentro", "0/0").splitlines()[1:] == [
            '  `a` was "x"',
            "  `b` was 1",
        ]

    def test_items_have_the_keys_the_text_gave_them(self, journal: Journal) -> None:
        text = """pipeline p() {
  step cada for t in ["árbol", "ñu"] { call escribe(tema: t), key: t }
}"""
        run = ran(text)
        assert why(run, "cada[árbol]").startswith("`cada[árbol]` succeeded: it called escribe")
        with pytest.raises(MisyError, match=r"`cada` has no item `arbol` .* mean `árbol`\?"):
            run.why("cada", "arbol")


class TestRounds:
    TEXT = """pipeline p() {
  step mejor repeat up to 3 {
    step borrador { call escribe(tema: previous ?? "") }
    until length(borrador) > LENGTH
    return borrador
    EXHAUSTED
  }
}"""

    @pytest.mark.parametrize(
        ("length", "exhausted", "first"),
        [
            ("12", "", "`mejor` took 2 rounds: then `until length(borrador) > 12` was true."),
            (
                "99",
                'exhausted: "keep"',
                (
                    "`mejor` took 3 rounds, which is all it may; `until length(borrador) > 99` was not "
                    'true, `exhausted: "keep"` took the last result.'
                ),
            ),
            (
                "20",
                'exhausted: "keep"',
                "`mejor` took 3 rounds: then `until length(borrador) > 20` was true.",
            ),
        ],
    )
    def test_how_many_and_why_it_stopped(
        self, journal: Journal, length: str, exhausted: str, first: str
    ) -> None:
        text = self.TEXT.replace("LENGTH", length).replace("EXHAUSTED", exhausted)
        run = ran(text)
        assert run.status == "succeeded"
        assert why(run, "mejor") == first

    def test_running_out_is_a_failure(self, journal: Journal) -> None:
        run = ran(self.TEXT.replace("LENGTH", "99").replace("EXHAUSTED", ""))
        assert why(run, "mejor").splitlines()[0] == (
            "`mejor` failed: exhausted: `until` did not come true in 3 rounds."
        )

    def test_a_step_inside_tells_of_its_last_round(self, journal: Journal) -> None:
        run = ran(self.TEXT.replace("LENGTH", "12").replace("EXHAUSTED", ""))
        assert "This is what happened in round 2, the last one." in why(run, "borrador")


ASKING = """pipeline p() {
  step revisa { call human.approve(message: "¿Sale mañana?", to: "Ana", options: ["sí", "no"]) }
  step sale { call publica(texto: revisa.comment ?? "") }
  step otra { step más { return revisa.approved }
    return más }
}"""


def asked(text: str = ASKING) -> Run:
    """A run that waits for a person."""
    run = load(HEAD + text).start(agents=agents())
    until(lambda: bool(run.questions))
    return run


def until(is_true: Callable[[], bool]) -> None:
    """Return when it is true, or fail."""
    done = threading.Event()
    for _ in range(int(PATIENCE_S * 100)):
        if is_true():
            return
        done.wait(0.01)
    raise AssertionError("that never came")


class TestWaiting:
    def test_a_question_is_shown_with_the_command_that_answers_it(self, journal: Journal) -> None:
        run = asked()
        assert why(run, "revisa") == (
            "`revisa` waits for Ana, who was asked T ago:\n"
            "  ¿Sale mañana? [sí / no]\n"
            "It waits as long as it takes, over restarts too.\n"
            "→ misy approve RUN revisa\n"
            "→ misy approve RUN revisa --deny"
        )
        assert why(run, "sale") == (
            "`sale` has not begun: it waits for `revisa` (waiting for a person)."
        )
        assert why(run, "más") == (
            "`otra/más` has not begun, as `otra`, in which it stands, has not.\n→ misy why RUN otra"
        )
        assert why(run, "otra").startswith("`otra` has not begun: it waits for `revisa`")
        run.approve(by="Ana", comment="ñ")
        run.wait(PATIENCE_S)
        assert why(run, "revisa") == "`revisa` was approved by Ana after T, saying “ñ”."

    def test_a_question_with_a_limit_says_how_long_is_left(self, journal: Journal) -> None:
        run = asked(ASKING.replace('"no"])', '"no"]), timeout: 2h'))
        assert "Without an answer it fails in T (`timeout:`)." in why(run, "revisa")
        run.approve(approved=False, by="Ana")
        run.wait(PATIENCE_S)
        assert why(run, "revisa") == "`revisa` was denied by Ana after T."

    def test_a_question_of_a_paused_run_says_how_to_go_on(self, journal: Journal) -> None:
        run = asked()
        run.pause("Ctrl-C")
        run.wait(PATIENCE_S)
        assert why(run, "revisa").splitlines()[3:] == [
            "The run is paused: Ctrl-C.",
            "→ misy approve RUN revisa",
            "→ misy approve RUN revisa --deny",
            "→ misy resume RUN",
        ]

    def test_a_spent_budget_asks_for_a_larger_one(self, journal: Journal) -> None:
        text = """pipeline p() {
  budget: { calls: 1 }
  step uno { call escribe(tema: "a") }
  step dos { call publica(texto: uno) }
}"""
        run = ran(text)
        assert run.status == "paused"
        assert why(run, "dos").splitlines()[1:] == [
            "The run is paused: the budget of `p` is spent: 1 of 1 calls were made.",
            "→ misy resume RUN --budget calls=…",
        ]

    def test_an_answer_that_was_given_before_is_taken_over(self, journal: Journal) -> None:
        run = asked()
        run.approve(by="Ana")
        run.wait(PATIENCE_S)
        again = run.rerun("sale", agents=agents())
        again.wait(PATIENCE_S)
        assert why(again, "revisa", base=run.id) == (
            "`revisa` asked nobody: the same question was answered in run BASE."
        )


# ------------------------------------------------------------------ told events

START = 1_700_000_000.0
RUNNING = """pipeline p() {
  step guion {
    call escribe(tema: "a")
    retry: { attempts: 3 }
    timeout: 20s
  }
  step mejor repeat up to 5 {
    step dentro { call escribe(tema: "b") }
    until dentro == "x"
    return dentro
  }
  step cada for n in [1, 2] { call publica(texto: "${n}") }
  on failure { step avisa { call publica(texto: "mal") } }
}"""


class StoppedClock:
    def wall(self) -> float:
        return START + 100.0

    def monotonic(self) -> float:
        return 100.0


def told(*events: Event, step: str, item: str | None = None, text: str = RUNNING) -> list[str]:
    """What is said of a run of which this much is recorded."""
    source = ran("pipeline p() { return 1 }")
    accepted = accepted_of(source.journal, source.id)
    (module,) = accepted.modules
    journal = MemoryJournal()
    module = msgspec.structs.replace(module, text=HEAD + text)
    journal.accept("r1", msgspec.structs.replace(accepted, modules=(module,), at=START))
    journal.append("r1", [RunOwned(at=START, owner="otro"), *events])
    run = find_run("r1", journal)
    return explain(
        run.history(), journal, run.program, step=step, item=item, clock=StoppedClock()
    ).text.splitlines()


GUION = AttemptStarted(at=START + 90, step="guion", agent="escribe", key="k", timeout_s=20.0)
REFUSED = Failure("connect", "refused")
SLOW = Failure("timeout", "too slow")
ABANDONED = ["Nobody works on the run: its process ended before the run did.", "→ misy resume r1"]


def test_an_open_call_says_for_how_long_and_how_long_it_may(journal: Journal) -> None:
    assert told(GUION, step="guion") == [
        "`guion` is running: it called escribe 10.0 s ago, attempt 1 of 3.",
        "The attempt may take 20s (`timeout:`).",
        *ABANDONED,
    ]


def test_between_two_attempts_it_says_when_the_next_one_is_due(journal: Journal) -> None:
    failed = AttemptFailed(
        at=START + 95, step="guion", failure=REFUSED, duration_s=5.0, retry_at=START + 104
    )
    assert told(GUION, failed, step="guion")[:3] == [
        "`guion` waits for attempt 2 of 3:",
        "  attempt 1 failed after 5.0 s: connect: refused; the next one 9.0 s later",
        "The next attempt is due in 4.0 s.",
    ]


def test_what_was_begun_by_an_owner_that_stopped_says_so(journal: Journal) -> None:
    paused = RunPaused(at=START + 99, reason="Ctrl-C")
    assert told(GUION, paused, step="guion") == [
        "`guion` was begun and has not ended; whoever worked on the run stopped before that.",
        "The run is paused: Ctrl-C.",
        "→ misy resume r1",
    ]


def test_rounds_at_work_are_counted(journal: Journal) -> None:
    events: list[Event] = [
        GroupStarted(at=START, step="mejor", round=1),
        RoundFinished(at=START + 1, step="mejor", round=1),
        GroupStarted(at=START + 1, step="mejor", round=2),
    ]
    found = told(*events, step="mejor")
    assert found[0] == "`mejor` is running, since 2 min."
    assert "1 round is over of at most 5." in found


def test_nothing_in_the_way_is_said_too(journal: Journal) -> None:
    assert told(step="guion")[0] == (
        "`guion` has not begun, though nothing it waits for is open: it is about to, or it queues "
        "at the limits of its agent (`concurrency`, `rate`)."
    )


def test_items_that_have_not_begun_are_counted(journal: Journal) -> None:
    found = told(
        FanOut(at=START, step="cada", item="", count=2),
        StepFinished(at=START + 1, step="cada", item="0", agent="publica", attempts=1),
        step="cada",
    )
    assert found[0] == "`cada` is done once for each of 2 items: 1 succeeded, 1 not begun."


def test_a_step_of_a_cancelled_run_says_who_stopped_it(journal: Journal) -> None:
    events: list[Event] = [
        GUION,
        CancelRequested(at=START + 95, by="Begoña"),
        RunFinished(at=START + 96, status="cancelled"),
    ]
    assert told(*events, step="guion") == [
        "`guion` was stopped when the run was cancelled by Begoña."
    ]
    assert told(*events, step="mejor") == [
        "`mejor` was never begun: the run was cancelled before that."
    ]
    assert told(*events, step=":on-failure/avisa") == [
        "`:on-failure/avisa` was never begun: the `on failure` of the pipeline was not needed."
    ]


def test_a_step_stopped_by_the_failure_of_another_one_says_which(journal: Journal) -> None:
    stopped = Failure("cancelled", "stopped, because another step failed")
    events: list[Event] = [
        GUION,
        PipelineFailing(at=START + 95, failure=Failure("deadline", "the deadline passed")),
        StepFailed(at=START + 95, step="guion", failure=stopped),
    ]
    assert told(*events, step="guion") == [
        "`guion` was stopped, because its pipeline was failing: deadline: the deadline passed."
    ]


def test_attempts_lost_with_their_process_are_told(journal: Journal) -> None:
    events: list[Event] = [
        GUION,
        RunOwned(at=START + 91, owner="otro", is_resume=True),
        AttemptStarted(
            at=START + 92, step="guion", agent="escribe", key="k", timeout_s=20.0, attempt=2,
            waited_s=0.5,
        ),
        StepFinished(
            at=START + 93, step="guion", agent="escribe", attempts=2, duration_s=1.0
        ),
    ]  # fmt: skip
    assert told(*events, step="guion")[:3] == [
        "`guion` succeeded: escribe answered at attempt 2, in 3.0 s in all.",
        "  attempt 1 was lost: the process that made it ended before its reply",
        "  attempt 2, after 500 ms in the queue succeeded after 1.0 s",
    ]


def test_a_run_whose_text_cannot_be_read_tells_what_was_recorded(journal: Journal) -> None:
    failed: list[Event] = [
        AttemptFailed(at=START + 95, step="guion", failure=REFUSED, duration_s=5.0),
        StepFailed(at=START + 95, step="guion", failure=REFUSED, attempts=1),
    ]
    assert told(GUION, *failed, step="guion", text="pipeline p(") == [
        "`guion` failed after 5.0 s: connect: refused.",
    ]


class TestPlaces:
    CALLED = """pipeline p(tema: string = "año") {
  step previo { return tema + "!" }
  step todo { call dentro(texto: previo) }
  return todo
}
pipeline dentro(texto: string, otro: int = 3) {
  defaults: { retry: { attempts: 2, delay: 1ms } }
  step largo when length(texto) > otro * 9 { return 1 }
  step guion { call escribe(tema: "ñandú"), fallback { return "nada" } }
  return guion
}"""

    def test_a_pipeline_that_is_called_is_a_step_made_of_steps(self, journal: Journal) -> None:
        run = load(HEAD + self.CALLED, "p").run(agents=agents())
        assert why(run, "todo") == (
            "`todo` succeeded in T. It is made of `todo/largo` and `todo/guion`."
        )
        assert why(run, "largo") == (
            "`todo/largo` was skipped: `length(texto) > otro * 9` was false.\n"
            "  `otro` was 3\n"
            '  `texto` was "año!"'
        )

    def test_its_own_defaults_count_in_it(self, journal: Journal) -> None:
        text = self.CALLED.replace(', fallback { return "nada" }', "")
        run = load(HEAD + text, "p").run(agents=agents())
        assert "`retry:` allows 2 attempts, and all were made" in why(run, "guion")

    def test_a_step_in_the_branch_that_was_not_taken_was_never_begun(
        self, journal: Journal
    ) -> None:
        text = """pipeline p(n: int = 1) {
  step s when n > 5 {
    step a { return 1 }
    return a
  } else {
    step b { return 2 }
    return b
  }
}"""
        run = ran(text)
        assert why(run, "a") == (
            "`s/a` was never begun: `s`, in which it stands, went another way."
        )
        assert why(run, "b").startswith("`s/b` succeeded.")

    def test_inside_of_a_fallback_conditions_are_told_too(self, journal: Journal) -> None:
        text = """pipeline p() {
  step guion {
    call escribe(tema: "ñandú")
    fallback {
      step si when error.status == 404 { return 1 }
      return "nada"
    }
  }
}"""
        assert why(ran(text), "guion/:fallback/si").splitlines() == [
            "`guion/:fallback/si` was skipped: `error.status == 404` was false.",
            '  `error` was {"message":"status 503","kind":"http","status":503,"attempt…',
        ]

    def test_what_only_a_secret_knew_is_not_recorded(
        self, journal: Journal, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("CLAVE", "no-debe-verse")
        text = HEAD.replace(
            "antes: string?) -> string",
            "antes: string?) -> string { auth: { bearer: secret.CLAVE } }",
        )
        run = load(text + ONE).run(agents=agents())
        assert "no-debe-verse" not in run.why("guion").text
        monkeypatch.delenv("CLAVE")
        assert run.why("guion").status == "succeeded"

    def test_each_round_of_a_repeated_call_is_told(self, journal: Journal) -> None:
        text = """pipeline p() {
  step guion repeat up to 3 {
    call escribe(tema: previous ?? "a")
    until length(previous ?? "") > 12
  }
}"""
        assert why(ran(text), "guion").splitlines() == [
            '`guion` took 3 rounds: then `until length(previous ?? "") > 12` was true.',
            *(f"  round {number}: escribe answered in T" for number in (1, 2, 3)),
        ]

    def test_a_repeat_inside_of_an_item_is_read_with_the_items_values(
        self, journal: Journal
    ) -> None:
        text = """pipeline p() {
  step cada for n in [1, 2] repeat up to n {
    step uno { return n }
    until uno > 1
    return uno
    exhausted: "keep"
  }
}"""
        run = ran(text)
        assert why(run, "cada", "0") == (
            "`cada[0]` took 1 round, which is all it may; `until uno > 1` was not true, "
            '`exhausted: "keep"` took the last result.'
        )
        assert why(run, "cada", "1") == "`cada[1]` took 1 round: then `until uno > 1` was true."

    def test_a_step_that_the_base_did_not_have_does_not_occur_there(
        self, journal: Journal, folder: Path
    ) -> None:
        base = ran(ONE)
        (folder / "otra.misy").write_text(
            HEAD
            + ONE.replace("step número", 'step nuevo { call escribe(tema: "x") }\n  step número'),
            encoding="utf-8",
        )
        again = base.rerun(file="otra.misy", agents=agents())
        again.wait(PATIENCE_S)
        assert why(again, "nuevo", base=base.id).splitlines()[-1] == (
            "It was called because run BASE has no result of it: it does not occur there."
        )


def test_a_fallback_under_way_is_told(journal: Journal) -> None:
    events: list[Event] = [
        GUION,
        AttemptFailed(at=START + 91, step="guion", failure=REFUSED, duration_s=1.0),
        FallbackBegun(at=START + 91, step="guion", failure=REFUSED, number=1),
        FallbackBegun(at=START + 92, step="guion", failure=SLOW, number=2),
    ]
    assert told(*events, step="guion")[:4] == [
        "`guion` is running, since 10.0 s.",
        "It had turned to its fallback, because of connect: refused:",
        "  fallback 1 failed: timeout: too slow",
        "  fallback 2 has not ended",
    ]


def test_attempts_that_are_used_up_over_restarts_say_so(journal: Journal) -> None:
    events: list[Event] = [
        GUION,
        AttemptFailed(at=START + 91, step="guion", failure=REFUSED, duration_s=1.0),
        StepFailed(at=START + 91, step="guion", failure=REFUSED, attempts=1),
    ]
    assert (
        "It was not tried again: its attempts are used up, over the restarts of the run."
        in told(*events, step="guion")
    )


def test_parts_of_a_run_at_work_have_not_been_needed_so_far(journal: Journal) -> None:
    assert told(GUION, step=":on-failure/avisa") == [
        (
            "`:on-failure/avisa` has not begun: the `on failure` of the pipeline has not been needed "
            "so far."
        )
    ]


def test_a_step_that_was_stopped_for_no_recorded_reason_says_what_it_has(
    journal: Journal,
) -> None:
    events: list[Event] = [GUION, RunFinished(at=START + 96, status="failed")]
    assert told(*events, step="guion") == ["`guion` was stopped: the run ended."]


def test_a_cache_whose_run_was_forgotten_is_told_without_its_age(journal: Journal) -> None:
    reused = StepFinished(
        at=START + 1, step="guion", agent="escribe", reused="cache r0",
        inputs=msgspec.Raw(b'{"tema":"a"}'),
    )  # fmt: skip
    assert told(reused, step="guion") == [
        "`guion` was not called: the cache had an equal call of escribe, made in run r0.",
        "Equal were escribe with its type and code, and its inputs `tema`.",
    ]


@pytest.mark.parametrize(
    ("events", "first"),
    [
        (
            [StepSkipped(at=START, step="guion")],
            "`guion` was skipped: its condition was false.",
        ),
        (
            [
                StepFailed(at=START, step="otro", failure=REFUSED),
                StepBlocked(at=START, step="guion", by="otro"),
            ],
            "`guion` was never run: `guion` needs `otro`, which failed.",
        ),
        (
            [StepBlocked(at=START, step="guion", by="otro")],
            "`guion` was never run: `guion` needs `otro`, which failed.",
        ),
        ([GUION], "`guion` is running: it called escribe 10.0 s ago."),
        (
            [StepFinished(at=START, step="guion", rounds=2)],
            "2 rounds are over.",
        ),
        (
            [StepFinished(at=START, step="guion", agent="escribe", attempts=1)],
            "`guion` succeeded: it called escribe once, in 0 ms.",
        ),
        (
            [StepFinished(at=START, step="guion")],
            "`guion` succeeded. It only computes: no agent was called.",
        ),
    ],
)
def test_without_its_text_a_step_is_told_from_what_was_recorded(
    journal: Journal, events: list[Event], first: str
) -> None:
    assert told(*events, step="guion", text="pipeline p(")[0] == first


def test_an_items_place_in_its_list_is_a_name_too(journal: Journal) -> None:
    text = """pipeline p() {
  step cada for t, i in ["á", "ñ"] when i > 0 and length(t) == 1 { return t }
}"""
    assert why(ran(text), "cada", "0").splitlines()[1:] == ["  `i` was 0", '  `t` was "á"']


def test_what_differs_from_a_forgotten_run_is_not_known(journal: Journal) -> None:
    base = ran(ONE)
    again = base.rerun(inputs={"tema": "otro"}, agents=agents())
    again.wait(PATIENCE_S)
    alone = MemoryJournal()
    copied(again, alone)
    assert said(find_run(again.id, alone).why("guion").text, base=base.id).splitlines()[1:] == [
        "This run builds on run BASE (`misy rerun -p tema=…`).",
        "What differs from run BASE is not known: it is not in the journal any more (`misy gc`).",
    ]


class TestNames:
    def test_an_unknown_step_gets_the_nearest_name(self, journal: Journal) -> None:
        run = ran(ONE)
        with pytest.raises(MisyError, match=r"`p` has no step `guoin`. Did you mean `guion`\?"):
            run.why("guoin")
        with pytest.raises(MisyError, match=r"`p` has no step `zzz`\. It has: guion, número"):
            run.why("zzz")

    def test_the_end_of_a_path_is_enough_where_it_is_one(self, journal: Journal) -> None:
        text = """pipeline p() {
  step a { step x { return 1 }
    return x }
  step b { step x { return 1 }
    step y { return 2 }
    return x }
}"""
        run = ran(text)
        assert run.why("y").step == "b/y"
        with pytest.raises(MisyError, match="`x` may be `a/x` or `b/x`: say which"):
            run.why("x")

    def test_a_step_without_items_has_no_item(self, journal: Journal) -> None:
        with pytest.raises(MisyError, match=r"`guion` has no items in run .*: ask without --item"):
            ran(ONE).why("guion", "3")

    def test_an_explanation_is_data_too(self, journal: Journal) -> None:
        run = ran(ONE, tema="ñandú")
        data = run.why("guion").as_data()
        assert data["runId"] == run.id
        assert data["commands"] == [["misy", "retry", run.id, "--failed"]]
        assert repr(run.why("guion")) == run.why("guion").text


def test_asking_why_records_nothing(journal: Journal) -> None:
    run = ran(ONE)
    before = run.facts()
    run.why("guion")
    assert run.facts() == before
