"""Store: where facts are kept.

In: events of runs. Out: the same events, in order, for ever; who owns a run; the commands others left
for it. `journal` says what a keeper promises; `memory` and `sqlite` keep.
"""
