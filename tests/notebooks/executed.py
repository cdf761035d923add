"""Notebooks executed in fresh folders, two at a time, and what their outputs say.

In: the notebooks of this repository. Out: each one after a run from top to bottom, in a folder of its own
with the examples beside it, so that no journal of another run can be seen; and, of any notebook, the
kinds of its outputs, the steps and statuses that its reports name, and what its page would load.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Final

import nbformat
from nbclient import NotebookClient
from nbconvert import HTMLExporter

from misydsl.history.status import STEP_FINAL

if TYPE_CHECKING:
    from nbformat import NotebookNode

ROOT: Final = Path(__file__).parents[2]
PATHS: Final = tuple(sorted((ROOT / "notebooks").glob("*.ipynb")))
ENGLISH: Final = tuple(one for one in PATHS if "prim" not in one.stem and "orq" not in one.stem)
"""The Spanish ones have the same cells, so what takes long is done with these."""
AT_ONCE: Final = 2
CELL_TIMEOUT_S: Final = 100
NOTEBOOK_TIMEOUT_S: Final = 150

_STATUSES: Final = "|".join(sorted(STEP_FINAL))
_STEP: Final = re.compile(rf"^  +(?P<step>\S.*?)  +(?P<status>{_STATUSES})(?= |$)", re.MULTILINE)
_HEAD: Final = re.compile(
    r"^(?P<title>\S.*?)  (?P<status>\w+) · (?P<done>\d+/\d+ steps)", re.MULTILINE
)
_LOADS: Final = {"src", "srcset", "data", "poster", "background", "action"}
_CSS_LOADS: Final = re.compile(r"(?:url\(\s*['\"]?|@import\s+['\"]?)((?:https?:)?//[^\s'\")]+)")


def read(path: Path) -> NotebookNode:
    """A notebook of a file."""
    found: NotebookNode = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]  # nbformat's has no types
    return found


def fresh_folder(parent: Path, path: Path) -> Path:
    """A copy of a notebook and of the examples, without what earlier runs left; the notebook's folder."""
    here = parent / path.stem
    left = shutil.ignore_patterns("out", "__pycache__", ".misy")
    shutil.copytree(ROOT / "examples", here / "examples", ignore=left)
    (here / "notebooks").mkdir()
    shutil.copy(path, here / "notebooks")
    return here / "notebooks"


def execute(path: Path, folder: Path) -> NotebookNode:
    """The notebook after all of its cells; raises `CellExecutionError` at one that stops it."""
    notebook = read(path)
    client = NotebookClient(
        notebook,
        timeout=CELL_TIMEOUT_S,
        kernel_name="python3",
        resources={"metadata": {"path": str(folder)}},
        store_widget_state=False,
    )
    asyncio.run(client.async_execute())  # a loop of its own, which is closed with it
    return notebook


def execute_all(parent: Path) -> dict[str, NotebookNode]:
    """All notebooks executed, by their names."""
    with ThreadPoolExecutor(AT_ONCE) as threads:
        begun = [threads.submit(execute, one, fresh_folder(parent, one)) for one in PATHS]
        return {path.stem: one.result() for path, one in zip(PATHS, begun, strict=True)}


def papermill(path: Path, folder: Path) -> NotebookNode:
    """The notebook after papermill ran it; to papermill a cell that shows an error has failed."""
    output = folder / "out.ipynb"
    command = [sys.executable, "-m", "papermill", str(path), str(output)]
    done = subprocess.run(
        [*command, "--kernel", "python3", "--no-progress-bar"],
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=NOTEBOOK_TIMEOUT_S,
        check=False,
    )
    ran = read(output)
    assert (done.returncode == 0) != ("raises-exception" in tags_of(ran)), done.stderr
    return ran


def outputs_of(notebook: NotebookNode) -> Iterator[tuple[int, NotebookNode]]:
    """Every output, with the number of its cell."""
    for number, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", ()):
            yield number, output


def tags_of(notebook: NotebookNode) -> list[str]:
    """The tags of all cells."""
    return [tag for cell in notebook.cells for tag in cell.metadata.get("tags", ())]


def kinds_of(notebook: NotebookNode) -> list[tuple[int, str, tuple[str, ...]]]:
    """Of each output its cell, its type, and the MIME types it is there in."""
    return [
        (number, output.output_type, tuple(sorted(output.get("data", {}))))
        for number, output in outputs_of(notebook)
    ]


def words_of(output: NotebookNode) -> str:
    """An output as text."""
    if output.output_type == "error":
        return "\n".join(output.traceback)
    return str(output.get("text") or output.get("data", {}).get("text/plain", ""))


def standings_of(notebook: NotebookNode) -> list[tuple[int, str, str]]:
    """Of each report: the run's title with its status, then its steps with theirs."""
    found = []
    for number, output in outputs_of(notebook):
        text = words_of(output)
        for one in _HEAD.finditer(text):
            found.append((number, f"{one['title']}: {one['done']}", one["status"]))
            found += [(number, step["step"], step["status"]) for step in _STEP.finditer(text)]
    return found


def page_of(notebook: NotebookNode) -> str:
    """The notebook as a page of its own, without the programs that nbconvert would load for it."""
    exporter = HTMLExporter(  # type: ignore[no-untyped-call]  # nbconvert's has no types
        mathjax_url="", require_js_url="", jquery_url="", mermaid_js_url="", embed_images=True
    )
    page: str = exporter.from_notebook_node(notebook)[0]
    return page


class Loads(HTMLParser):
    """What a page would ask a network for, and how many pictures it brings along."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.from_network: list[str] = []
        self.pictures = 0
        self.feed(page)
        self.close()
        self.from_network += _CSS_LOADS.findall(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what the element loads."""
        for name, value in attrs:
            is_load = name in _LOADS or (name.endswith("href") and tag in ("link", "use", "image"))
            if is_load and _is_network(value or ""):
                self.from_network.append(f"<{tag} {name}={value}>")
        source = dict(attrs).get("src") or ""
        self.pictures += tag == "img" and source.startswith("data:image/")
        self.pictures += tag == "svg"


def _is_network(address: str) -> bool:
    return address.strip().lower().startswith(("http:", "https:", "//", "ws:", "wss:"))
