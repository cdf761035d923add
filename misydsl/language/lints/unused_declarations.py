"""W0913: an agent, type, prompt or let of a program that nothing in it uses.

In: the file a program is loaded from. Out: a remark at the name. Only a file with a pipeline that no other
file of the program imports is looked at; any other is a shelf for its readers. A name that stands
anywhere else in the text counts as used, so a let named like an input is never called idle.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from misydsl.language.lints import wording
from misydsl.language.lints.linted import LintedFile, Remark, Rule
from misydsl.language.lints.unused_imports import names_said
from misydsl.language.syntax import AgentSyntax, LetSyntax, PromptSyntax, TypeSyntax

_KINDS: Final = {
    AgentSyntax: "agent",
    TypeSyntax: "type",
    PromptSyntax: "prompt",
    LetSyntax: "let",
}


def _look(linted: LintedFile) -> Iterator[Remark]:
    if not linted.is_entry or not linted.module.pipelines():
        return
    said = names_said(linted.file)
    for one in linted.file.parsed.tree.declarations:
        if not isinstance(one, AgentSyntax | TypeSyntax | PromptSyntax | LetSyntax):
            continue
        name = one.name.text
        is_said = said.get(name, 0) > 1 or name in linted.mentioned or name.startswith("_")
        if not is_said:
            finding = wording.declaration_unused(name, _KINDS[type(one)])
            yield Remark(one.name.span, finding)


RULE = Rule("W0913", _look)
