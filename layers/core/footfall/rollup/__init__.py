"""Stage 3: what is done on a schedule, over what arrived since the last run.

run.py    ROLLUPS: the registry, and the run that walks it
"""
