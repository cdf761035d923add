"""The nouns of a pipeline: what a module declares and what a library finds."""

from __future__ import annotations

import dataclasses

import pytest

from misydsl.expressions.nodes import Literal
from misydsl.pipeline.model import NO_SPAN, Agent, Block, Library, Module, Pipeline, Step
from misydsl.source import Source

OWN = Pipeline("propia", Block(), module="main")
OTHER = Pipeline("otra", Block(), module="main")
IMPORTED = Pipeline("ajena", Block(), module="shared")
AGENT = Agent("escáner", module="main")


def module(key: str, *declared: Pipeline | Agent) -> Module:
    return Module(key, Source(f"{key}.misy", ""), {one.name: one for one in declared})


def test_a_module_lists_its_own_pipelines_in_order_and_no_imported_one() -> None:
    assert module("main", OTHER, IMPORTED, AGENT, OWN).pipelines() == (OTHER, OWN)
    assert module("main").pipelines() == ()


def test_a_library_knows_its_entry_and_what_a_name_means_where() -> None:
    main, shared = module("main", OWN, AGENT), module("shared", IMPORTED)
    library = Library("main", {"main": main, "shared": shared})
    assert library.main is main
    assert library.find("main", "escáner") is AGENT
    assert library.find("shared", "ajena") is IMPORTED
    assert library.find("main", "ajena") is None


def test_nouns_never_change() -> None:
    step = Step("paso", Block(result=Literal(NO_SPAN, 1)))
    with pytest.raises(dataclasses.FrozenInstanceError):
        step.name = "otro"  # type: ignore[misc]
    assert step == Step("paso", Block(result=Literal(NO_SPAN, 1)))
    assert hash(step) == hash(Step("paso", Block(result=Literal(NO_SPAN, 1))))
