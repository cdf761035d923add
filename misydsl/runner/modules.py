"""Modules of a program: their names, frames and agents.

In: a library. Out: a `Scene` that compiles each module once, on first need, and `fill`, which gives every
frame the values of one run (`env`, `secret`, `run`, imported lets, agents' settings). A scene serves
one run at a time and any number of runs one after the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from misydsl.acceptance import Acceptor, accept_anything, acceptor
from misydsl.expressions.evaluate import compile_expression, compile_prompt
from misydsl.expressions.frames import UNSET, Frame, Names
from misydsl.expressions.nodes import Reference
from misydsl.pipeline.model import Agent, Let, Library, Prompt, Step
from misydsl.pipeline.schemas import schema_check
from misydsl.runner.binding import agent_code, evaluate_settings
from misydsl.runner.program import Accept, AgentCode, Code
from misydsl.values import Value

ROOTS = ("env", "secret", "run")


@dataclass(slots=True)
class ModuleCode:
    """One module: its names, its only frame, and the lets it takes from other modules."""

    names: Names
    frame: Frame
    roots: tuple[int, ...]
    imported: tuple[tuple[int, Frame, Code], ...] = ()

    def grow(self) -> None:
        """Give the frame the slots that names declared since it was made."""
        self.frame.values.extend([UNSET] * (self.names.size - len(self.frame.values)))


@dataclass(slots=True)
class Scene:
    """What compiling needs to know everywhere: the library, its modules, the agents seen so far."""

    library: Library
    modules: dict[str, ModuleCode] = field(default_factory=dict)
    """Complete ones, imported modules before those that import them."""
    agents: dict[tuple[str, str], AgentCode] = field(default_factory=dict)
    step_count: int = 0

    def module(self, key: str) -> ModuleCode:
        """The code of a module, made on first need; imports are acyclic, so this ends."""
        if key not in self.modules:
            self.modules[key] = _compiled(self, key)
        return self.modules[key]

    def agent(self, agent: Agent) -> AgentCode:
        """The code of an agent, shared by all steps that call it."""
        key = (agent.module, agent.name)
        if key not in self.agents:
            home = self.module(agent.module)
            settings = tuple(
                (one.name, compile_expression(one.value, home.names)) for one in agent.settings
            )
            self.agents[key] = agent_code(agent, settings, home.frame)
        return self.agents[key]

    def fill(self, roots: Mapping[str, Value]) -> None:
        """Begin anew with the values of one run; raises `EvaluationError` for settings and lets."""
        for module in self.modules.values():
            module.frame.values[:] = [UNSET] * module.names.size
            for name, slot in zip(ROOTS, module.roots, strict=True):
                module.frame.values[slot] = roots[name]
        for module in self.modules.values():
            for slot, frame, code in module.imported:
                module.frame.values[slot] = code(frame)
        for agent in self.agents.values():
            evaluate_settings(agent)


def let_acceptor(let: Let) -> Acceptor | None:
    """What holds the value of a let to its declared type; None where none is declared."""
    return None if let.annotation is None else acceptor(let.annotation)


def _compiled(scene: Scene, key: str) -> ModuleCode:
    names = Names(None)
    roots = tuple(names.declare(name) for name in ROOTS)
    frame = names.new_frame(None)
    declarations = scene.library.modules[key].names
    imported = []
    for name, one in declarations.items():
        if isinstance(one, Let) and one.module == key:
            names.declare_let(name, one.value, accept=let_acceptor(one))
        elif isinstance(one, Let):
            home = scene.module(one.module)
            code = compile_expression(Reference(one.span, one.name), home.names)
            imported.append((names.declare(name), home.frame, code))
    module = ModuleCode(names, frame, roots, tuple(imported))
    _add_prompts(scene, key, module)
    return module


def _add_prompts(scene: Scene, key: str, module: ModuleCode) -> None:
    for name, one in scene.library.modules[key].names.items():
        if isinstance(one, Prompt):
            home = module if one.module == key else scene.module(one.module)
            parameters = tuple((each.name, each.default) for each in one.parameters)
            accept = {each.name: acceptor(each.type) for each in one.parameters}
            module.names.prompts[name] = compile_prompt(
                parameters, one.text, home.names, home.frame,
                accept=accept, is_elsewhere=one.module != key or one.text_file is not None,
            )  # fmt: skip


def value_check(step: Step) -> Accept:
    """What one result is held to: the type after the step's name, and its schema."""
    annotated = acceptor(step.annotation) if step.annotation else accept_anything
    if step.schema is None:
        return annotated
    fits = schema_check(step.schema)
    return lambda value: fits(annotated(value))
