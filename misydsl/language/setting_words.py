"""What other tools call our settings, and what to write here instead.

In: the key that is no setting, and where it stands. Out: the advice of E0402, with the key's own value
where it helps. A word is only here when what is meant is beyond doubt.
"""

from __future__ import annotations

from typing import Final

from misydsl.pipeline.settings import SETTINGS

_AFTER = "`after` goes before the `{{`: step {name} after … {{ … }}"
_RETRY = "write `retry: {{ attempts: 3 }}`"
_RETRY_FIELD = "it is part of `retry`: write `retry: {{ attempts: 3, delay: 1s, backoff: 2 }}`"
_DESCRIPTION = "a description is a `## …` comment on the line above"
_TITLE = 'the title goes after the name: {kind} {name} "…" {{ … }}'
_FAN_OUT = "for one call per item write `step {name} for x in … {{ concurrency: 4, … }}`"
_LOOP = "write `for` before the `{{`: step {name} for x in … {{ … }}"
_WHEN = "`when` goes before the `{{`: step {name} when … {{ … }}"
_INPUTS = "inputs go in the call: call agent(name: …)"
_CALL = "write `call agent(…)`"
_TIMEOUT = "write `timeout: 30s`"
_FALLBACK = "write `fallback {{ … }}` in the step"
_REPEAT = "write `repeat up to 3` before the `{{`, and `until …` inside"

OTHER_SETTINGS: Final[dict[str, str]] = {
    **dict.fromkeys(
        ("depends_on", "dependsOn", "depends-on", "dependencies", "needs", "requires", "after",
         "run_after", "runAfter", "upstream"), _AFTER),
    **dict.fromkeys(
        ("maxAttempts", "max_attempts", "max-attempts", "retries", "maxRetries", "max_retries",
         "max-retries", "attempts", "retryConfig", "retry_config", "retryPolicy", "retry_policy",
         "retry-policy", "retry_count"), _RETRY),
    **dict.fromkeys(
        ("delay", "backoff", "jitter", "max-delay", "retryDelay", "retry_delay", "retry-delay",
         "backoffMultiplier", "backoff_multiplier"), _RETRY_FIELD),
    **dict.fromkeys(("description", "desc", "doc", "docs", "comment", "summary"), _DESCRIPTION),
    **dict.fromkeys(("name", "title", "label", "displayName", "display_name"), _TITLE),
    **dict.fromkeys(
        ("parallel", "parallelism", "max_parallel", "maxParallel", "max-parallel", "parallelize",
         "maxConcurrency", "max_concurrency", "max-concurrency", "fan-out", "fan_out"), _FAN_OUT),
    **dict.fromkeys(
        ("foreach", "for_each", "forEach", "for-each", "loop", "items", "with_items", "map",
         "withItems", "matrix", "each"), _LOOP),
    **dict.fromkeys(("if", "condition", "when", "only_if", "only-if", "run_if"), _WHEN),
    **dict.fromkeys(
        ("input", "inputs", "with", "params", "parameters", "args", "arguments", "payload",
         "body", "data"), _INPUTS),
    **dict.fromkeys(("agent", "uses", "run", "action", "task", "tool", "operator"), _CALL),
    **dict.fromkeys(
        ("timeoutMs", "timeout_ms", "timeout-ms", "timeout_seconds", "timeoutSeconds",
         "timeout-seconds", "timeout_s", "timeoutSec"), _TIMEOUT),
    **dict.fromkeys(
        ("on_error", "onError", "on-error", "catch", "rescue", "on_failure", "onFailure",
         "fallback"), _FALLBACK),
    **dict.fromkeys(("continueOnFail", "continue_on_fail", "continue-on-error", "ignore_errors"),
        "a step may fail with `fallback {{ return null }}` in it"),
    **dict.fromkeys(("reintentos", "intentos"), _RETRY),
    **dict.fromkeys(("descripción", "descripcion"), _DESCRIPTION),
    **dict.fromkeys(("título", "titulo", "nombre"), _TITLE),
    **dict.fromkeys(("depende", "depende-de", "depende_de", "dependencias"), _AFTER),
    **dict.fromkeys(("espera", "tiempo", "plazo"), _TIMEOUT),
    **dict.fromkeys(("while", "until", "max_iterations", "maxIterations", "repeat"), _REPEAT),
}  # fmt: skip

OTHER_AGENT_SETTINGS: Final[dict[str, str]] = {
    **dict.fromkeys(
        ("endpoint", "uri", "address", "host", "baseUrl", "base_url", "base-url", "baseURL"),
        'it is called `url`: url: "http://localhost:3000/…"'),
    **dict.fromkeys(
        ("token", "apiKey", "api_key", "api-key", "bearer", "authorization", "password"),
        "write `auth: {{ bearer: secret.{upper}_TOKEN }}`"),
    **dict.fromkeys(("healthcheck", "health_check", "healthCheck", "health-check"),
        'it is called `health`: health: "/health"'),
    **dict.fromkeys(("rateLimit", "rate_limit", "rate-limit", "throttle", "rps", "qps"),
        "it is called `rate`: rate: 10/s"),
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
    ("pipeline", "retry"): "for every step write `defaults: {{ retry: … }}`",
    ("pipeline", "cache"): "for every step write `defaults: {{ cache: … }}`",
    ("pipeline", "idempotent"): "for every step write `defaults: {{ idempotent: … }}`",
    ("pipeline", "version"): "the edition of the language is the first line: misy 1",
    ("pipeline", "failFast"): "it is called `fail-fast`",
    ("pipeline", "steps"): "each step stands by itself: step name {{ call … }}",
    ("pipeline", "edges"): "a step runs after those whose results it uses",
    ("pipeline", "conditional_edges"): "write `when …` at the step: step name when … {{ … }}",
    ("pipeline", "inputs"): "inputs go after the name: pipeline {name}(topic: string) {{ … }}",
    ("pipeline", "params"): "inputs go after the name: pipeline {name}(topic: string) {{ … }}",
    ("agent", "hedge"): "it goes in a step",
    ("agent", "priority"): "it goes in a step",
}
_OWNERS: Final = {"agent": "an agent", "pipeline": "a pipeline", "step": "a step"}


def advice(place: str, key: str, owner: str) -> str | None:
    """What to write instead of `key`, in a `place` of the name `owner`; None when nobody knows."""
    words = _ELSEWHERE.get((place, key)) or _other(place, key)
    if words is None:
        return _only_in(place, key)
    return words.format(name=owner, kind=place, upper=owner.upper().replace("-", "_"))


def _other(place: str, key: str) -> str | None:
    if place == "agent" and key in OTHER_AGENT_SETTINGS:
        return OTHER_AGENT_SETTINGS[key]
    words = OTHER_SETTINGS.get(key)
    if place != "step" and words not in (_DESCRIPTION, _TITLE, _RETRY, _RETRY_FIELD, _TIMEOUT):
        return None
    if place == "pipeline" and words in (_RETRY, _RETRY_FIELD, _TIMEOUT):
        return "for every step write `defaults: {{ retry: {{ attempts: 3 }}, timeout: 30s }}`"
    return words


def _only_in(place: str, key: str) -> str | None:
    """Where a setting that exists somewhere else belongs."""
    for other in ("agent", "pipeline", "step"):
        if other != place and key in SETTINGS[other]:
            return f"it goes in {_OWNERS[other]}"
    return None
