"""One contender's turn: `python -m benchmarks.contend module:function '{"argument": …}'`.

In: the function and its arguments, of which it gets those that it takes. Out: its quantities as one line of JSON, the last of its output.
"""

from __future__ import annotations

import inspect
import json
import sys
from importlib import import_module


def main() -> None:
    """Call the function and print what it measured."""
    entry, given = sys.argv[1:]
    module, _, function = entry.partition(":")
    work = getattr(import_module(module), function)
    takes = inspect.signature(work).parameters
    quantities = work(**{name: one for name, one in json.loads(given).items() if name in takes})
    print(json.dumps(quantities), flush=True)


if __name__ == "__main__":
    main()
