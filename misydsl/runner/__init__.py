"""Runner: from a plan to a recorded end.

In: a pipeline with its library, inputs, a journal and something that connects agents. Out: facts in the
journal and a `Run` handle. `program` compiles once; `begin`, `settle` and `decide` are the one pure state
machine (no clock, no I/O, no randomness of their own); `drive` performs what it asks for.
"""
