"""MisyDSL: a declarative pipeline language for calling agents.

What people import. Heavy packages load when something that needs them is used, never here.
"""
