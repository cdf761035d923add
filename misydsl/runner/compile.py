"""Compiling: a checked pipeline becomes a program.

In: a `Pipeline`, its `Library`, the environment and the run's own record. Out: a `Program` whose closures
read slots. Each module gets one frame (its lets, `env`, `secret`, `run`); blocks get names of their own, so
that a hundred thousand items share one piece of code. Linear in the size of the program.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from misydsl.acceptance import accept_anything, acceptor
from misydsl.expressions.evaluate import compile_expression, compile_prompt
from misydsl.expressions.frames import UNSET, Frame, Names
from misydsl.expressions.nodes import Expression, Index, Member, Reference, Spread
from misydsl.graph.plan import BlockPlan, plan_block
from misydsl.pipeline.model import (
    Agent,
    Block,
    Call,
    Let,
    Library,
    Parameter,
    Pipeline,
    Prompt,
    Setting,
    Step,
)
from misydsl.runner.binding import agent_code
from misydsl.runner.program import (
    AgentCode,
    ArgumentCode,
    BlockCode,
    BodyCode,
    CallCode,
    Choice,
    Code,
    GroupCode,
    LoopCode,
    ParameterCode,
    PipelineCode,
    Program,
    StepCode,
    ValueCode,
)
from misydsl.types import ListType, Type
from misydsl.values import Value


@dataclass(slots=True)
class Scene:
    """What compiling needs to know everywhere: the library, its frames, the agents seen so far."""

    library: Library
    roots: Mapping[str, Value]
    """The values of `env`, `secret` and `run`."""
    names: dict[str, Names] = field(default_factory=dict)
    frames: dict[str, Frame] = field(default_factory=dict)
    agents: dict[tuple[str, str], AgentCode] = field(default_factory=dict)
    step_count: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """Where a block stands: its module, its path and the defaults of its pipeline."""

    module: str
    path: str


def compile_program(pipeline: Pipeline, library: Library, roots: Mapping[str, Value]) -> Program:
    """The program of a pipeline; raises `EvaluationError` when an agent's settings cannot be computed."""
    scene = Scene(library, roots)
    home = _module_frame(scene, pipeline.module)
    names = Names(scene.names[pipeline.module])
    parameters = _parameters(pipeline.parameters, names)
    block = _block(scene, pipeline.block, names, Place(pipeline.module, ""))
    settings = _settings(pipeline.settings, names)
    return Program(
        pipeline, parameters, block, home, settings, acceptor(pipeline.result),
        agents=list(scene.agents.values()), step_count=scene.step_count,
    )  # fmt: skip


def bound_agents(
    agents: Iterable[Agent], library: Library, roots: Mapping[str, Value]
) -> list[AgentCode]:
    """Agents with their settings evaluated, outside of any run; raises `EvaluationError`."""
    scene = Scene(library, roots)
    return [_agent(scene, agent) for agent in agents]


def inner_type(step: Step) -> Type:
    """The type of one result of a step: the item's for a `for`, the step's own otherwise."""
    if step.loop is not None and isinstance(step.type, ListType):
        return step.type.item
    return step.type


# ------------------------------------------------------------------ modules


def _module_frame(scene: Scene, key: str) -> Frame:
    """The frame of a module, made on first need; imports are acyclic, so this ends."""
    if key in scene.frames:
        return scene.frames[key]
    names = scene.names[key] = Names(None)
    slots = {name: names.declare(name) for name in scene.roots}
    module = scene.library.modules[key]
    imported: dict[int, Value] = {}
    for name, declaration in module.names.items():
        if isinstance(declaration, Let) and declaration.module == key:
            names.declare_let(name, declaration.value)
        elif isinstance(declaration, Let):
            imported[names.declare(name)] = _imported_value(scene, declaration)
    prompts = [(name, one) for name, one in module.names.items() if isinstance(one, Prompt)]
    frame = scene.frames[key] = names.new_frame(None)
    for name, prompt in prompts:
        home = _module_frame(scene, prompt.module)
        parameters = tuple((one.name, one.default) for one in prompt.parameters)
        names.prompts[name] = compile_prompt(
            parameters, prompt.text, scene.names[prompt.module], home
        )
    _grow(frame, names)
    for name, slot in slots.items():
        frame.values[slot] = scene.roots[name]
    for slot, value in imported.items():
        frame.values[slot] = value
    return frame


