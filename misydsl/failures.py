"""The three kinds of wrong, and the two of them that are not diagnostics.

A *diagnostic* (room `diagnostics`) says the text is wrong. A *failure* says a run went wrong: a value
that is recorded in the history and says whether trying again may help. An *error* says the caller or
the machine is wrong: an exception under `MisyError`. `FailureKind` is closed: whatever an agent or the
network does ends as one of these words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from misydsl.diagnostics.findings import Findings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from misydsl.diagnostics.diagnostic import Diagnostic

FailureKind = Literal[
    "timeout",  # one attempt took longer than its `timeout`
    "connect",  # no connection: refused, unreachable, name not found
    "reset",  # the connection broke before the reply was complete
    "tls",  # the certificate or handshake was refused
    "http",  # an answer with a status that is not 2xx
    "bad-reply",  # the bytes are not the strict JSON that was promised
    "too-large",  # the reply is over `max-reply`
    "wrong-type",  # JSON, but not of the declared type
    "agent-error",  # the agent itself said `success: false`, or a function agent raised
    "evaluation",  # an expression of the step could not be computed
    "blocked",  # a dependency failed, so the step was never run
    "exhausted",  # a `repeat` ran out of rounds
    "breaker",  # the agent failed too often, so it was not called for a while
    "unrecorded",  # a replay needs a call that the recording does not have
    "items",  # more items of a `for` failed than `allow-failures` allows
    "cancelled",  # somebody stopped the run
    "deadline",  # the pipeline's `deadline` passed
]


class Failure(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why an attempt, a step or a run failed: recorded, shown, and asked whether to try again."""

    kind: FailureKind
    message: str
    status: int | None = None
    """The HTTP status, where an answer came."""
    excerpt: str | None = None
    """The start of what came instead, at most 2 kB, secrets masked."""
    retry_after_s: float | None = None
    """What the agent asked for in `Retry-After`, in seconds from the failure."""
    agent: str | None = None
    step: str | None = None
    item: str | None = None
    attempt: int | None = None
    advice: str | None = None
    """What to do next, in one sentence."""

    def matches(self, condition: str | int) -> bool:
        """Whether a word or status of `retry.on` speaks of this failure."""
        if isinstance(condition, int):
            return self.status == condition
        if condition == "http-5xx":
            return self.status is not None and 500 <= self.status <= 599
        if condition == "connect":
            return self.kind in ("connect", "reset")
        return self.kind == condition

    def sentence(self) -> str:
        """One line for people: step, item, attempt, agent, what happened and what to do."""
        where = [f"step {self.step}"] if self.step else []
        where += [f"item {self.item}"] if self.item else []
        where += [f"attempt {self.attempt}"] if self.attempt else []
        where += [f"agent {self.agent}"] if self.agent else []
        head = f"{', '.join(where)}: " if where else ""
        return f"{head}{self.message}" + (f" ({self.advice})" if self.advice else "")


class MisyError(Exception):
    """The caller or the machine is wrong; every exception of the library is one of these."""


class SourceInvalid(MisyError):
    """The text has errors, so there is nothing to run; `diagnostics` holds all of them."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        self.diagnostics = Findings(diagnostics)
        super().__init__("\n\n".join(str(diagnostic) for diagnostic in self.diagnostics))


class InputsInvalid(MisyError):
    """The values given to a pipeline or an agent do not fit its parameters."""


class PipelineTooLarge(MisyError):
    """With the pipelines it calls, a pipeline has more steps than can be run; nothing was called."""


class RunFailed(MisyError):
    """A run ended without a result; `failure` says why."""

    def __init__(self, run: str, failure: Failure) -> None:
        self.run, self.failure = run, failure
        super().__init__(f"run {run} failed: {failure.sentence()}")


class RunUnknown(MisyError):
    """There is no such run in this journal."""


class RunBusy(MisyError):
    """Another living process owns the run."""


class RunMoved(RunBusy):
    """Another process went on with the run while this one was about to: what is known of it is too old."""


class AgentUnknown(MisyError):
    """No agent of that name is declared, bound or hosted."""


class JournalUnusable(MisyError):
    """The journal cannot be read or written: where, why and what to do."""
