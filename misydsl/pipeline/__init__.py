"""The pipeline: what was meant.

In: made by the checker from `.misy` text, by `jsonform` from the orchestrator's JSON, or by Python.
Out: frozen declarations (`Agent`, `Prompt`, `Pipeline`, …) in `Module`s, the settings they may carry,
and the policies those settings become. Everything after this room is the same code for all origins.
"""