def _imported_value(scene: Scene, let: Let) -> Value:
    frame = _module_frame(scene, let.module)
    names = scene.names[let.module]
    return compile_expression(Reference(let.span, let.name), names)(frame)


def _agent(scene: Scene, agent: Agent) -> AgentCode:
    key = (agent.module, agent.name)
    if key not in scene.agents:
        frame = _module_frame(scene, agent.module)
        names = scene.names[agent.module]
        codes = [
            (setting.name, compile_expression(setting.value, names)) for setting in agent.settings
        ]
        _grow(frame, names)
        scene.agents[key] = agent_code(agent, {name: code(frame) for name, code in codes})
    return scene.agents[key]


def _grow(frame: Frame, names: Names) -> None:
    """Give a frame made early the hidden slots that later expressions of its names declared."""
    frame.values.extend([UNSET] * (names.size - len(frame.values)))


# ------------------------------------------------------------------ blocks and steps


def _block(scene: Scene, block: Block, names: Names, place: Place) -> BlockCode:
    plan = plan_block(block)
    for let in block.lets:
        names.declare_let(let.name, let.value)
    slots = [names.declare(step.name) for step in block.steps]
    code = BlockCode(names, needs=tuple(map(len, plan.needs)), dependents=plan.dependents)
    code.steps = tuple(
        _step(scene, step, slot, names, place)
        for step, slot in zip(block.steps, slots, strict=True)
    )
    code.steps = _with_ancestors(code.steps, plan)
    code.result = compile_expression(block.result, names) if block.result is not None else None
    return code


def _step(scene: Scene, step: Step, slot: int, names: Names, place: Place) -> StepCode:
    scene.step_count += 1
    path = f"{place.path}/{step.name}" if place.path else step.name
    inside = Place(place.module, path)
    choices = _choices(scene, step, names, inside)
    return StepCode(
        step=step,
        path=path,
        slot=slot,
        choices=choices,
        loop=_loop(step, names, choices[0]),
        settings=_settings([one for one in step.settings if one.name != "key"], names),
        accept=acceptor(inner_type(step)),
        check_value=acceptor(step.annotation) if step.annotation else accept_anything,
        source=scene.library.modules[place.module].source,
        policy=None,
    )


def _choices(scene: Scene, step: Step, names: Names, place: Place) -> tuple[Choice, ...]:
    condition = compile_expression(step.when, names) if step.when is not None else None
    inside = _scope(step.block, names, step)
    choices = [Choice(condition, _body(scene, step.block, inside or names, place), inside)]
    for branch in step.otherwise:
        test = compile_expression(branch.condition, names) if branch.condition is not None else None
        scope = _scope(branch.block, names, None)
        choices.append(Choice(test, _body(scene, branch.block, scope or names, place), scope))
    return tuple(choices)


def _scope(block: Block, names: Names, looping: Step | None) -> Names | None:
    """Names of a body's own where it declares something; None when it can use those around it."""
    loop = looping.loop if looping is not None else None
    if loop is None and not block.steps and not block.lets:
        return None
    scope = Names(names)
    if loop is not None:
        scope.declare(loop.name)
        if loop.index_name is not None:
            scope.declare(loop.index_name)
    return scope


