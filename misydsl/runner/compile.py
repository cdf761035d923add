"""Compiling: a checked pipeline becomes a program.

In: a `Pipeline` and its `Library`. Out: a `Program` whose closures read slots. Blocks get names of their
own, so that a hundred thousand items share one piece of code. Nothing is evaluated while compiling. Linear in
the size of the program.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final, cast

from misydsl.acceptance import Mismatch, acceptor
from misydsl.expressions.evaluate import compile_expression
from misydsl.expressions.frames import Names
from misydsl.expressions.nodes import Expression, Spread
from misydsl.graph.blocks import part_name
from misydsl.graph.plan import BlockPlan, plan_block
from misydsl.pipeline.model import (
    Agent,
    Block,
    Call,
    Library,
    Parameter,
    Pipeline,
    Setting,
    Step,
)
from misydsl.pipeline.settings import SETTINGS
from misydsl.relations import admits_null, is_kept
from misydsl.runner.modules import ModuleCode, Scene, let_acceptor, value_check
from misydsl.runner.program import (
    Accept,
    AgentCode,
    ApprovalCode,
    ArgumentCode,
    BlockCode,
    BodyCode,
    CallCode,
    Choice,
    Code,
    CourseCode,
    GroupCode,
    LoopCode,
    ParameterCode,
    PartCode,
    PipelineCode,
    Program,
    RepeatCode,
    StepCode,
    ValueCode,
)
from misydsl.types import ANY, ListType, MapType, Type
from misydsl.values import Value

APPROVAL: Final = "human.approve"
_CALLING: Final = frozenset(SETTINGS["step"])  # what of a step's settings its parts share


@dataclass(frozen=True, slots=True)
class Place:
    """Where a block stands: its module, its path and the defaults of its pipeline."""

    module: str
    path: str


def compile_program(pipeline: Pipeline, library: Library) -> Program:
    """The program of a pipeline, not filled with the values of any run yet."""
    scene = Scene(library)
    course = _course(scene, pipeline, "")
    agents = list(scene.agents.values())
    return Program(pipeline, course, scene.fill, agents=agents, step_count=scene.step_count)


def bound_agents(
    agents: Iterable[Agent], library: Library, roots: Mapping[str, Value]
) -> list[AgentCode]:
    """Agents with their settings evaluated, outside of any run; raises `EvaluationError`."""
    scene = Scene(library)
    codes = [scene.agent(agent) for agent in agents]
    scene.fill(roots)
    return codes


def inner_type(step: Step) -> Type:
    """The type of one result of a step: the item's for a `for`, the step's own otherwise."""
    if step.loop is not None and isinstance(step.type, ListType):
        return step.type.item
    return step.type


# ------------------------------------------------------------------ pipelines


def _course(scene: Scene, pipeline: Pipeline, path: str) -> CourseCode:
    home = scene.module(pipeline.module)
    names = Names(home.names)
    parameters = _parameters(pipeline.parameters, names)
    place = Place(pipeline.module, path)
    block = _block(scene, pipeline.block, names, place)

    def handlers(word: str, blocks: tuple[Block, ...], told: str | None) -> tuple[PartCode, ...]:
        return tuple(
            _part(scene, Step(word, one), Way(names, place, part_name(word, number)), told=told)
            for number, one in enumerate(blocks, 1)
        )

    return CourseCode(
        pipeline.name, parameters, block, home.frame, acceptor(pipeline.result),
        settings=_settings(pipeline.settings, names),
        on_failure=handlers("on-failure", pipeline.on_failure, "error"),
        on_finish=handlers("on-finish", pipeline.on_finish, None),
    )  # fmt: skip


# ------------------------------------------------------------------ blocks and steps


def _block(scene: Scene, block: Block, names: Names, place: Place) -> BlockCode:
    plan = plan_block(block)
    for let in block.lets:
        names.declare_let(let.name, let.value, accept=let_acceptor(let))
    slots = [names.declare(step.name) for step in block.steps]
    code = BlockCode(names, needs=tuple(map(len, plan.needs)), dependents=plan.dependents)
    code.steps = tuple(
        _step(scene, step, slot, names, place)
        for step, slot in zip(block.steps, slots, strict=True)
    )
    code.steps = _with_ancestors(code.steps, plan)
    code.result = compile_expression(block.result, names) if block.result is not None else None
    if any(step.is_exclusive for step in block.steps):
        code.exclusive = tuple(step.is_exclusive for step in block.steps)
    return code


def _step(scene: Scene, step: Step, slot: int, names: Names, place: Place) -> StepCode:
    scene.step_count += 1
    path = f"{place.path}/{step.name}" if place.path else step.name
    inside = Place(place.module, path)
    around = _item_names(step, names)
    loop = _loop(step, names, around) if step.loop is not None else None
    choices = _choices(scene, step, around, inside)
    return StepCode(
        step=step,
        path=path,
        slot=slot,
        choices=choices,
        loop=loop,
        settings=_settings([one for one in step.settings if one.name != "key"], names),
        accept=acceptor(inner_type(step)),
        check_value=value_check(step),
        source=scene.library.modules[place.module].source,
        is_kept=is_kept(inner_type(step)),
        fallbacks=tuple(
            _part(
                scene, replace(step, block=one), Way(around, inside, part_name("fallback", number))
            )
            for number, one in enumerate(step.fallbacks, 1)
        ),
        undo=_undo(scene, step, around, inside),
        has_inner_undo=any(_holds_undo(choice.body) for choice in choices),
    )


@dataclass(frozen=True, slots=True)
class Way:
    """Where a part stands: the names around it, whose it is, and what it is called there."""

    around: Names
    owner: Place
    name: str


def _undo(scene: Scene, step: Step, around: Names, inside: Place) -> PartCode | None:
    if step.undo is None:
        return None
    undoing = replace(step, block=step.undo, type=ANY, annotation=None, schema=None)
    return _part(scene, undoing, Way(around, inside, part_name("undo")), told=step.name)


def _part(scene: Scene, step: Step, way: Way, *, told: str | None = "error") -> PartCode:
    """A block of a step or a pipeline as a step of its own, without modifiers."""
    names = Names(way.around)
    slot = names.declare(told) if told is not None else None
    path = f"{way.owner.path}/{way.name}" if way.owner.path else way.name
    body = _body(scene, step.block, names, Place(way.owner.module, path))
    return PartCode(
        StepCode(
            step=step,
            path=path,
            slot=-1,
            choices=(Choice(None, body, names),),
            loop=None,
            settings=_settings([one for one in step.settings if one.name in _CALLING], way.around),
            accept=acceptor(inner_type(step)),
            check_value=value_check(step),
            source=scene.library.modules[way.owner.module].source,
            is_kept=is_kept(inner_type(step)),
            has_inner_undo=_holds_undo(body),
        ),
        slot,
    )


def _holds_undo(body: BodyCode) -> bool:
    match body:
        case GroupCode(block) | PipelineCode(course=CourseCode(block=block)):
            return any(one.undo is not None or one.may_hold_undo for one in block.steps)
        case _:
            return False


def _item_names(step: Step, names: Names) -> Names:
    """The names around a step's body: those of one item for a `for`, else those of the block."""
    if step.loop is None:
        return names
    around = Names(names)
    around.declare(step.loop.name)
    if step.loop.index_name is not None:
        around.declare(step.loop.index_name)
    return around


