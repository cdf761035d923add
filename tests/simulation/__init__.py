"""Seeded simulation: random programs, faults and crashes in virtual time, held against a naive model."""
