"""The words of the checker: names, types as written, imports and calls.

In: what was found. Out: `Finding`s: what is wrong in one sentence, and how to mend it. Nothing here
decides anything. Structure and settings are worded in `structure_messages`, problems of expressions in
`problem_messages`; what the checker says is said in these three and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, assert_never

from misydsl.diagnostics.similar import Guess
from misydsl.language.report import Finding
from misydsl.language.shelves import Refusal
from misydsl.pipeline.model import Agent, Declaration, Let, Parameter, Pipeline, Prompt, TypeAlias
from misydsl.relations import describe
from misydsl.types import Type

OTHER_TYPE_WORDS: Final = {
    "str": "string", "text": "string", "String": "string", "varchar": "string", "char": "string",
    "integer": "int", "Int": "int", "Integer": "int", "long": "int", "int64": "int",
    "number": "float", "Number": "float", "double": "float", "Float": "float", "real": "float",
    "decimal": "float", "boolean": "bool", "Boolean": "bool", "Bool": "bool",
    "none": "null", "None": "null", "nil": "null", "void": "null", "undefined": "null",
    "array": "list[any]", "Array": "list[any]", "List": "list[any]", "tuple": "list[any]",
    "dict": "map[any]", "Dict": "map[any]", "Map": "map[any]", "hash": "map[any]",
    "object": "map[any]", "Object": "map[any]", "json": "any", "Any": "any", "unknown": "any",
    "timestamp": "datetime", "time": "datetime", "Date": "date", "timedelta": "duration",
    "interval": "duration", "bytes": "size", "uri": "url",
}  # fmt: skip
"""What other languages call the built-in types."""

_SHOWN_INPUTS = 12


def kind_of(declaration: Declaration) -> str:
    """What a declaration is, with its article."""
    match declaration:
        case TypeAlias():
            return "a type"
        case Let():
            return "a let"
        case Agent():
            return "an agent"
        case Prompt():
            return "a prompt"
        case Pipeline():
            return "a pipeline"
        case never:
            assert_never(never)


def listed(names: Iterable[str]) -> str:
    """`a`, `b` and `c`."""
    *most, last = [f"`{name}`" for name in names]
    return f"{', '.join(most)} and {last}" if most else last


def meant(candidate: str | None) -> str:
    """`. Did you mean …?`, or nothing."""
    return f". Did you mean `{candidate}`?" if candidate else ""


def certain(candidate: str | None) -> str | None:
    """The candidate when no other is as near, so that it may be written without asking."""
    return candidate if not isinstance(candidate, Guess) or candidate.is_clear else None


# Names


def name_twice(name: str, kind: str, earlier: str) -> Finding:
    """E0202; the kinds are plurals and singulars without article: `step`."""
    if kind == earlier:
        message = f"there are two {kind}s called `{name}`"
    else:
        message = f"there is already {article(earlier)} called `{name}`"
    return Finding("E0202", message, "rename one of them")


def article(kind: str) -> str:
    """`an agent`, `a step`."""
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"


def names_fold(name: str, earlier: str) -> Finding:
    """E0203."""
    message = f"`{name}` and `{earlier}` become the same name in Python"
    return Finding("E0203", message, "rename one of them")


def name_hides(name: str) -> Finding:
    """E0204."""
    message = f"`{name}` already means something outside this block"
    return Finding("E0204", message, "use another name: hiding a name is not allowed")


def name_built_in(name: str) -> Finding:
    """E0205."""
    return Finding("E0205", f"`{name}` is a built-in name and cannot be redefined")


def lets_circle(names: Sequence[str]) -> Finding:
    """E0601 among lets."""
    if len(names) <= 2:  # the name and itself
        message = f"this let is defined by itself: {circle(names)}"
    else:
        message = f"these lets need each other: {circle(names)}"
    return Finding("E0601", message, "break the circle: one of them must not need the other")


def prompts_circle(names: Sequence[str]) -> Finding:
    """E0602 among prompts."""
    tail = f": {circle(names)}" if len(names) > 2 else ""
    message = f"the prompt `{names[0]}` ends up calling itself{tail}"
    return Finding("E0602", message, "prompts cannot be recursive")


def circle(names: Sequence[str]) -> str:
    """`s → t → s`, with the middle of a long one counted instead of named."""
    shown = list(names)
    if len(shown) > 9:  # as many as fit on a terminal line
        shown = [*shown[:6], f"… {len(shown) - 8} more …", *shown[-2:]]
    return " → ".join(shown)


def used_early(name: str) -> Finding:
    """W0903."""
    message = f"`{name}` is used before it is defined; reading order is easier"
    return Finding("W0903", message, severity="warning")


# Types as written


def unknown_type(name: str, candidate: str | None, *, has_arguments: bool = False) -> Finding:
    """E0210; `has_arguments` when a type in brackets follows."""
    known = OTHER_TYPE_WORDS.get(name)
    if known is not None and has_arguments and known.startswith("map"):
        message = f"there is no type `{name}`. In misy it is called `map`"
        return Finding("E0210", message, "write the type of the values only: `map[int]`")
    if known is not None and has_arguments:
        known = known.partition("[")[0]
    if name in ("Optional", "optional", "Maybe"):
        return Finding("E0210", f"there is no type `{name}`", "write `?` after the type: `string?`")
    if known is not None:
        message = f"there is no type `{name}`. In misy it is called `{known}`"
        return Finding("E0210", message, replacement=known)
    return Finding(
        "E0210", f"there is no type `{name}`{meant(candidate)}", replacement=certain(candidate)
    )


def not_a_type(name: str, kind: str) -> Finding:
    """E0210, for a name that means something else; `kind` with its article."""
    return Finding("E0210", f"`{name}` is {kind}, not a type")


def type_needs_one(name: str) -> Finding:
    """E0211."""
    return Finding("E0211", f"`{name}` needs one type in brackets: `{name}[string]`")


def type_takes_nothing(name: str) -> Finding:
    """E0211, the other way round."""
    help_ = "only `list[…]` and `map[…]` have a type in brackets"
    return Finding("E0211", f"`{name}` has no type in brackets", help_)


def type_circle(names: Sequence[str]) -> Finding:
    """E0212."""
    through = f", through {listed(names[1:4])}" if len(names) > 1 else ""
    message = f"the type `{names[0]}` is defined in terms of itself{through}"
    return Finding("E0212", message, "types cannot be recursive: write `any` at one place")


def type_too_large(name: str) -> Finding:
    """E0212, for a type that would fill the memory."""
    message = f"the type `{name}` is too large: over 10,000 parts, or 100 levels, written out"
    return Finding("E0212", message, "write `any` at some places")


def field_twice(name: str) -> Finding:
    """E0213."""
    return Finding("E0213", f"the field `{name}` is declared twice", "remove one of them")


# Imports


def import_path_not_plain() -> Finding:
    """E0301, for a path with `${…}`."""
    return Finding("E0301", "the file of an import is a plain text, without `${…}`")


def import_refused(written: str, why: Refusal) -> Finding:
    """E0301, for what is not even looked for."""
    match why:
        case Refusal.ADDRESS:
            message = f"imports never come from the network: {written}"
            help_ = "keep the file in the project and import it from there"
        case Refusal.ABSOLUTE:
            message = f"imports are relative to this file: {written}"
            help_ = 'write the way from here: "./agents.misy"'
        case Refusal.OUTSIDE:
            message = f"{written} is outside of the project"
            help_ = "keep imported files in the folder of the project"
        case Refusal.HOMELESS:
            message = f"this text has no folder, so {written} cannot be found"
            help_ = "save it as a file beside the one it imports"
        case Refusal.FOLDER:
            message = f"{written} is a folder"
            help_ = "name a file in it"
        case Refusal.NO_FILE:
            message = f"{written} is not a plain file"
            help_ = "imports come from files of text"
        case Refusal.LINK:
            message = f"{written} is a link that leads out of the project"
            help_ = "keep imported files in the folder of the project"
        case Refusal.UNREADABLE:
            message = f"{written} is there, but cannot be read"
            help_ = "look at who may read it"
        case never:
            assert_never(never)
    return Finding("E0301", message, help_)


def no_file(written: str, candidate: str | None) -> Finding:
    """E0301."""
    folder = written.rpartition("/")[0]
    right = f'"{folder}/{candidate}"' if folder and certain(candidate) else None
    return Finding("E0301", f"there is no file {written}{meant(candidate)}", replacement=right)


def no_such_import(
    written: str, name: str, candidate: str | None, *, is_handed_on: bool = False
) -> Finding:
    """E0302; `is_handed_on` when the file itself imports that name."""
    if is_handed_on:
        message = f"{written} only imports `{name}`, and imports are not handed on"
        return Finding("E0302", message, "import it from the file that declares it")
    return Finding("E0302", f"{written} has no `{name}`{meant(candidate)}")


def import_circle(names: Sequence[str]) -> Finding:
    """E0310."""
    if len(names) <= 2:  # the file and itself
        return Finding("E0310", f"this file imports itself: {names[0]}", "remove the import")
    message = f"these files import each other: {circle(names)}"
    return Finding("E0310", message, "move what both need into a file of its own")


def import_unused(name: str) -> Finding:
    """W0901."""
    message = f"`{name}` is imported but never used"
    return Finding("W0901", message, "remove it", severity="warning")


# Calls


def unknown_target(name: str, candidate: str | None) -> Finding:
    """E0303."""
    if name == "approve" or name.startswith("human."):
        message = f"there is no agent or pipeline `{name}`. Did you mean `human.approve`?"
        return Finding("E0303", message, "call human.approve(message: …)", "human.approve")
    message = f"there is no agent or pipeline `{name}`{meant(candidate)}"
    return Finding("E0303", message, replacement=certain(candidate))


def target_not_callable(name: str, kind: str) -> Finding:
    """E0303, for a name that means something else; `kind` with its article."""
    message = f"`{name}` is {kind}: only agents and pipelines can be called by a step"
    help_ = f"use it in an expression: {name}(…)" if kind == "a prompt" else None
    return Finding("E0303", message, help_)


def unknown_input(
    target: str, name: str, candidate: str | None, parameters: Sequence[Parameter]
) -> Finding:
    """E0305."""
    names = [parameter.name for parameter in parameters[:_SHOWN_INPUTS]]
    shown = [*names, *(["…"] if len(parameters) > _SHOWN_INPUTS else [])]
    help_ = f"it takes: {', '.join(shown)}" if shown else "it takes nothing"
    message = f"`{target}` has no input `{name}`{meant(candidate)}"
    return Finding("E0305", message, help_, replacement=certain(candidate))


def missing_inputs(target: str, missing: Sequence[tuple[str, Type]]) -> Finding:
    """E0306; one for all that is missing."""
    more = ["…"] if len(missing) > _SHOWN_INPUTS else []
    missing = missing[:_SHOWN_INPUTS]
    needed = [*(f"`{name}: {describe(type_)}`" for name, type_ in missing), *more]
    what = f"{', '.join(needed[:-1])} and {needed[-1]}" if len(needed) > 1 else needed[0]
    return Finding(
        "E0306", f"`{target}` needs {what}", f"add {', '.join(f'{name}: …' for name, _ in missing)}"
    )


def input_twice(name: str) -> Finding:
    """E0307."""
    return Finding("E0307", f"`{name}` is given twice", "remove one of them")


def input_without_name(parameter: str, written: str) -> Finding:
    """E0311; `written` is the value as it stands there."""
    right = f"{parameter}: {written}"
    return Finding("E0311", f"inputs are given by name: write `{right}`", replacement=right)


def spread_not_record(what: str, type_: Type) -> Finding:
    """E0501, for `...value` in a call."""
    message = f"`...` in the inputs of {what}: expected a record, got {describe(type_)}"
    return Finding("E0501", message)


def secret_sent(target: str) -> Finding:
    """E0701, for an input of a call."""
    message = f"a secret would be sent to `{target}` as plain input"
    return Finding("E0701", message, "secrets only go in an agent's `auth` or `headers`")


def secret_by_default(name: str) -> Finding:
    """E0701, for the default of a parameter."""
    message = f"a secret would be sent as `{name}` wherever it is not given"
    return Finding("E0701", message, "secrets only go in an agent's `auth` or `headers`")


def secret_setting(name: str) -> Finding:
    """E0701, for a setting of an extension."""
    message = f"a secret would be kept in the setting `{name}`"
    return Finding("E0701", message, "secrets only go in an agent's `auth` or `headers`")


def secret_declared(what: str) -> Finding:
    """E0702; `what` is an input or a result, with its name."""
    message = f"{what} cannot be a secret: it would be sent and recorded"
    return Finding("E0702", message, "secrets only go in an agent's `auth` or `headers`")


def secret_returned(owner: str) -> Finding:
    """E0703; `owner` is `the pipeline` or `the step`."""
    message = f"a secret would be part of {owner}'s result"
    return Finding("E0703", message, "secrets only go in an agent's `auth` or `headers`")


def any_flows(written: str, what: str, wanted: Type) -> Finding:
    """E0516, only under --strict; `written` is the value as it stands there."""
    message = f"`{written}` is `any` and goes into {what}; under --strict declare what it is"
    return Finding("E0516", message, f"expected here: {describe(wanted)}")


def any_step_flows(step: str, what: str, wanted: Type) -> Finding:
    """E0516, where the value is a whole step's result."""
    message = f"`{step}` is `any` and goes into {what}; under --strict give the step a type"
    return Finding("E0516", message, f"step {step}: {describe(wanted)} {{ … }}")


def wrong_result(what: str, wanted: Type, found: Type) -> Finding:
    """E0501, for what a call or a whole step comes to."""
    message = f"{what}: expected {describe(wanted)}, got {describe(found)}"
    return Finding("E0501", message)
