"""One contender's turn: `python -m benchmarks.contend module:function '{"argument": …}'`.

In: the function and its arguments, of which it gets those that it takes. Out: a list of its quantities, one
for each time it did the work, as one line of JSON, the last of its output. The most memory that the process and
those it started have had is added: `peak_bytes`.
"""

from __future__ import annotations

import inspect
import json
import sys
from importlib import import_module

from benchmarks.stopwatch import family_peak_bytes


def main() -> None:
    """Call the function and print what it measured."""
    entry, given = sys.argv[1:]
    module, _, function = entry.partition(":")
    work = getattr(import_module(module), function)
    takes = inspect.signature(work).parameters
    answer = work(**{name: one for name, one in json.loads(given).items() if name in takes})
    memory = {"peak_bytes": float(family_peak_bytes())}
    rounds = answer if isinstance(answer, list) else [answer]
    print(json.dumps([{**quantities, **memory} for quantities in rounds]), flush=True)


if __name__ == "__main__":
    main()