def _loop(step: Step, names: Names, around: Names) -> LoopCode:
    loop = step.loop
    assert loop is not None
    key = next((one.value for one in step.settings if one.name == "key"), None)
    return LoopCode(
        iterable=compile_expression(loop.iterable, names),
        item_slot=_slot(around, loop.name),
        index_slot=_slot(around, loop.index_name) if loop.index_name is not None else None,
        key=compile_expression(key, around) if key is not None else None,
        names=around,
    )


def _choices(scene: Scene, step: Step, around: Names, place: Place) -> tuple[Choice, ...]:
    ways = [(step.when, step.block), *((one.condition, one.block) for one in step.otherwise)]
    choices = []
    for condition, block in ways:
        test = compile_expression(condition, around) if condition is not None else None
        if step.repeat is not None and block is step.block:
            choices.append(_rounds(scene, step, test, Names(around), place))
            continue
        inside = Names(around) if block.steps or block.lets else None
        choices.append(Choice(test, _body(scene, block, inside or around, place), inside))
    return tuple(choices)


def _rounds(scene: Scene, step: Step, test: Code | None, inside: Names, place: Place) -> Choice:
    assert step.repeat is not None
    around = inside.parent
    assert around is not None
    previous = inside.declare("previous")
    body = _body(scene, step.block, inside, place)
    until = _code(step.block.until, inside)
    repeat = RepeatCode(compile_expression(step.repeat, around), until, previous)
    return Choice(test, body, inside, repeat)


def _slot(names: Names, name: str) -> int:
    found = names.find(name)
    assert found is not None, name
    assert found[0] == 0, name
    return found[1]


