"""What Prometheus reads."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families
from starlette.requests import Request as HttpRequest

from misydsl.metrics.orchestration import Orchestration
from misydsl.server.prometheus import Prometheus
from tests.metrics.stories import failed_story, recorded
from tests.server.stories import short


def samples(counters: Orchestration, watchers: int = 0) -> dict[tuple[str, str], float]:
    """Every sample by its name and its labels' values."""
    text = Prometheus(counters, watchers=lambda: watchers).text().decode()
    return {
        (sample.name, "/".join(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_runs_and_agents_are_counted() -> None:
    counters = Orchestration()
    counters.add(recorded(failed_story(), "r1"))
    counters.add(recorded(short()[:3], "r2"))
    found = samples(counters, watchers=3)
    assert found["misy_runs_total", "partial"] == 1
    assert found["misy_runs_total", "success"] == 0
    assert found["misy_runs_open", ""] == 1
    assert found["misy_run_duration_seconds_bucket", "10.0"] == 1
    assert found["misy_run_duration_seconds_bucket", "5.0"] == 0
    assert found["misy_run_duration_seconds_sum", ""] == 6.0
    assert found["misy_agent_executions_total", "writer/success"] == 1
    assert found["misy_agent_executions_total", "writer/failure"] == 1
    assert found["misy_agent_attempts_total", "scanner"] == 2
    assert found["misy_agent_errors_total", "scanner"] == 1
    assert found["misy_agent_retries_total", "scanner"] == 1
    assert found["misy_agent_response_seconds_count", "scanner"] == 2
    assert found["misy_agent_response_seconds_sum", "scanner"] == 1.5
    assert found["misy_agent_response_seconds_bucket", "writer/1.0"] == 1
    assert found["misy_watchers", ""] == 3


def test_no_label_names_a_run_a_step_or_an_item() -> None:
    counters = Orchestration()
    for number in range(50):
        counters.add(recorded(failed_story(), f"run-{number}"))
    before = len(samples(counters))
    counters.add(recorded(failed_story(), "run-50"))
    found = samples(counters)
    assert len(found) == before
    labels = {label for _, label in found}
    assert not any(word in label for label in labels for word in ("run-", "scan/", "viral"))


async def test_the_answer_is_text_that_prometheus_knows() -> None:
    prometheus = Prometheus(Orchestration(), watchers=lambda: 0)
    (operation,) = prometheus.operations()
    assert (operation.method, operation.path) == ("GET", "/metrics")
    response = await operation.answer(HttpRequest({"type": "http", "headers": []}))
    assert response.headers["content-type"].startswith("text/plain; version=")
    assert b"misy_runs_open 0.0" in response.body
