from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw
from msgspec.structs import replace

from misydsl.failures import Failure, JournalUnusable
from misydsl.history.events import (
    CancelRequested,
    Event,
    FanOut,
    GroupStarted,
    RunPaused,
    StepBlocked,
    StepFailed,
    StepSkipped,
)
from misydsl.history.fold import Fold, History, StepState, fold
from tests.history.facts import (
    TIMEOUT,
    accepted,
    attempt_failed,
    ended,
    failed,
    fan_out,
    finished,
    owned,
    recorded,
    started,
)


def history_of(*events: Event) -> History:
    return fold(recorded(events))


def state_of(*events: Event, step: str = "s", item: str = "") -> StepState:
    return history_of(*events).steps[step, item]


def test_nothing_has_happened_before_the_first_fact() -> None:
    history = fold([])
    assert (history.status, history.steps, history.last_seq) == ("accepted", {}, 0)
    assert (history.pipeline, history.title, history.session) == ("", None, "")
    assert (history.inputs, history.accepted_at, history.duration_s) == (Raw(b"{}"), None, None)


def test_the_first_fact_says_what_the_run_is() -> None:
    history = history_of(accepted(1.0))
    assert (history.id, history.pipeline, history.session) == ("r1", "tendencias", "s1")
    assert history.title == "Tendencias de la semana — ñandú"
    assert history.inputs == Raw(b'{ "topic":"caf\xc3\xa9" }')
    assert (history.accepted_at, history.started_at, history.status) == (1.0, None, "accepted")


def test_a_run_runs_from_its_first_owner_to_its_end() -> None:
    history = history_of(accepted(1.0), owned(2.0), owned(5.0, resume=True), ended(9.0))
    assert (history.status, history.started_at, history.finished_at) == ("succeeded", 2.0, 9.0)
    assert (history.owners, history.duration_s, history.last_seq) == (2, 8.0, 4)
    assert history.result == Raw('["mañana"]'.encode())


def test_a_failed_run_has_a_failure_and_no_result() -> None:
    history = history_of(accepted(), owned(), replace(ended(9.0, "failed"), failure=TIMEOUT))
    assert (history.status, history.result, history.failure) == ("failed", None, TIMEOUT)


def test_an_end_that_is_no_end_is_refused() -> None:
    with pytest.raises(JournalUnusable, match="cannot end as 'running'"):
        history_of(ended(9.0, "running"))


def test_a_finished_run_never_changes() -> None:
    before = history_of(owned(), finished(3.0), ended(9.0))
    late = history_of(owned(), finished(3.0), ended(9.0), started(9.5), ended(9.9, "failed"))
    assert (late.steps, late.attempts, late.status) == (before.steps, before.attempts, "succeeded")


def test_a_call_makes_its_step_run() -> None:
    state = state_of(started(4.0))
    assert (state.status, state.attempts, state.retries) == ("running", 1, 0)
    assert (state.agent, state.started_at, state.waited_s) == ("a", 4.0, 0.5)


def test_a_failed_call_with_another_to_come_is_retrying() -> None:
    state = state_of(started(4.0), attempt_failed(5.0, retry_at=6.5))
    assert (state.status, state.next_attempt_at, state.failure) == ("retrying", 6.5, TIMEOUT)


def test_the_next_attempt_clears_the_wait_and_counts_as_a_retry() -> None:
    state = state_of(started(4.0), attempt_failed(5.0, retry_at=6.5), started(6.5, attempt=2))
    assert (state.status, state.attempts, state.retries) == ("running", 2, 1)
    assert (state.next_attempt_at, state.failure, state.waited_s) == (None, None, 1.0)


def test_a_success_after_a_retry_lasts_from_the_first_start() -> None:
    events: list[Event] = [started(4.0), attempt_failed(5.0, retry_at=6.5), started(6.5, attempt=2)]
    history = history_of(*events, finished(8.0, attempts=2))
    state = history.steps["s", ""]
    assert (state.status, state.finished_at, state.duration_s) == ("succeeded", 8.0, 4.0)
    assert (state.attempts, state.retries, state.failure) == (2, 1, None)
    assert state.value == Raw(b'{"x": 1}')
    first, second = history.attempts
    assert (first.status, first.ended_at, first.failure) == ("failed", 5.0, TIMEOUT)
    assert (second.status, second.attempt, second.duration_s) == ("succeeded", 2, 0.25)


def test_one_call_lasts_as_long_as_the_monotonic_clock_said() -> None:
    assert state_of(started(4.0), finished(4.9)).duration_s == 0.25


def test_a_clock_that_was_set_back_gives_no_negative_duration() -> None:
    assert state_of(started(4.0), failed(3.0)).duration_s == 0.0


