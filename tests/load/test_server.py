"""Two hundred workflows at once over HTTP: each ends, and every counter is exact.

The figures that it prints (`pytest -s`) are those of a busy machine; the bounds are wide on purpose.
"""

from __future__ import annotations

import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.server.served import API, asked, serving, workflow

TOGETHER = 200
STEPS = 3
MOST_BYTES = 400 * 1024 * 1024
LONGEST_S = 60.0


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_two_hundred_workflows_at_once_end_and_are_counted_exactly(
    address: str, tmp_path: Path
) -> None:
    environment = {
        "AGENT_ECO_URL": f"{address}/at-once/slow/20",
        "AGENT_MALO_URL": f"{address}/at-once/no",
    }
    with serving(tmp_path, environment=environment) as server, _client(server.url) as client:

        def post(number: int) -> tuple[float, Any]:
            last = "malo" if number % 4 == 0 else "eco"
            steps: list[dict[str, Any]] = [{"agent": "eco"} for _ in range(STEPS - 1)]
            steps.append({"agent": last, "dependencies": ["s0"]})
            began = time.perf_counter()
            answer = client.post(f"{API}/workflow", json=asked(workflow(*steps, id_=f"w{number}")))
            return time.perf_counter() - began, answer.json()

        with ThreadPoolExecutor(TOGETHER) as pool:
            answered = list(pool.map(post, range(TOGETHER)))
        figures = client.get(f"{API}/metrics").json()
        resident = _resident_bytes(server.process.pid)
    statuses = [result["status"] for _, result in answered]
    expected = ["partial" if number % 4 == 0 else "success" for number in range(TOGETHER)]
    assert statuses == expected
    quarter = TOGETHER // 4
    counted = [figures[f"{word}Workflows"] for word in ("successful", "failed")]
    assert (figures["workflowsExecuted"], counted) == (TOGETHER, [TOGETHER - quarter, quarter])
    agents = figures["agentMetrics"]
    assert agents["eco"]["executions"] == TOGETHER * (STEPS - 1) + TOGETHER - quarter
    assert (agents["malo"]["executions"], agents["malo"]["errors"]) == (quarter, quarter)
    durations_s = sorted(seconds for seconds, _ in answered)
    p50_s, p99_s = statistics.median(durations_s), durations_s[int(TOGETHER * 0.99) - 1]
    print(f"POST p50 {p50_s:.2f} s, p99 {p99_s:.2f} s, {resident / 2**20:.0f} MiB")
    assert p99_s < LONGEST_S
    assert resident < MOST_BYTES


def _client(url: str) -> httpx.Client:
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    return httpx.Client(base_url=url, timeout=LONGEST_S, trust_env=False, limits=limits)


def _resident_bytes(pid: int) -> int:
    (line,) = [
        one for one in Path(f"/proc/{pid}/status").read_text().splitlines() if one[:6] == "VmHWM:"
    ]
    return int(line.split()[1]) * 1024
