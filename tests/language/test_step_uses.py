"""The checker says which names a step needs from around it; looking into the step finds the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from misydsl.graph.blocks import block_places
from misydsl.pipeline.dependencies import names_found
from misydsl.pipeline.model import Library, Step
from misydsl.workspace.checking import check_file, check_text

ROOT: Final = Path(__file__).parents[2]
EVERYTHING: Final = """
agent a(q: any) -> any
prompt tell(what: any) "${what}"
let top = 3
pipeline p(x: list[any], b: bool = true) {
  let l = [top, x]
  step one for item, number in l when b {
    step inner { call a(q: [item, number, other]) }
    return [y for y in inner if y != z]
  } else when q == null { return l } else { return tell(what: w) }
  step two repeat up to top after one {
    until previous != null
    call a(q: { one, ...x })
    fallback { call a(q: error.message) }
    undo { call a(q: [two, one]) }
    timeout: if b then 1s else 2s
    key: one
  }
  let z = 1 let q = null let w = 2
  step other { call a(q: 1) }
  return two
}
"""


def steps_of(library: Library) -> Iterator[Step]:
    for pipeline in library.main.pipelines():
        for place in block_places(pipeline):
            yield from place.block.steps


def test_the_names_of_every_kind_of_step_are_the_ones_found_in_it() -> None:
    library = check_text(EVERYTHING).library
    assert library is not None
    found = {step.name: (step.uses, names_found(step)) for step in steps_of(library)}
    assert found.keys() == {"one", "inner", "two", "other"}
    assert {name: set(uses or ()) for name, (uses, _) in found.items()} == {
        name: names for name, (_, names) in found.items()
    }
    assert {"l", "b", "q", "z", "w", "other"} <= found["one"][1]


@pytest.mark.parametrize("folder", ["tests/corpus", "examples", "benchmarks"])
def test_the_names_of_steps_in_right_files_are_the_ones_found_in_them(folder: str) -> None:
    seen = 0
    for path in sorted((ROOT / folder).rglob("*.misy")):
        checked = check_file(path) if path.is_file() else None
        if checked is None or checked.errors or checked.library is None:
            continue
        for step in steps_of(checked.library):
            seen += 1
            assert set(step.uses or ()) == names_found(step), (path, step.name)
    assert seen
