"""The graph of steps: who waits for whom, before anything runs.

In: a checked `Pipeline` and the `Library` it lives in. Out: `StepGraph` (what pictures and people look
at), `Plan` (flat integer arrays the runner walks) and the diagnostics of circles. networkx is used in
here only, and loaded only when a circle must be explained or a graph is exported: checking and running
a pipeline never pay for its import. Everything is linear in the size of the pipeline and none of it
recurses, so 100,000 steps in a row are fine.
"""
