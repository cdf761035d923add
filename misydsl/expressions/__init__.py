"""Expressions: pure, total, typed.

In: nodes from the parser. Out: their types (`infer`), compiled closures (`evaluate`), their text
(`printer`). No clock, no randomness, no I/O, no user functions: same inputs, same value.
"""
