"""Fixtures of the notebook: a folder, and somebody who types into a shell there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.notebook.shells import Typed, shell_with_extension


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder."""
    found = tmp_path / "cuaderno ñ"
    found.mkdir()
    monkeypatch.chdir(found)
    return found


@pytest.fixture
def typed(folder: Path) -> Iterator[Typed]:
    """A shell in that folder."""
    assert folder.is_dir()
    with shell_with_extension() as found:
        yield found
