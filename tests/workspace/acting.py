"""Agents for the tests of the workspace, found as `python:tests.workspace.acting:loud`."""

from __future__ import annotations

import asyncio

import misydsl


@misydsl.agent
def loud(text: str) -> str:
    """The text in capitals."""
    return text.upper()


@misydsl.agent(pure=True)
async def echo(n: int) -> int:
    """What it was given."""
    return n


@misydsl.agent
async def forever(text: str) -> str:
    """Never answers."""
    await asyncio.Event().wait()
    return text
