"""Five thousand inputs nobody would write; `MISY_FUZZ_INPUTS` asks for more (`make fuzz`).

`MISY_FUZZ_SEED` starts elsewhere. What fails is told by its number: `obey(mutated(NUMBER), NUMBER)`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Final

import pytest

from tests.fuzz.inputs import made_up, mutated, noise
from tests.fuzz.law import obey

INPUTS: Final = int(os.environ.get("MISY_FUZZ_INPUTS", "5000"))
FIRST: Final = int(os.environ.get("MISY_FUZZ_SEED", "0"))
PARTS: Final = 8
SHARES: Final[dict[Callable[[int], bytes], float]] = {mutated: 0.75, made_up: 0.15, noise: 0.10}


@pytest.mark.timeout(60 + INPUTS // 10)
@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("draw", SHARES, ids=lambda draw: draw.__name__)
def test_whatever_is_in_a_file_it_ends_in_diagnostics_and_values(
    draw: Callable[[int], bytes], part: int
) -> None:
    count = int(INPUTS * SHARES[draw])
    for seed in range(FIRST + part, FIRST + count, PARTS):
        data = draw(seed)
        try:
            obey(data, seed)
        except Exception as error:
            error.add_note(f"{draw.__name__}({seed}) = {data[:2_000]!r}")
            raise
