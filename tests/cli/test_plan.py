"""`misy plan` as people and scripts see it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from misydsl.cli.main import main

EXAMPLE = Path(__file__).parents[2] / "examples" / "viral_trends.misy"

PROGRAM = """\
misy 1

agent scan(topic: string) -> list[string] { url: "http://ana:clave@localhost:9/scan?k=1", cost: 0.01 }
agent write(topic: string) -> string { concurrency: 4, rate: 2/s }

pipeline viral "Campaña de otoño" (topics: list[string] = ["año", "niño", "señal"], days: int) {
  deadline: 2m
  budget: { calls: 8 }
  step discover "Descubrir tendencias" { call scan(topic: topics[0])
    retry: { attempts: 3 }
    cache: 6h }
  step scripts "Escribir guión" for one in topics { call write(topic: one)
    timeout: 10s
    hedge: 2s
    fallback { call write(topic: "otra vez") } }
  step extra "Más" for one in discover when days > 3 { call write(topic: one) }
  step approved "¿Publicamos?" { call human.approve(message: "¿Publicamos?") }
  return { scripts, extra }
}

pipeline one() { return 1 }
"""

GOLDEN = """\
plan of viral “Campaña de otoño”: nothing was called

steps
step        title                 does           times  calls  attempts  timeout  at most
discover    Descubrir tendencias  scan               1      1         3      30s    1m33s
scripts     Escribir guión        write              3      3         6      10s      20s
  fallback                        write              3      3         6      10s      10s
approved    ¿Publicamos?          asks a person      1                               open
extra       Más                   is skipped         0

cache
step      kept  would give
discover  6h    miss: no equal call was recorded

totals
total     at least  at most  allowed
calls            4        7
attempts         4       15        8
time            1s    1m54s       2m
cost                   0.03

agents
agent  is called at                               said by              at once  rate  attempts
scan   http://localhost:9/scan                    its text                  64               3
write  http://localhost:3007/api/v1/agents/write  nobody: the default        4   2/s        12

