"""Fixtures of the workspace: a folder of somebody's project, and its journal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from misydsl.store.journal import Journal
from misydsl.workspace import open_journal


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder."""
    found = tmp_path / "proyecto ñ"
    found.mkdir()
    monkeypatch.chdir(found)
    return found


@pytest.fixture
def journal(folder: Path) -> Iterator[Journal]:
    """The journal of the folder, closed at the end."""
    keeper = open_journal()
    yield keeper
    keeper.close()
