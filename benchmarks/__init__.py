"""What this library costs beside others that do the same work, measured in one run.

In: nothing, or which benchmarks are wanted. Out: one table of ratios, made by `python -m benchmarks`.
Every contender does its work in a fresh process, in turns with its peers, and checks its own result;
agents answer from a process of their own. README.md says how to read the table.
"""
