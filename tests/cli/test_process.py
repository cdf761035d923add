"""The command line as a process: its streams, Ctrl-C and resume, pipes and terminals."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.programs import written

MISY = [sys.executable, "-m", "misydsl.cli"]
RUN_GATED = ("run", "flows.misy", "gated", "--agents", "agents.py")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return written(tmp_path)


def started(folder: Path, *words: str, **environment: str) -> subprocess.Popen[str]:
    inherited = {name: value for name, value in os.environ.items() if name != "MISY_HOME"}
    return subprocess.Popen(
        [*MISY, *words],
        cwd=folder,
        env={**inherited, "PYTHONIOENCODING": "utf-8", **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Code, output and errors; what was read before is not among them."""
    with process:
        assert process.stdout is not None
        assert process.stderr is not None
        out, err = process.stdout.read(), process.stderr.read()
    return process.returncode, out, err


def wait_until_gate(process: subprocess.Popen[str]) -> list[str]:
    """The lines of progress up to the call that waits."""
    assert process.stderr is not None
    lines = []
    for line in process.stderr:
        lines.append(line)
        if "calls gate" in line:
            return lines
    raise AssertionError(f"the run ended before its gate: {lines}")


@pytest.mark.parametrize(
    "words",
    [
        ("run", "m\udcff.misy"),
        ("run", "flows.misy", "viral", "--agents", "a\udcff.py"),
        ("run", "flows.misy", "viral", "--session", "s\udcff"),
        ("run", "flows.misy", "viral", "--journal", "j\udcff.db"),
        ("runs", "--journal", "j\udcff.db"),
        ("gc", "--journal", "j\udcff.db"),
        ("show", "\udcff"),
        ("resume", "\udcff"),
    ],
)
def test_bytes_that_are_no_text_are_refused_in_words(folder: Path, words: tuple[str, ...]) -> None:
    (folder / "m\udcff.misy").write_text((folder / "flows.misy").read_text("utf-8"), "utf-8")
    code, out, err = ended(started(folder, *words))
    assert (code, out) == (2, "")
    assert err.startswith("error: ")
    assert "bug" not in err


def calls(folder: Path) -> list[str]:
    return (folder / "calls.txt").read_text(encoding="utf-8").split()


def test_the_first_interrupt_lets_the_open_call_end_and_resume_completes_the_run(
    folder: Path,
) -> None:
    process = started(folder, *RUN_GATED)
    wait_until_gate(process)
    process.send_signal(signal.SIGINT)
    assert process.stderr is not None
    assert "pausing" in process.stderr.readline()
    (folder / "open").touch()
    code, out, err = ended(process)
    assert code == 130
    assert "‖ paused" in out
    assert calls(folder) == ["scan", "gate"]

    found = re.search(r"misy resume (\S+)", err)
    assert found is not None
    code, out, err = ended(started(folder, "resume", found[1], "--json"))
    assert (code, err) == (0, "")
    assert json.loads(out)["result"] == "guion de x"
    assert calls(folder) == ["scan", "gate", "write"]


def test_a_terminated_run_is_paused_too(folder: Path) -> None:
    process = started(folder, *RUN_GATED)
    wait_until_gate(process)
    process.terminate()
    assert process.stderr is not None
    assert "pausing" in process.stderr.readline()
    (folder / "open").touch()
    code, _, err = ended(process)
    assert code == 130
    assert "misy resume" in err


def test_a_killed_run_is_interrupted_and_resume_completes_it(folder: Path) -> None:
    process = started(folder, *RUN_GATED)
    wait_until_gate(process)
    process.kill()
    ended(process)
    (run,) = re.findall(r"^(\S+) .*‖ interrupted", ended(started(folder, "runs"))[1], re.MULTILINE)
    (folder / "open").touch()
    code, out, err = ended(started(folder, "resume", run))
    assert code == 0
    assert "✓ succeeded" in out
    assert "before" not in err  # what happened in the first life is not told again
    assert calls(folder) == ["scan", "gate", "gate", "write"]


def test_with_json_nothing_but_the_object_is_written(folder: Path) -> None:
    (folder / "open").touch()
    code, out, err = ended(started(folder, *RUN_GATED, "--json"))
    assert (code, err) == (0, "")
    assert json.loads(out)["status"] == "succeeded"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("check", "flows.misy"), 0),
        (("check", "wrong.misy"), 2),
        (("run", "flows.misy", "failing", "--agents", "agents.py", "-p", "topic=x"), 1),
        (("run", "wrong.misy"), 2),
        (("run", "missing.misy"), 2),
        (("nonsense",), 2),
        ((), 0),
    ],
)
def test_the_exit_code_reaches_the_shell(
    folder: Path, words: tuple[str, ...], expected: int
) -> None:
    code, out, err = ended(started(folder, *words))
    assert code == expected, err
    assert "Traceback" not in out + err


def test_a_reader_that_leaves_is_no_error(folder: Path) -> None:
    with started(folder, "graph", "flows.misy", "viral", "--json") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""


def test_an_ascii_terminal_gets_question_marks_and_no_crash(folder: Path) -> None:
    code, out, err = ended(started(folder, "check", "wrong.misy", PYTHONIOENCODING="ascii"))
    assert (code, err) == (2, "")
    assert "error[E0501]" in out


