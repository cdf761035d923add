"""The engine: one event loop on a thread of its own, for all runs of a process.

In: coroutines from any thread. Out: their results as futures. Because the loop is its own, a run works the
same from a script, inside another event loop and in a notebook, and a busy cell never starves it. The
gates live here, so limits hold over all runs. A forked child starts an engine of its own.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

from misydsl.runner.limits import Gates

Answer = TypeVar("Answer")


class Engine:
    """A running event loop; made by `engine()`."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self.loop = asyncio.new_event_loop()
        self.gates = Gates(self.loop)
        self._thread = threading.Thread(target=self._serve, name="misydsl-engine", daemon=True)
        self._thread.start()

    def submit(self, work: Coroutine[Any, Any, Answer]) -> Future[Answer]:
        """Run a coroutine on the engine's loop; the future may be waited for from any other thread."""
        return asyncio.run_coroutine_threadsafe(work, self.loop)

    def tell(self, action: Callable[[], None]) -> None:
        """Call something on the engine's thread, soon."""
        self.loop.call_soon_threadsafe(action)

    @property
    def is_current(self) -> bool:
        """Whether the caller is on the engine's own thread, where waiting would never end."""
        return threading.current_thread() is self._thread

    def _serve(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()


_engine: Engine | None = None
_lock = threading.Lock()


def running_engine() -> Engine | None:
    """The engine of this process if it was ever needed."""
    return _engine if _engine is not None and _engine.pid == os.getpid() else None


def engine() -> Engine:
    """The engine of this process, started on first use."""
    global _engine  # noqa: PLW0603  one engine a process is the point
    with _lock:
        if _engine is None or _engine.pid != os.getpid():
            _engine = Engine()
        return _engine
