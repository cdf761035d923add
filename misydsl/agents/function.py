"""Function agents: Python functions called in this process.

In: an `AgentDeclaration` and requests with their inputs. Out: a `Reply` with a fresh plain value of the
type that the function's annotation promises, or a `Failure` with the exception's words. `async def` runs on the event loop and is cancelled when it
overruns; anything else runs in a thread, and is abandoned and reported. A function gets copies, so
nothing it does to its inputs changes what the run has recorded.
"""

from __future__ import annotations

import asyncio
import functools
import importlib
import sys
import traceback
from collections.abc import Awaitable, Mapping
from pathlib import Path
from typing import cast

from misydsl.acceptance import Mismatch, acceptor
from misydsl.agents import messages
from misydsl.agents.contract import AgentSpec, Connection, Health, Reply, Request
from misydsl.agents.declare import AgentDeclaration, InputsRefused, declared
from misydsl.agents.digest import digest_of
from misydsl.agents.results import ResultUnusable, plain
from misydsl.agents.workers import FunctionExited, Workers, WorkersExhausted
from misydsl.diagnostics.similar import similar
from misydsl.failures import AgentUnknown, Failure, MisyError
from misydsl.relations import describe
from misydsl.values import Value, decode_json

SHARED_WORKERS = Workers()


class FunctionConnection:
    """One function as an agent; holds no state between calls."""

    def __init__(
        self,
        declaration: AgentDeclaration,
        *,
        name: str | None = None,
        wire: str = "plain",
        workers: Workers = SHARED_WORKERS,
    ) -> None:
        self.declaration = declaration
        self._name = name or declaration.name
        self._is_misybot = wire == "misybot"
        self._workers = workers
        self._is_async = declaration.is_async
        self._check = acceptor(declaration.result)

    @property
    def name(self) -> str:
        """The agent's name."""
        return self._name

    @property
    def is_pure(self) -> bool:
        """What the declaration promises."""
        return self.declaration.is_pure

    @property
    def place(self) -> str:
        """Where the function is: `python:module:name`."""
        function = self.declaration.function
        return f"python:{function.__module__}:{getattr(function, '__qualname__', self._name)}"

    @property
    def digest(self) -> str:
        """What the function does, so that an edited one is not taken for the same."""
        return digest_of(self.declaration.function)

    async def call(self, request: Request) -> Reply | Failure:
        """The function's result as a fresh value, or why there is none."""
        try:
            return await self.answer(request)
        except InputsRefused as problem:
            return self.wrong_inputs(problem)

    async def answer(self, request: Request) -> Reply | Failure:
        """As `call`, but it raises `InputsRefused`: then the caller is to blame, and not the function."""
        try:
            arguments = self._arguments(request)
        except ResultUnusable as problem:
            raise InputsRefused(str(problem)) from problem
        outcome = await self._outcome(arguments, request.timeout_s)
        return outcome if isinstance(outcome, Failure) else self._reply(outcome)

    def wrong_inputs(self, problem: InputsRefused) -> Failure:
        """What the caller did wrong, with what the function takes."""
        signature = self.declaration.signature()
        return messages.wrong_inputs(self._name, str(problem), signature=signature)

    async def health(self, timeout_s: float = 5.0) -> Health:
        """A function in this process is there."""
        return Health(self._name, is_healthy=True, url=self.place, duration_s=min(0.0, timeout_s))

    def _arguments(self, request: Request) -> dict[str, object]:
        if (
            self._is_misybot
        ):  # its body has more than the inputs: previous results, session, shared data
            body = cast("Mapping[str, Value]", decode_json(request.body))
            return self.declaration.arguments(body, ignore_unknown=True)
        copies = {name: plain(value) for name, value in request.inputs.items()}
        return self.declaration.arguments(copies)

    def _reply(self, outcome: object) -> Reply | Failure:
        """The result as JSON would give it back, if it is what the function's annotation promises."""
        try:
            value = plain(outcome)
        except (ResultUnusable, RecursionError) as problem:
            return messages.unusable_result(self._name, str(problem))
        try:
            self._check(value)  # only that: the run makes measures and dates by its own type
        except Mismatch as problem:
            function = getattr(self.declaration.function, "__qualname__", self._name)
            promised = describe(self.declaration.result)
            return messages.wrong_result(
                self._name, str(problem), function=function, promised=promised
            )
        return Reply(value)

    async def _outcome(self, arguments: dict[str, object], timeout_s: float) -> object:
        """What the function returned, or a `Failure`."""
        deadline = asyncio.timeout(timeout_s)
        try:
            async with deadline:
                return await self._invoked(arguments)
        except InputsRefused:  # the function's own way to say so
            raise
        except WorkersExhausted as problem:
            return messages.too_many_abandoned(self._name, problem.count)
        except asyncio.CancelledError as problem:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            return messages.raised(self._name, problem, where=_last_place(problem))
        except (Exception, SystemExit) as problem:  # noqa: BLE001  # whatever it does is a failure
            if isinstance(problem, TimeoutError) and deadline.expired():
                return messages.overran(self._name, timeout_s, is_abandoned=not self._is_async)
            if isinstance(problem, FunctionExited):
                return messages.raised(self._name, problem.problem, where=None)
            return messages.raised(self._name, problem, where=_last_place(problem))

    async def _invoked(self, arguments: dict[str, object]) -> object:
        function = self.declaration.function
        if self._is_async:
            return await cast("Awaitable[object]", function(**arguments))
        outcome = await self._workers.call(functools.partial(function, **arguments))
        # A sync function may hand back a coroutine (a lambda around an async one): its end is the result.
        return await outcome if isinstance(outcome, Awaitable) else outcome


