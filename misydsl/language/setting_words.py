"""What other tools call our settings, and what to write here instead.

In: the key that is no setting, and where it stands. Out: the advice of E0402, with the key's own value
where it helps. A word is only here when what is meant is beyond doubt.
"""

from __future__ import annotations

from typing import Final

from misydsl.pipeline.settings import SETTINGS

AFTER = "`after` goes before the `{{`: step {name} after … {{ … }}"
RETRY = "write `retry: {{ attempts: {number} }}`; `attempts` is the total, the first try included"
RETRY_FIELD = "it is part of `retry`: write `retry: {{ attempts: 3, delay: 1s, backoff: 2 }}`"
DESCRIPTION = "a description is a `## …` comment on the line above"
TITLE = 'the title goes after the name: {kind} {name} "…" {{ … }}'
FAN_OUT = "for one call per item write `step {name} for x in … {{ concurrency: 4, … }}`"
LOOP = "write `for` before the `{{`: step {name} for x in … {{ … }}"
WHEN = "`when` goes before the `{{`: step {name} when … {{ … }}"
INPUTS = "inputs go in the call: call agent(name: …)"
CALL = "write `call agent(…)`"
TIMEOUT = "write `timeout: {time}`"
FALLBACK = "write `fallback {{ … }}` in the step"
REPEAT = "write `repeat up to 3` before the `{{`, and `until …` inside"
URL = 'it is called `url`: url: "http://localhost:3000/…"'
CREDENTIAL = "write `auth: {{ bearer: secret.{upper}_TOKEN }}`"
HEALTH = 'it is called `health`: health: "/health"'
RATE = "it is called `rate`: rate: 10/s"
DEFAULTS = "for every step write `defaults: {{ {key}: … }}`"
FAIL_FAST = "it is called `fail-fast`"

OTHER_SETTINGS: Final[dict[str, str]] = {
    **dict.fromkeys(
        ("depends_on", "dependsOn", "depends-on", "dependencies", "needs", "requires", "after",
         "run_after", "runAfter", "upstream"), AFTER),
    **dict.fromkeys(
        ("maxAttempts", "max_attempts", "max-attempts", "retries", "maxRetries", "max_retries",
         "max-retries", "attempts", "retryConfig", "retry_config", "retryPolicy", "retry_policy",
         "retry-policy", "retry_count"), RETRY),
    **dict.fromkeys(
        ("delay", "backoff", "jitter", "max-delay", "retryDelay", "retry_delay", "retry-delay",
         "backoffMultiplier", "backoff_multiplier"), RETRY_FIELD),
    **dict.fromkeys(("description", "desc", "doc", "docs", "comment", "summary"), DESCRIPTION),
    **dict.fromkeys(("name", "title", "label", "displayName", "display_name"), TITLE),
    **dict.fromkeys(
        ("parallel", "parallelism", "max_parallel", "maxParallel", "max-parallel", "parallelize",
         "maxConcurrency", "max_concurrency", "max-concurrency", "fan-out", "fan_out"), FAN_OUT),
    **dict.fromkeys(
        ("foreach", "for_each", "forEach", "for-each", "loop", "items", "with_items", "map",
         "withItems", "matrix", "each"), LOOP),
    **dict.fromkeys(("if", "condition", "when", "only_if", "only-if", "run_if"), WHEN),
    **dict.fromkeys(
        ("input", "inputs", "with", "params", "parameters", "args", "arguments", "payload",
         "body", "data"), INPUTS),
    **dict.fromkeys(("agent", "call", "uses", "run", "action", "task", "tool", "operator"), CALL),
    **dict.fromkeys(
        ("timeoutMs", "timeout_ms", "timeout-ms", "timeout_seconds", "timeoutSeconds",
         "timeout-seconds", "timeout_s", "timeoutSec"), TIMEOUT),
    **dict.fromkeys(
        ("on_error", "onError", "on-error", "catch", "rescue", "on_failure", "onFailure",
         "fallback"), FALLBACK),
    **dict.fromkeys(("continueOnFail", "continue_on_fail", "continue-on-error", "ignore_errors"),
        "a step may fail with `fallback {{ return null }}` in it"),
    **dict.fromkeys(("reintentos", "intentos"), RETRY),
    **dict.fromkeys(("descripción", "descripcion"), DESCRIPTION),
    **dict.fromkeys(("título", "titulo", "nombre"), TITLE),
    **dict.fromkeys(("depende", "depende-de", "depende_de", "dependencias"), AFTER),
    **dict.fromkeys(("espera", "tiempo", "plazo"), TIMEOUT),
    **dict.fromkeys(("while", "until", "max_iterations", "maxIterations", "repeat"), REPEAT),
}  # fmt: skip

