"""The pictures of notebooks in the documentation, taken anew: `python -m tests.browser.screenshots [FOLDER]`.

In: nothing but Chromium and the group `browser`. Out: `notebook-*.png`, written into `docs/pictures` or into
a folder that is named. Each shows cells of a real notebook; agents wait for gates, so a board is caught at
the same moment every time.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from playwright.sync_api import sync_playwright

from tests.browser.conftest import FLAGS
from tests.browser.jupyter import Jupyter, chromium, missing, served
from tests.browser.opened import Opened, opened, written
from tests.browser.test_large import LARGE, RUN, STEPS

if TYPE_CHECKING:
    from playwright.sync_api import Browser

FOLDER: Final = Path(__file__).parents[2] / "docs" / "pictures"
WIDTH: Final = 1_000
HEIGHT: Final = 1_600
MARGIN: Final = 6

LOAD: Final = """%load_ext misydsl
import asyncio, pathlib, misydsl

async def gate(name):
    while not pathlib.Path(f"go-{name}").exists():
        await asyncio.sleep(0.02)

@misydsl.agent
async def find_trends(topic: str) -> list[str]:
    return [f"{topic} fácil", f"{topic} barato", f"{topic} en casa"]

@misydsl.agent
async def write_post(trend: str) -> str:
    if "fácil" not in trend:
        await gate("write")
    return f"Todo sobre {trend}"

@misydsl.agent
async def publish(posts: list[str]) -> int:
    if pathlib.Path("closed").exists():
        raise ValueError("la red social no contesta: ¿está abierta?")
    return len(posts)
"""
PIPELINE: Final = """%%misy tendencias
pipeline tendencias "Análisis de tendencias" (topic: string) {
  step found { call find-trends(topic) }
  step posts for trend in found { call write-post(trend) }
  step published { call publish(posts) }
  return published
}"""
AWAIT: Final = 'run = await tendencias(topic="ia")'
WRONG: Final = PIPELINE.replace("(posts) }", "(post) }").replace("misy tendencias", "misy errada")


@dataclass(frozen=True, slots=True)
class Studio:
    """Opens notebooks, and keeps pictures of some of their cells."""

    server: Jupyter
    browser: Browser
    folder: Path

    def show(self, name: str, *cells: str, is_dark: bool = False) -> Opened:
        """A notebook with these cells, of which the first is executed."""
        place = self.server.folder / name
        place.mkdir()
        page = self.browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        found = opened(page, self.server, written(place, "tendencias", cells))
        if is_dark:
            found.dark()
        page.evaluate("() => window.jupyterapp.shell.collapseLeft()")
        found.done(0)
        return found

    def keep(self, name: str, notebook: Opened, first: int, last: int) -> None:
        """A picture of the cells from the first to the last."""
        cells = notebook.page.locator(".jp-Notebook .jp-Cell")
        notebook.page.mouse.move(0, 0)
        cells.nth(first).evaluate("one => one.scrollIntoView()")
        above, below = (cells.nth(one).bounding_box() for one in (first, last))
        assert above is not None
        assert below is not None
        clip = {
            "x": above["x"] - MARGIN,
            "y": above["y"] - MARGIN,
            "width": above["width"] + 2 * MARGIN,
            "height": below["y"] + below["height"] - above["y"] + 2 * MARGIN,
        }
        notebook.page.screenshot(path=self.folder / f"notebook-{name}.png", clip=clip)
        notebook.page.close()


def running(studio: Studio, name: str = "running", *, is_dark: bool = False) -> None:
    """A board in the middle of its run."""
    notebook = studio.show(name, LOAD, PIPELINE, AWAIT, is_dark=is_dark)
    notebook.done(1)
    notebook.run(2)
    notebook.says(2, "1/3")
    studio.keep(name, notebook, 1, 2)


def dark(studio: Studio) -> None:
    """The same on a dark page."""
    running(studio, "dark", is_dark=True)


def failed(studio: Studio) -> None:
    """What stays of a run that failed."""
    notebook = studio.show("failed", LOAD, PIPELINE, AWAIT)
    for gate in ("go-write", "closed"):
        (notebook.path.parent / gate).touch()
    notebook.done(1, 2)
    notebook.says(2, "failed")
    studio.keep("failed", notebook, 2, 2)


def report(studio: Studio) -> None:
    """What stays of a run, with all that can be opened open."""
    notebook = studio.show("report", LOAD, PIPELINE, AWAIT)
    (notebook.path.parent / "go-write").touch()
    notebook.done(1, 2)
    notebook.says(2, "succeeded")
    notebook.output(2).locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
    studio.keep("report", notebook, 2, 2)


def error(studio: Studio) -> None:
    """A caret under what is wrong."""
    notebook = studio.show("error", LOAD, WRONG)
    notebook.done(1)
    studio.keep("error", notebook, 1, 1)


def thousand(studio: Studio) -> None:
    """A thousand steps, folded, at the end of their run."""
    notebook = studio.show("thousand", LOAD, LARGE, RUN)
    notebook.done(1, 2)
    notebook.says(2, f"{STEPS}/{STEPS}")
    studio.keep("thousand", notebook, 2, 2)


# The dark one last: the server keeps the appearance for those that come after.
PICTURES: Final[Mapping[str, Callable[[Studio], None]]] = {
    one.__name__: one for one in (running, failed, report, error, thousand, dark)
}


def main(folder: Path = FOLDER) -> None:
    """Take all pictures."""
    if reason := missing():
        raise SystemExit(reason)
    folder.mkdir(parents=True, exist_ok=True)
    with (
        TemporaryDirectory() as place,
        served(Path(place)) as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        studio = Studio(server, browser, folder)
        for take in PICTURES.values():
            take(studio)
        browser.close()


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
