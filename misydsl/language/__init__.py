"""The language: from `.misy` text to a checked pipeline.

In: a `Source`. Out: tokens (lossless), a `SyntaxTree` (what was written), a `Module` of declarations
(what was meant), and diagnostics: values, in source order, never raised.
"""
