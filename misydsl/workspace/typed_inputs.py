"""Inputs of a pipeline, as typed on the command line or kept in a JSON file.

In: the pipeline's parameters, `-p name=value` texts and the file of `--params`. Out: values by parameter
name. What is wrong is a diagnostic like any other, with a caret under the part of the command line (or
the place in the JSON file) that is meant; all of them are reported at once. `-p` wins over the file.
"""

from __future__ import annotations

import shlex
from codecs import BOM_UTF8
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from misydsl.acceptance import Mismatch, acceptor, read_text
from misydsl.diagnostics.diagnostic import Diagnostic
from misydsl.diagnostics.similar import fold, similar
from misydsl.failures import MisyError, SourceInvalid
from misydsl.pipeline.model import Parameter
from misydsl.relations import admits_null, describe
from misydsl.source import Source, Span
from misydsl.values import JsonInvalid, Value, decode_json
from misydsl.workspace.samples import choices_text, sample_text

COMMAND_LINE = "the command line"


def read_inputs(
    pipeline: str,
    parameters: Sequence[Parameter],
    *,
    given: Sequence[str] = (),
    params_file: Path | None = None,
    words: Sequence[str] = (),
    command: str = "misy",
    are_all_needed: bool = True,
) -> dict[str, Value]:
    """Values by parameter name; `command` and its `words` are what was typed, for the carets.

    Without `are_all_needed`, those of an earlier run stand for the ones that are not given.

    Raises: `SourceInvalid` with every problem; `MisyError` when the file cannot be read.
    """
    reading = _Reading(
        pipeline, {fold(one.name): one for one in parameters}, _command(command, words)
    )
    if params_file is not None:
        reading.take_file(params_file)
    reading.take_texts(given)
    if are_all_needed:
        reading.require(parameters)
    if reading.problems:
        raise SourceInvalid(reading.problems)
    return reading.values


def _command(command: str, words: Sequence[str]) -> Source:
    name = command if command.startswith("%") else COMMAND_LINE  # a cell has no command line
    return Source(name, shlex.join([*command.split(), *words]))


@dataclass(slots=True)
class _Reading:
    """What has been read so far, and what was wrong with it."""

    pipeline: str
    parameters: Mapping[str, Parameter]
    command: Source
    values: dict[str, Value] = field(default_factory=dict)
    problems: list[Diagnostic] = field(default_factory=list)
    named: set[str] = field(default_factory=set)
    """Parameters that were given, rightly or wrongly: they are not missing."""

    def take_texts(self, given: Iterable[str]) -> None:
        seen: set[str] = set()
        for text in given:
            name, _, value = text.partition("=")
            parameter = self._known(name, self.command, _place(self.command, text, name))
            if parameter is None:
                continue
            if parameter.name in seen:
                place = _place(self.command, text, name, is_last=True)
                self._wrong("E0307", f"`{parameter.name}` is given twice", self.command, place)
            seen.add(parameter.name)
            self._take_text(parameter, text, value)

    def take_file(self, path: Path) -> None:
        source, entries = self._entries(path)
        for name, value in entries.items():
            place = _key_place(source, name)
            parameter = self._known(name, source, place)
            if parameter is None:
                continue
            self.named.add(parameter.name)
            try:
                self.values[parameter.name] = acceptor(parameter.type)(value)
            except Mismatch as mismatch:
                message = f"`{parameter.name}`: {mismatch}"
                self._wrong("E0501", message, source, place)

    def require(self, parameters: Iterable[Parameter]) -> None:
        end = len(self.command.text)
        for one in parameters:
            if one.name in self.named or one.default is not None or admits_null(one.type):
                continue
            message = f"`{self.pipeline}` needs `{one.name}: {describe(one.type)}`"
            cure = f"add -p {one.name}={sample_text(one.type)}"
            self._wrong("E0306", message, self.command, Span(end, end), help_=cure)

    def _take_text(self, parameter: Parameter, text: str, value: str) -> None:
        self.named.add(parameter.name)
        try:
            self.values[parameter.name] = read_text(value, parameter.type)
        except Mismatch as mismatch:
            message = f"`{parameter.name}`: {mismatch}"
            place = _place(self.command, text, value, skip=len(text) - len(value))
            cure = f"for example: -p {parameter.name}={sample_text(parameter.type)}"
            choices = choices_text(parameter.type)
            cure = f"it is one of {choices}; {cure}" if choices else cure
            self._wrong("E0501", message, self.command, place, help_=cure)

    def _known(self, name: str, source: Source, place: Span) -> Parameter | None:
        parameter = self.parameters.get(fold(name))
        if parameter is None:
            names = [one.name for one in self.parameters.values()]
            meant = similar(name, names)
            hint = f". Did you mean `{meant}`?" if meant else ""
            message = f"`{self.pipeline}` has no input `{name}`{hint}"
            takes = f"it takes: {', '.join(names)}" if names else "it takes none: leave it out"
            self._wrong("E0305", message, source, place, help_=takes)
            self.named.add(meant or "")  # the slip is told; the missing input would be its echo
        return parameter

    def _entries(self, path: Path) -> tuple[Source, Mapping[str, Value]]:
        if path.is_char_device():
            raise MisyError(f"{path} cannot be read: it is a device, not a file")
        try:
            data = path.read_bytes()
        except OSError as error:
            raise MisyError(f"{path} cannot be read: {error.strerror or error}") from error
        data = data.removeprefix(BOM_UTF8)  # some editors write one; it says nothing
        source = Source(str(path), data.decode("utf-8", errors="replace"))
        try:
            value = decode_json(data)
        except JsonInvalid as error:
            before = data[: error.offset or 0].decode("utf-8", errors="replace")
            place = Span(len(before), min(len(before) + 1, len(source.text)))
            message = f"the file of inputs cannot be read: {error.message}"
            self._wrong("E0501", message, source, place)
            return source, {}
        if isinstance(value, dict):
            return source, value
        names = ", ".join(f"`{one.name}`" for one in self.parameters.values())
        message = f"this must be a JSON object with the inputs {names}"
        self._wrong("E0501", message, source, Span(0, len(source.text)))
        return source, {}

    def _wrong(
        self, code: str, message: str, source: Source, place: Span, *, help_: str | None = None
    ) -> None:
        self.problems.append(Diagnostic(code, message, source, place, help=help_))


def _place(command: Source, text: str, part: str, *, skip: int = 0, is_last: bool = False) -> Span:
    """Where a part of `-p text` stands; the whole argument where the shell's quotes moved it."""
    find = command.text.rfind if is_last else command.text.find
    start = find(text)
    if start >= 0:
        return Span(start + skip, start + skip + len(part))
    quoted = shlex.quote(text)
    start = find(quoted)
    if start >= 0:
        return Span(start, start + len(quoted))
    end = len(command.text)
    return Span(end, end)


def _key_place(source: Source, name: str) -> Span:
    start = source.text.find(f'"{name}"')
    return Span(start, start + len(name) + 2) if start >= 0 else Span(0, 1)