def _loop(step: Step, names: Names, choice: Choice) -> LoopCode | None:
    loop = step.loop
    if loop is None or choice.names is None:
        return None
    key = next((one.value for one in step.settings if one.name == "key"), None)
    return LoopCode(
        iterable=compile_expression(loop.iterable, names),
        item_slot=_slot(choice.names, loop.name),
        index_slot=_slot(choice.names, loop.index_name) if loop.index_name is not None else None,
        key=compile_expression(key, choice.names) if key is not None else None,
        names=choice.names,
    )


def _slot(names: Names, name: str) -> int:
    found = names.find(name)
    assert found is not None, name
    assert found[0] == 0, name
    return found[1]


def _body(scene: Scene, block: Block, names: Names, place: Place) -> BodyCode:
    if block.steps:
        return GroupCode(_block(scene, block, names, place))
    for let in block.lets:
        names.declare_let(let.name, let.value)
    if block.call is None:
        return ValueCode(_code(block.result, names))
    target = scene.library.find(place.module, block.call.target)
    if isinstance(target, Pipeline):
        return _sub_pipeline(scene, target, block.call, names, place)
    assert isinstance(target, Agent), block.call.target
    arguments = _arguments(block.call, target.parameters, names)
    return CallCode(_agent(scene, target), arguments + _defaults(scene, target, arguments))


def _code(expression: Expression | None, names: Names) -> Code:
    assert expression is not None
    return compile_expression(expression, names)


def _sub_pipeline(
    scene: Scene, target: Pipeline, call: Call, names: Names, place: Place
) -> PipelineCode:
    home = _module_frame(scene, target.module)
    inside = Names(scene.names[target.module])
    return PipelineCode(
        arguments=_arguments(call, target.parameters, names),
        parameters=_parameters(target.parameters, inside),
        block=_block(scene, target.block, inside, Place(target.module, place.path)),
        home=home,
        accept=acceptor(target.result),
    )


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
        ArgumentCode(None, compile_expression(one.value, names), None, "the spread record")
        if isinstance(one, Spread)
        else ArgumentCode(
            one.name,
            compile_expression(one.value, names),
            wanted.get(one.name or ""),
            _producer(one.value),
        )
        for one in call.arguments
    )
    return tuple(given)


def _defaults(
    scene: Scene, agent: Agent, given: tuple[ArgumentCode, ...]
) -> tuple[ArgumentCode, ...]:
    """The inputs left out of a call, as the agent's own file says; a spread may bring any of them."""
    named = {one.name for one in given}
    if None in named:
        return ()
    names, frame = scene.names[agent.module], _module_frame(scene, agent.module)
    missing = [one for one in agent.parameters if one.default is not None and one.name not in named]
    found = []
    for parameter in missing:
        code = _code(parameter.default, names)
        _grow(frame, names)
        found.append(ArgumentCode(parameter.name, _constant(code(frame)), None, "the default"))
    return tuple(found)


def _constant(value: Value) -> Code:
    return lambda _frame: value


def _producer(expression: Expression) -> str:
    """The words that blame a value on the step or input it was taken from."""
    path: list[str] = []
    while isinstance(expression, Member | Index):
        path.append(f".{expression.name}" if isinstance(expression, Member) else "[…]")
        expression = expression.target
    if isinstance(expression, Reference):
        return f"{expression.name}{''.join(reversed(path))} returned …"
    return "the value given"


def _settings(
    settings: tuple[Setting, ...] | list[Setting], names: Names
) -> tuple[tuple[str, Code], ...]:
    return tuple((one.name, compile_expression(one.value, names)) for one in settings)


def _with_ancestors(steps: tuple[StepCode, ...], plan: BlockPlan) -> tuple[StepCode, ...]:
    """Steps whose agents want earlier results know which those are; others stay as they are."""
    from dataclasses import replace

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
        return any(isinstance(body, CallCode) and body.agent.sends_ancestors for body in bodies)

    return tuple(
        replace(step, ancestors=ancestors(index)) if wants(step) else step
        for index, step in enumerate(steps)
    )
