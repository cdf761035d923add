"""Metrics: what histories say in numbers.

In: histories, recorded events and run summaries. Out: `summary`, plain figures per agent and per step
that need no pandas, and `frames`, DataFrames with documented columns. Everything reads recorded facts,
so yesterday's runs answer like today's. Importing this package loads nothing heavy.
"""
