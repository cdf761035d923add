"""What the checker knows while it looks at one file.

In: a loaded file. Out: `ModuleContext`, which the passes over that file share: the names declared so far,
the report, and the two ways to ask the type of an expression. `Scope` is where one expression stands: the
types in sight, and the names of the blocks around, which may not be hidden.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from misydsl.diagnostics.similar import Guess, similar
from misydsl.expressions.infer import check, check_condition, infer
from misydsl.expressions.nodes import Expression
from misydsl.expressions.problems import Problem
from misydsl.expressions.scope import TypeScope
from misydsl.language.hidden_steps import Hidden
from misydsl.language.messages import kind_of
from misydsl.language.problem_messages import Around, describe_problem, one_of_many
from misydsl.language.report import Report
from misydsl.language.uses import Uses
from misydsl.language.value_messages import other_field
from misydsl.pipeline.model import Declaration
from misydsl.relations import settled
from misydsl.source import Source, Span
from misydsl.types import ANY, Type

_MOST_COMPARED = 20_000  # names with names, in one file: more unknown ones have another trouble
_MOST_WORDED = 1_000  # problems of one file that get words of their own; fifty of them are shown
_MOST_CAUSES = 100  # problems of one expression that others may only follow from
_LARGE_PARTS = 256  # of a type that costs something to look at
_MOST_LARGE_PARTS = 1_000_000  # of all such types in one file: seconds
_CAUSES = frozenset({"E0305", "E0309", "E0311", "E0505", "E0507"})


class Taken(NamedTuple):
    """A name that means something in a block: how it is written, and what it is (`step`, `let`)."""

    name: str
    kind: str


def python_name(name: str) -> str:
    """The name as Python sees it: two that differ only in `-` and `_` are one there."""
    return name.replace("-", "_")


@dataclass(frozen=True, slots=True)
class Scope:
    """Where an expression stands."""

    types: TypeScope
    taken: Mapping[str, Taken] = field(default_factory=dict)
    """The names of this block, folded."""
    around: Scope | None = None

    def inside(self, bindings: Mapping[str, Type], taken: Mapping[str, Taken]) -> Scope:
        """A block in this one; `bindings` may still be filled in while it is looked at."""
        return Scope(self.types.child(bindings), taken, self)

    def knowing(self, types: TypeScope) -> Scope:
        """The same place, where more is known of the types."""
        return Scope(types, self.taken, self.around)

    def find(self, name: str) -> Taken | None:
        """What a name of the blocks here and around is; names that fold to the same are the same."""
        folded = python_name(name)
        scope: Scope | None = self
        while scope is not None:
            if folded in scope.taken:
                return scope.taken[folded]
            scope = scope.around
        return None


@dataclass(slots=True)
class ModuleContext:
    """One file being checked."""

    key: str
    source: Source
    report: Report
    is_strict: bool = False
    names: dict[str, Declaration] = field(default_factory=dict)
    """Everything the file can name, as far as it is known."""
    poisoned: set[str] = field(default_factory=set)
    """Names that should mean something but could not be read: they are `any`, without a word."""
    kinds: dict[str, str] = field(default_factory=dict)
    """What each name the file declares is (`an agent`), known before anything is resolved."""
    step_names: frozenset[str] = frozenset()
    """What the steps right inside the pipelines of the file are called."""
    has_folder: bool = True
    """Whether the file stands somewhere, so that others can be beside it."""
    text_files: dict[str, Report] = field(default_factory=dict)
    """The files of prompts, by key, with what is wrong in them."""
    mentioned: set[str] = field(default_factory=set)
    """Names that are used in those files."""
    uses: Uses = field(default_factory=Uses)
    hidden: Hidden = field(default_factory=dict)
    """The steps of the pipeline at hand that stand inside other steps."""
    typed: list[tuple[Span, Type]] | None = None
    """Every expression that was looked at and its type, when somebody asked for it."""
    _compared: int = 0
    _worded: int = 0
    _large_parts: int = 0

    def infer(self, expression: Expression, scope: Scope) -> Type:
        """The type of an expression."""
        found, problems = self.examine(expression, None, scope, what="")
        self.tell(problems)
        return found

    def check(
        self,
        expression: Expression,
        wanted: Type,
        scope: Scope,
        *,
        what: str,
        declares: bool = False,
    ) -> Type:
        """The type of an expression that should be `wanted`.

        It `declares` where `wanted` is written beside it: then even a strict check takes `any` there.
        """
        found, problems = self.examine(expression, wanted, scope, what=what)
        self.tell(without_declared(problems, expression) if declares else problems)
        return found

    def examine(
        self, expression: Expression, wanted: Type | None, scope: Scope, *, what: str
    ) -> tuple[Type, list[Problem]]:
        """The type of an expression and its problems, which the caller tells."""
        problems: list[Problem] = []
        seen = self._seen()
        if wanted is None:
            found = infer(expression, scope.types, problems, seen=seen, is_strict=self.is_strict)
        else:
            found = check(
                expression, wanted, scope.types, problems,
                what=what, seen=seen, is_strict=self.is_strict,
            )  # fmt: skip
            for one in problems:
                if one.code == "E0201" and one.span == expression.span:
                    one.facts["wanted"] = wanted
        for one in problems if self.is_strict else ():
            if one.code == "E0516":
                name = str(one.facts["name"])
                one.facts["is_step"] = scope.find(name) == Taken(name, "step")
        found = settled(found)
        found = found if self.affords(found.extent.parts) else ANY
        if seen is not None:
            seen.append((expression.span, found))
        return found, problems

    def affords(self, parts: int) -> bool:
        """Whether a type may be so large, after all the large ones this file has made already."""
        if parts <= _LARGE_PARTS:
            return True
        self._large_parts += parts
        return self._large_parts <= _MOST_LARGE_PARTS

    def condition(self, expression: Expression, scope: Scope, *, what: str) -> None:
        """Looks at a yes or no."""
        problems: list[Problem] = []
        check_condition(
            expression, scope.types, problems,
            what=what, seen=self._seen(), is_strict=self.is_strict,
        )  # fmt: skip
        self.tell(problems)

    def _seen(self) -> list[tuple[Span, Type]] | None:
        """Where types are noted, when somebody asked for them and this is no first look."""
        return None if self.report.is_hushed else self.typed

    def suggest(self, name: str, candidates: Iterable[str]) -> Guess | None:
        """The candidate that was probably meant; a file without sense is not worth the search."""
        if self.report.is_hushed or self._compared >= _MOST_COMPARED:
            return None
        names = list(candidates)
        self._compared += len(names)
        return similar(name, names)

    def tell(self, problems: Sequence[Problem]) -> None:
        """Reports problems of expressions, those of poisoned names aside."""
        if self.report.is_hushed:
            return
        around = Around(self.suggest, self.hidden, self.kind, self.source.text)
        causes = [one for one in problems if one.code in _CAUSES][:_MOST_CAUSES]
        for problem in problems:
            if not self._is_excused(problem) and not self._follows(problem, causes):
                self._worded += 1
                is_worded = self._worded <= _MOST_WORDED
                words = describe_problem(problem, around) if is_worded else one_of_many(problem)
                self.report.add(problem.span, words)

    def _is_excused(self, problem: Problem) -> bool:
        """Whether the cause was told already: an unreadable name, or a value read only in part."""
        if problem.code in ("E0201", "E0308") and problem.facts.get("name") in self.poisoned:
            return True
        if problem.code == "E0201":
            start = problem.span.start
            is_marked = self.source.text[max(start - 1, 0) : start] in ("$", "@")
            return self.report.begins_broken(Span(start - is_marked, start))
        return self.report.is_broken(problem.span)

    def _follows(self, problem: Problem, causes: Sequence[Problem]) -> bool:
        """Whether something is only missing because it was given wrongly, which is told already."""
        match problem.code:
            case "E0306":
                return any(_gives_wrongly(one, problem) for one in causes)
            case "E0506":
                return any(self._misnames(one, problem) for one in causes)
            case "E0505":
                return any(_is_null_inside(one, problem) for one in causes)
            case "E0525":
                return any(_is_same_function(one, problem) for one in causes)
            case _:
                return False

    def _misnames(self, one: Problem, missing: Problem) -> bool:
        """Whether an unknown field is the missing one under another name."""
        start, end = missing.span
        if one.code != "E0507" or one.facts.get("what") != missing.facts.get("what"):
            return False
        name, wanted = str(one.facts["name"]), str(missing.facts["name"])
        is_meant = other_field(name, [wanted]) or self.suggest(name, [wanted])
        return start <= one.span.start < end and is_meant is not None

    def kind(self, name: str) -> str | None:
        """What a name of the file is, with its article."""
        declared = self.names.get(name)
        return kind_of(declared) if declared is not None else self.kinds.get(name)


def _is_null_inside(one: Problem, problem: Problem) -> bool:
    """Whether a value may be null only because it is a part of one that may be."""
    start, end = problem.span
    is_part = one.code == "E0505" and one.facts.get("use") == "member" and one is not problem
    return is_part and problem.facts.get("use") != "member" and start <= one.span.start < end


def _is_same_function(one: Problem, problem: Problem) -> bool:
    """Whether a list could only not be ordered because what orders it was given wrongly."""
    name = one.facts.get("function") or one.facts.get("name")
    is_near = one.code in ("E0305", "E0309") and name == problem.facts.get("function")
    start = one.span.start if one.code == "E0309" else problem.span.start
    return is_near and start <= problem.span.start <= max(one.span.end, problem.span.end)


def without_declared(problems: Sequence[Problem], expression: Expression) -> list[Problem]:
    """The problems without "it is `any`" of the whole expression, whose type is declared beside it."""
    return [one for one in problems if one.code != "E0516" or one.span != expression.span]


def _gives_wrongly(one: Problem, missing: Problem) -> bool:
    start, end = missing.span
    is_same_call = one.facts.get("function") == missing.facts.get("function")
    return one.code in ("E0305", "E0311") and is_same_call and start <= one.span.start < end
