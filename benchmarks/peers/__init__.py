"""The peers: the same work as people write it without this library, one file for each way.

In: the arguments of the benchmark. Out: its quantities, measured like ours: after a warm-up, around the
work itself, with the result checked. Nothing here knows misydsl, but for the tokens Lark is fed with.
"""
