"""The plan of the house: which room is on which floor, and which room may use which package.

A floor is a set of rooms. A module may import its own room and every floor below it, nothing beside or
above. The ground is made of single modules, so its steps are small; from `pipeline` up these are the
floors that ARCHITECTURE.md draws. A package from outside may be imported in the rooms named here only.
"""

from __future__ import annotations

from typing import Final

FLOORS: Final[tuple[frozenset[str], ...]] = (
    # 0 ground
    frozenset({"clock", "headroom", "source"}),
    frozenset({"types", "values"}),
    frozenset({"alternatives"}),
    frozenset({"comparison"}),
    frozenset({"relations"}),
    frozenset({"diagnostics"}),
    frozenset({"failures"}),
    frozenset({"acceptance"}),
    # 1 nouns
    frozenset({"expressions", "history"}),
    frozenset({"pipeline"}),
    # 2 trades
    frozenset({"agents", "graph", "language", "store"}),
    # 3 doing
    frozenset({"metrics", "render", "runner"}),
    # 4 workspace
    frozenset({"workspace"}),
    frozenset({"__init__"}),
    # 5 doors
    frozenset({"cli", "lsp", "notebook", "server"}),
)

EVERYWHERE: Final = frozenset({"msgspec"})  # the records and the JSON of every noun

PACKAGES: Final[dict[str, frozenset[str]]] = {
    "IPython": frozenset({"notebook"}),
    "aiohttp": frozenset({"agents"}),
    "apsw": frozenset({"store"}),
    "graphviz": frozenset({"render"}),
    "h11": frozenset({"server"}),
    "httpx": frozenset({"agents"}),
    "ipywidgets": frozenset({"notebook"}),
    "jsonschema_rs": frozenset({"pipeline"}),
    "lark": frozenset({"language"}),
    "networkx": frozenset({"graph"}),
    "numpy": frozenset({"metrics"}),
    "pandas": frozenset({"metrics"}),
    "prometheus_client": frozenset({"server"}),
    "pyarrow": frozenset({"metrics"}),
    "pygls": frozenset({"lsp"}),
    "pygments": frozenset({"language"}),
    "rich": frozenset({"cli"}),
    "starlette": frozenset({"server"}),
    "tenacity": frozenset({"runner"}),
    "uvicorn": frozenset({"server"}),
    "websockets": frozenset({"server"}),
}

MODULE_LINES: Final = 400
FUNCTION_LINES: Final = 40
CLASS_LINES: Final = 200
NESTING: Final = 3

# Names that say nothing of the field: whatever has no home lands there.
EMPTY_MODULE_NAMES: Final = frozenset(
    {"base", "common", "core", "helper", "helpers", "misc", "util", "utils"}
)
EMPTY_CLASS_ENDINGS: Final = ("Factory", "Handler", "Manager", "Processor", "Service")