def _body(scene: Scene, block: Block, names: Names, place: Place) -> BodyCode:
    if block.steps:
        return GroupCode(_block(scene, block, names, place))
    for let in block.lets:
        names.declare_let(let.name, let.value, accept=let_acceptor(let))
    if block.call is None and block.result is None:  # a handler or undo that does nothing
        return ValueCode(lambda _frame: None)
    if block.call is None:
        return ValueCode(_code(block.result, names), block.result)
    if block.call.target == APPROVAL:
        return ApprovalCode(_arguments(block.call, (), names))
    target = scene.library.find(place.module, block.call.target)
    if isinstance(target, Pipeline):
        arguments = _arguments(block.call, target.parameters, names)
        return PipelineCode(arguments, _course(scene, target, place.path))
    assert isinstance(target, Agent), block.call.target
    arguments = _arguments(block.call, target.parameters, names)
    defaults = _defaults(scene, target, arguments)
    if all(one.name is not None for one in arguments):  # the checker has seen that none is missing
        return CallCode(scene.agent(target), arguments + defaults)
    needed = (one for one in target.parameters if one.default is None)
    required = tuple(one.name for one in needed if not admits_null(one.type))
    return CallCode(scene.agent(target), defaults + arguments, required)


def _code(expression: Expression | None, names: Names) -> Code:
    assert expression is not None
    return compile_expression(expression, names)


def _parameters(parameters: tuple[Parameter, ...], names: Names) -> tuple[ParameterCode, ...]:
    slots = [names.declare(parameter.name) for parameter in parameters]
    return tuple(
        ParameterCode(
            parameter.name,
            slot,
            acceptor(parameter.type),
            compile_expression(parameter.default, names) if parameter.default is not None else None,
        )
        for parameter, slot in zip(parameters, slots, strict=True)
    )


def _arguments(
    call: Call, parameters: tuple[Parameter, ...], names: Names
) -> tuple[ArgumentCode, ...]:
    wanted = {parameter.name: acceptor(parameter.type) for parameter in parameters}
    given = (
        ArgumentCode(None, compile_expression(one.value, names), _fields(wanted), one.value)
        if isinstance(one, Spread)
        else ArgumentCode(
            one.name,
            compile_expression(one.value, names),
            wanted.get(one.name or ""),
            one.value,
        )
        for one in call.arguments
    )
    return tuple(given)


def _fields(wanted: Mapping[str, Accept]) -> Accept:
    """Checks the inputs that a spread record brings, each by its parameter."""
    record = acceptor(MapType(ANY))

    def accept(value: Value) -> Value:
        fields = dict(cast("dict[str, Value]", record(value)))
        for name in wanted.keys() & fields.keys():
            try:
                fields[name] = wanted[name](fields[name])
            except Mismatch as mismatch:
                raise mismatch.inside(f".{name}") from mismatch
        return fields

    return accept


def _defaults(
    scene: Scene, agent: Agent, given: tuple[ArgumentCode, ...]
) -> tuple[ArgumentCode, ...]:
    """The inputs a call does not name, as the agent's own file says; a spread may bring others."""
    named = {one.name for one in given}
    home = scene.module(agent.module)
    return tuple(
        ArgumentCode(one.name, _at_home(one.default, home), None, None)
        for one in agent.parameters
        if one.default is not None and one.name not in named
    )


def _at_home(expression: Expression, home: ModuleCode) -> Code:
    """An expression of another module, wherever it is evaluated from."""
    code = compile_expression(expression, home.names)
    return lambda _frame: code(home.frame)


def _settings(
    settings: tuple[Setting, ...] | list[Setting], names: Names
) -> tuple[tuple[str, Code], ...]:
    return tuple((one.name, compile_expression(one.value, names)) for one in settings)


def _with_ancestors(steps: tuple[StepCode, ...], plan: BlockPlan) -> tuple[StepCode, ...]:
    """Steps whose agents want earlier results know which those are; others stay as they are."""

    def ancestors(index: int) -> tuple[int, ...]:
        seen: set[int] = set()
        waiting = list(plan.needs[index])
        while waiting:
            current = waiting.pop()
            if current not in seen:
                seen.add(current)
                waiting.extend(plan.needs[current])
        return tuple(sorted(seen))

    def wants(step: StepCode) -> bool:
        bodies = (choice.body for choice in step.choices)
        # which wire it is gets known when the settings are evaluated, for each run
        return any(isinstance(body, CallCode) and body.agent.may_send_ancestors for body in bodies)

    return tuple(
        replace(step, ancestors=ancestors(index)) if wants(step) else step
        for index, step in enumerate(steps)
    )
