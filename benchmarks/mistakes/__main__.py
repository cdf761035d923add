"""`python -m benchmarks.mistakes`: try every mistake in every tool that is installed, and print the tables.

In: the interpreter that has the other tools (`--peers`, otherwise this one). Out: the tables on standard
output, or with `--write` in both READMEs, which is refused while a tool is missing. Exit code 1, and
nothing written, when ours lets a mistake pass or says other words than those judged.
"""

from __future__ import annotations

import argparse
import platform
import sys
from collections.abc import Mapping, Sequence

from benchmarks.between import write_between
from benchmarks.mistakes import tables
from benchmarks.mistakes.mistake import HERE, Mistake, mistakes
from benchmarks.mistakes.tools import OURS, TOOLS, interpreter, versions
from benchmarks.mistakes.trial import Outcome, When, try_out

README = HERE.parents[1] / "README.md"


def main(arguments: Sequence[str] | None = None) -> int:
    """Try and print; the exit code."""
    asked = _arguments(arguments)
    installed = versions(asked.peers)
    if asked.write and (missing := [one.title for one in TOOLS if one.name not in installed]):
        print(f"not written: {', '.join(missing)} not installed", file=sys.stderr)
        return 2
    tried = [(one, _outcomes(one, installed, asked.peers)) for one in mistakes()]
    using = f"{tables.known_versions(installed)}; Python {platform.python_version()}."
    is_as_judged = all(_is_as_judged(outcomes[OURS.name]) for _, outcomes in tried)
    if asked.write and is_as_judged:
        write_between(HERE / "README.md", "mistakes", f"{using}\n\n{tables.whole(tried)}")
        write_between(README, "mistakes", f"{tables.short(tried)}\n\n{using}")
    else:
        print(using, tables.whole(tried), tables.short(tried), sep="\n\n")
    return 0 if is_as_judged else 1


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("benchmarks.mistakes", description=__doc__)
    parser.add_argument(
        "--peers", default=sys.executable, metavar="PYTHON", help="the Python of the other tools"
    )
    parser.add_argument("--write", action="store_true", help="into both READMEs")
    return parser.parse_args(arguments)


def _outcomes(mistake: Mistake, installed: Mapping[str, str], peers: str) -> dict[str, Outcome]:
    outcomes = {}
    for tool in TOOLS:
        if tool.name in installed:
            print(f"{mistake.folder.name}: {tool.title}", file=sys.stderr)
            outcomes[tool.name] = try_out(mistake, tool, interpreter(tool, peers))
    return outcomes


def _is_as_judged(outcome: Outcome) -> bool:
    return outcome.when is When.BEFORE and outcome.is_known


if __name__ == "__main__":
    sys.exit(main())
