"""A notebook on a page, as its tests use it: run a cell, wait for what it shows, look at the page.

In: a page of Playwright, and cells. Out: `Opened`, which waits for conditions of the application or of the
document, never for a time. What the page asked of other machines, and errors of its scripts, are kept.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

if TYPE_CHECKING:
    from playwright.sync_api import Error, Locator, Page

    from tests.browser.jupyter import Jupyter

Application = Literal["lab", "notebook"]
PATHS: Final[Mapping[Application, str]] = {"lab": "doc/tree", "notebook": "notebooks"}
SOON_MS: Final = 30_000
OURS: Final = "misydsl"  # stands in the address of every script of this project
BOARD: Final = ".misy-live"

# Whatever the document says, this is when a kernel can be asked.
_READY: Final = """() => {
  const context = window.jupyterapp?.shell?.currentWidget?.sessionContext;
  return context?.isReady && context.session?.kernel?.connectionStatus === 'connected'
    && context.session.kernel.status === 'idle';
}"""
_RUN: Final = """number => {
  const notebook = window.jupyterapp.shell.currentWidget.content;
  notebook.activeCellIndex = number;
  notebook.deselectAll();
  window.misyEnded = window.misyEnded || {};
  window.misyEnded[number] = false;
  window.jupyterapp.commands.execute('notebook:run-cell')
    .finally(() => { window.misyEnded[number] = true; });
}"""
_COUNT: Final = """number =>
  window.jupyterapp.shell.currentWidget.content.widgets[number].model.executionCount"""


@dataclass(slots=True)
class Opened:
    """A notebook that is open."""

    page: Page
    server: Jupyter
    path: Path
    application: Application
    problems: list[str] = field(default_factory=list)

    def run(self, number: int) -> None:
        """Begin to execute a cell."""
        self.page.evaluate(_RUN, number)

    def ended(self, number: int, *, within_s: float = 30) -> None:
        """Wait until a cell that was begun on this page has ended."""
        self.page.wait_for_function(
            "number => window.misyEnded[number]", arg=number, timeout=within_s * 1000
        )

    def done(self, *numbers: int) -> None:
        """Execute cells, one after the other."""
        for number in numbers:
            self.run(number)
            self.ended(number)

    def count(self, number: int) -> int | None:
        """The number in the brackets of a cell; none while it runs."""
        found: int | None = self.page.evaluate(_COUNT, number)
        return found

    def output(self, number: int) -> Locator:
        """What a cell shows below itself."""
        return self.page.locator(".jp-Notebook .jp-Cell").nth(number).locator(".jp-Cell-outputArea")

    def board(self, number: int) -> Locator:
        """The live board of a cell."""
        return self.output(number).locator(f"div{BOARD}").first

    def says(self, number: int, words: str, *, within_s: float = 30) -> Locator:
        """Wait until words stand in the output of a cell."""
        found = self.output(number).get_by_text(words).first
        found.wait_for(state="visible", timeout=within_s * 1000)
        return found

    def interrupt(self) -> None:
        """What ■ in the toolbar does."""
        self.page.evaluate(
            "() => { window.jupyterapp.commands.execute('notebook:interrupt-kernel') }"
        )

    def save(self) -> Any:
        """Save it; the notebook as it is on the disk."""
        self.page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
        return nbformat.read(self.path, as_version=4)  # type: ignore[no-untyped-call]  # it has no types

    def ready(self) -> None:
        """Wait until the kernel answers."""
        self.page.wait_for_function(_READY, timeout=60_000)

    def reload(self) -> None:
        """Load the page anew; the kernel goes on."""
        self.page.reload()
        self.page.wait_for_function(
            "() => window.jupyterapp?.shell?.currentWidget?.sessionContext?.isReady", timeout=60_000
        )

    def dark(self) -> None:
        """Change to the dark appearance."""
        theme = "JupyterLab Dark"
        self.page.evaluate(
            "theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})", theme
        )
        dark = self.page.locator("body[data-jp-theme-light=false]")
        dark.wait_for(state="attached", timeout=SOON_MS)  # its body is never "visible"


def written(folder: Path, name: str, cells: Sequence[str]) -> Path:
    """A notebook with these cells, not executed."""
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python", "language": "python"}}
    typed = [new_code_cell(one) for one in cells]  # type: ignore[no-untyped-call]  # it has no types
    notebook = new_notebook(cells=typed, metadata=kernel)  # type: ignore[no-untyped-call]  # as above
    path = folder / f"{name}.ipynb"
    nbformat.write(notebook, path)  # type: ignore[no-untyped-call]  # as above
    return path


def opened(page: Page, server: Jupyter, path: Path, *, application: Application = "lab") -> Opened:
    """The notebook on the page, with a kernel that answers."""
    found = Opened(page, server, path, application)

    def note(error: Error) -> None:
        if OURS in str(
            error.stack
        ):  # JupyterLab and Notebook have problems of their own now and then
            found.problems.append(str(error))

    page.on("pageerror", note)
    place = path.relative_to(server.folder).as_posix()
    page.goto(f"{server.url}/{PATHS[application]}/{place}?token={server.token}")
    found.ready()
    return found


def elapsed_since(begin: float) -> float:
    """Seconds since a reading of the monotonic clock."""
    return time.monotonic() - begin
