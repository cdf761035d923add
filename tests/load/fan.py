"""One `for` over very many items in a process of its own: what it takes, and what it leaves.

`python -m tests.load.fan JOURNAL ITEMS` prints, as JSON, the memory at its highest per item above what a small run
took (`item_bytes`), whether the result is right, and how many facts of each kind the journal holds of the run.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from pathlib import Path

from misydsl.history.events import StepFinished
from misydsl.store.sqlite import SqliteJournal
from tests.agents.measures import Growth

TEXT = """misy 1
agent same(value: int) -> int
pipeline items(values: list[int]) -> list[int] {
  step worked for value in values { call same(value) }
  return worked
}
"""
WARM_UP = 100


def main() -> None:
    """Run a few items, then all of them."""
    import misydsl

    @misydsl.agent(pure=True)
    async def same(value: int) -> int:
        return value

    journal, items = SqliteJournal(Path(sys.argv[1])), int(sys.argv[2])
    pipeline = misydsl.load(TEXT)
    pipeline.run(agents={"same": same}, journal=journal, values=list(range(WARM_UP)))
    values = list(range(1_000, 1_000 + items))
    growth = Growth()
    run = pipeline.run(agents={"same": same}, journal=journal, values=values)
    item_bytes = growth.bytes / items
    is_right = run.status == "succeeded" and run.result == values
    kinds: Counter[str] = Counter()
    ends: set[str] = set()
    for one in journal.read(run.id):
        kinds[type(one.event).__name__] += 1
        if isinstance(one.event, StepFinished):
            ends.add(one.event.item)
    told = {"item_bytes": item_bytes, "is_right": is_right, "kinds": kinds, "ends": len(ends)}
    print(json.dumps(told))
    journal.close()


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    os._exit(0)
