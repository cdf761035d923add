"""The server killed with -9 under load: what it accepted ends, and nothing has its effect twice.

Agents in a process of their own write down what they do, once per key. Each life of the server takes new workflows
and the old ones again, under the same keys, until it is killed at a call that chance draws: before the work is done,
after it, or when the answer is on its way.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from tests.crashes.life import CALLING, ask
from tests.crashes.plays import KILLED, agents
from tests.server.served import API, Served, asked, started, workflow

KILLS: Final = 10
KEYS: Final = tuple(f"pedido-{number}" for number in range(30))
STEPS: Final = 8
WORK_MS: Final = 60
PATIENCE_S: Final = 120.0


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_server_killed_under_load_ends_every_accepted_run_and_none_twice(tmp_path: Path) -> None:
    chance = random.Random(20261123)
    known: dict[str, str] = {}
    with agents() as ledger:
        play = f"{ledger}/server"
        environment = {"AGENT_ECHO_URL": f"{play}/slow/{WORK_MS}"}
        for life in range(KILLS):
            server = started(tmp_path, environment=environment)
            _live(server, play, KEYS[: 3 * (life + 1)], known, chance)
        server = started(tmp_path, environment=environment)
        with server.client() as client:
            for key in KEYS:
                _submit(client, key, known)
            ends = {key: _end_of(client, run) for key, run in known.items()}
            rows = client.get("/api/v1/runs", params={"limit": 1000}).json()["runs"]
            figures = client.get(f"{API}/metrics").json()
        assert server.stop() == 0
        told: Any = ask(play, "told")
    assert {end["outcome"] for end in ends.values()} == {"success"}
    assert sorted(row["id"] for row in rows) == sorted(known.values())  # none was made twice
    assert len({one["key"] for one in told["effects"]}) == len(told["effects"])
    assert len(told["calls"]) > len(told["effects"])  # kills met calls, which were made again
    work = Counter(one["body"]["sessionId"] for one in told["effects"])
    assert work == Counter(dict.fromkeys(KEYS, STEPS))
    assert figures["workflowsExecuted"] == figures["successfulWorkflows"] == len(KEYS)
    assert figures["agentMetrics"]["echo"]["executions"] == len(KEYS) * STEPS


def _live(
    server: Served, play: str, keys: Sequence[str], known: dict[str, str], chance: random.Random
) -> None:
    """Send the server what it shall do, new and old, until it is killed at some call of an agent."""
    moment = chance.choice(CALLING)
    call = chance.randint(1, 2 * STEPS)  # three new workflows have more calls to make
    ask(play, "arm", {"pid": server.process.pid, "call": call, "moment": moment})
    order = list(keys)
    chance.shuffle(order)
    with server.client() as client:
        try:
            for key in order:
                _submit(client, key, known)
        except httpx.TransportError:
            pass  # it was killed meanwhile
    assert server.ended() == KILLED


def _submit(client: httpx.Client, key: str, known: dict[str, str]) -> None:
    """Submit the workflow of a key; the run has to be the one that was accepted before."""
    answer = client.post(
        f"{API}/workflow",
        json=asked(_chain(), sessionId=key),
        headers={"Prefer": "respond-async", "Idempotency-Key": key},
    )
    assert answer.status_code == 202, answer.text
    run = answer.json()["runId"]
    assert known.setdefault(key, run) == run


def _chain() -> dict[str, Any]:
    steps = [
        {
            "agent": "echo",
            "input": {"n": number},
            "dependencies": [f"s{number - 1}"] if number else [],
        }
        for number in range(STEPS)
    ]
    return workflow(*steps)


def _end_of(client: httpx.Client, run: str) -> Any:
    """The run when it has ended."""
    until = time.monotonic() + PATIENCE_S
    while True:
        found = client.get(f"/api/v1/runs/{run}").json()
        if found["outcome"] is not None:
            return found
        assert time.monotonic() < until, f"{run} does not end: {found['status']}"
        time.sleep(0.05)