critical path, by longest times: discover
agents that ask for it (Retry-After) are waited for up to 2m more a call
! `viral` may come to 15 calls and its budget is 8: it would pause there
! `approved` waits for a person as long as it takes: no time is counted for it
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "otoño.misy").write_text(PROGRAM, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MISY_HOME", raising=False)
    for name in ("AGENT_SCAN_URL", "AGENT_WRITE_URL"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


Misy = Any


@pytest.fixture
def misy(capsys: pytest.CaptureFixture[str]) -> Misy:
    """`misy("plan", "x.misy")` → code, out, err."""

    def call(*words: str) -> tuple[int, str, str]:
        code = main(words)
        out, err = capsys.readouterr()
        return code, out, err

    return call


def test_the_example_fits_a_hundred_columns(misy: Misy) -> None:
    code, out, _ = misy("plan", str(EXAMPLE), "--journal", "none.db")
    assert code == 0
    assert max(map(len, out.splitlines())) <= 100
    assert (
        out
        == """\
plan of viral-trends “Análisis de Tendencias Viral”: nothing was called

steps
step              title                 does            times  calls  attempts  timeout  at most
trend-discovery   Descubrir Tendencias  trend-scanner       1      1         3      30s    1m33s
content-creation  Crear Contenido       video-scriptor      1      1         3      30s    1m33s
schedule-content  Programar Contenido   post-scheduler      1      1         3      30s    1m33s

totals
total     at least  at most
calls            3        3
attempts         3        9
time                  4m39s

agents
agent           is called at                                        said by   at once  attempts
trend-scanner   http://localhost:3007/api/v1/agents/trend-scanner   its text       64         3
video-scriptor  http://localhost:3007/api/v1/agents/video-scriptor  its text       64         3
post-scheduler  http://localhost:3007/api/v1/agents/post-scheduler  its text       64         3

critical path, by longest times: trend-discovery → content-creation → schedule-content
agents that ask for it (Retry-After) are waited for up to 2m more a call
"""
    )


def test_the_whole_plan_with_accents(misy: Misy) -> None:
    code, out, err = misy("plan", "otoño.misy", "viral", "-p", "days=2")
    assert (code, err) == (0, "")
    assert out == GOLDEN
    assert max(map(len, out.splitlines())) <= 100


def test_nothing_is_made_and_nothing_called(misy: Misy, folder: Path) -> None:
    misy("plan", "otoño.misy", "viral")
    assert [one.name for one in folder.iterdir()] == ["otoño.misy"]


def test_inputs_may_be_left_out_of_a_plan_and_not_of_a_dry_run(misy: Misy) -> None:
    code, out, _ = misy("plan", "otoño.misy", "viral")
    assert code == 0
    assert "! the input `days` is not given: what depends on it is not known" in out
    assert "3 × n(extra)" not in out
    assert "n(extra)" in out
    code, _, err = misy("run", "otoño.misy", "viral", "--dry-run")
    assert code == 2
    assert "`viral` needs `days: int`" in err


def test_a_dry_run_is_a_plan(misy: Misy, folder: Path) -> None:
    words = ("otoño.misy", "viral", "-p", "days=2")
    planned = misy("plan", *words)
    assert misy("run", *words, "--dry-run") == planned
    assert misy("run", *words, "--dry-run", "--json")[1] == misy("plan", *words, "--json")[1]
    assert [one.name for one in folder.iterdir()] == ["otoño.misy"]


def test_machines_get_all_of_it(misy: Misy) -> None:
    _, out, _ = misy("plan", "otoño.misy", "viral", "-p", "days=7", "--json")
    found = json.loads(out)
    assert found["totals"]["requests"] == {
        "least": 4,
        "likely": None,
        "most": None,
        "mostAsBefore": None,
        "mostInWords": "15 + n(extra)",
        "limit": 8,
    }
    assert [one["step"] for one in found["steps"]] == [
        "discover", "scripts", "scripts/:fallback", "approved", "extra",
    ]  # fmt: skip
    assert found["steps"][0]["cache"]["words"] == "miss: no equal call was recorded"
    assert found["agents"][0]["place"] == "http://localhost:9/scan"
    assert found["agents"][0]["origin"] == "declared"
    assert found["title"] == "Campaña de otoño"
    assert "clave" not in out


def test_agents_of_a_file_are_said_by_the_file(misy: Misy, folder: Path) -> None:
    text = 'import misydsl\nprint("hola")\n@misydsl.agent\ndef write(topic: str) -> str: return topic\n'
    (folder / "agentes.py").write_text(text, encoding="utf-8")
    code, out, err = misy("plan", "otoño.misy", "viral", "-p", "days=2", "--agents", "agentes.py")
    assert (code, err) == (0, "hola\n")
    assert "write  the function write       agentes.py" in out


def test_the_cache_may_be_left_out(misy: Misy) -> None:
    _, out, _ = misy("plan", "otoño.misy", "viral", "-p", "days=2", "--no-cache")
    assert "nothing: this run does not ask it" in out


def test_wrong_words_are_refused_with_the_cure(misy: Misy) -> None:
    code, _, err = misy("plan", "otoño.misy", "viral", "-p", "dayz=2")
    assert code == 2
    assert "Did you mean `days`?" in err
    assert misy("plan", "otoño.misy")[0] == 2
    assert misy("plan", "nadie.misy")[0] == 2


def test_long_plans_are_cut_and_say_so(misy: Misy, folder: Path) -> None:
    steps = "\n".join(f"step s{n} for x in s0 {{ call a(x) }}" for n in range(1, 150))
    text = f"agent a(x: any) -> any\npipeline p() {{\nstep s0 {{ return [] }}\n{steps}\n}}\n"
    (folder / "long.misy").write_text(text)
    _, out, _ = misy("plan", "long.misy")
    assert "… 100 more rows: --json has all" in out
    assert "… 129 more: --json has all" in out
    assert max(map(len, out.splitlines())) <= 300
    assert len(json.loads(misy("plan", "long.misy", "--json")[1])["steps"]) == 150
