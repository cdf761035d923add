"""Foresight: what a run may come to, told before any call.

In: a compiled program filled with what is known before its run, figures of past runs, and ways to ask for
agents and for the cache. Out: `Foreseen`: the steps as a tree with counts, bounds on calls, time, cost and
tokens, the critical path, and what is worth a warning. Nothing is called and nothing is recorded; of
the program only expressions are evaluated, those whose inputs are known.
"""
