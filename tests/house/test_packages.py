"""What the project stands on: every package has a room, and every installed version is pinned."""

from __future__ import annotations

import re
import tomllib
from itertools import chain
from pathlib import Path

from tests.house import plan

CHECKOUT = Path(__file__).resolve().parents[2]
PIN = re.compile(r"[a-z0-9][a-z0-9._-]*==[0-9][A-Za-z0-9.!+]*( ; .+)?")


def _names(requirements: list[str]) -> set[str]:
    return {re.split(r"[^A-Za-z0-9._-]", each)[0].lower() for each in requirements}


def test_every_package_it_depends_on_has_a_room() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = {name.replace("-", "_") for name in _names(project["dependencies"])}
    assert needed - set(plan.PACKAGES) - plan.EVERYWHERE == set()


def test_the_pins_are_plain_and_hold_all_that_is_asked_for() -> None:
    pyproject = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = pyproject["dependency-groups"]
    peers = groups.pop("peers")  # they have an environment, and so pins, of their own
    asked = chain(
        pyproject["project"]["dependencies"],
        *pyproject["project"]["optional-dependencies"].values(),
        *groups.values(),
    )
    assert _names(list(asked)) - _pinned("requirements-dev.lock") == set()
    assert _names(peers) - _pinned("requirements-peers.lock") == set()


def _pinned(lock: str) -> set[str]:
    lines = (CHECKOUT / lock).read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not PIN.fullmatch(line)] == []
    return {line.partition("==")[0] for line in lines}
