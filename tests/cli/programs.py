"""Small programs and agents that the tests of the commands run."""

from __future__ import annotations

from pathlib import Path

AGENTS = '''
"""Agents of the tests."""

import pathlib
import time

from misydsl.agents.declare import agent

CALLS = pathlib.Path(__file__).with_name("calls.txt")


def note(name):
    with CALLS.open("a", encoding="utf-8") as calls:
        calls.write(name + "\\n")


@agent("scan")
def scan(topic: str) -> list[str]:
    note("scan")
    return [topic + " " + str(number) for number in range(3)]


@agent("write")
def write(topic: str) -> str:
    note("write")
    return "guion de " + topic


@agent("flaky")
def flaky(topic: str) -> str:
    note("flaky")
    if CALLS.read_text(encoding="utf-8").count("flaky") < 3:
        raise RuntimeError("todavía no")
    return topic


@agent("broken")
def broken(topic: str) -> str:
    raise ValueError("no sé qué hacer con " + topic)


@agent("gate")
def gate(topic: str) -> str:
    """Waits until a file says that it may go on."""
    note("gate")
    while not CALLS.with_name("open").exists():
        time.sleep(0.01)
    return topic
'''

PROGRAM = """\
misy 1

agent scan(topic: string) -> list[string]
agent write(topic: string) -> string
agent flaky(topic: string) -> string
agent broken(topic: string) -> string
agent gate(topic: string) -> string

pipeline viral "Análisis viral" (topic: string = "ia", days: int = 7) {
  step discover "Descubrir" { call scan(topic) }
  step scripts "Escribir" for one in discover { call write(topic: one) }
  return { topic, days, scripts }
}

pipeline retried() {
  step once-more {
    call flaky(topic: "x")
    retry: { attempts: 3, delay: 10ms, on: ["agent-error"] }
  }
  return once-more
}

pipeline failing(topic: string) {
  step one { call broken(topic) }
  step two { call write(topic: one) }
  return two
}

pipeline gated() {
  step before { call scan(topic: "x") }
  step wait after before { call gate(topic: "x") }
  step last { call write(topic: wait) }
  return last
}
"""

WRONG = """\
misy 1

agent a(q: string) -> string

pipeline p() {
  step s { call a(q: 3) }
  step t { call a(q: ss) }
  return t
}
"""


def written(folder: Path) -> Path:
    """The folder with `flows.misy`, `wrong.misy` and `agents.py` in it."""
    (folder / "flows.misy").write_text(PROGRAM, encoding="utf-8")
    (folder / "wrong.misy").write_text(WRONG, encoding="utf-8")
    (folder / "agents.py").write_text(AGENTS, encoding="utf-8")
    return folder
