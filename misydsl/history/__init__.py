"""History: what happened.

In: events, in journal order. Out: `History`, the fold of them, and their wire form. Facts are only
ever appended; every door reads the same facts, and status words live here, once.
"""
