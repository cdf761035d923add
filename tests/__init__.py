"""The tests of MisyDSL: one directory a room, and the rules of the house itself."""
