"""Every node inside a piece of the syntax tree, expressions included.

In: any node. Out: the nodes in it, itself first, in no promised order. The walk knows no kinds: it goes
through all fields of all nodes, without recursion, so that new syntax is seen by every rule.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from misydsl.source import Span


def nodes_in(root: msgspec.Struct) -> Iterator[msgspec.Struct]:
    """The node and everything inside it."""
    waiting: list[object] = [root]
    while waiting:
        current = waiting.pop()
        if isinstance(current, msgspec.Struct):
            yield current
            waiting.extend(getattr(current, field) for field in current.__struct_fields__)
        elif isinstance(current, tuple) and not isinstance(current, Span):
            waiting.extend(current)
