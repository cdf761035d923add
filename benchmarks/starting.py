"""import: what it costs to start, as CPU time of whole processes.

In: nothing. Out: milliseconds of CPU for `import misydsl` above bare Python, and for `misy check` and
`misy run` of small files from start to end, Python's own start included.
"""

from __future__ import annotations

from benchmarks.contest import Benchmark, Ceiling, Command, Comparison, Contender

BARE, IMPORT, CHECK, RUN = "python -c pass", "import misydsl", "misy check", "misy run"
MISY = ("-m", "misydsl.cli")
SAMPLES = "benchmarks/samples"


def benchmark() -> Benchmark:
    """Who takes part in starting."""
    check = (*MISY, "check", f"{SAMPLES}/small.misy")
    run = (*MISY, "run", f"{SAMPLES}/no_op.misy", "--json")
    return Benchmark(
        "import",
        (
            Contender(BARE, Command(("-c", "pass"))),
            Contender(IMPORT, Command(("-c", "import misydsl")), is_ours=True),
            Contender(CHECK, Command(check), is_ours=True),
            Contender(RUN, Command(run), is_ours=True),
        ),
        (
            Comparison(
                "`import misydsl`, CPU above bare Python",
                "cpu_ms",
                IMPORT,
                BARE,
                Ceiling(100),
                is_difference=True,
            ),
            Comparison("`misy check` of a small file, CPU", "cpu_ms", CHECK, BARE, Ceiling(200)),
            Comparison("`misy run` of a no-op pipeline, CPU", "cpu_ms", RUN, BARE, Ceiling(300)),
        ),
    )
