"""Diagnostics: what is wrong with a text, as data, and the ways to show it.

In: nothing from above. Out: `Diagnostic`, `Fix`, `Edit`; renderers for terminals, plain text and HTML;
`similar`, which finds the name that was probably meant. The wording itself belongs to each pass.
"""

from misydsl.diagnostics.diagnostic import Diagnostic, Edit, Fix, Severity

__all__ = ["Diagnostic", "Edit", "Fix", "Severity"]
