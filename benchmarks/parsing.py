"""parse: from the text of a thousand steps to a checked pipeline, and linear up to ten thousand.

In: how many steps. Out: microseconds of the processor per step. The peer is plain Lark, LALR with positions, on the same
grammar and fed from the same lexer's tokens; it parses and does not check.
"""

from __future__ import annotations

from benchmarks.contest import Benchmark, Comparison, Contender, RatioGoal, Work
from benchmarks.stopwatch import Stopwatch

SIZES = (1_000, 10_000)
WARM_UP = 3
LARK = "Lark LALR, positions"

HEAD = """misy 1

type Report = { trends: list[{ name: string, score: float }], text: string }

agent writer(topic: string, notes: list[string], limit: int = 10) -> Report

pipeline long(topic: string = "tecnología", threshold: float = 0.5) {
"""
STEP = """  ## Paso {number}: busca tendencias y escribe un resumen
  step s{number} "Análisis de tendencias {number}" when {before} {{
    call writer(
      topic: "Sobre ${{topic}}, parte {number}"
      notes: [upper(t.name) for t in {trends} if t.score > threshold]
      limit: 10 + {number} * 2
    )
    retry: {{ attempts: 3, delay: 1s, backoff: 2 }}
    timeout: 30s
  }} else {{ return {{ trends: [], text: "" }} }}
"""


def benchmark(*, sizes: tuple[int, int] = SIZES) -> Benchmark:
    """Who takes part in parsing: ourselves at two sizes, Lark at the smaller one."""
    few, many = (f"{size:,} steps" for size in sizes)
    ours = "benchmarks.parsing:ours"
    lark = Work("benchmarks.peers.lark_lalr:parse", {"steps": sizes[0]})
    return Benchmark(
        "parse",
        (
            Contender(few, Work(ours, {"steps": sizes[0]}), is_ours=True),
            Contender(many, Work(ours, {"steps": sizes[1]}), is_ours=True),
            Contender(LARK, lark),
        ),
        (
            Comparison(
                f"parse + check, {few}, per step", "step_cpu_us", few, LARK, RatioGoal(1 / 3)
            ),
            Comparison(f"parse + check, {many}", "step_cpu_us", many, few, RatioGoal(1.25)),
        ),
    )


def text_of(steps: int) -> str:
    """A file of that many steps, about 390 bytes each."""
    written = [_step(number) for number in range(steps)]
    return f"{HEAD}{''.join(written)}  return s{steps - 1}.text\n}}\n"


def ours(*, steps: int) -> dict[str, float]:
    """Parse and check."""
    from misydsl.workspace.checking import check_text

    assert check_text(text_of(WARM_UP)).diagnostics == ()
    text = text_of(steps)
    with Stopwatch() as watch:
        checked = check_text(text)
    assert checked.diagnostics == ()
    assert checked.library is not None
    [pipeline] = checked.library.main.pipelines()
    assert len(pipeline.block.steps) == steps
    return watch.per_step(steps)


def _step(number: int) -> str:
    first = "threshold > 0.1", '[{ name: "a", score: 0.9 }]'
    later = f"length(s{number - 1}.text) < {number}_000", f"s{number - 1}.trends"
    before, trends = first if number == 0 else later
    return STEP.format(number=number, before=before, trends=trends)