def on_terminal(folder: Path, *words: str, **environment: str) -> tuple[int, str]:
    """Run with a terminal as all three streams; the code and all it was shown."""
    ours, theirs = os.openpty()
    inherited = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    process = subprocess.Popen(
        [*MISY, *words],
        cwd=folder,
        env={**inherited, "TERM": "xterm-256color", "COLUMNS": "100", **environment},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    shown = b""
    while True:
        try:
            data = os.read(ours, 65536)
        except OSError:  # the other end is closed: that is how a terminal ends on Linux
            break
        if not data:
            break
        shown += data
    os.close(ours)
    return process.wait(timeout=50), shown.decode("utf-8", errors="replace")


def test_on_a_terminal_a_live_board_is_painted_and_taken_away(folder: Path) -> None:
    (folder / "open").touch()
    code, shown = on_terminal(folder, *RUN_GATED)
    assert code == 0
    assert "\x1b[?25l" in shown  # the cursor is hidden while the board lives
    assert "\x1b[?25h" in shown  # and shown again
    assert "gated" in shown
    assert "\x1b[32m✓ succeeded\x1b[0m" in shown


def test_no_color_is_honoured_on_a_terminal(folder: Path) -> None:
    code, shown = on_terminal(folder, "check", "wrong.misy", NO_COLOR="1")
    assert code == 2
    assert "\x1b[" not in shown
    code, shown = on_terminal(folder, "check", "wrong.misy")
    assert "\x1b[1;31merror[E0501]\x1b[0m" in shown
    (folder / "open").touch()
    code, shown = on_terminal(folder, *RUN_GATED, NO_COLOR="1")
    assert code == 0
    assert not re.search(r"\x1b\[[0-9;]*3[0-7]m", shown)


def test_checking_a_small_file_loads_nothing_heavy(folder: Path) -> None:
    code = (
        "import sys; from misydsl.cli.main import main; main(['check', 'flows.misy']);"
        "heavy = {'pandas', 'networkx', 'lark', 'httpx', 'aiohttp', 'asyncio', 'rich', 'apsw'};"
        "sys.exit(', '.join(sorted(heavy & set(sys.modules))) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_what_an_agent_prints_is_not_among_the_results(folder: Path) -> None:
    (folder / "chatty.py").write_text(
        "import misydsl\nprint('al cargar')\n"
        "@misydsl.agent\ndef scan(topic: str) -> list[str]:\n    print('¡hola!')\n    return []\n",
        encoding="utf-8",
    )
    words = ("run", "flows.misy", "viral", "--agents", "chatty.py", "--json")
    code, out, err = ended(started(folder, *words))
    assert code == 0
    assert json.loads(out)["status"] == "succeeded"
    assert err.splitlines() == ["al cargar", "¡hola!"]


@pytest.mark.skipif(os.name != "posix", reason="a shell closes the streams")
@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_a_stream_the_shell_closed_is_not_missed(folder: Path, closed: str) -> None:
    command = f'"$@" {closed}'
    shell = ["sh", "-c", command, "sh", *MISY, "check", "flows.misy"]
    ran = subprocess.run(shell, cwd=folder, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")


RUN_VIRAL = ("run", "flows.misy", "viral", "--agents", "agents.py")


def in_shell(folder: Path, words: tuple[str, ...], streams: str) -> tuple[int, str, str]:
    """Run with the streams a shell makes; `$?` of the command itself."""
    shell = ["bash", "-c", f'"$@" {streams}; exit ${{PIPESTATUS[0]}}', "bash", *MISY, *words]
    ran = subprocess.run(shell, cwd=folder, capture_output=True, text=True, check=False)
    return ran.returncode, ran.stdout, ran.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("streams", ["2>&-", "2>/dev/full", "2> >(exec true)"])
def test_a_run_goes_on_when_nobody_can_see_its_progress(folder: Path, streams: str) -> None:
    code, out, err = in_shell(folder, RUN_VIRAL, streams)
    assert (code, err) == (0, "")
    assert "✓ succeeded" in out
    assert calls(folder).count("write") == 3


@pytest.mark.parametrize(("words", "expected"), [(RUN_VIRAL, 0), (("runs",), 0)])
def test_a_reader_that_leaves_changes_no_exit_code(
    folder: Path, words: tuple[str, ...], expected: int
) -> None:
    in_shell(folder, RUN_VIRAL, "")
    code, out, err = in_shell(folder, words, "2>/dev/null | true")
    assert (code, out, err) == (expected, "", "")


def test_a_failed_run_is_told_by_its_code_even_when_the_reader_left(folder: Path) -> None:
    words = ("run", "flows.misy", "failing", "--agents", "agents.py", "-p", "topic=x", "--json")
    assert in_shell(folder, words, "| true") == (1, "", "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_result_that_cannot_be_written_is_an_error_though_the_run_is_recorded(
    folder: Path,
) -> None:
    code, _, err = in_shell(folder, (*RUN_VIRAL, "--json"), ">/dev/full")
    assert (code, err) == (1, "error: it cannot be written: No space left on device\n")
    assert "✓ succeeded" in ended(started(folder, "runs"))[1]


def test_a_working_folder_that_is_gone_is_told(folder: Path) -> None:
    gone = folder / "ida"
    gone.mkdir()
    shell = ["sh", "-c", 'rmdir "$0"; "$@"', str(gone), *MISY, "runs"]
    ran = subprocess.run(shell, cwd=gone, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == "error: the working folder is no longer there\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_is_told_as_such(folder: Path) -> None:
    with Path("/dev/full").open("w") as full:
        ran = subprocess.run(
            [*MISY, "check", "flows.misy"],
            cwd=folder, stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert (ran.returncode, ran.stderr) == (
        1,
        "error: it cannot be written: No space left on device\n",
    )