def test_a_step_that_failed_for_good_says_why() -> None:
    history = history_of(started(4.0), attempt_failed(5.0), failed(5.0))
    state = history.steps["s", ""]
    assert (state.status, state.failure, state.finished_at) == ("failed", TIMEOUT, 5.0)
    assert [attempt.status for attempt in history.attempts] == ["failed"]


def test_a_step_that_was_stopped_is_cancelled_and_so_is_its_call() -> None:
    stop = StepFailed(5.0, step="s", failure=Failure(kind="cancelled", message="stopped"))
    history = history_of(started(4.0), stop)
    assert history.steps["s", ""].status == "cancelled"
    assert history.attempts[0].status == "cancelled"


def test_a_skipped_step_called_nothing() -> None:
    state = state_of(StepSkipped(4.0, step="s"))
    assert (state.status, state.attempts, state.duration_s) == ("skipped", 0, 0.0)


def test_a_blocked_step_names_what_blocked_it() -> None:
    state = state_of(StepBlocked(4.0, step="s", by="t"))
    assert (state.status, state.blocked_by) == ("blocked", "t")


def test_a_pure_call_is_known_from_its_end_alone() -> None:
    history = history_of(finished(4.0, attempts=3))
    state, (attempt,) = history.steps["s", ""], history.attempts
    assert (state.attempts, state.retries, state.started_at) == (3, 2, 3.75)
    assert (attempt.agent, attempt.started_at, attempt.status) == ("a", 3.75, "succeeded")


def test_a_failed_call_is_known_from_its_end_alone() -> None:
    history = history_of(attempt_failed(5.0, retry_at=6.0))
    assert history.steps["s", ""].status == "retrying"
    assert (history.attempts[0].started_at, history.attempts[0].status) == (4.5, "failed")


def test_a_value_without_a_call_makes_no_attempt() -> None:
    history = history_of(finished(4.0, attempts=0))
    assert (history.steps["s", ""].status, history.attempts) == ("succeeded", ())


def test_a_value_kept_elsewhere_is_named() -> None:
    state = state_of(replace(finished(4.0), blob="abc"))
    assert (state.value, state.blob) == (None, "abc")


def test_a_for_counts_its_items() -> None:
    events: list[Event] = [fan_out(5), finished(4.0, item="0"), failed(4.0, item="1")]
    events += [StepSkipped(4.0, step="s", item="2"), StepBlocked(4.0, step="s", item="3", by="t")]
    history = history_of(*events)
    state = history.steps["s", ""]
    assert (state.status, state.count, state.done, state.failed) == ("running", 5, 2, 2)
    assert history.steps["s", "3"].status == "blocked"
    assert history.fan_outs == {("s", ""): 5}


def test_a_nested_for_counts_only_its_own_items() -> None:
    history = history_of(
        fan_out(2),
        fan_out(3, step="s/t", item="0"),
        finished(4.0, step="s/t", item="0/2"),
        finished(4.0, step="s/other", item="0"),
        finished(5.0, item="0"),
    )
    assert (history.steps["s/t", "0"].done, history.steps["s", ""].done) == (1, 1)


def test_keys_with_slashes_find_their_for() -> None:
    keys = ("a/b", "a/c")
    history = history_of(
        FanOut(3.0, step="s", item="", count=2, keys=keys), finished(4.0, item="a/b")
    )
    assert history.steps["s", ""].done == 1
    assert history.fan_outs["s", ""] == keys


def test_an_item_that_ends_twice_counts_once() -> None:
    events: list[Event] = [
        fan_out(2),
        failed(4.0, item="0"),
        finished(5.0, item="0"),
        finished(5.0, item="0"),
    ]
    state = state_of(*events)
    assert (state.done, state.failed) == (1, 0)


def test_a_later_round_begins_the_step_again() -> None:
    state = state_of(finished(4.0, round_=1), started(5.0, round_=2))
    assert (state.status, state.round, state.value, state.finished_at) == ("running", 2, None, None)


def test_a_later_round_of_a_for_forgets_the_items_of_the_last_one() -> None:
    key = "0"
    history = history_of(
        fan_out(2, step="r/s", item=key),
        fan_out(1, step="r/s/t", item="0/0"),
        finished(4.0, step="r/s", item="0/0"),
        finished(4.0, step="r/s", item="0/1"),
        finished(4.0, step="r/s", item="1/1"),
        finished(5.0, step="r/s", item=key),
        fan_out(1, step="r/s", item=key),
        finished(6.0, step="r/s", item="0/0"),
    )
    assert list(history.steps) == [("r/s", "0"), ("r/s", "1/1"), ("r/s", "0/0")]
    assert (history.steps["r/s", key].done, history.steps["r/s", key].count) == (1, 1)
    assert list(history.fan_outs) == [("r/s", "0")]


