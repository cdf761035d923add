"""JSON Schema: what a step's result is held to, when its workflow says so.

In: the text of a schema. Out: a check that raises `Mismatch`. Patterns are matched in linear time, no
reference to another document is ever followed, and a schema that unfolds into millions of rules is refused,
whoever wrote it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from misydsl.acceptance import Mismatch
from misydsl.values import Value, decode_json

if TYPE_CHECKING:
    import jsonschema_rs

MOST_BYTES: Final = 256 * 1024
MOST_RULES: Final = 100_000
"""As many rules may a schema have once its references are written out; checking one takes some 10 ns."""
MOST_PATTERNS: Final = 100
_PATTERN_BYTES: Final = (
    2**20
)  # a compiled pattern, and what it remembers while it matches; 5 ms of work
_DEEPEST: Final = 100  # references that lead to references
_TOLD_RETURNS: Final = 20
"""References times levels: to say what is wrong is tried in as many ways as both allow, 2 to the power of it."""
_REFERENCES: Final = ("$ref", "$dynamicRef", "$recursiveRef")
_LONGEST_WORDS: Final = 300  # of what is wrong; the value itself may be megabytes


class SchemaInvalid(ValueError):
    """It is no JSON Schema, needs another document, or is too much work to check."""


def schema_check(text: str) -> Callable[[Value], Value]:
    """Takes a value and gives it back, or raises `Mismatch`. Raises: `SchemaInvalid`, itself."""
    validator = validator_of(text)
    returns = _Unfolding(decode_json(text.encode())).returns()

    def check(value: Value) -> Value:
        # whether it fits is found out with a memory; to say why is not, and may take for ever
        if validator.is_valid(value):
            return value
        if returns and returns * depth_of(value) > _TOLD_RETURNS:
            raise Mismatch("", "a value that fits the schema", "one that does not")
        wrong = next(validator.iter_errors(value), None)
        if wrong is not None:
            words = f"one that does not ({_cut(wrong.message)})"
            raise Mismatch(_path(wrong.instance_path), "a value that fits the schema", words)
        return value

    return check


@lru_cache(maxsize=64)
def validator_of(text: str) -> jsonschema_rs.Validator:
    """The compiled schema; raises `SchemaInvalid`."""
    import jsonschema_rs  # 10 ms, for what few steps have

    if len(text) > MOST_BYTES:
        raise SchemaInvalid(f"a schema has at most {MOST_BYTES} characters")
    schema: Any = decode_json(text.encode())
    if _Unfolding(schema).size() > MOST_RULES:
        raise SchemaInvalid(f"with its references written out it has over {MOST_RULES} rules")
    if patterns_in(schema) > MOST_PATTERNS:
        raise SchemaInvalid(f"it has over {MOST_PATTERNS} patterns")
    try:
        return jsonschema_rs.validator_for(
            schema,
            retriever=_refuse,
            pattern_options=jsonschema_rs.RegexOptions(
                size_limit=_PATTERN_BYTES, dfa_size_limit=_PATTERN_BYTES
            ),
            validate_formats=False,
        )
    except jsonschema_rs.ValidationError as wrong:
        raise SchemaInvalid(_cut(wrong.message or str(wrong).partition("\n")[0])) from None
    except (jsonschema_rs.ReferencingError, ValueError) as wrong:
        raise SchemaInvalid(_cut(str(wrong))) from None


def patterns_in(schema: Value) -> int:
    """How many patterns a schema has to be matched."""
    count, rest = 0, [schema]
    while rest:
        current = rest.pop()
        if isinstance(current, dict):
            rest += current.values()
            named = current.get("patternProperties")
            count += len(named) if isinstance(named, dict) else 0
            count += "pattern" in current
        elif isinstance(current, list):
            rest += current
    return count


def depth_of(value: Value) -> int:
    """How many containers stand in each other, at most."""
    depth, level = 0, [value]
    while level := [one for one in level if isinstance(one, dict | list)]:
        depth += 1
        level = [
            inner for one in level for inner in (one.values() if isinstance(one, dict) else one)
        ]
    return depth


class _Unfolding:
    """How many rules a schema has with each `$ref` written out; a reference to what it stands in is one."""

    def __init__(self, schema: Value) -> None:
        self._schema = schema
        self._sizes: dict[str, int] = {}
        self._open: set[str] = set()
        self._leads_back = False

    def size(self) -> int:
        """Some number over `MOST_RULES` where it is more; raises `SchemaInvalid`."""
        return self._size(self._schema)

    def returns(self) -> int:
        """How many references there are when one of them leads back to what it stands in; else none."""
        self.size()
        if not self._leads_back:
            return 0
        count, rest = 0, [self._schema]
        while rest:
            current = rest.pop()
            if isinstance(current, dict):
                count += sum(word in current for word in _REFERENCES)
                rest += current.values()
            elif isinstance(current, list):
                rest += current
        return count

    def _size(self, part: Value) -> int:
        total, rest = 0, [part]
        while rest:
            current = rest.pop()
            total += 1
            if isinstance(current, dict):
                rest += current.values()
                given = [current.get(word) for word in _REFERENCES]
                total += sum(self._target(one) for one in given if isinstance(one, str))
            elif isinstance(current, list):
                rest += current
            if total > MOST_RULES:
                break
        return total

    def _target(self, reference: str) -> int:
        self._leads_back |= reference in self._open
        if reference not in self._sizes:
            if len(self._open) == _DEEPEST:
                raise SchemaInvalid(f"its references lead to each other over {_DEEPEST} times")
            self._sizes[reference] = 1  # while it is looked at, and for good when it leads back
            self._open.add(reference)
            self._sizes[reference] = self._size(self._at(reference))
            self._open.remove(reference)
        return self._sizes[reference]

    def _at(self, reference: str) -> Value:
        current = self._schema
        for name in _names(reference):
            if isinstance(current, dict):
                current = current.get(name)
            elif isinstance(current, list) and name.isdecimal() and int(name) < len(current):
                current = current[int(name)]
        return current


def _names(reference: str) -> Iterator[str]:
    """The names of a pointer `#/a/b`; none for the whole document."""
    for name in reference.partition("#")[2].split("/")[1:]:
        yield name.replace("~1", "/").replace("~0", "~")


def _path(way: list[str | int]) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in way)


def _refuse(uri: str) -> Any:
    raise ValueError(f"a schema may not refer to another document: {_cut(uri)}")


def _cut(words: str) -> str:
    return words if len(words) <= _LONGEST_WORDS else f"{words[:_LONGEST_WORDS]}…"
