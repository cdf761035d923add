"""Contenders for the tests of measuring: one that notes its turn, one that fails, one that repeats."""

from __future__ import annotations

from pathlib import Path


def note(*, name: str, file: str, step_us: int) -> dict[str, float]:
    """Write down that it was this contender's turn."""
    with Path(file).open("a", encoding="utf-8") as stream:
        stream.write(f"{name} ")
    return {"step_us": step_us}


def fail() -> dict[str, float]:
    """A contender whose result is wrong."""
    raise AssertionError("the result is wrong")


def repeat(*, file: str, times: int) -> list[dict[str, float]]:
    """One that does its work several times in one turn."""
    note(name="repeated", file=file, step_us=0)
    return [{"step_us": float(time)} for time in range(times)]
