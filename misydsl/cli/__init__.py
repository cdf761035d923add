"""The door for terminals: `misy check`, `graph`, `run`, `resume`, `runs`, `show`, `metrics`, `gc`, `agents`.

In: arguments, the workspace's nouns and a journal's events. Out: text on two streams and an exit code.
Nothing here decides what a pipeline means or does; everything can also be had as JSON.
"""
