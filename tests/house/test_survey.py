"""Each rule of the house can fail: made-up packages with one breach each, and some with none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.house import plan, survey

Rule = Callable[[Path], list[str]]
Build = Callable[..., Path]


@pytest.fixture
def package(tmp_path: Path) -> Build:
    """Writes a package of the given modules, each opened by a docstring."""

    def build(files: dict[str, str]) -> Path:
        for name, text in {"__init__.py": "", **files}.items():
            path = tmp_path / "house" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f'"""What it promises."""\n{text}\n', encoding="utf-8")
        return tmp_path / "house"

    return build


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("graph/plan.py", "from house.runner import drive"),
        ("graph/plan.py", "import house.runner.drive"),
        ("graph/plan.py", "from house import runner"),
        ("graph/plan.py", "from house.store.memory import Memory"),
        ("graph/plan.py", "from ..runner import drive"),
        ("graph/plan.py", "from .. import runner"),
        ("graph/__init__.py", "from ..runner.drive import drive"),
        ("graph/deep/plan.py", "from ...runner import drive"),
        ("graph/plan.py", "def late():\n    from house.runner import drive"),
        (
            "graph/plan.py",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import house.runner.drive",
        ),
        ("graph/plan.py", "from importlib import import_module\nimport_module('house.runner')"),
        ("graph/__init__.py", "import importlib\nimportlib.import_module('..runner', __name__)"),
        ("source.py", "from house.types import Type"),
        ("workspace.py", "from house import load"),
    ],
)
def test_an_import_upward_or_sideways_is_a_breach(package: Build, module: str, line: str) -> None:
    rooms = {"runner/drive.py": "", "store/memory.py": "", "types.py": ""}
    found = survey.misplaced_imports(package({**rooms, module: line}))
    assert len(found) == 1
    assert f"house/{module}:" in found[0]
    assert "not below it" in found[0]


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("runner/drive.py", "from house.graph.plan import Plan"),
        ("runner/drive.py", "from ..graph import plan"),
        ("runner/drive.py", "from . import limits"),
        ("runner/__init__.py", "from .drive import drive"),
        ("runner/drive.py", "from __future__ import annotations\nimport asyncio, os.path"),
        ("runner/drive.py", "import tenacity.wait"),
        ("graph/plan.py", "import msgspec"),
        ("cli/main.py", "from house import load"),
        ("__init__.py", "from house.workspace import load"),
    ],
)
def test_an_import_downward_or_of_the_rooms_own_package_is_fine(
    package: Build, module: str, line: str
) -> None:
    rooms = {"graph/plan.py": "", "runner/limits.py": "", "workspace.py": ""}
    assert survey.misplaced_imports(package({**rooms, module: line})) == []


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("import lark", "belongs to language"),
        ("def late():\n    from pandas import DataFrame", "belongs to metrics"),
        ("import requests", "no room in the plan"),
        ("import pytest", "no room in the plan"),
    ],
)
def test_a_package_outside_its_room_is_a_breach(package: Build, line: str, word: str) -> None:
    [found] = survey.misplaced_imports(package({"graph/plan.py": line}))
    assert word in found


def test_a_room_that_the_plan_does_not_know_is_a_breach(package: Build) -> None:
    assert survey.misplaced_imports(package({"attic/box.py": ""})) == [
        "attic has no floor in the plan"
    ]


def _function(lines: int) -> str:
    return "def long():\n" + "    x = 1\n" * (lines - 1)


def _nested(*heads: str) -> str:
    lines = [f"{'    ' * depth}{head}" for depth, head in enumerate(("def deep():", *heads))]
    return "\n".join([*lines, "    " * (len(heads) + 1) + "pass"])


def _class(lines: int) -> str:
    return "class Long:\n" + "    x = 1\n" * (lines - 1)


@pytest.mark.parametrize(
    ("at_most", "over", "word"),
    [
        ("x = 1\n" * (plan.MODULE_LINES - 2), "x = 1\n" * (plan.MODULE_LINES - 1), "401 lines"),
        (_function(plan.FUNCTION_LINES), _function(plan.FUNCTION_LINES + 1), "41 lines"),
        (_class(plan.CLASS_LINES), _class(plan.CLASS_LINES + 1), "201 lines"),
        (
            _nested("if a:", "for b in c:", "with d:"),
            _nested("if a:", "for b in c:", "with d:", "while e:"),
            "nests 4 deep",
        ),
        (
            _nested("async def inner():", "async with a:", "try:", "async for b in c:")
            + "\n            finally:\n                pass",
            _nested("match a:", "case 1:", "if b:", "for c in d:", "while e:"),
            "nests 4 deep",
        ),
    ],
)
def test_what_is_over_its_bound_is_a_breach(
    package: Build, at_most: str, over: str, word: str
) -> None:
    assert survey.oversized(package({"graph/plan.py": at_most})) == []
    [found] = survey.oversized(package({"graph/plan.py": over}))
    assert word in found


def test_an_elif_is_no_deeper_than_its_if_but_an_if_in_an_else_is(package: Build) -> None:
    chain = "def f():\n  if a:\n    pass\n" + "  elif b:\n    pass\n" * 15
    assert survey.oversized(package({"graph/plan.py": chain})) == []
    deep = "def f():\n" + "".join(
        f"{' ' * n}if a:\n{' ' * n} x\n{' ' * n}else:\n" for n in (1, 2, 3, 4)
    )
    [found] = survey.oversized(package({"graph/plan.py": deep + "     x"}))
    assert "nests 4 deep" in found


@pytest.mark.parametrize(
    ("module", "text", "word"),
    [
        ("graph/utils.py", "", "noun"),
        ("graph/_helpers.py", "", "noun"),
        ("graph/common/plan.py", "", "noun"),
        ("graph/plan.py", "class PlanManager: ...", "PlanManager"),
        ("graph/plan.py", "def f():\n    class _StepHandler: ...", "_StepHandler"),
    ],
)
def test_an_empty_name_is_a_breach(package: Build, module: str, text: str, word: str) -> None:
    [found] = survey.unnamed(package({module: text}))
    assert f"house/{module}:" in found
    assert word in found


def test_a_module_without_a_docstring_is_a_breach(package: Build) -> None:
    house = package({"graph/plan.py": ""})
    assert survey.unnamed(house) == []
    (house / "graph" / "plan.py").write_text("x = 1\n", encoding="utf-8")
    [found] = survey.unnamed(house)
    assert "docstring" in found
