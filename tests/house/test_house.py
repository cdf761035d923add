"""The house keeps to its plan, and importing it costs nothing heavy."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import misydsl
from tests.house import survey

PACKAGE = Path(misydsl.__file__).parent
HEAVY = (
    *("IPython", "aiohttp", "apsw", "graphviz", "httpx", "ipywidgets", "lark", "networkx", "numpy"),
    *("pandas", "pyarrow", "pygls", "pygments", "rich", "starlette", "tenacity", "uvicorn"),
)


def test_imports_only_point_down_and_packages_stay_in_their_rooms() -> None:
    assert survey.misplaced_imports(PACKAGE) == []


def test_modules_classes_functions_and_nesting_keep_their_bounds() -> None:
    assert survey.oversized(PACKAGE) == []


def test_names_are_of_the_field_and_modules_say_what_they_promise() -> None:
    assert survey.unnamed(PACKAGE) == []


def test_importing_misydsl_loads_no_heavy_package() -> None:
    code = f"import sys, misydsl; print(*sorted(set({HEAVY!r}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
