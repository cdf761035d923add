"""Room on Python's stack for work that recurses over nesting.

In: work whose own depth is bounded, as the parser bounds how deep a text nests. Out: what it gives,
however deep its caller stands already. Where Python's recursion limit is met, the work is done once more
in a thread of its own, whose stack begins empty; so it must bear being begun twice.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

Result = TypeVar("Result")


def with_headroom(work: Callable[[], Result]) -> Result:
    """The result of the work. Raises: what the work raises."""
    try:
        return work()
    except RecursionError:
        pass
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="misy-headroom") as threads:
        return threads.submit(copy_context().run, work).result()
