"""Reasons: what the journal tells of why a step stands where it stands.

In: a run, one of its steps, perhaps an item. Out: facts about it (`calls`, `places`), and from these the
sentences of `misy why`. Nothing is called, and nothing is guessed: what is not recorded is said to be so.
"""
