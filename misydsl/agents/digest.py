"""What a Python function does, as a digest: an edited function is another agent.

In: a function. Out: 16 hex digits, the same for the same code in every process of this version of Python.
What the function calls is not looked into; a `version` of the agent says that something else changed.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from hashlib import blake2b
from types import CodeType


def digest_of(function: Callable[..., object]) -> str:
    """The digest of a function's own code, its defaults included; of a callable object, that of its class."""
    plain = inspect.unwrap(function)
    code = getattr(plain, "__code__", None) or getattr(type(plain).__call__, "__code__", None)
    digest = blake2b(digest_size=8)
    if isinstance(code, CodeType):
        waiting = [code]
        while waiting:
            current = waiting.pop()
            inner = [one for one in current.co_consts if isinstance(one, CodeType)]
            constants = [one for one in current.co_consts if not isinstance(one, CodeType)]
            waiting += inner
            digest.update(current.co_code)
            digest.update(repr((current.co_names, current.co_varnames)).encode())
            digest.update("".join(map(_stable, constants)).encode("utf-8", "backslashreplace"))
    for default in getattr(plain, "__defaults__", None) or ():
        digest.update(_stable(default).encode("utf-8", "backslashreplace"))
    return digest.hexdigest()


def _stable(constant: object) -> str:
    """A constant as text that does not depend on the process: sets sorted, addresses left out."""
    if isinstance(constant, frozenset | set):
        return repr(sorted(map(repr, constant)))
    simple = (str, bytes, int, float, complex, bool, type(None), type(...))
    if isinstance(constant, tuple | list):
        return "(" + ",".join(map(_stable, constant)) + ")"
    return repr(constant) if isinstance(constant, simple) else type(constant).__qualname__
