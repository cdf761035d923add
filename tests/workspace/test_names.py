"""Names of the workspace's room mean one thing each, whatever was imported before."""

from __future__ import annotations

import types

import misydsl
import misydsl.workspace
from misydsl import workspace
from misydsl.workspace import overviews
from misydsl.workspace import runs as module_of_runs


def test_runs_is_the_module_here_and_the_table_in_the_package() -> None:
    assert isinstance(module_of_runs, types.ModuleType)
    assert misydsl.workspace.runs is module_of_runs
    assert misydsl.runs is overviews.runs
    assert "runs" not in workspace.__all__


def test_every_name_of_the_room_is_no_module() -> None:
    for name in workspace.__all__:
        assert not isinstance(getattr(workspace, name), types.ModuleType), name
