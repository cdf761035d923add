"""The names every module has: `env`, `secret` and `run`.

In: the environment and the run's own record. Out: their values. A variable that is not set is null, so a
text decides with `??` what that means; a secret that is not set ends the run before any call.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from misydsl.expressions.limits import EvaluationError
from misydsl.values import Secret, Value


class Namespace(dict[str, Value]):
    """A record in which every name exists: the ones nobody set are null."""

    def __missing__(self, name: str) -> Value:
        return None


class Secrets(dict[str, Value]):
    """The secrets of the environment; asking for one that is not set is an error before any call."""

    def __missing__(self, name: str) -> Value:
        raise EvaluationError(
            "E0527", f"the secret `{name}` is not set: export {name}=… before the run"
        )


def roots_of(
    environment: Mapping[str, str],
    *,
    run: str,
    session: str,
    shared: Mapping[str, Value],
    started_at: float,
) -> dict[str, Value]:
    """The values of `env`, `secret` and `run` for one run."""
    record: dict[str, Value] = {
        "id": run,
        "session": session,
        "shared": dict(shared),
        "started": datetime.fromtimestamp(started_at, UTC),
    }
    secrets: dict[str, Value] = {name: Secret(name, text) for name, text in environment.items()}
    return {"env": Namespace(environment), "secret": Secrets(secrets), "run": record}
