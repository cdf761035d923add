"""The commands as people and scripts use them: streams, exit codes, JSON."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from misydsl.cli.main import VERBS, main
from misydsl.workspace import open_journal
from tests.cli.programs import written
from tests.metrics.stories import accepted


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(written(tmp_path))
    monkeypatch.delenv("MISY_HOME", raising=False)
    monkeypatch.delenv("MISY_TRACEBACK", raising=False)
    return tmp_path


Misy = Any


@pytest.fixture
def misy(capsys: pytest.CaptureFixture[str]) -> Misy:
    """`misy("run", "x.misy")` → code, out, err."""

    def call(*words: str) -> tuple[int, str, str]:
        try:
            code = main(words)
        except SystemExit as left:  # `--help`
            code = int(left.code or 0)
        out, err = capsys.readouterr()
        return code, out, err

    return call


def json_of(misy: Misy, *words: str, code: int = 0) -> Any:
    """The object a command gives to a machine, and nothing else on either stream."""
    found, out, err = misy(*words, "--json")
    assert (found, err) == (code, "")
    return json.loads(out)


def test_without_a_command_it_shows_the_help_with_examples(misy: Misy) -> None:
    code, out, _ = misy()
    assert code == 0
    assert all(verb in out for verb in VERBS)
    assert "exit codes: 0 fine, 1 the run failed, 2 wrong source or usage, 130" in out


@pytest.mark.parametrize("verb", [*VERBS, "agents serve", "agents health"])
def test_every_command_has_help_with_examples(misy: Misy, verb: str) -> None:
    code, out, err = misy(*verb.split(), "--help")
    assert (code, err) == (0, "")
    assert "examples:" in out
    assert f"misy {verb.split(maxsplit=1)[0]}" in out


def test_the_version_is_one_line(misy: Misy) -> None:
    code, out, _ = misy("--version")
    assert code == 0
    assert re.fullmatch(r"misy \d+\.\d+\.\d+\S*\n", out)


def test_a_slip_in_the_command_gets_the_command_that_was_meant(misy: Misy) -> None:
    code, out, err = misy("chek", "flows.misy")
    assert (code, out) == (2, "")
    assert "there is no command `chek`. Did you mean `check`?" in err
    assert "usage: misy" in err


def test_a_slip_in_an_option_gets_the_option_that_was_meant(misy: Misy) -> None:
    code, _, err = misy("run", "flows.misy", "--sesion", "x")
    assert code == 2
    assert "I don't know `--sesion`. Did you mean `--session`?" in err


def test_an_option_before_its_command_is_told_where_it_stands(misy: Misy) -> None:
    code, _, err = misy("--limit", "runs")
    assert code == 2
    assert "`--limit` stands after the command: misy runs … --limit" in err


def test_wrong_usage_is_told_to_machines_as_json(misy: Misy) -> None:
    found = json_of(misy, "show", code=2)
    assert found["error"]["kind"] == "UsageWrong"
    assert "RUN" in found["error"]["message"]


def test_an_empty_path_of_a_journal_is_not_the_folder_one_is_in(misy: Misy) -> None:
    code, _, err = misy("runs", "--journal", "")
    assert code == 2
    assert "a path is needed, not an empty text" in err


# check


def test_a_right_file_has_no_problems(misy: Misy) -> None:
    assert misy("check", "flows.misy") == (0, "✓ flows.misy: no problems\n", "")


def test_a_wrong_file_gets_all_its_diagnostics_with_carets_and_a_count(misy: Misy) -> None:
    code, out, err = misy("check", "wrong.misy", "flows.misy")
    assert (code, err) == (2, "")
    assert "error[E0501]: `q` of `a`: expected string, got the int 3" in out
    assert "6 │   step s { call a(q: 3) }\n  │                      ^" in out
    assert "error[E0201]" in out
    assert out.endswith("\n2 errors\n")


def test_check_gives_machines_files_and_diagnostics(misy: Misy) -> None:
    found = json_of(misy, "check", "wrong.misy", "flows.misy", code=2)
    assert found["files"] == ["wrong.misy", "flows.misy"]
    first, second = found["diagnostics"]
    assert (first["code"], first["severity"], first["line"]) == ("E0501", "error", 6)
    assert (first["column"], first["end_line"], first["end_column"]) == (22, 6, 23)
    assert second["file"].endswith("wrong.misy")
    assert misy("check", "--format", "json", "wrong.misy")[1].startswith("{")


def test_a_file_that_is_not_there_does_not_hide_the_others(misy: Misy) -> None:
    code, out, err = misy("check", "missing.misy", "wrong.misy")
    assert code == 2
    assert "missing.misy" in err
    assert "2 errors" in out
    found = json_of(misy, "check", "missing.misy", code=2)
    assert found["error"]["kind"] == "Unreadable"


def test_the_standard_input_can_be_checked(misy: Misy, monkeypatch: pytest.MonkeyPatch) -> None:
    import io

    monkeypatch.setattr("sys.stdin", io.StringIO("pipeline p() { step s { call nobody() } }\n"))
    code, out, _ = misy("check", "-")
    assert code == 2
    assert "┌ -:1:" in out


def test_several_right_files_are_counted(misy: Misy, folder: Path) -> None:
    (folder / "b.misy").write_text("let x = 1\n")
    assert "2 files: no problems" in misy("check", "flows.misy", "b.misy")[1]


# run


def test_a_run_shows_progress_beside_and_result_figures_and_picture_on_the_output(
    misy: Misy, folder: Path
) -> None:
    code, out, err = misy("run", "flows.misy", "viral", "--agents", "agents.py", "-p", "topic=día")
    assert code == 0
    assert "succeeded" in out.splitlines()[0]
    assert "guion de día 2" in out
    assert re.search(r"scripts +✓ succeeded +3 +3", out)
    assert re.search(r"scan +1 +100 %", out)
    (picture,) = (folder / ".misy" / "runs").glob("*.svg")
    assert f"picture  .misy/runs/{picture.name}" in out
    assert picture.read_text(encoding="utf-8").lstrip().startswith("<")
    assert "✓ discover: succeeded" in err
    assert "\x1b" not in out + err


def test_a_run_gives_machines_one_object(misy: Misy) -> None:
    words = ("run", "flows.misy", "viral", "--agents", "agents.py", "-p", "days=3")
    found = json_of(misy, *words, "--session", "s-1")
    assert set(found) == {"runId", "pipeline", "status", "result", "steps"}
    assert (found["pipeline"], found["status"]) == ("viral", "succeeded")
    assert found["result"] == {
        "topic": "ia",
        "days": 3,
        "scripts": ["guion de ia 0", "guion de ia 1", "guion de ia 2"],
    }
    steps = [(step["step"], step.get("item"), step["attempts"]) for step in found["steps"]]
    assert steps == [
        ("discover", None, 1),
        ("scripts", None, 0),
        ("scripts", "0", 1),
        ("scripts", "1", 1),
        ("scripts", "2", 1),
    ]
    assert json_of(misy, "runs")["runs"][0]["session"] == "s-1"


def test_a_failed_run_says_where_why_and_what_to_do_next(misy: Misy) -> None:
    words = ("run", "flows.misy", "failing", "--agents", "agents.py", "-p", "topic=eso")
    code, out, err = misy(*words)
    assert code == 1
    assert "✗ failed" in out
    assert "⊘ blocked by one" in out
    last = err[err.index("✗ step one, attempt 1, agent broken") :]
    assert "no sé qué hacer con eso" in last
    assert "misy show " in last
    assert f"misy {' '.join(words)}" in last
    assert "Traceback" not in err
    assert json_of(misy, *words, code=1)["error"]["step"] == "one"


def test_retries_are_told_and_counted(misy: Misy) -> None:
    code, out, err = misy("run", "flows.misy", "retried", "--agents", "agents.py")
    assert code == 0
    assert re.search(r"once-more +✓ succeeded +3 +2", out)
    assert "attempt 1 failed after" in err
    assert "next attempt in" in err


def test_a_wrong_source_is_never_run(misy: Misy, folder: Path) -> None:
    code, out, err = misy("run", "wrong.misy")
    assert (code, out) == (2, "")
    assert "error[E0501]" in err
    assert err.endswith("2 errors\n")
    assert not (folder / ".misy").exists()
    found = json_of(misy, "run", "wrong.misy", code=2)
    assert [one["code"] for one in found["diagnostics"]] == ["E0501", "E0201"]


def test_a_wrong_input_is_a_diagnostic_with_a_caret(misy: Misy) -> None:
    code, _, err = misy("run", "flows.misy", "viral", "-p", "days=soon")
    assert code == 2
    assert 'error[E0501]: `days`: expected int (like 3), got "soon"' in err
    assert "  = fix: for example: -p days=3" in err
    found = json_of(misy, "run", "flows.misy", "failing", code=2)
    assert [one["code"] for one in found["diagnostics"]] == ["E0306"]


def test_an_input_without_its_name_is_wrong_usage(misy: Misy) -> None:
    code, _, err = misy("run", "flows.misy", "viral", "-p", "soon")
    assert code == 2
    assert "name=value" in err


def test_several_pipelines_and_no_name_is_wrong_usage(misy: Misy) -> None:
    code, _, err = misy("run", "flows.misy")
    assert code == 2
    assert "viral, retried, failing, gated" in err


def test_inputs_may_come_from_a_file(misy: Misy, folder: Path) -> None:
    (folder / "inputs.json").write_text('{"topic": "energía", "days": 2}', encoding="utf-8")
    words = ("run", "flows.misy", "viral", "--agents", "agents.py", "--params", "inputs.json")
    assert json_of(misy, *words)["result"]["topic"] == "energía"


def test_a_bug_of_misy_is_told_in_words(misy: Misy, monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(*_: object) -> int:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("misydsl.cli.check.run", wrong)
    code, out, err = misy("check", "flows.misy")
    assert (code, out) == (1, "")
    assert "this is a bug in misy, not in your file: ZeroDivisionError" in err
    assert "Traceback" not in err
    assert json.loads(misy("check", "flows.misy", "--json")[1])["error"]["kind"] == "Bug"
    monkeypatch.setenv("MISY_TRACEBACK", "1")
    with pytest.raises(ZeroDivisionError):
        main(["check", "flows.misy"])


# afterwards


def test_runs_are_listed_newest_first_and_can_be_shown(misy: Misy) -> None:
    first = json_of(misy, "run", "flows.misy", "viral", "--agents", "agents.py")["runId"]
    words = ("run", "flows.misy", "failing", "--agents", "agents.py", "-p", "topic=x")
    second = json_of(misy, *words, code=1)["runId"]
    assert [run["runId"] for run in json_of(misy, "runs")["runs"]] == [second, first]
    code, out, _ = misy("runs", "-n", "1")
    assert code == 0
    assert second in out
    assert first not in out
    assert "there are more" in out

    code, out, _ = misy("show", second)
    assert code == 0
    assert "✗ step one, attempt 1, agent broken" in out
    shown = json_of(misy, "show", first)
    assert shown["status"] == "succeeded"
    assert len(shown["attempts"]) == 4


def test_a_run_whose_process_is_gone_is_interrupted(misy: Misy, folder: Path) -> None:
    journal = open_journal(folder / "lost.db")
    journal.accept("lost-1", accepted())
    code, out, _ = misy("runs", "--journal", "lost.db")
    assert code == 0
    assert "‖ interrupted" in out
    assert "misy resume RUN" in out
    _, out, _ = misy("show", "lost", "--journal", "lost.db")
    assert "to go on: misy resume lost-1 --journal lost.db" in out
    assert out.startswith("‖ interrupted: ")


def test_metrics_add_up_over_runs(misy: Misy) -> None:
    for _ in range(2):
        json_of(misy, "run", "flows.misy", "viral", "--agents", "agents.py")
    found = json_of(misy, "metrics")
    agents = {row["agent"]: row for row in found["agents"]}
    assert found["runs"] == 2
    assert (agents["write"]["calls"], agents["write"]["success_rate"]) == (6, 1.0)
    assert {"mean_s", "p50_s", "p90_s", "p99_s", "waited_s", "lost_to_retries_s"} <= set(
        agents["write"]
    )
    assert json_of(misy, "metrics", "--pipeline", "other")["runs"] == 0
    _, out, _ = misy("metrics", "-n", "1")
    assert out.startswith("1 run\n")
    assert re.search(r"viral +scripts +1 +3 +100 %", out)


@pytest.mark.parametrize("words", [("runs",), ("metrics",), ("show", "x"), ("resume", "x")])
def test_reading_makes_no_journal_and_says_where_one_is(
    misy: Misy, folder: Path, words: tuple[str, ...]
) -> None:
    code, _, err = misy(*words)
    assert code == 2
    assert "there is no .misy/journal.db" in err
    assert not (folder / ".misy").exists()


def test_the_journal_of_a_file_elsewhere_is_pointed_to(misy: Misy, folder: Path) -> None:
    (folder / "sub").mkdir()
    written(folder / "sub")
    words = ("run", "sub/flows.misy", "viral", "--agents", "sub/agents.py")
    run = json_of(misy, *words)["runId"]
    code, _, err = misy("runs")
    assert code == 2
    assert "--journal sub/.misy/journal.db" in err
    assert run in misy("runs", "--journal", "sub/.misy/journal.db")[1]
    assert run in misy("runs", "--journal", "sub/.misy")[1]


def test_misy_home_moves_the_journal(
    misy: Misy, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MISY_HOME", str(folder / "home"))
    words = ("run", "flows.misy", "viral", "--agents", "agents.py")
    run = json_of(misy, *words)["runId"]
    assert (folder / "home" / "journal.db").exists()
    assert not (folder / ".misy").exists()
    assert json_of(misy, "runs")["runs"][0]["runId"] == run


def test_an_unknown_run_is_wrong_usage(misy: Misy) -> None:
    json_of(misy, "run", "flows.misy", "viral", "--agents", "agents.py")
    assert misy("show", "nothing-like-it")[0] == 2
    assert json_of(misy, "show", "nothing-like-it", code=2)["error"]["kind"] == "RunUnknown"


def test_a_finished_run_is_not_run_again_by_resume(misy: Misy, folder: Path) -> None:
    run = json_of(misy, "run", "flows.misy", "viral", "--agents", "agents.py")["runId"]
    calls = (folder / "calls.txt").read_text()
    resumed = json_of(misy, "resume", run)
    assert (resumed["runId"], resumed["status"]) == (run, "succeeded")
    assert (folder / "calls.txt").read_text() == calls


@pytest.mark.parametrize("limit", ["0", "-3", "many"])
def test_a_limit_is_a_number_from_one(misy: Misy, limit: str) -> None:
    assert misy("runs", f"--limit={limit}")[0] == 2


# graph


def test_a_graph_without_a_file_is_mermaid_on_the_output(misy: Misy) -> None:
    code, out, _ = misy("graph", "flows.misy", "viral")
    assert code == 0
    assert "Descubrir" in out
    assert misy("graph", "flows.misy", "viral", "--format", "dot")[1].startswith("digraph")
    assert "<svg" in misy("graph", "flows.misy", "viral", "--format", "svg")[1]


@pytest.mark.parametrize(("suffix", "start"), [("svg", "<"), ("dot", "digraph"), ("mmd", "")])
def test_a_graph_is_written_in_the_form_its_name_says(
    misy: Misy, folder: Path, suffix: str, start: str
) -> None:
    path = folder / f"out.{suffix}"
    code, out, _ = misy("graph", "flows.misy", "viral", "-o", str(path))
    assert (code, out) == (0, f"{path}\n")
    assert path.read_text(encoding="utf-8").lstrip().startswith(start)
    assert "Descubrir" in path.read_text(encoding="utf-8")


def test_a_graph_gives_machines_nodes_and_edges(misy: Misy) -> None:
    found = json_of(misy, "graph", "flows.misy", "gated")
    assert [node["step"] for node in found["nodes"]] == ["before", "wait", "last"]
    assert {"source": "before", "target": "wait", "kind": "order"} in found["edges"]
    assert {"source": "wait", "target": "last", "kind": "data"} in found["edges"]


def test_a_graph_of_an_unknown_form_or_place_is_an_error(misy: Misy, folder: Path) -> None:
    assert misy("graph", "flows.misy", "viral", "-o", "out.gif")[0] == 2
    code, _, err = misy("graph", "flows.misy", "viral", "-o", str(folder / "no" / "out.svg"))
    assert code == 2
    assert "cannot be written" in err


# agents


def test_health_is_one_when_an_agent_does_not_answer(misy: Misy, folder: Path) -> None:
    closed = "http://127.0.0.1:9"
    (folder / "far.misy").write_text(f'agent far(q: string) -> any {{ url: "{closed}" }}\n')
    code, out, _ = misy("agents", "health", "far.misy")
    assert code == 1
    assert "✗ not healthy" in out
    (answer,) = json_of(misy, "agents", "health", "far.misy", code=1)["agents"]
    assert (answer["agent"], answer["healthy"]) == ("far", False)


def test_health_of_a_file_without_agents_is_fine(misy: Misy, folder: Path) -> None:
    (folder / "none.misy").write_text("let x = 1\n")
    code, out, _ = misy("agents", "health", "none.misy")
    assert (code, out) == (0, "none.misy has no agents\n")


def test_health_of_a_wrong_file_shows_its_diagnostics(misy: Misy) -> None:
    code, _, err = misy("agents", "health", "wrong.misy")
    assert code == 2
    assert "error[E0501]" in err


def test_serving_is_found_as_an_entry_point(misy: Misy, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, int, str, bool]] = []

    class Entry:
        def load(self) -> Any:
            return self.serve

        def serve(self, arguments: Any) -> int:
            asked.append((arguments.file.name, arguments.port, arguments.host, arguments.json))
            return 7

    def entry_points(**wanted: str) -> list[Entry]:
        return [Entry()] if wanted == {"group": "misydsl.verbs", "name": "agents-serve"} else []

    monkeypatch.setattr("importlib.metadata.entry_points", entry_points)
    assert misy("agents", "serve", "agents.py", "--port", "0", "--json")[0] == 7
    assert misy("agents", "serve", "agents.py")[0] == 7
    assert asked == [("agents.py", 0, "127.0.0.1", True), ("agents.py", 3007, "127.0.0.1", False)]

    monkeypatch.setattr("importlib.metadata.entry_points", lambda **_: [])
    code, _, err = misy("agents", "serve", "agents.py")
    assert code == 2
    assert "no agent server" in err
