"""Every diagnostic code: what it is called, what causes it, a bad example and a good one.

In: nothing. Out: `CATALOGUE`, code → explanation, and `TITLES`, both in the order of the codes. Codes are
stable and never used again for something else. Ranges: E01xx text · E02xx names and types · E03xx calls
and imports · E04xx structure and settings · E05xx types and null · E06xx graph · E07xx safety · E08xx workflows in
JSON · W09xx lint.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from misydsl.diagnostics.catalogue_calls import CALLS
from misydsl.diagnostics.catalogue_expressions import EXPRESSIONS
from misydsl.diagnostics.catalogue_graph import GRAPH
from misydsl.diagnostics.catalogue_lints import LINTS
from misydsl.diagnostics.catalogue_names import NAMES
from misydsl.diagnostics.catalogue_runs import RUNS
from misydsl.diagnostics.catalogue_structure import STRUCTURE
from misydsl.diagnostics.catalogue_text import TEXT
from misydsl.diagnostics.catalogue_values import VALUES
from misydsl.diagnostics.catalogue_workflows import WORKFLOWS
from misydsl.diagnostics.explanation import Explanation

_ALL: Final = (
    *TEXT,
    *NAMES,
    *CALLS,
    *STRUCTURE,
    *VALUES,
    *EXPRESSIONS,
    *RUNS,
    *GRAPH,
    *WORKFLOWS,
    *LINTS,
)
CATALOGUE: Final[Mapping[str, Explanation]] = MappingProxyType({one.code: one for one in _ALL})
TITLES: Final[Mapping[str, str]] = MappingProxyType({one.code: one.title for one in _ALL})


def title(code: str) -> str:
    """What a code is called; a code that is not in the catalogue is its own title."""
    return TITLES.get(code, code)
