"""What every keeper of facts promises: one suite, run over each of them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from misydsl.failures import JournalUnusable, RunBusy, RunUnknown
from misydsl.history.events import Event, RunPaused
from misydsl.history.fold import fold
from misydsl.store.journal import Journal
from misydsl.store.memory import MemoryJournal
from misydsl.store.sqlite import SqliteJournal
from tests.history.facts import accepted, ended, finished, owned


@pytest.fixture(params=["memory", "sqlite"])
def journal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Journal]:
    keeper: Journal = (
        MemoryJournal() if request.param == "memory" else SqliteJournal(tmp_path / "journal.db")
    )
    keeper.accept("r1", accepted())
    yield keeper
    keeper.close()


def events_of(journal: Journal, run: str = "r1", *, after: int = 0) -> list[Event]:
    return [recorded.event for recorded in journal.read(run, after=after)]


def test_facts_come_back_as_they_were_in_the_order_they_were_appended(journal: Journal) -> None:
    facts: list[Event] = [owned(), *(finished(3.0, item=str(i)) for i in range(200)), ended(9.0)]
    for start in range(0, len(facts), 7):
        journal.append("r1", facts[start : start + 7])
    journal.flush()
    assert events_of(journal) == [accepted(), *facts]


def test_a_value_comes_back_byte_for_byte(journal: Journal) -> None:
    value = b'{ "n" : 1.50,\n\t"t":"\\u00f1 \xc3\xb1 \\\\ \\"" , "e": 1E400 }'
    journal.append("r1", [finished(3.0, value=value)])
    journal.flush()
    state = fold(journal.read("r1")).steps["s", ""]
    assert state.value is not None
    assert bytes(state.value) == value


def test_a_large_value_comes_back_whole(journal: Journal) -> None:
    value = b'"' + "ñ".encode() * 200_000 + b'"'
    journal.append("r1", [finished(3.0, value=value), finished(4.0, step="t", value=value)])
    journal.flush()
    assert events_of(journal)[1:] == [
        finished(3.0, value=value),
        finished(4.0, step="t", value=value),
    ]


def test_seq_grows_over_all_runs(journal: Journal) -> None:
    journal.accept("r2", accepted())
    for _ in range(5):
        journal.append("r1", [owned()])
        journal.append("r2", [owned()])
    journal.flush()
    seqs = {run: [recorded.seq for recorded in journal.read(run)] for run in ("r1", "r2")}
    assert all(before < later for run in seqs.values() for before, later in pairwise(run))
    assert not set(seqs["r1"]) & set(seqs["r2"])


def test_a_cursor_goes_on_where_it_stopped(journal: Journal) -> None:
    journal.append("r1", [finished(3.0, item=str(i)) for i in range(10)])
    journal.flush()
    everything = list(journal.read("r1"))
    assert everything[0].run == "r1"
    for place, recorded in enumerate(everything):
        assert list(journal.read("r1", after=recorded.seq)) == everything[place + 1 :]


def test_many_events_are_read_without_a_gap(journal: Journal) -> None:
    journal.append("r1", [finished(3.0, item=str(i)) for i in range(6_000)])
    journal.flush()
    items = [getattr(event, "item", "") for event in events_of(journal)[1:]]
    assert items == [str(i) for i in range(6_000)]


def test_done_is_called_once_for_each_append(journal: Journal) -> None:
    answers: list[BaseException | None] = []
    for i in range(50):
        journal.append("r1", [finished(3.0, item=str(i))], answers.append)
    journal.append("r1", [], answers.append)
    journal.flush()
    assert answers == [None] * 51


def test_threads_append_to_one_journal_and_each_run_keeps_its_order(journal: Journal) -> None:
    def work(run: str) -> None:
        for i in range(300):
            journal.append(run, [finished(3.0, item=str(i))])

    runs = [f"t{number}" for number in range(4)]
    for run in runs:
        journal.accept(run, accepted())
    threads = [threading.Thread(target=work, args=(run,)) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    journal.flush()
    for run in runs:
        items = [getattr(event, "item", "") for event in events_of(journal, run)[1:]]
        assert items == [str(i) for i in range(300)]


def test_a_run_is_accepted_once(journal: Journal) -> None:
    with pytest.raises(RunBusy, match="r1 is in this journal already"):
        journal.accept("r1", accepted())
    assert len(journal.runs()) == 1


def test_bytes_that_are_not_utf8_are_refused_to_the_caller_alone(tmp_path: Path) -> None:
    journal = SqliteJournal(tmp_path / "journal.db")
    journal.accept("r1", accepted())
    with pytest.raises(JournalUnusable, match="not UTF-8"):
        journal.append("r1", [finished(3.0, value=b'"\xff"')])
    journal.append("r1", [owned()])
    journal.close()


def test_of_facts_appended_together_none_is_kept_when_one_cannot_be(tmp_path: Path) -> None:
    journal = SqliteJournal(tmp_path / "journal.db")
    journal.accept("r1", accepted())
    with pytest.raises(JournalUnusable, match="not UTF-8"):
        journal.append("r1", [owned(), finished(3.0, value=b'"\xff"')])
    journal.flush()
    assert events_of(journal) == [accepted()]
    journal.close()


UNKNOWN: list[Callable[[Journal], object]] = [
    lambda journal: journal.append("nobody", [owned()]),
    lambda journal: journal.read("nobody"),
    lambda journal: journal.find("nobody"),
    lambda journal: journal.find(""),
    lambda journal: journal.claim("nobody", "me"),
    lambda journal: journal.heartbeat("nobody", "me"),
    lambda journal: journal.release("nobody", "me"),
    lambda journal: journal.command("nobody", "cancel"),
    lambda journal: journal.commands("nobody"),
]


@pytest.mark.parametrize("ask", UNKNOWN)
def test_a_run_nobody_accepted_is_unknown(
    journal: Journal, ask: Callable[[Journal], object]
) -> None:
    with pytest.raises(RunUnknown, match="misy runs"):
        ask(journal)


def test_runs_are_listed_newest_first(journal: Journal) -> None:
    for run in ("r2", "r3"):
        journal.accept(run, accepted(1_795_373_169.500_253_2, pipeline=run))
    assert [summary.run for summary in journal.runs()] == ["r3", "r2", "r1"]
    assert [summary.run for summary in journal.runs(limit=2)] == ["r3", "r2"]
    assert journal.runs()[0].accepted_at == 1_795_373_169.500_253_2


def test_a_summary_follows_the_facts(journal: Journal) -> None:
    def now() -> tuple[str, float | None]:
        journal.flush()
        summary = journal.find("r1")
        return summary.status, summary.finished_at

    assert now() == ("accepted", None)
    journal.append("r1", [owned(), finished(3.0)])
    assert now() == ("running", None)
    journal.append("r1", [RunPaused(4.0, reason="Ctrl-C")])
    assert now() == ("paused", None)
    journal.append("r1", [owned(5.0, resume=True), ended(9.25)])
    assert now() == ("succeeded", 9.25)
    summary = journal.find("r1")
    assert (summary.pipeline, summary.session, summary.steps) == ("tendencias", "s1", 2)
    assert summary.title == "Tendencias de la semana — ñandú"


def test_a_run_is_found_by_the_beginning_of_its_id(journal: Journal) -> None:
    for run in ("abc1", "abc2", "abc"):
        journal.accept(run, accepted())
    assert journal.find("abc1").run == "abc1"
    assert journal.find("abc").run == "abc"
    assert journal.find("r").run == "r1"
    with pytest.raises(RunUnknown, match=r"abc, abc1, abc2; write more"):
        journal.find("ab")
    with pytest.raises(RunUnknown):
        journal.find("%")


def test_a_run_has_one_owner_until_it_is_released(journal: Journal) -> None:
    journal.claim("r1", "first")
    assert journal.find("r1").owner == "first"
    journal.claim("r1", "first")
    with pytest.raises(RunBusy, match="belongs to first"):
        journal.claim("r1", "second")
    journal.release("r1", "second")
    assert journal.find("r1").owner == "first"
    journal.release("r1", "first")
    assert journal.find("r1").owner is None
    journal.claim("r1", "second")
    assert journal.find("r1").owner == "second"


def test_a_heartbeat_of_somebody_who_owns_nothing_is_refused(journal: Journal) -> None:
    journal.claim("r1", "first")
    journal.heartbeat("r1", "first")
    journal.release("r1", "first")
    journal.claim("r1", "second")
    with pytest.raises(RunBusy, match="first no longer owns run r1"):
        _beat_until_told(journal, "first")


def _beat_until_told(journal: Journal, owner: str) -> None:
    journal.heartbeat("r1", owner)
    journal.flush()
    journal.heartbeat("r1", owner)


def test_commands_wait_for_the_owner_in_order(journal: Journal) -> None:
    journal.accept("r2", accepted())
    first = journal.command("r1", "approve", '{"by":"Íñigo"}'.encode())
    journal.command("r2", "cancel")
    second = journal.command("r1", "cancel")
    left = journal.commands("r1")
    assert [(command.seq, command.verb) for command in left] == [
        (first, "approve"),
        (second, "cancel"),
    ]
    assert (left[0].run, left[0].body) == ("r1", '{"by":"Íñigo"}'.encode())
    assert journal.commands("r1", after=first) == left[1:]
    assert journal.commands("r1", after=second) == []


def test_the_version_changes_with_every_commit_and_not_without(journal: Journal) -> None:
    before = journal.version()
    assert journal.version() == before
    journal.append("r1", [owned()])
    journal.flush()
    appended = journal.version()
    assert appended != before
    journal.command("r1", "cancel")
    assert journal.version() != appended


CLOSED: list[Callable[[Journal], object]] = [
    lambda journal: journal.accept("r9", accepted()),
    lambda journal: journal.append("r1", [owned()]),
    lambda journal: journal.flush(),
    lambda journal: journal.read("r1"),
    lambda journal: journal.runs(),
    lambda journal: journal.find("r1"),
    lambda journal: journal.commands("r1"),
    lambda journal: journal.version(),
]


@pytest.mark.parametrize("ask", CLOSED)
def test_a_closed_journal_says_so(journal: Journal, ask: Callable[[Journal], object]) -> None:
    journal.close()
    journal.close()
    with pytest.raises(JournalUnusable, match="has been closed"):
        ask(journal)


def test_the_facts_of_all_runs_are_read_page_by_page_in_one_order(journal: Journal) -> None:
    journal.accept("r2", accepted())
    for i in range(40):
        journal.append("r1", [finished(3.0, item=str(i))])
        journal.append("r2", [finished(3.0, item=str(i))])
    journal.flush()
    each = [*journal.read("r1"), *journal.read("r2")]
    everything = sorted(each, key=lambda recorded: recorded.seq)
    for limit in (1, 7, 1_000):
        found, after = [], 0
        while page := journal.read_all(after=after, limit=limit):
            assert len(page) <= limit
            found += page
            after = page[-1].seq
        assert found == everything
    assert journal.read_all(after=everything[-1].seq, limit=10) == []


def test_the_facts_of_one_run_are_read_page_by_page(journal: Journal) -> None:
    journal.accept("r2", accepted())
    journal.append("r1", [owned(), ended(9.0)])
    journal.append("r2", [owned()])
    journal.flush()
    expected = list(journal.read("r1"))
    assert journal.read_all(after=0, limit=10, run="r1") == expected
    assert journal.read_all(after=expected[0].seq, limit=1, run="r1") == expected[1:2]
    with pytest.raises(RunUnknown):
        journal.read_all(after=0, limit=1, run="nobody")


def test_what_was_collected_is_in_no_page_of_all_runs(journal: Journal) -> None:
    journal.append("r1", [owned(), ended(9.0)])
    journal.accept("r2", accepted())
    journal.flush()
    journal.collect(before=10.0)
    assert [recorded.run for recorded in journal.read_all(after=0, limit=10)] == ["r2"]


def test_large_values_are_brought_back_when_they_are_asked_for(journal: Journal) -> None:
    value = b'"' + b"x" * 300_000 + b'"'
    journal.append("r1", [finished(3.0, value=value)])
    journal.flush()
    whole = journal.read_all(after=0, limit=10, is_whole=True)
    assert whole == list(journal.read("r1"))
