"""Ten mistakes of a beginner, made in `.misy` and in other tools, and what each says to them.

In: one folder a mistake, with the smallest program that makes it for each tool, and `judged.toml`.
Out: a table of who notices it when, in which words; made by `python -m benchmarks.mistakes`.
"""
