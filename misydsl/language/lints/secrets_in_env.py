"""W0907: a secret that is read from `env`, whose values are shown and logged.

In: a file. Out: a remark at `env.X` where the last word of X is what secrets are called. Keys that are no
secrets (`PUBLIC_KEY`, `SORT_KEY`) and numbers about tokens (`MAX_TOKENS`) are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from misydsl.expressions.nodes import Member, Reference
from misydsl.language.lints import wording
from misydsl.language.lints.linted import LintedFile, Remark, Rule
from misydsl.language.lints.nodes import nodes_in

_SECRET: Final = re.compile(
    r"(?:^|_)(?:api_?key|key|token|secret|password|passwd|passphrase|credentials?|private_key)$",
    re.IGNORECASE,
)
_HARMLESS: Final = re.compile(
    r"(?:^|_)(?:public|sort|cache|partition|primary|foreign|idempotency|routing|object)_key$",
    re.IGNORECASE,
)


def _look(linted: LintedFile) -> Iterator[Remark]:
    if "env." not in linted.module.source.text and "env?." not in linted.module.source.text:
        return
    for declaration in linted.file.parsed.tree.declarations:
        for node in nodes_in(declaration):
            match node:
                case Member(target=Reference(name="env"), name=name) if looks_secret(name):
                    yield Remark(node.span, wording.env_secret(name))
                case _:
                    pass


def looks_secret(name: str) -> bool:
    """Whether the name of a variable is what people call a secret."""
    plain = name.replace("-", "_")
    return _SECRET.search(plain) is not None and _HARMLESS.search(plain) is None


RULE = Rule("W0907", _look)