class FunctionConnector:
    """Reaches agents of the form `python:module:function`."""

    def connect(self, spec: AgentSpec) -> Connection:
        """The function behind a spec; raises `AgentUnknown` when there is none."""
        return FunctionConnection(
            function_at(spec.url, agent=spec.name), name=spec.name, wire=spec.wire
        )

    async def aclose(self) -> None:
        """Nothing is held open."""


def function_at(url: str, *, agent: str) -> AgentDeclaration:
    """The declaration behind `python:module:function`.

    Raises:
        AgentUnknown: the module cannot be imported, or has no such function.
    """
    scheme, _, place = url.partition(":")
    module_name, _, path = place.partition(":")
    if scheme != "python" or not module_name or not path:
        raise AgentUnknown(f'{agent}: write its url as "python:module:function", not "{url}"')
    _look_here_too()
    try:
        found: object = importlib.import_module(module_name)
    except (Exception, SystemExit) as problem:
        words = f"{type(problem).__name__}: {problem}"
        raise AgentUnknown(f"{agent}: cannot import `{module_name}` ({words})") from problem
    for part in path.split("."):
        near = similar(part, [name for name in dir(found) if not name.startswith("_")])
        if not hasattr(found, part):
            hint = f". Did you mean `{near}`?" if near else ""
            raise AgentUnknown(f"{agent}: `{module_name}` has no `{path}`{hint}")
        found = getattr(found, part)
    if not callable(found):
        raise AgentUnknown(f"{agent}: `{module_name}:{path}` is no function")
    try:
        return declared(found)
    except MisyError as problem:
        raise AgentUnknown(f"{agent}: {problem}") from problem


def _look_here_too() -> None:
    """Modules of the working directory can be imported, after all others, as `python -m` finds them.

    A console script such as `misy` has its own folder on the import path instead.
    """
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.append(here)


def _last_place(problem: BaseException) -> str | None:
    """Where it was raised: `agents.py:42 in scan: raise ValueError(…)`; no traceback, no full paths."""
    frames = traceback.extract_tb(problem.__traceback__, limit=-1)
    if not frames:
        return None
    last = frames[-1]
    line = f": {last.line}" if last.line else ""
    return f"{Path(last.filename).name}:{last.lineno} in {last.name}{line}"
