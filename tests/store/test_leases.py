from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from misydsl.store.leases import Lease, Process, is_alive, process_began, this_process

HERE = Process(host="alfa", machine="boot-1", pid=1, began="100")


def lease(*, machine: str = "boot-1", began: str = "55", heartbeat_at: float = 0.0) -> Lease:
    return Lease("o", "alfa", machine, 7, began, heartbeat_at)


def test_a_process_of_this_machine_lives_as_long_as_it_exists() -> None:
    assert is_alive(lease(), HERE, now=9_999.0, began=lambda _: "55")
    assert not is_alive(lease(heartbeat_at=9_998.0), HERE, now=9_999.0, began=lambda _: None)


def test_a_later_process_with_the_same_number_is_not_the_owner() -> None:
    assert not is_alive(lease(heartbeat_at=9_998.0), HERE, now=9_999.0, began=lambda _: "77")


@pytest.mark.parametrize(("age_s", "alive"), [(0.0, True), (14.9, True), (15.0, False)])
def test_of_another_machine_only_the_heartbeat_is_known(age_s: float, alive: bool) -> None:
    far = lease(machine="boot-2", heartbeat_at=1_000.0)
    assert is_alive(far, HERE, now=1_000.0 + age_s, began=lambda _: None) is alive


@pytest.mark.parametrize(("age_s", "alive"), [(14.0, True), (16.0, False)])
def test_where_the_kernel_does_not_say_when_it_began_the_heartbeat_decides(
    age_s: float, alive: bool
) -> None:
    here = lease(began="", heartbeat_at=1_000.0)
    assert is_alive(here, HERE, now=1_000.0 + age_s, began=lambda _: "") is alive
    assert not is_alive(here, HERE, now=1_000.0, began=lambda _: None)


def test_this_process_is_alive_and_knows_itself() -> None:
    me = this_process()
    assert me.pid == os.getpid()
    mine = Lease("o", me.host, me.machine, me.pid, me.began, 0.0)
    assert is_alive(mine, me, now=9_999.0)


def test_an_ended_process_did_not_begin() -> None:
    child = subprocess.Popen([sys.executable, "-c", "pass"])
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert process_began(child.pid) is None  # a zombie, not yet waited for
    child.wait()
    assert process_began(child.pid) is None


def test_without_a_proc_folder_a_process_is_asked_by_signal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("misydsl.store.leases._PROC", tmp_path)
    me = this_process()
    assert (me.machine, me.began) == (me.host, "")
    child = subprocess.Popen([sys.executable, "-c", "pass"])
    child.wait()
    assert process_began(child.pid) is None


def test_a_process_of_somebody_else_counts_as_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_pid: int, _signal: int) -> None:
        raise PermissionError

    monkeypatch.setattr("misydsl.store.leases._PROC", tmp_path)
    monkeypatch.setattr(os, "kill", refused)
    assert process_began(7) == ""


def test_a_process_that_ends_while_it_is_read_did_not_begin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "7" / "stat").mkdir(parents=True)  # reading a folder fails as reading the dead does
    monkeypatch.setattr("misydsl.store.leases._PROC", tmp_path)
    assert process_began(7) is None
