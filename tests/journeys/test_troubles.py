"""What goes wrong on the way: killed processes, agents that are down or lie, inputs that do not fit."""

from __future__ import annotations

import json
import random
import signal
import socket
from collections import Counter

import pytest

from tests.journeys.conftest import Ledger, Misy
from tests.journeys.test_runs import AGENTS, ended, wait_for_lines

WORK = (
    AGENTS
    + """agent brief(text: string) -> { text: string } { url: "${base}/slow/15", concurrency: 3 }
pipeline p() {
  step first { call echo(text: "año") }
  step outer for n in range(4) {
    step inner for m in range(5) { call brief(text: "${first.text} ${n}.${m}") }
    step sum { call brief(text: "${first.text} ${n}: ${length(inner)}") }
    return sum.text
  }
  step last { call echo(text: join(outer, "; ")) }
  return last.text
}"""
)
RESULT = "; ".join(f"año {n}: 5" for n in range(4))


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_run_killed_again_and_again_repeats_nothing_that_was_finished(
    misy: Misy, ledger: Ledger, seed: int
) -> None:
    chance = random.Random(seed)
    file = misy.write("p.misy", WORK)
    process = misy.start("run", str(file), "--json", LEDGER=ledger.url)
    run = ""
    for _ in range(3):
        wait_for_lines(ledger, min(len(ledger.lines()) + chance.randint(1, 6), 24))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        run = json.loads(misy.run("runs", "--json").stdout)["runs"][0]["runId"]
        finished = _finished_texts(misy, run)
        before = len(ledger.lines())
        process = misy.start("resume", run, "--json", LEDGER=ledger.url)
        wait_for_lines(ledger, min(before + 1, 25))
        assert not finished & {str(line["body"]["text"]) for line in ledger.lines()[before:]}
    out, err = process.communicate(timeout=50)
    again = json.loads(out)
    assert (again["status"], again["result"]) == ("succeeded", RESULT), err
    (row,) = json.loads(misy.run("runs", "--json").stdout)["runs"]
    assert (row["runId"], row["status"]) == (run, "succeeded")
    keys: dict[str, str] = {}
    for line in ledger.lines():
        text = str(line["body"]["text"])
        assert keys.setdefault(text, str(line["key"])) == line["key"]
    assert len(set(keys.values())) == len(keys) == 26
    settled = Counter(
        (one["step"], one.get("item"))
        for one in json.loads(misy.run("show", run, "--json").stdout)["steps"]
    )
    assert set(settled.values()) == {1}


def _finished_texts(misy: Misy, run: str) -> set[str]:
    """What was asked by the calls whose results are on the disk."""
    shown = json.loads(misy.run("show", run, "--json").stdout)
    found = set()
    for one in shown["steps"]:
        if one["status"] != "succeeded":
            continue
        item = str(one.get("item") or "")
        match one["step"]:
            case "first":
                found.add("año")
            case "outer/inner" if "/" in item:
                found.add(f"año {item.replace('/', '.')}")
            case "outer/sum":
                found.add(f"año {item}: 5")
            case _:
                pass
    return found


def test_nested_fan_outs_over_http_have_an_address_each(misy: Misy, ledger: Ledger) -> None:
    file = misy.write("p.misy", WORK)
    run = ended(misy.run("run", str(file), "--json", LEDGER=ledger.url))
    assert run["result"] == RESULT
    assert len({line["key"] for line in ledger.lines()}) == 26
    steps = Counter(str(line["step"]) for line in ledger.lines())
    assert steps == {"first": 1, "outer/inner": 20, "outer/sum": 4, "last": 1}


def test_agents_prompts_and_lets_come_from_two_other_files(misy: Misy, ledger: Ledger) -> None:
    misy.write("agentes.misy", AGENTS)
    misy.write(
        "palabras.misy", 'misy 1\nlet signo = "¡"\nprompt grito(word: string) "${signo}${word}!"\n'
    )
    file = misy.write(
        "p.misy",
        """misy 1
import { echo as eco } from "./agentes.misy"
import { grito, signo } from "./palabras.misy"
pipeline p(palabra: string) {
  step s { call eco(text: grito(word: palabra)) }
  return "${s.text} ${signo}"
}""",
    )
    process = misy.run("run", str(file), "-p", "palabra=año", "--json", LEDGER=ledger.url)
    assert ended(process)["result"] == "¡año! ¡"


def test_an_agent_that_is_down_is_told_with_advice(misy: Misy) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    text = f"""misy 1
agent caído(text: string) -> any {{ url: "http://127.0.0.1:{port}/x" }}
pipeline p() {{ step s {{ call caído(text: "x") }} }}""".replace("caído", "caido")
    process = misy.run("run", str(misy.write("p.misy", text)))
    assert process.returncode == 1
    said = process.stdout + process.stderr
    assert "Traceback" not in said
    for word in ("step s", "caido", str(port)):
        assert word in said
    found = ended(misy.run("run", str(misy.folder / "p.misy"), "--json"))
    error = found["error"]
    assert isinstance(error, dict)
    assert error["kind"] == "connect"
    assert error["advice"]


def test_a_reply_of_the_wrong_type_names_the_path(misy: Misy, ledger: Ledger) -> None:
    text = """misy 1
let base = env.LEDGER ?? "unset"
agent liar(items: any) -> { items: list[{ n: int }] } { url: "${base}/echo" }
pipeline p() { step s { call liar(items: [{ n: 1 }, { n: "dos" }]) } }"""
    found = ended(misy.run("run", str(misy.write("p.misy", text)), "--json", LEDGER=ledger.url))
    error = found["error"]
    assert isinstance(error, dict)
    assert (error["kind"], error["agent"], error["step"]) == ("wrong-type", "liar", "s")
    for word in (".items[1].n", "int"):
        assert word in str(error["message"])


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ("tope=tres", "int"),
        ("topee=3", "Did you mean `tope`"),
        ("tope", "name=value"),
    ],
)
def test_an_input_that_does_not_fit_is_refused_before_any_call(
    misy: Misy, ledger: Ledger, given: str, word: str
) -> None:
    text = AGENTS + 'pipeline p(tope: int) { step s { call echo(text: "${tope}") } }'
    process = misy.run("run", str(misy.write("p.misy", text)), "-p", given, LEDGER=ledger.url)
    assert process.returncode == 2
    assert word in process.stderr
    assert "Traceback" not in process.stderr
    assert ledger.lines() == []
