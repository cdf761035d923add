"""Lints: what a file may say and a careful reader would not write.

In: a file that was checked, with the modules it reaches. Out: warnings, one rule a module; `registry`
lists the rules. A rule speaks only when it is sure: no names guessed at, nothing about a file that has
errors where the error may be the cause. Each can be allowed, by a comment or for the whole project.
"""
