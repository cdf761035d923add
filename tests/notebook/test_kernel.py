"""A notebook in a kernel of its own, as nbclient and \u201cRun all\u201d execute it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat.v4 import new_code_cell, new_notebook

if TYPE_CHECKING:
    from nbformat import NotebookNode

TRENDS = """%%misy tendencias -r -p topic=ia
pipeline tendencias(topic: Topic) {
  step found { call find-trends(topic) }
  return found
}"""
CELLS = (
    "%load_ext misydsl\nimport misydsl",
    "@misydsl.agent\nasync def find_trends(topic: str) -> list[str]:\n    return [topic + ' ñ']",
    "%%misy tipos\ntype Topic = string",
    TRENDS,
    "tendencias_run.result",
    "run = await tendencias(topic='otra')\nrun.result",
    "%misy show run",
)
WRONG = "%%misy mal\npipeline mal(topic: string) {\n  return topc\n}"


def execute(folder: Path, *cells: str) -> tuple[NotebookNode, str]:
    """The notebook after its cells were executed, and the error that stopped it."""
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python", "language": "python"}}
    typed = [new_code_cell(one) for one in cells]  # type: ignore[no-untyped-call]  # nbformat's has no types
    notebook = new_notebook(cells=typed, metadata=kernel)  # type: ignore[no-untyped-call]  # nbformat's has no types
    client = NotebookClient(
        notebook,
        timeout=50,
        resources={"metadata": {"path": str(folder)}},
        store_widget_state=False,
    )
    try:
        client.execute()
    except CellExecutionError as problem:
        return notebook, str(problem)
    return notebook, ""


@pytest.mark.timeout(120)
def test_cells_run_show_reports_and_stop_at_a_wrong_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IPYTHONDIR", str(folder / "ipython"))
    notebook, stopped = execute(folder, *CELLS, WRONG, "print('never')")
    outputs = [one.outputs for one in notebook.cells]

    declared, ran, result, again, shown, wrong, never = outputs[2:]
    assert declared[0].data["text/plain"] == "declared: Topic"
    assert len(ran) == 1, "the report takes the place of the board"
    assert "application/vnd.jupyter.widget-view+json" not in ran[0].data
    assert "tendencias" in ran[0].data["text/html"]
    assert "succeeded" in ran[0].data["text/plain"]
    assert result[0].data["text/plain"] == "['ia ñ']"
    assert again[-1].data["text/plain"] == "['otra ñ']"
    assert "succeeded" in shown[0].data["text/plain"]

    assert "I can't find `topc`" in stopped
    (error,) = wrong
    told = "\n".join(error.traceback)
    assert error.ename == "CellInvalid"
    assert "Did you mean `topic`?" in told
    assert "Traceback" not in told
    assert "File " not in told
    assert never == []
