"""Entering a pipeline that a step calls: its inputs, as far as they are known.

In: the call and the situations it is made in. Out: the situations of the called pipeline, in frames of its
own module. A default stands in where the call names nothing; inputs that will not fit end the step, with
a remark, so that frame is left out.
"""

from __future__ import annotations

from dataclasses import replace

from misydsl.acceptance import Mismatch
from misydsl.expressions.frames import Frame
from misydsl.expressions.nodes import Spread
from misydsl.pipeline.model import Call, Pipeline
from misydsl.runner.foresight.knowing import Scope
from misydsl.runner.foresight.situations import Lookout, Situations
from misydsl.runner.program import CourseCode, PipelineCode
from misydsl.values import Value


def entered(
    body: PipelineCode, called: Call, target: Pipeline, here: Situations, *, path: str,
    lookout: Lookout,
) -> Situations:  # fmt: skip
    """The situations in which the called pipeline begins."""
    known = _known_inputs(called, target, here, lookout)
    frames: list[tuple[Frame, int]] = []
    for frame, weight in here.frames:
        inputs = _inputs(body, frame, known, path=path, lookout=lookout)
        inner = None if inputs is None else _filled(body.course, inputs, known, path, lookout)
        if inner is not None:
            frames.append((inner, weight))
    return replace(here, scope=Scope(target.module, known), frames=tuple(frames))


def _known_inputs(
    called: Call, target: Pipeline, here: Situations, lookout: Lookout
) -> dict[str, bool]:
    """Whether each input is known; none is, where a record of unknown fields is spread."""
    knowing = lookout.knowing
    spreads = [one.value for one in called.arguments if isinstance(one, Spread)]
    if knowing.unknown_names(spreads, here.scope):
        return dict.fromkeys((one.name for one in target.parameters), False)
    given = {one.name: one.value for one in called.arguments if not isinstance(one, Spread)}
    known: dict[str, bool] = {}
    for parameter in target.parameters:
        written = given.get(parameter.name)
        if written is not None:
            known[parameter.name] = knowing.knows(written, here.scope)
        else:
            default = parameter.default
            scope = Scope(target.module, dict(known))
            known[parameter.name] = default is None or knowing.knows(default, scope)
    return known


def _inputs(
    body: PipelineCode, frame: Frame, known: dict[str, bool], *, path: str, lookout: Lookout
) -> dict[str, Value] | None:
    """The known inputs of one call; None where one of them will fail."""
    inputs: dict[str, Value] = {}
    for argument in body.arguments:
        if argument.name is not None and not known.get(argument.name, False):
            continue
        if argument.name is None and not any(known.values()):
            continue
        what = "an input" if argument.name is None else f"`{argument.name}`"
        found = lookout.value(argument.code, frame, path=path, what=what)
        if found is None:
            return None
        if argument.name is not None:
            inputs[argument.name] = found.value
        elif isinstance(found.value, dict):
            inputs.update({name: one for name, one in found.value.items() if name in known})
    return inputs


def _filled(
    course: CourseCode, inputs: dict[str, Value], known: dict[str, bool], path: str,
    lookout: Lookout,
) -> Frame | None:  # fmt: skip
    frame = course.block.names.new_frame(course.home)
    for parameter in course.parameters:
        if not known[parameter.name]:
            continue
        value = inputs.get(parameter.name)
        if parameter.name not in inputs and parameter.default is not None:
            found = lookout.value(parameter.default, frame, path=path, what=f"`{parameter.name}`")
            if found is None:
                return None
            value = found.value
        try:
            frame.values[parameter.slot] = parameter.accept(value)
        except Mismatch as mismatch:
            lookout.remark(path, f"`{parameter.name}` will not fit: {mismatch}")
            return None
    return frame
