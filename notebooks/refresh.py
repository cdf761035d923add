"""Execute the notebooks and save them with their outputs: `python notebooks/refresh.py [NAME …]`.

In: the notebooks of this folder. Out: the same files with the outputs of a run from top to bottom, each in a
fresh folder with the examples beside it, so that no other run is in its journal; without widgets' state.
"""

from __future__ import annotations

import sys
from pathlib import Path
from shutil import copytree, ignore_patterns
from tempfile import TemporaryDirectory
from typing import Any

import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).parent
EXAMPLES = FOLDER.parent / "examples"
WIDGETS = "application/vnd.jupyter.widget"
TIMEOUT_S = 120


def executed(path: Path) -> Any:
    """The notebook after a run from top to bottom. Raises: CellExecutionError."""
    notebook = nbformat.read(path, as_version=4)
    with TemporaryDirectory() as place:
        folder = Path(place, FOLDER.name)
        folder.mkdir()
        copytree(EXAMPLES, Path(place, EXAMPLES.name), ignore=ignore_patterns(".misy", "out"))
        client = NotebookClient(
            notebook,
            timeout=TIMEOUT_S,
            kernel_name="python3",
            resources={"metadata": {"path": str(folder)}},
        )
        client.execute()
    return cleaned(notebook)


def cleaned(notebook: Any) -> Any:
    """Without what only a living page can show, and what says when and where it was executed."""
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number}"
        cell.metadata.pop("execution", None)
        if cell.cell_type != "code":
            continue
        outputs = []
        for output in cell.outputs:
            data = output.get("data", {})
            if any(kind.startswith(WIDGETS) for kind in data):
                continue
            outputs.append(output)
        cell.outputs = outputs
    return notebook


def main(names: list[str]) -> None:
    """Refresh the named notebooks, or all of them."""
    for path in sorted(FOLDER.glob("*.ipynb")):
        if names and path.stem not in names:
            continue
        nbformat.write(executed(path), path)
        print(path.name)


if __name__ == "__main__":
    main(sys.argv[1:])
