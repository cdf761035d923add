"""The agents of a Python file: `misy run --agents FILE.py`, `misy agents serve FILE.py`.

In: a path. Out: the `@agent` declarations in it by name, in the order of the file. The file runs as
`python FILE.py` would run it: its folder comes first on the import path, so it may import its siblings.
Whatever is wrong with it ends as `AgentsFileInvalid` that says where and what, without a traceback; a
file below the working folder is named as one would type it from there.
"""

from __future__ import annotations

import importlib.util
import os
import sys
import traceback
from hashlib import sha256
from pathlib import Path
from types import ModuleType

from misydsl.agents.declare import AgentDeclaration
from misydsl.failures import MisyError


class AgentsFileInvalid(MisyError):
    """A file of agents that cannot be used: where and what."""


def load_agents(path: Path) -> dict[str, AgentDeclaration]:
    """The agents declared in a Python file, by name.

    Raises:
        AgentsFileInvalid: no such file, it does not run, it declares no agent, or one name twice.
    """
    path = _as_typed(path)
    _refuse_path(path)
    found: dict[str, AgentDeclaration] = {}
    for value in vars(_executed(path)).values():
        if isinstance(value, AgentDeclaration):
            _refuse_second(found, value, path)
            found[value.name] = value
    if not found:
        raise AgentsFileInvalid(
            f"{path}: it declares no agent; put `@misydsl.agent` above a function"
        )
    return found


def _as_typed(path: Path) -> Path:
    """The path from the working folder, where it is below it."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def _refuse_path(path: Path) -> None:
    """Raises AgentsFileInvalid for what is no Python file; the words say what it is instead."""
    try:
        str(path).encode()
    except UnicodeEncodeError as problem:
        shown = os.fsencode(path).decode("utf-8", errors="replace")
        words = "its path is not UTF-8 text; rename the file or the folder"
        raise AgentsFileInvalid(f"{shown}: {words}") from problem
    if path.is_dir():
        near = ", ".join(one.name for one in sorted(path.glob("*.py"))[:3])
        hint = f", for example one of these: {near}" if near else ""
        raise AgentsFileInvalid(f"{path}: this is a folder; name a Python file in it{hint}")
    if not path.is_file():
        raise AgentsFileInvalid(f"{path}: there is no such file")
    if path.suffix != ".py":
        raise AgentsFileInvalid(f"{path}: agents are declared in a Python file, FILE.py")


def _refuse_second(found: dict[str, AgentDeclaration], value: AgentDeclaration, path: Path) -> None:
    folded = value.name.replace("_", "-")
    for name, known in found.items():
        if name.replace("_", "-") == folded and known.function is not value.function:
            raise AgentsFileInvalid(f"{path}: there are two agents called `{value.name}`")


def _executed(path: Path) -> ModuleType:
    absolute = path.resolve()
    name = f"{path.stem}_{sha256(str(absolute).encode()).hexdigest()[:8]}"
    spec = importlib.util.spec_from_file_location(name, absolute)
    if spec is None or spec.loader is None:
        raise AgentsFileInvalid(f"{path}: Python cannot load this file")
    module = importlib.util.module_from_spec(spec)
    folder = str(absolute.parent)
    if folder not in sys.path:
        sys.path.insert(0, folder)
    sys.modules[name] = module  # dataclasses and annotations look their module up by name
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as problem:
        del sys.modules[name]
        raise AgentsFileInvalid(_explained(path, absolute, problem)) from problem
    return module


def _explained(path: Path, absolute: Path, problem: BaseException) -> str:
    if isinstance(problem, SyntaxError) and problem.filename == str(absolute):
        where = f"{path}:{problem.lineno or 1}:{problem.offset or 1}"
        shown = f"\n  {problem.text.strip()}" if problem.text else ""
        return f"{where}: this is not Python: {problem.msg}{shown}"
    frames = traceback.extract_tb(problem.__traceback__)
    own = [frame for frame in frames if frame.filename == str(absolute)]
    where = f"{path}:{own[-1].lineno}" if own else str(path)
    return f"{where}: {type(problem).__name__}: {problem}"
