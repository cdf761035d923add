"""The notebook: `%%misy` cells, completion, and the live board.

In: what a person types in Jupyter or IPython. Out: pipelines bound to names, diagnostics with carets, runs
that show themselves while they are awaited. Everything it knows it asks the workspace; nothing here runs
on the engine's thread. `%load_ext misydsl` switches it on.
"""
