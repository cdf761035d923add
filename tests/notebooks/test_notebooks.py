"""The notebooks of this repository: they run from a fresh clone, and are saved as they ran."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.notebooks.executed import (
    AT_ONCE,
    ENGLISH,
    PATHS,
    Loads,
    execute_all,
    fresh_folder,
    kinds_of,
    outputs_of,
    page_of,
    papermill,
    read,
    standings_of,
    words_of,
)

if TYPE_CHECKING:
    from nbformat import NotebookNode

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
every = pytest.mark.parametrize("path", PATHS, ids=[one.stem for one in PATHS])


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, NotebookNode]:
    """Every notebook, executed once for all tests."""
    parent = tmp_path_factory.mktemp("cuadernos ñ")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IPYTHONDIR", str(parent / "ipython"))
        return execute_all(parent)


def test_the_notebooks_are_the_six_of_the_guide_and_two_in_spanish() -> None:
    assert [one.stem[:2] for one in PATHS] == ["01", "01", "02", "02", "03", "04", "05", "06"]


@every
def test_a_notebook_runs_from_top_to_bottom_in_a_fresh_folder(
    path: Path, executed: dict[str, NotebookNode]
) -> None:
    for number, output in outputs_of(executed[path.stem]):
        tags = executed[path.stem].cells[number].metadata.get("tags", [])
        assert (output.output_type == "error") == ("raises-exception" in tags), words_of(output)
        assert output.get("name") != "stderr", words_of(output)


@every
def test_its_saved_outputs_are_those_of_a_run_today(
    path: Path, executed: dict[str, NotebookNode]
) -> None:
    saved = read(path)

    assert kinds_of(saved) == kinds_of(executed[path.stem])
    assert standings_of(saved) == standings_of(executed[path.stem])
    assert [one.source for one in saved.cells] == [one.source for one in executed[path.stem].cells]


def test_what_a_notebook_shows_is_the_same_in_both_languages() -> None:
    translated = [one for one in PATHS if one not in ENGLISH]
    assert [one.stem[:2] for one in translated] == ["01", "02"]
    for path in translated:
        (original,) = (one for one in ENGLISH if one.stem[:2] == path.stem[:2])
        assert kinds_of(read(path)) == kinds_of(read(original))
        assert standings_of(read(path)) == standings_of(read(original))


@every
def test_it_is_saved_without_widgets_and_without_places_of_a_machine(path: Path) -> None:
    saved, text = read(path), path.read_text(encoding="utf-8")

    assert "widgets" not in saved.metadata
    assert "vnd.jupyter.widget" not in text
    assert "/home/" not in text
    assert "/tmp/" not in text  # a place that must not be in it
    assert any(standings_of(saved)), "the report of a run is saved with it"


@every
def test_as_a_page_it_brings_its_pictures_and_asks_no_network(
    path: Path, executed: dict[str, NotebookNode]
) -> None:
    for notebook in (read(path), executed[path.stem]):
        loads = Loads(page_of(notebook))
        shown = [one for one in kinds_of(notebook) if one[1] == "display_data"]

        assert loads.from_network == []
        assert loads.pictures >= len(shown)


def test_what_a_page_loads_is_noticed() -> None:
    page = (
        '<img src="data:image/png;base64,AAAA"><img src="//example.org/a.png"><svg></svg>'
        '<link href="https://example.org/a.css"><a href="https://example.org/">read</a>'
        "<style>p{background:url('http://example.org/b.png')}</style>"
    )
    loads = Loads(page)

    assert loads.pictures == 2
    assert len(loads.from_network) == 3


@pytest.mark.skipif(find_spec("papermill") is None, reason="papermill is not installed")
def test_papermill_runs_the_notebooks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    with ThreadPoolExecutor(AT_ONCE) as threads:
        begun = [threads.submit(papermill, one, fresh_folder(tmp_path, one)) for one in ENGLISH]
        results = [one.result() for one in begun]

    for path, ran in zip(ENGLISH, results, strict=True):
        found, saved = ([one[1:] for one in standings_of(each)] for each in (ran, read(path)))
        assert found == saved, path.stem
