"""End to end: a text, the command line, real HTTP, a real journal."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections import Counter
from typing import Any

from tests.journeys.conftest import Ledger, Misy

AGENTS = """misy 1
let base = env.LEDGER ?? "unset"
agent echo(text: string) -> { text: string } { url: "${base}/echo" }
agent flaky(text: string) -> { text: string } {
  url: "${base}/flaky/2"
  retry: { attempts: 3, delay: 10ms, jitter: "none" }
}
agent never(text: string) -> any { url: "${base}/no" }
agent slow(text: string) -> { text: string } { url: "${base}/slow/40", concurrency: 4 }
"""


def ended(process: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """The object that `--json` prints."""
    assert process.stdout, process.stderr
    printed: dict[str, Any] = json.loads(process.stdout)
    return printed


def test_retries_carry_the_same_key_and_every_header(misy: Misy, ledger: Ledger) -> None:
    file = misy.write(
        "p.misy",
        AGENTS + "pipeline p(t: string) { step s { call flaky(text: t) }\n return s.text }",
    )
    process = misy.run("run", str(file), "-p", "t=mañana", "--json", LEDGER=ledger.url)
    run = ended(process)
    assert process.returncode == 0
    assert (run["status"], run["result"]) == ("succeeded", "mañana")
    assert [(one["step"], one["attempts"]) for one in run["steps"]] == [("s", 3)]
    lines = ledger.lines()
    assert [line["attempt"] for line in lines] == ["1", "2", "3"]
    assert len({line["key"] for line in lines}) == 1
    assert {line["step"] for line in lines} == {"s"}
    assert len({line["traceparent"] for line in lines}) == 3
    assert len({str(line["traceparent"]).split("-")[1] for line in lines}) == 1


def test_a_failed_run_says_which_step_agent_attempt_and_status(misy: Misy, ledger: Ledger) -> None:
    file = misy.write("p.misy", AGENTS + 'pipeline p() { step s { call never(text: "x") } }')
    process = misy.run("run", str(file), LEDGER=ledger.url)
    assert process.returncode == 1
    said = process.stdout + process.stderr
    for word in ("step s", "never", "attempt 1", "400"):
        assert word in said
    assert "Traceback" not in said


def test_a_thousand_items_all_arrive_once(misy: Misy, ledger: Ledger) -> None:
    text = """pipeline p() {
  step each for n in range(1000) { call echo(text: "n${n}") }
  return length([x.text for x in each if x.text != ""])
}"""
    file = misy.write("p.misy", AGENTS + text)
    run = ended(misy.run("run", str(file), "--json", LEDGER=ledger.url))
    assert run["result"] == 1000
    keys = Counter(line["key"] for line in ledger.lines())
    assert len(keys) == 1000
    assert set(keys.values()) == {1}


SLOW = (
    AGENTS
    + """pipeline p() {
  step first { call echo(text: "first") }
  step each for n in range(60) { call slow(text: "${first.text} ${n}") }
  return length(each)
}"""
)


def wait_for_lines(ledger: Ledger, count: int) -> None:
    deadline = time.monotonic() + 20
    while len(ledger.lines()) < count:
        assert time.monotonic() < deadline, "the run did not get going"
        time.sleep(0.01)


def _finished_keys(misy: Misy, run: str) -> set[str]:
    """The keys of the calls whose results were on the disk."""
    shown = json.loads(misy.run("show", run, "--json").stdout)
    done = {
        (one["step"], str(one.get("item") or ""))
        for one in shown["steps"]
        if one["status"] == "succeeded"
    }
    return {f"{step}[{item}]" for step, item in done}


def test_a_killed_run_is_resumed_without_repeating_what_was_finished(
    misy: Misy, ledger: Ledger
) -> None:
    file = misy.write("p.misy", SLOW)
    process = misy.start("run", str(file), "--json", LEDGER=ledger.url)
    wait_for_lines(ledger, 25)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    (run,) = json.loads(misy.run("runs", "--json").stdout)["runs"]
    finished = _finished_keys(misy, run["runId"])
    assert "first[]" in finished
    before = len(ledger.lines())
    again = ended(misy.run("resume", run["runId"], "--json", LEDGER=ledger.url))
    assert (again["status"], again["result"]) == ("succeeded", 60)
    assert again["runId"] == run["runId"]
    calls = Counter(line["body"]["text"] for line in ledger.lines())
    assert len(calls) == 61
    assert calls["first"] == 1
    repeated = {text for text, count in calls.items() if count > 1}
    assert not {f"each[{text.split()[1]}]" for text in repeated} & finished
    keys = {line["body"]["text"]: line["key"] for line in ledger.lines()[:before]}
    for line in ledger.lines()[before:]:
        assert keys.get(line["body"]["text"], line["key"]) == line["key"]


def test_ctrl_c_leaves_a_run_that_resume_completes(misy: Misy, ledger: Ledger) -> None:
    file = misy.write("p.misy", SLOW)
    process = misy.start("run", str(file), LEDGER=ledger.url)
    wait_for_lines(ledger, 15)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 130, err
    assert "misy resume" in out + err
    (run,) = json.loads(misy.run("runs", "--json").stdout)["runs"]
    assert run["status"] == "paused"
    again = ended(misy.run("resume", run["runId"], "--json", LEDGER=ledger.url))
    assert (again["status"], again["result"]) == ("succeeded", 60)
    assert set(Counter(line["key"] for line in ledger.lines()).values()) == {1}


def test_rounds_fallbacks_and_undo_over_http(misy: Misy, ledger: Ledger) -> None:
    text = """pipeline p() {
  step booked {
    call echo(text: "reserva")
    undo { call echo(text: "sin ${booked.text}") }
  }
  step round after booked repeat up to 3 {
    step inner { call echo(text: "${previous?.text ?? ""}y") }
    until inner.text == "yy"
    return inner
  }
  step last after round { return 1 / (length(round.text) - 2) }
}"""
    file = misy.write("p.misy", AGENTS + text)
    run = ended(misy.run("run", str(file), "--json", LEDGER=ledger.url))
    assert run["status"] == "failed"
    texts = [line["body"]["text"] for line in ledger.lines()]
    assert texts == ["reserva", "y", "yy", "sin reserva"]


def test_a_bad_file_is_explained_and_nothing_is_run(misy: Misy) -> None:
    file = misy.write(
        "p.misy", AGENTS + "pipeline p() { step s { call ehco(text: 3) }\n return t }"
    )
    process = misy.run("run", str(file))
    assert process.returncode == 2
    assert "E0303" in process.stderr
    assert "Did you mean `echo`" in process.stderr
    assert "Traceback" not in process.stderr
