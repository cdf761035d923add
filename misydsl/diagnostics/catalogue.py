"""Every diagnostic code and what it is called.

In: nothing. Out: `TITLES`, code → short title, in the order of the codes. Codes are stable and never
used again for something else. Ranges: E01xx text · E02xx names and types · E03xx calls and imports ·
E04xx structure and settings · E05xx types and null · E06xx graph · E07xx safety · W09xx lint.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

TITLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "E0100": "not expected here",
        "E0101": "text never closed",
        "E0102": "unknown character",
        "E0103": "not a number",
        "E0104": "one comma too many",
        "E0105": "unknown escape",
        "E0106": "letters that look alike",
        "E0110": "bracket never closed",
        "E0111": "bracket never opened",
        "E0112": "file ends too early",
        "E0113": "`=` instead of `:`",
        "E0114": "block without braces",
        "E0115": "separator or operator missing",
        "E0116": "`{` on a line of its own",
        "E0117": "newer edition of the language",
        "E0118": "nested too deeply",
        "E0201": "unknown name",
        "E0202": "name used twice",
        "E0203": "names equal in Python",
        "E0204": "name hidden by another",
        "E0205": "built-in name redefined",
        "E0210": "unknown type",
        "E0211": "type needs a parameter",
        "E0212": "type defined by itself",
        "E0213": "field declared twice",
        "E0301": "imported file not found",
        "E0302": "imported name not found",
        "E0303": "unknown agent or pipeline",
        "E0304": "agent called in an expression",
        "E0305": "unknown input",
        "E0306": "input missing",
        "E0307": "input given twice",
        "E0308": "unknown function",
        "E0309": "wrong number of values",
        "E0310": "imports in a circle",
        "E0311": "input without its name",
        "E0401": "setting set twice",
        "E0402": "unknown setting",
        "E0403": "agent without an address",
        "E0404": "not allowed in an agent",
        "E0405": "unknown handler",
        "E0406": "`until` outside of `repeat`",
        "E0407": "call outside of a step",
        "E0408": "step with two results",
        "E0409": "`repeat` without `until`",
        "E0410": "block without a result",
        "E0411": "too many rounds",
        "E0412": "no attempt at all",
        "E0413": "waits that get shorter",
        "E0414": "timeout longer than the deadline",
        "E0416": "address without a scheme",
        "E0417": "nothing to undo",
        "E0501": "wrong type",
        "E0502": "comparison with a foreign value",
        "E0503": "unit missing",
        "E0504": "not one of the allowed values",
        "E0505": "may be null",
        "E0506": "field missing",
        "E0507": "unknown field in a record",
        "E0508": "`for` over something that is not a list",
        "E0509": "condition that is not yes or no",
        "E0510": "null put into text",
        "E0511": "list or record put into text",
        "E0512": "values that cannot be compared",
        "E0513": "operator does not fit",
        "E0514": "unknown field",
        "E0515": "field of a list",
        "E0516": "type not known",
        "E0517": "index past the end",
        "E0518": "unknown field to sort or group by",
        "E0519": "field of different types in a union",
        "E0520": "not a date",
        "E0601": "steps wait for each other",
        "E0602": "pipeline calls itself",
        "E0603": "`after` names no step",
        "E0604": "`after` names an inner step",
        "E0605": "step inside a fan-out",
        "E0606": "`else` without `when`",
        "E0701": "secret would leak",
        "E0703": "secret in the result",
        "E0704": "reply used as an address",
        "W0901": "import never used",
        "W0902": "default never used",
        "W0903": "used before it is defined",
        "W0904": "result never used",
        "W0905": "condition always true",
        "W0906": "concurrency over the agent's",
        "W0907": "secret read from `env`",
        "W0908": "retry may act twice",
        "W0909": "very many calls",
    }
)


def title(code: str) -> str:
    """What a code is called; a code that is not in the catalogue is its own title."""
    return TITLES.get(code, code)