OTHER_AGENT_SETTINGS: Final[dict[str, str]] = {
    **dict.fromkeys(
        ("endpoint", "uri", "address", "host", "baseUrl", "base_url", "base-url", "baseURL"), URL),
    **dict.fromkeys(
        ("token", "apiKey", "api_key", "api-key", "bearer", "authorization", "password"), CREDENTIAL),
    **dict.fromkeys(("healthcheck", "health_check", "healthCheck", "health-check"), HEALTH),
    **dict.fromkeys(("rateLimit", "rate_limit", "rate-limit", "throttle", "rps", "qps"), RATE),
    **dict.fromkeys(("input", "inputs", "params", "parameters", "args", "arguments"),
        "inputs go after the name: agent {name}(topic: string) {{ … }}"),
    **dict.fromkeys(("output", "outputs", "returns", "result", "response"),
        "the result goes after the inputs: agent {name}(…) -> type {{ … }}"),
    **dict.fromkeys(("role", "goal", "backstory", "instructions", "system", "prompt", "task"),
        "what an agent is told goes in an input, made by a `prompt {name}-text(…)`"),
    **dict.fromkeys(("protocol", "format", "contract"), 'it is called `wire`: wire: "misybot"'),
}  # fmt: skip

_ELSEWHERE: Final[dict[tuple[str, str], str]] = {
    ("step", "concurrency"): "it goes in a step with `for`, or in an agent",
    ("step", "allow-failures"): "it goes in a step with `for`",
    ("step", "key"): "it goes in a step with `for`",
    ("step", "every"): "it goes in a step with `repeat`",
    ("step", "exhausted"): "it goes in a step with `repeat`",
    ("pipeline", "timeout"): "for every step write `defaults: {{ timeout: … }}`, for the whole "
    "`deadline: …`",
    ("pipeline", "retry"): DEFAULTS,
    ("pipeline", "cache"): DEFAULTS,
    ("pipeline", "idempotent"): DEFAULTS,
    ("pipeline", "version"): "the edition of the language is the first line: misy 1",
    ("pipeline", "failFast"): FAIL_FAST,
    ("pipeline", "concurrency"): "it goes in an agent, or in a step with `for`",
    ("pipeline", "steps"): "each step stands by itself: step name {{ call … }}",
    ("pipeline", "edges"): "a step runs after those whose results it uses",
    ("pipeline", "conditional_edges"): "write `when …` at the step: step name when … {{ … }}",
    ("pipeline", "inputs"): "inputs go after the name: pipeline {name}(topic: string) {{ … }}",
    ("pipeline", "params"): "inputs go after the name: pipeline {name}(topic: string) {{ … }}",
    ("agent", "hedge"): "it goes in a step",
    ("agent", "priority"): "it goes in a step",
}
_OWNERS: Final = {"agent": "an agent", "pipeline": "a pipeline", "step": "a step"}


def advice(place: str, key: str, owner: str, *, number: str = "3", time: str = "30s") -> str | None:
    """What to write instead of `key`, in a `place` of the name `owner`; None when nobody knows.

    `number` and `time` are what the value says, where that is known.
    """
    words = meaning(place, key)
    if words is None:
        return _only_in(place, key)
    upper = owner.upper().replace("-", "_")
    return words.format(name=owner, kind=place, key=key, upper=upper, number=number, time=time)


def meaning(place: str, key: str) -> str | None:
    """The words for a key that other tools know, before the names are put in; equal for equal cures."""
    return _ELSEWHERE.get((place, key)) or _other(place, key)


def _other(place: str, key: str) -> str | None:
    if place == "agent" and key in OTHER_AGENT_SETTINGS:
        return OTHER_AGENT_SETTINGS[key]
    words = OTHER_SETTINGS.get(key)
    if place != "step" and words not in (DESCRIPTION, TITLE, RETRY, RETRY_FIELD, TIMEOUT):
        return None
    if place == "pipeline" and words in (RETRY, RETRY_FIELD, TIMEOUT):
        return "for every step write `defaults: {{ retry: {{ attempts: {number} }}, timeout: {time} }}`"
    return words


def _only_in(place: str, key: str) -> str | None:
    """Where a setting that exists somewhere else belongs."""
    for other in ("agent", "pipeline", "step"):
        if other != place and key in SETTINGS[other]:
            return f"it goes in {_OWNERS[other]}"
    return None