def test_a_later_round_of_a_for_without_items_around_it_forgets_all_of_them() -> None:
    events: list[Event] = [
        fan_out(1),
        finished(4.0, item="0"),
        finished(5.0, attempts=0),
        fan_out(2),
    ]
    state = state_of(*events)
    assert (state.done, state.count, state.status) == (0, 2, "running")


def test_a_group_runs_from_its_start() -> None:
    assert state_of(GroupStarted(4.0, step="s")).status == "running"


def test_a_paused_run_leaves_its_open_steps_waiting() -> None:
    history = history_of(accepted(), owned(), started(4.0), RunPaused(5.0, reason="Ctrl-C"))
    assert (history.status, history.steps["s", ""].status) == ("paused", "waiting")
    assert (history.attempts[0].status, history.attempts[0].ended_at) == ("cancelled", 5.0)


def test_a_resume_finds_the_dead_owners_calls_lost() -> None:
    events: list[Event] = [owned(), fan_out(2), finished(3.0, item="0"), started(4.0, item="1")]
    history = history_of(*events, owned(9.0, resume=True))
    assert history.status == "running"
    assert [attempt.status for attempt in history.attempts] == ["succeeded", "lost"]
    assert history.steps["s", "1"].status == "waiting"
    assert history.steps["s", "0"].status == "succeeded"


def test_a_for_runs_again_when_an_item_ends_after_a_resume() -> None:
    events: list[Event] = [fan_out(2), owned(9.0, resume=True), finished(10.0, item="1")]
    assert state_of(*events).status == "running"


def test_a_second_start_without_an_end_between_loses_the_first() -> None:
    history = history_of(started(4.0), started(5.0, attempt=2))
    assert [attempt.status for attempt in history.attempts] == ["lost", "running"]


def test_a_cancelled_run_leaves_nothing_open() -> None:
    history = history_of(
        owned(),
        started(4.0),
        started(4.0, step="t"),
        attempt_failed(4.5, step="t", retry_at=60.0),
        finished(4.5, step="u"),
        CancelRequested(5.0, by="ana"),
        ended(5.5, "cancelled"),
    )
    assert (history.status, history.cancelled_by) == ("cancelled", "ana")
    words = {step: state.status for (step, _), state in history.steps.items()}
    assert words == {"s": "cancelled", "t": "cancelled", "u": "succeeded"}
    assert history.steps["t", ""].next_attempt_at is None
    assert history.steps["s", ""].finished_at == 5.5


def test_an_answer_already_given_does_not_change() -> None:
    folding = Fold()
    first, second = recorded([started(4.0), finished(5.0)])
    folding.add(first)
    before = folding.history()
    folding.add(second)
    assert before.steps["s", ""].status == "running"
    assert before.attempts[0].status == "running"
    assert folding.history().steps["s", ""].status == "succeeded"


_items = st.sampled_from(["", "0", "1", "0/0", "1/x"])
_steps = st.sampled_from(["s", "s/t", "u"])
_times = st.floats(1.0, 100.0)
_any_event: st.SearchStrategy[Event] = st.one_of(
    st.builds(accepted, _times),
    st.builds(owned, _times, resume=st.booleans()),
    st.builds(fan_out, st.integers(0, 3), step=_steps, item=_items, at=_times),
    st.builds(started, _times, step=_steps, item=_items, attempt=st.integers(1, 3)),
    st.builds(attempt_failed, _times, step=_steps, item=_items, retry_at=st.none() | _times),
    st.builds(finished, _times, step=_steps, item=_items, attempts=st.integers(0, 3)),
    st.builds(failed, _times, step=_steps, item=_items),
    st.builds(StepSkipped, _times, step=_steps, item=_items),
    st.builds(GroupStarted, _times, step=_steps, item=_items, round=st.integers(0, 3)),
    st.builds(RunPaused, _times, reason=st.just("Ctrl-C")),
    st.builds(ended, _times, st.sampled_from(["succeeded", "failed", "cancelled"])),
)


@given(st.lists(_any_event, max_size=40), st.lists(st.integers(0, 40)))
def test_a_history_does_not_depend_on_how_events_are_batched(
    events: Sequence[Event], stops: list[int]
) -> None:
    folding, places = Fold(), recorded(events)
    for place in places:
        if place.seq in stops:
            folding.history()
        folding.add(place)
    assert folding.history() == fold(places)


@given(st.lists(_any_event, max_size=40))
def test_a_for_never_counts_more_ends_than_it_has_ended_items(events: Sequence[Event]) -> None:
    for (step, item), state in fold(recorded(events)).steps.items():
        assert state.done >= 0
        assert state.failed >= 0
        if (step, item) == ("u", ""):
            assert state.done + state.failed <= 4  # as many items as the strategy knows
