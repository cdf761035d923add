"""A shell of IPython for tests: cells in, what they displayed and how they failed out.

In: nothing; one shell serves a process, as IPython has it. Out: `Typed`, which executes cells in an empty
namespace with the extension loaded, and unloads it in the end.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from traitlets.config import Config

OUT_OF_SIGHT = Config({"HistoryManager": {"enabled": False}})
"""Nothing of the person's: what a test types is in nobody's history."""
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


class Typed:
    """Somebody who types into a shell."""

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell
        self.next_cell = ""
        shell.set_next_input = self._remember

    def cell(self, text: str) -> str:
        """What a cell displays and prints, as text; raises what it raised."""
        with capture_output() as captured:
            code = self.shell.transform_cell(text)  # type: ignore[no-untyped-call]  # IPython's has no types
            running = self.shell.run_cell_async(text, store_history=True, transformed_cell=code)
            done = asyncio.run(running)
        self.rich: list[dict[str, str]] = [one.data for one in captured.outputs]
        self.traceback = COLOUR.sub("", captured.stdout)
        problem = done.error_before_exec or done.error_in_exec
        if problem is not None:
            raise problem
        shown = [one.data["text/plain"] for one in captured.outputs]
        return "\n".join([captured.stdout, *shown]).strip()

    def value(self, name: str) -> Any:
        """What a name stands for."""
        return self.shell.user_ns[name]

    def completions(self, text: str) -> dict[str, str]:
        """What Tab offers at `▮`, and of which kind; this extension's and IPython's own."""
        before, after = text.split("▮")
        with provisionalcompleter():
            found = self.shell.Completer.completions(before + after, len(before))
            return {one.text: one.type or "" for one in found}

    def _remember(self, text: str, replace: bool = False) -> None:
        self.next_cell = text


@contextmanager
def shell_with_extension() -> Iterator[Typed]:
    """A shell with an empty namespace, and `%load_ext misydsl`."""
    shell = InteractiveShell.instance(config=OUT_OF_SIGHT)
    shell.reset(new_session=True)  # type: ignore[no-untyped-call]  # IPython's has no types
    try:
        shell.run_line_magic("load_ext", "misydsl")
        yield Typed(shell)
    finally:
        shell.run_line_magic("unload_ext", "misydsl")
        shell.reset(new_session=True)  # type: ignore[no-untyped-call]  # IPython's has no types
