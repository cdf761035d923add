"""The lints there are, and asking them.

In: a checked file and its report. Out: the warnings of all rules, in the report. A new rule is a module
of this folder with a line here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from misydsl.language.lints import (
    acting_twice,
    call_counts,
    crowded_agents,
    foreign_placeholders,
    implied_order,
    secrets_in_env,
    settled_conditions,
    single_rounds,
    unused_declarations,
    unused_imports,
    unused_names,
    unused_results,
    used_early,
)
from misydsl.language.lints.linted import LintedFile, Rule
from misydsl.language.report import Report

RULES: Final[tuple[Rule, ...]] = (
    unused_imports.RULE,
    used_early.RULE,
    unused_results.RULE,
    settled_conditions.RULE,
    crowded_agents.RULE,
    secrets_in_env.RULE,
    acting_twice.RULE,
    call_counts.RULE,
    *unused_names.RULES,
    unused_declarations.RULE,
    implied_order.RULE,
    single_rounds.RULE,
    foreign_placeholders.RULE,
)


def lint(linted: LintedFile, report: Report, texts: Mapping[str, Report]) -> None:
    """Puts what the rules have to say into the report of the file; `texts` are its prompts' files, by key."""
    has_errors = report.has_errors or any(one.has_errors for one in texts.values())
    for rule in RULES:
        if rule.needs == "no errors" and has_errors:
            continue
        if rule.needs == "whole text" and report.began_broken:
            continue
        for remark in rule.look(linted):
            report.add(remark.span, remark.finding, fix=remark.fix)
    if not has_errors:
        for key, text in texts.items():
            for remark in foreign_placeholders.look_in_text(key, linted):
                text.add(remark.span, remark.finding, fix=remark.fix)
