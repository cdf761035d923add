"""What this server answers: one table.

In: operations, from the parts that answer them. Out: the table that the gate obeys and the OpenAPI document is
made from, so that nothing is answered that is not described, and nothing is described that is not guarded.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final, Literal

import msgspec
from starlette.requests import Request as HttpRequest
from starlette.responses import Response

Method = Literal["GET", "POST"]
Answering = Callable[[HttpRequest], Awaitable[Response]]
_PARAMETER: Final = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that can be asked for."""

    method: Method
    path: str
    """With parameters in braces; each is one segment."""
    answer: Answering
    summary: str
    tag: str
    takes: type[msgspec.Struct] | None = None
    """The JSON body, decoded strictly and found as `http.state.body`."""
    asks: type[msgspec.Struct] | None = None
    """The query, by the names on the wire; every other name is refused. Found as `http.state.query`."""
    gives: Mapping[int, object] = field(default_factory=dict)
    """By status: a type of payload, or the name of a media type."""
    is_open: bool = False
    """Whether it is answered without a token: the page's own files only."""

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names in its path."""
        return tuple(_PARAMETER.findall(self.path))

    @property
    def described(self) -> str:
        """For people: `POST /workflow`."""
        return f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class Found:
    """What answers at a path, by method, and the parameters that stand in it."""

    operations: Mapping[str, Operation]
    parameters: Mapping[str, str]

    @property
    def allowed(self) -> str:
        """The value of an `Allow` header."""
        methods = set(self.operations) | ({"HEAD"} if "GET" in self.operations else set())
        return ", ".join(sorted(methods))


class Table:
    """All operations, by path."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self.operations: Sequence[Operation] = tuple(operations)
        self._fixed: dict[str, dict[str, Operation]] = {}
        self._open: dict[str, tuple[re.Pattern[str], dict[str, Operation]]] = {}
        for one in self.operations:
            self._put(one)

    def find(self, path: str) -> Found | None:
        """What answers at this path; a path without parameters comes before one with."""
        fixed = self._fixed.get(path)
        if fixed is not None:
            return Found(fixed, {})
        for pattern, methods in self._open.values():
            match = pattern.fullmatch(path)
            if match is not None:
                return Found(methods, match.groupdict())
        return None

    def _put(self, operation: Operation) -> None:
        if operation.parameters:
            pattern = re.compile(_PARAMETER.sub(r"(?P<\1>[^/]+)", operation.path))
            _, methods = self._open.setdefault(operation.path, (pattern, {}))
        else:
            methods = self._fixed.setdefault(operation.path, {})
        if operation.method in methods:
            raise ValueError(f"{operation.described} is answered twice")
        methods[operation.method] = operation


def phrase(status: int) -> str:
    """What a status is called."""
    return HTTPStatus(status).phrase
