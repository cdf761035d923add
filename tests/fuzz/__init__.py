"""Hostile and made-up input: nothing a person or a machine writes may break the language."""
